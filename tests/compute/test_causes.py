"""Why a job failed: the record first, then what programs print."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dkai.compute.causes import find_cause
from dkai.compute.job import Outcome
from dkai.compute.runner.words import TEXTS
from dkai.compute.scheduler.own_reasons import own_reason, own_remedy

FAILED = Outcome.FAILED
RUNNER_REASONS = {
    "python-too-old", "r-too-old", "no-packages", "not-in-it", "no-python-in-it", "no-r", "no-environment",
    "no-internet", "other-python", "no-build", "no-module", "no-module-command", "no-image", "no-container-runtime",
    "container-failed", "bad-job",
}  # fmt: skip

# As CPython 3.11, PyTorch 2, TensorFlow 2, JAX, slurmstepd 22.05, bash 5, R 4 and Lmod 8 print it.
LOGS = {
    "gpu-memory": [
        "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of"
        " 79.15 GiB of which 1.19 GiB is free.",
        "RuntimeError: CUDA error: out of memory",
        "torch.OutOfMemoryError: HIP out of memory. Tried to allocate 14.00 GiB.",
        "tensorflow.python.framework.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[64,512]",
        "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 8589934592",
    ],
    "memory": [
        "slurmstepd: error: Detected 1 oom-kill event(s) in StepId=4711.batch. Some of your processes may have been"
        " killed by the cgroup out-of-memory handler.",
        "MemoryError",
        "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB for an array with shape (9, 9)",
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "RuntimeError: DataLoader worker (pid 17) is killed by signal: Killed.",
        "Error: cannot allocate vector of size 7.5 Gb",
    ],
    "shared-memory": [
        "RuntimeError: DataLoader worker (pid 5) is killed by signal: Bus error. It is possible that dataloader's"
        " workers are out of shared memory. ERROR: Unexpected bus error encountered in worker. This might be caused by"
        " insufficient shared memory (shm).",
    ],
    "disk": ["OSError: [Errno 28] No space left on device: 'output/model.pt'"],
    "quota": ["OSError: [Errno 122] Disk quota exceeded"],
    "walltime": ["slurmstepd: error: *** JOB 17 ON gpu01 CANCELLED AT 2026-11-24T20:11:05 DUE TO TIME LIMIT ***"],
    "node": ["slurmstepd: error: *** JOB 17 ON gpu01 CANCELLED AT 2026-11-24T20:11:05 DUE TO NODE FAILURE ***"],
    "module": [
        "ModuleNotFoundError: No module named 'sklearn'",
        "Error in library(dplyr) : there is no package called ‘dplyr’",
    ],
    "library": [
        "ImportError: libcudart.so.12: cannot open shared object file: No such file or directory",
        "python: /lib64/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by x.so)",
    ],
    "import": ["ImportError: cannot import name 'soft_unicode' from 'markupsafe'"],
    "environment-module": ['Lmod has detected the following error: The following module(s) are unknown: "cuda/99"'],
    "requeued": ["slurmstepd: error: *** JOB 17 ON gpu01 CANCELLED AT 2026-11-24T20:11:05 DUE TO JOB REQUEUE ***"],
    "preempted": ["slurmstepd: error: *** JOB 17 ON gpu01 CANCELLED AT 2026-11-24T20:11:05 DUE TO PREEMPTION ***"],
    "no-gpu": [
        "RuntimeError: No CUDA GPUs are available",
        "RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a"
        " driver from …",
    ],
    "cpu-build": ["AssertionError: Torch not compiled with CUDA enabled"],
    "driver-too-old": [
        "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). Please update your GPU"
        " driver by downloading and installing a new version",
        "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 804: forward compatibility was attempted on"
        " non supported HW",
    ],
    "no-home": ["RuntimeError: Could not determine home directory."],
    "no-venv": ["The virtual environment was not created successfully because ensurepip is not available."],
    "no-index": [
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(': Failed to establish a new"
        " connection: [Errno -3] Temporary failure in name resolution')': /simple/numpy/",
        "Caused by: error sending request for url (/simple/numpy/)",
    ],
    "no-distribution": ["ERROR: No matching distribution found for numpy==2.4.6"],
    "hashes": ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."],
    "no-namespaces": ["ch-run[7]: error: can't init user+mount namespaces: Operation not permitted (ch_core.c:1)"],
    "gpu-too-new": [
        "RuntimeError: CUDA error: no kernel image is available for execution on the device",
        "NVIDIA H100 80GB HBM3 with CUDA capability sm_90 is not compatible with the current PyTorch installation.",
    ],
    "gpu-error": ["RuntimeError: CUDA error: an illegal memory access was encountered"],
    "network": [
        "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='hub', port=443): Max retries exceeded with"
        " url: /bert (Caused by NameResolutionError)",
        "curl: (6) Could not resolve host: example.org",
    ],
    "access": ["huggingface_hub.errors.GatedRepoError: 401 Client Error."],
    "too-many-files": ["OSError: [Errno 24] Too many open files: 'x'"],
    "permission": ["PermissionError: [Errno 13] Permission denied: '/data/x'"],
    "no-file": ["FileNotFoundError: [Errno 2] No such file or directory: 'input/målinger.csv'"],
    "no-command": ["/var/spool/slurmd/job17/slurm_script: line 4: nextflow: command not found"],
    "exception": ["ValueError: could not convert string to float: 'ja'", "KeyboardInterrupt"],
}


@pytest.mark.parametrize(("key", "line"), [(key, line) for key, lines in LOGS.items() for line in lines])
def test_logs(key: str, line: str) -> None:
    log = f'epoch 1\nTraceback (most recent call last):\n  File "main.py", line 3, in <module>\n{line}\n'
    cause = find_cause(FAILED, exit_code=1, log=log)
    assert cause is not None
    assert cause.id == key
    assert cause.says
    assert line[:60] in cause.line


def test_names_are_in_the_sentence() -> None:
    found = find_cause(FAILED, log="ModuleNotFoundError: No module named 'a.b'")
    assert found is not None and found.says.endswith("a.b")
    found = find_cause(FAILED, log="FileNotFoundError: [Errno 2] No such file or directory: 'x y'")
    assert found is not None and "'x y'" in found.says


def test_the_last_thing_said_counts() -> None:
    log = "warning: Temporary failure in name resolution; the copy here is used\n" + "step\n" * 50
    cause = find_cause(FAILED, log=f"{log}torch.OutOfMemoryError: CUDA out of memory.\nsrun: error: gpu01: task 0: x\n")
    assert cause is not None and cause.id == "gpu-memory"
    assert find_cause(FAILED, log=f"{log}{'step' * 3}\n" * 5 + "fine\n" * 200) is None


def test_the_record_is_believed_before_the_log() -> None:
    log = "ModuleNotFoundError: No module named 'x'"
    for outcome, key in (
        (Outcome.TIMEOUT, "walltime"), (Outcome.OUT_OF_MEMORY, "memory"), (Outcome.NODE_FAIL, "node"),
    ):  # fmt: skip
        cause = find_cause(outcome, log=log)
        assert cause is not None and (cause.id, cause.line) == (key, "")
    cause = find_cause(FAILED, reason="no-packages", log="x")
    assert cause is not None and cause.id == "no-packages" and cause.do
    cause = find_cause(Outcome.CANCELLED, native_state="PREEMPTED")
    assert cause is not None and cause.id == "preempted"


@pytest.mark.parametrize(
    ("code", "key", "part"),
    [
        (137, "killed", "SIGKILL"), (139, "segfault", "SIGSEGV"), (135, "bus-error", "SIGBUS"),
        (127, "no-command", "127"),
        (132, "illegal-instruction", "CPU"), (134, "aborted", "SIGABRT"), (3, "exit-code", "exit code 3"),
        (143, "terminated", "SIGTERM"), (200, "exit-code", "200"),
    ],
)  # fmt: skip
def test_exit_codes_and_signals(code: int, key: str, part: str) -> None:
    cause = find_cause(FAILED, exit_code=code, log="epoch 1\nepoch 2\n")
    assert cause is not None and cause.id == key and part in cause.says


def test_killed_with_and_without_a_lack_of_memory() -> None:
    without = find_cause(FAILED, exit_code=137)
    with_oom = find_cause(Outcome.OUT_OF_MEMORY, exit_code=137)
    assert without is not None and "no lack of memory" in without.says
    assert with_oom is not None and "more memory than" in with_oom.says


def test_nothing_is_said_of_what_did_not_fail_or_says_nothing() -> None:
    assert find_cause(Outcome.COMPLETED, exit_code=0, log="MemoryError") is None
    assert find_cause(None) is None
    assert find_cause(Outcome.CANCELLED, exit_code=143, log="MemoryError") is None
    assert find_cause(FAILED, exit_code=None, log="") is None


def test_a_log_never_steers_the_terminal_nor_takes_long() -> None:
    cause = find_cause(FAILED, log="ValueError: \x1b[2J\x07\u202e" + "x" * 10_000_000)
    assert cause is not None
    assert "\x1b" not in cause.says + cause.line and len(cause.line) <= 200
    began = time.monotonic()
    find_cause(FAILED, log=("a.b_c-" * 400 + "\n") * 5000)
    assert time.monotonic() - began < 2


@given(st.text(), st.one_of(st.none(), st.integers(-5, 300)), st.sampled_from([None, *Outcome]))
def test_anything_can_be_asked_about(log: str, code: int | None, outcome: Outcome | None) -> None:
    cause = find_cause(outcome, exit_code=code, log=log, reason=log[:20])
    assert cause is None or (cause.id and cause.says and "\x1b" not in cause.says)


@pytest.mark.parametrize(
    ("platform", "line", "key"),
    [
        ("ROCm 6.2.0", "RuntimeError: Found no NVIDIA driver on your system.", "cuda-on-amd"),
        ("ROCm 6.2.0", "RuntimeError: No CUDA GPUs are available", "cuda-on-amd"),
        ("CUDA 12.4", "RuntimeError: No HIP GPUs are available", "rocm-on-nvidia"),
        ("CUDA 12.4", "RuntimeError: No CUDA GPUs are available", "no-gpu"),
        (None, "RuntimeError: Found no NVIDIA driver on your system.", "no-gpu"),
    ],
)
def test_packages_for_the_other_makers_gpus(platform: str | None, line: str, key: str) -> None:
    cause = find_cause(FAILED, exit_code=1, log=line, platform=platform)
    assert cause is not None and cause.id == key and cause.do


@pytest.mark.parametrize(
    ("reason", "log", "key"),
    [
        ("no-environment", "after connection broken by 'x'\nERROR: No matching distribution found for x", "no-index"),
        ("no-environment", "ERROR: No matching distribution found for numpy==9\ndkai: …", "no-distribution"),
        ("no-environment", "OSError: [Errno 28] No space left on device", "disk"),
        ("no-environment", "something else", "no-environment"),
        ("container-failed", "ERROR  : Failed to create user namespace: user namespace disabled", "no-namespaces"),
        ("bad-job", "dkai: …: [Errno 122] Disk quota exceeded", "quota"),
        ("no-module", "No space left on device", "no-module"),
    ],
)  # fmt: skip
def test_the_log_says_more_than_the_runners_own_word(reason: str, log: str, key: str) -> None:
    cause = find_cause(FAILED, exit_code=78, reason=reason, log=log)
    assert cause is not None and cause.id == key and cause.says and cause.do


def test_every_reason_of_the_runner_has_a_sentence_and_every_failure_to_start_a_remedy() -> None:
    for key in TEXTS.keys() & RUNNER_REASONS:
        assert own_reason(key), key
        assert own_remedy(key) or key == "bad-job", key
    assert TEXTS.keys() >= RUNNER_REASONS


def test_slurms_own_words() -> None:
    for state, key in (("PREEMPTED", "preempted"), ("BOOT_FAIL", "node"), ("NODE_FAIL", "node")):
        cause = find_cause(Outcome.NODE_FAIL, native_state=state)
        assert cause is not None and cause.id == key and cause.do
    cause = find_cause(FAILED, exit_code=128 + 53)
    assert cause is not None and cause.id == "no-folder"
