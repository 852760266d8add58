"""What lateness costs, worked out to any day and stored nowhere.

A daily penalty adds up base × days exactly and is rounded once a row and day asked; its base is
what payments of earlier days left of the row. It never runs on penalties.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL, OpenRow
from handup.kernel.credit.codes import FeeWhen, PenaltyBase, PenaltyKind
from handup.kernel.credit.dates import Pause
from handup.kernel.credit.fees import overdue_fees
from handup.kernel.credit.terms import MILLION, Terms
from handup.kernel.money import round_ratio


@dataclass(slots=True)
class Track:
    """How far the lateness of one row is counted.

    `first_base` is the base on the due date (the cap's), `added` Σ base × days, `charged` the
    penalty put on the row so far, `fee` the fee and the penalty of the table for a late row.
    `stands`: what of penalty and fee is asked like any other part (`Lateness.stand`).
    """

    first_base: int
    counted_to: date
    added: int = 0
    charged: int = 0
    once: bool = False
    fee_done: bool = False
    fee: tuple[int, int] = (0, 0)
    stands: tuple[int, int] = (0, 0)


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
            if row.left and row.due_date < day and self.counts(row):
                self._accrue_row(row, day)

    def counts(self, row: OpenRow) -> bool:
        """Whether so much of a row is unpaid that it is late once its day is past. What only
        lateness put there does not count against what the terms tolerate.
        """
        tolerated = self.terms.arrears_tolerance_units
        if not tolerated:
            return row.left > 0
        return row.left - sum(self.running(row)) > tolerated

    def stand(self, row: OpenRow) -> None:
        """Let what ran on a row stand like any other part of it, where so much was let go of that
        the rest alone is tolerated.
        """
        penalty, fee = self.running(row)
        tolerated = self.terms.arrears_tolerance_units
        if tolerated and penalty + fee and not self.counts(row):
            track = self.tracks[row.number]
            track.stands = (track.stands[0] + penalty, track.stands[1] + fee)

    def rest(self, row: OpenRow, day: date) -> None:
        """Count a row that asks for something again from a day on only."""
        track = self.tracks.get(row.number)
        if track is not None:
            track.counted_to = max(track.counted_to, day)

    def _accrue_row(self, row: OpenRow, day: date) -> None:
        track = self.tracks.get(row.number)
        if track is None:
            track = Track(self._base(row), row.due_date)
            self.tracks[row.number] = track
        if not track.fee_done and self._late_days(row.due_date, day) > 0:
            self._charge_overdue_fee(row, track)
        penalty = self.terms.penalty
        if penalty.kind is PenaltyKind.PER_DAY:
            if track.counted_to < day:
                self._count(row, track, day)
        elif penalty.kind is PenaltyKind.FIXED:
            self._charge_once(row, track, day)

    def _charge_once(self, row: OpenRow, track: Track, day: date) -> None:
        penalty = self.terms.penalty
        if not track.once and self._late_days(row.due_date, day) > penalty.free_days:
            track.once = True
            if self._base(row):
                track.charged += penalty.units
                row.add(PENALTY, penalty.units)

    def _charge_overdue_fee(self, row: OpenRow, track: Track) -> None:
        track.fee_done = True
        if row.left:
            track.fee = overdue_fees(self.terms, row.open[PRINCIPAL], row.open[INTEREST])
            row.add(FEE, track.fee[0])
            row.add(PENALTY, track.fee[1])

    def running(self, row: OpenRow) -> tuple[int, int]:
        """Penalty and fee on a row that only lateness put there and nobody has paid."""
        track = self.tracks.get(row.number)
        if track is None:
            return 0, 0
        return (
            min(row.open[PENALTY], track.charged + track.fee[1] - track.stands[0]),
            min(row.open[FEE], track.fee[0] - track.stands[1]),
        )

    def _count(self, row: OpenRow, track: Track, day: date) -> None:
        penalty = self.terms.penalty
        days = self._late_days(row.due_date, day) - penalty.free_days
        before = self._late_days(row.due_date, track.counted_to) - penalty.free_days
        track.counted_to = day
        fresh = days if before < 0 else days - before
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
        if not self.pauses:
            return (day - due_date).days
        return (day - due_date).days - paused_days(self.pauses, due_date, day)


def paused_days(pauses: Sequence[Pause], after: date, until: date) -> int:
    """How many of the days (after, until] lie in a pause; pauses do not overlap."""
    total = 0
    for pause in pauses:
        first, last = max(pause.first, after + timedelta(days=1)), min(pause.last, until)
        if first <= last:
            total += (last - first).days + 1
    return total
