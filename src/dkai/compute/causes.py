"""Why a job failed: read from what the scheduler and the runner recorded, and from the end of its log. Pure.

The record knows best; where it says no more than "failed", the log's last lines are compared with what programs are
known to print. The line that was recognised is always given, so that the person can judge.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from dkai.compute.cause_words import cause_words, signal_words
from dkai.compute.job import Outcome
from dkai.compute.ledger import Job
from dkai.compute.scheduler.own_reasons import own_reason, own_remedy
from dkai.core.clean import one_line
from dkai.core.i18n import t

LINES = 200  # of the log's end; what went wrong is said last


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it failed. `id` is a stable word for programs, `line` what was found in the log (empty: the record said)."""

    id: str
    says: str
    do: str = ""
    line: str = ""


# Pattern → id, in order of how much they say: of two on one line the first counts. Patterns are what these programs
# print, word for word: CPython, PyTorch, TensorFlow, JAX, CUDA, ROCm, slurmstepd, glibc, bash, R, Java, pip, uv, Lmod,
# Environment Modules, Apptainer, Charliecloud.
_PATTERNS: tuple[tuple[str, str], ...] = (
    (
        "gpu-memory",
        r"CUDA out of memory|HIP out of memory|CUDA error: out of memory|torch\.(?:cuda\.)?OutOfMemoryError"
        r"|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|OOM when allocating tensor"
        r"|RESOURCE_EXHAUSTED: Out of memory|XPU out of memory",
    ),
    (
        "memory",
        r"oom[-_]kill|Out Of Memory|out-of-memory handler|\bMemoryError\b|Unable to allocate [\d.]+ [KMGT]iB"
        r"|std::bad_alloc|Cannot allocate memory|can't allocate memory|cannot allocate vector of size"
        r"|java\.lang\.OutOfMemoryError|is killed by signal: Killed|Exceeded job memory limit",
    ),
    ("shared-memory", r"insufficient shared memory \(shm\)|unable to open shared memory object"),
    ("disk", r"No space left on device|\bENOSPC\b"),
    ("quota", r"Disk quota exceeded|\bEDQUOT\b"),
    ("walltime", r"DUE TO TIME LIMIT"),
    ("node", r"DUE TO NODE FAILURE|GPU has fallen off the bus|uncorrectable ECC error|NODE_FAIL"),
    ("preempted", r"DUE TO PREEMPTION"),
    ("requeued", r"DUE TO JOB REQUEUE"),
    ("hashes", r"THESE PACKAGES DO NOT MATCH THE HASHES|[Hh]ash mismatch for"),
    (
        "no-index",
        r"after connection broken by|Failed to establish a new connection|NewConnectionError|ConnectTimeoutError"
        r"|Could not fetch URL|Failed to fetch: |error sending request for url|dns error: ",
    ),
    ("no-venv", r"ensurepip is not available|No module named (?:venv|ensurepip)\b"),
    ("no-distribution", r"No matching distribution found for (?P<name>\S+)|has no wheels with a matching Python"),
    (
        "no-namespaces",
        r"[Ff]ailed to create user namespace|can't init user\+mount namespaces|user namespaces? (?:is|are) disabled"
        r"|kernel\.unprivileged_userns_clone",
    ),
    (
        "module",
        r"ModuleNotFoundError: No module named ['\"](?P<name>[^'\"]+)|there is no package called .(?P<name2>[\w.]+)",
    ),
    (
        "library",
        r"(?:^|\s)(?P<name>[^\s:]+\.so[.\d]*): cannot open shared object file|version .GLIBC(?:XX)?_[\d.]+. not found",
    ),
    ("import", r"ImportError: (?P<name>.+)"),
    (
        "environment-module",
        r"The following module\(s\) are unknown: (?P<name>.+)|Unable to locate a modulefile for (?P<name2>.+)",
    ),
    (
        "driver-too-old",
        r"NVIDIA driver on your system is too old|CUDA driver version is insufficient"
        r"|forward compatibility was attempted on non supported HW|CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
    ),
    ("cpu-build", r"Torch not compiled with (?:CUDA|ROCm|HIP) enabled"),
    (
        "no-gpu",
        r"No (?:CUDA|HIP) GPUs are available|Found no NVIDIA driver|no (?:CUDA|ROCm)-capable device is detected"
        r"|hipErrorNoDevice",
    ),
    (
        "gpu-too-new",
        r"no kernel image is available for execution on the device|invalid device function|hipErrorNoBinaryForGpu"
        r"|is not compatible with the current PyTorch installation",
    ),
    ("gpu-error", r"CUDA error: |HIP error: |CUDNN_STATUS_|NCCL error|Memory access fault by GPU"),
    (
        "network",
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable"
        r"|Could not resolve host|Max retries exceeded with url|We couldn't connect to 'https://huggingface\.co'",
    ),
    ("access", r"GatedRepoError|401 Client Error|403 Client Error|Access to model \S+ is restricted"),
    ("too-many-files", r"Too many open files"),
    ("no-home", r"Could not determine home directory|\$HOME is not defined|PermissionError: .*'/home/"),
    ("permission", r"PermissionError: .*|Permission denied"),
    ("no-file", r"FileNotFoundError: (?:\[Errno 2\] )?No such file or directory: (?P<name>.+)"),
    ("no-command", r"(?:^|\s)(?P<name>[\w./+-]+): command not found"),
)
_COMPILED = tuple((key, re.compile(pattern)) for key, pattern in _PATTERNS)
# Python's last line of a traceback; only where nothing above was recognised.
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)(?::.*)?$")
# What scheduler or runner know for certain, by the scheduler's own word and by the outcome.
_STATES = {"PREEMPTED": "preempted", "DEADLINE": "deadline", "BOOT_FAIL": "node", "NODE_FAIL": "node"}
_OUTCOMES = {Outcome.TIMEOUT: "walltime", Outcome.OUT_OF_MEMORY: "memory", Outcome.NODE_FAIL: "node"}
# The runner's reasons whose own cause stands in the log: the causes that may, the one that says most first.
_REFINED: dict[str, tuple[str, ...]] = {
    "no-environment": ("disk", "quota", "hashes", "no-index", "no-venv", "no-distribution", "permission", "memory"),
    "container-failed": ("disk", "quota", "no-namespaces", "no-index", "network", "permission"),
    "bad-job": ("disk", "quota", "permission"),
    "disk-full": ("disk", "quota"),
}
# A program built for one maker's GPUs finds none on a node with another's: (cause, its words, the node's platform).
_BUILDS = (
    ("no-gpu", re.compile(r"CUDA|NVIDIA"), "ROCm", "cuda-on-amd"),
    ("no-gpu", re.compile(r"HIP"), "CUDA", "rocm-on-nvidia"),
)


