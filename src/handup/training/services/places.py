"""What every step onto a roll asks: the cohort held and open, the rows as they stand, a place
free. Whoever takes a place holds its cohort first, so that two who ask at once come one after the
other.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.scope import hidden_from
from handup.people.models import Participation
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import ParticipationState
from handup.training.models import Cohort, Enrolment
from handup.training.rules.states import SEATED, EnrolmentState, may_follow
from handup.training.services.common import chunks
from handup.training.services.refusals import CohortClosed, CohortFull, StepNotPossible

KEPT_FRESH = ("state", "reason_text", "invited_date", "told_date")


def hold(cohorts: Iterable[Cohort]) -> None:
    """Hold these cohorts until the transaction ends, always in the same order.

    Raises CohortClosed, also where one was closed meanwhile.
    """
    if hold_all(cohorts):
        raise CohortClosed


def hold_all(cohorts: Iterable[Cohort]) -> set[UUID]:
    """Hold these cohorts until the transaction ends, always in the same order, and tell which of
    them are closed now.
    """
    ids = {cohort.pk for cohort in cohorts}
    held = Cohort.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    return {cohort.pk for cohort in held if cohort.is_closed}


def as_stored(rows: Sequence[Enrolment]) -> None:
    """Bring the state, the words and the days of an invitation of rows up to what is stored now;
    their cohort is held.
    """
    for part in chunks([row.pk for row in rows]):
        stored_rows = Enrolment.objects.filter(pk__in=part).only(*KEPT_FRESH)
        found = {row.pk: row for row in stored_rows}
        for row in rows:
            if (stored := found.get(row.pk)) is not None:
                for name in KEPT_FRESH:
                    setattr(row, name, getattr(stored, name))


def waits_for(cohort: Cohort) -> QuerySet[Enrolment]:
    """Who waits for a place of a cohort; who was erased or left its programme waits no more."""
    left = Participation._base_manager.filter(
        person=OuterRef("person"),
        programme=cohort.programme_id,
        state=ParticipationState.EXITED.value,
    )
    waits = Enrolment._base_manager.filter(
        cohort=cohort, state=EnrolmentState.WAITING, person__erased_date=None
    )
    return waits.exclude(Exists(left))


def existing(pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Enrolment]:
    """Load the enrolments of these cohorts and persons, by both."""
    found: dict[tuple[UUID, UUID], Enrolment] = {}
    by_cohort: dict[UUID, list[UUID]] = {}
    for cohort_id, person_id in pairs:
        by_cohort.setdefault(cohort_id, []).append(person_id)
    for cohort_id, persons in by_cohort.items():
        for part in chunks(persons):
            for row in Enrolment.objects.filter(cohort_id=cohort_id, person_id__in=part):
                found[row.cohort_id, row.person_id] = row
    return found


def may_move(row: Enrolment, then: EnrolmentState) -> None:
    """Refuse a step that does not follow. Raises StepNotPossible."""
    if not may_follow(EnrolmentState(row.state), then):
        raise StepNotPossible(now=row.get_state_display(), then=then.value)


def taken(cohort: Cohort, staff: StaffUser | None) -> int:
    """How many places are taken, as far as this staff user may know; without one, as everybody may.

    Whoever may not know of somebody learns nothing of her from a course that is full with one place
    free: better that the room holds a person more (protection.md R5).
    """
    rows = cohort.enrolments.filter(state__in=SEATED)
    return rows.exclude(person_id__in=not_known_of(staff)).count()


def not_known_of(staff: StaffUser | None) -> frozenset[UUID]:
    """Persons this staff user may not know of; without one, whom not everybody may know of."""
    return hidden_from_all() if staff is None else hidden_from(staff)


def refuse_overflow(staff: StaffUser, cohort: Cohort, more: int) -> None:
    """Refuse more persons than there are places for all this staff user knows. Raises
    CohortFull.
    """
    if taken(cohort, staff) + more > cohort.capacity:
        raise CohortFull(field="cohort", capacity=cohort.capacity)


def audit_each(
    staff: StaffUser, action: str, rows: Sequence[Enrolment], facts: dict[str, str | None]
) -> None:
    """One line a row."""
    audit.record_many(audit.line(staff, action, row, facts) for row in rows)
