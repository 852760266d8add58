"""Portfolios of other systems on their way into this one: the lists as they came, what a try showed
of each loan, the totals of the old trial balance, and who signed.
"""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import Choices
from handup.lending.models.lenders import Lender
from handup.lending.models.loans import Loan
from handup.lending.rules.old_book import DueDays, InterestBasis, OldBookState, Proof, Way
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, Office, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths

OLD_BOOK_STATES: Choices = [
    (OldBookState.OPEN.value, _("Being prepared")),
    (OldBookState.PROPOSED.value, _("Waits for a second signature")),
    (OldBookState.SIGNED.value, _("Taken over")),
    (OldBookState.UNDONE.value, _("Taken back")),
]
WAYS: Choices = [
    (Way.PRESET.value, _("By its terms, with its history")),
    (Way.OPENING.value, _("As it stands on the day")),
]
PROOFS: Choices = [
    (Proof.EQUAL.value, _("Equal to the unit")),
    (Proof.DIFFERENT.value, _("Differs")),
    (Proof.NOT_MADE.value, _("No schedule can be made")),
    (Proof.NOTHING_LISTED.value, _("Nothing to compare with")),
]
DUE_DAYS: Choices = [
    (DueDays.BY_TERMS.value, _("worked out by the terms")),
    (DueDays.AS_LISTED.value, _("taken from the listed schedules")),
]
BASES: Choices = [
    (InterestBasis.ACCRUED.value, _("earned and not paid, day by day")),
    (InterestBasis.DUE.value, _("fallen due and not paid")),
    (InterestBasis.NONE.value, _("none: interest counts when it is paid")),
]
CONTRA_ROLES: Choices = [
    ("CAPITAL", _("Paid-in capital")),
    ("RETAINED", _("Kept from earlier years")),
    ("BORROWINGS", _("Borrowed from banks and investors")),
    ("GRANT_DEFERRED", _("Grants not yet earned")),
]
"""What the loans were lent from, against which the opening journal is posted."""
AGEING_LABELS = {
    "0": _("Principal not late"),
    "1-30": _("Principal 1 to 30 days late"),
    "31-60": _("Principal 31 to 60 days late"),
    "61-90": _("Principal 61 to 90 days late"),
    "91-180": _("Principal 91 to 180 days late"),
    "181-365": _("Principal 181 to 365 days late"),
    "366+": _("Principal more than a year late"),
}
TOTAL_LABELS = {
    "number": _("Number of loans"),
    "disbursed": _("Lent"),
    "principal": _("Outstanding principal"),
    "interest": _("Interest owed to us"),
    "fees": _("Fees owed to us"),
    "savings": _("Savings of the borrowers"),
}


