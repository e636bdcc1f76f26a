"""`dkai advise` as a program: options, exit codes, and the dialogue at a real terminal."""

from __future__ import annotations

import json
import os
import re
import select
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

BIOLOGIST = {
    "task": "images", "discipline": "life-science", "institution": "au", "people": "none", "own_level": "public",
    "purpose": "research", "technology": "none", "gpu": "none", "skill": "none", "machine": "windows", "money": "none",
}  # fmt: skip
SENSITIVE = ["--set", "task=speech", "--set", "people=sensitive", "--set", "kinds=health,cpr", "--set", "registry=none"]


def sets(answers: dict[str, str]) -> list[str]:
    return [word for name, value in answers.items() for word in ("--set", f"{name}={value}")]


def test_answers_on_the_line(dkai) -> None:
    done = dkai("advise", *sets(BIOLOGIST))
    assert "Today: on this computer, no account needed" in done.stdout
    assert "dkai compute submit gpu-check --site local" in done.stdout
    assert "No obstacle found in your answers." in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("lang", ["da", "en"])
@pytest.mark.parametrize("width", ["80", "120"])
def test_it_fits_the_width_and_needs_no_colour(dkai, lang: str, width: str) -> None:
    env = {**os.environ, "COLUMNS": width}
    done = dkai("advise", *SENSITIVE, "--no-questions", "--lang", lang, env=env)
    long = [line for line in done.stdout.splitlines() if len(line) > int(width) and "http" not in line]
    assert not long
    assert "\x1b" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line != line.rstrip()]
    assert ("I dag" if lang == "da" else "Today") in done.stdout


def test_no_obstacle_is_said_only_when_it_is_so(dkai) -> None:
    done = dkai("advise", *SENSITIVE, "--no-questions")
    assert "No obstacle" not in done.stdout
    assert "Not asked, and could still change this:" in done.stdout
    assert "settle first" in done.stdout


def test_without_a_terminal_it_says_which_option_was_missing(dkai) -> None:
    done = dkai("advise", check=1)
    assert "there is no terminal to ask on: What do you want to use AI for?" in done.stderr
    assert "--set task=… (speech, text" in " ".join(done.stderr.split())
    assert "--no-questions" in done.stderr
    assert "[needs-answer · exit 1]" in done.stderr
    assert done.stdout == ""


def test_json(dkai) -> None:
    done = dkai("advise", *SENSITIVE, "--no-questions", "--format", "json")
    made = json.loads(done.stdout)
    assert made["schema"] == "dkai/advise/1"
    assert made["data"]["level"] == "sensitive"
    assert made["answers"]["kinds"] == ["cpr", "health"]
    for group in ("tools", "places", "rules", "contacts", "ruled_out", "not_asked", "courses"):
        assert all(item["id"] and item["name"] for item in made[group]), group
    assert all(rule["because"] or rule["unsure"] for rule in made["rules"])
    assert done.stderr == ""


def test_json_keeps_to_its_schema(dkai) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="only in the test environment")
    for words, name in ((["advise", *SENSITIVE, "--no-questions"], "advise"),
                        (["advise", "explain", "cpr"], "advise-explain")):  # fmt: skip
        made = json.loads(dkai(*words, "--format", "json").stdout)
        jsonschema.validate(made, json.loads(dkai("schema", name).stdout))


