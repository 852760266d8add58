"""The proof of guarantees: no call was paid twice or over what was asked, no more came back than
was paid, no fund paid more than it holds, and the books say the same, call by call.
"""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book, Entry
from handup.ledger.queries import balances_by_subject
from handup.lending.models import Guarantee, GuaranteeCall, GuaranteeMove
from handup.lending.rules.codes import GuaranteeMoveKind
from handup.lending.services.guarantee_entries import (
    DOMAIN,
    ENDED,
    GIVEN,
    SOURCE_KIND,
    stands_for,
)
from handup.lending.services.guarantee_entries import SUBJECT as CONTRACT
from handup.lending.services.guarantee_entries import book_of as contract_book
from handup.lending.services.guarantee_funds import fund_of
from handup.lending.services.guarantees import PURPOSE, SUBJECT, book_of
from handup.org.verify import Check, Difference

ROLE = "GUARANTEE_CALLED"


def guarantees_stand() -> Iterator[Difference]:
    """Calls and funds by themselves."""
    rows = GuaranteeMove.objects.order_by().values_list("call").annotate(n=Sum("units"))
    out = dict(rows)
    for call in GuaranteeCall.objects.filter(pk__in=out):
        if not 0 <= out[call.pk] <= call.units:
            yield Difference(f"guarantee call {call.pk}", str(out[call.pk]), f"0 to {call.units}")
        paid = call.moves.filter(kind=GuaranteeMoveKind.PAID.value, reversed_by=None)
        if paid.count() > 1:
            yield Difference(f"guarantee call {call.pk}", "paid twice", "paid once")
    for guarantee in Guarantee.objects.filter(calls__moves__isnull=False).distinct():
        left = fund_of(guarantee).money
        if left < 0:
            yield Difference(f"guarantee {guarantee.pk} deposit", str(left), "0 or more")


def guarantees_posted() -> Iterator[Difference]:
    """The claim on a bank for each call is what was paid for it and has not come back; each move
    has its entry.
    """
    entries = set(Entry.objects.filter(source_purpose=PURPOSE).values_list("source_id", flat=True))
    wanted: dict[Book, dict[UUID, int]] = defaultdict(dict)
    for move in GuaranteeMove.objects.exclude(pk__in=entries):
        yield Difference(f"guarantee move {move.pk}", "no entry", "one entry")
    calls = GuaranteeCall.objects.filter(moves__isnull=False)
    calls = calls.select_related("guarantee__book", "guarantee__lender__book")
    for call in calls.annotate(out=Sum("moves__units")):
        wanted[book_of(call.guarantee)][call.pk] = vars(call)["out"]
    for book, of_calls in wanted.items():
        posted = balances_by_subject(book, ROLE, SUBJECT)
        for key in posted.keys() | of_calls.keys():
            left, right = posted.get(key, 0), of_calls.get(key, 0)
            if left != right:
                yield Difference(f"{book.code} {ROLE} {key}", str(left), str(right))


def guarantees_given() -> Iterator[Difference]:
    """What the books say beside their accounts that guarantees stand for is what those given and
    not ended stand for.
    """
    contracts = Entry.objects.filter(source_domain=DOMAIN, source_kind=SOURCE_KIND)
    said = set(contracts.values_list("source_id", "source_purpose"))
    wanted: dict[Book, dict[UUID, int]] = defaultdict(dict)
    for row in Guarantee.objects.filter(pk__in={pk for pk, _kind in said}).select_related(
        "book", "lender__book"
    ):
        book = contract_book(row)
        if book is not None and (row.pk, ENDED) not in said:
            wanted[book][row.pk] = stands_for(row)
    for book in Book.objects.filter(entries__in=contracts).distinct():
        posted = balances_by_subject(book, GIVEN, CONTRACT)
        for key in posted.keys() | wanted[book].keys():
            left, right = posted.get(key, 0), wanted[book].get(key, 0)
            if left != right:
                yield Difference(f"{book.code} {GIVEN} {key}", str(left), str(right))


CHECKS = (
    Check(
        "LENDING_GUARANTEES_GIVEN",
        _("Beside the books stands what guarantees in force stand for"),
        guarantees_given,
    ),
    Check("LENDING_GUARANTEES", _("Guarantees paid what was called, once"), guarantees_stand),
    Check(
        "LENDING_GUARANTEE_BOOKS",
        _("The books hold what banks owe back to guarantees"),
        guarantees_posted,
    ),
)
