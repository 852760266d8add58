"""What groups let surveys use: a questionnaire may ask about a group that is not closed, and a
round may be counted from the day it was formed.
"""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.groups.models.group import GroupStatus
from handup.surveys.registers import Anchor, SubjectSource, register_anchor, register_subject
from handup.surveys.rules.codes import SubjectKind


def formed_on(ids: Collection[UUID]) -> Mapping[UUID, date]:
    """The day each group was formed."""
    rows = Group._base_manager.filter(pk__in=list(ids))
    return dict(rows.values_list("pk", "formed_date"))


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
    register_anchor(Anchor("FORMED", _("formation"), frozenset({SubjectKind.GROUP}), formed_on))
