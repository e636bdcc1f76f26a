import os
import stat
from pathlib import Path

import pytest

from dkai.core.errors import UserError
from dkai.core.files import private_folder, read_text, write_private


def test_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "ny" / "svar æøå.yaml"
    write_private(path, "blåbær")
    write_private(path, "rødgrød")
    assert path.read_text(encoding="utf-8") == "rødgrød"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "answers.yaml"
    write_private(path, "old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError) as caught:
        write_private(path, "new")
    assert caught.value.code == "cannot-write"
    assert "the disk is full" in caught.value.message
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(UserError):
        private_folder(tmp_path / "x" / "y")


def test_reading(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"\xef\xbb\xbfhej")
    assert read_text(path) == "hej"
    path.write_bytes(b"bl\xe5")
    with pytest.raises(UserError, match="byte 2"):
        read_text(path)
    path.write_bytes(b"x" * 20)
    with pytest.raises(UserError, match="larger"):
        read_text(path, limit_bytes=10)
    with pytest.raises(UserError, match="cannot read"):
        read_text(tmp_path)
    with pytest.raises(UserError, match="cannot read"):
        read_text(tmp_path / "none")
