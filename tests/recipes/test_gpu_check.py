"""gpu-check run for real, with pretended drivers and a pretended PyTorch at its outermost edge."""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RECIPE = HERE.parents[1] / "recipes" / "gpu-check"
H100 = "{i}, GPU-{i}a2b3c4d-0000, NVIDIA H100 80GB HBM3, 81559, {used}, 570.86.15, 9.0, Disabled, {ecc}, 0"
REAL_DRIVER = any(Path(p).exists() for p in ("/usr/bin/nvidia-smi", "/opt/rocm/bin/rocm-smi", "/dev/kfd"))

without_driver = pytest.mark.skipif(REAL_DRIVER, reason="this machine has a real GPU driver, which would answer")


@pytest.fixture
def tools(tmp_path: Path):  # type: ignore[no-untyped-def] # a function of this file alone
    """Put pretended vendor programs on an otherwise empty PATH: `tools(nvidia_smi={"--query": "…"}, …)`.

    The keys are beginnings of the first argument; "" answers a call without arguments.
    """
    folder = tmp_path / "bin"
    folder.mkdir()

    def make(code: int = 0, **programs: dict[str, str]) -> str:
        for name, answers in programs.items():
            script = folder / name.replace("_", "-")
            script.write_text(
                f"#!{sys.executable}\nimport sys\n"
                f"first = sys.argv[1] if sys.argv[1:] else ''\n"
                f"for start, text in {answers!r}.items():\n"
                f"    if first == start or start and first.startswith(start):\n"
                f"        print(text)\n        sys.exit({code} or text.startswith('Field'))\n"
                f"sys.exit(6)\n",
                encoding="utf-8",
            )
            script.chmod(0o755)
        return str(folder)

    return make


def fake_torch(**settings: object) -> dict[str, str]:
    return {"PYTHONPATH": str(HERE / "fake_torch"), "FAKE_TORCH": json.dumps(settings)}


def no_torch(tmp_path: Path) -> dict[str, str]:
    """An environment in which PyTorch is surely not installed."""
    folder = tmp_path / "no-torch" / "torch"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text("raise ImportError('no torch here', name='torch')\n", encoding="utf-8")
    return {"PYTHONPATH": str(folder.parent)}


QUICK = {"speed": False}
ONE_H100 = {"name": "H100 80GB HBM3", "gib": 79.6, "major": 9}


