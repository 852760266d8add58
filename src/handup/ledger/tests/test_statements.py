"""Statements tie, open, stand side by side, and say what was posted later than it happened."""

import io
from datetime import date
from uuid import UUID

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.cash_flow import cash_flow
from handup.ledger.fund_report import fund_report, funds_of
from handup.ledger.models import Book, Fund, Period
from handup.ledger.reports import Asked, Beside, Kind, Report, columns_of, late_facts, report
from handup.ledger.rules.words import CashClass, FundKind
from handup.ledger.services import LineIn, Source
from handup.ledger.statements import balance_sheet, income_statement
from handup.ledger.sums import By, Only
from handup.ledger.tests.conftest import Post, close_for_facts, leaf
from handup.org.models import StaffUser

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))


def post_lines(
    book: Book, staff: StaffUser, lines: list[tuple[str, int]], on: date, fund: UUID | None = None
) -> None:
    services.post_entry(
        acting_staff=staff,
        book=book,
        kind="FACT",
        source=Source("test", "fact", new_id()),
        lines=[LineIn(units=units, account_role=role, fund=fund) for role, units in lines],
        happened_date=on,
        already_happened=True,
    )


@pytest.fixture
def year(book: Book, accountant: StaffUser) -> Book:
    """Capital, a loan with a fee kept back, a repayment, rent; a grant spent in part."""
    for lines, on in (
        ([("BANK", 10_000_00), ("CAPITAL", -10_000_00)], date(2026, 1, 5)),
        ([("LOANS", 1_000_00), ("BANK", -940_00), ("FEE_INCOME", -60_00)], date(2026, 1, 10)),
        ([("BANK", 100_00), ("LOANS", -80_00), ("INTEREST_DUE", -20_00)], date(2026, 2, 10)),
        ([("INTEREST_DUE", 20_00), ("INTEREST_INCOME", -20_00)], date(2026, 2, 28)),
        ([("OFFICE_COST", 300_00), ("CASH", -300_00)], date(2026, 2, 15)),
        ([("CASH", 500_00), ("BANK", -500_00)], date(2026, 2, 1)),
    ):
        post_lines(book, accountant, lines, on)
    return book


def test_the_cash_flow_ties_and_transfers_drop_out(year: Book) -> None:
    flow = cash_flow(year, *YEAR)
    assert (flow.opening, flow.closing) == (0, 10_000_00 - 940_00 + 100_00 - 300_00)
    assert flow.opening + flow.net == flow.closing
    by_code = {row.account.code: row.net for rows in flow.rows.values() for row in rows}
    assert by_code == {"3100": 10_000_00, "1210": -940_00 + 80_00, "1220": 20_00, "5200": -300_00}
    assert [row.account.code for row in flow.rows[CashClass.LENDING]] == ["1210", "1220"]
    february = cash_flow(year, *FEBRUARY)
    assert february.opening == 10_000_00 - 940_00
    assert february.opening + february.net == february.closing


def test_money_shared_by_several_accounts_is_split_to_the_last_unit(
    book: Book, accountant: StaffUser
) -> None:
    lines = [("LOANS", 2), ("OFFICE_COST", 2), ("STAFF_COST", 3), ("BANK", -5), ("FEE_INCOME", -2)]
    post_lines(book, accountant, lines, date(2026, 1, 10))
    flow = cash_flow(book, *YEAR)
    assert flow.net == -5 == flow.closing
    assert sum(row.paid for rows in flow.rows.values() for row in rows) == 5


entries = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(("BANK", "CASH", "LOANS", "OFFICE_COST", "FEE_INCOME", "CAPITAL")),
            st.integers(-500, 500).filter(bool),
        ),
        min_size=1,
        max_size=5,
    ),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(wanted=entries)
def test_any_entries_give_a_cash_flow_that_ties(
    wanted: list[list[tuple[str, int]]], book: Book, accountant: StaffUser
) -> None:
    for lines in wanted:
        rest = -sum(units for _role, units in lines)
        post_lines(
            book,
            accountant,
            [*lines, ("OTHER_COST", rest)]
            if rest
            else [*lines, ("GRANT_INCOME", 1), ("LOANS", -1)],
            date(2026, 3, 1),
        )
    flow = cash_flow(book, *YEAR)
    assert flow.opening + flow.net == flow.closing
    sheet = balance_sheet(book, YEAR[1])
    assert sheet.total_assets == sheet.total_claims


