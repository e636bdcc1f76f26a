"""The JSON Schemas that `dkai schema` prints fit the files that are written by hand: editors check with them."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from dkai.catalogue.kinds import FOLDERS, KINDS
from dkai.catalogue.models.registry import MODELS
from dkai.core.paths import entries_dir


def as_an_editor_reads_it(text: str) -> Any:
    """Dates are text to JSON."""
    return json.loads(json.dumps(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)), default=str))


@pytest.mark.parametrize("kind", KINDS)
def test_every_shipped_entry_fits(kind: str) -> None:
    schema = MODELS[kind].model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    folder = next(name for name, of in FOLDERS.items() if of == kind)
    files = sorted((entries_dir() / folder).glob("*.yaml"))
    assert files
    for path in files:
        wrong = list(validator.iter_errors(as_an_editor_reads_it(path.read_text(encoding="utf-8"))))
        assert not wrong, (path.name, wrong[0].json_path, wrong[0].message)


@pytest.mark.parametrize("kind", KINDS)
def test_every_model_is_described_and_forbids_the_unknown(kind: str) -> None:
    schema = MODELS[kind].model_json_schema()
    for part in [schema, *schema.get("$defs", {}).values()]:
        if part.get("type") == "object":
            assert part["additionalProperties"] is False, part["title"]
            assert part["description"], part["title"]
