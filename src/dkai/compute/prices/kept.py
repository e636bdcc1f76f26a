"""The prices that were fetched, in one file of the person's data folder: all clouds, each with the day it was read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dkai.compute.prices.table import Price
from dkai.core.errors import UserError
from dkai.core.files import read_text, write_private
from dkai.core.paths import data_dir
from dkai.core.plain import to_plain
from dkai.core.revive import revive

SCHEMA = "dkai/prices/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """One cloud's prices. `read` is the day on which the file was last found to be this one, `changed` when it came."""

    cloud: str
    url: str
    read: str
    changed: str
    etag: str | None
    rows: int
    skipped: int
    prices: tuple[Price, ...]


def prices_path() -> Path:
    """Where they are."""
    return data_dir() / "prices.json"


def load_prices() -> dict[str, Kept]:
    """What was fetched, by cloud; nothing where nothing was, or the file is damaged (an update makes it anew)."""
    try:
        found = json.loads(read_text(prices_path()))
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            return {}
        return {str(name): revive(Kept, one) for name, one in found["clouds"].items()}
    except (UserError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def save_prices(clouds: Mapping[str, Kept]) -> None:
    """Write all of them, whole or not at all. Raises UserError."""
    body = {"schema": SCHEMA, "clouds": {name: to_plain(one) for name, one in sorted(clouds.items())}}
    write_private(prices_path(), json.dumps(body, ensure_ascii=False, indent=1))
