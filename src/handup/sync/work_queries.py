"""What an officer's own phone carries of her work: sessions with who is enrolled, and loans with
what is due."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.lending.collecting import lines_of
from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.queries import due_on
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits
from handup.training.models import Enrolment, Session
from handup.training.rules.states import CohortState, SessionState

DAYS_BACK, DAYS_AHEAD, MOST_SESSIONS, MOST_LOANS = 21, 31, 60, 500
OVER = (CohortState.CLOSED, CohortState.CORRECTED)


def work_of(reader: StaffUser) -> tuple[dict[str, Any], list[UUID]]:
    """The work pack of a staff member as her phone may have it, and the persons it names."""
    sessions, attending = _sessions(reader)
    loans, borrowers = _loans(reader)
    pack = {"as_of": timezone.localdate(), "sessions": sessions, "loans": loans}
    return pack, [*attending, *borrowers]


def _sessions(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    today = timezone.localdate()
    rows = (
        Session.objects.reached_with(reader, "training.record_attendance")
        .filter(
            session_date__gte=today - timedelta(days=DAYS_BACK),
            session_date__lte=today + timedelta(days=DAYS_AHEAD),
        )
        .exclude(state=SessionState.CANCELLED)
        .exclude(cohort__state__in=OVER)
        .select_related("cohort")
        .order_by("session_date", "number")
    )
    found = list(rows[:MOST_SESSIONS])
    people = _enrolled(reader, {session.cohort_id for session in found})
    told = [
        {
            "session_id": session.pk,
            "cohort": str(session.cohort),
            "number": session.number,
            "title": session.title,
            "session_date": session.session_date,
            "minutes": session.minutes_held or session.minutes_planned,
            "people": [
                {
                    "enrolment_id": row.pk,
                    "person_no": row.person.registration_no,
                    "name": str(row.person),
                }
                for row in people[session.cohort_id]
            ],
        }
        for session in found
    ]
    return told, [row.person_id for rows in people.values() for row in rows]


def _enrolled(reader: StaffUser, cohorts: set[UUID]) -> dict[UUID, list[Enrolment]]:
    people: dict[UUID, list[Enrolment]] = defaultdict(list)
    rows = Enrolment.objects.visible_to(reader).filter(cohort__in=cohorts, ended_date=None)
    for row in rows.exclude(enrolled_date=None).select_related("person"):
        people[row.cohort_id].append(row)
    for rows_of_one in people.values():
        rows_of_one.sort(key=lambda row: str(row.person))
    return people


def _loans(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    if not grants_for(reader, "lending.record_collection"):
        return [], []
    loans = Loan.objects.reached_with(reader, "lending.record_collection").filter(officer=reader)
    today = timezone.localdate()
    lines: Sequence[Any] = lines_of(due_on(today, None, named_only(loans, reader)), today)
    told = [
        {
            "loan_id": line.loan.pk,
            "code": line.loan.code,
            "borrower": str(line.loan.borrower),
            "centre": line.centre,
            "currency": line.loan.currency,
            "currency_digits": currency_digits(line.loan.currency),
            "due_units": line.due_units,
            "late_units": line.late_units,
            "savings_units": line.savings_units,
        }
        for line in lines[:MOST_LOANS]
    ]
    return told, [line.loan.person_id for line in lines if line.loan.person_id]
