"""Entries that came with one file: kept as drafts, approved or declined together by another person.

Nothing is in the journal before; then all of it is, or nothing.
"""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.errors import AlreadyOpened, DraftSettled, NothingToImport
from handup.ledger.models import Book, Draft, DraftBatch, DraftLine, Entry
from handup.ledger.rules.tables import EntryRead
from handup.ledger.rules.words import OPENING, DraftStatus
from handup.ledger.services import heads
from handup.ledger.services.drafts import check_draft_spending, entry_of
from handup.ledger.services.posting import post_entries
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require

ROWS = 1_000


def keep_batch(
    *,
    acting_staff: StaffUser,
    book: Book,
    kind: str,
    name: str,
    entries: Sequence[EntryRead],
    source: tuple[str, UUID | None] = ("", None),
    id: UUID | None = None,
) -> DraftBatch:
    """Keep the entries of a table (`imports.read_rows`, without faults) for approval.

    Raises NothingToImport.
    """
    require(acting_staff, "ledger.draft_entry", book)
    known = already_stored(DraftBatch, id, acting_staff, book=book, kind=kind, name=name)
    if known is not None:
        return known
    if not entries:
        raise NothingToImport()
    days = [entry.happened_date for entry in entries]
    with transaction.atomic():
        batch: DraftBatch = DraftBatch.objects.create(
            id=id or new_id(),
            book=book,
            kind=kind,
            name=name,
            source_kind=source[0],
            source_id=source[1],
            first_date=min(days),
            last_date=max(days),
            entries=len(entries),
            lines=sum(len(entry.lines) for entry in entries),
            debit_base=sum(max(0, line.worth) for entry in entries for line in entry.lines),
            drafted_by=acting_staff,
        )
        drafts = Draft.objects.bulk_create(
            (_draft(batch, entry, acting_staff) for entry in entries), batch_size=ROWS
        )
        DraftLine.objects.bulk_create(
            (
                line
                for draft, entry in zip(drafts, entries, strict=True)
                for line in _lines(draft, entry)
            ),
            batch_size=ROWS,
        )
        audit.record(
            acting_staff, "ledger.keep_batch", batch, {"kind": kind, "entries": len(entries)}
        )
    return batch


def _draft(batch: DraftBatch, entry: EntryRead, staff: StaffUser) -> Draft:
    return Draft(
        book=batch.book,
        kind=batch.kind,
        happened_date=entry.happened_date,
        branch_id=entry.branch,
        remark=entry.remark,
        batch=batch,
        drafted_by=staff,
    )


def _lines(draft: Draft, entry: EntryRead) -> list[DraftLine]:
    return [
        DraftLine(
            draft=draft,
            no=no,
            account_id=line.account_id,
            units=line.units,
            currency=line.currency,
            base_units=line.base_units,
            fund_id=line.fund,
            budget_line=line.budget_line,
        )
        for no, line in enumerate(entry.lines, 1)
    ]


def approve_batch(*, acting_staff: StaffUser, batch: DraftBatch, reason: str = "") -> DraftBatch:
    """Approve what another person brought in, which posts all of it, in order of the days.

    Raises SamePerson, DraftSettled, AlreadyOpened, BudgetExceeded and what post_entries raises;
    then nothing is posted.
    """
    require(acting_staff, "ledger.approve_draft", batch)
    with transaction.atomic():
        batch = _open_batch(batch, acting_staff, "ledger.approve_draft", reason)
        heads.lock([batch.book_id])
        if batch.kind == OPENING:
            _refuse_second_opening(batch.book)
        drafts = list(batch.drafts.select_related("book").order_by("happened_date", "pk"))
        lines: dict[UUID, list[DraftLine]] = {draft.pk: [] for draft in drafts}
        rows = DraftLine.objects.filter(draft__batch=batch).select_related("account")
        for line in rows.order_by("draft", "no"):
            lines[line.draft_id].append(line)
        if drafts:
            last = drafts[-1].happened_date
            check_draft_spending((line for held in lines.values() for line in held), last)
        made = post_entries(
            [entry_of(draft, lines[draft.pk], acting_staff) for draft in drafts],
            acting_staff=batch.drafted_by,
        )
        _settle(batch, acting_staff, DraftStatus.POSTED, drafts, made)
        audit.record(acting_staff, "ledger.approve_batch", batch, {"entries": len(made)})
    return batch


def decline_batch(*, acting_staff: StaffUser, batch: DraftBatch, reason: str = "") -> DraftBatch:
    """Decline what another person brought in; nothing is posted.

    Raises SamePerson, DraftSettled.
    """
    require(acting_staff, "ledger.decline_draft", batch)
    with transaction.atomic():
        batch = _open_batch(batch, acting_staff, "ledger.decline_draft", reason)
        _settle(batch, acting_staff, DraftStatus.DECLINED, list(batch.drafts.all()), ())
        audit.record(acting_staff, "ledger.decline_batch", batch)
    return batch


def _open_batch(batch: DraftBatch, staff: StaffUser, step: str, reason: str) -> DraftBatch:
    locked: DraftBatch = (
        DraftBatch.objects.select_for_update(of=("self",))
        .select_related("book", "drafted_by")
        .get(pk=batch.pk)
    )
    if locked.status != DraftStatus.DRAFT:
        raise DraftSettled(status=locked.get_status_display())
    require_other_person(staff, locked.drafted_by, step=step, reason=reason, obj=locked)
    return locked


def _refuse_second_opening(book: Book) -> None:
    if Entry.objects.filter(book=book, kind=OPENING, reversal=None).exists():
        raise AlreadyOpened(book=book.name)


def _settle(
    batch: DraftBatch,
    staff: StaffUser,
    status: DraftStatus,
    drafts: Sequence[Draft],
    entries: Sequence[Entry],
) -> None:
    now = timezone.now()
    for place, draft in enumerate(drafts):
        draft.status, draft.settled_by, draft.settled_at = status, staff, now
        draft.entry = entries[place] if entries else None
    Draft.objects.bulk_update(
        drafts, ["status", "settled_by", "settled_at", "entry"], batch_size=ROWS
    )
    batch.status, batch.settled_by, batch.settled_at = status, staff, now
    batch.save(update_fields=["status", "settled_by", "settled_at"])