def test_a_statement_stands_beside_another_period(year: Book) -> None:
    made = report(Kind.INCOME, year, Asked(*FEBRUARY, beside=Beside.BEFORE))
    assert [(c.since, c.on) for c in made.columns] == [FEBRUARY, JANUARY]
    (result,) = made.closing
    assert result.amounts == (20_00 - 300_00, 60_00)
    months = report(Kind.INCOME, year, Asked(date(2026, 1, 1), FEBRUARY[1], beside=Beside.MONTHS))
    assert months.closing[0].amounts == (60_00, -280_00, -220_00)
    before = columns_of(year, Asked(*YEAR, beside=Beside.YEAR))[1]
    assert (before.since, before.on) == (date(2025, 1, 1), date(2025, 12, 31))
    leap = columns_of(year, Asked(date(2024, 2, 1), date(2024, 2, 29), beside=Beside.YEAR))[1]
    assert leap.on == date(2023, 2, 28)
    odd = columns_of(year, Asked(date(2026, 1, 10), date(2026, 1, 19), beside=Beside.BEFORE))[1]
    assert (odd.since, odd.on) == (date(2025, 12, 31), date(2026, 1, 9))


def test_the_balance_sheet_shows_two_days_and_ties(year: Book) -> None:
    made = report(Kind.BALANCE, year, Asked(*FEBRUARY, beside=Beside.BEFORE))
    assert made.holds
    assets = made.sections[0].total
    assert assets is not None
    assert assets.amounts == made.closing[0].amounts
    assert assets.amounts[1] == 10_060_00


def test_the_balance_sheet_shows_loans_gross_the_allowance_and_net(
    year: Book, accountant: StaffUser
) -> None:
    post_lines(year, accountant, [("IMPAIRMENT", 92_00), ("ALLOWANCE", -92_00)], date(2026, 2, 28))
    rows = {
        row.label: row.amounts[0]
        for row in report(Kind.BALANCE, year, Asked(*FEBRUARY)).sections[0].rows
    }
    assert rows["Loans, principal"] == 920_00
    assert rows["Allowance for losses"] == -92_00
    assert rows["Loans, net"] == 828_00


def test_facts_of_a_closed_month_are_told_and_counted_on_either_day(
    year: Book, post: Post, finance_manager: StaffUser
) -> None:
    close_for_facts(
        acting_staff=finance_manager, period=Period.objects.get(book=year, starts=JANUARY[0])
    )
    post(50_00, "BANK", "INTEREST_INCOME", on=date(2026, 1, 20))
    assert income_statement(year, *JANUARY).result == 60_00
    assert income_statement(year, *JANUARY, by=By.HAPPENED).result == 110_00
    assert cash_flow(year, *JANUARY, by=By.HAPPENED).closing == 10_000_00 - 940_00 + 50_00
    late = late_facts([year], *JANUARY)
    assert (late.brought_in, late.left_out) == (0, 1)
    late = late_facts([year], *FEBRUARY)
    assert (late.brought_in, late.left_out) == (1, 0)
    assert late_facts([year], *YEAR) == late_facts([year], date(2026, 4, 1), date(2026, 4, 2))


@pytest.fixture
def grant(finance_manager: StaffUser) -> Fund:
    """A donor's money for a purpose."""
    return services.open_fund(
        acting_staff=finance_manager,
        code="DONOR",
        name="Donor",
        kind=FundKind.PURPOSE,
        agreement_key="A-1",
    )


def test_a_fund_report_ties_and_tells_what_is_free(
    book: Book, accountant: StaffUser, grant: Fund
) -> None:
    for lines, on in (
        ([("BANK", 1_000_00), ("GRANT_DEFERRED", -1_000_00)], date(2026, 1, 5)),
        ([("OFFICE_COST", 300_00), ("BANK", -300_00)], date(2026, 1, 9)),
        ([("LOANS", 200_00), ("BANK", -200_00)], date(2026, 1, 10)),
        ([("BANK", 50_00), ("LOANS", -50_00)], date(2026, 2, 10)),
        ([("BANK", 7_00), ("INTEREST_DUE", -7_00)], date(2026, 2, 10)),
    ):
        post_lines(book, accountant, lines, on, grant.pk)
    post_lines(book, accountant, [("BANK", 9_00), ("CAPITAL", -9_00)], date(2026, 1, 5))
    found = fund_report(book, grant, *YEAR)
    assert (found.received, found.spent, found.lent, found.repaid, found.income) == (
        1_000_00, 300_00, 200_00, 50_00, 7_00,
    )  # fmt: skip
    assert (found.opening, found.closing, found.loans) == (0, 557_00, 150_00)
    moved = found.received + found.income - found.spent - found.lent + found.repaid
    assert found.opening + moved + found.transfers + found.other == found.closing
    assert (found.not_yet_earned, found.free) == (1_000_00, -443_00)
    assert [fund.code for fund in funds_of(book, YEAR[1])] == ["DONOR", "UNRESTRICTED"]
    by_fund = report(Kind.INCOME, book, Asked(*YEAR, beside=Beside.FUNDS))
    assert [column.label for column in by_fund.columns] == ["Donor", "Unrestricted", "All funds"]
    assert by_fund.closing[0].amounts == (-300_00, 0, -300_00)


