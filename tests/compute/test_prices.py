"""Prices of clouds: the files of the SkyPilot catalogue in their real shapes, over a loopback server."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from dkai.app.prices import fetched_offers, list_prices, update_prices
from dkai.compute.prices import fetch as fetching
from dkai.compute.prices.clouds import CLOUDS
from dkai.compute.prices.kept import load_prices, prices_path
from dkai.compute.prices.table import Price, is_european, read_table
from dkai.core.errors import RemoteError, UserError

TODAY = date(2026, 11, 24)

# Lines of the real files (github.com/skypilot-org/skypilot-catalog, catalogs/v8), shortened in number.
NEBIUS = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,SpotPrice
cpu-d3_4vcpu-16gb,,0,4,16,0.0992,eu-north1,,
gpu-h100-sxm_1gpu-16vcpu-200gb,H100,1,16,200,2.95,eu-north1,"{'Gpus': [{'Name': 'H100', 'Manufacturer': 'NVIDIA', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 81920}}], 'TotalGpuMemoryInMiB': 81920}",1.25
gpu-h100-sxm_8gpu-128vcpu-1600gb,H100,8,128,1600,23.60,eu-north1,"{'Gpus': [{'Name': 'H100', 'Manufacturer': 'NVIDIA', 'Count': 8, 'MemoryInfo': {'SizeInMiB': 81920}}], 'TotalGpuMemoryInMiB': 655360}",10.00
gpu-l40s-a_1gpu-8vcpu-32gb,L40S,1,8,32,1.5484,eu-north1,"{'Gpus': [{'Name': 'L40S', 'Manufacturer': 'NVIDIA', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 49152}}], 'TotalGpuMemoryInMiB': 49152}",
gpu-l40s-a_1gpu-16vcpu-64gb,L40S,1,16,64,1.7468,eu-north1,"{'Gpus': [{'Name': 'L40S', 'Manufacturer': 'NVIDIA', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 49152}}], 'TotalGpuMemoryInMiB': 49152}",
gpu-b200-sxm_8gpu-160vcpu-1792gb,B200,8,160,1792,44.00,us-central1,"{'Gpus': [{'Name': 'B200', 'Manufacturer': 'NVIDIA', 'Count': 8, 'MemoryInfo': {'SizeInMiB': 184320}}], 'TotalGpuMemoryInMiB': 1474560}",
"""  # noqa: E501
VERDA = """\
InstanceType,UpstreamCloudId,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,Price,SpotPrice
1B300.30V,1B300.30V,30.0,275.0,B300,1.0,"{""Gpus"": [{""Name"": ""B300"", ""Count"": 1, ""MemoryInfo"": {""SizeInMiB"": 268288}}], ""TotalGpuMemoryInMiB"": 268288}",FIN-03,6.99,2.447
2B300.60V,2B300.60V,60.0,550.0,B300,2.0,"{""Gpus"": [{""Name"": ""B300"", ""Count"": 2, ""MemoryInfo"": {""SizeInMiB"": 268800}}], ""TotalGpuMemoryInMiB"": 537600}",FIN-03,,4.893
1A100.22V,1A100.22V,22.0,120.0,A100-80GB,1.0,"{""Gpus"": [{""Name"": ""A100-80GB"", ""Count"": 1, ""MemoryInfo"": {""SizeInMiB"": 81920}}], ""TotalGpuMemoryInMiB"": 81920}",FIN-01,1.29,0.4515
1V100.6V,1V100.6V,6.0,23.0,V100,1.0,"{""Gpus"": [{""Name"": ""V100"", ""Count"": 1, ""MemoryInfo"": {""SizeInMiB"": 16384}}], ""TotalGpuMemoryInMiB"": 16384}",FIN-01,0.1381,
CPU.4V.16G,CPU.4V.16G,4.0,16.0,,,,FIN-01,0.0279,0.0098
"""  # noqa: E501
RUNPOD = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Region,SpotPrice,Price,AvailabilityZone,GpuInfo
1x_A100-80GB_SECURE,A100-80GB,1.0,8.0,117.0,IN,1.39,1.39,AP-IN-1,"{'Gpus': [{'Name': 'A100 PCIe', 'Manufacturer': 'Nvidia', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 80}}], 'TotalGpuMemoryInMiB': 80}"
1x_A100-80GB_SECURE,A100-80GB,1.0,8.0,117.0,DK,1.39,1.49,EU-DK-1,"{'Gpus': [{'Name': 'A100 PCIe', 'Manufacturer': 'Nvidia', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 80}}], 'TotalGpuMemoryInMiB': 80}"
2x_A100-80GB_SECURE,A100-80GB,2.0,16.0,234.0,SE,2.78,2.78,EU-SE-1,"{'Gpus': [{'Name': 'A100 PCIe', 'Manufacturer': 'Nvidia', 'Count': 2, 'MemoryInfo': {'SizeInMiB': 80}}], 'TotalGpuMemoryInMiB': 160}"
"""  # noqa: E501
VAST = """\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region
1x-H100_NVL-32-65536,H100,1,32,64.0,"{'Gpus': [{'Name': 'H100', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 95830}}], 'TotalGpuMemoryInMiB': 95830}",2.08,0.00,"Bulgaria, BG, EU"
2x-H200-32-65536,H200,2,32,64.0,"{'Gpus': [{'Name': 'H200', 'Count': 2, 'MemoryInfo': {'SizeInMiB': 287542}}], 'TotalGpuMemoryInMiB': 287542}",5.18,0.00,"Michigan, US, NA"
1x-RTX_4090-32-65536,RTX4090,1,32,64.0,"{'Gpus': [{'Name': 'RTX4090', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 49140}}], 'TotalGpuMemoryInMiB': 49140}",0.40,0.00,"Hong Kong, HK, AS"
1x-RTX_4090-32-65536,RTX4090,1,32,64.0,"{'Gpus': [{'Name': 'RTX4090', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 24564}}], 'TotalGpuMemoryInMiB': 24564}",0.40,0.00,"Germany, DE, EU"
1x-A100_PCIE-32-65536,A100,1,32,64.0,"{'Gpus': [{'Name': 'A100', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 81920}}], 'TotalGpuMemoryInMiB': 81920}",0.87,0.00,"Oklahoma, US, NA"
1x-RTX_3060-32-65536,RTX3060,1,32,64.0,"{'Gpus': [{'Name': 'RTX3060', 'Count': 1, 'MemoryInfo': {'SizeInMiB': 12288}}], 'TotalGpuMemoryInMiB': 12288}",0.27,0.00,"Italy, IT, EU"
"""  # noqa: E501
# Google: the machine and its GPUs are rows of their own, in the same zone.
GCP = """\
InstanceType,vCPUs,MemoryGiB,AcceleratorName,AcceleratorCount,GpuInfo,Region,AvailabilityZone,Price,SpotPrice
a2-highgpu-1g,12.0,85.0,,,,europe-west4,europe-west4-a,0.81406,0.31824
a2-highgpu-1g,12.0,85.0,,,,us-central1,us-central1-a,0.73948,0.36975
,,,A100,1.0,A100,europe-west4,europe-west4-a,2.94,1.2
,,,A100,1.0,A100,us-central1,us-central1-a,2.93,1.2
,,,T4,1.0,T4,us-central1,us-central1-a,0.35,0.1
,,,tpu-v6e-4,1,tpu-v6e-4,southamerica-east1,southamerica-east1-c,700.0,700.0
"""


def of(text: str) -> dict[tuple[str, int], Price]:
    return {(price.gpu, price.gpus): price for price in read_table(text).prices}


def test_an_hour_of_the_cheapest_machine_from_the_cheapest_to_the_dearest_region() -> None:
    nebius = of(NEBIUS)
    assert (nebius["h100", 1].least, nebius["h100", 8].least) == (2.95, 23.6)
    assert nebius["l40s", 1].most == 1.5484  # the smaller machine, in the one region there is
    assert nebius["l40s", 1].regions == "eu-north1" and nebius["l40s", 1].european
    assert not nebius["b200", 8].european
    runpod = of(RUNPOD)
    assert runpod["a100-80gb-pcie", 1] == Price("a100-80gb-pcie", 1, 1.49, 1.49, "DK", european=True)


def test_no_price_on_demand_and_no_gpu_of_ours_are_left_out() -> None:
    verda = read_table(VERDA)
    assert {(p.gpu, p.gpus) for p in verda.prices} == {("b300", 1), ("a100-80gb", 1), ("v100-16gb", 1)}
    assert (verda.rows, verda.skipped) == (5, 1)


def test_a_number_of_gpus_that_no_machine_has_is_not_believed() -> None:
    # A line of Azure's file as it was in December 2023: the machine has 8.
    azure = (
        "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,Generation\n"
        "Standard_ND96isr_H100_v5,H100,12,96.0,1900,H100,117.984,29.496,northcentralus,V2\n"
        "Standard_NC40ads_H100_v5,H100,1,40.0,320,H100,,,eastus,V2\n"
        "Standard_NC24ads_A100_v4,A100-80GB,1,24.0,220,A100,0.0,0.0,eastus,V2\n"
        "Standard_NC4as_T4_v3,T4,1,4.0,28,T4,0.526,0.1,swedencentral,V2\n"
    )
    found = read_table(azure)
    assert [(p.gpu, p.least, p.european) for p in found.prices] == [("t4", 0.526, True)] and found.skipped == 3


def test_a_row_that_contradicts_itself_is_not_believed() -> None:
    vast = of(VAST)
    assert set(vast) == {("h100-nvl", 1), ("h200", 2), ("rtx-4090", 1)}
    assert vast["rtx-4090", 1].regions == "Germany, DE, EU"


def test_google_sells_machine_and_gpu_apart() -> None:
    gcp = of(GCP)
    assert gcp["a100-40gb", 1].least == pytest.approx(0.81406 + 2.94)
    assert ("t4", 1) not in gcp  # to be attached to a machine of one's choice: no one price


@pytest.mark.parametrize("region", ["eu-north1", "europe-west4", "FIN-03", "DK", "Bulgaria, BG, EU", "swedencentral"])
def test_regions_in_europe(region: str) -> None:
    assert is_european(region) and not is_european("us-east-1") and not is_european("IN")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<!DOCTYPE html><html><body>rate limited</body></html>\n",
        "InstanceType,Accelerator,Count,PricePerHour,Region\na,b,1,2,c\n",  # renamed columns
        NEBIUS.splitlines()[0] + "\n",  # no rows
        "\n".join([*NEBIUS.splitlines()[:4], "gpu-h100-sxm_1gpu,H100,1"]) + "\n",  # cut in a row
        '"' * 5 + "\n" + "x" * 200_000,
        "\0\n\0\n",
    ],
)  # fmt: skip
def test_what_is_no_price_file(text: str) -> None:
    with pytest.raises(RemoteError) as raised:
        read_table(text)
    assert raised.value.code == "bad-price-file" and raised.value.hint


# --- over the network


Answer = Callable[[BaseHTTPRequestHandler], None]


class Server:
    """Answers for each path; what was asked is kept with its headers."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}))
                outer.answers.get(self.path, missing)(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}/v8"

    def put(self, cloud: str, answer: Answer | str, etag: str = '"1"') -> None:
        self.answers[f"/v8/{cloud}/vms.csv"] = sends(answer, etag) if isinstance(answer, str) else answer


