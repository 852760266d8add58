"""Write the facts in columns: of all programmes for the house itself, or of one for a recipient,
under an agreement. Who did it, how much and with or without status stands in the trail and in the
read log (protection.md 2, R5; 4.5)."""

import shutil
from collections.abc import Collection
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, reads
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require, require_over
from handup.people.models import Disclosure, SharingAgreement
from handup.people.rules.sharing import AgreementState, SharedField
from handup.people.services import sharing
from handup.plans.refusals import InTheFuture
from handup.projects.models import Programme
from handup.results.columns.keyed import secret_key
from handup.results.columns.writing import MadeFor, Written, write_snapshot
from handup.results.models import CountingSecret


class NoSuchAgreement(Refusal):
    """There is no agreement {code} that you may see."""


def write_columns(*, acting_staff: StaffUser, day: date, sensitive: bool = False) -> Written:
    """Write a snapshot up to a day into the data folder, for the house itself. Only a grant over
    everything will do: it holds all programmes.

    sensitive: with status, disability and target groups, which asks for a permission of its own.
    Raises NotAllowed, InTheFuture, EngineMissing.
    """
    _require(acting_staff, day, sensitive=sensitive)
    told = f"snapshot in columns of all persons up to {day.isoformat()}"
    _read(acting_staff, (), told, sensitive=sensitive)
    written = write_snapshot(day, sensitive=sensitive)
    try:
        _note(acting_staff, written)
    except BaseException:
        shutil.rmtree(written.folder, ignore_errors=True)
        raise
    return written


def _require(staff: StaffUser, day: date, *, sensitive: bool) -> None:
    require_over(staff, "results.write_columns")
    if sensitive:
        require_over(staff, "results.write_columns_with_status")
    if day > timezone.localdate():
        raise InTheFuture(field="as_of", date=day)


def _read(staff: StaffUser, persons: Collection[UUID], told: str, *, sensitive: bool) -> None:
    reads.write_entry(
        staff=staff,
        door="COMMAND",
        action="EXPORT",
        persons=sorted(persons),
        highest="S" if sensitive else "P",
        purpose=told,
    )


def agreement_named(staff: StaffUser, code: str) -> SharingAgreement:
    """An agreement by its number. Raises NoSuchAgreement."""
    found = SharingAgreement.objects.visible_to(staff).filter(code=code.strip()).first()
    if found is None:
        raise NoSuchAgreement(code=code.strip())
    return found


def send_columns(
    *,
    acting_staff: StaffUser,
    agreement: SharingAgreement,
    day: date,
    folder: Path,
    sensitive: bool = False,
) -> Disclosure:
    """Write a snapshot of one programme for the recipient of an agreement: of those alone who agree
    to its purpose, under numbers made for this recipient. It is written down as given.

    Raises NotAllowed, OutOfSight, InTheFuture, AgreementNotInForce, NothingGiven, NobodyAgrees,
    ConsentsChanged, EngineMissing.
    """
    _require(acting_staff, day, sensitive=sensitive)
    if not SharingAgreement.objects.visible_to(acting_staff).filter(pk=agreement.pk).exists():
        raise OutOfSight
    fields = {SharedField.COLUMNS, *([SharedField.COLUMNS_STATUS] if sensitive else [])}
    consents = sharing.consents_for_columns(staff=acting_staff, agreement=agreement, fields=fields)
    told = f"snapshot in columns for agreement {agreement.code} up to {day.isoformat()}"
    _read(acting_staff, consents, told, sensitive=sensitive)
    held = CountingSecret._base_manager.filter(agreement=agreement).first()
    made_for = MadeFor(
        agreement=agreement.code,
        recipient=agreement.recipient_id,
        programme=agreement.programme,
        persons=frozenset(consents),
        secret=None if held is None else secret_key(str(held.secret)),
    )
    written = write_snapshot(day, sensitive=sensitive, folder=folder, made_for=made_for)
    try:
        with transaction.atomic():
            row = sharing.note_columns(
                acting_staff=acting_staff,
                agreement=agreement,
                fields=fields,
                consents=consents,
                sha256=written.sha256,
            )
            facts = {**_facts(written), "agreement": agreement.code}
            audit.record(acting_staff, "results.send_columns", row, facts)
    except BaseException:
        shutil.rmtree(written.folder, ignore_errors=True)
        raise
    return row


def keep_counting_secret(
    *, acting_staff: StaffUser, agreement: SharingAgreement, secret: str
) -> CountingSecret:
    """Keep the secret that who counts gave to this house; a new one takes the place of the old.

    Raises NotAllowed, OutOfSight, SecretTooShort, NothingGiven, AgreementNotThere.
    """
    require(acting_staff, "results.keep_counting_secret", agreement)
    secret_key(secret)
    with transaction.atomic():
        locked = SharingAgreement._base_manager.select_for_update(of=("self",))
        row = locked.get(pk=agreement.pk)
        if SharedField.COLUMNS not in row.terms.fields:
            raise sharing.NothingGiven(field="fields")
        if row.state in (AgreementState.ENDED.value, AgreementState.DESTRUCTION_PROVEN.value):
            raise sharing.AgreementNotThere(state=row.get_state_display())
        kept = CountingSecret._base_manager.filter(agreement=row).first()
        kept = kept or CountingSecret(id=new_id(), agreement=row)
        kept.secret = secret.strip()
        kept.kept_by, kept.kept_date = acting_staff, timezone.localdate()
        kept.save()
        audit.record(acting_staff, "results.keep_counting_secret", kept, {"agreement": row.code})
    return kept


def _facts(written: Written) -> dict[str, str | int | bool | None]:
    return {
        "day": written.day.isoformat(),
        "status": written.sensitive,
        "rows": sum(written.rows.values()),
        "sha256": written.sha256,
    }


def _note(staff: StaffUser, written: Written) -> None:
    facts = _facts(written)
    programmes = Programme.objects.order_by("code")
    with transaction.atomic():
        audit.record_many(
            audit.line(staff, "results.write_columns", row, facts) for row in programmes
        )
