"""Reports: figures from a frozen snapshot, the gate of words, another person's approval."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from docx import Document

from handup.lending.tests.cast import running, staff
from handup.org.duties import SamePerson
from handup.org.rules.access import Role
from handup.projects.models import StatedFigure
from handup.results import services as s
from handup.results.annex import annex_of
from handup.results.models import FrozenFigure, Narrative, Snapshot
from handup.results.rules.states import NarrativeState
from handup.results.services import narratives
from handup.results.telling import (
    BlockKind,
    NoSuchFigure,
    NoSuchParameter,
    NoSuchPart,
    SnapshotNotFrozen,
    TooFewToTell,
    blocks,
    figures_of,
    shown_counts,
)
from handup.results.tests.test_frozen import House, browser
from handup.results.views.narratives import as_pdf
from handup.results.word_paper import as_docx

pytestmark = pytest.mark.django_db
TEXT = "# Loans\n\n- {{ MED-FIN-01 }} loans, {{ MED-FIN-01v }}\n\nReached: {{ MED-OUT-01 }}."


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


def written(house: House, snapshot: Snapshot, text: str, language: str = "en") -> Narrative:
    return s.write_narrative(
        acting_staff=house.officer, snapshot=snapshot, title="2025", language=language, text=text
    )


def test_figures_are_put_in_from_the_snapshot(house: House, snapshot: Snapshot) -> None:
    house.lend("Later")
    told = blocks(TEXT, figures_of(snapshot))
    assert [one.kind for one in told] == [
        BlockKind.HEADING,
        BlockKind.ITEM,
        BlockKind.PARAGRAPH,
    ]
    assert told[1].text == "6 loans, USD\u00a02,400.00"


def test_a_line_and_the_parts_of_a_figure_are_shown_alone(snapshot: Snapshot) -> None:
    figures = figures_of(snapshot)
    line = {"code": "F", "numerator": 7, "denominator": 14}
    repaid, reached = figures["MED-FIN-05a"], figures["MED-OUT-01"]
    repaid.lines = {"sex": {"overlapping": False, "lines": [line]}}
    repaid.may_leave = True
    repaid.numerator, repaid.denominator, repaid.low, repaid.high = 368, 400, "88.9", "94.3"
    repaid.value = "92.0"
    reached.lines = {"sex": {"overlapping": False, "lines": [{**line, "denominator": None}]}}
    told = (
        "{{ MED-FIN-05a }} of {{ MED-FIN-05a | of }} ({{ MED-FIN-05a | interval }}); women"
        " {{ MED-FIN-05a | sex=F }}, {{ MED-FIN-05a|sex=F|count }} of {{ MED-FIN-05a|sex=F|of }};"
        " {{ MED-OUT-01 | sex=F }}"
    )
    [block] = blocks(told, figures)
    assert block.text == "92.0% of 400 (88.9% to 94.3%); women 50.0%, 7 of 14; 7"
    with pytest.raises(NoSuchPart):
        blocks("{{ MED-FIN-05a | sex=F | interval }}", figures)
    repaid.numerator = repaid.denominator = 0
    repaid.value = ""
    assert blocks("{{ MED-FIN-05a }}", figures)[0].text == "not defined"


def test_a_line_or_a_total_of_a_few_is_told_to_nobody_outside(
    house: House, snapshot: Snapshot
) -> None:
    figures = figures_of(snapshot)
    few = [{"code": code, "numerator": n, "denominator": None} for code, n in (("F", 9), ("M", 4))]
    figures["MED-OUT-01"].lines = {"sex": {"overlapping": False, "lines": few}}
    for code in "FM":
        with pytest.raises(TooFewToTell):
            blocks(f"{{{{ MED-OUT-01 | sex={code} }}}}", figures)
    FrozenFigure.objects.filter(snapshot=snapshot, code="MED-FIN-01").update(may_leave=False)
    with pytest.raises(TooFewToTell):
        written(house, snapshot, "{{ MED-FIN-01 }}")


def test_a_line_tells_nothing_of_those_beside_it(snapshot: Snapshot) -> None:
    figures = figures_of(snapshot)
    reached, repaid = figures["MED-OUT-01"], figures["MED-FIN-05a"]
    repaid.may_leave, repaid.numerator, repaid.denominator = True, 50, 100

    def refused(code: str, name: str, line: tuple[int, int | None], *, overlapping: bool) -> bool:
        told = {"code": "X", "numerator": line[0], "denominator": line[1]}
        figures[code].lines = {name: {"overlapping": overlapping, "lines": [told]}}
        try:
            blocks(f"{{{{ {code} | {name}=X }}}}", figures)
        except TooFewToTell:
            return True
        return False

    reached.numerator = 100
    assert refused("MED-OUT-01", "target_category", (98, None), overlapping=True)
    assert not refused("MED-OUT-01", "target_category", (90, None), overlapping=True)
    assert refused("MED-OUT-01", "displacement", (0, None), overlapping=False)
    assert not refused("MED-OUT-01", "sex", (0, None), overlapping=False)
    assert refused("MED-FIN-05a", "sex", (9, 9), overlapping=False)
    assert not refused("MED-FIN-05a", "sex", (10, 20), overlapping=False)


def test_a_figure_that_differs_by_a_few_from_what_was_told_stops_the_report(
    house: House, snapshot: Snapshot
) -> None:
    first = written(house, snapshot, "{{ MED-FIN-01 }} loans")
    s.check_narrative(acting_staff=house.officer, narrative=first)
    s.approve_narrative(acting_staff=house.director, narrative=first)
    house.lend("One more", date(2026, 2, 10))
    later = house.frozen(date(2026, 2, 28))
    second = written(house, later, "{{ MED-FIN-01 }} loans")
    with pytest.raises(narratives.TellsOfAFew):
        s.check_narrative(acting_staff=house.officer, narrative=second)
    other = written(house, later, "No figure.")
    assert s.check_narrative(acting_staff=house.officer, narrative=other).state == "CHECKED"
    same = written(house, snapshot, "{{ MED-FIN-01 }} loans again")
    assert s.check_narrative(acting_staff=house.officer, narrative=same).state == "CHECKED"


def test_work_is_told_in_full_jobs_and_what_a_cost_is_of_is_no_money(snapshot: Snapshot) -> None:
    figures = figures_of(snapshot)
    work = FrozenFigure(code="MED-JOB-01", numerator=720, may_leave=True, value="3.00")
    cost = FrozenFigure(
        code="MED-EFF-01",
        numerator=3_200_00,
        denominator=40,
        currency="USD",
        may_leave=True,
        value="80.00",
    )
    figures |= {"MED-JOB-01": work, "MED-EFF-01": cost}
    [block] = blocks("{{ MED-JOB-01 }} jobs; {{ MED-EFF-01 | of }} persons", figures)
    assert block.text == "3 jobs; 40 persons"
    assert shown_counts(cost) == "USD\u00a03,200.00 of 40"


def test_figures_of_one_borrower_may_not_leave() -> None:
    made = House()
    running(made.world, 400_00)
    snapshot = made.frozen()
    assert not snapshot.figures.get(code="MED-FIN-01").may_leave
    with pytest.raises(TooFewToTell):
        written(made, snapshot, "{{ MED-FIN-01 }}")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("{{ MED-XX-01 }}", NoSuchFigure),
        ("{{ MED-FIN-01 | of }}", NoSuchPart),
        ("{{ MED-FIN-01 | interval }}", NoSuchPart),
        ("{{ MED-FIN-01 | sex=Z }}", NoSuchPart),
        ("{{ MED-FIN-01 | nothing }}", NoSuchPart),
        ("{{ MED-FIN-01 | count | nothing }}", NoSuchPart),
        ("{{ MED-OUT-01 | sex=F | area1=X }}", NoSuchPart),
        ("{{ MED-OUT-01 | sex=F | interval }}", NoSuchPart),
        ("{{ }}", NoSuchFigure),
        ("  ", narratives.TextMissing),
    ],
)
def test_a_text_that_does_not_resolve_is_refused(
    house: House, snapshot: Snapshot, text: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        written(house, snapshot, text)
    assert not Narrative.objects.exists()


def test_figures_come_from_a_frozen_snapshot_alone(house: House) -> None:
    with pytest.raises(SnapshotNotFrozen):
        written(house, house.snapshot(), TEXT)


def test_a_sentence_that_claims_a_cause_stops_the_report(house: House, snapshot: Snapshot) -> None:
    row = written(house, snapshot, "{{ MED-FIN-01 }} families earn more because of the loans.")
    with pytest.raises(narratives.CauseClaimed) as refused:
        s.check_narrative(acting_staff=house.officer, narrative=row)
    assert refused.value.places["word"] == "because"
    page = browser(house.officer).get(reverse("results:narrative_detail", args=[row.pk]))
    assert "claims a cause in: {{ MED-FIN-01 }} families" in page.content.decode()
    shown = browser(house.officer).get(reverse("results:snapshot_detail", args=[snapshot.pk]))
    assert 'data-label="Language" class="whole">English' in shown.content.decode()
    form = browser(house.officer).post(reverse("results:narrative_check", args=[row.pk]))
    assert form.status_code == 422
    assert "because" in form.content.decode()
    row.refresh_from_db()
    assert row.state == NarrativeState.DRAFT
    s.edit_narrative(
        acting_staff=house.officer, narrative=row, title="2025", text="{{ MED-FIN-01 }} loans."
    )
    assert s.check_narrative(acting_staff=house.officer, narrative=row).state == "CHECKED"


def test_numbers_typed_by_hand_are_signed_for(house: House, snapshot: Snapshot) -> None:
    StatedFigure.objects.create(
        programme=house.programme, subject="x", printed="3,600", source="Paper"
    )
    row = written(house, snapshot, "Of over 3,600 families 12 borrowed: {{ MED-FIN-01 }}.")
    with pytest.raises(narratives.NumbersNotSigned) as refused:
        s.check_narrative(acting_staff=house.officer, narrative=row)
    assert refused.value.places["numbers"] == "12"
    checked = s.check_narrative(acting_staff=house.officer, narrative=row, signed_numbers=True)
    assert checked.signed_numbers


def test_a_language_without_list_is_read_by_a_second_person(
    house: House, snapshot: Snapshot
) -> None:
    row = written(house, snapshot, "{{ MED-FIN-01 }} վարկ։", "hy")
    with pytest.raises(narratives.SecondReaderNeeded):
        s.check_narrative(acting_staff=house.officer, narrative=row)
    with pytest.raises(SamePerson):
        s.read_narrative(acting_staff=house.officer, narrative=row)
    s.read_narrative(acting_staff=house.checker, narrative=row)
    assert s.check_narrative(acting_staff=house.officer, narrative=row).state == "CHECKED"
    s.send_back_narrative(acting_staff=house.director, narrative=row, reason="Say less")
    s.edit_narrative(acting_staff=house.officer, narrative=row, title="2025", text="{{MED-OUT-01}}")
    with pytest.raises(narratives.SecondReaderNeeded):
        s.check_narrative(acting_staff=house.officer, narrative=row)


def test_whoever_had_a_hand_in_the_text_neither_reads_nor_approves_it(
    house: House, snapshot: Snapshot
) -> None:
    first, second = staff("writes", Role.MANAGER), staff("mends", Role.MANAGER)
    row = s.write_narrative(
        acting_staff=first,
        snapshot=snapshot,
        title="2025",
        language="hy",
        text="{{ MED-FIN-01 }} վարկ։",
    )
    s.edit_narrative(acting_staff=second, narrative=row, title="2025 г.", text=row.text)
    for hand in (first, second):
        with pytest.raises(SamePerson):
            s.read_narrative(acting_staff=hand, narrative=row)
    s.read_narrative(acting_staff=house.checker, narrative=row)
    s.check_narrative(acting_staff=second, narrative=row, signed_numbers=True)
    for hand in (first, second):
        with pytest.raises(SamePerson):
            s.approve_narrative(acting_staff=hand, narrative=row)


def test_a_title_claims_no_cause_either(house: House, snapshot: Snapshot) -> None:
    row = s.write_narrative(
        acting_staff=house.officer,
        snapshot=snapshot,
        title="Better off because of our loans",
        language="en",
        text="{{ MED-FIN-01 }} loans.",
    )
    with pytest.raises(narratives.CauseClaimed, match="because"):
        s.check_narrative(acting_staff=house.officer, narrative=row)


def test_a_long_report_is_taken_over_the_interface(house: House, snapshot: Snapshot) -> None:
    told = {"id": str(uuid4()), "title": "Long", "language": "en", "text": "Words. " * 1_000}
    address = f"/api/v1/results/snapshots/{snapshot.pk}/reports"
    answer = browser(house.officer).post(address, json.dumps(told), content_type="application/json")
    assert answer.status_code == 201


def test_who_wrote_it_does_not_approve_it_and_sent_is_final(
    house: House, snapshot: Snapshot
) -> None:
    manager = staff("writes", Role.MANAGER)
    row = s.write_narrative(
        acting_staff=manager, snapshot=snapshot, title="2025", language="en", text=TEXT
    )
    with pytest.raises(narratives.ReportInOtherState):
        s.approve_narrative(acting_staff=house.director, narrative=row)
    s.check_narrative(acting_staff=manager, narrative=row)
    with pytest.raises(SamePerson):
        s.approve_narrative(acting_staff=manager, narrative=row)
    s.approve_narrative(acting_staff=house.director, narrative=row)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(narratives.SentDateAhead):
        s.send_narrative(acting_staff=manager, narrative=row, sent_to="ADRA", sent_date=tomorrow)
    with pytest.raises(narratives.SentBeforeFrozen):
        s.send_narrative(
            acting_staff=manager, narrative=row, sent_to="ADRA", sent_date=date(2026, 2, 1)
        )
    today = timezone.localdate()
    s.send_narrative(acting_staff=manager, narrative=row, sent_to="ADRA", sent_date=today)
    acts: tuple[Callable[[], object], ...] = (
        lambda: s.edit_narrative(acting_staff=manager, narrative=row, title="x", text="x"),
        lambda: s.send_back_narrative(
            acting_staff=house.director, narrative=row, reason="Too late"
        ),
    )
    for act in acts:
        with pytest.raises(narratives.ReportInOtherState):
            act()


def test_the_pages_and_the_paper(house: House, snapshot: Snapshot) -> None:
    officer, director = browser(house.officer), browser(house.director)
    opened = officer.get(reverse("results:narrative_new", args=[snapshot.pk])).content.decode()
    assert "{{ MED-FIN-01v }}" in opened
    made = officer.post(
        reverse("results:narrative_new", args=[snapshot.pk]),
        {"title": "Year one", "language": "en", "text": TEXT},
    )
    row = Narrative.objects.get()
    page = officer.get(made["Location"]).content.decode()
    assert "<li>6 loans, USD\u00a02,400.00</li>" in page
    draft = officer.get(reverse("results:narrative_pdf", args=[row.pk]))
    assert draft.content.startswith(b"%PDF")
    assert officer.post(reverse("results:narrative_check", args=[row.pk])).status_code == 302
    assert director.post(reverse("results:narrative_approve", args=[row.pk])).status_code == 302
    sent = {"sent_to": "ADRA", "sent_date": timezone.localdate().isoformat()}
    assert officer.post(reverse("results:narrative_send", args=[row.pk]), sent).status_code == 302
    assert "ADRA" in officer.get(made["Location"]).content.decode()
    listed = officer.post(
        reverse("results:narrative_list"), {"q": "Year"}, follow=True
    ).content.decode()
    assert "Year one" in listed


def test_the_interface_does_the_same(house: House, snapshot: Snapshot) -> None:
    officer, director = browser(house.officer), browser(house.director)
    told = {"id": str(uuid4()), "title": "2025", "language": "en", "text": TEXT}
    base = f"/api/v1/results/snapshots/{snapshot.pk}/reports"
    json_ = "application/json"
    first = officer.post(base, json.dumps(told), content_type=json_)
    again = officer.post(base, json.dumps(told), content_type=json_)
    assert (first.status_code, first.json()) == (201, again.json())
    address = f"/api/v1/results/reports/{told['id']}"
    cause = {"title": "2025", "text": "{{ MED-FIN-01 }} led to it."}
    assert officer.post(f"{address}/text", json.dumps(cause), content_type=json_).status_code == 200
    refused = officer.post(f"{address}/check", "{}", content_type=json_)
    assert refused.status_code == 422
    assert "led to" in refused.content.decode()
    officer.post(f"{address}/text", json.dumps(told), content_type=json_)
    for client, step in ((officer, "check"), (director, "approve")):
        assert client.post(f"{address}/{step}", "{}", content_type=json_).status_code == 200, step
    assert officer.get(address).json()["state"] == "APPROVED"
    assert len(officer.get("/api/v1/results/reports").json()["items"]) == 1


def test_a_table_by_name_is_every_line_or_none(house: House, snapshot: Snapshot) -> None:
    figures = figures_of(snapshot)
    reached = figures["MED-OUT-01"]
    counts = (("F", 30), ("M", 12))
    lines = [{"code": code, "numerator": n, "denominator": None} for code, n in counts]
    reached.numerator, reached.lines = 42, {"sex": {"overlapping": False, "lines": lines}}
    found = blocks("Who came:\n\n{{ MED-OUT-01 | table=sex }}\n\nThat is all.", figures)
    assert [(one.kind.value, one.text) for one in found] == [
        ("PARAGRAPH", "Who came:"),
        ("ITEM", "women: 30"),
        ("ITEM", "men: 12"),
        ("PARAGRAPH", "That is all."),
    ]
    for wrong in ("table=age", "table=sex | count", "table=sex | table=sex"):
        with pytest.raises(NoSuchPart):
            blocks(f"{{{{ MED-OUT-01 | {wrong} }}}}", figures)
    with pytest.raises(NoSuchPart):
        blocks("Within a sentence {{ MED-OUT-01 | table=sex }} it is none.", figures)
    lines[1]["numerator"] = 3
    with pytest.raises(TooFewToTell):
        blocks("{{ MED-OUT-01 | table=sex }}", figures)


def test_a_chart_by_name_shows_what_the_table_tells(house: House, snapshot: Snapshot) -> None:
    figures = figures_of(snapshot)
    reached = figures["MED-OUT-01"]
    lines = [
        {"code": code, "numerator": n, "denominator": None} for code, n in (("F", 30), ("M", 12))
    ]
    reached.numerator, reached.lines = 42, {"sex": {"overlapping": False, "lines": lines}}
    (found,) = blocks("{{ MED-OUT-01 | chart=sex }}", figures)
    assert (found.kind, found.text) == (BlockKind.CHART, "Persons reached: By sex")
    assert [(bar.label, bar.value, bar.shown) for bar in found.bars] == [
        ("women", 30, "30"),
        ("men", 12, "12"),
    ]
    for wrong in ("chart=age", "chart=sex | count", "chart=sex | table=sex"):
        with pytest.raises(NoSuchPart):
            blocks(f"{{{{ MED-OUT-01 | {wrong} }}}}", figures)
    lines[1]["numerator"] = 3
    with pytest.raises(TooFewToTell):
        blocks("{{ MED-OUT-01 | chart=sex }}", figures)


def test_a_chart_stands_on_the_page_on_paper_and_in_word(house: House, snapshot: Snapshot) -> None:
    lines = [{"code": "F", "numerator": 6, "denominator": None}]
    snapshot.figures.filter(code="MED-OUT-01").update(
        numerator=6, may_leave=True, lines={"sex": {"overlapping": False, "lines": lines}}
    )
    row = written(house, snapshot, "{{ MED-OUT-01 | chart=sex }}")
    page = browser(house.officer).get(reverse("results:narrative_detail", args=[row.pk]))
    text = page.content.decode()
    assert text.count("bar-drawing") == 1
    assert "Show as a table" in text
    words = Document(BytesIO(as_docx(row)))
    assert [cell.text for cell in words.tables[0].rows[0].cells] == ["women", "█" * 24, "6"]
    assert as_pdf(row).startswith(b"%PDF")


def test_a_report_names_a_figure_with_another_parameter(house: House, snapshot: Snapshot) -> None:
    frozen = FrozenFigure.objects.get(snapshot=snapshot, code="MED-FIN-01")
    variant: dict[str, Any] = {
        "numerator": 12, "denominator": None, "currency": "", "value": "12", "low": "", "high": "",
        "lines": {}, "may_leave": True,
    }  # fmt: skip
    code = "MED-GRP-06"
    FrozenFigure.objects.create(
        snapshot=snapshot, code=code, definition=frozen.definition, numerator=46, value="46",
        may_leave=True, variants={"area_level=1": variant},
    )  # fmt: skip
    figures = figures_of(snapshot)
    (told,) = blocks(f"{{{{ {code} | area_level=2 }}}}, {{{{ {code} | area_level=1 }}}}", figures)
    assert told.text == "46, 12"
    with pytest.raises(NoSuchParameter) as refused:
        blocks(f"{{{{ {code} | area_level=3 }}}}", figures)
    assert refused.value.places["known"] == "area_level=2, area_level=1"
    for wrong in ("area_level=1 | area_level=2", "area_level=1 | 2026-01", "area_level=1 | sex=F"):
        with pytest.raises(NoSuchPart):
            blocks(f"{{{{ {code} | {wrong} }}}}", figures)
    variant["may_leave"] = False
    figures[code].variants = {"area_level=1": variant}
    with pytest.raises(TooFewToTell):
        blocks(f"{{{{ {code} | area_level=1 }}}}", figures)
    row = written(house, snapshot, f"Areas: {{{{ {code} | area_level=1 }}}}.")
    assert [line.name for line in annex_of(row)] == ["Areas covered (areas of level 1)"]
