"""Claims that would do harm if wrong can be drawn, the same ones for the same seed, each with its sources."""

from __future__ import annotations

from collections import Counter

from audit import PER_GROUP, claims, draw


def test_the_same_seed_draws_the_same_claims() -> None:
    first = draw(7)
    assert first == draw(7)
    assert first != draw(8)
    assert Counter(claim.group for claim in first) == PER_GROUP
    assert len({(claim.entry, claim.field) for claim in first}) == len(first)


def test_every_claim_names_where_it_is_from_and_none_is_unknown() -> None:
    for claim in claims():
        assert claim.sources, claim
        assert claim.value not in (None, "unknown", "not-applicable", [])
        assert claim.entry in claim.text(1)
