"""The engine `transformer`: a multilingual or Danish encoder fine-tuned on the labels, on the folds of the baseline.

A plain PyTorch loop, so that a reader sees all of it: AdamW, a learning rate that rises over a tenth of the steps and
then falls to 0, classes weighted by how rare they are, gradients clipped at 1, bfloat16 where the GPU has it. After
each epoch everything is written to checkpoint/, from which a job that was stopped goes on.
"""

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from words import CannotGoOn, Words

# The short name a parameter takes: the model, and its revision (None: the newest).
MODELS: dict[str, tuple[str, str | None]] = {
    "xlm-roberta-base": ("FacebookAI/xlm-roberta-base", "e73636d4f797dec63c3081bb6ed5c7b0bb3f2089"),
    "danskbert": ("vesteinn/DanskBERT", None),
}
CHECKPOINT = Path("checkpoint")
WARM, DECAY, CLIP = 0.1, 0.01, 1.0


@dataclass(frozen=True)
class Settings:
    """How it is fine-tuned."""

    model: str
    epochs: int
    batch: int
    learning_rate: float
    max_tokens: int
    seed: int


def rate(step: int, steps: int) -> float:
    """The part of the learning rate that is used in a step (from 0): up over the first tenth, then down to 0."""
    warm = max(1, round(WARM * steps))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def batches(n: int, size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """The texts of each step of an epoch, in an order that depends only on seed and epoch: a restart sees the same."""
    order = np.random.default_rng([seed, epoch]).permutation(n)
    return [order[at : at + size] for at in range(0, n, size)]


def class_weights(y: np.ndarray, classes: int) -> np.ndarray:
    """Weights that make every class count the same, with mean 1 over the texts."""
    counts = np.maximum(np.bincount(y, minlength=classes), 1)
    return np.asarray(len(y) / (classes * counts), dtype=np.float32)


def fingerprint(texts: Sequence[str], y: np.ndarray, asked: Sequence[str], settings: Settings) -> str:
    """What a checkpoint belongs to, so that one of other texts or settings is never gone on from."""
    content = json.dumps([asdict(settings), list(texts), y.tolist(), list(asked)], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


class Tuner:
    """Fine-tunes the model anew for each part of the texts that it is given."""

    def __init__(self, settings: Settings, classes: int, words: Words, say: Callable[[str], None]) -> None:
        import torch
        import transformers

        self.torch: Any = torch
        self.transformers: Any = transformers
        self.settings, self.classes, self.words, self.say = settings, classes, words, say
        self.name, self.revision = MODELS[settings.model]
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.half = self.device == "cuda" and torch.cuda.is_bf16_supported()
        try:
            self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(self.name, revision=self.revision)
            self._fresh()
        except (OSError, ValueError) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise CannotGoOn(words("tune-no-model", name=self.name, why=why)) from error
        where = torch.cuda.get_device_name(0) if self.device == "cuda" else "CPU"
        say(words("tune-device", name=self.name, device=where))

    def _fresh(self) -> Any:
        self.torch.manual_seed(self.settings.seed)  # the new last layer starts the same every time
        kind = self.transformers.AutoModelForSequenceClassification
        return kind.from_pretrained(self.name, revision=self.revision, num_labels=self.classes).to(self.device)

    def probabilities(self, texts: Sequence[str], y: np.ndarray, asked: Sequence[str], part: str) -> np.ndarray:
        """How likely each class is for each asked text, by the model fine-tuned on `texts`."""
        mark = fingerprint(texts, y, asked, self.settings)
        finished = CHECKPOINT / f"{mark}.npy"
        if finished.exists():
            self.say(self.words("tune-done", part=part))
            return np.asarray(np.load(finished))
        try:
            found = self._asked(self._tuned(texts, y, mark, part), asked)
        except self.torch.cuda.OutOfMemoryError as error:
            raise CannotGoOn(self.words("tune-memory", batch=self.settings.batch)) from error
        CHECKPOINT.mkdir(exist_ok=True)
        kept = CHECKPOINT / f"{mark}.tmp.npy"
        np.save(kept, found)
        os.replace(kept, finished)
        (CHECKPOINT / f"{mark}.pt").unlink(missing_ok=True)  # some gigabytes that nobody needs any more
        return found

    def _tuned(self, texts: Sequence[str], y: np.ndarray, mark: str, part: str) -> Any:
        torch, settings = self.torch, self.settings
        model = self._fresh()
        steps_each = -(-len(texts) // settings.batch)
        steps = steps_each * settings.epochs
        optimizer = torch.optim.AdamW(model.parameters(), lr=settings.learning_rate, weight_decay=DECAY)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step, steps))
        weights = torch.tensor(class_weights(y, self.classes), device=self.device)
        begin = self._restored(model, optimizer, scheduler, mark)
        model.train()
        for epoch in range(begin, settings.epochs):
            torch.manual_seed(settings.seed * 1000 + epoch)  # dropout of a restarted epoch is that of an unbroken run
            total = 0.0
            for rows in batches(len(texts), settings.batch, settings.seed, epoch):
                inputs = self._inputs([texts[at] for at in rows])
                labels = torch.tensor(y[rows], device=self.device)
                with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.half):
                    logits = model(**inputs).logits
                loss = torch.nn.functional.cross_entropy(logits.float(), labels, weight=weights)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
                optimizer.step()
                scheduler.step()
                total += float(loss.item()) * len(rows)
            self._save(model, optimizer, scheduler, mark, epoch + 1)
            loss_shown = self.words.number(total / len(texts), 3)
            self.say(self.words("tune-epoch", part=part, epoch=epoch + 1, epochs=settings.epochs, loss=loss_shown))
        return model

    def _asked(self, model: Any, asked: Sequence[str]) -> np.ndarray:
        torch = self.torch
        found = np.zeros((len(asked), self.classes))
        model.eval()
        with torch.no_grad():
            for start in range(0, len(asked), 2 * self.settings.batch):
                inputs = self._inputs(list(asked[start : start + 2 * self.settings.batch]))
                with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.half):
                    logits = model(**inputs).logits
                chance = torch.nn.functional.softmax(logits.float(), dim=-1).cpu().numpy()
                found[start : start + len(chance)] = chance
        return found

    def _inputs(self, texts: list[str]) -> dict[str, Any]:
        made = self.tokenizer(
            texts, truncation=True, padding=True, max_length=self.settings.max_tokens, return_tensors="pt"
        )
        return {name: value.to(self.device) for name, value in made.items()}

    def _save(self, model: Any, optimizer: Any, scheduler: Any, mark: str, epoch: int) -> None:
        CHECKPOINT.mkdir(exist_ok=True)
        kept = CHECKPOINT / f"{mark}.tmp"
        state = {
            "epoch": epoch,
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "scheduler": scheduler.state_dict(),
        }
        self.torch.save(state, str(kept))
        os.replace(kept, CHECKPOINT / f"{mark}.pt")  # a job killed while it writes leaves the last whole one

    def _restored(self, model: Any, optimizer: Any, scheduler: Any, mark: str) -> int:
        """The epoch to go on from; 0 without a checkpoint."""
        kept = CHECKPOINT / f"{mark}.pt"
        if not kept.exists():
            return 0
        state = self.torch.load(str(kept), map_location=self.device, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        return int(state["epoch"])
