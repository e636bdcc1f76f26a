"""Is an unknown host key one that the place itself has published? The catalogue's fingerprints, compared as written."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from dkai.compute.site import Site
from dkai.core.errors import DkaiError


class Verdict(StrEnum):
    """What the catalogue says of a host key."""

    SAME = "same"  # the place has published this very key
    OTHER = "other"  # it has published another key of this type for this host
    OTHER_TYPE = "other-type"  # it has published this host's keys, but none of this type
    NOT_COMPARABLE = "not-comparable"  # it has published MD5 only, and the key itself was not told
    NOTHING = "nothing"  # it has published nothing about this host, as far as the catalogue knows


def verdict(site: Site, key: Mapping[str, Any]) -> Verdict:
    """What the catalogue says of `key` (`host`, `type`, `fingerprint`, and `key` in base64 where it was told)."""
    if site.provider is None:
        return Verdict.NOTHING
    from dkai.catalogue.open import open_catalogue

    try:
        login = open_catalogue().get(site.provider, "provider")["login"]
    except DkaiError:
        return Verdict.NOTHING
    return compare(login.get("host_key_fingerprints") or (), key)


def compare(published: Iterable[Mapping[str, Any]], key: Mapping[str, Any]) -> Verdict:
    """`key` against what a place has published. A key that is published for another of its hosts is the place's too."""
    known = list(published)
    kind, sha256, md5 = str(key.get("type") or ""), str(key.get("fingerprint") or ""), _md5(key.get("key"))
    if any(one["fingerprint"] in (sha256, md5) for one in known):
        return Verdict.SAME
    host = host_name(str(key.get("host") or ""))
    here = [one for one in known if one.get("host") in (None, host)]
    alike = [one for one in here if not kind or one["type"] == kind]
    if not here:
        return Verdict.NOTHING
    if not alike:
        return Verdict.OTHER_TYPE
    if md5 is None and all(str(one["fingerprint"]).startswith("MD5:") for one in alike):
        return Verdict.NOT_COMPARABLE
    return Verdict.OTHER


def host_name(known_as: str) -> str:
    """The host in a name as known_hosts writes it: `[login.example.org]:2222` is `login.example.org`."""
    if known_as.startswith("["):
        return known_as[1:].partition("]")[0].lower()
    return known_as.lower()


def _md5(key: object) -> str | None:
    """`MD5:aa:bb:…` of a public key in base64, as OpenSSH wrote fingerprints before 2015; None without the key."""
    try:
        blob = base64.b64decode(str(key or ""), validate=True)
    except ValueError:
        return None
    if not blob:
        return None
    word = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    return "MD5:" + ":".join(word[i : i + 2] for i in range(0, 32, 2))
