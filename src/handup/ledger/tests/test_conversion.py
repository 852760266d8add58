"""Statements in another currency, in one currency of the book, and reports to a donor."""

from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.consolidated import Whole, report_of
from handup.ledger.conversion import Converter
from handup.ledger.donor_report import DonorReport, donor_report
from handup.ledger.errors import NoDonorCurrency, RateMissing, RateTooOld, RuleNotADonors
from handup.ledger.models import Book, Fund
from handup.ledger.reports import Asked, Beside, Kind, Report, report
from handup.ledger.rules.conversion import (
    ConvertBy,
    Spent,
    Tranche,
    first_in_first_out,
    rate_of,
)
from handup.ledger.rules.words import BookKind, FundKind
from handup.ledger.services import LineIn, Source
from handup.ledger.sums import Only
from handup.org.models import ExchangeRate, StaffUser
from handup.org.permissions import NotAllowed

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
QUARTER = (date(2026, 1, 1), date(2026, 3, 31))


def rate(on: date, numerator: int, kind: str = "SPOT", pair: str = "USD AMD") -> None:
    source, target = pair.split()
    ExchangeRate.objects.create(
        from_currency=source,
        to_currency=target,
        rate_date=on,
        numerator=numerator,
        kind=kind,
        source=f"Central bank {kind}",
    )


@pytest.fixture
def drams(finance_manager: StaffUser) -> Book:
    """A book in drams."""
    return services.open_book(
        acting_staff=finance_manager,
        code="AMD",
        name="In drams",
        kind=BookKind.PROGRAMME,
        base_currency="AMD",
        bank_overdraft_units=None,
    )


@pytest.fixture
def fund(finance_manager: StaffUser) -> Fund:
    """A grant in dollars."""
    return services.open_fund(
        acting_staff=finance_manager, code="EU", name="Grant", kind=FundKind.PURPOSE
    )


def put(
    staff: StaffUser,
    book: Book,
    on: date,
    *lines: tuple[str, int, str],
    fund: Fund | None = None,
    budget_line: str = "",
    kind: str = "FACT",
) -> None:
    services.post_entry(
        acting_staff=staff,
        book=book,
        kind=kind,
        source=Source("test", "fact", new_id()),
        lines=[
            LineIn(
                units=units,
                account_role=role,
                currency=currency,
                fund=fund.pk if fund else None,
                budget_line=budget_line if role.endswith("COST") else "",
            )
            for role, units, currency in lines
        ],
        happened_date=on,
    )


def shown(made: Report) -> dict[str, tuple[int | None, ...]]:
    rows = {row.code or row.label: row.amounts for part in made.sections for row in part.rows}
    return rows | {row.label: row.amounts for row in made.closing}


# --- rates ----------------------------------------------------------------------------------------


def test_a_closing_rate_is_the_last_one_and_never_too_old(db: None) -> None:
    rate(date(2026, 1, 20), 385 * 10**10)
    rate(date(2026, 1, 29), 400 * 10**10)
    told = Converter("AMD", "USD")
    assert told.units(40_000_00, *JANUARY) == 100_00
    assert [(used.rate_date, used.known) for used in told.used.values()] == [
        (date(2026, 1, 29), Fraction(1, 400))
    ]
    with pytest.raises(RateTooOld):
        told.units(1, date(2026, 2, 28), date(2026, 2, 28))
    with pytest.raises(RateMissing):
        Converter("AMD", "EUR").units(1, *JANUARY)
    assert Converter("AMD", "AMD").units(5, *JANUARY) == 5


