"""In which ways a job may get its interpreter, in the order in which they are tried there. Pure.

Decided here, before anything is sent, from what the person said, what the recipe needs and what the catalogue knows of
the place; carried out on the node by the runner (`runner/environment.py`). What the person named comes first and stands
alone. Else: what is there already, what the place itself provides (modules, containers), packages that were carried
along, and last an environment made from a package index, where the place has one to reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from dkai.core.clean import one_line
from dkai.core.errors import UserError
from dkai.core.i18n import t

if TYPE_CHECKING:
    from dkai.compute.recipes.recipe import Recipe
    from dkai.compute.site import Site

Kind = Literal["present", "module", "container", "wheels", "venv"]
Choice = Literal["auto", "present", "module", "container", "wheels", "venv"]
Internet = Literal["yes", "no", "unknown"]
CHOICES: tuple[str, ...] = get_args(Choice)
WHEELS: Literal["wheels"] = "wheels"  # also the folder of packages that travel with a job
# As Lmod and Environment Modules name them: nothing that a shell or `module` itself could read as something else.
_MODULE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.+:/-]{0,199}$")
_FOLDER = re.compile(r"^/[A-Za-z0-9_.+/-]{1,300}$")
_IMAGE = re.compile(
    r"^(?:(?:docker|oras|library)://[A-Za-z0-9][\w.:/@+-]*|(?:/|~/)[^\x00-\x1f\x7f-\x9f\ud800-\udfff,:]*)$"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person said about it, for this job."""

    kind: str | None = None  # None: not said, so the site's own setting, else `auto`
    modules: tuple[str, ...] = ()
    image: str | None = None
    carry_wheels: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way, with what it needs there and why it is tried."""

    kind: Kind
    modules: tuple[str, ...] = ()
    use: tuple[str, ...] = ()  # folders for `module use`
    image: str | None = None
    bind: tuple[str, ...] = ()  # folders of the place that the image must see
    python: str | None = None  # the interpreter, where it is known by path or name
    gpu_libraries: bool = True  # whether the host's own GPU libraries go into the container (--nv, --rocm)
    offline: bool = False  # only an environment that was made before: nothing can be fetched there
    python_version: str | None = None  # that carried packages are for
    why: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a place itself provides, from the catalogue."""

    id: str
    provides: tuple[str, ...]  # modules that can be imported
    language: str = "python"
    accelerator: str | None = None  # cuda, rocm; None: it says nothing of GPUs
    modules: tuple[str, ...] = ()
    use: tuple[str, ...] = ()
    image: str | None = None
    bind: tuple[str, ...] = ()
    python: str | None = None
    gpu_libraries: bool = True


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known of the place beforehand."""

    internet: Internet = "unknown"  # from its compute nodes
    offers: tuple[Offer, ...] = ()
    accelerator: str | None = None  # of the GPUs that the job would get: cuda, rocm; None: none, or not known


def read_surroundings(entry: Mapping[str, Any] | None, accelerator: str | None = None) -> Surroundings:
    """What a place's entry in the catalogue tells; of what it does not tell nothing is supposed."""
    known = (entry or {}).get("environments") or {}
    internet = (known.get("internet") or {}).get("compute", "unknown")
    offers = tuple(
        Offer(
            id=str(one["id"]), provides=tuple(one["provides"]), language=one.get("language") or "python",
            accelerator=one.get("accelerator"), modules=tuple(one.get("modules") or ()),
            use=tuple(one.get("use") or ()), image=one.get("image"), bind=tuple(one.get("bind") or ()),
            python=one.get("python"), gpu_libraries=one.get("gpu_libraries") is not False,
        )
        for one in known.get("offers") or ()
    )  # fmt: skip
    return Surroundings(internet, offers, accelerator)


def ways_for(
    recipe: Recipe, site: Site, wish: Wish, *, around: Surroundings, builds: Mapping[str, str],
    python_version: str | None,
) -> tuple[Way, ...]:  # fmt: skip
    """The ways, in their order; never empty.

    `builds` are the recipe's requirements by accelerator (`any`: all), `python_version` that of the place's Python.
    Raises UserError for a choice that cannot be: a module or image that nobody named, packages that nobody builds.
    """
    settled = _settled(wish, site)
    ways = tuple(_ordered(recipe, settled, around, site.python))
    if fits(builds, around.accelerator) is not None:
        ways += tuple(_made(recipe, settled, around, python_version))
    if settled.kind != "auto":
        ways = tuple(way for way in ways if way.kind == settled.kind)
    if not ways:
        raise _none(settled.kind or "auto", recipe, around, builds)
    return ways


def _settled(wish: Wish, site: Site) -> Wish:
    """The wish with the site's settings in it. What was said for the job wins; naming a thing is asking for it."""
    named = "container" if wish.image else "module" if wish.modules else WHEELS if wish.carry_wheels else None
    kind = wish.kind or named or site.environment or "auto"
    return Wish(kind, wish.modules or site.modules or (), wish.image or site.image, wish.carry_wheels)


def _ordered(recipe: Recipe, wish: Wish, around: Surroundings, python: str | None) -> Iterator[Way]:
    """What the person named, what is there, and what the place provides; a thing that was named stands alone."""
    if wish.image:
        yield Way("container", *_modules(wish.modules), image=wish.image, why=t("you named the image"))
    elif wish.modules:
        yield Way("module", *_modules(wish.modules), why=t("you named the modules"))
    if wish.kind != "auto" or not (wish.image or wish.modules):
        named = python if recipe.run.language == "python" else None
        yield Way("present", why=t("the site's python: {path}", path=named) if named else t("if it has what is needed"))
        yield from _offered(recipe, around)


