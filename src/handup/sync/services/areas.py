"""The office says which area a device takes along; it is there from its next contact."""

from django.db import transaction

from handup.org import audit
from handup.org.models import Area, Device, StaffUser
from handup.org.permissions import require
from handup.sync.area_packs import area_of, refuse_too_large
from handup.sync.errors import DeviceEnded, NotAWorkPhone
from handup.sync.models import AreaChoice
from handup.sync.queries import IN_USE, is_work_phone


@transaction.atomic
def choose_area(*, acting_staff: StaffUser, device: Device, area: Area | None) -> AreaChoice:
    """Say which area a device takes along in the place of the one it has, or that it takes none;
    what its holder may see of it must fit. Raises NotAllowed, DeviceEnded, NotAWorkPhone,
    NotThatArea, AreaTooLarge."""
    require(acting_staff, "sync.choose_area")
    if device.state not in IN_USE:
        raise DeviceEnded
    if not is_work_phone(device):
        raise NotAWorkPhone
    if area is not None:
        refuse_too_large(device.staff, area_of(device.staff, area.pk))
    row = AreaChoice.objects.create(device=device, area=area, chosen_by=acting_staff)
    named = "" if area is None else str(area.pk)
    audit.record(acting_staff, "sync.choose_area", device, {"area": named})
    return row
