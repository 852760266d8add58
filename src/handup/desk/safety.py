"""What waits on the first page of those who protect: emergency accesses and incidents, at
once; impact assessments by the day of their next look."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.models import Incident, StaffUser
from handup.org.rules.incidents import IncidentState
from handup.org.web.columns import Tone
from handup.org.web.money import format_instant
from handup.org.web.pages import Action, Task
from handup.people.models import ImpactAssessment, ImpactRisk
from handup.people.queries import impact as impact_queries
from handup.people.services.glass import REVIEW, to_review
from handup.people.services.impact import ADVISE, DECIDE, DRAFT
from handup.people.services.keeping_cases import unkept_cases
from handup.people.services.protection import OPEN

LOOKED_AT = 6


def _break_glass(staff: StaffUser, today: date) -> list[Task]:
    """Emergency accesses she may review, those whose day is past first."""
    return [
        Task(
            f"{row.code} · {row.staff}",
            _t("%(reason)s · opened %(when)s")
            % {"reason": row.get_reason_display(), "when": format_instant(row.opened_at)},
            reverse("people:breakglass_detail", args=[row.pk]),
            Action(_("Review it"), "people:breakglass_review", REVIEW, args=(row.pk,)),
            Tone.BAD,
            due=row.review_by,
        )
        for row in to_review(staff).select_related("staff")[:LOOKED_AT]
    ]


def _incidents(staff: StaffUser, today: date) -> list[Task]:
    """Incidents that are not closed, by their clock."""
    rows = Incident.objects.visible_to(staff).exclude(state=IncidentState.CLOSED.value)
    now = timezone.now()
    return [
        Task(
            f"{row.code} · {row.get_kind_display()}",
            _t("to tell by %(when)s") % {"when": format_instant(row.notify_by)}
            if row.notified_at is None
            else str(row.get_state_display()),
            reverse("org:incident_detail", args=[row.pk]),
            tone=Tone.BAD if row.is_late(now) else Tone.WARN,
            due=timezone.localdate(row.notify_by),
        )
        for row in rows.order_by("notify_by")[:LOOKED_AT]
    ]


def _unkept(staff: StaffUser, today: date) -> list[Task]:
    """Cases nobody can open any more, as one thing to do: of whom they are is not told."""
    if not unkept_cases(staff).exists():
        return []
    return [
        Task(
            _t("Cases nobody can open any more"),
            _t("Whoever knew of them has gone: take them over."),
            reverse("people:case_take_over"),
            tone=Tone.BAD,
        )
    ]


def _impact_reviews(staff: StaffUser, today: date) -> list[Task]:
    """Impact assessments to look at again, and measures that are late."""
    rows = impact_queries.review_due(ImpactAssessment.objects.visible_to(staff), today)
    risks = impact_queries.measures_late(ImpactRisk.objects.visible_to(staff), today)
    again = [
        Task(
            f"{row.code}-{row.version} · {row.title}",
            _t("look at it again"),
            reverse("people:impactassessment_detail", args=[row.pk]),
            Action(_("Look at it again"), "people:impactassessment_renew", DRAFT, args=(row.pk,)),
            Tone.BAD if row.review_date < today else Tone.WARN,
            due=row.review_date,
        )
        for row in rows.order_by("review_date")[:LOOKED_AT]
    ]
    late = [
        Task(
            row.measure,
            _t("to be in place, of %(code)s") % {"code": row.assessment.code},
            reverse("people:impactassessment_detail", args=[row.assessment_id]),
            Action(_("It is in place"), "people:impactrisk_done", DRAFT, args=(row.pk,)),
            Tone.BAD,
            due=row.due_date,
        )
        for row in risks.select_related("assessment").order_by("due_date")[:LOOKED_AT]
    ]
    return [*again, *late]


def _impact_waiting(query: Callable[[Any], Any], text: Any, step: Action) -> Any:
    """Drafts of impact assessments that wait for a step of hers."""

    def tasks(staff: StaffUser, today: date) -> list[Task]:
        rows = query(ImpactAssessment.objects.visible_to(staff))
        return [
            Task(
                f"{row.code}-{row.version} · {row.title}",
                text,
                reverse("people:impactassessment_detail", args=[row.pk]),
                replace(step, args=(row.pk,)),
                due=row.started_date,
            )
            for row in rows.order_by("started_date")[:LOOKED_AT]
        ]

    return tasks


_advise = _impact_waiting(
    impact_queries.to_advise,
    _("waits for your advice"),
    Action(_("Advise on it"), "people:impactassessment_advise", ADVISE),
)
_decide = _impact_waiting(
    impact_queries.to_decide,
    _("waits for a decision"),
    Action(_("Decide"), "people:impactassessment_decide", DECIDE),
)

QUEUES: tuple[tuple[str, Any, Callable[[StaffUser, date], Sequence[Task]], str], ...] = (
    (REVIEW, _("Emergency access to review"), _break_glass, "people:breakglass_list"),
    (OPEN, _("Cases to take over"), _unkept, "people:case_take_over"),
    ("org.handle_incident", _("Incidents"), _incidents, "org:incident_list"),
    (
        DRAFT,
        _("Impact assessments to look at again"),
        _impact_reviews,
        "people:impactassessment_list",
    ),
    (ADVISE, _("Impact assessments to advise on"), _advise, "people:impactassessment_list"),
    (DECIDE, _("Impact assessments to decide"), _decide, "people:impactassessment_list"),
)
