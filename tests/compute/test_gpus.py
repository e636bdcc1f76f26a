"""Accelerators and control groups as drivers and kernels tell them. No GPU is needed: tools are stood in for.

Shapes: nvidia-smi, `--help-query-gpu`, `-L` and `-q -x` of drivers 535 to 575 (NVIDIA's MIG user guide); amd-smi
`static` and `metric` with `--json` of ROCm 6 and 7, with and without `gpu_data`; rocm-smi `--json` of ROCm 5 (an MI250,
as W&B's client keeps it); xpu-smi of xpumanager 1.2, doc/smi_user_guide.md. cgroups: kernel, cgroup-v1/memory and
cgroup-v2.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dkai.compute.runner import cgroup, gpus
from dkai.compute.runner.cgroup import Group
from dkai.compute.runner.gpus import Gpus, number_in
from dkai.compute.runner.meter import Energy

pytestmark = pytest.mark.skipif(os.name != "posix", reason="shell scripts stand in for the drivers' tools")
VARIABLES = (
    "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "SLURM_JOB_GPUS",
    "SLURM_STEP_GPUS",
)  # fmt: skip
Tool = Callable[[str, str], None]


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """Puts a shell script on a path that has nothing else but the system's own."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def make(name: str, text: str) -> None:
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)

    return make


def says(text: str) -> str:
    return f"cat <<'END'\n{text}\nEND"


FOUR = "\n".join(f"GPU-{n}{n}{n}a-x, NVIDIA H100 80GB HBM3, 81559, 550.54.15, Disabled" for n in range(4))
# The script answers for those asked for with -i only, as nvidia-smi does.
NVIDIA = f"""
case "$*" in
  *utilization*)
    while [ $# -gt 0 ]; do [ "$1" = -i ] && ids=$2; shift; done
    for id in $(echo $ids | tr , ' '); do
      case $id in
        GPU-000a-x) echo "GPU-000a-x, 90, 70000, 612.50";;
        GPU-111a-x) echo "GPU-111a-x, 0, 4, 71.20";;
        *) echo "$id, [N/A], [N/A], [Not Supported]";;
      esac
    done;;
  *query-gpu*) {says(FOUR)}
  ;;
esac"""


@pytest.mark.parametrize(
    ("name", "value", "chosen"),
    [
        ("CUDA_VISIBLE_DEVICES", "0", ["000"]),
        ("CUDA_VISIBLE_DEVICES", "1,0", ["111", "000"]),
        ("CUDA_VISIBLE_DEVICES", "GPU-111a", ["111"]),
        ("CUDA_VISIBLE_DEVICES", "3,9,0", ["333"]),  # up to the first that is not there
        ("CUDA_VISIBLE_DEVICES", "", []),
        ("CUDA_VISIBLE_DEVICES", "-1", []),
        ("CUDA_VISIBLE_DEVICES", "NoDevFiles", []),
        ("SLURM_JOB_GPUS", "1-2", ["111", "222"]),
        ("SLURM_JOB_GPUS", "4,5,6,7", ["000", "111", "222", "333"]),  # confined: the tool shows no others
        ("HOME", "/", ["000", "111", "222", "333"]),
    ],
)
def test_only_this_jobs_devices_count(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, name: str, value: str, chosen: list[str]
) -> None:
    tool("nvidia-smi", NVIDIA)
    monkeypatch.setenv(name, value)
    assert [device.uuid[4:7] for device in Gpus().devices] == chosen


