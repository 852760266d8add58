"""The likeliest loans of a payment are found by what they share with it, not by looking at all."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.lending.models import BankStatement
from handup.lending.rules.banking import matching
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.rules.banking.matching import (
    LEAST_SHOWN,
    MOST_SHOWN,
    Debt,
    Debts,
    Payment,
    score,
)
from handup.lending.services import candidates
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, make_person, running

DAY = date(2025, 2, 17)
NAMES = ("", "Ann Alba", "ALBA ANN", "Anna Alba", "An Alba", "Bea Baker", "Անի Ալբա")
amounts = st.sampled_from((0, 100, 200, 300))
days = st.integers(-9, 9).map(lambda number: DAY + timedelta(days=number))
debts = st.builds(
    Debt,
    loan=st.integers(1, 10**6).map(lambda number: UUID(int=number)),
    code=st.integers(1, 9).map(lambda number: f"L{number:07}"),
    lenders_number=st.sampled_from(("", "B 12/7")),
    name=st.sampled_from(NAMES),
    accounts=st.sampled_from((frozenset(), frozenset({"DE75"}))),
    due_units=amounts,
    due_date=st.none() | days,
    owed_units=amounts,
)
payments = st.builds(
    Payment,
    units=st.sampled_from((100, 200, 300)),
    day=days,
    codes=st.sampled_from(((), ("L0000001",))),
    numbers=st.sampled_from((frozenset(), frozenset({"0000002"}), frozenset({"B12/7"}))),
    name=st.sampled_from(NAMES),
    account=st.sampled_from(("", "DE75", "GB33")),
)


@given(payments, st.lists(debts, max_size=40, unique_by=lambda debt: debt.loan))
def test_they_are_those_of_a_look_at_every_loan(payment: Payment, known: list[Debt]) -> None:
    every = [score(payment, debt) for debt in known]
    shown = [found for found in every if found.points >= LEAST_SHOWN]
    shown.sort(key=lambda found: (-found.points, found.loan))
    assert Debts(known).best(payment) == tuple(shown[:MOST_SHOWN])


def test_a_bank_may_write_the_family_name_first() -> None:
    debt = Debt(UUID(int=1), "L0000001", name="Ann Alba")
    (found,) = Debts([debt]).best(Payment(1, DAY, name="ALBA ANN"))
    assert found.reasons == ((Reason.NAME, 30),)


def test_a_file_that_names_no_loan_is_not_laid_beside_every_loan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Everybody pays the same amount in the same days, as in a programme of groups."""
    looked: list[UUID] = []
    plain = score

    def counted(payment: Payment, debt: Debt) -> matching.Scored:
        looked.append(debt.loan)
        return plain(payment, debt)

    monkeypatch.setattr(matching, "score", counted)
    known = Debts(
        Debt(
            UUID(int=number),
            f"L{number:07}",
            name=f"Member {number:04}",
            due_units=100,
            due_date=DAY + timedelta(days=number % 28),
            owed_units=1_200,
        )
        for number in range(2_000)
    )
    for number in range(500):
        best = known.best(Payment(100, DAY, numbers=frozenset({f"X{number}"})))
        assert [found.points for found in best] == [35] * 5
    assert len(looked) <= 500 * 50


def test_the_last_line_of_a_long_file_has_its_loans_too(
    world: World,
    bring: Callable[..., BankStatement],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many loans as are looked at for one piece belong to the lines before it."""
    monkeypatch.setattr(candidates, "PIECE", 2)
    monkeypatch.setattr(candidates, "MOST_LOANS", 2)
    names = ("Ann Alba", "Bea Baker", "Cleo Cole")
    loans = [
        running(
            world,
            (number + 5) * 100_00,
            person=make_person(world.programme, world.office, world.cast.advisor, name),
        )
        for number, name in enumerate(names)
    ]
    made = bring(*(Move(7_00, "thanks", f"B{name}", name=name) for name in names))
    lines = list(made.lines.order_by("row"))
    assert {line.fate for line in lines} == {LineFate.OPEN}
    assert [line.candidates[0]["loan"] for line in lines] == [str(loan.pk) for loan in loans]
