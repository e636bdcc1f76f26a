"""The small POSIX shell programs that ask a place, and the frames in which answers come back. Text only.

Every program is constant; what varies (a folder, a job's name) arrives as `$1`, `$2` …, so no value is ever read as
shell. Each answer stands between a line that opens its frame and one that closes it with an exit code, and every line
in between carries a mark in front: no banner, alias or output can be taken for a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.scheduler import Command

OPEN, CLOSE = "dkai-frame/1", "dkai-close/1"

# Aliases are off, and so are the functions that bash inherits.
_BEGIN = r"""
umask 077
# What start-up files and options from outside (SHELLOPTS) may have set.
plain() {
  set +e +u +f
  unset IFS CDPATH
  unalias -a 2>/dev/null
  export LC_ALL=C@EXPORTS@
}
for name in $(command env | command sed -n 's/^BASH_FUNC_\([^%()= ]*\)\(%%\|()\)=.*/\1/p'); do
  unset -f "$name" 2>/dev/null
done
"""
_LOGIN = r"""
plain
limit=
if command -v timeout >/dev/null 2>&1; then limit='timeout -k 2 25'; fi
# login FOR_SH FOR_CSH: run it in a login shell of the person's own (csh takes no -l beside -c).
login() {
  case $SHELL in
    *csh) $limit "$SHELL" -c "$2" ;;
    *) $limit "${SHELL:-/bin/sh}" -l -c "$1" ;;
  esac </dev/null 2>/dev/null
}
"""
_ASK = r"""
export PATH
exec 4>&1
# ask NAME PROGRAM WORD...: run it and frame what it says: `|` before each line of stdout, then `!` before those of
# stderr (the second awk sees the end of its input only when the first is done, which holds descriptor 5 open).
ask() {
  frame=$1
  shift
  printf 'dkai-frame/1 %s\n' "$frame"
  code=$({ { { "$@" </dev/null 3>&- 4>&- 5>&-; echo $? >&3; } 2>&5 | awk '{ print "|" $0 }' >&4; } 5>&1 |
    awk '{ line[NR] = $0 } END { for (i = 1; i <= NR && i <= 100; i++) print "!" line[i] }' >&4; } 3>&1)
  printf 'dkai-close/1 %s\n' "${code:-1}"
  return "${code:-1}"
}
# tell NAME CODE TEXT: the frame of an answer that was kept for a look at it.
tell() {
  mark='!'
  [ "$2" -ne 0 ] || mark='|'
  printf 'dkai-frame/1 %s\n' "$1"
  [ -z "$3" ] || printf '%s\n' "$3" | sed "s/^/$mark/"
  printf 'dkai-close/1 %s\n' "$2"
}
me=$(id -un)
"""

# together NAME…: run these functions side by side and wait for all, 55 s at most; said NAME: what one of them said.
# Each says it into a file of its own; where no folder can be written to, they run one after the other.
SIDE_BY_SIDE = r"""
dir=
for place in "${TMPDIR:-/tmp}" /dev/shm "$HOME"; do
  dir=$(mktemp -d "$place/dkai.XXXXXX" 2>/dev/null) || dir=
  [ -n "$dir" ] || continue
  # A full disk takes a folder but nothing in it.
  if head -c 500000 /dev/zero >"$dir/room" 2>/dev/null && rm -f -- "$dir/room"; then break; fi
  rm -rf -- "$dir"
  dir=
done
trap '[ -z "$dir" ] || rm -rf -- "$dir"' EXIT
trap 'exit 129' HUP
trap 'exit 143' TERM
together() {
  lanes=
  for lane in "$@"; do
    if [ -n "$dir" ]; then
      ( exec >"$dir/$lane" 2>/dev/null 4>&1; "$lane" ) &
      lanes="$lanes $!"
    else
      eval "said_$lane=\$(exec 2>/dev/null 4>&1; $lane)"
    fi
  done
  [ -n "$lanes" ] || return 0
  (
    trap 'kill "$nap"; exit 0' TERM
    sleep 55 &
    nap=$!
    wait "$nap"
    # shellcheck disable=SC2086
    kill $lanes
  ) >/dev/null 2>&1 4>&- &
  # shellcheck disable=SC2086
  wait $lanes 2>/dev/null
  kill "$!" 2>/dev/null
}
said() {
  if [ -n "$dir" ]; then cat "$dir/$1"; else eval "printf '%s\n' \"\$said_$1\""; fi
}
"""


def prelude(unset: str = "", find: str = "", exports: str = "") -> str:
    """What every program begins with: `ask`, `tell`, `login`, `$limit` and `$me`.

    `unset` takes a scheduler's settings of the person's own out of the environment, `find` looks for its commands where
    a plain login does not find them, `exports` is added to what is set for all of them.
    """
    begin = _BEGIN.replace("@EXPORTS@", f" {exports}" if exports else "")
    return begin + unset.lstrip("\n") + _LOGIN.lstrip("\n") + find.lstrip("\n") + _ASK.lstrip("\n")


def shell(program: str, *words: str, timeout: float = 60) -> Command:
    """A program for sh, with its words; it looks for no scheduler."""
    return Command(("sh", "-c", prelude() + program, "dkai", *words), timeout=timeout)


@dataclass(frozen=True, slots=True)
class Frame:
    """What one program answered."""

    name: str
    lines: tuple[str, ...]
    errors: tuple[str, ...]
    code: int | None  # None: the answer broke off

    @property
    def ok(self) -> bool:
        """The program said that it succeeded."""
        return self.code == 0


def exit_status(text: str) -> int | None:
    """The number in `text`, where it can be a program's exit code."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def frames(text: str) -> dict[str, Frame]:
    """The frames in a program's output, by name; everything around them is dropped."""
    found: dict[str, Frame] = {}
    name: str | None = None
    lines: list[str] = []
    errors: list[str] = []
    for line in text.split("\n"):
        word, _, rest = line.rstrip("\r").partition(" ")
        if word == OPEN:
            if name is not None:
                found[name] = Frame(name, tuple(lines), tuple(errors), None)
            name, lines, errors = rest, [], []
        elif name is None:
            continue
        elif word == CLOSE:
            found[name] = Frame(name, tuple(lines), tuple(errors), exit_status(rest))
            name = None
        elif line.startswith("|"):
            lines.append(line[1:])
        elif line.startswith("!"):
            errors.append(line[1:])
    if name is not None:
        found[name] = Frame(name, tuple(lines), tuple(errors), None)
    return found
