from dataclasses import dataclass
from datetime import date
from typing import Literal

import pytest

from dkai.core.jsonschema import schema_of
from dkai.core.levels import Level
from dkai.core.text import Text
from dkai.core.unknown import Unknown


@dataclass(frozen=True)
class Part:
    """A part."""

    name: Text
    pair: tuple[int, str]


@dataclass(frozen=True)
class Whole:
    """A whole.

    More words.
    """

    items: tuple[Part, ...]
    level: Level | None
    price: float | Unknown
    kind: Literal["a", "b"]
    when: date
    extra: dict[str, list[bool]]


def test_a_dataclass_has_the_schema_of_its_plain_form() -> None:
    schema = schema_of(Whole, "whole")
    assert schema["title"] == "dkai/whole/1"
    assert schema["description"] == "A whole."
    assert schema["required"] == ["schema", "items", "level", "price", "kind", "when", "extra"]
    properties = schema["properties"]
    assert properties["schema"] == {"const": "dkai/whole/1"}
    assert properties["items"] == {"type": "array", "items": {"$ref": "#/$defs/Part"}}
    assert properties["level"] == {
        "anyOf": [{"enum": ["public", "internal", "confidential", "sensitive"]}, {"type": "null"}]
    }
    assert properties["price"]["anyOf"][1]["required"] == ["unknown"]
    assert properties["kind"] == {"enum": ["a", "b"]}
    assert properties["extra"] == {
        "type": "object",
        "additionalProperties": {"type": "array", "items": {"type": "boolean"}},
    }
    assert schema["$defs"]["Part"]["properties"]["name"] == {"type": "string"}
    assert schema["$defs"]["Part"]["properties"]["pair"]["maxItems"] == 2


def test_a_type_without_plain_form_has_no_schema() -> None:
    @dataclass
    class Odd:
        thing: complex

    with pytest.raises(TypeError):
        schema_of(Odd, "odd")
