"""The program that runs a job: written as the modules of this package, sent as the one file that `source()` gives.

It travels alone to places where nothing of dkai is, with whatever Python is there: standard library, 3.6 or newer. Its
commands, and `job.json` which it reads, are described in `main.py`.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

PARTS = (
    "words", "files", "processes", "gpus", "cgroup", "machine", "meter", "interpreter", "once", "modules",
    "container", "venv", "environment", "again", "launch", "job", "ranks", "tasks", "main",
)  # fmt: skip


@cache
def source() -> bytes:
    """`runner.py` as it is sent: the parts one after another, their imports gathered at the top; always the same."""
    imports: set[str] = set()
    bodies: list[str] = []
    docstring = ""
    for part in PARTS:
        text = Path(__file__).with_name(f"{part}.py").read_text(encoding="utf-8")
        tree, lines = ast.parse(text), text.splitlines()
        docstring = ast.get_docstring(tree, clean=False) or ""
        for node in tree.body:
            if node is tree.body[0] or _is_import(node):
                lines[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or 0) - node.lineno + 1)
            if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and not _is_ours(node)):
                imports |= {ast.unparse(type(node)(**{**vars(node), "names": [alias]})) for alias in node.names}
        bodies.append(f"# --- {part} ---\n\n" + "\n".join(lines).strip() + "\n")
    # The last part's docstring is the program's: it says how to use it.
    return "\n\n".join([f'"""{docstring}"""\n\n' + "\n".join(sorted(imports)) + "\n", *bodies]).encode()


def _is_ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").startswith("dkai.")


def _is_import(node: ast.stmt) -> bool:
    """An import, or a block of imports for type checkers."""
    return isinstance(node, (ast.Import, ast.ImportFrom)) or (
        isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
