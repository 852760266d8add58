"""Refer a person to somebody outside: by consent and agreement, or by a focal point who says why;
and say that a person comes first.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.jobs import job
from handup.org.models import Setting, StaffUser
from handup.org.permissions import may, require
from handup.people.models import Consent, Person, Referral, ReferralPriority, SharingAgreement
from handup.people.models.labels import REFERRAL_STATE
from handup.people.queries.consents import ConsentMissing, consents_in_force
from handup.people.rules import referrals as rf
from handup.people.rules import sharing as sh
from handup.people.rules.codes import ConsentPurpose
from handup.people.rules.eligibility import Value
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.outreach import ReasonMissing
from handup.people.services.registration import registration_numbers
from handup.people.services.sharing import NotForSharing
from handup.people.services.store import change, insert, refuse_erased
from handup.projects.models import Organisation

SEND = "people.send_referral"
OVERRIDE = "people.override_referral"
SETTING = "referral_days"


class NeedMissing(Refusal):
    """Write what she needs there."""


class ReferralNotThere(Refusal):
    """This referral is {state}; it cannot become {wanted} now."""


class NoAgreementWith(Refusal):
    """There is no agreement in force with {recipient} for this. A focal point may answer for it."""


class ComesFirstAlready(Refusal):
    """She comes first already."""


def draft_referral(
    *,
    acting_staff: StaffUser,
    person: Person,
    recipient: Organisation,
    purpose: ConsentPurpose,
    need: str,
    made_date: date,
    id: UUID | None = None,
) -> Referral:
    """Write down to whom a person is to be sent, and for what; nothing leaves the house yet.

    Raises NeedMissing, NotForSharing, DayToCome, PersonErased.
    """
    require(acting_staff, SEND, person)
    known = already_stored(
        Referral, id, acting_staff, person_id=person.pk, recipient_id=recipient.pk
    )
    if known is not None:
        return known
    refuse_erased(person)
    if purpose not in sh.SHARING:
        raise NotForSharing(field="purpose")
    if not need.strip():
        raise NeedMissing(field="need")
    if made_date > timezone.localdate():
        raise DayToCome(field="made_date", date=made_date)
    (code,) = registration_numbers(1, Referral, "R")
    row = Referral(
        id=id or new_id(),
        code=code,
        person=person,
        recipient=recipient,
        purpose=purpose.value,
        need=need.strip(),
        made_by=acting_staff,
        made_date=made_date,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.draft_referral", row, {"person": str(person.pk)})
    return row


def send_referral(
    *, acting_staff: StaffUser, referral: Referral, on: date, override: str = ""
) -> Referral:
    """Send it: she agrees to this purpose towards them, and an agreement with them is in force.

    A focal point may send it without, saying why; it is logged. Raises ConsentMissing,
    NoAgreementWith, NotAllowed (override), ReferralNotThere, DayToCome, StepBefore,
    PersonErased.
    """
    require(acting_staff, SEND, referral)
    if override.strip():
        require(acting_staff, OVERRIDE, referral)
    with transaction.atomic():
        row = _lock(referral, rf.ReferralState.SENT, on)
        consent, agreement = _consent(row, on), _agreement(row, on)
        if not override.strip():
            if consent is None:
                raise ConsentMissing(purpose=row.purpose)
            if agreement is None:
                raise NoAgreementWith(recipient=str(row.recipient))
        change(
            row,
            acting_staff,
            state=rf.ReferralState.SENT.value,
            consent=consent,
            agreement=agreement,
            override=override.strip(),
            sent_by=acting_staff,
            sent_date=on,
            due_date=rf.answer_due(on, answer_days()),
        )
        facts: audit.Facts = {"override": bool(override.strip()), "person": str(row.person_id)}
        audit.record(acting_staff, SEND, row, facts)
    return row


def answer_days() -> int:
    """How long an answer is waited for: the setting's number, else fourteen days."""
    told: Any = Setting.objects.filter(key=SETTING).values_list("value", flat=True).first()
    return told if isinstance(told, int) and not isinstance(told, bool) else rf.NO_ANSWER_DAYS


