"""Danish and English are equals: complete, with the same placeholders, and in the field's own words."""

from __future__ import annotations

import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
PO_FILES = sorted((ROOT / "src/dkai/locale/da").glob("*.po"))

# English term in the source string → what the Danish must say, and what it must not say instead.
GLOSSARY = {
    r"\bdata controllers?\b": ("dataansvarlig", ("datakontroll", "registeransvarlig")),
    r"\bsub-?processors?\b": ("underdatabehandler", ("underprocessor",)),
    r"(?<!sub-)(?<!sub)\b(?:data )?processors?\b(?! cores?)": ("databehandler", ("dataprocessor",)),
    r"\bdata processing agreements?\b": ("databehandleraftale", ("databearbejdningsaftale",)),
    r"\bjoint controllers?\b": ("fælles dataansvar", ()),
    r"\bthird[- ]country transfers?\b": ("tredjelandsoverførsel", ("tredjelandeoverførsel",)),
    r"\brecords? of processing\b": ("fortegnelse", ("behandlingsregister",)),
    r"\bDPOs?\b": ("DPO", ("databeskyttelsesofficer",)),
    r"\bDPIA\b|\bimpact assessment\b": ("konsekvensanalyse", ("konsekvensvurdering", "konsekvensudredning")),
    r"\bAI literacy\b": ("AI-færdigheder", ("AI-literacy", "AI-dannelse")),
    r"\bfront offices?\b": ("front", ("forkontor",)),
    r"\bdeployers?\b": ("idriftsætter", ("deployer", "ibrugtager")),
    r"\ballocations?\b": ("bevilling", ("allokering",)),
}
# Words that no Danish text may use, whatever the English says.
FORBIDDEN = ("databeskyttelsesofficer", "datakontroller", "konsekvensvurdering", "GDPR-kompatibel", "GDPR-godkendt")


def messages() -> list[tuple[str, str, str]]:
    found = []
    for path in PO_FILES:
        with path.open("rb") as file:
            for message in read_po(file, locale="da"):
                if not message.id:
                    continue
                ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
                texts = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
                found += [(path.name, one, two) for one, two in zip(ids, texts, strict=True)]
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_string_has_its_danish() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/translations.py", "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_placeholders_are_the_same() -> None:
    for file, english, danish in messages():
        assert placeholders(english) >= placeholders(danish), (file, english, danish)
        # A plural's singular may leave out the number.
        assert placeholders(english) - placeholders(danish) <= {"n"}, (file, english, danish)


def test_danish_is_not_english() -> None:
    # Words that are the same in both languages, commands and patterns.
    same = [
        (file, english)
        for file, english, danish in messages()
        if english == danish and len(re.findall(r"[a-z]{3,}", re.sub(r"\{\w+\}|--\w+|dkai [\w ]+", "", english))) > 3
    ]
    assert not same


@pytest.mark.parametrize("pattern", GLOSSARY)
def test_terms_of_the_field(pattern: str) -> None:
    wanted, banned = GLOSSARY[pattern]
    for file, english, danish in messages():
        # A command's name is what it is in every language.
        if re.search(pattern, re.sub(r"dkai compute \w+", "", english), re.IGNORECASE):
            assert wanted.lower() in danish.lower(), (file, english, danish)
            assert not any(word.lower() in danish.lower() for word in banned), (file, danish)


def test_forbidden_words_are_nowhere() -> None:
    danish_texts = [(file, danish) for file, _, danish in messages()]
    yaml_files = [*(ROOT / "src/dkai").rglob("*.yaml"), *(ROOT / "recipes").rglob("recipe.yaml")]
    danish_texts += [(path.name, path.read_text(encoding="utf-8")) for path in yaml_files]
    for file, text in danish_texts:
        for word in FORBIDDEN:
            assert word.lower() not in text.lower(), (file, word)


def test_overladelse_and_videregivelse_are_kept_apart() -> None:
    # Overladelse goes to a processor, videregivelse to another controller: never one for the other.
    for file, english, danish in messages():
        if "hand over to a processor" in english.lower() or "hand-over to a processor" in english.lower():
            assert "overlade" in danish.lower() or "overladelse" in danish.lower(), (file, danish)
        if "disclos" in english.lower():
            assert "videregiv" in danish.lower(), (file, english, danish)
