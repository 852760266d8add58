"""Postings, reversals, runs, revaluations and closings in any order: the books balance,
statements tie, the proofs stay clean.
"""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger import queries, runs, services
from handup.ledger.cash_flow import cash_flow
from handup.ledger.models import Book, Entry, Period
from handup.ledger.rules.words import UNRESTRICTED_ID, PeriodStatus, RunKind
from handup.ledger.runs import Provider, Statement
from handup.ledger.services import LineIn, Source
from handup.ledger.sql import uid, uid_literal
from handup.ledger.tests.conftest import at, close_for_facts, make_staff
from handup.ledger.verify import book_differences
from handup.org.models import ExchangeRate, StaffUser
from handup.org.rules.access import Role

START = date(2026, 10, 1)
ROLES = ("CASH", "BANK", "LOANS", "INTEREST_INCOME", "CAPITAL", "OTHER_COST", "GRANT_INCOME")
days = st.integers(0, 120).map(lambda n: START + timedelta(days=n))
months = st.sampled_from([date(2026, 10, 31), date(2026, 11, 30), date(2026, 12, 31)])
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("post"),
            st.sampled_from(ROLES),
            st.sampled_from(ROLES),
            st.integers(1, 10**6),
            days,
            st.sampled_from(["USD", "EUR"]),
        ),
        st.tuples(st.just("reverse"), st.integers(0, 20), days),
        st.tuples(st.just("accrue"), months, st.integers(0, 10**6)),
        st.tuples(st.just("provide"), months, st.integers(0, 10**6)),
        st.tuples(st.just("revalue"), months),
        st.tuples(st.just("soft_close")),
        st.tuples(st.just("close")),
        st.tuples(st.just("close_year")),
    ),
    min_size=3,
    max_size=14,
)


class Walk:
    """One book and whoever keeps it; the targets of its runs are what the last step said."""

    def __init__(self, book: Book, staff: StaffUser, director: StaffUser) -> None:
        self.book, self.staff, self.director = book, staff, director
        self.entries: list[Entry] = []
        self.target = 0

    def provider(self, kind: RunKind) -> Provider:
        def targets(book: Book, _through: date) -> Statement | None:
            if book.pk != self.book.pk:
                return None
            none = f"CAST(NULL AS {'uuid' if uid(book.pk) == book.pk else 'text'})"
            return Statement(
                f"SELECT {uid_literal(UUID(int=9))} AS subject_id, {none} AS branch_id,"
                f" {none} AS product_id, {uid_literal(UNRESTRICTED_ID)} AS fund_id,"
                f" 'USD' AS currency, {self.target} AS basis_units, 0 AS rate_bps,"
                f" FALSE AS stopped, {self.target} AS target_units",
                [],
            )

        return Provider(kind, "loan", "", "1", targets)

    def post(self, debit: str, credit: str, units: int, on: date, currency: str) -> None:
        if debit != credit:
            self.entries.append(
                services.post_entry(
                    acting_staff=self.staff,
                    book=self.book,
                    kind="FACT",
                    source=Source("test", "fact", new_id()),
                    lines=[
                        LineIn(units, debit, currency=currency),
                        LineIn(-units, credit, currency=currency),
                    ],
                    happened_date=on,
                    already_happened=True,
                )
            )

    def reverse(self, place: int, on: date) -> None:
        if self.entries:
            services.reverse_entry(
                acting_staff=self.staff,
                entry=self.entries[place % len(self.entries)],
                happened_date=on,
                source=Source("test", "fact", new_id()),
                already_happened=True,
            )

    def accrue(self, through: date, target: int) -> None:
        self.target = target
        services.post_accrual(acting_staff=self.staff, book=self.book, through=through)

    def provide(self, through: date, target: int) -> None:
        self.target = target
        services.post_provision(acting_staff=self.staff, book=self.book, through=through)

    def revalue(self, through: date) -> None:
        services.revalue(acting_staff=self.staff, book=self.book, through=through)

    def soft_close(self) -> None:
        period = Period.objects.filter(book=self.book, status=PeriodStatus.OPEN).first()
        if period is not None:
            close_for_facts(acting_staff=self.staff, period=period)

    def close(self) -> None:
        period = Period.objects.filter(book=self.book, status=PeriodStatus.SOFT_CLOSED).first()
        if period is not None:
            services.close_period(acting_staff=self.director, period=period)

    def close_year(self) -> None:
        services.close_year(acting_staff=self.staff, book=self.book, through=date(2026, 12, 31))


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(wanted=steps)
def test_any_order_of_postings_runs_and_closings_leaves_the_books_whole(
    wanted: list[tuple[Any, ...]], book: Book, director: StaffUser
) -> None:
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        keeper = make_staff(f"keeper{new_id().hex[-8:]}", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
        walk = Walk(book, keeper, director)
        patch.setattr(
            runs, "providers", [walk.provider(RunKind.ACCRUAL), walk.provider(RunKind.PROVISION)]
        )
        patch.setattr("handup.ledger.typed.timezone", at(date(2027, 1, 31)))
        for number in range(7):
            ExchangeRate.objects.create(
                from_currency="EUR",
                to_currency="USD",
                rate_date=date(2026, 10, 1) + timedelta(days=20 * number),
                numerator=(11 + number) * 10**9,
                kind="SPOT",
                source="Central bank",
            )
        Book.objects.filter(pk=book.pk).update(max_rate_age_days=60)
        for step, *told in wanted:
            try:
                with transaction.atomic():
                    getattr(walk, step)(*told)
            except Refusal:
                continue
        assert not list(book_differences(book))
        last = date(2027, 3, 31)
        sheet = queries.balance_sheet(book, last)
        assert sheet.total_assets == sheet.total_claims
        flow = cash_flow(book, date(2026, 11, 1), last)
        assert flow.opening + flow.net == flow.closing
        assert queries.trial_balance(book, last).closing_base == 0
        transaction.set_rollback(True)
