"""Make what is built from sources: `locale/da.mo` and the catalogue's index. Run after changing either."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path


def compile_danish(root: Path) -> Path:
    """All rooms' .po files as one da.mo, which is what gettext reads. Fuzzy and empty entries are left out."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale="da")
    for path in sorted((root / "src/dkai/locale/da").glob("*.po")):
        with path.open("rb") as file:
            part = read_po(file, locale="da")
        for message in part:
            if message.id and message.string and not message.fuzzy:
                whole.add(message.id, message.string)
    buffer = io.BytesIO()
    write_mo(buffer, whole)
    target = root / "src/dkai/locale/da.mo"
    target.write_bytes(buffer.getvalue())
    return target


def compile_catalogue(root: Path) -> Path | None:
    """The built-in entries, validated, as one SQLite index."""
    if importlib.util.find_spec("dkai.catalogue.index") is None:
        return None
    from dkai.catalogue.index import build_index

    target = root / "src/dkai/catalogue/index.sqlite"
    build_index(root / "src/dkai/catalogue/entries", target)
    return target


def compile_all(root: Path) -> None:
    compile_danish(root)
    compile_catalogue(root)


if __name__ == "__main__":
    compile_all(Path(__file__).resolve().parent.parent)
