"""What training costs: per participant, graduate and placed graduate, direct and shared, each
figure with its counts; and the page that records a cost.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.scope import hidden_from
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import FiguresPage, Header, Table
from handup.projects.models import Programme
from handup.training import services
from handup.training.forms.costs import CostForm
from handup.training.models import Cohort
from handup.training.models.labels import COST_BASIS
from handup.training.queries import (
    FIRST_TIME,
    ProgrammeCost,
    cost_basis,
    funnel_counts,
    training_cost,
)
from handup.training.rules.funnel import Step
from handup.training.views.courses import StaffFormPage

NEW_COST = Action(_("Record a cost"), "training:cost_new", "training.record_cost")


@dataclass(frozen=True, slots=True)
class CostLineShown:
    """One line of the summary: what, how much, out of what it is made."""

    label: str
    amount: str
    made_of: str


class CostPage(FiguresPage):
    """What the training of each programme cost by today."""

    permission = "training.view_cost"
    title = _("What training costs")
    intro = _("Sums divided by counts, never a mean of shares; support paid is part of it.")

    def header(self) -> Header:
        """With the way to record one."""
        return Header(self.title, self.intro, primary=NEW_COST)

    @cached_property
    def costs(self) -> list[tuple[Programme, ProgrammeCost]]:
        """Of each programme she may see, or of the one chosen, that had any cost."""
        rows = Programme.objects.visible_to(self.staff)
        if chosen := self.request.session.get("programme"):
            rows = rows.filter(pk=chosen)
        found = []
        spent = Q(training_costs__isnull=False) | Q(support_rules__payments__isnull=False)
        spent |= Q(provider_terms__claims__isnull=False)
        for row in rows.filter(spent).distinct().order_by("code"):
            cost = training_cost(
                programme_id=row.pk,
                on=timezone.localdate(),
                currency=row.currency,
                basis=cost_basis(),
                without=hidden_from(self.staff),
            )
            spent_on = (cost.direct_units, cost.shared_units, cost.refresher_units)
            if any(spent_on) or cost.tracer_units or cost.not_converted:
                found.append((row, cost))
        return found

    def tables(self) -> Sequence[Table]:
        """Each programme whole, then by cohort."""
        if not self.costs:
            empty = EmptyState(
                _("No cost of training is recorded yet"),
                _("Record what a cohort cost, or what many carry together."),
                NEW_COST,
            )
            return [Table(self.title, (), (), empty)]
        found = []
        for programme, cost in self.costs:
            found += [
                _whole(programme, cost, hidden_from(self.staff)),
                self._by_cohort(programme, cost),
            ]
        return found

    def _by_cohort(self, programme: Programme, cost: ProgrammeCost) -> Table:
        cohorts = Cohort.objects.visible_to(self.staff).filter(pk__in=cost.by_cohort)
        rows = [(row, cost.by_cohort[row.pk]) for row in cohorts if cost.by_cohort[row.pk]]
        columns = (
            Column(
                "cohort",
                _("Cohort"),
                Kind.LINK,
                value=lambda row: str(row[0]),
                href=lambda row: reverse("training:cohort_detail", args=[row[0].pk]),
            ),
            Column(
                "amount",
                _("Direct and its share of the pools"),
                Kind.MONEY,
                value=lambda row: row[1],
                currency=programme.currency,
            ),
        )
        title = _t("{name}: by cohort").format(name=programme)
        return Table(title, columns, rows, empty=EmptyState(_("No cohort carries a cost yet")))


def _whole(programme: Programme, cost: ProgrammeCost, hidden: Collection[UUID]) -> Table:
    columns = (
        Column("label", _("What")),
        Column("amount", _("Amount"), Kind.FIGURE),
        Column("made_of", _("Made of")),
    )
    return Table(str(programme), columns, _lines(programme, cost, hidden))


def _lines(
    programme: Programme, cost: ProgrammeCost, hidden: Collection[UUID]
) -> list[CostLineShown]:
    counts = funnel_counts(
        programme_id=programme.pk,
        steps=(Step.STARTED, Step.COMPLETED, Step.PLACED),
        on=timezone.localdate(),
        course_types=FIRST_TIME,
        month=6,
        without=hidden,
    )
    total = cost.direct_units + cost.shared_units

    def money(units: int | None) -> str:
        return _t("not defined") if units is None else format_money(units, cost.currency)

    def per(label: str, units: int | None, step: Step) -> CostLineShown:
        made = f"{money(total)} / {format_number(counts[step])}"
        return CostLineShown(label, money(units), made)

    lines = [
        CostLineShown(_t("Direct cost of cohorts"), money(cost.direct_units), ""),
        CostLineShown(
            _t("Shared pools"),
            money(cost.shared_units),
            _t("divided by {basis}").format(basis=COST_BASIS[cost_basis()]),
        ),
    ]
    undivided = total + cost.refresher_units - sum(cost.by_cohort.values())
    if undivided:
        made = _t("no cohort weighs anything yet, so it stays with the programme")
        lines.append(CostLineShown(_t("Of these not divided"), money(undivided), made))
    lines += [
        per(_t("For each participant"), cost.units.per_participant, Step.STARTED),
        per(_t("For each graduate"), cost.units.per_graduate, Step.COMPLETED),
        per(_t("For each placed after 6 months"), cost.units.per_placed, Step.PLACED),
    ]
    apart = _t("in no figure per head")
    lines += [
        CostLineShown(label, money(units), apart)
        for label, units in (
            (_t("Refreshers, with their share of the pools"), cost.refresher_units),
            (_t("Tracer rounds"), cost.tracer_units),
        )
        if units
    ]
    lines += [
        CostLineShown(
            _t("Not converted"), format_money(units, code), _t("no rate: in none of the sums")
        )
        for code, units in sorted(cost.not_converted.items())
    ]
    return lines


class NewCost(StaffFormPage):
    """Record a cost of a cohort or of a shared pool."""

    form_class = CostForm
    permission = "training.record_cost"
    title = _("Record the cost of a course")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today, in the currency of her first programme."""
        first = Programme.objects.visible_to(self.staff).order_by("code").first()
        found: dict[str, Any] = {"cost_date": timezone.localdate()}
        if first is not None:
            found |= {"programme": first.pk, "currency": first.currency}
        return found

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_cost(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the costs."""
        return reverse("training:costs")
