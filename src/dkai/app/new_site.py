"""A site that is being set up: its answers so far, kept the moment they are given, so that one can leave and come back.

The site itself is saved as soon as its host is known; what is kept beside it is which questions were answered.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dkai.compute.site import LOCAL_ID, Site
from dkai.compute.sites_file import check_field, load_sites, remove_site, save_site
from dkai.core.errors import DkaiError, UsageError, UserError
from dkai.core.files import read_text, write_private
from dkai.core.i18n import t
from dkai.core.levels import Level
from dkai.core.paths import data_dir

SCHEMA = "dkai/connecting/1"
UNNAMED = ""  # a site whose host, and so whose name, is not known yet
_FIELDS = {f.name for f in dataclasses.fields(Site)} - {"id"}


@dataclass(frozen=True, slots=True)
class Draft:
    """A site being set up: its fields so far, and the questions that were answered (an answer may set no field)."""

    name: str = UNNAMED
    fields: dict[str, Any] = field(default_factory=dict)
    answered: tuple[str, ...] = ()

    def having(self, question: str, fields: Mapping[str, Any]) -> Draft:
        """With one more answer."""
        return Draft(self.name, {**self.fields, **fields}, (*(a for a in self.answered if a != question), question))

    def without(self, question: str, names: tuple[str, ...]) -> Draft:
        """Before that question was answered."""
        kept = {key: value for key, value in self.fields.items() if key not in names}
        return Draft(self.name, kept, tuple(a for a in self.answered if a != question))

    def named(self, name: str) -> Draft:
        """Under another name."""
        return Draft(name, self.fields, self.answered)


# --- keeping


def drafts() -> dict[str, Draft]:
    """The sites being set up, by name. A file that cannot be read counts as none: the sites themselves are safe."""
    try:
        found = json.loads(read_text(_file()))
        if found.get("schema") != SCHEMA:
            return {}
        return {str(name): _draft(str(name), one) for name, one in found["drafts"].items()}
    except (UserError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _draft(name: str, one: Mapping[str, Any]) -> Draft:
    fields = {key: value for key, value in dict(one["fields"]).items() if key in _FIELDS}
    if fields.get("level"):
        fields["level"] = Level(fields["level"])
    return Draft(name, fields, tuple(str(word) for word in one["answered"]))


def keep(draft: Draft) -> None:
    """Keep the answers; save the site itself once its host is known. Raises UserError."""
    if draft.fields.get("address") and draft.name:
        save_site(Site(id=draft.name, **draft.fields), replace=True)
    _write({**drafts(), draft.name: draft})


def forget(name: str) -> None:
    """The site is set up: nothing of its questions need be kept."""
    kept = drafts()
    if kept.pop(name, None) is not None:
        _write(kept)


def drop(name: str) -> None:
    """Another place was chosen after all: the unfinished site goes, too."""
    if name in drafts() and name in load_sites():
        remove_site(name)
    forget(name)


def _write(kept: Mapping[str, Draft]) -> None:
    body = {name: {"fields": one.fields, "answered": one.answered} for name, one in kept.items()}
    write_private(_file(), json.dumps({"schema": SCHEMA, "drafts": body}, ensure_ascii=False, indent=1))


def _file() -> Path:
    return data_dir() / "connecting.json"


def taken_up(name: str, given: Mapping[str, Any]) -> Draft:
    """The draft called `name`, as its site stands now, with what was given on the command line."""
    draft = drafts().get(name, Draft(name))
    site = load_sites().get(name) if name else None
    if site is not None and site.id != LOCAL_ID:
        now = {key: getattr(site, key) for key in _FIELDS if getattr(site, key) is not None}
        draft = Draft(name, {**draft.fields, **now}, draft.answered)
    return Draft(name, {**draft.fields, **given}, draft.answered)


# --- names and checks


def free_name(wanted: str) -> str:
    """A site's name like `wanted` that is not taken: `lumi`, `lumi-2`."""
    word = re.sub(r"[^a-z0-9._-]+", "-", wanted.lower()).strip("-._")[:34] or "site"
    taken = {*load_sites(), *drafts()}
    return next(name for name in (word, *(f"{word}-{n}" for n in range(2, 1000))) if name not in taken)


def problem(field_name: str, value: str) -> str | None:
    """Why `value` cannot be that field; None when it can."""
    try:
        check_field(field_name, value)
    except DkaiError as error:
        return error.message
    return None


def is_place(name: str) -> bool:
    """Whether the catalogue has a place of this name."""
    from dkai.catalogue.open import open_catalogue

    try:
        open_catalogue().get(name, "provider")
    except DkaiError:
        return False
    return True


# --- without a terminal


def enough(given: Mapping[str, Any]) -> bool:
    """Whether a new site can be made of what was given, without a question."""
    if given.get("host") == "local" or (given.get("address") and not given.get("provider")):
        return True  # the user name may stand in the SSH configuration
    return bool(given.get("provider") and (given.get("user") or given["provider"] == "ucloud"))


def missing_options(name: str | None, given: Mapping[str, Any]) -> UsageError:
    """The error where there is nobody to ask; it names every option that is missing."""
    missing = [] if name else ["NAME"]
    if not given.get("provider") and not given.get("address"):
        missing.append(t("--provider or --host"))
    if not given.get("user"):
        missing.append("--user")
    return UsageError(
        t("there is no terminal to ask on; missing: {names}", names=", ".join(missing)),
        code="missing-options",
        hint=t("for example: dkai compute connect lumi --provider lumi --user NAME --level internal\n"
               "your sites: {names}", names=", ".join(load_sites())),
        details={"missing": missing},
    )  # fmt: skip
