"""The portfolio of any day: what the database sums is what the rule says, and opens to loans."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import services as books
from handup.lending import fallen_due, figure_loans, figures, queries, reported, services
from handup.lending.models import Loan, RatioRecord
from handup.lending.portfolio import standing
from handup.lending.rules import ratios
from handup.lending.rules.ratios import AGEING, Ratio, RatioId, loss_annual
from handup.lending.services.ratios import books_for
from handup.lending.tests.cast import START, World, make_person, repay, running, staff
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests import standing as shared
from handup.org.web.forms import NEW_ID

DAYS = [
    START,
    date(2025, 2, 15),
    date(2025, 2, 16),
    date(2025, 3, 17),
    date(2025, 6, 30),
    date(2025, 12, 31),
    date(2026, 3, 1),
]
YEAR = (date(2025, 1, 1), date(2025, 12, 31))


@shared.standing
def several(world: World) -> list[Loan]:
    """Five loans: paid as agreed, paid in part, never paid, written off, and repaid."""
    loans = [
        running(
            world,
            1_000_00 + place,
            person=make_person(world.programme, world.office, world.cast.advisor, f"P {place}"),
        )
        for place in range(5)
    ]
    for row in loans[0].dues.order_by("number")[:8]:
        loans[0].refresh_from_db()
        repay(world, loans[0], row.due_date, row.due_units)
    repay(world, loans[1], date(2025, 3, 1), 50_00)
    repay(world, loans[1], date(2025, 4, 1), 33_33)
    proposal = services.propose_write_off(
        acting_staff=world.cast.manager,
        loan=loans[3],
        proposed_date=date(2025, 9, 1),
        reason="Left",
    )
    services.write_off_loan(
        acting_staff=staff("finance", Role.FINANCE_MANAGER),
        proposal=proposal,
        value_date=date(2025, 9, 1),
    )
    whole = sum(row.due_units for row in loans[4].dues.all())
    repay(world, loans[4], date(2025, 5, 5), whole)
    Loan.objects.filter(pk=loans[0].pk).update(restructured=True)
    return loans


def everyone() -> QuerySet[Loan]:
    return Loan.objects.all()


@pytest.mark.parametrize("on", DAYS, ids=str)
def test_the_portfolio_in_the_database_is_that_of_the_rule(several: list[Loan], on: date) -> None:
    select, values = standing(on)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*), SUM(p.principal) FROM ({select}) p", values)
        _count, principal = cursor.fetchone()
    positions = queries.positions(on)
    assert int(principal or 0) == sum(item.principal_units for item in positions)
    found = figures.portfolio(on)
    for days in (30, 60, 90):
        for counted in (True, False):
            rule = ratios.portfolio_at_risk(positions, days, count_restructured=counted)
            ratio = found.at_risk(days, count_restructured=counted)
            assert (ratio.numerator, ratio.denominator) == (rule.numerator, rule.denominator)
            assert ratio.numerator_loans == len(rule.numerator_ids)
    rule = ratios.arrears_rate(positions)
    assert found.arrears_rate().numerator == rule.numerator
    assert found.ageing() == ratios.ageing(positions)


def test_a_portfolio_is_narrowed_by_any_choice_of_loans(several: list[Loan]) -> None:
    on = date(2025, 6, 30)
    rows = everyone()
    chosen = {
        "own column": rows.filter(currency="USD", pk__in=[several[0].pk, several[1].pk]),
        "joined": rows.filter(lender__name=several[0].lender.name),
        "none": rows.none(),
        "every one": rows.exclude(pk__in=[]),
        "left out": rows.exclude(pk=several[0].pk),
    }
    for name, loans in chosen.items():
        ids = set(loans.values_list("pk", flat=True))
        wanted = [item for item in queries.positions(on) if item.loan_id in ids]
        found = figures.portfolio(on, loans)
        assert found.principal == sum(item.principal_units for item in wanted), name
        assert found.loans == len(wanted), name
        assert found.ageing() == ratios.ageing(wanted), name
    sql, values = standing(on, chosen["own column"])
    assert 'l."currency" = %s' in sql
    assert "USD" in values


@pytest.mark.skipif(
    connection.vendor != "sqlite", reason="only SQLite tells its plan in these words"
)
def test_a_past_day_reads_no_schedule_only_the_rows_that_were_late(several: list[Loan]) -> None:
    select, values = standing(date(2025, 6, 30))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {select}", values)
        plan = "\n".join(row[-1] for row in cursor.fetchall())
    assert "SEARCH d USING INDEX loan_due_open (due_date<?)" in plan
    assert "SCAN d" not in plan
    assert "SEARCH s USING COVERING INDEX split_as_of (loan_id=? AND value_date>?)" in plan


@pytest.mark.parametrize("last", DAYS[1:], ids=str)
def test_repayment_in_the_database_is_that_of_the_rule(several: list[Loan], last: date) -> None:
    first = date(2025, 1, 1)

    def same(ratio: Ratio, rule: Ratio) -> None:
        assert (ratio.numerator, ratio.denominator) == (rule.numerator, rule.denominator), ratio.id
        if rule.denominator_ids:
            assert ratio.loans == len(rule.denominator_ids)

    due = fallen_due.due_between(first, last)
    same(fallen_due.on_time(due), queries.on_time(first, last))
    same(fallen_due.repaid_principal(due), queries.repaid_principal(last))
    same(figures.repaid_number(last), queries.repaid_number(last))
    received, payers = figures.received_between(first, last)
    same(fallen_due.recovery_current(received, payers, due), queries.recovery_current(first, last))
    month_ends = [date(2025, 1, 31), date(2025, 6, 30), last]
    gross = figures.gross_at(month_ends)
    assert gross == [sum(p.principal_units for p in queries.positions(on)) for on in month_ends]
    lost, count = figures.written_off_between(first, last)
    rule = queries.write_off_ratio(first, last, month_ends)
    same(ratios.mean_ratio(RatioId.WRITE_OFF, lost, gross, count), rule)


@pytest.mark.parametrize("moved", [date(2025, 5, 6), date(2025, 6, 30), date(2026, 1, 20)], ids=str)
def test_a_loan_that_was_handed_over_counts_here_until_it_went(
    several: list[Loan], moved: date
) -> None:
    before, after = moved - timedelta(days=1), moved + timedelta(days=200)
    as_it_was = figures.portfolio(before)
    whole = figures.repaid_number(after)
    Loan.objects.filter(pk__in=[several[1].pk, several[4].pk]).update(moved_date=moved)
    for day in (*DAYS, before, moved, after):
        test_the_portfolio_in_the_database_is_that_of_the_rule(several, day)
        if day > DAYS[0]:
            test_repayment_in_the_database_is_that_of_the_rule(several, day)
    assert figures.portfolio(before).ageing() == as_it_was.ageing()
    assert figures.portfolio(moved).loans == as_it_was.loans - 1  # 4 was repaid, or its money went
    ended = figures.repaid_number(after)
    unknown = int(moved <= (several[1].last_due_date or moved) < after)
    assert (ended.numerator, ended.denominator) == (whole.numerator, whole.denominator - unknown)
    late = {item.loan.pk for item in queries.loans_in_arrears(after)}
    assert late
    assert not late & {several[1].pk, several[4].pk}
    with connection.cursor() as cursor:
        cursor.execute(*figure_loans.ended_of(after, repaid=False))
        assert len(cursor.fetchall()) == ended.denominator


def test_the_three_meanings_of_repaid(several: list[Loan]) -> None:
    on = date(2025, 12, 31)
    number = figures.repaid_number(on)
    due = fallen_due.due_between(date(2025, 1, 1), on)
    principal = fallen_due.repaid_principal(due)
    cumulative = fallen_due.repaid_cumulative(due)
    assert (number.numerator, number.denominator) == (0, 0)
    later = figures.repaid_number(date(2026, 1, 16))
    assert (later.numerator, later.denominator) == (1, 5)
    assert cumulative.numerator == principal.numerator
    assert cumulative.denominator == principal.denominator
    rescheduled = several[2].dues.get(number=3)
    several[2].dues.filter(pk=rescheduled.pk).update(to_date=date(2025, 6, 1))
    due = fallen_due.due_between(date(2025, 1, 1), on)
    assert fallen_due.repaid_cumulative(due).denominator == cumulative.denominator
    fewer = fallen_due.repaid_principal(due).denominator
    assert fewer == principal.denominator - rescheduled.principal_units


def test_loss_a_year_is_twice_the_shortfall_over_the_term() -> None:
    found = loss_annual(90, 100, 365, 1)
    assert found.percent_text == "20.0"
    assert loss_annual(90, 100, 730, 1).percent_text == "10.0"
    assert loss_annual(0, 0, 0, 0).percent_text == "\u2013"


def test_ratios_over_the_books_use_its_income_and_allowance(
    world: World, several: list[Loan]
) -> None:
    on = date(2025, 12, 31)
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=on)
    books.post_provision(acting_staff=world.cast.accountant, book=world.book, through=on)
    found = {
        item.code: item.ratio
        for item in reported.report(*YEAR, everyone(), "USD", [world.book]).ratios
    }
    assert set(found) >= {"PAR30", "PAR60", "PAR90", "RISK_COVER", "YIELD", "OPEX", "IMPAIRMENT"}
    assert found["RISK_COVER"].numerator > 0
    assert found["RISK_COVER"].denominator == found["PAR30"].numerator
    assert found["YIELD"].numerator == 13 * -books_income(world)
    assert found["OPEX"].numerator == 0
    other = reported.report(*YEAR, everyone(), "EUR", [world.book])
    assert "YIELD" not in {item.code for item in other.ratios}
    assert all(item.ratio.percent is None for item in other.ratios)


def books_income(world: World) -> int:
    from handup.ledger.queries import balance

    return balance(world.book, "INTEREST_INCOME", on=date(2025, 12, 31))


def test_cohorts_and_concentration_sum_to_the_portfolio(several: list[Loan]) -> None:
    on = date(2025, 12, 31)
    cube = figures.cube(on)
    whole = cube.standing()
    (cohort,) = figures.cohorts(cube)
    assert (cohort.first, cohort.last) == (date(2025, 1, 1), date(2025, 3, 31))
    assert (cohort.loans, cohort.principal) == (5, whole.principal)
    assert cohort.written_off == several[3].approved_units
    for dimension in figures.DIMENSIONS:
        shares = cube.shares(dimension)
        assert sum(share.principal for share in shares) == whole.principal, dimension
        assert sum(share.at_risk for share in shares) == whole.at_risk(30).numerator


def test_no_figure_asks_more_the_more_loans_there_are(world: World, several: list[Loan]) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as seen:
            reported.report(*YEAR, Loan.objects.all(), "USD", [world.book])
        return len(seen)

    first = count()
    for place in range(5):
        person = make_person(world.programme, world.office, world.cast.advisor, f"Q {place}")
        running(world, 500_00, person=person)
    assert count() == first


# --- doors ----------------------------------------------------------------------------------------


def test_every_figure_of_the_page_opens_to_exactly_its_loans(
    client: Client, world: World, several: list[Loan]
) -> None:
    client.force_login(world.cast.manager)
    page = client.get(reverse("lending:portfolio") + "?from=2025-01-01&to=2025-12-31")
    text = page.content.decode()
    assert page.status_code == 200
    for code in ("PAR30", "PAR60", "PAR90", "RISK_COVER", "REPAID_CUMULATIVE", "LOSS_ANNUAL"):
        assert code in text, code
    found = reported.report(*YEAR, Loan.objects.all(), "USD", books_for(world.cast.manager))
    base = reverse("lending:portfolio_loans")
    days = "since=2025-01-01&on=2025-12-31&currency=USD"
    checked = 0
    for item in found.ratios:
        for code, loans in (
            (item.numerator_set, item.ratio.numerator_loans),
            (item.denominator_set, item.ratio.loans),
        ):
            if not code:
                continue
            assert f"set={code}" in text
            rows = client.get(f"{base}?set={code}&{days}").context["rows"]
            assert len(rows) == loans or not loans, (item.code, code)
            checked += 1
    assert checked > 12
    for place, bucket in enumerate(found.standing.ageing()):
        rows = client.get(f"{base}?set=AGE{place}&{days}").context["rows"]
        assert len(rows) == bucket.loans, AGEING[place]


def test_the_page_stands_without_loans_and_with_nonsense_in_the_address(
    client: Client, world: World
) -> None:
    client.force_login(world.cast.manager)
    address = reverse("lending:portfolio")
    assert client.get(address).status_code == 200
    wrong = client.get(f"{address}?to=nonsense&from=9999-99-99&lender=x&currency=ZZZ")
    assert wrong.status_code == 200
    assert client.get(reverse("lending:portfolio_loans") + "?set=OTHER&on=x").status_code == 200


def test_who_sees_other_loans_sees_other_figures(
    client: Client, world: World, several: list[Loan]
) -> None:
    client.force_login(world.cast.outsider)
    text = client.get(reverse("lending:portfolio") + "?to=2025-12-31").content.decode()
    assert "PAR30" in text
    assert several[0].code not in text
    rows = client.get(reverse("lending:portfolio_loans") + "?set=OPEN&on=2025-12-31")
    assert rows.context["rows"] == []


def test_ratios_are_kept_once_as_they_were(
    client: Client, world: World, several: list[Loan]
) -> None:
    told: dict[str, Any] = {"since": YEAR[0], "on": YEAR[1], "currency": "USD"}
    kept = services.record_ratios(acting_staff=world.cast.manager, **told)
    again = services.record_ratios(acting_staff=world.cast.manager, **told)
    assert [row.pk for row in kept] == [row.pk for row in again]
    row = next(row for row in kept if row.ratio == RatioId.PAR and row.parameter == 30)
    assert (row.cut_off, row.loans) == (YEAR[1], 3)
    with pytest.raises(NotAllowed):
        services.record_ratios(acting_staff=world.cast.clerk, **told)
    client.force_login(world.cast.manager)
    form = {"since": "2025-01-01", "on": "2025-06-30", "currency": "USD", NEW_ID: str(new_id())}
    assert client.post(reverse("lending:record_ratios"), form).status_code == 302
    assert RatioRecord.objects.filter(cut_off=date(2025, 6, 30)).exists()
    listed = client.get(reverse("lending:ratio_list")).content.decode()
    assert ">Arrears rate\n" in listed
    assert ">Portfolio at risk, more than 90 days\n" in listed
    assert ">ARREARS_RATE\n" not in listed, "an id is for programs, in a column to be chosen"
    chosen = client.get(reverse("lending:ratio_list"), {"columns": "name,ratio"}).content.decode()
    assert ">ARREARS_RATE\n" in chosen


def test_bars_open_with_the_days_and_lender_asked_for(
    client: Client, world: World, several: list[Loan]
) -> None:
    client.force_login(world.cast.manager)
    page = client.get(reverse("lending:portfolio") + f"?lender={world.direct.pk}&to=2025-12-31")
    charts = page.context["charts"]
    asked = parse_qs(urlparse(charts[0].bars[1].href).query)
    assert asked["lender"] == [str(world.direct.pk)]
    assert asked["on"] == ["2025-12-31"]
    assert START + timedelta(days=1) > START
