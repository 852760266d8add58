"""What officers recorded on their own phones: what is stored, what waits and why; a code for one's
own phone."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Choice, EmptyState, ListPage
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage
from handup.sync import services
from handup.sync.models import WorkFact, WorkPicture, WorkState
from handup.sync.services.work import SEEN
from handup.sync.services.work_contracts import NAME as DELIVERY
from handup.sync.services.work_corrections import NAME as CORRECTION
from handup.sync.services.work_grievances import NAME as COMPLAINT
from handup.sync.services.work_pictures import take_picture_away
from handup.sync.services.work_places import NAME as PLACE
from handup.sync.views import PhoneForm, show_code
from handup.sync.work_shown import correction_facts, delivery_facts, picture_facts

NAMES = {
    "record_attendance": _("attendance"),
    "record_collection": _("collection of repayments"),
    "record_interview": _("interview"),
    "register_person": _("registration of a person"),
    "register_household": _("registration of a household"),
    "record_visit": _("visit"),
    "miss_visit": _("visit not made"),
    "record_price": _("price at a market"),
    DELIVERY: _("delivery under a contract"),
    "apply_for_small_loan": _("small loan asked for and appraised"),
    "record_grievance": _("complaint or praise"),
    "write_plan": _("business plan"),
    "record_test": _("test sat"),
    "appraise_application": _("appraisal of an application"),
    "record_actual_month": _("how a month went"),
    "record_delivery": _("delivery at a collection point"),
    "record_gate": _("what arrived at the gate"),
    "take_back_delivery": _("delivery taken back"),
    "admit_member": _("somebody joins a group"),
    CORRECTION: _("correction of what is known"),
    PLACE: _("where somebody is found"),
}
TONES = {
    WorkState.DONE.value: Tone.GOOD,
    WorkState.HANDED_ON.value: Tone.WARN,
    WorkState.WAITING.value: Tone.BAD,
    WorkState.LEFT_OUT.value: Tone.PLAIN,
}


def named(fact: WorkFact) -> Any:
    """What was recorded, in words."""
    return NAMES.get(fact.name, fact.name)


class WorkList(ListPage):
    """What officers recorded away from the office, the newest first."""

    model = WorkFact
    permission = "sync.view_work"
    title = _("Recorded away")
    columns = (
        Column("name", _("What"), Kind.LINK, value=named, url_name="sync:work_detail"),
        Column("staff", _("Recorded by"), sort="staff__display_name"),
        Column("happened_date", _("Happened on"), Kind.DATE, sort="happened_date"),
        Column("recorded_at", _("Received"), Kind.INSTANT, sort="recorded_at"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("reason", _("Reason")),
    )
    filters = (Choice("state", _("State"), WorkState.choices),)
    order = "-recorded_at"
    related = ("staff",)
    primary = Action(_("Enrol my phone"), "sync:work_phone", "sync.carry_work", icon="plus")
    empty = EmptyState(_("Nothing yet"), _("What your phone records away comes in here."))


class WorkPage(RecordPage):
    """One fact: what became of it, and what can be done while it waits."""

    model = WorkFact
    permission = "sync.view_work"
    record: WorkFact

    def header(self) -> Header:
        """What it is; while it waits it is tried again, or left out with a reason."""
        args = (self.record.pk,)
        actions: tuple[Action, ...] = ()
        if self.record.state == WorkState.WAITING:
            words = _("Take it") if self.record.name in SEEN else _("Try again")
            again = Action(words, "sync:work_again", "sync.decide_work", args=args)
            out = Action(_("Leave it out"), "sync:work_leave_out", "sync.decide_work", args=args)
            actions = (again,) if self.record.name == COMPLAINT else (again, out)
        crumbs = (Crumb(_("Recorded away"), reverse("sync:work_list")),)
        return Header(str(named(self.record)), actions=actions, crumbs=crumbs)

    def facts(self) -> list[FactGroup]:
        """When, by whom, and why it waits."""
        row = self.record
        return [
            *correction_facts(self.request, self.staff, row),
            *delivery_facts(self.staff, row),
            FactGroup(
                _("What became of it"),
                [
                    Fact(_("State"), row.get_state_display()),
                    Fact(_("Reason"), row.reason),
                    Fact(_("Recorded by"), str(row.staff)),
                    Fact(_("Happened on"), row.happened_date),
                    Fact(_("Recorded"), row.told_at),
                    Fact(_("Received"), row.recorded_at),
                    Fact(_("Settled"), row.settled_at),
                ],
            ),
            *picture_facts(self.staff, row),
        ]


class SureForm(HouseForm):
    """Nothing to fill in."""


class OfWork(FormPage):
    """An act about a fact that waits; it goes back to its page."""

    form_class: ClassVar[type[HouseForm]] = SureForm
    permission = "sync.decide_work"
    subject_model = WorkFact
    subject: WorkFact

    def success_url(self, result: Any) -> str:
        """The fact, as it stands now."""
        return reverse("sync:work_detail", args=[self.subject.pk])


class TakeAgain(OfWork):
    """Try it once more, now that what it needs may be there."""

    title = _("Try again")
    intro = _("What was recorded is taken in the name of whoever recorded it.")
    verb = _("Try again")

    def perform(self, values: dict[str, Any]) -> Any:
        """Try."""
        return services.take_work_again(acting_staff=self.staff, fact=self.subject)


class ReasonForm(HouseForm):
    """Why it is not taken."""

    reason = forms.CharField(label=_("Why is it left out?"), max_length=300)


class LeaveOut(OfWork):
    """Leave it out for good; what was told stays readable."""

    form_class = ReasonForm
    title = _("Leave it out")
    verb = _("Leave it out")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Leave it out."""
        return services.leave_work_out(acting_staff=self.staff, fact=self.subject, **values)


class AwayForm(HouseForm):
    """Why the picture goes."""

    reason = forms.CharField(label=_("Why does it go?"), max_length=300)


class PictureAway(FormPage):
    """Let a picture go for good, as somebody seen in it asks; it goes back to its fact."""

    form_class = AwayForm
    permission = "sync.take_picture_away"
    title = _("Take a picture away")
    intro = _("The picture goes for good. That there was one, and why it went, stays.")
    verb = _("Take it away")
    subject_model = WorkPicture
    subject: WorkPicture

    def success_url(self, result: WorkPicture) -> str:
        """The fact it was taken with."""
        return reverse("sync:work_detail", args=[result.fact_id])

    def perform(self, values: dict[str, Any]) -> WorkPicture:
        """Take it away."""
        return take_picture_away(acting_staff=self.staff, picture=self.subject, **values)


class OwnPhone(FormPage):
    """A code with which one's own phone enrols itself, shown once."""

    form_class = PhoneForm
    permission = "sync.carry_work"
    title = _("Enrol my phone")
    intro = _("The phone reads the code from this screen. It works once, within a day.")
    verb = _("Show the code")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> str:
        """Make the code."""
        _row, plain = services.offer_enrolment(
            acting_staff=self.staff,
            group=None,
            holder=self.staff,
            label=values["label"],
            id=self.new_id,
        )
        return plain

    def answer(self, result: str) -> HttpResponseBase:
        """Show it, this once."""
        back = "sync:work_list" if may(self.staff, "sync.view_work") else "results:programme_list"
        return show_code(self.request, result, str(self.staff), reverse(back))