def find_cause(
    outcome: Outcome | None, *, exit_code: int | None = None, reason: str | None = None,
    native_state: str | None = None, log: str = "", platform: str | None = None,
) -> Cause | None:  # fmt: skip
    """Why a job that ended like this failed; None for one that did not, or where nothing is known.

    `reason` is the scheduler's or the runner's own word, `log` the end of the job's log, `platform` what the node's
    GPUs are driven by (`CUDA 12.4`, `ROCm 6.2.0`), where that is known.
    """
    if outcome in (None, Outcome.COMPLETED, Outcome.NOT_SUBMITTED):
        return None
    lines = [line for line in re.split(r"[\r\n]+", log) if line.strip()][-LINES:]
    found = _recorded(outcome, reason, native_state, lines)
    if found is not None or outcome is Outcome.CANCELLED:
        return found
    return _logged(lines, platform or "") or _by_code(exit_code)


def _recorded(
    outcome: Outcome | None, reason: str | None, native_state: str | None, lines: Sequence[str]
) -> Cause | None:
    """What scheduler or runner know for certain."""
    if native_state in _STATES:
        return _cause(_STATES[native_state])
    if said := own_reason(reason):
        return _refined(reason or "", lines) or Cause(reason or "", said, own_remedy(reason))
    return _cause(_OUTCOMES[outcome]) if outcome in _OUTCOMES else None


def _refined(reason: str, lines: Sequence[str]) -> Cause | None:
    """What the log says beyond the runner's own word: the first of the causes that this reason may have."""
    patterns = dict(_COMPILED)
    for key in _REFINED.get(reason, ()):
        for line in reversed(lines):
            if match := patterns[key].search(line[:2000]):
                return _found(key, match, line[:2000])
    return None


def _logged(lines: Sequence[str], platform: str) -> Cause | None:
    """The last line of the log's end that is recognised."""
    for line in reversed(lines):
        text = line[:2000]
        for key, pattern in _COMPILED:
            if match := pattern.search(text):
                return _found(_built_for(key, text, platform), match, text)
    for line in reversed(lines):
        if _EXCEPTION.match(line[:2000].strip()):
            return Cause(
                "exception",
                t("its program ended with an error: {text}", text=one_line(line, 160)),
                t("the lines above it in the log say where"),
                one_line(line[:2000], 200),
            )
    return None


def _built_for(key: str, text: str, platform: str) -> str:
    for cause, words, there, sharper in _BUILDS:
        if key == cause and platform.startswith(there) and words.search(text):
            return sharper
    return key


def _found(key: str, match: re.Match[str], text: str) -> Cause:
    names = [value for value in match.groupdict().values() if value]
    return _cause(key, one_line(names[0], 80) if names else "", one_line(text, 200))


def _cause(key: str, name: str = "", line: str = "") -> Cause:
    """The sentence and the remedy for a cause."""
    return Cause(key, *cause_words(key, name, line), line)


def _by_code(code: int | None) -> Cause | None:
    """What the exit code alone tells: above 128 it is a signal's number, see bash(1) and signal(7)."""
    if not code:
        return None
    if code > 128 and (found := signal_words(code - 128)):
        return Cause(*found)
    plain = {
        126: ("not-executable", t("a program could not be started (exit code 126)"), ""),
        127: ("no-command", t("a program is not there (exit code 127)"), t("load its module in the script")),
    }
    if code in plain:
        return Cause(*plain[code])
    return Cause("exit-code", t("its program ended with exit code {code}", code=code), t("its log says why"))


def cause_of(job: Job, log: str, platform: str | None = None) -> Cause | None:
    """Why the job failed, from what was last seen of it and the end of its log; None for one that did not."""
    code, reason, word = (job.status.get(name) for name in ("exit_code", "reason", "native_state"))
    return find_cause(
        job.outcome,
        exit_code=code if isinstance(code, int) else None,
        reason=str(reason) if reason else None,
        native_state=str(word) if word else None,
        log=log,
        platform=platform,
    )
