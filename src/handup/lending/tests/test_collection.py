"""Collection sheets: whose they are, what stands on them, and that a collection is closed only when
what was counted is what is written.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handup.groups.models import Group, Member
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import errors, services
from handup.lending.collecting import Which, lines_named, offered, part_name, parts_of, sheet_of
from handup.lending.models import Collection, CollectionLine, Loan, LoanEvent
from handup.lending.persons import held
from handup.lending.rules.codes import EventKind
from handup.lending.rules.collection import (
    CountDiffers,
    NothingCollected,
    OneCurrency,
    SheetAhead,
    StaleSheet,
    check_count,
    days_old,
    is_stale,
    pages,
)
from handup.lending.services import CollectedIn, SheetOf
from handup.lending.services.collecting import LoanTwice
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.repayments import lock_loans
from handup.lending.tests.cast import World, clean, make_person, running, staff
from handup.lending.tests.test_api import post
from handup.lending.tests.test_bank_hidden import again, hide
from handup.lending.tests.test_borrowers import group as group  # a fixture
from handup.lending.tests.test_pages import at
from handup.lending.tests.test_savings import lent
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AuditLine, ReadEntry, Setting
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.org.web.money import format_money

DAY = date(2025, 4, 15)
INSTALMENT = 113_47
TODAY = timezone.localdate()


@standing
def other(world: World) -> Loan:
    """A second borrower's loan, of another officer."""
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    second = staff("second_officer", Role.LOAN_OFFICER)
    return running(world, person=person, officer=second)


def collect(world: World, *lines: CollectedIn, **changes: Any) -> Collection:
    fields: dict[str, Any] = {
        "acting_staff": world.cast.cashier,
        "held_date": DAY,
        "counted_units": sum(line.units for line in lines),
        "lines": lines,
        "data_date": DAY,
    }
    return services.record_collection(**{**fields, **changes})


def stored() -> tuple[int, int, int]:
    return (
        Collection.objects.count(),
        CollectionLine.objects.count(),
        LoanEvent.objects.filter(kind=EventKind.REPAID).count(),
    )


def refused(
    world: World,
    refusal: type[Exception] | tuple[type[Exception], ...],
    *lines: CollectedIn,
    **changes: Any,
) -> None:
    before = stored()
    with pytest.raises(refusal):
        collect(world, *lines, **changes)
    assert stored() == before


# --- rules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([], []),
        ([3], [(0, 3)]),
        ([2, 2], [(0, 4)]),
        ([2, 3], [(0, 2), (2, 5)]),
        ([4, 1], [(0, 4), (4, 5)]),
        ([9, 2], [(0, 4), (4, 8), (8, 11)]),
        ([1, 9, 2], [(0, 1), (1, 5), (5, 9), (9, 12)]),
    ],
)
def test_a_page_keeps_officer_and_centre_together(
    parts: list[int], expected: list[tuple[int, int]]
) -> None:
    assert pages(parts, most=4) == expected
    assert sum(last - first for first, last in pages(parts, most=4)) == sum(parts)


def test_a_sheet_is_old_after_seven_days_and_never_of_a_day_to_come() -> None:
    assert [is_stale(DAY - timedelta(days=days), DAY) for days in (0, 7, 8)] == [False, False, True]
    assert days_old(DAY + timedelta(days=1), DAY) == 0  # printed the evening before, elsewhere
    with pytest.raises(SheetAhead):
        days_old(DAY + timedelta(days=2), DAY)


def test_what_is_counted_is_what_is_written() -> None:
    assert check_count(30, (10, 0, 20)) == 30
    assert check_count(0, (), absent=2) == 0
    with pytest.raises(CountDiffers) as told:
        check_count(31, (10, 20), say=lambda units: f"{units} USD")
    assert "31 USD is counted and 30 USD is written" in str(told.value)
    with pytest.raises(NothingCollected):
        check_count(0, (0, 0))


