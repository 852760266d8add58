"""Loans whose stored figures an older version of the engine worked out: found, and replayed by this
one. What that changes is written as any replay is, and the books get the difference.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.ledger.services import Source, post_entries
from handup.lending.errors import FutureDate
from handup.lending.happened import events_of
from handup.lending.models import Loan
from handup.lending.rules.loan import ENGINE_VERSION
from handup.lending.services import posting
from handup.lending.services.repayments import lock_loans
from handup.lending.services.replaying import replay
from handup.lending.services.store import Writer
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require

SOURCE_KIND = "REPLAYED"
PURPOSE = f"ENGINE_{ENGINE_VERSION}"


@dataclass(slots=True)
class Replayed:
    """How many loans were replayed, which of them stand otherwise now, and which could not be."""

    count: int = 0
    changed: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def older_loans() -> QuerySet[Loan]:
    """Loans that another version of the engine worked out, and that are still ours."""
    rows = Loan.objects.filter(moved_date=None).exclude(engine_version=ENGINE_VERSION)
    return rows.order_by("code")


def replay_older_loans(*, acting_staff: StaffUser, value_date: date) -> Replayed:
    """Replay every loan an older version of the engine worked out, each in a transaction of its
    own; value_date: the day on which the books take the differences. A loan this engine refuses
    stays as it is, and is named with the reason.

    Raises NotAllowed, FutureDate.
    """
    require(acting_staff, "lending.replay_loans")
    if value_date > timezone.localdate():
        raise FutureDate(field="value_date", date=value_date)
    done = Replayed()
    for pk, code in list(older_loans().values_list("pk", "code")):
        try:
            moved = _replay(pk, acting_staff, value_date)
        except Refusal as refusal:
            done.refused.append((code, str(refusal)))
            continue
        done.count += 1
        if moved:
            done.changed.append(code)
    return done


def _replay(pk: UUID, staff: StaffUser, on: date) -> bool:
    """Replay one loan; tells whether any payment or change of it came out otherwise."""
    with transaction.atomic():
        loan = lock_loans([pk])[pk]
        before = loan.engine_version
        writer = Writer(timezone.now())
        _state, changes = replay(writer, loan, events_of([pk])[pk])
        writer.flush()
        book = posting.book_of(loan.lender)
        if book is not None and changes:
            source = Source(posting.DOMAIN, SOURCE_KIND, pk, PURPOSE)
            entry = posting.renewed_entry(book, loan, source, on, changes)
            if entry is not None:
                post_entries([entry], acting_staff=staff)
        told: dict[str, str | int | bool | None] = {"before": before, "now": ENGINE_VERSION}
        audit.record(staff, "lending.replay_loans", loan, {**told, "changed": len(changes)})
    return bool(changes)
