"""Accelerators of three makers, by their drivers' own tools: which this job has, and how hard they work.

nvidia-smi, amd-smi or (older) rocm-smi, and xpu-smi are each asked only where they are there; what a tool does not tell
is None. Only this job's devices count: where Slurm confines jobs the tools see no others, elsewhere the variables that
name them are read as CUDA, ROCm and Level Zero read them.
"""

import json
import os
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Optional
from xml.etree import ElementTree

from dkai.compute.runner.files import output_of

# `shared`: others may work on the same board (a MIG slice, a tile), so that its power is not this job's alone.
Device = NamedTuple(
    "Device",
    [
        ("id", str), ("name", str), ("uuid", str), ("total_mb", Optional[float]), ("driver", Optional[str]),
        ("shared", bool),
    ],
)  # fmt: skip
# Utilisation in per cent, memory in MiB, power in W, energy since some moment in J.
Reading = NamedTuple(
    "Reading",
    [
        ("load", Optional[float]), ("memory_mb", Optional[float]), ("watts", Optional[float]),
        ("joules", Optional[float]),
    ],
)  # fmt: skip
PATIENCE = 5  # seconds for one answer


def number_in(value: Any) -> Optional[float]:
    """The number in `73`, `73 %`, `{"value": 73, "unit": "%"}`; None in `N/A`, `[N/A]`, `[Not Supported]`."""
    if isinstance(value, dict):
        value = value.get("value")
    found = re.match(r"\s*(-?\d+(?:\.\d+)?)", str(value))
    return float(found.group(1)) if found else None


def json_in(text: Optional[str]) -> Any:
    """The JSON in an answer, whatever warnings were printed before it; None without any."""
    for mark in re.finditer(r"(?m)^\s*[\[{]", text or ""):
        try:
            return json.loads((text or "")[mark.start() :])
        except ValueError:
            continue
    return None


def rows_of(text: Optional[str]) -> List[List[str]]:
    """The cells of a table in CSV."""
    return [[cell.strip() for cell in row.split(",")] for row in (text or "").splitlines() if row.strip()]


def spread(words: str) -> List[str]:
    """`0,2-3` as single words."""
    found: List[str] = []
    for word in filter(None, (word.strip() for word in words.split(","))):
        ends = re.match(r"(\d+)-(\d+)$", word)
        found += [str(n) for n in range(int(ends.group(1)), int(ends.group(2)) + 1)] if ends else [word]
    return found


def picked(devices: List[Device], words: List[str]) -> List[Device]:
    """Those named by place or by the beginning of their UUID; as CUDA does, up to the first that is not there."""
    found: List[Device] = []
    for word in words:
        if word.isdigit():
            fits = devices[int(word) : int(word) + 1]
        else:
            fits = [device for device in devices if device.uuid.lower().startswith(word.lower())]
        if len(fits) != 1 or fits[0] in found:
            break
        found += fits
    return found


def of_this_job(devices: List[Device], *names: str) -> List[Device]:
    """The devices that the first variable that is set leaves to this job."""
    for name in names:
        if name in os.environ:
            return picked(devices, spread(os.environ[name]))
    given = spread(os.environ.get("SLURM_JOB_GPUS") or os.environ.get("SLURM_STEP_GPUS") or "")
    # Slurm's numbers are the node's. A tool that shows no more than were given shows just these.
    return picked(devices, given) if given and len(given) < len(devices) else devices


