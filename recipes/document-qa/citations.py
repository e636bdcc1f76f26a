"""Checks a written answer against its passages: is each sentence cited, and does the quotation really stand there?

That a quotation stands in the passage does not make the sentence before it right; it makes it easy to check.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from language import sentences
from prompts import NOT_THERE

CHECKED, CITED, WRONG, UNCITED = "checked", "cited", "wrong", "uncited"
_AWAY = "\ue000"  # a character no text has
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
FEWEST_WORDS = 3  # a shorter quotation stands nearly everywhere
_NUMBER = re.compile(r"\[(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\]")
_QUOTE = re.compile(r"»([^»«]+)«|«([^»«]+)»|“([^“”]+)”|„([^„“”]+)[“”]|\"([^\"]+)\"")


@dataclass(frozen=True)
class Claim:
    """One sentence of an answer: the passages it names, its quotations, and what the check found."""

    text: str
    numbers: tuple[int, ...]
    quotes: tuple[str, ...]
    status: str  # checked, cited, wrong, uncited


@dataclass(frozen=True)
class Answer:
    """A model's answer, sentence by sentence; without claims it says that the documents have no answer."""

    text: str
    claims: tuple[Claim, ...]

    @property
    def refused(self) -> bool:
        """Whether the model says that the documents do not answer."""
        return not self.claims

    @property
    def checked(self) -> bool:
        """Whether every sentence has a quotation that stands in the passage it names."""
        return bool(self.claims) and all(claim.status == CHECKED for claim in self.claims)


def check(text: str, passages: Mapping[int, str]) -> Answer:
    """The answer with each sentence checked against the passages by number."""
    cleaned = re.sub(r"(?s)<think>.*?</think>", "", text).strip()
    if any(plain(phrase) in plain(cleaned) for phrase in NOT_THERE.values()):
        return Answer(cleaned, ())
    claims = []
    for sentence in _sentences(cleaned):
        numbers = tuple(int(n) for group in _NUMBER.findall(sentence) for n in re.split(r"\s*[,;]\s*", group))
        quotes = tuple(next(part for part in found if part).strip() for found in _QUOTE.findall(sentence))
        claims.append(Claim(sentence, numbers, quotes, _status(numbers, quotes, passages)))
    return Answer(cleaned, tuple(claims))


def _status(numbers: tuple[int, ...], quotes: tuple[str, ...], passages: Mapping[int, str]) -> str:
    if not numbers:
        return UNCITED
    if any(number not in passages for number in numbers):
        return WRONG
    long = [quote for quote in quotes if len(quote.split()) >= FEWEST_WORDS]
    if not long:
        return CITED
    texts = [plain(passages[number]) for number in numbers]
    return CHECKED if all(any(plain(quote) in text for text in texts) for quote in long) else WRONG


def plain(text: str) -> str:
    """A text for comparing: small letters, single spaces, one kind of dash and apostrophe, no mark at the end."""
    text = text.lower().replace("\u00ad", "")
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = re.sub(r"[’‘´`]", "'", text)
    return " ".join(text.split()).strip(" .,;:!?…")


def _sentences(text: str) -> list[str]:
    """The answer's sentences. A citation and its quotation belong to the sentence before them."""
    quotes: list[str] = []

    def put_away(match: re.Match[str]) -> str:
        quotes.append(match[0])
        return f"{_AWAY}{len(quotes) - 1}{_AWAY}"

    # A full stop inside a quotation ends nothing, so quotations are out of the way while the text is cut.
    lines = _QUOTE.sub(put_away, text).splitlines()
    joined: list[str] = []
    for part in (part for line in lines for part in sentences(_BULLET.sub("", line))):
        left = re.sub(f"{_AWAY}\\d+{_AWAY}", "", _NUMBER.sub("", part)).strip(" .,;:-–")
        if joined and not left:  # only a citation or a quotation: it ends the sentence before it
            joined[-1] = f"{joined[-1]} {part}"
        else:
            joined.append(part)
    return [re.sub(f"{_AWAY}(\\d+){_AWAY}", lambda m: quotes[int(m[1])], part) for part in joined]
