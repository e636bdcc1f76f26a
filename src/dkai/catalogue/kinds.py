"""The kinds of entry: one folder each."""

from __future__ import annotations

# folder below a layer → kind. Everything that reads or writes entries goes by this table.
FOLDERS: dict[str, str] = {
    "tools": "tool",
    "providers": "provider",
    "gpus": "gpu",
    "courses": "course",
    "portals": "portal",
    "contacts": "contact",
    "grid": "grid",
}
KINDS: tuple[str, ...] = tuple(FOLDERS.values())


def folder_of(kind: str) -> str:
    """The folder in which entries of `kind` lie."""
    return next(folder for folder, name in FOLDERS.items() if name == kind)


def schema_word(kind: str) -> str:
    """What the first line of an entry's file says: `dkai/tool/1`."""
    return f"dkai/{kind}/1"
