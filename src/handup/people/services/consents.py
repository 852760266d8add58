"""Consent: read, given for one purpose, withdrawn in one act; nothing given is refused (people.md
4.2)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q, QuerySet

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import unsaved
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require, require_over
from handup.people.models import (
    Consent,
    ConsentEnding,
    ConsentNotice,
    ConsentRefusal,
    Person,
    Referral,
)
from handup.people.queries import consents_in_force
from handup.people.queries.consents import taken_back
from handup.people.rules import codes as c
from handup.people.rules.referrals import OPEN, ReferralState
from handup.people.services.days import refuse_to_come
from handup.people.services.store import (
    change,
    check_span,
    insert,
    refuse_any,
    refuse_erased,
    refused_by,
)
from handup.projects.models import Organisation, Programme


class PurposeNotInNotice(Refusal):
    """The notice that was read says nothing of this purpose. Read the notice that names it."""


class NoticeNotYetValid(Refusal):
    """This notice holds from {valid_from}; consent cannot be given to it before."""


class SignatoryMissing(Refusal):
    """Write who signed for the person."""


class ConsentEnded(Refusal):
    """This consent has already ended, on {end_date}."""


class WithdrawnBeforeGiven(Refusal):
    """The consent was given on {given_date}; it cannot end before."""


class NoticeWithoutPurpose(Refusal):
    """A notice names at least one purpose."""


class NoticeTextMissing(Refusal):
    """Write the text that is read to the person."""


class NoticeVersionTaken(Refusal):
    """This version of the notice is already published in this language; give a new version."""


@dataclass(frozen=True, slots=True)
class ConsentIn:
    """One agreement: for what, to which notice, how, since when, and to whom where it names a
    recipient."""

    purpose: c.ConsentPurpose
    notice: ConsentNotice
    method: c.ConsentMethod
    given_date: date
    expires_date: date | None = None
    recipient: Organisation | None = None
    capacity: c.Capacity = c.Capacity.SELF
    signatory: str = ""
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NoIn:
    """One no: to what, after which notice, how, on which day, and to whom where it names one."""

    purpose: c.ConsentPurpose
    notice: ConsentNotice
    method: c.ConsentMethod
    refused_date: date
    recipient: Organisation | None = None
    id: UUID | None = None


def _read_faults(
    notice: ConsentNotice, purpose: c.ConsentPurpose, day: date, *, field: str
) -> Iterator[Refusal]:
    """What is said on a day is said to a notice that names it and held that day."""
    if purpose.value not in notice.purposes:
        yield PurposeNotInNotice(field="purpose")
    yield from refused_by(refuse_to_come, field, day)
    if day < notice.valid_from:
        yield NoticeNotYetValid(field=field, valid_from=notice.valid_from.isoformat())


def consent_faults(told: ConsentIn) -> Iterator[Refusal]:
    """Whatever is wrong with an agreement as it is told."""
    yield from _read_faults(told.notice, told.purpose, told.given_date, field="given_date")
    if told.capacity is not c.Capacity.SELF and not told.signatory.strip():
        yield SignatoryMissing(field="signatory")
    yield from refused_by(check_span, told.given_date, told.expires_date, field="expires_date")


def build_consents(pairs: Sequence[tuple[Person, ConsentIn]], staff: StaffUser) -> list[Consent]:
    """Build consents nothing is wrong with, without storing them."""
    return [
        unsaved(
            Consent,
            id=told.id or new_id(),
            person_id=person.pk,
            purpose=told.purpose.value,
            notice_id=told.notice.pk,
            recipient_id=told.recipient and told.recipient.pk,
            data_categories=list(told.notice.data_categories),
            signatory=told.signatory.strip(),
            capacity=told.capacity.value,
            method=told.method.value,
            given_date=told.given_date,
            expires_date=told.expires_date,
            recorded_by_id=staff.pk,
        )
        for person, told in pairs
    ]


def give_consent(*, acting_staff: StaffUser, person: Person, consent: ConsentIn) -> Consent:
    """Record that a person agreed; an earlier consent for the same purpose and recipient ends as
    renewed.

    Raises PurposeNotInNotice, NoticeNotYetValid, SignatoryMissing, EndsBeforeStart, DayToCome,
    PersonErased.
    """
    require(acting_staff, "people.give_consent", person)
    content = {
        "person_id": person.pk,
        "purpose": consent.purpose.value,
        "notice_id": consent.notice.pk,
        "recipient_id": consent.recipient and consent.recipient.pk,
        "method": consent.method.value,
        "given_date": consent.given_date,
    }
    if (known := already_stored(Consent, consent.id, acting_staff, **content)) is not None:
        return known
    refuse_erased(person)
    refuse_any(consent_faults(consent))
    row = build_consents([(person, consent)], acting_staff)[0]
    with transaction.atomic():
        _hold(person.pk)
        for former in _alike(row, on=consent.given_date).filter(ending=None):
            _end(former, c.ConsentEnd.RENEWED, consent.given_date, acting_staff)
        insert([row], acting_staff)
        audit.record(
            acting_staff,
            "people.give_consent",
            row,
            {"person": str(person.pk), "purpose": row.purpose},
        )
        if over := _over_since(row):
            _end(row, *over, acting_staff)
    return row


def _hold(person_id: UUID) -> None:
    """What one person agrees to and takes back is written one after the other."""
    list(Person._base_manager.select_for_update(of=("self",)).filter(pk=person_id))


def _alike(consent: Consent, *, on: date) -> QuerySet[Consent, Consent]:
    """Her consents in force on a day for the same purpose, to the same recipient or to all."""
    rows = consents_in_force(on=on, purpose=c.ConsentPurpose(consent.purpose))
    return rows.filter(person=consent.person_id, recipient=consent.recipient_id)


def _over_since(late: Consent) -> tuple[c.ConsentEnd, date] | None:
    """How and when a consent that is written down late was over already: taken back or refused
    since it was given, or given again; whichever came first. A paper found later brings nothing
    back.
    """
    taken = taken_back(late, late.person_id)
    rows = Consent._base_manager.filter(
        person=late.person_id, purpose=late.purpose, recipient=late.recipient_id
    ).order_by()
    again = rows.filter(given_date__gt=late.given_date).aggregate(day=Min("given_date"))["day"]
    if taken is not None and (again is None or taken <= again):
        return c.ConsentEnd.WITHDRAWN, taken
    return None if again is None else (c.ConsentEnd.RENEWED, again)


def withdraw_consent(
    *, acting_staff: StaffUser, consent: Consent, withdrawn_date: date
) -> ConsentEnding:
    """End a consent from that day on; whoever may see the person may do it, in one act. Whatever
    else she agreed to for the same purpose and recipient ends with it; referrals that rest on them
    and are not taken up are called back.

    Raises ConsentEnded, WithdrawnBeforeGiven, DayToCome.
    """
    require(acting_staff, "people.withdraw_consent", consent.person)
    _refuse_ended(consent)
    refuse_to_come("withdrawn_date", withdrawn_date)
    if withdrawn_date < consent.given_date:
        raise WithdrawnBeforeGiven(
            field="withdrawn_date", given_date=consent.given_date.isoformat()
        )
    with transaction.atomic():
        _hold(consent.person_id)
        _refuse_ended(consent)
        beside = _alike(consent, on=withdrawn_date).filter(ending=None).exclude(pk=consent.pk)
        endings = []
        for row in (consent, *beside):
            endings.append(_end(row, c.ConsentEnd.WITHDRAWN, withdrawn_date, acting_staff))
            _call_back(row, withdrawn_date, acting_staff)
    return endings[0]


def _refuse_ended(consent: Consent) -> None:
    former = ConsentEnding.objects.filter(consent=consent).first()
    if former is not None:
        raise ConsentEnded(end_date=former.end_date.isoformat())


def refuse_consent(*, acting_staff: StaffUser, person: Person, told: NoIn) -> ConsentRefusal:
    """Record that a person said no. What she had agreed to before, for this purpose and to this
    recipient or to everybody, ends that day as withdrawn; nothing of what she is given ends.

    Raises PurposeNotInNotice, NoticeNotYetValid, DayToCome, SameIdOtherContent, PersonErased.
    """
    require(acting_staff, "people.refuse_consent", person)
    content = {
        "person_id": person.pk,
        "purpose": told.purpose.value,
        "notice_id": told.notice.pk,
        "recipient_id": told.recipient and told.recipient.pk,
        "method": told.method.value,
        "refused_date": told.refused_date,
    }
    if (known := already_stored(ConsentRefusal, told.id, acting_staff, **content)) is not None:
        return known
    refuse_erased(person)
    refuse_any(_read_faults(told.notice, told.purpose, told.refused_date, field="refused_date"))
    held = consents_in_force(on=told.refused_date, purpose=told.purpose).filter(
        person=person, ending=None
    )
    if told.recipient is not None:
        held = held.filter(Q(recipient=None) | Q(recipient=told.recipient))
    row = ConsentRefusal(id=told.id or new_id(), recorded_by=acting_staff, **content)
    with transaction.atomic():
        _hold(person.pk)
        for consent in held:
            _end(consent, c.ConsentEnd.WITHDRAWN, told.refused_date, acting_staff)
            _call_back(consent, told.refused_date, acting_staff)
        insert([row], acting_staff)
        audit.record(
            acting_staff,
            "people.refuse_consent",
            row,
            {"person": str(person.pk), "purpose": row.purpose},
        )
    return row


def _call_back(consent: Consent, on: date, staff: StaffUser) -> None:
    """Call back the referrals that rest on a consent and are not taken up yet."""
    rows = Referral._base_manager.filter(consent=consent, state__in=OPEN)
    for referral in rows:
        change(referral, staff, state=ReferralState.REVOKED.value, closed_date=on)
        audit.record(staff, "people.move_referral", referral, {"to": referral.state})


def _end(consent: Consent, how: c.ConsentEnd, on: date, staff: StaffUser) -> ConsentEnding:
    ending = ConsentEnding(consent=consent, how=how.value, end_date=on, recorded_by=staff)
    insert([ending], staff)
    audit.record(
        staff,
        "people.withdraw_consent" if how is c.ConsentEnd.WITHDRAWN else "people.end_consent",
        ending,
        {"person": str(consent.person_id), "purpose": consent.purpose, "how": how.value},
    )
    return ending


def publish_notice(
    *,
    acting_staff: StaffUser,
    version: str,
    language: str,
    text: str,
    purposes: Sequence[c.ConsentPurpose],
    data_categories: Sequence[str],
    valid_from: date,
    programme: Programme | None = None,
) -> ConsentNotice:
    """Publish the text read before any data; published once, it is never changed.

    Raises NotAllowed without a grant over this programme (over everything for a notice of every
    programme), NoticeWithoutPurpose, NoticeTextMissing, NoticeVersionTaken.
    """
    over = None if programme is None else programme.pk
    require_over(acting_staff, "people.publish_notice", programme=over)
    if not purposes:
        raise NoticeWithoutPurpose(field="purposes")
    if not text.strip():
        raise NoticeTextMissing(field="text")
    if ConsentNotice.objects.filter(version=version, language=language).exists():
        raise NoticeVersionTaken(field="version")
    notice = ConsentNotice(
        programme=programme,
        version=version,
        language=language,
        text=text,
        purposes=[purpose.value for purpose in purposes],
        data_categories=list(data_categories),
        valid_from=valid_from,
    )
    with transaction.atomic():
        insert([notice], acting_staff)
        audit.record(acting_staff, "people.publish_notice", notice, {"version": version})
    return notice
