"""What accelerator this job has, whether it computes correctly, and how fast it is.

Standard library only (Python 3.6 or newer); PyTorch is used where it is installed. Reads ./params.json, writes
./output/report.json and ./output/report.md, says what it does on standard output, contacts nobody.
"""

import io
import json
import os
import platform
import sys
import time
from typing import Any, Dict, List, NoReturn, Tuple

import amd
import machine
import nvidia
import visible
from checks import check_cpu, check_device, load_torch, torch_devices
from report import markdown, speed_line
from speed import measure_device, measure_python
from verdict import conclude, device_name, sight
from words import Words, from_environment

MOST_DEVICES = 8
DEFAULTS: Dict[str, Any] = {"speed": True, "repetitions": 10, "strict": False}


def stop(sentence: str) -> NoReturn:
    """End with a plain sentence on standard error."""
    print(sentence, file=sys.stderr)
    sys.exit(1)


def speak_utf8() -> None:
    """Make both streams UTF-8: old Pythons pick ASCII on clusters, and Danish does not fit in it."""
    for name in ("stdout", "stderr"):
        buffer = getattr(sys, name).buffer
        setattr(sys, name, io.TextIOWrapper(buffer, encoding="utf-8", errors="replace", line_buffering=True))


def read_params(words: Words) -> Dict[str, Any]:
    """The parameters, defaults filled in; without a params.json (a run by hand) all are defaults."""
    params = dict(DEFAULTS)
    try:
        with open("params.json", encoding="utf-8") as file:
            given = json.load(file)
    except FileNotFoundError:
        return params
    except (OSError, ValueError) as error:
        stop(words("stop-params", why=error))
    if not isinstance(given, dict):
        stop(words("stop-params", why="{}"))
    params.update({name: value for name, value in given.items() if name in DEFAULTS and value is not None})
    n = params["repetitions"]
    if isinstance(n, bool) or not isinstance(n, int) or not 3 <= n <= 100:
        stop(words("stop-number", value=n))
    for name in ("speed", "strict"):
        if not isinstance(params[name], bool):
            stop(words("stop-flag", name=name, value=params[name]))
    return params


def apple(words: Words) -> List[Dict[str, Any]]:
    """The GPU of an Apple chip, which shares the machine's memory; empty on anything else."""
    if platform.system() != "Darwin" or platform.machine() != "arm64":
        return []
    silent = machine.unknown(words("why-not-reported"))
    name = machine.look(words)["model"]
    return [
        {
            "vendor": "apple",
            "id": "0",
            "uuid": "",
            "name": "{} GPU".format(name if isinstance(name, str) else "Apple"),
            "memory_gb": silent,
            "memory_used_gb": silent,
            "driver": silent,
            "mig": False,
            "in_job": True,
        }
    ]


def survey(words: Words, environ: Dict[str, str]) -> Tuple[List[Dict[str, Any]], str, List[str]]:
    """All the accelerators drivers know, marked by whether they are the job's; a driver's complaint; notes."""
    nvidias, complaint = nvidia.look(words)
    amds, amd_complaint = amd.look(words)
    devices = nvidias + amds + apple(words)
    notes = []
    for vendor in sorted({d["vendor"] for d in devices if d["vendor"] in visible.HIDING}):
        for variable, value, token in visible.mark(devices, vendor, environ):
            notes.append(words("note-unmatched", variable=variable, value=value, token=token or "''"))
        mine = sum(d["in_job"] for d in devices if d["vendor"] == vendor)
        there = sum(d["vendor"] == vendor for d in devices)
        variable = next((v for v in visible.HIDING[vendor] if v in environ), "")
        if variable and mine < there:
            notes.append(
                words(
                    "note-hidden",
                    there=words.gpus(there),
                    seen=words.gpus(mine),
                    variable=variable,
                    value=environ[variable],
                )
            )
    return devices, complaint or amd_complaint, notes


