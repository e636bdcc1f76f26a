"""Makes the sample: three invented fluorescence images of round nuclei, and the masks of what was put into them."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

SIZE = 256
# name: (nuclei, how many of them stand against another one, brighter light to the right)
IMAGES = {"nuclei-1": (18, 0, 0.0), "nuclei-2": (26, 6, 0.0), "nuclei-3": (22, 4, 0.35)}


def make(count: int, touching: int, uneven: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """An image (8 bits) and its labels."""
    rng = np.random.default_rng(seed)
    placed: list[tuple[float, float, float]] = []
    while len(placed) < count:
        radius = rng.uniform(9, 13)
        if len(placed) >= count - touching:
            near = placed[len(placed) - (count - touching)]
            angle, gap = rng.uniform(0, 2 * np.pi), 0.86 * (radius + near[2])
            x, y = near[0] + gap * np.cos(angle), near[1] + gap * np.sin(angle)
            others = [one for one in placed if one != near]
        else:
            x, y = rng.uniform(18, SIZE - 18, 2)
            others = placed
        if not all(radius + 3 < c < SIZE - radius - 3 for c in (x, y)):
            continue
        if all(np.hypot(x - a, y - b) > radius + r + 5 for a, b, r in others):
            placed.append((x, y, radius))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    labels, light = np.zeros((SIZE, SIZE), np.uint8), np.zeros((SIZE, SIZE))
    nearest = np.full((SIZE, SIZE), np.inf)
    for number, (x, y, radius) in enumerate(placed, 1):
        away = np.hypot(columns - x, rows - y) / radius
        inside = (away < 1) & (away < nearest)
        labels[inside] = number
        nearest[inside] = away[inside]
        light = np.maximum(
            light, (away < 1) * (0.75 + 0.25 * np.sqrt(np.clip(1 - away**2, 0, 1))) * rng.uniform(0.8, 1.1)
        )
    image = 25 + 130 * ndimage.gaussian_filter(light, 1.2) + 130 * uneven * columns / SIZE
    image = image + rng.normal(0, 5, image.shape)
    return np.clip(np.round(image), 0, 255).astype(np.uint8), labels


def png(array: np.ndarray) -> bytes:
    """An array of 8 bits as PNG."""
    target = io.BytesIO()
    Image.fromarray(array).save(target, "PNG", optimize=True)
    return target.getvalue()


def files() -> dict[str, bytes]:
    """All files of the sample."""
    made = {}
    for seed, (name, (count, touching, uneven)) in enumerate(IMAGES.items(), 1):
        image, labels = make(count, touching, uneven, seed)
        made[f"{name}.png"], made[f"{name}_mask.png"] = png(image), png(labels)
    return made


if __name__ == "__main__":
    folder = Path(__file__).parent / "images"
    for name, content in files().items():
        (folder / name).write_bytes(content)
