"""A plan on paper and as a workbook, for whoever may see it; each is noted in the read log."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from django.views import View

from handup.org import limits, reads
from handup.org.permissions import require
from handup.org.web import factor
from handup.org.web.columns import Column, Kind
from handup.org.web.export import XLSX, as_csv
from handup.plans.freezing import is_as_frozen
from handup.plans.models import Plan, PlanVersion
from handup.plans.paper import language_of, plan_pdf
from handup.plans.queries import MonthBeside, current_version, plan_and_actual
from handup.plans.rules.inputs import from_json
from handup.plans.rules.states import OPEN_TO_CHANGE
from handup.plans.workbook import plan_workbook

RELATED = ("person", "organisation", "enterprise", "programme", "adviser", "reviewed_by")


def _found(request: HttpRequest, pk: UUID, action: str) -> tuple[Plan, PlanVersion]:
    """The plan with the version handed in last; before that there is nothing to print."""
    staff: Any = request.user
    require(staff, "plans.view_plan")
    plan: Plan | None = (
        Plan.objects.visible_to(staff).select_related(*RELATED).filter(pk=pk).first()
    )
    version = None if plan is None else current_version(plan)
    if plan is None or version is None:
        raise Http404
    persons = [plan.person_id] if plan.person_id else []
    reads.note(request, persons=persons, action=action, highest="P")
    return plan, version


class PlanPdf(View):
    """The plan as PDF; `language` in the address, else the entrepreneur's own."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it."""
        plan, version = _found(request, pk, "PRINT")
        if plan.state in OPEN_TO_CHANGE and not is_as_frozen(plan, version):
            told = _("Changed since it was handed in. Hand it in again, then print it.")
            messages.warning(request, told)
            return redirect("plans:plan_detail", plan.pk)
        with override(language_of(plan, request.GET.get("language", ""))):
            answer = HttpResponse(plan_pdf(plan, version), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{plan.number}.pdf"'
        return answer


class _Month:
    """One month of a plan with what was told of it."""

    def __init__(self, plan: Plan, row: Mapping[str, Any], told: MonthBeside) -> None:
        """Put the plan's own figures beside those of visits."""
        self.currency = plan.currency
        self.number, self.begins = told.number, told.month
        self.told_sales, self.profit = told.told_sales, told.profit
        self.amounts = row


def _amount(name: str, label: Any) -> Column:
    return Column(name, label, Kind.MONEY, value=lambda month: month.amounts[name])


MONTHS = (
    Column("number", _("Month"), Kind.NUMBER),
    Column("begins", _("Begins on"), Kind.DATE),
    _amount("sales", _("Sales")),
    _amount("cash_in", _("Cash from sales")),
    _amount("variable_costs", _("Material and piece labour")),
    _amount("operating_cash", _("Cash of the business")),
    _amount("available_for_debt", _("Left for instalments")),
    _amount("instalment", _("Instalment")),
    _amount("closing_cash", _("Cash at the end")),
    Column("told_sales", _("Sales told"), Kind.MONEY),
    Column("profit", _("Profit worked out"), Kind.MONEY),
)


class PlanCsv(View):
    """The months of the version handed in last, with what visits told of them, as CSV."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Send it."""
        if factor.is_stale(request):
            return factor.ask(request)
        staff: Any = request.user
        limits.require_export_left(staff)
        plan, version = _found(request, pk, "EXPORT")
        beside = zip(version.results["months"], plan_and_actual(plan, version), strict=True)
        return as_csv(MONTHS, [_Month(plan, row, told) for row, told in beside], plan.number)


class PlanXlsx(View):
    """The plan as a workbook with live sums."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it."""
        if factor.is_stale(request):
            return factor.ask(request)
        staff: Any = request.user
        limits.require_export_left(staff)
        plan, version = _found(request, pk, "EXPORT")
        made = plan_workbook(plan, from_json(version.inputs))
        answer = HttpResponse(made, content_type=XLSX)
        answer["Content-Disposition"] = f'attachment; filename="{plan.number}.xlsx"'
        return answer
