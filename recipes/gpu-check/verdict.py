"""The plain answer: what was asked for, what the job sees, and whether it computes correctly."""

from typing import Any, Dict, List, Optional

from machine import is_unknown, unknown
from words import Words, joined


def device_name(device: Dict[str, Any], words: Words) -> str:
    """A device as a reader knows it: NVIDIA H100, 80 GB."""
    memory = device.get("memory_gb")
    if memory is None or is_unknown(memory):
        return str(device["name"])
    return "{}, {} GB".format(device["name"], words.number(round(memory) if memory >= 10 else memory))


def sight(
    asked: Optional[int], seen: List[Dict[str, Any]], given: str, there: int, complaint: str, words: Words
) -> Dict[str, str]:
    """The first half, as code and text. `there` is how many the driver knows, whether or not they are the job's."""
    said = words.gpus(asked) if asked is not None else ""
    values = {"asked": said, "seen": words.gpus(len(seen)), "names": joined([device_name(d, words) for d in seen])}
    if seen:
        if asked is None:
            key = "seen-unasked"
        elif asked == 0:
            key = "seen-unwanted"
        else:
            key = "seen-as-asked" if len(seen) == asked else "seen-fewer" if len(seen) < asked else "seen-more"
        return {"code": key, "text": words(key, **values)}
    sentence = words("asked-sentence", asked=said) if asked is not None else ""
    if complaint:
        return {"code": "driver-broken", "text": words("no-driver-broken", asked_sentence=sentence, why=complaint)}
    if given and not there:
        return {"code": "no-driver", "text": words("no-driver", asked_sentence=sentence, given=given)}
    if asked:
        return {"code": "none-but-asked", "text": words("none-but-asked", **values)}
    return {"code": "none", "text": words("none" if asked == 0 else "none-unasked")}


def arithmetic(results: List[Dict[str, Any]], words: Words) -> List[str]:
    """One sentence a device about its checks, and one more where some could not run."""
    lines = []
    for device in sorted({r["device"] for r in results}):
        mine = [r for r in results if r["device"] == device]
        ran = [r for r in mine if r["result"] != "not-run"]
        wrong = [r for r in ran if r["result"] == "wrong"]
        failed = [r for r in mine if r["result"] == "not-run"]
        name = device.upper() if device == "cpu" else device
        if wrong:
            lines.append(words("some-wrong", bad=len(wrong), n=len(ran), device=name))
        elif ran:
            lines.append(words("all-right", n=len(ran), device=name))
        if failed:
            lines.append(words("some-failed", bad=len(failed), n=len(mine), device=name, why=failed[0]["why"]))
    return lines


def conclude(
    first: Dict[str, str], asked: Optional[int], seen: int, results: List[Dict[str, Any]], why_not: str, words: Words
) -> Dict[str, Any]:
    """The whole verdict: code, whether the GPUs asked for can be used, whether they compute correctly, and the text."""
    on_gpu = [r for r in results if r["device"] != "cpu"]
    wrong = any(r["result"] == "wrong" for r in results)
    ran = [r for r in on_gpu if r["result"] != "not-run"]
    correct: Any = (not wrong) if ran or wrong else unknown(why_not or words("why-no-gpu"))
    text = [first["text"], *arithmetic(results, words)]
    if seen and why_not:
        text.append(words("gpu-not-computed", why=why_not))
    enough = seen >= asked if asked else seen > 0
    tried = {r["device"] for r in ran}
    return {
        "code": "wrong" if wrong else first["code"],
        "gpu_correct": correct,
        "gpu_usable": bool(enough and correct is True and all(r["device"] in tried for r in on_gpu)),
        "text": " ".join(text),
    }
