"""Which phone a request comes from."""

from django.utils import timezone

from handup.org.interface import USED_EVERY, StaffRequest, token_of
from handup.org.models import Device

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
