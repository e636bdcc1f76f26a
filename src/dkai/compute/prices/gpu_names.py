"""SkyPilot's names for GPUs, and the catalogue's.

A row whose name or memory does not settle which GPU it is, is left out. A bare `A100` is the one with 40 GB and a bare
`V100` the one with 16 GB, as the files of Google and Lambda have it; a row that states another memory is not believed.
"""

from __future__ import annotations

import re

_MEMORY_GB = {
    "a10": 24, "a100-40gb": 40, "a100-80gb": 80, "a100-80gb-pcie": 80, "a10g": 24, "a40": 48, "b200": 180, "b300": 288,
    "gh200-96gb": 96, "h100": 80, "h100-pcie": 80, "h100-nvl": 94, "h200": 141, "l4": 24, "l40": 48, "l40s": 48,
    "mi300x": 192, "p100": 16, "rtx-3090": 24, "rtx-4090": 24, "rtx-6000-ada": 48, "rtx-a6000": 48, "rtx-pro-6000": 96,
    "t4": 16, "v100-16gb": 16, "v100-32gb": 32,
}  # fmt: skip
_IDS = {
    "a10": "a10", "a100": "a100-40gb", "a10080gb": "a100-80gb", "a10080gsxm": "a100-80gb",
    "a10080gpcie": "a100-80gb-pcie", "a10080gpcienvlink": "a100-80gb-pcie", "a10g": "a10g", "a40": "a40",
    "a6000": "rtx-a6000", "rtxa6000": "rtx-a6000", "b200": "b200", "b300": "b300", "gh200": "gh200-96gb",
    "h100": "h100", "h100sxm": "h100", "h10080gsxm5": "h100", "h100pcie": "h100-pcie", "h10080gpcie": "h100-pcie",
    "h10080gpcienvlink": "h100-pcie", "h100nvl": "h100-nvl", "h200": "h200", "h200sxm": "h200", "l4": "l4",
    "l40": "l40", "l40s": "l40s", "mi300x": "mi300x", "p100": "p100", "rtx3090": "rtx-3090", "rtx4090": "rtx-4090",
    "rtx6000ada": "rtx-6000-ada", "rtxpro6000": "rtx-pro-6000", "rtxpro6000s": "rtx-pro-6000",
    "rtxpro6000ws": "rtx-pro-6000", "t4": "t4", "v100": "v100-16gb", "v10032gb": "v100-32gb",
}  # fmt: skip
_SIZE = re.compile(r"['\"]SizeInMiB['\"]+: *(\d+)")
_PCIE = {"h100": "h100-pcie", "a100-80gb": "a100-80gb-pcie"}
_NVL = {"h100": "h100-nvl"}
_SAME = 0.15  # makers and drivers count gigabytes in several ways


def gpu_id(name: str, count: int, instance: str, info: str) -> str | None:
    """The catalogue's id of the GPU in a row; None where it is none of ours, or the row contradicts itself."""
    found = _IDS.get("".join(c for c in name.lower() if c.isalnum()))
    if found is None:
        return None
    words = f"{instance} {info}".lower()
    if "pcie" in words:
        found = _PCIE.get(found, found)
    elif "nvl" in words and "nvlink" not in words:
        found = _NVL.get(found, found)
    return found if _agrees(found, count, info) else None


def _agrees(gpu: str, count: int, info: str) -> bool:
    """Whether the memory that the row states is that of the GPU: of one, or of all of them together."""
    said = _SIZE.search(info)
    if said is None or int(said[1]) < 1024:
        return True  # not stated, or in a unit that nobody names (RunPod's files have 80 for 80 GB)
    gib, wanted = int(said[1]) / 1024, _MEMORY_GB[gpu]
    return any(abs(one - wanted) <= _SAME * wanted for one in (gib, gib / count))
