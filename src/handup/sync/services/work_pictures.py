"""Pictures of what was recorded away: told with their fact, taken part by part, and kept as files
of the record the fact became. Nobody's face without her consent (protection.md).
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import OutOfSight, require
from handup.org.scanning import NotScanned, require_clean
from handup.org.scope import hidden_from
from handup.org.services.files import destroy_file, keyed_of, known_sums, store_file
from handup.people.models import Person
from handup.surveys.services.receiving_files import PART_MOST, PICTURE_MOST, PartKept
from handup.surveys.services.refusals import PartTooLarge, PictureTooHeavy
from handup.sync.errors import PictureUnknown
from handup.sync.models import PictureShows, WorkFact, WorkPicture

MOST = 5
INSTANCE = "fact:"
"""Before the id of a fact where a phone says what its picture belongs to."""
_NAME = re.compile(r"[A-Za-z0-9._-]{1,120}")
NOT_KEPT = "NOT_KEPT"
AGREED = {PictureShows.PEOPLE, PictureShows.SIGNATURE}
"""What is never kept without the moment in which somebody agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkPart:
    """A part of a picture: the fact it was told with, its name there, size and SHA-256 of the
    whole, and the bytes from `offset` on."""

    fact_id: UUID
    name: str
    size: int
    sha256: str
    offset: int
    content: bytes


def are_told(pictures: object) -> bool:
    """Whether pictures are told as they must be: `name`, what it `shows`, `agreed_at` with an
    offset, or None where nobody's face can be seen; of people and signatures never None."""
    if not isinstance(pictures, list) or len(pictures) > MOST:
        return False
    if not all(isinstance(one, Mapping) and _is_told(one) for one in pictures):
        return False
    return len({one["name"] for one in pictures}) == len(pictures)


def _is_told(one: Mapping[str, Any]) -> bool:
    name, agreed = one.get("name"), one.get("agreed_at")
    named = isinstance(name, str) and _NAME.fullmatch(name) is not None
    if agreed is None:
        return named and one.get("shows") in set(PictureShows) - AGREED
    return named and one.get("shows") in list(PictureShows) and _instant(agreed) is not None


