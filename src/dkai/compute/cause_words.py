"""What a cause of failure is called in plain words, and what the person can do about it: by the cause's id."""

from __future__ import annotations

from dkai.core.i18n import t


def cause_words(key: str, name: str = "", line: str = "") -> tuple[str, str]:
    """The sentence and the remedy. `name` is what the log named, `line` the line it stood on. KeyError: no such id."""
    return {
        "gpu-memory": (
            t("the GPU's memory did not suffice"),
            t("take a smaller batch or model, or a GPU with more memory: --gpu-type"),
        ),
        "memory": (t("it used more memory than it had asked for"), t("ask for more with --memory")),
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
        "deadline": (t("it could not end before its deadline"), t("submit it again with less --time, or earlier")),
        "node": (t("its node failed"), t("submit it again")),
        "preempted": (
            t("a job with a higher priority took its place"),
            t("submit it again, or choose a QOS or partition whose jobs are left alone"),
        ),
        "requeued": (
            t("the scheduler took it back into the queue, and it could not go on from where it was"),
            t("submit it again, or choose a QOS or partition whose jobs are left alone"),
        ),
        "module": (
            t("a Python or R package is missing: {name}", name=name),
            t("add it to the recipe's imports and requirements, or name an interpreter that has it"),
        ),
        "library": (
            t("a system library is missing or too old: {name}", name=name or line),
            t("load the module that has it, or use a container: --module, --image"),
        ),
        "import": (
            t("a package could not be imported: {name}", name=name),
            t("its version may not fit the others; compare them with the recipe's requirements"),
        ),
        "environment-module": (
            t("there is no such module on the cluster: {name}", name=name),
            t("module spider and its name shows which there are; then give it with --module"),
        ),
        "driver-too-old": (
            t("the packages were built for a newer CUDA than the GPU driver of its node can run"),
            t("use the place's own module or container (--module, --image), or packages built for an older CUDA"),
        ),
        "cuda-on-amd": (
            t("the packages were built for NVIDIA (CUDA), and its node has AMD GPUs"),
            t("use the place's own container or module built for ROCm: --image, --module"),
        ),
        "rocm-on-nvidia": (
            t("the packages were built for AMD (ROCm), and its node has NVIDIA GPUs"),
            t("let dkai make an environment (--env venv), or use the place's module or container built for CUDA"),
        ),
        "cpu-build": (
            t("the packages were built without support for GPUs"),
            t("use the place's own module or container (--module, --image), or requirements with a build for GPUs"),
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
        "no-index": (
            t("packages could not be fetched: its node reached no package index"),
            t("send them along: --carry-wheels; or use what the place has: --module, --image"),
        ),
        "no-distribution": (
            t("the package index has no build that fits the place: {name}", name=name),
            t("name a newer Python there (--module, or the site's python), or use a container: --image"),
        ),
        "hashes": (
            t("a package is not the one that the recipe's requirements name (its hash differs)"),
            t("make the requirements anew; if you did not change them, ask who runs the package index"),
        ),
        "no-venv": (
            t("the Python there cannot make environments (venv or ensurepip is missing)"),
            t("name another Python: --module, or the site's python; or use a container: --image"),
        ),
        "no-namespaces": (
            t("its node does not let people run containers in this way"),
            t("ask the site which container program works there, or use another way: --env venv"),
        ),
        "network": (
            t("it could not reach the internet"),
            t("compute nodes often have none: fetch models and data beforehand, and give them as input"),
        ),
        "no-home": (
            t("its node has no home folder, or none that can be written to"),
            t("let the program write into the job's folder instead: DKAI_JOB_DIR"),
        ),
        "no-folder": (
            t("its node could not reach the job's folder, or not write its log there"),
            t("choose a folder that the compute nodes see: dkai compute sites set SITE --base …"),
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
            t("load its module with --module, or give its whole path"),
        ),
    }[key]


def signal_words(number: int) -> tuple[str, str, str] | None:
    """Id, sentence and remedy for a program that a signal ended, see signal(7); None for one that says nothing.

    Slurm writes 53 where it could not set up a job's output (its own number, in the range of real-time signals).
    """
    again = t("its log says more; submit it again with more memory if it says nothing")
    return {
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
        9: ("killed", t("it was killed (SIGKILL), and the kernel reported no lack of memory"), again),
        11: (
            "segfault",
            t("it reached for memory that is not its own (SIGSEGV)"),
            t("a package's compiled part has a fault, or two packages do not fit each other"),
        ),
        13: ("broken-pipe", t("a program that read from it ended first (SIGPIPE)"), ""),
        15: ("terminated", t("it was told to end (SIGTERM)"), ""),
        24: ("cpu-limit", t("it used more CPU time than is allowed (SIGXCPU)"), ""),
        25: ("file-limit", t("it wrote a file larger than is allowed (SIGXFSZ)"), ""),
        53: ("no-folder", *cause_words("no-folder")),
    }.get(number)
