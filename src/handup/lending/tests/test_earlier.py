"""Savings, money of guarantees and collections of a day too long ago for one person: one says so,
another confirms it, whole or not at all (lending.md 4.1, 4.4).
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.lending import errors, services
from handup.lending.models import (
    Collection,
    CollectionLine,
    EarlierRecord,
    GuaranteeMove,
    Loan,
    LoanEvent,
    SavingsAccount,
    SavingsMove,
    StrayCash,
)
from handup.lending.persons import blank, held
from handup.lending.rules.codes import EarlierKind, EventKind, Method, ProposalState, Source
from handup.lending.rules.collection import CountDiffers
from handup.lending.services.earlier import waiting_earlier
from handup.lending.services.guarantees import CallNotOpen, reverse_guarantee_move
from handup.lending.services.savings import MoreThanFree
from handup.lending.services.telling import NotBackDated, NotToldOfIt, ToldTooLittle
from handup.lending.tests.cast import START, World, clean, make_person, running
from handup.lending.tests.changing import FEBRUARY, INSTALMENT
from handup.lending.tests.guarantee_cast import HALF, PAID, called, fund, paid
from handup.lending.tests.test_api import post
from handup.lending.tests.test_back_dating import WHY, strict
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_savings import opened, owed_to_savers, pay_in
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing

TODAY = timezone.localdate()
OLD = TODAY - timedelta(days=8)
BANK = {"method": Method.BANK, "reference": "R 7"}


@standing
def account(world: World) -> SavingsAccount:
    """A saver with 50.00 that are hers to take."""
    row = opened(world)
    pay_in(world, row, 50_00)
    strict()
    return row


def propose(world: World, kind: EarlierKind, **changes: Any) -> EarlierRecord:
    """The accountant found a paper of a day in February."""
    told: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "value_date": FEBRUARY,
        "proposed_date": TODAY,
        "reason": WHY,
    }
    return services.propose_earlier(kind=kind, **{**told, **changes})


def confirm(world: World, record: EarlierRecord, **changes: Any) -> EarlierRecord:
    told = {"acting_staff": world.cast.manager, "decided_date": TODAY}
    return services.decide_earlier(record=record, **{**told, **changes})


def refused(act: Callable[[], Any], *by: type[Exception]) -> None:
    """It is refused, and nothing is stored, posted or decided."""

    def stored() -> list[object]:
        tables = (SavingsMove, GuaranteeMove, Collection, CollectionLine, LoanEvent, Entry)
        rows: list[object] = [table._base_manager.count() for table in tables]
        return [*rows, *EarlierRecord.objects.order_by("pk").values_list("pk", "state")]

    before = stored()
    with pytest.raises(by):
        act()
    assert stored() == before


# --- savings --------------------------------------------------------------------------------------


def test_nobody_moves_savings_on_an_early_day_alone(world: World, account: SavingsAccount) -> None:
    by: dict[str, Any] = {"acting_staff": world.cast.accountant}
    money = {**by, "account": account, "units": 5_00, **BANK}
    move = SavingsMove.objects.get()
    back = {**by, "move": move, "reason": "Wrong saver"}
    for act in (
        lambda: services.pay_in_savings(**money, value_date=OLD),
        lambda: services.pay_out_savings(**money, value_date=OLD),
        lambda: services.reverse_savings(**back, on=OLD),
    ):
        refused(act, errors.BackDated)
    last = OLD + timedelta(days=1)
    services.pay_in_savings(**money, value_date=last)
    assert services.pay_out_savings(**money, value_date=last).value_date == last
    assert services.reverse_savings(**back, on=last).value_date == last
    clean()


def test_what_another_person_confirms_counts_from_its_day(
    world: World, account: SavingsAccount
) -> None:
    kinds = EarlierKind
    first = propose(world, kinds.SAVINGS_IN, account=account, told={"units": 20_00, **BANK})
    assert (first.units, first.state, owed_to_savers(world)) == (20_00, "PROPOSED", 50_00)
    assert waiting_earlier(world.cast.manager) == [first]
    assert waiting_earlier(world.cast.accountant) == []
    confirm(world, first)
    move = SavingsMove.objects.latest("recorded_at")
    assert (move.units, move.value_date, move.reference) == (20_00, FEBRUARY, "R 7")
    assert (move.recorded_by, EarlierRecord.objects.get().made) == (world.cast.manager, move.pk)
    paid_twice = partial(
        propose, world, kinds.SAVINGS_OUT, account=account, told={"units": 60_00, **BANK}
    )
    out = paid_twice()
    refused(paid_twice, errors.AlreadyProposed)
    confirm(world, out)
    assert owed_to_savers(world) == 10_00
    paid_out = SavingsMove.objects.get(kind="PAID_OUT")
    told = {"move": paid_out, "reason": "Not handed over"}
    confirm(world, propose(world, kinds.SAVINGS_REVERSED, account=account, told=told))
    assert owed_to_savers(world) == 70_00
    assert SavingsMove.objects.get(reverses=paid_out).value_date == FEBRUARY
    clean()


def test_who_says_it_does_not_confirm_it_and_a_no_changes_nothing(
    world: World, account: SavingsAccount
) -> None:
    cast = world.cast
    row = propose(world, EarlierKind.SAVINGS_IN, account=account, told={"units": 20_00})
    refused(lambda: confirm(world, row, acting_staff=cast.accountant), SamePerson)
    for who in (cast.cashier, cast.outsider):
        refused(partial(confirm, world, row, acting_staff=who), NotAllowed, OutOfSight)
    refused(lambda: confirm(world, row, approve=False), ReasonNeeded)
    declined = confirm(world, row, approve=False, reason="No such slip")
    assert (declined.state, declined.made) == (ProposalState.DECLINED, None)
    refused(lambda: confirm(world, row), errors.ProposalDecided)
    assert confirm(world, row, approve=False, reason="No such slip") == declined
    refused(lambda: confirm(world, row, approve=False, reason="Lost"), errors.ProposalDecided)
    assert owed_to_savers(world) == 50_00


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"told": {"units": 500_00}}, MoreThanFree),
        ({"told": {"units": 0}}, errors.AmountNotPositive),
        ({"told": {"method": Method.BANK}}, ToldTooLittle),
        ({"told": {"units": 5_00, "source": "IMPORT"}}, NotToldOfIt),
        ({"value_date": TODAY}, NotBackDated),
        ({"value_date": TODAY + timedelta(days=1)}, errors.FutureDate),
        ({"reason": " "}, ReasonNeeded),
    ],
)
def test_what_cannot_be_is_refused_to_who_says_it(
    world: World, account: SavingsAccount, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    told = {"account": account, "told": {"units": 5_00, **BANK}, **changes}
    refused(lambda: propose(world, EarlierKind.SAVINGS_OUT, **told), refusal)
    refused(
        lambda: propose(
            world, EarlierKind.SAVINGS_OUT, **{**told, "acting_staff": world.cast.cashier}
        ),
        NotAllowed,
    )


def test_the_same_id_waits_once_and_other_content_is_refused(
    world: World, account: SavingsAccount
) -> None:
    told: dict[str, Any] = {"account": account, "told": {"units": 5_00}, "id": new_id()}
    row = propose(world, EarlierKind.SAVINGS_IN, **told)
    assert propose(world, EarlierKind.SAVINGS_IN, **told) == row
    for other in ({"told": {"units": 6_00}}, {"value_date": START}):
        again = partial(propose, world, EarlierKind.SAVINGS_IN, **{**told, **other})
        refused(again, SameIdOtherContent)
    made = confirm(world, row).made
    assert confirm(world, row).made == made
    assert SavingsMove.objects.filter(units=5_00).count() == 1


# --- guarantees -----------------------------------------------------------------------------------


def test_a_guarantee_pays_on_an_early_day_by_three_persons(world: World, late: Loan) -> None:
    cast, row = world.cast, called(world, late)
    strict()
    refused(lambda: paid(world, row), errors.BackDated)
    told: dict[str, Any] = {"call": row, "value_date": PAID, "told": BANK}
    refused(lambda: propose(world, EarlierKind.GUARANTEE_PAID, **told), NotAllowed)
    told["acting_staff"] = cast.manager
    made = propose(world, EarlierKind.GUARANTEE_PAID, **told)
    assert (made.units, made.currency) == (HALF, "USD")
    refused(lambda: propose(world, EarlierKind.GUARANTEE_PAID, **told), errors.AlreadyProposed)
    refused(lambda: confirm(world, made), SamePerson)
    refused(lambda: confirm(world, made, acting_staff=cast.accountant), SamePerson)
    confirm(world, made, acting_staff=cast.director)
    move = GuaranteeMove.objects.get()
    assert (move.value_date, move.units, move.recorded_by) == (PAID, HALF, cast.director)
    came = {"call": row, "value_date": PAID + timedelta(days=30)}
    back = propose(
        world, EarlierKind.GUARANTEE_RECOVERED, **came, told={"recovered_units": 100_00, **BANK}
    )
    confirm(world, back)
    recovered = GuaranteeMove.objects.get(kind="RECOVERED")
    assert (recovered.units, recovered.value_date) == (-50_00, came["value_date"])
    gone = {"move": recovered, "reason": "Another loan"}
    confirm(world, propose(world, EarlierKind.GUARANTEE_REVERSED, **came, told=gone))
    assert fund(late).money == fund(late).deposit - HALF
    clean()


def test_a_payment_made_meanwhile_is_not_made_again(world: World, late: Loan) -> None:
    row = called(world, late)
    strict()
    told = {"acting_staff": world.cast.manager, "call": row, "value_date": PAID, "told": BANK}
    made = propose(world, EarlierKind.GUARANTEE_PAID, **told)
    move = paid(world, row, value_date=TODAY)
    refused(lambda: confirm(world, made, acting_staff=world.cast.director), CallNotOpen)
    reverse_guarantee_move(
        acting_staff=world.cast.accountant, move=move, value_date=TODAY, reason="Came back"
    )
    assert confirm(world, made, acting_staff=world.cast.director).made is not None


# --- collections ----------------------------------------------------------------------------------


@standing
def second(world: World) -> Loan:
    """Another borrower's loan."""
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    return running(world, person=person)


