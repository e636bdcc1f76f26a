"""LSF's hosts as kinds of node: slots from `bhosts -w`, memory from `lshosts -w`, GPUs from `lshosts -gpu -w`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from dkai.compute.cluster import UNLIMITED, Gres, NodeKind
from dkai.compute.scheduler.lsf_parse import limit, mebibytes, number, table

_MODEL = re.compile(r"^[A-Za-z0-9_.+-]{1,80}$")


def hosts(batch: Sequence[str], base: Sequence[str], gpus: Sequence[str]) -> dict[str, NodeKind]:
    """Each host by its name; those whose slots or memory nobody told are left out."""
    about = {row["HOST_NAME"]: row for row in table(base, "HOST_NAME", "ncpus", "maxmem")}
    cards = _gpus(gpus)
    found: dict[str, NodeKind] = {}
    for row in table(batch, "HOST_NAME", "STATUS", "MAX"):
        name = row["HOST_NAME"]
        more = about.get(name, {})
        cpus = number(more.get("ncpus", ""))
        slots = limit(row["MAX"])
        if slots in (None, UNLIMITED):
            slots = cpus
        memory = mebibytes(more.get("maxmem", ""), "M")
        if not slots or memory is None:
            continue
        kinds = tuple(
            Gres("gpu", kind, len(list(same)), f"gpu:{kind}") for kind, same in groupby(sorted(cards.get(name, [])))
        )
        found[name] = NodeKind(1, int(slots), int(memory), kinds, "", features=())
    return found


def _gpus(lines: Sequence[str]) -> dict[str, list[str]]:
    """The models of each host's GPUs. A host's name stands in its first line only; the others begin with blanks."""
    found: dict[str, list[str]] = {}
    columns: list[str] = []
    host = ""
    for line in lines:
        words = line.split()
        if "HOST_NAME" in words and "gpu_model" in words:
            columns = words[1:]
            continue
        if not columns or not words:
            continue
        if not line.startswith(" "):
            host, words = words[0], words[1:]
        row = dict(zip(columns, words, strict=False))
        model = row.get("gpu_model", "")
        if host and row.get("gpu_id", "").isdecimal() and _MODEL.match(model):
            found.setdefault(host, []).append(model)
    return found


def groups(lines: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Host groups from `bmgroup -w`: `GROUP_NAME HOSTS`, a line for each."""
    return {
        row["GROUP_NAME"].rstrip("/"): tuple(row["HOSTS"].split())
        for row in table(lines, "GROUP_NAME", "HOSTS")
        if "HOSTS" in row
    }


def of_hosts(words: Sequence[str], known: Iterable[str], by_name: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The hosts that the words of a queue's HOSTS mean, as far as they are known; in the order of `known`.

    A word is a host, a group (`gpu/`), either with a preference (`+2`); `all`; or `~`, which takes one out again.
    """
    told = [word for word in words if not word.startswith("~")]
    out = set(_spread([word[1:] for word in words if word.startswith("~")], by_name, 0))
    names = set(_spread(told, by_name, 0))
    everyone = "all" in names or " ".join(told).startswith("all hosts")
    return [name for name in known if (everyone or name in names) and name not in out]


def _spread(words: Iterable[str], by_name: Mapping[str, tuple[str, ...]], depth: int) -> Iterator[str]:
    for word in words:
        name = word.partition("+")[0].rstrip("/")
        if name in by_name and depth < 8:  # a group may hold groups
            yield from _spread(by_name[name], by_name, depth + 1)
        else:
            yield name
