"""One string, two languages.

English is written in the code; Danish comes from the gettext catalogue `locale/da.mo`, which is compiled from one
`.po` file a room. The language is set once, before any command is imported, because help texts are read on import.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import GNUTranslations

LANGUAGES = ("en", "da")

_language = "en"


def language() -> str:
    """The language in use: `en` or `da`."""
    return _language


def use_language(code: str) -> None:
    """Speak `code` from now on; anything but Danish is English."""
    global _language  # noqa: PLW0603 - one process speaks one language at a time
    _language = "da" if code == "da" else "en"


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    """Speak `code` inside, and what was spoken before afterwards: for what is written in both languages."""
    before = _language
    use_language(code)
    try:
        yield
    finally:
        use_language(before)


def language_from_environment(environ: dict[str, str] | None = None) -> str:
    """`DKAI_LANG`, then the locale variables in their POSIX order; English where none says Danish."""
    env = os.environ if environ is None else environ
    for name in ("DKAI_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = env.get(name, "")
        if value:
            return "da" if value.lower().startswith("da") else "en"
    return "en"


@cache
def _danish() -> GNUTranslations | None:
    from gettext import GNUTranslations

    from dkai.core.paths import package_file

    try:
        with package_file("locale/da.mo").open("rb") as file:
            return GNUTranslations(file)
    except FileNotFoundError:
        # A source tree whose translations were not compiled yet still works, in English.
        return None


def t(text: str, /, **values: object) -> str:
    """`text` in the language in use, with `{name}` placeholders filled from `values`."""
    if _language == "da" and (danish := _danish()) is not None:
        text = danish.gettext(text)
    return text.format(**values) if values else text


def nt(one: str, many: str, n: int | float, /, **values: object) -> str:
    """The form of the sentence that fits the number `n`, which fills `{n}`."""
    if _language == "da" and (danish := _danish()) is not None:
        text = danish.ngettext(one, many, 1 if n == 1 else 2)
    else:
        text = one if n == 1 else many
    return text.format(n=n, **values)


def en_and_da(text: str, /) -> dict[str, str]:
    """The same program string in both languages, for results that are stored and read later."""
    danish = _danish()
    return {"en": text, "da": danish.gettext(text) if danish is not None else text}
