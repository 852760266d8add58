"""How words of any script are compared, and how the words of a file are read: no database."""

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PageObject

from handup.projects.rules.words import (
    PAGE_BREAK,
    PART_LETTERS,
    asked,
    fold,
    for_postgresql,
    for_sqlite,
    parts_of,
    snippet,
)
from handup.projects.services import extract
from handup.projects.services.extract import text_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L\u2019\u00e9conomie d'hier", "l economie d hier"),
        ("\u054e\u0531\u0550\u053f\u0535\u0550", "\u057e\u0561\u0580\u056f\u0565\u0580"),
        (
            "\u0417\u042d\u042d\u041b\u0418\u0419\u041d",
            "\u0437\u044d\u044d\u043b\u0438\u0439\u043d",
        ),
        ("e\u0301conomie", "economie"),
        ("a_b-c/d", "a b c d"),
        ("\u0000 \f!", ""),
    ],
)
def test_words_are_brought_into_one_form(text: str, folded: str) -> None:
    """Accents fall from Latin letters only; Mongolian keeps its short i."""
    assert fold(text) == folded


def test_a_question_is_beginnings_and_phrases() -> None:
    question = asked('Inguzanyo "le plan d\u2019affaires" \' ; DROP')
    assert question.words == ("inguzanyo", "drop")
    assert question.phrases == (("le", "plan", "d", "affaires"),)
    assert for_sqlite(question) == '"inguzanyo"* AND "drop"* AND "le plan d affaires"'
    assert for_postgresql(question).startswith("'inguzanyo':* & 'drop':* & ('le' <-> 'plan'")
    assert not asked('\' ! ""')


def test_a_snippet_shows_the_place_and_its_page() -> None:
    body = PAGE_BREAK.join(
        ["One " * 50, "two " * 50, "Then L\u2019\u00e9conomie rurale grows. " * 3]
    )
    shown = snippet(asked("econo"), body, fold(body), first_page=4)
    assert shown.page == 6
    assert [text for text, marked in shown.pieces if marked] == ["\u00e9conomie"] * 3
    assert "".join(text for text, _ in shown.pieces).startswith("two two")
    assert snippet(asked("nowhere"), "", "").pieces == ()


def test_a_long_text_is_cut_between_words_and_keeps_its_pages() -> None:
    pages = [f"page {number} " + "word " * 4_000 for number in range(1, 21)]
    parts = list(parts_of(PAGE_BREAK.join(pages)))
    assert all(len(part.body) <= PART_LETTERS for part in parts)
    assert "".join(part.body for part in parts) == PAGE_BREAK.join(pages)
    later = next(part for part in parts if "page 13 " in part.body)
    assert snippet(asked('"page 13"'), later.body, fold(later.body), later.first_page).page == 13


@given(st.text())
def test_folding_twice_changes_nothing_and_nothing_breaks(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert for_sqlite(asked(text)).count("'") == 0
    snippet(asked(text), text, folded)


def packed(name: str, xml: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        pack.writestr(name, xml)
    return file.getvalue()


def pdf_of(*pages: str) -> bytes:
    """A PDF with a text layer, written by hand."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, text in enumerate(pages):
        drawn = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
            f"/Contents {5 + 2 * number} 0 R>>"
        )
        objects.append(f"<</Length {len(drawn)}>>stream\n{drawn}\nendstream")
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj{body}endobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    trailer = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(out)}\n%%EOF"
    return out + end.encode() + trailer.encode()


def test_a_packed_text_under_a_password_is_kept_without_words() -> None:
    open_to_all = packed("content.xml", "<p>Zeel</p>")
    where = open_to_all.index(b"PK\x01\x02") + 8
    locked = open_to_all[:6] + b"\x01" + open_to_all[7:where] + b"\x01" + open_to_all[where + 1 :]
    assert text_of(open_to_all).text == "Zeel"
    assert text_of(locked).text == ""


def test_the_words_of_files_are_read() -> None:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    docx = packed(
        "word/document.xml",
        f'<w:document xmlns:w="{word}"><w:body><w:p><w:r><w:t>Micro</w:t></w:r><w:r><w:t>credit'
        "</w:t></w:r></w:p><w:p><w:r><w:t>second</w:t></w:r></w:p></w:body></w:document>",
    )
    assert text_of(docx).text == "Microcredit\nsecond"
    odt = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
    assert text_of(packed("content.xml", f'<t:p xmlns:t="{odt}">Zeel</t:p>')).text == "Zeel"
    page = b"<!DOCTYPE html><p>Shown</p><script>hidden()</script>"
    assert text_of(page).text == "Shown"
    assert text_of("\u057e\u0561\u0580\u056f".encode()).text == "\u057e\u0561\u0580\u056f"
    read = text_of(pdf_of("First page", "Second page"))
    assert read.text == "First page\fSecond page"
    assert read.page_map == (0, 11)


def test_a_file_without_words_is_told_apart() -> None:
    bomb = f'<!DOCTYPE a [<!ENTITY b "{"b" * 100}">]><a>{"&b;" * 10}</a>'
    for content in (
        pdf_of(""),
        b"%PDF-1.7 broken",
        b"PK\x03\x04broken",
        packed("other.xml", "<a/>"),
        packed("content.xml", "<a"),
        packed("content.xml", bomb),
        b"\xff\xfe\x00",
    ):
        assert text_of(content).text == ""


@pytest.mark.parametrize("fault", [MemoryError, AssertionError, struct.error, RecursionError])
def test_whatever_a_pdf_breaks_it_gives_no_words(
    fault: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(page: PageObject) -> str:
        raise fault

    monkeypatch.setattr(PageObject, "extract_text", broken)
    assert text_of(pdf_of("First page")).text == ""


def test_a_pdf_is_read_no_longer_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 1.0, 59.0, 61.0])
    monkeypatch.setattr(extract, "monotonic", lambda: next(times))
    assert text_of(pdf_of("One", "Two", "Three", "Four")).text == "One\fTwo"
