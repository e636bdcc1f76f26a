"""The index is made when it must be, and only then; whatever happens to it, the catalogue opens."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from catalogue.samples import tool, write
from dkai.catalogue import open as opening
from dkai.catalogue.added import add_layer
from dkai.catalogue.index import build_index
from dkai.catalogue.open import fingerprint_of, open_catalogue
from dkai.core import paths
from dkai.core.errors import UserError


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the indexes that were made."""
    made: list[str] = []
    real = opening._make

    def count(layers, name):  # type: ignore[no-untyped-def] # stands in for _make
        made.append(name)
        return real(layers, name)

    monkeypatch.setattr(opening, "_make", count)
    return made


def kept() -> list[Path]:
    return sorted((paths.cache_dir() / "catalogue").glob("*.sqlite"))


def test_made_once_and_then_read(entries: Path, compiled: list[str]) -> None:
    write(entries, tool("one"))
    assert open_catalogue().counts() == {"tool": 1}
    assert open_catalogue().counts() == {"tool": 1}
    assert len(compiled) == 1
    assert len(kept()) == 1


def test_a_change_in_a_file_makes_it_anew(entries: Path, compiled: list[str]) -> None:
    write(entries, tool("one"))
    open_catalogue()
    write(entries, tool("one", ring__now="hold"))
    assert open_catalogue().get("one").at("ring.now") == "hold"
    (entries / "tools/one.yaml").rename(entries / "tools/two.yaml")
    write(entries, tool("two"))
    assert [entry.id for entry in open_catalogue().entries("tool")] == ["two"]
    (entries / "tools/two.yaml").unlink()
    assert open_catalogue().counts() == {}
    assert len(compiled) == 4


def test_a_touched_file_is_read_again_but_not_compiled(entries: Path, compiled: list[str]) -> None:
    write(entries, tool("one"))
    open_catalogue()
    os.utime(entries / "tools/one.yaml", (1, 1))
    open_catalogue()
    assert len(compiled) == 1


def test_the_fingerprint_sees_every_kind_of_change(tmp_path: Path) -> None:
    write(tmp_path, tool("one"), tool("two"))
    file = tmp_path / "tools/one.yaml"
    first = fingerprint_of(tmp_path)
    assert fingerprint_of(tmp_path) == first
    stat = file.stat()
    file.write_bytes(file.read_bytes() + b" ")
    os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    longer = fingerprint_of(tmp_path)
    assert longer != first
    file.rename(tmp_path / "tools/three.yaml")
    assert fingerprint_of(tmp_path) not in (first, longer)
    assert fingerprint_of(tmp_path / "nowhere") == "0-0-0-0"


def test_the_shipped_index_is_used_where_it_fits(entries: Path, compiled: list[str]) -> None:
    write(entries, tool("one"))
    shipped = opening.shipped_index()
    build_index(entries, shipped)
    assert open_catalogue().counts() == {"tool": 1}
    assert compiled == []
    # An installation trusts its index: the YAML beside it is never looked at.
    write(entries, tool("two"))
    assert open_catalogue().counts() == {"tool": 1}
    # A checkout does not: the YAML there is what somebody is working on.
    (entries / "../../../../pyproject.toml").touch()
    assert open_catalogue().counts() == {"tool": 2}
    assert len(compiled) == 1


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\x00" + bytes(200)])
def test_a_damaged_index_is_made_again(entries: Path, damage: bytes) -> None:
    write(entries, tool("one"))
    open_catalogue().close()
    (index,) = kept()
    index.write_bytes(damage)
    assert open_catalogue().get("one").id == "one"


def test_damage_in_the_middle_is_mended_while_reading(entries: Path) -> None:
    write(entries, *(tool(f"tool-{n}") for n in range(40)))
    open_catalogue().close()
    (index,) = kept()
    data = bytearray(index.read_bytes())
    for place in range(8192, len(data)):
        data[place] = 0xAB
    index.write_bytes(bytes(data))
    catalogue = open_catalogue()
    assert len(list(catalogue.entries("tool"))) == 40
    assert catalogue.search("tool-7")[0].entry.id == "tool-7"


