"""The door of pictures that a phone sends part by part."""

from base64 import b64decode
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema
from pydantic import AwareDatetime, Field

from handup.kernel.errors import Refusal
from handup.org.interface import StaffRequest
from handup.org.permissions import OutOfSight
from handup.surveys.services import PartIn, PartKept, receive_part
from handup.surveys.services.receiving_files import PART_MOST, PICTURE_MOST
from handup.sync.errors import NotADevice
from handup.sync.phones_seen import device_of
from handup.sync.services.work_pictures import INSTANCE, WorkPart, receive_work_part

BASE64_MOST = PART_MOST * 4 // 3 + 4
router = Router(tags=["sync"])


class PictureIn(Schema):
    """The next part of a picture that answers or a fact name: `instance` is the id in the answers,
    or `fact:` and the id of the fact, `name` the picture's in them, `size` and `sha256` of the
    whole, `agreed_at` when the person agreed to it (always told of answers), `offset` where the
    part begins, `part` its bytes in base64 (none: to ask how far it is)."""

    instance: Annotated[str, Field(pattern=r"^[!-~]{1,80}$")]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,120}$")]
    size: Annotated[int, Field(ge=1, le=PICTURE_MOST)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    agreed_at: AwareDatetime | None = None
    offset: Annotated[int, Field(ge=0, le=PICTURE_MOST)]
    part: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=BASE64_MOST)] = ""


class NobodyAgreed(Refusal):
    """Say when she agreed that this picture is taken."""


class PartUnreadable(Refusal):
    """This part is no base64."""


def _bytes_of(part: str) -> bytes:
    try:
        return b64decode(part, validate=True)
    except ValueError as error:
        raise PartUnreadable(field="part") from error


class PictureOut(Schema):
    """How many bytes there are: go on from there. `sha256` of the whole once it is kept with its
    answers; `reason`: why it is not kept, and needs not be sent again."""

    received: int
    sha256: str
    reason: str


@router.post("/work/pictures", response=PictureOut)
def send_picture(request: StaffRequest, told: PictureIn) -> PartKept:
    """Hand in a part of a picture of what this phone sent; the same again changes nothing."""
    device = device_of(request)
    if device is None:
        raise NotADevice
    content = _bytes_of(told.part)
    if told.instance.startswith(INSTANCE):
        work = WorkPart(
            fact_id=_fact_of(told.instance),
            name=told.name,
            size=told.size,
            sha256=told.sha256,
            offset=told.offset,
            content=content,
        )
        return receive_work_part(acting_staff=request.auth_staff, device=device.pk, part=work)
    if told.agreed_at is None:
        raise NobodyAgreed(field="agreed_at")
    part = PartIn(
        instance_id=told.instance,
        name=told.name,
        size=told.size,
        sha256=told.sha256,
        agreed_at=told.agreed_at,
        offset=told.offset,
        content=content,
    )
    return receive_part(acting_staff=request.auth_staff, device=str(device.pk), part=part)


def _fact_of(instance: str) -> UUID:
    """The id of the fact a picture says it belongs to. Raises OutOfSight."""
    try:
        return UUID(instance.removeprefix(INSTANCE))
    except ValueError as fault:
        raise OutOfSight from fault
