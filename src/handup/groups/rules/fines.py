"""Fines of one member while a meeting's sheet is written (groups.md G1, groups_meeting.md M3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from handup.kernel.errors import Refusal


class FinePaid(Refusal):
    """{member} has already paid the fine for her mark; the mark can no longer be changed."""


@dataclass(slots=True)
class OpenFine:
    """A fine that was not waived, in smallest units; `of_mark` when it was set by her mark in this
    meeting."""

    id: UUID
    kind: str
    units: int
    paid: int = 0
    of_mark: bool = False

    @property
    def left(self) -> int:
        """What is still owed of it."""
        return self.units - self.paid


def undone_by(
    fines: Iterable[OpenFine], mark: str, *, member: object, field: str
) -> list[OpenFine]:
    """The fines of her marks so far that a new mark takes back. Raises FinePaid for a paid one."""
    undone = [fine for fine in fines if fine.of_mark and fine.kind != mark]
    if any(fine.paid for fine in undone):
        raise FinePaid(field=field, member=member)
    return undone


def use_of(fines: Sequence[OpenFine], payment: int) -> tuple[list[tuple[OpenFine, int]], int]:
    """Use a payment on her fines, the oldest first; return what each takes and what is left."""
    takes = []
    for fine in fines:
        if take := min(payment, fine.left):
            takes.append((fine, take))
            payment -= take
    return takes, payment
