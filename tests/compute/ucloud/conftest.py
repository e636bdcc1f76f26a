"""A UCloud on this computer, and a site on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ucloud_server import TOKEN, Cloud, running

from dkai.compute.host import ucloud_token
from dkai.compute.site import Site
from dkai.compute.sites_file import save_site
from dkai.core.levels import Level


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    with running(tmp_path / "cloud") as found:
        yield found


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(ucloud_token.VARIABLE, TOKEN)
    return TOKEN


@pytest.fixture
def site(cloud: Cloud) -> Site:
    """`ucloud`: with a drive, for internal data, in a project."""
    found = Site(
        "ucloud", host="ucloud", scheduler="ucloud", provider="ucloud", address=f"127.0.0.1:{cloud.port}",
        base="/12345", account="1f1d2a4e-0000-4000-8000-000000000000", level=Level.INTERNAL,
    )  # fmt: skip
    save_site(found)
    return found
