"""What the page of a group offers of its phones, and that of a device of its area."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from handup.org.models import Device, StaffUser
from handup.org.web.pages import Action, Fact
from handup.sync.queries import area_chosen, is_work_phone


def phone_actions(_staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Lead to the group's phones, where a phone is enrolled, given the record or taken out of
    use."""
    return (
        Action(_("Phones of the group"), "sync:group_phones", "sync.view_packet", args=(group_id,)),
    )


def area_actions(device: Device) -> Sequence[Action]:
    """Lead to the choice of the area it takes along, where it carries an officer's own work."""
    if not is_work_phone(device):
        return ()
    label = _("Choose the area it takes along")
    return (Action(label, "sync:device_area", "sync.choose_area", args=(device.pk,)),)


def area_facts(device: Device) -> Sequence[Fact]:
    """Which area the office chose for it last."""
    chosen = area_chosen(device)
    return () if chosen is None else (Fact(_("Area to take along"), chosen.area),)
