"""What the login node itself has: Python, scratch, modules, containers, storage, and the site's own commands.

The program asks for each only where it is there, and for seconds only: a dead file system must not hold up the rest.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dkai.compute.cluster import Allocation, Storage
from dkai.compute.scheduler.slurm_parse import mebibytes
from dkai.compute.scheduler.slurm_shell import Frame

# The functions `python_there` and `here`, run by the probe. $asked is the interpreter that the person named.
ASK = r"""
soon=
if [ -n "$limit" ]; then soon='timeout -k 1 5'; fi
look='import os, platform, sys; assert sys.version_info >= (3, 6)
print(sys.executable); print(platform.python_version())
try: libc = os.confstr("CS_GNU_LIBC_VERSION")
except (AttributeError, ValueError, OSError): libc = None
print("system", platform.machine(), libc or "-")'
python_there() {
  for p in "$asked" python3 python3.14 python3.13 python3.12 python3.11 python3.10 python3.9 python3.8 python3.7 \
    python3.6 /usr/bin/python3 /usr/libexec/platform-python; do
    [ -n "$p" ] || continue
    $limit "$p" -I -c "$look" 2>/dev/null
    case $? in
      0) return 0 ;;
      # A file system that does not answer will not answer for the next name either.
      124 | 137) return 124 ;;
    esac
  done
  return 127
}
# Only a login shell has the site's settings; of all that is there only these lines are taken.
settings_there() {
  login env env | grep -E '^(SCRATCH|BLACKHOLE|LMOD_CMD|LMOD_VERSION|MODULESHOME|MODULES_CMD|PATH)='
}
containers_there() {
  for p in apptainer singularity podman enroot ch-run; do
    command -v "$p" >/dev/null 2>&1 || continue
    case $p in
      enroot) found=$($soon enroot version 2>/dev/null) ;;
      ch-run) found=$($soon ch-run --version 2>&1) ;;
      *) found=$($soon "$p" --version 2>/dev/null) ;;
    esac
    printf '%s|%s\n' "$p" "$(printf '%s\n' "$found" | head -n 1)"
  done
  return 0
}
# room_in NAME FOLDER: its file system, and the person's quota there where Lustre knows one.
room_in() {
  [ -d "$2" ] || return 0
  ask "df $1" $soon df -Pk -- "$2"
  mount=$($soon df -Pk -- "$2" 2>/dev/null | awk 'END { print $6 }')
  if [ -n "$mount" ] && command -v lfs >/dev/null 2>&1; then ask "lfs $1" $soon lfs quota -u "$me" "$mount"; fi
}
here() {
  ask python python_there
  found=$(settings_there)
  if [ -n "$found" ]; then tell login 0 "$found"; else tell login 1 ''; fi
  place=$(printf '%s\n' "$found" | sed -n 's/^PATH=//p' | tail -n 1)
  PATH=$PATH${place:+:$place}
  place=$(printf '%s\n' "$found" | sed -n 's/^SCRATCH=//p' | tail -n 1)
  [ -n "$place" ] || place=$(printf '%s\n' "$found" | sed -n 's/^BLACKHOLE=//p' | tail -n 1)
  room_in home "$HOME"
  case $place in /*) room_in scratch "$place" ;; esac
  if command -v quota >/dev/null 2>&1; then ask quota $soon quota -w; fi
  for p in lumi-quota lumi-allocations; do
    if command -v "$p" >/dev/null 2>&1; then ask "$p" $limit "$p"; fi
  done
  ask containers containers_there
}
"""

_SYSTEM = re.compile(r"^system (\S+) (?:glibc (\d+\.\d+)\S*|-)$")
_VERSION = re.compile(r"\d+(?:\.\w+)+")
_DF = re.compile(r"^(\S.*?)\s+(\d{1,18})\s+(\d{1,18})\s+-?\d+\s+(?:\d+%|-)\s+(/.*)$")
_AMOUNT = re.compile(r"^\[?(\d{1,18})\]?\*?$")
_SHARE = re.compile(r"(\d[\d.]{0,17})\s*/\s*(\d[\d.]{0,17})\s*\(\s*[\d.]+\s*%\s*\)\s*([A-Za-z]+/[A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Found:
    """The interpreter that was found, and the system that it runs on; None where that was not told."""

    path: str | None = None
    version: str | None = None
    machine: str | None = None
    glibc: str | None = None


def python_there(frame: Frame) -> Found:
    """What the interpreter said of itself: its path, its version, and its system where the place has been asked."""
    lines = frame.lines
    system = _SYSTEM.match(lines[-1]) if lines else None
    told = lines[-3:-1] if system else lines[-2:]
    if len(told) < 2:
        return Found()
    return Found(told[0], told[1], *(system.groups() if system else ()))


def login_settings(frame: Frame) -> dict[str, str]:
    """What the login shell has set, by name."""
    pairs = (line.partition("=") for line in frame.lines)
    return {name: value for name, _, value in pairs if value}


def modules(login: dict[str, str]) -> str | None:
    """The kind of module command: Lmod and Environment Modules name their own places (lmod(1), module(1))."""
    if login.get("LMOD_CMD") or login.get("LMOD_VERSION"):
        return "lmod"
    return "tcl" if login.get("MODULESHOME") or login.get("MODULES_CMD") else None


def containers(frame: Frame) -> tuple[str, ...]:
    """`apptainer 1.3.4`, by what the programs call themselves: `singularity` is often another name of Apptainer."""
    found: list[str] = []
    for line in frame.lines:
        name, _, said = line.partition("|")
        if name == "singularity" and "apptainer" in said.lower():
            name = "apptainer"
        version = _VERSION.search(said)
        shown = f"{name} {version[0]}" if version else name
        if shown not in found:
            found.append(shown)
    return tuple(found)


def storage(found: dict[str, Frame], folders: dict[str, str | None]) -> tuple[Storage, ...]:
    """Room in `folders` (path by name) and in what the site's own command lists.

    The person's quota where something tells it, else the whole file system's room, from `df`.
    """
    quotas = _quotas(found.get("quota"))
    rooms: list[Storage] = []
    own = _lumi_quota(found.get("lumi-quota"))
    for name, path in folders.items():
        if path is None or any(path == one.path or path.startswith(one.path + "/") for one in own):
            continue
        room = _df(found.get(f"df {name}"))
        lustre = _lfs(found.get(f"lfs {name}"))
        if lustre is not None:
            rooms.append(Storage(name, path, *lustre, source="lfs quota"))
        elif room is not None and room[0] in quotas:
            rooms.append(Storage(name, path, *quotas[room[0]], source="quota"))
        elif room is not None:
            rooms.append(Storage(name, path, room[1], room[2], source="df"))
    return (*rooms, *own)


def _df(frame: Frame | None) -> tuple[str, float, float] | None:
    """Device, used and size in MiB, of POSIX `df -Pk`."""
    for line in frame.lines if frame else ():
        match = _DF.match(line)
        if match and match[2] != "0":
            return match[1], int(match[3]) / 1024, int(match[2]) / 1024
    return None


def _four(numbers: list[int]) -> tuple[float, float | None, int, int | None] | None:
    """Used and limit in MiB, files used and their limit, of blocks, soft, hard, files, soft, hard; 0 is no limit."""
    if len(numbers) < 6:
        return None
    blocks, soft, hard, files, soft_files, hard_files = numbers[:6]
    most, most_files = hard or soft, hard_files or soft_files
    return blocks / 1024, most / 1024 if most else None, files, most_files or None


def _quotas(frame: Frame | None) -> dict[str, tuple[float, float | None, int, int | None]]:
    """quota(1) by device, in KiB blocks. It exits with 1 where somebody is over, so the exit code says nothing.

    The columns of grace are empty where there is none, and never a plain number without -p.
    """
    found = {}
    for line in frame.lines if frame else ():
        device, *rest = line.split() or [""]
        numbers = [int(match[1]) for word in rest if (match := _AMOUNT.match(word))]
        if (four := _four(numbers)) is not None:
            found[device] = four
    return found


def _lfs(frame: Frame | None) -> tuple[float, float | None, int, int | None] | None:
    """lfs-quota(1): the same columns, in KiB; a long name of the file system has a line of its own."""
    words = [word for line in (frame.lines if frame else ()) for word in line.split() if "(" not in word]
    after = next((i for i, word in enumerate(words) if word.startswith("/")), None)
    if frame is None or not frame.ok or after is None:
        return None
    numbers = [int(match[1]) for word in words[after + 1 :] if (match := _AMOUNT.match(word))]
    four = _four(numbers)
    # Without any limit it is no quota, and the file system's own room says more.
    return four if four and (four[1] or four[3]) else None


def _lumi_quota(frame: Frame | None) -> tuple[Storage, ...]:
    """LUMI's own table: `/scratch/project_465…  8.2K/55T  2/2.0M`. Its amounts are rounded by the command."""
    found = []
    for line in frame.lines if frame else ():
        words = line.split()
        if len(words) >= 3 and words[0].startswith("/") and "/" in words[1] and "/" in words[2]:
            used, _, most = words[1].partition("/")
            files, _, most_files = words[2].partition("/")
            name = "home" if words[0].startswith(("/users/", "/home/")) else words[0].split("/")[1]
            found.append(
                Storage(
                    name, words[0], mebibytes(used), mebibytes(most), _count(files), _count(most_files), "lumi-quota"
                )
            )
    return tuple(found)


def _count(text: str) -> int | None:
    """`62K` files: thousands, as a person counts them."""
    powers = {"K": 10**3, "M": 10**6, "G": 10**9}
    match = re.match(r"^(\d{1,12}(?:\.\d{1,3})?)([KMG]?)$", text)
    return round(float(match[1]) * powers.get(match[2], 1)) if match else None


def allocations(found: dict[str, Frame]) -> tuple[Allocation, ...] | None:
    """What the site's own command tells of allocations; None where dkai knows no such command there.

    `project_465… | 12/1000 (1.2%) core/hours | N/A | 0/10 (0.0%) TB/hours`
    """
    frame = found.get("lumi-allocations")
    if frame is None or not frame.ok:
        return None
    rows: list[Allocation] = []
    for line in frame.lines:
        account, _, rest = line.partition("|")
        for used, most, unit in _SHARE.findall(rest):
            name = unit.lower().replace("/hours", "-hour")
            rows.append(Allocation(account.strip(), name, _amount(used), _amount(most), source="lumi-allocations"))
    return tuple(rows)


def _amount(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
