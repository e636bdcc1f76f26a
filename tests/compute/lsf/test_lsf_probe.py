"""Discovery of an LSF cluster from a stand-in's commands, in real shells.

On a real LSF the same questions are: bqueues -l; bqueues -w -u ME; bhosts -w; bmgroup -w; busers ME; bparams -a; lsid;
lshosts -w; lshosts -gpu -w. Their true answers should take the place of tests/fixtures/lsf.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.cluster import Cluster, hour_budget
from dkai.compute.host import CommandResult
from dkai.compute.job import JobSpec, Resources
from dkai.compute.scheduler.lsf import Lsf
from dkai.core.errors import RemoteError

SHELLS = [name for name in ("dash", "bash", "busybox", "ksh", "mksh", "zsh") if shutil.which(name)]
Ask = Callable[..., Cluster]
SPEC = JobSpec("dkai-s2eb5wrff5", "r", "1", "s", Resources())
PROGRAMS = {
    "discover": Lsf().discover().argv[2],
    "submit": Lsf().submit(SPEC, "/f", "python3").argv[2],
    "status": Lsf().status([]).argv[2],
    "cancel": Lsf().cancel("dkai-s2eb5wrff5", "/f", "1").argv[2],
    "accounting": Lsf().accounting("dkai-s2eb5wrff5", "/f", "1").argv[2],
}


@pytest.fixture
def ask(lsf: Any) -> Ask:
    """Ask and read the answer, in this shell and environment; `change` replaces a part of the program."""

    def run(sh: str = "dash", change: tuple[str, str] = ("", ""), **env: str) -> Cluster:
        _, option, program, *words = Lsf().discover().argv
        shell = {"busybox": ["busybox", "sh"], "zsh": ["zsh", "--emulate", "sh"]}.get(sh, [sh])
        done = subprocess.run(
            [*shell, option, program.replace(*change), *words], capture_output=True, text=True, check=False, timeout=90,
            env={**os.environ, **env}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return Lsf().parse_discovery(CommandResult(done.returncode, done.stdout, done.stderr), 1_795_593_600.0)

    return run


@pytest.mark.parametrize("sh", SHELLS)
def test_everything_at_once(ask: Ask, sh: str) -> None:
    found = ask(sh)
    assert (found.name, found.scheduler, found.version) == ("example_lsf", "lsf", "10.1.0.12")
    assert [(p.name, p.up, p.max_time_s) for p in found.partitions] == [
        ("hpc", True, 259_200), ("gpuv100", True, 86_400), ("gpua100", False, 86_400),
    ]  # fmt: skip
    assert found.memory_per_slot is True
    assert found.limits is not None
    assert found.limits.max_tres_per_user == {"cpu": 120}
    assert found.limits.max_submit_per_user == 500
    assert found.my_jobs == 0
    assert found.python
    assert found.missing == {}
    assert (found.accounting, found.associations, hour_budget(found, None)) == (False, None, "none")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, None), ("LSF_LOGDIR=/x\n", False), ('LSB_RESOURCE_ENFORCE="memory cpu"\n', True),
        ('LSB_RESOURCE_ENFORCE="cpu gpu"\nLSB_JOB_MEMLIMIT=y\n', False), ("# LSB_RESOURCE_ENFORCE=memory\n", False),
    ],
)  # fmt: skip
def test_how_memory_is_limited(ask: Ask, tmp_path: Path, text: str | None, told: bool | None) -> None:
    if text is not None:
        (tmp_path / "lsf.conf").write_text(text, encoding="utf-8")
    found = ask(LSF_ENVDIR=str(tmp_path))
    assert found.memory_limit_per_slot is told
    assert found.missing == {}


def test_settings_of_the_person(ask: Ask) -> None:
    evil = {
        f"BASH_FUNC_{name}%%": "() {  echo evil\n}" for name in ("bjobs", "bqueues", "awk", "sed", "cut", "timeout")
    }
    found = ask(
        "bash", **evil, LSB_BJOBS_FORMAT="evil", LSB_BQUEUES_FORMAT="evil", BSUB_QUIET="y", LC_ALL="da_DK.UTF-8",
        IFS="abc", SHELLOPTS="errexit:nounset", CDPATH="/:/tmp", BASH_ENV="/nowhere",
    )  # fmt: skip
    assert found.missing == {}
    assert len(found.partitions) == 3


def test_the_folder_for_jobs(ask: Ask, tmp_path: Path) -> None:
    profile = tmp_path / "home" / ".profile"
    profile.write_text("export BLACKHOLE=/dtu/blackhole/00/1\n", encoding="utf-8")
    assert ask(SHELL="/bin/sh").scratch == "/dtu/blackhole/00/1"
    profile.write_text("export BLACKHOLE=/dtu/blackhole/00/1 SCRATCH=/scratch/me\n", encoding="utf-8")
    assert ask(SHELL="/bin/sh").scratch == "/scratch/me"


def test_mbatchd_is_away(ask: Ask, lsf: Any) -> None:
    lsf.set(down=True)
    found = ask()
    assert found.partitions == ()
    assert set(found.missing) == {"queues", "mine", "hosts", "groups", "user", "params", "queue"}
    assert found.missing["queues"] == "LSF is down. Please wait ..."
    assert found.memory_per_slot is None
    assert found.my_jobs is None


def test_nothing_answers(ask: Ask, lsf: Any) -> None:
    """Each command would try for ever: the first that is ended speaks for all of its daemon's."""
    lsf.set(hang=True)
    found = ask(change=("timeout -k 2 25", "timeout -k 1 1"))
    assert found.missing["hosts"] == "LSF's batch daemon (mbatchd) does not answer"
    assert found.missing["queues"].startswith("no answer")
    assert found.python


