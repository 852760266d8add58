"""Interest earned before the books knew its subjects: a run that states where each stands, so that
the next run posts only what is earned from there on.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handup.kernel.ids import new_id
from handup.ledger.errors import LaterRunPosted
from handup.ledger.models import Book, Run, RunDetail
from handup.ledger.rules.journal import posting_date
from handup.ledger.rules.words import UNRESTRICTED_ID, RunKind
from handup.ledger.runs import Group, last_run, totals_of
from handup.ledger.services import heads
from handup.ledger.services.runs import Posting, begin, store
from handup.org.models import StaffUser

TAKEN_OVER = "taken over"
"""The version such a run carries: it computed nothing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a subject has earned by a day, as a journal entry of its own says it."""

    subject_id: UUID
    branch: UUID | None
    currency: str
    target_units: int
    stopped: bool = False
    before_units: int = 0
    fund: UUID = UNRESTRICTED_ID


def take_over_accrual(
    *,
    acting_staff: StaffUser,
    book: Book,
    through: date,
    subject_kind: str,
    standings: Sequence[Standing],
    kind: RunKind = RunKind.ACCRUAL,
) -> Run:
    """State what subjects had earned, or been asked in fees, by the end of a day. Called by a
    service that has asked its own permission and posts the entry in the same transaction.

    Raises PeriodClosed, LaterRunPosted.
    """
    draft = begin(book, kind, through, acting_staff)
    later = Run.objects.filter(book=book, kind=kind, through__gt=through)
    if (found := later.order_by("through").first()) is not None:
        raise LaterRunPosted(date=found.through)
    draft.version, draft.subjects = TAKEN_OVER, len(standings)
    totals = Counter(totals_of(last_run(book, kind, through)))
    for item in standings:
        group = Group(item.branch, None, item.fund, item.currency)
        totals[group] += item.target_units - item.before_units
    draft.postings = [Posting(group, units, 0) for group, units in totals.items()]
    run = store(draft)
    RunDetail.objects.bulk_create(
        (
            RunDetail(
                id=new_id(),
                run=run,
                book=book,
                kind=kind.value,
                through=through,
                run_no=run.no,
                subject_kind=subject_kind,
                subject_id=item.subject_id,
                branch_id=item.branch,
                fund_id=item.fund,
                currency=item.currency,
                basis_units=item.target_units,
                stopped=item.stopped,
                target_units=item.target_units,
                before_units=item.before_units,
            )
            for item in standings
        ),
        batch_size=500,
    )
    return run


def is_closed(book: Book, on: date) -> bool:
    """Whether a day takes no entries any more."""
    head = heads.lock([book.pk])[book.pk]
    return posting_date(on, head.locked_through) != on


def others_ran(subjects: Sequence[UUID], book: Book) -> bool:
    """Whether any run but one taken over has stored a target for some of these subjects."""
    for start in range(0, len(subjects), 500):
        part = subjects[start : start + 500]
        rows = RunDetail.objects.filter(book=book, subject_id__in=part).exclude(
            run__engine_version=TAKEN_OVER
        )
        if rows.exists():
            return True
    return False
