"""Every output and file that has a JSON Schema, and where its type lives."""

from __future__ import annotations

from importlib import import_module
from typing import Any

# Outputs: the frozen dataclass that the command shows. Files: the model that reads them.
SCHEMAS: dict[str, str] = {
    "doctor": "dkai.app.doctor:Report",
}


def make_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) called `name`; KeyError when SCHEMAS has none."""
    module, _, attribute = SCHEMAS[name].partition(":")
    kind = getattr(import_module(module), attribute)
    if hasattr(kind, "model_json_schema"):
        schema: dict[str, Any] = kind.model_json_schema()
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    from dkai.core.jsonschema import schema_of

    return schema_of(kind, name)
