"""Publish a scorecard, and score a person's answers by it; both stay as they were."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheet_faults import TooLong
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Assessment, Person, Scorecard
from handup.people.rules.card_parts import Status
from handup.people.rules.lookup import LookupLine, read_lookup
from handup.people.rules.points import PointsCard, points_card, require_own_name, score_points
from handup.people.services.store import insert, refuse_erased

LARGEST_CARD = 1_000_000  # bytes
LONGEST_CODE = 40


class NotACard(Refusal):
    """The file is not a scorecard written as JSON."""


class CardWithoutTitle(Refusal):
    """Give the scorecard a title."""


class NotTheNextVersion(Refusal):
    """The next version of {code} is {version}."""


class CardBeforeLast(Refusal):
    """The present version holds from {published_date}; a new one begins later."""


class AssessedBeforeCard(Refusal):
    """The scorecard holds from {published_date}."""


class AssessedAhead(Refusal):
    """{date} has not come yet."""


class UnlistedAnswer(Refusal):
    """This answer is not on the scorecard: {item}."""


def read_card(content: bytes) -> Mapping[str, object]:
    """A card from a file. Raises NotACard."""
    if len(content) > LARGEST_CARD:
        raise NotACard(field="file")
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise NotACard(field="file") from None
    if "\\u0000" in json.dumps(found):  # no database keeps it in a text
        raise NotACard(field="file")
    card = found.get("scorecard", found) if isinstance(found, dict) else None
    if not isinstance(card, dict):
        raise NotACard(field="file")
    return card


def _no_number(constant: str) -> object:
    raise ValueError(constant)


def _as_data(line: LookupLine) -> dict[str, Any]:
    told = {name: format(value, "f") for name, value in line.likelihood.items()}
    return {"from": line.first, "to": line.last, "likelihood": told}


def with_table(card: Mapping[str, object], table: bytes, *, shift: bool) -> Mapping[str, object]:
    """The card with the table of a file in place of its own. Raises Faults with row and field."""
    cap = card.get("cap")
    if isinstance(cap, bool) or not isinstance(cap, int):
        points_card(card)  # names what is wrong with the card
        raise NotACard(field="file")
    lines = read_lookup(table, cap=cap, shift=shift)
    return {**card, "lookup": [_as_data(line) for line in lines]}


def publish_card(
    *,
    acting_staff: StaffUser,
    title: str,
    content: Mapping[str, object],
    published_date: date,
    id: UUID | None = None,
) -> Scorecard:
    """Publish the next version of a points card; it is never changed.

    One that says whose it is (origin, licence) is somebody else's: altered, it needs another code.

    Raises CardWithoutTitle, NotTheNextVersion, CardBeforeLast, AlteredCardKeepsName, and Faults
    naming every place of the card that is missing or cannot be used.
    """
    require(acting_staff, "people.publish_card")
    card = points_card(content)
    known = already_stored(Scorecard, id, acting_staff, code=card.code, version=card.version)
    if known is not None:
        return known
    if len(card.code) > LONGEST_CODE:
        raise TooLong(field="file", column="code", most=LONGEST_CODE)
    if not title.strip():
        raise CardWithoutTitle(field="title")
    last = Scorecard.objects.filter(code=card.code).order_by("-version").first()
    following = 1 if last is None else last.version + 1
    if card.version != following:
        raise NotTheNextVersion(field="file", code=card.code, version=following)
    if last is not None and published_date <= last.published_date:
        told = last.published_date.isoformat()
        raise CardBeforeLast(field="published_date", published_date=told)
    require_own_name(card, _of_others(card.code))
    row = Scorecard(
        code=card.code,
        version=card.version,
        title=title.strip(),
        content=dict(content),
        published_date=published_date,
        published_by=acting_staff,
    )
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        facts: audit.Facts = {"code": card.code, "version": card.version}
        audit.record(acting_staff, "people.publish_card", row, facts)
    return row


def _of_others(code: str) -> list[PointsCard]:
    """The versions of a code that say where they come from, or under which licence."""
    rows = Scorecard.objects.filter(code=code)
    return [card_of(row) for row in rows if row.content.get("origin") or row.content.get("licence")]


def card_of(row: Scorecard) -> PointsCard:
    """The checked card of a stored version."""
    return points_card(row.content)


def assess(
    *,
    acting_staff: StaffUser,
    person: Person,
    scorecard: Scorecard,
    answers: Mapping[str, str | None],
    assessed_date: date,
    id: UUID | None = None,
) -> Assessment:
    """Score a person's answers; missing ones leave it without a score, until she is asked again.

    Raises AssessedBeforeCard, AssessedAhead, PersonErased, and Faults naming each item whose answer
    the card does not list.
    """
    require(acting_staff, "people.assess", person)
    told = {item: answer or None for item, answer in answers.items()}
    known = already_stored(
        Assessment, id, acting_staff, person_id=person.pk, scorecard_id=scorecard.pk, answers=told
    )
    if known is not None:
        return known
    refuse_erased(person)
    if assessed_date < scorecard.published_date:
        begins = scorecard.published_date.isoformat()
        raise AssessedBeforeCard(field="assessed_date", published_date=begins)
    if assessed_date > timezone.localdate():
        raise AssessedAhead(field="assessed_date", date=assessed_date)
    found = score_points(card_of(scorecard), told)
    if found.status is Status.REFUSED:
        raise Faults(
            Fault(UnlistedAnswer.code, str(UnlistedAnswer(item=item)), item)
            for item in found.fields
        )
    row = Assessment(
        person=person,
        scorecard=scorecard,
        assessed_date=assessed_date,
        status=found.status.value,
        score=found.score,
        targeted=found.targeted,
        answers=told,
        result={
            "sum": found.sum,
            "likelihood": {line: str(value) for line, value in found.likelihood.items()},
            "points": dict(found.points),
            "missing": list(found.fields),
        },
        assessed_by=acting_staff,
    )
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.assess", row, {"person": str(person.pk)})
    return row
