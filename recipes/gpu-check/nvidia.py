"""NVIDIA GPUs: what nvidia-smi says is in the machine, and which of them this job's programs get to see."""

import re
import subprocess
from typing import Any, Dict, List, Optional, Tuple

from machine import unknown
from words import Words

CORE = ("index", "uuid", "name", "memory.total", "memory.used", "driver_version")
# Fields that older drivers do not know; one unknown field makes nvidia-smi refuse the whole question.
MORE = ("compute_cap", "mig.mode.current", "ecc.errors.uncorrected.volatile.total", "utilization.gpu")
ABSENT = re.compile(r"\[?(N/A|Not Supp|Unknown)")
PLACES = ("nvidia-smi", "/usr/bin/nvidia-smi", "/usr/lib/wsl/lib/nvidia-smi", r"C:\Windows\System32\nvidia-smi.exe")


def ask(command: List[str], seconds: int = 30) -> Optional[Tuple[int, str, str]]:
    """Exit status, output and error text of a vendor's program, or None when it is not there.

    A program that hangs counts as one that failed (status 124): a wedged driver must not take the check with it.
    """
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return 124, "", "{}: no answer in {} s".format(command[0], seconds)
    except OSError:
        return None
    return done.returncode, done.stdout, done.stderr


def parse_query(text: str, fields: Tuple[str, ...]) -> List[Dict[str, str]]:
    """One mapping a GPU from `--query-gpu=… --format=csv,noheader,nounits`; absent answers are left out."""
    found = []
    for line in text.splitlines():
        values = [value.strip() for value in line.split(",")]
        if len(values) == len(fields):
            pairs = zip(fields, values)
            found.append({name: value for name, value in pairs if value and not ABSENT.match(value)})
    return found


def parse_mig(text: str) -> Dict[str, List[Dict[str, str]]]:
    """The slices of each GPU that `nvidia-smi -L` lists: {GPU's uuid: [{name, uuid}]}."""
    slices: Dict[str, List[Dict[str, str]]] = {}
    card = ""
    for line in text.splitlines():
        whole = re.match(r"GPU \d+: .*\(UUID: (\S+?)\)", line)
        part = re.match(r"\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (\S+?)\)", line)
        if whole:
            card = whole.group(1)
        elif part and card:
            slices.setdefault(card, []).append({"name": part.group(1), "uuid": part.group(2)})
    return slices


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else ""


def _number(text: Optional[str]) -> Optional[float]:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _device(row: Dict[str, str], cuda: str, words: Words) -> Dict[str, Any]:
    silent = unknown(words("why-not-reported"))
    total, used = _number(row.get("memory.total")), _number(row.get("memory.used"))
    errors = _number(row.get("ecc.errors.uncorrected.volatile.total"))
    name = row.get("name", "NVIDIA GPU")
    return {
        "vendor": "nvidia",
        "id": row.get("index", ""),
        "uuid": row.get("uuid", ""),
        "name": name if name.upper().startswith("NVIDIA") else "NVIDIA " + name,
        # nvidia-smi counts in MiB
        "memory_gb": round(total / 1024, 1) if total is not None else silent,
        "memory_used_gb": round(used / 1024, 1) if used is not None else silent,
        "driver": row.get("driver_version") or silent,
        "cuda_of_driver": cuda or silent,
        "compute_capability": row.get("compute_cap") or silent,
        "mig": row.get("mig.mode.current", "").lower() == "enabled",
        "uncorrected_memory_errors": int(errors) if errors is not None else silent,
        "in_job": True,
    }


def look(words: Words) -> Tuple[List[Dict[str, Any]], str]:
    """The NVIDIA GPUs (or their slices) that the driver knows, and why it does not answer ("" when it does).

    No nvidia-smi at all is no devices and no complaint.
    """
    fields: Tuple[str, ...] = CORE + MORE
    program = ""
    answer: Optional[Tuple[int, str, str]] = None
    for program in PLACES:
        answer = ask([program, "--query-gpu=" + ",".join(fields), "--format=csv,noheader,nounits"])
        if answer is not None:
            break
    if answer is None:
        return [], ""
    if answer[0] != 0 and "not a valid field" in answer[1] + answer[2]:
        fields = CORE
        answer = ask([program, "--query-gpu=" + ",".join(fields), "--format=csv,noheader,nounits"]) or answer
    rows = parse_query(answer[1], fields)
    if not rows:
        text = _first_line(answer[1]) or _first_line(answer[2])
        return [], "" if text.startswith("No devices") else text or "nvidia-smi: {}".format(answer[0])
    summary = ask([program])
    cuda = re.search(r"CUDA (?:UMD )?Version:\s*([\d.]+)", summary[1]) if summary else None
    listed = ask([program, "-L"])
    slices = parse_mig(listed[1]) if listed else {}
    devices = []
    for row in rows:
        card = _device(row, cuda.group(1) if cuda else "", words)
        parts = slices.get(card["uuid"], [])
        for part in parts:
            size = re.search(r"\.(\d+)gb", part["name"])
            one = dict(card, uuid=part["uuid"], slice=part["name"], name="{} MIG {}".format(card["name"], part["name"]))
            one["memory_gb"] = float(size.group(1)) if size else card["memory_gb"]
            one["memory_used_gb"] = unknown(words("why-not-reported"))
            devices.append(one)
        if not parts:
            devices.append(card)
    return devices, ""
