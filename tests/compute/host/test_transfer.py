"""Files there and home with the real programs in a real sh: cut off anywhere, changed meanwhile, named as they like."""

from __future__ import annotations

import hashlib
import os
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sh_shell import no_leftovers, sh_host

from dkai.compute.host import Listing, RemoteFile, Upload, transfer_down, transfer_up, wire
from dkai.compute.host.ssh import SshHost
from dkai.compute.host.transfer_home import Home
from dkai.core.errors import DkaiError, RemoteError, UserError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sh and GNU's tools")
ODD = [
    "plain", "æøå " + unicodedata.normalize("NFD", "å"), "it's \\ odd", 'q"q', "new\nline", "$(touch /tmp/x)", "`id`",
    "-rf", "--help", " lead", "trail ", "*", "tab\t", "e\x1b[31mred", "n" * 255, "æ" * 127, "d/e/f/" + "g" * 200,
    ".dkai/log", "\udcff not utf-8", "a\\nb",
]  # fmt: skip
NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=40).filter(
    lambda n: n not in (".", "..", ".dkai-sums", wire.IN) and len(n.encode()) < 200
)


def upload(name: str, data: bytes, **more: int) -> Upload:
    return Upload(name, data, len(data), hashlib.sha256(data).hexdigest(), **more)


def home_of(into: Path, listing: Listing) -> Home:
    return Home(into, [file.path for file in listing.files])


def fetch(host: SshHost, folder: Path, into: Path, listing: Listing | None = None) -> Home:
    there = listing or host.listing(str(folder))
    home = home_of(into, there)
    host.fetch(str(folder), there.files, home)
    return home


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer_up, "LARGE", 100_000)
    monkeypatch.setattr(transfer_down, "LARGE", 100_000)


def test_any_name_and_size_goes_there_and_comes_home(tmp_path: Path, small_is_large: None) -> None:
    files = [upload(name, name.encode("utf-8", "surrogateescape")) for name in ODD]
    files += [upload(f"s{n}", os.urandom(n)) for n in (0, 1, 511, 512, 513, 65536, 99_999, 100_000, 300_001)]
    files.append(upload("run me", b"#!", mode=0o700))
    files.append(upload("also 300001", b"x" * 300_001))
    files.append(upload("the same again", b"x" * 300_001))
    host, shell = sh_host()
    there = tmp_path / "der 'ude'"
    seen: list[tuple[int, int]] = []
    host.send(str(there), files, lambda *both: seen.append(both))
    assert shell.channels == 1
    total = sum(file.size for file in files)
    assert seen[-1] == (total, total)
    listing = host.listing(str(there))
    assert {f.path: f.size for f in listing.files} == {f.to: f.size for f in files}
    assert host.sums(str(there), [f.to for f in files]) == {f.to: f.sha256 for f in files}
    assert {p.stat().st_mode & 0o777 for p in (there, there / "d")} == {0o700}
    assert (there / "run me").stat().st_mode & 0o777 == 0o700
    seen.clear()
    home = home_of(tmp_path / "hjem", listing)
    host.fetch(str(there), listing.files, home, lambda *both: seen.append(both))
    assert seen[-1] == (total, total)
    for file in files:
        assert hashlib.sha256(home.place(file.to).read_bytes()).hexdigest() == file.sha256
    assert no_leftovers(tmp_path)
    assert sum(1 for p in (tmp_path / "hjem").rglob("*") if p.is_file()) == len(files)


@settings(max_examples=25, deadline=None)
@given(files=st.dictionaries(NAMES, st.binary(max_size=300), max_size=6))
def test_generated_names(tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]) -> None:
    tmp_path = tmp_path_factory.mktemp("g")
    host, _ = sh_host()
    host.send(str(tmp_path / "far"), [upload(f"in/{name}", data) for name, data in files.items()])
    home = fetch(host, tmp_path / "far", tmp_path / "home")
    assert {name: home.place(f"in/{name}").read_bytes() for name in files} == files


