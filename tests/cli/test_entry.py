"""The promises at the edge: exit codes, errors, languages, formats, and what is not imported."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dkai.cli.entry import look_ahead


def test_language_and_format_are_known_before_anything_is_imported() -> None:
    assert look_ahead(["radar", "search", "x", "--lang", "da"]) == (["radar", "search", "x"], "da", False)
    assert look_ahead(["--lang=en", "doctor", "--format", "json"]) == (["doctor", "--format", "json"], "en", True)
    assert look_ahead(["doctor", "--format=json"])[2] is True
    # Behind `--` words are words.
    assert look_ahead(["radar", "search", "--", "--lang"]) == (["radar", "search", "--", "--lang"], None, False)
    assert look_ahead(["--lang"]) == ([], "", False)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nonsense"], "no-such-command", "there is no command “nonsense”"),
        (["doctr"], "no-such-command", "did you mean dkai doctor?"),
        (["doctor", "--colour"], "no-such-option", "there is no option --colour"),
        (["doctor", "--format", "xml"], "bad-value", "one of: text, json"),
        (["doctor", "extra", "words"], "extra-argument", "extra words"),
        (["doctor", "--format"], "bad-option", "--format"),
        (["--lang", "fr", "doctor"], "unknown-language", "--lang da or --lang en"),
        (["compute", "quote", "gpu-check", "--gpus", "x"], "bad-value", "a whole number is needed"),
        (["compute", "quote", "gpu-check", "--gpus", "-1"], "bad-value", "at least 0 is needed"),
        (["compute", "quote", "gpu-check", "--cpus", "0"], "bad-value", "at least 1 is needed"),
        (["radar", "search", "x", "--gpu-memory", "much"], "bad-value", "a number is needed"),
    ],
)
def test_wrong_words_exit_2_and_say_what_to_do(dkai, words: list[str], code: str, says: str) -> None:
    done = dkai(*words, check=2)
    assert done.stdout == ""
    assert says in done.stderr
    assert f"[{code} · exit 2]" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_words_in_danish(dkai) -> None:
    done = dkai("doktor", "--lang", "da", check=2)
    assert "fejl: der er ingen kommando »doktor«" in done.stderr
    assert "mente du dkai doctor?" in done.stderr


def test_an_empty_search_is_said(dkai) -> None:
    done = dkai("radar", "search", "  ", check=1)
    assert "[empty-query · exit 1]" in done.stderr
    assert "dkai radar list" in done.stderr


def test_errors_for_programs_are_one_json_object(dkai) -> None:
    done = dkai("doctor", "--format=json", "--wrong", check=2)
    body = json.loads(done.stderr)
    assert body["schema"] == "dkai/error/1"
    assert body["error"]["code"] == "no-such-option"
    assert body["error"]["exit_code"] == 2


@pytest.mark.parametrize("lang", ["en", "da"])
def test_greeting_shows_five_steps(dkai, lang: str) -> None:
    done = dkai("--lang", lang)
    steps = [line.strip() for line in done.stdout.splitlines() if line.startswith("  dkai ")]
    assert [step.split()[1] for step in steps] == ["demo", "advise", "radar", "compute", "doctor"]
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    assert ("Katalog fra" if lang == "da" else "Catalogue of") in done.stdout


def test_version(dkai) -> None:
    from dkai import __version__

    assert dkai("--version").stdout.strip() == f"dkai {__version__}"


def test_a_bug_keeps_its_traceback_in_a_file(own_home, monkeypatch, capsys) -> None:
    from dkai.cli import entry

    def broken(_: list[str]) -> int:
        raise ZeroDivisionError("boom")

    monkeypatch.setattr(entry, "_call", broken)
    assert entry.run(["doctor"]) == 70
    (kept,) = (own_home / "cache" / "crashes").iterdir()
    assert "ZeroDivisionError: boom" in kept.read_text()
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    assert "crash-" in shown
    assert "[internal-error · exit 70]" in shown


def test_ctrl_c_is_130(monkeypatch, capsys) -> None:
    from dkai.cli import entry

    def stop(_: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry, "_call", stop)
    assert entry.run(["doctor"]) == 130
    assert "[interrupted · exit 130]" in capsys.readouterr().err


def test_a_reader_that_leaves_is_no_error() -> None:
    pipe = subprocess.run(
        f'"{sys.executable}" -m dkai --help | head -n 1', shell=True, capture_output=True, text=True, check=True
    )
    assert pipe.stderr == ""


def test_letters_a_terminal_lacks_do_not_end_the_program() -> None:
    # A Cyrillic terminal has no æ and no ø.
    env = {**os.environ, "PYTHONIOENCODING": "iso8859-5", "PYTHONUTF8": "0"}
    done = subprocess.run([sys.executable, "-m", "dkai", "--lang", "da"], env=env, capture_output=True, check=True)
    assert "v?rkt?jer" in done.stdout.decode("iso8859-5")


# Every command there is: the page is generated from them, and test_docs.py holds it fresh.
COMMANDS = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
HELP_PATHS = [path.split() for path in re.findall(r"^#+ dkai ?([a-z -]*)$", COMMANDS, re.MULTILINE)]


def test_no_help_page_is_forgotten() -> None:
    assert [] in HELP_PATHS
    assert {"demo", "advise", "radar", "compute", "catalogue", "doctor", "schema", "completion"} <= {
        path[0] for path in HELP_PATHS if path
    }


@pytest.mark.parametrize("path", HELP_PATHS, ids=" ".join)
def test_help_is_light_and_in_both_languages(path: list[str]) -> None:
    code = (
        "import sys\nfrom dkai.cli.entry import run\nfrom dkai.core.i18n import use_language\n"
        "use_language(sys.argv[1])\ncode = run([*sys.argv[2:], '--help'])\n"
        "heavy = {'paramiko', 'httpx', 'pydantic', 'yaml', 'rich', 'sqlite3'} & set(sys.modules)\n"
        "sys.stderr.write(' '.join(sorted(heavy)))\nraise SystemExit(code)"
    )
    pages = {}
    for lang in ("en", "da"):
        done = subprocess.run([sys.executable, "-c", code, lang, *path], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        heavy = set(done.stderr.split())
        # Typer itself loads pydantic once it parses a parameter: only the root page can do without.
        assert not heavy - (set() if not path else {"pydantic"}), heavy
        pages[lang] = done.stdout
        assert all(len(line) <= 100 for line in done.stdout.splitlines())
    assert pages["en"].startswith("Usage: dkai")
    assert pages["da"].startswith("Brug: dkai")
    assert pages["en"] != pages["da"]
