"""What groups let surveys use: a questionnaire may ask about a group that is not closed, a round
may be counted from the day it was formed, and its members and meetings are known.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import GroupStatus
from handup.org.models import StaffUser
from handup.org.web.money import format_number
from handup.surveys.registers import (
    Anchor,
    CaseColumn,
    CrossCheck,
    SubjectSource,
    register_anchor,
    register_case_column,
    register_cross_check,
    register_subject,
)
from handup.surveys.rules.codes import SubjectKind

GROUPS = frozenset({SubjectKind.GROUP})
RECENT = timedelta(days=90)


def formed_on(ids: Collection[UUID]) -> Mapping[UUID, date]:
    """The day each group was formed."""
    rows = Group._base_manager.filter(pk__in=list(ids))
    return dict(rows.values_list("pk", "formed_date"))


def members_told(staff: StaffUser, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """How many members each group has now, of groups the reader may see."""
    seen = Group.objects.visible_to(staff).filter(pk__in=list(ids)).order_by()
    today = timezone.localdate()
    here = Q(members__joined_date__lte=today) & (
        Q(members__left_date=None) | Q(members__left_date__gt=today)
    )
    counts = seen.annotate(n=Count("members", filter=here)).values_list("pk", "n")
    return {pk: format_number(n) for pk, n in counts}


def contradicted(group: UUID, day: date, answers: Mapping[str, str]) -> Sequence[str]:
    """Whoever says that no records are kept, where a meeting was recorded shortly before."""
    if answers.get("records_kept", "").lower() != "no":
        return ()
    recorded = Meeting._base_manager.filter(
        group=group, status=MeetingStatus.CLOSED, held_date__lte=day, held_date__gte=day - RECENT
    )
    return ("records_kept, meetings",) if recorded.exists() else ()


def register() -> None:
    """Let surveys ask about groups; again changes nothing."""
    register_subject(
        SubjectSource(
            SubjectKind.GROUP,
            Group,
            officer="officer",
            live=lambda rows: rows.filter(practice=False).exclude(status=GroupStatus.CLOSED),
        )
    )
    register_anchor(Anchor("FORMED", _("formation"), GROUPS, formed_on))
    register_case_column(CaseColumn("MEMBERS", _("Members"), GROUPS, members_told))
    register_cross_check(CrossCheck("RECORDS", GROUPS, contradicted))
