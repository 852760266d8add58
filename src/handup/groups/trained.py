"""How many groups have a head who completed a course: of each kind, with both counts (rulings 25).

A head is whoever holds an office of the group that day; whom the reader may not know of counts
nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from handup.groups.models import Group, OfficeTerm
from handup.groups.models.group import GroupKind, GroupStatus
from handup.org.models import StaffUser
from handup.org.scope import hidden_from, without_opened
from handup.training.models import Enrolment
from handup.training.rules.states import EnrolmentState

COUNTED = (GroupStatus.FORMING, GroupStatus.ACTIVE, GroupStatus.DORMANT)


@dataclass(frozen=True, slots=True)
class TrainedHeads:
    """Of one kind: the groups, those with a trained head, the heads, those of them trained."""

    kind: GroupKind
    groups: int
    with_trained: int
    heads: int
    trained: int


def trained_heads(staff: StaffUser, on: date) -> list[TrainedHeads]:
    """Count the groups this reader sees that are not closed, by kind; practice groups are none."""
    reader = without_opened(staff)
    rows = Group.objects.visible_to(reader).filter(
        practice=False, status__in=COUNTED, formed_date__lte=on
    )
    kinds = dict(rows.order_by().values_list("pk", "kind"))
    heads = _heads(kinds, on, hidden_from(staff))
    trained = _completed({person for persons in heads.values() for person in persons}, on)
    return [
        TrainedHeads(
            kind,
            len(groups),
            sum(bool(heads.get(pk, set()) & trained) for pk in groups),
            len({person for pk in groups for person in heads.get(pk, ())}),
            len({person for pk in groups for person in heads.get(pk, ())} & trained),
        )
        for kind in GroupKind
        if (groups := [pk for pk, one in kinds.items() if one == kind])
    ]


def _heads(groups: Iterable[UUID], on: date, hidden: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """The persons who hold an office of each group on a day."""
    terms = OfficeTerm.objects.filter(
        Q(to_date=None) | Q(to_date__gt=on),
        group__in=list(groups),
        from_date__lte=on,
        member__person__isnull=False,
    ).exclude(member__person__in=list(hidden))
    found: dict[UUID, set[UUID]] = {}
    for group, person in terms.values_list("group_id", "member__person_id"):
        if person is not None:
            found.setdefault(group, set()).add(person)
    return found


def _completed(persons: Iterable[UUID], on: date) -> set[UUID]:
    """Which of these persons completed any course by a day."""
    ids = list(persons)
    found: set[UUID] = set()
    for start in range(0, len(ids), 500):
        done = Enrolment.objects.filter(
            person__in=ids[start : start + 500],
            state=EnrolmentState.COMPLETED,
            completed_date__lte=on,
        )
        found |= set(done.values_list("person_id", flat=True))
    return found
