"""What a member owes her group: internal loans and fines. Balances themselves come from the
journal."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GroupFact, Meeting, Resolution
from handup.groups.models.group import Constitution, Group, Member
from handup.groups.rules.loans import ChargeBasis, Counting
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths

BASES = {
    ChargeBasis.FLAT_ONCE: _("once for the loan"),
    ChargeBasis.FLAT_PER_PERIOD: _("each period on the first amount"),
    ChargeBasis.DECLINING: _("each period on the planned balance"),
}
COUNTINGS = {
    Counting.COMPLETED: _("only whole periods"),
    Counting.STARTED: _("a begun period counts"),
}


class InternalLoanStatus(models.TextChoices):
    """Where a loan inside a group stands."""

    OPEN = "OPEN", _("open")
    REPAID = "REPAID", _("repaid")
    WRITTEN_OFF = "WRITTEN_OFF", _("written off")
    NOT_KEPT = "NOT_KEPT", _("another record was kept")


class InternalLoan(House):
    """A loan from the group's box to a member; basis, rate and term are frozen at pay-out."""

    CLASSES = classify(
        I="id recorded_at group member fund principal_units rate_bps basis term_periods period_days"
        " counting paid_out_date due_date purpose resolution fact status"
    )
    SCOPE = ScopePaths(
        office="group__office_id",
        area="group__area_id",
        programme="group__programme_id",
        caseload="group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_internal_loan"

    group = models.ForeignKey(Group, models.PROTECT, related_name="internal_loans")
    member = models.ForeignKey(Member, models.PROTECT, related_name="internal_loans")
    fund = models.CharField(_("fund"), max_length=6, default="LOAN")
    principal_units = models.BigIntegerField(_("amount"))
    rate_bps = models.PositiveIntegerField(_("charge a period, hundredths of a percent"))
    basis = models.CharField(
        _("charge"), max_length=15, choices=[(k.value, v) for k, v in BASES.items()]
    )
    term_periods = models.PositiveSmallIntegerField(_("periods"))
    period_days = models.PositiveSmallIntegerField(_("days a period"))
    counting = models.CharField(max_length=9, choices=[(k.value, v) for k, v in COUNTINGS.items()])
    paid_out_date = models.DateField(_("paid out on"))
    due_date = models.DateField(_("due on"))
    purpose = models.CharField(_("purpose"), max_length=120, blank=True)
    resolution = models.ForeignKey(Resolution, models.PROTECT, null=True, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    status = models.CharField(
        _("state"),
        max_length=11,
        choices=InternalLoanStatus.choices,
        default=InternalLoanStatus.OPEN,
    )

    objects: ClassVar[ScopedManager["InternalLoan"]] = ScopedManager()

    class Meta:
        ordering = ("group", "paid_out_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(principal_units__gt=0), name="internal_loan_above_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.principal_units}"


class FineKind(models.TextChoices):
    """What a fine is for."""

    LATE = "LATE", _("late")
    ABSENT = "ABSENT", _("absent")
    DISORDER = "DISORDER", _("disorder")
    OTHER = "OTHER", _("other")


class Fine(House):
    """A fine the group set; it posts only when paid."""

    CLASSES = classify(I="id recorded_at group member meeting kind units paid_units waived fact")
    SCOPE = InternalLoan.SCOPE
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="fines")
    member = models.ForeignKey(Member, models.PROTECT, related_name="fines")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="fines")
    kind = models.CharField(_("for"), max_length=8, choices=FineKind.choices)
    units = models.BigIntegerField(_("amount"))
    paid_units = models.BigIntegerField(_("paid"), default=0)
    waived = models.BooleanField(_("waived"), default=False)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Fine"]] = ScopedManager()

    class Meta:
        ordering = ("group", "recorded_at")

    def __str__(self) -> str:
        return f"{self.kind} {self.units}"


class Credential(models.TextChoices):
    """How a key holder proves that she is there."""

    PIN = "PIN", _("PIN")
    CARD_QR = "CARD_QR", _("card")
    PICTURES = "PICTURES", _("pictures")


class GroupKey(House):
    """Who holds a key of the box, from which meeting to which; the secret itself is on the phones
    alone."""

    CLASSES = classify(I="id recorded_at group slot member credential_kind from_date to_date fact")
    SCOPE = InternalLoan.SCOPE
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="keys")
    slot = models.PositiveSmallIntegerField(_("key"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="keys")
    credential_kind = models.CharField(max_length=8, choices=Credential.choices)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["GroupKey"]] = ScopedManager()

    class Meta:
        ordering = ("group", "slot", "-from_date")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "slot"),
                condition=models.Q(to_date=None),
                name="one_holder_a_key",
            ),
        )

    def __str__(self) -> str:
        return f"{self.slot} {self.member_id}"


__all__ = ["Constitution", "Fine", "GroupKey", "InternalLoan"]
