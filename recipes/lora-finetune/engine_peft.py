"""LoRA on an open language model: transformers and peft, and a plain loop in PyTorch. Not run on a GPU yet.

Written from the code of transformers 5.24 and peft 0.21. One GPU; bfloat16; the base frozen (in NF4 with quantise);
gradient accumulation and checkpointing; state kept after every epoch.
"""

import hashlib
import json
import math
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import memory
from engine_tiny import mark
from examples import Example
from outcome import Outcome, gain_of
from split import Parts
from tokens import TemplateError, as_messages, padded, tokenised
from words import CannotGoOn, Words

MODELS = {
    "qwen2.5-0.5b": "Qwen/Qwen2.5-0.5B-Instruct",
    "qwen2.5-7b": "Qwen/Qwen2.5-7B-Instruct",
    "apertus-8b": "swiss-ai/Apertus-8B-Instruct-2509",
}
RATE, WARMUP, CLIP = 2e-4, 0.05, 1.0
FOLDER = Path("checkpoint")
MOST_SAMPLES, MOST_NEW = 3, 200
Rows = Sequence[tuple[list[int], list[int]]]  # tokens, and what to learn at each place


def train(parts: Parts, params: dict[str, Any], words: Words, say: Callable[[str], None]) -> Outcome:
    """Train an adapter, keep the epoch that is best on the part for stopping, and measure on the test part."""
    import torch
    from peft import get_peft_model  # noqa: F401 - missing packages are told before a model is fetched

    card = "cuda" if torch.cuda.is_available() else "cpu"
    if card == "cpu":
        if params["quantise"]:
            raise CannotGoOn(words("stop-no-gpu"))
        say(words("no-gpu"))
    name = params["model_folder"] or MODELS[params["model"]]
    config, tokenizer = _light(name, words)
    need = _enough_memory(config, params, words, say)
    try:
        learn, val, test = (
            [tokenised(e, tokenizer, params["longest"]) for e in part] for part in (parts.train, parts.val, parts.test)
        )
    except TemplateError as error:
        raise CannotGoOn(words("stop-template", model=name)) from error
    torch.manual_seed(params["seed"])
    say(words("doing-model", model=name))
    training = Training(_model(name, params["quantise"], words), tokenizer, params, len(learn))
    kept = FOLDER / f"peft-{_mark(parts, params, name)}.pt"
    resumed = training.take_up(kept)
    if resumed:
        say(words("doing-resume", n=resumed, of=params["epochs"]))
    with training.model.disable_adapter():
        before, weights = training.losses(test)
    while len(training.curve) < params["epochs"]:
        training.epoch(learn, val)
        training.keep(kept)
        last = training.curve[-1]
        say(words("did-epoch", n=last["epoch"], of=params["epochs"], train=words.number(last["train"]),
                  val=words.number(last["val"])))  # fmt: skip
    training.use_best()
    after, _ = training.losses(test)
    samples = training.samples([e for e in parts.test if len(e.turns) > 1][:MOST_SAMPLES])
    training.model.save_pretrained("output/adapter")
    return Outcome(
        engine="peft",
        model=name,
        unit="tokens",
        before=float((before * weights).sum() / weights.sum()),
        after=float((after * weights).sum() / weights.sum()),
        gain=gain_of(before, after, weights, params["seed"]),
        guesses={},
        curve=training.curve,
        best_epoch=int(np.argmin([point["val"] for point in training.curve])) + 1,
        trained=sum(p.numel() for p in training.trainable),
        parameters=memory.shape_of(config).parameters,
        resumed_from=resumed,
        memory={**need, "peak_measured": round(torch.cuda.max_memory_allocated() / 1e9, 2)} if card == "cuda" else need,
        samples=samples,
        more={"gpu": torch.cuda.get_device_name(0) if card == "cuda" else None, "quantised": params["quantise"]},
    )


