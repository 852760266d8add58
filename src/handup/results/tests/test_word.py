"""Reports as Word files, and the annex that says where each figure comes from."""

from io import BytesIO

import pytest
from django.urls import reverse
from docx import Document

from handup.lending.tests.cast import running, staff
from handup.org.rules.access import Role
from handup.results import services as s
from handup.results.annex import annex_of
from handup.results.models import Narrative, Snapshot
from handup.results.tests.test_frozen import House, browser
from handup.results.word_paper import as_docx

pytestmark = pytest.mark.django_db
TEXT = "# Loans\n\n- {{ MED-FIN-01 }} loans, {{ MED-FIN-01v }}\n\nՎարկեր և кредиты."


@pytest.fixture
def house() -> House:
    made = House()
    running(made.world, 400_00)
    for at in range(5):
        made.lend(f"Borrower {at}")
    return made


@pytest.fixture
def snapshot(house: House) -> Snapshot:
    return house.frozen()


def written(house: House, snapshot: Snapshot, language: str = "en") -> Narrative:
    return s.write_narrative(
        acting_staff=house.officer, snapshot=snapshot, title="2025", language=language, text=TEXT
    )


def test_the_annex_explains_each_figure_once(house: House, snapshot: Snapshot) -> None:
    lines = annex_of(written(house, snapshot))
    assert [line.code for line in lines] == ["MED-FIN-01", "MED-FIN-01v"]
    assert (lines[0].value, lines[0].counts) == ("6", "6")
    assert "2,400" in lines[1].value
    assert lines[0].counted
    assert lines[0].source.startswith("Snapshot 1, counted up to")


def test_a_report_opens_in_word_with_its_figures(house: House, snapshot: Snapshot) -> None:
    row = written(house, snapshot)
    document = Document(BytesIO(as_docx(row)))
    told = [(one.style.name if one.style else "", one.text) for one in document.paragraphs]
    assert ("Heading 1", "2025") in told
    assert ("Heading 2", "Loans") in told
    item = next(text for style, text in told if style == "List Bullet")
    assert item.startswith("6 loans")
    assert ("Normal", "Վարկեր և кредиты.") in told
    assert document.sections[0].header.paragraphs[0].text == "DRAFT"
    [table] = document.tables
    assert [len(table.rows), len(table.columns)] == [3, 5]
    assert "(MED-FIN-01)" in table.rows[1].cells[0].text
    assert snapshot.sha256 in told[-1][1]
    Narrative.objects.filter(pk=row.pk).update(state="APPROVED")
    row.refresh_from_db()
    passed = Document(BytesIO(as_docx(row)))
    assert passed.sections[0].header.paragraphs[0].text == ""


def test_a_report_is_written_in_its_language(house: House, snapshot: Snapshot) -> None:
    french = Document(BytesIO(as_docx(written(house, snapshot, "fr"))))
    assert french.core_properties.language == "fr"
    words = "".join(one.text for one in french.paragraphs)
    assert "Counted up to the end of" not in words


def test_the_file_is_sent_to_who_may_read_it(house: House, snapshot: Snapshot) -> None:
    row = written(house, snapshot)
    address = reverse("results:narrative_word", args=[row.pk])
    answer = browser(house.officer).get(address)
    assert answer["Content-Disposition"].endswith('report.docx"')
    assert len(Document(BytesIO(answer.content)).tables) == 1
    page = browser(house.officer).get(reverse("results:narrative_detail", args=[row.pk])).text
    assert address in page
    assert "(MED-FIN-01v)" in page
    pdf = browser(house.officer).get(reverse("results:narrative_pdf", args=[row.pk]))
    assert pdf.content.startswith(b"%PDF-")
    outsider = browser(staff("visits", Role.FIELD_OFFICER))
    assert outsider.get(address).status_code == 403


def test_a_sign_no_file_can_hold_does_not_stop_the_report(house: House, snapshot: Snapshot) -> None:
    row = written(house, snapshot)
    row.title, row.text = "20\x0b25", "Pasted\x01 text"
    document = Document(BytesIO(as_docx(row)))
    told = [one.text for one in document.paragraphs]
    assert told[0] == "2025"
    assert "Pasted text" in told