def test_a_direct_rate_comes_before_an_inverse_one(db: None) -> None:
    rate(date(2026, 1, 30), 400 * 10**10)
    rate(date(2026, 1, 30), 10**10 // 500, pair="AMD USD")
    assert Converter("AMD", "USD").units(1_000_00, *JANUARY) == 2_00


def test_a_mean_is_of_the_period_and_a_month_s_rate_of_its_month(db: None) -> None:
    for day, spot in ((5, 380), (15, 400), (25, 420)):
        rate(date(2026, 1, day), spot * 10**10)
    rate(date(2026, 1, 1), 390 * 10**10, "DONOR")
    rate(date(2026, 2, 1), 410 * 10**10, "DONOR")
    mean = Converter("USD", "AMD", ConvertBy.AVERAGE)
    assert mean.units(1_00, *JANUARY) == 400_00
    assert next(iter(mean.used.values())).of == 3
    with pytest.raises(RateMissing):
        mean.units(1_00, date(2026, 3, 1), date(2026, 3, 31))
    donor = Converter("USD", "AMD", ConvertBy.DONOR)
    assert [last for _first, last in donor.slices(date(2026, 1, 10), date(2026, 2, 9))] == [
        date(2026, 1, 31),
        date(2026, 2, 9),
    ]
    assert donor.units(1_00, date(2026, 2, 1), date(2026, 2, 9)) == 410_00
    with pytest.raises(RateMissing):
        donor.units(1_00, date(2026, 3, 1), date(2026, 3, 9))


def test_rate_of_an_inverse_is_exact() -> None:
    assert rate_of(3 * 10**10, inverse=True) * 3 == 1


# --- tranches -------------------------------------------------------------------------------------

FIRST = Tranche(date(2026, 1, 5), 100_00, 38_000_00)
SECOND = Tranche(date(2026, 2, 5), 100_00, 40_000_00)


def drawn(*base: int) -> list[tuple[int, int]]:
    found = first_in_first_out([SECOND, FIRST], [Spent(units) for units in base])
    return [(item.donor_units, item.uncovered_base) for item in found]


def test_the_oldest_tranche_is_spent_first() -> None:
    assert drawn(19_000_00, 39_000_00, 20_000_00) == [(50_00, 0), (100_00, 0), (50_00, 0)]


def test_what_goes_beyond_all_tranches_is_not_guessed() -> None:
    assert drawn(78_000_00, 500_00, 100_00) == [(200_00, 0), (0, 500_00), (0, 100_00)]
    assert drawn(80_000_00) == [(200_00, 2_000_00)]
    assert drawn(80_000_00, -3_000_00) == [(200_00, 2_000_00), (-2_50, -2_000_00)]


def test_what_was_paid_in_the_donor_s_currency_draws_on_the_same_money() -> None:
    found = first_in_first_out([FIRST, SECOND], [Spent(7, 100_00), Spent(40_000_00)])
    assert [item.donor_units for item in found] == [100_00, 100_00]
    over = first_in_first_out([FIRST], [Spent(0, 150_00)])
    assert over[0].donor_units == 150_00
    assert over[0].uncovered_base == 50_00


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**9)), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**9), max_size=12),
)
def test_tranches_used_up_give_exactly_what_was_received(
    received: list[tuple[int, int]], spent: list[int]
) -> None:
    tranches = [
        Tranche(date(2026, 1, 1 + place), donor, base)
        for place, (donor, base) in enumerate(received)
    ]
    whole = sum(base for _donor, base in received)
    rest = max(0, whole - sum(spent))
    found = first_in_first_out(tranches, [Spent(units) for units in (*spent, rest)])
    assert sum(item.donor_units for item in found) == sum(donor for donor, _base in received)
    assert sum(item.uncovered_base for item in found) == max(0, sum(spent) - whole)


# --- statements -----------------------------------------------------------------------------------


