"""The proofs of the bank channel (ledger.md 4.9, V10): every line posted is in the books once, and
suspense holds what waits.
"""

from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import AccountRole, Book, Line
from handup.ledger.queries import balance
from handup.lending.models import BankAccount, StatementLine, StrayCash
from handup.lending.rules import stray
from handup.lending.rules.banking.codes import ON_SUSPENSE, LineFate
from handup.org.verify import Check, Difference

UNPOSTED = (LineFate.FAULT.value, LineFate.KNOWN.value)
WAITING = sorted(fate.value for fate in ON_SUSPENSE)


def lines_posted() -> Iterator[Difference]:
    """What each line moved on the bank account of its book is its amount: by its own entries, or
    by those of the event it became, which stands and explains one line only.
    """
    moved: dict[UUID, int] = {
        source: int(units)
        for source, units in Line.objects.filter(
            account__in=AccountRole.objects.filter(role="BANK").values("account"),
            entry__source_domain="lending",
        )
        .order_by()
        .values_list("entry__source_id")
        .annotate(total=Sum("units"))
    }
    matched = StatementLine.objects.filter(fate=LineFate.MATCHED.value, reversal=False)
    told = StatementLine.objects.filter(reversal=True, event__isnull=False).values("event")
    taken_back = matched.filter(event__reversed_by__isnull=False).exclude(
        event__reversed_by__in=told  # the bank tells of these itself, on a line of their own
    )
    for line, reversal in taken_back.values_list("pk", "event__reversed_by"):
        moved[line] = moved.get(line, 0) + moved.get(reversal, 0)
    rows = StatementLine.objects.exclude(fate__in=UNPOSTED).order_by("id")
    for pk, event, units in rows.values_list("pk", "event", "units").iterator():
        posted = moved.get(pk, 0) + moved.pop(event, 0)
        if posted != units:
            yield Difference(f"bank line {pk}", str(units), str(posted))


def suspense_is_what_waits() -> Iterator[Difference]:
    """SUSPENSE of each book is the sum of its lines of banks that wait, and of its cash of nobody
    known.
    """
    waiting: Counter[tuple[UUID, str]] = Counter(
        {
            (book, currency): int(units)
            for book, currency, units in StatementLine.objects.filter(fate__in=WAITING)
            .order_by()
            .values_list("account__book", "account__currency")
            .annotate(total=Sum("units"))
        }
    )
    cash = StrayCash.objects.filter(state__in=sorted(state.value for state in stray.ON_SUSPENSE))
    for book, currency, units in cash.values_list("lender__book", "currency", "units"):
        waiting[book, currency] += units
    pairs = set(BankAccount.objects.order_by().values_list("book", "currency"))
    pairs |= set(StrayCash.objects.order_by().values_list("lender__book", "currency"))
    books = Book.objects.in_bulk([book for book, _currency in pairs])
    for book_id, currency in sorted(pairs, key=str):
        stored = -balance(books[book_id], "SUSPENSE", currency=currency)
        computed = waiting.get((book_id, currency), 0)
        if stored != computed:
            key = f"{books[book_id].code} SUSPENSE {currency}"
            yield Difference(key, str(stored), str(computed))


CHECKS = [
    Check(
        "BANK_LINES",
        _("Every line of a statement is in the books once"),
        lines_posted,
        proves="V10",
    ),
    Check(
        "BANK_SUSPENSE",
        _("Suspense holds what waits to be matched"),
        suspense_is_what_waits,
        proves="V10",
    ),
]
