"""A group enrolled in a course in one act: all its members, or those who hold an office."""

from datetime import date

from django.db import transaction

from handup.groups.models import Group, OfficeTerm
from handup.groups.queries import members_seen
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.training.models import Cohort, Enrolment
from handup.training.services.enrolments import EnrolmentIn, enrol_persons


class NobodyToEnrol(Refusal):
    """Nobody of this group can be enrolled: it has no member, or nobody holds an office."""


@transaction.atomic
def enrol_group(
    *,
    acting_staff: StaffUser,
    group: Group,
    cohort: Cohort,
    on: date,
    heads_only: bool = False,
    reason: str = "",
) -> list[Enrolment]:
    """Put the members of a group on the roll of a cohort, all or none; who is on it already stays.
    heads_only: those who hold an office that day. reason: why what the course asks for first is
    waived. Members the reader may not see are left out, as they are on the page of the group.

    Raises NobodyToEnrol, CohortClosed, CohortFull, PrerequisiteMissing, LevelTestMissing,
    StepNotPossible; then nobody is enrolled.
    """
    require(acting_staff, "groups.view_member", group)
    members = members_seen(acting_staff, group, on).exclude(person=None)
    if heads_only:
        terms = OfficeTerm.objects.filter(group=group, from_date__lte=on)
        holding = terms.exclude(to_date__lte=on).values("member")
        members = members.filter(pk__in=holding)
    items = [
        EnrolmentIn(cohort=cohort, person=member.person, enrolled_date=on, exempted=reason)
        for member in members
        if member.person is not None
    ]
    if not items:
        raise NobodyToEnrol(field="who")
    return enrol_persons(acting_staff=acting_staff, items=items)
