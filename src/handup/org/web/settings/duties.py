"""Duties: which step asks for another person, from which amount, in each size of institution; and
the exceptions somebody elsewhere looks at (rulings A2).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.text import capfirst
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import duties, installation
from handup.org.models import AuditLine, DutyException, Setting
from handup.org.permissions import may, require
from handup.org.rules.duties import Duty, Profile, may_have_amount
from handup.org.services.duties import review_duty_exception, set_duty_amounts
from handup.org.web.acts import spoken
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import Search, Tick
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, EmptyState, ListPage
from handup.org.web.money import format_number
from handup.org.web.pages import FiguresPage, Header, Table
from handup.org.web.settings.staff import NoQuestions

HOW = {
    Profile.SOLO: _("alone, with a reason; reported"),
    Profile.SMALL: _("alone if need be; noted and looked at"),
    Profile.STANDARD: _("another person"),
    Profile.NATIONAL: _("another person"),
}
NAMES = {
    Profile.SOLO: _("One person"),
    Profile.SMALL: _("Small team"),
    Profile.STANDARD: _("Institution"),
    Profile.NATIONAL: _("National programme"),
}
MONEY_HOW = _("never by who asked alone")
EARLIER = _("whoever prepared it")
LATEST = 20


def asked_of(duty: Duty, profile: Profile) -> str:
    """What a size of institution asks for at a step, in words."""
    how = MONEY_HOW if profile is Profile.SMALL and duty.releases_money else HOW[profile]
    units = duty.from_units.get(profile, 0)
    if not units:
        return force_str(how)
    return _now("%(how)s, from %(units)s on") % {"how": how, "units": format_number(units)}


class DutyMatrix(FiguresPage):
    """Every step that asks for another person, and what each size of institution makes of it."""

    permission = "org.view_matrix"
    title = _("Who may not do both")

    def header(self) -> Header:
        """What holds in this house."""
        now = NAMES[installation.profile()]
        text = _now(
            "Each step asks for another person than the one named beside it. Here holds: %(size)s."
        )
        return Header(
            self.title,
            text % {"size": now},
            actions=(
                Action(_("Size and parts"), "org:installation", "org.change_setting"),
                Action(_("Exceptions"), "org:duty_list", "org.view_duties"),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """The matrix, and who changed it when."""
        steps = sorted(duties.matrix().values(), key=lambda duty: duty.step)
        changes = AuditLine.objects.filter(
            action__in=("org.set_duty_amounts", "org.set_up_installation")
        ).select_related("staff")
        return [
            Table(_("Steps and persons"), self._columns(), steps),
            Table(
                _("Changes of it"),
                (
                    Column("recorded_at", _("When"), Kind.INSTANT),
                    Column("staff", _("Staff")),
                    Column("change", _("What"), value=change_of),
                ),
                changes.order_by("-pk")[:LATEST],
                empty=EmptyState(
                    _("Never changed"), _("The amounts are those the program came with.")
                ),
            ),
        ]

    def _columns(self) -> list[Column]:
        change = may(self.staff, "org.change_setting")
        return [
            Column(
                "step",
                _("Step"),
                value=lambda duty: capfirst(spoken(duty.step)),
                href=lambda duty: amounts_href(duty) if change else "",
            ),
            Column("whose", _("Not by"), value=lambda duty: duty.whose or EARLIER),
            *(
                Column(profile.value, NAMES[profile], value=partial(asked_of, profile=profile))
                for profile in Profile
            ),
        ]


def amounts_href(duty: Duty) -> str:
    """Where the amounts of a step are set."""
    return f"{reverse('org:duty_amounts')}?{urlencode({'step': duty.step})}"


def change_of(line: AuditLine) -> str:
    """A change of the matrix in words."""
    told = line.facts
    if line.action == "org.set_up_installation":
        return _now("size: %(size)s") % {"size": NAMES[Profile(str(told["profile"]))]}
    before, after = told.get("before") or "\u2013", told.get("after") or "\u2013"
    return f"{spoken(str(told['step']))}: {before} \u2192 {after}"


class AmountsForm(HouseForm):
    """From which amount a step asks, by size of institution."""

    def __init__(self, *args: Any, duty: Duty, **options: Any) -> None:
        """One amount a size that may have one."""
        super().__init__(*args, **options)
        for profile in Profile:
            if may_have_amount(profile, duty):
                self.fields[profile.value] = forms.IntegerField(
                    label=NAMES[profile],
                    min_value=0,
                    max_value=10**15,
                    required=False,
                    widget=forms.NumberInput(attrs={"class": "form-control"}),
                )


class SetDutyAmounts(FormPage):
    """From which amount one step asks for another person."""

    form_class = AmountsForm
    permission = "org.change_setting"
    title = _("From which amount a step asks")
    intro = _("In the smallest unit of the currency. Empty: whatever the amount.")
    verb = _("Save")
    reads_back = True
    duty: Duty

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the step; without one, the matrix offers them."""
        found = duties.matrix().get(request.GET.get("step", ""))
        if found is None:
            require(self.staff, self.permission)
            return HttpResponseRedirect(reverse("org:duty_matrix"))
        self.duty = found
        return super().dispatch(request, *args, **kwargs)

    def lead(self) -> str:
        """Which step, and how amounts are written."""
        return f"{spoken(self.duty.step)}. {self.intro}"

    def form_options(self) -> dict[str, Any]:
        """Which step."""
        return {"duty": self.duty}

    def initial(self) -> dict[str, Any]:
        """As they stand."""
        return {profile.value: units for profile, units in self.duty.from_units.items() if units}

    def perform(self, values: dict[str, Any]) -> Setting:
        """Set them."""
        told = {Profile(name): int(units) for name, units in values.items() if units is not None}
        return set_duty_amounts(acting_staff=self.staff, step=self.duty.step, from_units=told)

    def success_url(self, result: Setting) -> str:
        """The matrix."""
        return reverse("org:duty_matrix")


