"""Photos for those who visit a programme: only of who agreed to it, and gone when she does no more
(people, consent PHOTO_STORY)."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, scanning
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.services.files import destroy_file, kept_form, kind_of, store_file, sum_of
from handup.org.web.money import format_day
from handup.people.merging import Merge
from handup.people.models import Participation, Person
from handup.people.queries.consents import persons_consenting, require_consent
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Programme
from handup.results.models import VisitPhoto
from handup.results.services.freezing import DayAhead

PACK = "results.make_visit_pack"
PICTURES = frozenset({"image/jpeg", "image/png"})
STORY = ConsentPurpose.PHOTO_STORY


class NoPhoto(Refusal):
    """A photo is needed: JPEG or PNG."""


class CaptionMissing(Refusal):
    """Write what the photo shows."""


class NobodyOfThisNumber(Refusal):
    """Nobody of this programme whom you may see has the number {number}."""


def person_numbered(staff: StaffUser, programme: Programme, number: str) -> Person:
    """A participant by her registration number. Raises NobodyOfThisNumber, also for who is hidden:
    a photo of hers is shown to nobody.
    """
    part = Participation._base_manager.filter(programme=programme).values("person_id")
    rows = Person.objects.visible_to(staff).filter(registration_no=number, pk__in=part)
    found = rows.exclude(pk__in=hidden_from_all()).first()
    if found is None:
        raise NobodyOfThisNumber(number=number, field="number")
    return found


def add_visit_photo(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    caption: str,
    taken_date: date,
    content: bytes,
    file_name: str = "",
    number: str = "",
    id: UUID | None = None,
) -> VisitPhoto:
    """Keep a photo for visitors; `number` is that of the one person who can be recognised, empty
    where nobody can. Without her consent it is not kept.

    Raises CaptionMissing, DayAhead, NoPhoto, NobodyOfThisNumber, ConsentMissing,
    SameIdOtherContent, and what files are refused for.
    """
    require(acting_staff, PACK, programme)
    caption, today = " ".join(caption.split()), timezone.localdate()
    if not caption:
        raise CaptionMissing(field="caption")
    if taken_date > today:
        raise DayAhead(field="taken_date")
    if not content or kind_of(content) not in PICTURES:
        raise NoPhoto(field="photo")
    person = None
    if number.strip():
        person = person_numbered(acting_staff, programme, number.strip())
        require_consent(person, STORY, on=today)
    scanning.require_clean(content)
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=programme.pk)
        known = VisitPhoto._base_manager.filter(pk=id).first() if id is not None else None
        if known is not None:
            told = (known.programme_id, known.caption, known.taken_date, known.person_id)
            asked = (programme.pk, caption, taken_date, person.pk if person else None)
            digest = sum_of(kept_form(content), DataClass.P)
            if (*told, known.file.sha256) != (*asked, digest):
                raise SameIdOtherContent(field="id")
            return known
        row = VisitPhoto(
            id=id or new_id(),
            programme=programme,
            caption=caption,
            taken_date=taken_date,
            person=person,
            added_by=acting_staff,
        )
        row.file = store_file(
            acting_staff=acting_staff,
            owner=row,
            name=file_name or "photo",
            content=content,
            klass=DataClass.P,
        )
        row.save(force_insert=True)
        audit.record(acting_staff, "results.add_visit_photo", row)
    return row


def remove_visit_photo(*, acting_staff: StaffUser, photo: VisitPhoto) -> None:
    """Take a photo away, with its file."""
    require(acting_staff, PACK, photo)
    with transaction.atomic():
        audit.record(acting_staff, "results.remove_visit_photo", photo)
        _drop(photo)


def _drop(*photos: VisitPhoto) -> None:
    """Take photos away, and each file that stands behind no other."""
    files = {photo.file for photo in photos}
    for photo in photos:
        photo.delete()
    for file in files:
        if not VisitPhoto._base_manager.filter(file=file).exists():
            destroy_file(file)


def shown_photos(staff: StaffUser, programme: Programme, on: date) -> list[VisitPhoto]:
    """The photos visitors may be shown on a day: of those who agree then, and who are not hidden
    from anybody.
    """
    rows = VisitPhoto.objects.visible_to(staff).filter(programme=programme)
    agree = set(persons_consenting(STORY, on=on)) - set(hidden_from_all())
    return [row for row in rows.select_related("file") if row.person_id in {None, *agree}]


def move(merge: Merge) -> None:
    """Give the photos of a person registered twice to the record that stays."""
    merge.give(VisitPhoto)


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """The photos of a person that visitors are shown, for her own file."""
    rows = VisitPhoto._base_manager.filter(person_id=person_id)
    return {
        str(_("Photos")): [
            {str(_("What it shows")): row.caption, str(_("Taken on")): format_day(row.taken_date)}
            for row in rows
        ]
    }


def forget(person_id: UUID) -> None:
    """Take away the photos of a person who is erased."""
    _drop(*VisitPhoto._base_manager.filter(person_id=person_id).select_related("file"))
