"""Instalments on days that were closed after the loan was signed: put forward, never moved by
themselves, and moved by two persons.
"""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from handup.lending import services
from handup.lending.models import Loan
from handup.lending.services.on_closed_days import OnClosedDay, on_closed_days
from handup.lending.tests.cast import START, World, clean, staff
from handup.lending.tests.test_api import get
from handup.lending.tests.test_closed_days import SATURDAY, close, first_due, lent
from handup.lending.tests.test_pages import at
from handup.lending.views import on_closed_days as page
from handup.org.models import Office
from handup.org.rules.access import Role

SUNDAY = date(2025, 2, 16)
FEBRUARY_14 = date(2025, 2, 14)


def found(on: date = START) -> dict[str, OnClosedDay]:
    """What is put forward on a day, by the number of the loan."""
    loans = Loan.objects.all()
    told = on_closed_days(loans, on)
    return {loan.code: told[loan.pk] for loan in loans if loan.pk in told}


@pytest.mark.parametrize(
    ("rule", "moves_to"),
    [("NEXT", SUNDAY), ("PREVIOUS", SUNDAY), ("NEXT_SAME_MONTH", SUNDAY), ("NEXT_MEETING", None)],
)
def test_an_instalment_on_a_day_closed_later_is_put_forward(
    world: World, rule: str, moves_to: date | None
) -> None:
    loan = lent(world, off_day_rule=rule)
    assert found() == {}
    close(world, SATURDAY)
    assert found() == {loan.code: OnClosedDay(SATURDAY, moves_to)}
    assert found(FEBRUARY_14) == found()
    assert (found(SATURDAY), first_due(loan)) == ({}, SATURDAY)


def test_who_keeps_her_days_and_other_offices_are_not_asked(world: World) -> None:
    lent(world, "KEEPS", off_day_rule="NONE")
    loan = lent(world)
    close(world, SATURDAY, office=Office.objects.create(code="FAR", name="Far away"))
    assert found() == {}
    close(world, date(2025, 4, 15), office=world.office)
    close(world, date(2025, 3, 15), office=world.office)
    assert found() == {loan.code: OnClosedDay(date(2025, 3, 15), date(2025, 3, 16))}


def test_two_persons_move_it_and_then_it_is_put_forward_no_more(world: World) -> None:
    loan = lent(world)
    close(world, SATURDAY)

    def decided(approve: bool) -> None:
        proposal = services.propose_reschedule(
            acting_staff=world.cast.officer,
            loan=loan,
            proposed_date=START,
            reason="The office is closed",
            from_date=SATURDAY,
            shift_to=SUNDAY,
        )
        assert found() == {}
        assert first_due(loan) == SATURDAY
        services.decide_change(
            acting_staff=world.cast.director,
            proposal=proposal,
            value_date=START,
            approve=approve,
            reason="" if approve else "She comes on Friday",
        )

    decided(approve=False)
    assert list(found()) == [loan.code]
    decided(approve=True)
    live = loan.dues.filter(replaced_at=None, to_date=None)
    assert live.order_by("due_date")[0].due_date == SUNDAY
    assert found() == {}
    clean()


def test_the_list_leads_to_the_form_with_both_days(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "timezone", SimpleNamespace(localdate=lambda: START))
    loan = lent(world)
    close(world, SATURDAY)
    told = at(client, world.cast.officer, "on_closed_days").content.decode()
    propose = reverse("lending:propose_reschedule", args=[loan.pk])
    address = f"{propose}?from_date=2025-02-15&shift_to=2025-02-16"
    assert loan.code in told
    assert address.replace("&", "&amp;") in told
    form = client.get(address).content.decode()
    assert 'value="2025-02-15"' in form
    assert 'value="2025-02-16"' in form
    assert client.get(f"{propose}?from_date=soon").status_code == 200
    assert "on-closed-days" in at(client, world.cast.officer, "arrears").content.decode()
    assert loan.code not in at(client, world.cast.outsider, "on_closed_days").content.decode()
    assert at(client, world.cast.committee, "on_closed_days").status_code in (403, 404)


def test_the_list_is_read_through_the_api(client: Client, world: World) -> None:
    loan = lent(world)
    close(world, SATURDAY)
    asked = {"as_of": START.isoformat()}
    (row,) = get(client, world.cast.officer, "/on-closed-days", **asked).json()
    assert row == {
        "loan_id": str(loan.pk),
        "loan_code": loan.code,
        "due_date": "2025-02-15",
        "moves_to": "2025-02-16",
    }
    elsewhere = staff("elsewhere", Role.CASHIER)
    assert get(client, elsewhere, "/on-closed-days", **asked).status_code == 403


def test_the_way_to_move_it_carries_the_day_it_is_due_and_the_one_it_can_move_to(
    world: World,
) -> None:
    lent(world)
    close(world, SATURDAY)
    (row,) = page.with_days(Loan.objects.all(), START)
    told = page.propose_to_move(row)
    assert told.endswith(f"?from_date={SATURDAY}&shift_to={SUNDAY}")
