"""Data leave the house by agreement only: exactly what the agreement names, of those who agree, as
far as the role reaches; refused otherwise, also in a job that waits already (protection.md 4.5).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, duties
from handup.org.classes import ORDER
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.jobs import job
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, grants_for, require
from handup.org.services import read_file, store_file
from handup.org.services.files import path_of
from handup.people import disclosed
from handup.people.models import DisclosedPerson, Disclosure, SharingAgreement
from handup.people.models.labels import AGREEMENT_STATE
from handup.people.rules import sharing as sh
from handup.people.rules.codes import ConsentPurpose
from handup.people.services.days import DayToCome
from handup.people.services.registration import registration_numbers
from handup.people.services.store import change, check_span, insert
from handup.projects.models import Organisation, Programme

DRAFT = "people.draft_agreement"
SIGN = "people.sign_agreement"
SEND = "people.send_disclosure"


class NotForSharing(Refusal):
    """Nothing leaves the house for this purpose. Choose one of sharing, or research."""


class NothingGiven(Refusal):
    """Choose at least one field that the agreement names and your role may give."""


class LegalBasisMissing(Refusal):
    """Write on what legal basis data are given."""


class AgreementNotThere(Refusal):
    """This agreement is {state}; that is not its next step."""


class AgreementNotInForce(Refusal):
    """This agreement is not in force on {day}: nothing can be given under it."""


class NobodyAgrees(Refusal):
    """Nobody you may see has agreed to this purpose towards this recipient. Nothing was made."""


class ConsentsChanged(Refusal):
    """Somebody took her consent back meanwhile. Nothing was given; make it again."""


class ProofMissing(Refusal):
    """Write how its destruction was proved."""


class CannotBeTaken(Refusal):
    """This file cannot be taken: it is {state}. Ask for a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementIn:
    """What one recipient may be given, and for how long."""

    recipient: Organisation
    programme: Programme
    purpose: ConsentPurpose
    legal_basis: str
    first_date: date
    last_date: date
    destroy_date: date
    fields: Collection[sh.SharedField] = sh.BY_DEFAULT
    onward: bool = False
    id: UUID | None = None


def draft_agreement(*, acting_staff: StaffUser, agreement: AgreementIn) -> SharingAgreement:
    """Draft what a recipient may be given. Raises NotForSharing, NothingGiven, LegalBasisMissing,
    EndsBeforeStart, SameIdOtherContent.
    """
    require(acting_staff, DRAFT)
    told = agreement
    known = already_stored(
        SharingAgreement,
        told.id,
        acting_staff,
        recipient=told.recipient,
        programme=told.programme,
        purpose=told.purpose.value,
        legal_basis=told.legal_basis.strip(),
        fields=[field.value for field in sh.SharedField if field in told.fields],
        onward=told.onward,
        first_date=told.first_date,
        last_date=told.last_date,
        destroy_date=told.destroy_date,
    )
    if known is not None:
        require(acting_staff, DRAFT, known)
        return known
    if told.purpose not in sh.SHARING:
        raise NotForSharing(field="purpose")
    if not told.fields:
        raise NothingGiven(field="fields")
    if not told.legal_basis.strip():
        raise LegalBasisMissing(field="legal_basis")
    check_span(told.first_date, told.last_date, field="last_date")
    check_span(told.last_date, told.destroy_date, field="destroy_date")
    (code,) = registration_numbers(1, SharingAgreement, "A")
    row = SharingAgreement(
        id=told.id or new_id(),
        code=code,
        recipient=told.recipient,
        programme=told.programme,
        purpose=told.purpose.value,
        legal_basis=told.legal_basis.strip(),
        fields=[field.value for field in sh.SharedField if field in told.fields],
        onward=told.onward,
        first_date=told.first_date,
        last_date=told.last_date,
        destroy_date=told.destroy_date,
        drafted_by=acting_staff,
        drafted_date=timezone.localdate(),
    )
    require(acting_staff, DRAFT, row)
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, DRAFT, row, {"purpose": row.purpose})
    return row


STAMPS = {
    sh.AgreementState.SIGNED: "signed",
    sh.AgreementState.ACTIVE: "active",
    sh.AgreementState.ENDED: "ended",
    sh.AgreementState.DESTRUCTION_PROVEN: "proven",
}


