"""Which phone a request comes from."""

from django.utils import timezone

from handup.org.interface import USED_EVERY, StaffRequest, token_of
from handup.org.models import Device
from handup.org.permissions import require
from handup.sync.errors import NotADevice, NotAWorkPhone
from handup.sync.models import GroupPhone

BEARER = "Bearer "


def device_of(request: StaffRequest) -> Device | None:
    """The phone whose token this request bears, noted as seen within some minutes; None for
    anybody else."""
    told = request.headers.get("Authorization", "")
    if not told.startswith(BEARER):
        return None
    row = token_of(told.removeprefix(BEARER).strip())
    if row is None or row.device is None:
        return None
    now = timezone.now()
    if row.device.last_seen_at is None or now - row.device.last_seen_at > USED_EVERY:
        Device.objects.filter(pk=row.device.pk).update(last_seen_at=now)
    return row.device


def work_phone_of(request: StaffRequest) -> Device:
    """The own phone or laptop of whoever may take work along. Raises NotAllowed, NotADevice,
    NotAWorkPhone for a group's phone.
    """
    require(request.auth_staff, "sync.carry_work")
    device = device_of(request)
    if device is None:
        raise NotADevice
    if GroupPhone.objects.filter(device=device).exists():
        raise NotAWorkPhone
    return device
