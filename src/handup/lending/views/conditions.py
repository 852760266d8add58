"""Conditions of a decision on the pages of an application and its loan, and checking them off."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Application, DecisionCondition
from handup.lending.rules.codes import ConditionStep as Before
from handup.lending.services import conditions as services
from handup.lending.services.security import loan_of
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Label, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.pages import Table


class MeetForm(HouseForm):
    """When and by which paper a condition is met."""

    met_date = DayField(label=_("Met on"))
    document = forms.CharField(
        label=_("Which paper shows it"),
        max_length=120,
        help_text=_("For example the number of the lease, or of the insurance policy."),
    )


class LiftForm(HouseForm):
    """When and why a condition is lifted."""

    lifted_date = DayField(label=_("Lifted on"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


def told_conditions(values: dict[str, Any]) -> list[services.ConditionIn]:
    """The conditions of a decision's form, by the step each stands before."""
    return [
        services.ConditionIn(text, step)
        for step in Before
        for text in values[f"before_{step.value.lower()}"]
    ]


def conditions_of(staff: StaffUser, row: Application) -> list[DecisionCondition]:
    """The conditions of an application's decisions, as far as the reader may see them; with whether
    each has lapsed.
    """
    rows = DecisionCondition.objects.visible_to(staff).filter(decision__application=row)
    told = rows.annotate(lapsed=services.lapsed())
    return list(told.select_related("met_by", "lifted_by").order_by("decision_id", "number"))


def open_note(staff: StaffUser, row: Application) -> Sequence[tuple[Tone, Label]]:
    """One sentence that names what is still to be met."""
    left = [item.text for item in conditions_of(staff, row) if _waits(item)]
    if not left:
        return ()
    return ((Tone.WARN, _now("Still to be met: %(texts)s") % {"texts": "; ".join(left)}),)


def _waits(row: DecisionCondition) -> bool:
    """Whether it still has to be met, of the decision that counts."""
    return row.is_open and not vars(row)["lapsed"]


def _state(row: DecisionCondition) -> State:
    if row.is_open and not _waits(row):
        return State(_("Expired"), Tone.PLAIN)
    if row.lifted_date is not None:
        return State(_("Lifted"), Tone.PLAIN)
    return State(_("Open"), Tone.WARN) if row.is_open else State(_("Met"), Tone.GOOD)


def condition_table(staff: StaffUser, row: Application) -> Sequence[Table]:
    """Each condition, what it holds up, and how it was settled."""
    rows = conditions_of(staff, row)
    if not rows:
        return ()
    columns = [
        Column("text", _("Condition")),
        Column("before", _("To be met before"), value=lambda item: item.get_before_display()),
        Column("state", _("State"), value=_state),
        Column("on", _("On"), Kind.DATE, value=lambda item: item.met_date or item.lifted_date),
        Column("by", _("By"), value=lambda item: str(item.met_by or item.lifted_by or "")),
        Column("document", _("Paper or reason"), value=lambda i: i.document or i.lift_reason),
    ]
    for permission, label, verb, name in (
        ("lending.meet_condition", _("Next step"), _("Check off"), "condition_meet"),
        ("lending.decide_application", _("Those who decide"), _("Lift"), "condition_lift"),
    ):
        if may(staff, permission) and any(_waits(item) for item in rows):
            columns.append(_verb(label, verb, name))
    return (Table(_("Conditions of the decision"), columns, rows),)


def _verb(label: Label, verb: Label, name: str) -> Column:
    return Column(
        name,
        label,
        Kind.LINK,
        value=lambda item: verb if _waits(item) else "",
        href=lambda item: reverse(f"lending:{name}", args=[item.pk]),
    )


class ConditionStep(FormPage):
    """A step on one condition; afterwards the loan's page, or the application's."""

    subject_model = DecisionCondition

    def context(self) -> dict[str, Any]:
        """The condition in its own words."""
        return {"says": self.subject.text}

    def success_url(self, result: Any) -> str:
        """The page it stands on."""
        application = self.subject.decision.application
        loan = loan_of(application)
        if loan is not None:
            return reverse("lending:loan_detail", args=[loan.pk])
        return reverse("lending:application_detail", args=[application.pk])


class MeetCondition(ConditionStep):
    """Check a condition off."""

    form_class = MeetForm
    permission = "lending.meet_condition"
    title = _("Check off a condition")
    verb = _("It is met")
    template = "lending/condition.html"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"met_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Check it off."""
        return services.meet_condition(acting_staff=self.staff, condition=self.subject, **values)


class LiftCondition(ConditionStep):
    """Lift a condition."""

    form_class = LiftForm
    permission = "lending.decide_application"
    title = _("Lift a condition")
    verb = _("Lift it")
    template = "lending/condition.html"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"lifted_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Lift it."""
        return services.lift_condition(acting_staff=self.staff, condition=self.subject, **values)