def missing(handler: BaseHTTPRequestHandler) -> None:
    handler.send_error(404)


def sends(text: str, etag: str | None = None, kind: str = "text/plain; charset=utf-8", **more: Any) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if etag is not None and handler.headers.get("If-None-Match") == etag:
            handler.send_response(304)
            handler.end_headers()
            return
        data = text.encode()
        handler.send_response(more.get("status", 200))
        handler.send_header("Content-Type", kind)
        if etag is not None:
            handler.send_header("ETag", etag)
        if more.get("packed"):
            data = gzip.compress(data)
            handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(more.get("length", len(data))))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.server.shutdown()
    made.server.server_close()


def update(server: Server, *clouds: str, today: date = TODAY) -> Any:
    return update_prices(today, clouds=clouds, base=server.base)


def test_fetched_kept_and_not_fetched_again(server: Server) -> None:
    server.put("nebius", NEBIUS)
    server.put("verda", VERDA, '"v"')
    first = update(server, "nebius", "verda")
    assert [one.news for one in first.items] == ["new", "new"]
    second = update(server, "nebius", "verda", today=date(2026, 12, 1))
    assert [one.news for one in second.items] == ["unchanged", "unchanged"]
    assert server.asked[-1][1]["if-none-match"] == '"v"'
    kept = load_prices()["nebius"]
    assert (kept.read, kept.changed) == ("2026-12-01", "2026-11-24") and kept.url.endswith("/v8/nebius/vms.csv")
    assert {one.id: one.age_days for one in list_prices(date(2026, 12, 3)).items}["nebius"] == 2
    assert list_prices(date(2027, 6, 1)).items[-1].old