class TestWithoutGpu:
    @without_driver
    def test_known_answers_on_the_cpu(self, run_recipe, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", {"repetitions": 3}, DKAI_GPUS="0", **no_torch(tmp_path))
        assert ended.code == 0
        assert ended.error == ""
        report = ended.json("report.json")
        assert report["schema"] == "dkai-recipe/gpu-check/1"
        assert [(c["id"], c["result"]) for c in report["correctness"]] == [
            ("minstd", "right"), ("sha256", "right"), ("fibonacci", "right"),
        ]  # fmt: skip
        assert report["seen_gpus"] == 0
        assert report["verdict"]["code"] == "none"
        assert report["verdict"]["gpu_usable"] is False
        assert "unknown" in report["verdict"]["gpu_correct"]
        speed = {s["id"]: s for s in report["speed"]}
        assert set(speed) == {"python", "sha256"}
        assert all(0 < s["low"] <= s["median"] <= s["high"] for s in speed.values())
        assert "says nothing about a GPU" in speed["python"]["what"]
        assert "The job sees no GPU, and none was asked for." in ended.said
        assert "All 3 computations on CPU came out right." in ended.said

    @without_driver
    @pytest.mark.parametrize(
        ("lang", "sentence"),
        [
            ("en", "You asked for 1 GPU. The scheduler gave GPU(s) 0 but no driver answers"),
            ("da", "Du bad om 1 GPU. Scheduleren gav GPU 0, men ingen driver svarer"),
        ],
    )
    def test_scheduler_gave_a_gpu_but_no_driver_answers(self, run_recipe, tmp_path, lang, sentence):  # type: ignore[no-untyped-def]
        ended = run_recipe(
            "gpu-check", QUICK, DKAI_GPUS="1", CUDA_VISIBLE_DEVICES="0", DKAI_LANG=lang, **no_torch(tmp_path)
        )
        report = ended.json("report.json")
        assert ended.code == 0
        assert sentence in ended.said
        assert report["verdict"]["text"].startswith(sentence)
        assert report["verdict"]["code"] == "no-driver"
        assert report["given_gpus"] == "0"
        assert report["scheduler"]["CUDA_VISIBLE_DEVICES"] == "0"
        assert sentence in ended.text("report.md")

    @without_driver
    def test_asked_and_given_nothing(self, run_recipe, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", QUICK, DKAI_GPUS="2", CUDA_VISIBLE_DEVICES="NoDevFiles", **no_torch(tmp_path))
        assert "You asked for 2 GPUs, but the job sees none." in ended.said

    @without_driver
    def test_by_hand_without_params(self, run_recipe, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", None, **no_torch(tmp_path))
        assert ended.code == 0
        assert ended.json("report.json")["asked_gpus"] == {"unknown": "DKAI_GPUS is not set"}
        assert ended.json("report.json")["params"] == {"speed": True, "repetitions": 10, "strict": False}

    @without_driver
    def test_strict_fails_when_nothing_can_be_used(self, run_recipe, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", {"speed": False, "strict": True}, DKAI_GPUS="1", **no_torch(tmp_path))
        assert ended.code == 1
        assert ended.error.startswith("The GPUs asked for cannot be used")
        assert ended.json("report.json")["verdict"]["code"] == "none-but-asked"

    def test_torch_on_the_cpu(self, run_recipe, tools):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", {"repetitions": 3}, path=tools(), DKAI_GPUS="0", **fake_torch())
        report = ended.json("report.json")
        assert [(c["id"], c["device"], c["result"]) for c in report["correctness"]] == [
            ("matmul-fp32", "cpu", "right"), ("matmul-bf16", "cpu", "right"), ("integers", "cpu", "right"),
        ]  # fmt: skip
        assert {s["id"] for s in report["speed"]} == {"matmul-fp32", "matmul-bf16", "copy"}
        assert "unknown" in report["verdict"]["gpu_correct"]


class TestNvidia:
    FIELDS = "--query-gpu=index,uuid,name,memory.total,memory.used,driver_version,compute_cap"

    def smi(self, *, gpus: int = 4, used: int = 5, ecc: str = "0", listed: str = "") -> dict[str, str]:
        rows = "\n".join(H100.format(i=i, used=used, ecc=ecc) for i in range(gpus))
        return {self.FIELDS: rows, "-L": listed, "": "| NVIDIA-SMI 570.86.15   CUDA Version: 12.8 |"}

    def test_one_of_four_by_the_variable(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        path = tools(nvidia_smi=self.smi())
        ended = run_recipe("gpu-check", QUICK, path=path, DKAI_GPUS="1", CUDA_VISIBLE_DEVICES="2", **no_torch(tmp_path))
        report = ended.json("report.json")
        assert report["verdict"]["text"].startswith(
            "You asked for 1 GPU; the job sees 1 GPU: NVIDIA H100 80GB HBM3, 80 GB."
        )
        version = ".".join(map(str, sys.version_info[:3]))
        assert f"The GPU itself was not computed on: PyTorch is not there for Python {version}." in ended.said
        assert [d["in_job"] for d in report["accelerators"]] == [False, False, True, False]
        mine = report["seen"][0]
        assert mine["memory_gb"] == 79.6  # 81559 MiB / 1024
        assert (mine["driver"], mine["cuda_of_driver"], mine["compute_capability"]) == ("570.86.15", "12.8", "9.0")
        assert "The driver knows 4 GPUs in the machine, but only 1 GPU belong to the job" in ended.said
        assert "unknown" in report["verdict"]["gpu_correct"]

    def test_fewer_than_asked(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe(
            "gpu-check", QUICK, path=tools(nvidia_smi=self.smi(gpus=1)), DKAI_GPUS="2", **no_torch(tmp_path)
        )
        assert "You asked for 2 GPUs, but the job sees only 1 GPU" in ended.said
        assert ended.json("report.json")["verdict"]["code"] == "seen-fewer"

    def test_more_than_asked(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", QUICK, path=tools(nvidia_smi=self.smi()), DKAI_GPUS="1", **no_torch(tmp_path))
        assert "the job sees 4 GPUs: 4 × NVIDIA H100 80GB HBM3, 80 GB" in ended.said
        assert "use only what you asked for" in ended.said

    def test_an_old_driver_that_does_not_know_every_field(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        core = "--query-gpu=index,uuid,name,memory.total,memory.used,driver_version"
        answers = {
            self.FIELDS: 'Field "compute_cap" is not a valid field to query.',
            core: "0, GPU-1, Tesla V100-SXM2-32GB, 32510, 0, 450.80.02",
        }
        ended = run_recipe("gpu-check", QUICK, path=tools(nvidia_smi=answers), DKAI_GPUS="1", **no_torch(tmp_path))
        device = ended.json("report.json")["seen"][0]
        assert device["name"] == "NVIDIA Tesla V100-SXM2-32GB"
        assert device["compute_capability"] == {"unknown": "the driver does not say"}

    def test_a_slice_of_a_card(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        listed = (
            "GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-0a2b3c4d-0000)\n"
            "  MIG 1g.10gb     Device  0: (UUID: MIG-aaaa-1111)\n"
            "  MIG 2g.20gb     Device  1: (UUID: MIG-bbbb-2222)\n"
        )
        ended = run_recipe(
            "gpu-check", QUICK, path=tools(nvidia_smi=self.smi(gpus=1, listed=listed)),
            DKAI_GPUS="1", CUDA_VISIBLE_DEVICES="MIG-bbbb", **no_torch(tmp_path),
        )  # fmt: skip
        assert "the job sees 1 GPU: NVIDIA H100 80GB HBM3 MIG 2g.20gb, 20 GB" in ended.said
        assert "the job has a slice of the card" in ended.said

    def test_a_driver_that_cannot_be_reached(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        text = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."
        path = tools(9, nvidia_smi={"--query": text, "": text, "-L": text})
        ended = run_recipe("gpu-check", QUICK, path=path, DKAI_GPUS="1", CUDA_VISIBLE_DEVICES="0", **no_torch(tmp_path))
        report = ended.json("report.json")
        assert report["verdict"]["code"] == "driver-broken"
        assert text in report["verdict"]["text"]

    def test_busy_memory_and_memory_errors_are_said(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        path = tools(nvidia_smi=self.smi(gpus=1, used=40960, ecc="3"))
        ended = run_recipe("gpu-check", QUICK, path=path, DKAI_GPUS="1", **no_torch(tmp_path))
        assert "40 GB of 79.6 GB memory was already taken" in ended.said
        assert "has 3 memory errors that could not be corrected" in ended.said

    def test_a_cpu_only_torch_is_named_as_the_reason(self, run_recipe, tools):  # type: ignore[no-untyped-def]
        ended = run_recipe("gpu-check", QUICK, path=tools(nvidia_smi=self.smi(gpus=1)), DKAI_GPUS="1", **fake_torch())
        assert "The GPU itself was not computed on: PyTorch 9.9.9 here is built without support" in ended.said
        assert all(c["device"] == "cpu" for c in ended.json("report.json")["correctness"])

    def test_a_variable_that_points_nowhere(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        ended = run_recipe(
            "gpu-check", QUICK, path=tools(nvidia_smi=self.smi(gpus=2)),
            DKAI_GPUS="2", CUDA_VISIBLE_DEVICES="1,7,0", **no_torch(tmp_path),
        )  # fmt: skip
        assert (
            "CUDA_VISIBLE_DEVICES=1,7,0 points at something the driver does not know; everything from 7 on"
            in ended.said
        )
        assert ended.json("report.json")["seen_gpus"] == 1


class TestAmd:
    def test_one_half_of_an_mi250x(self, run_recipe, tools, tmp_path):  # type: ignore[no-untyped-def]
        cards = {
            f"card{i}": {
                "VRAM Total Memory (B)": str(64 * 2**30 - 16 * 2**20),
                "VRAM Total Used Memory (B)": "11000000",
                "Card series": "AMD INSTINCT MI250X (MCM) OAM AC MBA",
            }
            for i in range(8)
        }
        cards["system"] = {"Driver version": "6.3.6"}
        path = tools(rocm_smi={"--showproductname": "WARNING: low power\n" + json.dumps(cards)})
        ended = run_recipe("gpu-check", QUICK, path=path, DKAI_GPUS="1", ROCR_VISIBLE_DEVICES="5", **no_torch(tmp_path))
        report = ended.json("report.json")
        assert "You asked for 1 GPU; the job sees 1 GPU: AMD INSTINCT MI250X (MCM) OAM AC MBA, 64 GB." in ended.said
        assert [d["id"] for d in report["seen"]] == ["5"]
        assert report["seen"][0]["driver"] == "6.3.6"
        assert "Slurm counts each half as 1 GPU" in ended.said

    def test_amd_smi_in_both_shapes(self, gpu_check):  # type: ignore[no-untyped-def]
        amd, words = gpu_check("amd", "words")
        card = {
            "gpu": 0,
            "asic": {"market_name": "AMD Instinct MI300X", "target_graphics_version": "gfx942"},
            "vram": {"size": {"value": 196592, "unit": "MB"}},
            "driver": {"version": "6.10.5"},
        }
        for text in (json.dumps([card]), json.dumps({"gpu_data": [card]})):
            device = amd.parse_amd_smi(text, words.Words("en"))[0]
            assert device["name"] == "AMD Instinct MI300X"
            assert device["memory_gb"] == 192.0  # 196592 MiB
            assert (device["driver"], device["architecture"]) == ("6.10.5", "gfx942")

    def test_from_the_kernel_alone(self, gpu_check, tmp_path):  # type: ignore[no-untyped-def]
        amd, words = gpu_check("amd", "words")
        for node, facts in {
            "0": "simd_count 0\ncpu_cores_count 64\n",
            "4": "simd_count 440\ngfx_target_version 90010\n",
        }.items():
            (tmp_path / node / "mem_banks" / "0").mkdir(parents=True)
            (tmp_path / node / "properties").write_text(facts)
            (tmp_path / node / "mem_banks" / "0" / "properties").write_text(
                f"heap_type 1\nsize_in_bytes {64 * 2**30}\n"
            )
        (device,) = amd.from_kernel(words.Words("en"), str(tmp_path))
        assert (device["name"], device["memory_gb"]) == ("AMD GPU gfx90a", 64.0)


class TestArithmetic:
    def test_right_within_what_rounding_can_do(self, run_recipe, tools):  # type: ignore[no-untyped-def]
        ended = run_recipe(
            "gpu-check", {"repetitions": 3}, path=tools(), DKAI_GPUS="1", **fake_torch(cuda="12.8", devices=[ONE_H100])
        )
        report = ended.json("report.json")
        assert report["verdict"]["text"] == (
            "You asked for 1 GPU; the job sees 1 GPU: NVIDIA H100 80GB HBM3, 80 GB. "
            "All 4 computations on cuda:0 came out right."
        )
        assert report["verdict"]["gpu_usable"] is True
        checks = {c["id"]: c for c in report["correctness"]}
        # 8 sqrt(1024) u: 2^3 * 2^5 * 2^-24 = 2^-16 in single precision, 2^-15 for sums in matrix units
        assert checks["matmul-fp32"]["tolerance"] == 2**-16
        # and 2 * 2^-10 + 2^-20 for the two cut factors
        assert checks["matmul-tf32"]["tolerance"] == pytest.approx(2**-15 + 2**-9 + 2**-20, rel=1e-12)
        assert checks["matmul-bf16"]["tolerance"] == pytest.approx(2**-15 + 4 / 256, rel=1e-12)
        # Rounding is really there, and each coarser format errs more.
        errors = [checks[f"matmul-{k}"]["error"] for k in ("fp32", "tf32", "bf16")]
        assert 0 < errors[0] < errors[1] < errors[2]
        assert checks["integers"]["error"] == 0
        speed = {s["id"]: s["unit"] for s in report["speed"]}
        assert speed == {
            "matmul-fp32": "TFLOP/s", "matmul-tf32": "TFLOP/s", "matmul-bf16": "TFLOP/s",
            "copy": "GB/s", "to-device": "GB/s", "from-device": "GB/s",
        }  # fmt: skip
        assert all(s["repetitions"] == 3 for s in report["speed"])

    @pytest.mark.parametrize("fault", ["matmul", "integers"])
    def test_wrong_is_said_and_fails(self, run_recipe, tools, fault):  # type: ignore[no-untyped-def]
        devices = [ONE_H100, {**ONE_H100, "fault": fault}]
        ended = run_recipe("gpu-check", QUICK, path=tools(), DKAI_GPUS="2", **fake_torch(cuda="12.8", devices=devices))
        report = ended.json("report.json")
        assert ended.code == 1
        assert ended.error == "A GPU computes wrongly; see output/report.md."
        assert report["verdict"]["code"] == "wrong"
        assert report["verdict"]["gpu_correct"] is False
        assert "All 4 computations on cuda:0 came out right. WRONG:" in report["verdict"]["text"]
        wrong = {(c["device"], c["id"]) for c in report["correctness"] if c["result"] == "wrong"}
        assert ("cuda:1", "integers" if fault == "integers" else "matmul-fp32") in wrong
        assert not [device for device, _ in wrong if device == "cuda:0"]
        assert "**WRONG**" in ended.text("report.md")

    def test_what_cannot_run_is_neither_right_nor_wrong(self, run_recipe, tools):  # type: ignore[no-untyped-def]
        devices = [{**ONE_H100, "fault": "refuse"}]
        ended = run_recipe("gpu-check", QUICK, path=tools(), DKAI_GPUS="1", **fake_torch(cuda="12.8", devices=devices))
        assert ended.code == 0
        assert "All 3 computations on cuda:0 came out right." in ended.said
        assert "1 of 4 computations on cuda:0 could not run: CUDA error: no kernel image is available" in ended.said

    def test_an_old_card_gets_the_formats_it_has(self, run_recipe, tools):  # type: ignore[no-untyped-def]
        devices = [{"name": "Tesla V100", "gib": 32, "major": 7}]
        ended = run_recipe("gpu-check", QUICK, path=tools(), DKAI_GPUS="1", **fake_torch(cuda="12.8", devices=devices))
        assert [c["id"] for c in ended.json("report.json")["correctness"]] == ["matmul-fp32", "matmul-fp16", "integers"]

    def test_amd_through_rocm(self, run_recipe, tools):  # type: ignore[no-untyped-def]
        devices = [{"name": "AMD Instinct MI250X", "gib": 64}]
        ended = run_recipe("gpu-check", QUICK, path=tools(), DKAI_GPUS="1", **fake_torch(hip="6.2", devices=devices))
        report = ended.json("report.json")
        assert [c["id"] for c in report["correctness"]] == ["matmul-fp32", "matmul-bf16", "integers"]
        assert report["seen"][0]["vendor"] == "amd"


class TestMachine:
    def write(self, root: Path, files: dict[str, str]) -> str:
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text)
        return str(root)

    def test_limits_of_control_groups_version_2(self, gpu_check, tmp_path):  # type: ignore[no-untyped-def]
        (machine,) = gpu_check("machine")
        root = self.write(
            tmp_path,
            {
                "proc/self/cgroup": "0::/slurm/job_7/step_0\n",
                "sys/fs/cgroup/slurm/job_7/step_0/cpu.max": "max 100000\n",
                "sys/fs/cgroup/slurm/job_7/cpu.max": "250000 100000\n",
                "sys/fs/cgroup/slurm/job_7/memory.max": f"{6 * 2**30}\n",
                "sys/fs/cgroup/slurm/memory.max": "max\n",
            },
        )
        assert machine.cpu_quota(root) == 2.5
        assert machine.memory_limit_gb(root) == 6.0

    def test_limits_of_control_groups_version_1(self, gpu_check, tmp_path):  # type: ignore[no-untyped-def]
        (machine,) = gpu_check("machine")
        root = self.write(
            tmp_path,
            {
                "proc/self/cgroup": "4:memory:/slurm/uid_1\n3:cpu,cpuacct:/slurm/uid_1\n",
                "sys/fs/cgroup/cpu/slurm/uid_1/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu/slurm/uid_1/cpu.cfs_period_us": "100000\n",
                "sys/fs/cgroup/memory/slurm/uid_1/memory.limit_in_bytes": f"{3 * 2**30}\n",
                "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
            },
        )
        assert machine.cpu_quota(root) == 4.0
        assert machine.memory_limit_gb(root) == 3.0

    def test_no_limit_is_none_not_zero(self, gpu_check, tmp_path):  # type: ignore[no-untyped-def]
        (machine,) = gpu_check("machine")
        assert machine.cpu_quota(str(tmp_path)) is None
        assert machine.memory_limit_gb(str(tmp_path)) is None


class TestLibrary:
    class Cuda:
        """A driver library with two devices, or one that answers an error."""

        def __init__(self, status: int = 0) -> None:
            self.status = status

        def cuInit(self, flags: int) -> int:
            return self.status

        def cuDeviceGetCount(self, number) -> int:  # type: ignore[no-untyped-def]
            number._obj.value = 2
            return 0

        def cuDeviceGet(self, device, at) -> int:  # type: ignore[no-untyped-def]
            device._obj.value = at
            return 0

        def cuDeviceGetName(self, name, size, device) -> int:  # type: ignore[no-untyped-def]
            name.value = b"NVIDIA A100"
            return 0

        def cuDeviceTotalMem_v2(self, size, device) -> int:  # type: ignore[no-untyped-def]
            size._obj.value = 40 * 2**30
            return 0

    def test_devices(self, gpu_check, monkeypatch):  # type: ignore[no-untyped-def]
        (library,) = gpu_check("library")
        monkeypatch.setattr(library.ctypes, "CDLL", lambda name: self.Cuda())
        assert library.count("cuda") == {"devices": [{"name": "NVIDIA A100", "memory_gb": 40.0}] * 2}

    def test_error(self, gpu_check, monkeypatch):  # type: ignore[no-untyped-def]
        (library,) = gpu_check("library")
        monkeypatch.setattr(library.ctypes, "CDLL", lambda name: self.Cuda(999))
        assert library.count("cuda") == {"error": "cuInit: 999"}

    def test_absent(self, gpu_check, monkeypatch):  # type: ignore[no-untyped-def]
        (library,) = gpu_check("library")

        def absent(name: str) -> None:
            raise OSError(name)

        monkeypatch.setattr(library.ctypes, "CDLL", absent)
        assert library.count("hip") == {}


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ('{"repetitions": ', "params.json cannot be read"),
        ("[1, 2]", "params.json cannot be read"),
        ({"repetitions": 2}, "“repetitions” must be a whole number from 3 to 100; it says 2."),
        ({"repetitions": "many"}, "“repetitions” must be a whole number"),
        ({"speed": "yes"}, "“speed” must be true or false; it says yes."),
    ],
)
def test_wrong_parameters_end_with_a_sentence(run_recipe, params, sentence):  # type: ignore[no-untyped-def]
    ended = run_recipe("gpu-check", params)
    assert ended.code == 1
    assert ended.error.startswith(sentence)


def test_output_that_cannot_be_written(run_recipe, tmp_path):  # type: ignore[no-untyped-def]
    folder = tmp_path / "job-0"
    ended = run_recipe("gpu-check", {"speed": False, "repetitions": 3})
    assert ended.folder == folder
    # A file where the folder should be stops even root.
    for name in ("report.json", "report.md"):
        (folder / "output" / name).unlink()
    (folder / "output").rmdir()
    (folder / "output").write_text("in the way")
    import subprocess

    again = subprocess.run(
        [sys.executable, "script/main.py"], cwd=folder, capture_output=True, encoding="utf-8", check=False,
        env={**os.environ, "DKAI_LANG": "da"},
    )  # fmt: skip
    assert again.returncode == 1
    assert again.stderr.startswith("kan ikke skrive i output/:")
    assert "Traceback" not in again.stderr


def test_it_stays_within_python_3_6() -> None:
    """LUMI's system Python is 3.6; the syntax is checked here, and calls that are younger by name."""
    younger = re.compile(
        r"capture_output=|text=True|from __future__ import annotations|dataclass|:=|removeprefix|\bmatch \w"
    )
    for path in sorted(RECIPE.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        ast.parse(text, str(path), feature_version=(3, 6))
        assert not younger.search(text), (path.name, younger.search(text))


def test_both_languages_say_the_same_things(gpu_check) -> None:  # type: ignore[no-untyped-def]
    (words,) = gpu_check("words")
    for key, (danish, english) in words.TEXTS.items():
        assert set(re.findall(r"{(\w+)}", danish)) == set(re.findall(r"{(\w+)}", english)), key
        assert danish.strip(), key
        assert english.strip(), key


def test_numbers_in_both_languages(gpu_check) -> None:  # type: ignore[no-untyped-def]
    (words,) = gpu_check("words")
    english, danish = words.Words("en"), words.Words("da")
    assert [english.number(x) for x in (0, 0.0613, 49.44, 50.0, 1240.4)] == ["0", "0.0613", "49.4", "50", "1,240"]
    assert [danish.number(x) for x in (0.0613, 49.44, 1240.4)] == ["0,0613", "49,4", "1.240"]
