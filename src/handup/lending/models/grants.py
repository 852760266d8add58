"""Help that is not lent: grants in tranches and assets handed over (rulings C20)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.models.borrower import BorrowerMixin, has_borrower
from handup.lending.models.labels import METHODS, PROPOSAL_STATES
from handup.lending.rules.codes import ProposalState
from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class EnterpriseGrant(BorrowerMixin, House):
    """Money given to start or rebuild a business: which criteria were met, and the tranches."""

    CLASSES = classify(
        I="id recorded_at code programme office officer currency book fund pathway state"
        " proposed_by proposed_date approved_date approved_by",
        P="person enterprise group purpose approved_units decision_reason",
        S="criteria_met",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        caseload="officer_id",
        person="person_id",
        shared=("enterprise__ownerships__person_id",),
    )
    VIEW = "lending.view_grant"

    code = models.CharField(_("number"), max_length=20, unique=True)
    programme = models.ForeignKey("projects.Programme", models.PROTECT, related_name="grants")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    officer = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    purpose = models.CharField(_("purpose"), max_length=200)
    criteria_met = EncryptedJSONField(_("criteria met"))
    currency = models.CharField(_("currency"), max_length=3)
    approved_units = models.BigIntegerField(_("approved"))
    book = models.ForeignKey(
        "ledger.Book",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("book"),
    )
    fund = models.ForeignKey(
        "ledger.Fund",
        models.PROTECT,
        default=UNRESTRICTED_ID,
        related_name="grants",
        verbose_name=_("fund"),
    )
    pathway = models.ForeignKey(
        "lending.PathwayEnrolment",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("on the pathway"),
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=PROPOSAL_STATES,
        default=ProposalState.APPROVED.value,
    )
    proposed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_date = models.DateField(_("proposed on"), null=True, blank=True)
    approved_date = models.DateField(_("decided on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["EnterpriseGrant"]] = ScopedManager()

    class Meta:
        ordering = ("-approved_date",)
        constraints = (
            has_borrower("grant_one_receiver"),
            models.CheckConstraint(
                condition=models.Q(approved_units__gt=0), name="grant_amount_above_zero"
            ),
        )

    def __str__(self) -> str:
        return self.code


THROUGH_GRANT = ScopePaths(
    office="grant__office_id",
    programme="grant__programme_id",
    caseload="grant__officer_id",
    person="grant__person_id",
    shared=("grant__enterprise__ownerships__person_id",),
)


class GrantTranche(House):
    """One payment of a grant, its receipt, and whether its use was checked."""

    CLASSES = classify(
        I="id recorded_at grant number planned_date condition_met_date condition_met_by"
        " condition_document paid_date paid_by method payment receipt use_checked_date"
        " use_checked_by",
        P="units condition use_as_agreed use_note",
    )
    SCOPE = THROUGH_GRANT
    VIEW = "lending.view_grant"

    grant = models.ForeignKey(EnterpriseGrant, models.PROTECT, related_name="tranches")
    number = models.PositiveIntegerField(_("tranche"))
    units = models.BigIntegerField(_("amount"))
    planned_date = models.DateField(_("planned for"))
    condition = models.CharField(_("condition"), max_length=300, blank=True, default="")
    condition_met_date = models.DateField(_("condition met on"), null=True, blank=True)
    condition_met_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    condition_document = models.CharField(_("paper"), max_length=120, blank=True, default="")
    paid_date = models.DateField(_("paid on"), null=True, blank=True)
    paid_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    method = models.CharField(_("how"), max_length=10, choices=METHODS, blank=True, default="")
    payment = models.UUIDField(null=True, blank=True, editable=False)
    receipt = models.CharField(_("receipt"), max_length=60, blank=True, default="")
    use_checked_date = models.DateField(_("use checked on"), null=True, blank=True)
    use_checked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    use_as_agreed = models.BooleanField(_("used as agreed"), null=True, blank=True)
    use_note = models.CharField(_("note"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["GrantTranche"]] = ScopedManager()

    class Meta:
        ordering = ("grant", "number")
        constraints = (
            models.UniqueConstraint(fields=("grant", "number"), name="one_tranche_a_number"),
            models.CheckConstraint(
                condition=models.Q(units__gt=0), name="tranche_amount_above_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.grant_id} {self.number}"


class AssetTransfer(House):
    """A kit or an animal handed over under a grant: what, worth how much, received, still there."""

    CLASSES = classify(
        I="id recorded_at grant description quantity handed_over_date handed_over_by method payment"
        " receipt checked_date checked_by",
        P="value_units still_held check_note",
    )
    SCOPE = THROUGH_GRANT
    VIEW = "lending.view_grant"

    grant = models.ForeignKey(EnterpriseGrant, models.PROTECT, related_name="assets")
    description = models.CharField(_("what"), max_length=200)
    quantity = models.PositiveIntegerField(_("how many"), default=1)
    value_units = models.BigIntegerField(_("value"))
    handed_over_date = models.DateField(_("handed over on"), null=True, blank=True)
    handed_over_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    method = models.CharField(
        _("bought by"), max_length=10, choices=METHODS, blank=True, default=""
    )
    payment = models.UUIDField(null=True, blank=True, editable=False)
    receipt = models.CharField(_("receipt"), max_length=60, blank=True, default="")
    checked_date = models.DateField(_("checked on"), null=True, blank=True)
    checked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    still_held = models.BooleanField(_("still held"), null=True, blank=True)
    check_note = models.CharField(_("note"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["AssetTransfer"]] = ScopedManager()

    class Meta:
        ordering = ("-handed_over_date",)

    def __str__(self) -> str:
        return self.description
