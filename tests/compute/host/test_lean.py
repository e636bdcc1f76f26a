"""paramiko is loaded without what dkai never uses of it, and nothing else notices."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dkai.compute.host import ssh_config
from dkai.compute.host.ssh_config import hops
from dkai.compute.site import Site
from dkai.core.errors import UserError


def test_invoke_stays_out_and_stays_importable() -> None:
    program = (
        "import sys; from dkai.compute.host.lean import paramiko; assert paramiko.Transport; "
        "assert 'invoke' not in sys.modules; import invoke; assert invoke.run"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_match_exec_without_ssh_is_refused_and_not_misread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("Match exec true\n  Port 77\n")
    monkeypatch.setattr(ssh_config.shutil, "which", lambda _: None)
    with pytest.raises(UserError) as error:
        hops(Site("c", host="ssh", address="h", ssh_config=str(config)))
    assert error.value.code == "ssh-config-needs-ssh"
