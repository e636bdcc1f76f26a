"""LoRA for real on the toy model: a base that has read a little Danish and English, frozen, and an adapter on it."""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import guesses
import net
from examples import Example
from outcome import Outcome, gain_of
from split import Parts
from words import Words

BATCH = 128
BASE_STEPS, BASE_RATE = 250, 3e-3  # more and it knows base.txt by heart, and nothing else
RATE = 4e-3  # where learning_rate is not given
MOST_CHARACTERS = 400_000  # of training answers; the toy learns no more from more
MOST_SAMPLES = 3
FOLDER = Path("checkpoint")


@dataclass
class State:
    """Where the training has got to."""

    lora: net.Lora
    adam: net.Adam
    curve: list[dict[str, float]] = field(default_factory=list)
    best: net.Weights = field(default_factory=dict)

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return len(self.curve)


def base_model(seed: int) -> net.Weights:
    """The base: the toy trained on base.txt. The same seed gives the same weights."""
    rng = np.random.default_rng([seed, 1])
    weights = net.fresh(rng)
    text = (Path(__file__).resolve().parent / "base.txt").read_text(encoding="utf-8")
    pieces = [net.windows("", " ".join(part.split())) for part in text.split("\n\n")]
    context, wanted = np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])
    adam = net.Adam(weights, BASE_RATE)
    for _ in range(BASE_STEPS):
        rows = rng.integers(0, len(wanted), BATCH)
        adam.update(weights, net.gradients(weights, None, context[rows], wanted[rows])[1])
    return weights


