"""The rounds of a chain and their margins."""

from dataclasses import dataclass

from django.db.models import QuerySet

from handup.markets.models import ChainFlow, ChainRound, ValueChain
from handup.markets.rules.chains import Along, Flow, along
from handup.org.models import StaffUser


@dataclass(frozen=True, slots=True)
class RoundMargins:
    """A round with what it says of every actor."""

    round: ChainRound
    along: Along
    flows: tuple[ChainFlow, ...]


def rounds_that_count(chain: ValueChain) -> QuerySet[ChainRound, ChainRound]:
    """Return the rounds of a chain that were not replaced, the newest first."""
    return ChainRound._base_manager.filter(chain=chain, replaced_by=None).order_by(
        "-taken_date", "-id"
    )


def margins_of(rounds: list[ChainRound]) -> list[RoundMargins]:
    """Work out the margins of some rounds, in two questions however many they are."""
    told: dict[object, list[ChainFlow]] = {}
    rows = ChainFlow._base_manager.filter(round__in=[row.pk for row in rounds])
    for flow in rows.select_related("actor", "actor__area").order_by("actor__position"):
        told.setdefault(flow.round_id, []).append(flow)
    return [
        RoundMargins(row, _along(told.get(row.pk, [])), tuple(told.get(row.pk, [])))
        for row in rounds
    ]


def _along(flows: list[ChainFlow]) -> Along:
    return along(
        [
            Flow(
                str(flow.actor_id),
                flow.actor.name,
                flow.price_units,
                flow.own_cost_units,
                flow.loss_bps,
            )
            for flow in flows
        ]
    )


def latest_of_each(staff: StaffUser) -> list[RoundMargins]:
    """Return the newest round of every chain a reader may see, chains by title."""
    rows = (
        ChainRound.objects.visible_to(staff)
        .filter(replaced_by=None)
        .select_related("chain", "chain__commodity", "chain__programme")
        .order_by("chain__title", "chain_id", "-taken_date", "-id")
    )
    newest: dict[object, ChainRound] = {}
    for row in rows:
        newest.setdefault(row.chain_id, row)
    return margins_of(list(newest.values()))
