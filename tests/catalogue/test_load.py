"""Files of a layer: which are entries, and what is wrong with the others, in plain words."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalogue.samples import DAY, both, course, provider, tool, write
from dkai.catalogue.load import Document, check_shape, read_documents


def problems_of(made: dict, tmp_path: Path) -> list[str]:
    documents, problems = read_documents(write(tmp_path, made))
    for document in documents:
        problems += check_shape(document)[1]
    return [f"{p} → {p.hint}" if p.hint else str(p) for p in problems]


def test_the_samples_are_right(tmp_path: Path) -> None:
    for made in (tool(), provider(), course()):
        assert problems_of(made, tmp_path) == []


def test_an_entry_comes_back_as_json_values(tmp_path: Path) -> None:
    documents, _ = read_documents(
        write(tmp_path, tool(version={"latest": "1", "released": 2026, "checked": "2026-11-01"}))
    )
    entry, problems = check_shape(documents[0])
    assert problems == []
    assert entry is not None
    assert entry["schema"] == "dkai/tool/1"
    assert entry["version"]["released"] == "2026"
    assert entry["prerequisites"]["checked"] == "2026-11-01"
    assert "package" not in entry  # what is not said is not there


def without(made: dict, *path: str) -> dict:
    place = made
    for name in path[:-1]:
        place = place[name]
    del place[path[-1]]
    return made


@pytest.mark.parametrize(
    ("made", "says"),
    [
        (without(tool(), "licence"), "› licence: is missing"),
        (tool(licence={"code": "free for all"}), "› licence.code: is neither an SPDX name nor a fixed word"),
        (without(tool(), "summary", "da"), "› summary.da: is missing"),
        (tool(licens={"code": "MIT"}), "› licens: is not a field here → did you mean “licence”?"),
        (tool(ring__nov="hold"), "› ring.nov: is not a field here → did you mean “now”?"),
        (tool(ring__now="adapt"), "› ring.now: is “adapt”; it may be: adopt, trial, assess, hold"),
        (tool(ring__now="adapt"), "→ did you mean “adopt”?"),
        (tool(tasks="transcription"), "› tasks: is not a list → write it as [one, two]"),
        (tool(summary="short"), "› summary: is not a group of fields → a text in both languages is {da: …, en: …}"),
        (tool(name=False), "› name: is not text but false → YAML reads no, off, yes and on as false and true"),
        (tool(home="example"), "› home: is not an address: write https://…"),
        (tool(effectiveness__score=6), "› effectiveness.score: is 6; it must be ≤ 5"),
        (tool(effectiveness__evidence=[]), "› effectiveness: has a score and no evidence"),
        (tool(ease__sources=[]), "› ease.sources: is empty"),
        (tool(ease__sources=["one"]), "› ease.sources[1]: is “one”, which has not the right form → a source"),
        (tool(ease__checked="sometime"), "› ease.checked: is not a date → write it as 2026-11-23"),
        (tool(ring__since="2026-99-01"), "› ring.since: is not a date"),
        (tool(version={"latest": "1", "released": "June", "checked": DAY}), "› version.released: is not a date"),
        (tool(prerequisites__disk_gb=-1), "› prerequisites.disk_gb: is -1; it must be > 0"),
        (tool(prerequisites__disk_gb="much"), "› prerequisites.disk_gb: is “much”; it may be: a number, unknown"),
        (tool(tasks=["Two Words"]), "› tasks[1]: is “Two Words”, which has not the right form → small letters"),
        (provider(country=False), "› country: is not text but false → YAML reads no"),
        (provider(country="Denmark"), "› country: is “Denmark”"),
        (provider(login__ssh="maybe"), "› login.ssh: is “maybe”; it may be: true, false, unknown"),
        (provider(carbon={"grid": "DK", "pue": 0.5, "sources": ["S1"], "checked": DAY}), "› carbon.pue: is 0.5; it"),
        (provider(cost__model="cheap"), "› cost.model: is “cheap”; it may be: free-within"),
        (course(ects="many"), "› ects: is “many”; it may be: a number, unknown"),
        (course(level="easy"), "› level: is “easy”; it may be: basic, intermediate, advanced"),
    ],
)  # fmt: skip
def test_mistakes_are_told_in_plain_words(made: dict, says: str, tmp_path: Path) -> None:
    found = problems_of(made, tmp_path)
    assert any(says in line for line in found), found


def test_a_problem_has_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "tools" / "x.yaml"
    path.parent.mkdir()
    path.write_text("schema: dkai/tool/1\nid: x\nname: X\nkind: gadget\n", encoding="utf-8")
    found = problems_of(tool(), tmp_path)
    assert any(line.startswith("tools/x.yaml:4 › kind: is “gadget”") for line in found)


def test_name_and_schema_must_fit_the_place(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools/x.yaml").write_text("schema: dkai/provider/1\nid: y\n", encoding="utf-8")
    (tmp_path / "tools/list.yaml").write_text("- 1\n", encoding="utf-8")
    (tmp_path / "tools/word.yaml").write_text("whisper\n", encoding="utf-8")
    documents, problems = read_documents(tmp_path)
    told = [f"{p} → {p.hint}" for p in problems]
    assert documents == []
    assert any("› schema: is not the schema of a file in tools/ → write: schema: dkai/tool/1" in line for line in told)
    assert any("› id: is not the file's name → write: id: x" in line for line in told)
    assert sum("is not a list of “field: value” lines" in line for line in told) == 2


def test_files_in_the_wrong_place_are_not_overlooked_silently(tmp_path: Path) -> None:
    write(tmp_path, tool())
    (tmp_path / "tool").mkdir()
    (tmp_path / "tool/x.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "stray.yaml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "tools/x.yml").write_text("a: 1\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    _, problems = read_documents(tmp_path)
    assert [str(p) for p in problems] == [
        "stray.yaml: lies outside the catalogue's folders",
        "tool/: is not a folder of the catalogue",
        "tools/x.yml: is overlooked: its name ends in .yml",
    ]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    documents, problems = read_documents(tmp_path / "none")
    assert documents == []
    assert "cannot be read" in str(problems[0])


def test_wrong_types_everywhere_are_problems_only() -> None:
    wrong: list[object] = [None, True, 0, -1.5, "", "x", [], [1], {}, {"da": 1}, both("a", "b")]
    for field in tool():
        for value in wrong:
            made = tool()
            made[field] = value
            check_shape(Document("tool", "sample", made, "tools/sample.yaml"))
