"""Host keys against what places have published."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from dkai.app.fingerprints import Verdict, compare, host_name, verdict
from dkai.compute.site import Site

LUMI = Site("l", host="ssh", scheduler="slurm", address="lumi.csc.fi", provider="lumi")
ED25519 = "SHA256:qCFZThjRw8nf0CiZ9rU7b6Zirjq8slAIl5r0xWaVoD0"


def key(**fields: str) -> dict[str, str]:
    return {"host": "lumi.csc.fi", "type": "ssh-ed25519", "fingerprint": ED25519, **fields}


@pytest.mark.parametrize(
    ("site", "shown", "expected"),
    [
        (LUMI, key(), Verdict.SAME),
        (LUMI, key(fingerprint="SHA256:" + "A" * 43), Verdict.OTHER),
        (LUMI, key(host="[lumi.csc.fi]:2222", fingerprint="SHA256:" + "A" * 43), Verdict.OTHER),
        (LUMI, key(type="ecdsa-sha2-nistp256", fingerprint="SHA256:" + "A" * 43), Verdict.OTHER_TYPE),
        # A jump host of one's own is no host of the place: nothing is known of it, and nothing is wrong.
        (LUMI, key(host="gate.example.org", fingerprint="SHA256:" + "A" * 43), Verdict.NOTHING),
        # The same key under an alias is still the place's.
        (LUMI, key(host="my-lumi"), Verdict.SAME),
        (Site("x", provider="no-such"), key(), Verdict.NOTHING),
        (Site("x"), key(), Verdict.NOTHING),
    ],
)
def test_what_the_catalogue_says(site: Site, shown: dict[str, str], expected: Verdict) -> None:
    assert verdict(site, shown) is expected


def test_md5_is_compared_as_ssh_keygen_writes_it(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")], check=True)
    said = subprocess.run(
        ["ssh-keygen", "-l", "-E", "md5", "-f", str(tmp_path / "k.pub")], check=True, capture_output=True, text=True
    ).stdout.split()
    kind, blob = (tmp_path / "k.pub").read_text().split()[:2]
    published: list[dict[str, Any]] = [{"host": "h", "type": kind, "fingerprint": said[1]}]
    shown = {"host": "h", "type": kind, "fingerprint": "SHA256:" + "B" * 43}
    assert compare(published, {**shown, "key": blob}) is Verdict.SAME
    assert compare(published, {**shown, "key": "QUJD"}) is Verdict.OTHER
    assert compare(published, shown) is Verdict.NOT_COMPARABLE


def test_names_as_known_hosts_writes_them() -> None:
    assert host_name("[Login.Example.ORG]:2222") == "login.example.org"
    assert host_name("login.example.org") == "login.example.org"
