"""The same job on every place of the catalogue takes at most three times as long as one search: whole processes."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from paired import command, compare

JOB = (
    "compute", "quote", "gpu-check", "--compare", "--institution", "ku", "--took", "40m@a100-80gb",
    "--gpu-memory", "10G", "--time", "2h",
)  # fmt: skip


def main() -> bool:
    """The claim, for text and for JSON; True when both hold."""
    with tempfile.TemporaryDirectory() as home:
        env = {"DKAI_HOME": home, "DKAI_LANG": "en"}
        _fetched_prices(Path(home))
        dkai = [sys.executable, "-m", "dkai"]
        search = command([*dkai, "radar", "search", "transcribe interviews"], env)
        name = "radar search"
        text = compare("quote --compare, all places", command([*dkai, *JOB], env), name, search, bound=3.0)
        as_json = command([*dkai, *JOB, "--format", "json"], env)
        plain = compare("the same as JSON", as_json, name, search, bound=3.0)
    return text.ratio <= 3.0 and plain.ratio <= 3.0


def _fetched_prices(home: Path) -> None:
    """As many prices as a real update leaves: nine clouds, some twenty kinds of GPU in machines of one to eight."""
    clouds = ("aws", "azure", "gcp", "hyperstack", "lambda", "nebius", "runpod", "vast", "verda")
    gpus = ("l4", "l40s", "a10", "a40", "a100-40gb", "a100-80gb", "h100", "h200", "b200", "t4", "v100-16gb", "rtx-4090")
    prices = [
        {"gpu": gpu, "gpus": n, "least": 2.0 * n, "most": 3.0 * n, "regions": "eu-1, eu-2, eu-3 …", "european": True}
        for gpu in gpus
        for n in (1, 2, 4, 8)
    ]
    day = "2026-11-24"
    kept = {
        cloud: {"cloud": cloud, "url": f"https://example.org/{cloud}/vms.csv", "read": day, "changed": day,
                "etag": None, "rows": 1000, "skipped": 10, "prices": prices}
        for cloud in clouds
    }  # fmt: skip
    (home / "data").mkdir(parents=True)
    (home / "data" / "prices.json").write_text(json.dumps({"schema": "dkai/prices/1", "clouds": kept}))


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
