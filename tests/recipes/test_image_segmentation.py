"""image-segmentation: counts and areas against what was drawn, F1 against hand-made cases, and plain endings."""

from __future__ import annotations

import csv
import io
import re
import runpy
from html.parser import HTMLParser

import numpy as np
import pytest
from recipe_runs import RECIPES

PIL = pytest.importorskip("PIL.Image", reason="SKIPPED: image-segmentation needs pillow, tifffile and scikit-image")
pytest.importorskip("skimage", reason="SKIPPED: image-segmentation needs pillow, tifffile and scikit-image")

SAMPLE = RECIPES / "image-segmentation" / "sample"
IMAGES = {path.name: path.read_bytes() for path in sorted((SAMPLE / "images").glob("*.png"))}
COUNTS = {"nuclei-1.png": 18, "nuclei-2.png": 26, "nuclei-3.png": 22}


def saved(array: np.ndarray, kind: str = "PNG") -> bytes:
    target = io.BytesIO()
    PIL.fromarray(array).save(target, kind)
    return target.getvalue()


def pixels(content: bytes) -> np.ndarray:
    return np.array(PIL.open(io.BytesIO(content)))


def discs(places: list[tuple[int, int, int]], size: int = 128, level: int = 180, ground: int = 20) -> np.ndarray:
    """Flat discs (x, y, radius) on a flat ground, in 8 bits, with a little noise."""
    rows, columns = np.mgrid[:size, :size]
    image = np.full((size, size), float(ground))
    for x, y, radius in places:
        image[(columns - x) ** 2 + (rows - y) ** 2 <= radius**2] = level
    return np.clip(image + np.random.default_rng(1).normal(0, 2, image.shape), 0, 255).astype(np.uint8)


def test_the_sample_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(SAMPLE / "make_images.py"))["files"]()
    assert set(made) == set(IMAGES)
    for name, content in made.items():
        np.testing.assert_array_equal(pixels(content), pixels(IMAGES[name]))


def test_the_samples_nuclei_are_counted(run_recipe):  # type: ignore[no-untyped-def]
    ended = run_recipe("image-segmentation", {"pixel_size": 0.5}, files=IMAGES)
    found = ended.json("results.json")
    assert {one["file"]: one["objects"] for one in found["per_image"]} == COUNTS
    assert found["objects"] == 66
    assert found["against_masks"]["f1"] > 0.95
    assert found["against_masks"]["dice_mean"] > 0.97
    true = np.concatenate([np.bincount(pixels(IMAGES[name.replace(".", "_mask.")]).ravel())[1:] for name in COUNTS])
    assert found["area_px"]["median"] == pytest.approx(np.median(true), rel=0.05)
    assert found["area_um2"]["median"] == pytest.approx(found["area_px"]["median"] / 4, rel=1e-3)
    assert [one["warnings"] for one in found["per_image"]] == [[], [], ["uneven"]]  # the third was lit from one side
    assert "66 objects in 3 images. Against the mask's 66: F1 100%." in ended.said
    for name, count in COUNTS.items():
        labels = np.array(PIL.open(ended.folder / "output" / "masks" / name.replace("png", "tif")))
        assert labels.max() == count
        assert str(labels.dtype) == "uint16"
        overlay = np.array(PIL.open(ended.folder / "output" / "overlays" / name))
        assert overlay.shape == (256, 256, 3)
        assert (overlay == (255, 176, 0)).all(axis=2).any()
    rows = list(csv.DictReader(io.StringIO(ended.text("objects.csv"))))
    assert len(rows) == 66
    first = rows[0]
    labels = np.array(PIL.open(ended.folder / "output" / "masks" / "nuclei-1.tif"))
    own = labels == int(first["object"])
    assert float(first["area_px"]) == own.sum()
    assert float(first["area_um2"]) == own.sum() / 4
    assert float(first["x_px"]) == pytest.approx(np.nonzero(own)[1].mean(), abs=1e-3)
    assert float(first["mean"]) == pytest.approx(pixels(IMAGES["nuclei-1.png"])[own].mean(), abs=1e-3)
    assert float(first["roundness"]) > 0.9


def test_the_page_in_danish(run_recipe):  # type: ignore[no-untyped-def]
    ended = run_recipe("image-segmentation", files=IMAGES, DKAI_LANG="da")
    page = ended.text("report.html")
    assert "66 objekter i 3 billeder. Mod facit med 66: F1 100\u00a0%." in page
    assert "nuclei-3.png: lyset er ujævnt" in page
    assert page.count("data:image/jpeg;base64,") == 3
    assert not re.search(r"<script|<link|url\(|@import|src=\"http", page)
    HTMLParser().feed(page)
    assert ended.text("objects.csv").splitlines()[0].startswith("image;object;x_px")