def sheet(*loans: Loan, absent: Loan | None = None, **more: Any) -> dict[str, Any]:
    lines: list[list[object]] = [[str(loan.pk), INSTALMENT, False] for loan in loans]
    if absent is not None:
        lines.append([str(absent.pk), 0, True])
    told = {"counted_units": INSTALMENT * len(loans), "lines": lines, "data_date": FEBRUARY}
    return {"told": {**told, **more}}


def test_a_sheet_of_long_ago_is_confirmed_as_a_whole(
    world: World, loan: Loan, second: Loan
) -> None:
    strict()
    made = propose(world, EarlierKind.COLLECTION, **sheet(loan, absent=second))
    assert (made.units, made.office, Collection.objects.count()) == (INSTALMENT, world.office, 0)
    confirm(world, made)
    row = Collection.objects.get()
    assert (row.held_date, row.counted_units) == (FEBRUARY, INSTALMENT)
    assert EarlierRecord.objects.get().made == row.pk
    event = loan.events.get(kind=EventKind.REPAID)
    assert (event.value_date, event.source) == (FEBRUARY, Source.BACK_DATED)
    assert row.lines.get(loan=second).absent
    clean()


def test_of_a_sheet_one_loan_of_which_is_gone_its_cash_waits_until_its_owner_is_known(
    world: World, loan: Loan, second: Loan
) -> None:
    strict()
    made = propose(world, EarlierKind.COLLECTION, **sheet(loan, second))
    refused(
        lambda: propose(world, EarlierKind.COLLECTION, **sheet(loan, second, counted_units=1)),
        CountDiffers,
    )
    services.reverse_loan_event(
        acting_staff=world.cast.manager,
        event=second.events.get(kind=EventKind.DISBURSED),
        reason="Never handed over",
        value_date=TODAY,
    )
    confirm(world, made)
    assert loan.events.get(kind=EventKind.REPAID).units == INSTALMENT
    assert not second.events.filter(kind=EventKind.REPAID).exists()
    assert StrayCash.objects.get().units == INSTALMENT
    assert waiting_earlier(world.cast.manager) == []


