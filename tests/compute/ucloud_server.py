"""A small UCloud on this computer: answers in the shapes of its public source, over HTTP and WebSocket.

Drives are folders; a job that is created is run: its batch script in a process of its own, with the job's folder where
UCloud mounts it. Faults are switched on by a test. It knows nothing of dkai beyond what UCloud would.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import shutil
import struct
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

TOKEN = "refresh-0123456789abcdef"
PRODUCTS = [
    ("gpu-nvidia-b200-1-mig.1g", "gpu-nvidia-b200", 6, 36, 1),
    ("gpu-nvidia-b200-1-gpu", "gpu-nvidia-b200", 48, 288, 1),
    ("gpu-nvidia-b200-2-gpu", "gpu-nvidia-b200", 96, 576, 2),
    ("cpu-amd-zen5-1-vcpu", "cpu-amd-zen5", 1, 3, None),
    ("cpu-amd-zen5-4-vcpu", "cpu-amd-zen5", 4, 12, None),
]


@dataclass
class Faults:
    """What goes wrong, and how often."""

    create_status: int = 0  # answered to POST /api/jobs instead of creating
    create_why: str = "no"
    cut_after_accept: bool = False  # the job is taken, and the connection closed without an answer
    cut_before_accept: bool = False
    lose_uploads: bool = False  # a file is cut short
    hide_for: int = 0  # so many searches find nothing
    search_status: int = 0
    downloads: str = ""  # why nothing can be downloaded
    access_tokens_good_for: int = 10**9  # requests that an access token is good for
    refuse_refresh: bool = False
    slow_s: float = 0.0
    page: int = 250
    evil_name: str = ""  # a file with this name is in every listing


@dataclass
class Cloud:
    """The state."""

    root: Path
    faults: Faults = field(default_factory=Faults)
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    access: dict[str, int] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    wallets: list[dict[str, Any]] = field(default_factory=list)
    run_jobs: bool = True
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def path(self, ucloud: str) -> Path:
        parts = ucloud.strip("/").split("/")
        assert ".." not in parts
        return self.root.joinpath(*parts)

    def start(self, job: dict[str, Any]) -> None:
        """Run it as the provider does: what is mounted is below /work, here below a folder of its own."""
        spec = job["specification"]
        script = spec["parameters"]["batchScript"]["path"]
        work = self.root / "work" / job["id"]
        work.mkdir(parents=True)
        for one in spec["resources"]:
            work.joinpath(Path(one["path"]).name).symlink_to(self.path(one["path"]))
        text = self.path(script).read_text(encoding="utf-8").replace("/work/", f"{work}/")
        own = work / "job.sh"
        own.write_text(text, encoding="utf-8")
        job["status"] |= {"state": "RUNNING", "startedAt": int(time.time() * 1000)}
        log = (work / "stdout").open("wb")
        self.processes[job["id"]] = subprocess.Popen(["bash", str(own)], stdout=log, stderr=log, cwd=work)
        log.close()

    def look(self) -> None:
        """Bring the jobs' states up to date."""
        for number, process in list(self.processes.items()):
            job, code = self.jobs[number], process.poll()
            if code is not None and job["status"]["state"] == "RUNNING":
                words = f"Job failed with exit code {code}." if code else "Job completed successfully."
                self.end(job, "FAILURE" if code else "SUCCESS", words)

    def end(self, job: dict[str, Any], state: str, status: str) -> None:
        job["status"]["state"] = state
        job["updates"].append({"state": state, "status": status, "timestamp": int(time.time() * 1000)})

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            if process.poll() is None:
                process.kill()


@contextlib.contextmanager
def running(root: Path) -> Iterator[Cloud]:
    """The server, on a free port."""
    cloud = Cloud(root)
    (root / "12345").mkdir(parents=True)
    cloud.wallets = [wallet("gpu-nvidia-b200", quota=500 * 60, used=20 * 60)]
    handler = type("Handler", (_Handler,), {"cloud": cloud})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    cloud.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        cloud.stop()
        server.shutdown()
        server.server_close()
        shutil.rmtree(root / "work", ignore_errors=True)