def test_sparse_files_come_whole(tmp_path: Path, small_is_large: None) -> None:
    (tmp_path / "far").mkdir()
    with (tmp_path / "far/sparse").open("wb") as out:
        out.truncate(50_000_000)
        out.seek(20_000_000)
        out.write(b"here")
    host, _ = sh_host()
    home = fetch(host, tmp_path / "far", tmp_path / "home")
    assert home.place("sparse").stat().st_size == 50_000_000
    assert subprocess.run(["cmp", tmp_path / "far/sparse", tmp_path / "home/sparse"], check=False).returncode == 0


# --- cut off


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 700_000), min_size=1, max_size=4))
def test_an_upload_that_is_cut_anywhere_is_gone_on_with(
    tmp_path_factory: pytest.TempPathFactory, small_is_large: None, cuts: list[int]
) -> None:
    tmp_path = tmp_path_factory.mktemp("u")
    files = [upload(f"small{n}", os.urandom(20_000)) for n in range(5)] + [upload("stor\nfil", os.urandom(500_000))]
    host, shell = sh_host(*cuts)
    for number in range(20):
        try:
            host.send(str(tmp_path / "far"), files, again=number > 0)
            break
        except RemoteError as error:
            assert error.code in ("connection-lost", "incomplete-transfer")
            assert shell.cuts or number < len(cuts)
    assert {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (tmp_path / "far").iterdir()} == {
        f.to: f.sha256 for f in files
    }
    assert no_leftovers(tmp_path)


def test_what_has_arrived_is_not_sent_again(tmp_path: Path, small_is_large: None) -> None:
    files = [upload("stor", os.urandom(3_000_000)), upload("lille", b"1")]
    host, shell = sh_host(2_000_000)
    with pytest.raises(RemoteError):
        host.send(str(tmp_path / "far"), files)
    assert not (tmp_path / "far").exists()
    shell.up = 0
    seen: list[int] = []
    host.send(str(tmp_path / "far"), files, lambda done, _: seen.append(done), again=True)
    assert shell.up < 1_200_000
    assert seen[0] > 1_800_000
    shell.up = 0
    host.send(str(tmp_path / "far"), files, again=True)
    assert shell.up < 1_000


def test_a_part_that_is_not_the_file_s_beginning_is_sent_anew(tmp_path: Path, small_is_large: None) -> None:
    big = upload("stor", os.urandom(1_000_000))
    host, _ = sh_host(600_000)
    with pytest.raises(RemoteError):
        host.send(str(tmp_path / "far"), [big])
    (part,) = (tmp_path / "far.incoming" / wire.IN).glob("[0-9a-f]*")
    part.write_bytes(b"other" * 50_000)
    host.send(str(tmp_path / "far"), [big], again=True)
    assert (tmp_path / "far/stor").read_bytes() == big.source


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 700_000), min_size=1, max_size=4))
def test_a_fetch_that_is_cut_anywhere_is_gone_on_with(
    tmp_path_factory: pytest.TempPathFactory, small_is_large: None, cuts: list[int]
) -> None:
    tmp_path = tmp_path_factory.mktemp("f")
    (tmp_path / "far").mkdir()
    for n in range(5):
        (tmp_path / f"far/small{n}").write_bytes(os.urandom(20_000))
    (tmp_path / "far/stor\nfil").write_bytes(os.urandom(500_000))
    listing = sh_host()[0].listing(str(tmp_path / "far"))
    host, _ = sh_host(*cuts)
    for _ in range(20):
        try:
            home = fetch(host, tmp_path / "far", tmp_path / "home", listing)
            break
        except RemoteError as error:
            assert error.code in ("connection-lost", "incomplete-transfer", "bad-listing")
    for file in listing.files:
        assert home.place(file.path).read_bytes() == (tmp_path / "far" / file.path).read_bytes()
    assert no_leftovers(tmp_path)


def test_what_came_home_does_not_come_again(tmp_path: Path, small_is_large: None) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/f").write_bytes(os.urandom(3_000_000))
    listing = sh_host()[0].listing(str(tmp_path / "far"))
    host, shell = sh_host(2_000_000)
    with pytest.raises(RemoteError):
        fetch(host, tmp_path / "far", tmp_path / "home", listing)
    assert not (tmp_path / "home/f").exists()
    shell.down = 0
    fetch(host, tmp_path / "far", tmp_path / "home", listing)
    assert shell.down < 1_200_000