@pytest.fixture
def traded(drams: Book, accountant: StaffUser) -> Book:
    """Capital in drams, dollars bought for some of it, rent paid in both."""
    rate(date(2026, 1, 4), 385 * 10**10)
    rate(date(2026, 1, 30), 400 * 10**10)
    put(accountant, drams, date(2026, 1, 5), ("BANK", 100_000_00, ""), ("CAPITAL", -100_000_00, ""))
    put(
        accountant,
        drams,
        date(2026, 1, 6),
        ("BANK", 100_00, "USD"),
        ("FX_POSITION", -100_00, "USD"),
        ("FX_POSITION", 38_500_00, ""),
        ("BANK", -38_500_00, ""),
    )
    put(accountant, drams, date(2026, 1, 7), ("OFFICE_COST", 10_00, "USD"), ("BANK", -10_00, "USD"))
    put(accountant, drams, date(2026, 1, 8), ("OFFICE_COST", 400_00, ""), ("BANK", -400_00, ""))
    return drams


def test_one_currency_shows_its_own_amounts_and_ties(traded: Book) -> None:
    asked = Asked(*JANUARY, only=Only(currency="USD"))
    sheet = report(Kind.BALANCE, traded, asked)
    assert (sheet.currency, sheet.holds) == ("USD", True)
    assert shown(sheet)["1120"] == (90_00,)
    assert shown(report(Kind.INCOME, traded, asked))["5200"] == (10_00,)
    cash = report(Kind.CASH, traded, asked)
    assert cash.holds
    assert shown(cash)["Money at the end"] == (90_00,)
    assert shown(cash)["1530"] == (100_00,)
    trial = report(Kind.TRIAL, traded, asked)
    assert trial.holds
    assert shown(trial)["1120"] == (0, 100_00, 10_00, 90_00)


def test_every_statement_ties_in_another_currency(traded: Book) -> None:
    whole = Whole("In dollars", "USD", (traded,))
    for kind in Kind:
        for beside in (Beside.NOTHING, Beside.MONTHS, Beside.FUNDS):
            made = report_of(kind, whole, Asked(*JANUARY, beside=beside))
            assert made.holds, (kind, beside)
            assert made.currency == "USD"
            assert {used.told_by for used in made.rates} <= {"Central bank SPOT"}
    income = shown(report_of(Kind.INCOME, whole, Asked(*JANUARY)))
    assert income["5200"] == (10_63,)
    one = Asked(*JANUARY, only=Only(currency="USD"))
    assert shown(report_of(Kind.INCOME, whole, one))["5200"] == (10_00,)


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["CAPITAL", "OFFICE_COST", "LOANS", "GRANT_DEFERRED"]),
            st.integers(-99_999, 99_999).filter(bool),
            st.integers(1, 28),
        ),
        min_size=1,
        max_size=8,
    ),
    spot=st.integers(3 * 10**9, 10**13),
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rounding_never_unties_a_statement(
    drams: Book, accountant: StaffUser, moves: list[tuple[str, int, int]], spot: int
) -> None:
    held = transaction.savepoint()
    rate(date(2026, 1, 31), spot)
    for role, units, day in moves:
        put(accountant, drams, date(2026, 1, day), (role, units, ""), ("BANK", -units, ""))
    for kind in Kind:
        made = report_of(kind, Whole("x", "USD", (drams,)), Asked(*JANUARY))
        assert made.holds
    transaction.savepoint_rollback(held)


def test_a_page_in_another_currency_names_its_rate_or_says_what_is_missing(
    client: Client, traded: Book, accountant: StaffUser
) -> None:
    client.force_login(accountant)
    days = "?from=2026-01-01&to=2026-01-31"
    page = reverse("ledger:income_statement", args=[traded.pk]) + days
    told = client.get(f"{page}&into=USD").content.decode()
    assert "1 AMD = 0.0025 USD" in told
    assert "Central bank SPOT" in told
    for form in ("csv", "xlsx", "pdf"):
        assert client.get(f"{page}&into=USD&format={form}").status_code == 200
    missing = client.get(f"{page}&into=EUR").content.decode()
    assert "no exchange rate from AMD to EUR" in missing
    month = client.get(f"{page}&into=USD&rule=MONTH").content.decode()
    assert "no exchange rate from AMD to USD" in month
    only = client.get(f"{page}&only=USD").content.decode()
    assert "10.00" in only
    assert client.get(f"{page}&into=%27&only=usd&rule=x").status_code == 200
    address = f"/api/v1/ledger/books/{traded.pk}/statements/INCOME"
    asked = "?since=2026-01-01&on=2026-01-31"
    found = client.get(f"{address}{asked}&into=USD").json()
    assert (found["currency"], found["rates"][0]["rate"]) == ("USD", "0.0025")
    rows = client.get(f"{address}{asked}&only=USD").json()["rows"]
    assert [row["amounts"] for row in rows if row["code"] == "5200"] == [[10_00]]
    refused = client.get(f"{address}{asked}&into=EUR")
    assert (refused.status_code, refused.json()["code"]) == (422, "RATE_MISSING")