def test_json_never_asks(dkai) -> None:
    done = dkai("advise", "--format", "json", check=1)
    assert json.loads(done.stderr)["error"]["code"] == "needs-answer"
    assert json.loads(done.stderr)["error"]["details"] == {"question": "task"}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["--set", "task"], "bad-set", "a question and its answer are expected"),
        (["--set", "taks=speech"], "no-such-question", "did you mean task"),
        (["--set", "task=speach"], "no-such-answer", "did you mean speech?"),
        (["--set", "people=none", "--set", "kinds=cpr"], "contradictory-answers", "contradict each other"),
        (["--answers", "nowhere.yaml"], "cannot-read", "nowhere.yaml"),
        (["--resume"], "nothing-kept", "dkai advise"),
        (["explain", "nonsense"], "no-such-item", "dkai advise rules"),
        (["explain", "gdpr-basiss"], "no-such-item", "did you mean gdpr-basis"),
        (["show"], "no-screening", "dkai advise"),
        (["show", "nowhere.yaml"], "cannot-read", "nowhere.yaml"),
    ],
)
def test_what_cannot_be_right_says_what_would_be(dkai, words: list[str], code: str, says: str) -> None:
    done = dkai("advise", *words, *([] if words[0] in ("explain", "show") else ["--no-questions"]), check=1)
    assert f"[{code} · exit 1]" in done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_save_show_and_go_on(dkai, tmp_path: Path) -> None:
    path = tmp_path / "æøå" / "screening.yaml"
    done = dkai("advise", *sets(BIOLOGIST), "--save", str(path))
    assert f"  dkai compute submit --screening {shlex.quote(str(path))}\n" in done.stdout
    assert path.stat().st_mode & 0o777 == 0o600
    shown = dkai("advise", "show", str(path))
    assert shown.stdout == done.stdout
    # Its answers are answers: the same questions need not be asked again.
    again = dkai("advise", "--answers", str(path), "--format", "json")
    assert json.loads(again.stdout)["answers"] == BIOLOGIST
    # What was printed as JSON are answers as well.
    printed = tmp_path / "printed.json"
    printed.write_text(again.stdout, encoding="utf-8")
    assert json.loads(dkai("advise", "--answers", str(printed), "--format", "json").stdout)["answers"] == BIOLOGIST


def test_a_folder_that_cannot_be_written_ends_nothing(dkai) -> None:
    home = Path(os.environ["DKAI_HOME"])
    home.mkdir(parents=True)
    (home / "data").write_text("a file where a folder should be", encoding="utf-8")
    done = dkai("advise", *sets(BIOLOGIST))
    assert "No obstacle found in your answers." in done.stdout
    assert "! cannot write" in done.stderr


def test_save_writes_over_screenings_only(dkai, tmp_path: Path) -> None:
    path = tmp_path / "thesis.yaml"
    path.write_text("chapters: 3\n", encoding="utf-8")
    done = dkai("advise", *sets(BIOLOGIST), "--save", str(path), check=1)
    assert "[file-exists · exit 1]" in done.stderr
    assert path.read_text(encoding="utf-8") == "chapters: 3\n"
    path.unlink()
    dkai("advise", *sets(BIOLOGIST), "--save", str(path))
    dkai("advise", *sets(BIOLOGIST), "--save", str(path))


def test_the_job_goes_on_from_it(dkai, tmp_path: Path) -> None:
    path = tmp_path / "screening.yaml"
    dkai("advise", *sets({**BIOLOGIST, "task": "tables"}), "--save", str(path))
    done = dkai("compute", "quote", "--screening", str(path), "--format", "json")
    plan = json.loads(done.stdout)
    assert "tabular-baseline" in json.dumps(plan)


def test_the_last_one_is_kept_and_explained(dkai) -> None:
    dkai("advise", *SENSITIVE, "--no-questions")
    assert "settle first" in dkai("advise", "show").stdout
    rule = dkai("advise", "explain", "cpr").stdout
    assert "it applies" in rule
    assert "databeskyttelsesloven § 11" in rule or "section 11" in rule
    assert "https://" in rule and "checked: 2026-11-23" in rule
    tool = dkai("advise", "explain", "whisper", "--lang", "da").stdout
    assert "anbefalet" in tool
    made = json.loads(dkai("advise", "explain", "cpr", "--format", "json").stdout)
    assert made["schema"] == "dkai/advise-explain/1"
    assert made["compared"][0]["holds"] == "yes"