class OldBook(House):
    """One portfolio that is taken over as of a day: under which convention, from which lists.

    controls: what the old trial balance says; columns: headings of the lists matched by hand.
    """

    CLASSES = classify(
        I="id recorded_at code name lender programme office officer terms due_days interest_basis"
        " contra_role cutover_date form columns file file_name sha256 unknown fault_count controls"
        " sample_size tried_date state opened_by proposed_by proposed_date signed_by signed_date"
        " entry undone_by undone_date undo_reason",
        P="faults",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        organisation="lender__organisation_id",
        caseload="officer_id",
    )
    VIEW = "lending.view_old_book"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="old_books", verbose_name=_("lender")
    )
    programme = models.ForeignKey(
        "projects.Programme",
        models.PROTECT,
        related_name="old_books",
        verbose_name=_("programme"),
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    officer = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("loan officer")
    )
    terms = models.JSONField(_("convention"))
    due_days = models.CharField(
        _("due dates"), max_length=10, choices=DUE_DAYS, default=DueDays.BY_TERMS
    )
    interest_basis = models.CharField(
        _("interest receivable"), max_length=10, choices=BASES, default=InterestBasis.ACCRUED
    )
    contra_role = models.CharField(_("lent from"), max_length=40, choices=CONTRA_ROLES)
    cutover_date = models.DateField(_("as of"))
    form = models.JSONField(_("how its files are written"), default=dict, blank=True)
    columns = models.JSONField(_("columns matched by hand"), default=dict, blank=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    file_name = models.CharField(_("file"), max_length=200, blank=True, default="")
    sha256 = models.CharField(max_length=64, blank=True, default="")
    unknown = models.JSONField(_("columns not known"), default=dict, blank=True)
    fault_count = models.PositiveIntegerField(_("faults"), default=0)
    faults = EncryptedTextField(_("faults with their cells"), blank=True, default="")
    controls = models.JSONField(_("totals of the old trial balance"), default=dict, blank=True)
    sample_size = models.PositiveIntegerField(_("tried"), default=0)
    tried_date = models.DateField(_("tried on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=OLD_BOOK_STATES, default=OldBookState.OPEN
    )
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_date = models.DateField(_("first signature on"), null=True, blank=True)
    signed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_date = models.DateField(_("second signature on"), null=True, blank=True)
    entry = models.UUIDField(_("opening journal"), null=True, blank=True)
    undone_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_date = models.DateField(_("taken back on"), null=True, blank=True)
    undo_reason = models.CharField(_("why taken back"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["OldBook"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("old portfolio")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:old_book_detail", args=[self.pk])

    @property
    def currency(self) -> str:
        """The currency of its amounts."""
        return self.lender.currency


class OldLoan(House):
    """One loan of an old portfolio: its lines as they came, what a try showed, how it comes in, and
    the loan it became.

    rows and payments: what the lists say of it. position: what a trial balance shows of it on the
    day, by the way it comes in.
    """

    CLASSES = classify(
        I="id recorded_at book place key fund status terms disbursed_date proof differences reason"
        " way loan",
        P="person group units told rows payments first position",
    )
    SCOPE = ScopePaths(
        office="book__office_id",
        programme="book__programme_id",
        organisation="book__lender__organisation_id",
        caseload="book__officer_id",
        person="person_id",
    )
    VIEW = "lending.view_old_book"

    book = models.ForeignKey(OldBook, models.CASCADE, related_name="loans")
    place = models.PositiveIntegerField(_("row"))
    key = models.CharField(_("number there"), max_length=60)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+"
    )
    group = models.ForeignKey(
        "groups.Group", models.PROTECT, null=True, blank=True, related_name="+"
    )
    fund = models.ForeignKey("ledger.Fund", models.PROTECT, null=True, blank=True, related_name="+")
    units = models.BigIntegerField(_("lent"))
    disbursed_date = models.DateField(_("paid out on"))
    status = models.CharField(_("status there"), max_length=60, blank=True, default="")
    terms = models.JSONField(_("terms of its own"), default=dict, blank=True)
    told = models.JSONField(_("totals told"), default=dict, blank=True)
    rows = models.JSONField(_("listed schedule"), default=list, blank=True)
    payments = models.JSONField(_("listed payments"), default=list, blank=True)
    proof = models.CharField(_("try"), max_length=14, choices=PROOFS, blank=True, default="")
    differences = models.PositiveIntegerField(_("rows that differ"), default=0)
    first = models.JSONField(_("first row that differs"), default=dict, blank=True)
    reason = models.CharField(_("why not made"), max_length=300, blank=True, default="")
    way = models.CharField(_("comes in"), max_length=10, choices=WAYS, blank=True, default="")
    position = models.JSONField(_("position on the day"), default=dict, blank=True)
    loan = models.OneToOneField(
        Loan, models.PROTECT, null=True, blank=True, related_name="old_loan"
    )

    objects: ClassVar[ScopedManager["OldLoan"]] = ScopedManager()

    class Meta:
        ordering = ("book", "place")
        verbose_name = _("loan of an old portfolio")
        constraints = (
            models.UniqueConstraint(fields=("book", "key"), name="one_old_loan_a_number"),
        )
        indexes = (models.Index(fields=("book", "proof", "way"), name="old_loan_proof"),)

    def __str__(self) -> str:
        return self.key

    @property
    def borrower_id(self) -> UUID | None:
        """The person, or the group."""
        return self.person_id or self.group_id
