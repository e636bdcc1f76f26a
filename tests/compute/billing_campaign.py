"""Job shapes by chance, submitted for real, and what sacct says of them beside what the quote's arithmetic says."""

from __future__ import annotations

import random
import shlex
import time
from collections.abc import Sequence
from dataclasses import dataclass

from dkai.compute.cluster import Cluster, Partition
from dkai.compute.link import Link
from dkai.compute.quote.billing import Shape, counting_of, gpus_on, shapes
from dkai.compute.scheduler.slurm_parse import tres as read_tres
from dkai.compute.scheduler.slurm_request import Memory, SlurmRequest

TRACKED = ("cpu", "mem", "node", "gres/gpu", "gres/gpu:h100", "gres/gpu:a100", "billing")


@dataclass(frozen=True)
class Trial:
    """One job: what was asked, every shape that was foreseen, and what Slurm did."""

    partition: str
    want: SlurmRequest
    foreseen: tuple[Shape, ...]
    number: str | None  # None: refused
    said: str  # sbatch's words or AllocTRES

    @property
    def agrees(self) -> bool:
        """Refused where no shape was foreseen, else given one of those that were."""
        if not self.foreseen or self.number is None:
            return not self.foreseen and self.number is None
        given = {key: value for key, value in read_tres(self.said).items() if key in TRACKED}
        # sacct leaves out a billing of 0.
        return any(given == _whole(shape) for shape in self.foreseen)

    @property
    def is_certain(self) -> bool:
        """Whether one billing was foreseen, and not a range."""
        return len({shape.billing for shape in self.foreseen}) == 1

    def __str__(self) -> str:
        foreseen = " or ".join(str(_whole(shape)) for shape in self.foreseen) or "refused"
        return f"{self.partition} {self.want}: foreseen {foreseen}, Slurm: {self.said}"


def _whole(shape: Shape) -> dict[str, float]:
    return {key: float(value) for key, value in (shape.tres | {"billing": shape.billing or 0}).items() if value}


def by_chance(cluster: Cluster, count: int, seed: int, share_refused: float = 0.04) -> list[tuple[str, SlurmRequest]]:
    """So many shapes over all partitions; a few of them such as no node can hold."""
    chance = random.Random(seed)
    found: list[tuple[str, SlurmRequest]] = []
    refused = int(count * share_refused)
    while len(found) < count:
        part = chance.choice(cluster.partitions)
        want = _shape(chance, part)
        foreseen = shapes(want, part, counting_of(cluster))
        if any(shape.tres.get("gres/gpu", 0) > 8 for shape in foreseen):
            continue  # more than alice may have at once
        if not foreseen:
            if not refused:
                continue
            refused -= 1
        found.append((part.name, want))
    return found


def _shape(chance: random.Random, part: Partition) -> SlurmRequest:
    node = chance.choice(part.nodes)
    types = [g.type for g in node.gres if g.name == "gpu"]
    gpus = chance.choice([0, 1, 1, 2, 3, gpus_on(node)]) if types else 0
    by_gpu = chance.choice([1, 2, 3, 5, 8, 16]) if gpus and chance.random() < 0.3 else None
    cores = chance.choice([1, 1, 2, 3, 5, 8, 16, 17, chance.randint(1, node.cpus)])
    memory = chance.choice([
        None, None, Memory(0), Memory(chance.randint(1, 9000)), Memory(chance.randint(1, node.memory_mb)),
        Memory(1024 * chance.randint(1, 64)), Memory(chance.randint(1, 7000), "cpu"),
        Memory(chance.randint(1, 60_000), "gpu") if gpus else Memory(chance.randint(1, 2000), "cpu"),
    ])  # fmt: skip
    return SlurmRequest(
        nodes=2 if chance.random() < 0.15 else 1,
        cpus_per_node=None if by_gpu or chance.random() < 0.1 else cores,
        memory=memory,
        gpus_per_node=gpus,
        gpu_type=chance.choice([None, types[0]]) if gpus else None,
        cpus_per_gpu=by_gpu,
        exclusive=chance.random() < 0.15,
    )


def run(link: Link, cluster: Cluster, wanted: Sequence[tuple[str, SlurmRequest]], account: str) -> list[Trial]:
    """Submit them all, let them run, and read what they were given."""
    parts = {part.name: part for part in cluster.partitions}
    lines = []
    for name, want in wanted:
        words = [f"--{key}" if value is None else f"--{key}={value}" for key, value in want.options()]
        words += [f"--partition={name}", f"--account={account}", "--time=1", "--output=/dev/null", "--chdir=/tmp"]
        lines.append(f"sbatch --parsable {shlex.join(words)} --wrap 'exit 0' 2>&1 | tail -n 1")
    answer = link.host.run(["bash", "-s"], stdin="\n".join(lines).encode(), timeout=300)
    said = answer.stdout.splitlines()
    assert len(said) == len(wanted), (answer.stdout[-500:], answer.stderr)
    given = when_all_ended(link, [line for line in said if line.isdecimal()])
    return [
        Trial(
            name, want, shapes(want, parts[name], counting_of(cluster)),
            line if line.isdecimal() else None, given[line] if line.isdecimal() else line,
        )
        for (name, want), line in zip(wanted, said, strict=True)
    ]  # fmt: skip


def when_all_ended(link: Link, numbers: Sequence[str], patience_s: float = 240) -> dict[str, str]:
    """AllocTRES by job number; what does not start in time is cancelled and says why it waits."""
    found: dict[str, str] = {}
    end = time.monotonic() + patience_s
    while len(found) < len(numbers) and time.monotonic() < end:
        time.sleep(1)
        command = f"sacct -X -n -P -j {','.join(n for n in numbers if n not in found)} -o jobidraw,state,alloctres"
        for line in link.host.run(["bash", "-c", command]).stdout.splitlines():
            number, state, tres = line.split("|")
            if tres and state not in ("PENDING", "RUNNING"):
                found[number] = tres
    left = [number for number in numbers if number not in found]
    if left:
        asked = link.host.run(["squeue", "-h", "-j", ",".join(left), "-o", "%i|%r"]).stdout
        why = dict(line.split("|") for line in asked.splitlines())
        link.host.run(["scancel", *left])
        found |= {number: f"never started: {why.get(number, 'no longer known')}" for number in left}
    return found
