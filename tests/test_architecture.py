"""The arrows between the rooms, walked over the real imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src" / "dkai"

# Each room and the rooms it may import. The four features never import each other.
ARROWS = {
    "core": set(),
    "catalogue": {"core"},
    "radar": {"catalogue", "core"},
    "compute": {"catalogue", "core"},
    "data": {"catalogue", "core"},
    "skills": {"catalogue", "core"},
    "advise": {"radar", "compute", "data", "skills", "catalogue", "core"},
    "app": {"advise", "radar", "compute", "data", "skills", "catalogue", "core"},
    "cli": {"app", "advise", "radar", "compute", "data", "skills", "catalogue", "core"},
}
# Where a library may be imported at all. Everything that is not here may be used anywhere.
HOMES = {
    "typer": ("cli/",),
    "rich": ("cli/",),
    "paramiko": ("compute/host/",),
    "socket": ("compute/host/", "compute/runner/"),
    "httpx": ("compute/host/", "compute/prices/"),
    "requests": (),
    "urllib.request": (),
    "http.client": (),
    "pydantic": ("catalogue/", "compute/", "advise/", "app/schemas.py", "core/"),
}
PURE = ("compute/scheduler", "compute/quote", "compute/compare",
        "compute/gate.py", "compute/used.py", "compute/advice.py", "data/cpr.py", "data/running_text.py",
        "data/table.py", "advise/questions.py", "advise/rules.py")  # fmt: skip
IMPURE_MODULES = {"os", "subprocess", "socket", "time", "sqlite3", "shutil", "tempfile", "paramiko", "httpx", "random"}


def modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_imports_follow_the_arrows(path: Path) -> None:
    relative = path.relative_to(SOURCE)
    if len(relative.parts) == 1:
        return
    room = relative.parts[0]
    allowed = ARROWS[room] | {room}
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "dkai" and len(parts) > 1 and parts[1] in ARROWS:
            assert parts[1] in allowed, f"{relative} may not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_libraries_stay_at_home(path: Path) -> None:
    relative = path.relative_to(SOURCE).as_posix()
    for name in imports(path):
        for library, homes in HOMES.items():
            if name == library or name.startswith(f"{library}."):
                assert relative.startswith(homes), f"{relative} may not import {library}"


@pytest.mark.parametrize("path", [p for p in modules() if p.relative_to(SOURCE).as_posix().startswith(PURE)])
def test_pure_rooms_do_no_io(path: Path) -> None:
    used = {name.split(".")[0] for name in imports(path)} & IMPURE_MODULES
    assert not used, f"{path.relative_to(SOURCE)} is pure and may not import {sorted(used)}"
    calls = {
        n.func.id
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not calls & {"open", "print", "input"}


def test_only_cli_prints() -> None:
    # The runner runs alone in the job's folder: its print is the job's log.
    for path in modules():
        relative = path.relative_to(SOURCE).as_posix()
        if relative.startswith(("cli/", "compute/runner/")):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_print = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
            assert not is_print, f"{relative}:{node.lineno} prints"


def test_no_module_outgrows_its_idea() -> None:
    long = {p.relative_to(SOURCE).as_posix(): n for p in modules() if (n := len(p.read_text().splitlines())) > 450}
    assert not long, long