def test_offers_of_files_that_are_written_by_hand_have_no_date(server: Server) -> None:
    server.put("nebius", NEBIUS)
    server.put("verda", VERDA)
    update(server, "nebius", "verda")
    offers = fetched_offers()
    assert {offer.dated for offer in offers["verda"]} == {"2026-11-24"}
    assert {offer.dated for offer in offers["nebius"]} == {None}
    assert offers["nebius"][0].read == "2026-11-24" and offers["nebius"][0].currency == "USD"


def test_another_address_is_asked_without_the_first_ones_etag(server: Server) -> None:
    server.put("nebius", NEBIUS)
    update(server, "nebius")
    other = Server()
    try:
        other.put("nebius", NEBIUS)
        assert update(other, "nebius").items[0].news == "new"
        assert "if-none-match" not in other.asked[0][1]
    finally:
        other.server.shutdown()
        other.server.server_close()


def raw(handler: BaseHTTPRequestHandler, data: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def slow(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    for _ in range(200):
        try:
            handler.wfile.write(b"x" * 10)
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.02)


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.0)
    handler.close_connection = True


def cut(handler: BaseHTTPRequestHandler) -> None:
    sends(NEBIUS, length=len(NEBIUS) + 500)(handler)
    handler.close_connection = True


BROKEN: dict[str, tuple[Answer, str]] = {
    "gone": (missing, "404"),
    "fails": (sends("no", status=500), "500"),
    "a page": (sends("<html>sign in</html>\n", kind="text/html"), "web page"),
    "a page that says it is text": (sends("<html>sign in</html>\n"), "web page"),
    "cut off": (cut, "lost before the end"),
    "cut in a line": (sends(NEBIUS[:-40]), "cut off"),
    "no text": (lambda handler: raw(handler, b"\xff\xfe\x00"), "UTF-8"),
    "renamed columns": (sends(NEBIUS.replace("AcceleratorName", "Gpu")), "AcceleratorName"),
    "moved": (sends("", status=302), "302"),
    "slow": (slow, "longer"),
    "huge": (sends(NEBIUS + "x" * 40_000 + "\n"), "larger"),
    "huge once unpacked": (sends(NEBIUS + "x" * 40_000 + "\n", packed=True), "larger"),
    "silent": (silent, ""),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_had_leaves_the_old_prices(
    server: Server, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    bounds = {"most_bytes": 20_000, "longest_s": 0.3, "silent_s": 0.4}
    monkeypatch.setattr(fetching.fetch, "__kwdefaults__", bounds)
    answer, says = BROKEN[what]
    server.put("nebius", NEBIUS)
    update(server, "nebius")
    before = prices_path().read_bytes()
    server.put("nebius", answer)
    server.answers["/v8/nebius/vms.csv"] = answer
    with pytest.raises(RemoteError) as raised:
        update(server, "nebius", today=date(2026, 12, 1))
    assert says in raised.value.message and raised.value.hint
    assert prices_path().read_bytes() == before
    # Beside one that can be had it is told, and the others are kept.
    server.put("verda", VERDA)
    found = update(server, "nebius", "verda", today=date(2026, 12, 1))
    assert [one.news for one in found.items] == ["failed", "new"] and found.items[0].problem
    assert load_prices()["nebius"].read == "2026-11-24"


def test_nobody_there_and_no_such_cloud() -> None:
    with pytest.raises(RemoteError, match="refuses the connection"):
        update_prices(TODAY, clouds=["nebius"], base="http://127.0.0.1:9/v8")
    for address in ("no address at all", "file:///etc", "http://", "http://[bad"):
        with pytest.raises(UserError, match="no address of a web server"):
            update_prices(TODAY, clouds=["nebius"], base=address)
    with pytest.raises(UserError) as raised:
        update_prices(TODAY, clouds=["nimbus"])
    assert raised.value.code == "no-such-cloud"


def test_a_damaged_file_of_ours_counts_as_none() -> None:
    prices_path().parent.mkdir(parents=True)
    for text in ("", "{", "[]", '{"schema": "dkai/prices/1"}', '{"schema": "dkai/prices/1", "clouds": {"aws": 1}}'):
        prices_path().write_text(text, encoding="utf-8")
        assert load_prices() == {} and all(one.read is None for one in list_prices(TODAY).items)


def test_on_the_command_line(server: Server, dkai: Any) -> None:
    assert "update" in dkai("compute", "prices").stdout  # nothing yet: it says how
    assert "network" in dkai("compute", "prices", "update", "--help").stdout
    server.put("verda", VERDA)
    done = dkai("compute", "prices", "update", "verda", "--from", server.base)
    assert "Verda" in done.stdout and "1.29" in done.stdout
    shown = json.loads(dkai("compute", "prices", "--format", "json").stdout)
    verda = next(one for one in shown["items"] if one["id"] == "verda")
    assert verda["age_days"] == 0 and len(verda["prices"]) == 3 and len(shown["items"]) == len(CLOUDS)
    assert "verda,verda,b300,1,6.99" in dkai("compute", "prices", "--format", "csv").stdout
    done = dkai("compute", "prices", "update", "verda", "aws", "--from", server.base, check=4)
    assert "404" in done.stdout
    done = dkai("compute", "prices", "update", "aws", "--from", server.base, check=4)
    assert "error" in done.stderr and "Traceback" not in done.stderr
