"""Images as arrays of numbers: PNG, TIFF, JPEG and BMP, one channel of each, and the masks that lie beside them."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from words import Words

LARGEST = 64_000_000  # pixels; a whole slide must be cut up first
SMALLEST = 16  # pixels a side
MASK = "_mask"
GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601
COLOURS = {"red": 0, "green": 1, "blue": 2}


class Unusable(Exception):
    """This one image cannot be used; the text says why."""


@dataclass(frozen=True)
class Picture:
    """One channel of an image: values from 0 to `full`, the most that its file can hold."""

    values: np.ndarray  # float32, rows × columns
    full: float
    channel: str  # grey, red, green, blue
    planes: int = 1  # how many there were; the first is used


def with_truth(files: Iterable[Path]) -> list[tuple[Path, Path | None]]:
    """The images, each with the mask beside it where there is one (NAME_mask of any ending)."""
    files = list(files)
    masks = {
        path.with_name(path.stem[: -len(MASK)]).with_suffix(""): path for path in files if path.stem.endswith(MASK)
    }
    return [(path, masks.get(path.with_suffix(""))) for path in files if not path.stem.endswith(MASK)]


def read(path: Path, channel: str, words: Words) -> Picture:
    """One channel of an image. Raises Unusable."""
    array, planes = _array(path, words)
    if array.ndim == 2:
        used, values = "grey", array
    else:
        array = array[..., :3]
        same = all(np.array_equal(array[..., 0], array[..., n]) for n in range(1, array.shape[2]))
        used = channel
        if channel == "auto":
            # Fluorescence saved in colour has its signal in one channel; a photograph has it in all.
            spread = array.reshape(-1, array.shape[2]).astype(np.float32).std(axis=0)
            best = int(spread.argmax())
            used = "grey" if same or spread[best] < 3 * np.delete(spread, best).max() else list(COLOURS)[best]
        values = array.astype(np.float32) @ np.array(GREY, np.float32) if used == "grey" else array[..., COLOURS[used]]
    full = float(np.iinfo(array.dtype).max) if np.issubdtype(array.dtype, np.integer) else float(np.nanmax(array))
    values = np.nan_to_num(values.astype(np.float32))
    if full > 255 and values.max() <= 4095:
        full = 4095.0  # a 12-bit camera in a 16-bit file
    return Picture(values, full, used, planes)


def read_mask(path: Path, shape: tuple[int, ...], words: Words) -> np.ndarray:
    """The right answer as labels. A mask of two values is split into what hangs together. Raises Unusable."""
    array, _ = _array(path, words)
    if array.ndim == 3:  # a coloured mask: every colour is an object
        flat = array[..., :3].astype(np.int64) @ np.array([1, 256, 65536])
        array = np.unique(flat, return_inverse=True)[1].reshape(flat.shape)
    if array.shape != shape:
        raise Unusable(words("why-mask-size", file=path.name))
    from skimage.measure import label

    if len(np.unique(array)) <= 2:
        return label(array > array.min())
    # The same number in two places is two objects.
    return label(array.astype(np.int64), background=0)


def _array(path: Path, words: Words) -> tuple[np.ndarray, int]:
    """The first plane of an image as the file has it, and how many planes there were."""
    if path.stat().st_size == 0:
        raise Unusable(words("why-empty"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            array, planes = _tiff(path) if path.suffix.lower() in (".tif", ".tiff") else _pillow(path)
    except MemoryError:
        raise
    except Exception as error:  # decoders raise nearly everything on a broken file
        raise Unusable(words("why-not-read", why=(str(error).splitlines() or ["?"])[0][:160])) from error
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)):
        raise Unusable(words("why-shape", shape=" × ".join(map(str, array.shape))))
    if min(array.shape[:2]) < SMALLEST:
        raise Unusable(words("why-small", n=SMALLEST))
    if array.shape[0] * array.shape[1] > LARGEST:
        raise Unusable(words("why-large", n=words.whole(LARGEST // 1_000_000)))
    if array.dtype == bool:
        array = array.astype(np.uint8) * 255
    return array, planes


def _pillow(path: Path) -> tuple[np.ndarray, int]:
    with Image.open(path) as image:
        planes = getattr(image, "n_frames", 1)
        if image.mode in ("P", "PA", "CMYK", "YCbCr", "LAB", "HSV"):
            return np.array(image.convert("RGB")), planes
        if image.mode == "LA":
            return np.array(image.getchannel(0)), planes
        return np.array(image), planes


def _tiff(path: Path) -> tuple[np.ndarray, int]:
    import tifffile

    with tifffile.TiffFile(path) as file:
        page = file.pages[0]
        if page.size > LARGEST * 4:
            return np.empty(page.shape[:2], np.uint8), 1  # refused by its size, unread
        try:
            array = page.asarray()
        except (ValueError, KeyError):  # a compression that it needs another package for; Pillow may have it
            return _pillow(path)
        count = len(file.pages)
    if array.ndim == 3 and array.shape[0] in (2, 3, 4) and array.shape[2] not in (2, 3, 4):
        array = np.moveaxis(array, 0, -1)  # channels as planes
    return np.squeeze(array), count
