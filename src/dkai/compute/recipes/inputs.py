"""The person's input files: there, of the right kind, measured and hashed before anything is shown."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.recipes.recipe import Recipe
from dkai.core.errors import UserError
from dkai.core.i18n import nt, t
from dkai.core.oserrors import reason

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file, with the name it gets below `input/`."""

    path: Path
    name: str
    size: int
    sha256: str


def gather(
    recipe: Recipe, given: Sequence[Path], *, sample: bool = False, progress: Callable[[int], None] | None = None
) -> list[InputFile]:
    """The files to send, hashed; with `sample` the recipe's own. Raises UserError naming what is wrong with which."""
    spec = recipe.input
    paths = list(given)
    if sample:
        if paths:
            raise _wrong(
                "two-inputs",
                t("either your own input or the recipe's sample, not both"),
                t("leave out --sample or --input"),
            )
        # A recipe without input has no sample either, and runs as it is.
        paths = [recipe.folder / spec.sample] if spec.sample else []
    if not paths:
        if spec.required:
            hint = t("give it with --input FILE") + (t(", or try the recipe's own: --sample") if spec.sample else "")
            raise _wrong(
                "missing-input",
                t("the recipe {recipe} needs input: {text}", recipe=recipe.id, text=spec.text or spec.kind),
                hint,
            )
        return []
    if spec.kind == "none":
        raise _wrong("no-input", t("the recipe {recipe} takes no input", recipe=recipe.id), t("leave out --input"))
    named = [pair for path in paths for pair in _files(path.expanduser())]
    _check_names(recipe, named)
    return [_hashed(path, name, progress) for path, name in named]


def _wrong(code: str, message: str, hint: str) -> UserError:
    return UserError(message, code=code, hint=hint)


def _files(path: Path) -> Iterator[tuple[Path, str]]:
    """A file under its own name; a folder's under their names in it, without hidden files and links."""
    try:
        if path.is_dir():
            for below in sorted(path.rglob("*")):
                parts = below.relative_to(path).parts
                if not below.is_symlink() and below.is_file() and not any(part.startswith(".") for part in parts):
                    yield below, "/".join(parts)
            return
        mode = path.stat().st_mode
    except OSError as error:
        raise _wrong(
            "cannot-read",
            t("cannot read {path}: {why}", path=path, why=reason(error)),
            t("check the path and your permissions"),
        ) from error
    if not stat.S_ISREG(mode):
        raise _wrong(
            "not-a-file", t("{path} is neither a file nor a folder", path=path), t("copy its content into a file first")
        )
    yield path, path.name


def _check_names(recipe: Recipe, named: list[tuple[Path, str]]) -> None:
    spec = recipe.input
    if not named:
        raise _wrong("empty-input", t("there is no file in the input folder"), t("hidden files and links are left out"))
    most = 1 if spec.kind == "file" else spec.max_files
    if most and len(named) > most:
        raise _wrong(
            "too-many-files",
            nt(
                "the recipe takes {n} file, {given} were given",
                "the recipe takes at most {n} files, {given} were given",
                most,
                given=len(named),
            ),
            t("choose among them, or run the recipe once for each"),
        )
    seen: set[str] = set()
    for path, name in named:
        if name.casefold() in seen:
            raise _wrong(
                "same-name", t("two input files are called {name}", name=name), t("give one of them another name")
            )
        seen.add(name.casefold())
        if any(ord(c) < 32 or ord(c) == 127 for c in name):
            raise _wrong(
                "bad-name", t("the name of {path} holds control characters", path=repr(name)), t("rename the file")
            )
        if spec.accepts and not name.lower().endswith(spec.accepts):
            raise _wrong(
                "wrong-kind",
                t("{path} is not what the recipe {recipe} takes", path=path, recipe=recipe.id),
                t("it takes files ending in {names}", names=", ".join(spec.accepts)),
            )


def _hashed(path: Path, name: str, progress: Callable[[int], None] | None) -> InputFile:
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
                size += len(block)
                if progress:
                    progress(len(block))
    except OSError as error:
        raise _wrong(
            "cannot-read",
            t("cannot read {path}: {why}", path=path, why=reason(error)),
            t("check the path and your permissions"),
        ) from error
    if size == 0:
        raise _wrong("empty-input", t("{path} is empty", path=path), t("check that it is the file you meant"))
    return InputFile(path.absolute(), name, size, digest.hexdigest())
