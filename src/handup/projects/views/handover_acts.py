"""The acts of a hand-over on pages: each makes one service call."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage, HouseForm
from handup.projects import handover_forms as f
from handup.projects import queries
from handup.projects.models import Handover, HandoverOption, Programme, ReadinessItem
from handup.projects.models import handover_labels as hl
from handup.projects.rules.handover import (
    HandoverState,
    ReadinessSection,
    ReadinessState,
    Way,
    following,
)
from handup.projects.services import handover as services
from handup.projects.views.acts import today


class HandoverNew(FormPage):
    """Begin to hand a programme over."""

    form_class = f.HandoverForm
    permission = "projects.open_handover"
    title = _("Begin a hand-over")
    intro = _("It opens with the standard checklist; every item can be given an owner and a day.")
    verb = _("Begin")
    subject_model = Programme
    subject: Programme

    def form_options(self) -> dict[str, Any]:
        """The programme's areas."""
        return {"areas": queries.areas_of(self.subject)}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"starts": today(), "title": self.subject.title}

    def perform(self, values: dict[str, Any]) -> Handover:
        """Begin it."""
        return services.open_handover(
            acting_staff=self.staff, programme=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Handover) -> str:
        """Its page."""
        return reverse("projects:handover_detail", args=[result.pk])


class OnHandover(FormPage):
    """A form about one hand-over; it goes back to its page."""

    subject_model = Handover
    subject: Handover

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("projects:handover_detail", args=[self.subject.pk])


class OptionWrite(OnHandover):
    """Compare one way of lending."""

    form_class = f.OptionForm
    permission = "projects.compare_option"
    title = _("Compare a way of lending")
    intro = _("Direct lending, a partner bank and a guarantee fund; written again, it is changed.")

    def perform(self, values: dict[str, Any]) -> HandoverOption:
        """Write it."""
        told = values | {"way": Way(values["way"])}
        return services.compare_option(acting_staff=self.staff, handover=self.subject, **told)


class PapersRecord(OnHandover):
    """To whom, which way, by which papers."""

    form_class = f.HandoverPapersForm
    permission = "projects.record_handover_papers"
    title = _("Record the papers of a hand-over")
    intro = _("Papers are final documents of the programme's library.")

    def form_options(self) -> dict[str, Any]:
        """Which hand-over."""
        return {"handover": self.subject}

    def initial(self) -> dict[str, Any]:
        """As it is."""
        row = self.subject
        return {
            "successor": row.successor_id,
            "way": row.way,
            "study": row.study_id,
            "decision": row.decision_id,
            "legal_advice": row.legal_advice_id,
            "registration_no": row.registration_no,
            "registered_date": row.registered_date,
        }

    def perform(self, values: dict[str, Any]) -> Handover:
        """Record them."""
        return services.record_handover_papers(
            acting_staff=self.staff, handover=self.subject, **values
        )


class ReadinessItemNew(OnHandover):
    """Add an item of one's own."""

    form_class = f.ReadinessItemForm
    permission = "projects.add_readiness_item"
    title = _("Add an item to the checklist")
    verb = _("Add it")

    def perform(self, values: dict[str, Any]) -> ReadinessItem:
        """Add it."""
        told = values | {
            "section": ReadinessSection(values["section"]),
            "gate": HandoverState(values["gate"]),
        }
        return services.add_readiness_item(acting_staff=self.staff, handover=self.subject, **told)


class ReadinessAssess(FormPage):
    """Say how far an item is."""

    form_class = f.AssessForm
    permission = "projects.assess_readiness"
    title = _("Assess an item of readiness")
    subject_model = ReadinessItem
    subject: ReadinessItem

    def form_options(self) -> dict[str, Any]:
        """Documents the assessor may read."""
        row = self.subject
        documents = queries.documents_for(self.staff, row.handover.programme)
        return {"documents": documents, "hard": row.hard}

    def initial(self) -> dict[str, Any]:
        """As it is."""
        row = self.subject
        return {
            "state": row.state,
            "evidence": row.evidence_id,
            "evidence_text": row.evidence_text,
            "owner": row.owner_id,
            "due_date": row.due_date,
        }

    def perform(self, values: dict[str, Any]) -> ReadinessItem:
        """Assess it."""
        told = values | {"state": ReadinessState(values["state"])}
        return services.assess_readiness(
            acting_staff=self.staff, item=self.subject, on=today(), **told
        )

    def success_url(self, result: ReadinessItem) -> str:
        """The hand-over."""
        return reverse("projects:handover_detail", args=[result.handover_id])


class GatePass(OnHandover):
    """Pass the next gate with the successor's board."""

    form_class = f.GateForm
    permission = "projects.pass_gate"
    title = _("Pass the next gate")
    verb = _("Pass it")

    def lead(self) -> str:
        """Which state lies behind it, and what is open."""
        to = following(HandoverState(self.subject.state))
        if to is None:
            return _t("The successor is independent; no gate lies ahead.")
        missing = services.missing_for(self.subject, to)
        said = _t("Behind it: %s.") % hl.HANDOVER_STATE[to]
        return f"{said} {_t('Still open: %s.') % '; '.join(missing)}" if missing else said

    def form_options(self) -> dict[str, Any]:
        """Which hand-over."""
        return {"handover": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> Handover:
        """Pass it."""
        return services.pass_gate(acting_staff=self.staff, handover=self.subject, **values)


class SendBack(OnHandover):
    """Back to a state it has passed."""

    form_class = f.BackForm
    permission = "projects.send_back_handover"
    title = _("Send a hand-over back")
    verb = _("Send it back")

    def form_options(self) -> dict[str, Any]:
        """Where it stands."""
        return {"state": self.subject.state}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> Handover:
        """Send it back."""
        told = values | {"to": HandoverState(values["to"])}
        return services.send_back_handover(acting_staff=self.staff, handover=self.subject, **told)


class Stop(OnHandover):
    """Stop disbursement while the successor decides under supervision."""

    form_class = f.StopForm
    permission = "projects.stop_disbursement"
    title = _("Stop disbursement")
    intro = _("No loan of the programme is paid out until it goes on again; repayments go on.")
    verb = _("Stop it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> Handover:
        """Stop it."""
        return services.stop_disbursement(acting_staff=self.staff, handover=self.subject, **values)


class GoOn(OnHandover):
    """Let disbursement go on."""

    form_class = HouseForm
    permission = "projects.let_disbursement_go_on"
    title = _("Let disbursement go on")
    verb = _("Let it go on")

    def perform(self, values: dict[str, Any]) -> Handover:
        """Let it."""
        return services.let_disbursement_go_on(acting_staff=self.staff, handover=self.subject)
