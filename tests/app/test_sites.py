from __future__ import annotations

from dkai.app.sites import published
from dkai.compute.site import Site

LUMI = Site("l", host="ssh", scheduler="slurm", address="lumi.csc.fi", provider="lumi")


def test_fingerprints_that_the_catalogue_knows() -> None:
    assert published(LUMI, "SHA256:qCFZThjRw8nf0CiZ9rU7b6Zirjq8slAIl5r0xWaVoD0") is True
    assert published(LUMI, "SHA256:" + "A" * 43) is False
    assert published(Site("x", provider="genomedk-no-such"), "SHA256:x") is None
    assert published(Site("x"), "SHA256:x") is None
