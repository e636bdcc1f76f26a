"""The texts of this recipe, and metrics as its report writes them."""

from texts_page import PAGE
from texts_run import RUN
from words import Texts, Words

TEXTS: Texts = {**RUN, **PAGE}


class TableWords(Words):
    """Texts and numbers in one language."""

    def metric(self, name: str, value: float) -> str:
        """A metric's value as the report writes it: shares in per cent, amounts as numbers, AUC and R² as 0.91."""
        if name in ("balanced_accuracy", "accuracy"):
            return self.share(value)
        if name == "mae":
            return self.number(value)
        return self.marks(f"{value:.2f}")

    def span(self, name: str, low: float, high: float) -> str:
        """An interval of a metric: 64–80%, 0.72–0.88."""
        ends = [self.metric(name, low), self.metric(name, high)]
        if name in ("balanced_accuracy", "accuracy"):
            ends[0] = ends[0].rstrip("%\u00a0")
        return "–".join(ends)