def wallet(category: str, *, quota: int, used: int, usable: int | None = None) -> dict[str, Any]:
    """`WalletV2`, in minutes of an hour's unit."""
    return {
        "owner": {"type": "project", "projectId": "1f1d2a4e-0000-4000-8000-000000000000", "username": ""},
        "paysFor": {"name": category, "provider": "ucloud", "productType": "COMPUTE",
                    "accountingUnit": {"name": "GPU", "namePlural": "GPU"}, "accountingFrequency": "PERIODIC_MINUTE"},
        "allocationGroups": [{"group": {"id": 1, "allocations": [
            {"id": 1, "startDate": 1767225600000, "endDate": 1798675200000, "quota": quota, "retired": False}]}}],
        "totalUsage": used, "localUsage": used, "quota": quota,
        "maxUsable": quota - used if usable is None else usable,
    }  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cloud: Cloud

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(where.query).items()}
        if where.path == "/ucloud/upload":
            return self._upload(query["token"])
        if where.path == "/ucloud/download":
            return self._download(query["token"])
        return self._answer("GET", where.path, query)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        return self._answer("POST", urlsplit(self.path).path, json.loads(body) if body else {})

    # --- answering

    def _answer(self, method: str, path: str, given: dict[str, Any]) -> None:
        cloud = self.cloud
        with cloud.lock:
            cloud.requests.append((method, path, given))
            cloud.headers.append(dict(self.headers))
        if cloud.faults.slow_s:
            time.sleep(cloud.faults.slow_s)
        if path == "/auth/refresh":
            return self._refresh()
        word = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        with cloud.lock:
            left = cloud.access.get(word, 0)
            cloud.access[word] = left - 1
        if left <= 0:
            return self._say(401, {"why": "Unauthorized"})
        name = "_" + path.removeprefix("/api/").replace("/", "_").replace("-", "_")
        handle = getattr(self, name, None)
        if handle is None:
            return self._say(404, {"why": "Not found"})
        with cloud.lock:
            cloud.look()
            status, body = handle(given)
        if status == -1:
            self.close_connection = True
            self.connection.shutdown(2)
            return None
        return self._say(status, body)

    def _say(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _refresh(self) -> None:
        cloud = self.cloud
        if cloud.faults.refuse_refresh or self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._say(401, {"why": "Unauthorized"})
        with cloud.lock:
            token = f"minted-here-{len(cloud.access)}"
            cloud.access[token] = cloud.faults.access_tokens_good_for
        return self._say(200, {"accessToken": token, "csrfToken": "x"})

    def _page(self, items: list[Any], given: dict[str, Any], key: Any) -> tuple[int, Any]:
        size = min(int(given.get("itemsPerPage") or 50), self.cloud.faults.page)
        begin = 0
        if given.get("next"):
            begin = next((n + 1 for n, item in enumerate(items) if key(item) == given["next"]), len(items))
        some = items[begin : begin + size]
        more = begin + size < len(items)
        return 200, {"items": some, "itemsPerPage": size, "next": key(some[-1]) if more and some else None}

    # --- jobs

    def _jobs(self, given: dict[str, Any]) -> tuple[int, Any]:
        cloud, faults = self.cloud, self.cloud.faults
        if faults.cut_before_accept:
            return -1, None
        if faults.create_status:
            return faults.create_status, {"why": faults.create_why, "errorCode": None}
        spec = given["items"][0]
        if spec["product"]["id"] not in {one[0] for one in PRODUCTS}:
            return 400, {"why": "bad machine type requested"}
        if spec["application"] != {"name": "pytorch-te", "version": "26.07"}:
            return 400, {"why": "unknown application requested"}
        number = str(5_000_000 + len(cloud.jobs))
        job = {
            "id": number, "createdAt": int(time.time() * 1000), "specification": spec, "updates": [],
            "status": {"state": "IN_QUEUE", "startedAt": None}, "output": {"outputFolder": None},
        }  # fmt: skip
        cloud.jobs[number] = job
        if cloud.run_jobs:
            cloud.start(job)
        return (-1, None) if faults.cut_after_accept else (200, {"responses": [{"id": number}]})

    def _newest_first(self) -> list[dict[str, Any]]:
        return sorted(self.cloud.jobs.values(), key=lambda job: -int(job["id"]))

    def _jobs_search(self, given: dict[str, Any]) -> tuple[int, Any]:
        faults = self.cloud.faults
        if faults.search_status:
            return faults.search_status, {"why": "out of order"}
        if faults.hide_for > 0:
            faults.hide_for -= 1
            return 200, {"items": [], "itemsPerPage": 250, "next": None}
        word = str(given.get("query", "")).lower()
        found = [job for job in self._newest_first() if word in job["specification"]["name"].lower()]
        return self._page(found, given, lambda job: job["id"])

    def _jobs_browse(self, given: dict[str, Any]) -> tuple[int, Any]:
        ids = given["filterIds"].split(",") if given.get("filterIds") else None
        found = [job for job in self._newest_first() if ids is None or job["id"] in ids]
        return self._page(found, given, lambda job: job["id"])

    def _jobs_terminate(self, given: dict[str, Any]) -> tuple[int, Any]:
        for item in given["items"]:
            job = self.cloud.jobs.get(item["id"])
            if job is None:
                return 404, {"why": f"permission denied or job not found ({item['id']})"}
            process = self.cloud.processes.get(item["id"])
            if process is not None and process.poll() is None:
                process.terminate()
            # As the real one: at once, and as a success.
            self.cloud.end(job, "SUCCESS", "")
        return 200, {"responses": [{} for _ in given["items"]]}

    def _jobs_retrieveProducts(self, _: dict[str, Any]) -> tuple[int, Any]:
        entries = [
            {"product": {"name": name, "category": {"name": category, "provider": "ucloud"}, "cpu": cpu,
                         "memoryInGigs": memory, "gpu": gpu, "type": "compute", "productType": "COMPUTE"}}
            for name, category, cpu, memory, gpu in PRODUCTS
        ]  # fmt: skip
        return 200, {"productsByProvider": {"ucloud": entries}}

    def _hpc_apps_search(self, given: dict[str, Any]) -> tuple[int, Any]:
        apps = [("pytorch-lightning", "2.5"), ("pytorch-te", "26.07")]
        return 200, {"items": [{"metadata": {"name": name, "version": version, "title": name}} for name, version in apps
                               if given["query"] in name or "pytorch" in name], "next": None}  # fmt: skip

    def _accounting_v2_browseWallets(self, given: dict[str, Any]) -> tuple[int, Any]:
        return self._page(self.cloud.wallets, given, lambda one: one["paysFor"]["name"])

    # --- files

    def _files_collections_browse(self, given: dict[str, Any]) -> tuple[int, Any]:
        drives = [("777", "shared data"), ("12345", "Member Files: me#1")]
        items = [{"id": id_, "specification": {"title": title, "product": {"provider": "ucloud"}}}
                 for id_, title in drives]  # fmt: skip
        return self._page(items, given, lambda one: one["id"])

    def _files_upload(self, given: dict[str, Any]) -> tuple[int, Any]:
        responses = []
        for item in given["items"]:
            if not self.cloud.path(item["id"].split("/")[1]).exists():
                return 404, {"why": "upload requested to unknown drive"}
            assert item["type"] == "FOLDER" and "WEBSOCKET_V2" in item["supportedProtocols"]
            token = f"up-{len(self.cloud.sessions)}"
            self.cloud.sessions[token] = item["id"]
            endpoint = f"ws://127.0.0.1:{self.cloud.port}/ucloud/upload?token={token}"
            responses.append({"endpoint": endpoint, "protocol": "WEBSOCKET_V2", "token": token})
        return 200, {"responses": responses}

    def _file(self, path: Path, id_: str) -> dict[str, Any]:
        seen = path.stat()
        return {"id": id_, "status": {"type": "DIRECTORY" if path.is_dir() else "FILE",
                                      "sizeInBytes": None if path.is_dir() else seen.st_size,
                                      "modifiedAt": int(seen.st_mtime * 1000)}}  # fmt: skip

    def _files_browse(self, given: dict[str, Any]) -> tuple[int, Any]:
        folder = self.cloud.path(given["path"])
        if not folder.is_dir():
            return 400, {"why": "Could not find directory"}
        items = [self._file(one, f"{given['path']}/{one.name}") for one in sorted(folder.iterdir())]
        if self.cloud.faults.evil_name:
            evil = self.cloud.faults.evil_name
            items.append({"id": f"{given['path']}/{evil}", "status": {"type": "FILE", "sizeInBytes": 1,
                                                                      "modifiedAt": 0}})  # fmt: skip
        return self._page(items, given, lambda one: one["id"])

    def _files_retrieve(self, given: dict[str, Any]) -> tuple[int, Any]:
        path = self.cloud.path(given["id"])
        return (200, self._file(path, given["id"])) if path.exists() else (400, {"why": "Could not find file: x"})

    def _files_download(self, given: dict[str, Any]) -> tuple[int, Any]:
        if self.cloud.faults.downloads:
            return 400, {"why": self.cloud.faults.downloads}
        responses = []
        for item in given["items"]:
            if not self.cloud.path(item["id"]).is_file():
                return 400, {"why": "Could not find file!"}
            token = quote(item["id"], safe="")
            responses.append({"endpoint": f"http://127.0.0.1:{self.cloud.port}/ucloud/download?token={token}"})
        return 200, {"responses": responses}

    def _download(self, id_: str) -> None:
        assert "Authorization" not in self.headers
        data = self.cloud.path(id_).read_bytes()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    # --- WEBSOCKET_V2 (provider-integration/im2/pkg/controller/upload)

    def _upload(self, token: str) -> None:
        folder = self.cloud.path(self.cloud.sessions.pop(token))
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.wfile.write(
            f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self.close_connection = True
        files: dict[int, list[Any]] = {}  # number: path, size, what came
        done = 0
        while (frame := self._frame()) is not None:
            kind, rest = frame[0], frame[1:]
            if kind == 6:
                break
            answer = b""
            if kind == 4:
                while rest:
                    number, size, _, length = struct.unpack_from(">iqqI", rest)
                    name, rest = rest[24 : 24 + length].decode(), rest[24 + length :]
                    target = folder / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    if target.exists() and target.stat().st_size == size:
                        answer += struct.pack(">Bi", 3, number)
                        done += 1
                        answer += struct.pack(">Bi", 5, done)
                        continue
                    files[number] = [target, size, 0]
                    target.write_bytes(b"")
                    answer += struct.pack(">Bi", 0, number)
                    if not size:
                        done += 1
                        answer += struct.pack(">Bi", 5, done)
            elif kind == 2:
                (number,) = struct.unpack_from(">i", rest)
                target, size, _ = files[number]
                with target.open("ab") as file:
                    file.write(rest[4:])
                files[number][2] += len(rest) - 4
                if files[number][2] >= size:
                    if self.cloud.faults.lose_uploads:
                        target.write_bytes(b"")
                    done += 1
                    answer += struct.pack(">Bi", 5, done)
            if answer:
                self.wfile.write(b"\x81\x04pong")
                self.wfile.write(bytes([0x82]) + (bytes([len(answer)]) if len(answer) < 126
                                                  else struct.pack(">BH", 126, len(answer))) + answer)  # fmt: skip

    def _frame(self) -> bytes | None:
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 0x0F == 8:
            return None
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self.rfile.read(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self.rfile.read(8))
        mask = self.rfile.read(4)
        data = self.rfile.read(size)
        return bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
