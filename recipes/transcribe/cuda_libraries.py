"""cuBLAS and cuDNN as pip installs them, made known before CTranslate2 looks for them by name.

CTranslate2 opens libcublas.so.12 and libcudnn*.so.9 itself. The packages nvidia-cublas-cu12 and nvidia-cudnn-cu12 put
them where the loader does not look; faster-whisper's guide sets LD_LIBRARY_PATH for it, which must be done before
Python starts. A library that is loaded already is found by its name all the same.
"""

import ctypes
import sys
from collections.abc import Iterable
from pathlib import Path

PATTERNS = (
    "nvidia/cublas/lib/libcublasLt.so.12",
    "nvidia/cublas/lib/libcublas.so.12",
    "nvidia/cudnn/lib/libcudnn*.so.9",
)


def library_files(roots: Iterable[str]) -> list[Path]:
    """The libraries below these folders, in the order in which they need each other."""
    folders = [Path(root) for root in roots if root]
    return [file for pattern in PATTERNS for folder in folders for file in sorted(folder.glob(pattern))]


def load() -> list[str]:
    """Load what is there; which ones were. Those of the machine itself are left to CTranslate2 to find."""
    loaded = []
    for file in library_files(sys.path):
        try:
            ctypes.CDLL(str(file), mode=ctypes.RTLD_GLOBAL)
        except OSError:  # for another machine, or what it needs is missing: CTranslate2 will say so
            continue
        loaded.append(file.name)
    return loaded
