"""Who lends, on what terms: lenders with their facilities and guarantees, products and their frozen
versions.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.models.labels import LENDER_MODES
from handup.lending.rules.codes import OWN_BOOK_MODES, LenderMode
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.rules.access import GrantFact, Role
from handup.org.scope import ScopedManager, ScopePaths


class CodeCounter(House):
    """The last number given to loans or applications; a code is that number with a check digit."""

    CLASSES = classify(I="id recorded_at key last")

    key = models.CharField(max_length=30, unique=True)
    last = models.PositiveIntegerField(default=0)

    objects: ClassVar[ScopedManager["CodeCounter"]] = ScopedManager()

    def __str__(self) -> str:
        return f"{self.key} {self.last}"


class Lender(House):
    """Whoever's money a loan is: a partner bank in one of three modes, or the programme itself."""

    CLASSES = classify(
        O="id recorded_at code name mode organisation programme currency active_from active_to",
        I="book bank_profile fund",
    )
    VIEW = "lending.view_lender"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    mode = models.CharField(_("whose money"), max_length=20, choices=LENDER_MODES)
    organisation = models.ForeignKey(
        "projects.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lenders",
        verbose_name=_("organisation"),
    )
    programme = models.ForeignKey(
        "projects.Programme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lenders",
        verbose_name=_("programme"),
    )
    book = models.ForeignKey(
        "ledger.Book",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="lenders",
        verbose_name=_("book"),
    )
    fund = models.ForeignKey(
        "ledger.Fund",
        models.PROTECT,
        default=UNRESTRICTED_ID,
        related_name="lenders",
        verbose_name=_("fund"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    bank_profile = models.JSONField(_("bank file profile"), default=dict, blank=True)
    active_from = models.DateField(_("active from"))
    active_to = models.DateField(_("active until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Lender"]] = ScopedManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def posts_loans(self) -> bool:
        """Tell whether its loans are assets of our books; else they are mirrors of the bank's."""
        return LenderMode(self.mode) in OWN_BOOK_MODES

    def lends_on(self, on: date) -> bool:
        """Tell whether it lends on a day."""
        return self.active_from <= on and (self.active_to is None or on <= self.active_to)


class Facility(House):
    """Money of ours placed at a bank that lends it; what is available follows from the loans."""

    CLASSES = classify(
        I="id recorded_at lender currency limit_units revolving signed_date expiry_date"
    )
    VIEW = "lending.view_lender"

    lender = models.ForeignKey(Lender, models.PROTECT, related_name="facilities")
    currency = models.CharField(_("currency"), max_length=3)
    limit_units = models.BigIntegerField(_("limit"))
    revolving = models.BooleanField(_("repaid principal may be lent again"), default=False)
    signed_date = models.DateField(_("signed on"))
    expiry_date = models.DateField(_("expires on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Facility"]] = ScopedManager()

    class Meta:
        ordering = ("-signed_date",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(limit_units__gt=0), name="facility_limit_above_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lender_id} {self.signed_date}"


class Guarantee(House):
    """A deposit that covers a share of a bank's loans: cover x principal, at most deposit x
    leverage.
    """

    CLASSES = classify(
        I="id recorded_at lender book currency deposit_units cover_bps max_leverage_x100"
        " call_after_days signed_date expiry_date"
    )
    VIEW = "lending.view_lender"

    lender = models.ForeignKey(Lender, models.PROTECT, related_name="guarantees")
    book = models.ForeignKey(
        "ledger.Book",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="guarantees",
        verbose_name=_("book of the fund"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    deposit_units = models.BigIntegerField(_("deposit"))
    cover_bps = models.PositiveIntegerField(_("cover, 1/100 of a percent"), default=5000)
    max_leverage_x100 = models.PositiveIntegerField(_("leverage x 100"), default=100)
    call_after_days = models.PositiveIntegerField(_("may be called after days"), default=90)
    signed_date = models.DateField(_("signed on"))
    expiry_date = models.DateField(_("expires on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Guarantee"]] = ScopedManager()

    class Meta:
        ordering = ("-signed_date",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(cover_bps__lte=10_000), name="guarantee_cover_at_most_whole"
            ),
            models.CheckConstraint(
                condition=models.Q(deposit_units__gte=0), name="guarantee_deposit_not_negative"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lender_id} {self.signed_date}"


def of_lender(lender: str) -> ScopePaths:
    """Who reads products: everybody whose role does, but a bank's clerk only those of her bank."""

    def anywhere(grant: GrantFact, staff: StaffUser) -> Q:
        return Q()

    def reading(grant: GrantFact, staff: StaffUser) -> Q | None:
        of_a_bank = grant.nowhere or grant.role is Role.BANK_CLERK
        return None if of_a_bank else Q(pk__isnull=False)

    return ScopePaths(organisation=f"{lender}__organisation_id", linked=anywhere, known=reading)


class Product(House):
    """A loan product of a programme; its conditions are in its versions."""

    CLASSES = classify(O="id recorded_at code name programme lender active", I="fund")
    SCOPE = of_lender("lender")
    VIEW = "lending.view_product"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    programme = models.ForeignKey(
        "projects.Programme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="loan_products",
        verbose_name=_("programme"),
    )
    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="products", verbose_name=_("lender")
    )
    fund = models.ForeignKey(
        "ledger.Fund",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="loan_products",
        verbose_name=_("fund"),
    )
    active = models.BooleanField(_("offered"), default=True)

    objects: ClassVar[ScopedManager["Product"]] = ScopedManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class ProductVersion(House):
    """One complete set of conditions; approved by another person, frozen once an application uses
    it.

    terms: the fields of `kernel.credit.Terms` (E1). eligibility, bands and grid:
    `rules/eligibility.py`.
    """

    CLASSES = classify(
        O="id recorded_at product number terms eligibility bands grid effective_date",
        I="proposed_by approved_by approved_date used_at",
    )
    SCOPE = of_lender("product__lender")
    VIEW = "lending.view_product"

    product = models.ForeignKey(Product, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    terms = models.JSONField(_("terms"))
    eligibility = models.JSONField(_("preconditions"), default=dict, blank=True)
    bands = models.JSONField(_("who decides up to which amount"), default=list, blank=True)
    grid = models.JSONField(_("scoring grid"), default=dict, blank=True)
    effective_date = models.DateField(_("effective from"))
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_date = models.DateField(_("approved on"), null=True, blank=True)
    used_at = models.DateTimeField(_("first used"), null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["ProductVersion"]] = ScopedManager()

    class Meta:
        ordering = ("product", "-number")
        constraints = (
            models.UniqueConstraint(fields=("product", "number"), name="one_version_a_number"),
        )

    def __str__(self) -> str:
        return f"{self.product_id} {self.number}"
