"""Credit passports: made when the person asks for one, signed, withdrawn when she wishes."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from handup.kernel.crypto import sign
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import FutureDate
from handup.lending.models import CreditPassport
from handup.lending.rules.passport import LONGEST_NAME, VALID_DAYS, Passport, signed_text
from handup.lending.services.history import histories_of
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Setting, StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.queries import require_consent
from handup.people.rules.codes import ConsentMethod, ConsentPurpose
from handup.training.rules.serials import address_of
from handup.training.services.certificates import current_key


class NothingToTell(Refusal):
    """There is no loan and there are no savings to tell of."""


class AskedTooLongAgo(Refusal):
    """She asked for it on {date}; ask her again, a request counts for 30 days."""


class PassportWithdrawn(Refusal):
    """This passport was withdrawn on {date}."""


ASK_COUNTS_DAYS = 30


def issue_passport(
    *,
    acting_staff: StaffUser,
    person: Person,
    requested_date: date,
    requested_how: ConsentMethod,
    issued_date: date,
    reference: str = "",
    id: UUID | None = None,
) -> CreditPassport:
    """Sign a person's savings and repayments as of a day, at her own request.

    Raises NotAllowed, OutOfSight, FutureDate, AskedTooLongAgo, ConsentMissing, NothingToTell.
    """
    require(acting_staff, "lending.issue_passport", person)
    content = {"person": person, "issued_date": issued_date}
    if (stored := already_stored(CreditPassport, id, acting_staff, **content)) is not None:
        return stored
    _check_days(requested_date, issued_date)
    require_consent(person, ConsentPurpose.SERVICE, on=issued_date)
    histories = histories_of(person.pk, issued_date)
    if not histories:
        raise NothingToTell(field="person")
    with transaction.atomic():
        key = current_key()
        valid_to = issued_date + timedelta(days=VALID_DAYS)
        name = person.display_name[:LONGEST_NAME]
        text = signed_text(Passport(name, issued_date, valid_to, key.number, histories))
        short = address_of(secrets.token_bytes(9))
        row = CreditPassport.objects.create(
            id=id or new_id(),
            person=person,
            address=short,
            printed_name=name,
            requested_date=requested_date,
            requested_how=requested_how.value,
            reference=reference.strip(),
            issued_date=issued_date,
            valid_to=valid_to,
            code_text=f"{_site(short)}#{text}.{sign(str(key.private_key), text.encode())}",
            signing_key=key,
            issued_by=acting_staff,
        )
        audit.record(acting_staff, "lending.issue_passport", row, {"person": str(person.pk)})
    return row


def _check_days(requested_date: date, issued_date: date) -> None:
    if issued_date > timezone.localdate():
        raise FutureDate(field="issued_date", date=issued_date)
    if requested_date > issued_date:
        raise FutureDate(field="requested_date", date=requested_date)
    if (issued_date - requested_date).days > ASK_COUNTS_DAYS:
        raise AskedTooLongAgo(field="requested_date", date=requested_date)


def _site(short: str) -> str:
    row = Setting.objects.filter(key="site.address").first()
    site = str(row.value) if row is not None else "http://localhost:8000"
    return site.rstrip("/") + reverse("lending:passport_verify", args=[short])


def withdraw_passport(
    *, acting_staff: StaffUser, passport: CreditPassport, withdrawn_date: date
) -> CreditPassport:
    """Withdraw a passport because its owner wishes; its public page says so from now on.

    Raises NotAllowed, OutOfSight, PassportWithdrawn.
    """
    require(acting_staff, "lending.withdraw_passport", passport.person)
    with transaction.atomic():
        row = CreditPassport.objects.select_for_update(of=("self",)).get(pk=passport.pk)
        if row.withdrawn_date is not None:
            raise PassportWithdrawn(date=row.withdrawn_date)
        row.withdrawn_date, row.withdrawn_by = withdrawn_date, acting_staff
        row.save(update_fields=("withdrawn_date", "withdrawn_by"))
        audit.record(acting_staff, "lending.withdraw_passport", row)
    return row
