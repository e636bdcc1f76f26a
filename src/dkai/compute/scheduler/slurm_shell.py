"""The small POSIX shell programs that ask Slurm, and the frames in which answers come back. Text only.

Every program is constant; what varies (a folder, a job's name) arrives as `$1`, `$2` …, so no value is ever read as
shell. Each answer stands between a line that opens its frame and one that closes it with an exit code, and every line
in between carries a mark in front: no banner, alias or output can be taken for a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

from dkai.compute.scheduler import Command

OPEN, CLOSE = "dkai-frame/1", "dkai-close/1"

# Everyone's Slurm settings are off (SQUEUE_FORMAT and friends change what is printed); a site's SLURM_CONF stays.
# Times come as Unix seconds. Where a plain login does not find Slurm, its profile and the usual folders are tried.
PRELUDE = r"""
umask 077
for name in $(env | sed -nE 's/^(S(LURM|BATCH|ALLOC|RUN|QUEUE|INFO|ACCT|CANCEL|CONTROL|ACCTMGR)_[^=]*)=.*/\1/p'); do
  [ "$name" = SLURM_CONF ] || unset "$name" 2>/dev/null
done
export LC_ALL=C SLURM_TIME_FORMAT=%s
unalias -a 2>/dev/null
if ! command -v squeue >/dev/null 2>&1; then
  [ ! -r /etc/profile ] || . /etc/profile >/dev/null 2>&1 </dev/null
  for place in /opt/slurm/bin /usr/local/slurm/bin /opt/slurm/default/bin /cm/shared/apps/slurm/current/bin; do
    [ ! -x "$place/squeue" ] || PATH=$PATH:$place
  done
fi
export PATH
limit=
if command -v timeout >/dev/null 2>&1; then limit='timeout -k 2 25'; fi
exec 4>&1
# ask NAME PROGRAM WORD…: run it and frame what it says: `|` before each line of stdout, then `!` before those of stderr
# (the second awk sees the end of its input only when the first is done, which holds descriptor 5 open).
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


def shell(program: str, *words: str, timeout: float = 60) -> Command:
    """A program for sh, with its words."""
    return Command(("sh", "-c", PRELUDE + program, "dkai", *words), timeout=timeout)


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
            found[name] = Frame(name, tuple(lines), tuple(errors), int(rest) if rest.isdecimal() else None)
            name = None
        elif line.startswith("|"):
            lines.append(line[1:])
        elif line.startswith("!"):
            errors.append(line[1:])
    if name is not None:
        found[name] = Frame(name, tuple(lines), tuple(errors), None)
    return found
