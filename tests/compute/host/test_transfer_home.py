"""What is written at home, and what never is."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dkai.compute.host.transfer_home import Home
from dkai.core.errors import DkaiError, RemoteError, UserError

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX files")


def bring(home: Home, path: str, data: bytes) -> Path:
    part = home.part(path)
    part.restart()
    part.write(data)
    return part.settle()


@posix
def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("mine")
    home = Home(tmp_path / "home", ["f", "sub/f", "g"])
    home.folder("")
    (tmp_path / "home/sub").symlink_to(elsewhere)
    (tmp_path / "home/f").symlink_to(elsewhere / "mine")
    (tmp_path / "home/g").hardlink_to(elsewhere / "mine")
    with pytest.raises(RemoteError) as caught:
        bring(home, "sub/f", b"theirs")
    assert caught.value.code == "unsafe-path"
    assert bring(home, "f", b"theirs").read_bytes() == b"theirs"
    assert bring(home, "g", b"theirs").read_bytes() == b"theirs"
    assert (elsewhere / "mine").read_text() == "mine"
    assert sorted(p.name for p in elsewhere.iterdir()) == ["mine"]
    assert not (tmp_path / "home/f").is_symlink()


@posix
@pytest.mark.parametrize("kind", ["symlink", "hardlink", "fifo"])
def test_a_part_is_a_plain_file_of_our_own(tmp_path: Path, kind: str) -> None:
    home = Home(tmp_path / "home", ["f"])
    part = home.part("f")
    part.close()
    (file,) = (tmp_path / "home/.dkai/parts").iterdir()
    file.unlink()
    (tmp_path / "mine").write_text("mine")
    if kind == "fifo":
        os.mkfifo(file)
    elif kind == "symlink":
        file.symlink_to(tmp_path / "mine")
    else:
        file.hardlink_to(tmp_path / "mine")
    assert bring(home, "f", b"theirs").read_bytes() == b"theirs"
    assert (tmp_path / "mine").read_text() == "mine"


@posix
@pytest.mark.parametrize("where", [".dkai", ".dkai/parts"])
def test_our_own_folder_is_no_link_either(tmp_path: Path, where: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    place = tmp_path / "home" / where
    place.parent.mkdir(parents=True)
    place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DkaiError) as caught:
        bring(Home(tmp_path / "home", ["f"]), "f", b"1")
    assert caught.value.code == "unsafe-path"
    assert list((tmp_path / "elsewhere").iterdir()) == []


@posix
def test_one_dkai_at_a_time(tmp_path: Path) -> None:
    with Home(tmp_path, ["f"]):
        with pytest.raises(UserError) as caught, Home(tmp_path, ["f"]):
            pass
        assert caught.value.code == "fetch-busy"
    with Home(tmp_path, ["f"]):
        pass


def test_a_folder_in_a_file_s_place_is_said(tmp_path: Path) -> None:
    (tmp_path / "f").mkdir()
    with pytest.raises(UserError) as caught:
        bring(Home(tmp_path, ["f"]), "f", b"1")
    assert caught.value.code == "cannot-write"
    (tmp_path / "g").write_text("1")
    with pytest.raises(DkaiError):
        bring(Home(tmp_path, ["g/h"]), "g/h", b"1")


def test_a_full_disk_is_said_and_what_came_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A write that the system refuses, as on a full disk: no real disk is filled for it.
    home = Home(tmp_path, ["f"])
    part = home.part("f")
    part.write(b"came")

    class Full:
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out = part._out
    monkeypatch.setattr(part, "_out", Full())
    with pytest.raises(RemoteError) as caught:
        part.write(b"more")
    assert caught.value.code == "disk-full"
    out.close()
    assert home.part("f").size == 4


def test_folders_are_private_and_files_too(tmp_path: Path) -> None:
    home = Home(tmp_path / "home", ["a/b/f"])
    place = bring(home, "a/b/f", b"1")
    if os.name == "posix":
        assert place.stat().st_mode & 0o777 == 0o600
        assert {p.stat().st_mode & 0o777 for p in (tmp_path / "home", place.parent, place.parent.parent)} == {0o700}
