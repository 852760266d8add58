"""A record sent again with its id changes nothing; with other content it is refused loudly (style
rule 7).
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from handup.kernel.credit.codes import Component, EarlyEffect
from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Loan, SavingsMove
from handup.lending.rules.codes import EventKind, Method, Outcome
from handup.lending.services.payoff import payoff_of
from handup.lending.tests.cast import START, World, applied, clean, running, signed
from handup.lending.tests.changing import FEBRUARY, nothing_happened
from handup.lending.tests.test_runs import write_off
from handup.lending.tests.test_savings import opened, owed_to_savers, pay_in
from handup.org.devices import SameIdOtherContent

BANK = {"method": Method.BANK, "reference": "R 7"}
ELSE = ({"reference": "R 8"}, {"method": Method.CASH})


def once(of: Loan, act: Callable[..., Any], /, *others: dict[str, Any], **told: Any) -> None:
    """The same twice is one; each of the others is refused and changes nothing."""
    told["id"] = new_id()
    first = act(**told)
    assert act(**told) == first
    for other in others:
        nothing_happened(of, partial(act, **{**told, **other}), SameIdOtherContent)


def test_money_that_came_in(world: World, loan: Loan) -> None:
    told: dict[str, Any] = {"acting_staff": world.cast.accountant, "loan": loan, **BANK}
    told |= {"value_date": FEBRUARY, "units": 150_00}
    once(loan, services.record_repayment, *ELSE, **told)
    early = services.record_early_repayment
    effect = {"effect": EarlyEffect.REDUCE_NUMBER}
    once(loan, early, *ELSE, {"effect": EarlyEffect.REDUCE_INSTALMENT}, **told, **effect)
    told["units"] = payoff_of(loan, FEBRUARY).total
    quote = services.quote_payoff(
        acting_staff=world.cast.accountant, loan=loan, quoted_date=FEBRUARY, valid_date=FEBRUARY
    )
    once(loan, services.pay_off_loan, *ELSE, {"quote": quote}, **told)
    clean()


def test_a_charge_a_recovery_and_a_cancelled_loan(world: World, loan: Loan) -> None:
    by: dict[str, Any] = {"acting_staff": world.cast.manager, "loan": loan}
    charge = {"component": Component.FEE, "due_date": FEBRUARY, "reason": "Stamp"}
    others = (
        {"component": Component.PENALTY},
        {"due_date": FEBRUARY + timedelta(days=1)},
        {"reason": "Visit"},
    )
    accountant = {**by, "acting_staff": world.cast.accountant}
    money = {"value_date": FEBRUARY, "units": 7_00}
    once(loan, services.charge_loan, *others, **accountant, **money, **charge)
    write_off(world, loan, date(2025, 3, 15))
    late = {**accountant, **BANK, "value_date": date(2025, 4, 15), "units": 5_00}
    once(loan, services.record_recovery, *ELSE, **late)
    other = signed(world)
    told = {**by, "loan": other, "value_date": START, "reason": "Moved"}
    once(other, services.cancel_loan, {"reason": "Ill"}, {"value_date": FEBRUARY}, **told)


def test_a_word_on_one_proposal_is_none_on_another(world: World, loan: Loan) -> None:
    def ask(units: int) -> Any:
        return services.propose_waiver(
            acting_staff=world.cast.officer,
            loan=loan,
            component=Component.INTEREST,
            units=units,
            proposed_date=FEBRUARY,
            reason="Flood",
        )

    first, key = ask(5_00), new_id()
    decide = partial(services.decide_change, acting_staff=world.cast.manager, id=key)
    event = decide(proposal=first, value_date=FEBRUARY)
    assert decide(proposal=first, value_date=FEBRUARY) == event
    second = ask(6_00)
    for told in ({"proposal": second}, {"proposal": first, "approve": False, "reason": "No"}):
        nothing_happened(loan, partial(decide, value_date=FEBRUARY, **told), SameIdOtherContent)
    assert loan.events.filter(kind=EventKind.WAIVED).count() == 1


def test_savings_paid_out_from_behind_several_loans(world: World) -> None:
    account = opened(world)
    pay_in(world, account, 50_00)
    loan = running(world)
    told: dict[str, Any] = {"acting_staff": world.cast.accountant, "account": account, **BANK}
    told |= {"value_date": timezone.localdate(), "units": 20_00}
    once(loan, services.pay_in_savings, *ELSE, {"units": 30_00}, **told)
    once(loan, services.pay_out_savings, *ELSE, {"units": 30_00}, **told)
    assert owed_to_savers(world) == 50_00
    assert SavingsMove.objects.filter(kind="PAID_OUT").count() == 1


def test_what_was_decided_on_an_application(world: World) -> None:
    application, loan = applied(world), running(world)
    day = START - timedelta(days=5)
    by: dict[str, Any] = {"application": application}
    once(
        loan,
        services.appraise_application,
        {"appraised_date": day + timedelta(days=1)},
        {"recommendation": Outcome.DECLINE},
        {"recommended_units": 900_00},
        {"recommended_units": None},
        {"anchors": {"CHARACTER": 2}},
        {"overrides": [{"fact": "income", "reason": "Seen"}]},
        {"note": "Another word"},
        **by,
        acting_staff=world.cast.appraiser,
        appraised_date=day,
        recommendation=Outcome.APPROVE_LESS,
        recommended_units=1_000_00,
        note="She keeps a book",
    )
    once(
        loan,
        services.decide_application,
        {"approved_units": 900_00},
        {"decided_date": day + timedelta(days=1)},
        {"outcome": Outcome.APPROVE},
        **by,
        acting_staff=world.cast.committee,
        decided_date=day,
        outcome=Outcome.APPROVE_LESS,
        approved_units=1_000_00,
    )
