"""Examples as people have them: JSON lines with messages or prompt and response, a table of two columns, plain text."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import rows
import task
from words import CannotGoOn, Words

PROMPTS = ("prompt", "instruction", "question", "input", "user", "spørgsmål", "instruktion")
RESPONSES = ("response", "output", "answer", "completion", "assistant", "svar")
ROLES = ("system", "user", "assistant")
LARGEST = 500_000_000  # bytes of one file
LONGEST = 200_000  # characters of one example


@dataclass(frozen=True)
class Example:
    """One conversation: what was said before, and the answer to learn."""

    file: str
    line: int
    turns: tuple[tuple[str, str], ...]  # (role, text); the last one is the assistant's

    @property
    def response(self) -> str:
        """What the model should learn to say."""
        return self.turns[-1][1]

    @property
    def prompt(self) -> str:
        """All that stands before the answer, as one text."""
        return "\n".join(text for _, text in self.turns[:-1])


@dataclass
class Material:
    """All usable examples, and what was left out and why (file, line, key in the texts)."""

    examples: list[Example] = field(default_factory=list)
    left_out: list[tuple[str, int, str]] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)  # messages, pairs, table, text


def read_all(files: Iterable[Path], folder: Path, words: Words) -> Material:
    """Every file's examples. Raises CannotGoOn when there are none."""
    material = Material()
    for path in files:
        shown = path.relative_to(folder).as_posix()
        if path.stat().st_size == 0:
            material.left_out.append((shown, 0, "bad-empty-file"))
            continue
        if path.stat().st_size > LARGEST:
            material.left_out.append((shown, 0, "bad-large-file"))
            continue
        try:
            _read(path, shown, material, words)
        except OSError:
            material.left_out.append((shown, 0, "bad-unreadable"))
    if not material.examples:
        why = words(material.left_out[0][2]) if material.left_out else words("bad-empty")
        raise CannotGoOn(words("stop-no-examples", why=why))
    return material


def _read(path: Path, shown: str, material: Material, words: Words) -> None:
    kind = path.suffix.lower()
    if kind in (".jsonl", ".json"):
        _read_json(path, shown, material)
    elif kind in (".csv", ".tsv"):
        _read_table(path, shown, material, words)
    else:
        _read_text(path, shown, material)


def _read_json(path: Path, shown: str, material: Material) -> None:
    text, _ = task.read_text(path)
    stripped = text.lstrip()
    if stripped.startswith("["):  # one array of examples
        try:
            items = list(enumerate(json.loads(text), 1))
        except (ValueError, RecursionError):  # nested without end
            material.left_out.append((shown, 1, "bad-json"))
            return
    else:
        items = []
        for number, line in enumerate(text.split("\n"), 1):
            if not line.strip():
                continue
            try:
                items.append((number, json.loads(line)))
            except (ValueError, RecursionError):
                material.left_out.append((shown, number, "bad-json"))
    for number, item in items:
        turns, why = turns_of(item)
        if turns is None:
            material.left_out.append((shown, number, why))
        else:
            material.kinds.add("messages" if "messages" in item else "pairs")
            material.examples.append(Example(shown, number, turns))


def turns_of(item: Any) -> tuple[tuple[tuple[str, str], ...] | None, str]:
    """The turns of one JSON value, or None and why it is no example."""
    if not isinstance(item, dict):
        return None, "bad-shape"
    if "messages" in item:
        messages = item["messages"]
        if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
            return None, "bad-shape"
        turns = [(m.get("role"), m.get("content")) for m in messages]
        if not all(role in ROLES and isinstance(text, str) for role, text in turns):
            return None, "bad-role"
        while turns and turns[-1][0] != "assistant":
            turns.pop()  # a question at the end has no answer to learn
        return _checked(turns)
    lower = {str(key).lower(): value for key, value in item.items()}
    prompt = next((lower[key] for key in PROMPTS if isinstance(lower.get(key), str) and lower[key].strip()), None)
    response = next((lower[key] for key in RESPONSES if isinstance(lower.get(key), str)), None)
    if response is None or prompt is None:
        return None, "bad-shape" if response is None else "bad-no-prompt"
    # The instruction format of Alpaca has the task in one field and its material in another.
    more = lower.get("input") if "instruction" in lower and isinstance(lower.get("input"), str) else ""
    return _checked([("user", f"{prompt}\n{more}".strip()), ("assistant", response)])


def _checked(turns: list[tuple[Any, Any]]) -> tuple[tuple[tuple[str, str], ...] | None, str]:
    if not turns or not turns[-1][1].strip():
        return None, "bad-no-response"
    if sum(len(text) for _, text in turns) > LONGEST:
        return None, "bad-too-long"
    return tuple((role, text.strip()) for role, text in turns), ""


def _read_table(path: Path, shown: str, material: Material, words: Words) -> None:
    table = rows.read_rows(path, shown, words)
    prompt = next((name for name in table.names if name.lower() in PROMPTS), None)
    response = next((name for name in table.names if name.lower() in RESPONSES), None)
    if (prompt is None or response is None) and len(table.names) == 2:
        prompt, response = table.names
    if prompt is None or response is None:
        raise CannotGoOn(words("stop-columns", file=shown, columns=words.quoted(table.names)))
    for line, row in table.rows:
        turns, why = _checked([("user", row[prompt]), ("assistant", row[response])])
        if turns is not None and not turns[0][1]:
            turns, why = None, "bad-no-prompt"
        if turns is None:
            material.left_out.append((shown, line, why))
        else:
            material.kinds.add("table")
            material.examples.append(Example(shown, line, turns))


def _read_text(path: Path, shown: str, material: Material) -> None:
    """Plain text: each paragraph is something to learn to write, after nothing."""
    text, _ = task.read_text(path)
    line, start, part = 1, 1, []
    for row in [*text.split("\n"), ""]:
        if row.strip():
            part = [*part, row]
        else:
            if part:
                turns, why = _checked([("assistant", "\n".join(part))])
                if turns is None:
                    material.left_out.append((shown, start, why))
                else:
                    material.kinds.add("text")
                    material.examples.append(Example(shown, start, turns))
            part, start = [], line + 1
        line += 1
