"""What the page of a group offers of its phone."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.org.models import StaffUser
from handup.org.web.pages import Action
from handup.sync.records import waiting_behind_gap


def phone_actions(_staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Let a phone enrol itself for this group; go on where a meeting never came."""
    enrol = Action(_("Enrol a phone"), "sync:phone_new", "sync.enrol_phone", args=(group_id,))
    group = Group.objects.filter(pk=group_id).first()
    if group is None or waiting_behind_gap(group) is None:
        return (enrol,)
    go_on = Action(
        _("Go on without the missing meeting"),
        "sync:gap_accept",
        "sync.choose_record",
        args=(group_id,),
    )
    return (enrol, go_on)
