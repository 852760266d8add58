"""The figures that must be the same before and after a person is erased (protection.md 4.8)."""

import json
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.people import subject
from handup.people.models import Participation
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.models import ProgrammeIndicator


def figures(person_id: UUID, on: date) -> Mapping[str, str]:
    """Every indicator of each programme she takes part in, with all of its breakdowns."""
    rows = Participation._base_manager.filter(person_id=person_id).select_related("programme")
    found = {}
    for programme in {row.programme_id: row.programme for row in rows}.values():
        facts = Facts(programme, on)
        codes = ProgrammeIndicator.objects.filter(programme=programme)
        for code in codes.values_list("code", flat=True):
            found[f"{programme.code} {code}"] = _value(code, facts)
    return found


def days_asked(person_id: UUID) -> set[date]:
    """The days on which the figures of her programmes ask how old she was."""
    rows = Participation._base_manager.filter(person_id=person_id).select_related("programme")
    programmes = {row.programme_id: row.programme for row in rows}.values()
    today = timezone.localdate()
    return {day for one in programmes for day in Facts(one, today).days_asked_of(person_id)}


def _value(code: str, facts: Facts) -> str:
    """The figure, and a sum of its breakdowns; of one that cannot be counted, why."""
    try:
        figure = definition(code).compute(facts)
    except Refusal as refusal:
        return refusal.code
    counted = str(figure.numerator)
    if figure.denominator is not None:
        counted = f"{counted}/{figure.denominator}"
    parts = sorted(str(part) for part in figure.breakdowns)
    return f"{counted} {sha256(json.dumps(parts).encode()).hexdigest()[:16]}"


def register() -> None:
    """Add it to the named list of people, once."""
    if figures not in subject.figures:
        subject.figures.append(figures)
        subject.days.append(days_asked)
