"""The door of the inner ssh server: only connections that the jump host makes get through."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
from pathlib import Path

from .places import PORTS
from .processes import descendants, pid_of, table_address, tcp_table, which

RESET = struct.pack("ii", 1, 0)  # SO_LINGER: on, 0 s: close with a reset


def _from_jump(peer: tuple[str, int]) -> bool:
    """Is the other end of this loopback connection held by the jump sshd?"""
    jump = pid_of("sshd-jump")
    if not jump:
        return False
    inodes = {f"socket:[{fields[9]}]" for fields in tcp_table() if fields[1] == table_address(*peer)}
    for pid in descendants(jump):
        try:
            if any(str(fd.readlink()) in inodes for fd in Path(f"/proc/{pid}/fd").iterdir()):
                return True
        except OSError:
            continue
    return False


def serve_gate(conf: str) -> None:
    """Hand each connection from the jump host to an sshd of its own; reset every other."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    server = socket.create_server(("127.0.0.2", PORTS["inner"]), backlog=64)
    sshd = which("sshd")
    while True:
        connection, peer = server.accept()
        if _from_jump(peer):
            end = connection.fileno()
            subprocess.Popen([sshd, "-i", "-e", "-f", conf], stdin=end, stdout=end)
        else:
            print(f"refused {peer}: not from the jump host", flush=True)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
