"""Python interpreters: which there are, and what each can do."""

import json
import os
import shutil
import sys
from typing import Dict, Iterator, List, Optional, Tuple

from dkai.compute.runner.files import output_of

LOOK = """
import importlib.util, json, sys
sys.path[:] = [place for place in sys.path if place]
def lacks(name):
    try: return importlib.util.find_spec(name) is None
    except Exception: return True
print(json.dumps([".".join(map(str, sys.version_info[:3])), [n for n in sys.argv[1:] if lacks(n)]]))
"""


# A module's name is not its distribution's (sklearn, scikit-learn); packages_distributions() came with Python 3.10.
VERSIONS = """
import json, sys
sys.path[:] = [place for place in sys.path if place]
found = {}
try:
    from importlib import metadata
    of = metadata.packages_distributions() if hasattr(metadata, "packages_distributions") else {}
    for name in sys.argv[1:]:
        for one in sorted(set(of.get(name.split(".")[0], [name]))):
            try: found[metadata.metadata(one)["Name"]] = metadata.version(one)
            except Exception: pass
except Exception: pass
print(json.dumps(found))
"""


def pythons() -> Iterator[str]:
    """Interpreters to try: the one that runs this, then the newest on the path."""
    seen = {os.path.realpath(sys.executable)}
    yield sys.executable
    for minor in range(15, 5, -1):
        found = shutil.which("python3.%d" % minor)
        if found and os.path.realpath(found) not in seen:
            seen.add(os.path.realpath(found))
            yield found


def look_at(python: str, names: List[str]) -> Tuple[str, List[str]]:
    """An interpreter's version, empty when it does not work, and which of these modules it lacks."""
    try:
        version, missing = json.loads((output_of([python, "-c", LOOK, *names], 60) or "").splitlines()[-1])
    except (ValueError, IndexError):
        return "", names
    return str(version), list(missing)


def versions_in(python: str, names: List[str]) -> Optional[Dict[str, str]]:
    """The versions of the distributions that have these modules; None where the interpreter cannot tell."""
    try:
        found = json.loads((output_of([python, "-c", VERSIONS, *names], 30) or "").splitlines()[-1])
    except (ValueError, IndexError):
        return None
    return {str(name): str(version) for name, version in found.items()} or None


def parts(version: str) -> List[int]:
    """`3.11.2` as numbers that compare."""
    return [int(word) for word in version.split(".") if word.isdigit()]


def python_in(home: str) -> str:
    """An environment's interpreter."""
    return os.path.join(home, "Scripts", "python.exe") if os.name == "nt" else os.path.join(home, "bin", "python")
