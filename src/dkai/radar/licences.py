"""Licences as a filter sees them: open or not, and by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Approved by the Open Source Initiative, or (for weights and data) conformant with the Open Definition; families by the
# beginning of their SPDX names. Read on 2026-11-24 at spdx.org/licenses and opendefinition.org/licenses.
_OPEN = (
    "AFL-", "AGPL-", "Apache-", "Artistic-2", "BSD-", "BSL-1.0", "CC-BY-SA-", "CC-BY-4", "CC-BY-3", "CC0-", "ECL-2",
    "EPL-", "EUPL-", "GPL-", "ISC", "LGPL-", "MIT", "MPL-", "NCSA", "ODbL", "PDDL", "PostgreSQL", "PSF-", "Python-",
    "Unlicense", "UPL-", "Zlib",
)  # fmt: skip
_CLOSED_WORDS = ("proprietary", "not-released")
_NO_ANSWER = ("unknown", "follows-the-model")
_SPDX = re.compile(r"[A-Z0-9][A-Za-z0-9.+-]*")


def parts_of(licence: Mapping[str, Any]) -> dict[str, str]:
    """What applies of code and weights, each as one text; a text in two languages by its English words."""
    parts = {}
    for part in ("code", "weights"):
        value = licence.get(part, "not-applicable")
        if value != "not-applicable":
            parts[part] = value["en"] if isinstance(value, Mapping) else str(value)
    return parts


def is_open(term: str) -> bool | None:
    """Whether a licence is an open one; None where that is not known or depends on what is used with it."""
    if term in _NO_ANSWER:
        return None
    if term in _CLOSED_WORDS:
        return False
    if not re.fullmatch(r"[A-Za-z0-9.+\- ()]+", term) or not _plain(term):
        return None  # a text with conditions: to be read, not judged by its first word
    return any(all(_named(one) for one in re.split(r" AND ", either)) for either in re.split(r" OR ", term))


def _plain(term: str) -> bool:
    """Whether it is an SPDX expression and nothing else."""
    words = [word for word in term.split() if word not in ("AND", "OR", "WITH")]
    return all(_SPDX.fullmatch(word.strip("()")) for word in words)


def _named(one: str) -> bool:
    name = one.partition(" WITH ")[0].strip(" ()")
    return name.startswith(_OPEN) and "-NC" not in name


def is_called(term: str, wanted: str) -> bool:
    """Whether the licence is the wanted one, or of its family: `gpl` means every GPL, `apache` Apache-2.0."""
    names = [name.lower() for name in _SPDX.findall(term)] + [term.lower()]
    wish = wanted.strip().lower().replace(" ", "-")
    return any(name == wish or name.startswith(f"{wish}-") for name in names)
