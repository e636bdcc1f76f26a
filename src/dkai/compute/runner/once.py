"""One at a time, over all nodes: a lock that is a folder, taken over when its owner is gone or silent."""

import contextlib
import os
import platform
import shutil
import time
from typing import TYPE_CHECKING, Any, Iterator

from dkai.compute.runner.files import Record, read_json, write_json
from dkai.compute.runner.processes import born

if TYPE_CHECKING:
    from dkai.compute.runner.job import Run

SILENT = 120.0  # seconds after which a lock whose owner gives no sign of life may be taken


@contextlib.contextmanager
def only_one(run: "Run", lock: str) -> Iterator[None]:
    """Hold a lock between jobs, on whatever nodes; a lock whose owner is gone or silent is taken over."""
    owner = dict(run.owner, job_id=run.job.get("job_id"))
    touched: Any = None
    since = time.monotonic()
    while not run.stopped:
        try:
            os.mkdir(lock, 0o700)
            write_json(os.path.join(lock, "owner.json"), owner)
            break
        except FileExistsError:
            other = read_json(os.path.join(lock, "owner.json"))
            if touched is None:
                run.say("waiting")
            with contextlib.suppress(OSError):
                # Its own clock is compared with itself only: nodes' clocks may differ.
                if touched != os.stat(lock).st_mtime:
                    touched, since = os.stat(lock).st_mtime, time.monotonic()
            if time.monotonic() - since > SILENT or gone(other):
                stale = "%s.stale-%s-%d" % (lock, platform.node(), os.getpid())
                with contextlib.suppress(OSError):
                    os.rename(lock, stale)  # of several who find it stale, one succeeds
                    shutil.rmtree(stale, ignore_errors=True)
            else:
                time.sleep(1)
    try:
        yield
    finally:
        if read_json(os.path.join(lock, "owner.json")) == owner:
            shutil.rmtree(lock, ignore_errors=True)


def gone(owner: Record) -> bool:
    """The owner's process was here and is no more."""
    return owner.get("node") == platform.node() and born(int(owner["pid"])) != owner["born"]