class Training:
    """A base with an adapter on it, the optimizer, and how far it has got."""

    def __init__(self, base: Any, tokenizer: Any, params: dict[str, Any], examples: int) -> None:
        import peft
        import torch

        self.torch, self.peft, self.tokenizer, self.params = torch, peft, tokenizer, params
        self.card = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = peft.get_peft_model(
            base,
            peft.LoraConfig(
                r=params["rank"], lora_alpha=params["alpha"], lora_dropout=0.0, target_modules="all-linear",
                bias="none", task_type="CAUSAL_LM",
            ),
        )  # fmt: skip
        self.trainable = [p for p in self.model.parameters() if p.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trainable, lr=params["learning_rate"] or RATE, weight_decay=0.0)
        steps = math.ceil(examples / (params["batch"] * params["accumulate"])) * params["epochs"]
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, lambda step: rate_at(step, steps))
        self.pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        self.curve: list[dict[str, float]] = []
        self.best: dict[str, Any] = {}

    def epoch(self, learn: Rows, val: Rows) -> None:
        """Every training example once, in an order that the seed and the epoch alone decide; then the loss on `val`."""
        self.model.train()
        step = self.params["batch"] * self.params["accumulate"]
        order = np.random.default_rng([self.params["seed"], 2, len(self.curve)]).permutation(len(learn))
        total, answered = 0.0, 0
        for at in range(0, len(order), step):
            chunk = [learn[n] for n in order[at : at + step]]
            loss, tokens = self._step(chunk)
            total, answered = total + loss, answered + tokens
        mean, count = self.losses(val)
        loss_val = round(float((mean * count).sum() / count.sum()), 6)
        if not self.best or loss_val < min(point["val"] for point in self.curve):
            self.best = self._adapter()
        train_loss = round(total / max(answered, 1), 6)
        self.curve.append({"epoch": len(self.curve) + 1, "train": train_loss, "val": loss_val})

    def _step(self, chunk: Rows) -> tuple[float, int]:
        """One step of the optimizer over several batches: the summed loss, and the tokens it is over."""
        # Divided by the tokens of the whole step, so that a batch of short answers weighs no more than it should.
        answered = sum(sum(w >= 0 for w in wanted[1:]) for _, wanted in chunk)
        total = 0.0
        for at in range(0, len(chunk), self.params["batch"]):
            each, _ = self._each(chunk[at : at + self.params["batch"]])
            (each.sum() / max(answered, 1)).backward()
            total += float(each.detach().sum())
        self.torch.nn.utils.clip_grad_norm_(self.trainable, CLIP)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total, answered

    def losses(self, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Each example's mean loss over the tokens of its answer, and how many there are."""
        self.model.eval()
        mean, count = [], []
        with self.torch.no_grad():
            for at in range(0, len(rows), self.params["batch"]):
                each, n = self._each(rows[at : at + self.params["batch"]])
                mean += (each / n.clamp(min=1)).tolist()
                count += n.tolist()
        return np.array(mean), np.maximum(np.array(count, float), 1)

    def _each(self, rows: Rows) -> tuple[Any, Any]:
        """The summed loss of each example's answer, and its number of tokens."""
        torch = self.torch
        tokens, attention, wanted = (torch.tensor(part, device=self.card) for part in padded(rows, self.pad))
        with torch.autocast(self.card, dtype=torch.bfloat16):
            logits = self.model(input_ids=tokens, attention_mask=attention).logits
        # The guess at a place is held against the token after it.
        flat = torch.nn.functional.cross_entropy(
            logits[:, :-1].float().reshape(-1, logits.shape[-1]), wanted[:, 1:].reshape(-1), reduction="none"
        )
        return flat.view(len(rows), -1).sum(dim=1), (wanted[:, 1:] >= 0).sum(dim=1)

    def samples(self, shown: Sequence[Example]) -> list[dict[str, str]]:
        """Some answers without the adapter and with it."""
        with self.model.disable_adapter():
            before = [self._written(example) for example in shown]
        after = [self._written(example) for example in shown]
        return [
            {"prompt": e.prompt, "wanted": e.response, "before": b, "after": a}
            for e, b, a in zip(shown, before, after, strict=True)
        ]

    def _written(self, example: Example) -> str:
        """The model's own answer to a prompt, always its likeliest token."""
        torch = self.torch
        self.model.eval()
        text = self.tokenizer.apply_chat_template(as_messages(example)[:-1], tokenize=False, add_generation_prompt=True)
        given = self.tokenizer(text, add_special_tokens=False, return_tensors="pt").to(self.card)
        with torch.no_grad(), torch.autocast(self.card, dtype=torch.bfloat16):
            out = self.model.generate(
                **given, max_new_tokens=MOST_NEW, do_sample=False, use_cache=True, pad_token_id=self.pad
            )
        return str(self.tokenizer.decode(out[0][given["input_ids"].shape[1] :], skip_special_tokens=True)).strip()

    def _adapter(self) -> dict[str, Any]:
        """A copy of the adapter's weights on the CPU."""
        state = self.peft.get_peft_model_state_dict(self.model)
        return {name: value.detach().cpu().clone() for name, value in state.items()}

    def use_best(self) -> None:
        """Put the best epoch's adapter in place."""
        self.peft.set_peft_model_state_dict(self.model, self.best)

    def take_up(self, kept: Path) -> int:
        """Go on from what an earlier start kept; how many epochs that had done."""
        try:
            state = self.torch.load(kept, map_location="cpu", weights_only=True)
        except Exception:  # not there, or not whole: begin anew
            return 0
        self.peft.set_peft_model_state_dict(self.model, state["now"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.curve, self.best = json.loads(state["curve"]), state["best"]
        return len(self.curve)

    def keep(self, path: Path) -> None:
        """Keep the state, whole or not at all. A folder that cannot be written costs only the going on."""
        state = {
            "now": self._adapter(), "best": self.best, "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(), "curve": json.dumps(self.curve),
        }  # fmt: skip
        try:
            path.parent.mkdir(exist_ok=True)
            self.torch.save(state, path.with_suffix(".part"))
            os.replace(path.with_suffix(".part"), path)
        except (OSError, RuntimeError):
            return


def rate_at(step: int, steps: int) -> float:
    """The share of the learning rate at a step: a short rise, then down along a cosine."""
    rise = max(1, round(WARMUP * steps))
    if step < rise:
        return (step + 1) / rise
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, steps - rise))))


