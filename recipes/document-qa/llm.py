"""The engine `llm`: an open language model that runs at the place and writes answers from the passages it is given.

Through the library transformers, greedily (the same input gives the same answer on the same machine). Each answer is
kept in checkpoint/ as soon as it is there, so that a job that was stopped goes on with the next question.
"""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from words import CannotGoOn, Texts, Words

TEXTS: Texts = {
    "llm-no-model": (
        "Modellen {name} kan ikke hentes eller indlæses her: {why}. Har stedet internet, eller ligger modellen der "
        "allerede (HF_HOME)?",
        "The model {name} cannot be fetched or loaded here: {why}. Has the place internet, or is the model there "
        "already (HF_HOME)?",
    ),
    "llm-no-gpu": (
        "! Der er ingen GPU her: modellen regner på CPU'en, og det kan tage timer. Bed om en, eller brug "
        "engine=quotes.",
        "! There is no GPU here: the model runs on the CPU, which may take hours. Ask for one, or use engine=quotes.",
    ),
    "llm-memory": (
        "Modellen {name} har ikke plads i GPU'ens hukommelse. Vælg en mindre model eller en større GPU.",
        "The model {name} does not fit in the GPU's memory. Choose a smaller model or a larger GPU.",
    ),
    "llm-device": ("{name} skriver svarene på {device}", "{name} writes the answers on {device}"),
}
# The short name a parameter takes.
MODELS = {"qwen3-4b": "Qwen/Qwen3-4B-Instruct-2507", "apertus-8b": "swiss-ai/Apertus-8B-Instruct-2509"}
MOST_TOKENS = 400
CHECKPOINT = Path("checkpoint/answers.json")


class Writer:
    """One loaded model."""

    def __init__(self, short_name: str, words: Words) -> None:
        import torch
        import transformers

        self.torch: Any = torch
        self.name, self.words = MODELS[short_name], words
        self.card = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self.tokenizer: Any = transformers.AutoTokenizer.from_pretrained(self.name)
            self.model: Any = self._loaded(transformers.AutoModelForCausalLM).to(self.card).eval()
        except torch.cuda.OutOfMemoryError as error:
            raise CannotGoOn(words("llm-memory", name=self.name)) from error
        except (OSError, ValueError) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise CannotGoOn(words("llm-no-model", name=self.name, why=why)) from error
        self.device = str(torch.cuda.get_device_name(0)) if self.card == "cuda" else "CPU"
        self.kept = read_kept()

    def _loaded(self, kind: Any) -> Any:
        """The model in the precision its weights are in."""
        try:
            return kind.from_pretrained(self.name, dtype="auto")
        except TypeError:  # versions before 4.56 call it so
            return kind.from_pretrained(self.name, torch_dtype="auto")

    def answer(self, messages: list[dict[str, str]]) -> str:
        """The model's answer to a conversation."""
        mark = fingerprint(self.name, messages)
        if mark in self.kept:
            return self.kept[mark]
        inputs = self.tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, tokenize=True, return_dict=True, return_tensors="pt"
        ).to(self.card)
        try:
            with self.torch.no_grad():
                out = self.model.generate(
                    **inputs,
                    max_new_tokens=MOST_TOKENS,
                    do_sample=False,
                    pad_token_id=self.tokenizer.pad_token_id or self.tokenizer.eos_token_id,
                )
        except self.torch.cuda.OutOfMemoryError as error:
            raise CannotGoOn(self.words("llm-memory", name=self.name)) from error
        text = str(self.tokenizer.decode(out[0][inputs["input_ids"].shape[-1] :], skip_special_tokens=True)).strip()
        self.kept[mark] = text
        keep(self.kept)
        return text


def fingerprint(name: str, messages: list[dict[str, str]]) -> str:
    """What a kept answer belongs to."""
    return hashlib.sha256(json.dumps([name, messages], ensure_ascii=False).encode()).hexdigest()[:24]


def read_kept() -> dict[str, str]:
    """The answers of an earlier start of this job; a file cut off half-way counts as none."""
    try:
        kept = json.loads(CHECKPOINT.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def keep(answers: dict[str, str]) -> None:
    """Write the answers so that a job killed while it writes leaves the last whole file."""
    CHECKPOINT.parent.mkdir(exist_ok=True)
    new = CHECKPOINT.with_suffix(".tmp")
    new.write_text(json.dumps(answers, ensure_ascii=False), encoding="utf-8")
    os.replace(new, CHECKPOINT)