# --- changed, damaged, full


def test_a_file_that_grows_while_it_is_fetched_is_never_a_mix(tmp_path: Path, small_is_large: None) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/a").write_bytes(b"whole")
    (tmp_path / "far/log").write_bytes(os.urandom(3_000_000))

    def grow() -> None:
        with (tmp_path / "far/log").open("ab") as out:
            out.write(b"more")

    host, _ = sh_host(meanwhile=grow)
    with pytest.raises(RemoteError) as caught:
        fetch(host, tmp_path / "far", tmp_path / "home")
    assert caught.value.code == "file-changed"
    assert caught.value.details == {"files": ["log"]}
    assert (tmp_path / "home/a").read_bytes() == b"whole"
    assert not (tmp_path / "home/log").exists()
    # Once it keeps still it is gone on with.
    host, shell = sh_host()
    fetch(host, tmp_path / "far", tmp_path / "home")
    assert (tmp_path / "home/log").read_bytes() == (tmp_path / "far/log").read_bytes()
    assert shell.down < 1_000_000


def test_a_small_file_that_changed_since_the_listing_comes_as_it_is_now(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far/a").write_bytes(b"one")
    host, _ = sh_host()
    listing = host.listing(str(tmp_path / "far"))
    (tmp_path / "far/a").write_bytes(b"another")
    fetch(host, tmp_path / "far", tmp_path / "home", listing)
    assert (tmp_path / "home/a").read_bytes() == b"another"


@pytest.mark.parametrize("size", [3, 200_000])
@pytest.mark.parametrize("instead", ["nothing", "link", "folder"])
def test_what_is_no_file_any_more_is_said(tmp_path: Path, small_is_large: None, size: int, instead: str) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (far / "a").write_bytes(b"x" * size)
    (far / "b").write_bytes(b"stays")
    (tmp_path / "secret").write_bytes(b"s" * size)
    host, _ = sh_host()
    listing = host.listing(str(far))
    (far / "a").unlink()
    if instead == "link":
        (far / "a").symlink_to(tmp_path / "secret")
    if instead == "folder":
        (far / "a").mkdir()
    with pytest.raises(RemoteError) as caught:
        fetch(host, far, tmp_path / "home", listing)
    assert caught.value.code == "file-changed"
    assert sorted(p.name for p in (tmp_path / "home").iterdir()) == [".dkai", "b"]


def test_a_folder_that_became_a_link_leads_nowhere(tmp_path: Path, small_is_large: None) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/f").write_bytes(b"s" * 200_000)
    (tmp_path / "far").mkdir()
    (tmp_path / "far/sub").symlink_to(tmp_path / "elsewhere")
    host, _ = sh_host()
    assert host.listing(str(tmp_path / "far")).left_out == ("sub",)
    claimed = Listing((RemoteFile("sub/f", 200_000, 0.0),))
    with pytest.raises(RemoteError) as caught:
        fetch(host, tmp_path / "far", tmp_path / "home", claimed)
    assert caught.value.code == "file-changed"
    with pytest.raises(RemoteError) as caught:
        host.listing(str(tmp_path / "far/sub"))
    assert caught.value.code == "unsafe-path"


def test_an_input_that_changes_is_not_sent_and_leaves_nothing(tmp_path: Path, small_is_large: None) -> None:
    path = tmp_path / "f"
    for size in (50, 200_000):
        path.write_bytes(b"1" * size)
        planned = Upload("f", path, size, hashlib.sha256(b"1" * size).hexdigest())
        for now in (b"2" * size, b"1" * (size - 1), b"1" * (size + 1)):
            path.write_bytes(now)
            with pytest.raises(UserError) as caught:
                sh_host()[0].send(str(tmp_path / "far"), [planned])
            assert caught.value.code == "input-changed"
            assert [p.name for p in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("size", [3, 200_000])
def test_damage_is_noticed_and_nothing_gets_its_name(tmp_path: Path, small_is_large: None, size: int) -> None:
    class Damaging(type(sh_host()[1])):  # type: ignore[misc]
        def run(self, script: str, feed: object, keep: object, patience: float) -> object:
            def other(write: object) -> None:
                feed(lambda data: write(bytes(data).replace(b"good", b"evil")))  # type: ignore[operator]

            return super().run(script, other if feed else None, keep, patience)

    with pytest.raises(RemoteError) as caught:
        SshHost(Damaging()).send(str(tmp_path / "far"), [upload("f", b"good" * size)])
    assert caught.value.code == "damaged-transfer"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", "a/../../b", ".dkai-sums", ".dkai-in", ".dkai-in/x"])
def test_a_name_that_leaves_the_folder_or_is_ours_is_never_sent(tmp_path: Path, name: str) -> None:
    with pytest.raises(DkaiError):
        sh_host()[0].send(str(tmp_path / "far"), [upload(name, b"")])
    assert list(tmp_path.iterdir()) == []


def test_an_upload_nobody_went_on_with_is_removed_by_a_later_one(tmp_path: Path) -> None:
    for name, days in (("old", 15), ("young", 13)):
        (tmp_path / f"{name}.incoming" / wire.IN).mkdir(parents=True)
        subprocess.run(
            ["touch", "-d", f"{days} days ago", tmp_path / f"{name}.incoming" / wire.IN], check=True
        )  # fmt: skip
    (tmp_path / "mine.incoming").mkdir()  # not dkai's
    sh_host()[0].send(str(tmp_path / "far"), [upload("f", b"1")])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["far", "mine.incoming", "young.incoming"]


# --- a place that cannot be trusted


class Lying:
    """A shell that answers what it likes."""

    name, transport, why, asked = "liar", "sh", "", False

    def __init__(self, out: bytes, errors: bytes = b"") -> None:
        self.out, self.errors = out, errors

    def run(self, script: str, feed: object, keep: object, patience: float) -> tuple[int, bytes]:
        keep(self.out)  # type: ignore[operator]
        return 0, self.errors

    def close(self) -> None: ...


@pytest.mark.parametrize(
    "name", ["../out", "/etc/out", "a/../../out", "not-asked-for", "", ".", "\udcff", "f\0g", "./../f"]
)
def test_only_what_was_asked_for_is_written(tmp_path: Path, name: str) -> None:
    from dkai.compute.host.transfer_tar import END, header

    out = b"\n" + header(name, 3, 0o600) + b"abc" + bytes(509) + END
    listing = Listing((RemoteFile("f", 3, 0.0),))
    with pytest.raises(DkaiError):
        fetch(SshHost(Lying(out)), Path("/x"), tmp_path / "home", listing)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == []


@given(st.binary(max_size=3000))
def test_nonsense_is_no_file(tmp_path_factory: pytest.TempPathFactory, out: bytes) -> None:
    home = tmp_path_factory.mktemp("n") / "home"
    for size in (3, 5_000_000):
        listing = Listing((RemoteFile("f", size, 0.0),))
        for answer in (out, b"\n" + out, b"0 5\n" + out, b"0 99999999\n" + out):
            with pytest.raises(DkaiError):
                fetch(SshHost(Lying(answer, out)), Path("/x"), home, listing)
            assert not (home / "f").exists()


def test_a_listing_that_leads_out_is_refused(tmp_path: Path) -> None:
    for path in ("../x", "/etc/x", "a/../../x"):
        with pytest.raises(RemoteError) as caught:
            home_of(tmp_path / "home", Listing((RemoteFile(path, 1, 0.0),)))
        assert caught.value.code == "unsafe-path"


def test_files_and_program_in_one_go_take_any_name_too(tmp_path: Path) -> None:
    host, _ = sh_host()
    files = [upload(f"in/{name}", name.encode("utf-8", "surrogateescape")) for name in [*ODD, "cr\r", "\n"]]
    answer = host.send_and_run(str(tmp_path / "far"), files, ["echo", "ran"], commit=lambda: None)
    assert (answer.returncode, answer.stdout) == (0, "ran\n")
    assert host.sums(str(tmp_path / "far"), [f.to for f in files]) == {f.to: f.sha256 for f in files}
    assert [p.name for p in (tmp_path / "far").iterdir()] == ["in"]