def test_nvidia(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    tool("nvidia-smi", NVIDIA)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    found = Gpus()
    assert found.names() == ["NVIDIA H100 80GB HBM3"] * 3
    assert found.devices[0].driver == "550.54.15" and found.devices[0].total_mb == 81559
    told = found.read()
    assert told["GPU-000a-x"] == (90, 70000, 612.5, None)
    assert told["GPU-111a-x"] == (0, 4, 71.2, None)
    assert told["GPU-222a-x"] == (None, None, None, None)


def test_an_old_driver_that_knows_no_mig(tool: Tool) -> None:
    tool(
        "nvidia-smi",
        'case "$*" in *mig*) echo "Field is not valid" ; exit 2;; *) echo "GPU-1, Tesla K80, 11441, 418.9";; esac',
    )
    assert Gpus().names() == ["Tesla K80"]


LIST = """GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-aaaa)
  MIG 3g.20gb     Device  0: (UUID: MIG-c7384736-a75d-5afc-978f-d2f1294409fd)
  MIG 1g.5gb      Device  1: (UUID: MIG-5f4c2f3b-1111-5afc-978f-d2f1294409fd)
GPU 1: NVIDIA A100-SXM4-40GB (UUID: GPU-bbbb)"""
LOG = """<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v12.dtd">
<nvidia_smi_log><driver_version>535.129.03</driver_version>
<gpu id="00000000:10:00.0"><mig_mode><current_mig>Enabled</current_mig></mig_mode><mig_devices>
<mig_device><index>0</index><fb_memory_usage><used>4298 MiB</used></fb_memory_usage></mig_device>
<mig_device><index>1</index><fb_memory_usage><used>12 MiB</used></fb_memory_usage></mig_device>
</mig_devices><uuid>GPU-aaaa</uuid></gpu></nvidia_smi_log>"""


@pytest.mark.parametrize(
    ("visible", "names", "memory"),
    [
        ("MIG-c7384736-a75d-5afc-978f-d2f1294409fd", ["NVIDIA A100-SXM4-40GB MIG 3g.20gb"], [4298]),
        ("MIG-5f4c", ["NVIDIA A100-SXM4-40GB MIG 1g.5gb"], [12]),
        ("0", ["NVIDIA A100-SXM4-40GB MIG 3g.20gb"], [4298]),
        ("1", ["NVIDIA A100-SXM4-40GB"], [55]),
        ("MIG-gone", None, []),
    ],
)
def test_mig_slices(
    tool: Tool, monkeypatch: pytest.MonkeyPatch, visible: str, names: list[str] | None, memory: list[float]
) -> None:
    board = "NVIDIA A100-SXM4-40GB, 40960, 535.1"
    rows = f"GPU-aaaa, {board}, Enabled\nGPU-bbbb, {board}, Disabled"
    tool(
        "nvidia-smi",
        f"""case "$*" in
-L) {says(LIST)}
;;
"-q -x") {says(LOG)}
;;
*utilization*) echo "GPU-bbbb, 5, 55, 60.0";;
*) {says(rows)}
;;
esac""",
    )
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    found = Gpus()
    assert found.names() == names
    told = [found.read()[device.id] for device in found.devices]
    assert [reading.memory_mb for reading in told] == memory
    # The board's power is not one slice's.
    assert all((reading.watts is None) == device.shared for reading, device in zip(told, found.devices, strict=True))


AMD_STATIC = [
    {
        "gpu": n, "asic": {"market_name": "AMD Instinct MI300X", "asic_serial": f"0x6F1F0A2B3C4D5E6{n}"},
        "vram": {"type": "HBM3", "size": {"value": 196592, "unit": "MB"}}, "driver": {"version": "6.10.5"},
    }
    for n in range(2)
]  # fmt: skip
AMD_METRIC = [
    {
        "gpu": n, "usage": {"gfx_activity": {"value": 87 - n, "unit": "%"}, "mm_activity": "N/A"},
        "mem_usage": {"used_vram": {"value": 121344, "unit": "MB"}},
        "power": {"socket_power": {"value": 542, "unit": "W"}, "throttle_status": "N/A"},
        "energy": {"total_energy_consumption": {"value": 1000.5 + n, "unit": "J"}},
    }
    for n in range(2)
]  # fmt: skip


@pytest.mark.parametrize("wrapped", [False, True])
def test_amd_smi(tool: Tool, monkeypatch: pytest.MonkeyPatch, wrapped: bool) -> None:
    def shape(value: Any) -> str:
        return "WARNING: not in the render group\n" + json.dumps({"gpu_data": value} if wrapped else value, indent=1)

    tool(
        "amd-smi",
        f"""case "$1" in static) {says(shape(AMD_STATIC))}
;;
metric) {says(shape(AMD_METRIC))}
;;
esac""",
    )
    assert Gpus().names() == ["AMD Instinct MI300X"] * 2
    monkeypatch.setenv("ROCR_VISIBLE_DEVICES", "1")
    found = Gpus()
    assert [device.id for device in found.devices] == ["1"]
    assert found.devices[0].total_mb == 196592 and found.devices[0].driver == "6.10.5"
    assert found.read() == {"1": (86, 121344, 542, 1001.5)}
    monkeypatch.setenv("ROCR_VISIBLE_DEVICES", "GPU-6f1f0a2b3c4d5e60,1")
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "1")  # the second of these
    assert [device.id for device in Gpus().devices] == ["1"]
    monkeypatch.setenv("HIP_VISIBLE_DEVICES", "")
    assert Gpus().devices == []


