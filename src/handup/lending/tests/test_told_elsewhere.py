"""Money told twice is found wherever the first of it went, what waits is of those it is about, and
the rest of a sheet does not wait.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import persons, services
from handup.lending.errors import CurrencyMismatch
from handup.lending.models import Collection, EarlierRecord, Loan, LoanEvent, StrayCash
from handup.lending.rules.codes import EarlierKind, EventKind, LenderMode, Method, Source
from handup.lending.services import CollectedIn
from handup.lending.services.back_dating import propose_back_dated
from handup.lending.services.earlier import waiting_earlier
from handup.lending.services.told_again import ToldAlready, held_of
from handup.lending.tests.cast import World, make_person, running, signed
from handup.lending.tests.test_api import post
from handup.lending.tests.test_bank_hidden import again, hide
from handup.lending.tests.test_told_again import DAY, decide, desk, paid, sheet
from handup.lending.tests.test_transfers import lender, moved
from handup.org.devices import SameIdOtherContent
from handup.org.models import Setting
from handup.org.permissions import OutOfSight

TODAY = timezone.localdate()


def twice(world: World, loan: Loan, on: date) -> None:
    """The same sheet under two ids: the second waits."""
    assert isinstance(sheet(world, loan, held_date=on, data_date=on), Collection)
    assert isinstance(sheet(world, loan, held_date=on, data_date=on), EarlierRecord)


def test_of_a_loan_that_moved_it_is_found_where_it_goes_on(world: World, loan: Loan) -> None:
    there = lender(world, "THERE", LenderMode.DIRECT, world.book)
    new = moved(world, loan, there, proposed_date=TODAY - timedelta(days=1))
    twice(world, loan, TODAY)
    assert LoanEvent.objects.filter(loan=new, kind=EventKind.REPAID.value).count() == 1


def test_of_a_loan_written_off_it_is_found_as_recovered(world: World, loan: Loan) -> None:
    asked = services.propose_write_off(
        acting_staff=world.cast.officer, loan=loan, reason="gone", proposed_date=TODAY
    )
    services.write_off_loan(acting_staff=world.cast.manager, proposal=asked, value_date=TODAY)
    twice(world, loan, TODAY - timedelta(days=2))
    other = TODAY - timedelta(days=1)  # another day's money is other money, though it stands there
    assert isinstance(sheet(world, loan, held_date=other, data_date=other), Collection)
    assert LoanEvent.objects.filter(loan=loan, kind=EventKind.RECOVERED.value).count() == 2


def test_of_a_loan_that_takes_none_it_is_found_as_cash(world: World, loan: Loan) -> None:
    bob = make_person(world.programme, world.office, world.cast.advisor, "Bob")
    other = signed(world, person=bob)
    services.cancel_loan(acting_staff=world.cast.manager, loan=other, reason="no", value_date=TODAY)
    twice(world, other, TODAY)
    assert StrayCash.objects.count() == 1


def test_what_is_held_keeps_currency_and_when_it_was_written(world: World, loan: Loan) -> None:
    desk(world, loan)
    with pytest.raises(CurrencyMismatch):
        desk(world, loan, source=Source.API, currency="EUR")
    at, key = datetime(2025, 4, 15, 9, 30, tzinfo=UTC), new_id()
    row = desk(world, loan, source=Source.API, currency="USD", recorded_at=at, id=key)
    assert isinstance(row, EarlierRecord)
    with pytest.raises(SameIdOtherContent):
        desk(world, loan, source=Source.API, recorded_at=at, id=key)
    made = decide(world, row).made
    assert made is not None
    assert LoanEvent.objects.get(pk=made).recorded_at == at


def test_numbers_of_two_pads_say_nothing(world: World, loan: Loan) -> None:
    desk(world, loan, reference="A-1")
    with pytest.raises(ToldAlready):  # another person's pad
        desk(world, loan, reference="B-7", acting_staff=world.cast.accountant)
    assert isinstance(desk(world, loan, reference="B-7", source=Source.API), EarlierRecord)
    assert isinstance(desk(world, loan, reference="A-2"), LoanEvent)  # her next receipt


def test_the_other_lines_of_a_sheet_do_not_wait(client: Client, world: World, loan: Loan) -> None:
    bob = running(
        world, 900_00, person=make_person(world.programme, world.office, world.cast.advisor, "Bob")
    )
    desk(world, loan)
    key = new_id()
    told: dict[str, Any] = {
        "held_date": "2025-04-15",
        "counted_units": 80_00,
        "data_date": "2025-04-15",
        "lines": [
            {"loan_id": str(loan.pk), "units": 50_00},
            {"loan_id": str(bob.pk), "units": 30_00},
        ],
    }
    for _time in range(2):  # sent twice
        answer = post(client, world.cast.cashier, "/collections", key=key, **told)
        assert answer.status_code == 201, answer.content
        assert answer.json()["held_units"] == 50_00
    row, held = Collection.objects.get(), EarlierRecord.objects.get()
    assert (row.pk, row.counted_units, row.lines.get().loan) == (key, 30_00, bob)
    assert (held_of(row), held.units, paid()) == (held, 50_00, 2)
    other = {**told, "counted_units": 81_00}
    other["lines"] = [told["lines"][0], {"loan_id": str(bob.pk), "units": 31_00}]
    assert post(client, world.cast.cashier, "/collections", key=key, **other).status_code == 409
    decide(world, held, approve=False, reason="One of two was twice")
    assert paid() == 2  # nothing of the others is lost
    with pytest.raises(ToldAlready):
        sheet(
            world,
            loan,
            source=Source.WEB,
            counted_units=90_00,
            lines=[CollectedIn(loan.pk, 50_00), CollectedIn(bob.pk, 40_00)],
        )
    assert paid() == 2  # who is asked has recorded nothing yet


def test_who_decides_on_an_earlier_day_sees_the_first(
    client: Client, world: World, loan: Loan
) -> None:
    desk(world, loan)
    Setting.objects.update_or_create(key="lending.back_date_days", defaults={"value": 7})
    for _time in range(2):
        propose_back_dated(
            acting_staff=world.cast.accountant,
            loan=loan,
            kind=EventKind.REPAID,
            value_date=DAY,
            told={"units": 50_00, "method": Method.CASH},
            proposed_date=TODAY,
            reason="the phone was lost",
        )
    client.force_login(world.cast.director)
    page = client.get(reverse("lending:proposals_to_decide")).content.decode()
    for text in ("Recorded already for that day", "Waits too, for that day"):
        assert text in page, text


def test_what_waits_goes_with_who_is_hidden_and_is_blanked_with_her(
    client: Client, world: World, loan: Loan
) -> None:
    desk(world, loan)
    bob = running(
        world, 900_00, person=make_person(world.programme, world.office, world.cast.advisor, "Bob")
    )
    desk(world, bob)
    hers = desk(world, loan, separate="Ani Secret came again", reference="Ani's brother")
    his = desk(world, bob, separate="He came again")
    assert isinstance(hers, EarlierRecord)
    assert loan.person_id is not None
    (told,) = persons.held(loan.person_id)["Of earlier days, for another person to confirm"]
    assert (told["Reason"], told["Reference"]) == ("Ani Secret came again", "Ani's brother")
    assert {row.pk for row in waiting_earlier(world.cast.director)} == {hers.pk, his.pk}
    hide(world, world.person)
    reader = again(world.cast.director)
    assert [row.pk for row in waiting_earlier(reader)] == [his.pk]
    with pytest.raises(OutOfSight):
        decide(world, hers, acting_staff=reader, approve=False, reason="no")
    client.force_login(reader)
    page = reverse("lending:earlier_decide", args=[hers.pk])
    assert client.get(page).status_code == 404
    persons.blank(loan.person_id)
    hers.refresh_from_db()
    assert (hers.reason, hers.payload.get("reference")) == ("", None)
    assert (hers.kind, hers.payload["lines"][0][1]) == (EarlierKind.REPAID_AGAIN, 50_00)
    assert EarlierRecord.objects.get(pk=his.pk).reason == "He came again"
