"""Slurm's ways to write times, memory, TRES and GRES, as values. Pure; what cannot be read is None, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from dkai.compute.cluster import UNLIMITED, Gres

_CLOCK = re.compile(r"^(?:(\d{1,9})-)?(\d{1,9})(?::(\d{1,9}))?(?::(\d{1,9}))?(?:\.\d{1,9})?$")
_FRACTION = re.compile(r"(\.\d+)$")
_NUMBER = re.compile(r"^(\d{1,20}(?:\.\d{1,20})?)([KMGTPE]?)(?:i?B)?$", re.IGNORECASE)
# NO_VAL, INFINITE and their 64-bit kin, which some versions print where nothing is set (slurm.h).
_NOTHING = {"4294967294", "4294967295", "18446744073709551614", "18446744073709551615"}
_POWER = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
_WEIGHT = re.compile(r"^(\d{0,20}\.?\d{1,20})([KMGTP]?)$", re.IGNORECASE)
_NO_LIMIT = {"UNLIMITED", "INFINITE", "-1"}
# Two commas of a GRES are no separators: those in `(S:0,1)` and `(IDX:0-1,3)`.
_BETWEEN_GRES = re.compile(r",(?![^()]*\))")
_GRES = re.compile(r"^([^:()]+)(?::([^:()]+))?(?::(\d{1,18})([KMGT]?))?(?:\(.*\))?$")


def number(text: str) -> float | None:
    """`8`, `1.5K`, `UNLIMITED`; None when it is empty or says nothing. Suffixes are powers of 1024."""
    word = text.strip()
    if word.upper() in _NO_LIMIT:
        return UNLIMITED
    match = None if word in _NOTHING else _NUMBER.match(word)
    return float(match[1]) * 1024 ** _POWER[match[2].upper()] if match else None


def whole(text: str) -> int | None:
    """A number that counts something; `64+` (nodes that differ) counts as its least."""
    found = number(text.strip().rstrip("+"))
    return int(found) if found is not None and found != UNLIMITED else None


def mebibytes(text: str, unit: str = "M") -> float | None:
    """Memory in MiB: `16000M`, `1.5T`, `3372K`; a bare number is in `unit`."""
    word = text.strip().rstrip("nc")  # Slurm before 21.08 marks per node and per core
    if word.upper() in _NO_LIMIT:
        return UNLIMITED
    match = None if word in _NOTHING else _NUMBER.match(word)
    if not match:
        return None
    return float(match[1]) * 1024.0 ** (_POWER[(match[2] or unit).upper()] - 2)


def seconds(text: str) -> float | None:
    """`2-00:00:00`, `30:00`, `01:02.003`, `UNLIMITED`; None for `NONE`, `N/A` and what says nothing.

    As Slurm prints times: two parts are minutes and seconds, three are hours, minutes and seconds.
    """
    word = text.strip()
    if word.upper() in _NO_LIMIT:
        return UNLIMITED
    match = _CLOCK.match(word)
    if not match:
        return None
    days, *rest = match.groups()
    clock = [int(part) for part in rest if part is not None]
    if days is not None:
        hours, minutes, secs = [*clock, 0, 0][:3]
    else:
        hours, minutes, secs = ([0, 0, 0] + (clock if len(clock) > 1 else [*clock, 0]))[-3:]
    fraction = _FRACTION.search(word)
    return int(days or 0) * 86400 + hours * 3600 + minutes * 60 + secs + (float(fraction[1]) if fraction else 0)


def moment(text: str) -> float | None:
    """A time in Unix seconds, as SLURM_TIME_FORMAT=%s gives it; None for `Unknown`, `None`, `N/A`."""
    word = text.strip()
    return float(word) if word.isascii() and word.isdecimal() and word != "0" and len(word) < 18 else None


def pairs(text: str) -> dict[str, str]:
    """`cpu=8,mem=16G,gres/gpu=1` as a mapping; also `GrpTRESMins` of assoc_mgr, `cpu=N(0),gres/gpu=600(12)`."""
    found: dict[str, str] = {}
    for item in text.strip().split(","):
        name, equals, value = item.partition("=")
        if equals and name.strip():
            found[name.strip()] = value.strip()
    return found


def tres(text: str) -> dict[str, float]:
    """Amounts by TRES name, memory in MiB; what cannot be read is left out."""
    found: dict[str, float] = {}
    for name, value in pairs(text).items():
        amount = mebibytes(value) if name == "mem" else number(value)
        if amount is not None:
            found[name.lower()] = amount
    return found


def limit_and_use(text: str) -> tuple[dict[str, float], dict[str, float]]:
    """Limits and what is used of them in assoc_mgr's `cpu=N(0),gres/gpu=600(12)`; `N` is no limit."""
    limits: dict[str, float] = {}
    used: dict[str, float] = {}
    for name, value in pairs(text).items():
        most, bracket, rest = value.partition("(")
        amount, use = number(most), number(rest.rstrip(")"))
        if amount is not None and amount != UNLIMITED:
            limits[name.lower()] = amount
        if bracket and use is not None:
            used[name.lower()] = use
    return limits, used


def weights(text: str) -> dict[str, float]:
    """TRESBillingWeights by TRES name, memory per GiB. Without a suffix Slurm means per MiB (slurm.conf(5))."""
    found: dict[str, float] = {}
    for name, value in pairs(text).items():
        match = _WEIGHT.match(value)
        if match:
            weight = float(match[1])
            if name.lower() == "mem":
                weight *= 1024.0 ** (3 - _POWER[(match[2] or "M").upper()])
            found[name.lower()] = weight
    return found


def gres(text: str) -> tuple[Gres, ...]:
    """`gpu:h100:4(S:0-1),shard:8` as values; `(null)` is none. A count that is left out is 1."""
    found = []
    for item in _BETWEEN_GRES.split(text.strip()):
        # Some write `(null)` where there is no type.
        match = _GRES.match(item.strip().replace(":(null)", ""))
        if not match:
            continue
        name, kind, count, unit = match.groups()
        if kind is not None and count is None and kind.isdecimal():
            kind, count = None, kind  # `gpu:4`
        found.append(Gres(name, kind, int(count or 1) * 1024 ** _POWER[(unit or "").upper()], item.strip()))
    return tuple(found)


def names(text: str) -> tuple[str, ...] | None:
    """A list of names; None where Slurm says that all are meant."""
    word = text.strip()
    if word.upper() in ("ALL", "", "(NULL)", "N/A"):
        return None
    return tuple(name for name in word.split(",") if name)


def fields(line: str) -> dict[str, str]:
    """`scontrol show … -o`: `Key=value Key=value`, values without blanks (what has them is not used here)."""
    found: dict[str, str] = {}
    for word in line.split():
        key, equals, value = word.partition("=")
        if equals and key not in found:
            found[key] = value
    return found


def settings(lines: Iterable[str]) -> dict[str, str]:
    """`scontrol show config`: `Key = value`; `(null)` and empty values are left out."""
    found: dict[str, str] = {}
    for line in lines:
        key, equals, value = line.partition("=")
        if equals and value.strip() not in ("", "(null)"):
            found.setdefault(key.strip(), value.strip())
    return found


def rows(lines: Sequence[str]) -> list[dict[str, str]]:
    """A `-P` table with its header as mappings; columns are found by name, as their order and number change.

    What a site's wrapper says before it is no table, and the header may come again where tables follow each other.
    """
    tables = [line for line in lines if "|" in line]
    if not tables:
        return []
    header = [name.replace(" ", "").lower() for name in tables[0].split("|")]
    return [dict(zip(header, line.split("|"), strict=False)) for line in tables if line != tables[0]]
