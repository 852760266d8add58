"""An instalment of which no more is unpaid than the terms tolerate is not late: one table of cases,
told alike by the fold, the dated rows, the sums of a portfolio, the copy in columns and the books.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import LazySettings

from handup.kernel.credit.allocation import Amounts
from handup.kernel.credit.arrears import DueAndPaid, arrears
from handup.kernel.credit.codes import Component, PenaltyBase, PenaltyKind, RestructuredInPar
from handup.kernel.credit.terms import FINERACT_ADVANCED, Penalty, Terms
from handup.kernel.credit.validity import NeverLate
from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.api.terms import TermsNew
from handup.lending.columns.copying import make_copy
from handup.lending.models import Loan, ProductVersion
from handup.lending.rules.codes import LoanState
from handup.lending.rules.cures import cures_of
from handup.lending.rules.events import Event
from handup.lending.rules.loan import PENALTY, PRINCIPAL, fold
from handup.lending.rules.snapshot import restored, snapshot
from handup.lending.rules.state import Cure, State
from handup.lending.services.repayments import RepaymentIn
from handup.lending.terms_filled import initial_of
from handup.lending.terms_forms import TermsForm
from handup.lending.tests.cast import World, clean, make_product, repay, running
from handup.lending.tests.loans import (
    PER_DAY,
    charged,
    moratorium,
    repaid,
    restructured,
    reversal,
    terms,
    waived,
)
from handup.lending.tests.test_accrual_changed import same
from handup.lending.tests.test_changed_rows import paid_out, read, store, stored_loan, summed, told
from handup.lending.tests.test_columns import by_both, groups
from handup.lending.views.terms import cost_facts
from handup.org.web.money import format_money
from handup.org.web.pages import Fact

TOLERATED, INSTALMENT = 500, 107_039
DUE, NEXT, ONE_DAY_ON, LATER = (
    date(2025, 2, 15),
    date(2025, 3, 15),
    date(2025, 2, 16),
    date(2025, 4, 14),
)
MARCH = date(2025, 3, 1)
ALL_BUT = repaid(DUE, INSTALMENT - TOLERATED)


def tolerant(**changed: Any) -> Terms:
    return terms(arrears_tolerance_units=TOLERATED, **changed)


def once(units: int) -> Terms:
    """Principal is served before interest, and an instalment that is late costs an amount once."""
    penalty = Penalty(PenaltyKind.FIXED, PenaltyBase.OVERDUE_ALL, units=units)
    return tolerant(penalty=penalty, allocation=FINERACT_ADVANCED)


class Case(NamedTuple):
    """What happened to a loan, and of some days how late it is and what of it is overdue."""

    of: Terms
    happened: Sequence[Event]
    expected: Sequence[tuple[date, int, int]]


CASES: dict[str, Case] = {
    "no more is left than is tolerated": Case(
        tolerant(), [ALL_BUT], [(ONE_DAY_ON, 0, 0), (NEXT, 0, 0), (LATER, 30, INSTALMENT)]
    ),
    "one unit more": Case(
        tolerant(),
        [repaid(DUE, INSTALMENT - TOLERATED - 1)],
        [(DUE, 0, 0), (ONE_DAY_ON, 1, 501), (LATER, 58, INSTALMENT + 501)],
    ),
    "paid down late": Case(
        tolerant(),
        [repaid(MARCH, INSTALMENT - TOLERATED)],
        [(date(2025, 2, 28), 13, INSTALMENT), (MARCH, 0, 0), (NEXT, 0, 0)],
    ),
    "a little is left of the next as well": Case(
        tolerant(), [ALL_BUT, repaid(NEXT, INSTALMENT)], [(NEXT, 0, 0), (LATER, 0, 0)]
    ),
    "the payment is taken back": Case(
        tolerant(), [ALL_BUT, reversal(ALL_BUT, MARCH)], [(MARCH, 14, INSTALMENT)]
    ),
    "no penalty runs on what is tolerated": Case(
        tolerant(penalty=PER_DAY), [ALL_BUT], [(NEXT, 0, 0), (LATER, 30, INSTALMENT)]
    ),
    "a penalty runs until no more is left": Case(
        tolerant(penalty=PER_DAY),
        [repaid(MARCH, INSTALMENT - TOLERATED + 1_043)],  # 94 809 at 0.1 % for 11 days
        [(date(2025, 2, 28), 13, INSTALMENT), (NEXT, 0, 0)],
    ),
    "let go of, and what lateness cost stands": Case(
        once(700),
        [repaid(DUE, 94_809), waived(MARCH, 12_000, Component.INTEREST)],
        [(date(2025, 2, 28), 13, 12_230), (MARCH, 14, 230), (NEXT, 28, 230)],
    ),
    "let go of, stood, and was paid after": Case(
        once(700),
        [
            repaid(DUE, 94_809),
            waived(MARCH, 12_000, Component.INTEREST),
            repaid(date(2025, 3, 10), 600),
        ],
        [(MARCH, 14, 230), (date(2025, 3, 10), 0, 0), (NEXT, 0, 0)],
    ),
    "let go of, and all that is left is tolerated": Case(
        once(200),
        [repaid(DUE, 94_809), waived(MARCH, 12_000, Component.INTEREST)],
        [(date(2025, 2, 28), 13, 12_230), (MARCH, 0, 0), (NEXT, 0, 0)],
    ),
    "a charged penalty counts": Case(
        tolerant(),
        [
            charged(date(2025, 2, 1), 501, DUE, component=Component.PENALTY),
            repaid(DUE, 501),
            repaid(DUE, INSTALMENT - 501),
        ],
        [(ONE_DAY_ON, 1, 501), (LATER, 58, INSTALMENT + 501)],
    ),
    "new terms leave it as it was": Case(
        tolerant(),
        [
            restructured(MARCH, terms(instalments=9, arrears_tolerance_units=90_000)),
            repaid(date(2025, 4, 1), 60_000),
        ],
        [(NEXT, 0, 0), (date(2025, 4, 2), 1, 15_621), (LATER, 13, 15_621)],
    ),
    "days of a pause are left out": Case(
        tolerant(),
        [ALL_BUT, moratorium(date(2025, 3, 20), date(2025, 4, 9))],
        [(NEXT, 0, 0), (date(2025, 3, 19), 4, INSTALMENT), (LATER, 9, INSTALMENT)],
    ),
}


def happened(case: Case) -> list[Event]:
    """The loan paid out, and what came after, with ids of its own."""
    fresh: dict[Any, Any] = {item.id: new_id() for item in case.happened}
    return [
        paid_out(case.of),
        *(
            replace(item, id=fresh[item.id], reverses=fresh.get(item.reverses))
            for item in case.happened
        ),
    ]


@pytest.mark.parametrize("name", CASES)
def test_the_fold_says_how_late_a_loan_is(name: str) -> None:
    case = CASES[name]
    events = happened(case)
    for day, late, overdue in case.expected:
        state = fold(events, day, terms=case.of)
        assert (state.arrears_days(day), state.overdue_stored(day)) == (late, overdue), day
        state.check()
        kept = restored(snapshot(state.live))
        assert kept is not None
        again = kept.seen_on(day)
        assert (again.arrears_days(day), again.overdue(day)) == (late, state.overdue(day)), day
        if not state.frozen and not state.lateness.runs:
            rows = [
                DueAndPaid(row.due_date, Amounts(*row.due[::-1]), Amounts(*row.paid[::-1]))
                for row in state.rows
            ]
            assert arrears(rows, day, TOLERATED).days == late, "the kernel's own sum"


def test_dated_rows_portfolio_copy_and_books_say_the_same(
    world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR, settings.COLUMNS = tmp_path, True
    loans, days = [], set()
    for name, case in CASES.items():
        loan = stored_loan(world, case.of, world.direct)
        store(world, loan, happened(case))
        assert loan.arrears_tolerance_units == TOLERATED, name
        only = Loan.objects.filter(pk=loan.pk)
        for day, late, overdue in case.expected:
            wanted = (told(loan, day)[0], late, overdue)
            assert told(loan, day) == read(loan, day) == wanted, (name, day)
            state = fold(happened(case), day, terms=case.of)
            assert summed(day, only) == (*wanted[:2], state.overdue(day)[PRINCIPAL]), (name, day)
            days.add(day)
        loans.append(loan)
    same(world, loans, days)
    make_copy()
    for day in sorted(days):
        asked, copied = by_both(settings, day)
        assert copied.copied_at is not None
        assert groups(copied) == groups(asked), day


def seen(case: Case, day: date) -> State:
    return fold(happened(case), day, terms=case.of)


def test_a_penalty_that_ran_is_asked_and_no_more_comes_to_it() -> None:
    case = CASES["let go of, and all that is left is tolerated"]
    assert seen(case, MARCH).rows[0].due[PENALTY] == 200
    assert seen(case, NEXT).rows[0].due[PENALTY] == 200
    assert seen(CASES["no penalty runs on what is tolerated"], NEXT).overdue(NEXT)[PENALTY] == 0
    assert seen(CASES["a penalty runs until no more is left"], NEXT).rows[0].unpaid == TOLERATED


def test_an_instalment_paid_but_for_the_tolerated_cures() -> None:
    anew = terms(
        instalments=9,
        restructured_in_par=RestructuredInPar.UNTIL_CURED,
        cured_after_instalments=1,
    )
    first = date(2025, 4, 1)
    for short, cured in ((500, [Cure(date(2025, 4, 3), None)]), (501, [])):
        paid = repaid(date(2025, 4, 3), 75_621 - short)
        case = Case(tolerant(), [restructured(MARCH, anew), paid], [])
        state = seen(case, date(2025, 4, 20))
        assert (state.rows[-9].due_date, sum(state.rows[-9].due)) == (first, 75_621)
        assert cures_of(state) == cured


# --- terms ----------------------------------------------------------------------------------------


def product(world: World, code: str = "LITTLE", **told: Any) -> ProductVersion:
    tolerance = {"arrears_tolerance_units": 2_00, **told}
    return make_product(world.cast, world.direct, code, terms=tolerance)


@pytest.mark.parametrize(
    ("units", "code"), [(10_000_00, "NEVER_LATE"), (-1, "BAD_TERMS"), (2**50, "BAD_TERMS")]
)
def test_terms_under_which_nothing_is_ever_late_are_refused(
    world: World, units: int, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        product(world, arrears_tolerance_units=units)
    found = refused.value
    assert code == (found.faults[0].code if isinstance(found, Faults) else found.code)
    assert not ProductVersion.objects.filter(product__code="LITTLE").exists()


def test_a_loan_at_the_desk_is_late_only_for_more(world: World) -> None:
    loan = running(world, product_version=product(world))
    assert loan.arrears_tolerance_units == 2_00
    first, second, third = loan.dues.order_by("number")[:3]
    repay(world, loan, first.due_date, first.due_units - 2_00)
    loan.refresh_from_db()
    assert (loan.next_due_date, loan.state) == (second.due_date, LoanState.ACTIVE)
    services.record_repayments(
        [RepaymentIn(loan.pk, second.due_date, second.due_units)],
        acting_staff=world.cast.accountant,
    )
    loan.refresh_from_db()
    assert loan.next_due_date == third.due_date
    clean()


def test_a_loan_of_which_only_the_tolerated_is_left_goes_on(world: World) -> None:
    loan = running(world, product_version=product(world))
    last = loan.dues.order_by("number").last()
    assert last is not None
    owed = sum(due.due_units for due in loan.dues.all())
    repay(world, loan, last.due_date, owed - 2_00)
    loan.refresh_from_db()
    assert (loan.next_due_date, loan.state, loan.principal_units) == (None, "ACTIVE", 2_00)
    repay(world, loan, last.due_date, 2_00)
    loan.refresh_from_db()
    assert (loan.state, loan.settled_date) == (LoanState.SETTLED, last.due_date)
    clean()


def test_instalments_made_so_small_that_none_is_ever_late_are_refused(world: World) -> None:
    of = terms(arrears_tolerance_units=70_000)
    loan = stored_loan(world, of, world.direct)
    store(world, loan, [paid_out(of)])
    told: dict[str, Any] = {"acting_staff": world.cast.officer, "loan": loan, "reason": "Hail"}
    told |= {"proposed_date": DUE, "from_date": DUE}
    with pytest.raises(NeverLate):
        services.propose_reschedule(**told, extra_instalments=6)
    assert services.propose_reschedule(**told, extra_instalments=1).loan == loan


def test_the_tolerance_is_asked_and_shown() -> None:
    told = {**initial_of(tolerant()), "smallest": "1", "largest": "9"}
    assert told["tolerated"] == "5.00"
    form = TermsForm({k: v for k, v in told.items() if v not in (None, "")}, currency="USD")
    assert form.is_valid(), form.errors
    assert form.terms()["arrears_tolerance_units"] == TOLERATED
    assert Fact("Not late for so little", format_money(TOLERATED, "USD")) in list(
        cost_facts(tolerant())
    )
    assert not any(fact.label == "Not late for so little" for fact in cost_facts(terms()))
    assert TermsNew(arrears_tolerance_units=TOLERATED).differing() == {
        "arrears_tolerance_units": TOLERATED
    }
