"""A plan on paper and as a workbook, for whoever may see it; each is noted in the read log."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views import View

from handup.org import limits, reads
from handup.org.permissions import require
from handup.org.web import factor
from handup.org.web.export import XLSX
from handup.plans.freezing import is_as_frozen
from handup.plans.models import Plan, PlanVersion
from handup.plans.paper import language_of, plan_pdf
from handup.plans.queries import current_version
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