def test_wrappers_that_talk(ask: Ask, lsf: Any) -> None:
    plain = ask()
    for name in ("bqueues", "bhosts", "lshosts", "bmgroup", "busers", "bparams", "lsid"):
        file = lsf.folder / "bin" / name
        text = file.read_text().replace("exec ", "echo '*** Welcome, dear user ***'; echo 'quota: 90%' >&2; exec ")
        file.write_text(text, encoding="utf-8")
    assert ask().partitions == plain.partitions


def test_places_without_gpus_or_groups(ask: Ask, lsf: Any) -> None:
    for name, text in (("bmgroup", "echo 'No host group defined in the system' >&2; exit 255"),
                       ("lshosts", 'case $1 in -gpu) echo "No GPUs" >&2; exit 255;; esac')):  # fmt: skip
        file = lsf.folder / "bin" / name
        file.write_text(file.read_text().replace("exec ", f"{text}\nexec "), encoding="utf-8")
    found = ask()
    assert found.missing == {}
    assert not any(kind.gres for part in found.partitions for kind in part.nodes)


def test_a_login_shell_finds_it(ask: Ask, lsf: Any, tmp_path: Path) -> None:
    bare = os.pathsep.join(p for p in os.environ["PATH"].split(os.pathsep) if not p.startswith(str(lsf.folder)))
    (tmp_path / "home" / ".profile").write_text(f"echo welcome\nPATH=$PATH:{lsf.folder}/bin\n", encoding="utf-8")
    assert len(ask(PATH=bare, SHELL="/bin/sh").partitions) == 3
    assert len(ask(PATH=bare, LSF_BINDIR=f"{lsf.folder}/bin", SHELL="/bin/false").partitions) == 3


def test_no_lsf_there(ask: Ask, lsf: Any) -> None:
    (lsf.folder / "bin" / "bsub").unlink()
    with pytest.raises(RemoteError) as caught:
        ask(SHELL="/bin/sh")
    assert caught.value.code == "no-lsf"


def test_an_answer_that_is_none() -> None:
    with pytest.raises(RemoteError) as caught:
        Lsf().parse_discovery(CommandResult(0, "hello", "nobody home"), 0.0)
    assert caught.value.code == "no-answer"


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not installed")
@pytest.mark.parametrize("name", PROGRAMS)
def test_shellcheck_finds_nothing(name: str) -> None:
    argv = ["shellcheck", "-s", "sh", "-e", "SC1090,SC1091,SC2016,SC2086,SC2034,SC2088", "-"]
    done = subprocess.run(argv, input=PROGRAMS[name], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
