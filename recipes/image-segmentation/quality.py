"""What is wrong with an image, or with what was found in it, that the numbers alone do not tell."""

import numpy as np
from scipy import ndimage

from classical import Found
from images import Picture
from measure import Thing

BORDER_SHARE = 0.2
SATURATED_SHARE = 0.001
UNEVEN = 0.25  # of the objects' own signal
BLURRED = 0.6  # width of an object's edge against its radius
CROWDED = 0.6
RAGGED, RAGGED_SHARE = 0.85, 0.15

Warnings = list[tuple[str, dict[str, float]]]


def warnings(picture: Picture, found: Found, things: list[Thing]) -> Warnings:
    """(key in the texts, its values), in order of how much they matter."""
    labels, values = found.labels, picture.values
    if not things:
        return [("warn-none", {})]
    told: Warnings = []
    covered = float((labels > 0).mean())
    if covered > CROWDED:
        told.append(("warn-crowded", {"share": covered}))
    if found.counts and found.counts[1] - found.counts[0] > max(2, 0.15 * len(things)):
        told.append(("warn-unstable", {"low": found.counts[0], "high": found.counts[1]}))
    full = values >= picture.full if not found.dark else values <= 0
    if full.mean() > SATURATED_SHARE and full[labels > 0].any():
        told.append(("warn-saturated", {"share": float(full.mean())}))
    signal = float(np.median([thing.signal for thing in things]))
    if found.background is not None and signal > 0:
        slope = float(np.percentile(found.background, 95) - np.percentile(found.background, 5)) / signal
        if slope > UNEVEN:
            told.append(("warn-uneven", {"share": slope}))
    wide = edge_width(values, labels, things)
    radius = float(np.median([thing.diameter for thing in things])) / 2
    if wide is not None and radius > 4 and wide > BLURRED * radius:
        told.append(("warn-blurred", {"px": wide}))
    border = sum(thing.on_border for thing in things) / len(things)
    if border > BORDER_SHARE:
        told.append(("warn-border", {"share": border}))
    ragged = sum(thing.solidity < RAGGED for thing in things) / len(things)
    if ragged > RAGGED_SHARE:
        told.append(("warn-merged", {"share": ragged}))
    if picture.planes > 1:
        told.append(("warn-planes", {"n": picture.planes}))
    return told


def edge_width(values: np.ndarray, labels: np.ndarray, things: list[Thing]) -> float | None:
    """How many pixels the rise from background to object takes: signal by the steepest slope at the edges."""
    mask = labels > 0
    ring = mask ^ ndimage.binary_erosion(mask, iterations=2)
    if not ring.any():
        return None
    slope = ndimage.gaussian_gradient_magnitude(values, 1.0)
    steep = float(np.percentile(slope[ring], 75))
    signal = float(np.median([thing.signal for thing in things]))
    return signal / steep if steep > 0 else None
