"""A stand-in for transformers: a bag of hashed words with one layer to tune, and a writer that quotes its passages.

FAKE_ABSENT=1 makes every model impossible to load. FAKE_LIE=1 makes the writer quote what stands nowhere. Each answer
that is written adds a line to FAKE_LOG.
"""

import os
import re
import zlib
from pathlib import Path

import numpy as np
import torch

SIZE = 512


def _absent(name):
    if os.environ.get("FAKE_ABSENT"):
        raise OSError(f"We couldn't connect to 'https://huggingface.co' to load {name}\nmore")


class _Tokens(dict):
    def to(self, device):
        assert device in ("cuda", "cpu")
        return self


class _Tokenizer:
    pad_token_id, eos_token_id = None, 2

    def __call__(self, texts, *, truncation, padding, max_length, return_tensors):
        assert truncation and padding and return_tensors == "pt"
        bags = np.zeros((len(texts), SIZE))
        for row, text in enumerate(texts):
            for word in text.lower().split()[:max_length]:
                bags[row, zlib.crc32(word.encode()) % SIZE] = 1.0
        return {"input_ids": torch.Tensor(bags)}

    def apply_chat_template(self, messages, *, add_generation_prompt, tokenize, return_dict, return_tensors):
        assert add_generation_prompt and tokenize and return_dict and return_tensors == "pt"
        assert [m["role"] for m in messages] == ["system", "user"]
        self.messages = messages
        return _Tokens(input_ids=torch.Tensor(np.zeros((1, 7))))

    def decode(self, tokens, skip_special_tokens):
        assert skip_special_tokens and len(tokens.data) == 3  # the prompt's seven are cut off
        if log := os.environ.get("FAKE_LOG"):
            with Path(log).open("a") as file:
                file.write("answer\n")
        asked = self.messages[1]["content"]
        first = re.search(r"\[1\] \w+ [^\n]*:\n(.+?)(?:\n\n(?:Uddrag|Passage|Spørgsmål|Question)|\Z)", asked, re.DOTALL)
        if "Grønland" in asked.rsplit("\n", 1)[-1]:
            return "<think>hm</think>IKKE I DOKUMENTERNE."
        quote = "det rene opspind fra ende til anden" if os.environ.get("FAKE_LIE") else " ".join(first[1].split()[:6])
        return f"Det står her [1] »{quote}«."


class AutoTokenizer:
    @staticmethod
    def from_pretrained(name, revision=None):
        _absent(name)
        return _Tokenizer()


class _Writer:
    def to(self, device):
        assert device in ("cuda", "cpu")
        return self

    def eval(self):
        return self

    def generate(self, *, input_ids, max_new_tokens, do_sample, pad_token_id):
        assert not do_sample and pad_token_id == 2 and max_new_tokens > 0
        return torch.Tensor(np.zeros((1, input_ids.shape[-1] + 3)))


class AutoModelForCausalLM:
    @staticmethod
    def from_pretrained(name, dtype):
        assert dtype == "auto"
        _absent(name)
        return _Writer()


class _Parameter:
    def __init__(self, data):
        self.data, self.grad = data, np.zeros_like(data)


class _Classifier:
    def __init__(self, labels):
        self.layer = _Parameter(np.zeros((SIZE, labels)))

    def to(self, _device):
        return self

    def parameters(self):
        return iter([self.layer])

    def train(self):
        return self

    def eval(self):
        return self

    def state_dict(self):
        return {"layer": self.layer.data}

    def load_state_dict(self, state):
        self.layer.data = state["layer"].copy()

    def __call__(self, *, input_ids):
        def back(wrong):
            self.layer.grad += input_ids.data.T @ wrong

        logits = torch.Tensor(input_ids.data @ self.layer.data, back)
        return type("Output", (), {"logits": logits})()


class AutoModelForSequenceClassification:
    @staticmethod
    def from_pretrained(name, revision=None, num_labels=2):
        _absent(name)
        return _Classifier(num_labels)
