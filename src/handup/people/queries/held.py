"""Whom an open complaint, a court or a law keeps from being forgotten, asked of many at once
(protection.md 4.6). What other records hold of a person her domains know (`people.subject.holds`).
"""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from handup.people.models import Grievance, SubjectRequest
from handup.people.rules.grievances import OVER
from handup.people.rules.requests import BY_HAND, RequestState


def held_by_right(person: str, on: date) -> Q:
    """Rows whose person has a complaint that is not over, or whose erasure a court or a law holds
    on a day. person: the path from a row to her id.
    """
    complaints = Grievance._base_manager.filter(person_id=OuterRef(person)).exclude(
        state__in=[state.value for state in OVER]
    )
    said = SubjectRequest._base_manager.filter(
        Q(held_until=None) | Q(held_until__gte=on),
        person_id=OuterRef(person),
        state=RequestState.HELD.value,
        hold_reason__in=[reason.value for reason in BY_HAND],
    )
    return Q(Exists(complaints)) | Q(Exists(said))