def asked_of_library(which: str) -> Dict[str, Any]:
    """What the driver's library gives a program: {devices}, {error}, or {} when there is no library."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "library.py")
    answer = nvidia.ask([sys.executable, script, which], seconds=60)
    if answer is None or answer[0] != 0:
        return {} if answer is None else {"error": "{}: {}".format(which, answer[0])}
    try:
        said = json.loads(answer[1])
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def without_torch(devices: List[Dict[str, Any]], words: Words) -> Tuple[List[Dict[str, Any]], str, List[str]]:
    """What a program would see where PyTorch cannot say: the driver's library first, else the driver's list."""
    mine = [d for d in devices if d["in_job"]]
    for which, vendor in (("cuda", "nvidia"), ("hip", "amd")):
        if not any(d["vendor"] == vendor for d in mine):
            continue
        said = asked_of_library(which)
        if "error" in said:
            return [], said["error"], [words("note-library", why=said["error"])]
        if said.get("devices"):
            return said["devices"], "", []
    return mine, "", []


def device_notes(devices: List[Dict[str, Any]], words: Words) -> List[str]:
    """What a reader should know about the job's cards: shared, halved, busy or with memory errors."""
    notes = []
    for device in (d for d in devices if d["in_job"]):
        used, total, errors = device.get("memory_used_gb"), device["memory_gb"], device.get("uncorrected_memory_errors")
        if isinstance(used, float) and isinstance(total, float) and used > 0.1 * total:
            notes.append(words("note-in-use", name=device["name"], used=words.number(used), total=words.number(total)))
        if isinstance(errors, int) and errors > 0:
            notes.append(words("note-ecc", name=device["name"], n=errors))
        if device.get("slice") or device["mig"]:
            notes.append(words("note-mig", name=device["name"]))
        if "MI250" in device["name"] and words("note-gcd") not in notes:
            notes.append(words("note-gcd"))
    return notes


def main() -> None:
    """Look, check, measure, write, and say the verdict."""
    speak_utf8()
    words = from_environment()
    params = read_params(words)
    environ = dict(os.environ)
    python = "Python " + platform.python_version()
    print(words("doing-look"))
    devices, complaint, notes = survey(words, environ)
    cpu = machine.look(words)
    torch, why_not = load_torch(words, python)
    seen: List[Dict[str, Any]] = []
    if torch is not None:
        if isinstance(cpu["cores_in_job"], int):
            torch.set_num_threads(cpu["cores_in_job"])
        seen, why_not = torch_devices(torch, words)
    on_torch = seen[:MOST_DEVICES]
    if not seen:
        seen, broken, more = without_torch(devices, words)
        complaint, notes = complaint or broken, notes + more
    elif len(seen) > MOST_DEVICES:
        notes.append(words("note-limit", n=MOST_DEVICES))
    notes += device_notes(devices, words)

    results: List[Dict[str, Any]] = []
    rates: List[Dict[str, Any]] = []
    processor = {"device": "cpu", "vendor": "cpu", "name": "CPU", "memory_gb": None, "capability": None}
    for device in on_torch or ([processor] if torch is not None else []):
        print(words("doing-check", device=device_name(device, words)))
        results += check_device(torch, device, words)
        if params["speed"]:
            print(words("doing-speed", device=device_name(device, words)))
            rates += measure_device(torch, device, params["repetitions"], words)
    if torch is None:
        print(words("doing-check", device="CPU"))
        results += check_cpu(words)
        if params["speed"]:
            print(words("doing-speed", device="CPU"))
            rates += measure_python(params["repetitions"], words)

    asked, given = machine.asked_gpus(environ), machine.given_gpus(environ)
    first = sight(asked, seen, given, len(devices), "" if seen else complaint, words)
    found: Dict[str, Any] = {
        "schema": "dkai-recipe/gpu-check/1",
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "language": words.language,
        "verdict": conclude(first, asked, len(seen), results, why_not, words),
        "asked_gpus": asked if asked is not None else machine.unknown(words("why-not-said", name="DKAI_GPUS")),
        "given_gpus": given or machine.unknown(words("no-scheduler")),
        "seen_gpus": len(seen),
        "seen": seen,
        "accelerators": devices,
        "cpu": cpu,
        "scheduler": machine.scheduler_said(environ),
        "correctness": results,
        "speed": rates,
        "notes": notes,
        "python": platform.python_version(),
        "torch": str(torch.__version__) if torch is not None else words("torch-absent"),
        "params": params,
    }
    write(found, words)
    for entry in rates:
        print(speed_line(entry, words))
    for note in notes:
        print("! " + note)
    print()
    print(found["verdict"]["text"])
    print(words("done"))
    if found["verdict"]["code"] == "wrong":
        stop(words("stop-wrong"))
    if params["strict"] and not found["verdict"]["gpu_usable"]:
        stop(words("stop-strict"))


def write(found: Dict[str, Any], words: Words) -> None:
    """Both reports into output/."""
    try:
        os.makedirs("output", exist_ok=True)
        with open(os.path.join("output", "report.json"), "w", encoding="utf-8") as file:
            json.dump(found, file, ensure_ascii=False, indent=2)
            file.write("\n")
        with open(os.path.join("output", "report.md"), "w", encoding="utf-8") as file:
            file.write(markdown(found, words))
    except OSError as error:
        stop(words("stop-output", why=error.strerror or error))


if __name__ == "__main__":
    main()
