"""Margins along a value chain, what gets lost on the way, and how one day differs from another.

The margins themselves are `plans.rules.measures.chain_margins`, because a plan uses them too.
Source: projects_and_markets.md 4.5. Prices and costs are smallest units of one currency for one
same quantity along the whole chain; results are exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.money import percent
from handup.plans.rules.measures import Actor, ActorMargin, chain_margins

BPS = 10_000


@dataclass(frozen=True, slots=True)
class Flow:
    """What one actor sells for, spends itself and loses; `key` names the actor over time."""

    key: str
    name: str
    price_units: int
    own_cost_units: int
    loss_bps: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """One actor's flow with what it earns."""

    flow: Flow
    margin: ActorMargin

    @property
    def loses_money(self) -> bool:
        """Whether it spends more than it takes."""
        return self.margin.net_margin < 0


@dataclass(frozen=True, slots=True)
class Along:
    """A whole chain on one day, actors in the order of the goods."""

    links: tuple[Link, ...]

    @property
    def final_price(self) -> int:
        """What the last actor sells for."""
        return self.links[-1].flow.price_units if self.links else 0

    @property
    def first_share(self) -> Fraction | None:
        """How much of the final price the first actor gets, in percent."""
        return self.links[0].margin.share_of_final_percent if self.links else None

    @property
    def lost_percent(self) -> Fraction:
        """How much of what the first actor sells never reaches the end, in percent."""
        left = Fraction(1)
        for link in self.links:
            left *= 1 - Fraction(link.flow.loss_bps, BPS)
        return (1 - left) * 100

    @property
    def losers(self) -> tuple[Link, ...]:
        """The actors that spend more than they take."""
        return tuple(link for link in self.links if link.loses_money)


def along(flows: Sequence[Flow]) -> Along:
    """Work out the margins of a chain. Raises LossOf100Percent."""
    actors = [
        Actor(
            flow.name,
            Fraction(flow.price_units),
            Fraction(flow.own_cost_units),
            Fraction(flow.loss_bps, BPS) * 100,
        )
        for flow in flows
    ]
    pairs = zip(flows, chain_margins(actors), strict=True)
    return Along(tuple(Link(flow, margin) for flow, margin in pairs))


@dataclass(frozen=True, slots=True)
class Step:
    """One actor on two days; None where it was not, or is not, part of the chain."""

    name: str
    before: Link | None
    after: Link | None

    @property
    def price_change_percent(self) -> Fraction | None:
        """By how much its price rose, in percent of what it was."""
        if self.before is None or self.after is None:
            return None
        was = self.before.flow.price_units
        return percent(self.after.flow.price_units - was, was)

    @property
    def net_change(self) -> Fraction | None:
        """By how much its net margin rose, in smallest units."""
        if self.before is None or self.after is None:
            return None
        return self.after.margin.net_margin - self.before.margin.net_margin

    @property
    def share_change(self) -> Fraction | None:
        """By how many percentage points its share of the final price rose."""
        if self.before is None or self.after is None:
            return None
        was = self.before.margin.share_of_final_percent
        now = self.after.margin.share_of_final_percent
        return None if was is None or now is None else now - was


def compare(before: Along, after: Along) -> tuple[Step, ...]:
    """Put two days beside each other, actor by actor; those that left come last."""
    was = {link.flow.key: link for link in before.links}
    now = {link.flow.key: link for link in after.links}
    steps = [Step(link.flow.name, was.get(key), link) for key, link in now.items()]
    left = [Step(link.flow.name, link, None) for key, link in was.items() if key not in now]
    return (*steps, *left)
