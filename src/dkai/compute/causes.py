"""Why a job failed: read from what the scheduler and the runner recorded, and from the end of its log. Pure.

The record knows best; where it says no more than "failed", the log's last lines are compared with what programs are
known to print. The line that was recognised is always given, so that the person can judge.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dkai.compute.job import Outcome
from dkai.compute.ledger import Job
from dkai.compute.scheduler.own_reasons import own_reason
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
# print, word for word: CPython, PyTorch, TensorFlow, JAX, CUDA, ROCm, slurmstepd, glibc, bash, R, Java, pip, Lmod.
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
        "no-gpu",
        r"No (?:CUDA|HIP) GPUs are available|Found no NVIDIA driver|no CUDA-capable device is detected"
        r"|CUDA driver version is insufficient|Torch not compiled with CUDA enabled",
    ),
    ("gpu-too-new", r"no kernel image is available for execution on the device|invalid device function"),
    ("gpu-error", r"CUDA error: |HIP error: |CUDNN_STATUS_|NCCL error|Memory access fault by GPU"),
    (
        "network",
        r"Temporary failure in name resolution|Name or service not known|Network is unreachable"
        r"|Could not resolve host|Max retries exceeded with url|We couldn't connect to 'https://huggingface\.co'",
    ),
    ("access", r"GatedRepoError|401 Client Error|403 Client Error|Access to model \S+ is restricted"),
    ("too-many-files", r"Too many open files"),
    ("permission", r"PermissionError: .*|Permission denied"),
    ("no-file", r"FileNotFoundError: (?:\[Errno 2\] )?No such file or directory: (?P<name>.+)"),
    ("no-command", r"(?:^|\s)(?P<name>[\w./+-]+): command not found"),
)
_COMPILED = tuple((key, re.compile(pattern)) for key, pattern in _PATTERNS)
# Python's last line of a traceback; only where nothing above was recognised.
_EXCEPTION = re.compile(r"^[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit)(?::.*)?$")


def find_cause(
    outcome: Outcome | None, *, exit_code: int | None = None, reason: str | None = None,
    native_state: str | None = None, log: str = "",
) -> Cause | None:  # fmt: skip
    """Why a job that ended like this failed; None for one that did not, or where nothing is known.

    `reason` is the scheduler's or the runner's own word, `log` the end of the job's log.
    """
    if outcome in (None, Outcome.COMPLETED, Outcome.NOT_SUBMITTED):
        return None
    found = _recorded(outcome, reason, native_state)
    if found is not None or outcome is Outcome.CANCELLED:
        return found
    return _logged(log) or _by_code(exit_code)


def _recorded(outcome: Outcome | None, reason: str | None, native_state: str | None) -> Cause | None:
    """What scheduler or runner know for certain."""
    if native_state == "PREEMPTED":
        return _cause("preempted")
    if native_state == "DEADLINE":
        return Cause("deadline", t("it could not end before its deadline"))
    if said := own_reason(reason):
        remedies = {
            "no-python": t("name an interpreter as the site's python: dkai compute sites show"),
            "python-too-old": t("name a newer interpreter as the site's python"),
            "no-packages": t("install them there, or name an interpreter that has them as the site's python"),
            "no-environment": t("read the log; nodes without internet need an interpreter that has the packages"),
            "runner-gone": t("submit it again; if it ends like this again, ask for more memory"),
        }
        return Cause(reason or "", said, remedies.get(reason or "", ""))
    known = {
        Outcome.TIMEOUT: "walltime",
        Outcome.OUT_OF_MEMORY: "memory",
        Outcome.NODE_FAIL: "node",
    }
    return _cause(known[outcome]) if outcome in known else None


def _logged(log: str) -> Cause | None:
    """The last line of the log's end that is recognised."""
    lines = [line for line in re.split(r"[\r\n]+", log) if line.strip()][-LINES:]
    for line in reversed(lines):
        text = line[:2000]
        for key, pattern in _COMPILED:
            if match := pattern.search(text):
                names = [match[name] for name in pattern.groupindex if match[name]]
                return _cause(key, one_line(names[0], 80) if names else "", one_line(text, 200))
    for line in reversed(lines):
        if _EXCEPTION.match(line[:2000].strip()):
            return Cause(
                "exception",
                t("its program ended with an error: {text}", text=one_line(line, 160)),
                t("the lines above it in the log say where"),
                one_line(line[:2000], 200),
            )
    return None


