"""`dkai compute` as it is typed on this computer."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from terminal import Terminal

from dkai.compute.ledger import open_ledger

Dkai = Callable[..., Any]


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """A recipe that ends at once, with a parameter and a result."""
    folder = tmp_path / "quick"
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: quick\nname: {da: Hurtig, en: Quick}\nsummary: {da: skriver, en: writes}\n"
        "run: {script: main.py}\ninput: {kind: files}\nresources: {cpus: 1, memory_gb: 0.1, minutes: 1}\n"
        "params: [{id: code, type: integer, default: 0, min: 0, max: 99}, {id: sleep, type: number, default: 0}]\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text(
        "import json, sys, time\nparams = json.load(open('params.json'))\nprint('begins æøå', flush=True)\n"
        "time.sleep(params['sleep'])\nopen('output/svar.txt', 'w').write('42')\nprint('ends')\n"
        "sys.exit(params['code'])\n",
        encoding="utf-8",
    )
    return folder


def jobs() -> list[Any]:
    with open_ledger() as ledger:
        return ledger.recent(include_planned=True)


def test_the_whole_walk(dkai: Dkai, quick: Path, tmp_path: Path) -> None:
    done = dkai("compute", "submit", str(quick), "--yes", "--follow", cwd=tmp_path)
    assert "begins æøå\nends\n" in done.stdout
    assert "nothing: your own machine" in done.stderr
    done = dkai("compute", "fetch", cwd=tmp_path)
    (folder,) = tmp_path.glob("quick-dkai-*-out")
    assert (folder / "svar.txt").read_text() == "42"
    assert (folder / ".dkai/log").read_text(encoding="utf-8") == "begins æøå\nends\n"
    assert "agrees" in dkai("compute", "receipt").stdout
    assert "“quick”" in dkai("compute", "receipt", "--methods").stdout
    assert "finished" in dkai("compute", "status").stdout
    assert dkai("compute", "logs", "--lines", "1").stdout == "ends\n"
    assert dkai("compute", "jobs", "--format", "csv").stdout.startswith("id,recipe,")


def test_fetching_again_never_writes_over_what_differs(dkai: Dkai, quick: Path, tmp_path: Path) -> None:
    dkai("compute", "submit", str(quick), "--yes", "--follow")
    into = tmp_path / "ud"
    dkai("compute", "fetch", "--into", str(into))
    assert "there already" in dkai("compute", "fetch", "--into", str(into)).stdout
    (into / "svar.txt").write_text("mine")
    done = dkai("compute", "fetch", "--into", str(into), check=1)
    assert "would-overwrite" in done.stderr
    assert (into / "svar.txt").read_text() == "mine"
    dkai("compute", "fetch", "--into", str(into), "--overwrite")
    assert (into / "svar.txt").read_text() == "42"
    (into / "svar.txt").unlink()
    (into / "svar.txt").symlink_to(tmp_path / "elsewhere")
    dkai("compute", "fetch", "--into", str(into), check=1)
    assert not (tmp_path / "elsewhere").exists()


def test_a_job_that_fails(dkai: Dkai, quick: Path) -> None:
    done = dkai("compute", "submit", str(quick), "--param", "code=7", "--yes", "--follow", check=5)
    assert "its exit code was 7" in done.stderr
    assert "[job-failed · exit 5]" in done.stderr
    assert dkai("compute", "fetch", "--format", "json").returncode == 0
    assert "failed" in dkai("compute", "receipt").stdout


def test_json_is_one_object_and_nothing_else(dkai: Dkai, quick: Path) -> None:
    done = dkai("compute", "submit", str(quick), "--yes", "--follow", "--format", "json")
    job = json.loads(done.stdout)
    assert (job["schema"], job["outcome"], done.stderr) == ("dkai/compute-job/1", "completed", "")
    assert [s["what"] for s in json.loads(dkai("compute", "status", "--format", "json").stdout)["steps"]][:4] == [
        "planned", "sending", "submitting", "sent",
    ]  # fmt: skip
    (item,) = json.loads(dkai("compute", "jobs", "--format", "json").stdout)["items"]
    assert item["id"] == job["id"] and item["name"] == "quick"
    done = dkai("compute", "submit", str(quick), "--param", "code=x", "--format", "json", check=1)
    assert json.loads(done.stderr)["error"]["code"] == "bad-parameter"
    assert done.stdout == ""


def test_a_dry_run_shows_everything_and_keeps_nothing(dkai: Dkai, quick: Path) -> None:
    done = dkai("compute", "submit", str(quick), "--dry-run")
    assert "script/main.py" in done.stdout and '"code": 0' in done.stdout
    assert "runner.py start" in done.stdout
    assert jobs() == []


def test_without_a_terminal_nothing_waits(dkai: Dkai, quick: Path) -> None:
    done = dkai("compute", "submit", str(quick), check=1)
    assert "needs-answer" in done.stderr and "--yes" in done.stderr
    assert jobs() == []


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("submit",), 2, "missing-argument"),
        (("submit", "gpu-chek", "--yes"), 1, "gpu-check"),
        (("submit", "gpu-check", "--site", "nowhere"), 1, "no-such-site"),
        (("submit", "gpu-check", "--cpus", "many"), 2, "--cpus"),
        (("submit", "gpu-check", "--cpus", "0"), 2, "--cpus"),
        (("submit", "gpu-check", "--memory", "lots"), 1, "bad-memory"),
        (("submit", "gpu-check", "--time", "0"), 1, "bad-duration"),
        (("submit", "gpu-check", "--level", "secret"), 1, "unknown-data-level"),
        (("submit", "gpu-check", "--input", "/nowhere"), 1, "no-input"),
        (("submit", "gpu-check", "--param", "x"), 1, "bad-parameter"),
        (("submit", "gpu-check", "--gpus", "3", "--yes"), 3, "over-limit"),
        (("submit", "--resume", "nothing"), 1, "no-such-job"),
        (("submit", "gpu-check", "--screening", "/nowhere.yaml"), 1, "exit 1"),
        (("status",), 1, "no-jobs"),
        (("status", "x'; DROP TABLE job"), 1, "no-such-job"),
        (("logs", "-n", "-1"), 2, "--lines"),
        (("receipt", "last"), 1, "no-jobs"),
        (("fetch", "zzz"), 1, "no-such-job"),
        (("recipes", "nope"), 1, "no-such-recipe"),
        (("sites", "remove", "local"), 1, "site-fixed"),
        (("sites", "remove", "x"), 1, "no-such-site"),
        (("sites", "add", "x", "--host", "-oProxyCommand=x"), 1, "cannot have this --host"),
        (("sites", "add", "x", "--host", "h", "--env", "conda"), 1, "cannot have this --env"),
        (("sites", "add", "x", "--provider", "ucloud", "--base", "/12/../x"), 1, "such as /12345"),
        (("handoff", "gpu-check", "--sample", "--drive", "abc"), 1, "cannot have this --base"),
        (("handoff", "gpu-check", "--site", "nowhere"), 1, "no-such-site"),
        (("handoff", "gpu-check", "--out", "/dev/null/x"), 1, "--out"),
        (("prices", "update", "--from", "file:///etc"), 1, "bad-address"),
        (("quote", "gpu-check", "--env", "present", "--image", "/x.sif"), 2, "no use for --image"),
        (("quote", "gpu-check", "--env", "venv", "--carry-wheels"), 2, "no use for --carry-wheels"),
        (("quote", "gpu-check", "--image", "/x.sif", "--carry-wheels"), 2, "its own packages"),
        (("quote", "gpu-check", "--compare", "--input", "/nowhere"), 1, "cannot-read"),
        (("quote", "gpu-check", "--compare", "--gpu-memory", "24"), 1, "24G"),
        (("sites", "add", "x", "--host", "h", "--scheduler", "pbs"), 2, "slurm, lsf"),
        (("sites", "add", "UP", "--host", "h"), 1, "bad-site-name"),
        (("sites", "add", "x", "--provider", "nope"), 1, "nope"),
        (("sites", "add", "x", "--provider", "computerome"), 1, "no-such-scheduler"),
        (("connect", "x"), 1, "no-such-site"),
        (("frobnicate",), 2, "no-such-command"),
    ],
)
def test_wrong_words(dkai: Dkai, words: tuple[str, ...], code: int, says: str) -> None:
    done = dkai("compute", *words, check=code)
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert jobs() == []


def test_sites_from_the_catalogue(dkai: Dkai) -> None:
    dkai("compute", "sites", "add", "l", "--provider", "lumi", "--user", "me", "--account", "project_1")
    (_, site) = json.loads(dkai("compute", "sites", "--format", "json").stdout)["items"]
    assert (site["address"], site["scheduler"], site["host"], site["name"]) == ("lumi.csc.fi", "slurm", "ssh", "LUMI")
    assert "sites set l --level" in dkai("compute", "sites", "add", "l", "--provider", "lumi", "--replace").stdout
    dkai("compute", "sites", "set", "l", "--level", "intern")
    assert "internal" in dkai("compute", "sites").stdout
    dkai("compute", "sites", "remove", "l")
    assert len(json.loads(dkai("compute", "sites", "--format", "json").stdout)["items"]) == 1


@pytest.mark.parametrize(("keys", "code"), [("n\n", 0), ("\n", 0), ("nej\n", 0), ("\x03", 130), ("\x04", 130)])
def test_no_means_no(quick: Path, keys: str, code: int) -> None:
    with Terminal("compute", "submit", str(quick)) as screen:
        screen.see("Submit? [y/N/s = show the script/e = explain]")
        screen.type(keys)
        assert screen.wait() == code
    assert jobs() == []
    assert "Traceback" not in screen.screen


def test_yes_after_a_look_at_the_script_and_an_explanation(quick: Path) -> None:
    with Terminal("compute", "submit", str(quick)) as screen:
        screen.see("Submit?")
        screen.type("s\n")
        screen.see("params.json")
        screen.type("e\n")
        screen.see("goes on when this window is closed")
        screen.type("what\n")
        screen.see("one of the letters")
        screen.type("y\n")
        assert screen.wait() == 0
    assert "dkai compute fetch" in screen.screen
    assert len(jobs()) == 1


def test_ctrl_c_while_following_leaves_the_job_running(quick: Path, dkai: Dkai) -> None:
    with Terminal("compute", "submit", str(quick), "--param", "sleep=3", "--yes", "--follow") as screen:
        screen.see("begins")
        screen.type("\x03")
        assert screen.wait() == 130
    assert "the job goes on" in screen.screen and "Traceback" not in screen.screen
    done = dkai("compute", "logs", "--follow")
    assert done.stdout.endswith("ends\n")


def test_cancel(quick: Path, dkai: Dkai) -> None:
    dkai("compute", "submit", str(quick), "--param", "sleep=60", "--yes")
    began = time.monotonic()
    assert "cancelled" in dkai("compute", "cancel").stdout
    assert time.monotonic() - began < 20
    assert "not-running" in dkai("compute", "cancel", check=1).stderr
    assert "cancelled" in dkai("compute", "jobs", "--refresh").stdout
    assert "cancelled" in dkai("compute", "receipt").stdout


def test_in_danish(quick: Path, dkai: Dkai) -> None:
    done = dkai("--lang", "da", "compute", "submit", str(quick), "--dry-run")
    assert "Hurtig" not in done.stderr
    with Terminal("--lang", "da", "compute", "submit", str(quick)) as screen:
        screen.see("[j/N")
        screen.type("j\n")
        assert screen.wait() == 0


def test_a_damaged_ledger_and_a_broken_sites_file(dkai: Dkai, own_home: Path) -> None:
    (own_home / "data").mkdir(parents=True)
    (own_home / "data/ledger.sqlite").write_text("not a database, a poem" * 100)
    assert "ledger-damaged" in dkai("compute", "jobs", check=1).stderr
    (own_home / "config").mkdir()
    (own_home / "config/sites.yaml").write_text("schema: dkai/sites/1\nsites: {x: {prot: 22}}\n")
    assert "sites.yaml › sites › x › prot" in " ".join(dkai("compute", "sites", check=1).stderr.split())


def test_help_of_every_command_is_light(dkai: Dkai) -> None:
    import subprocess
    import sys

    program = (
        "import sys\nfrom dkai.cli.entry import run\nrun(sys.argv[1:])\n"
        "bad = {'paramiko', 'httpx', 'yaml', 'sqlite3'} & set(sys.modules)\nsys.exit(9 if bad else 0)\n"
    )
    for words in (
        ["compute"],
        ["compute", "submit"],
        ["compute", "sites", "add"],
        ["compute", "connect"],
        ["compute", "logs"],
    ):
        done = subprocess.run(
            [sys.executable, "-c", program, *words, "--help"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout.startswith("Usage:")


def test_a_receipt_is_kept_for_when_the_site_cannot_be_reached(quick: Path, dkai: Dkai, own_home: Path) -> None:
    dkai("compute", "submit", str(quick), "--yes", "--follow")
    first = json.loads(dkai("compute", "receipt", "--format", "json").stdout)
    # The site is now a machine that does not answer.
    (own_home / "config").mkdir(exist_ok=True)
    (own_home / "config/sites.yaml").write_text(
        "schema: dkai/sites/1\nsites: {local: {host: ssh, address: no-such-host.invalid, scheduler: process}}\n"
    )
    done = dkai("compute", "receipt")
    assert "kept before" in " ".join(done.stderr.split())
    assert json.loads(dkai("compute", "receipt", "--format", "json").stdout) == first


def test_what_lies_in_ones_own_recipes_folder_is_looked_into(quick: Path, dkai: Dkai) -> None:
    (quick / "people.csv").write_text("cpr\n070761-4285\n", encoding="utf-8")
    plan = json.loads(dkai("compute", "submit", str(quick), "--dry-run", "--format", "json").stdout)
    assert plan["findings"]["cpr_count"] == 1 and plan["gate"]["level"] == "confidential"
    assert plan["findings"]["evidence"][0]["file"] == "quick/people.csv"


def test_a_full_disk_is_said_and_no_traceback(quick: Path, dkai: Dkai) -> None:
    import resource
    import signal

    def small() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = dkai("compute", "submit", str(quick), "--yes", check=None, preexec_fn=small)
    assert done.returncode in (1, 4)
    assert "hint:" in done.stderr and "Traceback" not in done.stderr and "internal-error" not in done.stderr


def test_results_so_far_and_a_log_that_is_not_there(quick: Path, dkai: Dkai, tmp_path: Path) -> None:
    dkai("compute", "submit", str(quick), "--param", "sleep=60", "--yes")
    done = dkai("compute", "fetch", "--into", str(tmp_path / "ud"))
    assert "results so far" in " ".join(done.stderr.split())
    dkai("compute", "cancel")
    with open_ledger() as ledger:
        folder = Path(ledger.find("last").folder)
    (folder / "log").unlink()
    assert "no-log" in dkai("compute", "logs", check=1).stderr
