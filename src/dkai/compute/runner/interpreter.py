"""Interpreters of Python and R: which there are, and what each can do.

One is given by the words that start it (`argv`: a path, or a container's whole command before it) and the environment
that it needs, None being the job's own.
"""

import json
import os
import shutil
import sys
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from dkai.compute.runner.files import Record, output_of

Environ = Dict[bytes, bytes]
# `prefix` begins the names of variables that a container runtime hands in whatever the site has set up; `way` is what
# the record says of how it was found.
Interpreter = NamedTuple(
    "Interpreter",
    [("argv", List[str]), ("version", str), ("env", Optional[Environ]), ("prefix", str), ("way", Record)],
)

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

# R writes no JSON by itself, but a package's name has letters, digits and dots only (Writing R Extensions, 1.1.1).
LOOK_R = (
    "a <- commandArgs(TRUE); b <- vapply(a, function(p) nzchar(system.file(package = p)), TRUE); q <- function(x) "
    'paste0("\\"", x, "\\"", collapse = ","); cat("\\n[\\"", R.version$major, ".", R.version$minor, "\\",[", '
    'if (any(!b)) q(a[!b]), "]]\\n", sep = "")'
)
VERSIONS_R = (
    "a <- commandArgs(TRUE); b <- a[vapply(a, function(p) nzchar(system.file(package = p)), TRUE)]; v <- vapply(b, "
    'function(p) as.character(packageVersion(p)), ""); cat("\\n{", paste0("\\"", b, "\\":\\"", v, "\\"", '
    'collapse = ","), "}\\n", sep = "")'
)
LANGUAGES = {
    "python": (["-c"], LOOK, VERSIONS),
    "r": (["--vanilla", "-e"], LOOK_R, VERSIONS_R),
}


def pythons() -> Iterator[str]:
    """Interpreters to try: the one that runs this, then the newest on the path."""
    seen = {os.path.realpath(sys.executable)}
    yield sys.executable
    for minor in range(15, 5, -1):
        found = shutil.which("python3.%d" % minor)
        if found and os.path.realpath(found) not in seen:
            seen.add(os.path.realpath(found))
            yield found


def there(language: str, env: Optional[Environ] = None) -> Iterator[str]:
    """The interpreters that a job finds by itself; in another environment those of its path alone."""
    if language == "python" and env is None:
        for python in pythons():
            yield python
        return
    path = None if env is None else os.fsdecode(env.get(b"PATH", b""))
    for name in ("Rscript",) if language == "r" else ("python3", "python"):
        found = shutil.which(name, path=path)
        if found:
            yield found


def look_at(
    argv: List[str], names: List[str], env: Optional[Environ] = None, language: str = "python"
) -> Tuple[str, List[str]]:
    """An interpreter's version, empty when it does not work, and which of these modules it lacks."""
    options, look, _ = LANGUAGES[language]
    try:
        version, missing = json.loads((output_of([*argv, *options, look, *names], 120, env) or "").splitlines()[-1])
    except (ValueError, IndexError):
        return "", names
    return str(version), list(missing)


def versions_in(found: Interpreter, names: List[str], language: str = "python") -> Optional[Dict[str, str]]:
    """The versions of the distributions that have these modules; None where the interpreter cannot tell."""
    options, _, versions = LANGUAGES[language]
    try:
        told = json.loads((output_of([*found.argv, *options, versions, *names], 60, found.env) or "").splitlines()[-1])
    except (ValueError, IndexError):
        return None
    return {str(name): str(version) for name, version in told.items()} or None


def parts(version: str) -> List[int]:
    """`3.11.2` as numbers that compare."""
    return [int(word) for word in version.split(".") if word.isdigit()]


def python_in(home: str) -> str:
    """An environment's interpreter."""
    return os.path.join(home, "Scripts", "python.exe") if os.name == "nt" else os.path.join(home, "bin", "python")