def move_agreement(
    *,
    acting_staff: StaffUser,
    agreement: SharingAgreement,
    to_state: sh.AgreementState,
    on: date,
    proof: str = "",
    reason: str = "",
) -> SharingAgreement:
    """Take the next step: signed by somebody else than who drafted it, in force, ended, destroyed
    at the recipient's with proof. Raises AgreementNotThere, ProofMissing, DayToCome, SamePerson.
    """
    require(acting_staff, SIGN, agreement)
    if on > timezone.localdate():
        raise DayToCome(field="on", date=on)
    if to_state is sh.AgreementState.DESTRUCTION_PROVEN and not proof.strip():
        raise ProofMissing(field="proof")
    with transaction.atomic():
        row = SharingAgreement._base_manager.select_for_update(of=("self",)).get(pk=agreement.pk)
        state = sh.AgreementState(row.state)
        if sh.NEXT.get(state) is not to_state:
            raise AgreementNotThere(field="to_state", state=AGREEMENT_STATE[state])
        if to_state is sh.AgreementState.SIGNED:
            duties.require_other_person(
                acting_staff, row.drafted_by_id, step=SIGN, reason=reason, obj=row
            )
        stamp = STAMPS[to_state]
        values: dict[str, object] = {f"{stamp}_by": acting_staff, f"{stamp}_date": on}
        change(row, acting_staff, state=to_state.value, proof=proof.strip(), **values)
        audit.record(acting_staff, SIGN, row, {"to": to_state.value})
    return row


def may_give(staff: StaffUser) -> frozenset[sh.SharedField]:
    """The fields her roles that may send let her give."""
    return sh.fields_of_roles({grant.role for grant in grants_for(staff, SEND)})


def send_disclosure(
    *,
    acting_staff: StaffUser,
    agreement: SharingAgreement,
    fields: Collection[sh.SharedField],
    id: UUID | None = None,
) -> Disclosure:
    """Ask for a file for a recipient; a job makes it, and looks again whether it may.

    Raises AgreementNotInForce, NothingGiven, NotAllowed, OutOfSight, SameIdOtherContent; nothing is
    written then.
    """
    require(acting_staff, SEND, agreement)
    known = already_stored(Disclosure, id, acting_staff, agreement=agreement, made_by=acting_staff)
    if known is not None:
        if not {sh.SharedField(code) for code in known.fields} <= set(fields):
            raise SameIdOtherContent(field="fields")
        return known
    today = timezone.localdate()
    agreement.refresh_from_db()
    if not sh.in_force(agreement.terms, today):
        raise AgreementNotInForce(day=today.isoformat())
    given = sh.given_fields(fields, agreement.terms, may_give(acting_staff))
    if not given:
        raise NothingGiven(field="fields")
    (code,) = registration_numbers(1, Disclosure, "T")
    row = Disclosure(
        id=id or new_id(),
        code=code,
        agreement=agreement,
        fields=[field.value for field in given],
        made_by=acting_staff,
        made_date=today,
    )
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, SEND, row, {"agreement": str(agreement.pk)})
        make_disclosure.enqueue(str(row.pk))
    return row


def consents_for_columns(
    *, staff: StaffUser, agreement: SharingAgreement, fields: Collection[sh.SharedField]
) -> dict[UUID, UUID]:
    """The persons that may be in a snapshot in columns made today, each with her consent.

    Raises AgreementNotInForce, NothingGiven, NobodyAgrees.
    """
    today = timezone.localdate()
    agreement.refresh_from_db()
    if not sh.in_force(agreement.terms, today):
        raise AgreementNotInForce(day=today.isoformat())
    if not set(fields) <= agreement.terms.fields & sh.IN_COLUMNS:
        raise NothingGiven(field="fields")
    found = disclosed.consents_of(agreement, staff, today)
    if not found:
        raise NobodyAgrees
    return found


def note_columns(
    *,
    acting_staff: StaffUser,
    agreement: SharingAgreement,
    fields: Collection[sh.SharedField],
    consents: Mapping[UUID, UUID],
    sha256: str,
) -> Disclosure:
    """Write down that a snapshot in columns was made for a recipient: of whom, by which consents,
    and its sum. Call it in the transaction that keeps the snapshot. Raises ConsentsChanged.
    """
    still = consents_for_columns(staff=acting_staff, agreement=agreement, fields=fields)
    if not set(consents) <= set(still):
        raise ConsentsChanged
    (code,) = registration_numbers(1, Disclosure, "T")
    row = Disclosure(
        id=new_id(),
        code=code,
        agreement=agreement,
        fields=[field.value for field in sh.SharedField if field in fields],
        count=len(consents),
        sha256=sha256,
        state=sh.DisclosureState.TAKEN.value,
        made_by=acting_staff,
        made_date=timezone.localdate(),
        taken_at=timezone.now(),
    )
    insert([row], acting_staff)
    insert(
        [
            DisclosedPerson(disclosure=row, person_id=person, consent_id=consent)
            for person, consent in consents.items()
        ],
        acting_staff,
    )
    audit.record(acting_staff, SEND, row, {"agreement": str(agreement.pk)})
    return row


@job
def make_disclosure(disclosure_id: str) -> None:
    """The job that makes the file."""
    make(UUID(disclosure_id))


