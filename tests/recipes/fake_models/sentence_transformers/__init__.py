"""A stand-in for sentence-transformers: texts with the same words get points near each other. No model is fetched.

FAKE_ABSENT=1 makes every model impossible to load, as on a place without internet.
"""

import hashlib
import os
import re

import numpy as np


class SentenceTransformer:
    def __init__(self, name, revision=None):
        if os.environ.get("FAKE_ABSENT"):
            raise OSError(f"{name} is not a local folder\nand more lines")
        self.name, self.revision, self.device = name, revision, "cuda:0"

    def encode(self, texts, *, batch_size, normalize_embeddings, convert_to_numpy, show_progress_bar):
        assert batch_size > 0 and normalize_embeddings and convert_to_numpy and not show_progress_bar
        return np.array([self._point(text) for text in texts], dtype=np.float32).reshape(len(texts), 64)

    def _point(self, text):
        if "e5" in self.name:
            assert text.startswith(("query: ", "passage: ")), text
            text = text.split(": ", 1)[1]
        point = np.zeros(64)
        for word in re.findall(r"[^\W\d_]{4,}", text.lower()):
            seed = int.from_bytes(hashlib.sha256(word[:6].encode()).digest()[:4], "big")
            point += np.random.default_rng(seed).normal(size=64)
        length = np.linalg.norm(point)
        return point / length if length else point
