"""YAML files → entries that are known to have the right shape; what is wrong is said, file by file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dkai.catalogue.kinds import FOLDERS, folder_of, schema_word
from dkai.catalogue.problems import Problem, did_you_mean
from dkai.catalogue.yaml_file import Where, read_yaml
from dkai.core.clean import one_line
from dkai.core.i18n import t
from dkai.core.oserrors import reason


@dataclass(frozen=True, slots=True)
class Document:
    """One file as it was written: whole, or a few fields that change an earlier layer's entry."""

    kind: str
    id: str
    raw: dict[str, Any]
    file: str  # relative to its layer
    lines: dict[Where, int] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        """Kind and id."""
        return self.kind, self.id


def entry_files(root: Path) -> Iterator[Path]:
    """The YAML files below a layer's folders, in a stable order."""
    for folder in FOLDERS:
        yield from sorted(p for p in (root / folder).glob("*.yaml") if not p.name.startswith("."))


def read_documents(root: Path) -> tuple[list[Document], list[Problem]]:
    """All files of a layer that can be read as entries, and what is wrong with the others."""
    documents: list[Document] = []
    problems = list(_misplaced(root))
    for path in entry_files(root):
        document, wrong = read_document(path, root)
        problems += wrong
        if document is not None:
            documents.append(document)
    return documents, problems


def read_document(path: Path, root: Path) -> tuple[Document | None, list[Problem]]:
    """One file: it must say which schema it follows, and its id must be its name."""
    name = path.relative_to(root).as_posix()
    kind = FOLDERS[path.parent.name]
    read = read_yaml(path, name)
    if read.problems:
        return None, list(read.problems)
    if not isinstance(read.value, dict):
        hint = t("its first line is the schema, such as: schema: {word}", word=schema_word(kind))
        return None, [Problem(name, "", t("is not a list of “field: value” lines"), hint, 1)]
    raw: dict[str, Any] = read.value
    problems = []
    if raw.get("schema") != schema_word(kind):
        hint = t("write: schema: {word}", word=schema_word(kind))
        problems.append(
            Problem(name, "schema", t("is not the schema of a file in {folder}/", folder=folder_of(kind)), hint,
                    read.lines.get(("schema",)))
        )  # fmt: skip
    if raw.get("id") != path.stem:
        hint = t("write: id: {id} – or rename the file", id=path.stem)
        problems.append(Problem(name, "id", t("is not the file's name"), hint, read.lines.get(("id",))))
    if problems:
        return None, problems
    return Document(kind, path.stem, raw, name, read.lines), []


def check_shape(
    document: Document, raw: Mapping[str, Any] | None = None
) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The entry as JSON-ready values, or what is wrong; `raw` is what layers made of it, where they did."""
    from pydantic import ValidationError

    from dkai.catalogue.models.registry import MODELS

    model = MODELS[document.kind]
    try:
        entry = model.model_validate(document.raw if raw is None else raw)
    except ValidationError as error:
        from dkai.catalogue.explain import explain

        return None, list(explain(error, model, document.file, document.lines))
    return entry.model_dump(mode="json", by_alias=True, exclude_none=True), []


def _misplaced(root: Path) -> Iterator[Problem]:
    """Files that look like entries and would be overlooked."""
    try:
        found = sorted(root.iterdir())
    except OSError as error:
        yield Problem(str(root), "", t("cannot be read: {why}", why=reason(error)))
        return
    for path in found:
        if path.is_dir() and path.name not in FOLDERS and not path.name.startswith(".") and any(path.glob("*.y*ml")):
            hint = did_you_mean(path.name, FOLDERS) or t("the folders are: {names}", names=", ".join(FOLDERS))
            yield Problem(one_line(path.name) + "/", "", t("is not a folder of the catalogue"), hint)
        elif path.suffix in (".yaml", ".yml") and path.stem != "layer":
            hint = t("move it into one of: {names}", names=", ".join(FOLDERS))
            yield Problem(one_line(path.name), "", t("lies outside the catalogue's folders"), hint)
    for folder in FOLDERS:
        for path in sorted((root / folder).glob("*.yml")):
            name = path.relative_to(root).as_posix()
            yield Problem(name, "", t("is overlooked: its name ends in .yml"), t("rename it to .yaml"))
