"""What a guarantee fund holds, paid and got back, and what it stands for together with the others
of its lender.
"""

from dataclasses import dataclass

from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from handup.lending.facts import guarantees_on, in_force_on
from handup.lending.models import Guarantee, GuaranteeMove
from handup.lending.models.statements import hidden_loans
from handup.lending.rules.codes import GuaranteeMoveKind as Kind
from handup.org.models import StaffUser


@dataclass(frozen=True, slots=True)
class Fund:
    """A guarantee as it stands, in units of its currency. `committed`: what it stands for, of the
    loans signed and running; `held`: the most it may stand for. Both are of all guarantees of the
    lender that are in force, as none of them is for certain loans; zero where this one is not.
    """

    deposit: int
    paid: int
    recovered: int
    committed: int
    held: int

    @property
    def money(self) -> int:
        """What is left of the deposit."""
        return self.deposit - self.paid + self.recovered

    @property
    def left(self) -> int:
        """What it may still stand for; below zero when it stands for too much."""
        return self.held - self.committed


def fund_of(guarantee: Guarantee, reader: StaffUser | None = None) -> Fund:
    """What the fund holds and paid, and what it and the others stand for today; for a reader as if
    persons hidden from her had borrowed nothing. What is decided asks without one.
    """
    without = set() if reader is None else hidden_loans(reader)
    moves = GuaranteeMove.objects.filter(call__guarantee=guarantee).order_by()
    moves = moves.exclude(call__loan__in=without) if without else moves
    of_kind = moves.annotate(of=Coalesce(F("reverses__kind"), F("kind")))
    sums = dict(of_kind.values_list("of").annotate(n=Sum("units")))
    paid, recovered = sums.get(Kind.PAID.value, 0), -sums.get(Kind.RECOVERED.value, 0)
    today = timezone.localdate()
    committed = most = 0
    if in_force_on(guarantee, today):
        together = guarantees_on(guarantee.lender, {today}, without)[today]
        committed, most = together.committed, together.held
    return Fund(guarantee.deposit_units, paid, recovered, committed, most)
