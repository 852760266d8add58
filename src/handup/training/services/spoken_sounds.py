"""The recorded sound of a question: kept small, because the phones of those who ask carry it."""

from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import OutOfSight, require
from handup.org.scanning import require_clean
from handup.org.services.files import UnknownFileKind, destroy_file, kind_of, store_file, sum_of
from handup.training.models import SpokenQuestion
from handup.training.services.spoken import NoSoundThere

QUESTION_MOST = 200_000
PLAYED = {"audio/ogg", "audio/webm", "audio/mpeg", "audio/mp4", "audio/wav"}


class NotPlayed(Refusal):
    """Sound that phones play is needed: OGG, WebM, MP3, MP4 or WAV."""


class SoundTooLong(Refusal):
    """A recorded question has {most} kB at most, as phones carry it: speak shorter, or record it in
    a lower quality."""


def record_question(
    *, acting_staff: StaffUser, question: SpokenQuestion, content: bytes, file_name: str = ""
) -> SpokenQuestion:
    """Keep the sound of a question, in the place of one that was there. The same again changes
    nothing. Raises NotPlayed, SoundTooLong, and what files are refused for.
    """
    require(acting_staff, "training.set_test", question)
    if len(content) > QUESTION_MOST:
        raise SoundTooLong(field="sound", most=QUESTION_MOST // 1000)
    try:
        known = kind_of(content, sound=True)
    except UnknownFileKind:
        known = ""
    if known not in PLAYED:
        raise NotPlayed(field="sound")
    require_clean(content)
    with transaction.atomic():
        row = SpokenQuestion.objects.select_for_update().get(pk=question.pk)
        old = row.sound
        if old is not None and old.sha256 == sum_of(content, DataClass.I):
            return row
        row.sound = store_file(
            acting_staff=acting_staff,
            owner=row,
            name=file_name or "question",
            content=content,
            klass=DataClass.I,
            sound=True,
        )
        row.save(update_fields=["sound"])
        if old is not None:
            destroy_file(old)
        audit.record(acting_staff, "training.record_question", row)
    return row


def take_question_away(*, acting_staff: StaffUser, question: SpokenQuestion) -> SpokenQuestion:
    """Take the sound of a question away; its text stays. Raises NoSoundThere."""
    require(acting_staff, "training.set_test", question)
    with transaction.atomic():
        row = SpokenQuestion.objects.select_for_update().get(pk=question.pk)
        file = row.sound
        if file is None:
            raise NoSoundThere
        row.sound = None
        row.save(update_fields=["sound"])
        destroy_file(file)
        audit.record(acting_staff, "training.take_question_away", row)
    return row


def sound_for(staff: StaffUser, sound_id: UUID) -> StoredFile:
    """The recorded question that somebody who asks it may hear. Raises OutOfSight."""
    rows = SpokenQuestion.objects.reached_with(staff, "training.record_test")
    found = rows.filter(sound=sound_id).select_related("sound").first()
    if found is None or found.sound is None:
        raise OutOfSight
    return found.sound
