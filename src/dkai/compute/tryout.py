"""What a place does to a program that comes over SSH: its start-up files, its clock, the folder for jobs, a file there
and back. One small program, one answer; text in, values out.

A start-up file that prints or is slow is no fault for dkai (it reads after a mark), but breaks scp, rsync and others.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from dkai.compute.host import CommandResult
from dkai.compute.scheduler import Command
from dkai.compute.scheduler.frames import Frame, frames, shell
from dkai.core.clean import one_line

SLOW_S = 1.0  # a log-in shell that takes longer is worth a word

# $1: the folder for jobs. stdin: what is written there and read back. sshd starts the log-in shell with -c: bash then
# reads ~/.bashrc, when it is told that it came over the network (SSH_CLIENT) and is the outermost shell (SHLVL).
_TRY = r"""
tell clock 0 "$(date +%s)"
shell=${SHELL:-/bin/sh}
kind=${shell##*/}
tell shell 0 "$kind"
# try NAME PROGRAM WORD…: when it began and ended, how much it printed, and the first line of that
try() {
  name=$1
  shift
  begin=$(date +%s.%N)
  said=$($limit "$@" 2>&1 </dev/null | head -c 4000)
  end=$(date +%s.%N)
  tell "$name" 0 "$begin $end ${#said}
$(printf '%s\n' "$said" | head -n 1)"
  [ -z "$said" ] || printed=1
}
printed=
try plain env SHLVL=0 "$shell" -c true
case $kind in
  *csh | fish) ;;
  *) try login env SHLVL=0 "$shell" -l -c true ;;
esac
# Which file is it? Each alone, in the same shell without its own start-up files.
file() {
  [ -r "$HOME/$1" ] || return 0
  DKAI_FILE=$HOME/$1
  export DKAI_FILE
  case $kind in
    bash) try "file $1" "$shell" --noprofile --norc -c '. "$DKAI_FILE"' ;;
    zsh) try "file $1" "$shell" -f -c '. "$DKAI_FILE"' ;;
    *csh) try "file $1" "$shell" -f -c 'source "$DKAI_FILE"' ;;
    fish) try "file $1" "$shell" --no-config -c 'source "$DKAI_FILE"' ;;
    *) try "file $1" "$shell" -c '. "$DKAI_FILE"' ;;
  esac
}
case $kind in
  bash) all='.bashrc .bash_profile .bash_login .profile' ;;
  zsh) all='.zshenv .zprofile .zlogin' ;;
  *csh) all='.tcshrc .cshrc' ;;
  fish) all='.config/fish/config.fish' ;;
  *) all='.profile' ;;
esac
if [ -n "$printed" ]; then
  for one in $all; do file "$one"; done
fi
ask room df -Pk -- "$1"
keep() {
  [ -d "$1" ] || { echo 'dkai-not-there' >&2; return 2; }
  temp=$1/.dkai-try-$$
  mkdir -- "$temp" || return 3
  # What was made goes again, also when the connection is cut off half-way.
  trap 'rm -rf -- "$temp"' EXIT
  trap 'exit 4' HUP INT TERM PIPE
  cat >"$temp/file" <&6 || return 4
  { sha256sum <"$temp/file" 2>/dev/null || shasum -a 256 <"$temp/file"; } | cut -c 1-64
  base64 <"$temp/file" | tr -d '\n'
  echo
}
exec 6<&0
ask file keep "$1"
"""

# $1: a command of the scheduler's, $2: how modules of it begin.
_WHERE_IS = r"""
shell=${SHELL:-/bin/sh}
case $shell in
  *csh) look() { "$shell" -c "$1" </dev/null; } ;;
  *) look() { "$shell" -l -c "$1" </dev/null; } ;;
