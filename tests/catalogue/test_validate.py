"""A folder as a whole: references, names, layers; and the catalogue that ships."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml

from catalogue.samples import course, gpu, provider, tool, write
from dkai.catalogue.kinds import FOLDERS
from dkai.catalogue.validate import Validation, validate
from dkai.catalogue.words import COMPETENCES, DISCIPLINES, OTHER, PHASES, TASKS
from dkai.core.paths import entries_dir, recipes_dir

TODAY = date(2026, 11, 23)


def look(root: Path, **more: object) -> Validation:
    return validate(root, TODAY, **more)  # type: ignore[arg-type] # the tests' own shorthand


def told(found: Validation) -> list[str]:
    return [f"{p} → {p.hint}" if p.hint else str(p) for p in found.items]


def test_a_good_folder(tmp_path: Path) -> None:
    root = write(tmp_path, tool("a", related__alternatives=["b"]), tool("b"), provider(), course(), gpu())
    found = look(root)
    assert found.counts == {"tool": 2, "provider": 1, "gpu": 1, "course": 1}
    assert found.errors == 0


def test_references_lead_somewhere(tmp_path: Path) -> None:
    recipes = tmp_path / "recipes"
    (recipes / "transcribe").mkdir(parents=True)
    (recipes / "transcribe/recipe.yaml").touch()
    root = write(
        tmp_path / "layer",
        tool("whisper", aliases=["openai-whisper"]),
        tool("other", related={"alternatives": ["wisper", "openai-whisper"], "recipes": ["transcribe", "transcrib"]}),
        tool("third", ease__easier=["nobody"], prerequisites__skills=["programing:1"]),
        provider("place", hardware=[{"gpu": "h1000", "sources": ["S1"], "checked": "2026-11-01"}]),
        gpu("h100"),
        course("c", trains=["hpc-gpus"], requires=["programming"]),
    )
    assert [line.partition(" › ")[2] for line in told(look(root, recipes=recipes))] == [
        "trains: names “hpc-gpus”, and there is no such competence → did you mean “hpc-gpu”?",
        "hardware: names “h1000”, and there is no such GPU → did you mean “h100”?",
        "related.alternatives: names “wisper”, and there is no such tool → did you mean “whisper” or “openai-whisper”?",
        "related.recipes: names “transcrib”, and there is no such recipe → did you mean “transcribe”?",
        "prerequisites.skills: names “programing”, and there is no such competence"
        " → did you mean “programming” or “prompting”?",
        "ease.easier: names “nobody”, and there is no such tool",
    ]


def test_a_reference_to_an_entry_with_mistakes_is_not_wrong(tmp_path: Path) -> None:
    root = write(tmp_path, tool("a", related__alternatives=["b"]), tool("b", ring__now="x"))
    assert [line.partition(":")[0] for line in told(look(root))] == ["tools/b.yaml"]


def test_two_entries_cannot_have_one_name(tmp_path: Path) -> None:
    root = write(tmp_path, tool("a", aliases=["same"]), tool("b", aliases=["same"]), tool("c", aliases=["a"]))
    lines = told(look(root))
    assert any("“same” is also a name of a" in line for line in lines)
    assert any("“a” is also a name of a" in line for line in lines)
    assert look(root).errors == 2


def test_a_layer_is_judged_on_top_of_what_lies_below(tmp_path: Path) -> None:
    below = write(tmp_path / "below", tool("shared"))
    root = write(tmp_path / "au", tool("au-own", related__alternatives=["shared"]))
    (root / "tools/shared.yaml").write_text("schema: dkai/tool/1\nid: shared\nring: {now: hold}\n", encoding="utf-8")
    found = look(root, below=[("dkai", below)], prefix="au")
    assert told(found) == []
    assert found.counts == {"tool": 2}
    (root / "tools/shared.yaml").write_text("schema: dkai/tool/1\nid: shared\nring: {now: gone}\n", encoding="utf-8")
    (line,) = told(look(root, below=[("dkai", below)]))
    assert line.startswith("tools/shared.yaml:3 › ring.now: is “gone”")


def test_an_institutions_own_entries_carry_its_prefix(tmp_path: Path) -> None:
    found = look(write(tmp_path, tool("mine"), tool("au-mine")), prefix="au")
    assert found.errors == 0
    assert [str(p).partition(":")[0] for p in found.items] == ["tools/mine.yaml"]


def test_mistakes_below_are_not_this_layers(tmp_path: Path) -> None:
    below = write(tmp_path / "below", tool("bad", ring__now="x"))
    assert told(look(write(tmp_path / "au", tool("au-own")), below=[("dkai", below)])) == []


def test_an_empty_folder_is_fine(tmp_path: Path) -> None:
    assert look(tmp_path).counts == {}
    assert told(look(tmp_path)) == []


def test_the_shipped_catalogue_is_right() -> None:
    found = validate(entries_dir(), datetime.now(UTC).date(), recipes=recipes_dir())
    assert told(found) == []
    least_of = {"tool": 130, "provider": 28, "gpu": 30, "course": 95, "portal": 20, "contact": 20, "grid": 7}
    for kind, least in least_of.items():
        assert found.counts.get(kind, 0) >= least, kind
    assert set(found.counts) <= set(FOLDERS.values())


@pytest.mark.parametrize("names", [TASKS, DISCIPLINES, PHASES, COMPETENCES, OTHER])
def test_fixed_words_are_named_in_both_languages(names: dict[str, tuple[str, str]]) -> None:
    for word, (danish, english) in names.items():
        assert danish.strip(), word
        assert english.strip(), word
    danish_names = [danish.lower() for danish, _ in names.values()]
    doubles = {name for name in danish_names if danish_names.count(name) > 1}
    assert not doubles - {"svar ud fra egne dokumenter (rag)"}


def test_every_shipped_entry_has_sources_and_both_languages() -> None:
    """What `validate` demands of each, counted once more without it."""
    for path in sorted(entries_dir().rglob("*.yaml")):
        entry = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert entry["sources"], path
        assert all(source["url"] and source["checked"] for source in entry["sources"].values()), path
        assert entry["summary"]["da"] != entry["summary"]["en"], path
