"""Pages for the paper of a meeting: its photo, and what the group's recorder said of it."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Meeting, Member, PaperSheet
from handup.groups.models.papersheets import SheetState
from handup.groups.services import papersheets as services
from handup.groups.sheet_places import HEADS, lettered, place
from handup.groups.views.members_seen import note_members
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup


def sheet_of(staff: StaffUser, meeting: Meeting) -> PaperSheet | None:
    """The photographed sheet of a meeting, as far as the reader may see it."""
    rows = PaperSheet.objects.visible_to(staff).filter(meeting=meeting)
    return rows.first()


def photo_address(staff: StaffUser, sheet: PaperSheet | None) -> str:
    """Where the photo is sent from; empty without one that she may see."""
    if sheet is None or sheet.photo_id is None or not sheet.shown_whole_to(staff):
        return ""
    return reverse("org:file", args=[sheet.photo_id])


def sheet_actions(staff: StaffUser, meeting: Meeting) -> list[Action]:
    """Attach the photo, or say what the recorder said."""
    if not PaperSheet.objects.filter(meeting=meeting).exists():
        pk = (meeting.pk,)
        return [Action(_("Attach the paper sheet"), "groups:sheet_new", services.TRANSCRIBE, pk)]
    sheet = sheet_of(staff, meeting)
    if sheet is None or sheet.state == SheetState.CONFIRMED:
        return []
    return [
        Action(_("What the recorder says"), "groups:sheet_answer", services.CONFIRM, (sheet.pk,))
    ]


def sheet_facts(staff: StaffUser, meeting: Meeting) -> list[FactGroup]:
    """What the recorder said of the sheet; not who that was, as a gap would tell of her."""
    sheet = sheet_of(staff, meeting)
    if sheet is None:
        return []
    told = [Fact(_("State"), sheet.get_state_display())]
    if sheet.answered_date:
        told.append(Fact(_("Answered on"), sheet.answered_date))
    if sheet.note and sheet.shown_whole_to(staff):
        told.append(Fact(_("What is wrong"), sheet.note))
    return [FactGroup(_("Paper sheet"), told)]


COLUMN_OF = {
    "record_saving": "saved",
    "buy_shares": "saved",
    "record_social": "social",
    "pay_fine": "fine",
    "record_repayment": "repaid",
    "pay_out_loan": "lent",
}


Cells = list[tuple[str, Any, str]]
"""The place of each cell on the paper, its head, and what was written down."""


def written(staff: StaffUser, meeting: Meeting) -> list[tuple[Member, Cells]]:
    """What was written down of each member a reader may see, in the order of the paper: by number,
    with the place and the head of each cell."""
    rows = Member.objects.visible_to(staff).filter(
        group=meeting.group_id, attendance__meeting=meeting
    )
    members = list(rows.select_related("person", "member_group").order_by("member_no").distinct())
    marks = {row.member_id: row.get_mark_display() for row in meeting.attendance.all()}
    sums: dict[tuple[str, str], int] = {}
    told = meeting.facts.filter(name__in=COLUMN_OF, reversed_by=None)
    for name, body in told.values_list("name", "body"):
        key = (str(body["member"]), COLUMN_OF[name])
        sums[key] = sums.get(key, 0) + int(body["units"])
    money = meeting.group.currency

    def cell(member: Member, column: str) -> str:
        if column == "mark":
            return str(marks.get(member.pk, ""))
        units = sums.get((str(member.pk), column), 0)
        return format_money(units, money) if units else ""

    return [
        (
            member,
            [
                (place(column, member.member_no), head, cell(member, column))
                for column, head in HEADS.items()
            ],
        )
        for member in members
    ]


class PhotoForm(HouseForm):
    """The photo."""

    photo = forms.FileField(
        label=_("Photo of the signed sheet"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png"}),
    )


class AttachSheet(FormPage):
    """Keep the photo of a meeting's sheet."""

    form_class = PhotoForm
    permission = services.TRANSCRIBE
    subject_model = Meeting
    subject: Meeting
    title = _("Attach the paper sheet")
    intro = _(
        "Then write the sheet of the meeting with the photo beside it. The recorder of the group"
        " confirms it later."
    )
    verb = _("Keep the photo")

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        photo = values["photo"]
        return services.attach_sheet(
            acting_staff=self.staff,
            meeting=self.subject,
            content=photo.read(),
            file_name=photo.name,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The sheet to write, or the meeting when it is closed."""
        name = "meeting_sheet" if self.subject.status == "OPEN" else "meeting_detail"
        return reverse(f"groups:{name}", args=[self.subject.pk])


class AnswerForm(HouseForm):
    """What the recorder said."""

    recorder = forms.ModelChoiceField(
        label=_("Who writes for the group?"), queryset=Member.objects.none()
    )
    is_right = forms.ChoiceField(
        label=_("Is it as on the paper?"), choices=(("YES", _("yes")), ("NO", _("no")))
    )
    note = forms.CharField(label=_("What is wrong?"), max_length=500, required=False)
    on = DayField(label=_("Said on"))

    def __init__(self, *args: Any, recorders: Any, **options: Any) -> None:
        """Offer who writes for the group."""
        super().__init__(*args, **options)
        field = self.fields["recorder"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = recorders


class AnswerSheet(FormPage):
    """Keep what the recorder of the group said of the transcribed sheet."""

    form_class = AnswerForm
    permission = services.CONFIRM
    subject_model = PaperSheet
    subject: PaperSheet
    title = _("What the recorder says")
    intro = _("Compare each line with the photo, together with whoever writes for the group.")
    verb = _("Keep the answer")
    reads_back = True
    template = "groups/sheet_answer.html"

    def form_options(self) -> dict[str, Any]:
        """Who writes for the group today, as far as the reader may see them."""
        found = services.recorders_on(self.subject.meeting.group, timezone.localdate())
        rows = Member.objects.visible_to(self.staff).filter(pk__in=[row.pk for row in found])
        rows = rows.select_related("person", "member_group")
        note_members(self.request, rows)
        return {"recorders": rows}

    def context(self) -> dict[str, Any]:
        """The photo, and what was written down of it, line by line."""
        lines = written(self.staff, self.subject.meeting)
        note_members(self.request, [member for member, _cells in lines])
        photo = photo_address(self.staff, self.subject)
        return {"photo": photo, "lines": lines, "heads": [lettered(column) for column in HEADS]}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        told = values | {"is_right": values["is_right"] == "YES"}
        return services.answer_sheet(acting_staff=self.staff, sheet=self.subject, **told)

    def success_url(self, result: Any) -> str:
        """The meeting."""
        return reverse("groups:meeting_detail", args=[self.subject.meeting_id])
