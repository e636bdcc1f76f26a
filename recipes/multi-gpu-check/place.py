"""Where this process stands among the others: what dkai's runner (or torchrun) set, and what was asked for."""

import os
import platform
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """One process. `rank` counts over all nodes, `local` on its own."""

    rank: int
    world: int
    local: int
    local_world: int
    node: str
    address: str  # where the first process listens
    port: int
    token: str  # the job's own secret: whoever does not know it is not let in
    gpus_asked: int | None  # by the whole job; None where nobody said
    nodes_asked: int | None

    @property
    def spans_nodes(self) -> bool:
        """Whether some of the others are on another node."""
        return self.local_world < self.world


def here() -> Place:
    """This process's place; one alone where nothing is set, as in a run by hand."""
    return Place(
        rank=_number("RANK", 0),
        world=_number("WORLD_SIZE", 1),
        local=_number("LOCAL_RANK", 0),
        local_world=_number("LOCAL_WORLD_SIZE", 1),
        node=os.environ.get("DKAI_NODE") or platform.node(),
        address=os.environ.get("MASTER_ADDR", "127.0.0.1"),
        port=_number("MASTER_PORT", 0),
        token=os.environ.get("DKAI_JOB_TOKEN", ""),
        gpus_asked=_asked("DKAI_GPUS"),
        nodes_asked=_asked("DKAI_NODES"),
    )


def _number(name: str, default: int) -> int:
    word = os.environ.get(name, "")
    return int(word) if word.isdigit() else default


def _asked(name: str) -> int | None:
    word = os.environ.get(name, "")
    return int(word) if word.isdigit() else None


def visible_gpus() -> int | None:
    """How many GPUs the scheduler lets this process see; None where it set nothing."""
    for name in ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"):
        if name in os.environ:
            return len([word for word in os.environ[name].split(",") if word.strip()])
    return None
