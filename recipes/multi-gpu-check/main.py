"""Do several processes on several nodes see what was asked for, do they reach each other, and how fast is that?

Standard library (Python 3.10 or newer); PyTorch is used where it is installed and there are GPUs. Every process runs
this script; the first one writes ./output/. They talk to each other only, inside the job.
"""

import sys
import time
from collections import Counter
from typing import Any

import trials
from group import Group
from place import Place, here, visible_gpus
from report import html, markdown, verdict
from rounds import GO_ON, Rounds
from task import read_params, run, say, write, write_json
from texts import TEXTS
from torch_trials import Torch, load
from words import CannotGoOn, Words

VERSION = "1.0"
DEFAULTS: dict[str, Any] = {"backend": "auto", "kib": 1024, "repetitions": 5, "rounds": 50, "pause_ms": 0}
RANGES = {"kib": (1, 1_048_576), "repetitions": (3, 100), "rounds": (1, 1_000_000), "pause_ms": (0, 60_000)}
CHOICES = {"backend": ("auto", "tcp", "torch")}
SUMMED = 10_000  # numbers


def with_torch(group: Group, params: dict[str, Any], words: Words) -> tuple[dict[str, Any] | None, str]:
    """What PyTorch measured, or why it was not used. All processes decide alike: what one lacks, none uses."""
    if params["backend"] == "tcp":
        return None, words("why-tcp")
    torch, lacks = load()
    has_gpu = bool(torch is not None and torch.cuda.is_available() and torch.cuda.device_count())
    told = group.gather({"lacks": lacks, "gpu": has_gpu})
    why = ""
    if told:
        missing = [rank for rank, one in enumerate(told) if one["lacks"]]
        without = [rank for rank, one in enumerate(told) if not one["gpu"]]
        if missing:
            why = words("why-no-torch", why=told[missing[0]]["lacks"])
        elif without and len(without) < len(told):
            why = words("why-some-gpus", n=len(without), all=len(told))
        elif without and params["backend"] == "auto":
            why = words("why-no-gpus")
    why = group.share(why)
    if why and params["backend"] == "torch":
        raise CannotGoOn(why)
    return (None, why) if why or torch is None else (_torch_trials(torch, group, params, words), "")


def _torch_trials(torch: Any, group: Group, params: dict[str, Any], words: Words) -> dict[str, Any]:
    trial = Torch(torch, group, group.share(free_port() if group.place.rank == 0 else None))
    if group.place.rank == 0:
        say(words("doing-torch", backend=trial.backend, device=trial.name()))
    sums, step = trial.sums(SUMMED), trial.training_step()
    fast = trial.speed(params["kib"] * 1024, params["repetitions"])
    mine = {"device": trial.name(), "sums": sums, "step": step, "computing": trial.computing(params["repetitions"]),
            "latency_us": trials.summary(fast["latency_us"]), "mb_per_s": trials.summary(fast["mb_per_s"])}  # fmt: skip
    trial.close()
    return {"version": str(torch.__version__), "backend": trial.backend, **mine}


def free_port() -> int:
    """A port for PyTorch's own meeting point on the first node."""
    import socket

    with socket.socket() as tried:
        tried.bind(("", 0))
        return int(tried.getsockname()[1])


def try_out(place: Place, group: Group, params: dict[str, Any], words: Words) -> list[dict[str, Any]]:
    """Every process's findings at the first one, by rank."""
    say_first = say if place.rank == 0 else (lambda _line: None)
    say_first(words("doing-met", n=words.counted("process", place.world)))
    say_first(words("doing-sums"))
    sums = trials.sums(group, SUMMED)
    say_first(words("doing-speed"))
    fast = trials.speed(group, params["kib"] * 1024, params["repetitions"])
    group.meet()
    own = {
        "rank": place.rank, "node": place.node, "local": place.local, "visible_gpus": visible_gpus(), "sums": sums,
        "computing": trials.computing(), "latency_us": trials.summary(fast["latency_us"]),
        "mb_per_s": trials.summary(fast["mb_per_s"]), "strangers": group.strangers,
    }  # fmt: skip
    torch, why = with_torch(group, params, words)
    return group.gather({**own, "torch": torch, "why_no_torch": why})


def work(words: Words) -> None:
    """Meet, try, go round, report."""
    params = read_params(DEFAULTS, words, CHOICES, RANGES)
    began, place = time.monotonic(), here()
    group = Group(place, words)
    try:
        rounds = Rounds(group, params["rounds"], 1000, params["pause_ms"] / 1000, max(1, params["rounds"] // 20))
        if place.rank == 0 and rounds.state["done"]:
            say(words("doing-again", done=words.whole(rounds.state["done"]), all=words.whole(params["rounds"])))
        each = try_out(place, group, params, words)
        if place.rank == 0:
            say(words("doing-rounds", n=words.whole(params["rounds"])))
        finished = rounds.go()
        if not finished:
            if place.rank == 0:
                say(words("doing-stopped", done=words.whole(rounds.state["done"]), all=words.whole(params["rounds"])))
            sys.exit(GO_ON)
        if place.rank == 0:
            found = conclude(place, each, rounds, words, params)
            found["seconds"] = round(time.monotonic() - began, 2)
            write_json("report.json", found, words)
            write("report.md", markdown(found, words), words)
            write("report.html", html(found, words), words)
            say("")
            for line in found["verdict"]:
                say(line)
        group.meet()
    except OSError as error:
        raise CannotGoOn(words("stop-lost", rank=place.rank, node=place.node, why=error)) from error
    finally:
        group.close()


def conclude(
    place: Place, each: list[dict[str, Any]], rounds: Rounds, words: Words, params: dict[str, Any]
) -> dict[str, Any]:
    """All findings as one, with the verdict in sentences."""
    nodes = Counter(one["node"] for one in each)
    seconds = [one["computing"] for one in each]
    on_torch = [one["torch"] for one in each if one["torch"]]
    found: dict[str, Any] = {
        "schema": "dkai-recipe/multi-gpu-check/1",
        "made": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "language": words.language,
        "params": params,
        "processes": place.world,
        "nodes": dict(nodes),
        "gpus_asked": place.gpus_asked,
        "nodes_asked": place.nodes_asked,
        "wrong_sums": sum(one["sums"]["wrong"] for one in each),
        "slow": trials.slow_ones([one["computing"] for one in on_torch] or seconds),
        "strangers": sum(one["strangers"] for one in each),
        "ranks": each,
        "torch": on_torch[0] if on_torch else None,
        "why_no_torch": each[0]["why_no_torch"],
        "rounds": {"done": rounds.state["done"], "number": rounds.state["number"], "starts": rounds.state["starts"]},
    }
    found["verdict"] = verdict(found, words)
    return found


if __name__ == "__main__":
    run(work, TEXTS)
