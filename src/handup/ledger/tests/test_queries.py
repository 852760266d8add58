"""What the books say: balances, trial balance, statements, running balances."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest

from handup.kernel.ids import new_id
from handup.ledger import queries
from handup.ledger.balances import balances_of_roles
from handup.ledger.models import AccountRole, Book, Line
from handup.ledger.month_end import held
from handup.ledger.queries import Only, Subject
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.ledger.sums import line_sums
from handup.ledger.tests.conftest import Post, leaf

pytestmark = pytest.mark.django_db


@pytest.fixture
def quarter(post: Post) -> tuple[Subject, Subject]:
    """Three months: capital in, two loans out, interest and principal back, rent paid."""
    one, two = ("loan", new_id()), ("loan", new_id())
    post(1000_00, "BANK", "CAPITAL", on=date(2026, 1, 2))
    post(300_00, "LOANS", "BANK", on=date(2026, 1, 15), subject=one)
    post(200_00, "LOANS", "BANK", on=date(2026, 2, 10), subject=two)
    post(30_00, "INTEREST_DUE", "INTEREST_INCOME", on=date(2026, 2, 28), subject=one)
    post(50_00, "OFFICE_COST", "BANK", on=date(2026, 2, 28))
    post(-100_00, "LOANS", "BANK", on=date(2026, 3, 15), subject=one)
    post(1_00, "GUARANTEE_GIVEN", "GUARANTEE_CONTRA", on=date(2026, 3, 16))
    return one, two


def test_a_role_has_a_balance_at_any_day_for_any_subject(
    book: Book, quarter: tuple[Subject, Subject]
) -> None:
    one, two = quarter
    assert queries.balance(book, "LOANS") == 400_00
    assert queries.balance(book, "LOANS", on=date(2026, 1, 31)) == 300_00
    assert queries.balance(book, "LOANS", subject=one) == 200_00
    assert queries.balance(book, "LOANS", subject=one, on=date(2026, 3, 14)) == 300_00
    assert queries.balance(book, "LOANS", currency="EUR") == 0
    found = queries.balances_by_subject(book, "LOANS", "loan")
    assert found == {one[1]: 200_00, two[1]: 200_00}
    only_two = queries.balances_by_subject(book, "LOANS", "loan", subjects=[two[1]])
    assert only_two == {two[1]: 200_00}


def test_a_role_of_two_currencies_on_one_account_tells_each_line_once(
    book: Book, quarter: tuple[Subject, Subject]
) -> None:
    one, two = quarter
    for role in AccountRole.objects.filter(book=book, role="LOANS"):
        for currency in ("USD", "EUR"):
            AccountRole.objects.create(
                book=book, role=role.role, currency=currency, account=role.account
            )
    last = date(2026, 3, 31)
    assert queries.balance(book, "LOANS", subject=one) == 200_00
    assert queries.balance(book, "LOANS", on=last) == 400_00
    assert queries.balances_by_subject(book, "LOANS", "loan") == {one[1]: 200_00, two[1]: 200_00}
    (of_one, of_two) = balances_of_roles(book, ("LOANS",))
    assert of_one.units + of_two.units == 400_00
    assert sum(held(book, last, "LOANS").values()) == 400_00


@pytest.mark.usefixtures("quarter")
def test_the_trial_balance_of_a_period_opens_moves_and_closes(book: Book) -> None:
    trial = queries.trial_balance(book, on=date(2026, 2, 28), since=date(2026, 2, 1))
    rows = {row.account.code: row for row in trial.rows}
    loans = rows["1210"]
    assert (loans.opening, loans.debit, loans.credit, loans.closing) == (300_00, 200_00, 0, 500_00)
    bank = rows["1120"]
    assert (bank.opening, bank.debit, bank.credit, bank.closing) == (700_00, 0, 250_00, 450_00)
    assert trial.debit_base == trial.credit_base == 280_00
    assert trial.closing_base == 0
    assert not trial.memo


@pytest.mark.usefixtures("quarter")
@pytest.mark.parametrize(
    ("since", "on"),
    [
        (None, date(2026, 3, 31)),
        (None, date(2026, 2, 10)),
        (date(2026, 1, 15), date(2026, 3, 15)),
        (date(2026, 2, 10), date(2026, 2, 27)),
        (date(2026, 1, 3), date(2026, 2, 28)),
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2026, 2, 1), date(2026, 3, 31)),
    ],
)
def test_sums_from_months_and_from_lines_are_the_same(
    book: Book, since: date | None, on: date
) -> None:
    fast = {key: (s.debit, s.credit) for key, s in queries.sums_of(book, since, on).items()}
    slow = {
        (account, currency): (int(debit), int(credit))
        for account, currency, debit, credit, *_base in line_sums(
            book, since, on, queries.EVERYTHING
        )
    }
    assert fast == slow


@pytest.mark.usefixtures("quarter")
def test_memo_accounts_stand_apart(book: Book) -> None:
    trial = queries.trial_balance(book, on=date(2026, 3, 31))
    assert [row.account.code for row in trial.memo] == ["9100", "9200"]
    assert sum(row.closing for row in trial.memo) == 0
    assert trial.closing_base == 0


@pytest.mark.usefixtures("quarter")
def test_income_statement_and_balance_sheet_agree(book: Book) -> None:
    income = queries.income_statement(book, date(2026, 1, 1), date(2026, 3, 31))
    assert [(row.account.code, row.base_units) for row in income.income] == [("4110", 30_00)]
    assert [(row.account.code, row.base_units) for row in income.expenses] == [("5200", 50_00)]
    assert income.result == -20_00
    sheet = queries.balance_sheet(book, date(2026, 3, 31))
    assert sheet.total_assets == sheet.total_claims == 980_00
    assert sheet.result == -20_00
    january = queries.income_statement(book, date(2026, 1, 1), date(2026, 1, 31))
    assert january.result == 0


def test_a_year_end_closing_is_left_out_of_the_income_statement(book: Book, post: Post) -> None:
    post(40_00, "BANK", "INTEREST_INCOME")
    post(40_00, "INTEREST_INCOME", "RETAINED", on=date(2026, 12, 31), kind="CLOSING")
    income = queries.income_statement(book, date(2026, 1, 1), date(2026, 12, 31))
    assert income.result == 40_00
    sheet = queries.balance_sheet(book, date(2026, 12, 31))
    assert (sheet.result, sheet.total_claims) == (0, 40_00)


@pytest.mark.usefixtures("quarter")
def test_an_account_shows_its_running_balance_from_its_first_line(book: Book) -> None:
    lines = queries.account_lines(leaf(book, "BANK"), since=date(2026, 2, 28))
    assert [(row.line.units, row.running) for row in lines] == [
        (-50_00, 450_00),
        (100_00, 550_00),
    ]


@pytest.mark.usefixtures("quarter")
def test_a_fund_or_branch_without_lines_has_nothing(book: Book) -> None:
    empty = queries.trial_balance(book, on=date(2026, 3, 10), only=Only(fund=new_id()))
    assert not empty.rows
    assert not queries.sums_of(book, None, date(2026, 3, 10), Only(branch=new_id()))


def test_the_fiscal_year_begins_in_its_month(book: Book) -> None:
    book.fiscal_year_start = 7
    assert queries.year_start(book, date(2026, 6, 30)) == date(2025, 7, 1)
    assert queries.year_start(book, date(2026, 7, 1)) == date(2026, 7, 1)


def test_a_fact_finds_its_entry(post: Post) -> None:
    fact = new_id()
    entry = post(fact=fact)
    assert queries.entry_of_fact("lending", "event", fact) == entry
    assert queries.entry_of_fact("lending", "event", new_id()) is None


@pytest.mark.parametrize(
    "on",
    [None, date(2026, 1, 14), date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 15)],
)
def test_a_roles_balance_is_the_sum_of_its_lines_from_few_statements(
    book: Book,
    quarter: tuple[Subject, Subject],
    on: date | None,
    django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    lines = Line.objects.filter(entry__book=book)
    if on is not None:
        lines = lines.filter(entry__entry_date__lte=on)
    for role in ("LOANS", "BANK", "CAPITAL", "ALLOWANCE"):
        expected = sum(
            lines.filter(account__roles__role=role).values_list("units", flat=True), start=0
        )
        with django_assert_max_num_queries(2):
            assert queries.balance(book, role, on=on) == expected
        assert queries.balance(book, role, on=on, fund=UNRESTRICTED_ID) == expected
        assert queries.balance(book, role, on=on, fund=new_id()) == 0


@pytest.mark.parametrize("on", [None, date(2026, 1, 31), date(2026, 3, 14)])
def test_several_roles_are_read_in_one_statement_by_fund_and_subject(
    book: Book,
    quarter: tuple[Subject, Subject],
    on: date | None,
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    roles = ("LOANS", "BANK", "ALLOWANCE")
    with django_assert_num_queries(1):
        held = balances_of_roles(book, roles, on=on)
    assert {row.role for row in held} <= set(roles)
    assert all(row.units and row.fund == UNRESTRICTED_ID for row in held)
    for role in roles:
        assert sum(row.units for row in held if row.role == role) == queries.balance(
            book, role, on=on
        )
    loans = {row.subject: row.units for row in held if row.subject_kind == "loan"}
    assert loans == queries.balances_by_subject(book, "LOANS", "loan", on=on)
    assert [row.subject for row in held if row.role == "BANK"] == [None]
    assert balances_of_roles(book, roles, currency="EUR") == []
