"""A Word document written by hand: a .docx is a ZIP of XML files (ECMA-376, WordprocessingML)."""

import io
import zipfile
from collections.abc import Iterable
from xml.sax.saxutils import escape

CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
Run = tuple[str, str]  # text, look: "", bold, soft, marked


def document(title: str, paragraphs: Iterable[list[Run]]) -> bytes:
    """A document with a heading and paragraphs, each made of runs of text."""
    body = [_paragraph([(title, "title")])] + [_paragraph(runs) for runs in paragraphs]
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
        f'{"".join(body)}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417"/></w:sectPr></w:body></w:document>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in (
            ("[Content_Types].xml", CONTENT_TYPES),
            ("_rels/.rels", RELATIONS),
            ("word/document.xml", xml),
        ):
            # A fixed time, so that equal contents are equal bytes.
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            file.writestr(info, content)
    return target.getvalue()


def _paragraph(runs: list[Run]) -> str:
    return f'<w:p><w:pPr><w:spacing w:after="120"/></w:pPr>{"".join(_run(*run) for run in runs)}</w:p>'


LOOKS = {
    "": "",
    "title": '<w:b/><w:sz w:val="32"/>',
    "bold": "<w:b/>",
    "soft": '<w:color w:val="5D6870"/>',
    "marked": '<w:highlight w:val="yellow"/>',
}


def _run(text: str, look: str) -> str:
    # XML 1.0 has no control characters; a model may still make one.
    clean = "".join(c for c in text if c >= " " or c in "\t\n")
    return f'<w:r><w:rPr>{LOOKS[look]}</w:rPr><w:t xml:space="preserve">{escape(clean)}</w:t></w:r>'
