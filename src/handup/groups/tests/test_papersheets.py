"""A group that writes on paper: the photo of its sheet, transcribed by an officer, confirmed by its
recorder and by nobody who transcribed it."""

from datetime import timedelta
from functools import partial
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from handup.groups.models import Meeting, Member, PaperSheet
from handup.groups.models.papersheets import SheetState
from handup.groups.persons import blank
from handup.groups.services import elect_officer
from handup.groups.services.papersheets import (
    BeforeMeeting,
    NoPicture,
    NotItsRecorder,
    OwnTranscript,
    SheetAnswered,
    SheetThere,
    StillWriting,
    WhatIsWrong,
    answer_sheet,
    attach_sheet,
)
from handup.groups.tests.conftest import FIRST, FORMED, close, save, staff_with
from handup.groups.tests.test_bulk_back import hiding
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser, StoredFile
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.projects.models import Programme

DAY = FIRST + timedelta(days=2)


def png(width: int = 8) -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (width, 8)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def other(programme: Programme) -> StaffUser:
    """Another officer, who takes confirmations."""
    return staff_with("other-officer", Role.FIELD_OFFICER, programme=programme.pk)


@pytest.fixture
def recorder(members: list[Member], officer: StaffUser) -> Member:
    """The second member writes for the group."""
    elect_officer(
        acting_staff=officer,
        group=members[1].group,
        office="SECRETARY",
        member=members[1],
        from_date=FORMED,
    )
    return members[1]


def test_a_sheet_is_kept_once_with_its_photo_and_nothing_else(
    meeting: Meeting, officer: StaffUser
) -> None:
    attach = partial(attach_sheet, acting_staff=officer, meeting=meeting)
    for content in (b"", b"%PDF-1.4 no picture", b"only words"):
        with pytest.raises(NoPicture):
            attach(content=content)
    key = new_id()
    sheet = attach(content=png(), id=key)
    assert attach(content=png(), id=key) == sheet
    with pytest.raises(SameIdOtherContent):
        attach(content=png(width=9), id=key)
    with pytest.raises(SheetThere):
        attach(content=png(), id=new_id())
    assert PaperSheet.objects.get().state == SheetState.WAITING
    assert sheet.photo is not None
    assert sheet.photo.klass == "P"


def test_only_the_recorder_confirms_and_never_who_transcribed(
    meeting: Meeting,
    members: list[Member],
    recorder: Member,
    officer: StaffUser,
    other: StaffUser,
    programme: Programme,
) -> None:
    third = staff_with("third-officer", Role.FIELD_OFFICER, programme=programme.pk)
    sheet = attach_sheet(acting_staff=officer, meeting=meeting, content=png())
    say = partial(
        answer_sheet, acting_staff=other, sheet=sheet, recorder=recorder, is_right=True, on=DAY
    )
    with pytest.raises(OwnTranscript):
        say(acting_staff=officer)
    with pytest.raises(NotItsRecorder):
        say(recorder=members[0])
    with pytest.raises(BeforeMeeting):
        say(on=FORMED)
    with pytest.raises(WhatIsWrong):
        say(is_right=False, note=" ")
    reader = staff_with("reader", Role.ME_OFFICER, programme=programme.pk)
    with pytest.raises(NotAllowed):
        say(acting_staff=reader)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.WAITING
    assert say(is_right=False, note="Member 3 saved 10").state == SheetState.WRONG
    with pytest.raises(StillWriting):
        say()
    save(meeting, third, {members[0]: 500})
    close(meeting, officer, 500)
    with pytest.raises(OwnTranscript):
        say(acting_staff=third)
    done = say()
    assert (done.state, done.recorder, done.note) == (SheetState.CONFIRMED, recorder, "")
    assert say() == done, "the same again changes nothing"
    with pytest.raises(SheetAnswered):
        say(is_right=False, note="No")