def test_statements_in_a_second_currency_use_the_rate_of_each_entry(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    services.add_rate(
        acting_staff=accountant,
        from_currency="EUR",
        to_currency="USD",
        rate_date=date(2026, 1, 1),
        numerator=11 * 10**9,
        source="Central bank",
    )
    services.post_entry(
        acting_staff=accountant,
        book=book,
        kind="CAPITAL_RECEIVED",
        source=Source("test", "fact", new_id()),
        lines=[
            LineIn(units=100_00, account_role="BANK", currency="EUR"),
            LineIn(units=-100_00, account_role="CAPITAL", currency="EUR"),
        ],
        happened_date=date(2026, 1, 5),
    )
    assert cash_flow(book, *YEAR).closing == 110_00
    assert balance_sheet(book, YEAR[1]).total_assets == 110_00


# --- doors ----------------------------------------------------------------------------------------


def page(client: Client, staff: StaffUser, name: str, book: Book, query: str = "") -> str:
    client.force_login(staff)
    answer = client.get(reverse(f"ledger:{name}", args=[book.pk]) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize(
    "name", ["trial_balance", "income_statement", "balance_sheet", "cash_flow", "fund_report"]
)
def test_each_statement_is_a_page_that_opens_to_its_lines(
    client: Client, accountant: StaffUser, year: Book, name: str
) -> None:
    text = page(client, accountant, name, year, "?from=2026-01-01&to=2026-12-31")
    if name != "fund_report":
        opened = reverse("ledger:account_detail", args=[leaf(year, "OFFICE_COST").pk])
        if name != "balance_sheet":
            assert f"{opened}?from=2026-01-01&amp;to=2026-12-31" in text
    assert "300.00" in text or name == "balance_sheet"
    empty = page(client, accountant, name, year, "?from=1990-01-01&to=1990-12-31&fund=x&by=y")
    assert "Nothing is posted" in empty


def test_a_statement_is_a_file_and_paper_as_well(
    client: Client, accountant: StaffUser, outsider: StaffUser, year: Book
) -> None:
    address = reverse("ledger:income_statement", args=[year.pk])
    days = "?from=2026-01-01&to=2026-12-31"
    client.force_login(accountant)
    csv = client.get(f"{address}{days}&format=csv")
    text = csv.getvalue().decode()
    assert "5200" in text
    assert "-220.00" in text
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.get(f"{address}{days}&format=xlsx").content)
    ).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]][:3] == ["Section", "Code", "Account"]
    paper = client.get(f"{address}{days}&beside=MONTHS&format=pdf")
    assert paper.content.startswith(b"%PDF")
    client.force_login(outsider)
    for wanted in ("csv", "pdf"):
        assert client.get(f"{address}{days}&format={wanted}").status_code == 404


def test_statements_through_the_api(
    client: Client, accountant: StaffUser, outsider: StaffUser, year: Book
) -> None:
    client.force_login(accountant)
    base = f"/api/v1/ledger/books/{year.pk}"
    days = "since=2026-01-01&on=2026-12-31"
    told = client.get(f"{base}/statements/CASH?{days}").json()
    assert told["holds"]
    assert told["rows"][-1]["amounts"] == [8_860_00]
    funds = client.get(f"{base}/fund-report?{days}").json()
    assert [(item["fund"], item["closing"]) for item in funds] == [("UNRESTRICTED", 8_860_00)]
    assert client.get(f"{base}/statements/OTHER?{days}").status_code == 422
    client.force_login(outsider)
    assert client.get(f"{base}/statements/CASH?{days}").status_code == 404


def amounts_of(made: Report) -> list[tuple[int | None, ...]]:
    return [row.amounts for section in made.sections for row in section.rows]


def test_one_branch_or_fund_alone_can_be_asked_for(year: Book) -> None:
    nothing = report(Kind.INCOME, year, Asked(*YEAR, only=Only(fund=new_id())))
    assert amounts_of(nothing) == []
    assert report(Kind.CASH, year, Asked(*YEAR, only=Only(branch=new_id()))).closing[2].amounts == (
        0,
    )
