"""One folder at the other side of a connection, and the programs that are run for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dkai.compute.host import wire
from dkai.compute.host.shell import Feed, Keep, Shell
from dkai.core.errors import RemoteError
from dkai.core.i18n import t

PATIENCE = 120.0  # seconds in which nothing comes, not even a dot, and nothing goes


@dataclass(frozen=True, slots=True)
class Far:
    """`must(code, errors)` raises what an exit code other than 0 means."""

    shell: Shell
    must: Callable[[int, bytes], None]
    folder: str

    def run(self, script: str, keep: Keep | None = None, feed: Feed | None = None) -> tuple[int, bytes]:
        """Run a program of `wire`; its exit code, which was not judged yet, and the end of its stderr."""
        return self.shell.run(script, feed, keep, PATIENCE)

    def line(self, script: str, names: bytes) -> tuple[int, bytes]:
        """Exit code and the one line that a program answers which reads names. Raises RemoteError."""
        answer: list[bytes] = []

        def came(line: bytes) -> Keep:
            answer.append(line)
            return lambda _: None

        code, errors = self.run(script, wire.Preface(came), lambda write: write(names))
        if code == wire.GONE:
            return code, b""
        self.must(code, errors)
        if not answer:
            raise self.incomplete()
        return code, answer[0]

    def incomplete(self) -> RemoteError:
        """The error for an answer that is not what the program there would give."""
        return RemoteError(
            t("the files from {host} came back incomplete", host=self.shell.name),
            code="incomplete-transfer",
            hint=t("run the command again; what was brought home whole is kept"),
        )
