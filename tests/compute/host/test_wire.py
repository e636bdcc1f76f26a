"""The bytes that carry files."""

from __future__ import annotations

import hashlib
import io
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dkai.compute.host import Upload, wire
from dkai.core.errors import DkaiError, RemoteError, UserError

NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(
    lambda n: n not in (".", "..", ".dkai-sums") and "/" not in n and len(n.encode()) < 200
)


def upload(name: str, data: bytes) -> Upload:
    return Upload(name, data, len(data), hashlib.sha256(data).hexdigest())


def archive(files: list[Upload]) -> bytes:
    out = bytearray()
    wire.write_archive(files, out.extend, None)
    return bytes(out)


@given(st.dictionaries(NAMES, st.binary(max_size=2000), max_size=5))
def test_python_reads_the_archive_back(files: dict[str, bytes]) -> None:
    data = archive([upload(name, content) for name, content in files.items()])
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]
    found.pop(".dkai-sums")
    assert found == files


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(NAMES, st.binary(max_size=300), max_size=4))
def test_real_tools_unpack_check_and_list(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    folder = tmp_path_factory.mktemp("w") / "mappe 'med' $navn"
    uploads = [upload(f"input/{name}", content) for name, content in files.items()]
    script = wire.receive_script(str(folder))
    done = subprocess.run(["sh", "-c", script], input=archive(uploads), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    listed = subprocess.run(["sh", "-c", wire.listing_script(str(folder))], capture_output=True, check=True)
    assert {f.path: f.sha256 for f in wire.parse_listing(listed.stdout)} == {u.to: u.sha256 for u in uploads}
    back, names = wire.send_back_script(str(folder), [u.to for u in uploads])
    tar = subprocess.run(["sh", "-c", back], input=names, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(tar)) as stream:
        assert {m.name.removeprefix("./") for m in stream} == {u.to for u in uploads}


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "a/../../b", ".dkai-sums"])
def test_a_name_that_leaves_the_folder_or_is_ours_is_never_sent(name: str) -> None:
    with pytest.raises(DkaiError):
        archive([upload(name, b"")])


def test_a_file_that_shrinks_while_it_is_sent_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"123")
    with pytest.raises(UserError) as caught:
        archive([Upload("f", path, 10, "0" * 64)])
    assert caught.value.code == "input-changed"


@pytest.mark.parametrize("data", [b"garbage", b"12 1.0 name\0", b"x"])
def test_half_a_listing_is_no_listing(data: bytes) -> None:
    with pytest.raises((RemoteError, ValueError)) as caught:
        wire.parse_listing(data)
    assert isinstance(caught.value, RemoteError)


def test_an_empty_folder_lists_nothing() -> None:
    assert wire.parse_listing(b"\0") == []
