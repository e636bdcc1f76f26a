"""What the text recipes share: reading files as researchers have them, Danish words, masking, tables, passages."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
NEEDS_PYPDF = pytest.mark.skipif(importlib.util.find_spec("pypdf") is None, reason="pypdf is not installed here")


def docx(*paragraphs: str, raw: str = "") -> bytes:
    body = raw or "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
    return file.getvalue()


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text on each page, written by hand."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for at, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 20 100 Td ({text}) Tj ET" if text else ""
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 200]/Contents {5 + 2 * at} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        objects.append(f"<</Length {len(stream.encode('cp1252'))}>>stream\n{stream}\nendstream")
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj{content}endobj\n".encode("cp1252")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    return out + f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n".encode()


@pytest.fixture
def read(modules, tmp_path, monkeypatch) -> Any:  # type: ignore[no-untyped-def]
    """`read({"a.txt": b"…"}, "column", language="da")` gives the Reading, or the sentence it stops with."""
    monkeypatch.chdir(tmp_path)

    def run(
        files: dict[str, bytes], text: str | None = None, *, language: str = "en", but: tuple[str, ...] = ()
    ) -> Any:
        documents, task, words = modules("topic-model", "documents", "task", "words")
        for name, content in files.items():
            path = Path("input") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        said = words.Words({**task.TEXTS, **documents.TEXTS}, language)
        try:
            return documents.read_documents(said, text, but=but)
        except words.CannotGoOn as reason:
            return str(reason)

    return run


class TestFiles:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_danish_letters_in_every_usual_encoding(self, read, encoding):  # type: ignore[no-untyped-def]
        assert read({"brev.txt": "Rødgrød på øen, ærligt".encode(encoding)}).texts == ["Rødgrød på øen, ærligt"]

    def test_a_word_file_by_paragraph_without_deleted_text(self, read):  # type: ignore[no-untyped-def]
        raw = (
            "<w:p><w:r><w:t>Første </w:t></w:r><w:ins><w:r><w:t>afsnit</w:t></w:r></w:ins>"
            "<w:del><w:r><w:delText>slettet</w:delText></w:r></w:del></w:p>"
            "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>I en tabel</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        )
        assert read({"a.docx": docx(raw=raw)}).texts == ["Første afsnit\n\nI en tabel"]

    def test_a_word_file_that_would_grow_without_end_is_refused(self, read):  # type: ignore[no-untyped-def]
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("word/document.xml", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
        assert read({"a.docx": file.getvalue()}) == (
            "None of the files can be used. a.docx: it cannot be read as a Word file (.docx)"
        )

    @NEEDS_PYPDF
    def test_a_pdf_page_by_page(self, read):  # type: ignore[no-untyped-def]
        found = read({"mappe/bilag.pdf": pdf("Side et om ål", "", "Side tre")})
        assert [(p.file, p.kind, p.at, p.text) for p in found.pieces] == [
            ("mappe/bilag.pdf", "page", 1, "Side et om ål"), ("mappe/bilag.pdf", "page", 3, "Side tre"),
        ]  # fmt: skip
        assert found.remarks == ("mappe/bilag.pdf: 1 pages hold no text (pictures?) and are not read.",)

    @NEEDS_PYPDF
    def test_a_scanned_and_a_broken_pdf(self, read):  # type: ignore[no-untyped-def]
        assert "holds no text, only pictures" in read({"a.pdf": pdf("", "")})
        assert "cannot be read as PDF" in read({"a.pdf": b"%PDF-1.4\nnothing more"})

    def test_one_bad_file_does_not_stop_the_others(self, read):  # type: ignore[no-untyped-def]
        found = read({"a.txt": b"Good text", "b.txt": b"", "c.txt": bytes(range(32)) * 9, "d.docx": b"PK no"})
        assert found.texts == ["Good text"]
        assert found.remarks == (
            "b.txt is left out: it is empty.",
            "c.txt is left out: it is not text.",
            "d.docx is left out: it cannot be read as a Word file (.docx).",
        )

    @pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"%PDF-1.7", b"\xd0\xcf\x11\xe0old word"])
    def test_another_kind_of_file_under_a_text_name(self, read, content):  # type: ignore[no-untyped-def]
        assert read({"a.txt": content}) == "None of the files can be used. a.txt: it is not text"

    def test_nothing_to_read(self, read):  # type: ignore[no-untyped-def]
        assert read({"a.xlsx": b"x"}, language="da").startswith("Der er ingen filer i input/, som opskriften kan læse.")

    def test_a_file_beyond_the_limit(self, modules):  # type: ignore[no-untyped-def]
        (documents,) = modules("topic-model", "documents")
        path = SimpleNamespace(stat=lambda: SimpleNamespace(st_size=300_000_000))
        with pytest.raises(Exception, match="doc-large"):
            documents._measure(path)

    def test_headings_of_markdown_lose_their_mark(self, read):  # type: ignore[no-untyped-def]
        assert read({"a.md": b"# Title\n\nText #1"}).texts == ["Title\n\nText #1"]


class TestTables:
    def test_semicolons_quotes_and_lines_inside_a_cell(self, read):  # type: ignore[no-untyped-def]
        found = read({"a.csv": '\ufeffnr;tekst\n1;"Hej; du\nder"\n2;\n3;Farvel\n'.encode()}, "tekst")
        assert [(p.at, p.text, p.fields) for p in found.pieces] == [
            (2, "Hej; du\nder", {"nr": "1"}), (5, "Farvel", {"nr": "3"}),
        ]  # fmt: skip
        assert found.remarks == ("1 rows have no text in the column “tekst” and are left out.",)

    def test_one_column_needs_no_name(self, read):  # type: ignore[no-untyped-def]
        assert read({"a.csv": b"text\none, two\nthree\n"}).texts == ["one, two", "three"]

    def test_the_column_is_asked_for_and_never_guessed(self, read):  # type: ignore[no-untyped-def]
        said = read({"a.csv": b"no,letter\n1,x\n"})
        assert said == "Say which column holds the text with the parameter text. a.csv has: “no”, “letter”"

    def test_a_column_that_is_not_there(self, read):  # type: ignore[no-untyped-def]
        assert read({"a.csv": b"no,letter\n1,x\n"}, "Letter ").texts == ["x"]
        assert read({"a.csv": b"no,letter\n1,x\n"}, "brev") == (
            "text: there is no column “brev” in a.csv. The columns are: “no”, “letter”"
        )

    def test_lines_that_do_not_fit(self, read):  # type: ignore[no-untyped-def]
        good = b"no,letter\n" + b"1,fine\n" * 30
        assert "1 lines of a.csv are left out" in read({"a.csv": good + b"1,a,b,c\n"}, "letter").remarks[0]
        assert "lines do not have as many fields" in read({"a.csv": good + b"1,a,b,c\n" * 9}, "letter")

    def test_a_quotation_mark_that_never_ends(self, read):  # type: ignore[no-untyped-def]
        said = read({"a.csv": b'no,letter\n1,"never closed\n' + b"2,more\n" * 1500}, "letter")
        assert "a quotation mark is opened and not closed again" in said

    def test_two_columns_of_one_name(self, read):  # type: ignore[no-untyped-def]
        assert "two columns are called “a”" in read({"a.csv": b"a,a\n1,2\n"}, "a")


class TestLanguage:
    def test_inflections_become_one(self, modules):  # type: ignore[no-untyped-def]
        (language,) = modules("topic-model", "language")
        for danish in ("skole skolen skoler skolerne", "cykelsti cykelstien cykelstier", "trafik trafikken",
                       "bus bussen busser", "børn børnene", "lærer lærere lærerne", "affald affaldet"):  # fmt: skip
            assert len({language.stem(word, "da") for word in danish.split()}) == 1, danish
        for english in ("school schools", "bus buses", "city cities", "park parked parking", "drive drives driving"):
            assert len({language.stem(word, "en") for word in english.split()}) == 1, english

    def test_which_language(self, modules):  # type: ignore[no-untyped-def]
        (language,) = modules("topic-model", "language")
        assert language.guess_language("Jeg er ikke glad for, at bussen kører forbi os.") == "da"
        assert language.guess_language("I am not happy that the bus goes past us.") == "en"
        assert language.guess_language("Berlin 2024") == ""

    def test_sentences_know_abbreviations(self, modules):  # type: ignore[no-untyped-def]
        (language,) = modules("topic-model", "language")
        assert language.sentences("Det er f.eks. Ole. Han kom d. 3. maj kl. 10. »Hvad?« sagde Bo. Nej!") == [
            "Det er f.eks. Ole.", "Han kom d. 3. maj kl. 10.", "»Hvad?« sagde Bo.", "Nej!",
        ]  # fmt: skip

    def test_a_passage_is_cut_between_sentences_and_keeps_its_place(self, modules):  # type: ignore[no-untyped-def]
        documents, passages = modules("topic-model", "documents", "passages")
        text = "Overskrift\n\n" + " ".join(f"Dette er sætning nummer {n} i teksten." for n in range(30))
        found = passages.passages([documents.Piece("a.pdf", "page", 4, text)], 50)
        assert [p.part for p in found] == list(range(1, len(found) + 1))
        assert found[0].text.startswith("Overskrift\n\nDette er")
        assert all(p.text.endswith(".") and len(p.text.split()) <= 75 for p in found)
        assert sum(p.text.count("sætning nummer") for p in found) == 30


class TestPersonal:
    def test_numbers_and_addresses_are_masked_and_counted(self, modules):  # type: ignore[no-untyped-def]
        personal, words = modules("topic-model", "personal", "words")
        said = words.Words(personal.TEXTS, "da")
        text = "Mit nr. er 010203-1234, skriv til anna.b@firma.dk. Sag 123456-7890 og tlf. 12 34 56 78."
        assert personal.masked(text, said) == (
            "Mit nr. er [CPR-nummer], skriv til [e-mailadresse]. Sag 123456-7890 og tlf. 12 34 56 78."
        )
        assert personal.texts_with([text, "intet", "311299 4321"]) == {"cpr": 2, "email": 1}
        assert personal.warnings({"cpr": 2, "email": 0}, said)[0].startswith(
            "Noget, der ligner CPR-numre, står i <\u00a05 af teksterne."
        )


class TestSpreadsheet:
    @pytest.mark.parametrize(
        ("language", "expected"),
        [("da", '\ufeffa;b\r\n0,5;"x;y"\r\n\'=1+1;\r\n'), ("en", "a,b\r\n0.5,x;y\r\n'=1+1,\r\n")],
    )
    def test_as_excel_reads_it(self, modules, tmp_path, monkeypatch, language, expected):  # type: ignore[no-untyped-def]
        monkeypatch.chdir(tmp_path)
        spreadsheet, words = modules("topic-model", "spreadsheet", "words")
        spreadsheet.write_table("t.csv", ["a", "b"], [(0.5, "x;y"), ("=1+1", None)], words.Words({}, language))
        assert Path("output/t.csv").read_bytes().decode("utf-8") == expected


class TestEvidence:
    TEXTS = ("Ålegræsset vokser på bunden. Dykkere tæller skuddene hver måned.", "Budgettet er seks millioner kroner.")

    def test_the_cover_of_a_question(self, modules):  # type: ignore[no-untyped-def]
        evidence, retrieval = modules("document-qa", "evidence", "retrieval")
        found = evidence.Evidence(retrieval.WordIndex(self.TEXTS), self.TEXTS, 1)
        assert found.cover("Hvem tæller skud?").tolist() == pytest.approx([1.0, 0.0])
        assert found.cover("Hvad er hovedstaden i Peru?").tolist() == [0.0, 0.0]
        # One word of two: each is in no passage or in one, and the unknown one weighs more.
        assert 0 < found.cover("tæller fugle")[0] < 0.5

    def test_words_that_begin_alike_count_in_part(self, modules):  # type: ignore[no-untyped-def]
        evidence, retrieval = modules("document-qa", "evidence", "retrieval")
        found = evidence.Evidence(retrieval.WordIndex(self.TEXTS), self.TEXTS, 1)
        assert found.cover("budgetoverskridelse").tolist() == pytest.approx([0.0, evidence.ALIKE])

    def test_bm25_by_hand(self, modules):  # type: ignore[no-untyped-def]
        import math

        (retrieval,) = modules("document-qa", "retrieval")
        index = retrieval.WordIndex(["hest hest kat", "kat fugl"])
        rarity = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
        expected = rarity * 2 * 2.2 / (2 + 1.2 * (1 - 0.75 + 0.75 * 3 / 2.5))
        assert index.scores("hest").tolist() == pytest.approx([expected, 0.0])

    def test_rankings_put_together(self, modules):  # type: ignore[no-untyped-def]
        import numpy as np

        (retrieval,) = modules("document-qa", "retrieval")
        together = retrieval.fused([np.array([3.0, 1.0, 0.0]), np.array([0.2, 0.9, -0.1])])
        assert together.tolist() == pytest.approx([1 / 61 + 1 / 62, 1 / 62 + 1 / 61, 0.0])