class Nvidia:
    """nvidia-smi: fields as `nvidia-smi --help-query-gpu` names them; MIG slices from `-L` and `-q -x`."""

    CSV = "--format=csv,noheader,nounits"

    def devices(self) -> List[Device]:
        """The devices, a MIG slice being one of its own."""
        for more in (",mig.mode.current", ""):  # drivers before 450 know no MIG, and refuse the whole question
            fields = "uuid,name,memory.total,driver_version" + more
            rows = [r for r in rows_of(output_of(["nvidia-smi", "--query-gpu=" + fields, self.CSV])) if len(r) >= 4]
            if rows:
                break
        boards = [Device(r[0], r[1], r[0], number_in(r[2]), r[3], r[4:] == ["Enabled"]) for r in rows]
        words = spread(os.environ.get("CUDA_VISIBLE_DEVICES", ""))
        if any(board.shared for board in boards):
            slices = self.slices(boards)
            if words and words[0].startswith("MIG-"):
                return picked(slices, words)
            chosen = of_this_job(boards, "CUDA_VISIBLE_DEVICES")
            inside = [one for one in slices if any(board.shared and one.id.startswith(board.id) for board in chosen)]
            if inside:  # where a number is given, CUDA takes it for a slice, and lets a program have one at most
                return inside[:1] if words else inside + [board for board in chosen if not board.shared]
        return of_this_job(boards, "CUDA_VISIBLE_DEVICES")

    def slices(self, boards: List[Device]) -> List[Device]:
        """MIG slices: `  MIG 3g.20gb  Device  0: (UUID: MIG-…)` below their board's line."""
        found: List[Device] = []
        board: Optional[Device] = None
        for line in (output_of(["nvidia-smi", "-L"]) or "").splitlines():
            uuid = re.search(r"UUID: ([^)]+)\)", line)
            kind = re.match(r"\s+(MIG \S+)\s+Device\s+(\d+):", line)
            if uuid and kind and board:
                name = "%s %s" % (board.name, kind.group(1))
                found.append(
                    Device("%s/%s" % (board.uuid, kind.group(2)), name, uuid.group(1), None, board.driver, True)
                )
            elif uuid:
                board = next((b for b in boards if b.uuid == uuid.group(1)), None)
        return found

    def read(self, devices: List[Device]) -> Dict[str, Reading]:
        """By the devices' ids."""
        found: Dict[str, Reading] = {}
        whole = [device.id for device in devices if not device.shared]
        if whole:
            ask = "--query-gpu=uuid,utilization.gpu,memory.used,power.draw"
            for row in rows_of(output_of(["nvidia-smi", ask, self.CSV, "-i", ",".join(whole)], PATIENCE)):
                if len(row) == 4:
                    found[row[0]] = Reading(number_in(row[1]), number_in(row[2]), number_in(row[3]), None)
        if len(whole) < len(devices):
            found.update(self.read_slices())
        return found

    def read_slices(self) -> Dict[str, Reading]:
        """The memory of MIG slices; of their load and power nvidia-smi tells nothing."""
        found: Dict[str, Reading] = {}
        try:
            tree = ElementTree.fromstring(output_of(["nvidia-smi", "-q", "-x"], PATIENCE) or "<none/>")
        except ElementTree.ParseError:
            return found
        for gpu in tree.iter("gpu"):
            for one in gpu.iter("mig_device"):
                used = number_in(one.findtext("fb_memory_usage/used"))
                found["%s/%s" % (gpu.findtext("uuid"), one.findtext("index"))] = Reading(None, used, None, None)
        return found

    def platform(self) -> Optional[str]:
        """`CUDA 12.4`: the newest that the driver supports."""
        found = re.search(r"CUDA Version\s*:\s*([\d.]+)", output_of(["nvidia-smi", "-q", "-d", "MEMORY"]) or "")
        return "CUDA " + found.group(1) if found else None


class Amd:
    """amd-smi, of ROCm 6 and newer: `--json` gives a list, newer ones an object with `gpu_data`."""

    def answer(self, *words: str, patience: float = 10) -> Iterator[Dict[str, Any]]:
        """One mapping a device."""
        found = json_in(output_of(["amd-smi", *words, "--json"], patience))
        if isinstance(found, dict):
            found = found.get("gpu_data", [found])
        return (one for one in found or [] if isinstance(one, dict) and "gpu" in one)

    def devices(self) -> List[Device]:
        """The devices."""
        found = []
        for one in self.answer("static"):
            part = {name: one[name] if isinstance(one.get(name), dict) else {} for name in ("asic", "vram", "driver")}
            found.append(
                Device(
                    str(one["gpu"]), str(part["asic"].get("market_name") or "AMD GPU"),
                    "GPU-%s" % str(part["asic"].get("asic_serial", "")).replace("0x", "").lower(),
                    number_in(part["vram"].get("size")), part["driver"].get("version"), False,
                )
            )  # fmt: skip
        return amd_ones(found)

    def read(self, _devices: List[Device]) -> Dict[str, Reading]:
        """By the devices' ids."""
        found = {}
        words = ["metric", "--usage", "--mem-usage", "--power", "--energy"]
        for one in self.answer(*words, patience=PATIENCE):
            part = {
                name: one[name] if isinstance(one.get(name), dict) else {}
                for name in ("usage", "mem_usage", "power", "energy")
            }
            watts = number_in(part["power"].get("socket_power", part["power"].get("average_socket_power")))
            found[str(one["gpu"])] = Reading(
                number_in(part["usage"].get("gfx_activity")), number_in(part["mem_usage"].get("used_vram")), watts,
                number_in(part["energy"].get("total_energy_consumption")),
            )  # fmt: skip
        return found

    def platform(self) -> Optional[str]:
        """`ROCm 6.2.0`."""
        try:
            with open(os.path.join(os.environ.get("ROCM_PATH") or "/opt/rocm", ".info", "version")) as file:
                return "ROCm " + file.read().split("-")[0].strip()
        except OSError:
            return None


