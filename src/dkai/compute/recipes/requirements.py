"""A recipe's files of requirements: which of them fits which accelerator, and what of one counts at a place."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Iterator, Mapping

from dkai.compute.recipes.recipe import Recipe
from dkai.core.files import read_text

# What a build of packages for NVIDIA's GPUs brings from the index: those libraries, as distributions of their own.
_NVIDIA = re.compile(r"^nvidia[-_]", re.MULTILINE | re.IGNORECASE)
_ENTRY = re.compile(r"^[A-Za-z0-9]")
_COMPARE = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip


def builds_of(recipe: Recipe) -> dict[str, str]:
    """The files by what they fit: `any`, or `cpu`, `cuda` and `rocm`; empty without any. Raises UserError.

    A single file that pins NVIDIA's libraries fits CPUs and NVIDIA's GPUs, and no others.
    """
    if recipe.run.builds:
        return dict(recipe.run.builds)
    name = recipe.run.requirements
    if name is None:
        return {}
    if _NVIDIA.search(read_text(recipe.folder / name)):
        return {"cpu": name, "cuda": name}
    return {"any": name}


def for_place(text: str, place: Mapping[str, str]) -> str:
    """The requirements that count at a place, without their markers: pip reads markers by the Python that it runs on.

    `place` gives the markers' variables (PEP 508), such as `python_full_version`. A marker that cannot be read stays.
    """
    return "".join(_entries(text, place))


def _entries(text: str, place: Mapping[str, str]) -> Iterator[str]:
    """Line by line; the lines that go on from an entry (its hashes) are kept or left out with it."""
    keeps = True
    for line in text.splitlines():
        shown = line
        if _ENTRY.match(line):
            head, semicolon, rest = line.partition(";")
            marker, goes_on = rest.removesuffix("\\"), " \\" if rest.endswith("\\") else ""
            truth = _holds(marker, place) if semicolon else True
            keeps = truth is not False
            if semicolon and truth:
                shown = head.rstrip() + goes_on
        if keeps:
            yield shown + "\n"


def _holds(marker: str, place: Mapping[str, str]) -> bool | None:
    """Whether a marker is true there; None when it cannot be read. It is parsed as what it looks like, never run."""
    try:
        return _truth(ast.parse(marker.strip(), mode="eval").body, place)
    except (SyntaxError, ValueError, KeyError):
        return None


def _truth(node: ast.expr, place: Mapping[str, str]) -> bool:
    if isinstance(node, ast.BoolOp):
        parts = [_truth(part, place) for part in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        sides = (node.left, node.comparators[0])
        left, right = (_value(side, place) for side in sides)
        compare = _COMPARE[type(node.ops[0])]
        if any(isinstance(side, ast.Name) and "version" in side.id for side in sides):
            return bool(compare(_numbers(left), _numbers(right)))
        return bool(compare(left, right))
    raise ValueError(ast.dump(node))


def _value(node: ast.expr, place: Mapping[str, str]) -> str:
    if isinstance(node, ast.Name):
        return place[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError(ast.dump(node))


def _numbers(version: str) -> tuple[int, ...]:
    """`3.11.2` as numbers that compare; `3.12` counts as `3.12.0` does."""
    found = [int(word) for word in re.findall(r"\d+", version)]
    while found and found[-1] == 0:
        found.pop()
    return tuple(found)
