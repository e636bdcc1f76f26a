"""Objects by Cellpose's network (Cellpose-SAM). Written from the code of cellpose 4.2.1; not run on a GPU yet."""

from collections.abc import Callable
from typing import Any

import numpy as np

from classical import Found, mostly_bright, without_small
from words import CannotGoOn, Words

MODEL = "cpsam_v2"
Segment = Callable[[np.ndarray, dict[str, Any]], Found]


def load(params: dict[str, Any], words: Words, say: Callable[[str], None]) -> Segment:
    """A function that finds the objects in one channel. Raises CannotGoOn when the network cannot be loaded."""
    import torch
    from cellpose import models

    on_gpu = torch.cuda.is_available()
    say(words("doing-model", model=MODEL, device="GPU" if on_gpu else "CPU"))
    if not on_gpu:
        say("! " + words("no-gpu"))
    try:
        # bfloat16 halves the memory; CPUs are slower with it than without.
        model = models.CellposeModel(gpu=on_gpu, pretrained_model=MODEL, use_bfloat16=on_gpu)
    except Exception as error:  # network, disk, driver and format each have their own
        why = (str(error).splitlines() or [type(error).__name__])[0][:300]
        raise CannotGoOn(words("stop-model", model=MODEL, why=why)) from error

    def segment(values: np.ndarray, _: dict[str, Any]) -> Found:
        masks, _flows, _styles = model.eval(
            three_channels(values), diameter=params["diameter"], min_size=params["smallest"]
        )
        dark = params["objects"] == "dark" or (params["objects"] == "auto" and mostly_bright(values))
        return Found(without_small(np.asarray(masks).astype(np.int32), params["smallest"]), dark)

    return segment


def three_channels(values: np.ndarray) -> np.ndarray:
    """One channel as the three that Cellpose wants, the others empty: it does not mind which one is used."""
    empty = np.zeros_like(values)
    return np.stack([values, empty, empty], axis=-1)
