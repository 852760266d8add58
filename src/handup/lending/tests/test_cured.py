"""A restructured or refinanced loan counts as at risk as long as its terms say, and REPAID_NUMBER
of a past day asks for what was agreed then: through services, figures, page, copy and proof.
"""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending import figures, queries, services
from handup.lending.models import Loan, LoanCure
from handup.lending.rules.state import Cure
from handup.lending.services.payoff import payoff_of
from handup.lending.services.store import cure_rows, state_as_of
from handup.lending.tests.cast import World, clean, make_product, repay, running, signed
from handup.lending.tests.test_agreed import DAY, agree, approve
from handup.lending.tests.test_changed_rows import behind, counts_for_it
from handup.lending.tests.test_refinancing import propose as propose_refinance
from handup.lending.verify import recent_projections

CURED: dict[str, Any] = {"restructured_in_par": "UNTIL_CURED", "cured_after_instalments": 2}


def made(world: World, of: str, **terms: Any) -> Loan:
    return running(world, product_version=make_product(world.cast, world.direct, of, terms=terms))


def at_risk(loan: Loan, on: date) -> bool:
    """Whether it is in PAR30 of a day; the rule, the sums and the fold say the same."""
    only = Loan.objects.filter(pk=loan.pk)
    risky = queries.portfolio_at_risk(on, 30, only).numerator > 0
    assert (figures.portfolio(on, only).at_risk(30).numerator > 0) == risky
    assert (figures.portfolio(on, only).at_risk(30, count_restructured=False).numerator) == 0
    assert counts_for_it(state_as_of(loan, on), on) == risky
    return risky


def cures(loan: Loan) -> list[Cure]:
    rows = loan.cures.filter(replaced_at=None).order_by("first_date")
    return [Cure(row.first_date, row.last_date) for row in rows]


def pay_rows(world: World, loan: Loan, count: int) -> list[date]:
    """Pay the next instalments on their days."""
    due = loan.dues.filter(replaced_at=None, to_date=None, settled_date=None).order_by("due_date")
    rows = list(due[:count])
    for row in rows:
        repay(world, loan, row.due_date, row.due_units - row.paid_units)
    return [row.due_date for row in rows]


def test_a_restructured_loan_is_cured_by_instalments_and_may_fall_back(world: World) -> None:
    loan = made(world, "CURE", **CURED)
    pay_rows(world, loan, 2)
    agree(world, loan, services.propose_restructure, instalments=12)
    first, second, third = pay_rows(world, loan, 3)
    assert [at_risk(loan, day) for day in (DAY, first, second, third)] == [True, True, False, False]
    assert not at_risk(loan, DAY - timedelta(days=1))
    again = third + timedelta(days=5)
    agree(world, loan, services.propose_restructure, instalments=6, proposed_date=again)
    assert cures(loan) == [Cure(second, again - timedelta(days=1))]
    assert [at_risk(loan, day) for day in (first, second, third, again)] == [
        True, False, False, True,
    ]  # fmt: skip
    clean()


def test_a_payment_taken_back_takes_the_cure_back(world: World) -> None:
    loan = made(world, "CURE", **CURED)
    pay_rows(world, loan, 2)
    agree(world, loan, services.propose_restructure, instalments=12)
    _first, second = pay_rows(world, loan, 2)
    assert cures(loan) == [Cure(second, None)]
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=loan.events.filter(kind="REPAID").latest("seq"),
        reason="Another borrower's money",
        value_date=second,
    )
    assert cures(loan) == []
    assert LoanCure.objects.exclude(replaced_at=None).count() == 1, "what was known stays known"
    assert at_risk(loan, second)
    clean()


@pytest.mark.parametrize(
    ("told", "is_at_risk"),
    [({}, True), ({"restructured_in_par": "NEVER"}, False), (CURED, True)],
    ids=["always", "never", "until cured"],
)
def test_a_loan_that_pays_an_old_one_off_counts_as_its_own_terms_say(
    world: World, loan: Loan, told: dict[str, Any], is_at_risk: bool
) -> None:
    pay_rows(world, loan, 2)
    product = make_product(world.cast, loan.lender, "AGAIN", terms=told)
    new = signed(world, 2_000_00, product_version=product)
    approve(world, propose_refinance(world, loan, new))
    new.refresh_from_db()
    assert at_risk(new, DAY) == is_at_risk
    _first, second = pay_rows(world, new, 2)
    assert at_risk(new, second) == (is_at_risk and told != CURED)
    assert at_risk(new, DAY) == is_at_risk
    clean()


def test_the_proof_finds_days_that_the_events_do_not_say(world: World) -> None:
    loan = made(world, "CURE", restructured_in_par="NEVER")
    agree(world, loan, services.propose_restructure, instalments=12)
    assert not list(recent_projections())
    LoanCure.objects.create(loan=loan, first_date=DAY, last_date=DAY)
    (found,) = recent_projections()
    assert (found.key, found.computed) == (f"loan {loan.code} not at risk", f"{DAY}..")


def test_a_loan_that_was_never_restructured_has_no_such_days(world: World, loan: Loan) -> None:
    pay_rows(world, loan, 3)
    assert not cure_rows(loan, state_as_of(loan, DAY), timezone.now())
    assert not LoanCure.objects.exists()


# --- REPAID_NUMBER --------------------------------------------------------------------------------


def number(on: date) -> tuple[int, int]:
    ratio = figures.repaid_number(on)
    rule = queries.repaid_number(on)
    assert (ratio.numerator, ratio.denominator) == (rule.numerator, rule.denominator)
    return ratio.numerator, ratio.denominator


def test_a_loan_paid_off_early_counts_when_its_agreed_end_has_passed(
    world: World, loan: Loan
) -> None:
    agreed = loan.last_due_date
    assert agreed is not None
    pay_rows(world, loan, 2)
    services.pay_off_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=DAY,
        units=payoff_of(loan, DAY).total,
    )
    loan.refresh_from_db()
    assert (loan.state, loan.last_due_date) == ("SETTLED", agreed)
    assert [number(day) for day in (DAY, agreed, agreed + timedelta(days=1))] == [
        (0, 0), (0, 0), (1, 1),
    ]  # fmt: skip
    clean()


def test_a_day_before_a_longer_term_was_agreed_asks_for_the_old_end(
    client: Client, world: World, loan: Loan
) -> None:
    old = loan.last_due_date
    assert old is not None
    after = old + timedelta(days=20)
    agree(
        world,
        loan,
        services.propose_reschedule,
        proposed_date=after,
        from_date=date(2025, 2, 15),
        shift_to=after + timedelta(days=30),
    )
    assert loan.last_due_date is not None
    assert loan.last_due_date > after
    assert number(old + timedelta(days=1)) == (0, 1)
    assert number(after) == (0, 0)
    assert behind(old + timedelta(days=1), loan, repaid=False)
    client.force_login(world.cast.manager)
    shown = {
        day: loan.code in client.get(
            reverse("lending:portfolio_loans"), {"set": "ENDED", "on": day.isoformat()}
        ).content.decode()
        for day in (old + timedelta(days=1), after)
    }  # fmt: skip
    assert list(shown.values()) == [True, False]
