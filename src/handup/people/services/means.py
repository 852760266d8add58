"""Publish a proxy means test, and score a household by it; both stay as they were."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults
from handup.kernel.ids import new_id
from handup.kernel.sheet_faults import TooLong
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.people.models import Household, MeansScore, Membership, Person, ProxyMeansTest
from handup.people.queries.households import holds_on, households_of
from handup.people.rules.card_parts import Status
from handup.people.rules.categories import age_in_years
from handup.people.rules.pmt import PmtCard, PmtResult, pmt_card, score_pmt
from handup.people.services.instruments import NoHousehold
from handup.people.services.scorecards import (
    LONGEST_CODE,
    AssessedAhead,
    AssessedBeforeCard,
    CardBeforeLast,
    CardWithoutTitle,
    NotTheNextVersion,
    UnlistedAnswer,
)
from handup.people.services.store import insert, refuse_erased

Told = Mapping[str, str | int | None]


def publish_test(
    *,
    acting_staff: StaffUser,
    title: str,
    content: Mapping[str, object],
    published_date: date,
    id: UUID | None = None,
) -> ProxyMeansTest:
    """Publish the next version of a proxy means test; it is never changed.

    Raises CardWithoutTitle, NotTheNextVersion, CardBeforeLast, and Faults naming every place that
    is missing or cannot be used: a test with a gap is not saved.
    """
    require(acting_staff, "people.publish_card")
    card = pmt_card(content)
    known = already_stored(ProxyMeansTest, id, acting_staff, code=card.code, version=card.version)
    if known is not None:
        return known
    if len(card.code) > LONGEST_CODE:
        raise TooLong(field="code", column="code", most=LONGEST_CODE)
    if not title.strip():
        raise CardWithoutTitle(field="title")
    last = ProxyMeansTest.objects.filter(code=card.code).order_by("-version").first()
    following = 1 if last is None else last.version + 1
    if card.version != following:
        raise NotTheNextVersion(field="code", code=card.code, version=following)
    if last is not None and published_date <= last.published_date:
        told = last.published_date.isoformat()
        raise CardBeforeLast(field="published_date", published_date=told)
    row = ProxyMeansTest(
        id=id or new_id(),
        code=card.code,
        version=card.version,
        title=title.strip(),
        content=dict(content),
        published_date=published_date,
        published_by=acting_staff,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        facts: audit.Facts = {"code": card.code, "version": card.version}
        audit.record(acting_staff, "people.publish_test", row, facts)
    return row


def next_version(code: str) -> int:
    """The version the next test of a code has."""
    last = ProxyMeansTest.objects.filter(code=code).order_by("-version").first()
    return 1 if last is None else last.version + 1


def members_on(household: Household, on: date) -> list[Membership]:
    """The members of a household on a day, the head first."""
    rows = Membership._base_manager.filter(holds_on(on), household=household)
    return list(rows.select_related("person").order_by("role", "from_date", "id"))


def _check_day(test: ProxyMeansTest, on: date) -> None:
    if on < test.published_date:
        begins = test.published_date.isoformat()
        raise AssessedBeforeCard(field="scored_date", published_date=begins)
    if on > timezone.localdate():
        raise AssessedAhead(field="scored_date", date=on)


def score_household(
    *,
    acting_staff: StaffUser,
    person: Person,
    test: ProxyMeansTest,
    facts: Told,
    members: Mapping[UUID, Told] | None = None,
    scored_date: date,
    id: UUID | None = None,
) -> MeansScore:
    """Predict for the household of the person who answers, and keep what each term contributed.

    `facts` are those of the household by name (`area` chooses the line), `members` what was told of
    each member by the person's id; her age and sex, and how many live there, are taken from the
    register. A missing fact leaves it without a prediction. Source: people.md 4.4.

    Raises AssessedBeforeCard, AssessedAhead, NoHousehold, PersonErased, and Faults by fact.
    """
    require(acting_staff, "people.assess", person)
    refuse_erased(person)
    _check_day(test, scored_date)
    home_id = households_of([person.pk], on=scored_date).get(person.pk)
    if home_id is None:
        raise NoHousehold
    home = Household._base_manager.get(pk=home_id)
    hidden = hidden_from(acting_staff)
    present = [row for row in members_on(home, scored_date) if row.person_id not in hidden]
    listed = _members(present, members or {}, scored_date)
    told: dict[str, Any] = {name: value for name, value in facts.items() if value is not None}
    told.setdefault("members", len(listed))
    kept = {"household": told, "members": listed}
    known = already_stored(
        MeansScore, id, acting_staff, person_id=person.pk, test_id=test.pk, facts=kept
    )
    if known is not None:
        return known
    card = pmt_card(test.content)
    found = score_pmt(card, told, listed)
    if found.status is Status.REFUSED:
        raise Faults(
            Fault(UnlistedAnswer.code, str(UnlistedAnswer(item=name)), name)
            for name in found.fields
        )
    row = MeansScore(
        id=id or new_id(),
        test=test,
        person=person,
        household=home,
        scored_date=scored_date,
        status=found.status.value,
        predicted_units=found.predicted_units,
        targeted=found.targeted,
        facts=kept,
        result=_trace(card, found),
        scored_by=acting_staff,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.score_household", row, {"person": str(person.pk)})
    return row


def _members(
    rows: Sequence[Membership], told: Mapping[UUID, Told], on: date
) -> list[dict[str, str | int | None]]:
    found = []
    for row in rows:
        person = row.person
        known: dict[str, str | int | None] = {
            "age": age_in_years(person.birth_date, person.birth_precision, on),
            "sex": person.sex,
        }
        more: dict[str, str | int | None] = {
            name: value for name, value in told.get(person.pk, {}).items() if value is not None
        }
        if more:
            refuse_erased(person)
        found.append(known | more)
    return found


def _trace(card: PmtCard, found: PmtResult) -> dict[str, Any]:
    """What each term contributed, as plain digits."""
    return {
        "constant": format(card.constant, "f"),
        "terms": [
            {"fact": term.fact, "use": term.use.value, "contribution": format(part + 0, "f")}
            for term, part in zip(card.terms, found.contributions, strict=False)
        ],
        "score": None if found.score is None else format(found.score, "f"),
        "predicted": None if found.predicted is None else format(found.predicted, "f"),
        "missing": list(found.fields),
    }