# --- a person's records ---------------------------------------------------------------------------


def test_her_file_tells_of_it_and_erasure_takes_the_words(
    world: World, account: SavingsAccount
) -> None:
    row = propose(world, EarlierKind.SAVINGS_IN, account=account, told={"units": 20_00, **BANK})
    told = held(world.person.pk)["Of earlier days, for another person to confirm"]
    assert (told[0]["Reference"], told[0]["Reason"]) == ("R 7", WHY)
    blank(world.person.pk)
    row.refresh_from_db()
    assert (row.reason, row.payload, row.units) == ("", {}, 20_00)


# --- doors ----------------------------------------------------------------------------------------


def test_the_pages_ask_why_only_now_and_the_queue_confirms(
    client: Client, world: World, account: SavingsAccount
) -> None:
    cast = world.cast
    money = {"units": "20.00", "value_date": "2025-02-15", "method": "BANK", "reference": "R 7"}
    refusal = do(client, cast.accountant, "savings_pay_in", account.pk, **money)
    assert "more than 7 days ago" in refusal.context["form"].errors["value_date"][0]
    told = do(client, cast.accountant, "savings_pay_in", account.pk, **money, late_reason=WHY)
    assert told.status_code == 302, told.context["form"].errors
    move = SavingsMove.objects.get()
    back = {"value_date": "2025-02-15", "reason": "Wrong saver", "late_reason": WHY}
    assert do(client, cast.accountant, "savings_reverse", move.pk, **back).status_code == 302
    made, _second = EarlierRecord.objects.order_by("id")
    today = at(client, cast.manager, "earlier_to_confirm").content.decode()
    decide = reverse("lending:earlier_decide", args=[made.pk])
    for text in ("Savings paid in", account.code, "20.00", "R 7", WHY, decide):
        assert text in today
    assert at(client, cast.cashier, "earlier_to_confirm").status_code == 403
    assert at(client, cast.outsider, "earlier_decide", made.pk).status_code == 404
    assert "20.00" in at(client, cast.manager, "earlier_decide", made.pk).content.decode()
    done = do(client, cast.manager, "earlier_decide", made.pk, approve="yes", reason="")
    assert done.status_code == 302, done.context["form"].errors
    assert SavingsMove.objects.get(units=20_00).value_date == FEBRUARY


