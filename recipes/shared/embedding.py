"""Texts as points by an open multilingual model, through sentence-transformers; on a GPU where there is one.

The model is fetched at the place, from Hugging Face, unless it is there already; recipe.yaml says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from words import CannotGoOn, Texts, Words

if TYPE_CHECKING:
    import numpy as np

TEXTS: Texts = {
    "embed-no-model": (
        "Modellen {name} kan ikke hentes eller indlæses her: {why}. Har stedet internet, eller ligger modellen der "
        "allerede (HF_HOME)?",
        "The model {name} cannot be fetched or loaded here: {why}. Has the place internet, or is the model there "
        "already (HF_HOME)?",
    ),
    "embed-failed": (
        "Modellen {name} gik i stå: {why}. Er det hukommelsen, så bed om en større GPU.",
        "The model {name} failed: {why}. If it is memory, ask for a larger GPU.",
    ),
    "embed-device": ("Indlejringer regnes ud af {name} på {device}", "Embeddings are computed by {name} on {device}"),
}
# The short name a parameter takes: the model, its revision (None: the newest), and what its makers want before a
# question and before a text.
MODELS: dict[str, tuple[str, str | None, str, str]] = {
    "minilm": ("sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2", None, "", ""),
    "e5-base": ("intfloat/multilingual-e5-base", "d13f1b27baf31030b7fd040960d60d909913633f", "query: ", "passage: "),
}
BATCH = 64


class Embedder:
    """One loaded model. `embed` gives points of length 1, so that their product is the cosine."""

    def __init__(self, short_name: str, words: Words) -> None:
        self.name, revision, self.before_query, self.before_text = MODELS[short_name]
        from sentence_transformers import SentenceTransformer

        try:
            self.model: Any = SentenceTransformer(self.name, revision=revision)
        except (OSError, ValueError, RuntimeError) as error:
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise CannotGoOn(words("embed-no-model", name=self.name, why=why)) from error
        self.words = words
        self.device = str(getattr(self.model, "device", "cpu"))

    def embed(self, texts: Sequence[str], *, query: bool = False) -> np.ndarray:
        """The texts' points, one row each. Texts longer than the model reads are read to its end."""
        import numpy as np

        before = self.before_query if query else self.before_text
        try:
            points = self.model.encode(
                [before + text for text in texts],
                batch_size=BATCH,
                normalize_embeddings=True,
                convert_to_numpy=True,
                show_progress_bar=False,
            )
        except RuntimeError as error:  # PyTorch's errors of the GPU, its lack of memory among them
            why = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise CannotGoOn(self.words("embed-failed", name=self.name, why=why)) from error
        return np.asarray(points, dtype=np.float32)