def make(disclosure_id: UUID) -> Disclosure:
    """Make the file of a disclosure: agreement, consents and role are those of now. What is not
    allowed any more is refused, and nothing is written.
    """
    now = timezone.now()
    on = timezone.localdate(now)
    with transaction.atomic():
        row = Disclosure._base_manager.select_for_update(of=("self",)).get(pk=disclosure_id)
        if row.state != sh.DisclosureState.QUEUED.value:
            return row
        agreement, staff = row.agreement, row.made_by
        wanted = [sh.SharedField(code) for code in row.fields]
        if not sh.in_force(agreement.terms, on):
            return _refused(row, sh.NotGiven.AGREEMENT)
        given = sh.given_fields(wanted, agreement.terms, may_give(staff))
        if list(given) != wanted or not staff.is_active:
            return _refused(row, sh.NotGiven.ROLE)
        consents = disclosed.consents_of(agreement, staff, on)
        if not consents:
            return _refused(row, sh.NotGiven.NOBODY)
        content = disclosed.as_csv(agreement, wanted, list(consents), on).encode("utf-8-sig")
        klass = max((sh.CLASS_OF[field] for field in wanted), key=ORDER.index)
        file = store_file(
            acting_staff=staff,
            owner=row,
            name=f"{row.code}.csv",
            content=content,
            klass=klass,
            made_here=True,
        )
        insert(
            [
                DisclosedPerson(disclosure=row, person_id=person, consent_id=consent)
                for person, consent in consents.items()
            ],
            staff,
        )
        change(
            row,
            staff,
            state=sh.DisclosureState.READY.value,
            count=len(consents),
            sha256=file.sha256,
            file=file,
            ends_at=sh.link_ends(now),
        )
    return row


def _refused(row: Disclosure, reason: sh.NotGiven) -> Disclosure:
    """Nothing is given; what was made before goes."""
    _drop_file(row)
    change(
        row,
        row.made_by,
        state=sh.DisclosureState.REFUSED.value,
        reason=reason.value,
        file=None,
    )
    audit.record(row.made_by, "people.refuse_disclosure", row, {"reason": reason.value})
    return row


def give_no_file_of(person_id: UUID) -> None:
    """Take the files away that wait to be taken and hold a person who is erased."""
    hers = DisclosedPerson._base_manager.filter(person_id=person_id).values("disclosure")
    rows = Disclosure._base_manager.select_for_update(of=("self",)).filter(pk__in=hers)
    for row in rows.exclude(file=None):
        _refused(row, sh.NotGiven.CONSENT)


def _drop_file(row: Disclosure) -> None:
    file = row.file
    if file is None:
        return
    place = path_of(file)
    Disclosure._base_manager.filter(pk=row.pk).update(file=None)
    row.file = None
    file.delete()
    transaction.on_commit(lambda: place.unlink(missing_ok=True))


def take_disclosure(*, acting_staff: StaffUser, disclosure: Disclosure) -> tuple[str, bytes]:
    """Take the file, once and within a day, by who asked for it; agreement, role and every consent
    must still hold. Returns its name and its bytes. Raises CannotBeTaken, NotAllowed, OutOfSight.
    """
    require(acting_staff, SEND, disclosure)
    if disclosure.made_by_id != acting_staff.pk:
        raise NotAllowed
    now = timezone.now()
    content: bytes | None = None
    with transaction.atomic():
        row = Disclosure._base_manager.select_for_update(of=("self",)).get(pk=disclosure.pk)
        if row.state == sh.DisclosureState.READY.value and row.file is not None:
            if row.ends_at is not None and now > row.ends_at:
                _drop_file(row)
                change(row, acting_staff, state=sh.DisclosureState.EXPIRED.value)
            elif (reason := _not_any_more(row, timezone.localdate(now))) is not None:
                _refused(row, reason)
            else:
                content = read_file(row.file)
                _drop_file(row)
                taken = sh.DisclosureState.TAKEN.value
                change(row, acting_staff, state=taken, taken_at=now, file=None)
                audit.record(acting_staff, "people.take_disclosure", row, {"count": row.count})
    disclosure.refresh_from_db()
    if content is None:
        raise CannotBeTaken(state=disclosure.get_state_display())
    return f"{disclosure.code}.csv", content


def _not_any_more(row: Disclosure, on: date) -> sh.NotGiven | None:
    """Why a file that is ready may not go any more."""
    agreement = row.agreement
    if not sh.in_force(agreement.terms, on):
        return sh.NotGiven.AGREEMENT
    wanted = [sh.SharedField(code) for code in row.fields]
    if list(sh.given_fields(wanted, agreement.terms, may_give(row.made_by))) != wanted:
        return sh.NotGiven.ROLE
    still = disclosed.consents_of(agreement, row.made_by, on)
    held: Sequence[UUID] = list(row.persons.values_list("person_id", flat=True))
    return None if set(held) <= set(still) else sh.NotGiven.CONSENT
