"""Pictures of answers received from a phone part by part, and the proof of what is stored: a phone
lets nothing go before it has that (surveys.md 4.5).
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from
from handup.org.services.files import keyed_of, known_sums
from handup.surveys.models import ArrivingFile, Submission
from handup.surveys.rules.codes import Channel, SubmissionState
from handup.surveys.services.collecting import keep_media, missing_media, refused_files
from handup.surveys.services.form_answers import envelope
from handup.surveys.services.refusals import (
    FileNotNamed,
    NoInstanceId,
    PartTooLarge,
    PictureTooHeavy,
    UnreadableAnswers,
)

PICTURE_MOST = 1_000_000
PART_MOST = 64_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PartIn:
    """A part of a picture: of which answers (`instance_id`), its name in them, the size and SHA-256
    of the whole, when she agreed to it, and the bytes from `offset` on.
    """

    instance_id: str
    name: str
    size: int
    sha256: str
    agreed_at: datetime
    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class PartKept:
    """How much there is now. `sha256`: of the whole picture as it came, once it is kept with its
    answers; `reason`: why it is not kept and needs not be sent again.
    """

    received: int
    sha256: str = ""
    reason: str = ""


def receive_part(*, acting_staff: StaffUser, device: str, part: PartIn) -> PartKept:
    """Take the next part of a picture; what is not the next changes nothing and is told from where
    to go on. The last part keeps the picture with its answers; the same again changes nothing.

    Raises OutOfSight for answers that are not hers from this device, FileNotNamed, PictureTooHeavy,
    PartTooLarge, NotScanned (the last part is to be sent again).
    """
    row = _answers(acting_staff, device, part.instance_id)
    require(acting_staff, "surveys.record_submission", row.case)
    if part.size > PICTURE_MOST:
        raise PictureTooHeavy(field="size", most=PICTURE_MOST // 1000)
    if len(part.content) > PART_MOST:
        raise PartTooLarge(field="part", most=PART_MOST // 1000)
    if not row.body:
        return PartKept(0, reason="NOT_KEPT")
    if _is_kept(row, part):
        return PartKept(part.size, part.sha256)
    if part.name not in missing_media(row):
        raise FileNotNamed(field="name")
    with transaction.atomic():
        held = _grown(acting_staff, device, row, part)
    if held.received < held.size:
        return PartKept(held.received)
    return _whole(acting_staff, row, held, part)


def kept_sum(case_id: UUID, body: bytes) -> str:
    """The SHA-256 of what is stored of a body that was sent before, worked out from the stored
    bytes; empty where nothing of it is stored. Of answers of which nothing may be kept it is the
    sum of what came: nobody needs to keep them.
    """
    try:
        read = envelope(body)
    except (UnreadableAnswers, NoInstanceId):
        return ""
    came = sha256(body).hexdigest()
    row = Submission.objects.filter(case=case_id, instance_id=read.instance_id, sha256=came).first()
    if row is None:
        return ""
    return sha256(row.body.encode()).hexdigest() if row.body else came


def _answers(staff: StaffUser, device: str, instance_id: str) -> Submission:
    """The answers this device sent in her name."""
    rows = Submission.objects.filter(
        instance_id=instance_id, device=device, interviewer=staff, channel=Channel.APP
    ).exclude(state=SubmissionState.CONFLICT)
    row = rows.select_related("case", "version", "round").first()
    if row is None or row.case.person_id in hidden_from(staff):
        raise OutOfSight
    found: Submission = row
    return found


def _sum(part: PartIn) -> str:
    return keyed_of(part.sha256)


def _is_kept(row: Submission, part: PartIn) -> bool:
    """Whether the whole picture is kept under its name: two questions may have been answered with
    the same one.
    """
    return any(
        one.name == part.name
        for one in row.attachments.filter(came_sum__in=known_sums(part.sha256))
    )


def _grown(staff: StaffUser, device: str, row: Submission, part: PartIn) -> ArrivingFile:
    """What has come of the picture with this part, if it is the next. What came of another picture
    under its name goes: the phone has taken this one instead.
    """
    first = {
        "name": part.name, "device": device, "sent_by": staff, "size": part.size,
        "agreed_at": part.agreed_at,
    }  # fmt: skip
    one, fresh = ArrivingFile.objects.get_or_create(
        submission=row, keyed_sum=_sum(part), defaults=first
    )
    if fresh:
        for other in ArrivingFile.objects.filter(submission=row).exclude(pk=one.pk):
            if other.name == part.name:
                other.delete()
    held: ArrivingFile = ArrivingFile.objects.select_for_update(of=("self",)).get(
        submission=row, keyed_sum=_sum(part)
    )
    if held.size != part.size or held.name != part.name:
        raise FileNotNamed(field="name")
    if part.offset == held.received and part.content:
        before = base64.b64decode(held.content)
        whole = (before + part.content)[: held.size]
        held.content, held.received = base64.b64encode(whole).decode(), len(whole)
        held.kept_at = timezone.now()
        held.save(update_fields=("content", "received", "kept_at"))
    return held


def _whole(staff: StaffUser, row: Submission, held: ArrivingFile, part: PartIn) -> PartKept:
    """Keep the whole picture with its answers, when it is what was told; else it begins anew."""
    content = base64.b64decode(held.content)
    if sha256(content).hexdigest() != part.sha256:
        held.delete()
        return PartKept(0)
    keep_media(staff, row, {part.name: content}, agreed_at=held.agreed_at)
    with transaction.atomic():
        held.delete()
        audit.record(staff, "surveys.receive_file", row)
    if _is_kept(row, part):
        return PartKept(part.size, part.sha256)
    why = refused_files(row)
    return PartKept(part.size, reason=" ".join(why)[:300] or "NOT_KEPT")
