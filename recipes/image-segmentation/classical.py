"""Objects by a threshold and a watershed, the way textbooks do it; every step is a few lines and can be explained.

Background: a wide Gaussian of the image itself. Threshold: Otsu (1979), or a local mean. Touching objects are parted by
a watershed on the distance to the edge, seeded at its smoothed maxima (Vincent & Soille 1991).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import ndimage
from skimage.feature import peak_local_max
from skimage.filters import threshold_local, threshold_otsu
from skimage.measure import label
from skimage.segmentation import watershed

MOVE = 0.1  # how far the threshold is moved to see how much hangs on it
LEAST_CONTRAST = 3.0  # objects must stand this many times the noise above the background


@dataclass(frozen=True)
class Found:
    """Labels (0 is background), and what they were found with."""

    labels: np.ndarray
    dark: bool
    threshold: float | None = None
    counts: tuple[int, int] | None = None  # least and most objects when the threshold is moved
    areas: tuple[float, float] | None = None  # least and most covered share
    background: np.ndarray | None = None


def segment(values: np.ndarray, params: dict[str, Any]) -> Found:
    """The objects in one channel."""
    smooth = ndimage.gaussian_filter(values, params["smooth"]) if params["smooth"] else values
    dark = params["objects"] == "dark" or (params["objects"] == "auto" and mostly_bright(smooth))
    signal = -smooth if dark else smooth
    flat, background = flattened(signal, params)
    bound = cut(flat, params)
    labels = _labels(flat > bound, params)
    if not stands_out(flat, labels, values):
        return Found(np.zeros(values.shape, np.int32), dark, None, (0, 0), (0.0, 0.0), background)
    middle = np.median(flat)
    moved = [_labels(flat > middle + (bound - middle) * (1 + by), params) for by in (-MOVE, MOVE)]
    counts = [int(each.max()) for each in (labels, *moved)]
    shares = [float((each > 0).mean()) for each in (labels, *moved)]
    return Found(
        labels, dark, float(np.mean(bound)), (min(counts), max(counts)), (min(shares), max(shares)), background
    )


def mostly_bright(values: np.ndarray) -> bool:
    """Whether the objects are the dark part: the background is the commoner side of an Otsu threshold."""
    return bool((values > threshold_otsu(values)).mean() > 0.5) if np.ptp(values) > 0 else False


def flattened(signal: np.ndarray, params: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """The signal without the slow change of the light, and that change: a wide blur of what is not bright."""
    wide = max(signal.shape) / 8 if params["diameter"] is None else max(2.0 * params["diameter"], 8.0)
    if np.ptp(signal) == 0:
        return signal - signal.min(), np.zeros_like(signal)
    # Objects would lift the background under them: only what lies below a first threshold counts.
    below = (signal <= threshold_otsu(signal)).astype(np.float32)
    weight, level = blurred(below, wide), blurred(signal * below, wide)
    level = level / np.maximum(weight, 1e-6)
    trusted = weight > 0.02
    background = np.where(trusted, level, np.median(signal[below > 0]))
    return signal - background, background


def blurred(values: np.ndarray, wide: float) -> np.ndarray:
    """A Gaussian blur; a wide one is made on block means, where it costs hardly anything and looks the same."""
    block = max(1, int(wide / 12))
    if block == 1:
        return ndimage.gaussian_filter(values, wide, mode="reflect")
    rows, columns = values.shape
    padded = np.pad(values, ((0, -rows % block), (0, -columns % block)), mode="edge")
    small = padded.reshape(padded.shape[0] // block, block, -1, block).mean(axis=(1, 3))
    soft = ndimage.gaussian_filter(small, wide / block, mode="reflect")
    # Each block's mean belongs to the block's middle.
    at = [(np.arange(size) - (block - 1) / 2) / block for size in values.shape]
    return ndimage.map_coordinates(soft, np.meshgrid(*at, indexing="ij"), order=1, mode="nearest").astype(np.float32)


def cut(flat: np.ndarray, params: dict[str, Any]) -> np.ndarray | float:
    """The threshold: one for the whole image, or one that follows it."""
    if np.ptp(flat) == 0:
        return float(flat.max())
    whole = float(threshold_otsu(flat))
    if params["threshold"] == "otsu":
        return whole
    size = round(4 * params["diameter"]) if params["diameter"] else round(max(flat.shape) / 8)
    local = threshold_local(flat, max(size, 15) | 1, method="mean")
    # Where nothing is, a local threshold follows the noise: never below a good part of the common one.
    return np.maximum(local, 0.5 * whole)


def _labels(mask: np.ndarray, params: dict[str, Any]) -> np.ndarray:
    """Objects of a mask: holes filled, touching ones parted, small ones left out, numbered from 1."""
    mask = ndimage.binary_fill_holes(mask)
    mask = ndimage.binary_opening(mask, ndimage.generate_binary_structure(2, 1))
    labels = label(mask)
    if params["split"] and labels.max():
        labels = parted(labels, params["diameter"])
    return without_small(labels, params["smallest"])


def parted(labels: np.ndarray, diameter: float | None) -> np.ndarray:
    """Objects that touch, parted where they are narrow."""
    mask = labels > 0
    distance = ndimage.distance_transform_edt(mask)
    radius = diameter / 2 if diameter else typical_radius(distance, labels)
    smooth = ndimage.gaussian_filter(distance, max(0.5, radius / 5))
    apart = max(1, round(0.7 * radius))
    peaks = peak_local_max(smooth, min_distance=apart, labels=labels, exclude_border=False)
    seeds = np.zeros(mask.shape, np.int32)
    seeds[tuple(peaks.T)] = np.arange(1, len(peaks) + 1)
    return watershed(-smooth, seeds, mask=mask)


def typical_radius(distance: np.ndarray, labels: np.ndarray) -> float:
    """The middle of the objects' inner radii, each counted by its area so that specks do not count."""
    radii = ndimage.maximum(distance, labels, np.arange(1, labels.max() + 1))
    order = np.argsort(radii)
    share = np.cumsum(np.asarray(radii)[order] ** 2)
    return float(np.asarray(radii)[order][np.searchsorted(share, share[-1] / 2)])


def without_small(labels: np.ndarray, smallest: int) -> np.ndarray:
    """The labels without objects below so many pixels, numbered from 1 without gaps."""
    sizes = np.bincount(labels.ravel())
    keep = sizes >= smallest
    keep[0] = False
    return (np.cumsum(keep) * keep)[labels].astype(np.int32)


def stands_out(flat: np.ndarray, labels: np.ndarray, values: np.ndarray) -> bool:
    """Whether what was found is more than noise: Otsu parts pure noise too, in two halves."""
    inside = labels > 0
    if not inside.any() or inside.all():
        return False
    gap = float(np.median(flat[inside]) - np.median(flat[~inside]))
    spread = 1.4826 * float(np.median(np.abs(flat[~inside] - np.median(flat[~inside]))))
    step = float(np.ptp(values)) / 1000
    return gap > LEAST_CONTRAST * max(spread, step)