def test_rules_and_questions_are_lists(dkai) -> None:
    rules = json.loads(dkai("advise", "rules", "--format", "json").stdout)["items"]
    assert {"id", "name", "severity", "sources", "checked_on", "valid_from"} <= set(rules[0])
    table = dkai("advise", "rules", "--format", "csv").stdout.splitlines()
    assert len(table) == len(rules) + 1
    assert dkai("advise", "rules", "--lang", "da").stdout != dkai("advise", "rules", "--lang", "en").stdout
    questions = dkai("advise", "questions").stdout
    assert "people" in questions and "none, ordinary, sensitive, unknown" in questions


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from dkai.cli.entry import run; run(['advise', '--help']);"
        "print(sorted({'paramiko', 'httpx', 'pydantic', 'rich', 'yaml'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "--no-questions" in done.stdout
    assert done.stderr.strip() == "[]"


class Terminal:
    """The program in a pseudo-terminal of 100 columns; `see` waits for text, `type` sends keys."""

    def __init__(self, *words: str, **env: str) -> None:
        import fcntl
        import pty
        import struct
        import termios

        self.raw = ""
        self.at = 0  # in the text without escape sequences: what was seen already
        pid, self.fd = pty.fork()
        if pid == 0:
            environ = {**os.environ, "TERM": "xterm", **env}
            os.execve(sys.executable, [sys.executable, "-m", "dkai", *words], environ)
        self.pid = pid
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))

    def see(self, text: str, timeout: float = 30) -> None:
        """Wait until `text` has appeared since the last `see`."""
        deadline = time.monotonic() + timeout
        while (found := plain(self.raw).find(text, self.at)) < 0:
            assert time.monotonic() < deadline and self.read(), f"did not see {text!r} in:\n{self.rest()}"
        self.at = found + len(text)

    def rest(self) -> str:
        """What was said since the last `see`."""
        return plain(self.raw)[self.at :]

    def read(self) -> bool:
        if not select.select([self.fd], [], [], 1)[0]:
            return True
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += data.decode("utf-8", "replace")
        return bool(data)

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def end(self) -> tuple[int, str]:
        """The exit code, and what was said since the last `see`."""
        deadline = time.monotonic() + 30
        while self.read():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                break
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status), self.rest()


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "")


DOWN = "\x1b[B"
FOOT = "q = stop and keep]"
RESULT = "Today: on this computer"
ALL_BUT_TWO = {name: value for name, value in BIOLOGIST.items() if name not in ("task", "skill")}


def kept() -> dict[str, object] | None:
    path = Path(os.environ["DKAI_HOME"]) / "data" / "advise" / "answers.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["answers"] if path.exists() else None


def test_a_dialogue_with_digits_and_arrow_keys() -> None:
    terminal = Terminal("advise", *sets(ALL_BUT_TWO))
    terminal.see("why I ask: it decides which tools come into question")
    terminal.see(FOOT)
    terminal.type("6")
    terminal.see("✓ noted:")
    terminal.see("How much do you program?")
    terminal.see(FOOT)
    terminal.type(DOWN + "\r")
    terminal.see(RESULT)
    code, rest = terminal.end()
    assert code == 0
    assert "No obstacle found in your answers." in rest
    # A dialogue that came to its end keeps nothing to go on with.
    assert kept() is None


@pytest.mark.parametrize("env", [{"DKAI_PLAIN": "1"}, {"TERM": "dumb"}])
def test_a_dialogue_in_plain_lines(env: dict[str, str]) -> None:
    terminal = Terminal("advise", *sets(ALL_BUT_TWO), **env)
    terminal.see(FOOT)
    terminal.type("99\n")
    terminal.see("please type a number")
    terminal.type("?\n")
    terminal.see("Take what comes closest.")
    terminal.see(FOOT)
    terminal.type("6\n")
    terminal.see("How much do you program?")
    terminal.see(FOOT)
    terminal.type("b\n")
    terminal.see("What do you want to use AI for?")
    terminal.see(FOOT)
    terminal.type("6\n")
    terminal.see("How much do you program?")
    terminal.see(FOOT)
    terminal.type("1\n")
    terminal.see(RESULT)
    assert terminal.end()[0] == 0


