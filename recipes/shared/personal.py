"""Warns when texts hold what points straight at a person: Danish CPR numbers and e-mail addresses. Never shows them.

A recipe's page is made to be shown, so every passage in it is masked. Names, addresses and telling details are not
looked for: that needs a human, or `dkai data scan`.
"""

import re
from collections.abc import Iterable

from words import Texts, Words

TEXTS: Texts = {
    "mask-cpr": ("[CPR-nummer]", "[CPR number]"),
    "mask-email": ("[e-mailadresse]", "[e-mail address]"),
    "warn-cpr": (
        "Noget, der ligner CPR-numre, står i {n} af teksterne. De er skjult på denne side, men ikke i dine filer.",
        "Something like Danish CPR numbers stands in {n} of the texts. They are masked on this page, not in your "
        "files.",
    ),
    "warn-email": (
        "E-mailadresser står i {n} af teksterne. De er skjult på denne side, men ikke i dine filer.",
        "E-mail addresses stand in {n} of the texts. They are masked on this page, not in your files.",
    ),
    "warn-rest": (
        "Navne, adresser og genkendelige historier bliver ikke fundet. Læs citaterne, før du viser siden til andre.",
        "Names, addresses and recognisable stories are not found. Read the quotations before you show the page to "
        "others.",
    ),
}
_CPR = re.compile(r"(?<![\d-])(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- –]?\d{4}(?![\d-])")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def masked(text: str, words: Words) -> str:
    """The text with CPR-like numbers and e-mail addresses replaced."""
    return _EMAIL.sub(words("mask-email"), _CPR.sub(words("mask-cpr"), text))


def texts_with(texts: Iterable[str]) -> dict[str, int]:
    """In how many texts each kind occurs."""
    counts = {"cpr": 0, "email": 0}
    for text in texts:
        counts["cpr"] += bool(_CPR.search(text))
        counts["email"] += bool(_EMAIL.search(text))
    return counts


def warnings(counts: dict[str, int], words: Words) -> list[str]:
    """A sentence for each kind that was found, and what was not looked for."""
    found = [words(f"warn-{kind}", n=words.few(n)) for kind, n in counts.items() if n]
    return [*found, words("warn-rest")]
