"""Who may be drawn for a round by a reader: whom of its programme she may know of."""

from typing import Any

from django.db.models import Q

from handup.org.models import StaffUser
from handup.org.scope import without_opened
from handup.people.models import Person
from handup.people.rules.categories import ADULT_AGE
from handup.people.rules.codes import HouseholdRole
from handup.surveys import services
from handup.surveys.models import Round
from handup.surveys.registers import source_of
from handup.surveys.rules.codes import SubjectKind


def eligible_for(staff: StaffUser, round: Round) -> list[services.EligibleIn]:
    """Everybody of the round's programme she may see, but for children who take no part
    themselves; stratum and cluster are their areas.
    """
    kind = SubjectKind(round.questionnaire.subject_kind)
    reader = without_opened(staff)
    source = source_of(kind)
    rows = source.live(source.model.objects.visible_to(reader).filter(programme=round.programme))
    if kind is SubjectKind.PERSON:
        rows = rows.exclude(pk__in=_children(reader, round))
    return [
        services.EligibleIn(
            subject=row,
            interviewer=getattr(row, source.officer, None),
            stratum=str(row.area_id or ""),
            cluster=str(row.area_id or ""),
        )
        for row in rows.select_related(source.officer)
    ]


def _children(reader: StaffUser, round: Round) -> Any:
    """Members of a household who take no part themselves and are not known to be grown up."""
    opens = round.opens_date
    born = opens.replace(year=opens.year - ADULT_AGE, day=min(opens.day, 28))
    seen = Person.objects.visible_to(reader)
    young = seen.filter(Q(birth_date=None) | Q(birth_date__gt=born))
    ours = young.filter(memberships__role=HouseholdRole.MEMBER.value)
    return ours.exclude(participations__programme=round.programme).values("pk")
