"""Containers: a runtime that is there, and the words that start an interpreter in an image with it.

Apptainer (and Singularity, its older name) hands the job's environment in, unless a site has it cleaned; what the job
needs is therefore handed in by name as well (`APPTAINERENV_…`). Charliecloud's ch-run runs an image that is a folder or
a SquashFS file.
"""

import os
import shutil
from typing import Dict, List, Optional, Tuple

from dkai.compute.runner.interpreter import Environ

PREFIXES = {"apptainer": "APPTAINERENV_", "singularity": "SINGULARITYENV_", "ch-run": ""}
HANDED_IN = ("SLURM_", "OMP_", "CUDA_VISIBLE_", "ROCR_VISIBLE_", "HIP_VISIBLE_", "DKAI_", "MASTER_", "HF_", "NCCL_")
GPU_OPTIONS = {"cuda": "--nv", "rocm": "--rocm"}
INTERPRETERS = {"python": ("python3", "python"), "r": ("Rscript",)}


def is_remote(image: str) -> bool:
    """Whether it is fetched: `docker://…`, `oras://…`."""
    return "://" in image


def runtime_for(image: str, env: Optional[Environ]) -> Tuple[str, str]:
    """The name and path of a runtime that can run the image; both empty when there is none."""
    path = None if env is None else os.fsdecode(env.get(b"PATH", b""))
    names = ["apptainer", "singularity"]
    if not is_remote(image) and not image.endswith(".sif"):
        names.append("ch-run")
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return name, found
    return "", ""


def command(
    runtime: Tuple[str, str], image: str, folder: str, *, bind: List[str], accelerator: str, home: bool
) -> List[str]:
    """What comes before the interpreter: inside, the job's folder and other places are seen, and it starts there."""
    name, path = runtime
    inside = seen_as(runtime, image, folder)
    places = [place for place in bind if os.path.isdir(place)]
    if name == "ch-run":
        more = ["--bind=%s:%s" % (one, one) for one in places]
        return [path, "--bind=%s:%s" % (folder, inside), *more, "--cd=%s" % inside, image, "--"]
    options = ["--bind", folder, "--pwd", inside]
    for one in places:
        options += ["--bind", one]
    if accelerator in GPU_OPTIONS:
        options.append(GPU_OPTIONS[accelerator])
    if not home:
        options.append("--no-home")
    return [path, "exec", *options, image]


def seen_as(runtime: Tuple[str, str], image: str, folder: str) -> str:
    """The job's folder as it is called inside: ch-run makes no mount point in an image that is not written to, but has
    some below /mnt in every image that it made itself."""
    return "/mnt/0" if runtime[0] == "ch-run" and not os.path.isdir(image + folder) else folder


def handed_in(env: Environ, extra: Dict[str, str], prefix: str) -> Dict[str, str]:
    """The variables that must be there inside, by the names that the runtime hands in."""
    found = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    kept = {name: value for name, value in found.items() if name.startswith(HANDED_IN)}
    return {prefix + name: value for name, value in dict(kept, **extra).items()} if prefix else {}
