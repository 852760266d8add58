"""What the page of a group offers of its phones."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.pages import Action


def phone_actions(_staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Lead to the group's phones, where a phone is enrolled, given the record or taken out of
    use."""
    return (
        Action(_("Phones of the group"), "sync:group_phones", "sync.view_packet", args=(group_id,)),
    )