# --- the donor ------------------------------------------------------------------------------------


@pytest.fixture
def granted(drams: Book, fund: Fund, accountant: StaffUser) -> Book:
    """Two tranches in dollars, changed into drams; spent on two budget lines over two months."""
    for day, spot in (
        (date(2026, 1, 4), 380),
        (date(2026, 2, 3), 400),
        (date(2026, 3, 30), 390),
    ):
        rate(day, spot * 10**10)
    for on, drams_for in ((date(2026, 1, 5), 38_000_00), (date(2026, 2, 4), 40_000_00)):
        put(
            accountant,
            drams,
            on,
            ("BANK", 100_00, "USD"),
            ("GRANT_DEFERRED", -100_00, "USD"),
            fund=fund,
        )
        put(
            accountant,
            drams,
            on,
            ("FX_POSITION", 100_00, "USD"),
            ("BANK", -100_00, "USD"),
            ("BANK", drams_for, ""),
            ("FX_POSITION", -drams_for, ""),
            fund=fund,
        )
    for on, units, line in (
        (date(2026, 1, 20), 19_000_00, "1.1"),
        (date(2026, 2, 20), 29_000_00, "1.1"),
        (date(2026, 2, 21), 10_000_00, "2.1"),
    ):
        put(
            accountant,
            drams,
            on,
            ("OFFICE_COST", units, ""),
            ("BANK", -units, ""),
            fund=fund,
            budget_line=line,
        )
    return drams


def told(found: DonorReport) -> dict[str, tuple[int, int, int]]:
    return {
        row.budget_line: (row.base_units, row.donor_units, row.uncovered_base) for row in found.rows
    }


def test_a_donor_is_told_as_the_tranches_came(
    granted: Book, fund: Fund, finance_manager: StaffUser
) -> None:
    with pytest.raises(NoDonorCurrency):
        donor_report(granted, fund, *QUARTER)
    services.set_donor_report(
        acting_staff=finance_manager, fund=fund, report_currency="USD", convert_by=ConvertBy.FIFO
    )
    found = donor_report(granted, fund, *QUARTER)
    assert told(found) == {"1.1": (48_000_00, 125_00, 0), "2.1": (10_000_00, 25_00, 0)}
    assert [item.donor_units for item in found.received] == [100_00, 100_00]
    february = donor_report(granted, fund, date(2026, 2, 1), date(2026, 2, 28))
    assert told(february) == {"1.1": (29_000_00, 75_00, 0), "2.1": (10_000_00, 25_00, 0)}
    assert found.total.donor_units == 150_00


def test_a_donor_is_told_by_its_rate_of_each_month_or_by_the_mean(
    granted: Book, fund: Fund, finance_manager: StaffUser
) -> None:
    rate(date(2026, 1, 1), 380 * 10**10, "DONOR")
    rate(date(2026, 2, 1), 500 * 10**10, "DONOR")
    rate(date(2026, 3, 1), 500 * 10**10, "DONOR")
    services.set_donor_report(
        acting_staff=finance_manager, fund=fund, report_currency="USD", convert_by=ConvertBy.DONOR
    )
    found = donor_report(granted, fund, *QUARTER)
    assert told(found) == {"1.1": (48_000_00, 108_00, 0), "2.1": (10_000_00, 20_00, 0)}
    assert [used.rate_date for used in found.rates] == [date(2026, 1, 1), date(2026, 2, 1)]
    services.set_donor_report(
        acting_staff=finance_manager,
        fund=fund,
        report_currency="USD",
        convert_by=ConvertBy.AVERAGE,
    )
    mean = donor_report(granted, fund, *QUARTER)
    assert mean.rates[0].of == 3
    assert told(mean)["2.1"] == (10_000_00, 25_65, 0)


