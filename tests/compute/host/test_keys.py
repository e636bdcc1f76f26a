"""Keys on this computer, as ssh-keygen, ssh-add and the program itself see them."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from dkai.compute.host.keys import agent_keys, find_keys, free_name, make_key, read_key
from dkai.core.errors import UserError


def keygen(*words: str) -> str:
    return subprocess.run(["ssh-keygen", *words], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("phrase", ["", "æ b'c\"$(id)`x`"])
def test_a_new_key_is_one_that_openssh_reads(tmp_path: Path, phrase: str) -> None:
    path = tmp_path / "ny mappe" / "id_ed25519"
    made = make_key(path, phrase, "me@here\nssh-rsa AAAA")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert keygen("-y", "-P", phrase, "-f", str(path)).split()[:2] == made.public.split()[:2]
    assert made.fingerprint == keygen("-l", "-f", str(path)).split()[1]
    assert made.encrypted is bool(phrase)
    # A comment is one line: the .pub file goes into authorized_keys as it is.
    assert len(path.with_name("id_ed25519.pub").read_text().splitlines()) == 1


def test_the_wrong_phrase_does_not_open_it(tmp_path: Path) -> None:
    make_key(tmp_path / "k", "right")
    done = subprocess.run(
        ["ssh-keygen", "-y", "-P", "wrong", "-f", str(tmp_path / "k")], check=False, capture_output=True
    )
    assert done.returncode != 0


@pytest.mark.parametrize("there", ["k", "k.pub"])
@pytest.mark.parametrize("dangling", [False, True])
def test_no_file_is_written_over(tmp_path: Path, there: str, dangling: bool) -> None:
    if dangling:
        (tmp_path / there).symlink_to(tmp_path / "elsewhere")
    else:
        (tmp_path / there).write_text("mine")
    with pytest.raises(UserError) as caught:
        make_key(tmp_path / "k")
    assert caught.value.code == "key-exists"
    assert sorted(p.name for p in tmp_path.iterdir()) == [there]
    assert dangling or (tmp_path / there).read_text() == "mine"


def test_a_name_that_is_free(tmp_path: Path) -> None:
    assert free_name("lumi", tmp_path).name == "id_ed25519"
    (tmp_path / "id_ed25519.pub").write_text("")
    assert free_name("lumi", tmp_path).name == "id_ed25519_lumi"
    (tmp_path / "id_ed25519_lumi").symlink_to("nowhere")
    assert free_name("lumi", tmp_path).name == "id_ed25519_lumi_2"


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("rsa", ("-b", "2048")),
        ("rsa", ("-b", "2048", "-m", "PEM")),
        ("ecdsa", ()),
        ("ed25519", ()),
        ("ecdsa", ("-m", "PEM")),
    ],
)
@pytest.mark.parametrize("phrase", ["", "secret"])
def test_what_ssh_keygen_makes_is_found(tmp_path: Path, kind: str, options: tuple[str, ...], phrase: str) -> None:
    path = tmp_path / "key"
    keygen("-q", "-t", kind, "-N", phrase, "-C", "a comment", "-f", str(path), *options)
    (found,) = find_keys(tmp_path)
    assert found.public == (tmp_path / "key.pub").read_text().strip()
    assert (found.fingerprint, found.encrypted) == (keygen("-l", "-f", str(path)).split()[1], bool(phrase))
    # Without its public half beside it, OpenSSH's own format still tells it; the older one does not.
    (tmp_path / "key.pub").unlink()
    left = find_keys(tmp_path)
    assert [k.fingerprint for k in left] == ([] if "PEM" in options else [found.fingerprint])


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff\xfe", b"-----BEGIN OPENSSH PRIVATE KEY-----\n!!!\n-----END OPENSSH PRIVATE KEY-----\n",
     b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n-----END", b"Host *\n  User me\n", b"x" * 200_000],
)  # fmt: skip
def test_what_is_no_key_is_passed_over(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "f").write_bytes(text)
    assert read_key(tmp_path / "f") is None
    assert find_keys(tmp_path) == ()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert find_keys(tmp_path / "none") == ()


def test_keys_of_a_real_agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("id_ed25519", "work"):
        keygen("-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(tmp_path / name))
    socket = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            if socket.exists():
                break
            os.sched_yield()
            subprocess.run(["sleep", "0.05"], check=True)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        for name in ("id_ed25519", "work"):
            subprocess.run(["ssh-add", "-q", str(tmp_path / name)], check=True)
        assert [k.comment for k in agent_keys()] == ["id_ed25519", "work"]
        (tmp_path / "work").unlink()
        both = find_keys(tmp_path)
        assert [(k.path and k.path.name, k.comment, k.in_agent) for k in both] == [
            ("id_ed25519", "id_ed25519", True), (None, "work", True),
        ]  # fmt: skip
    finally:
        agent.terminate()
        agent.wait(5)
    assert agent_keys() == ()
