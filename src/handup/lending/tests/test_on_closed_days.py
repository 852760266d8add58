"""Instalments on days that were closed after the loan was signed: put forward, never moved by
themselves, and moved by two persons.
"""

import re
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.credit.rescheduling import PastNextDue
from handup.lending import services
from handup.lending.models import Loan
from handup.lending.rules.agreed import MovesAlone
from handup.lending.services.on_closed_days import (
    first_on_closed_days,
    moves_to,
    with_closed_days,
)
from handup.lending.tests.cast import START, World, clean, repay, staff
from handup.lending.tests.test_agreed import agree, rows
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_closed_days import SATURDAY, close, first_due, lent
from handup.lending.tests.test_pages import at
from handup.lending.views import on_closed_days as page
from handup.org.models import Area, ClosedDay, Office
from handup.org.rules.access import Role
from handup.org.services import withdraw_closed_day

SUNDAY = date(2025, 2, 16)
MARCH_15 = date(2025, 3, 15)
FEBRUARY_14 = date(2025, 2, 14)


def found(on: date = START) -> dict[str, tuple[date, date | None]]:
    """What is put forward on a day and where it can move, by the number of the loan."""
    loans = list(with_closed_days(Loan.objects.all(), on))
    days = {loan.pk: loan.closed_date for loan in loans}
    assert first_on_closed_days(Loan.objects.all(), on, 99) == days
    to = moves_to(loans, days)
    return {loan.code: (days[loan.pk], to[loan.pk]) for loan in loans}


@pytest.mark.parametrize(
    ("rule", "to"),
    [("NEXT", SUNDAY), ("PREVIOUS", SUNDAY), ("NEXT_SAME_MONTH", SUNDAY), ("NEXT_MEETING", None)],
)
def test_an_instalment_on_a_day_closed_later_is_put_forward(
    world: World, rule: str, to: date | None
) -> None:
    loan = lent(world, off_day_rule=rule)
    assert found() == {}
    close(world, SATURDAY)
    assert found() == {loan.code: (SATURDAY, to)}
    assert found(FEBRUARY_14) == found()
    assert (found(SATURDAY), first_due(loan)) == ({}, SATURDAY)


def test_who_keeps_her_days_and_other_offices_are_not_asked(world: World) -> None:
    lent(world, "KEEPS", off_day_rule="NONE")
    loan = lent(world)
    close(world, SATURDAY, office=Office.objects.create(code="FAR", name="Far away"))
    assert found() == {}
    close(world, date(2025, 4, 15), office=world.office)
    close(world, date(2025, 3, 15), office=world.office)
    assert found() == {loan.code: (date(2025, 3, 15), date(2025, 3, 16))}


