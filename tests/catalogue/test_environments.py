"""What places provide to run in: nothing of it can be read as anything but a name, and all of it has a source."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from dkai.catalogue.models.provider import Environments
from dkai.catalogue.open import open_catalogue
from dkai.compute.environments import check_image, check_modules, read_surroundings

GOOD = {"id": "x", "provides": ["torch"], "image": "/x.sif", "sources": ["S1"], "checked": "2026-11-24"}


@pytest.mark.parametrize(
    "change",
    [
        {"image": None}, {"provides": []}, {"provides": ["a b"]}, {"modules": ["$(x)"]}, {"use": ["relative"]},
        {"image": "docker://x"}, {"image": "/a,b"}, {"accelerator": "xpu"}, {"bind": ["-x"]}, {"sources": []},
        {"unknown_field": 1},
    ],
)  # fmt: skip
def test_what_is_no_offer(change: dict[str, object]) -> None:
    Environments.model_validate({"offers": [GOOD]})
    with pytest.raises(ValidationError):
        Environments.model_validate({"offers": [{**GOOD, **change}]})


def test_what_ships_is_what_a_person_could_have_typed() -> None:
    found = 0
    for entry in open_catalogue().entries("provider"):
        for offer in read_surroundings(entry).offers:
            found += 1
            check_modules([*offer.use, *offer.modules])
            if offer.image:
                check_image(offer.image)
            assert offer.provides
    assert found >= 4
