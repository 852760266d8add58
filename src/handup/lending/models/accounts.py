"""Our accounts at banks and mobile-money operators, and the accounts of those who borrow."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.lending.models.banklabels import ACCOUNT_KINDS, BOOK_WHEN, FORMS, PAIN_VERSIONS
from handup.lending.models.loans import THROUGH_LOAN, Loan
from handup.lending.rules.banking.codes import AccountKind, BookWhen, Form, PainVersion
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.models import House
from handup.org.names_at_rest import NameField
from handup.org.scope import ScopedManager, ScopePaths


class BankAccount(House):
    """An account of ours: which book its money is in, and how its bank writes and reads files."""

    CLASSES = classify(
        O="id recorded_at code name kind organisation programme currency active",
        I="book number bic holder form profile pain_version plain_letters service_level book_when"
        " second_person_units",
    )
    SCOPE = ScopePaths(organisation="organisation_id", programme="programme_id")
    VIEW = "lending.view_bank_account"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(
        _("kind"), max_length=10, choices=ACCOUNT_KINDS, default=AccountKind.BANK
    )
    organisation = models.ForeignKey(
        "projects.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_accounts",
        verbose_name=_("bank or operator"),
    )
    programme = models.ForeignKey(
        "projects.Programme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bank_accounts",
        verbose_name=_("programme"),
    )
    book = models.ForeignKey(
        "ledger.Book", models.PROTECT, related_name="bank_accounts", verbose_name=_("book")
    )
    currency = models.CharField(_("currency"), max_length=3)
    number = models.CharField(_("account number"), max_length=34)
    bic = models.CharField(_("BIC"), max_length=11, blank=True, default="")
    holder = models.CharField(_("holder"), max_length=140)
    form = models.CharField(
        _("statements come as"), max_length=10, choices=FORMS, default=Form.CAMT
    )
    profile = models.JSONField(_("how its tables are read"), default=dict, blank=True)
    pain_version = models.CharField(
        _("payment orders go as"), max_length=12, choices=PAIN_VERSIONS, default=PainVersion.V09
    )
    plain_letters = models.BooleanField(_("only Latin letters in payment orders"), default=True)
    service_level = models.CharField(_("service level"), max_length=4, blank=True, default="")
    book_when = models.CharField(
        _("a loan counts as paid out"), max_length=10, choices=BOOK_WHEN, default=BookWhen.CONFIRMED
    )
    second_person_units = models.BigIntegerField(
        _("a second person agrees to every match by hand from"), null=True, blank=True
    )
    active = models.BooleanField(_("in use"), default=True)

    objects: ClassVar[ScopedManager["BankAccount"]] = ScopedManager()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=("number", "currency"), name="one_bank_account_a_number"
            ),
        )

    def __str__(self) -> str:
        return self.name


class LoanAccount(House):
    """The account a borrower is paid to and pays from; the newest counts."""

    CLASSES = classify(
        I="id recorded_at loan kind bic",
        P="holder",
        S="number number_hash",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan_account"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="accounts")
    kind = models.CharField(
        _("kind"), max_length=10, choices=ACCOUNT_KINDS, default=AccountKind.BANK
    )
    holder = NameField(_("holder"), most=140)
    number = EncryptedTextField(_("account number"))
    number_hash = KeyedHashField(source="number", kind="document")
    bic = models.CharField(_("BIC"), max_length=11, blank=True, default="")

    objects: ClassVar[ScopedManager["LoanAccount"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind}"
