"""A screening in a file: readable YAML, whole or not at all, for the person's eyes only.

Files of earlier versions are brought up to date on reading, one step a version; a newer one is refused and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dkai.advise.answer_file import bad_file, check_answers, check_schema, parse_answers, read_plain
from dkai.advise.codec import Mismatch, pack, unpack
from dkai.advise.model import Knowledge
from dkai.advise.screening import VERSION, Screening
from dkai.core.errors import UserError
from dkai.core.files import write_private
from dkai.core.i18n import t

# version → what makes the plain values of that version those of the next
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def write_screening(screening: Screening, path: Path) -> None:
    """Write the file (mode 0600, atomically). Raises UserError."""
    write_private(path, screening_text(screening))


def screening_text(screening: Screening) -> str:
    """The file's text."""
    import yaml

    body = yaml.safe_dump(
        {"schema": f"dkai/screening/{VERSION}", **pack(screening)},
        allow_unicode=True,
        sort_keys=False,
        default_flow_style=False,
        width=110,
    )
    return f"# {t('What dkai advise found. dkai advise show FILE reads it to you.')}\n{body}"


def read_screening(
    path: Path, knowledge: Knowledge, migrations: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = MIGRATIONS
) -> Screening:
    """The screening in a file. Raises UserError that names the field, and never shows half a screening."""
    content = read_plain(path)
    version = check_schema(content.pop("schema", None), path, ("screening",), VERSION)
    while version < VERSION:
        if version not in migrations:
            raise bad_file(path, "schema", t("files of version {n} can no longer be read", n=version))
        content = migrations[version](content)
        version += 1
    try:
        screening: Screening = unpack(Screening, content)
    except Mismatch as error:
        raise bad_file(path, error.where, error.why) from None
    try:
        answers = parse_answers(screening.answers, knowledge)
        check_answers(answers, knowledge)
    except UserError as error:
        raise UserError(f"{path.name}: {error.message}", code=error.code, hint=error.hint) from None
    return replace(screening, answers=answers)