esac
ask login look "command -v $1"
start=$2
modules() { look 'module -t avail' 2>&1 | grep -i "^ *$start" | head -n 5; }
ask modules modules
"""


@dataclass(frozen=True, slots=True)
class StartUp:
    """What one way of starting the log-in shell, or one of its files, does."""

    name: str  # `plain`, `login`, or the file's name below the home folder
    seconds: float | None  # None: the place's clock is too coarse to say
    printed: int  # characters, 4000 at most
    first_line: str


@dataclass(frozen=True, slots=True)
class Tryout:
    """The answers; None where one broke off or was not given."""

    shell: str | None
    starts: tuple[StartUp, ...]
    files: tuple[StartUp, ...]  # looked at only where something was printed
    clock_s: float | None
    free_mb: float | None
    folder: str | None  # why the folder cannot be used; empty: it can
    came_back: bool | None  # the file is the same after its way there and back
    says: str = ""  # what the place said of it


def command(base: str, payload: bytes) -> Command:
    """Try everything, with the folder for jobs `base` and something to write there."""
    asked = shell(_TRY, base, timeout=240)
    return Command(asked.argv, stdin=payload, timeout=asked.timeout)


def parse(result: CommandResult, payload: bytes) -> Tryout:
    """What the place answered."""
    found = frames(result.stdout)
    starts = tuple(s for name in ("plain", "login") if (s := _start(name, found.get(name))) is not None)
    files = tuple(s for name in found if name.startswith("file ") and (s := _start(name[5:], found[name])) is not None)
    kept = found.get("file")
    folder, came_back, says = _kept(kept, payload)
    return Tryout(
        shell=_first(found.get("shell")), starts=starts, files=files, clock_s=_number(_first(found.get("clock"))),
        free_mb=_free(found.get("room")), folder=folder, came_back=came_back, says=says,
    )  # fmt: skip


def _first(frame: Frame | None) -> str | None:
    return one_line(frame.lines[0], 200) if frame is not None and frame.lines else None


def _number(word: str | None) -> float | None:
    try:
        return float(word or "")
    except ValueError:
        return None


def _start(name: str, frame: Frame | None) -> StartUp | None:
    if frame is None or not frame.lines:
        return None
    begin, end, count = (*frame.lines[0].split(), "", "", "")[:3]
    first, last = _number(begin), _number(end)  # a `date` without %N writes the letter: no number
    seconds = max(0.0, last - first) if first is not None and last is not None else None
    said = one_line(frame.lines[1], 80) if len(frame.lines) > 1 else ""
    return StartUp(one_line(name, 60), seconds, int(count) if count.isdecimal() else 0, said)


def _free(frame: Frame | None) -> float | None:
    """The fourth column of `df -P` (POSIX): free KiB."""
    if frame is None or not frame.ok or len(frame.lines) < 2:
        return None
    words = frame.lines[-1].split()
    return int(words[3]) / 1024 if len(words) >= 6 and words[3].isdecimal() else None


def _kept(frame: Frame | None, payload: bytes) -> tuple[str | None, bool | None, str]:
    """Why the folder is of no use, whether the file came back the same, and the place's own words."""
    if frame is None or frame.code is None:
        return None, None, ""
    says = one_line(" ".join(frame.errors), 200)
    if frame.code == 2:
        return "not-there", None, ""
    if frame.code:
        return "full" if _is_full(says) else "not-writable", None, says
    sums = [line for line in frame.lines if line.strip()]
    try:
        same = sums[0].strip() == hashlib.sha256(payload).hexdigest() and base64.b64decode(sums[1]) == payload
    except (IndexError, ValueError):
        same = False
    return ("full" if not same and _is_full(says) else ""), same, says


def _is_full(says: str) -> bool:
    words = says.lower()
    return "no space left" in words or "quota" in words


def where_is(command: str, module: str) -> Command:
    """Ask a log-in shell for a scheduler's command, and the module command for modules that begin so."""
    return shell(_WHERE_IS, command, module, timeout=90)


def place_of(result: CommandResult) -> tuple[str | None, str | None]:
    """The path that a log-in shell finds, and the first of the modules; None where there is none."""
    found = frames(result.stdout)
    path = next((line for line in found.get("login", Frame("", (), (), None)).lines if line.startswith("/")), None)
    module = _first(found.get("modules"))
    return (one_line(path, 200) if path else None), (module.strip() if module else None)
