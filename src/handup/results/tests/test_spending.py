"""A budget on its page beside what the books spent on it, line by line and in both currencies."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import services as books
from handup.ledger.budgets import spent_on
from handup.ledger.models import Book
from handup.ledger.rules.journal import LineIn, Source
from handup.ledger.rules.words import BookKind
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.org.web.money import format_money
from handup.projects.models import Budget, Phase, Programme
from handup.projects.services import (
    BudgetLineIn,
    approve_budget,
    open_phase,
    open_programme,
    prepare_budget,
)
from handup.projects.spending import spent_lines, totals_by_currency

DAY = date(2026, 1, 10)
RENT = BudgetLineIn(
    code="1.1",
    title="Rent",
    parent_code="1",
    currency="RWF",
    amount_units=500_000,
    rate=Fraction(500),
    rate_date=date(2025, 12, 31),
    rate_source="central bank",
)
TRAVEL = BudgetLineIn(
    code="1.2", title="Travel", parent_code="1", currency="USD", amount_units=2_000_00
)
WHOLE = BudgetLineIn(code="1", title="Running costs", currency="USD", amount_units=3_000_00)


@pytest.fixture
def manager(db: None) -> StaffUser:
    return staff_with("manager", Role.MANAGER)


@pytest.fixture
def accountant(db: None) -> StaffUser:
    return staff_with("accountant", Role.ACCOUNTANT, Role.FINANCE_MANAGER)


@pytest.fixture
def programme(manager: StaffUser) -> Programme:
    return open_programme(acting_staff=manager, code="P", title="Programme", currency="USD")


@pytest.fixture
def phase(manager: StaffUser, programme: Programme) -> Phase:
    return open_phase(acting_staff=manager, programme=programme, code="I", title="Phase I")


def approved(
    accountant: StaffUser,
    manager: StaffUser,
    phase: Phase,
    reason: str = "",
    lines: tuple[BudgetLineIn, ...] = (WHOLE, RENT, TRAVEL),
) -> Budget:
    budget = prepare_budget(
        acting_staff=accountant,
        phase=phase,
        reporting_currency="USD",
        lines=lines,
        reason=reason,
    )
    return approve_budget(acting_staff=manager, budget=budget, approved_date=DAY)


@pytest.fixture
def francs(accountant: StaffUser, programme: Programme) -> Book:
    return books.open_book(
        acting_staff=accountant,
        code="RW",
        name="Francs",
        kind=BookKind.PROGRAMME,
        base_currency="RWF",
        programme_id=programme.pk,
    )


@pytest.fixture
def dollars(accountant: StaffUser, programme: Programme) -> Book:
    return books.open_book(
        acting_staff=accountant,
        code="US",
        name="Dollars",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        programme_id=programme.pk,
    )


def page_of(budget: Budget, staff: StaffUser) -> str:
    client = Client()
    client.force_login(staff)
    return client.get(reverse("projects:budget_detail", args=[budget.pk])).content.decode()


def spend(staff: StaffUser, book: Book, budget: Budget, code: str, units: int) -> None:
    line = budget.lines.get(code=code)
    books.post_entry(
        acting_staff=staff,
        book=book,
        kind="FACT",
        source=Source("test", "fact", new_id()),
        lines=[
            LineIn(units=units, account_role="OFFICE_COST", budget_line=str(line.pk)),
            LineIn(units=-units, account_role="BANK"),
        ],
        happened_date=DAY,
        already_happened=True,
    )


def told(budget: Budget) -> dict[str, tuple[int | None, int | None, int | None]]:
    return {
        row.line.code: (row.spent_units, row.spent_reporting, row.left_reporting)
        for row in spent_lines(budget)
    }


def test_each_line_tells_what_was_spent_at_its_own_rate_and_its_parent_the_sum(
    accountant: StaffUser, manager: StaffUser, phase: Phase, francs: Book
) -> None:
    budget = approved(accountant, manager, phase)
    assert told(budget)["1.1"] == (0, 0, 1_000_00)
    spend(accountant, francs, budget, "1.1", 125_250)
    spend(accountant, francs, budget, "1.1", -250)
    assert told(budget) == {
        "1": (None, 250_00, 2_750_00),  # rent in francs, travel in dollars
        "1.1": (125_000, 250_00, 750_00),
        "1.2": (0, 0, 2_000_00),
    }
    assert totals_by_currency(spent_lines(budget)) == {
        "RWF": (500_000, 125_000),
        "USD": (2_000_00, 0),
    }


def test_a_new_version_goes_on_with_what_was_spent_before_it(
    accountant: StaffUser, manager: StaffUser, phase: Phase, francs: Book
) -> None:
    first = approved(accountant, manager, phase)
    spend(accountant, francs, first, "1.1", 100_000)
    second = approved(accountant, manager, phase, reason="a new office")
    spend(accountant, francs, second, "1.1", 50_000)
    assert told(second)["1.1"] == (150_000, 300_00, 700_00)
    assert told(first)["1.1"] == (100_000, 200_00, 800_00)


def test_what_was_spent_on_a_code_a_revision_drops_is_a_line_of_its_own(
    accountant: StaffUser, manager: StaffUser, phase: Phase, francs: Book
) -> None:
    first = approved(accountant, manager, phase)
    spend(accountant, francs, first, "1.1", 100_000)
    renamed = replace(RENT, code="1.3", title="Rent of rooms")
    second = approved(accountant, manager, phase, "renamed", (WHOLE, renamed, TRAVEL))
    *rows, former = spent_lines(second)
    assert [row.line.code for row in rows] == ["1", "1.2", "1.3"]
    assert (former.line.code, former.level, former.dropped) == ("1.1", 0, True)
    assert (former.planned_units, former.spent_units, former.left_units) == (0, 100_000, -100_000)
    assert (former.planned_reporting, former.spent_reporting) == (0, 200_00)
    assert totals_by_currency([*rows, former]) == {"RWF": (500_000, 100_000), "USD": (2_000_00, 0)}
    text = page_of(second, manager)
    assert "o longer in the budget" in text
    assert format_money(2_800_00, "USD") in text, "what is left of it all"
    third = approved(accountant, manager, phase, "rent again")
    assert told(third)["1.1"] == (100_000, 200_00, 800_00)
    assert not any(row.dropped for row in spent_lines(third))


def test_units_of_the_reporting_currency_stay_as_they_are_whatever_was_planned(
    accountant: StaffUser, manager: StaffUser, phase: Phase, francs: Book, dollars: Book
) -> None:
    """Nothing planned on two lines: one in dollars, one in francs with a rate and one without."""
    lines = (
        replace(WHOLE, amount_units=1_000_00),
        RENT,
        replace(TRAVEL, code="1.4", title="Fees", amount_units=0),
        replace(RENT, code="1.5", title="Repairs", amount_units=0),
        replace(RENT, code="1.6", title="Water", amount_units=0),
    )
    budget = approved(accountant, manager, phase, lines=lines)
    budget.lines.filter(code="1.6").update(rate_numerator=None, rate_date=None, rate_source="")
    spend(accountant, dollars, budget, "1.4", 30_00)
    spend(accountant, francs, budget, "1.5", 1_000)
    spend(accountant, francs, budget, "1.6", 500)
    found = told(budget)
    assert found["1.4"] == (30_00, 30_00, -30_00)
    assert found["1.5"] == (1_000, 2_00, -2_00)
    assert found["1.6"] == (500, 1_00, -1_00), "as the francs of the budget are told together"
    assert found["1"] == (None, 33_00, 967_00)


def test_what_is_spent_on_a_parent_itself_counts_in_its_currency_and_unknown_stays_unknown(
    accountant: StaffUser, manager: StaffUser, phase: Phase, francs: Book, dollars: Book
) -> None:
    budget = approved(accountant, manager, phase)
    spend(accountant, dollars, budget, "1", 70_00)
    assert totals_by_currency(spent_lines(budget)) == {
        "RWF": (500_000, 0),
        "USD": (2_000_00, 70_00),
    }
    spend(accountant, francs, budget, "1.2", 10_000)  # no rate tells these francs in dollars
    assert totals_by_currency(spent_lines(budget)) == {
        "RWF": (500_000, 0),
        "USD": (2_000_00, None),
    }
    text = page_of(budget, manager)
    assert f"{format_money(2_000_00, 'USD')} planned, what was spent is not known" in text
    draft = prepare_budget(
        acting_staff=accountant,
        phase=phase,
        reporting_currency="USD",
        lines=[WHOLE, RENT, TRAVEL],
        reason="more rooms",
    )
    text = page_of(draft, manager)
    assert f"{format_money(500_000, 'RWF')} planned" in text
    assert "planned," not in text


def test_what_no_rate_can_tell_is_told_as_unknown_and_never_as_nothing(
    accountant: StaffUser, manager: StaffUser, phase: Phase, francs: Book
) -> None:
    budget = approved(accountant, manager, phase)
    spend(accountant, francs, budget, "1.2", 10_000)  # francs on a line in dollars, no rate known
    line = budget.lines.get(code="1.2")
    assert spent_on({str(line.pk): "USD"}) == {}
    assert told(budget)["1.2"] == (None, None, None)
    assert told(budget)["1"] == (None, None, None)


def test_the_page_of_a_budget_shows_spent_and_left_to_who_may_see_it(
    accountant: StaffUser, manager: StaffUser, programme: Programme, phase: Phase, francs: Book
) -> None:
    budget = approved(accountant, manager, phase)
    spend(accountant, francs, budget, "1.1", 550_000)
    client = Client()
    client.force_login(manager)
    text = client.get(reverse("projects:budget_detail", args=[budget.pk])).content.decode()
    shown = [format_money(units, "RWF") for units in (550_000, -50_000)]
    for said in (*shown, format_money(1_900_00, "USD"), "RWF\u00a0500,000 planned"):
        assert said in text, said
    client.force_login(staff_with("clerk", Role.FIELD_OFFICER))
    assert client.get(reverse("projects:budget_detail", args=[budget.pk])).status_code == 403