def test_an_index_of_another_format_is_made_again(entries: Path) -> None:
    write(entries, tool("one"))
    open_catalogue().close()
    (index,) = kept()
    with sqlite3.connect(index) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()
    assert open_catalogue().counts() == {"tool": 1}


def test_a_missing_shipped_index_is_no_matter(entries: Path) -> None:
    assert not opening.shipped_index().exists()
    assert open_catalogue().counts() == {}
    assert open_catalogue().date == ""


def test_without_a_cache_it_works_from_memory(entries: Path, own_home: Path) -> None:
    write(entries, tool("one"))
    own_home.mkdir()
    (own_home / "cache").write_text("a file where the folder should be", encoding="utf-8")
    catalogue = open_catalogue()
    assert catalogue.get("one").id == "one"
    assert catalogue.search("one")


@pytest.mark.parametrize("text", ["", "[]", "null", '{"a": 1}', "\x00", "{"])
def test_a_broken_memory_is_forgotten(entries: Path, own_home: Path, text: str) -> None:
    write(entries, tool("one"))
    memory = own_home / "cache" / "catalogue" / "seen.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(text, encoding="utf-8")
    assert open_catalogue().counts() == {"tool": 1}
    assert open_catalogue().counts() == {"tool": 1}


def test_old_indexes_do_not_pile_up(entries: Path) -> None:
    for n in range(8):
        write(entries, tool(f"tool-{n}"))
        open_catalogue().close()
    assert len(kept()) == 4


def test_many_at_once_all_get_an_answer(entries: Path) -> None:
    write(entries, *(tool(f"tool-{n}") for n in range(20)))
    answers: list[int] = []

    def ask() -> None:
        catalogue = open_catalogue()
        answers.append(len(list(catalogue.entries("tool"))))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [20] * 8
    assert not list((paths.cache_dir() / "catalogue").glob(".*.sqlite.*"))


def test_a_builder_stops_at_every_mistake(tmp_path: Path) -> None:
    root = write(tmp_path / "entries", tool("one"))
    (root / "tools/bad.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(UserError) as wrong:
        build_index(root, tmp_path / "index.sqlite")
    assert wrong.value.code == "bad-catalogue"
    assert "tools/bad.yaml" in wrong.value.message
    assert not (tmp_path / "index.sqlite").exists()


def test_what_is_read_cannot_be_written(entries: Path) -> None:
    write(entries, tool("one"))
    open_catalogue().close()
    catalogue = open_catalogue()
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalogue._database.execute("DELETE FROM entry")


def test_reading_needs_no_model_library_and_no_yaml(own_home: Path, tmp_path: Path) -> None:
    add_layer(write(tmp_path / "layer", tool("layer-tool")), "layer")
    code = (
        "import sys\nfrom dkai.catalogue.open import open_catalogue\nfrom dkai.catalogue.complete import complete_ids\n"
        "c = open_catalogue()\nc.search('transskribere interviews')\nlist(c.entries('tool'))\ncomplete_ids('w')\n"
        "print(*sorted({'pydantic', 'yaml', 'typer', 'rich', 'hashlib', 'snowballstemmer'} & set(sys.modules)))"
    )
    for _ in range(2):  # the first one compiles
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_opening_costs_milliseconds_however_many_entries(entries: Path) -> None:
    from time import perf_counter

    write(entries, *(tool(f"tool-{n}") for n in range(300)))
    build_index(entries, opening.shipped_index())
    best = 1.0
    for _ in range(5):
        start = perf_counter()
        open_catalogue().counts()
        best = min(best, perf_counter() - start)
    assert best < 0.02  # it is below 1 ms; a busy machine is not what this test is about