def duty_state(row: DutyException) -> State:
    """Whether somebody else has looked at it."""
    if row.reviewed_at is None:
        return State(_("to look at"), Tone.WARN)
    return State(_("looked at"), Tone.GOOD)


class DutyList(ListPage):
    """Steps done by one person where another was meant."""

    model = DutyException
    permission = "org.view_duties"
    title = _("Exceptions")
    intro = _("Steps one person did alone where two were meant, with the reason given.")
    columns = (
        Column("recorded_at", _("When"), Kind.INSTANT, sort="pk"),
        Column("staff", _("Staff")),
        Column("step", _("Step"), sort="step", value=lambda row: spoken(row.step)),
        Column("reason", _("Reason")),
        Column("state", _("State"), Kind.STATE, value=duty_state),
        Column(
            "review",
            _("Change"),
            value=lambda row: _("Look at it") if row.reviewed_at is None else "",
            href=lambda row: reverse("org:duty_review", args=[row.pk]),
        ),
    )
    filters = (
        Search(("step", "reason"), label=_("Step or reason")),
        Tick("waiting", _("only those nobody has looked at"), Q(reviewed_at=None)),
    )
    related = ("staff",)
    primary: ClassVar[Action | None] = Action(
        _("Sample of last month"), "org:duty_sample", "org.view_duties"
    )
    empty = EmptyState(_("No exceptions"), _("Every step was done by the persons it asks for."))


def last_month() -> date:
    """The first day of the month that is over."""
    return (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


class DutySample(DutyList):
    """Those of last month that somebody elsewhere looks at: drawn, not chosen."""

    title = _("Sample of last month")
    intro = _(
        "One in ten of last month's exceptions, at least five, drawn by the program."
        " Somebody who had no hand in them looks at each."
    )
    primary = None
    empty = EmptyState(_("Nothing to look at"), _("There was no exception last month."))

    def rows(self) -> QuerySet[Any]:
        """Only those drawn."""
        return super().rows().filter(pk__in=duties.monthly_sample(last_month()))


class ReviewDuty(FormPage):
    """Looked at by somebody else."""

    form_class = NoQuestions
    permission = "org.review_duty"
    subject_model = DutyException
    title = _("Was this exception in order?")
    verb = _("I have looked at it")

    def context(self) -> dict[str, Any]:
        """The exception in words."""
        row = self.subject
        return {"header": Header(self.title, f"{spoken(row.step)} · {row.staff} · {row.reason}")}

    def perform(self, values: dict[str, Any]) -> DutyException:
        """Note it."""
        return review_duty_exception(acting_staff=self.staff, exception=self.subject)

    def success_url(self, result: DutyException) -> str:
        """Back to the exceptions."""
        return reverse("org:duty_list")