def test_back_at_the_first_question_stays_there() -> None:
    terminal = Terminal("advise", DKAI_PLAIN="1")
    terminal.see(FOOT)
    terminal.type("b\n")
    terminal.see("this is the first question")
    terminal.see(FOOT)
    terminal.type("q\n")
    assert terminal.end()[0] == 0


def test_stop_and_resume() -> None:
    terminal = Terminal("advise", DKAI_PLAIN="1")
    terminal.see(FOOT)
    terminal.type("1\n")
    terminal.see("Is there information about people")
    terminal.see(FOOT)
    terminal.type("q\n")
    code, rest = terminal.end()
    assert (code, "go on with dkai advise --resume" in rest) == (0, True)
    assert kept() == {"task": "speech"}

    terminal = Terminal("advise", "--resume", DKAI_PLAIN="1")
    terminal.see("2 of about")
    terminal.see("Is there information about people")
    terminal.see(FOOT)
    terminal.type("\x03")
    code, rest = terminal.end()
    assert code == 130
    assert "your 1 answer is kept" in rest

    # Without saying which, it asks; “no” begins anew.
    terminal = Terminal("advise", DKAI_PLAIN="1")
    terminal.see("Go on with them?")
    terminal.type("n\n")
    terminal.see("What do you want to use AI for?")
    terminal.see(FOOT)
    terminal.type("\x04")
    assert terminal.end()[0] == 130
    terminal = Terminal("advise", "--new", DKAI_PLAIN="1")
    terminal.see("What do you want to use AI for?")
    terminal.type("\x04")
    assert terminal.end()[0] == 130
    assert kept() is None


@pytest.mark.parametrize("plain_mode", ["0", "1"])
@pytest.mark.parametrize("key", ["\x03", "\x04"])
@pytest.mark.parametrize("question", ["task", "kinds", "words", "people"])
def test_ctrl_c_and_ctrl_d_at_every_kind_of_prompt(plain_mode: str, key: str, question: str) -> None:
    before = {"task": {}, "people": {"task": "speech"}, "words": {"task": "other"},
              "kinds": {"task": "speech", "people": "sensitive", "registry": "none"}}[question]  # fmt: skip
    terminal = Terminal("advise", *sets(before), DKAI_PLAIN=plain_mode)
    terminal.see("stop and keep")
    terminal.type(key)
    code, rest = terminal.end()
    assert code == 130
    assert "[interrupted · exit 130]" in rest
    assert "Traceback" not in rest
    if before:
        count = len(before)
        assert f"your {count} answer{'s are' if count > 1 else ' is'} kept" in rest


def test_several_answers_and_a_contradiction() -> None:
    terminal = Terminal("advise", "--set", "task=speech", "--set", "registry=dst", DKAI_PLAIN="1")
    terminal.see("Is there information about people")
    terminal.see(FOOT)
    # Registers on persons and no persons: it says so and asks again.
    terminal.type("1\n")
    terminal.see("these answers contradict each other")
    terminal.see(FOOT)
    terminal.type("3\n")
    terminal.see("✓ applies: A basis for processing personal data")
    terminal.see("Which of these are in the data?")
    terminal.see(FOOT)
    terminal.type("9\n")
    terminal.see("please type numbers from 1 to 6")
    terminal.type("2, 1\n")
    terminal.see("CPR numbers")
    terminal.see(FOOT)
    terminal.type("q\n")
    assert terminal.end()[0] == 0
    assert kept() == {"task": "speech", "registry": "dst", "people": "sensitive", "kinds": ["cpr", "health"]}


def test_the_dialogue_is_not_in_the_output() -> None:
    terminal = Terminal("advise", "--set", "task=speech", "--format", "json")
    code, rest = terminal.end()
    assert code == 1
    assert "needs-answer" in rest
