"""In which ways a job may get its interpreter, and in which order: decided before anything is sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dkai.app.environment_walk import surroundings
from dkai.app.submit_walk import Request, prepare
from dkai.compute.environments import (
    CHOICES,
    Offer,
    Surroundings,
    Wish,
    as_job,
    check_image,
    check_kind,
    check_modules,
    read_surroundings,
    shown,
    ways_for,
)
from dkai.compute.job import Resources
from dkai.compute.recipes.recipe import Recipe, Run
from dkai.compute.recipes.requirements import builds_of, for_place
from dkai.compute.site import Site
from dkai.compute.sites_file import get_site, save_site
from dkai.core.errors import UserError
from dkai.core.text import Text

TORCH = Recipe(
    id="x", version="1", name=Text("x", "x"), summary=Text("x", "x"), folder=Path(),
    run=Run("main.py", imports=("torch", "numpy.linalg")), network=("packages",), gpu="optional", resources=Resources(),
)  # fmt: skip
PLAIN = replace(TORCH, run=Run("main.py"))
R = replace(TORCH, run=Run("main.R", language="r", imports=("stats",)), network=())
SIF = Offer("torch-rocm", ("torch", "numpy"), accelerator="rocm", image="/appl/x.sif", use=("/appl/modules",),
            modules=("bindings",), gpu_libraries=False)  # fmt: skip
MODULE = Offer("python", ("numpy",), modules=("python3/3.12",))
HERE = Site("here")


def kinds(
    recipe: Recipe = TORCH, wish: Wish | None = None, site: Site = HERE, around: Surroundings | None = None,
    builds: dict[str, str] | None = None,
) -> list[str]:  # fmt: skip
    ways = ways_for(
        recipe, site, wish or Wish(), around=around or Surroundings(), python_version="3.11.2",
        builds={"any": "r.txt"} if builds is None else builds,
    )  # fmt: skip
    return [way.kind for way in ways]


def test_the_order() -> None:
    assert kinds() == ["present", "venv"]
    assert kinds(around=Surroundings(offers=(SIF, MODULE))) == ["present", "container", "venv"]
    assert kinds(replace(TORCH, run=Run("m", imports=("numpy",))), around=Surroundings(offers=(SIF, MODULE))) == [
        "present", "container", "module", "venv",
    ]  # fmt: skip
    assert kinds(wish=Wish(carry_wheels=True)) == ["wheels"]
    assert kinds(wish=Wish("auto", carry_wheels=True)) == ["present", "wheels", "venv"]
    assert kinds(PLAIN) == ["present", "venv"]
    assert kinds(PLAIN, builds={}) == ["present"]
    assert kinds(R, builds={}) == ["present"]


def test_what_was_named_stands_alone() -> None:
    assert kinds(wish=Wish(modules=("pytorch/2",))) == ["module"]
    assert kinds(wish=Wish(image="/x.sif")) == ["container"]
    site = replace(HERE, modules=("pytorch/2",), environment="module")
    assert kinds(site=site) == ["module"]
    assert kinds(site=site, wish=Wish("venv")) == ["venv"]
    assert kinds(site=replace(HERE, image="/x.sif")) == ["container"]
    assert kinds(R, site=site, builds={}) == ["module"]


def test_a_container_needs_the_modules_beside_it_and_an_environment_their_python() -> None:
    (way,) = ways_for(
        TORCH, HERE, Wish(modules=("/appl/modules", "apptainer/1.3"), image="~/x.sif"), around=Surroundings(),
        builds={}, python_version=None,
    )  # fmt: skip
    assert as_job(way) == {"kind": "container", "modules": ["apptainer/1.3"], "use": ["/appl/modules"],
                           "image": "~/x.sif"}  # fmt: skip
    (way,) = ways_for(
        TORCH, HERE, Wish("venv", modules=("python3/3.12",)), around=Surroundings(), builds={"any": "r"},
        python_version=None,
    )  # fmt: skip
    assert as_job(way) == {"kind": "venv", "modules": ["python3/3.12"]}


@pytest.mark.parametrize(
    ("accelerator", "builds", "expected"),
    [
        ("cuda", {"cpu": "r", "cuda": "r"}, ["present", "venv"]),
        ("rocm", {"cpu": "r", "cuda": "r"}, ["present", "container"]),
        ("rocm", {"cuda": "r", "rocm": "q"}, ["present", "container", "venv"]),
        (None, {"cpu": "r", "cuda": "r"}, ["present", "container", "venv"]),
    ],
)
def test_the_gpus_there(accelerator: str | None, builds: dict[str, str], expected: list[str]) -> None:
    assert kinds(around=Surroundings(offers=(SIF,), accelerator=accelerator), builds=builds) == expected


def test_a_place_without_internet() -> None:
    around = Surroundings(internet="no")
    ways = ways_for(TORCH, HERE, Wish(), around=around, builds={"any": "r"}, python_version="3.9.1")
    assert [way.kind for way in ways] == ["present", "venv"] and ways[1].offline
    assert "no internet" in shown(ways[1])
    ways = ways_for(TORCH, HERE, Wish("wheels"), around=around, builds={"any": "r"}, python_version="3.9.1")
    assert as_job(ways[0]) == {"kind": "wheels", "python_version": "3.9.1", "folder": "wheels"}


@pytest.mark.parametrize(
    ("recipe", "kind", "around", "builds", "code"),
    [
        (TORCH, "module", Surroundings(), {}, "no-module-named"),
        (TORCH, "container", Surroundings(), {}, "no-image-named"),
        (TORCH, "venv", Surroundings(accelerator="rocm"), {"cuda": "r"}, "no-build"),
        (TORCH, "wheels", Surroundings(accelerator="rocm"), {"cuda": "r"}, "no-build"),
        (PLAIN, "venv", Surroundings(), {}, "no-requirements"),
        (R, "venv", Surroundings(), {}, "no-environment-for-r"),
    ],
)
def test_choices_that_cannot_be(recipe: Recipe, kind: str, around: Surroundings, builds: Any, code: str) -> None:
    with pytest.raises(UserError) as error:
        kinds(recipe, Wish(kind), around=around, builds=builds)
    assert error.value.code == code and "--env" in (error.value.hint or "")


@pytest.mark.parametrize("bad", ["", "a b", "$(x)", "a;b", "-h", "a\nb", "`x`", "a'b", "../x", "æ", "a|b", "~/x"])
def test_what_is_no_module(bad: str) -> None:
    with pytest.raises(ValueError):
        check_modules([bad])


def test_modules_and_folders_that_they_are_in() -> None:
    words = ("/appl/local/laifs/modules", "PyTorch/2.1.2-foss-2023a-CUDA-12.1.1", "gcc/13.2+x")
    assert check_modules(words) == words
    with pytest.raises(ValueError, match="missing"):
        check_modules(["/appl/modules"])


@pytest.mark.parametrize("good", ["/appl/x y.sif", "~/x.sif", "docker://pytorch/pytorch:2.4", "oras://host:5000/a"])
def test_images(good: str) -> None:
    assert check_image(good) == good


@pytest.mark.parametrize("bad", ["x.sif", "--help", "/a\nb", "/a,b", "docker://-x y", "file://x", "/a:b", ""])
def test_what_is_no_image(bad: str) -> None:
    with pytest.raises(ValueError):
        check_image(bad)


def test_choices() -> None:
    assert [check_kind(word) for word in CHOICES] == list(CHOICES)
    with pytest.raises(ValueError, match="venv"):
        check_kind("conda")


def test_what_the_catalogue_says() -> None:
    entry = {"environments": {"internet": {"compute": "no"}, "offers": [
        {"id": "a", "provides": ["torch"], "image": "/x.sif", "accelerator": "rocm", "gpu_libraries": False},
        {"id": "b", "provides": ["ggplot2"], "language": "r", "modules": ["R/4"]},
    ]}}  # fmt: skip
    found = read_surroundings(entry, "rocm")
    assert (found.internet, found.accelerator) == ("no", "rocm")
    assert [(one.id, one.language, one.gpu_libraries) for one in found.offers] == [
        ("a", "python", False), ("b", "r", True),
    ]  # fmt: skip
    assert read_surroundings(None) == Surroundings() == read_surroundings({})


def test_settings_of_a_site_are_kept_and_checked() -> None:
    save_site(Site("a", environment="container", modules=("/appl/m", "x/1"), image="/x.sif"))
    assert get_site("a") == Site("a", environment="container", modules=("/appl/m", "x/1"), image="/x.sif")
    for bad in ({"environment": "conda"}, {"modules": ("a b",)}, {"image": "x"}):
        with pytest.raises(UserError, match="the site b cannot have this --"):
            save_site(Site("b", **bad))  # type: ignore[arg-type]


def test_a_plan_says_it_in_one_line_and_hands_it_to_the_job(dkai: Any) -> None:
    done = dkai("compute", "submit", "tabular-baseline", "--sample", "--dry-run", "--format", "json")
    plan = json.loads(done.stdout)
    assert [way["kind"] for way in plan["ways"]] == ["present", "venv"]
    job = json.loads(next(file["text"] for file in plan["files"] if file["to"] == "job.json"))
    assert job["ways"] == [{"kind": "present"}, {"kind": "venv"}]
    text = " ".join(dkai("compute", "quote", "tabular-baseline", "--sample").stdout.split())
    assert "Runs with what is there (if it has what is needed), else an environment of its own" in text
    done = dkai("compute", "quote", "tabular-baseline", "--sample", "--module", "$(x)", check=2)
    assert "cannot be a module's name" in done.stderr
    done = dkai("compute", "quote", "tabular-baseline", "--sample", "--env", "container", check=1)
    assert "no-image-named" in done.stderr


def test_a_plan_with_ways_is_read_back() -> None:
    from dkai.compute.plan import plan_text, read_plan

    plan = prepare(Request("tabular-baseline", sample=True, environment=Wish(modules=("a/1",)))).plan
    assert read_plan(plan_text(plan)) == plan and plan.ways[0].modules == ("a/1",)


def test_a_real_place_with_amds_gpus() -> None:
    around = surroundings(Site("x", provider="lumi"), {"mi250"})
    assert around.accelerator == "rocm"
    recipe = replace(TORCH, run=Run("main.py", imports=("torch",)))
    ways = ways_for(recipe, HERE, Wish(), around=around, builds={"cpu": "r", "cuda": "r"}, python_version="3.6.15")
    assert [way.kind for way in ways] == ["present", "container"]
    assert ways[1].image and ways[1].image.endswith(".sif") and ways[1].modules and not ways[1].gpu_libraries
    assert surroundings(Site("x", provider="marenostrum5"), {"h100"}).internet == "no"
    assert surroundings(Site("x"), {"h100", "mi250"}).accelerator is None  # of two makers: which is not known


# --- requirements


def test_a_file_that_pins_nvidias_libraries_is_for_nvidia(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("torch==2.9 --hash=sha256:0\nnvidia-cublas-cu12==12 --hash=sha256:1\n")
    recipe = replace(TORCH, folder=tmp_path, run=Run("m", requirements="r.txt"))
    assert builds_of(recipe) == {"cpu": "r.txt", "cuda": "r.txt"}
    (tmp_path / "r.txt").write_text("numpy==2 --hash=sha256:0\n")
    assert builds_of(recipe) == {"any": "r.txt"}
    assert builds_of(replace(recipe, run=Run("m", builds={"rocm": "q.txt"}))) == {"rocm": "q.txt"}
    assert builds_of(replace(recipe, run=Run("m"))) == {}


FILE = """\
a==1 ; python_full_version < '3.12' \\
    --hash=sha256:aa
a==2 ; python_full_version >= '3.12' and (sys_platform == "linux" or os_name == 'nt') \\
    --hash=sha256:bb \\
    --hash=sha256:cc
# a comment
b==1 ; sys_platform == 'win32'
c==1 ; extra == 'x' \\
    --hash=sha256:dd
d==1 \\
    --hash=sha256:ee
"""


@pytest.mark.parametrize(
    ("version", "kept"),
    [
        ("3.11.9", "a==1 \\\n    --hash=sha256:aa\n"),
        ("3.12.0", "a==2 \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"),
    ],
)
def test_markers_are_those_of_the_place(version: str, kept: str) -> None:
    place = {"python_full_version": version, "sys_platform": "linux", "os_name": "posix"}
    found = for_place(FILE, place)
    assert found.startswith(kept) and "b==1" not in found
    assert "c==1 ; extra == 'x' \\\n    --hash=sha256:dd\n" in found  # one that cannot be read stays as it is
    assert found.endswith("d==1 \\\n    --hash=sha256:ee\n")
