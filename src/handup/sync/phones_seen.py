"""Which phone a request comes from."""

from django.utils import timezone

from handup.org.interface import USED_EVERY, StaffRequest
from handup.org.models import ApiToken, Device
from handup.org.services.devices import token_hash

BEARER = "Bearer "


def device_of(request: StaffRequest) -> Device | None:
    """The phone whose token this request bears, noted as seen within some minutes; None for
    anybody else."""
    told = request.headers.get("Authorization", "")
    if not told.startswith(BEARER):
        return None
    token = ApiToken.objects.filter(key_hash=token_hash(told.removeprefix(BEARER).strip()))
    row = token.select_related("device").first()
    if row is None or row.device is None:
        return None
    now = timezone.now()
    if row.device.last_seen_at is None or now - row.device.last_seen_at > USED_EVERY:
        Device.objects.filter(pk=row.device.pk).update(last_seen_at=now)
    return row.device
