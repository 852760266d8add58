"""What lateness costs, worked out to any day and stored nowhere.

A daily penalty adds up base × days exactly and is rounded once a row and day asked; its base is
what payments of earlier days left of the row. It never runs on penalties.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL, OpenRow
from handup.kernel.credit.codes import FeeWhen, PenaltyBase, PenaltyKind
from handup.kernel.credit.fees import overdue_fees
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.money import round_ratio


class Pause(NamedTuple):
    """Days, both included, that do not count as late."""

    first: date
    last: date


@dataclass(slots=True)
class Track:
    """How far the lateness of one row is counted.

    `first_base` is the base on the due date (the cap's), `added` Σ base × days, `charged` what was
    put on the row so far.
    """

    first_base: int
    counted_to: date
    added: int = 0
    charged: int = 0
    once: bool = False
    fee_done: bool = False


class Lateness:
    """The penalties of a loan's rows, counted from event to event."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.runs = terms.penalty.kind is not PenaltyKind.NONE or any(
            fee.when is FeeWhen.OVERDUE for fee in terms.fees
        )
        self.tracks: dict[int, Track] = {}
        self.pauses: list[Pause] = []

    def copied(self) -> "Lateness":
        """The same count, to go on apart."""
        other = Lateness(self.terms)
        other.tracks = {number: replace(track) for number, track in self.tracks.items()}
        other.pauses = self.pauses
        return other

    def accrue(self, rows: Iterable[OpenRow], day: date) -> None:
        """Put on each late row what lateness costs up to a day (before that day's payments)."""
        if not self.runs:
            return
        for row in rows:
            if row.due_date < day and (row.left or row.number in self.tracks):
                self._accrue_row(row, day)

    def _accrue_row(self, row: OpenRow, day: date) -> None:
        track = self.tracks.get(row.number)
        if track is None:
            track = Track(self._base(row), row.due_date)
            self.tracks[row.number] = track
        if not track.fee_done:
            self._charge_overdue_fee(row, track)
        penalty = self.terms.penalty
        if penalty.kind is PenaltyKind.FIXED and not track.once:
            if self._late_days(row.due_date, day) > penalty.free_days:
                track.once = True
                if self._base(row):
                    track.charged += penalty.units
                    row.add(PENALTY, penalty.units)
        elif penalty.kind is PenaltyKind.PER_DAY:
            self._count(row, track, day)

    def _charge_overdue_fee(self, row: OpenRow, track: Track) -> None:
        track.fee_done = True
        if row.left:
            fee, penalty = overdue_fees(self.terms, row.open[PRINCIPAL], row.open[INTEREST])
            row.add(FEE, fee)
            row.add(PENALTY, penalty)

    def _count(self, row: OpenRow, track: Track, day: date) -> None:
        penalty = self.terms.penalty
        free = penalty.free_days
        days = self._late_days(row.due_date, day) - free
        before = self._late_days(row.due_date, track.counted_to) - free
        track.counted_to = max(track.counted_to, day)
        fresh = max(days, 0) - max(before, 0)
        if fresh <= 0:
            return
        track.added += self._base(row) * fresh
        exact = min(track.added * penalty.ppm, track.first_base * penalty.cap_ppm)
        total = round_ratio(exact, MILLION, self.terms.interest_rounding)
        row.add(PENALTY, total - track.charged)
        track.charged = total

    def _base(self, row: OpenRow) -> int:
        """What of a row is late now, as the terms name it."""
        base = self.terms.penalty.base
        still = row.open[PRINCIPAL]
        if base is PenaltyBase.OVERDUE_PRINCIPAL:
            return still
        unpaid = still + row.open[INTEREST] + row.open[FEE]
        if base is PenaltyBase.OVERDUE_ALL:
            return unpaid
        return row.due[PRINCIPAL] + row.due[INTEREST] if unpaid else 0

    def _late_days(self, due_date: date, day: date) -> int:
        """Days after the due date up to a day, those of a pause left out."""
        return (day - due_date).days - paused_days(self.pauses, due_date, day)


def paused_days(pauses: Sequence[Pause], after: date, until: date) -> int:
    """How many of the days (after, until] lie in a pause; pauses do not overlap."""
    total = 0
    for pause in pauses:
        first, last = max(pause.first, after + timedelta(days=1)), min(pause.last, until)
        if first <= last:
            total += (last - first).days + 1
    return total
