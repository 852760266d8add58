"""The list page: what it shows, how it pages, filters, sorts, totals and exports, and what it
costs.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from openpyxl import load_workbook
from pytest_django import Settings

from handup.org import reads
from handup.org.models import ExchangeRate, Grant, Office, StaffUser
from handup.org.rules.access import ScopeKind
from handup.org.scope import ScopePaths
from handup.org.web import navigation
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.export import as_workbook, safe_text
from handup.org.web.filters import Choice, DateRange, Search, Tick
from handup.org.web.keyset import make_mark, page_of, read_mark
from handup.org.web.lists import Action, EmptyState, ListPage, Total
from handup.org.web.navigation import Chooser

pytestmark = pytest.mark.django_db


class RateList(ListPage):
    """Exchange rates, as a list every builder may copy."""

    model = ExchangeRate
    title = "Exchange rates"
    columns = (
        Column("rate_date", "Day", Kind.DATE, sort="rate_date"),
        Column("from_currency", "From", sort="from_currency"),
        Column("numerator", "Rate", Kind.NUMBER, sort="numerator"),
        Column("amount", "Amount", Kind.MONEY, value=lambda r: r.numerator, currency="AMD"),
        Column("kind", "Kind", Kind.STATE, tones={"SPOT": Tone.GOOD}),
        Column("source", "Source", shown=False),
    )
    filters = (
        Search(("source",), label="Source contains"),
        Choice("kind", "Kind", (("SPOT", "spot"), ("MONTH", "month"))),
        DateRange("day", "Day", "rate_date"),
        Tick("high", "only high rates", Q(numerator__gte=100)),
    )
    order = "-rate_date"
    page_size = 10
    totals = (Total("Sum", "numerator", Kind.MONEY, "AMD"),)
    empty = EmptyState("No rates yet", "Record the first one.")


@pytest.fixture
def rates() -> list[ExchangeRate]:
    """25 rates on 25 days, the numerators 1000 to 25000."""
    first = date(2026, 1, 1)
    return ExchangeRate.objects.bulk_create(
        ExchangeRate(
            from_currency="USD",
            to_currency="AMD",
            rate_date=first + timedelta(days=n),
            kind="SPOT" if n % 2 else "MONTH",
            numerator=(n + 1) * 1000,
            source="=HYPERLINK(1)" if n == 0 else f"bank {n}",
        )
        for n in range(25)
    )


def ask(staff: Any, query: str = "", page: type[ListPage] = RateList, looked_for: str = "") -> Any:
    """Open the list as `staff`, after she sent the form when she looks for something."""
    session = SessionStore()
    address = f"/rates/{query}"
    if looked_for:
        sent: HttpRequest = RequestFactory().post("/rates/", {"q": looked_for})
        sent.user, sent.session = staff, session
        key = page.as_view()(sent).headers["Location"].partition("?")[2]
        address = f"{address}&{key}" if query else f"{address}?{key}"
    request: HttpRequest = RequestFactory().get(address)
    request.user, request.session = staff, session
    request._messages = []  # type: ignore[attr-defined]
    return page.as_view()(request)


def body(response: Any) -> str:
    """The page as text."""
    return str(response.content.decode())


def test_list_shows_the_newest_first_and_one_page_only(officer: Any, rates: Any) -> None:
    text = body(ask(officer))
    assert text.count("<tr>") == 11
    assert text.index("Jan 25, 2026") < text.index("Jan 16, 2026")
    assert "Jan 15, 2026" not in text
    assert "Next page" in text
    assert "Previous page" not in text


def test_an_empty_list_says_its_first_step_once_and_only_to_those_who_may(
    officer: Any, administrator: Any
) -> None:
    first = Action("Register a member of staff", "org:staff_new", "org.register_staff")

    class Empty(RateList):
        primary = first
        empty = EmptyState("No rates yet", "Record the first one.", first)

    assert body(ask(administrator, page=Empty)).count("Register a member of staff") == 1
    assert body(ask(administrator, "?kind=SPOT", Empty)).count("Register a member of staff") == 1
    assert "Register a member of staff" not in body(ask(officer, page=Empty))


def test_pages_follow_each_other_forwards_and_back_without_loss(rates: Any) -> None:
    seen, mark = [], ""
    rows = ExchangeRate.objects.all()
    pages = []
    for _ in range(3):
        page = page_of(rows, "-rate_date", size=10, after=mark)
        pages.append(page)
        seen += [row.numerator for row in page.rows]
        mark = page.after
    assert seen == [n * 1000 for n in range(25, 0, -1)]
    assert mark == ""
    back = page_of(rows, "-rate_date", size=10, before=pages[2].before)
    assert [r.pk for r in back.rows] == [r.pk for r in pages[1].rows]
    first = page_of(rows, "-rate_date", size=10, before=back.before)
    assert [r.pk for r in first.rows] == [r.pk for r in pages[0].rows]
    assert first.before == ""


def test_equal_values_are_told_apart_by_id(rates: Any) -> None:
    rows = ExchangeRate.objects.all()
    seen, mark = [], ""
    while True:
        page = page_of(rows, "kind", size=4, after=mark)
        seen += [row.pk for row in page.rows]
        mark = page.after
        if not mark:
            break
    assert len(seen) == len(set(seen)) == 25


@pytest.mark.parametrize("sort", ["area", "-area"])
def test_empty_values_stand_last_and_none_is_lost(sort: str) -> None:
    from handup.org.models import Area

    area = Area.objects.create(code="A")
    other = Area.objects.create(code="B")
    for n in range(6):
        place = (area, other, None)[n % 3]
        Office.objects.create(code=f"O{n}", name=f"Office {n}", area=place)
    path = sort.replace("area", "area__code")
    seen, marks, mark = [], [], ""
    while True:
        page = page_of(Office.objects.select_related("area"), path, size=2, after=mark)
        seen += [str(row.area) for row in page.rows]
        marks.append(page)
        mark = page.after
        if not mark:
            break
    expected = ["A", "A", "B", "B"] if sort == "area" else ["B", "B", "A", "A"]
    assert seen == [*expected, "None", "None"]
    back = page_of(Office.objects.select_related("area"), path, size=2, before=marks[2].before)
    assert [r.pk for r in back.rows] == [r.pk for r in marks[1].rows]


@pytest.mark.parametrize("mark", ["nonsense", "W10", "WyJ4Il0", "WzEsIngiXQ"])
def test_a_broken_mark_shows_the_first_page(officer: Any, rates: Any, mark: str) -> None:
    assert read_mark(mark) is None
    assert "Jan 25, 2026" in body(ask(officer, f"?after={mark}"))


def test_a_mark_of_another_sort_shows_the_first_page(officer: Any, rates: Any) -> None:
    mark = make_mark(rates[3], "source", whole=True)
    assert "Jan 25, 2026" in body(ask(officer, f"?sort=-rate_date&after={mark}"))


def test_filters_narrow_and_say_so_in_a_sentence(officer: Any, rates: Any) -> None:
    text = body(ask(officer, "?kind=SPOT&day_from=2026-01-20&high=1", looked_for="bank"))
    assert "Kind: spot" in text
    assert "Day from Jan 20, 2026" in text
    assert "with “bank”" in text
    assert "only high rates" in text
    assert text.count("<tr>") == 1 + 3


def test_what_a_filter_cannot_read_changes_nothing(officer: Any, rates: Any) -> None:
    text = body(ask(officer, "?kind=NO_SUCH&day_from=2026-13-45"))
    assert text.count("<tr>") == 11
    assert "Showing those" not in text


def test_sorting_by_a_column_the_list_does_not_offer_is_ignored(officer: Any, rates: Any) -> None:
    text = body(ask(officer, "?sort=staff__password"))
    assert text.index("Jan 25, 2026") < text.index("Jan 24, 2026")


def test_totals_count_only_when_asked(
    officer: Any, rates: Any, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "choosers", [])
    assert "AMD\u00a03,250" not in body(ask(officer))
    text = body(ask(officer, "?totals=1&high=1"))
    assert "AMD\u00a03,250" in text
    assert "<dt>Rows</dt><dd><span>25</span>" in text
    with django_assert_num_queries(2):
        ask(officer)


def test_reader_picks_columns(officer: Any, rates: Any) -> None:
    text = body(ask(officer, "?column=source&column=rate_date"))
    assert "bank 24" in text
    assert '<td data-label="From"' not in text
    assert "columns=source%2Crate_date" in text


def test_csv_holds_what_is_seen_and_no_formula(officer: Any, rates: Any) -> None:
    response = ask(officer, "?export=csv&columns=rate_date,source,amount&sort=rate_date")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text)))
    assert lines[0] == ["Day", "Amount", "Amount (ISO 4217)", "Source"]
    assert lines[1] == ["2026-01-01", "10.00", "AMD", "'=HYPERLINK(1)"]
    assert len(lines) == 26
    assert response["Content-Disposition"] == 'attachment; filename="exchange-rates.csv"'


class GrantList(ListPage):
    """A list of which some rows name a person (here: an office) and some name none."""

    model = Grant
    title = "Grants"
    columns = (Column("role", "Role"),)
    person_path = "office_id"


def test_an_export_notes_each_person_once_and_no_row_without_one(
    officer: Any, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    office = Office.objects.create(code="o", name="O")
    day = date(2026, 1, 1)
    for place in (None, office, office):
        Grant.objects.create(
            staff=officer, role="CLERK", scope="OFFICE", office=place, starts=day, ends=day
        )
    request = RequestFactory().get("/grants/?export=csv")
    request.user = officer
    request.session = SessionStore()
    GrantList.as_view()(request)
    noted = reads.noted_of(request)
    assert noted is not None
    assert list(noted.persons) == [str(office.pk)]


def test_workbook_holds_typed_values(officer: Any, rates: Any) -> None:
    response = ask(officer, "?export=xlsx&columns=rate_date,source,numerator&sort=rate_date")
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert sheet is not None
    rows = list(sheet.values)
    assert rows[0] == ("Day", "Rate", "Source")
    assert rows[1][1:] == (1000, "'=HYPERLINK(1)")
    assert len(rows) == 26


@pytest.mark.parametrize("sign", ["\x07", "\x1b", "\ufffe"])
def test_a_sign_no_workbook_can_hold_does_not_stop_the_export(sign: str) -> None:
    row = SimpleNamespace(name=f"An{sign}na")
    answer = as_workbook([Column("name", "Name")], [row], "Persons")
    assert isinstance(answer, HttpResponse)
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert list(sheet.values) == [("Name",), ("Anna",)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_text_that_would_run_as_a_formula_is_defused(start: str) -> None:
    assert safe_text(f"{start}1+1") == f"'{start}1+1"
    assert safe_text("plain") == "plain"


def test_an_empty_list_teaches_the_first_step(officer: Any) -> None:
    text = body(ask(officer))
    assert "No rates yet" in text
    assert "Record the first one." in text


def test_a_filter_that_finds_nothing_offers_to_show_all(officer: Any, rates: Any) -> None:
    text = body(ask(officer, looked_for="nowhere"))
    assert "Nothing fits these filters" in text
    assert "No rates yet" not in text


def test_state_is_a_word_with_a_shape() -> None:
    cell = Column("x", "X", value=lambda _row: State("Late", Tone.WARN)).cell(object())
    assert (cell.kind, cell.text, cell.tone) == (Kind.STATE, "Late", "warn")


class DeviceLike(ListPage):
    """Grants as a stand-in for rows that lie in an office."""

    model = Grant
    title = "Grants"
    columns = (Column("role", "Role"), Column("office", "Office"))

    def rows(self) -> Any:
        """All of them."""
        return Grant.objects.select_related("office")


def test_a_list_follows_the_office_chosen_in_the_top_bar(
    officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Grant, "SCOPE", ScopePaths(office="office_id"))
    here = Office.objects.create(code="H", name="Here")
    there = Office.objects.create(code="T", name="There")
    chooser = Chooser("office", "Office", lambda _staff: [(str(here.pk), "Here")])
    monkeypatch.setattr(navigation, "choosers", [chooser])
    day = date(2026, 1, 1)
    for office, role in ((here, "CLERK"), (there, "TRAINER")):
        Grant.objects.create(
            staff=officer, role=role, scope="OFFICE", office=office, starts=day, ends=day
        )
    request: HttpRequest = RequestFactory().get("/grants/")
    request.user = officer
    request.session = {"office": str(here.pk)}  # type: ignore[assignment]  # only read
    request._messages = []  # type: ignore[attr-defined]
    text = body(DeviceLike.as_view()(request))
    assert "CLERK" in text
    assert "TRAINER" not in text
    assert "Office: Here" in text
    assert "TRAINER" in body(ask(officer, page=DeviceLike))


def test_a_button_that_asks_for_a_wide_grant_is_not_shown_to_an_office(officer: Any) -> None:
    wide = Action(
        "Add", href="/", permission="lending.sign_agreement", scopes=frozenset({ScopeKind.ALL})
    )
    assert wide.allowed(officer)
    Grant.objects.update(scope=ScopeKind.OFFICE, office=Office.objects.create(code="A", name="A"))
    in_office = StaffUser.objects.get(pk=officer.pk)
    assert not wide.allowed(in_office)
    assert Action("Add", href="/", permission="lending.sign_agreement").allowed(in_office)
