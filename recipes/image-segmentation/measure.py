"""What each object is: where, how large, how round, how bright."""

import math
from dataclasses import dataclass

import numpy as np
from skimage.measure import regionprops_table

PROPERTIES = (
    "label", "centroid", "area", "perimeter", "solidity", "axis_major_length", "axis_minor_length", "bbox",
    "intensity_mean",
)  # fmt: skip


@dataclass(frozen=True)
class Thing:
    """One object. Lengths in pixels; `signal` is its mean brightness above the background around it."""

    number: int
    x: float
    y: float
    area: float
    diameter: float  # of a circle with the same area
    roundness: float  # 4π·area/perimeter²: 1 for a circle
    solidity: float  # share of its convex hull that it fills; low where several hang together
    longest: float
    shortest: float
    mean: float
    signal: float
    on_border: bool


def measured(labels: np.ndarray, values: np.ndarray) -> list[Thing]:
    """Every object, in the order of its number."""
    if not labels.max():
        return []
    table = regionprops_table(labels, values, properties=PROPERTIES)
    level = float(np.median(values[labels == 0])) if (labels == 0).any() else 0.0
    height, width = labels.shape
    found = []
    for at in range(len(table["label"])):
        area, around = float(table["area"][at]), float(table["perimeter"][at])
        top, left, bottom, right = (int(table[f"bbox-{n}"][at]) for n in range(4))
        found.append(
            Thing(
                number=int(table["label"][at]),
                x=float(table["centroid-1"][at]),
                y=float(table["centroid-0"][at]),
                area=area,
                diameter=2 * math.sqrt(area / math.pi),
                roundness=min(1.0, 4 * math.pi * area / around**2) if around else 0.0,
                solidity=float(table["solidity"][at]),
                longest=float(table["axis_major_length"][at]),
                shortest=float(table["axis_minor_length"][at]),
                mean=float(table["intensity_mean"][at]),
                signal=abs(float(table["intensity_mean"][at]) - level),
                on_border=top == 0 or left == 0 or bottom == height or right == width,
            )
        )
    return found
