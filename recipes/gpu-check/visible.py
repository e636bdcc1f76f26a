"""Which of the machine's GPUs a program in this job is given, by the variables that hide the others."""

from typing import Any, Dict, List, Tuple

HIDING = {"nvidia": ("CUDA_VISIBLE_DEVICES",), "amd": ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES")}


def chosen(devices: List[Dict[str, Any]], value: str) -> Tuple[List[Dict[str, Any]], str]:
    """The devices that `value` names, in its order, and the first entry that names none ("" when all do).

    An entry is a position or the beginning of a UUID. From the first entry that matches nothing on, the rest is
    ignored, as CUDA does it (CUDA C++ Programming Guide, environment variables).
    """
    picked: List[Dict[str, Any]] = []
    for token in (part.strip() for part in value.split(",")):
        if token.isdigit():
            match = [devices[int(token)]] if int(token) < len(devices) else []
        else:
            match = [d for d in devices if token and d["uuid"].lower().startswith(token.lower())]
        if len(match) != 1 or match[0] in picked:
            return picked, token
        picked.append(match[0])
    return picked, ""


def mark(devices: List[Dict[str, Any]], vendor: str, environ: Dict[str, str]) -> List[Tuple[str, str, str]]:
    """Set `in_job` on each device of `vendor`; returns (variable, value, unmatched entry) where one did not fit.

    A variable that is not set hides nothing; an empty one, -1 and Slurm's NoDevFiles hide all.
    """
    left = [d for d in devices if d["vendor"] == vendor]
    problems = []
    for variable in HIDING.get(vendor, ()):
        value = environ.get(variable)
        if value is None:
            continue
        if value.strip() in ("", "-1", "NoDevFiles"):
            left = []
            break
        left, stray = chosen(left, value)
        if stray and stray != "-1":
            problems.append((variable, value, stray))
    for device in devices:
        if device["vendor"] == vendor:
            device["in_job"] = device in left
    return problems