def _cause(key: str, name: str = "", line: str = "") -> Cause:
    """The sentence and the remedy for a cause."""
    more_memory = t("ask for more with --memory")
    says, do = {
        "gpu-memory": (
            t("the GPU's memory did not suffice"),
            t("take a smaller batch or model, or a GPU with more memory: --gpu-type"),
        ),
        "memory": (t("it used more memory than it had asked for"), more_memory),
        "shared-memory": (
            t("the memory that processes share (/dev/shm) did not suffice"),
            t("let the program use fewer worker processes"),
        ),
        "disk": (t("a disk was full"), t("remove what you no longer need there, or use another folder: --base")),
        "quota": (
            t("your storage quota is used up"),
            t("remove what you no longer need there, or ask the site for more"),
        ),
        "walltime": (t("its time was up"), t("ask for more with --time")),
        "node": (t("its node failed"), t("submit it again")),
        "preempted": (
            t("a job with a higher priority took its place"),
            t("submit it again, or choose a QOS or partition whose jobs are left alone"),
        ),
        "module": (
            t("a Python or R package is missing: {name}", name=name),
            t("add it to the recipe's imports and requirements, or name an interpreter that has it"),
        ),
        "library": (
            t("a system library is missing or too old: {name}", name=name or line),
            t("load the module that has it, or use a container"),
        ),
        "import": (
            t("a package could not be imported: {name}", name=name),
            t("its version may not fit the others; compare them with the recipe's requirements"),
        ),
        "environment-module": (
            t("there is no such module on the cluster: {name}", name=name),
            t("module spider and its name shows which there are"),
        ),
        "no-gpu": (
            t("the program found no GPU that it can use"),
            t("ask for one with --gpus 1, and check that the packages are built for it: dkai's recipe gpu-check"),
        ),
        "gpu-too-new": (
            t("the program was not built for this kind of GPU"),
            t("install a build for it, or ask for another kind with --gpu-type"),
        ),
        "gpu-error": (
            t("the GPU reported an error"),
            t("submit it again; if it fails on the same node only, tell the site's support"),
        ),
        "network": (
            t("it could not reach the internet"),
            t("compute nodes often have none: fetch models and data beforehand, and give them as input"),
        ),
        "access": (
            t("a server refused to hand something out"),
            t("models with conditions must be accepted on their page first, and need a token"),
        ),
        "too-many-files": (t("it had too many files open at once"), t("let the program use fewer worker processes")),
        "permission": (t("it may not read or write a file"), ""),
        "no-file": (
            t("a file is not there: {name}", name=name),
            t("the job starts in its own folder; what you gave with --input is in input/"),
        ),
        "no-command": (
            t("a program is not there: {name}", name=name),
            t("load its module in the script, or give its whole path"),
        ),
    }[key]
    return Cause(key, says, do, line)


def _by_code(code: int | None) -> Cause | None:
    """What the exit code alone tells: above 128 it is a signal's number, see bash(1) and signal(7)."""
    if not code:
        return None
    again = t("its log says more; submit it again with more memory if it says nothing")
    signals = {
        2: ("interrupted", t("it was interrupted (SIGINT)"), ""),
        4: (
            "illegal-instruction",
            t("it used an instruction that this CPU does not have (SIGILL)"),
            t("install packages built for the node's CPU"),
        ),
        6: ("aborted", t("it aborted itself (SIGABRT)"), t("the last lines of its log say why")),
        7: (
            "bus-error",
            t("it could not reach memory that it had mapped (SIGBUS)"),
            t("a full disk or full shared memory are the usual reasons"),
        ),
        8: ("arithmetic", t("it divided by zero or the like (SIGFPE)"), ""),
        9: (
            "killed",
            t("it was killed (SIGKILL), and the kernel reported no lack of memory"),
            again,
        ),
        11: (
            "segfault",
            t("it reached for memory that is not its own (SIGSEGV)"),
            t("a package's compiled part has a fault, or two packages do not fit each other"),
        ),
        13: ("broken-pipe", t("a program that read from it ended first (SIGPIPE)"), ""),
        15: ("terminated", t("it was told to end (SIGTERM)"), ""),
        24: ("cpu-limit", t("it used more CPU time than is allowed (SIGXCPU)"), ""),
        25: ("file-limit", t("it wrote a file larger than is allowed (SIGXFSZ)"), ""),
    }
    if code > 128 and code - 128 in signals:
        return Cause(*signals[code - 128])
    plain = {
        126: ("not-executable", t("a program could not be started (exit code 126)"), ""),
        127: ("no-command", t("a program is not there (exit code 127)"), t("load its module in the script")),
    }
    if code in plain:
        return Cause(*plain[code])
    return Cause("exit-code", t("its program ended with exit code {code}", code=code), t("its log says why"))


def cause_of(job: Job, log: str) -> Cause | None:
    """Why the job failed, from what was last seen of it and the end of its log; None for one that did not."""
    code, reason, word = (job.status.get(name) for name in ("exit_code", "reason", "native_state"))
    return find_cause(
        job.outcome,
        exit_code=code if isinstance(code, int) else None,
        reason=str(reason) if reason else None,
        native_state=str(word) if word else None,
        log=log,
    )