# --- the sheet ------------------------------------------------------------------------------------


def test_a_sheet_says_what_is_due_late_and_to_be_saved(world: World) -> None:
    loan = lent(world)
    (line,) = sheet_of(date(2025, 3, 15), Which(), Loan.objects.all()).lines
    assert line.due_units == loan.dues.get(number=2).due_units
    assert line.late_units == loan.dues.get(number=1).due_units
    assert line.savings_units == 20_00
    assert line.total_units == line.due_units + line.late_units + 20_00
    services.record_repayment(
        acting_staff=world.cast.cashier,
        loan=loan,
        value_date=date(2025, 3, 15),
        units=line.total_units,
    )
    (left,) = lines_named(date(2025, 3, 15), Loan.objects.filter(pk=loan.pk))
    assert (left.total_units, left.savings_units) == (0, 0)


def test_a_sheet_is_an_officers_a_centres_or_a_villages(
    world: World,
    loan: Loan,
    other: Loan,
    group: Group,  # the fixture of this name
) -> None:
    village = Area.objects.get(code="V1")
    assert other.person is not None
    type(other.person).objects.filter(pk=other.person.pk).update(area=village)
    every = Loan.objects.all()

    def found(**which: Any) -> set[Loan]:
        return {line.loan for line in sheet_of(DAY, Which(**which), every).lines}

    assert found() == {loan, other}
    assert found(officer=loan.officer_id) == {loan}
    assert found(group=group.pk) == {loan}
    assert found(area=village.pk) == {other}
    assert found(group=UUID(int=1)) == set()
    sheet = sheet_of(DAY, Which(), every)
    assert [part_name(part) for part in parts_of(sheet.lines)] == [
        "Officer, Morning star",
        "Second_Officer",
    ]
    told = offered(every)
    assert told.groups == [(group.pk, "Morning star")]
    assert [name for _pk, name in told.officers] == ["Officer", "Second_Officer"]
    assert told.areas == [(village.pk, "Village")]
    Member.objects.filter(group=group).update(left_date=DAY)
    assert found(group=group.pk) == set()


def test_the_statements_of_a_sheet_do_not_grow_with_it(world: World, loan: Loan) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            sheet = sheet_of(DAY, Which(), Loan.objects.all())
            assert [str(line.loan.borrower) and str(line.loan.officer) for line in sheet.lines]
        return len(seen)

    one = asked()
    for number in range(3, 6):
        person = make_person(world.programme, world.office, world.cast.advisor, f"P {number}")
        running(world, person=person)
    assert asked() == one


