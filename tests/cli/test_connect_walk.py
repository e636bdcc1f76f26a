"""`dkai compute connect` without a name: the walk, as a newcomer at a terminal goes it."""

from __future__ import annotations

import json
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from terminal import Terminal

from dkai.app.new_site import drafts
from dkai.compute.sites_file import load_sites
from dkai.core import i18n
from dkai.core.i18n import t

Dkai = Callable[..., Any]
ENTER, DOWN = "\n", "\x1b[B"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder without a single key."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    return folder


def past(screen: Terminal, text: str) -> None:
    """Wait for the text, and look only at what comes after it from now on."""
    screen.see(text)
    screen.screen = screen.screen[screen.screen.index(text) + len(text) :]


def prompt(screen: Terminal, text: str, keys: str) -> None:
    """Wait for a question, and for its letters below it; then type."""
    past(screen, text)
    screen.see("]")
    screen.type(keys)


def secret(screen: Terminal, text: str, keys: str) -> None:
    """Wait for a question whose answer is not shown; then type."""
    past(screen, text)
    screen.type(keys + ENTER)


def to_the_user_name(screen: Terminal) -> None:
    prompt(screen, "words", "lumi" + ENTER)
    prompt(screen, "1  LUMI · all eight universities", ENTER)


def test_leaving_at_any_question_loses_nothing(home: Path, dkai: Dkai) -> None:
    with Terminal("compute", "connect") as screen:
        to_the_user_name(screen)
        screen.see("A log-in is not an allocation")
        screen.see("https://www.deic.dk/")
        prompt(screen, "user name", "q" + ENTER)
        assert screen.wait() == 0
        assert "dkai compute connect lumi" in screen.screen
    assert (load_sites()["lumi"].address, load_sites()["lumi"].scheduler) == ("lumi.csc.fi", "slurm")
    with Terminal("compute", "connect") as screen:
        prompt(screen, "Go on with it?", "1")
        screen.see("Going on where you stopped")
        prompt(screen, "user name", "not;a name" + ENTER)
        screen.see("characters that do not belong there")
        prompt(screen, "user name", ENTER)
        screen.see("please type it")
        prompt(screen, "user name", "me" + ENTER)
        prompt(screen, "Which SSH key", "\x03")
        assert screen.wait() == 130
        assert "your answers are kept" in screen.screen and "Traceback" not in screen.screen
    assert load_sites()["lumi"].user == "me"
    with Terminal("compute", "connect", "lumi") as screen:
        # Back leads over sittings.
        prompt(screen, "Which SSH key", "b")
        prompt(screen, "user name", "b" + ENTER)
        prompt(screen, "Where would you like", "lumi" + ENTER)
        prompt(screen, "1  LUMI · all eight universities", ENTER)
        prompt(screen, "user name", "me" + ENTER)
        prompt(screen, "Which SSH key", "3")
        prompt(screen, "Which account", "project_1" + ENTER)
        prompt(screen, "Which folder", "b" + ENTER)
        prompt(screen, "Which account", "project_2" + ENTER)
        prompt(screen, "Which folder", "relative" + ENTER)
        screen.see("an absolute path is expected")
        prompt(screen, "folder", "/scratch/me" + ENTER)
        screen.see("no word of any institution")
        prompt(screen, "Up to which level", "2")
        assert screen.wait(60) == 4  # no such place from here
    site = load_sites()["lumi"]
    assert (site.account, site.base, site.level) == ("project_2", "/scratch/me", "internal")
    # All is answered: what is left is the test, and that is what the name alone now means.
    assert set(drafts()["lumi"].answered) == {"place", "user", "key", "account", "base", "level"}


def test_a_place_that_needs_another_way_says_how_one_gets_in(home: Path) -> None:
    with Terminal("compute", "connect") as screen:
        prompt(screen, "words", "colab" + ENTER)
        prompt(screen, "another way in", ENTER)
        screen.see("dkai cannot submit to Google Colab")
        screen.see("dkai catalogue show google-colab")
        prompt(screen, "words", "zzzzqqq" + ENTER)
        screen.see("Nothing in the catalogue fits")
        prompt(screen, "search with other words", "q")
        assert screen.wait() == 0
    assert list(load_sites()) == ["local"]


