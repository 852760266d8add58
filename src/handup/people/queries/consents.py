"""Which consents hold on a day; nothing given is refused."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet

from handup.kernel.errors import Refusal
from handup.people.models import Consent, ConsentRefusal, Person
from handup.people.queries.households import chunks
from handup.people.rules.codes import ConsentEnd, ConsentPurpose
from handup.projects.models import Organisation


class ConsentMissing(Refusal):
    """The person has not agreed to this ({purpose}). Read the notice to her and record what she
    says."""


def consents_in_force(
    *, on: date, purpose: ConsentPurpose | None = None
) -> QuerySet[Consent, Consent]:
    """Return consents given by that day, not past their last day, not ended by that day."""
    rows = Consent._base_manager.filter(given_date__lte=on).filter(
        Q(expires_date=None) | Q(expires_date__gte=on)
    )
    rows = rows.filter(Q(ending=None) | Q(ending__end_date__gt=on))
    return rows if purpose is None else rows.filter(purpose=purpose.value)


def taken_back(consent: Consent, of: UUID, *, that_day: bool = False) -> date | None:
    """The first day since a consent was given on which it was taken back on the record `of`: a
    consent for the same purpose to the same recipient was withdrawn there, or a no was said to this
    recipient or to everybody. `that_day`: also on the day it was given.
    """
    since = "gte" if that_day else "gt"
    alike = Consent._base_manager.filter(
        person=of, purpose=consent.purpose, recipient=consent.recipient_id
    )
    withdrawn = alike.filter(
        ending__how=ConsentEnd.WITHDRAWN.value,
        **{f"ending__end_date__{since}": consent.given_date},
    )
    noes = ConsentRefusal._base_manager.filter(
        person=of, purpose=consent.purpose, **{f"refused_date__{since}": consent.given_date}
    )
    if consent.recipient_id is not None:
        noes = noes.filter(Q(recipient=None) | Q(recipient=consent.recipient_id))
    days = (
        withdrawn.order_by().aggregate(day=Min("ending__end_date"))["day"],
        noes.aggregate(day=Min("refused_date"))["day"],
    )
    return min((day for day in days if day is not None), default=None)


def persons_consenting(
    purpose: ConsentPurpose, *, on: date, recipient: Organisation | None = None
) -> QuerySet[Consent, UUID]:
    """Return ids of persons who agree to a purpose on a day, to everyone or to this recipient."""
    rows = consents_in_force(on=on, purpose=purpose)
    to_all = Q(recipient=None)
    rows = rows.filter(to_all if recipient is None else to_all | Q(recipient=recipient))
    return rows.values_list("person_id", flat=True)


def not_consenting(
    asked: Collection[tuple[UUID, date]], purpose: ConsentPurpose
) -> set[tuple[UUID, date]]:
    """Those of many persons, each asked about a day, who do not agree to a purpose towards everyone
    on that day; one statement for 500 persons.

    Who is named as recipient is looked at here: as a condition it would lead SQLite through the
    consents of everybody.
    """
    given: dict[UUID, list[tuple[date, date | None, date | None]]] = defaultdict(list)
    for piece in chunks({person for person, _day in asked}):
        rows = Consent._base_manager.filter(person_id__in=piece, purpose=purpose.value).order_by()
        found: Iterable[tuple[Any, ...]] = rows.values_list(
            "person_id", "recipient_id", "given_date", "expires_date", "ending__end_date"
        )
        for person, recipient, first, last, ended in found:
            if recipient is None:
                given[person].append((first, last, ended))
    return {
        (person, on)
        for person, on in asked
        if not any(
            first <= on and (last is None or on <= last) and (ended is None or on < ended)
            for first, last, ended in given[person]
        )
    }


def has_consent(
    person: Person | UUID,
    purpose: ConsentPurpose,
    *,
    on: date,
    recipient: Organisation | None = None,
) -> bool:
    """Tell whether a person agrees to a purpose on a day."""
    person_id = person.pk if isinstance(person, Person) else person
    ids = persons_consenting(purpose, on=on, recipient=recipient)
    return ids.filter(person_id=person_id).exists()


def require_consent(
    person: Person, purpose: ConsentPurpose, *, on: date, recipient: Organisation | None = None
) -> None:
    """Raise ConsentMissing unless the person agrees; every door that sends data out calls it."""
    if not has_consent(person, purpose, on=on, recipient=recipient):
        raise ConsentMissing(purpose=purpose.value)
