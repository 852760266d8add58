"""A plan on one page: red months first, the twelve months, what-ifs, visits, actuals."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from handup.kernel.errors import Refusal
from handup.org.services.files import files_of
from handup.org.web.columns import Column
from handup.org.web.files import file_of
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
from handup.plans.models import Plan, PlanDifference, PlanVersion, Visit
from handup.plans.models.labels import CONCERN, PLAN_STATE
from handup.plans.paper import three_sentences
from handup.plans.queries import alarming_months, current_version, plan_and_actual
from handup.plans.rules.affordability import Concern
from handup.plans.rules.details import Details, details
from handup.plans.rules.inputs import from_json
from handup.plans.rules.states import PlanState, ready_until
from handup.plans.sections import plan_actions, plan_sections
from handup.plans.services.beside import drafts_beside
from handup.plans.services.words import check_screening
from handup.plans.shown import cover, foreign_words, reason, shown
from handup.plans.views import benchmarks, figures
from handup.plans.views.lists import PLAN_TONES, VISIT_TONES
from handup.plans.views.references import standing_group
from handup.plans.views.words import not_known, part_table, word_tables

FITTING = ("smallest_loan", "shortest_grace", "loan_cost_year_percent")


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

    @cached_property
    def details(self) -> Details:
        """What stands behind the figures of the version handed in."""
        assert self.version is not None, "asked for only with results"
        return details(from_json(self.version.inputs))

    def context(self) -> dict[str, Any]:
        """The charts of the version handed in."""
        if not self.results:
            return {}
        plan, results = self.record, self.results
        charts = [figures.cash_chart(plan, results, self.details)]
        if any(row["instalment"] for row in results["months"]):
            charts.append(figures.cover_chart(plan, results))
        return {"charts": charts}

    def money(self, units: int | None) -> str:
        """An amount in the plan's currency; a dash where it is not defined."""
        return figures.money(units, self.record)

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
        confirm = Action(
            _("Confirm its prices"),
            "plans:confirm_prices",
            "plans.advise_plan",
            args=(self.record.pk,),
        )
        if self.record.is_open:
            return self._writing()
        return {
            PlanState.SUBMITTED: [self._action(_("Advise"), "advise_plan"), back],
            PlanState.ADVISED: [approve, back],
            PlanState.REVIEWED: [approve, back],
            PlanState.READY: [confirm, back],
            PlanState.EXPIRED: [confirm, back],
        }.get(PlanState(self.record.state), [])

    def _writing(self) -> list[Action]:
        sheet = self._action(_("Household sheet"), "save_household_sheet")
        ask = self._action(_("Money asked for"), "ask_finance")
        costing = self._action(_("Costing"), "save_costing")
        submit = self._action(_("Hand it in"), "submit_plan")
        screen = self._action(_("Harm to people and nature"), "screen_plan")
        may_happen = self._action(_("What may happen to her"), "save_scenarios")
        about = self._action(_("What the plan is about"), "change_plan")
        if self.drafts:
            label, pk = _("Go on with this draft"), (self.record.pk,)
            return [Action(label, "plans:choose_draft", "plans.save_costing", args=pk), sheet]
        if not hasattr(self.record, "household_sheet"):
            return [sheet, costing, ask, screen, may_happen, about, submit]
        if not hasattr(self.record, "finance_ask"):
            return [ask, costing, sheet, screen, may_happen, about, submit]
        if self._is_too_short():
            return [about, submit, sheet, costing, ask, screen, may_happen]
        if not hasattr(self.record, "screening"):
            return [screen, submit, sheet, costing, ask, may_happen, about]
        return [submit, sheet, costing, ask, screen, may_happen, about]

    def _is_too_short(self) -> bool:
        """Whether its loan runs longer than the plan looks ahead."""
        ask = getattr(self.record, "finance_ask", None)
        return ask is not None and ask.instalments > self.record.horizon_months

    def _always(self) -> list[Action]:
        actions = []
        if self.record.person_id:
            actions.append(self._action(_("Record a visit"), "record_visit"))
            actions.append(self._action(_("Record what others say"), "record_reference"))
            if self.record.state == PlanState.FINANCED:
                label = _("Plan the visits after the loan")
                pk = (self.record.pk,)
                actions.append(Action(label, "plans:plan_visits", "plans.schedule_visits", args=pk))
        if self.version:
            actions.append(self._action(_("Tell a month"), "record_actual_month"))
            seen = "plans.view_plan"
            pk = (self.record.pk,)
            actions += [
                Action(_("Print"), "plans:plan_pdf", seen, args=pk, icon="printer"),
                Action(_("Workbook with live sums"), "plans:plan_xlsx", seen, args=pk),
                Action(_("Its months as CSV"), "plans:plan_csv", seen, args=pk),
                Action(_("Make it again"), "plans:repeat_plan", "plans.start_plan", args=pk),
            ]
        return actions

    @cached_property
    def drafts(self) -> list[Plan]:
        """Other drafts of the same plan."""
        return drafts_beside(self.record)

    def _drafts_beside(self) -> list[tuple[Tone, str]]:
        """Other drafts written at the same time, by their numbers."""
        if not self.drafts:
            return []
        numbers = ", ".join(other.number for other in self.drafts)
        told = _("Saved on two devices at the same time: see also %(numbers)s. Choose one of them.")
        return [(Tone.WARN, told % {"numbers": numbers})]

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """Months in the red, concerns, comments, alarms."""
        plan, notes = self.record, []
        if plan.state == PlanState.RETURNED and plan.comment:
            notes.append((Tone.WARN, _("Returned: %(comment)s") % {"comment": plan.comment}))
        if plan.open_points:
            notes.append((Tone.WARN, _("Still open: %(points)s") % {"points": plan.open_points}))
        if plan.is_open:
            notes += self._drafts_beside() + self._before_submission()
        harm = self._harm_open()
        if harm:
            notes.append((Tone.INFO if plan.is_open else Tone.WARN, harm))
        if self._differs():
            told = _("A phone came to other figures. What the office worked out counts.")
            notes.append((Tone.WARN, told))
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

    def _differs(self) -> bool:
        """Whether nobody looked yet at where a phone came to something else."""
        version = self.version
        if version is None:
            return False
        return PlanDifference.objects.filter(version=version, settled_date=None).exists()

    def _harm_open(self) -> str:
        """What the questions about harm still leave open; told before and when the plan is handed
        in, for no adviser signs it so.
        """
        plan = self.record
        if not plan.is_open and plan.state != PlanState.SUBMITTED:
            return ""
        screening = getattr(plan, "screening", None)
        try:
            check_screening(screening.screened() if screening else ())
        except Refusal as refusal:
            return refusal.said()
        return ""

    def _before_submission(self) -> list[tuple[Tone, str]]:
        """What to know before it is handed in: too few months, sold below cost, not known yet."""
        notes = []
        if self._is_too_short():
            notes.append((Tone.WARN, _("The loan runs longer than the plan. Lengthen the plan.")))
        for product in self.record.products.all():
            if product.price_units < product.material_units + product.labour_units:
                told = _("%(product)s is sold below its material and labour.")
                notes.append((Tone.WARN, told % {"product": product.name}))
        open_questions = not_known(self.record)
        if open_questions:
            told = _("Not known yet: %(questions)s")
            notes.append((Tone.INFO, told % {"questions": " ".join(open_questions)}))
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
                    Fact(_("Witness of the mark"), plan.witness),
                    *[Fact(_("Signature"), str(one.name), file_of(one)) for one in files_of(plan)],
                    Fact(_("Reviewed by"), plan.reviewed_by),
                ],
            )
        ]
        groups.append(standing_group(plan))
        ask = getattr(plan, "finance_ask", None)
        if ask:
            groups.append(
                FactGroup(
                    _("Money asked for"),
                    [
                        Fact(_("Loan"), self.money(ask.loan_units), hint=foreign_words(ask)),
                        Fact(_("For what"), ask.purpose),
                        Fact(_("Monthly instalments"), ask.instalments),
                        *self._fitting(),
                    ],
                )
            )
        if results:
            said = three_sentences(plan, results)
            labels = (_("Does the cash last?"), _("What can she carry?"), _("If it goes worse?"))
            spoken = [Fact(*pair) for pair in zip(labels, said, strict=True)]
            groups.insert(0, FactGroup(_("In three sentences"), spoken))
            groups.append(figures.worth(plan, results, self.details))
        if self.version is not None:
            reckoned = benchmarks.reckoned_facts(plan, self.version)
            groups += [reckoned] if reckoned else []
        return groups

    def _fitting(self) -> list[Fact]:
        """The loan and the grace that fit, and what the loan really costs."""
        results = self.results
        if not results:
            return []
        smallest, grace = results["smallest_loan"], results["shortest_grace"]
        why = {name: reason(name, results) for name in FITTING}
        cost = shown(results["loan_cost_year_percent"], 2)
        return [
            Fact(_("Smallest loan that fits"), why["smallest_loan"] or self.money(smallest)),
            Fact(_("Shortest grace that fits"), why["shortest_grace"] or grace),
            Fact(_("Real cost a year, percent"), why["loan_cost_year_percent"] or cost),
        ]

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
        if plan.state == PlanState.EXPIRED and plan.ready_date:
            moments.append(Moment(ready_until(plan.ready_date), _("Prices to be confirmed")))
        if plan.state == PlanState.READY and plan.ready_date:
            moments.append(Moment(ready_until(plan.ready_date), _("Ready until"), ahead=True))
        return moments

    def tables(self) -> Sequence[Table]:
        """Twelve months, what-ifs, plan against actual, visits."""
        tables: list[Table] = [part_table(self.staff, self.record)]
        if self.results:
            plan, results = self.record, self.results
            tables += [figures.months(plan, results), figures.what_ifs(plan, results)]
            if self.details.products:
                tables.append(figures.product_table(plan, self.details))
            if self.details.fit:
                tables.append(figures.fit_table(plan, self.details))
            beside = plan_and_actual(self.record, self.version)
            if any(row.told_sales is not None for row in beside):
                tables.append(self._beside(beside))
        if self.version is not None:
            beside_usual = benchmarks.check_table(self.staff, self.record, self.version)
            tables += [beside_usual] if beside_usual else []
        tables += word_tables(self.staff, self.record)
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
