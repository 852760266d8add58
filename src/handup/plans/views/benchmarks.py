"""What is usual in each trade and area, and the claims of a plan beside it."""

from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import decimal_text
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, EmptyState, ListPage, Search
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Fact, FactGroup, State, Table, Tone
from handup.plans import services
from handup.plans.forms.benchmarks import LetStandForm, WorkOutForm
from handup.plans.models import Benchmark, CrossCheck, Plan, PlanVersion
from handup.plans.models.labels import BASIS, FINDING, MEASURE, choices
from handup.plans.rules.benchmarks import Basis, Finding, Measure
from handup.plans.services.benchmarks import UNDER_REVIEW
from handup.plans.shown import cover, reason, shown

FINDING_TONES = {
    Finding.IN_RANGE.value: Tone.GOOD,
    Finding.ABOVE_RANGE.value: Tone.WARN,
    Finding.BELOW_RANGE.value: Tone.WARN,
    Finding.NO_PURCHASES.value: Tone.INFO,
    Finding.NO_BENCHMARK.value: Tone.PLAIN,
}
WORK_OUT = Action(_("Work it out anew"), "plans:work_out_benchmarks", "plans.work_out_benchmarks")


def said(measure: str, value: int | None, currency: str) -> str:
    """A figure of a measure: a mark-up in percent, all else as money; a dash for none."""
    if value is None:
        return "–"
    if measure == Measure.MARKUP:
        return f"{shown(decimal_text(Fraction(value, 100), 2), 1)} %"
    return format_money(value, currency)


def _figure(name: str, label: Any) -> Column:
    return Column(
        name,
        label,
        Kind.FIGURE,
        value=lambda row: said(row.measure, getattr(row, name), row.currency),
    )


class BenchmarkList(ListPage):
    """What visits told of each trade and area."""

    model = Benchmark
    permission = "plans.view_benchmark"
    title = _("What is usual")
    related = ("area", "programme")
    columns = (
        Column("trade", _("Trade"), sort="trade"),
        Column("area", _("Area"), value=lambda row: row.area or _now("the whole programme")),
        Column("measure", _("What"), value=lambda row: MEASURE[Measure(row.measure)]),
        _figure("low", _("Nine in ten tell more than")),
        _figure("middle", _("Half tell more than")),
        _figure("high", _("One in ten tells more than")),
        Column("visits", _("Visits"), Kind.NUMBER, sort="visits"),
        Column("as_of_date", _("Worked out on"), Kind.DATE, sort="as_of_date"),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("trade",), label=_("Trade")),
        Choice("measure", _("What"), choices(MEASURE)),
    )
    order = "trade"
    actions = (WORK_OUT,)
    empty = EmptyState(
        _("Nobody knows yet what is usual"),
        _(
            "It is worked out every night from what visits of the last two years told: at least ten"
            " visits to five businesses of one trade."
        ),
    )


class WorkOutBenchmarks(FormPage):
    """Work out anew what is usual in a programme."""

    form_class = WorkOutForm
    permission = "plans.work_out_benchmarks"
    title = _("Work out what is usual")
    intro = _("It is done every night by itself; do it now when many visits came in today.")
    verb = _("Work it out")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Any:
        """Work it out as of today."""
        return services.work_out_benchmarks(
            acting_staff=self.staff, programme=values["programme"], on=timezone.localdate()
        )

    def success_url(self, result: Any) -> str:
        """The list."""
        return reverse("plans:benchmark_list")


class LetClaimStand(FormPage):
    """A claim that was adjusted stands after all, for a reason."""

    form_class = LetStandForm
    permission = "plans.let_claim_stand"
    subject_model = CrossCheck
    title = _("Let a claim stand")
    verb = _("Let it stand")

    subject: CrossCheck

    def lead(self) -> str:
        """What is claimed, what is usual, and what is reckoned with."""
        check = self.subject
        currency = check.version.plan.currency
        told = _now("%(what)s: claimed %(claimed)s, usual %(low)s to %(high)s.")
        return told % {
            "what": str(MEASURE[Measure(check.measure)]).capitalize(),
            "claimed": said(check.measure, check.claimed, currency),
            "low": said(check.measure, check.low, currency),
            "high": said(check.measure, check.high, currency),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Let it stand."""
        return services.let_claim_stand(
            acting_staff=self.staff, check=self.subject, reason=values["reason"]
        )

    def success_url(self, result: CrossCheck) -> str:
        """The plan."""
        return reverse("plans:plan_detail", args=[result.version.plan_id])


class _Line:
    """One check in words."""

    def __init__(self, check: CrossCheck, plan: Plan, *, offered: bool) -> None:
        measure = Measure(check.measure)
        self.what = MEASURE[measure]
        self.claimed = said(measure, check.claimed, plan.currency)
        self.usual = (
            "–"
            if check.low is None
            else f"{said(measure, check.low, plan.currency)} – "
            f"{said(measure, check.high, plan.currency)}"
        )
        self.where = str(BASIS[Basis(check.basis)])
        if check.visits:
            self.where += f" ({check.area or _now('the whole programme')}, {check.visits})"
        self.state = State(FINDING[Finding(check.finding)], FINDING_TONES[check.finding])
        self.reckoned = self.claimed
        if check.is_adjusted:
            self.reckoned = format_money(check.adjusted or 0, plan.currency)
        self.why = check.override_reason
        self.act = _now("Let the claim stand") if offered and check.is_adjusted else ""
        self.href = self.act and reverse("plans:let_claim_stand", args=[check.pk])


def check_table(staff: StaffUser, plan: Plan, version: PlanVersion) -> Table | None:
    """The claims of a version beside the usual; nothing where nobody knows what is usual."""
    offered = plan.state in UNDER_REVIEW and may(staff, "plans.let_claim_stand", plan)
    rows = [_Line(check, plan, offered=offered) for check in version.checks.select_related("area")]
    if not rows:
        return None
    columns = [
        Column("what", _("What")),
        Column("claimed", _("Claimed"), Kind.FIGURE),
        Column("usual", _("Usual"), Kind.FIGURE),
        Column("where", _("Known from")),
        Column("state", _("Beside the usual"), Kind.STATE),
        Column("reckoned", _("Reckoned with"), Kind.FIGURE),
        Column("why", _("Why the claim stands")),
    ]
    if offered:
        columns.append(Column("act", _("Step"), href=lambda row: row.href))
    return Table(_now("Beside what others tell"), columns, rows)


def reckoned_facts(plan: Plan, version: PlanVersion) -> FactGroup | None:
    """What the plan comes to with what is reckoned with: by this a loan is judged."""
    results = version.adjusted
    if not results:
        return None
    budget = results["budget"]
    red = ", ".join(str(month) for month in results["months_in_red"])

    def amount(name: str) -> str:
        units = results[name]
        return reason(name, results) if units is None else format_money(units, plan.currency)

    left = "–" if budget is None else format_money(budget["net_cash"], plan.currency)
    return FactGroup(
        _now("As a loan is judged, with what is reckoned with"),
        [
            Fact(_now("Months in the red"), red or _now("none")),
            Fact(_now("Left of a month"), left),
            Fact(_now("Instalment she can carry"), amount("max_instalment")),
            Fact(_now("Cover of the instalments"), cover(results["plan_dscr"])),
            Fact(_now("Lowest cash"), amount("lowest_cash")),
        ],
    )
