"""The plan a loan rests on, as the application's page shows it: who made it, what it says, and how
the loan fits it, in plain words.
"""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handup.lending.models import Application, Appraisal
from handup.lending.models.labels import COMPARED, VERDICTS
from handup.lending.rules.plan_checks import Compared, PlanCheck, Verdict
from handup.lending.services.decisions import plan_facts
from handup.org.models import StaffUser
from handup.org.web.lists import Column, Kind, Tone
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Fact, FactGroup, State, Table
from handup.plans.models import Plan
from handup.plans.models.labels import PLAN_STATE
from handup.plans.rules.states import PlanState, ready_until
from handup.plans.views.references import standing_group

TONES = {Verdict.FITS: Tone.GOOD, Verdict.LOOK: Tone.WARN, Verdict.AGAINST: Tone.BAD}


class PlanBehind:
    """What a page says of the plan behind an application; frozen once it was appraised."""

    def __init__(self, row: Application, appraisal: Appraisal | None) -> None:
        """Read it from the appraisal, or work it out from the version while there is none."""
        self.row = row
        self.currency = row.currency
        facts = plan_facts(row, appraisal)
        self.figures: Mapping[str, Any] = facts.get("plan") or {}
        self.checks = [check_from(item) for item in facts.get("plan_checks", ())]

    def facts(self, staff: StaffUser) -> list[FactGroup]:
        """Who made the plan and what it says."""
        version = self.row.plan_version
        if version is None:
            return []
        plan = version.plan
        seen = Plan.objects.visible_to(staff).filter(pk=plan.pk).exists()
        title = _("%(number)s, version %(version)s") % {
            "number": plan.number,
            "version": version.number,
        }
        href = reverse("plans:plan_detail", args=[plan.pk]) if seen else ""
        return [
            FactGroup(
                _("The plan it rests on"),
                [
                    Fact(_("Business plan"), title, href),
                    Fact(_("State of the plan"), _state(plan)),
                    Fact(_("Advised by"), _by(plan.advised_by, plan.advised_date)),
                    Fact(_("Reviewed by"), _by(plan.reviewed_by, plan.reviewed_date)),
                    Fact(_("Loan the plan counts on"), self._money("loan_units")),
                    Fact(_("Left of a month"), self._money("net_cash_units")),
                    Fact(_("Instalment that can be carried"), self._money("max_instalment_units")),
                    Fact(_("Largest loan that can be carried"), self._money("max_loan_units")),
                ],
            ),
            *([standing_group(plan)] if seen else []),
        ]

    def _money(self, name: str) -> str:
        units = self.figures.get(name)
        return "" if units is None else format_money(units, self.currency)

    def tables(self) -> list[Table]:
        """The loan beside its plan, one comparison a line."""
        if not self.checks:
            return []
        currency = self.currency
        columns = (
            Column("compared", _("Compared"), value=lambda row: COMPARED[row.compared]),
            Column("plan", _("In the plan"), value=lambda row: _figure(row, row.plan, currency)),
            Column("loan", _("With this loan"), value=lambda row: _figure(row, row.loan, currency)),
            Column(
                "verdict",
                _("Finding"),
                Kind.STATE,
                value=lambda row: State(VERDICTS[row.verdict], TONES[row.verdict]),
            ),
            Column("text", _("In words"), value=lambda row: check_text(row, currency)),
        )
        return [Table(_("The loan beside the plan"), columns, self.checks)]


def _by(staff: StaffUser | None, day: Any) -> str:
    if staff is None:
        return ""
    return f"{staff}, {format_day(day)}" if day else str(staff)


def _state(plan: Plan) -> str | Promise:
    state = PlanState(plan.state)
    if state is PlanState.READY and plan.ready_date:
        return _("ready until %(day)s") % {"day": format_day(ready_until(plan.ready_date))}
    if state is PlanState.FINANCED and plan.decided_date:
        return _("financed on %(day)s") % {"day": format_day(plan.decided_date)}
    return PLAN_STATE[state]


def _figure(check: PlanCheck, figure: int | None, currency: str) -> str:
    if figure is None:
        return "–"
    if check.compared is not Compared.HORIZON:
        return format_money(figure, currency)
    return ngettext("%(n)s month", "%(n)s months", figure) % {"n": format_number(figure)}


def check_from(data: Mapping[str, Any]) -> PlanCheck:
    """A comparison back from an appraisal's JSON."""
    return PlanCheck(
        Compared(data["compared"]),
        Verdict(data["verdict"]),
        data["plan"],
        data["loan"],
        tuple(data["months"]),
        data["smallest_units"],
    )


def check_text(check: PlanCheck, currency: str) -> str:
    """One comparison in plain words."""

    def money(units: int | None) -> str:
        return "–" if units is None else format_money(units, currency)

    places = {
        "plan": money(check.plan),
        "loan": money(check.loan),
        "least": money(check.smallest_units),
        "months": ", ".join(map(str, check.months)),
    }
    if check.compared is Compared.HORIZON:
        many = len(check.months)
        return ngettext(
            "In %(n)s month after the end of the plan an instalment is still due.",
            "In %(n)s months after the end of the plan an instalment is still due.",
            many,
        ) % {"n": format_number(many)}
    return TEXTS[check.compared](check) % places


def _amount_text(check: PlanCheck) -> str:
    if not check.plan:
        return _("The plan counts on no loan; %(loan)s is asked.")
    if check.verdict is Verdict.FITS:
        return _("The plan counts on this very amount.")
    if check.verdict is Verdict.AGAINST and (check.loan or 0) < check.plan:
        return _("Below %(least)s a month of the plan runs dry; only %(loan)s is asked.")
    if check.verdict is Verdict.AGAINST:
        return _("The plan counts on %(plan)s only; %(loan)s is asked.")
    return _("The plan counts on %(plan)s; %(loan)s is asked.")


def _instalment_text(check: PlanCheck) -> str:
    if check.plan is None and check.verdict is Verdict.AGAINST:
        return _("Nothing is left of a month from which an instalment could be paid.")
    if check.plan is None:
        return _("The plan does not say what instalment can be carried.")
    if check.verdict is Verdict.FITS:
        return _("The dearest month asks %(loan)s; %(plan)s a month can be carried.")
    if check.verdict is Verdict.LOOK:
        return _(
            "Month %(months)s asks %(loan)s, more than the %(plan)s of an average month; the cash"
            " of that month carries it."
        )
    if not check.months:
        return _("An instalment of %(loan)s is more than the %(plan)s a month that can be carried.")
    return _("Month %(months)s asks %(loan)s, more than the %(plan)s that can be carried.")


def _cash_text(check: PlanCheck) -> str:
    if check.verdict is Verdict.AGAINST:
        return _("With these instalments the cash does not last in month %(months)s.")
    return _("With these instalments the cash lasts in every month; it is lowest at %(loan)s.")


TEXTS = {
    Compared.AMOUNT: _amount_text,
    Compared.INSTALMENT: _instalment_text,
    Compared.CASH: _cash_text,
}
