"""A person's words for tasks, phases and disciplines, as the catalogue's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dkai.core.errors import UserError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.catalogue.catalogue import Catalogue
    from dkai.radar.wishes import Filters

_FIELDS = {"task": "tasks", "phase": "phases", "discipline": "disciplines"}  # option → field of an entry


def in_catalogue_words(catalogue: Catalogue, wishes: Filters) -> Filters:
    """The wishes in the catalogue's words. Raises UserError for one that no tool has: a slip of the pen."""
    given = {option: getattr(wishes, option) for option in _FIELDS}
    words: dict[str, Any] = {o: _word(catalogue, o, text) for o, text in given.items() if text is not None}
    return replace(wishes, **words)


def _word(catalogue: Catalogue, option: str, text: str) -> str:
    from dkai.catalogue.labels import label, word_for
    from dkai.catalogue.words import DISCIPLINES

    word = word_for(text)
    known = {name for tool in catalogue.briefs_of("tool") for name in tool[_FIELDS[option]]} - {"all"}
    if option == "discipline":
        known |= DISCIPLINES.keys() - {"all"}  # tools for all disciplines are for this one too
    if word in known:
        return word
    from difflib import get_close_matches

    spelled = {label(name).lower(): name for name in known} | {name: name for name in known}
    near = sorted({spelled[name] for name in get_close_matches(text.lower(), spelled, n=3, cutoff=0.5)})
    names = ", ".join(near or sorted(known))
    raise UserError(
        t("no tool has “{word}” under --{option}", word=text, option=option),
        code=f"unknown-{option}",
        hint=t("did you mean {names}?", names=names) if near else t("there are: {names}", names=names),
    )
