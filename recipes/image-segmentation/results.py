"""The files: masks and pictures of each image, one table of all objects, and the figures of them all."""

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image
from skimage.segmentation import find_boundaries

import spreadsheet
import task
from analysis import Analysed
from words import Words

LINE = (255, 176, 0)
LINE_BORDER = (90, 180, 255)  # objects cut by the image's border
PREVIEW = 900  # pixels, the longer side


def write_picture_files(one: Analysed, words: Words) -> None:
    """One image's labels as TIFF (16 bits, 32 where there are too many) and the image with the outlines on it."""
    labels = one.labels
    assert labels is not None
    deep = labels.astype(np.uint16 if labels.max() < 2**16 else np.int32)
    target = io.BytesIO()
    Image.fromarray(deep).save(target, "TIFF", compression="tiff_deflate")
    task.write(f"masks/{one.name}.tif", target.getvalue(), words)
    target = io.BytesIO()
    Image.fromarray(outlined(one)).save(target, "PNG")
    task.write(f"overlays/{one.name}.png", target.getvalue(), words)


def outlined(one: Analysed) -> np.ndarray:
    """The image in grey with the outline of every object."""
    values, labels = one.values, one.labels
    assert values is not None
    assert labels is not None
    low, high = np.percentile(values, [0.5, 99.8])
    grey = np.clip((values - low) / max(high - low, 1e-9), 0, 1) * 255
    rgb = np.repeat(grey.astype(np.uint8)[..., None], 3, axis=2)
    edge = find_boundaries(labels, mode="inner")
    cut = np.zeros(int(labels.max()) + 1, bool)
    cut[[thing.number for thing in one.things if thing.on_border]] = True
    rgb[edge] = LINE
    rgb[edge & cut[labels]] = LINE_BORDER
    return rgb


def preview(one: Analysed) -> bytes:
    """The outlined image, small enough for a page."""
    image = Image.fromarray(outlined(one))
    if max(image.size) < PREVIEW // 2:
        times = PREVIEW // 2 // max(image.size) + 1
        image = image.resize((image.width * times, image.height * times), Image.Resampling.NEAREST)
    image.thumbnail((PREVIEW, PREVIEW))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=82)
    return target.getvalue()


def write_table(done: Sequence[Analysed], params: dict[str, Any], words: Words) -> None:
    """All objects, one a line."""
    size = params["pixel_size"]
    heads = ["image", "object", "x_px", "y_px", "area_px", "area_um2", "diameter_px", "diameter_um", "roundness",
             "solidity", "longest_px", "shortest_px", "mean", "signal", "on_border"]  # fmt: skip
    rows = (
        (
            one.file, t.number, t.x, t.y, t.area, None if size is None else t.area * size**2, t.diameter,
            None if size is None else t.diameter * size, t.roundness, t.solidity, t.longest, t.shortest, t.mean,
            t.signal, int(t.on_border),
        )
        for one in done
        for t in one.things
    )  # fmt: skip
    spreadsheet.write_table("objects.csv", heads, rows, words)


def middle(values: Sequence[float]) -> dict[str, float] | None:
    """Median and quartiles; None without values."""
    if not values:
        return None
    low, half, high = np.percentile(values, [25, 50, 75])
    return {"median": round(float(half), 4), "quartile_1": round(float(low), 4), "quartile_3": round(float(high), 4)}


def summary(
    done: Sequence[Analysed], failed: dict[str, str], params: dict[str, Any], version: str, made: str, words: Words
) -> dict[str, Any]:
    """All figures for a program."""
    count = sum(len(one.things) for one in done)
    ranges = [one.counts for one in done if one.counts]
    held = [one.truth for one in done if one.truth]
    score = None
    if held:
        true, found, matched = (sum(getattr(a, name) for a in held) for name in ("true", "found", "matched"))
        score = {
            "images": len(held), "true": true, "found": found, "matched": matched,
            "f1": round(2 * matched / (true + found), 4) if true + found else 1.0,
            "dice_mean": round(float(np.mean([a.dice for a in held])), 4),
            "merged": sum(a.merged for a in held), "parted": sum(a.parted for a in held),
        }  # fmt: skip
    inside, size = [t for one in done for t in one.things if not t.on_border], params["pixel_size"]
    n = words.counted("object", count)
    i = words.counted("image", len(done))
    low, high = sum(r[0] for r in ranges), sum(r[1] for r in ranges)
    if score:
        verdict = words("verdict-truth", n=n, i=i, f1=words.share(score["f1"]), true=words.whole(score["true"]))
    elif not ranges:
        verdict = words("verdict", n=n, i=i)
    elif low == high == count:
        verdict = words("verdict-steady", n=n, i=i)
    else:
        verdict = words("verdict-range", n=n, i=i, low=words.whole(low), high=words.whole(high))
    return {
        "recipe": "image-segmentation",
        "version": version,
        "made": made,
        "engine": params["engine"],
        "verdict": verdict,
        "images": len(done),
        "objects": count,
        "objects_range": [low, high] if len(ranges) == len(done) else None,
        "area_px": middle([t.area for t in inside]),
        "area_um2": middle([t.area * size**2 for t in inside]) if size is not None else None,
        "against_masks": score,
        "parameters": params,
        "per_image": [_one(one) for one in done],
        "failed": [{"file": file, "why": why} for file, why in failed.items()],
    }  # fmt: skip


def _one(one: Analysed) -> dict[str, Any]:
    return {
        "file": one.file,
        "height": one.shape[0],
        "width": one.shape[1],
        "channel": one.channel,
        "objects_are": "dark" if one.dark else "bright",
        "objects": len(one.things),
        "objects_range": list(one.counts) if one.counts else None,
        "on_border": sum(t.on_border for t in one.things),
        "covered": round(one.covered, 4),
        "covered_range": [round(share, 4) for share in one.areas] if one.areas else None,
        "area_px": middle([t.area for t in one.things if not t.on_border]),
        "signal": middle([t.signal for t in one.things]),
        "warnings": [key.removeprefix("warn-") for key, _ in one.warnings],
        "against_mask": None
        if one.truth is None
        else {
            "true": one.truth.true, "matched": one.truth.matched, "f1": round(one.truth.f1, 4),
            "dice": round(one.truth.dice, 4), "merged": one.truth.merged, "parted": one.truth.parted,
            "mean_overlap": None if one.truth.overlap is None else round(one.truth.overlap, 4),
        },
        "mask_failed": one.truth_failed or None,
    }  # fmt: skip
