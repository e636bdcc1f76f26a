"""UCloud's machines as partitions: each machine type is one, given whole. Pure.

A machine type's name is its category, a number and what is counted (`BuildMachineName` in UCloud's
provider-integration/im2/pkg/config/k8s.go): `gpu-nvidia-b200-1-gpu`, `gpu-nvidia-b200-1-mig.1g`, `cpu-amd-zen5-8-vcpu`.
What an unnamed person is offered is told with a token only. Without one dkai knows what was published. A whole GPU has
an eighth of the node that UCloud's page describes (384 vCPU, 2304 GB, 8 B200: webclient/app/Accounting/index.ts, commit
63551f4 of 2026-08-21). The slice's cores and memory and the machines' names rest on an unofficial client's tutorial of
2026-07-17 alone (the catalogue's S8), which the page of steps says. The CPU machines' memory is not known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dkai.compute.cluster import Gres, NodeKind, Partition

PROVIDER = "ucloud"
_NAME = re.compile(r"^(?P<category>[a-z0-9][a-z0-9.-]*?)-(?P<count>[1-9][0-9]{0,3})-(?P<what>gpu|mig\.[1-7]g|vcpu|gb)$")
_GPU = re.compile(r"^gpu-(?:nvidia|amd)-(?P<kind>[a-z0-9]+)$")
_B200 = "gpu-nvidia-b200"
# Cores and memory in GB of one GPU or slice, by category and what is counted.
_EACH = {(_B200, "gpu"): (48, 288), (_B200, "mig.1g"): (6, 36)}
_PUBLISHED = (f"{_B200}-1-mig.1g", f"{_B200}-1-gpu", "cpu-amd-zen5-1-vcpu", "cpu-amd-zen5-8-vcpu")
UNTOLD_MB = 0  # a machine whose memory is not known


def published() -> tuple[Partition, ...]:
    """The machines that are known without asking, the smallest first."""
    return tuple(one for name in _PUBLISHED if (one := machine(name)) is not None)


def machine(name: str) -> Partition | None:
    """The machine type of that name, by the rule of the names; None where its cores do not follow from it."""
    found = _NAME.match(name)
    if found is None:
        return None
    count, what = int(found["count"]), found["what"]
    if what == "vcpu":
        return _partition(name, count, UNTOLD_MB, 0, None)
    each = _EACH.get((found["category"], what))
    return None if each is None else _partition(name, each[0] * count, gb(each[1] * count), count, _kind(name))


def category_of(name: str) -> str:
    """The category, which UCloud wants beside the name; empty where the name does not follow the rule."""
    found = _NAME.match(name)
    return "" if found is None else found["category"]


def is_slice(part: Partition) -> bool:
    """Whether its GPUs are slices (MIG) of one."""
    return any("mig" in (gres.type or "") for node in part.nodes for gres in node.gres)


def gb(amount: float) -> int:
    """Memory in MiB: UCloud counts gigabytes of 1000 MB (`memoryMegabytes` in job_builder.go)."""
    return int(amount * 1000 * 1_000_000 / 1_048_576)


def machines_in(body: Any) -> tuple[Partition, ...]:
    """Each machine of `/api/jobs/retrieveProducts`, the smallest first; what is odd is left out."""
    by_provider = body.get("productsByProvider") if isinstance(body, dict) else None
    found: list[Partition] = []
    for provider, entries in sorted((by_provider or {}).items()) if isinstance(by_provider, dict) else ():
        for entry in entries if isinstance(entries, list) else ():
            product = entry.get("product") if isinstance(entry, dict) else None
            one = _product(product, str(provider)) if isinstance(product, dict) else None
            if one is not None:
                found.append(one)
    return tuple(sorted(found, key=_size))


def _product(product: Mapping[str, Any], provider: str) -> Partition | None:
    name, category = product.get("name"), product.get("category")
    called = category.get("name") if isinstance(category, dict) else None
    cpu, memory, gpu = (product.get(key) for key in ("cpu", "memoryInGigs", "gpu"))
    if not isinstance(name, str) or not isinstance(called, str) or type(cpu) is not int or cpu < 1:
        return None
    mb = gb(memory) if isinstance(memory, (int, float)) and 0 < memory < 1e6 else UNTOLD_MB
    gpus = gpu if type(gpu) is int and 0 < gpu < 1000 else 0
    part = _partition(name, cpu, mb, gpus, _kind(name) if gpus else None)
    return replace(part, reference=(called, provider))


def _kind(name: str) -> str | None:
    """`b200`, `b200-mig.1g`; None where the name does not tell."""
    found = _NAME.match(name)
    gpu = _GPU.match(found["category"]) if found else None
    if found is None or gpu is None:
        return None
    return f"{gpu['kind']}-{found['what']}" if found["what"].startswith("mig") else gpu["kind"]


def _partition(name: str, cpus: int, memory_mb: int, gpus: int, kind: str | None) -> Partition:
    gres = (Gres("gpu", kind, gpus, raw=name),) if gpus else ()
    return Partition(name, nodes=(NodeKind(1, cpus, memory_mb, gres),), exclusive=True)


def _size(part: Partition) -> tuple[bool, int, bool, int, str]:
    node = part.nodes[0]
    gpus = sum(gres.count for gres in node.gres)
    return (gpus > 0, gpus, not is_slice(part), node.cpus, part.name)


def smallest(parts: Iterable[Partition]) -> Partition | None:
    """The smallest of these machines; a slice is smaller than a GPU."""
    return min(parts, key=_size, default=None)