def _consent(row: Referral, on: date) -> Consent | None:
    """What she agreed to by that day and has not taken back since, whatever day is written down."""
    purpose = ConsentPurpose(row.purpose)
    given = consents_in_force(on=on, purpose=purpose)
    now = consents_in_force(on=timezone.localdate(), purpose=purpose)
    towards = Q(recipient=None) | Q(recipient_id=row.recipient_id)
    held = given.filter(towards, person_id=row.person_id, pk__in=now.values("pk"))
    return held.order_by("-given_date").first()


def _agreement(row: Referral, on: date) -> SharingAgreement | None:
    """An agreement in force on that day and still now."""
    if row.person.programme_id is None:
        return None
    rows = SharingAgreement._base_manager.filter(
        recipient_id=row.recipient_id,
        purpose=row.purpose,
        state=sh.AgreementState.ACTIVE.value,
        first_date__lte=on,
        last_date__gte=timezone.localdate(),
    )
    return rows.filter(programme_id=row.person.programme_id).first()


def _lock(referral: Referral, wanted: rf.ReferralState, on: date) -> Referral:
    row = Referral._base_manager.select_for_update(of=("self",)).get(pk=referral.pk)
    state = rf.ReferralState(row.state)
    if wanted not in rf.MOVES[state]:
        raise ReferralNotThere(state=REFERRAL_STATE[state], wanted=REFERRAL_STATE[wanted])
    if on > timezone.localdate():
        raise DayToCome(field="on", date=on)
    refuse_erased(row.person)
    last = row.answered_date or row.sent_date or row.made_date
    if on < last:
        raise StepBefore(field="on", date=on, last=last)
    return row


def move_referral(
    *,
    acting_staff: StaffUser,
    referral: Referral,
    to_state: rf.ReferralState,
    on: date,
    answer: str = "",
) -> Referral:
    """Record what became of it: received, accepted, rejected, done, or called back.

    Raises ReferralNotThere, ReasonMissing, DayToCome, StepBefore, PersonErased.
    """
    require(acting_staff, SEND, referral)
    if to_state in rf.WITH_REASON and not answer.strip():
        raise ReasonMissing(field="answer")
    with transaction.atomic():
        row = _lock(referral, to_state, on)
        if to_state is rf.ReferralState.SENT:  # that needs consent and agreement
            raise ReferralNotThere(
                state=REFERRAL_STATE[rf.ReferralState(row.state)], wanted=REFERRAL_STATE[to_state]
            )
        values: dict[str, object] = {"state": to_state.value, "answered_date": on}
        if answer.strip():
            values["answer"] = answer.strip()
        if not rf.MOVES[to_state]:
            values["closed_date"] = on
        change(row, acting_staff, **values)
        audit.record(acting_staff, "people.move_referral", row, {"to": to_state.value})
    return row


def unanswered(on: date) -> int:
    """Mark the referrals whose answer did not come in time; returns how many."""
    rows = Referral._base_manager.filter(state__in=rf.WAITING, due_date__lt=on)
    return rows.update(state=rf.ReferralState.NO_ANSWER.value)


@job
def look_for_answers() -> None:
    """The job of the night."""
    unanswered(timezone.localdate())


def set_referral_priority(
    *, acting_staff: StaffUser, person: Person, from_date: date
) -> ReferralPriority:
    """Say that a person comes first, without saying why. Raises ComesFirstAlready, DayToCome,
    PersonErased."""
    require(acting_staff, "people.set_referral_priority", person)
    refuse_erased(person)
    if from_date > timezone.localdate():
        raise DayToCome(field="from_date", date=from_date)
    if ReferralPriority._base_manager.filter(person=person, to_date=None).exists():
        raise ComesFirstAlready
    row = ReferralPriority(person=person, from_date=from_date, recorded_by=acting_staff)
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.set_referral_priority", row)
    return row


def priority_facts(person_ids: Sequence[UUID], on: date) -> Mapping[UUID, Mapping[str, Value]]:
    """The fact `referral_priority` of persons on a day, for rules."""
    held = ReferralPriority._base_manager.filter(
        Q(to_date=None) | Q(to_date__gte=on), person_id__in=person_ids, from_date__lte=on
    )
    first = set(held.values_list("person_id", flat=True))
    return {pk: {"referral_priority": pk in first} for pk in person_ids}


def may_override(staff: StaffUser, referral: Referral) -> bool:
    """Whether she may answer for a referral without consent or agreement."""
    return may(staff, OVERRIDE, referral)