ROCM_NAMES = {
    "card0": {"Card series": "AMD INSTINCT MI250 (MCM) OAM AC MBA", "Unique ID": "0x719d230578348e8c",
              "VRAM Total Memory (B)": "68702699520"},
    "card1": {"Card series": "AMD INSTINCT MI250 (MCM) OAM AC MBA", "Unique ID": "0x719d230578348e8d"},
    "system": {"Driver version": "6.2.4"},
}  # fmt: skip
ROCM_LOAD = {
    "card0": {"GPU use (%)": "99", "VRAM Total Used Memory (B)": "1073741824",
              "Average Graphics Package Power (W)": "403.0", "Energy counter": "62929744071539",
              "Accumulated Energy (uJ)": "962825096297442.9"},
    "card1": {"GPU use (%)": "50", "VRAM Total Used Memory (B)": "0",
              "Average Graphics Package Power (W)": "N/A (Secondary die)", "Accumulated Energy (uJ)": "0"},
}  # fmt: skip


def test_rocm_smi(tool: Tool) -> None:
    tool(
        "rocm-smi",
        f"""case "$*" in *productname*) {says(json.dumps(ROCM_NAMES))}
;;
*) {says(json.dumps(ROCM_LOAD))}
;;
esac""",
    )
    found = Gpus()
    assert found.names() == ["AMD INSTINCT MI250 (MCM) OAM AC MBA"] * 2
    assert found.devices[0].driver == "6.2.4"
    told = found.read()
    assert told["card0"] == (99, 1024, 403, pytest.approx(962825096.297))
    assert told["card1"] == (50, 0, 0, 0)  # the card's power is told once


