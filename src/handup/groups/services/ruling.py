"""A group changes its own rules: the count of the vote and the version it adopts, in one act
(groups.md G1).
"""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.errors import VoteNotPassed
from handup.groups.models import Constitution, Group, Resolution
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import completed
from handup.groups.rules.voted import needed_for
from handup.groups.rules.votes import Count
from handup.groups.services.passing import require_vote
from handup.groups.services.register import adopt_constitution
from handup.groups.standing import votes_on
from handup.kernel.ids import new_id
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


@transaction.atomic
def change_rules(
    *,
    acting_staff: StaffUser,
    group: Group,
    version: int,
    settings: Mapping[str, Any],
    effective_date: date,
    yes: int,
    no: int,
    abstain: int,
    id: UUID | None = None,
) -> Constitution:
    """Record a passed vote on the rules and adopt the next version, which keeps whatever `settings`
    does not name. As many must have said yes as the rules in force ask for: four fifths of all
    members where nothing else was voted. `id`: of the vote; the same vote again returns what it
    adopted.

    Raises NoQuorum, VoteNotPassed, TooFewVotes, MoreVotesThanPresent, VotesBelowZero,
    SameIdOtherContent, and what `adopt_constitution` raises.
    """
    require(acting_staff, "groups.adopt_constitution", group)
    Group.objects.select_for_update().get(pk=group.pk)
    told = {"group": group, "yes": yes, "no": no, "abstain": abstain}
    if (
        known := already_stored(Resolution, id, acting_staff, decision="CONSTITUTION", **told)
    ) is not None:
        return Constitution.objects.get(resolution=known)
    on = min(effective_date, timezone.localdate())
    count = Count(yes=yes, no=no, abstain=abstain, registered=votes_on(group, on))
    resolution = _voted(acting_staff, group, on, count, id)
    return adopt_constitution(
        acting_staff=acting_staff,
        group=group,
        version=version,
        settings=settings,
        effective_date=effective_date,
        resolution=resolution,
    )


def _voted(staff: StaffUser, group: Group, on: date, count: Count, id: UUID | None) -> Resolution:
    """Keep a vote on the rules when as many said yes as the rules in force ask for."""
    now = constitution_on(group)
    held = completed(now.settings)
    needed, refused = needed_for(held, "CONSTITUTION"), partial(_refused, count.yes)
    require_vote(staff, group, on, count, needed, held["quorum_bps"], refused)
    return Resolution.objects.create(
        id=id or new_id(),
        group=group,
        constitution=now,
        decision="CONSTITUTION",
        yes=count.yes,
        no=count.no,
        abstain=count.abstain,
        present=count.present,
        members=count.registered,
        is_passed=True,
    )


def _refused(yes: int, needed: int) -> VoteNotPassed:
    return VoteNotPassed(field="yes", yes=yes, needed=needed)
