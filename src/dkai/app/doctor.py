"""Is this installation fit for work? One check a line, each with what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from dkai.core import paths
from dkai.core.clean import one_line
from dkai.core.errors import DkaiError
from dkai.core.i18n import nt, t

# An extra, the module that shows it is there, and what it is for.
EXTRAS = (("data", "openpyxl"),)


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"  # worth knowing, nothing is wrong
    WARN = "warn"  # something will not work until it is mended
    BAD = "bad"  # dkai itself is broken


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, how it stands, and what to do."""

    id: str
    name: str
    verdict: Verdict
    says: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All findings, in the order in which they were looked at."""

    items: tuple[Check, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is broken."""
        return all(check.verdict is not Verdict.BAD for check in self.items)


def examine(today: date) -> Report:
    """Look at the installation, the folders, the catalogue, SSH and the sites. Uses no network."""
    steps: tuple[Callable[[], Iterator[Check]], ...] = (
        _program, _languages, _folders, lambda: _catalogue(today), _ssh, _extras, _sites,
    )  # fmt: skip
    return Report(tuple(check for step in steps for check in step()))


def _program() -> Iterator[Check]:
    from dkai import __version__

    says = t(
        "dkai {version}, Python {python} on {system}",
        version=__version__,
        python=platform.python_version(),
        system=platform.system(),
    )
    yield Check("program", t("program"), Verdict.OK, says)
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        yield Check(
            "encoding",
            t("letters"),
            Verdict.WARN,
            t("the output's encoding is {name}: some letters will be lost", name=sys.stdout.encoding),
            t("set PYTHONUTF8=1, or choose a UTF-8 locale"),
        )


def _languages() -> Iterator[Check]:
    if paths.package_file("locale/da.mo").is_file():
        yield Check("languages", t("languages"), Verdict.OK, t("English and Danish"))
    else:
        yield Check(
            "languages",
            t("languages"),
            Verdict.BAD,
            t("the Danish texts are missing from this installation"),
            t("install dkai again; in a source tree run: python scripts/compile_all.py"),
        )


def _folders() -> Iterator[Check]:
    for id_, name, folder in (
        ("config", t("settings"), paths.config_dir()),
        ("data", t("answers and jobs"), paths.data_dir()),
        ("cache", t("cache"), paths.cache_dir()),
    ):
        existing = next((p for p in (folder, *folder.parents) if p.exists()), Path("/"))
        if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
            yield Check(f"folder-{id_}", name, Verdict.OK, str(folder))
        else:
            yield Check(
                f"folder-{id_}",
                name,
                Verdict.WARN,
                t("{path} cannot be written", path=folder),
                t("change its permissions, or move dkai's folders with DKAI_HOME"),
            )


def _catalogue(today: date) -> Iterator[Check]:
    from dkai.catalogue.open import open_catalogue

    try:
        catalogue = open_catalogue()
        counts = catalogue.counts()
    except DkaiError as error:
        yield Check("catalogue", t("catalogue"), Verdict.BAD, error.message, error.hint)
        return
    try:
        age = (today - date.fromisoformat(str(catalogue.date))).days
    except ValueError:
        yield Check("catalogue", t("catalogue"), Verdict.WARN, t("it does not say how old it is"))
        return
    says = t("{n} entries, of {date}", n=sum(counts.values()), date=catalogue.date)
    if age > 120:
        yield Check(
            "catalogue",
            t("catalogue"),
            Verdict.WARN,
            t("{says}: {days} days old", says=says, days=age),
            t("install a newer dkai; what is past its review date says so wherever it is shown"),
        )
    else:
        yield Check("catalogue", t("catalogue"), Verdict.OK, says)


def _ssh() -> Iterator[Check]:
    program = shutil.which("ssh")
    if program is None:
        yield Check(
            "ssh-client",
            t("SSH client"),
            Verdict.NOTE,
            t("no ssh program here: dkai's own connection is used, and ~/.ssh/config is read without Include"),
            t("install OpenSSH when your sites need jump hosts or security keys"),
        )
    else:
        yield Check("ssh-client", t("SSH client"), Verdict.OK, _ssh_version(program))
    if os.environ.get("SSH_AUTH_SOCK"):
        yield Check("ssh-keys", t("SSH keys"), Verdict.OK, t("an SSH agent is running"))
        return
    folder = Path.home() / ".ssh"
    try:
        keys = sorted(p.name for p in folder.glob("id_*") if p.suffix != ".pub")
    except OSError:
        keys = []
    if keys:
        yield Check("ssh-keys", t("SSH keys"), Verdict.OK, ", ".join(keys))
    else:
        yield Check(
            "ssh-keys",
            t("SSH keys"),
            Verdict.NOTE,
            t("no key and no agent found: needed for places behind SSH only"),
            t("dkai compute connect makes one with you"),
        )


def _ssh_version(program: str) -> str:
    try:
        done = subprocess.run([program, "-V"], capture_output=True, text=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return program
    return one_line(done.stderr or done.stdout or program, 80)


def _extras() -> Iterator[Check]:
    for extra, module in EXTRAS:
        if find_spec(module) is not None:
            yield Check(f"extra-{extra}", t("extra {name}", name=extra), Verdict.OK, t("installed"))
        else:
            yield Check(
                f"extra-{extra}",
                t("extra {name}", name=extra),
                Verdict.NOTE,
                t("not installed: spreadsheets cannot be looked into before they are sent"),
                t("install it with: pip install 'dkai[{name}]'", name=extra),
            )


def _sites() -> Iterator[Check]:
    from dkai.compute.ledger import open_ledger
    from dkai.compute.sites_file import load_sites

    try:
        sites = load_sites()
    except DkaiError as error:
        yield Check("sites", t("sites"), Verdict.WARN, error.message, error.hint)
    else:
        names = ", ".join(sorted(sites))
        if len(sites) > 1:
            yield Check("sites", t("sites"), Verdict.OK, names, t("try one with: dkai compute connect NAME"))
        else:
            yield Check(
                "sites",
                t("sites"),
                Verdict.NOTE,
                t("only this computer"),
                t("add a place of yours with: dkai compute connect"),
            )
    try:
        with open_ledger() as ledger:
            open_jobs = ledger.count_open()
    except (DkaiError, sqlite3.Error) as error:
        message = error.message if isinstance(error, DkaiError) else one_line(str(error))
        hint = error.hint if isinstance(error, DkaiError) else None
        yield Check("ledger", t("jobs"), Verdict.WARN, message, hint)
        return
    says = nt("{n} job has not ended", "{n} jobs have not ended", open_jobs) if open_jobs else t("no open jobs")
    yield Check("ledger", t("jobs"), Verdict.OK, says)
