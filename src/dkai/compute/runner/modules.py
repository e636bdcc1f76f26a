"""Environment modules (Lmod, or Environment Modules): what they set, taken over whole.

`module` is a function of the shell. Where the job has none, the system's own start-up file of the module system is
read, and none of the person's. Names come as words of their own, never as part of a program's text.
"""

import subprocess
from typing import List, Tuple

from dkai.compute.runner.interpreter import Environ

NO_COMMAND, NO_MODULE = 90, 91
MARK_ENV = b"\ndkai-environment/1\n"
# Folders to `module use`, then `--`, then modules. Where one is not found, old Environment Modules (3.2) still end
# with 0, so what they print is looked at, too.
LOAD = r"""
has() { type module >/dev/null 2>&1; }
for init in "${LMOD_PKG:-/nowhere}/init/bash" "${MODULESHOME:-/nowhere}/init/bash" /etc/profile.d/lmod.sh \
  /etc/profile.d/z00_lmod.sh /etc/profile.d/modules.sh /usr/share/lmod/lmod/init/bash /usr/share/modules/init/bash \
  /usr/share/Modules/init/bash /opt/cray/pe/lmod/lmod/init/bash /etc/profile; do
  if has; then break; fi
  # shellcheck disable=SC1090
  [ ! -r "$init" ] || . "$init" >/dev/null 2>&1
done
has || exit 90
while [ "$1" != -- ]; do
  module use "$1" || exit 91
  shift
done
shift
for name in "$@"; do
  module load "$name" || exit 91
done
printf '\ndkai-environment/1\n'
env -0
"""


def loaded(use: List[str], names: List[str]) -> Tuple[int, Environ, str]:
    """The environment with these modules loaded; else `NO_COMMAND` or `NO_MODULE` in place of 0. And what was said."""
    argv = ["bash", "--noprofile", "--norc", "-c", LOAD, "dkai", *use, "--", *names]
    try:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return NO_COMMAND, {}, str(error)
    said = done.stderr.decode("utf-8", "replace").strip()
    _, mark, told = done.stdout.rpartition(MARK_ENV)
    if done.returncode or not mark or "Unable to locate a modulefile" in said:
        return NO_COMMAND if done.returncode == NO_COMMAND else NO_MODULE, {}, said
    pairs = (one.partition(b"=") for one in told.split(b"\0") if one)
    return 0, {name: value for name, _, value in pairs if name not in (b"_", b"SHLVL")}, said
