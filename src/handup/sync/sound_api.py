"""The door by which a phone fetches the recorded questions its pack names."""

from base64 import b64encode
from uuid import UUID

from ninja import Router, Schema

from handup.org.interface import StaffRequest
from handup.org.services.files import read_file
from handup.sync.phones_seen import work_phone_of
from handup.training.services.spoken_sounds import sound_for

router = Router(tags=["sync"])


class SoundOut(Schema):
    """A recorded question in base64, and the SHA-256 of it."""

    sha256: str
    content: str


@router.get("/work/sounds/{uuid:sound_id}", response=SoundOut)
def show_sound(request: StaffRequest, sound_id: UUID) -> SoundOut:
    """A recorded question of a test that whoever this phone belongs to asks."""
    work_phone_of(request)
    row = sound_for(request.auth_staff, sound_id)
    return SoundOut(sha256=row.sha256, content=b64encode(read_file(row)).decode())
