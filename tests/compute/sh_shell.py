"""A `Shell` that runs its programs in a real sh on this computer, and is cut off where a test wants it."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from dkai.compute.host.shell import Tail, lost
from dkai.compute.host.ssh import SshHost

Feed = Callable[[Callable[[bytes], object]], object]


class ShShell:
    """`cuts`: how many bytes each channel may carry, one after another; afterwards there is no limit."""

    name = "here"
    transport = "sh"
    why = ""
    asked = False

    def __init__(self, *cuts: int, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.cuts = list(cuts)
        self.meanwhile = meanwhile  # called when the first bytes have come
        self.channels = 0
        self.up = self.down = 0

    def close(self) -> None:
        """Nothing is held."""

    def run(
        self, script: str, feed: Feed | None, keep: Callable[[bytes], object] | None, _: float
    ) -> tuple[int, bytes]:
        self.channels += 1
        left = [self.cuts.pop(0) if self.cuts else 1 << 60]
        failure: list[BaseException] = []
        tail = Tail()
        with subprocess.Popen(["sh", "-c", script], stdin=-1, stdout=-1, stderr=-1) as process:
            assert process.stdin and process.stdout and process.stderr

            def spend(data: bytes) -> bytes:
                part = data[: left[0]]
                left[0] -= len(data)
                return part

            def write(data: bytes) -> None:
                self.up += len(data)
                process.stdin.write(spend(bytes(data)))  # type: ignore[union-attr]
                if left[0] < 0:
                    raise EOFError

            def write_all() -> None:
                try:
                    if feed:
                        feed(write)
                except (OSError, EOFError):
                    pass
                except BaseException as error:
                    failure.append(error)
                with contextlib.suppress(OSError):
                    process.stdin.close()  # type: ignore[union-attr]

            errors = process.stderr
            threads = [
                threading.Thread(target=write_all),
                threading.Thread(target=lambda: tail.add(errors.read())),
            ]
            for thread in threads:
                thread.start()
            try:
                while left[0] >= 0 and (data := process.stdout.read1(65536)):  # type: ignore[attr-defined]
                    self.down += len(data)
                    if keep and (part := spend(data)):
                        keep(part)
                    self.meanwhile()
            finally:
                process.stdout.close()
                for thread in threads:
                    thread.join()
                code = process.wait()
        if failure:
            raise failure[0]
        if left[0] < 0:
            raise lost(self.name, None)
        return code, tail.bytes()


def sh_host(*cuts: int, meanwhile: Callable[[], object] = lambda: None) -> tuple[SshHost, ShShell]:
    """A host of such a shell, and the shell."""
    shell = ShShell(*cuts, meanwhile=meanwhile)
    return SshHost(shell), shell


def no_leftovers(folder: Path) -> bool:
    """Whether nothing of dkai's own is left beside or below."""
    return not [p for p in folder.rglob("*") if ".incoming" in p.name or p.name == ".dkai-in" or p.name == "parts"]
