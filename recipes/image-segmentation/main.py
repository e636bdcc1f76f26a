"""Objects in images found, counted and measured: cells, nuclei, grains, colonies.

Reads ./params.json and the images in ./input/ and writes ./output/. An image NAME_mask beside NAME is taken as the
right answer, and the result is held against it. The engine `classical` uses thresholds and a watershed on the CPU; the
engine `cellpose` uses a trained network on a GPU.
"""

import time
from typing import Any

import task
from texts import TEXTS
from words import CannotGoOn, Words

VERSION = "1.0"
ENDINGS = (".png", ".tif", ".tiff", ".jpg", ".jpeg", ".bmp")
DEFAULTS: dict[str, Any] = {
    "engine": "classical",
    "objects": "auto",
    "channel": "auto",
    "threshold": "otsu",
    "diameter": None,
    "split": True,
    "smallest": 20,
    "smooth": 1.0,
    "pixel_size": None,
}
CHOICES = {
    "engine": ("classical", "cellpose"),
    "objects": ("auto", "bright", "dark"),
    "channel": ("auto", "grey", "red", "green", "blue"),
    "threshold": ("otsu", "local"),
}
RANGES = {"diameter": (2, 5000), "smallest": (1, 100_000), "smooth": (0, 20), "pixel_size": (0.0001, 10_000)}


def work(words: Words) -> None:
    """Find the objects in every image, measure them, and write tables, masks, pictures and the report."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    files = task.input_files(ENDINGS, words)
    import images
    import page
    import results
    from analysis import analyse

    pairs = images.with_truth(files)
    if not pairs:
        raise CannotGoOn(words("stop-only-masks"))
    segment = None
    if params["engine"] == "cellpose":
        import engine_cellpose

        segment = engine_cellpose.load(params, words, task.say)
    done, failed = [], {}
    for number, (path, truth) in enumerate(pairs, 1):
        shown = path.relative_to(task.INPUT).as_posix()
        task.say(words("doing-file", n=number, of=len(pairs), file=shown))
        try:
            one = analyse(path, truth, shown, params, segment, words)
        except images.Unusable as error:
            failed[shown] = str(error)
            task.say("! " + words("file-failed", file=shown, why=error))
            continue
        results.write_picture_files(one, words)
        done.append(one.without_pixels() if len(done) >= page.MOST_PICTURES else one)
    if not done:
        raise CannotGoOn(words("stop-none", why="; ".join(f"{file}: {why}" for file, why in failed.items())))
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    found = results.summary(done, failed, params, VERSION, made, words)
    results.write_table(done, params, words)
    task.write_json("results.json", found, words)
    task.write("report.html", page.report(done, failed, found, params, words), words)
    task.say("")
    task.say(found["verdict"])
    task.say(words("done"))


if __name__ == "__main__":
    task.run(work, TEXTS)
