"""Our accounts at banks and operators, and the account a borrower is paid to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.models import AccountRole, Book
from handup.lending.errors import (
    AccountInUse,
    AccountSlip,
    BookOfOtherCurrency,
    CodeTaken,
    NotAnAccount,
)
from handup.lending.models import BankAccount, Loan, LoanAccount
from handup.lending.rules.banking import iban
from handup.lending.rules.banking.codes import AccountKind, BookWhen, Form, PainVersion
from handup.lending.rules.banking.statement import plain_account
from handup.lending.rules.banking.table import TableProfile
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require, require_over
from handup.projects.models import Organisation, Programme

TABLES = frozenset({Form.CSV, Form.XLSX})


def open_bank_account(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    book: Book,
    currency: str,
    number: str,
    holder: str,
    kind: AccountKind = AccountKind.BANK,
    organisation: Organisation | None = None,
    programme: Programme | None = None,
    bic: str = "",
    form: Form = Form.CAMT,
    profile: Mapping[str, Any] | None = None,
    pain_version: PainVersion = PainVersion.V09,
    plain_letters: bool = True,
    service_level: str = "",
    book_when: BookWhen = BookWhen.CONFIRMED,
    second_person_units: int | None = None,
    id: UUID | None = None,
) -> BankAccount:
    """Register an account of ours and how its bank writes and reads files.

    Raises NotAllowed, NotAnAccount, AccountSlip, AccountInUse, CodeTaken, BookOfOtherCurrency,
    ProfileUnknown.
    """
    require_over(
        acting_staff,
        "lending.open_bank_account",
        programme=programme.pk if programme else None,
        organisation=organisation.pk if organisation else None,
    )
    if (known := already_stored(BankAccount, id, acting_staff, code=code, name=name)) is not None:
        return known
    plain = checked_number(number, "number")
    _check_new(code, plain, book, currency, (profile or {}) if form in TABLES else None)
    with transaction.atomic():
        account = BankAccount.objects.create(
            id=id or new_id(),
            code=code,
            name=name,
            kind=kind.value,
            organisation=organisation,
            programme=programme,
            book=book,
            currency=currency,
            number=plain,
            bic=bic.replace(" ", "").upper(),
            holder=holder,
            form=form.value,
            profile=dict(profile or {}),
            pain_version=pain_version.value,
            plain_letters=plain_letters,
            service_level=service_level,
            book_when=book_when.value,
            second_person_units=second_person_units,
        )
        audit.record(acting_staff, "lending.open_bank_account", account, {"form": form.value})
    return account


def _check_new(
    code: str, number: str, book: Book, currency: str, profile: Mapping[str, Any] | None
) -> None:
    """Refuse what is taken, a currency the book does not take, a profile that cannot work."""
    if profile is not None:
        TableProfile.of(profile)
    if BankAccount.objects.filter(number=number, currency=currency).exists():
        raise AccountInUse(field="number")
    if BankAccount.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    if not _has_bank(book, currency):
        raise BookOfOtherCurrency(field="currency", book=book.code, currency=currency)


def _has_bank(book: Book, currency: str) -> bool:
    """Whether the book's BANK account takes this currency: its own, or any."""
    return AccountRole.objects.filter(book=book, role="BANK", currency__in=("", currency)).exists()


def checked_number(number: str, field: str) -> str:
    """An account number without spaces. Raises NotAnAccount, AccountSlip."""
    plain = plain_account(number)
    if not 4 <= len(plain) <= 34 or not plain.isascii():
        raise NotAnAccount(field=field)
    if iban.looks_like_iban(plain) and not iban.is_valid(plain):
        raise AccountSlip(field=field)
    return plain


def name_loan_account(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    number: str,
    holder: str,
    bic: str = "",
    kind: AccountKind = AccountKind.BANK,
    id: UUID | None = None,
) -> LoanAccount:
    """Note the account a borrower is paid to and pays from; the newest counts.

    Raises NotAllowed, OutOfSight, NotAnAccount, AccountSlip.
    """
    require(acting_staff, "lending.name_loan_account", loan)
    plain = checked_number(number, "number")
    if (
        known := already_stored(LoanAccount, id, acting_staff, loan=loan, number=plain)
    ) is not None:
        return known
    with transaction.atomic():
        account = LoanAccount.objects.create(
            id=id or new_id(),
            loan=loan,
            kind=kind.value,
            holder=holder.strip(),
            number=plain,
            bic=bic.replace(" ", "").upper(),
        )
        audit.record(acting_staff, "lending.name_loan_account", account, {"loan": str(loan.pk)})
    return account
