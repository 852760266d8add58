"""Who takes part in a programme, who waits for a decision, which rule holds."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from handup.org.models import StaffUser
from handup.people.models import EligibilityRule, Participation
from handup.people.rules.codes import ParticipationState
from handup.people.rules.taking_part import SERVED, UNDECIDED
from handup.projects.models import Programme


def current_rule(programme: Programme, *, on: date) -> EligibilityRule | None:
    """Return the version of a programme's rule that holds on a day."""
    return rules_on(programme, {on})[on]


def rules_on(programme: Programme, days: Collection[date]) -> dict[date, EligibilityRule | None]:
    """Return the version of a programme's rule that holds on each of some days."""
    rules = list(programme.eligibility_rules.order_by("-version"))
    return {
        on: next(
            (
                rule
                for rule in rules
                if rule.valid_from <= on and (rule.valid_to is None or on <= rule.valid_to)
            ),
            None,
        )
        for on in days
    }


def to_decide(staff: StaffUser) -> QuerySet[Participation, Participation]:
    """Return applications without a decision a staff member may see, the oldest first."""
    rows: QuerySet[Participation, Participation] = Participation.objects.visible_to(staff)
    return rows.filter(state__in=[state.value for state in UNDECIDED]).order_by(
        "applied_date", "id"
    )


def participation_of(person_id: UUID, programme: Programme) -> Participation | None:
    """Return a person's participation in a programme, merged ones aside."""
    rows = Participation._base_manager.filter(person_id=person_id, programme=programme)
    return rows.exclude(state=ParticipationState.MERGED.value).first()


def takes_part(person_id: UUID, programme: Programme) -> bool:
    """Tell whether a person is being served by a programme now."""
    rows = Participation._base_manager.filter(person_id=person_id, programme=programme)
    return rows.filter(state__in=[state.value for state in SERVED]).exists()


def participants(programme: Programme, *, on: date) -> QuerySet[Participation, Participation]:
    """Return participations whose service had begun by a day and had not ended before it."""
    rows = Participation._base_manager.filter(programme=programme, started_date__lte=on)
    return rows.filter(Q(ended_date=None) | Q(ended_date__gte=on)).exclude(
        state=ParticipationState.MERGED.value
    )
