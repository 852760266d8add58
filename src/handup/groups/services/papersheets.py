"""A group that writes on paper: the officer photographs the signed sheet and transcribes it; the
group's recorder confirms it. Who transcribed never approves (groups.md 5)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.groups.errors import NotAMember
from handup.groups.models import Group, Meeting, Member, OfficeTerm, PaperSheet
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.papersheets import SheetState
from handup.groups.phones import require_office
from handup.groups.rules.money import BOX
from handup.groups.services.outside import require_come
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.org.services.files import kept_form, kind_of, store_file, sum_of

TRANSCRIBE = "groups.transcribe_sheet"
CONFIRM = "groups.confirm_sheet"
RECORDS = frozenset({"RECORDER", "SECRETARY"})
"""Offices whose holder writes for the group."""
PICTURES = frozenset({"image/jpeg", "image/png"})
WRITTEN = frozenset({*BOX, "record_attendance"})
"""Facts that stand on the paper: who came, and what she paid or was paid."""


class NoPicture(Refusal):
    """A photo is needed: JPEG or PNG."""


class SheetThere(Refusal):
    """This meeting has the photo of its sheet already."""


class NotItsRecorder(Refusal):
    """Only whoever writes for the group confirms: its recorder or its secretary on that day."""


class OwnTranscript(Refusal):
    """Whoever transcribed the sheet does not take its confirmation. Let somebody else do it."""


class SheetAnswered(Refusal):
    """The recorder has confirmed this sheet before."""


class StillWriting(Refusal):
    """The meeting is not closed. What is written down after this nobody would have confirmed."""


class WhatIsWrong(Refusal):
    """Write down what is wrong."""


class BeforeMeeting(Refusal):
    """The meeting was held on {held}; nothing of it was confirmed before."""


def attach_sheet(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    content: bytes,
    file_name: str = "",
    id: UUID | None = None,
) -> PaperSheet:
    """Keep the photo of a meeting's signed sheet; the sheet waits for the recorder. The same id
    with the same photo returns it unchanged.

    Raises NoPicture, SheetThere, PhoneKeepsRecord, SameIdOtherContent, and what files are refused
    for.
    """
    require(acting_staff, TRANSCRIBE, meeting.group)
    if not content or kind_of(content) not in PICTURES:
        raise NoPicture(field="photo")
    require_clean(content)
    with transaction.atomic():
        Group.objects.select_for_update().get(pk=meeting.group_id)
        known = PaperSheet.objects.filter(meeting=meeting).select_related("photo").first()
        if known is not None:
            if id is None or known.pk != id:
                raise SheetThere(field="photo")
            same = known.photo and known.photo.sha256 == sum_of(kept_form(content), DataClass.P)
            if not same:
                raise SameIdOtherContent(field="photo")
            return known
        require_office(meeting.group_id)
        row = PaperSheet(id=id or new_id(), meeting=meeting, transcribed_by=acting_staff)
        row.photo = store_file(
            acting_staff=acting_staff,
            owner=row,
            name=file_name or "sheet",
            content=content,
            klass=DataClass.P,
        )
        row.save(force_insert=True)
        audit.record(acting_staff, TRANSCRIBE, row, {"meeting": str(meeting.pk)})
    return row


def recorders_on(group: Group, on: date) -> list[Member]:
    """Who wrote for the group on a day."""
    terms = OfficeTerm.objects.filter(group=group, office__in=RECORDS, from_date__lte=on)
    held = terms.exclude(to_date__lte=on).values("member")
    rows = group.members.filter(pk__in=held).select_related("person", "member_group")
    return list(rows.order_by("member_no"))


@transaction.atomic
def answer_sheet(
    *,
    acting_staff: StaffUser,
    sheet: PaperSheet,
    recorder: Member,
    is_right: bool,
    on: date,
    note: str = "",
) -> PaperSheet:
    """Keep what the recorder of the group said of what was transcribed: that it is right, or what
    is wrong. What was wrong can be confirmed later, once it is corrected. The same answer again
    changes nothing.

    It is right only once the meeting is closed: nothing is written down behind it. Whoever wrote a
    line of the meeting, or attached the photo, takes no answer.

    Raises OwnTranscript, StillWriting, NotItsRecorder, SheetAnswered, WhatIsWrong, BeforeMeeting,
    InTheFuture.
    """
    require(acting_staff, CONFIRM, sheet.meeting.group)
    Group.objects.select_for_update().get(pk=sheet.meeting.group_id)
    stored = PaperSheet.objects.select_related("meeting__group").get(pk=sheet.pk)
    state = SheetState.CONFIRMED if is_right else SheetState.WRONG
    told = (state, recorder.pk, on, "" if is_right else note.strip()[:500])
    if told == (stored.state, stored.recorder_id, stored.answered_date, stored.note):
        return stored
    if stored.state == SheetState.CONFIRMED:
        raise SheetAnswered
    wrote = stored.meeting.facts.filter(name__in=WRITTEN, recorded_by=acting_staff)
    if stored.transcribed_by_id == acting_staff.pk or wrote.exists():
        raise OwnTranscript
    require_come(on, "on")
    if on < stored.meeting.held_date:
        raise BeforeMeeting(field="on", held=stored.meeting.held_date)
    if recorder.group_id != stored.meeting.group_id:
        raise NotAMember(field="recorder", member=recorder.member_no)
    if recorder.pk not in {row.pk for row in recorders_on(stored.meeting.group, on)}:
        raise NotItsRecorder(field="recorder")
    if is_right and stored.meeting.status != MeetingStatus.CLOSED:
        raise StillWriting
    if not is_right and not told[3]:
        raise WhatIsWrong(field="note")
    stored.state, stored.recorder, stored.answered_date, stored.note = state, recorder, on, told[3]
    stored.answered_by = acting_staff
    stored.save(update_fields=("state", "recorder", "answered_date", "note", "answered_by"))
    audit.record(acting_staff, CONFIRM, stored, {"state": state.value})
    return stored