def test_the_pages_of_guarantees_and_sheets_ask_it_too(
    client: Client, world: World, late: Loan, loan: Loan
) -> None:
    row = called(world, late)
    move = paid(world, row)
    cast = world.cast
    for name, pk in (("guarantee_recovery", row.pk), ("guarantee_reverse", move.pk)):
        page = at(client, cast.accountant, name, pk).content.decode()
        assert page.count('name="late_reason"') == 1, name
    strict()
    page = at(client, cast.accountant, "collection_sheet", day="2025-02-15").content.decode()
    assert page.count('name="late_reason"') == 1
    client.force_login(cast.accountant)
    fields = {
        "_new_id": str(new_id()),
        "_read_back": "1",
        "data_date": "2025-02-15",
        "counted": "113.47",
        f"paid_{loan.pk.hex}": "113.47",
        "late_reason": WHY,
    }
    sent = client.post(reverse("lending:collection_sheet") + "?day=2025-02-15", fields)
    assert sent.status_code == 302, sent.context["form"].errors
    made = EarlierRecord.objects.get()
    queue = at(client, cast.manager, "earlier_to_confirm").content.decode()
    for text in ("113.47", loan.code, "Lines"):
        assert text in queue
    do(client, cast.manager, "earlier_decide", made.pk, approve="yes", reason="")
    assert Collection.objects.get().held_date == FEBRUARY


def test_the_api_says_why_only_now_and_another_person_confirms(
    client: Client, world: World, late: Loan, account: SavingsAccount
) -> None:
    cast, path = world.cast, f"/savings/{account.pk}/deposits"
    told: dict[str, Any] = {"units": 20_00, "value_date": "2025-02-15"}
    assert post(client, cast.accountant, path, **told).json()["code"] == "BACK_DATED"
    made = post(client, cast.accountant, path, **told, late_reason=WHY)
    assert (made.status_code, made.json()["state"]) == (202, "PROPOSED")
    row: dict[str, Any] = {
        "held_date": "2025-02-15",
        "data_date": "2025-02-15",
        "counted_units": 5_00,
    }
    lines = [{"loan_id": str(late.pk), "units": 5_00}]
    whole = post(client, cast.accountant, "/collections", **row, lines=lines, late_reason=WHY)
    assert whole.status_code == 202, whole.content
    client.force_login(cast.manager)
    waiting = client.get("/api/v1/lending/earlier-records").json()
    assert [each["kind"] for each in waiting] == ["SAVINGS_IN", "COLLECTION"]
    for each in waiting:
        decision = f"/earlier-records/{each['id']}/decision"
        assert post(client, cast.accountant, decision).status_code in (403, 422)
        done = post(client, cast.manager, decision, approve=True)
        assert done.status_code == 201, done.content
        assert done.json()["made"]
    assert SavingsMove.objects.get(units=20_00).value_date == date(2025, 2, 15)
    assert Collection.objects.get().counted_units == 5_00