def test_the_photo_stands_beside_the_grid_and_beside_what_was_written(
    client: Client,
    meeting: Meeting,
    members: list[Member],
    recorder: Member,
    officer: StaffUser,
    other: StaffUser,
    outsider: StaffUser,
) -> None:
    client.force_login(officer)
    new = reverse("groups:sheet_new", args=[meeting.pk])
    assert new in client.get(reverse("groups:meeting_detail", args=[meeting.pk])).content.decode()
    wrong = SimpleUploadedFile("sheet.txt", b"words")
    assert client.post(new, {"photo": wrong}).status_code == 422
    photo = SimpleUploadedFile("sheet.png", png(), content_type="image/png")
    sent = client.post(new, {"photo": photo, "_new_id": str(new_id())})
    grid = reverse("groups:meeting_sheet", args=[meeting.pk])
    assert (sent.status_code, sent["Location"]) == (302, grid)
    sheet = PaperSheet.objects.get()
    file = reverse("org:file", args=[sheet.photo_id])
    shown = client.get(grid).content.decode()
    assert f'<img src="{file}"' in shown
    assert "<small>B1</small>" in shown
    assert "E \u00b7 Loan paid back" in shown
    assert client.get(file).status_code == 200
    save(meeting, officer, {members[0]: 500})
    client.force_login(other)
    answer = reverse("groups:sheet_answer", args=[sheet.pk])
    page = client.get(answer).content.decode()
    assert file in page
    assert "Member 1" in page
    assert "5.00" in page
    assert "<small>B1</small>" in page
    paper = client.get(reverse("groups:sheet_paper", args=[meeting.group_id]))
    assert paper.content.startswith(b"%PDF")
    told = {"recorder": str(recorder.pk), "is_right": "YES", "note": "", "on": DAY.isoformat()}
    early = client.post(answer, told | {"_read_back": "1"})
    assert (early.status_code, "not closed" in early.content.decode()) == (422, True)
    close(meeting, officer, 500)
    assert client.post(answer, told | {"_read_back": "1"}).status_code == 302
    shown = client.get(reverse("groups:meeting_detail", args=[meeting.pk])).content.decode()
    assert "onfirmed by the recorder" in shown
    client.force_login(outsider)
    assert client.get(answer).status_code == client.get(file).status_code == 404


def test_a_sheet_where_a_member_is_hidden_keeps_its_photo_and_note_and_tells_nothing_else(
    client: Client,
    meeting: Meeting,
    members: list[Member],
    recorder: Member,
    officer: StaffUser,
    other: StaffUser,
) -> None:
    sheet = attach_sheet(acting_staff=officer, meeting=meeting, content=png())
    answer_sheet(
        acting_staff=other,
        sheet=sheet,
        recorder=recorder,
        is_right=False,
        on=DAY,
        note="Member 3 saved 10",
    )
    file = reverse("org:file", args=[sheet.photo_id])
    answer = reverse("groups:sheet_answer", args=[sheet.pk])
    grid = reverse("groups:meeting_sheet", args=[meeting.pk])
    record = reverse("groups:meeting_detail", args=[meeting.pk])

    def shown() -> dict[str, bool]:
        pages = {page: client.get(page).content.decode() for page in (answer, grid, record)}
        return {
            "file": client.get(file).status_code == 200,
            "photo beside the answer": file in pages[answer],
            "photo beside the grid": file in pages[grid],
            "note": "Member 3 saved 10" in pages[record],
            "state": "the recorder says it is wrong" in pages[record],
            "answer": answer in pages[record] and "Who writes for the group?" in pages[answer],
        }

    client.force_login(other)
    assert set(shown().values()) == {True}
    with hiding(members[2]):
        told = shown()
    assert [name for name, is_there in told.items() if is_there] == ["state", "answer"]


def test_the_photo_that_names_an_erased_member_goes_and_what_was_confirmed_stays(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    sheet = attach_sheet(acting_staff=officer, meeting=meeting, content=png())
    file = sheet.photo_id
    assert file is not None
    member = members[1]
    assert member.person_id is not None
    sheet.note = "Member 2 saved 10"
    sheet.save()
    blank(new_id())
    assert StoredFile.objects.filter(pk=file).exists()
    blank(member.person_id)
    sheet.refresh_from_db()
    assert (sheet.photo, sheet.note, sheet.state) == (None, "", SheetState.WAITING)
    assert not StoredFile.objects.filter(pk=file).exists()
