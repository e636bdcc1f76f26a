"""Fine-tuning with LoRA: are the examples fit for it, and does the adapter help on examples it has not seen?

Reads ./params.json and the examples in ./input/, writes ./output/, and keeps its state in ./checkpoint/ so that a run
that is started again goes on. The engine `tiny` really trains a low-rank adapter, on a toy model of characters on the
CPU; the engine `peft` does it to an open language model on a GPU. No example is ever written to the log.
"""

import os
import time
from typing import Any

import task
from texts import TEXTS
from words import Words

VERSION = "1.0"
ENDINGS = (".jsonl", ".json", ".csv", ".tsv", ".txt")
DEFAULTS: dict[str, Any] = {
    "engine": "tiny",
    "model": "qwen2.5-0.5b",
    "model_folder": None,
    "quantise": False,
    "rank": 8,
    "alpha": 16,
    "learning_rate": None,
    "epochs": 3,
    "batch": 4,
    "accumulate": 4,
    "longest": 1024,
    "seed": 1,
}
CHOICES = {
    "engine": ("tiny", "peft"),
    "model": ("qwen2.5-0.5b", "qwen2.5-7b", "apertus-8b"),
}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
RANGES = {
    "rank": (1, 256),
    "alpha": (1, 512),
    "learning_rate": (0.000001, 0.1),
    "epochs": (1, 50),
    "batch": (1, 128),
    "accumulate": (1, 128),
    "longest": (64, 8192),
    "seed": (0, 999_999),
}


def work(words: Words) -> None:
    """Read, check, split, train, measure on what was held back, and write it all."""
    params = task.read_params(DEFAULTS, words, CHOICES, RANGES)
    files = task.input_files(ENDINGS, words)
    if params["engine"] == "tiny":
        # The toy's matrices are so small that two threads spend their time waiting for each other. Read by numpy when
        # it is imported, so it comes first.
        os.environ.update(dict.fromkeys(THREADS, "1"))
    import datacheck
    import page
    import results
    from examples import read_all
    from split import split

    task.say(words("doing-read", n=len(files)))
    material = read_all(files, task.INPUT, words)
    parts = split(material.examples, params["seed"], words)
    checked = datacheck.check(material, parts)
    task.say(words("did-read", n=words.whole(len(material.examples)), train=words.whole(len(parts.train)),
                   val=words.whole(len(parts.val)), test=words.whole(len(parts.test))))  # fmt: skip
    if params["engine"] == "peft":
        import engine_peft

        outcome = engine_peft.train(parts, params, words, task.say)
    else:
        import engine_tiny

        outcome = engine_tiny.train(parts, params, words, task.say)
    made = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())
    found = results.summary(material, checked, parts, outcome, params, VERSION, made, words)
    results.write_files(material, parts, outcome, words)
    task.write_json("results.json", found, words)
    task.write("report.html", page.report(checked, outcome, found, params, words), words)
    for key, values in checked.warnings:
        task.say("! " + words(key, **values))
    task.say("")
    task.say(found["verdict"]["text"])
    task.say(words("done"))


if __name__ == "__main__":
    task.run(work, TEXTS)
