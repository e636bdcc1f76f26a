"""Names from elsewhere, as this computer can have them."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.host.names import LONGEST, Places, checked, folds, tame
from dkai.core.errors import RemoteError

LETTERS = st.text(st.sampled_from("aAbBåÅ\u030aeßsS/.ſ"), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("name", "windows", "becomes"),
    [
        ("æøå/ü ñ.txt", False, "æøå/ü ñ.txt"),
        ("a\x1b[31mb", False, "a_[31mb-"),
        ("\u202egpj.exe", False, "_gpj.exe-"),
        ("a:b?.txt", False, "a:b?.txt"),
        ("a:b?.txt", True, "a_b_.txt-"),
        ("con", True, "_-"),
        ("con.txt", True, "_.txt-"),
        ("CONIN$", True, "_-"),
        ("com¹", True, "_-"),
        ("nul .txt", True, "_ .txt-"),
        ("dot.", True, "dot_-"),
        ("back\\slash", True, "back_slash-"),
        ("contract", True, "contract"),
        (".dkai/log", False, "_.dkai-"),
        (".DKAI", False, "_.DKAI-"),
        ("a/.dkai", False, "a/.dkai"),
        ("x" * 255, False, "x" * 255),
    ],
)
def test_names_are_tamed(name: str, windows: bool, becomes: str) -> None:
    found = tame(name, windows)
    if becomes.endswith("-"):
        assert found.startswith(becomes)
        assert found.partition("/")[0][:-6] == becomes
    else:
        assert found == becomes


@given(st.text(max_size=300), st.text(max_size=60), st.booleans(), st.booleans())
def test_no_name_leaves_its_folder_and_no_two_become_one(one: str, two: str, windows: bool, folding: bool) -> None:
    names = []
    for name in {one, two}:
        try:
            names.append(checked(name))
        except RemoteError:
            continue
    found = Places(folding=folding, windows=windows).all(names)
    for name, place in found.items():
        target = Path("/home") / place
        assert target.is_relative_to("/home") and target != Path("/home")
        assert ".." not in target.parts
        assert not any(ord(c) < 32 or 0x7F <= ord(c) < 0xA0 for c in place)
        assert all(len(part.encode()) <= LONGEST for part in place.split("/"))
        assert len(place.split("/")) == len(name.split("/"))
    assert len(set(found.values())) == len(names)


@given(st.lists(LETTERS, max_size=8, unique=True))
def test_where_capitals_do_not_count_no_two_names_are_one(names: list[str]) -> None:
    kept = []
    for name in names:
        try:
            kept.append(checked(name))
        except RemoteError:
            continue
    found = Places(folding=True, windows=False).all(kept)
    folded = [unicodedata.normalize("NFC", unicodedata.normalize("NFC", p).casefold()) for p in found.values()]
    assert len(set(folded)) == len(kept)
    # A folder keeps one place for all that is in it.
    for name, place in found.items():
        for other, its in found.items():
            if name.split("/")[:-1] == other.split("/")[:-1]:
                assert place.split("/")[:-1] == its.split("/")[:-1]


def test_one_of_two_spellings_is_marked() -> None:
    nfc, nfd = "rød grød å", unicodedata.normalize("NFD", "rød grød å")
    found = Places(folding=True, windows=False).all([nfc, nfd])
    assert {found[nfc], found[nfd]} >= {nfd}
    assert len(set(found.values())) == 2
    assert Places(folding=False, windows=False).all([nfc, nfd]) == {nfc: nfc, nfd: nfd}


def test_this_file_system_is_asked(tmp_path: Path) -> None:
    (tmp_path / "Aa").mkdir()
    assert folds(tmp_path / "Aa" / "new") == (tmp_path / "aA").exists()