def test_two_persons_move_it_and_then_it_is_put_forward_no_more(world: World) -> None:
    loan = lent(world)
    signed = rows(loan)
    close(world, SATURDAY)
    close(world, date(2025, 3, 16))

    def decided(approve: bool) -> None:
        proposal = services.propose_reschedule(
            acting_staff=world.cast.officer,
            loan=loan,
            proposed_date=START,
            reason="The office is closed",
            from_date=SATURDAY,
            shift_to=SUNDAY,
            alone=True,
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
    assert rows(loan) == [(SUNDAY, *signed[0][1:]), *signed[1:]]
    assert found() == {}
    repay(world, loan, SUNDAY, 113_47)
    assert rows(loan) == [(SUNDAY, *signed[0][1:]), *signed[1:]]
    clean()


def test_each_of_two_closed_days_moves_its_own_instalment(world: World) -> None:
    loan = lent(world)
    signed = rows(loan)
    close(world, SATURDAY)
    close(world, MARCH_15)
    for day in (SATURDAY, MARCH_15):
        assert found() == {loan.code: (day, day + timedelta(days=1))}
        asked = {"proposed_date": START, "from_date": day, "shift_to": day + timedelta(days=1)}
        agree(world, loan, services.propose_reschedule, alone=True, **asked)
    moved = [(day + timedelta(days=1), *told) for day, *told in signed[:2]]
    assert rows(loan) == [*moved, *signed[2:]]
    assert found() == {}
    clean()


def test_a_day_that_was_closed_when_it_was_signed_is_not_put_forward(world: World) -> None:
    far = Area.objects.create(code="FAR", names={"en": "Far"})
    close(world, SATURDAY, area=far)
    lent(world, "KNOWN")
    Office.objects.filter(pk=world.office.pk).update(area=far)
    assert found() == {}
    administrator = staff("withdraws", Role.ADMINISTRATOR)
    day = ClosedDay.objects.get(day=SATURDAY)
    withdraw_closed_day(acting_staff=administrator, closed_day=day)
    between = lent(world, "BETWEEN")
    assert found() == {}
    close(world, SATURDAY, area=far)
    assert found() == {between.code: (SATURDAY, SUNDAY)}


def test_a_day_of_every_year_and_of_an_area_is_found(world: World) -> None:
    loan = lent(world)
    far = Area.objects.create(code="FAR", names={"en": "Far"})
    close(world, SATURDAY, area=far)
    assert found() == {}
    Office.objects.filter(pk=world.office.pk).update(area=far)
    assert found() == {loan.code: (SATURDAY, SUNDAY)}
    assert found(SATURDAY) == {}
    close(world, date(2020, 4, 15), every_year=True)
    assert found(SATURDAY) == {loan.code: (date(2025, 4, 15), date(2025, 4, 16))}


def test_what_moves_alone_needs_its_day_and_nothing_else(world: World) -> None:
    loan = lent(world)
    signed = rows(loan)
    for asked in ({}, {"shift_to": SUNDAY, "extra_instalments": 1}):
        with pytest.raises(MovesAlone):
            agree(
                world,
                loan,
                services.propose_reschedule,
                proposed_date=START,
                from_date=SATURDAY,
                alone=True,
                **asked,
            )
    with pytest.raises(PastNextDue):
        agree(
            world,
            loan,
            services.propose_reschedule,
            proposed_date=START,
            from_date=SATURDAY,
            shift_to=date(2025, 3, 16),
            alone=True,
        )
    assert rows(loan) == signed


def test_the_list_leads_to_the_form_with_both_days(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "timezone", SimpleNamespace(localdate=lambda: START))
    loan = lent(world)
    close(world, SATURDAY)
    told = at(client, world.cast.officer, "on_closed_days").content.decode()
    propose = reverse("lending:propose_reschedule", args=[loan.pk])
    address = f"{propose}?from_date=2025-02-15&shift_to=2025-02-16&alone=1"
    assert loan.code in told
    assert address.replace("&", "&amp;") in told
    form = client.get(address).content.decode()
    assert 'value="2025-02-15"' in form
    assert 'value="2025-02-16"' in form
    ticked = [tag for tag in re.findall("<input[^>]*>", form) if 'name="alone"' in tag]
    assert ["checked" in tag for tag in ticked] == [True]
    plain = client.get(propose).content.decode()
    ticked = [tag for tag in re.findall("<input[^>]*>", plain) if 'name="alone"' in tag]
    assert ["checked" in tag for tag in ticked] == [False]
    assert client.get(f"{propose}?from_date=soon").status_code == 200
    assert "on-closed-days" in at(client, world.cast.officer, "arrears").content.decode()
    assert loan.code not in at(client, world.cast.outsider, "on_closed_days").content.decode()
    assert at(client, world.cast.committee, "on_closed_days").status_code in (403, 404)


def test_the_list_is_read_through_the_api(client: Client, world: World) -> None:
    loan = lent(world)
    close(world, SATURDAY)
    asked = {"as_of": START.isoformat()}
    (row,) = get(client, world.cast.officer, "/on-closed-days", **asked).json()["items"]
    assert row == {
        "loan_id": str(loan.pk),
        "loan_code": loan.code,
        "due_date": "2025-02-15",
        "moves_to": "2025-02-16",
    }
    elsewhere = staff("elsewhere", Role.CASHIER)
    assert get(client, elsewhere, "/on-closed-days", **asked).status_code == 403
    other = lent(world, "OTHER")
    close(world, MARCH_15)
    first = get(client, world.cast.officer, "/on-closed-days", limit="1", **asked).json()
    assert [item["loan_code"] for item in first["items"]] == [loan.code]
    then = {**asked, "limit": "1", "after": first["next"]}
    second = get(client, world.cast.officer, "/on-closed-days", **then).json()
    assert [item["loan_code"] for item in second["items"]] == [other.code]
    assert second["next"] is None


def test_one_instalment_is_moved_alone_through_the_api(client: Client, world: World) -> None:
    loan = lent(world)
    close(world, SATURDAY)
    answer = post(
        client,
        world.cast.officer,
        f"/loans/{loan.pk}/reschedules",
        value_date=START.isoformat(),
        reason="The office is closed",
        from_date="2025-02-15",
        shift_to="2025-02-16",
        alone=True,
    )
    assert answer.status_code == 201
    assert loan.proposals.get().payload["alone"] is True
