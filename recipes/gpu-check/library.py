"""Asks the driver's own library, as a program would, how many GPUs it gives; run as a program of its own.

nvidia-smi can answer while programs cannot start (a device file missing in a container, a driver half updated), so
the library is asked too. That happens in a process of its own: a broken driver may hang or crash whoever asks.
Prints one JSON object: {"devices": [{"name", "memory_gb"}]} or {"error": text}, or {} when there is no library.
"""

import ctypes
import json
import sys
from typing import Any, Dict, List, Optional, Tuple

# name -> (library files, function prefix, name of the memory function)
LIBRARIES: Dict[str, Tuple[Tuple[str, ...], str, str]] = {
    "cuda": (("libcuda.so.1", "nvcuda.dll"), "cu", "DeviceTotalMem_v2"),
    "hip": (("libamdhip64.so", "libamdhip64.so.6", "libamdhip64.so.7", "libamdhip64.so.5"), "hip", "DeviceTotalMem"),
}


def _load(files: Tuple[str, ...]) -> Optional[Any]:
    for name in files:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def count(which: str) -> Dict[str, Any]:
    """What the library says: its devices, its error, or nothing at all when the library is not there."""
    files, prefix, memory = LIBRARIES[which]
    library = _load(files)
    if library is None:
        return {}
    number = ctypes.c_int(0)
    counting = "GetDeviceCount" if prefix == "hip" else "DeviceGetCount"
    for function, arguments in (("Init", (0,)), (counting, (ctypes.byref(number),))):
        status = getattr(library, prefix + function)(*arguments)
        if status != 0:
            return {"error": "{}{}: {}".format(prefix, function, status)}
    devices: List[Dict[str, Any]] = []
    for at in range(number.value):
        device, name, size = ctypes.c_int(0), ctypes.create_string_buffer(256), ctypes.c_size_t(0)
        getattr(library, prefix + "DeviceGet")(ctypes.byref(device), at)
        getattr(library, prefix + "DeviceGetName")(name, 256, device)
        getattr(library, prefix + memory)(ctypes.byref(size), device)
        devices.append({"name": name.value.decode("utf-8", "replace"), "memory_gb": round(size.value / 2.0**30, 1)})
    return {"devices": devices}


if __name__ == "__main__":
    print(json.dumps(count(sys.argv[1])))
