"""What `groups` carries to a successor: a group whole, with its own book, when all agreed."""

from handup.groups.models import Group, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.kernel.errors import Refusal
from handup.projects.carrying.gather import chunks
from handup.projects.models import Programme
from handup.projects.movers import Counter, Going, Mover, Served


class MeetingStillOpen(Refusal):
    """The group {group} has an open meeting. Close or cancel it before the group is handed over."""


def refuse_an_open_meeting(going: Going) -> None:
    """Refuse to take a group away in the middle of its meeting: what is paid in would be lost."""
    for part in chunks(going.of(Group)):
        rows = Meeting._base_manager.filter(group__in=part, status=MeetingStatus.OPEN)
        first = rows.select_related("group").order_by("group__code").first()
        if first is not None:
            raise MeetingStillOpen(group=first.group)


def hold_the_groups(programme: Programme) -> None:
    """Lock the groups of a programme: nothing is recorded of them meanwhile."""
    rows = Group._base_manager.select_for_update().filter(programme=programme).order_by("pk")
    for _pk in rows.values_list("pk", flat=True).iterator():
        pass


MOVER = Mover(
    "groups",
    nobody=("groups.Member", "groups.Election", "groups.BallotCount"),
    served=(
        Served(
            "groups.Member",
            beside=("group__members__person_id",),
            live={"left_date": None},
        ),
    ),
    whole=(("groups.Member", "group"), ("groups.Group", "book")),
    stays={
        "groups.PriceLine": "she agrees anew with the new house",
        "groups.PriceMessage": "what was sent stays with who sent it",
    },
    hold=(hold_the_groups,),
    refuse=(refuse_an_open_meeting,),
    counters=(
        Counter("groups", "groups.Group", by=("kind", "status")),
        Counter("group facts", "groups.GroupFact", by=("name", "currency")),
    ),
)
