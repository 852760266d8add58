"""Months without a price index: which changes of amounts are left out of a figure for it
(results.md 7). Nothing is told in the money of a month of which nobody knows what it buys."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, ngettext

from handup.org.web.money import format_month
from handup.results.definitions import Definition
from handup.results.facts import Facts
from handup.results.rules.expressions import Op

ASKED_FOR: Mapping[str, frozenset[str]] = {"enterprise": frozenset({"profit_month"})}
"""Tables that hold changes of amounts of one question alone."""
PAIRED = "paired"
"""The table that holds a change of each question, by its key."""


@dataclass(frozen=True, slots=True)
class PriceGap:
    """A month of a currency without a price index, and of how many a change is left out for it."""

    currency: str
    month: date
    left_out: int

    @property
    def words(self) -> str:
        """It as a sentence."""
        told = ngettext(
            "There is no price index of %(currency)s for %(month)s: the change of %(count)s is"
            " left out.",
            "There is no price index of %(currency)s for %(month)s: the changes of %(count)s are"
            " left out.",
            self.left_out,
        )
        return told % {
            "currency": self.currency or gettext("no currency"),
            "month": format_month(self.month),
            "count": self.left_out,
        }


def price_gaps(facts: Facts, items: Iterable[Definition]) -> list[PriceGap]:
    """The gaps of some figures up to the day of the facts, by currency and month."""
    found: dict[tuple[str, date], set[tuple[str, str]]] = defaultdict(set)
    for item in items:
        for table, keys in _changes(item):
            facts.table(table)
            for (key, currency, month), whose in facts.price_gaps.items():
                if key in keys and month <= facts.cut_off:
                    found[currency, month] |= {(key, one) for one in whose}
    return [
        PriceGap(currency, month, len(left_out))
        for (currency, month), left_out in sorted(found.items())
    ]


def _changes(item: Definition) -> list[tuple[str, frozenset[str]]]:
    """The tables a figure reads changes from, with the questions it asks for."""
    found = []
    for _base, side in item.declared.sides:
        keys = ASKED_FOR.get(side.table, frozenset())
        if side.table == PAIRED:
            told = (one.value for one in side.tests if one.column == "key" and one.op is Op.IS)
            keys = frozenset(map(str, told))
        if keys:
            found.append((side.table, keys))
    return found
