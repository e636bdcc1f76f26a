"""Bring the .po files up to date with the code, and compile them.

One file a room, and one for each command module (`cli.compute.po`). `translations.py ROOM…` touches only those rooms;
`--check` only looks.
"""

from __future__ import annotations

import ast
import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "catalogue", "radar", "compute", "data", "skills", "advise", "app")
Message = str | tuple[str, str]
SOME_DAY = datetime(2026, 11, 23, tzinfo=UTC)


def strings_in(path: Path) -> list[tuple[Message, int]]:
    """Every `t("…")`, `nt("…", "…")` and `en_and_da("…")` in a file, with its line."""
    found: list[tuple[Message, int]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        wanted = {"t": 1, "en_and_da": 1, "nt": 2}.get(node.func.id)
        if wanted is None:
            continue
        words = [a.value for a in node.args[:wanted] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if len(words) != wanted:
            raise SystemExit(f"{path}:{node.lineno}: {node.func.id}() needs its text as a literal")
        found.append(((words[0], words[1]) if wanted == 2 else words[0], node.lineno))
    return found


def key_of(message_id: object) -> Message:
    return (message_id[0], message_id[1]) if isinstance(message_id, (tuple, list)) else str(message_id)


def rooms() -> dict[str, list[Path]]:
    """The Python files of each room."""
    source = ROOT / "src/dkai"
    found = {room: sorted((source / room).rglob("*.py")) for room in ROOMS}
    return found | {f"cli.{path.stem}": [path] for path in sorted((source / "cli").glob("[!_]*.py"))}


def update(room: str, files: list[Path], *, write: bool) -> list[str]:
    """Extract one room; returns its messages that have no Danish yet, or are no longer used (with --check)."""
    target = ROOT / f"src/dkai/locale/da/{room}.po"
    old = Catalog(locale="da")
    if target.exists():
        with target.open("rb") as file:
            old = read_po(file, locale="da")
    danish = {key_of(m.id): m.string for m in old if m.id}
    # A fixed date: the file changes only when its texts do.
    fresh = Catalog(locale="da", project="dkai", fuzzy=False, creation_date=SOME_DAY, revision_date=SOME_DAY)
    seen: set[Message] = set()
    for path in files:
        for message, line in strings_in(path):
            seen.add(message)
            place = (path.relative_to(ROOT / "src/dkai").as_posix(), line)
            fresh.add(message, danish.get(message, ""), locations=[place])
    if write and seen:
        with target.open("wb") as file:
            write_po(file, fresh, width=100, omit_header=False, sort_output=True, include_lineno=False)
    missing = [f"{room}: no Danish for {m!r}" for m in sorted(seen, key=str) if not any(danish.get(m) or "")]
    stale = [f"{room}: no longer in the code: {m!r}" for m in danish if m not in seen]
    return missing if write else missing + stale


def main() -> None:
    wanted = [word for word in sys.argv[1:] if not word.startswith("-")]
    check = "--check" in sys.argv[1:]
    problems = [
        line
        for room, files in rooms().items()
        if not wanted or room in wanted
        for line in update(room, files, write=not check)
    ]
    if not check:
        from compile_all import compile_danish

        compile_danish(ROOT)
    print("\n".join(problems) or "Danish is complete")
    if check and problems:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
