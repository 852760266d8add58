"""A roster on paper with a code to its page, and as a file that is filled in and loaded again."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import limits, reads
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import on_no_team
from handup.org.services.files import FileTooLarge
from handup.org.web import factor
from handup.org.web.columns import Column
from handup.org.web.export import as_csv, as_workbook
from handup.org.web.forms import FormPage, HouseForm
from handup.training.models import Enrolment, Session
from handup.training.paper import roster_pdf
from handup.training.roster_file import LABELS, LIMITS, Filled, read_roster
from handup.training.views.sheets import Roster, on_the_sheet


class TakenAlong(View, ABC):
    """What of a roster leaves the house: only whom its reader may see, noted in the read log.

    It lies in the room and goes from hand to hand, so whoever is hidden from others is not on it,
    whoever takes it along: she is told of on the page alone.
    """

    action: ClassVar[str] = "PRINT"

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Send it."""
        staff: Any = request.user
        sessions = Session.objects.visible_to(staff).select_related("cohort__course")
        session: Session | None = sessions.filter(pk=pk).first()
        if session is None:
            raise Http404
        require(staff, "training.view_enrolment", session.cohort)
        if (asked := self.asked_first(request)) is not None:
            return asked
        rows = list(on_the_sheet(session.cohort, on_no_team(staff)))
        persons = [row.person_id for row in rows]
        reads.note(request, persons=persons, action=self.action, highest="P")
        return self.made(request, staff, session, rows)

    def asked_first(self, request: HttpRequest) -> HttpResponseBase | None:
        """What is asked before anything is read, None when nothing is. Raises TooOften."""
        return None

    @abstractmethod
    def made(
        self, request: HttpRequest, staff: StaffUser, session: Session, rows: list[Enrolment]
    ) -> HttpResponseBase:
        """The paper or the file."""


class RosterPaper(TakenAlong):
    """The roster to be signed in the room, in the order of its page; its code opens the page."""

    def made(
        self, request: HttpRequest, staff: StaffUser, session: Session, rows: list[Enrolment]
    ) -> HttpResponseBase:
        """As PDF."""
        answer = HttpResponse(roster_pdf(session, rows), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="roster-{session.number}.pdf"'
        return answer


class RosterTable(TakenAlong):
    """The roster as a workbook or CSV with a column of minutes to fill in."""

    action = "EXPORT"

    def asked_first(self, request: HttpRequest) -> HttpResponseBase | None:
        """The second factor, and that she has an export left: what is refused is no export."""
        if factor.is_stale(request):
            return factor.ask(request)
        staff: Any = request.user
        limits.require_export_left(staff)
        return None

    def made(
        self, request: HttpRequest, staff: StaffUser, session: Session, rows: list[Enrolment]
    ) -> HttpResponseBase:
        """Numbers, names, an empty cell each."""
        columns = (
            Column("number", LABELS["number"], value=lambda row: row.person.registration_no),
            Column("name", LABELS["name"], value=lambda row: str(row.person)),
            Column("minutes", LABELS["minutes"], value=lambda row: ""),
        )
        write = as_csv if request.GET.get("kind") == "csv" else as_workbook
        return write(columns, rows, f"roster {session.cohort.code} {session.number}")


class RosterFileForm(HouseForm):
    """A roster that comes back."""

    file = forms.FileField(
        label=_("The roster that was filled in"),
        help_text=_("The workbook or CSV with the columns Number and Minutes."),
        max_length=200,
    )

    def clean_file(self) -> Any:
        """Refuse by its size before it is in memory."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > LIMITS.bytes_most:
            raise forms.ValidationError(str(FileTooLarge(megabytes=LIMITS.bytes_most // 1_000_000)))
        return file


class LoadRoster(FormPage):
    """Load a filled roster: its bad cells are named, the rest fills the roster to be confirmed."""

    form_class = RosterFileForm
    subject_model = Session
    subject: Session
    permission = "training.record_attendance"
    title = _("Load a roster file")
    intro = _("You see the roster filled in first. Nothing is stored until you save it there.")
    verb = _("Read the file")

    def perform(self, values: dict[str, Any]) -> Filled:
        """Read it; nothing is written."""
        rows = on_the_sheet(self.subject.cohort, self.staff)
        return read_roster(values["file"].read(), {row.person.registration_no for row in rows})

    def answer(self, result: Filled) -> HttpResponseBase:
        """The roster, filled in as far as it could be read."""
        sheet = Roster()
        sheet.setup(self.request, pk=self.subject.pk)
        return sheet.filled(
            self.subject.pk,
            result.cells,
            [f"{fault.place}: {fault.message}" for fault in result.faults],
            post_to=reverse("training:roster", args=[self.subject.pk]),
        )