def test_all_places_are_those_that_dkai_can_submit_to(home: Path) -> None:
    with Terminal("compute", "connect") as screen:
        prompt(screen, "words", ENTER)
        shown = screen.see("more places")
        prompt(screen, "q = stop", "q")
        assert screen.wait() == 0
    assert "AI Cloud · AAU" in shown and "another way" not in shown


def test_ucloud_is_connected_without_a_key_or_a_token(home: Path) -> None:
    with Terminal("compute", "connect", "ucloud") as screen:
        prompt(screen, "Which drive at UCloud", "12345" + ENTER)
        screen.see("an absolute path is expected")
        prompt(screen, "folder", "/12345" + ENTER)
        prompt(screen, "Up to which level", "2")
        screen.see("there is no token to ask with")
        screen.see("dkai compute handoff")
        assert screen.wait(60) == 0
    site = load_sites()["ucloud"]
    assert (site.host, site.scheduler, site.address, site.base) == ("ucloud", "ucloud", "cloud.sdu.dk", "/12345")


def test_a_new_key_is_made_shown_and_waits_for_its_registration(home: Path) -> None:
    with Terminal("compute", "connect", "l", "--provider", "lumi") as screen:
        prompt(screen, "user name", "me" + ENTER)
        prompt(screen, "make a new key: ~/.ssh/id_ed25519", "1")
        secret(screen, "passphrase (empty: none):", "one")
        secret(screen, "the same again:", "two")
        past(screen, "once more")
        secret(screen, "passphrase (empty: none):", "s3cret")
        secret(screen, "the same again:", "s3cret")
        screen.see("MyAccessID/Puhuri")
        prompt(screen, "later: keep everything", "2")
        assert screen.wait() == 0
        assert "s3cret" not in screen.screen
        public = (home / ".ssh/id_ed25519.pub").read_text().strip()
    assert stat.S_IMODE((home / ".ssh/id_ed25519").stat().st_mode) == 0o600
    done = subprocess.run(
        ["ssh-keygen", "-y", "-P", "s3cret", "-f", str(home / ".ssh/id_ed25519")], check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    assert done.stdout.split()[:2] == public.split()[:2]
    # The next time it is the first of the keys to choose from, and a new one gets a name of its own.
    with Terminal("compute", "connect", "l2", "--provider", "lumi", env={"COLUMNS": "160"}) as screen:
        prompt(screen, "user name", "me" + ENTER)
        screen.see("~/.ssh/id_ed25519 · ssh-ed25519")
        screen.see("with a passphrase")
        prompt(screen, "make a new key: ~/.ssh/id_ed25519_l2", "1")
        # The whole line, unbroken, to be copied.
        screen.see(public)
        prompt(screen, "it is registered", "q")
        assert screen.wait() == 0
    assert load_sites()["l2"].identity == str(home / ".ssh/id_ed25519")


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ((), ["NAME", "--provider or --host", "--user"]),
        (("--user", "me"), ["NAME", "--provider or --host"]),
        (("--provider", "lumi"), ["--user"]),
        (("x", "--account", "a"), ["--provider or --host", "--user"]),
    ],
)
def test_without_a_terminal_the_missing_options_are_named(
    dkai: Dkai, words: tuple[str, ...], missing: list[str]
) -> None:
    done = dkai("compute", "connect", *words, "--format", "json", check=2)
    error = json.loads(done.stderr)["error"]
    assert (error["code"], error["details"]["missing"]) == ("missing-options", missing)
    assert list(load_sites()) == ["local"]


