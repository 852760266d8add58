"""The steps in a restricted case, for its team alone: opening, notes, what is to be done, papers,
the team, closing, and that she was told face to face.
"""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage
from handup.people.forms import cases as f
from handup.people.models import CaseAction, CaseTeamMember, Compartment, Person
from handup.people.queries.cases import tells_face_to_face
from handup.people.rules.codes import CompartmentKind
from handup.people.services import keeping_cases, protection
from handup.people.views.desk import today


class _CaseStep(FormPage):
    """A step in a case, back to its page."""

    permission = protection.WORK
    subject_model = Compartment
    person_path = "person_id"
    subject: Compartment

    def success_url(self, result: Any) -> str:
        """The case."""
        return reverse("people:case_detail", args=[self.subject.pk])


class CaseNew(FormPage):
    """Open a case of a person."""

    form_class = f.CaseForm
    permission = protection.OPEN
    title = _("Open a restricted case")
    intro = _("Only you, and whom you let know of it, will see that there is one.")
    verb = _("Open it")
    subject_model = Person
    person_path = "pk"
    asks_factor = True
    subject: Person

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"opened_date": today()}

    def perform(self, values: dict[str, Any]) -> Compartment:
        """Open it."""
        kind = CompartmentKind(values.pop("kind"))
        return protection.open_compartment(
            acting_staff=self.staff,
            person=self.subject,
            kind=kind,
            team=(),
            id=self.new_id,
            **values,
        )

    def success_url(self, result: Compartment) -> str:
        """The case."""
        return reverse("people:case_detail", args=[result.pk])


class CaseNoteNew(_CaseStep):
    """Write a note."""

    form_class = f.NoteForm
    title = _("Write a note")
    verb = _("Keep the note")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"day": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return protection.add_case_note(
            acting_staff=self.staff, compartment=self.subject, id=self.new_id, **values
        )


class CaseActionNew(_CaseStep):
    """Say what is to be done."""

    form_class = f.ActionForm
    title = _("Say what is to be done")
    verb = _("Keep it")

    def form_options(self) -> dict[str, Any]:
        """The team may do it."""
        return {"compartment": self.subject}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return protection.add_case_action(
            acting_staff=self.staff, compartment=self.subject, id=self.new_id, **values
        )


class CaseActionDone(FormPage):
    """Say that it is done."""

    form_class = f.DoneForm
    permission = protection.WORK
    title = _("It is done")
    verb = _("Record it")
    subject_model = CaseAction
    person_path = "compartment__person_id"
    subject: CaseAction

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"done_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return protection.finish_case_action(acting_staff=self.staff, action=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The case."""
        return reverse("people:case_detail", args=[self.subject.compartment_id])


class CasePaperNew(_CaseStep):
    """Keep a paper."""

    form_class = f.PaperForm
    title = _("Keep a paper")
    verb = _("Keep it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return protection.add_case_document(
            acting_staff=self.staff,
            compartment=self.subject,
            name=values["name"],
            content=values["file"].read(),
            id=self.new_id,
        )


class CaseTeamNew(_CaseStep):
    """Let somebody else know of it."""

    form_class = f.CaseTeamForm
    permission = protection.OPEN
    title = _("Let somebody else know of it")
    verb = _("Let her know of it")
    asks_factor = True

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"joined_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Join her."""
        return protection.join_case_team(
            acting_staff=self.staff, compartment=self.subject, **values
        )


class CaseLeave(FormPage):
    """Let somebody know of it no longer."""

    form_class = f.CaseLeaveForm
    permission = protection.OPEN
    title = _("Let her know of it no longer")
    verb = _("Take her off the team")
    subject_model = CaseTeamMember
    person_path = "compartment__person_id"
    subject: CaseTeamMember

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"left_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take her off."""
        return protection.leave_case_team(acting_staff=self.staff, member=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The list: it may have been her own place on the team."""
        return reverse("people:case_list")


class CaseTakeOver(FormPage):
    """Take over a case nobody can open any more."""

    form_class = f.TakeOverForm
    permission = protection.OPEN
    title = _("Take over a case")
    intro = _(
        "Nobody who knew of these cases can open them any more. You join the team of the one you"
        " take over, and see then whom it is about. Why you did stays in it."
    )
    verb = _("Take it over")
    asks_factor = True

    def form_options(self) -> dict[str, Any]:
        """Those nobody can open."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Compartment:
        """Take it over."""
        row: Compartment = values["case"]
        return keeping_cases.take_over_case(
            acting_staff=self.staff, compartment=row, reason=values["reason"]
        )

    def success_url(self, result: Compartment) -> str:
        """The case."""
        return reverse("people:case_detail", args=[result.pk])


class CaseClose(_CaseStep):
    """Close it."""

    form_class = f.CloseForm
    permission = "people.close_compartment"
    title = _("Close the case")
    intro = _("The team goes on reading it. A hidden person is seen again by others from then on.")
    verb = _("Close it")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"closed_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Close it."""
        return protection.close_compartment(
            acting_staff=self.staff, compartment=self.subject, **values
        )


class CaseTold(_CaseStep):
    """Write down that she was told."""

    form_class = f.ToldForm
    permission = protection.OPEN
    title = _("She was told, face to face")
    verb = _("Write it down")

    def find_subject(self, pk: UUID) -> Any:
        """A case of somebody who asked."""
        row = super().find_subject(pk)
        return row if row is not None and tells_face_to_face(row) else None

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"day": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it into the case."""
        return protection.tell_face_to_face(
            acting_staff=self.staff, compartment=self.subject, id=self.new_id, **values
        )
