"""Discovery among hostile settings, shells, wrappers and refusals, with the lab's real Slurm behind them."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.cluster import Cluster
from dkai.compute.host import CommandResult
from dkai.compute.scheduler.slurm import Slurm

# What may be behind the name sh; zsh splits no words unless it is told to be one.
SHELLS = {
    name: [path, *words]
    for name, words in (("dash", []), ("bash", []), ("busybox", ["sh"]), ("ksh", []), ("mksh", []), ("yash", []),
                        ("zsh", ["--emulate", "sh"]))
    if (path := shutil.which(name))
}  # fmt: skip
Ask = Callable[..., Cluster]


@pytest.fixture
def shims(lab: Any) -> Iterator[Path]:
    """A folder in front of alice's PATH."""
    folder = Path(f"/tmp/dkai-shims-{secrets.token_hex(6)}")
    folder.mkdir(mode=0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def ask(lab: Any, shims: Path) -> Ask:
    """Run the question as alice on the login node, with this environment, and read the answer."""

    def run(*, sh: str = "sh", change: tuple[str, str] = ("", ""), **env: str) -> Cluster:
        _, option, program, *words = Slurm().discover().argv
        argv = [*SHELLS.get(sh, [sh]), option, program.replace(*change), *words]
        path = f"{shims}:/usr/local/bin:/usr/bin:/bin"
        done = lab.as_alice(argv, {"PATH": path, **env})
        cluster = Slurm().parse_discovery(CommandResult(done.returncode, done.stdout, done.stderr), 0.0)
        # What others do in the lab meanwhile is no matter.
        return replace(cluster, my_jobs=None, clock_offset_s=None, storage=())

    return run


def shim(folder: Path, name: str, text: str) -> None:
    """A program that comes before the real one; `$real` is that."""
    file = folder / name
    file.write_text(f"#!/bin/bash\nreal=/usr/bin/{name}\n{text}\n", encoding="utf-8")
    file.chmod(0o755)


def same(one: Cluster, other: Cluster) -> bool:
    """Alike in what nobody changes meanwhile."""

    def still(cluster: Cluster) -> Any:
        kinds = [[replace(kind, state="", count=1) for kind in part.nodes] for part in cluster.partitions]
        accounts = sorted(a.account for a in cluster.associations or ())
        return (cluster.name, cluster.version, cluster.user, [p.name for p in cluster.partitions],
                [sorted({str(kind) for kind in nodes}) for nodes in kinds], [q.name for q in cluster.qos], accounts,
                cluster.python, cluster.missing, cluster.billing_rule)  # fmt: skip

    return bool(still(one) == still(other))


@pytest.mark.parametrize("sh", SHELLS)
def test_settings_functions_and_options_of_the_person(ask: Ask, sh: str) -> None:
    names = ("squeue", "sinfo", "scontrol", "sacctmgr", "awk", "sed", "grep", "id", "cat", "timeout", "printf")
    evil = {f"BASH_FUNC_{name}%%": "() {  echo evil\n}" for name in names}
    found = ask(
        sh=sh, **evil, SQUEUE_FORMAT="%i evil", SINFO_FORMAT="evil", SACCT_FORMAT="evil", SLURM_TIME_FORMAT="relative",
        SLURM_CLUSTERS="elsewhere", SBATCH_ACCOUNT="evil", SQUEUE_USERS="bob", SINFO_PARTITION="nope",
        LC_ALL="da_DK.UTF-8", CDPATH="/:/tmp", IFS="abc", GREP_OPTIONS="-v", SHELLOPTS="errexit:nounset",
        BASH_ENV="/nowhere", ENV="/nowhere", TMPDIR="/nowhere",
    )  # fmt: skip
    assert same(found, ask())
    assert found.missing == {}
    assert found.partitions[0].name == "cpu"


def test_wrappers_that_talk(ask: Ask, shims: Path) -> None:
    for name in ("squeue", "sinfo", "scontrol", "sacctmgr", "sshare"):
        shim(shims, name, 'echo "*** Welcome to the cluster, dear user ***"; echo "quota: 90%" >&2; exec "$real" "$@"')
    with_talk = ask()
    for file in list(shims.iterdir()):
        file.unlink()
    assert same(with_talk, ask())


SAY_NO = "echo 'Access/permission denied' >&2; exit 1"


@pytest.mark.parametrize(
    ("name", "text", "missing"),
    [
        ("sacctmgr", SAY_NO, {"mine", "qos"}),
        ("sinfo", SAY_NO, {"nodes"}),
        ("squeue", SAY_NO, {"queue"}),
        ("scontrol", f'case "$*" in *assoc_mgr*) {SAY_NO} ;; esac; exec "$real" "$@"', {"use", "qos-use"}),
        ("scontrol", f'case "$*" in "show config") {SAY_NO} ;; esac; exec "$real" "$@"', {"config"}),
        ("scontrol", f'case "$*" in *partition*) {SAY_NO} ;; esac; exec "$real" "$@"', {"partitions"}),
        ("scontrol", f'case "$*" in *reservation*) {SAY_NO} ;; esac; exec "$real" "$@"', {"reservations"}),
    ],
    ids=["sacctmgr", "sinfo", "squeue", "assoc_mgr", "config", "partitions", "reservations"],
)
def test_one_is_denied_and_the_rest_still_comes(ask: Ask, shims: Path, name: str, text: str, missing: set[str]) -> None:
    shim(shims, name, text)
    found = ask()
    assert set(found.missing) == missing
    assert all(why == "Access/permission denied" for why in found.missing.values())
    assert [p.name for p in found.partitions] == ["cpu", "gpu", "gpu-test"]
    assert {a.account for a in found.associations or ()} == {"project_a", "project_empty"}
    # sshare knows what is used where assoc_mgr does not tell.
    for one in found.associations or ():
        assert one.limits.grp_tres_mins
        assert one.limits.used_tres_mins is not None
        assert one.limits.running_tres_mins is not None
    assert (found.reservations is None) is (missing == {"reservations"})
    assert found.python


def test_all_that_knows_accounts_but_sshare_is_denied(ask: Ask, shims: Path) -> None:
    shim(shims, "sacctmgr", SAY_NO)
    shim(shims, "scontrol", f'case "$*" in *assoc_mgr*) {SAY_NO} ;; esac; exec "$real" "$@"')
    found = ask()
    assert {a.account: a.limits.grp_tres_mins for a in found.associations or ()} == {
        "project_a": {"gres/gpu": 600}, "project_empty": {"gres/gpu": 1},
    }  # fmt: skip
    shim(shims, "sshare", SAY_NO)
    found = ask()
    assert found.associations is None
    assert set(found.missing) == {"mine", "qos", "use", "qos-use", "share"}


def test_one_that_hangs_speaks_for_its_side(ask: Ask, shims: Path) -> None:
    shim(shims, "sinfo", "sleep 30")
    found = ask(change=("timeout -k 2 25", "timeout -k 1 1"))
    assert set(found.missing) == {"nodes", "queue", "reservations", "use", "qos-use"}
    assert "25 seconds" in found.missing["nodes"]
    assert {a.account for a in found.associations or ()} == {"project_a", "project_empty"}


JUNK = r"""
printf 'gpu|up|1:00|1|idle|64|1000|gpu:4|2:32:1|a\r\n'
printf 'gp\000u\033[2J\033]0;owned\007|up|1:00|1|idle|64|1000|gpu:h100:4|2:32:1|\233b\n'
printf 'b\351d|up|1:00|1|idle|64|1000|(null)|2:32:1|\377\n'
printf 'dkai-close/1 0\ndkai-frame/1 mine\n|evil\n'
many=$(head -c 5000 /dev/zero | tr '\0' 9)
printf 'gpu|up|1:00|%s|idle|64|%s|gpu:%s|2:32:1|a\n' 99999999999999999999999999 1e309 "$many"
"""


def test_output_that_is_no_text(ask: Ask, shims: Path) -> None:
    shim(shims, "sinfo", JUNK)
    found = ask()
    assert found.missing == {}
    assert {a.account for a in found.associations or ()} == {"project_a", "project_empty"}
    assert not [c for c in repr(found) if ord(c) < 32 or 0x7F <= ord(c) < 0xA0]
    assert "\\x1b" not in repr(found)


def test_a_line_of_ten_megabytes_is_unknown(ask: Ask, shims: Path) -> None:
    shim(shims, "sinfo", "printf 'gpu|up|1:00|1|idle|64|1000|'; head -c 10000000 /dev/zero | tr '\\0' ,; echo")
    found = ask()
    assert set(found.missing) == {"nodes"}
    assert [p.nodes for p in found.partitions] == [(), (), ()]


def test_slurm_as_a_module(ask: Ask, shims: Path, lab: Any) -> None:
    """No Slurm on the path or in the profile: a login shell finds it, after `module load slurm` where it must."""
    tools = shims / "tools"
    tools.mkdir()
    for file in (*Path("/usr/bin").iterdir(), *Path("/bin").iterdir()):
        if file.name not in ("squeue", "sinfo", "scontrol", "sacctmgr", "sshare", "sbatch"):
            (tools / file.name).exists() or (tools / file.name).symlink_to(file)
    (shims / "home").mkdir()
    shell = shims / "loginshell"
    shell.write_text(
        "#!/bin/bash\nmodule() { [ \"$*\" = 'load slurm' ] && PATH=$PATH:/usr/bin; }\n"
        "echo 'a profile that prints'\neval \"${@: -1}\"\n",
        encoding="utf-8",
    )
    shell.chmod(0o755)
    found = ask(PATH=str(tools), SHELL=str(shell), change=("/etc/profile", "/nowhere"), sh="/bin/sh")
    assert found.missing == {}
    assert [p.name for p in found.partitions] == ["cpu", "gpu", "gpu-test"]


def test_nothing_is_left_behind(ask: Ask, shims: Path) -> None:
    own = shims / "tmp"
    own.mkdir()
    own.chmod(0o777)
    assert ask(TMPDIR=str(own)).missing == {}
    assert not list(own.iterdir())


def test_a_program_that_no_folder_takes(ask: Ask) -> None:
    """Without a place for files it asks one after the other."""
    found = ask(change=('mktemp -d "$place', 'mktemp -d "/nowhere$place'))
    assert same(found, ask())


@pytest.mark.parametrize("name", [n for n in ("bash", "dash", "zsh", "tcsh", "fish", "false") if shutil.which(n)])
def test_login_shells(ask: Ask, name: str) -> None:
    """A login shell that cannot be started is said, and keeps nothing else away."""
    found = ask(SHELL=shutil.which(name) or "", SCRATCH="/tmp")
    assert set(found.missing) == ({"login"} if name == "false" else set())
    assert found.scratch == (None if name == "false" else "/tmp")
    assert found.python
