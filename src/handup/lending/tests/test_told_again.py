"""The same money told under two ids: typed at the desk and sent from the field, or from two
devices. It is found, waits for a second person, and is never posted twice unseen.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.models import (
    BankStatement,
    Collection,
    EarlierRecord,
    Loan,
    LoanEvent,
    StatementLine,
)
from handup.lending.rules.banking.codes import LineFate, MatchState, Reason
from handup.lending.rules.codes import EarlierKind, EventKind, Method, Source
from handup.lending.services import CollectedIn, judging
from handup.lending.services.judging import perhaps_recorded
from handup.lending.services.told_again import ToldAlready
from handup.lending.tests.bankmade import DAY as STATED
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World
from handup.lending.tests.test_api import ROOT, post
from handup.lending.views.alike import alike_panels
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.permissions import NotAllowed

DAY = date(2025, 4, 15)
Bring = Callable[..., BankStatement]


def desk(world: World, loan: Loan, **changes: Any) -> LoanEvent | EarlierRecord:
    told = {"value_date": DAY, "units": 50_00, "id": new_id(), **changes}
    told.setdefault("acting_staff", world.cast.cashier)
    return services.report_repayment(loan=loan, **told)


def sheet(world: World, loan: Loan, **changes: Any) -> Collection | EarlierRecord:
    units = changes.pop("units", 50_00)
    told: dict[str, Any] = {
        "held_date": DAY,
        "counted_units": units,
        "lines": [CollectedIn(loan.pk, units)],
        "data_date": DAY,
        "source": Source.API,
        "id": new_id(),
    }
    return services.report_collection(acting_staff=world.cast.cashier, **{**told, **changes})


def decide(world: World, row: EarlierRecord, **told: Any) -> EarlierRecord:
    by = told.pop("acting_staff", world.cast.director)
    return services.decide_earlier(acting_staff=by, record=row, decided_date=DAY, **told)


def paid() -> int:
    return LoanEvent.objects.filter(kind=EventKind.REPAID.value, reversed_by=None).count()


def test_who_types_it_again_is_asked_and_a_second_person_agrees(world: World, loan: Loan) -> None:
    assert isinstance(desk(world, loan), LoanEvent)
    with pytest.raises(ToldAlready) as told:
        desk(world, loan, method=Method.BANK)  # the way is easily mistyped
    assert loan.code in str(told.value)
    assert (paid(), EarlierRecord.objects.count()) == (1, 0)
    key = new_id()
    for _time in range(2):  # sent twice
        row = desk(world, loan, separate="She came again in the evening", id=key)
    assert isinstance(row, EarlierRecord)
    assert (row.kind, row.units, row.office_id) == (
        EarlierKind.REPAID_AGAIN,
        50_00,
        loan.office_id,
    )
    assert (paid(), EarlierRecord.objects.count()) == (1, 1)
    with pytest.raises(SameIdOtherContent):
        desk(world, loan, separate="x", id=key, units=49_00)
    with pytest.raises((SamePerson, NotAllowed)):
        decide(world, row, acting_staff=world.cast.cashier)
    made = decide(world, row).made
    assert paid() == 2
    assert made is not None
    assert LoanEvent.objects.get(pk=made).units == 50_00


def test_other_money_is_recorded_at_once(world: World, loan: Loan) -> None:
    first = desk(world, loan, reference="R-1")
    assert isinstance(first, LoanEvent)
    for other in ({"units": 49_00}, {"value_date": date(2025, 4, 14)}, {"reference": "R-2"}):
        assert isinstance(desk(world, loan, **other), LoanEvent), other
    assert desk(world, loan, reference="R-1", id=first.pk) == first  # the same id: the same
    assert paid() == 4
    services.reverse_repayment(
        acting_staff=world.cast.manager, event=first, reason="Wrong loan", value_date=DAY
    )
    assert isinstance(desk(world, loan, reference="R-1"), LoanEvent)  # what was taken back is gone


def test_a_sheet_sent_by_two_devices_is_counted_once(world: World, loan: Loan) -> None:
    assert isinstance(sheet(world, loan), Collection)
    second = sheet(world, loan)
    assert isinstance(second, EarlierRecord)
    assert (second.reason, loan.code in second.why) == ("", False)  # no text kept names her
    assert second.why == "It looks recorded already."
    assert (paid(), Collection.objects.count()) == (1, 1)
    with pytest.raises(ReasonNeeded):
        decide(world, second, approve=False)
    decide(world, second, approve=False, reason="Two phones, one meeting")
    assert (paid(), Collection.objects.count()) == (1, 1)


def test_a_sheet_and_the_desk_find_each_other(world: World, loan: Loan) -> None:
    sheet(world, loan)
    with pytest.raises(ToldAlready):
        desk(world, loan)
    with pytest.raises(ToldAlready):
        sheet(world, loan, source=Source.WEB)
    assert paid() == 1
    row = sheet(world, loan, source=Source.WEB, separate="The second meeting of the day")
    assert isinstance(row, EarlierRecord)
    made = decide(world, row).made
    assert made is not None
    assert Collection.objects.get(pk=made).lines.get().units == 50_00
    assert paid() == 2


def test_the_page_asks_and_the_queue_shows_both(client: Client, world: World, loan: Loan) -> None:
    desk(world, loan)
    client.force_login(world.cast.cashier)
    key = str(new_id())

    def send(**more: str) -> Any:
        told = {f"paid_{loan.pk.hex}": "50.00", "counted": "50.00", "data_date": "2025-04-15"}
        url = f"{reverse('lending:collection_sheet')}?day=2025-04-15"
        return client.post(url, {**told, "_new_id": key, **more})

    asked = send()
    assert asked.status_code == 422
    assert "Why this is other money" in asked.content.decode()
    assert send(separate="A second meeting").status_code == 302
    assert paid() == 1
    client.force_login(world.cast.director)
    seen = client.get(reverse("lending:earlier_to_confirm")).content.decode()
    for text in ("A collection that looks recorded already", "Recorded already for that day"):
        assert text in seen


def test_a_device_is_told_that_it_waits(client: Client, world: World, loan: Loan) -> None:
    desk(world, loan)
    told: dict[str, Any] = {"value_date": "2025-04-15", "units": 50_00, "method": "CASH"}
    held = post(client, world.cast.cashier, f"/loans/{loan.pk}/repayments", **told)
    assert held.status_code == 202, held.content
    assert EarlierRecord.objects.get(pk=UUID(held.json()["id"])).kind == EarlierKind.REPAID_AGAIN
    assert paid() == 1


def test_what_a_statement_brought_days_before_is_found_at_the_desk(
    world: World, loan: Loan, bring: Bring
) -> None:
    """The bank's reference is its own: another receipt does not tell the two apart."""
    bring(Move(50_00, loan.code, "B1", day=STATED))
    assert paid() == 1
    near = [STATED + timedelta(days=step) for step in (-5, 0, 5)]
    for day in near:
        for method in (Method.CASH, Method.BANK, Method.MOBILE):
            with pytest.raises(ToldAlready, match=loan.code):
                desk(world, loan, value_date=day, method=method, reference="SLIP-7")
    assert paid() == 1
    for other in (
        {"value_date": STATED + timedelta(days=6), "method": Method.BANK},
        {"value_date": STATED - timedelta(days=6), "method": Method.CASH},
        {"value_date": near[2], "method": Method.BANK, "units": 50_01},
    ):
        assert isinstance(desk(world, loan, **other), LoanEvent), other
    for paid_by in (Method.BANK, Method.CASH):
        told = {"value_date": near[2], "method": paid_by, "separate": "Paid twice"}
        held = desk(world, loan, **told)
        assert isinstance(held, EarlierRecord)
        shown = alike_panels(near[2], [(loan.pk, 50_00)], world.cast.director, case=held)
        assert shown, "the one who decides sees the payment of the bank"
        before = paid()
        decide(world, held)
        assert paid() == before + 1


