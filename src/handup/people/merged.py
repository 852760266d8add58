"""What people does with its own rows when two records turn out to be one person, what is told of
it, and what is forgotten (people.md 4.8, protection.md 4.7, 4.8)."""

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import UUID

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from handup.people.merging import Merge
from handup.people.models import (
    Alias,
    Assessment,
    Consent,
    ConsentEnding,
    ConsentRefusal,
    Enquiry,
    Grievance,
    LegalStatus,
    Match,
    Membership,
    MergeRecord,
    Ownership,
    Participation,
    ParticipationEvent,
    PersonDocument,
    PersonName,
    Referral,
    ReferralPriority,
    SeasonPlace,
    SubjectRequest,
    Vulnerability,
)
from handup.people.queries.consents import taken_back
from handup.people.rules.codes import ConsentEnd, HouseholdRole, ParticipationState, Reason
from handup.people.rules.merging import MergeLook, TakingPart, goes_on
from handup.people.rules.referrals import OPEN, ReferralState

GIVEN: tuple[type[Model], ...] = (
    PersonName,
    PersonDocument,
    LegalStatus,
    Vulnerability,
    SeasonPlace,
    Consent,
    ConsentRefusal,
    Ownership,
    Enquiry,
    Assessment,
    Referral,
    Grievance,
    SubjectRequest,
    Alias,
)
"""Tables whose rows simply go with her."""


def move(merge: Merge) -> None:
    """Give every row of people to the record that stays."""
    _consents(merge)
    for table in GIVEN:
        merge.give(table)
    _taking_part(merge)
    _homes(merge)
    _priority(merge)
    _matches(merge)
    merge.make(Alias(old_id=merge.merged, person_id=merge.survivor))


def _consents(merge: Merge) -> None:
    """What she took back on one record ends on the other too, and what rests on it is called back;
    a person looks at it, and at what she refused to others than the other record holds it for."""
    both = (merge.survivor, merge.merged)
    ended = ConsentEnding._base_manager.filter(
        how=ConsentEnd.WITHDRAWN.value, consent__person__in=both
    ).values_list("consent__person_id", "consent__purpose", "end_date")
    refused = ConsentRefusal._base_manager.filter(person__in=both).values_list(
        "person_id", "purpose", "refused_date"
    )
    for person, purpose, day in (*ended, *refused):
        held = Consent._base_manager.filter(
            person__in=both, purpose=purpose, given_date__lte=day, ending=None
        )
        if held.exclude(person=person).exists():
            merge.look(MergeLook.CONSENT_WITHDRAWN.value)
    for mine, other in (both, both[::-1]):
        rows = Consent._base_manager.filter(person=mine, ending=None)
        for consent in list(rows.order_by("given_date", "id")):
            on = taken_back(consent, other, that_day=True)
            if on is not None and (consent.expires_date is None or on <= consent.expires_date):
                _end(merge, consent, on)


def _end(merge: Merge, consent: Consent, day: date) -> None:
    """Which of two records spoke last on one day nobody knows: then what she took back holds."""
    merge.make(
        ConsentEnding(
            consent=consent,
            how=ConsentEnd.WITHDRAWN.value,
            end_date=day,
            recorded_by_id=merge.by,
        )
    )
    for referral in Referral._base_manager.filter(consent=consent, state__in=OPEN):
        merge.change(
            [referral],
            state=ReferralState.REVOKED.value,
            closed_date=max(merge.on, referral.sent_date or referral.made_date),
        )


def _taking_part(merge: Merge) -> None:
    """One programme twice: one participation goes on, the other is merged."""
    merged = ParticipationState.MERGED.value
    rows = Participation._base_manager.exclude(state=merged)
    hers = {row.programme_id: row for row in rows.filter(person=merge.survivor)}
    for row in rows.filter(person=merge.merged):
        other = hers.get(row.programme_id)
        if other is None:
            continue
        one, two = (
            TakingPart(part.state, part.applied_date, part.recorded_at, part.pk)
            for part in (other, row)
        )
        ends = row if goes_on(one, two) == other.pk else other
        merge.make(
            ParticipationEvent(
                participation=ends,
                from_state=ends.state,
                to_state=merged,
                reason=Reason.DUPLICATE.value,
                event_date=merge.on,
                recorded_by_id=merge.by,
            )
        )
        merge.change(
            [ends],
            state=merged,
            reason=Reason.DUPLICATE.value,
            ended_date=ends.ended_date or merge.on,
        )
    merge.give(Participation)


def _homes(merge: Merge) -> None:
    """One household twice: her place as head stays, else the earlier; the other ends that day."""
    present = Membership._base_manager.filter(to_date=None)
    hers = {row.household_id: row for row in present.filter(person=merge.survivor)}
    for row in present.filter(person=merge.merged):
        other = hers.get(row.household_id)
        if other is None:
            if hers:
                merge.look(MergeLook.TWO_HOUSEHOLDS.value)
            continue
        _stays, ends = sorted((other, row), key=_rank)
        merge.change([ends], to_date=max(merge.on, ends.from_date))
    merge.give(Membership)


def _rank(row: Membership) -> tuple[bool, object, UUID]:
    return row.role != HouseholdRole.HEAD.value, row.from_date, row.pk


def _priority(merge: Merge) -> None:
    rows = ReferralPriority._base_manager.all()
    if rows.filter(person=merge.survivor, to_date=None).exists():
        rows = rows.exclude(to_date=None)
    merge.give(ReferralPriority, rows=rows)


def _matches(merge: Merge) -> None:
    """What was found or decided of the one that goes and others holds for the one that stays,
    unless it was found for her too."""
    hers = Match._base_manager.filter(Q(first=merge.merged) | Q(second=merge.merged))
    for row in hers.order_by("pk"):
        other = row.second_id if row.first_id == merge.merged else row.first_id
        if other == merge.survivor:
            continue
        first, second = sorted((merge.survivor, other))
        if not Match._base_manager.filter(first=first, second=second).exists():
            merge.change([row], first_id=first, second_id=second)


def told(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """That two of her records were made one, or taken apart again."""
    found: list[Mapping[str, str]] = [
        {
            _("Merged on"): row.merged_date.isoformat(),
            _("Taken apart on"): row.undone_date.isoformat() if row.undone_date else "",
        }
        for row in _of(person_id)
    ]
    return {_("Records made one"): found} if found else {}


def erase(person_id: UUID) -> None:
    """Forget what her fields were before, and which rows moved: nothing can be taken apart any
    more, and a list of rows would lead from her id to what is counted."""
    for row in _of(person_id):
        row.values, row.moved, row.changes, row.made, row.left_as_is = "", {}, [], {}, []
        row.save(update_fields=["values", "moved", "changes", "made", "left_as_is"])


def _of(person_id: UUID) -> Iterator[MergeRecord]:
    hers = Q(survivor=person_id) | Q(merged=person_id)
    yield from MergeRecord._base_manager.filter(hers).order_by("recorded_at", "id")
