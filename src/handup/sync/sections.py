"""What the page of a group offers of its phone."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.pages import Action


def phone_actions(_staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Let a phone enrol itself for this group."""
    return (Action(_("Enrol a phone"), "sync:phone_new", "sync.enrol_phone", args=(group_id,)),)
