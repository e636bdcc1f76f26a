"""The text of a Word file (.docx) with nothing but the standard library: a zip of XML, read paragraph by paragraph."""

import io
import zipfile
import zlib
from xml.etree import ElementTree

LARGEST = 100_000_000  # bytes unpacked: a book has some millions; more is no text but a trap
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class NotAWordFile(Exception):
    """The file cannot be read as .docx."""


def docx_text(data: bytes) -> str:
    """The file's paragraphs (those in tables too), with an empty line between. Raises NotAWordFile."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = archive.getinfo("word/document.xml")
            if part.file_size > LARGEST:
                raise NotAWordFile
            content = archive.read(part)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise NotAWordFile from error
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # Word writes none, and entities can grow without end
        raise NotAWordFile
    try:
        root = ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise NotAWordFile from error
    paragraphs = ("".join(_runs(paragraph)).strip() for paragraph in root.iter(f"{_W}p"))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _runs(paragraph: ElementTree.Element) -> list[str]:
    """The pieces of a paragraph's text; what is deleted in tracked changes (w:delText) is not text any more."""
    found = []
    for node in paragraph.iter():
        if node.tag == f"{_W}t":
            found.append(node.text or "")
        elif node.tag == f"{_W}tab":
            found.append("\t")
        elif node.tag in (f"{_W}br", f"{_W}cr"):
            found.append("\n")
    return found
