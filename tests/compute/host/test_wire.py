"""The programs for the other side, and what they answer, with the real tools."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.host import RemoteFile, wire
from dkai.core.errors import RemoteError


def listed(data: bytes, step: int = 7) -> wire.ListingReader:
    reader = wire.ListingReader()
    for start in range(0, len(data), step):
        reader.feed(data[start : start + step])
    return reader


def test_a_listing_names_files_empty_folders_and_what_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "mappe 'med' $navn"
    (folder / "fuld").mkdir(parents=True)
    (folder / "tom").mkdir()
    (folder / "fuld/ny\nlinje").write_text("123")
    (folder / "link").symlink_to("/etc")
    done = subprocess.run(["sh", "-c", wire.listing_script(str(folder))], capture_output=True, check=True)
    found = listed(done.stdout).result()
    assert [(f.path, f.size) for f in found.files] == [("fuld/ny\nlinje", 3)]
    assert found.folders == ("tom",)
    assert found.left_out == ("link",)


@pytest.mark.parametrize(("make", "code"), [("none", wire.GONE), ("link", wire.NOT_A_FOLDER), ("file", wire.GONE)])
def test_what_is_no_folder_lists_nothing(tmp_path: Path, make: str, code: int) -> None:
    place = tmp_path / "x"
    if make == "link":
        place.symlink_to("/etc")
    if make == "file":
        place.write_text("1")
    done = subprocess.run(["sh", "-c", wire.listing_script(str(place))], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (code, b"")


@pytest.mark.parametrize("data", [b"garbage\0end\0", b"f 12 1.0 name\0", b"x", b"", b"f 1 1.0 a\0end\0more"])
def test_half_a_listing_is_no_listing(data: bytes) -> None:
    with pytest.raises(RemoteError) as caught:
        listed(data).result()
    assert caught.value.code == "bad-listing"


def test_an_empty_folder_lists_nothing() -> None:
    assert listed(b"end\0").result().files == ()


def test_a_listing_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_FILES", 10)
    with pytest.raises(RemoteError) as caught:
        listed(b"".join(b"f 1 1.0 %d\0" % n for n in range(20)))
    assert caught.value.code == "too-many-files"


def test_a_hundred_thousand_names_are_read_quickly() -> None:
    data = b"".join(b"f 12345 1700000000.0123456780 some/folder/of/results/file-%06d.txt\0" % n for n in range(100_000))
    found = listed(data + b"end\0", 65536).result()
    assert found.files[-1] == RemoteFile("some/folder/of/results/file-099999.txt", 12345, 1700000000.012345678)


@given(st.lists(st.binary(min_size=1, max_size=30)), st.integers(0, 5))
def test_what_follows_the_line_comes_whole_however_it_is_cut(pieces: list[bytes], dots: int) -> None:
    got, lines = bytearray(), []

    def begin(line: bytes) -> object:
        lines.append(line)
        return got.extend

    keep = wire.Preface(begin)  # type: ignore[arg-type]
    for byte in b"." * dots + b"the line\n":
        keep(bytes([byte]))
    for piece in pieces:
        keep(piece)
    assert lines == [b"the line"]
    assert bytes(got) == b"".join(pieces)


@pytest.mark.parametrize("line", [b"%%%", b"there ???"])
def test_what_is_no_answer(line: bytes) -> None:
    with pytest.raises(RemoteError):
        wire.parse_sums(line)
    with pytest.raises(RemoteError):
        wire.parse_state(b"there " + line)


def test_a_program_that_works_in_silence_sends_dots() -> None:
    script = wire._BEAT.replace("sleep 10", "sleep 0.1") + "beat\nsleep 0.5\nstill\necho done\nsleep 0.3\n"
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=True)
    dots, _, rest = done.stdout.partition(b"done")
    assert 2 <= len(dots) <= 5 and set(dots) == {ord(".")}
    assert rest == b"\n"


def test_a_program_that_ends_leaves_nobody_holding_its_output() -> None:
    script = wire._BEAT + "trap still EXIT\nbeat\nexit 3\n"
    assert subprocess.run(["sh", "-c", script], capture_output=True, check=False, timeout=5).returncode == 3
