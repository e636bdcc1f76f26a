"""Every benchmark, one after the other; exit 1 when a stated bound is missed."""

from __future__ import annotations

import importlib
import sys

SCRIPTS = (
    "startup",
    "search_quality",
    "search_scale",
    "submit",
    "status",
    "exactly_once",
    "billing",
    "transfer",
    "compare",
)


def main() -> None:
    missed = []
    for name in SCRIPTS:
        print(f"== {name}", flush=True)
        if not importlib.import_module(name).main():
            missed.append(name)
    if missed:
        sys.exit(f"bound missed in: {', '.join(missed)}")


if __name__ == "__main__":
    main()
