"""5 GB to a site and home again over a connection that is cut three times each way, against an undisturbed `scp`.

Needs the Slurm lab (root on Debian) and 21 GB of disk. The bounds: checksums equal, never more than
150 MiB of memory. Three quarters of the bytes are one file, the rest files of 1 MB. DKAI_BENCH_MB makes it smaller.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

MB = int(os.environ.get("DKAI_BENCH_MB") or 5000)
MOST_MIB = 150
CUTS = 3


def main() -> bool:
    """Print three lines; True when checksums and memory are as they must be."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or not shutil.which("apt-get"):
        print("transfer: the Slurm lab needs root on Debian; not measured")
        return True
    from lab.fixture import Lab  # type: ignore[import-not-found]
    from lab.lablib.session import Session  # type: ignore[import-not-found]

    with Session() as session, session.turn():
        return measure(Path(Lab(session).ssh_config))


def measure(config: Path) -> bool:
    """The three lines."""
    alice = pwd.getpwnam("alice")
    far = config.parent / "transfer-bench"  # on the disk: the homes are small, and in memory
    with tempfile.TemporaryDirectory(dir=os.environ.get("DKAI_BENCH_DIR")) as name:
        here = Path(name)
        try:
            far.mkdir(mode=0o700)
            os.chown(far, alice.pw_uid, alice.pw_gid)
            sums = write_files(here / "there")
            scp_up = timed(["scp", "-q", "-r", "-F", str(config), str(here / "there"), f"lab:{far}/scp"])
            scp_down = timed(["scp", "-q", "-r", "-F", str(config), f"lab:{far}/scp", str(here / "scp")])
            shutil.rmtree(here / "scp")
            shutil.rmtree(far / "scp")
            with cut_after(MB * 1_000_000 * 10 // (10 * CUTS + 3)) as port:
                up = worker("up", config, port, far, here)
                down = worker("down", config, port, far, here)
            same = sums == {p.name: digest(p) for p in (here / "home").iterdir() if p.is_file()}
        finally:
            shutil.rmtree(far, ignore_errors=True)
    peak = max(up["peak_mib"], down["peak_mib"])
    for way, got, scp in (("up", up, scp_up), ("down", down, scp_down)):
        speed = MB / got["seconds"]
        print(
            f"{MB / 1000:g} GB {way:<5} {got['seconds'] / scp:5.2f} × scp (undisturbed, no checksums)"
            f"  {got['seconds']:.0f} s / {scp:.0f} s, {speed:.0f} MB/s, {got['cuts']} cuts, {got['peak_mib']} MiB"
        )
    good = same and peak <= MOST_MIB and up["cuts"] >= CUTS and down["cuts"] >= CUTS
    print(f"checksums {'equal' if same else 'DIFFER'}, peak {peak} MiB, bound {MOST_MIB}  {'ok' if good else 'MISSED'}")
    return good


def write_files(folder: Path) -> dict[str, str]:
    """The files; gives their checksums."""
    folder.mkdir()
    block = os.urandom(1_000_000)
    small = MB // 4
    sums, large = {}, hashlib.sha256()
    for number in range(small):
        data = number.to_bytes(8, "big") + block[8:]
        (folder / f"small-{number}").write_bytes(data)
        sums[f"small-{number}"] = hashlib.sha256(data).hexdigest()
    with (folder / "large").open("wb") as out:
        for number in range(MB - small):
            data = number.to_bytes(8, "little") + block[8:]
            out.write(data)
            large.update(data)
    return {**sums, "large": large.hexdigest()}


def digest(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def timed(argv: list[str]) -> float:
    """Seconds that a program takes; one that fails stops the benchmark."""
    begun = time.perf_counter()
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - begun


@contextmanager
def cut_after(count: int) -> Iterator[int]:
    """The port of a way to the lab that ends every connection after `count` bytes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [str(ROOT / "tests" / "lab" / "lab"), "proxy", "--listen", str(port), "--cut-after", str(count)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as proxy:
        assert proxy.stdout is not None
        proxy.stdout.readline()
        try:
            yield port
        finally:
            proxy.terminate()


def worker(way: str, config: Path, port: int, far: Path, here: Path) -> dict[str, Any]:
    """One direction in a process of its own, whose memory is measured."""
    argv = [sys.executable, __file__, way, str(config), str(port), str(far), str(here)]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, env={**os.environ, "DKAI_HOME": str(here / "dk")})
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def work(way: str, config: str, port: int, far: Path, here: Path) -> None:
    """Send or fetch, and say how it went."""
    from dkai.compute.fetch import fetch
    from dkai.compute.host import Upload
    from dkai.compute.ledger import open_ledger
    from dkai.compute.link import Link
    from dkai.compute.news import News
    from dkai.compute.reconnect import Carrier
    from dkai.compute.site import Site

    cuts = 0

    def tell(news: News) -> None:
        nonlocal cuts
        cuts += news.what == "lost"

    site = Site("lab", host="ssh", scheduler="slurm", address="lab-slow", port=port, ssh_config=config)
    job_folder = f"{far}/dkai-0000000000"
    with Link(site) as link:
        if way == "up":
            files = [
                Upload(f"output/{path.name}", path, path.stat().st_size, digest(path))
                for path in sorted((here / "there").iterdir())
            ]
            carrier = Carrier(link, tell)
            furthest = 0

            def progress(count: int, _: int) -> None:
                nonlocal furthest
                carrier.moved(max(0, count - furthest))
                furthest = max(furthest, count)

            begun = time.perf_counter()
            carrier.run(lambda: link.host.send(job_folder, files, progress, again=carrier.again))
        else:
            with open_ledger(here / "ledger.sqlite") as ledger:
                ledger.add(
                    job_id="dkai-0000000000", recipe="bench", recipe_version="1", site="lab", folder=job_folder,
                    plan="{}",
                )  # fmt: skip
                begun = time.perf_counter()
                fetch(ledger.get("dkai-0000000000"), ledger, link, here / "home", tell)
        seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump({"seconds": seconds, "peak_mib": peak, "cuts": cuts}, sys.stdout)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]))
    else:
        sys.exit(0 if main() else 1)
