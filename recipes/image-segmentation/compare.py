"""A result held against the right answer: pixels (Dice), and objects one by one (F1 at an overlap of one half)."""

from dataclasses import dataclass

import numpy as np

OVERLAP = 0.5  # intersection over union from which two objects are the same one; then no object matches two


@dataclass(frozen=True)
class Agreement:
    """How well the result and the mask agree."""

    true: int  # objects in the mask
    found: int
    matched: int
    dice: float  # 2·both/(one + other), over all pixels of objects
    f1: float  # 2·matched/(true + found)
    overlap: float | None  # mean intersection over union of the matched ones; None without any
    merged: int  # objects found that cover most of two or more true ones
    parted: int  # true objects that are covered by two or more found ones


def agreement(found: np.ndarray, true: np.ndarray) -> Agreement:
    """The agreement of two label images of the same size; labels need not be the same numbers."""
    a, b = int(found.max()), int(true.max())
    both = np.bincount(found.ravel().astype(np.int64) * (b + 1) + true.ravel(), minlength=(a + 1) * (b + 1)).reshape(
        a + 1, b + 1
    )
    size_found, size_true = both.sum(axis=1), both.sum(axis=0)
    inside = both[1:, 1:]
    union = size_found[1:, None] + size_true[None, 1:] - inside
    share = np.divide(inside, union, out=np.zeros(inside.shape), where=union > 0)
    hits = share[share > OVERLAP]
    one, other = size_found[1:].sum(), size_true[1:].sum()
    return Agreement(
        true=int((size_true[1:] > 0).sum()),
        found=int((size_found[1:] > 0).sum()),
        matched=len(hits),
        dice=float(2 * inside.sum() / (one + other)) if one + other else 1.0,
        f1=float(2 * len(hits) / (a + b)) if a + b else 1.0,
        overlap=float(hits.mean()) if len(hits) else None,
        merged=int(((inside > 0.5 * size_true[None, 1:]).sum(axis=1) > 1).sum()) if b else 0,
        parted=int(((inside > 0.5 * size_found[1:, None]).sum(axis=0) > 1).sum()) if a else 0,
    )
