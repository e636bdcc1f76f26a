"""The person's UCloud token: from the environment, from a file that only they can read, or typed.

It is the refresh token that UCloud keeps in the browser (the cookie `refreshToken`). Whoever has it can do all that the
person can, so it is never written by dkai, never shown, and never an argument on a command line.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from dkai.compute.host.answers import Kind, Prompt
from dkai.compute.host.shell import Ask
from dkai.core.errors import UserError
from dkai.core.files import read_text
from dkai.core.i18n import t
from dkai.core.paths import config_dir

VARIABLE = "DKAI_UCLOUD_TOKEN"
_MOST = 16_384


def token_file() -> Path:
    """Where a token may lie: in dkai's settings folder, mode 0600."""
    return config_dir() / "ucloud-token"


def kept_token() -> str | None:
    """The token of the environment or the file; None where there is none. Raises UserError for an unsafe file."""
    found = os.environ.get(VARIABLE, "").strip()
    if found:
        return _checked(found)
    path = token_file()
    if not path.exists():
        return None
    if os.name == "posix":
        seen = path.stat()
        if stat.S_IMODE(seen.st_mode) & 0o077 or seen.st_uid != os.getuid():
            raise UserError(
                t("the token in {path} can be read by others", path=path),
                code="token-not-private",
                hint=t("make it yours alone: chmod 600 {path}; and sign out of UCloud where it may have been read",
                       path=path),
            )  # fmt: skip
    return _checked(read_text(path, limit_bytes=_MOST).strip())


def token(ask: Ask | None) -> str:
    """The token, asked for where it is not kept. Raises UserError where there is nobody to ask."""
    found = kept_token()
    if found is None and ask is not None:
        found = ask(Prompt(t("UCloud token (it is not shown, and not kept):"), Kind.PASSWORD), True)
    if not found:
        raise no_token()
    return _checked(found.strip())


def no_token() -> UserError:
    """The error where a token is needed and there is none."""
    return UserError(
        t("UCloud is asked with a token of yours, and there is none"),
        code="no-ucloud-token",
        hint=t("without one: dkai compute handoff RECIPE writes a folder that you start in the browser\n"
               "with one: put it into the variable {variable}, or into {path} (chmod 600)",
               variable=VARIABLE, path=token_file()),
    )  # fmt: skip


def _checked(word: str) -> str:
    """A token as a header can carry it."""
    if not word or len(word) > _MOST or not word.isascii() or any(c.isspace() or not c.isprintable() for c in word):
        raise UserError(
            t("what was given as a UCloud token cannot be one"),
            code="bad-ucloud-token",
            hint=t("copy the value of the cookie refreshToken alone, without quotation marks and spaces"),
        )
    return word