def test_more_lines_than_a_page_holds_come_in_pages_with_totals_over_all(
    client: Client, world: World, loan: Loan, other: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.lending.collecting.MOST_LINES", 1)
    sheet = sheet_of(DAY, Which(), Loan.objects.all())
    assert sheet.pages == [(0, 1), (1, 2)]
    assert [line.loan for line in sheet.page(2)] == [other]
    assert sheet.page(3) == ()
    assert (sheet.totals.lines, sheet.totals.total_units) == (2, 6 * INSTALMENT)
    page = at(client, world.cast.cashier, "collection_sheet", day="2025-04-15").content.decode()
    assert (loan.code in page, other.code in page) == (True, False)
    for text in ("2 lines in all", "680.82", "Second_Officer", "page=2"):
        assert text in page
    second = at(client, world.cast.cashier, "collection_sheet", day="2025-04-15", page="2")
    assert other.code in second.content.decode()


# --- closing --------------------------------------------------------------------------------------


def test_a_collection_records_who_paid_and_who_was_absent(
    world: World, loan: Loan, other: Loan
) -> None:
    key = new_id()
    lines = (CollectedIn(loan.pk, 113_47), CollectedIn(other.pk, absent=True))
    officers = SheetOf(officer=world.cast.officer)
    row = collect(world, *lines, id=key, sheet=officers)
    assert collect(world, *lines, id=key, sheet=officers) == row
    with pytest.raises(SameIdOtherContent):
        collect(world, CollectedIn(loan.pk, 5_00), id=key)
    assert stored() == (1, 2, 1)
    paid, absent = row.lines.order_by("-units")
    assert paid.event is not None
    assert (paid.event.units, paid.event.value_date, paid.event.method) == (113_47, DAY, "CASH")
    assert (absent.loan, absent.absent, absent.event) == (other, True, None)
    assert (row.currency, row.office, row.programme_id) == (
        "USD",
        world.office,
        world.programme.pk,
    )
    assert balance(world.book, "CASH") == 113_47
    assert AuditLine.objects.filter(action="lending.record_collection", object_id=row.pk).exists()
    clean()


def test_the_same_id_with_other_lines_of_the_same_sum_is_refused(
    world: World, loan: Loan, other: Loan
) -> None:
    key = new_id()
    told: dict[str, Any] = {"id": key, "counted_units": 80_00}
    lines = (CollectedIn(loan.pk, 50_00), CollectedIn(other.pk, 30_00))
    row = collect(world, *lines, **told)
    assert collect(world, *reversed(lines), **told) == row
    assert collect(world, *lines, CollectedIn(new_id()), **told) == row, (
        "an empty line says nothing"
    )
    swapped = (CollectedIn(loan.pk, 30_00), CollectedIn(other.pk, 50_00))
    refused(world, SameIdOtherContent, *swapped, **told)
    refused(world, SameIdOtherContent, lines[0], CollectedIn(other.pk, 30_00, absent=True), **told)
    refused(world, SameIdOtherContent, *lines, data_date=DAY - timedelta(days=1), **told)
    refused(world, SameIdOtherContent, *lines, sheet=SheetOf(officer=world.cast.officer), **told)
    clean()


def test_a_loan_stands_on_a_sheet_once(
    client: Client, world: World, loan: Loan, other: Loan
) -> None:
    twice = CollectedIn(loan.pk, 5_00)
    for again_ in (twice, CollectedIn(loan.pk, 7_00), CollectedIn(loan.pk, absent=True)):
        refused(world, LoanTwice, twice, CollectedIn(other.pk, 5_00), again_)
    line = {"loan_id": str(loan.pk), "units": 5_00}
    sheet: dict[str, Any] = {"held_date": "2025-04-15", "data_date": "2025-04-15"}
    answer = post(
        client, world.cast.cashier, "/collections", **sheet, lines=[line, line], counted_units=10_00
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "LOAN_TWICE")
    assert loan.code in answer.content.decode()
    refused(world, OutOfSight, twice, twice, acting_staff=world.cast.outsider)


def test_a_collection_sent_twice_at_once_counts_once(
    world: World, loan: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, paid = new_id(), CollectedIn(loan.pk, 5_00)
    made: list[Collection] = []

    def after_the_other(ids: Any) -> Any:
        """The first look found nothing; while it waited for the loans, the other was stored."""
        if not made:
            made.append(Collection())
            made[0] = collect(world, paid, id=key)
        return lock_loans(ids)

    monkeypatch.setattr("handup.lending.services.collecting.lock_loans", after_the_other)
    assert collect(world, paid, id=key) == made[0]
    assert stored() == (1, 1, 1)


def test_a_collection_that_does_not_add_up_is_not_closed(
    world: World, loan: Loan, other: Loan
) -> None:
    paid = CollectedIn(loan.pk, 113_47)
    refused(world, CountDiffers, paid, counted_units=113_00)
    refused(world, NothingCollected, CollectedIn(loan.pk))
    refused(world, errors.AmountNotPositive, CollectedIn(loan.pk, -5))
    refused(world, errors.LoanUnknown, paid, CollectedIn(new_id(), 5_00))
    refused(world, errors.FutureDate, paid, held_date=TODAY + timedelta(days=1))
    refused(world, errors.BeforeDisbursement, paid, CollectedIn(other.pk, 5),
            held_date=date(2025, 1, 2), data_date=date(2025, 1, 2))  # fmt: skip
    Loan.objects.filter(pk=other.pk).update(currency="EUR")
    refused(world, OneCurrency, paid, CollectedIn(other.pk, 5_00))


def test_an_old_sheet_is_taken_when_it_was_compared(world: World, loan: Loan) -> None:
    paid, old = CollectedIn(loan.pk, 113_47), DAY - timedelta(days=8)
    refused(world, StaleSheet, paid, data_date=old)
    refused(world, SheetAhead, paid, data_date=DAY + timedelta(days=2))
    assert collect(world, paid, data_date=old, compared=True).data_date == old
    assert collect(world, paid, data_date=DAY - timedelta(days=7)).counted_units == 113_47


def test_a_collection_of_long_ago_needs_a_second_person_payment_by_payment(
    world: World, loan: Loan
) -> None:
    Setting.objects.filter(key=DAYS_KEY).delete()
    refused(world, errors.BackDated, CollectedIn(loan.pk, 113_47))
    refused(world, errors.BackDated, CollectedIn(loan.pk, absent=True))


def test_only_who_collects_closes_a_collection_of_loans_she_sees(world: World, loan: Loan) -> None:
    paid = CollectedIn(loan.pk, 113_47)
    refused(world, NotAllowed, paid, acting_staff=world.cast.committee)
    refused(world, (OutOfSight, NotAllowed), paid, acting_staff=world.cast.outsider)


def test_what_is_held_of_a_person_names_what_was_collected(world: World, loan: Loan) -> None:
    collect(world, CollectedIn(loan.pk, absent=True))
    assert loan.person_id is not None
    (told,) = held(loan.person_id)["Collections"]
    assert (told["Loan"], told["Absent"]) == (loan.code, "yes")


# --- doors ----------------------------------------------------------------------------------------


def close(client: Client, day: str = "2025-04-15", **fields: object) -> Any:
    told = {"_new_id": str(new_id()), "data_date": day, **fields}
    return client.post(f"{reverse('lending:collection_sheet')}?day={day}", told)


def test_the_page_closes_a_collection_once(client: Client, world: World, loan: Loan) -> None:
    client.force_login(world.cast.cashier)
    mark, paid = str(new_id()), f"paid_{loan.pk.hex}"
    wrong = close(client, **{"_new_id": mark, paid: "113.47", "counted": "113.00"})
    assert wrong.status_code == 422
    counted, written = format_money(113_00, "USD"), format_money(113_47, "USD")
    assert f"{counted} is counted and {written} is written" in wrong.content.decode()
    assert stored() == (0, 0, 0)
    for _time in range(2):  # the button pressed twice, when nothing is due any more
        done = close(client, **{"_new_id": mark, paid: "340.41", "counted": "340.41"})
        assert done.status_code == 302, done.context["form"].errors
    assert stored() == (1, 1, 1)
    page = client.get(done["Location"]).content.decode()
    for text in ("340.41", loan.code, "The collection is closed: 1 repayment is recorded."):
        assert text in page
    listed = at(client, world.cast.manager, "collection_list").content.decode()
    assert "340.41" in listed


def test_money_of_a_loan_that_is_not_due_any_more_is_not_lost(
    client: Client, world: World, loan: Loan
) -> None:
    services.record_repayment(
        acting_staff=world.cast.cashier, loan=loan, value_date=DAY, units=3 * INSTALMENT
    )
    client.force_login(world.cast.cashier)
    done = close(client, **{f"paid_{loan.pk.hex}": "5.00", "counted": "5.00"})
    assert done.status_code == 302
    assert CollectionLine.objects.get().units == 5_00


def test_the_page_says_that_a_sheet_is_old(client: Client, world: World, loan: Loan) -> None:
    page = at(client, world.cast.cashier, "collection_sheet", day="2025-04-15", made="2025-04-01")
    assert "This sheet is 14 days old" in page.content.decode()
    told = {f"absent_{loan.pk.hex}": "on", f"paid_{loan.pk.hex}": "", "counted": "0"}
    refused = close(client, **told, data_date="2025-04-01")
    assert "14 days old" in refused.content.decode()
    assert stored() == (0, 0, 0)
    done = close(client, **told, data_date="2025-04-01", compared="on")
    assert done.status_code == 302, done.context["form"].errors
    assert "The sheet was 14 days old" in client.get(done["Location"]).content.decode()


@pytest.mark.parametrize("name", ["collection_paper", "collection_receipt"])
def test_a_sheet_is_printed_with_the_moment_its_figures_are_of(
    client: Client, world: World, loan: Loan, other: Loan, name: str
) -> None:
    reads = ReadEntry.objects.filter(action="PRINT").count()
    page = at(client, world.cast.cashier, name, day="2025-04-15").content.decode()
    for text in ("What is due is as of", loan.code, other.code, "Absent", "680.82", "made="):
        assert text in page
    assert ReadEntry.objects.filter(action="PRINT").count() == reads + 1
    mine = at(client, world.cast.cashier, name, day="2025-04-15", officer=str(loan.officer_id))
    assert other.code not in mine.content.decode()
    assert at(client, world.cast.committee, name).status_code == 403
    empty = at(client, world.cast.cashier, name, day="2020-01-01").content.decode()
    assert "Nothing is due" in empty


def test_hidden_persons_are_on_no_sheet_and_in_no_total(
    client: Client, world: World, loan: Loan, other: Loan
) -> None:
    row = collect(world, CollectedIn(loan.pk, 113_47), CollectedIn(other.pk, 100_00))
    assert other.person is not None
    hide(world, other.person)
    client.force_login(again(world.cast.cashier))
    pages_seen = [
        client.get(row.get_absolute_url()).content.decode(),
        client.get(reverse("lending:collection_list")).content.decode(),
    ]
    for page in pages_seen:
        assert "113.47" in page
        assert "213.47" not in page
    sheet = client.get(f"{reverse('lending:collection_sheet')}?day=2025-06-15").content.decode()
    assert (loan.code in sheet, other.code in sheet) == (True, False)
    gone = close(client, **{f"paid_{other.pk.hex}": "5.00", "counted": "5.00"})
    assert gone.status_code == 302, "as of a loan there never was: tests/test_stray_lines.py"
    assert stored() == (2, 2, 2)


def test_a_sheet_goes_through_the_api(
    client: Client, world: World, loan: Loan, other: Loan
) -> None:
    cast = world.cast
    client.force_login(cast.cashier)
    told = client.get("/api/v1/lending/collection-sheet?day=2025-04-15").json()
    assert (told["total_lines"], told["pages"], told["currency"]) == (2, 1, "USD")
    assert told["lines"][0]["total_units"] == 3 * INSTALMENT
    lines = [{"loan_id": str(loan.pk), "units": 50_00}, {"loan_id": str(other.pk), "absent": True}]
    sheet: dict[str, Any] = {"held_date": "2025-04-15", "data_date": "2025-04-15", "lines": lines}
    wrong = post(client, cast.cashier, "/collections", **sheet, counted_units=49_00)
    assert wrong.json()["code"] == "COUNT_DIFFERS"
    made = post(client, cast.cashier, "/collections", **sheet, counted_units=50_00)
    assert made.status_code == 201, made.content
    seen = client.get(f"/api/v1/lending/collections/{made.json()['id']}").json()
    assert (seen["collected_units"], len(seen["lines"])) == (50_00, 2)
    client.force_login(cast.committee)
    assert client.get("/api/v1/lending/collection-sheet?day=2025-04-15").status_code == 403
