"""Built in < institution < one's own: who says what in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from catalogue.samples import both, tool, write
from dkai.catalogue.added import OWN, add_layer, added_layers, own_folder, remove_layer
from dkai.catalogue.layers import leaves, merge_layers, overlay
from dkai.catalogue.load import Document
from dkai.catalogue.open import open_catalogue
from dkai.core.errors import UserError


@pytest.mark.parametrize(
    ("below", "above", "result"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3}}, {"a": {"x": 1, "y": 3}}),  # mappings merge
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),  # lists are replaced
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),  # null deletes
        ({"a": {"x": 1, "y": 2}}, {"a": {"x": None}}, {"a": {"y": 2}}),
        ({}, {"a": None}, {}),
        ({"a": 1}, {"a": {"x": None, "y": 1}}, {"a": {"y": 1}}),
        ({"a": {"x": 1}}, {"a": 5}, {"a": 5}),
    ],
)
def test_overlay(below: dict[str, Any], above: dict[str, Any], result: dict[str, Any]) -> None:
    before = repr(below)
    assert overlay(below, above) == result
    assert repr(below) == before


def test_leaves_are_what_a_layer_said() -> None:
    assert leaves({"a": 1, "b": {"c": 2, "d": [1]}, "e": {}}) == ["a", "b.c", "b.d", "e"]


def doc(id_: str, **fields: Any) -> Document:
    return Document("tool", id_, {"schema": "dkai/tool/1", "id": id_, **fields}, f"tools/{id_}.yaml")


def test_three_layers_and_who_said_what() -> None:
    merged = merge_layers(
        [
            ("dkai", [doc("a", name="A", cost={"model": "free", "note": "n"}, tags=[1])]),
            ("au", [doc("a", cost={"model": "paid"}), doc("au-b", name="B")]),
            ("own", [doc("a", name="Mine", tags=None)]),
        ]
    )
    top = merged["tool", "a"][-1]
    assert top.raw == {
        "schema": "dkai/tool/1", "id": "a", "name": "Mine", "cost": {"model": "paid", "note": "n"},
    }  # fmt: skip
    assert top.origin == {"cost.model": "au", "name": "own", "tags": "own"}
    assert [stage.layer for stage in merged["tool", "a"]] == ["dkai", "au", "own"]
    assert [stage.layer for stage in merged["tool", "au-b"]] == ["au"]


def test_what_a_later_layer_replaces_as_a_whole_is_nobody_elses() -> None:
    merged = merge_layers(
        [("dkai", [doc("a", cost={"x": 1})]), ("au", [doc("a", cost={"x": 2})]), ("own", [doc("a", cost="free")])]
    )
    assert merged["tool", "a"][-1].origin == {"cost": "own"}


def test_a_renamed_entry_is_found_by_its_old_id() -> None:
    merged = merge_layers([("dkai", [doc("new", name="N", aliases=["old"])]), ("au", [doc("old", name="Ours")])])
    assert list(merged) == [("tool", "new")]
    assert merged["tool", "new"][-1].raw["name"] == "Ours"
    assert merged["tool", "new"][-1].raw["id"] == "new"


def test_an_added_layer_and_ones_own_are_part_of_the_catalogue(made, tmp_path: Path) -> None:
    made(tool("shared"), tool("only-dkai"))
    au = write(tmp_path / "au", tool("au-tool"))
    (au / "tools/shared.yaml").write_text(
        "schema: dkai/tool/1\nid: shared\nring: {now: hold}\nlimitations: [{da: vi har målt det, en: we measured}]\n",
        encoding="utf-8",
    )
    add_layer(au, "au")
    mine = own_folder() / "tools"
    mine.mkdir(parents=True)
    (mine / "shared.yaml").write_text(
        "schema: dkai/tool/1\nid: shared\ncommercial_use: restricted\nlicence: {weights: null}\n", encoding="utf-8"
    )
    catalogue = open_catalogue()
    assert catalogue.counts() == {"tool": 3}
    shared = catalogue.get("shared")
    assert shared.at("ring.now") == "hold"
    assert shared.at("ring.since") == "2026-11-01"
    assert shared["commercial_use"] == "restricted"
    assert shared.layers == ("dkai", "au", OWN)
    assert shared.origin["ring.now"] == "au"
    assert shared.origin["commercial_use"] == OWN
    assert catalogue.get("au-tool").layers == ("au",)
    assert catalogue.layer_counts() == {"dkai": 2, "au": 2, OWN: 1}
    assert catalogue.problems == ()


def test_a_layers_mistake_leaves_what_was_there(made, tmp_path: Path) -> None:
    made(tool("shared"))
    bad = tmp_path / "bad" / "tools"
    bad.mkdir(parents=True)
    (bad / "shared.yaml").write_text("schema: dkai/tool/1\nid: shared\nring: {now: nowhere}\n", encoding="utf-8")
    (bad / "broken.yaml").write_text("a: [", encoding="utf-8")
    add_layer(bad.parent, "bad")
    catalogue = open_catalogue()
    assert catalogue.get("shared").at("ring.now") == "trial"
    assert catalogue.get("shared").layers == ("dkai",)
    assert len(catalogue.problems) == 2
    assert any("shared.yaml" in line and "ring.now" in line for line in catalogue.problems)


def test_a_layer_that_is_gone_is_said_and_does_not_stop_anything(made, tmp_path: Path) -> None:
    made(tool("one"))
    add_layer(write(tmp_path / "au", tool("au-tool")), "au")
    assert open_catalogue().counts() == {"tool": 2}
    (tmp_path / "au").rename(tmp_path / "elsewhere")
    catalogue = open_catalogue()
    assert catalogue.counts() == {"tool": 1}
    assert catalogue.problems == (f"{tmp_path / 'au'}: the layer “au” is not there",)


def test_layers_are_added_replaced_and_removed(tmp_path: Path) -> None:
    add_layer(tmp_path / "a", "one")
    add_layer(tmp_path / "b", "two")
    add_layer(tmp_path / "c", "one")
    assert added_layers() == [("two", tmp_path / "b"), ("one", tmp_path / "c")]
    remove_layer("two")
    assert added_layers() == [("one", tmp_path / "c")]
    with pytest.raises(UserError) as wrong:
        remove_layer("three")
    assert wrong.value.code == "unknown-layer"
    assert wrong.value.hint == "the layers are: one"


@pytest.mark.parametrize("text", ["", "[]", '{"layers": [1]}', '{"layers": [{"name": "x"}]}', "\x00", '{"layers": 1}'])
def test_a_broken_list_of_layers_says_what_to_do(own_home: Path, text: str) -> None:
    file = own_home / "config" / "catalogue-layers.json"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserError) as wrong:
        added_layers()
    assert wrong.value.code == "bad-layers"
    assert "dkai catalogue add DIR" in (wrong.value.hint or "")


def test_texts_of_a_layer_can_be_changed_in_one_language(made, tmp_path: Path) -> None:
    made(tool("shared"))
    add_layer(tmp_path / "au", "au")
    (tmp_path / "au/tools").mkdir(parents=True)
    (tmp_path / "au/tools/shared.yaml").write_text(
        "schema: dkai/tool/1\nid: shared\nsummary: {da: Vores ord.}\n", encoding="utf-8"
    )
    assert open_catalogue().get("shared")["summary"] == both("Vores ord.", "An example called shared.")