def test_xpu_smi(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    devices = {"device_list": [
        {"device_id": n, "device_name": "Intel(R) Data Center GPU Max 1550", "uuid": f"0000-{n}"} for n in range(2)
    ]}  # fmt: skip
    dump = (
        "Timestamp, DeviceId, GPU Utilization (%), GPU Power (W), GPU Energy Consumed (J), GPU Memory Used (MiB)\n"
        "06:14:46.000,    0, 12.50, 214.61, 900123.5, 2048.00\n06:14:46.000,    1, , , , "
    )
    tool(
        "xpu-smi",
        f"""case "$1" in discovery) {says(json.dumps(devices))}
;;
dump) {says(dump)}
;;
esac""",
    )
    found = Gpus()
    assert found.names() == ["Intel(R) Data Center GPU Max 1550"] * 2
    assert found.read() == {"0": (12.5, 2048, 214.61, 900123.5), "1": (None, None, None, None)}
    monkeypatch.setenv("ZE_AFFINITY_MASK", "0.1")  # one tile: the board's power is not its own
    found = Gpus()
    assert found.read() == {"0": (12.5, 2048, None, None)}


def test_a_tool_that_falls_silent_is_asked_no_more(tool: Tool, tmp_path: Path) -> None:
    count = tmp_path / "count"
    tool("nvidia-smi", f'case "$*" in *util*) echo x >>{count}; exit 9;; *) echo "GPU-1, A, 1, 1, Disabled";; esac')
    found = Gpus()
    assert [found.read() for _ in range(6)] == [{}] * 6
    assert count.read_text().count("x") == 3


def test_no_tool_at_all(tool: Tool) -> None:
    assert Gpus().names() is None and Gpus().read() == {}


@pytest.mark.parametrize(
    ("value", "number"),
    [("[N/A]", None), ("N/A", None), (None, None), ("73 %", 73), ({"value": "N/A"}, None), (" 12.5", 12.5), (7, 7)],
)
def test_numbers(value: Any, number: float | None) -> None:
    assert number_in(value) == number


def reading(watts: float | None = None, joules: float | None = None) -> gpus.Reading:
    return gpus.Reading(None, None, watts, joules)


def test_energy_from_power_and_from_counters() -> None:
    power = Energy(2)
    for clock, watts in ((0, 100), (10, 300), (20, 300)):
        power.add({"a": reading(watts), "b": reading(0)}, clock)
    assert (power.joules, power.covered, power.by) == (2000 + 3000, 20, "power")
    counter = Energy(1)
    for clock, joules in ((0, 5e6), (10, 5e6 + 1500), (20, 3), (30, 503)):  # it began anew once
        counter.add({"a": reading(999, joules)}, clock)
    assert (counter.joules, counter.covered, counter.by) == (1500 + 500, 20, "counter")


def test_energy_is_not_made_up_where_a_device_tells_nothing() -> None:
    energy = Energy(2)
    for clock in range(5):
        energy.add({"a": reading(100), "b": reading(None if clock == 2 else 100)}, clock)
    assert energy.covered == 2 and energy.joules == 400  # 0–1 and 3–4
    gone = Energy(2)
    gone.add({"a": reading(100)}, 0)
    gone.add({"a": reading(100)}, 1)
    assert gone.by == "" and gone.covered == 0


def tree(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def test_control_groups_of_version_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = "system.slice/slurmstepd.scope/job_17"
    tree(tmp_path, {
        "proc": f"0::/{job}/step_batch/user/task_0\n",
        f"cg/{job}/cpu.stat": "usage_usec 2500000\nuser_usec 2000000\n",
        f"cg/{job}/memory.stat": "anon 104857600\nfile 99999999999\nshmem 10485760\n",
        f"cg/{job}/memory.peak": "524288000\n",
    })  # fmt: skip
    monkeypatch.setattr(cgroup, "PROC", str(tmp_path / "proc"))
    monkeypatch.setattr(cgroup, "ROOT", str(tmp_path / "cg"))
    # The kernel mounts version 2 at the root itself.
    group = Group("17")
    assert (group.cpu_s(), group.used_mb(), group.peak_mb()) == (2.5, 110.0, 500.0)
    other = Group("18")
    assert (other.cpu_s(), other.used_mb(), other.peak_mb()) == (None, None, None)
    assert Group(None).two is None


def test_control_groups_of_version_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = "slurm/uid_1000/job_17"
    tree(tmp_path, {
        "proc": f"9:name=systemd:/x\n4:memory:/{job}/step_batch/task_0\n2:cpu,cpuacct:/{job}/step_batch\n0::/\n",
        f"cg/cpu,cpuacct/{job}/cpuacct.usage": "7000000000\n",
        f"cg/memory/{job}/memory.stat": "cache 5\nrss 1\ntotal_rss 52428800\n",
        f"cg/memory/{job}/memory.max_usage_in_bytes": "1073741824\n",
    })  # fmt: skip
    monkeypatch.setattr(cgroup, "PROC", str(tmp_path / "proc"))
    monkeypatch.setattr(cgroup, "ROOT", str(tmp_path / "cg"))
    group = Group("17")
    assert (group.cpu_s(), group.used_mb(), group.peak_mb()) == (7.0, 50.0, 1024.0)


def test_a_group_that_is_not_the_jobs_own_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, {"proc": "0::/user.slice/session-3.scope\n", "cg/user.slice/session-3.scope/memory.peak": "1\n"})
    monkeypatch.setattr(cgroup, "PROC", str(tmp_path / "proc"))
    monkeypatch.setattr(cgroup, "ROOT", str(tmp_path / "cg"))
    assert Group("17").peak_mb() is None
