"""Whose data a disclosure holds, and how they are written: as little as the agreement needs."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from handup.kernel.crypto import keyed_hash
from handup.org import keys
from handup.org.models import Area, StaffUser
from handup.org.web.export import safe_text
from handup.people.models import Participation, Person, SharingAgreement
from handup.people.queries.categories import category_facts_on
from handup.people.queries.consents import consents_in_force
from handup.people.queries.households import chunks
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.codes import ConsentPurpose, ParticipationState
from handup.people.rules.sharing import SharedField, told_places

F = SharedField
PSEUDONYM_LENGTH = 20


def consents_of(agreement: SharingAgreement, staff: StaffUser, on: date) -> dict[UUID, UUID]:
    """The persons of the programme who agree to the purpose towards this recipient, each with that
    consent, as far as she who sends may see them. The erased are not among them, nor whoever is
    hidden, not even from her own case team.
    """
    part = Participation._base_manager.filter(programme_id=agreement.programme_id).exclude(
        state=ParticipationState.MERGED.value
    )
    seen = Person.objects.visible_to(staff).filter(
        erased_date=None, pk__in=part.values("person_id")
    )
    given = consents_in_force(on=on, purpose=ConsentPurpose(agreement.purpose)).filter(
        Q(recipient=None) | Q(recipient_id=agreement.recipient_id), person__in=seen.values("pk")
    )
    rows = given.order_by("person_id", "given_date", "id").values_list("person_id", "id")
    hidden = hidden_from_all()
    return {person: consent for person, consent in rows if person not in hidden}


def pseudonym(recipient_id: UUID, person_id: UUID) -> str:
    """What a recipient knows a person by: never the same as another recipient's."""
    key = keys.load().lasting_key(f"pseudonym.{recipient_id}")
    return keyed_hash(key, str(person_id))[:PSEUDONYM_LENGTH]


def as_csv(
    agreement: SharingAgreement, fields: Sequence[F], person_ids: Sequence[UUID], on: date
) -> str:
    """The rows, sorted by pseudonym so that order tells nothing; no cell runs as a formula."""
    rows = _rows(agreement, person_ids, on)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([field.value.lower() for field in fields])
    for row in sorted(rows, key=lambda row: row[F.PSEUDONYM]):
        writer.writerow([safe_text(row[field]) for field in fields])
    return out.getvalue()


def _rows(
    agreement: SharingAgreement, person_ids: Sequence[UUID], on: date
) -> list[Mapping[F, str]]:
    facts = category_facts_on(dict.fromkeys(person_ids, on))
    areas = {area.pk: _levels(area) for area in Area.objects.select_related("parent")}
    where = {pk: areas.get(fact.area_id, ("", "")) for pk, fact in facts.items() if fact.area_id}
    places = told_places(where.get(pk, ("", "")) for pk in person_ids)
    parts = {
        row.person_id: row
        for piece in chunks(person_ids)
        for row in Participation._base_manager.filter(
            programme_id=agreement.programme_id, person_id__in=list(piece)
        ).exclude(state=ParticipationState.MERGED.value)
    }
    found: list[Mapping[F, str]] = []
    for piece in chunks(person_ids):
        for person in Person._base_manager.filter(pk__in=list(piece)).select_related("area"):
            part = parts.get(person.pk)
            found.append(
                {
                    F.PSEUDONYM: pseudonym(agreement.recipient_id, person.pk),
                    F.SEX: person.sex,
                    F.AGE_BAND: facts[person.pk].age_band,
                    F.AREA: places[where.get(person.pk, ("", ""))],
                    F.STATE: part.state if part else "",
                    F.SINCE: _day(part.started_date) if part else "",
                    F.NUMBER: person.registration_no,
                    F.NAME: person.display_name,
                    F.BIRTH_DATE: _day(person.birth_date),
                    F.SETTLEMENT: str(person.area or ""),
                    F.PHONE: str(person.phone),
                }
            )
    return found


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _levels(area: Area) -> tuple[str, str]:
    """The codes of the places of level 1 and level 2 a place lies in."""
    codes = [code for code in area.path.split("/") if code]
    above = len(codes) - area.level
    first = codes[above] if 0 <= above < len(codes) else ""
    second = codes[above + 1] if area.level > 1 and above + 1 < len(codes) else ""
    return first, second