def test_a_grant_that_came_in_drams_is_a_tranche_at_the_rate_of_its_day(
    drams: Book, fund: Fund, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    rate(date(2026, 1, 4), 400 * 10**10)
    services.set_donor_report(
        acting_staff=finance_manager, fund=fund, report_currency="USD", convert_by=ConvertBy.FIFO
    )
    put(
        accountant,
        drams,
        date(2026, 1, 5),
        ("BANK", 40_000_00, ""),
        ("GRANT_DEFERRED", -40_000_00, ""),
        fund=fund,
    )
    put(
        accountant,
        drams,
        date(2026, 1, 6),
        ("OFFICE_COST", 4_000_00, ""),
        ("BANK", -4_000_00, ""),
        fund=fund,
    )
    services.release_grants(acting_staff=accountant, book=drams, through=JANUARY[1])
    found = donor_report(drams, fund, *JANUARY)
    assert [item.donor_units for item in found.received] == [100_00]
    assert told(found) == {"": (4_000_00, 10_00, 0)}
    assert found.rates[0].told_by == "Central bank SPOT"


def test_who_may_not_and_what_is_no_donor_s_rule_are_refused(
    fund: Fund, trainer: StaffUser, finance_manager: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        services.set_donor_report(
            acting_staff=trainer, fund=fund, report_currency="USD", convert_by=ConvertBy.FIFO
        )
    with pytest.raises(RuleNotADonors):
        services.set_donor_report(
            acting_staff=finance_manager,
            fund=fund,
            report_currency="USD",
            convert_by=ConvertBy.CLOSING,
        )
    fund.refresh_from_db()
    assert fund.convert_by == ""


def test_the_donor_s_report_on_its_page_and_through_the_interface(
    client: Client, granted: Book, fund: Fund, accountant: StaffUser
) -> None:
    client.force_login(accountant)
    days = "from=2026-01-01&to=2026-03-31"
    page = reverse("ledger:donor_report", args=[granted.pk])
    first = client.get(f"{page}?{days}").content.decode()
    assert f'<option value="{fund.pk}" selected>' in first, "no fund named: the donor's"
    assert client.get(f"{page}?fund={granted.pk}").status_code == 404
    assert client.get(f"{page}?fund=x").status_code == 404
    empty = services.open_fund(
        acting_staff=accountant, code="E", name="Nothing yet", kind=FundKind.PURPOSE,
        agreement_key="B",
    )  # fmt: skip
    assert client.get(f"{page}?fund={empty.pk}&{days}").status_code == 200
    before = client.get(f"{page}?fund={fund.pk}&{days}").content.decode()
    assert "Say first in which currency" in before
    rule = reverse("ledger:donor_rule", args=[fund.pk])
    assert client.get(rule).status_code == 200
    client.post(rule, {"report_currency": "USD", "convert_by": "FIFO"})
    shown_page = client.get(f"{page}?fund={fund.pk}&{days}").content.decode()
    assert "USD\u00a0125.00" in shown_page
    fund_page = client.get(reverse("ledger:fund_detail", args=[fund.pk])).content.decode()
    assert f"{page}?fund={fund.pk}" in fund_page
    address = f"/api/v1/ledger/books/{granted.pk}/donor-report/{fund.pk}"
    found = client.get(f"{address}?since=2026-01-01&on=2026-03-31").json()
    assert (found["rule"], found["rows"][0]["donor_units"]) == ("FIFO", 125_00)