def _instant(text: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def expect(
    fact: WorkFact,
    owner: models.Model,
    pictures: Sequence[Mapping[str, Any]],
    person: Person | None = None,
) -> None:
    """Write down which pictures are still to come of a fact, and of which record they are files."""
    WorkPicture.objects.bulk_create(
        WorkPicture(
            fact=fact,
            person=person,
            object_type=owner._meta.label_lower,
            object_id=str(owner.pk),
            name=one["name"],
            shows=one["shows"],
            agreed_at=_instant(one["agreed_at"]) if one.get("agreed_at") else None,
        )
        for one in pictures
    )


def receive_work_part(*, acting_staff: StaffUser, device: UUID, part: WorkPart) -> PartKept:
    """Take the next part of a picture; what is not the next changes nothing and is told from where
    to go on. The last part keeps it as a file; the same again changes nothing.

    Raises OutOfSight for a picture of no fact of hers from this device, PictureUnknown,
    PictureTooHeavy, PartTooLarge, NotScanned (the last part is to be sent again).
    """
    require(acting_staff, "sync.carry_work")
    found = _told(acting_staff, device, part)
    if part.size > PICTURE_MOST:
        raise PictureTooHeavy(field="size", most=PICTURE_MOST // 1000)
    if len(part.content) > PART_MOST:
        raise PartTooLarge(field="part", most=PART_MOST // 1000)
    with transaction.atomic():
        row = _grown(found, part)
    if row.kept_at is not None:
        same = row.keyed_sum in known_sums(part.sha256)
        return PartKept(part.size, part.sha256) if same else PartKept(0, reason=NOT_KEPT)
    if row.reason:
        return PartKept(0, reason=row.reason)
    if not row.size or row.received < row.size:
        return PartKept(row.received)
    return _whole(acting_staff, row, part)


def _told(staff: StaffUser, device: UUID, part: WorkPart) -> WorkPicture:
    """The picture of this name among those told with the fact."""
    rows = WorkPicture.objects.filter(fact=part.fact_id, fact__staff=staff, fact__device=device)
    told = list(rows)
    if not told or any(one.person_id in hidden_from(staff) for one in told):
        raise OutOfSight
    found = next((one for one in told if one.name == part.name), None)
    if found is None:
        raise PictureUnknown(field="name")
    return found


def _grown(found: WorkPicture, part: WorkPart) -> WorkPicture:
    """What has come of it with this part, if it is the next. Where the phone tells another whole
    than before, what came of that goes."""
    row: WorkPicture = WorkPicture.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if row.kept_at is not None or row.reason:
        return row
    keyed = keyed_of(part.sha256)
    if (row.size, row.keyed_sum) != (part.size, keyed):
        row.size, row.keyed_sum, row.received, row.content = part.size, keyed, 0, ""
    if part.offset == row.received and part.content:
        whole = (base64.b64decode(row.content) + part.content)[: row.size]
        row.content, row.received = base64.b64encode(whole).decode(), len(whole)
    row.grown_at = timezone.now()
    row.save(update_fields=("size", "keyed_sum", "received", "content", "grown_at"))
    return row


def _whole(staff: StaffUser, row: WorkPicture, part: WorkPart) -> PartKept:
    """Keep it as a file when it is what was told; else it begins anew."""
    content = base64.b64decode(row.content)
    if sha256(content).hexdigest() != part.sha256:
        WorkPicture.objects.filter(pk=row.pk).update(content="", received=0)
        return PartKept(0)
    owner = _owner(row)
    if owner is None:
        return _not_kept(row, NOT_KEPT)
    try:
        require_clean(content)
        with transaction.atomic():
            held = WorkPicture.objects.select_for_update(of=("self",)).get(pk=row.pk)
            if held.kept_at is None:
                store_file(
                    acting_staff=staff,
                    owner=owner,
                    name=f"{held.shows.lower()}-{held.fact.happened_date}.jpg",
                    content=content,
                    klass=DataClass.S,
                    id=held.pk,
                )
                _kept(staff, held)
    except NotScanned:
        raise
    except Refusal as refusal:
        return _not_kept(row, refusal.said()[:300])
    return PartKept(part.size, part.sha256)


def _kept(staff: StaffUser, held: WorkPicture) -> None:
    held.content, held.kept_at = "", timezone.now()
    held.save(update_fields=("content", "kept_at"))
    audit.record(staff, "sync.receive_picture", held.fact)


def _owner(row: WorkPicture) -> models.Model | None:
    found: models.Model | None = (
        apps.get_model(row.object_type)._base_manager.filter(pk=row.object_id).first()
    )
    return found


def _not_kept(row: WorkPicture, why: str) -> PartKept:
    WorkPicture.objects.filter(pk=row.pk).update(content="", reason=why)
    return PartKept(0, reason=why)


def take_picture_away(*, acting_staff: StaffUser, picture: WorkPicture, reason: str) -> WorkPicture:
    """Let a picture go for good, as somebody seen in it asks who takes her consent back; that there
    was one, and why it went, stays. Raises NotAllowed, OutOfSight."""
    require(acting_staff, "sync.take_picture_away", picture)
    with transaction.atomic():
        row: WorkPicture = WorkPicture.objects.select_for_update(of=("self",)).get(pk=picture.pk)
        file = StoredFile.objects.filter(pk=row.pk).first()
        if file is not None:
            destroy_file(file)
        row.content, row.kept_at, row.reason = "", None, reason.strip()[:300]
        row.save(update_fields=("content", "kept_at", "reason"))
        audit.record(acting_staff, "sync.take_picture_away", row)
    return row