def characters(examples: Sequence[Example], most: int = MOST_CHARACTERS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All characters of the answers with what stands before them, and which example each belongs to."""
    contexts, wanted, owner, total = [], [], [], 0
    for number, example in enumerate(examples):
        context, symbols = net.windows(example.prompt, example.response)
        contexts.append(context)
        wanted.append(symbols)
        owner.append(np.full(len(symbols), number))
        total += len(symbols)
        if total > most:
            break
    return np.concatenate(contexts), np.concatenate(wanted), np.concatenate(owner)


def each_loss(base: net.Weights, lora: net.Lora | None, context: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The loss of every character."""
    parts = [
        net.losses(net.logits(base, lora, context[at : at + 4096])[0], wanted[at : at + 4096])[0]
        for at in range(0, len(wanted), 4096)
    ]
    return np.concatenate(parts)


def train(parts: Parts, params: dict[str, Any], words: Words, say: Callable[[str], None]) -> Outcome:
    """Train the adapter, keep the epoch that is best on the part for stopping, and measure on the test part."""
    seed = params["seed"]
    say(words("doing-base"))
    base = base_model(seed)
    learn, val, test = (characters(part) for part in (parts.train, parts.val, parts.test))
    state, resumed = start(parts, params)
    if resumed:
        say(words("doing-resume", n=resumed, of=params["epochs"]))
    while state.epoch < params["epochs"]:
        one_epoch(base, state, learn, val, seed)
        keep(state, parts, params)
        last = state.curve[-1]
        say(words("did-epoch", n=state.epoch, of=params["epochs"], train=words.number(last["train"]),
                  val=words.number(last["val"])))  # fmt: skip
    best_epoch = int(np.argmin([point["val"] for point in state.curve])) + 1
    lora = net.Lora(state.best, state.lora.scale)
    before, after = each_loss(base, None, *test[:2]), each_loss(base, lora, *test[:2])
    weights = np.bincount(test[2]).astype(float)
    per_before, per_after = (np.bincount(test[2], each) / weights for each in (before, after))
    merged = lora.merged(base)
    apart = net.logits(base, lora, test[0][:2000])[0] - net.logits(merged, None, test[0][:2000])[0]
    return Outcome(
        engine="tiny",
        model="toy-characters",
        unit="characters",
        before=float(before.mean()),
        after=float(after.mean()),
        gain=gain_of(per_before, per_after, weights, seed),
        guesses={"unigram": guesses.unigram(learn[1], test[1]), "bigram": guesses.bigram(learn[:2], test[:2])},
        curve=state.curve,
        best_epoch=best_epoch,
        trained=net.count(lora.pairs),
        parameters=net.count(base),
        resumed_from=resumed,
        merged_difference=float(np.abs(apart).max()),
        samples=[
            {
                "prompt": example.prompt, "wanted": example.response,
                "before": written(base, None, example, seed), "after": written(base, lora, example, seed),
            }
            for example in parts.test[:MOST_SAMPLES]
        ],
        files={"adapter.npz": _npz({**lora.pairs, "scale": np.float32(lora.scale)})},
    )  # fmt: skip


def one_epoch(
    base: net.Weights, state: State, learn: tuple[np.ndarray, ...], val: tuple[np.ndarray, ...], seed: int
) -> None:
    """Every training character once, in an order that the seed and the epoch alone decide."""
    order = np.random.default_rng([seed, 2, state.epoch]).permutation(len(learn[1]))
    total = 0.0
    for at in range(0, len(order), BATCH):
        rows = order[at : at + BATCH]
        loss, by = net.gradients(base, state.lora, learn[0][rows], learn[1][rows])
        state.adam.update(state.lora.pairs, by)
        total += loss * len(rows)
    loss_val = float(each_loss(base, state.lora, *val[:2]).mean())
    if not state.best or loss_val < min(point["val"] for point in state.curve):
        state.best = {name: pair.copy() for name, pair in state.lora.pairs.items()}
    state.curve.append({"epoch": state.epoch + 1, "train": round(total / len(order), 6), "val": round(loss_val, 6)})


def written(base: net.Weights, lora: net.Lora | None, example: Example, seed: int, most: int = 120) -> str:
    """What the model writes after the prompt: the likeliest of a few characters, drawn by the seed."""
    rng = np.random.default_rng([seed, 3])
    line = list(net.windows(example.prompt, "")[0][0])
    said = ""
    while len(said) < most:
        out = net.logits(base, lora, np.array([line[-net.CONTEXT :]]))[0][0] / 0.5
        chance = np.exp(out - out.max())
        symbol = int(rng.choice(net.SYMBOLS, p=chance / chance.sum()))
        if symbol >= net.PAD:
            break
        said += net.ALPHABET[symbol] if symbol < net.UNKNOWN else "\ufffd"
        line.append(symbol)
    return said


def mark(parts: Parts, params: dict[str, Any]) -> str:
    """A name for this training: other examples or settings give another. More epochs go on with the same one."""
    how = {name: params[name] for name in ("rank", "alpha", "learning_rate", "seed")}
    told = json.dumps([how, [e.turns for e in parts.train], [e.turns for e in parts.val]], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def start(parts: Parts, params: dict[str, Any]) -> tuple[State, int]:
    """A new state, or the one that an earlier start kept, and how many epochs that had done."""
    lora = net.Lora.fresh(params["rank"], params["alpha"], np.random.default_rng([params["seed"], 4]))
    state = State(lora, net.Adam(lora.pairs, params["learning_rate"] or RATE))
    try:
        with np.load(FOLDER / f"tiny-{mark(parts, params)}.npz") as kept:
            curve = json.loads(str(kept["curve"]))
            if len(curve) > params["epochs"]:
                return state, 0
            for name in lora.pairs:
                lora.pairs[name][:] = kept[f"now-{name}"]
                state.adam.m[name][:], state.adam.v[name][:] = kept[f"m-{name}"], kept[f"v-{name}"]
                state.best[name] = kept[f"best-{name}"].copy()
            state.adam.step, state.curve = int(kept["step"]), curve
    except (OSError, ValueError, KeyError, EOFError):
        lora = net.Lora.fresh(params["rank"], params["alpha"], np.random.default_rng([params["seed"], 4]))
        return State(lora, net.Adam(lora.pairs, params["learning_rate"] or RATE)), 0
    return state, state.epoch


def keep(state: State, parts: Parts, params: dict[str, Any]) -> None:
    """Keep the state, whole or not at all. A folder that cannot be written costs only the going on."""
    told: dict[str, Any] = {"curve": np.array(json.dumps(state.curve)), "step": np.array(state.adam.step)}
    for name, pair in state.lora.pairs.items():
        told |= {f"now-{name}": pair, f"best-{name}": state.best[name]}
        told |= {f"m-{name}": state.adam.m[name], f"v-{name}": state.adam.v[name]}
    try:
        FOLDER.mkdir(exist_ok=True)
        name = FOLDER / f"tiny-{mark(parts, params)}"
        name.with_suffix(".part").write_bytes(_npz(told))
        os.replace(name.with_suffix(".part"), name.with_suffix(".npz"))
    except OSError:
        return


def _npz(arrays: dict[str, Any]) -> bytes:
    import io

    target = io.BytesIO()
    np.savez(target, **arrays)
    return target.getvalue()