def _made(recipe: Recipe, wish: Wish, around: Surroundings, python_version: str | None) -> Iterator[Way]:
    """Environments made for the job; with the Python of the modules, where some were named."""
    if recipe.run.language == "r":
        return
    if wish.carry_wheels or wish.kind == WHEELS:
        yield Way(WHEELS, *_modules(wish.modules), python_version=python_version, why=t("its packages travel along"))
    if "packages" not in recipe.network or (wish.kind == "auto" and (wish.image or wish.modules)):
        return
    if around.internet == "no":
        yield Way(
            "venv", *_modules(wish.modules), offline=True, why=t("if one was made there before: no internet there")
        )
    else:
        yield Way("venv", *_modules(wish.modules), why=t("packages fetched there, once"))


def _offered(recipe: Recipe, around: Surroundings) -> Iterator[Way]:
    """What the place provides and the recipe can use. Without imports anything would do, and what is there suffices."""
    wanted = {name.partition(".")[0] for name in recipe.run.imports}
    for one in around.offers:
        if not wanted or one.language != recipe.run.language or not wanted <= set(one.provides):
            continue
        if around.accelerator and one.accelerator not in (None, around.accelerator):
            continue
        kind: Kind = "container" if one.image else "module" if one.modules else "present"
        yield Way(
            kind, modules=one.modules, use=one.use, image=one.image, bind=one.bind, python=one.python,
            gpu_libraries=one.gpu_libraries, why=t("the place's own: {name}", name=one.id),
        )  # fmt: skip


def fits(builds: Mapping[str, str], accelerator: str | None) -> str | None:
    """The requirements that fit the accelerator; where it is not known any will do, and the runner looks again."""
    if accelerator is None:
        return builds.get("any") or next(iter(builds.values()), None)
    return builds.get("any") or builds.get(accelerator)


def _none(kind: str, recipe: Recipe, around: Surroundings, builds: Mapping[str, str]) -> UserError:
    """Why the chosen way cannot be gone, and what can be done."""
    other = t("leave --env away, and dkai tries what there is")
    if kind == "module":
        return UserError(
            t("no module is named, and the catalogue knows none there that this recipe can use"),
            code="no-module-named",
            hint=t("name it: --module NAME; module spider on the place shows which there are") + "\n" + other,
        )
    if kind == "container":
        return UserError(
            t("no container image is named, and the catalogue knows none there that this recipe can use"),
            code="no-image-named",
            hint=t("give its path on the place: --image /…/name.sif") + "\n" + other,
        )
    if recipe.run.language == "r":
        return UserError(
            t("dkai makes no environments for R"),
            code="no-environment-for-r",
            hint=t("name the module or the container that has R: --module, --image") + "\n" + other,
        )
    if builds and around.accelerator and fits(builds, around.accelerator) is None:
        return UserError(
            t("this recipe has no packages built for {accelerator}, which the GPUs there need",
              accelerator={"rocm": "ROCm", "cuda": "CUDA"}.get(around.accelerator, around.accelerator)),
            code="no-build",
            hint=t("use the place's own container or module: --image, --module") + "\n" + other,
        )  # fmt: skip
    return UserError(
        t("this recipe needs no packages, or says none that could be installed"),
        code="no-requirements",
        hint=other,
    )


def check_kind(word: str) -> str:
    """The word, where it is one of the choices. Raises ValueError with the reason."""
    if word not in CHOICES:
        raise ValueError(t("“{value}” is none of: {names}", value=one_line(word), names=", ".join(CHOICES)))
    return word


def check_modules(words: Sequence[str]) -> tuple[str, ...]:
    """The words, where all can be names of modules, or folders to `module use`. Raises ValueError with the reason."""
    for word in words:
        if not (_MODULE.fullmatch(word) or _FOLDER.fullmatch(word)):
            raise ValueError(t("“{value}” cannot be a module's name", value=one_line(word)))
    if words and not _modules(words)[0]:
        raise ValueError(t("a module's name is missing beside the folder that modules are in"))
    return tuple(words)


def _modules(words: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is loaded, and the folders that are used for it: a word that begins with / is one."""
    return tuple(w for w in words if not w.startswith("/")), tuple(w for w in words if w.startswith("/"))


def check_image(word: str) -> str:
    """The image, where it can be one: a path on the place, or `docker://…`. Raises ValueError with the reason."""
    if not _IMAGE.fullmatch(word):
        raise ValueError(
            t("“{value}” is no image: give its whole path on the place (/…/name.sif), or docker://…",
              value=one_line(word))
        )  # fmt: skip
    return word


def as_job(way: Way) -> dict[str, Any]:
    """A way for job.json: what is set, and nothing that only a person reads."""
    plain: dict[str, Any] = {"kind": way.kind}
    for name in ("modules", "use", "bind"):
        if getattr(way, name):
            plain[name] = list(getattr(way, name))
    for name in ("image", "python", "python_version"):
        if getattr(way, name):
            plain[name] = getattr(way, name)
    if not way.gpu_libraries:
        plain["gpu_libraries"] = False
    if way.offline:
        plain["offline"] = True
    if way.kind == "wheels":
        plain["folder"] = WHEELS
    return plain


def shown(way: Way) -> str:
    """A way in a few words, with why it is tried."""
    what = {
        "present": way.python or t("what is there"),
        "module": t("module {names}", names=" ".join(way.modules)),
        "container": t("container {image}", image=way.image),
        "wheels": t("an environment from packages that travel along"),
        "venv": t("an environment of its own"),
    }[way.kind]
    return f"{what} ({way.why})" if way.why else what
