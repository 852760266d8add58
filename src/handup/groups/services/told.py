"""Record which groups were told of an opportunity of a market study, or of a price."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from handup.groups.models import Group, GroupTold
from handup.groups.models.told import Way
from handup.kernel.errors import Refusal
from handup.markets.models import Opportunity, PriceObservation
from handup.markets.models.labels import OpportunityState, PriceState
from handup.markets.rules.prices import is_old
from handup.markets.services.prices import limits_for
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all


class NoGroupChosen(Refusal):
    """Choose the groups that were told."""


class ToldOfNothing(Refusal):
    """Say what the groups were told of."""


class NotPublished(Refusal):
    """Only a published price is told to groups."""


class PriceIsOld(Refusal):
    """This price is too old to be told."""


class DroppedAlready(Refusal):
    """This opportunity was dropped."""


class ToldAhead(Refusal):
    """This day has not come yet."""


def tell_groups(
    *,
    acting_staff: StaffUser,
    groups: Sequence[Group],
    told_date: date,
    today: date,
    way: Way,
    opportunity: Opportunity | None = None,
    price: PriceObservation | None = None,
    present: int | None = None,
    answer: str = "",
) -> list[GroupTold]:
    """Record that groups were told of an opportunity or of a price; a group that was told of it
    before is told once. Returns the new rows.

    Raises NoGroupChosen, ToldOfNothing, ToldAhead, NotPublished, PriceIsOld, DroppedAlready.
    """
    require_all(acting_staff, "groups.tell_groups", groups)
    if not groups:
        raise NoGroupChosen(field="groups")
    if told_date > today:
        raise ToldAhead(field="told_date")
    if opportunity is not None:
        require(acting_staff, "markets.view_study", opportunity)
        if opportunity.state == OpportunityState.DROPPED:
            raise DroppedAlready
    elif price is not None:
        _refuse_price(acting_staff, price, told_date)
    else:
        raise ToldOfNothing
    with transaction.atomic():
        locked = Group._base_manager.select_for_update().filter(pk__in=[row.pk for row in groups])
        list(locked.order_by("pk"))
        known = set(
            GroupTold._base_manager.filter(
                group__in=groups, opportunity=opportunity, price=price
            ).values_list("group_id", flat=True)
        )
        rows = [
            GroupTold(
                group=group,
                opportunity=opportunity,
                price=price,
                told_date=told_date,
                way=way.value,
                told_by=acting_staff,
                present=present,
                answer=answer.strip(),
            )
            for group in groups
            if group.pk not in known
        ]
        GroupTold.objects.bulk_create(rows)
        audit.record_many(audit.line(acting_staff, "groups.tell_groups", row) for row in rows)
    return rows


def _refuse_price(staff: StaffUser, price: PriceObservation, on: date) -> None:
    require(staff, "markets.view_price", price)
    if price.state != PriceState.PUBLISHED:
        raise NotPublished
    if is_old(price.observed_date, on, limits_for(price.market.programme_id, price.commodity)):
        raise PriceIsOld
