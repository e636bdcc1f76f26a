"""The campaign of `benchmarks/exactly_once.py`, small: twenty submissions, everything that can be cut is cut."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from once_campaign import Campaign, Faults, Result, account, chance

pytestmark = [pytest.mark.lab, pytest.mark.slow]
SEED = 4


def test_twenty_submissions_with_faults(lab: Any, lab_base: str, own_home: Path) -> None:
    luck = random.Random(SEED)
    fates = [chance(luck) for _ in range(16)]
    fates += [Faults(kill_at=step) for step in ("sending", "submitting")]
    fates += [Faults(kill_at=step, verify=True) for step in ("held", "releasing")]
    own_home.mkdir(exist_ok=True)
    result = Result()
    with Campaign(own_home, lab_base, lambda line: lab.ssh(line).stdout, lab.ssh_config, lab.port) as campaign:
        account(campaign, campaign.run(fates, luck), fates, result, wait=False)
    bad = [*result.unknown, *result.lost, *result.duplicates, *result.problems]
    assert not bad, "\n".join(bad)