def test_what_the_desk_took_days_before_is_found_when_the_line_comes(
    client: Client, world: World, loan: Loan, bring: Bring
) -> None:
    """The bank's money is in the books at once, on suspense; what it is a second person says."""
    cash = desk(world, loan, value_date=STATED - timedelta(days=5))
    assert isinstance(cash, LoanEvent)
    desk(world, loan, value_date=STATED - timedelta(days=6), units=51_00)
    held, other = bring(Move(50_00, loan.code, "B1"), Move(51_00, loan.code, "B2")).lines.all()
    assert (held.fate, held.reasons[0][0]) == (LineFate.OPEN, Reason.PERHAPS_RECORDED)
    assert other.fate == LineFate.MATCHED
    assert (paid(), balance(world.book, "SUSPENSE")) == (3, -50_00)

    way = reverse("lending:event_detail", args=[cash.pk])
    client.force_login(world.cast.accountant)
    (waits,) = client.get(f"{ROOT}/suspense").json()["items"]
    assert waits["id"] == str(held.pk)
    told = [(one["id"], one["received_units"], one["method"]) for one in waits["recorded"]]
    assert told == [(str(cash.pk), 50_00, "CASH")]
    lines = client.get(f"{ROOT}/statements/{held.statement_id}/lines").json()["items"]
    assert {line["id"]: len(line["recorded"]) for line in lines} == {
        str(held.pk): 1,
        str(other.pk): 0,
    }
    match = services.match_line(
        acting_staff=world.cast.accountant,
        line=held,
        parts=[services.PartIn(loan, 50_00)],
        on=DAY,
    )
    assert match.state == MatchState.PROPOSED
    client.force_login(world.cast.manager)
    for name, *args in (("bank_line", held.pk), ("matches_to_decide",)):
        assert way in client.get(reverse(f"lending:{name}", args=args)).content.decode(), name
    with pytest.raises(SamePerson):
        services.confirm_match(acting_staff=world.cast.accountant, match=match, on=DAY)
    services.confirm_match(acting_staff=world.cast.manager, match=match, on=DAY)
    assert (paid(), balance(world.book, "SUSPENSE")) == (4, 0)


