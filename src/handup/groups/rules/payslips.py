"""The payslips of a period: what is taken off in the voted order, and who may approve whose
(groups_cooperatives.md K7)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from handup.groups.rules.milk import Taken, take_deductions

APPROVERS = 2
"""How many officers approve a payslip, none for himself."""


@dataclass(frozen=True, slots=True)
class Due:
    """A deduction that is still open: its kind, since when, and what is left of it."""

    key: str
    kind: str
    since: date
    units: int


@dataclass(frozen=True, slots=True)
class Worked:
    """One payslip worked out: what each deduction takes and carries, by its key, in the order in
    which they were taken."""

    gross: int
    lines: tuple[tuple[str, Taken], ...]

    @property
    def taken(self) -> int:
        """All that is taken off."""
        return sum(line.taken for _key, line in self.lines)

    @property
    def net(self) -> int:
        """What she takes home."""
        return self.gross - self.taken


def work_out(gross: int, dues: Sequence[Due], order: Sequence[str], floor_bps: int) -> Worked:
    """Take deductions kind by kind in the voted order, within a kind the oldest first, as long as
    the floor stays; what is not taken is carried. A kind that the order does not name comes
    last."""
    place = {kind: number for number, kind in enumerate(order)}
    rows = sorted(dues, key=lambda due: (place.get(due.kind, len(place)), due.since, due.key))
    taken = take_deductions(gross, [due.units for due in rows], Fraction(floor_bps, 10_000))
    return Worked(gross, tuple((due.key, one) for due, one in zip(rows, taken, strict=True)))


def approvals_missing(owners: Mapping[str, str | None], approvers: Collection[str]) -> set[str]:
    """The payslips that still need an officer: each needs two who are not its own producer.

    owners: the member each payslip is of, None for a producer who is no member.
    """
    return {
        slip
        for slip, owner in owners.items()
        if len({one for one in approvers if one != owner}) < APPROVERS
    }
