"""Certificates: issued with a serial and a signed code, revoked with a reason, replaced by a
new one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.urls import get_script_prefix

from handup.kernel.crypto import new_signing_key, public_key_of, sign
from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.training.models import Certificate, Cohort, Enrolment, SerialCounter, SigningKey
from handup.training.rules.attendance import Attended
from handup.training.rules.completion import attendance_met
from handup.training.rules.serials import (
    Printed,
    TooLongForCode,
    address_of,
    code_text,
    payload,
    payload_limit,
    serial,
)
from handup.training.rules.states import CertificateKind, CertificateState, EnrolmentState
from handup.training.services.common import (
    another_person,
    known,
    not_before,
    not_to_come,
    require_each,
    same,
    setting,
)
from handup.training.services.refusals import (
    AlreadyCertified,
    CodeTooLong,
    NameConsentMissing,
    NotCompleted,
    NotInThisState,
    NotSealable,
    OwnTrainerAlone,
    ReasonMissing,
)

SAME = ("enrolment_id", "kind", "issued_date", "printed_name")


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateIn:
    """One certificate to issue; the name is the person's own unless another is to be printed.

    A `sealed` one is printed ahead of the close of its course and is valid only from then.
    """

    enrolment: Enrolment
    issued_date: date
    kind: CertificateKind = CertificateKind.COMPLETION
    printed_name: str = ""
    replaces: Certificate | None = None
    sealed: bool = False
    id: UUID = field(default_factory=new_id)

    @property
    def name(self) -> str:
        """The name as printed."""
        return self.printed_name.strip() or self.enrolment.person.display_name


def issue_certificate(
    *,
    acting_staff: StaffUser,
    enrolment: Enrolment,
    issued_date: date,
    kind: CertificateKind = CertificateKind.COMPLETION,
    printed_name: str = "",
    reason: str = "",
    sealed: bool = False,
    id: UUID | None = None,
) -> Certificate:
    """Issue one certificate.

    Raises NotCompleted, NotSealable, NameConsentMissing, OwnTrainerAlone, AlreadyCertified,
    CodeTooLong.
    """
    item = CertificateIn(
        enrolment=enrolment,
        issued_date=issued_date,
        kind=kind,
        printed_name=printed_name,
        sealed=sealed,
        id=id or new_id(),
    )
    return issue_certificates(acting_staff=acting_staff, items=[item], reason=reason)[0]


def issue_certificates(
    *, acting_staff: StaffUser, items: Sequence[CertificateIn], reason: str = ""
) -> list[Certificate]:
    """Issue many certificates at once, all or none; serials rise in the order given.

    Those of one programme and year stand in a block without a gap, so that papers printed ahead
    for a ceremony keep their numbers.
    """
    cohorts = {item.enrolment.cohort_id: item.enrolment.cohort for item in items}
    require_each(acting_staff, "training.issue_certificate", list(cohorts.values()))
    before = known(Certificate, [item.id for item in items])
    new = [item for item in items if item.id not in before]
    for item in new:
        if item.sealed:
            _refuse_unsealable(item)
        else:
            _refuse_unearned(item)
    with transaction.atomic():
        for cohort in cohorts.values():
            another_person(
                acting_staff,
                *cohort.trainers.values_list("staff_id", flat=True),
                step="training.issue_certificate",
                refusal=OwnTrainerAlone,
                reason=reason,
                obj=cohort,
            )
        _refuse_second(new)
        key = current_key()
        numbers = _serials(new)
        site: str = setting("site.address", "http://localhost:8000")
        rows = {
            item.id: _certificate(acting_staff, item, number, key, site)
            for item, number in zip(new, numbers, strict=True)
        }
        Certificate.objects.bulk_create(rows.values(), batch_size=200)
        audit.record_many(
            audit.line(acting_staff, "training.issue_certificate", row) for row in rows.values()
        )
    return [rows[item.id] if item.id in rows else _again(before[item.id], item) for item in items]


def replace_certificate(
    *, acting_staff: StaffUser, certificate: Certificate, printed_name: str, issued_date: date
) -> Certificate:
    """Print a corrected name: a new serial replaces the old one, which then says so. It holds no
    day longer than the old one would have: nobody was taught anew.
    """
    require(acting_staff, "training.issue_certificate", certificate)
    with transaction.atomic():
        _hold_valid(certificate)
        certificate.state = CertificateState.REPLACED
        certificate.save(update_fields=("state",))
        item = CertificateIn(
            enrolment=certificate.enrolment,
            issued_date=issued_date,
            kind=CertificateKind(certificate.kind),
            printed_name=printed_name,
            replaces=certificate,
        )
        return issue_certificates(acting_staff=acting_staff, items=[item])[0]


def revoke_certificate(
    *, acting_staff: StaffUser, certificate: Certificate, reason: str, revoked_date: date
) -> Certificate:
    """Revoke a certificate with a reason; its public page says REVOKED from now on."""
    require(acting_staff, "training.revoke_certificate", certificate)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    not_before(revoked_date, certificate.issued_date, field="revoked_date")
    not_to_come(revoked_date, field="revoked_date")
    with transaction.atomic():
        _hold_valid(certificate)
        _revoke(acting_staff, certificate, reason.strip(), revoked_date)
    return certificate


def _hold_valid(certificate: Certificate) -> None:
    """Hold a certificate as it is stored now: what was revoked meanwhile is not replaced. Raises
    NotInThisState.
    """
    held = Certificate.objects.select_for_update().get(pk=certificate.pk)
    if held.state != CertificateState.VALID:
        raise NotInThisState(state=held.get_state_display())


def _revoke(staff: StaffUser, certificate: Certificate, reason: str, on: date) -> None:
    certificate.state = CertificateState.REVOKED
    certificate.revoke_reason = reason
    certificate.revoked_date = on
    certificate.revoked_by = staff
    certificate.save(update_fields=("state", "revoke_reason", "revoked_date", "revoked_by"))
    audit.record(staff, "training.revoke_certificate", certificate)


def current_key() -> SigningKey:
    """Return the key that signs today, made on first use; its private half is sealed."""
    key: SigningKey | None = SigningKey.objects.filter(retired_at=None).order_by("-number").first()
    if key is None:
        secret = new_signing_key()
        key = SigningKey(
            number=SigningKey.objects.count() + 1,
            public_key=public_key_of(secret),
            private_key=secret,
        )
        key.save(force_insert=True)
    return key


def _again(row: Certificate, item: CertificateIn) -> Certificate:
    asked = Certificate(
        enrolment=item.enrolment,
        kind=item.kind,
        issued_date=item.issued_date,
        printed_name=item.name,
    )
    return same(row, asked, SAME)


def _refuse_unearned(item: CertificateIn) -> None:
    row = item.enrolment
    if not _is_earned(row, item.kind):
        raise NotCompleted(field="enrolment", person=row.person)
    if row.name_consent_date is None:
        raise NameConsentMissing(field="enrolment", person=row.person)
    not_before(item.issued_date, row.completed_date, field="issued_date")
    not_to_come(item.issued_date, field="issued_date")


def _is_earned(row: Enrolment, kind: CertificateKind) -> bool:
    """Whether the frozen figures of a course allow a certificate of a kind."""
    if kind is not CertificateKind.ATTENDANCE:
        return row.completed_date is not None
    sums = Attended(row.held_minutes or 0, row.attended_minutes or 0)
    return sums.held > 0 and attendance_met(sums, row.cohort.course.threshold_bps)


def _refuse_unsealable(item: CertificateIn) -> None:
    """Print ahead only for who is on the roll of a course that is not closed, with her consent."""
    row = item.enrolment
    open_course = not row.cohort.is_closed and row.state == EnrolmentState.ENROLLED
    if not open_course or item.kind is not CertificateKind.COMPLETION:
        raise NotSealable(field="enrolment")
    if row.name_consent_date is None:
        raise NameConsentMissing(field="enrolment", person=row.person)
    not_before(item.issued_date, row.enrolled_date, field="issued_date")


def activate_sealed(staff: StaffUser, cohort: Cohort) -> int:
    """Make valid what was printed ahead for those who completed; called when the cohort closes,
    in its transaction. Who did not complete keeps a sealed paper until it is struck.
    """
    rows = list(
        Certificate.objects.filter(
            enrolment__cohort=cohort,
            enrolment__state=EnrolmentState.COMPLETED,
            enrolment__name_consent_date__isnull=False,
            state=CertificateState.SEALED,
        )
    )
    for row in rows:
        row.state = CertificateState.VALID
    Certificate.objects.filter(pk__in=[row.pk for row in rows]).update(state=CertificateState.VALID)
    audit.record_many(audit.line(staff, "training.activate_certificate", row) for row in rows)
    return len(rows)


def withdraw_unearned(staff: StaffUser, cohort: Cohort, reason: str, on: date) -> int:
    """Revoke what a correction shows was not earned, with the reason of the correction; called when
    the cohort closes again, in its transaction. How many.
    """
    found = Certificate.objects.select_for_update(of=("self",)).filter(
        enrolment__cohort=cohort, state=CertificateState.VALID
    )
    rows = [
        row
        for row in found.select_related("enrolment__cohort__course").order_by("pk")
        if not _is_earned(row.enrolment, CertificateKind(row.kind))
    ]
    for row in rows:
        _revoke(staff, row, reason, max(on, row.issued_date))
    return len(rows)


def strike_sealed(*, acting_staff: StaffUser, cohort: Cohort, reason: str, on: date) -> int:
    """Strike the papers of a closed cohort that were printed ahead and not earned; how many.

    Their serials are never given again. Raises NotInThisState while the course runs, DateBefore,
    AfterToday.
    """
    require(acting_staff, "training.issue_certificate", cohort)
    if not cohort.is_closed:
        raise NotInThisState(state=cohort.get_state_display())
    if not reason.strip():
        raise ReasonMissing(field="reason")
    not_before(on, cohort.closed_date, field="on")
    not_to_come(on, field="on")
    with transaction.atomic():
        sealed = Certificate.objects.select_for_update().filter(
            enrolment__cohort=cohort, state=CertificateState.SEALED
        )
        rows = list(sealed.exclude(enrolment__person_id__in=hidden_from(acting_staff)))
        for row in rows:
            row.state = CertificateState.STRUCK
            row.revoke_reason = reason.strip()
            row.revoked_date = on
            row.revoked_by = acting_staff
            row.save(update_fields=("state", "revoke_reason", "revoked_date", "revoked_by"))
        audit.record_many(
            audit.line(acting_staff, "training.strike_certificate", row) for row in rows
        )
    return len(rows)


def _refuse_second(items: Sequence[CertificateIn]) -> None:
    by_kind: dict[str, list[CertificateIn]] = {}
    for item in items:
        by_kind.setdefault(item.kind.value, []).append(item)
    for kind, given in by_kind.items():
        held = set(
            Certificate.objects.filter(
                kind=kind,
                state__in=(CertificateState.VALID, CertificateState.SEALED),
                enrolment__cohort__in={item.enrolment.cohort_id for item in given},
            ).values_list("enrolment_id", flat=True)
        )
        for item in given:
            if item.enrolment.pk in held:
                raise AlreadyCertified(field="enrolment", person=item.enrolment.person)
            held.add(item.enrolment.pk)


def _serials(items: Sequence[CertificateIn]) -> list[str]:
    """Take the next numbers of each programme and year, under a lock on the counter."""
    counters: dict[tuple[str, int], SerialCounter] = {}
    given = []
    for item in items:
        place = (item.enrolment.cohort.programme.code, item.issued_date.year)
        if place not in counters:
            SerialCounter.objects.get_or_create(programme_code=place[0], year=place[1])
            counters[place] = SerialCounter.objects.select_for_update().get(
                programme_code=place[0], year=place[1]
            )
        counter = counters[place]
        counter.last_number += 1
        given.append(serial(place[0], place[1], counter.last_number))
    for counter in counters.values():
        counter.save(update_fields=("last_number",))
    return given


VERIFIED_AT = "training/c/"
"""Where the address of a certificate is answered. Written out, not looked up: the table of all
pages would be read for it, which takes seconds where no page is served, as in an import.
"""


def _certificate(
    staff: StaffUser, item: CertificateIn, number: str, key: SigningKey, site: str
) -> Certificate:
    course = item.enrolment.cohort.course
    months = course.certificate_months
    valid_to = add_months(item.issued_date, months) if months else None
    if item.replaces is not None:
        valid_to = item.replaces.valid_to
    short = address_of(secrets.token_bytes(9))
    address = f"{site.rstrip('/')}{get_script_prefix()}{VERIFIED_AT}{short}"
    printed = Printed(
        number,
        course.code,
        item.issued_date,
        valid_to,
        item.name,
        key.number,
        sealed=item.sealed,
        attendance=item.kind is CertificateKind.ATTENDANCE,
    )
    try:
        signed = payload(printed, payload_limit(address))
        text = code_text(address, signed, sign(str(key.private_key), signed.encode()))
    except TooLongForCode:
        raise CodeTooLong from None
    return Certificate(
        id=item.id,
        serial=number,
        address=short,
        enrolment=item.enrolment,
        kind=item.kind,
        printed_name=item.name,
        issued_date=item.issued_date,
        valid_to=valid_to,
        state=CertificateState.SEALED if item.sealed else CertificateState.VALID,
        code_text=text,
        signing_key=key,
        issued_by=staff,
        replaces=item.replaces,
    )
