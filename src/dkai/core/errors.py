"""Every error that a person may see.

    DkaiError
    ├── UserError       exit 1   the person can fix it
    ├── UsageError      exit 2   wrong words on the command line
    ├── Refused         exit 3   budget, eligibility, limits or data level
    ├── RemoteError     exit 4   the other side cannot be reached, or failed
    ├── JobFailed       exit 5   the job itself failed
    ├── Bug             exit 70  our own mistake
    └── Interrupted     exit 130 Ctrl-C, or the prompt was left

An error carries words and a stable code; it prints nothing. `cli.entry` shows it.
"""

from __future__ import annotations

from typing import Any, ClassVar


class DkaiError(Exception):
    """What happened (`message`), what to do next (`hint`), and a stable kebab-case `code` for programs.

    `details` are plain values that a program may want (they appear in the JSON form only).
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, code: str, hint: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code
        self.details = details or {}


class UserError(DkaiError):
    """The person can fix it: a name, a file, a setting."""


class UsageError(DkaiError):
    """The command line itself is wrong."""

    exit_code: ClassVar[int] = 2


class Refused(DkaiError):
    """Nothing was sent: over budget or limits, not eligible, or the data may not go there."""

    exit_code: ClassVar[int] = 3


class RemoteError(DkaiError):
    """The other side cannot be reached or did not do what was asked."""

    exit_code: ClassVar[int] = 4


class JobFailed(DkaiError):
    """The job ran and did not succeed."""

    exit_code: ClassVar[int] = 5


class Interrupted(DkaiError):
    """The person stopped it; nothing is half-written."""

    exit_code: ClassVar[int] = 130


class Bug(DkaiError):
    """Our own mistake; the traceback is kept in a file."""

    exit_code: ClassVar[int] = 70
