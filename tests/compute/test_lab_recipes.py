"""Every recipe from upload to fetched result, on a real Slurm over real SSH, with its own sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recipe_runs import RECIPES
from sample_runs import CHECKS

from dkai.compute.site import Site

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_a_recipe_runs_from_upload_to_fetched_result(name: str, lab_site: Site, dkai: Any, tmp_path: Path) -> None:
    params = [word for key, value in CHECKS[name][0].items() for word in ("--param", f"{key}={json.dumps(value)}")]
    assert (RECIPES / name / "recipe.yaml").is_file()
    dkai(
        "compute", "submit", name, "--sample", "--site", "lab", "--gpus", "0", *params, "--yes", "--follow",
        timeout=240,
    )  # fmt: skip
    out = tmp_path / "out"
    dkai("compute", "fetch", "--into", str(out))
    CHECKS[name][1](out)
    receipt = json.loads(dkai("compute", "receipt", "--format", "json").stdout)
    assert receipt["outcome"] == "completed" and receipt["cause"] is None
