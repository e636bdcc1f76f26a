"""One image from file to numbers."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import classical
import images
import quality
from classical import Found
from compare import Agreement, agreement
from measure import Thing, measured
from words import Words


@dataclass(frozen=True)
class Analysed:
    """What is known of one image. `values` and `labels` are dropped when only the numbers are still needed."""

    file: str
    name: str  # without its ending
    shape: tuple[int, int]
    channel: str
    dark: bool
    things: tuple[Thing, ...]
    counts: tuple[int, int] | None
    areas: tuple[float, float] | None
    covered: float
    warnings: tuple[tuple[str, dict[str, float]], ...]
    truth: Agreement | None
    truth_failed: str
    values: np.ndarray | None
    labels: np.ndarray | None

    def without_pixels(self) -> "Analysed":
        """The numbers alone."""
        return replace(self, values=None, labels=None)


def analyse(
    path: Path, truth: Path | None, shown: str, params: dict[str, Any],
    segment: Callable[[np.ndarray, dict[str, Any]], Found] | None, words: Words,
) -> Analysed:  # fmt: skip
    """Find and measure the objects in one image. Raises images.Unusable."""
    picture = images.read(path, params["channel"], words)
    found = (segment or classical.segment)(picture.values, params)
    things = measured(found.labels, picture.values)
    against, why = None, ""
    if truth is not None:
        try:
            against = agreement(found.labels, images.read_mask(truth, found.labels.shape, words))
        except images.Unusable as error:
            why = str(error)
    return Analysed(
        file=shown,
        name=shown.rsplit(".", 1)[0],
        shape=(found.labels.shape[0], found.labels.shape[1]),
        channel=picture.channel,
        dark=found.dark,
        things=tuple(things),
        counts=found.counts,
        areas=found.areas,
        covered=float((found.labels > 0).mean()),
        warnings=tuple(quality.warnings(picture, found, things)),
        truth=against,
        truth_failed=why,
        values=picture.values,
        labels=found.labels,
    )