def test_cash_of_a_sheet_holds_a_line_of_its_day_only(
    world: World, loan: Loan, bring: Bring
) -> None:
    sheet(world, loan, held_date=STATED, data_date=STATED)
    same, later = bring(
        Move(50_00, loan.code, "B1"),
        Move(50_00, loan.code, "B2", value=STATED + timedelta(days=1)),
    ).lines.order_by("row")
    assert (same.fate, later.fate) == (LineFate.OPEN, LineFate.MATCHED)


def test_a_line_held_beside_a_sheet_stays_held_when_its_value_date_comes(
    monkeypatch: pytest.MonkeyPatch, world: World, loan: Loan, bring: Bring
) -> None:
    today = timezone.localdate()
    sheet(world, loan, held_date=today, data_date=today)
    tomorrow = today + timedelta(days=1)
    (held,) = bring(Move(50_00, loan.code, "B1", day=today, value=tomorrow)).lines.all()
    assert held.reasons[0][0] == Reason.PERHAPS_RECORDED
    StatementLine.objects.update(candidates=[{"loan": str(loan.pk), "points": 90, "reasons": []}])

    class Later:
        @staticmethod
        def localdate(value: datetime | None = None) -> date:
            return tomorrow if value is None else timezone.localdate(value)

    monkeypatch.setattr(judging, "timezone", Later)
    assert perhaps_recorded(held) == [LoanEvent.objects.get(kind=EventKind.REPAID.value).pk]
    match = services.match_line(
        acting_staff=world.cast.accountant,
        line=held,
        parts=[services.PartIn(loan, 50_00)],
        on=tomorrow,
    )
    assert (match.by_suggestion, match.state) == (False, MatchState.PROPOSED)


def test_cash_of_a_sheet_waits_for_no_statement_of_other_days(
    world: World, loan: Loan, bring: Bring
) -> None:
    bring(Move(50_00, loan.code, "B1", day=STATED))
    day = STATED + timedelta(days=1)
    assert isinstance(sheet(world, loan, held_date=day, data_date=day), Collection)
