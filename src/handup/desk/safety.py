"""What waits on the first page of those who protect: emergency accesses and incidents, at once."""

from collections.abc import Callable, Sequence
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
from handup.people.services.glass import REVIEW, to_review
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


QUEUES: tuple[tuple[str, Any, Callable[[StaffUser, date], Sequence[Task]], str], ...] = (
    (REVIEW, _("Emergency access to review"), _break_glass, "people:breakglass_list"),
    (OPEN, _("Cases to take over"), _unkept, "people:case_take_over"),
    ("org.handle_incident", _("Incidents"), _incidents, "org:incident_list"),
)
