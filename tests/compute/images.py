"""A container image that really is another root, and programs in the place of Apptainer that really change into it.

Apptainer itself is not in Debian 12. The stand-in takes its words (`exec --bind … --pwd … IMAGE PROGRAM …`), makes a
root of its own from the image in a user and mount namespace, and hands no variable in but those named APPTAINERENV_…,
as a site with `--cleanenv` would have it. Charliecloud's ch-run, which Debian has, is run as it is.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

SYSTEM = Path("/usr/bin/python3")

STAND_IN = r"""#!/bin/bash
# The words of `apptainer exec`; what it was given is noted beside it.
printf '%s\n' "$*" >>"${DKAI_STAND_IN_LOG:-/dev/null}"
[ "$1" = exec ] || exit 64
shift
binds=()
while :; do
  case $1 in
    --bind) binds+=("$2"); shift 2 ;;
    --pwd) pwd=$2; shift 2 ;;
    --nv | --rocm | --no-home) shift ;;
    *) break ;;
  esac
done
image=$1
shift
set -- "$image" "$pwd" "${#binds[@]}" "${binds[@]}" "$@"
exec unshare --user --map-root-user --mount /bin/bash -c '
  set -e
  image=$1 pwd=$2 count=$3
  shift 3
  root=$(mktemp -d)
  mount -t tmpfs none "$root"
  for one in "$image"/*; do
    name=${one##*/}
    if [ -L "$one" ]; then cp -P "$one" "$root/$name"
    elif [ -d "$one" ]; then mkdir "$root/$name"; mount --bind "$one" "$root/$name"
    fi
  done
  while [ "$count" -gt 0 ]; do
    mkdir -p "$root$1"
    mount --rbind "$1" "$root$1"
    shift
    count=$((count - 1))
  done
  mkdir -p "$root/dev" "$root/tmp"
  mount --rbind /dev "$root/dev"
  given=(PATH=/usr/bin:/bin HOME=/tmp)
  while IFS= read -r -d "" pair; do
    case $pair in APPTAINERENV_*) given+=("${pair#APPTAINERENV_}") ;; esac
  done < <(env -0)
  exec /usr/sbin/chroot "$root" /usr/bin/env -i "${given[@]}" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$pwd" "$@"
' stand-in "$@"
"""


def make_image(folder: Path, module: str = "only_in_the_image") -> Path:
    """A root with Debian's Python, a shell and a module of its own; every user may read it."""
    image = folder / "image"
    real = SYSTEM.resolve()
    library = Path(
        subprocess.run(
            [SYSTEM, "-c", "import os; print(os.path.dirname(os.__file__))"], capture_output=True, text=True, check=True
        ).stdout.strip()
    )
    programs = [real, Path("/bin/sh").resolve(), Path("/usr/bin/env"), Path("/usr/bin/true")]
    skip = shutil.ignore_patterns("test", "idlelib", "__pycache__", "config-*", "tkinter", "ensurepip", "lib2to3")
    shutil.copytree(library, image / library.relative_to("/"), ignore=skip, symlinks=True)
    for one in (*programs, *_libraries([*programs, *library.glob("lib-dynload/_*.so")])):
        to = image / one.relative_to("/")
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(one, to)
    for name in ("lib", "lib64", "bin"):
        if not (image / name).exists():
            (image / name).symlink_to(f"usr/{name}")
    for link, target in (("python3", real.name), ("sh", programs[1].name)):
        if not (image / "usr/bin" / link).exists():
            (image / "usr/bin" / link).symlink_to(target)
    for name in ("etc", "proc", "sys", "dev", "tmp", "mnt/0"):
        (image / name).mkdir(parents=True, exist_ok=True)
    (image / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (image / "etc/group").write_text("root:x:0:\n")
    (image / library.relative_to("/") / f"{module}.py").write_text("answer = 42\n")
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
    return image


def _libraries(files: list[Path]) -> set[Path]:
    """What these programs load, below /usr, by ldd."""
    done = subprocess.run(["ldd", *files], capture_output=True, text=True, check=False)
    found = {Path(name) for name in re.findall(r"(/\S+\.so\S*)", done.stdout) if not name.endswith(":")}
    usr = {Path("/usr") / one.relative_to("/") if one.parts[1].startswith("lib") else one for one in found}
    return {one for one in usr if one.exists()}


def stand_in(folder: Path, name: str = "apptainer") -> Path:
    """The stand-in, in a folder for the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(STAND_IN, encoding="utf-8")
    path.chmod(0o755)
    folder.chmod(0o755)
    return path