class Rocm(Amd):
    """rocm-smi, up to ROCm 6: one mapping a card, its words changing with the version."""

    NAMES = ("Card Series", "Card series", "Card Model", "Card model")
    POWER = ("Average Graphics Package Power (W)", "Current Socket Graphics Package Power (W)")

    def cards(self, *options: str, patience: float = 10) -> Dict[str, Dict[str, Any]]:
        """By the card's number, and `system`."""
        found = json_in(output_of(["rocm-smi", *options, "--json"], patience))
        return {str(key): one for key, one in found.items() if isinstance(one, dict)} if isinstance(found, dict) else {}

    def devices(self) -> List[Device]:
        """The devices."""
        cards = self.cards("--showproductname", "--showuniqueid", "--showmeminfo", "vram", "--showdriverversion")
        driver = cards.get("system", {}).get("Driver version")
        found = []
        for key in sorted((k for k in cards if re.match(r"card\d+$", k)), key=lambda k: int(k[4:])):
            card = cards[key]
            name = next((str(card[k]) for k in self.NAMES if k in card), "AMD GPU")
            total = number_in(card.get("VRAM Total Memory (B)"))
            uuid = "GPU-%s" % str(card.get("Unique ID", "")).replace("0x", "").lower()
            found.append(Device(key, name, uuid, total / 1048576 if total else None, driver, False))
        return amd_ones(found)

    def read(self, _devices: List[Device]) -> Dict[str, Reading]:
        """By the devices' ids. The second half of a card has no power of its own: its first half's is the card's."""
        found = {}
        words = ["--showuse", "--showmeminfo", "vram", "--showpower", "--showenergycounter"]
        for key, card in self.cards(*words, patience=PATIENCE).items():
            memory = number_in(card.get("VRAM Total Used Memory (B)"))
            power = next((card[k] for k in self.POWER if k in card), None)
            energy = number_in(card.get("Accumulated Energy (uJ)"))
            second = "Secondary" in str(power)
            found[key] = Reading(
                number_in(card.get("GPU use (%)")), memory / 1048576 if memory is not None else None,
                0.0 if second else number_in(power), 0.0 if second else energy and energy / 1e6,
            )  # fmt: skip
        return found


def amd_ones(devices: List[Device]) -> List[Device]:
    """What ROCm leaves to this job: ROCR_VISIBLE_DEVICES first, and of these what HIP (or CUDA's variable) says."""
    left = of_this_job(devices, "ROCR_VISIBLE_DEVICES")
    for name in ("HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES"):
        if name in os.environ:
            return picked(left, spread(os.environ[name]))
    return left


class Intel:
    """xpu-smi: `discovery -j`, and one line a device of `dump` with the metrics 0, 1, 8 and 18."""

    COLUMNS = ("GPU Utilization (%)", "GPU Memory Used (MiB)", "GPU Power (W)", "GPU Energy Consumed (J)")

    def devices(self) -> List[Device]:
        """The devices; ZE_AFFINITY_MASK may name tiles of them, `0.1`."""
        found = json_in(output_of(["xpu-smi", "discovery", "-j"]))
        items = found.get("device_list") if isinstance(found, dict) else None
        mask = spread(os.environ.get("ZE_AFFINITY_MASK", ""))
        devices = [
            Device(
                str(one.get("device_id")), str(one.get("device_name") or "Intel GPU"), str(one.get("uuid")), None, None,
                any(word.startswith("%s." % one.get("device_id")) for word in mask),
            )
            for one in items or [] if isinstance(one, dict)
        ]  # fmt: skip
        if mask:
            return picked(devices, list(dict.fromkeys(word.partition(".")[0] for word in mask)))
        return of_this_job(devices)

    def read(self, devices: List[Device]) -> Dict[str, Reading]:
        """By the devices' ids."""
        ids = ",".join(device.id for device in devices)
        rows = rows_of(output_of(["xpu-smi", "dump", "-d", ids, "-m", "0,1,8,18", "-n", "1"], PATIENCE))
        head = next((row for row in rows if "DeviceId" in row), None)
        found = {}
        for row in rows:
            if head and len(row) == len(head) and row != head:
                told = dict(zip(head, row))  # noqa: B905 - strict came with 3.10
                load, memory, watts, joules = [number_in(told.get(name)) for name in self.COLUMNS]
                found[told["DeviceId"]] = Reading(load, memory, watts, joules)
        return found

    def platform(self) -> Optional[str]:
        """Nothing: its tool does not say."""
        return None


class Gpus:
    """This job's accelerators. `devices` is empty where there are none, or no tool that tells."""

    def __init__(self) -> None:
        self.tool: Any = None
        self.devices: List[Device] = []
        self.failures = 0
        for tool in (Nvidia(), Amd(), Rocm(), Intel()):
            self.devices = tool.devices()
            if self.devices:
                self.tool = tool
                break

    def names(self) -> Optional[List[str]]:
        """The devices by their driver's names; None where there are none."""
        return [device.name for device in self.devices] or None

    def read(self) -> Dict[str, Reading]:
        """What each device does now; nothing from a tool that fell silent three times."""
        if not self.devices or self.failures >= 3:
            return {}
        told = self.tool.read(self.devices)
        mine = {device.id: told[device.id] for device in self.devices if device.id in told}
        self.failures = 0 if mine else self.failures + 1
        for device in self.devices:
            if device.shared and device.id in mine:
                mine[device.id] = mine[device.id]._replace(watts=None, joules=None)
        return mine
