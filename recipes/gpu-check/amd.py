"""AMD GPUs: what rocm-smi or amd-smi says is in the machine, or, without either, what the kernel says."""

import json
import os
import re
from typing import Any, Dict, List, Optional, Tuple

from machine import GIB, read_text, unknown
from nvidia import ask
from words import Words

TOPOLOGY = "/sys/class/kfd/kfd/topology/nodes"


def _json(text: str) -> Any:
    """The JSON in a program's output, which some versions precede with warnings; None when there is none."""
    start = min((at for at in (text.find("{"), text.find("[")) if at >= 0), default=-1)
    if start < 0:
        return None
    try:
        return json.JSONDecoder().raw_decode(text[start:])[0]
    except ValueError:
        return None


def _part(card: Dict[str, Any], name: str) -> Dict[str, Any]:
    part = card.get(name)
    return part if isinstance(part, dict) else {}


def _whole(value: Any) -> Optional[int]:
    text = str(value).strip()
    return int(text) if text.isdigit() else None


def _device(words: Words, number: int, name: str, **known: Any) -> Dict[str, Any]:
    silent = unknown(words("why-not-reported"))
    device: Dict[str, Any] = {"vendor": "amd", "id": str(number), "uuid": "", "mig": False, "in_job": True}
    device["name"] = name if name.upper().startswith("AMD") else ("AMD " + name).strip()
    for field in ("memory_gb", "memory_used_gb", "driver", "architecture"):
        value = known.get(field)
        device[field] = silent if value in (None, "") else round(value, 1) if isinstance(value, float) else value
    return device


def parse_rocm_smi(text: str, words: Words) -> List[Dict[str, Any]]:
    """Devices from `rocm-smi --json`; key names are compared loosely, as versions differ in case and wording."""
    answer = _json(text)
    if not isinstance(answer, dict):
        return []
    whole = answer.get("system")
    system = {str(k).lower(): v for k, v in whole.items()} if isinstance(whole, dict) else {}
    devices: List[Dict[str, Any]] = []
    for key in sorted(answer, key=lambda key: int(re.sub(r"\D", "", key) or 0)):
        if not key.startswith("card") or not isinstance(answer[key], dict):
            continue
        card = {str(k).lower(): v for k, v in answer[key].items()}
        total, used = _whole(card.get("vram total memory (b)")), _whole(card.get("vram total used memory (b)"))
        names = [str(card.get(k, "")) for k in ("card series", "card model", "device name", "product name")]
        # Old versions answer the series with a bare device number such as 0x7408: no name for a reader.
        name = next((n for n in names if n and not n.startswith("0x") and n != "N/A"), "AMD GPU")
        devices.append(
            _device(
                words,
                int(re.sub(r"\D", "", key) or 0),
                name,
                memory_gb=total / GIB if total is not None else None,
                memory_used_gb=used / GIB if used is not None else None,
                driver=system.get("driver version") or card.get("driver version"),
                architecture=card.get("gfx version"),
            )
        )
    return devices


def parse_amd_smi(text: str, words: Words) -> List[Dict[str, Any]]:
    """Devices from `amd-smi static --json`: a list, or since ROCm 6.4 a list under `gpu_data`."""
    answer = _json(text)
    if isinstance(answer, dict):
        answer = answer.get("gpu_data", [answer])
    devices: List[Dict[str, Any]] = []
    for card in answer if isinstance(answer, list) else []:
        if not isinstance(card, dict):
            continue
        asic, vram, driver = _part(card, "asic"), _part(card, "vram"), _part(card, "driver")
        size = vram.get("size")
        value, unit = (size.get("value"), str(size.get("unit"))) if isinstance(size, dict) else (size, "MB")
        bytes_each = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}.get(unit.upper(), 2**20)
        whole = _whole(value)
        devices.append(
            _device(
                words,
                int(card.get("gpu", len(devices))),
                str(asic.get("market_name") or "AMD GPU"),
                memory_gb=whole * bytes_each / GIB if whole is not None else None,
                driver=driver.get("version") or driver.get("driver_version"),
                architecture=asic.get("target_graphics_version"),
            )
        )
    return devices


def from_kernel(words: Words, root: str = TOPOLOGY) -> List[Dict[str, Any]]:
    """Devices the kernel's compute driver lists under `root`; nodes without SIMD units are CPUs."""
    devices: List[Dict[str, Any]] = []
    try:
        nodes = sorted((n for n in os.listdir(root) if n.isdigit()), key=int)
    except OSError:
        return []
    for node in nodes:
        facts = _properties(os.path.join(root, node, "properties"))
        if not facts.get("simd_count"):
            continue
        banks = os.path.join(root, node, "mem_banks")
        names = os.listdir(banks) if os.path.isdir(banks) else []
        sizes = [_properties(os.path.join(banks, name, "properties")) for name in names]
        # Heap types 1 and 2 are the card's own memory (HSA_HEAPTYPE_FRAME_BUFFER_PUBLIC and _PRIVATE).
        own = sum(bank.get("size_in_bytes", 0) for bank in sizes if bank.get("heap_type") in (1, 2))
        version = facts.get("gfx_target_version", 0)
        gfx = "gfx{}{:x}{:x}".format(version // 10000, version // 100 % 100, version % 100) if version else ""
        devices.append(
            _device(words, len(devices), "AMD GPU " + gfx, memory_gb=own / GIB if own else None, architecture=gfx)
        )
    return devices


def _properties(path: str) -> Dict[str, int]:
    lines = (line.split() for line in (read_text(path) or "").splitlines())
    return {parts[0]: int(parts[1]) for parts in lines if len(parts) == 2 and parts[1].isdigit()}


def look(words: Words) -> Tuple[List[Dict[str, Any]], str]:
    """The AMD GPUs that the driver knows, and why it does not answer ("" when it does, or when there is none)."""
    complaint = ""
    for places, options, parse in (
        (
            ("rocm-smi", "/opt/rocm/bin/rocm-smi"),
            ["--showproductname", "--showmeminfo", "vram", "--showdriverversion", "--json"],
            parse_rocm_smi,
        ),
        (("amd-smi", "/opt/rocm/bin/amd-smi"), ["static", "--json"], parse_amd_smi),
    ):
        for program in places:
            answer = ask([program, *options])
            if answer is None:
                continue
            devices = parse(answer[1], words)
            if devices:
                return devices, ""
            lines = [line.strip() for line in (answer[2] + answer[1]).splitlines() if line.strip()]
            if answer[0] != 0 and not complaint:
                complaint = lines[0] if lines else "{}: {}".format(program, answer[0])
            break
    devices = from_kernel(words)
    return devices, "" if devices else complaint
