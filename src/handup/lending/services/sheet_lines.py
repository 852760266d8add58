"""The lines of a collection sheet as they were told, parted into those of loans that whoever
collected may take money for, and the others (lending.md 7: cash already taken is written down, not
refused; of an unknown loan it goes to SUSPENSE).

A loan out of her sight answers exactly as one there never was: nothing here looks at a loan she may
not know.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from handup.kernel.errors import Refusal
from handup.lending.models import EarlierRecord, Lender, Loan, StrayLine
from handup.lending.rules.codes import OWN_MODES
from handup.lending.rules.collection import check_count
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

COLLECT = "lending.record_collection"


class TillUnclear(Refusal):
    """Say in whose till the cash lies that is of no loan you know."""


@dataclass(frozen=True, slots=True)
class CollectedIn:
    """One loan of a collection: what was paid in smallest units, or that nobody came. words: what
    the sheet says of whom, of somebody who is not on our lists; then loan may be None.
    """

    loan: UUID | None
    units: int = 0
    absent: bool = False
    words: str = ""

    @property
    def kept(self) -> bool:
        """Whether it says anything."""
        return bool(self.units or self.absent)

    def written(self, *, known: bool = True) -> list[Any]:
        """The same as JSON. What names a loan nobody may know of is written without dashes, so that
        it is not found as a record of that loan (`models.earlier.naming`).
        """
        if known:
            return [str(self.loan), self.units, self.absent]
        named = None if self.loan is None else self.loan.hex
        return [named, self.units, self.absent, self.words]


def read_unknown(rows: Iterable[Sequence[Any]]) -> list[CollectedIn]:
    """The lines of unknown loans as `written` wrote them."""
    return [
        CollectedIn(None if named is None else UUID(named), units, absent, words)
        for named, units, absent, words in rows
    ]


def part_lines(
    staff: StaffUser, lines: Sequence[CollectedIn], id: UUID | None = None
) -> tuple[list[CollectedIn], list[CollectedIn]]:
    """The lines of loans she may take money for, and the others, those of loans that a successor
    keeps among them; of a sheet that is stored under this id as it was parted then. Raises
    NotAllowed.
    """
    require(staff, COLLECT)
    named = {line.loan for line in lines if line.loan is not None}
    before = _parted_before(id)
    if before is None:
        rows = Loan.objects.filter(pk__in=named, moved_date=None).reached_with(staff, COLLECT)
        known = set(rows.values_list("pk", flat=True))
    else:
        known = named - before
    here = [line for line in lines if line.loan in known]
    return here, [line for line in lines if line.loan not in known]


def _parted_before(id: UUID | None) -> set[UUID | None] | None:
    """The loans nobody knew of a sheet that was told before; None of a new one."""
    if id is None:
        return None
    waits = EarlierRecord._base_manager.filter(pk=id).values_list("payload", flat=True).first()
    if waits is not None:
        return {line.loan for line in read_unknown(waits.get("unknown", ()))}
    rows = StrayLine._base_manager.filter(collection=id)
    return set(rows.values_list("named", flat=True)) or None


def till_of(loans: Iterable[Loan], told: Lender | None, staff: StaffUser) -> Lender:
    """In whose till the cash of loans nobody knows lies: as told; else with the cash of most of the
    other lines; of a sheet without others, with the one lender she sees that keeps a till.

    Raises TillUnclear.
    """
    if told is not None:
        if not _keeps_till(told):
            raise TillUnclear(field="till")
        return told
    sheet = list(loans)
    tills = Counter(loan.lender_id for loan in sheet if _keeps_till(loan.lender))
    if tills:
        most = max(tills.values())
        pk = min(pk for pk, times in tills.items() if times == most)
        return Lender.objects.select_related("book").get(pk=pk)
    keeping = Lender.objects.visible_to(staff).filter(book__isnull=False, mode__in=OWN_MODES)
    if sheet:
        keeping = keeping.filter(currency=sheet[0].currency)
    found = list(keeping.select_related("book")[:2])
    if len(found) != 1:
        raise TillUnclear(field="till")
    return found[0]


def _keeps_till(lender: Lender) -> bool:
    return lender.posts_loans and lender.book_id is not None


def check_units(counted: int, lines: Sequence[CollectedIn], currency: str) -> None:
    """Hold the money counted to what is written. Raises CountDiffers, NothingCollected."""
    check_count(
        counted,
        (line.units for line in lines),
        sum(line.absent for line in lines),
        say=lambda units: format_money(units, currency),
    )
