"""What happened on a day too long ago for one person: one says so and why only now, another
confirms it, and it counts from its own day.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending import errors, services
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, Method, ProposalState, Source
from handup.lending.rules.events import SEVERAL_WAIT
from handup.lending.services.back_dating import ACTS, NotBackDatable
from handup.lending.services.days import DAYS_KEY, back_date_days, earliest_day
from handup.lending.services.payoff import payoff_of
from handup.lending.services.telling import NotBackDated, NotToldOfIt, ToldTooLittle
from handup.lending.tests.cast import START, World, clean, repay, running, signed
from handup.lending.tests.changing import FEBRUARY, INSTALMENT, MARCH, held, nothing_happened
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_runs import write_off
from handup.lending.tests.test_tranches import begun, meet
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import AuditLine, Setting
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.services import change_setting

TODAY = timezone.localdate()
WHY = "The receipt lay in another folder"


def strict() -> None:
    """The days of the house again, after a world whose stories play long ago was made."""
    Setting.objects.filter(key=DAYS_KEY).delete()


def propose(world: World, loan: Loan, **changes: Any) -> LoanProposal:
    """The accountant found a receipt of February."""
    fields: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "loan": loan,
        "kind": EventKind.REPAID,
        "value_date": FEBRUARY,
        "told": {"units": INSTALMENT, "method": Method.CASH, "reference": "R 7"},
        "proposed_date": TODAY,
        "reason": WHY,
    }
    return services.propose_back_dated(**{**fields, **changes})


def confirm(world: World, proposal: LoanProposal, **changes: Any) -> LoanEvent | None:
    fields: dict[str, Any] = {"acting_staff": world.cast.manager, "value_date": TODAY}
    return services.decide_change(proposal=proposal, **{**fields, **changes})


def settings_asked(loan: Loan, world: World, day: date) -> int:
    with settings_heard() as asked:
        repay(world, loan, day, 10_00)
    return len(asked)


@contextmanager
def settings_heard() -> Iterator[list[str]]:
    """The questions of a setting, also those that PostgreSQL itself fills in."""
    heard: list[str] = []

    def hear(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if str(sql).startswith('SELECT "org_setting"'):
            heard.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield heard


# --- the days of one person -----------------------------------------------------------------------


@pytest.mark.usefixtures("world")
def test_the_house_says_for_how_many_days_one_person_is_enough() -> None:
    strict()
    assert back_date_days() == 7
    assert earliest_day(TODAY, ()) == TODAY
    assert earliest_day(TODAY, (TODAY - timedelta(days=1),)) == TODAY - timedelta(days=7)
    for told, days in ((30, 30), (0, 0), (-1, 7), ("many", 7), (10**9, 36_525)):
        Setting.objects.update_or_create(key=DAYS_KEY, defaults={"value": told})
        first = earliest_day(TODAY, (date(2000, 1, 1),))
        assert first == max(TODAY - timedelta(days=days), date(1900, 1, 1)), told


def test_what_happened_today_asks_for_no_setting(world: World, loan: Loan) -> None:
    strict()
    assert settings_asked(loan, world, TODAY) == 0
    assert settings_asked(loan, world, TODAY - timedelta(days=2)) == 1


def test_a_batch_asks_for_the_days_once(world: World, loan: Loan) -> None:
    items = [services.RepaymentIn(loan.pk, FEBRUARY, 5_00) for _number in range(4)]
    with settings_heard() as asked:
        services.record_repayments(items, acting_staff=world.cast.accountant)
    assert len(asked) == 1


def test_nobody_records_an_old_day_alone(world: World, loan: Loan) -> None:
    other = signed(world)
    strict()
    cast, old = world.cast, TODAY - timedelta(days=8)
    charge: dict[str, Any] = {
        "component": Component.FEE,
        "units": 7_00,
        "due_date": TODAY,
        "reason": "Stamp",
    }
    acts = (
        lambda: repay(world, loan, old, 10_00),
        lambda: services.record_early_repayment(
            acting_staff=cast.accountant, loan=loan, value_date=old, units=10_00
        ),
        lambda: services.pay_off_loan(
            acting_staff=cast.accountant, loan=loan, value_date=old, units=2_000_00
        ),
        lambda: services.charge_loan(
            acting_staff=cast.accountant, loan=loan, value_date=old, **charge
        ),
    )
    for act in acts:
        nothing_happened(loan, act, errors.BackDated)
    for again in (
        lambda: services.disburse_loan(acting_staff=cast.manager, loan=other, value_date=START),
        lambda: services.cancel_loan(
            acting_staff=cast.manager, loan=other, value_date=START, reason="Moved"
        ),
    ):
        nothing_happened(other, again, errors.BackDated)
    assert repay(world, loan, TODAY - timedelta(days=7), 10_00).units == 10_00


def test_the_house_may_set_other_days(world: World, loan: Loan) -> None:
    strict()
    day = TODAY - timedelta(days=20)
    with pytest.raises(errors.BackDated) as refused:
        repay(world, loan, day, 10_00)
    assert refused.value.places["days"] == 7
    with pytest.raises(NotAllowed):
        change_setting(acting_staff=world.cast.manager, key=DAYS_KEY, value=30)
    Setting.objects.create(key=DAYS_KEY, value=30)
    assert repay(world, loan, day, 10_00).value_date == day


# --- proposed by one, confirmed by another --------------------------------------------------------


def test_a_payment_of_an_earlier_day_counts_from_its_day_when_another_confirms(
    world: World, loan: Loan
) -> None:
    in_time = running(world)
    for day in (FEBRUARY, MARCH):
        repay(world, in_time, day, INSTALMENT)
    repay(world, loan, MARCH, INSTALMENT)
    strict()
    made = propose(world, loan)
    assert (made.state, made.reason) == (ProposalState.PROPOSED, WHY)
    assert loan.events.count() == 3
    assert services.proposals.waiting_proposals(world.cast.manager) == [made]
    assert services.proposals.waiting_proposals(world.cast.accountant) == []
    event = confirm(world, made)
    assert event is not None
    assert (event.value_date, event.source) == (FEBRUARY, Source.BACK_DATED)
    assert (event.reference, event.recorded_by) == ("R 7", world.cast.manager)
    made.refresh_from_db()
    assert (made.state, made.event, made.decided_by) == (
        ProposalState.APPROVED,
        event,
        world.cast.manager,
    )
    for role in ("LOANS", "INTEREST_DUE"):
        assert held(world, role, loan) == held(world, role, in_time)
    actions = AuditLine.objects.filter(object_id__in=[made.pk, event.pk]).values_list(
        "action", "staff"
    )
    assert set(actions) == {
        ("lending.back_date", world.cast.accountant.pk),
        ("lending.confirm_back_date", world.cast.manager.pk),
        ("lending.record_repayment", world.cast.manager.pk),
    }
    clean()


def test_who_says_it_does_not_confirm_it_and_a_no_changes_nothing(world: World, loan: Loan) -> None:
    strict()
    made = propose(world, loan)
    nothing_happened(
        loan, lambda: confirm(world, made, acting_staff=world.cast.accountant), SamePerson
    )
    nothing_happened(
        loan, lambda: confirm(world, made, acting_staff=world.cast.officer), NotAllowed
    )
    nothing_happened(
        loan, lambda: confirm(world, made, acting_staff=world.cast.outsider), NotAllowed, OutOfSight
    )
    nothing_happened(loan, lambda: confirm(world, made, approve=False), ReasonNeeded)
    assert confirm(world, made, approve=False, reason="No such receipt") is None
    assert loan.events.count() == 2
    nothing_happened(loan, lambda: confirm(world, made), errors.ProposalDecided)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"told": {"units": 0}}, errors.AmountNotPositive),
        ({"value_date": START - timedelta(days=1)}, errors.BeforeDisbursement),
        ({"value_date": TODAY}, NotBackDated),
        ({"value_date": TODAY + timedelta(days=1)}, errors.FutureDate),
        ({"reason": " "}, ReasonNeeded),
        ({"told": {"units": 5_00, "source": "IMPORT"}}, NotToldOfIt),
        ({"told": {"method": Method.CASH}}, ToldTooLittle),
        ({"kind": EventKind.WRITTEN_OFF, "told": {}}, NotBackDatable),
        ({"kind": EventKind.RECOVERED}, errors.LoanNotWrittenOff),
        ({"kind": EventKind.CANCELLED, "told": {"reason": "Moved"}}, NotAllowed),
        ({"kind": EventKind.DISBURSED, "told": {}}, NotAllowed),
    ],
)
def test_what_cannot_be_is_refused_to_who_proposes_it(
    world: World, loan: Loan, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    strict()
    nothing_happened(loan, lambda: propose(world, loan, **changes), refusal)


def test_only_who_may_back_date_proposes(world: World, loan: Loan) -> None:
    strict()
    for who in (world.cast.cashier, world.cast.officer):
        act = partial(propose, world, loan, acting_staff=who)
        nothing_happened(loan, act, NotAllowed)


def test_several_receipts_wait_side_by_side_and_each_counts_once(world: World, loan: Loan) -> None:
    strict()
    key = new_id()
    first = propose(world, loan, id=key)
    assert propose(world, loan, id=key) == first
    with pytest.raises(SameIdOtherContent):
        propose(world, loan, id=key, value_date=MARCH)
    second = propose(world, loan, value_date=MARCH)
    event_id = new_id()
    event = confirm(world, first, id=event_id)
    assert confirm(world, first, id=event_id) == event
    confirm(world, second)
    assert list(loan.events.filter(kind=EventKind.REPAID).values_list("value_date", flat=True)) == [
        FEBRUARY,
        MARCH,
    ]
    clean()


def test_what_changed_since_is_refused_when_it_is_confirmed(world: World, loan: Loan) -> None:
    strict()
    parts = payoff_of(loan, MARCH)
    told = {"units": parts.total, "method": Method.BANK}
    closing = {"kind": EventKind.PAID_OFF, "value_date": MARCH, "told": told}
    made = propose(world, loan, **closing)
    with pytest.raises(errors.AlreadyProposed):
        propose(world, loan, **closing)
    services.reverse_loan_event(
        acting_staff=world.cast.manager,
        event=loan.events.get(kind=EventKind.DISBURSED),
        value_date=TODAY,
        reason="Never handed over",
    )
    nothing_happened(loan, lambda: confirm(world, made), errors.NotRunning)
    made.refresh_from_db()
    assert made.state == ProposalState.PROPOSED


# --- each kind ------------------------------------------------------------------------------------


def test_a_fee_a_payoff_and_money_paid_early_go_the_same_way(world: World, loan: Loan) -> None:
    strict()
    told = {"component": Component.FEE, "units": 7_00, "due_date": MARCH, "reason": "Stamp"}
    fee = confirm(world, propose(world, loan, kind=EventKind.CHARGED, told=told))
    assert fee is not None
    assert (fee.units, fee.reason, fee.payload["component"]) == (7_00, "Stamp", "FEE")
    early = {"units": 500_00, "method": Method.BANK, "effect": None}
    day = date(2025, 2, 1)
    made = propose(world, loan, kind=EventKind.EARLY_REPAID, value_date=day, told=early)
    assert "effect" not in made.payload
    paid = confirm(world, made)
    assert paid is not None
    assert (paid.kind, paid.value_date) == (EventKind.EARLY_REPAID, day)
    total = payoff_of(loan, FEBRUARY).total
    quote = services.quote_payoff(
        acting_staff=world.cast.accountant, loan=loan, quoted_date=day, valid_date=FEBRUARY
    )
    made = propose(
        world, loan, kind=EventKind.PAID_OFF, told={"units": quote.total_units, "quote": quote}
    )
    assert (made.payload["quote"], quote.total_units) == (str(quote.pk), total)
    confirm(world, made)
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    clean()


def test_a_payout_and_its_next_part_go_the_same_way(world: World) -> None:
    world.cast.accountant.grants.create(
        role="CASHIER", scope="ALL", starts=TODAY, ends=TODAY + timedelta(days=9)
    )
    loan, parted = signed(world), begun(world)
    meet(world, parted)
    strict()
    told = {"method": Method.BANK, "reference": "Voucher 1", "reason": ""}
    before = balance(world.book, "BANK")
    made = propose(world, loan, kind=EventKind.DISBURSED, value_date=START, told=told)
    assert balance(world.book, "BANK") == before
    confirm(world, made)
    loan.refresh_from_db()
    assert (loan.state, loan.disbursed_date) == (LoanState.ACTIVE, START)
    day = date(2025, 4, 15)
    made = propose(world, parted, kind=EventKind.DISBURSED, value_date=day, told=told)
    event = confirm(world, made)
    assert event is not None
    assert (event.payload["tranche"], event.source) == (2, Source.BACK_DATED)
    clean()


def test_who_decided_on_the_loan_does_not_pay_it_out_by_proposing_it(world: World) -> None:
    loan = signed(world, advisor=world.cast.manager)
    strict()
    told = {"method": Method.BANK}
    paid_out = {"kind": EventKind.DISBURSED, "value_date": START, "told": told}
    nothing_happened(
        loan, lambda: propose(world, loan, acting_staff=world.cast.manager, **paid_out), SamePerson
    )


def test_a_loan_not_taken_and_money_after_a_write_off(world: World, loan: Loan) -> None:
    write_off(world, loan, MARCH)
    day = TODAY - timedelta(days=10)
    unsigned = signed(world)
    strict()
    told = {"reason": "Moved away"}
    manager = {"acting_staff": world.cast.manager}
    made = propose(
        world, unsigned, kind=EventKind.CANCELLED, value_date=START, told=told, **manager
    )
    confirm(world, made, acting_staff=world.cast.director)
    unsigned.refresh_from_db()
    assert unsigned.state == LoanState.CANCELLED
    made = propose(world, loan, kind=EventKind.RECOVERED, value_date=day)
    event = confirm(world, made)
    assert event is not None
    assert (event.kind, event.value_date) == (EventKind.RECOVERED, day)
    clean()


def test_what_two_persons_decide_anyway_bears_no_day_before_the_one_proposed(
    world: World, loan: Loan
) -> None:
    strict()
    proposed = date(2025, 6, 1)
    made = services.propose_waiver(
        acting_staff=world.cast.officer,
        loan=loan,
        component=Component.INTEREST,
        units=5_00,
        proposed_date=proposed,
        reason="Flood",
    )
    early = proposed - timedelta(days=1)
    nothing_happened(loan, lambda: confirm(world, made, value_date=early), errors.BackDated)
    event = confirm(world, made, value_date=proposed)
    assert event is not None
    assert event.value_date == proposed


def test_every_kind_of_an_earlier_day_has_its_duty_and_its_words() -> None:
    assert set(SEVERAL_WAIT) < {kind.value for kind in ACTS}


# --- doors ----------------------------------------------------------------------------------------


def test_the_page_asks_why_only_now_and_the_queue_confirms(
    client: Client, world: World, loan: Loan
) -> None:
    strict()
    cast = world.cast
    assert (
        "late_reason" not in at(client, cast.cashier, "record_repayment", loan.pk).content.decode()
    )
    fields = {"units": "113.47", "value_date": "2025-02-15", "method": "CASH", "reference": "R 7"}
    refused = do(client, cast.accountant, "record_repayment", loan.pk, **fields)
    assert "more than 7 days ago" in refused.context["form"].errors["value_date"][0]
    assert "Why only now?" in refused.content.decode()
    told = do(client, cast.accountant, "record_repayment", loan.pk, **fields, late_reason=WHY)
    assert told.status_code == 302, told.context["form"].errors
    made = LoanProposal.objects.get()
    decide = reverse("lending:proposal_decide", args=[made.pk])
    page = at(client, cast.accountant, "loan_detail", loan.pk)
    assert "It waits for somebody else to confirm it." in page.content.decode()
    assert WHY in page.content.decode()
    assert decide in at(client, cast.manager, "loan_detail", loan.pk).content.decode()
    queue = at(client, cast.manager, "proposals_to_decide").content.decode()
    for text in ("What happened on an earlier day", "113.47", "Cash", "R 7", WHY, decide):
        assert text in queue
    assert "The change counts from" not in queue
    done = do(client, cast.manager, "proposal_decide", made.pk, approve="yes", reason="")
    assert done.status_code == 302, done.context["form"].errors
    event = loan.events.get(kind=EventKind.REPAID)
    assert event.value_date == FEBRUARY
    shown = at(client, cast.manager, "event_detail", event.pk).content.decode()
    assert "An earlier day, confirmed by another person" in shown


@pytest.mark.parametrize("name", ["pay_off_loan", "early_new", "charge_loan"])
def test_each_page_that_dates_an_act_asks_why_only_now(
    client: Client, world: World, loan: Loan, name: str
) -> None:
    page = at(client, world.cast.accountant, name, loan.pk).content.decode()
    assert page.count('name="late_reason"') == 1
    assert (
        'name="late_reason"' not in at(client, world.cast.officer, name, loan.pk).content.decode()
    )


def test_pages_of_money_out_and_of_recoveries_ask_it_too(client: Client, world: World) -> None:
    loan = signed(world)
    for name in ("disburse_loan", "cancel_loan", "record_recovery"):
        page = at(client, world.cast.manager, name, loan.pk).content.decode()
        assert page.count('name="late_reason"') == 1, name


def test_the_api_proposes_what_happened_on_an_earlier_day(
    client: Client, world: World, loan: Loan
) -> None:
    strict()
    cast, path = world.cast, f"/loans/{loan.pk}/back-dated"
    told: dict[str, Any] = {"kind": "REPAID", "value_date": "2025-02-15", "late_reason": WHY}
    entries = Entry.objects.count()
    late = post(
        client,
        cast.accountant,
        f"/loans/{loan.pk}/repayments",
        units=50_00,
        value_date="2025-02-15",
    )
    assert late.json()["code"] == "BACK_DATED"
    missing = post(client, cast.cashier, path, **told, units=50_00)
    assert missing.status_code == 403
    made = post(client, cast.accountant, path, **told, units=50_00, method="BANK")
    assert made.status_code == 201, made.content
    assert Entry.objects.count() == entries
    decision = f"/proposals/{made.json()['id']}/decision"
    day = TODAY.isoformat()
    done = post(client, cast.manager, decision, approve=True, value_date=day)
    assert done.status_code == 201, done.content
    assert loan.events.get(kind=EventKind.REPAID).method == "BANK"
    fee = {**told, "kind": "CHARGED", "component": "FEE", "due_date": "2025-03-01"}
    assert post(client, cast.accountant, path, **fee, units=7_00, reason="Stamp").status_code == 201