def test_flat_discs_are_measured_as_drawn(run_recipe):  # type: ignore[no-untyped-def]
    """Three discs of radius 10 (area 317 by counting), one of them cut by the border, two that touch."""
    image = discs([(40, 40, 10), (90, 90, 10), (108, 90, 10), (0, 100, 10)])
    ended = run_recipe("image-segmentation", {"smooth": 0}, files={"a.png": saved(image)})
    (one,) = ended.json("results.json")["per_image"]
    assert one["objects"] == 4
    assert one["on_border"] == 1
    rows = list(csv.DictReader(io.StringIO(ended.text("objects.csv"))))
    areas = sorted(float(row["area_px"]) for row in rows)
    assert areas[-1] == pytest.approx(317, abs=4)
    assert sum(areas) == pytest.approx((image > 100).sum(), abs=8)
    whole = next(row for row in rows if abs(float(row["x_px"]) - 40) < 1)
    assert float(whole["signal"]) == pytest.approx(160, abs=1)
    together = run_recipe("image-segmentation", {"split": False}, files={"a.png": saved(image)})
    assert together.json("results.json")["objects"] == 3


def test_dark_objects_16_bits_and_colour(run_recipe):  # type: ignore[no-untyped-def]
    image = discs([(30, 30, 9), (80, 40, 9), (60, 90, 9)])
    green = np.zeros((*image.shape, 3), np.uint8)
    green[..., 1] = image
    files = {
        "dark.png": saved(255 - image), "deep.tif": saved(image.astype(np.uint16) * 15, "TIFF"),
        "green.png": saved(green), "photo.jpg": saved(np.repeat(image[..., None], 3, axis=2), "JPEG"),
    }  # fmt: skip
    found = run_recipe("image-segmentation", files=files).json("results.json")["per_image"]
    assert [(one["objects"], one["objects_are"], one["channel"]) for one in found] == [
        (3, "dark", "grey"), (3, "bright", "grey"), (3, "bright", "green"), (3, "bright", "grey"),
    ]  # fmt: skip


