"""Reversal: every line mirrored, once; a mistake in the books is a reversal and a new entry, both
visible (J7).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.ledger.chart import INTERBOOK
from handup.ledger.errors import (
    AlreadyReversed,
    ReversalOfReversal,
    ReverseTheFact,
    RunCorrectsItself,
)
from handup.ledger.models import Entry, Line
from handup.ledger.pairs import PAIR
from handup.ledger.rules.journal import LineIn, Source
from handup.ledger.rules.words import COST_SHARED, REVERSAL
from handup.ledger.services.posting import EntryIn, post_entries
from handup.ledger.typed import check_come
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

OWN_DOMAIN = "ledger"
RUN = "run"


@dataclass(frozen=True, slots=True)
class ReversalIn:
    """An entry to reverse, the fact that says so, and the day it happened; `told_by_device` as of
    an entry."""

    entry: Entry
    source: Source
    happened_date: date
    remark: str = ""
    already_happened: bool = False
    id: UUID | None = None
    told_by_device: bool = False


def reverse_entry(
    *,
    acting_staff: StaffUser,
    entry: Entry,
    happened_date: date,
    source: Source | None = None,
    remark: str = "",
    already_happened: bool = False,
    id: UUID | None = None,
) -> Entry:
    """Reverse an entry: every line mirrored at its own rate; of money between two books both sides.

    With a source, the calling service reverses its own fact and has asked its permission. Without
    one, a person reverses an entry of the books themselves: needs ledger.reverse_entry; an entry
    that tells of a fact of another domain is refused, since the fact has to be reversed there. The
    same reversal twice returns the first.

    A run corrects itself by the next one, so its entries are not reversed; but for a sharing of
    costs, which another key may have to follow.

    Raises AlreadyReversed, ReversalOfReversal, ReverseTheFact, RunCorrectsItself, DayToCome and
    what post_entries raises.
    """
    if source is None:
        require(acting_staff, "ledger.reverse_entry", entry)
        if entry.source_domain != OWN_DOMAIN:
            raise ReverseTheFact()
        if entry.source_kind == RUN and entry.kind != COST_SHARED:
            raise RunCorrectsItself()
        if (row := already_stored(Entry, id, acting_staff, reverses=entry)) is not None:
            return row
        check_come(happened_date)
        sides = [entry, *_other_sides(entry)]
        for side in sides[1:]:
            require(acting_staff, "ledger.reverse_entry", side)
        with transaction.atomic():
            items = [
                ReversalIn(
                    side,
                    Source(OWN_DOMAIN, "entry", side.pk, REVERSAL),
                    happened_date,
                    remark,
                    already_happened,
                    id if side is entry else None,
                )
                for side in sides
            ]
            known = set(Entry.objects.filter(reverses__in=sides).values_list("pk", flat=True))
            made = reverse_entries(items, acting_staff=acting_staff)
            for reversal, side in zip(made, sides, strict=True):
                if reversal.pk not in known:
                    audit.record(
                        acting_staff, "ledger.reverse_entry", reversal, {"reverses": str(side.pk)}
                    )
        return made[0]
    item = ReversalIn(entry, source, happened_date, remark, already_happened, id)
    return reverse_entries([item], acting_staff=acting_staff)[0]


def _other_sides(entry: Entry) -> list[Entry]:
    """The entries of other books that say the other side of this one's money between books."""
    pairs = Line.objects.filter(
        entry=entry, subject_kind=PAIR, account__roles__role=INTERBOOK
    ).values("subject_id")
    others = Entry.objects.filter(
        lines__subject_kind=PAIR,
        lines__subject_id__in=pairs,
        lines__account__roles__role=INTERBOOK,
        reverses=None,
        reversal=None,
    )
    return list(others.exclude(book=entry.book_id).distinct())


def reverse_entries(items: Sequence[ReversalIn], *, acting_staff: StaffUser) -> list[Entry]:
    """Reverse entries that other services name; the batch form of reverse_entry with a source."""
    originals = [item.entry.pk for item in items]
    _refuse_reversed(items)
    lines: dict[UUID, list[LineIn]] = {pk: [] for pk in originals}
    for line in Line.objects.filter(entry__in=originals).order_by("entry", "no"):
        lines[line.entry_id].append(_mirror(line))
    return post_entries(
        [
            EntryIn(
                book=item.entry.book,
                kind=REVERSAL,
                source=item.source,
                lines=lines[item.entry.pk],
                happened_date=item.happened_date,
                branch=item.entry.branch_id,
                remark=item.remark,
                already_happened=item.already_happened,
                id=item.id,
                reverses=item.entry.pk,
                told_by_device=item.told_by_device,
            )
            for item in items
        ],
        acting_staff=acting_staff,
    )


def _refuse_reversed(items: Sequence[ReversalIn]) -> None:
    if any(item.entry.reverses_id is not None for item in items):
        raise ReversalOfReversal()
    known = {
        row.reverses_id: row
        for row in Entry.objects.filter(reverses__in=[item.entry.pk for item in items])
    }
    for item in items:
        reversal = known.get(item.entry.pk)
        if reversal is None:
            continue
        stored = Source(
            reversal.source_domain,
            reversal.source_kind,
            reversal.source_id,
            reversal.source_purpose,
        )
        if stored != item.source:
            raise AlreadyReversed()


def _mirror(line: Line) -> LineIn:
    return LineIn(
        units=-line.units,
        account_id=line.account_id,
        currency=line.currency,
        subject=(line.subject_kind, line.subject_id) if line.subject_id else None,
        fund=line.fund_id,
        budget_line=line.budget_line,
        branch=line.branch_id,
        base_units=-line.base_units,
        rate=line.rate,
    )
