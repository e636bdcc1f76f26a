"""File names may hold anything that a file system takes: they go there and come back as they are, and steer nothing."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest
from hostile import RAW, Hostile
from test_hostile import harmless, rendered

from dkai.app.submit_walk import Request, prepare
from dkai.cli import entry, render_plan
from dkai.compute.fetch import Fetched
from dkai.compute.host import Host, Upload, open_host
from dkai.compute.host.local import LocalHost
from dkai.compute.host.names import tame
from dkai.compute.host.transfer_home import Home
from dkai.compute.ledger import open_ledger
from dkai.compute.plan import plan_text, read_plan
from dkai.compute.recipes.inputs import gather
from dkai.compute.recipes.recipes import get_recipe, script_files
from dkai.compute.site import Site
from dkai.core.errors import DkaiError, UserError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no such names")


def uploads(names: list[str]) -> list[Upload]:
    """One small file a name, a third of them in folders of such names."""
    chance, found = Hostile(3), []
    for number, name in enumerate(names):
        to = f"{number}{chance.name(60)}/{name}" if number % 3 == 0 else f"{name}{number}"
        data = f"{number} {to!r}".encode()
        found.append(Upload(to, data, len(data), hashlib.sha256(data).hexdigest()))
    return found


def there_and_back(host: Host, folder: str, files: list[Upload], into: Path) -> None:
    """Send, look, fetch: the same names there, the same bytes here, and here no name that steers a terminal."""
    host.send(folder, files)
    listed = host.listing(folder)
    assert [file.path for file in listed.files] == sorted(file.to for file in files)
    assert host.sums(folder, [file.to for file in files]) == {file.to: file.sha256 for file in files}
    home = Home(into, [file.path for file in listed.files])
    host.fetch(folder, listed.files, home)
    for file in files:
        place = home.place(file.to)
        assert place.resolve().is_relative_to(into.resolve())
        assert hashlib.sha256(place.read_bytes()).hexdigest() == file.sha256
        shown = place.relative_to(into).as_posix()
        assert not RAW.search(shown)
        assert "\n" not in shown
        assert shown == tame(file.to)


def test_on_this_computer(tmp_path: Path) -> None:
    there_and_back(LocalHost(), str(tmp_path / "job"), uploads(Hostile(1).names(500)), tmp_path / "home")
    assert not list(tmp_path.glob("*CANARY*"))
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "dkai-home") == ["home", "job"]


def test_over_ssh(lab: Any, lab_site: Site, lab_base: str, tmp_path: Path) -> None:
    host = open_host(lab_site)
    try:
        there_and_back(host, f"{lab_base}/job", uploads(Hostile(2).names(300)), tmp_path / "home")
        found = host.run(["sh", "-c", 'find "$HOME" "$1" -maxdepth 2 -name "*CANARY*" -prune -print', "x", lab_base])
    finally:
        host.close()
    assert not [line for line in found.stdout.splitlines() if line.endswith("/CANARY")]


def test_names_that_lead_out_are_refused(tmp_path: Path) -> None:
    for name in ("..", "../x", "/etc/passwd", "a/../../x", "a//b", "", ".", "a/.", "a\0b", "a/..", "./a"):
        file = Upload(name, b"x", 1, hashlib.sha256(b"x").hexdigest())
        with pytest.raises(DkaiError):
            LocalHost().send(str(tmp_path / "job"), [file])
        with pytest.raises(DkaiError):
            Home(tmp_path / "home", [name])
    assert not (tmp_path / "x").exists()


def test_input_files_with_such_names(tmp_path: Path) -> None:
    """What `--input` takes is in the plan as it is; what it does not take is refused in words that can be read."""
    folder, taken = tmp_path / "input", 0
    folder.mkdir()
    recipe = get_recipe(str(recipe_in(tmp_path / "plain")))
    for name in Hostile(4).names(300):
        path = folder / name
        path.write_bytes(b"data")
        try:
            (found,) = gather(recipe, [path])
        except UserError as error:
            entry.show_error(error, as_json=False)
        else:
            taken += 1
            assert found.name == name
            assert found.path.read_bytes() == b"data"
        path.unlink()
    assert taken > 60


def test_plans_with_such_names_are_kept_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance = Hostile(5)
    folder = recipe_in(tmp_path / chance.name(60))
    for name in chance.names(100):
        (folder / f"x{name}").write_bytes(b"# part of the recipe\n")
    recipe = get_recipe(str(folder))
    assert len(script_files(recipe)) == 101
    given = tmp_path / "given"
    given.mkdir()
    names = [name for name in chance.names(200) if not any(ord(c) < 32 or ord(c) == 127 for c in name)][:40]
    names = [name for name in names if not name.startswith(".") and name.casefold() not in {"input"}]
    for name in names:
        (given / name).write_bytes(b"data")
    plan = prepare(Request(str(folder), inputs=(given,))).plan
    assert {file.to.removeprefix("input/") for file in plan.input_files} >= set(names)
    harmless(rendered(render_plan.whole(plan)))
    assert read_plan(plan_text(plan)) == plan
    with open_ledger() as ledger:
        ledger.add(job_id=plan.job_id, recipe="x", recipe_version="1", site="local", folder=plan.folder,
                   plan=plan_text(plan), evidence={})  # fmt: skip
        assert read_plan(ledger.plan(plan.job_id)) == plan
    assert capsys.readouterr().err == ""


def test_fetched_names_are_shown_harmlessly() -> None:
    from dkai.cli import render_jobs

    names = tuple(Hostile(6).names(200))
    for start in range(0, 200, 20):
        fields = {"into": f"/x/{names[start]}", "files": names[start : start + 20]}
        harmless(rendered(render_jobs.fetched(fetched(**fields))))


def fetched(**fields: Any) -> Fetched:
    """Fetched, with what these fields leave out empty."""
    import dataclasses

    empty: dict[str, Any] = {}
    for field in dataclasses.fields(Fetched):
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            empty[field.name] = {"int": 0, "str": "", "bool": False}.get(str(field.type), ())
    return Fetched(**{**empty, **fields})


def recipe_in(folder: Path) -> Path:
    """A recipe that takes any number of files, in a folder of that name."""
    folder.mkdir()
    (folder / "recipe.yaml").write_text(
        "schema: dkai/recipe/1\nid: any\nname: any\nsummary: {da: x, en: x}\nrun: {script: main.py}\n"
        "resources: {cpus: 1, memory_gb: 0.2, minutes: 5}\ninput: {kind: files, text: {da: x, en: x}}\n",
        encoding="utf-8",
    )
    (folder / "main.py").write_text("", encoding="utf-8")
    return folder
