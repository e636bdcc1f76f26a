"""What one file gave so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from dkai.core.findings import Evidence

KEPT = 10  # pieces of evidence that are kept
MASK = "••••••-••••"


@dataclass(slots=True)
class Tally:
    """Counts, and the first pieces of evidence."""

    likely: int = 0
    possible: int = 0
    evidence: list[Evidence] = field(default_factory=list)

    def add(self, file: str, line: int, column: str | None, why: str) -> None:
        """One place: likely with a reason, possible without."""
        if not why:
            self.possible += 1
            return
        self.likely += 1
        if len(self.evidence) < KEPT:
            self.evidence.append(Evidence(file, line, column, MASK, why))
