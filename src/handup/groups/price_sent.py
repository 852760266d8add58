"""What became of the messages about a price: counts by group, without anybody's name."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from handup.groups.models import PriceMessage, PriceMessageState
from handup.markets.models import PriceObservation
from handup.org.models import StaffUser


@dataclass(frozen=True, slots=True)
class SentTo:
    """What became of the messages to one group."""

    name: str
    sent: int
    waiting: int
    not_sent: int


def sent_to(staff: StaffUser, price: PriceObservation) -> list[SentTo]:
    """What became of the messages about a price, by group, of members the reader may see."""
    rows = PriceMessage.objects.visible_to(staff).filter(price=price).order_by()
    counted: dict[str, Counter[str]] = {}
    names: Any = rows.values_list("line__member__group__name", "state").annotate(Count("id"))
    for name, state, count in names:
        counted.setdefault(name, Counter())[state] += count
    s = PriceMessageState
    return [
        SentTo(name, of[s.SENT], of[s.WAITING], of[s.FAILED] + of[s.DROPPED])
        for name, of in sorted(counted.items())
    ]