def test_options_answer_all_without_a_terminal(dkai: Dkai, tmp_path: Path) -> None:
    dkai("compute", "connect", "--provider", "lumi", "--host", "no-such-host.invalid", "--user", "me", "--account",
         "project_1", "--identity", str(tmp_path / "k"), "--level", "internal", "--transport", "paramiko", "--base",
         "/scratch/me", check=4)  # fmt: skip
    site = load_sites()["lumi"]
    assert (site.user, site.account, site.level, site.transport, site.base) == (
        "me", "project_1", "internal", "paramiko", "/scratch/me",
    )  # fmt: skip
    dkai("compute", "connect", "lumi", "--user", "you", check=4)
    assert load_sites()["lumi"].user == "you"
    assert "--transport" in dkai("compute", "connect", "lumi", "--transport", "telnet", check=2).stderr
    dkai("compute", "sites", "set", "lumi", "--account", "")
    assert load_sites()["lumi"].account is None


def test_a_mistyped_name_is_no_new_site(home: Path, dkai: Dkai) -> None:
    dkai("compute", "sites", "add", "lumi", "--provider", "lumi", "--user", "me")
    with Terminal("compute", "connect", "lumy") as screen:
        assert screen.wait() == 1
    assert "did you mean lumi" in screen.screen


def test_a_kept_file_that_is_broken_is_no_obstacle(home: Path, own_home: Path) -> None:
    (own_home / "data").mkdir(parents=True)
    (own_home / "data/connecting.json").write_text('{"schema": "dkai/connecting/1", "drafts": [')
    with Terminal("compute", "connect") as screen:
        prompt(screen, "words", "q" + ENTER)
        assert screen.wait() == 0


@pytest.fixture(params=["en", "da"])
def spoken(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both languages; what is waited for is translated as the program does it."""
    i18n.use_language(request.param)
    yield request.param
    i18n.use_language("en")


def test_from_nothing_to_a_first_job(lab: Any, home: Path, spoken: str, dkai: Dkai) -> None:
    """No site, no known host: the walk, a yes to the host key, every step, and a job that ends."""
    (home / ".ssh").mkdir(mode=0o700)
    (home / ".ssh/config").write_text(
        f"Host cluster\n  HostName 127.0.0.1\n  Port {lab.port}\n  UserKnownHostsFile {home}/.ssh/known_hosts\n"
        "  GlobalKnownHostsFile /dev/null\n"
    )
    (home / ".ssh/id_ed25519").write_bytes(lab.user("alice").key.read_bytes())
    (home / ".ssh/id_ed25519").chmod(0o600)
    config = ("--ssh-config", str(home / ".ssh/config"), "--python", str(lab.python))
    with Terminal("--lang", spoken, "compute", "connect", *config) as screen:
        prompt(screen, t("words"), "zzzzqqq" + ENTER)
        prompt(screen, t("a cluster with Slurm that is not in the list"), "2")
        prompt(screen, t("host"), "cluster" + ENTER)
        prompt(screen, t("user name"), "alice" + ENTER)
        prompt(screen, "~/.ssh/id_ed25519", "1")
        prompt(screen, t("it is registered: go on"), "1")
        prompt(screen, t("account"), ENTER)
        prompt(screen, t("folder"), ENTER)
        prompt(screen, t("public"), "2")
        screen.see("SHA256:")
        screen.see("]")
        screen.type(("j" if spoken == "da" else "y") + ENTER)
        prompt(screen, "project_a", "3")
        screen.see("dkai compute submit gpu-check --site cluster", 60)
        assert screen.wait(60) == 0
        assert "Traceback" not in screen.screen
    assert drafts() == {}
    site = load_sites()["cluster"]
    assert (site.user, site.level, site.account) == ("alice", "internal", None)
    submit = ("compute", "submit", "gpu-check", "--site", "cluster", "--account", "project_a", "--follow")
    with Terminal("--lang", spoken, *submit) as screen:
        screen.see("[j/N" if spoken == "da" else "[y/N", 60)
        screen.type(("j" if spoken == "da" else "y") + ENTER)
        screen.wait(90)
        assert "dkai compute fetch" in screen.screen or "dkai compute receipt" in screen.screen, screen.screen
