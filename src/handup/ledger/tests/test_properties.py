"""Whatever is posted and reversed in whatever order: the proofs stay clean and balances add up."""

from collections import defaultdict
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger import queries, services
from handup.ledger.models import Book, Entry, Period
from handup.ledger.rules.journal import spread_residue, to_base
from handup.ledger.rules.words import PeriodStatus
from handup.ledger.services import EntryIn, LineIn, Source
from handup.ledger.tests.conftest import close_for_facts
from handup.ledger.verify import book_differences
from handup.org.models import StaffUser

START = date(2026, 1, 1)
ROLES = ("CASH", "BANK", "LOANS", "INTEREST_INCOME", "CAPITAL", "OTHER_COST")

days = st.integers(0, 120).map(lambda n: START + timedelta(days=n))
pairs = st.tuples(
    st.sampled_from(ROLES), st.sampled_from(ROLES), st.integers(1, 10**9), days
).filter(lambda pair: pair[0] != pair[1])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("post"), st.lists(pairs, min_size=1, max_size=4)),
        st.tuples(st.just("reverse"), st.integers(0, 20), days),
        st.tuples(st.just("again"), st.integers(0, 20)),
        st.tuples(st.just("close"), st.just(0)),
    ),
    min_size=1,
    max_size=10,
)


def _entry(book: Book, pair: tuple[str, str, int, date]) -> EntryIn:
    debit, credit, units, on = pair
    return EntryIn(
        book=book,
        kind="FACT",
        source=Source("groups", "fact", new_id()),
        lines=[
            LineIn(units=units, account_role=debit, subject=("member", new_id())),
            LineIn(units=-units, account_role=credit),
        ],
        happened_date=on,
        already_happened=units % 2 == 0,
    )


class Walk:
    """One sequence of steps, with what must be true kept beside."""

    def __init__(self, book: Book, staff: StaffUser, manager: StaffUser) -> None:
        self.book, self.staff, self.manager = book, staff, manager
        self.posted: list[tuple[EntryIn, Entry]] = []
        self.sums: dict[str, int] = defaultdict(int)

    def post(self, wanted: list[tuple[str, str, int, date]]) -> None:
        entries = [_entry(self.book, pair) for pair in wanted]
        try:
            made = services.post_entries(entries, acting_staff=self.staff)
        except Refusal:
            return
        for told, entry, (debit, credit, units, _on) in zip(entries, made, wanted, strict=True):
            self.posted.append((told, entry))
            self.sums[debit] += units
            self.sums[credit] -= units

    def reverse(self, place: int, on: date) -> None:
        if not self.posted:
            return
        told, entry = self.posted[place % len(self.posted)]
        try:
            services.reverse_entry(
                acting_staff=self.staff,
                entry=entry,
                happened_date=on,
                source=Source("groups", "fact", new_id()),
            )
        except Refusal:
            return
        for line in told.lines:
            self.sums[line.account_role] -= line.units

    def again(self, place: int) -> None:
        if self.posted:
            told, entry = self.posted[place % len(self.posted)]
            assert services.post_entries([told], acting_staff=self.staff) == [entry]

    def close(self, _nothing: int) -> None:
        period = Period.objects.filter(book=self.book, status=PeriodStatus.OPEN).first()
        if period is not None:
            close_for_facts(acting_staff=self.manager, period=period)


@settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(wanted=steps)
def test_any_sequence_of_postings_reversals_and_closings_leaves_the_proofs_clean(
    wanted: list[tuple[str, object]],
    book: Book,
    accountant: StaffUser,
    finance_manager: StaffUser,
) -> None:
    with transaction.atomic():
        walk = Walk(book, accountant, finance_manager)
        for step, *told in wanted:
            getattr(walk, step)(*told)
        assert not list(book_differences(book))
        for role in ROLES:
            assert queries.balance(book, role) == walk.sums[role], role
        seqs = list(Entry.objects.filter(book=book).values_list("seq", flat=True))
        assert seqs == list(range(1, len(seqs) + 1))
        locked = [entry for _told, entry in walk.posted if entry.entry_date < entry.happened_date]
        assert not locked
        transaction.set_rollback(True)


@given(
    st.lists(
        st.tuples(st.integers(-(10**9), 10**9).filter(bool), st.integers(1, 3)),
        min_size=1,
        max_size=8,
    ),
    st.integers(1, 10**14),
    st.sampled_from([0, 2, 3]),
    st.sampled_from([0, 2, 3]),
)
def test_lines_that_balance_in_their_currency_balance_in_the_book_s(
    parts: list[tuple[int, int]], rate: int, digits: int, base_digits: int
) -> None:
    funds = {n: UUID(int=n) for n in (1, 2, 3)}
    lines = [(units, funds[fund]) for units, fund in parts]
    for fund in funds.values():
        rest = -sum(units for units, line_fund in lines if line_fund == fund)
        if rest:
            lines.append((rest, fund))
    amounts = [(units, to_base(units, rate, digits, base_digits), fund) for units, fund in lines]
    spread = spread_residue(amounts)
    for fund in funds.values():
        assert sum(b for b, (*_u, f) in zip(spread, amounts, strict=True) if f == fund) == 0
    moved = [abs(b - before) for b, (_u, before, _f) in zip(spread, amounts, strict=True)]
    assert max(moved) <= len(lines)
