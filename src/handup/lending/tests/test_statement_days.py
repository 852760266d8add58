"""A movement with an impossible year is listed and not posted; the others of its file are."""

from collections.abc import Callable
from datetime import date

import pytest

from handup.lending.models import BankStatement, Loan
from handup.lending.rules.banking.codes import LineFate
from handup.lending.tests.bankmade import DAY, Move

DUE = 113_47


@pytest.mark.parametrize(
    ("book", "value"),
    [
        (DAY, date(1, 1, 1)),
        (DAY, date(9999, 12, 31)),
        (date(1970, 1, 1), date(1970, 1, 1)),
        (date(1, 1, 2), date(1, 1, 2)),
    ],
)
def test_a_year_nobody_meant_is_a_fault_of_its_row(
    loan: Loan, bring: Callable[..., BankStatement], book: date, value: date
) -> None:
    statement = bring(Move(DUE, loan.code, "B1"), Move(DUE, loan.code, "B2", day=book, value=value))
    good, wrong = statement.lines.order_by("row")
    assert (good.fate, wrong.fate) == (LineFate.MATCHED, LineFate.FAULT)
    assert [fault["code"] for fault in wrong.faults] == ["DATE_NOT_READABLE"]
    assert loan.events.filter(kind="REPAID").count() == 1
