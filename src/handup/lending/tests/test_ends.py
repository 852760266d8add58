"""The last due date a loan was agreed to have until when: told for every past day as a fold of that
day tells it.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from importlib import import_module

import pytest
from django.apps import apps
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.codes import ChargeVisibility
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.lending.rules.codes import EventKind
from handup.lending.rules.ends import End, ends_of
from handup.lending.rules.events import Event
from handup.lending.rules.loan import fold
from handup.lending.tests.cast import World
from handup.lending.tests.loans import (
    KINDS,
    START,
    charged,
    disbursed,
    event,
    repaid,
    rescheduled,
    restructured,
    terms,
)
from handup.lending.tests.test_changed_rows import (
    CHANGES,
    OFFERED,
    days,
    happenings,
    paid_out,
    store,
    stored_loan,
)

LAST = date(2025, 7, 15)
MARCH, MAY = date(2025, 3, 20), date(2025, 5, 2)


def ends(of: Terms, *found: Event) -> list[End]:
    return ends_of(fold(found, terms=of), found)


def told(found: list[End], last: date | None, day: date) -> date | None:
    """What is told of a day, as the figures read it."""
    return next((end.due_date for end in found if end.to_date > day), last)


def as_folded(of: Terms, found: Sequence[Event], steps: Sequence[int]) -> None:
    state = fold(found, terms=of)
    kept = ends_of(state, found)
    on = {item.value_date + timedelta(days=step) for item in found for step in steps}
    for day in sorted(day for day in on if day >= START):
        wanted = fold(found, day, terms=of).last_due_date
        assert told(kept, state.last_due_date, day) == wanted, day


def test_what_does_not_move_it_leaves_nothing_to_tell() -> None:
    of = KINDS["schedule"]
    assert ends(of, disbursed(of), repaid(MARCH, 300_000)) == []
    assert ends(of, disbursed(of), charged(MARCH, 700, MAY)) == []


def test_each_day_it_was_moved_is_told_with_what_held_before() -> None:
    of, later = KINDS["schedule"], date(2025, 9, 1)
    longer = rescheduled(MAY, extra_instalments=1)
    found = [disbursed(of), charged(MARCH, 700, later), longer]
    assert ends(of, *found) == [End(MARCH, LAST)]
    assert ends(of, *found[:1], longer) == [End(MAY, LAST)]
    twice = rescheduled(MAY, extra_instalments=1)
    assert ends(of, *found[:1], longer, twice) == [End(MAY, LAST)]
    short = restructured(MAY, terms(instalments=1))
    assert ends(of, *found[:2], short)[0] == End(MARCH, LAST)


def test_a_charge_due_before_it_was_made_is_told_from_the_day_it_was_made() -> None:
    of, due, made = KINDS["schedule"], date(2025, 8, 1), date(2025, 9, 10)
    found = [disbursed(of), charged(made, 700, due), repaid(date(2025, 8, 20), 100)]
    assert ends(of, *found) == [End(made, LAST)]
    booked = terms(charge_visibility=ChargeVisibility.BY_BOOKING)
    assert ends(booked, *found) == [End(made, LAST)]


def test_of_a_loan_handed_over_the_days_before_are_told() -> None:
    of = KINDS["schedule"]
    found = [disbursed(of), event(EventKind.TRANSFERRED, MAY)]
    assert fold(found, terms=of).last_due_date is None
    assert ends(of, *found) == [End(MAY, LAST)]


@pytest.mark.parametrize("of", sorted(KINDS))
def test_every_change_is_told_as_folded(of: str) -> None:
    for change in CHANGES.values():
        found = [disbursed(KINDS[of]), *change]
        try:
            fold(found, terms=KINDS[of])
        except Refusal:
            continue  # such terms know no such change
        as_folded(KINDS[of], found, (0,))


late_charges = st.builds(
    lambda day, units, before: charged(day, units, day - timedelta(days=before)),
    days,
    st.integers(1, 5_000),
    st.integers(1, 200),
)


@settings(max_examples=60)
@given(st.sampled_from(OFFERED), st.lists(happenings | late_charges, min_size=2, max_size=6))
def test_whatever_happens_every_day_is_told_as_folded(of: str, wanted: list[Event]) -> None:
    found = [disbursed(KINDS[of])]
    for item in wanted:
        try:
            fold([*found, item], terms=KINDS[of])
        except Refusal:
            continue
        found.append(item)
    as_folded(KINDS[of], found, (-1, 0, 1, 90))


def test_loans_changed_before_they_were_kept_get_their_last_due_dates(world: World) -> None:
    of = KINDS["schedule"]
    loan, plain = stored_loan(world, of), stored_loan(world, of)
    store(world, loan, [paid_out(of), *CHANGES["restructured"]])
    store(world, plain, [paid_out(of), repaid(MARCH, 300_000)])
    kept = list(loan.ends.values_list("to_date", "due_date"))
    assert [day for day, _ in kept] == [MARCH]
    name = "handup.lending.migrations.0007_last_due_dates_agreed_before"
    import_module(name).work_out(apps, None)
    assert list(loan.ends.values_list("to_date", "due_date")) == kept * 2
    assert not plain.ends.exists()
