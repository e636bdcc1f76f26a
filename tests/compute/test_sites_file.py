from __future__ import annotations

import stat
from pathlib import Path

import pytest

from dkai.compute.site import Site, this_computer
from dkai.compute.sites_file import get_site, load_sites, remove_site, save_site, sites_path
from dkai.core.errors import UserError
from dkai.core.levels import Level

LUMI = Site(
    "lumi", host="ssh", scheduler="slurm", provider="lumi", address="lumi.csc.fi", user="åse".replace("å", "a"),
    account="project_465", level=Level.INTERNAL,
)  # fmt: skip


def write(text: str) -> None:
    sites_path().parent.mkdir(parents=True, exist_ok=True)
    sites_path().write_text(text, encoding="utf-8")


def test_this_computer_is_always_there() -> None:
    assert load_sites() == {"local": this_computer()}
    assert not sites_path().exists()


def test_what_is_saved_is_read_again_and_private() -> None:
    save_site(LUMI)
    assert load_sites() == {"local": this_computer(), "lumi": LUMI}
    assert stat.S_IMODE(sites_path().stat().st_mode) == 0o600
    assert sites_path().read_text(encoding="utf-8").startswith("schema: dkai/sites/1\n")
    with pytest.raises(UserError, match="there already"):
        save_site(LUMI)
    save_site(Site("lumi", scheduler="slurm"), replace=True)
    assert get_site("lumi").host == "local"
    remove_site("lumi")
    assert list(load_sites()) == ["local"]


def test_local_can_be_changed_and_changed_back() -> None:
    save_site(Site("local", scheduler="slurm", account="a"))
    assert get_site("local").scheduler == "slurm"
    remove_site("local")
    assert get_site("local") == this_computer()
    with pytest.raises(UserError, match="cannot be removed"):
        remove_site("local")


def test_an_unknown_site_names_the_nearest() -> None:
    save_site(LUMI)
    with pytest.raises(UserError) as error:
        get_site("lumy")
    assert error.value.code == "no-such-site"
    assert "lumi" in (error.value.hint or "")


@pytest.mark.parametrize("name", ["", "Å", "a b", "-x", "x/y", "UPPER", "a" * 41, "../x"])
def test_names(name: str) -> None:
    with pytest.raises(UserError):
        save_site(Site(name))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [", "sites.yaml"),
        ("- a", "sites.yaml"),
        ("sites: {}", "schema"),
        ("schema: dkai/recipe/1\nsites: {}", "schema"),
        ("schema: dkai/sites/1\nsites: []\n", ""),
        ("schema: dkai/sites/1\nsites: [a]", "sites"),
        ("schema: dkai/sites/1\nsites: {x: 3}", "sites › x"),
        ("schema: dkai/sites/1\nsites: {1: {}}", "sites › 1"),
        ("schema: dkai/sites/1\nsites: {x: {hots: local}}", "sites › x › hots"),
        ("schema: dkai/sites/1\nsites: {x: {host: moon}}", "sites › x › host"),
        ("schema: dkai/sites/1\nsites: {x: {host: [local]}}", "sites › x › host"),
        ("schema: dkai/sites/1\nsites: {x: {host: ssh}}", "sites › x › address"),
        ("schema: dkai/sites/1\nsites: {x: {host: ssh, address: '-oProxyCommand=evil'}}", "sites › x › address"),
        ("schema: dkai/sites/1\nsites: {x: {host: ssh, address: 'a b'}}", "sites › x › address"),
        ("schema: dkai/sites/1\nsites: {x: {user: 'a;b'}}", "sites › x › user"),
        ("schema: dkai/sites/1\nsites: {x: {port: 99999}}", "sites › x › port"),
        ("schema: dkai/sites/1\nsites: {x: {port: true}}", "sites › x › port"),
        ("schema: dkai/sites/1\nsites: {x: {account: 12}}", "sites › x › account"),
        ("schema: dkai/sites/1\nsites: {x: {level: secret}}", "sites › x › level"),
        ("schema: dkai/sites/1\nsites: {x: {base: jobs}}", "sites › x › base"),
    ],
)
def test_a_wrong_file_is_named_to_the_field(text: str, place: str) -> None:
    write(text)
    if not place:
        assert load_sites() == {"local": this_computer()}
        return
    with pytest.raises(UserError) as error:
        load_sites()
    assert error.value.code == "bad-sites-file"
    assert place in error.value.message


def test_a_newer_file_is_refused_and_left_alone() -> None:
    write("schema: dkai/sites/2\nsites: {}\n")
    with pytest.raises(UserError) as error:
        save_site(LUMI)
    assert error.value.code == "sites-too-new"
    assert sites_path().read_text() == "schema: dkai/sites/2\nsites: {}\n"


def test_an_empty_file_is_no_sites(tmp_path: Path) -> None:
    write("")
    assert list(load_sites()) == ["local"]
