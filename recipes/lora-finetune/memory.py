"""How much GPU memory a LoRA training needs, worked out before anything is loaded. Pure: figures in, gigabytes out.

Weights: 2 bytes each in bfloat16; 4.5 bits in NF4 with its block constants (Dettmers et al. 2023), embeddings and head
stay in 2 bytes. Adapter: 4 bytes for itself, its gradient, and Adam's two moments. Activations with gradient
checkpointing: the input of every layer, one layer's insides, and the logits with their gradient in 4 bytes.
"""

from dataclasses import dataclass
from typing import Any

OVERHEAD_GB = 1.5  # the CUDA context and what the allocator cannot use
INSIDE = 34  # bytes a token and hidden unit inside one layer (Korthikanti et al. 2022), without attention scores
MARGIN = 0.2  # how far the estimate may be off upwards


@dataclass(frozen=True)
class Shape:
    """What of a model's configuration decides its size."""

    hidden: int
    layers: int
    inner: int
    vocabulary: int
    heads: int
    key_heads: int
    head: int
    tied: bool
    gated: bool  # three matrices in the feed-forward part rather than two

    @property
    def per_layer(self) -> int:
        """The weights of one layer's matrices."""
        attention = self.hidden * self.head * (2 * self.heads + 2 * self.key_heads)
        return attention + (3 if self.gated else 2) * self.hidden * self.inner

    @property
    def embeddings(self) -> int:
        """The weights of the embedding and the head."""
        return (1 if self.tied else 2) * self.vocabulary * self.hidden

    @property
    def parameters(self) -> int:
        """About how many weights there are; norms and biases, under 0.1 %, are left out."""
        return self.layers * self.per_layer + self.embeddings

    def lora(self, rank: int) -> int:
        """How many weights an adapter on all linear layers has."""
        query, keys = self.heads * self.head, self.key_heads * self.head
        sizes = [(self.hidden, query), (self.hidden, keys), (self.hidden, keys), (query, self.hidden)]
        sizes += [(self.hidden, self.inner)] * (2 if self.gated else 1) + [(self.inner, self.hidden)]
        return self.layers * rank * sum(a + b for a, b in sizes)


def shape_of(config: Any) -> Shape:
    """The shape in a transformers configuration."""
    heads = config.num_attention_heads
    return Shape(
        hidden=config.hidden_size,
        layers=config.num_hidden_layers,
        inner=config.intermediate_size,
        vocabulary=config.vocab_size,
        heads=heads,
        key_heads=getattr(config, "num_key_value_heads", None) or heads,
        head=getattr(config, "head_dim", None) or config.hidden_size // heads,
        tied=bool(getattr(config, "tie_word_embeddings", False)),
        # Apertus has a plain feed-forward part (xIELU); the Llama family a gated one.
        gated=getattr(config, "model_type", "") != "apertus",
    )


def needed(shape: Shape, *, rank: int, batch: int, longest: int, quantise: bool) -> dict[str, float]:
    """Gigabytes by what they are for, and in all."""
    matrices = shape.layers * shape.per_layer
    weights = matrices * (4.5 / 8 if quantise else 2) + shape.embeddings * 2
    tokens = batch * longest
    parts = {
        "weights": weights,
        "adapter": shape.lora(rank) * 16,
        "activations": tokens * shape.hidden * (2 * shape.layers + INSIDE),
        "logits": tokens * shape.vocabulary * 4 * 2,
    }
    found = {name: size / 1e9 for name, size in parts.items()}
    found["overhead"] = OVERHEAD_GB
    found["all"] = sum(found.values())
    return {name: round(value, 2) for name, value in found.items()}


def fits(all_gb: float, gpu_gb: float) -> str:
    """yes; tight: only if the estimate is not too low; no."""
    if all_gb > gpu_gb:
        return "no"
    return "tight" if all_gb * (1 + MARGIN) > gpu_gb else "yes"