def test_what_is_wrong_with_an_image_is_said(run_recipe):  # type: ignore[no-untyped-def]
    from scipy import ndimage

    rng = np.random.default_rng(1)
    places = [(25 + 26 * (n % 4), 25 + 26 * (n // 4), 9) for n in range(16)]
    sharp = discs(places).astype(float)
    files = {
        "noise.png": rng.normal(100, 10, (128, 128)),
        "flat.png": np.full((128, 128), 80.0),
        "bright.png": np.where(sharp > 100, 255, 20),
        "blurred.png": 20
        + ndimage.gaussian_filter(np.where(sharp > 100, 160.0, 0), 5)
        + rng.normal(0, 0.5, sharp.shape),
    }
    files = {name: saved(np.clip(array, 0, 255).astype(np.uint8)) for name, array in files.items()}
    ended = run_recipe("image-segmentation", files=files)
    found = {one["file"]: one for one in ended.json("results.json")["per_image"]}
    assert found["noise.png"]["warnings"] == found["flat.png"]["warnings"] == ["none"]
    assert found["noise.png"]["objects"] == found["flat.png"]["objects"] == 0
    assert found["bright.png"]["warnings"] == ["saturated"]
    assert "blurred" in found["blurred.png"]["warnings"]
    assert "noise.png: nothing stands out from the background." in ended.text("report.html")


def test_bad_images_are_named_and_the_others_done(run_recipe):  # type: ignore[no-untyped-def]
    good = saved(discs([(30, 30, 9), (80, 40, 9)]))
    files = {
        "good.png": good, "empty.png": b"", "text.png": b"no image" * 50, "half.png": good[: len(good) // 2],
        "tiny.png": saved(np.zeros((4, 4), np.uint8)), "text.tif": b"II*\0" + bytes(20),
        "good_mask.png": saved(np.zeros((9, 99), np.uint8)),
    }  # fmt: skip
    ended = run_recipe("image-segmentation", files=files)
    found = ended.json("results.json")
    assert [one["file"] for one in found["per_image"]] == ["good.png"]
    why = {one["file"]: one["why"] for one in found["failed"]}
    assert set(why) == {"empty.png", "text.png", "half.png", "tiny.png", "text.tif"}
    assert why["empty.png"] == "the file is empty"
    assert why["half.png"].startswith("the image cannot be read")
    assert found["per_image"][0]["mask_failed"] == "it is smaller than 16 pixels a side"
    assert "good.png: the mask could not be used" in ended.text("report.html")


BROKEN = [
    ({}, None, "There are no files in input/ that the recipe can read.", "Der er ingen filer i input/"),
    ({"a_mask.png": IMAGES["nuclei-1_mask.png"]}, None, "There are only masks", "Der er kun masker"),
    ({"a.png": b""}, None, "None of the images could be used. a.png: the file is empty", "Ingen af billederne"),
    (IMAGES, {"threshold": "magic"}, "The parameter threshold cannot be", "Parameteren threshold kan ikke være"),
    (IMAGES, {"diameter": 1}, "The parameter diameter cannot be 1", "Parameteren diameter kan ikke være 1"),
    (IMAGES, {"diameter": "x"}, "The parameter diameter cannot be \"x\": a number is expected", "Parameteren diameter"),
    (IMAGES, {"engine": "cellpose"}, "The Python package torch is missing here", "Python-pakken torch mangler her"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "params", "english", "danish"), BROKEN)
def test_what_cannot_go_on_ends_with_a_sentence(run_recipe, files, params, english, danish):  # type: ignore[no-untyped-def]
    for lang, sentence in (("en", english), ("da", danish)):
        ended = run_recipe("image-segmentation", params, files=files, DKAI_LANG=lang)
        assert ended.code == 1
        assert ended.error.startswith(sentence)
        assert "\n" not in ended.error


def test_agreement_is_what_a_hand_would_count(modules):  # type: ignore[no-untyped-def]
    (compare,) = modules("image-segmentation", "compare")
    true = np.zeros((10, 30), int)
    true[:, 0:5], true[:, 10:15], true[:, 15:20], true[:, 25:30] = 1, 2, 3, 4
    found = np.zeros_like(true)
    found[:, 0:4] = 7  # 40 of 50: an overlap of 0.8
    found[:, 10:20] = 2  # 2 and 3 in one
    found[:5, 25:30], found[5:, 25:30] = 3, 5  # 4 in two halves of exactly one half: no match
    found = np.unique(found, return_inverse=True)[1].reshape(found.shape)
    said = compare.agreement(found, true)
    assert (said.true, said.found, said.matched, said.merged, said.parted) == (4, 4, 1, 1, 1)
    assert said.f1 == pytest.approx(2 / 8)
    assert said.overlap == pytest.approx(0.8)
    assert said.dice == pytest.approx(2 * (40 + 100 + 50) / (190 + 200))
    nothing = np.zeros_like(true)
    assert compare.agreement(nothing, nothing).f1 == 1.0
    assert compare.agreement(nothing, true).f1 == 0.0


def test_masks_of_two_values_are_split_and_coloured_ones_read(modules, tmp_path):  # type: ignore[no-untyped-def]
    images, words = modules("image-segmentation", "images", "words")
    mask = np.zeros((32, 32), np.uint8)
    mask[2:8, 2:8], mask[20:30, 20:30] = 255, 255
    (tmp_path / "two.png").write_bytes(saved(mask))
    assert images.read_mask(tmp_path / "two.png", (32, 32), words.Words({}, "en")).max() == 2
    colours = np.zeros((32, 32, 3), np.uint8)
    colours[2:8, 2:8], colours[8:14, 2:8] = (255, 0, 0), (0, 255, 0)
    (tmp_path / "colours.png").write_bytes(saved(colours))
    assert images.read_mask(tmp_path / "colours.png", (32, 32), words.Words({}, "en")).max() == 2


def test_cellpose_is_asked_as_its_library_has_it(run_recipe, tmp_path):  # type: ignore[no-untyped-def]
    """The whole engine against a stand-in with Cellpose's names."""
    fake = tmp_path / "fake"
    (fake / "cellpose").mkdir(parents=True)
    (fake / "cellpose" / "__init__.py").write_text("")
    (fake / "torch.py").write_text("class cuda:\n    is_available = staticmethod(lambda: True)\n")
    (fake / "cellpose" / "models.py").write_text(
        "import numpy as np\n"
        "from skimage.measure import label\n"
        "class CellposeModel:\n"
        "    def __init__(self, gpu, pretrained_model, use_bfloat16):\n"
        "        assert (gpu, pretrained_model, use_bfloat16) == (True, 'cpsam_v2', True)\n"
        "    def eval(self, x, diameter, min_size):\n"
        "        assert x.shape == (128, 128, 3) and diameter == 20 and min_size == 20\n"
        "        return label(x[..., 0] > 100), [], []\n"
    )
    files = {"a.png": saved(discs([(30, 30, 9), (80, 40, 9)]))}
    ended = run_recipe("image-segmentation", {"engine": "cellpose", "diameter": 20}, files=files, PYTHONPATH=str(fake))
    assert ended.code == 0, ended.error
    found = ended.json("results.json")
    assert found["objects"] == 2
    assert found["objects_range"] is None
    assert "Cellpose" in ended.text("report.html")


def test_both_languages_say_the_same_things(modules):  # type: ignore[no-untyped-def]
    (texts,) = modules("image-segmentation", "texts")
    for key, (danish, english) in texts.TEXTS.items():
        assert set(re.findall(r"{(\w+)}", danish)) == set(re.findall(r"{(\w+)}", english)), key
        assert danish.strip(), key
        assert english.strip(), key