def _enough_memory(config: Any, params: dict[str, Any], words: Words, say: Callable[[str], None]) -> dict[str, float]:
    """What the training needs and the GPU has, in gigabytes. Raises CannotGoOn when it will not do."""
    import torch

    need = memory.needed(
        memory.shape_of(config), rank=params["rank"], batch=params["batch"], longest=params["longest"],
        quantise=params["quantise"],
    )  # fmt: skip
    if not torch.cuda.is_available():
        return need
    have = torch.cuda.get_device_properties(0).total_memory / 1e9
    say(words("doing-memory", need=words.number(need["all"]), have=words.number(have)))
    if memory.fits(need["all"], have) == "no":
        raise CannotGoOn(words("stop-memory-gpu", need=words.number(need["all"]), have=words.number(have)))
    return {**need, "gpu": round(have, 2)}


def _light(name: str, words: Words) -> tuple[Any, Any]:
    """What is small and fetched first: configuration and tokenizer."""
    from transformers import AutoConfig, AutoTokenizer

    try:
        return AutoConfig.from_pretrained(name), AutoTokenizer.from_pretrained(name)
    except Exception as error:  # network, disk, access and format each have their own
        raise CannotGoOn(words("stop-model", model=name, why=_first(error))) from error


def _model(name: str, quantise: bool, words: Words) -> Any:
    """The frozen base, on the GPU where there is one."""
    import torch
    from transformers import AutoModelForCausalLM

    more: dict[str, Any] = {}
    if quantise:
        from transformers import BitsAndBytesConfig

        more["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
        )
    try:
        model = AutoModelForCausalLM.from_pretrained(
            name, dtype=torch.bfloat16, device_map={"": 0 if torch.cuda.is_available() else "cpu"}, **more
        )
    except torch.cuda.OutOfMemoryError as error:
        raise CannotGoOn(words("stop-memory")) from error
    except Exception as error:
        raise CannotGoOn(words("stop-model", model=name, why=_first(error))) from error
    model.config.use_cache = False
    how = {"use_reentrant": False}
    if quantise:
        from peft import prepare_model_for_kbit_training

        return prepare_model_for_kbit_training(model, gradient_checkpointing_kwargs=how)
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs=how)
    return model


def _mark(parts: Parts, params: dict[str, Any], name: str) -> str:
    """A name for this training; unlike the toy's it holds the epochs, as the learning rate follows them."""
    how = [params[key] for key in ("epochs", "batch", "accumulate", "longest", "quantise")]
    told = json.dumps([mark(parts, params), name, *how])
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
