"""Proofs of the runs (ledger.md 4.9, V12): totals are the sums of their details, entries what was
posted, the allowance what the last run asked for; banks stand as they were reconciled (V10).
"""

from collections.abc import Iterator

from django.db.models import F, Q, Sum

from handup.kernel.money import split
from handup.ledger.models import (
    Book,
    CashCount,
    CostShare,
    Line,
    Reconciliation,
    Run,
    RunDetail,
    RunTotal,
)
from handup.ledger.rules.words import LOAN_RUNS, CountStatus, RunKind
from handup.ledger.runs import Group, allowance_held, last_run, totals_of
from handup.org.verify import Difference


def runs_hold(book: Book | None = None) -> Iterator[Difference]:
    """The last run of each kind: totals against details, and the allowance against both."""
    books = [book] if book is not None else Book.objects.filter(runs__isnull=False).distinct()
    for item in books:
        for kind in LOAN_RUNS:
            run = last_run(item, kind)
            if run is not None:
                yield from _totals(item, run)
    runs = Run.objects.filter(kind=RunKind.PROVISION)
    for run in runs if book is None else runs.filter(book=book):
        yield from _allowance(run)
    yield from _entries(book)
    yield from _shared(book)


def _totals(book: Book, run: Run) -> Iterator[Difference]:
    kept = totals_of(run)
    rows = (
        RunDetail.objects.filter(book=book, kind=run.kind, run_no__lte=run.no)
        .order_by()
        .values_list("branch", "product_id", "fund", "currency")
        .annotate(total=Sum(F("target_units") - F("before_units")))
    )
    wanted = {Group(*key): int(total) for *key, total in rows if total}
    yield from _compare(f"{book.code} {run.kind}", {k: v for k, v in kept.items() if v}, wanted)


def _allowance(run: Run) -> Iterator[Difference]:
    wanted = {group: units for group, units in totals_of(run).items() if units}
    held = allowance_held(run.book, run.through, run.last_seq)
    yield from _compare(f"{run.book.code} ALLOWANCE {run.through}", held, wanted)


def _compare(
    label: str, stored: dict[Group, int], computed: dict[Group, int]
) -> Iterator[Difference]:
    for group in sorted(stored.keys() | computed.keys(), key=str):
        left, right = stored.get(group, 0), computed.get(group, 0)
        if left != right:
            yield Difference(f"{label} branch {group.branch}", str(left), str(right))


def _entries(book: Book | None) -> Iterator[Difference]:
    """Each entry of a run moves what its total says it posted."""
    totals = RunTotal.objects.exclude(posted_units=0).filter(
        run__kind__in=(*LOAN_RUNS, RunKind.RELEASE)
    )
    if book is not None:
        totals = totals.filter(run__book=book)
    rows = totals.annotate(
        moved=Sum("entry__lines__units", filter=Q(entry__lines__units__gt=0))
    ).values_list("pk", "posted_units", "moved")
    for pk, posted, moved in rows.iterator():
        if abs(posted) != (moved or 0):
            yield Difference(f"total {pk}", str(posted), str(moved))


def _shared(book: Book | None) -> Iterator[Difference]:
    """What a sharing took from its pool went to the funds by its key, to the last unit."""
    totals = RunTotal.objects.filter(run__kind=RunKind.SHARING, entry__isnull=False)
    if book is not None:
        totals = totals.filter(run__book=book)
    for entry, key in totals.values_list("entry", "product_id"):
        shares = CostShare.objects.filter(key=key).order_by("place")
        keys = list(shares.values_list("fund", "budget_line", "weight"))
        pool, *rest = (
            Line.objects.filter(entry=entry)
            .order_by("no")
            .values_list("account", "fund", "budget_line", "units")
        )
        sign = 1 if pool[3] < 0 else -1
        parts = split(abs(pool[3]), [weight for *_to, weight in keys]).parts if keys else ()
        wanted = [
            (fund, line, sign * units)
            for (fund, line, _weight), units in zip(keys, parts, strict=True)
            if units
        ]
        moved = [(fund, line, units) for account, fund, line, units in rest if account == pool[0]]
        if moved != wanted:
            yield Difference(f"sharing {entry}", str(moved), str(wanted))


def banks_reconciled(book: Book | None = None) -> Iterator[Difference]:
    """A bank account's balance then was the bank's, and the lines listed as still on the way."""
    rows = Reconciliation.objects.select_related("account")
    for row in rows if book is None else rows.filter(account__book=book):
        lines = Line.objects.filter(
            account=row.account,
            currency=row.currency,
            entry__entry_date__lte=row.through,
            entry__seq__lte=row.last_seq,
        )
        balance = lines.aggregate(total=Sum("units"))["total"] or 0
        way = lines.filter(pk__in=row.open_lines).aggregate(total=Sum("units"))["total"] or 0
        if not balance == row.book_units == row.statement_units + way:
            yield Difference(
                f"account {row.account.code} on {row.through}",
                f"{row.statement_units} and {way} on the way",
                str(balance),
            )


def tills_as_counted(book: Book | None = None) -> Iterator[Difference]:
    """A till held at the end of its day, difference posted, what was counted and confirmed."""
    rows = CashCount.objects.filter(status=CountStatus.CONFIRMED).select_related("account", "entry")
    for row in rows if book is None else rows.filter(account__book=book):
        lines = Line.objects.filter(account=row.account, currency=row.currency)
        lines = lines.filter(entry__seq__lte=row.last_seq)
        posted = row.entry.entry_date if row.entry is not None else row.counted_date
        held = int(
            lines.filter(entry__entry_date__lte=row.counted_date)
            .exclude(entry=row.entry_id)
            .aggregate(total=Sum("units"))["total"]
            or 0
        )
        moved = 0
        if row.entry_id is not None:
            moved = int(lines.filter(entry=row.entry_id).aggregate(n=Sum("units"))["n"] or 0)
        if held + moved != row.counted_units:
            key = f"till {row.account.code} on {row.counted_date}, posted {posted}"
            yield Difference(key, str(row.counted_units), str(held + moved))
