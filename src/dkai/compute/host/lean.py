"""paramiko without the library that it takes along for `Match exec` in its own reader of configurations.

Importing that one (invoke) is a third of all that importing paramiko costs, 30 ms. dkai lets ssh itself resolve a
configuration, and refuses `Match exec` where there is no ssh.
"""

from __future__ import annotations

import sys

if "paramiko" in sys.modules or "invoke" in sys.modules:
    import paramiko
else:
    sys.modules["invoke"] = None  # type: ignore[assignment]  # paramiko takes that for “not installed”
    try:
        import paramiko
    finally:
        del sys.modules["invoke"]

__all__ = ["paramiko"]
