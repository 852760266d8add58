"""A plan on one page: red months first, the twelve months, what-ifs, visits, actuals."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handup.org.web.columns import Column
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)
from handup.plans.models import Plan, PlanVersion, Visit
from handup.plans.models.labels import CONCERN, PLAN_STATE, VISIT_STATE, WHAT_IF
from handup.plans.queries import alarming_months, current_version, plan_and_actual
from handup.plans.rules.affordability import Concern
from handup.plans.rules.states import PlanState, VisitState, ready_until
from handup.plans.sections import plan_actions, plan_sections
from handup.plans.views.lists import PLAN_TONES, VISIT_TONES


def shown(value: str | None, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    """A computed decimal as people read it; a dash where it is not defined."""
    if value is None:
        return "–"
    return format_number(Decimal(value).quantize(Decimal(10) ** -decimals, rounding))


def cover(value: str | None) -> str:
    """How often cash covers the instalments, rounded down: what falls short never looks enough."""
    return shown(value, 2, ROUND_FLOOR)


class PlanPage(RecordPage):
    """One plan."""

    model = Plan
    permission = "plans.view_plan"
    related = ("person", "organisation", "enterprise", "programme", "adviser", "reviewed_by")
    person_path = "person_id"

    record: Plan

    @cached_property
    def version(self) -> PlanVersion | None:
        """The version handed in last."""
        return current_version(self.record)

    @cached_property
    def results(self) -> dict[str, Any]:
        """What it came to; empty before it was handed in."""
        return dict(self.version.results) if self.version else {}

    def money(self, units: int | None) -> str:
        """An amount in the plan's currency; a dash where it is not defined."""
        return "–" if units is None else format_money(units, self.record.currency)

    def header(self) -> Header:
        """The plan, its state, the next step of it."""
        plan = self.record
        state = PlanState(plan.state)
        added = [action for add in plan_actions for action in add(self.staff, plan)]
        steps = [*added, *self._steps()]
        return Header(
            f"{plan.title} ({plan.number})",
            subtitle=str(plan.person or plan.organisation),
            state=State(PLAN_STATE[state], PLAN_TONES[plan.state]),
            primary=steps[0] if steps else None,
            actions=(*steps[1:], *self._always()),
            crumbs=(Crumb(_("Plans"), reverse("plans:plan_list")),),
        )

    def _action(self, label: str, verb: str) -> Action:
        return Action(label, f"plans:{verb}", f"plans.{verb}", args=(self.record.pk,))

    def _steps(self) -> list[Action]:
        """What may be done next, the likeliest first."""
        back = self._action(_("Return it with comments"), "return_plan")
        approve = self._action(_("Review it"), "approve_plan")
        if self.record.is_open:
            return self._writing()
        return {
            PlanState.SUBMITTED: [self._action(_("Advise"), "advise_plan"), back],
            PlanState.ADVISED: [approve, back],
            PlanState.REVIEWED: [approve, back],
            PlanState.READY: [
                Action(
                    _("Confirm its prices"),
                    "plans:confirm_prices",
                    "plans.advise_plan",
                    args=(self.record.pk,),
                ),
                back,
            ],
        }.get(PlanState(self.record.state), [])

    def _writing(self) -> list[Action]:
        sheet = self._action(_("Household sheet"), "save_household_sheet")
        ask = self._action(_("Money asked for"), "ask_finance")
        costing = self._action(_("Costing"), "save_costing")
        submit = self._action(_("Hand it in"), "submit_plan")
        if not hasattr(self.record, "household_sheet"):
            return [sheet, costing, ask, submit]
        if not hasattr(self.record, "finance_ask"):
            return [ask, costing, sheet, submit]
        return [submit, sheet, costing, ask]

    def _always(self) -> list[Action]:
        actions = []
        if self.record.person_id:
            actions.append(self._action(_("Record a visit"), "record_visit"))
        if self.version:
            actions.append(self._action(_("Tell a month"), "record_actual_month"))
        return actions

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """Months in the red, concerns, comments, alarms."""
        plan, notes = self.record, []
        if plan.state == PlanState.RETURNED and plan.comment:
            notes.append((Tone.WARN, _("Returned: %(comment)s") % {"comment": plan.comment}))
        if plan.open_points:
            notes.append((Tone.WARN, _("Still open: %(points)s") % {"points": plan.open_points}))
        red = self.results.get("months_in_red", [])
        if red:
            months = ", ".join(str(month) for month in red)
            notes.append((Tone.BAD, _("The cash does not last in month %(m)s.") % {"m": months}))
        notes += [
            (Tone.WARN, str(CONCERN[Concern(code)])) for code in self.results.get("concerns", [])
        ]
        worry = alarming_months(plan, self.version)
        if worry:
            months = ", ".join(str(month) for month in worry)
            notes.append(
                (Tone.WARN, _("Month %(m)s went worse than planned. Visit her.") % {"m": months})
            )
        return notes

    def tiles(self) -> Sequence[Tile]:
        """The headline figures of the version handed in."""
        results = self.results
        if not results:
            return ()
        red = len(results["months_in_red"])
        net_cash = results["budget"]["net_cash"] if results["budget"] else None
        return [
            Tile(
                _("Months in the red"),
                ngettext("%(n)d month", "%(n)d months", red) % {"n": red},
                of=_("of %(n)d") % {"n": self.record.horizon_months},
                how=_("Months whose cash at the end is below what must stay."),
                tone=Tone.BAD if red else Tone.GOOD,
            ),
            Tile(
                _("Left of a month"),
                self.money(net_cash),
                how=_("Income of business and household less all spending and old debts."),
            ),
            Tile(
                _("Instalment she can carry"),
                self.money(results["max_instalment"]),
                how=_("A share of what is left of a month, rounded down."),
            ),
            Tile(
                _("Cover of the instalments"),
                cover(results["plan_dscr"]),
                how=_("Cash of all months before instalments, divided by all instalments."),
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Who, what it asks for, what it came to."""
        plan, results = self.record, self.results
        groups = [
            FactGroup(
                _("The plan"),
                [
                    Fact(_("Enterprise"), plan.enterprise),
                    Fact(_("The idea, and who benefits"), plan.idea),
                    Fact(_("First month"), plan.start_month),
                    Fact(_("Programme"), plan.programme),
                    Fact(_("Adviser"), plan.adviser),
                    Fact(_("Statement of the adviser"), plan.statement),
                    Fact(_("Reviewed by"), plan.reviewed_by),
                ],
            )
        ]
        ask = getattr(plan, "finance_ask", None)
        if ask:
            groups.append(
                FactGroup(
                    _("Money asked for"),
                    [
                        Fact(_("Loan"), self.money(ask.loan_units)),
                        Fact(_("For what"), ask.purpose),
                        Fact(_("Monthly instalments"), ask.instalments),
                        Fact(
                            _("Smallest loan that fits"), self.money(results.get("smallest_loan"))
                        ),
                        Fact(_("Shortest grace that fits"), results.get("shortest_grace")),
                        Fact(
                            _("Real cost a year, percent"),
                            shown(results.get("loan_cost_year_percent"), 2),
                        ),
                    ],
                )
            )
        if results:
            groups.append(self._worth())
        return groups

    def _worth(self) -> FactGroup:
        results = self.results
        return FactGroup(
            _("What it comes to"),
            [
                Fact(_("Needed to start"), self.money(results["start_up_capital"])),
                Fact(_("Of it missing"), self.money(results["gap"])),
                Fact(_("Profit before living costs"), self.money(results["profit"])),
                Fact(_("Breaks even at sales of"), self.money(results["break_even_sales"])),
                Fact(_("Paid back after months"), shown(results["payback_months"], 1)),
                Fact(
                    _("Debts beside what they own, percent"),
                    shown(results["indebtedness_percent"], 1),
                ),
            ],
        )

    def timeline(self) -> Sequence[Moment]:
        """The steps the plan took, and its visits."""
        plan = self.record
        steps = [
            (plan.started_date, _("Started")),
            (plan.submitted_date, _("Handed in")),
            (plan.advised_date, _("Advised")),
            (plan.reviewed_date, _("Reviewed")),
            (plan.decided_date, str(PLAN_STATE[PlanState(plan.state)])),
        ]
        moments = [Moment(day, title) for day, title in steps if day]
        if plan.state == PlanState.READY and plan.ready_date:
            moments.append(Moment(ready_until(plan.ready_date), _("Ready until"), ahead=True))
        return moments

    def tables(self) -> Sequence[Table]:
        """Twelve months, what-ifs, plan against actual, visits."""
        tables: list[Table] = []
        if self.results:
            tables += [self._months(), self._what_ifs()]
            beside = plan_and_actual(self.record, self.version)
            if any(row.told_sales is not None for row in beside):
                tables.append(self._beside(beside))
        tables += [table for add in plan_sections for table in add(self.staff, self.record)]
        visits = list(self.record.visits.select_related("visitor"))
        if visits:
            tables.append(
                Table(
                    _("Visits"),
                    (
                        Column("kind", _("Why"), href=_visit_href),
                        Column("planned_date", _("Planned for"), "date"),
                        Column("visit_date", _("Visited on"), "date"),
                        Column("state", _("State"), "state", tones=VISIT_TONES),
                    ),
                    visits,
                )
            )
        return tables

    def _cell(self, name: str, label: str) -> Column:
        return Column(
            name,
            label,
            "money",
            value=lambda row: row[name],
            currency=self.record.currency,
        )

    def _months(self) -> Table:
        red = set(self.results["months_in_red"])
        return Table(
            _("Month by month"),
            (
                Column("month", _("Month"), "number", value=lambda row: row["month"]),
                self._cell("cash_in", _("Comes in")),
                self._cell("variable_costs", _("Materials and goods")),
                self._cell("available_for_debt", _("Left for instalments")),
                self._cell("instalment", _("Instalment")),
                self._cell("closing_cash", _("Cash at the end")),
                Column(
                    "red",
                    _("Note"),
                    "state",
                    value=lambda row: (
                        State(_("in the red"), Tone.BAD) if row["month"] in red else None
                    ),
                ),
            ),
            self.results["months"],
        )

    def _what_ifs(self) -> Table:
        return Table(
            _("What if …"),
            (
                Column("code", _("Change"), value=lambda row: WHAT_IF[row["code"]]),
                self._cell("lowest_cash", _("Lowest cash")),
                Column("lowest_month", _("In month"), "number", value=lambda r: r["lowest_month"]),
                Column(
                    "months_in_red",
                    _("Months in the red"),
                    value=lambda row: ", ".join(map(str, row["months_in_red"])) or _("none"),
                ),
                Column("plan_dscr", _("Cover"), value=lambda row: cover(row["plan_dscr"])),
                self._cell("closing_cash", _("Cash at the end")),
            ),
            self.results["what_ifs"],
        )

    def _beside(self, rows: Sequence[Any]) -> Table:
        currency = self.record.currency
        return Table(
            _("Plan and what happened"),
            (
                Column("month", _("Month"), "date"),
                Column("planned_sales", _("Sales planned"), "money", currency=currency),
                Column("told_sales", _("Sales told"), "money", currency=currency),
                Column("profit", _("Profit worked out"), "money", currency=currency),
            ),
            rows,
        )


def _visit_href(visit: Visit) -> str:
    return reverse("plans:visit_detail", args=[visit.pk])


class VisitPage(RecordPage):
    """One visit."""

    model = Visit
    permission = "plans.view_visit"
    related = ("person", "visitor", "plan", "programme")
    person_path = "person_id"

    record: Visit

    def header(self) -> Header:
        """Whom, why, and what became of it."""
        visit = self.record
        state = VisitState(visit.state)
        planned = state is VisitState.PLANNED
        return Header(
            str(visit.person),
            subtitle=str(visit.get_kind_display()),
            state=State(VISIT_STATE[state], VISIT_TONES[visit.state]),
            primary=Action(
                _("Record this visit"),
                "plans:make_visit",
                "plans.record_visit",
                args=(visit.pk,),
            )
            if planned
            else None,
            actions=(
                Action(
                    _("It was not made"), "plans:miss_visit", "plans.miss_visit", args=(visit.pk,)
                ),
            )
            if planned
            else (),
            crumbs=(Crumb(_("Visits"), reverse("plans:visit_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What was seen and agreed."""
        visit = self.record
        plan_href = reverse("plans:plan_detail", args=[visit.plan_id]) if visit.plan_id else ""
        return [
            FactGroup(
                _("The visit"),
                [
                    Fact(_("Planned for"), visit.planned_date),
                    Fact(_("Visited on"), visit.visit_date),
                    Fact(_("Who went"), visit.visitor),
                    Fact(_("Where"), visit.place),
                    Fact(_("Plan"), visit.plan, plan_href),
                    Fact(_("Why not"), visit.reason),
                ],
            ),
            FactGroup(
                _("What was seen and agreed"),
                [
                    Fact(_("Situation"), visit.situation),
                    Fact(_("Explanation"), visit.explanation),
                    Fact(_("What was done"), visit.action),
                    Fact(_("Next step"), visit.next_step),
                ],
            ),
        ]
