"""What producers are paid for a period: payslips with what is taken off, who approved them, when
they were paid (groups_cooperatives.md K7)."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.collection import OF_PRODUCER, Producer
from handup.groups.models.facts import GROUP_SCOPE, GroupFact
from handup.groups.models.group import Group, Member
from handup.groups.models.money import InternalLoan
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class DeductionKind(models.TextChoices):
    """What is taken off a payslip; the order is voted."""

    INPUTS = "INPUTS", _("inputs")
    LOAN = "LOAN", _("loan")
    CHARGES = "CHARGES", _("charges")


class Deduction(House):
    """What a producer has to pay out of her payslips: inputs she got, a loan, charges. What was
    taken so far is a projection of the payslips that were approved; the rest is carried."""

    CLASSES = classify(
        I="id recorded_at group producer kind from_date units taken_units loan fact is_reversed"
    )
    SCOPE = OF_PRODUCER
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="deductions")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="deductions")
    kind = models.CharField(_("for"), max_length=7, choices=DeductionKind.choices)
    from_date = models.DateField(_("since"))
    units = models.BigIntegerField(_("amount"))
    taken_units = models.BigIntegerField(_("taken so far"), default=0)
    loan = models.ForeignKey(
        InternalLoan, models.PROTECT, null=True, blank=True, related_name="deductions"
    )
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["Deduction"]] = ScopedManager()

    class Meta:
        ordering = ("group", "producer", "from_date", "recorded_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(units__gt=0, taken_units__gte=0, taken_units__lte=F("units")),
                name="no_more_is_taken_than_is_due",
            ),
            models.CheckConstraint(
                condition=Q(kind="LOAN", loan__isnull=False) | (~Q(kind="LOAN") & Q(loan=None)),
                name="a_loan_is_taken_off_by_its_own_deduction",
            ),
        )

    def __str__(self) -> str:
        return f"{self.producer_id} {self.kind} {self.units}"

    @property
    def left_units(self) -> int:
        """What is still to be taken."""
        return self.units - self.taken_units


class RunState(models.TextChoices):
    """How far the payslips of a period are."""

    DRAFT = "DRAFT", _("draft")
    APPROVED = "APPROVED", _("approved")
    PAID = "PAID", _("paid")
    DROPPED = "DROPPED", _("draft dropped")
    REVERSED = "REVERSED", _("taken back")


class PayslipRun(House):
    """The payslips of one period of a group, with the floor and the order that held."""

    CLASSES = classify(
        I="id recorded_at group number from_date to_date state floor_bps deduction_order drafted_by"
        " fact"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="payslip_runs")
    number = models.PositiveIntegerField(_("number"))
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"))
    state = models.CharField(
        _("state"), max_length=8, choices=RunState.choices, default=RunState.DRAFT
    )
    floor_bps = models.PositiveSmallIntegerField(_("taken home at least, 1/100 %"))
    deduction_order = models.CharField(_("order"), max_length=40)
    drafted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[ScopedManager["PayslipRun"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="payslip_run_number_once"),
            models.UniqueConstraint(
                fields=("group",), condition=Q(state="DRAFT"), name="one_draft_of_payslips"
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.number}"


OF_RUN = ScopePaths(
    office="run__group__office_id",
    area="run__group__area_id",
    programme="run__group__programme_id",
    caseload="run__group__officer_id",
    person="producer__person_id",
)


class Payslip(House):
    """What one producer is paid for a period: gross of her deliveries, less what is taken off."""

    CLASSES = classify(
        I="id recorded_at run producer volume_ml rejected_ml gross_units taken_units paid_date"
        " paid_fact"
    )
    SCOPE = OF_RUN
    VIEW = "groups.view_member"

    run = models.ForeignKey(PayslipRun, models.PROTECT, related_name="slips")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="payslips")
    volume_ml = models.PositiveBigIntegerField(_("taken in, ml"))
    rejected_ml = models.PositiveBigIntegerField(_("rejected, ml"))
    gross_units = models.BigIntegerField(_("gross"))
    taken_units = models.BigIntegerField(_("taken off"))
    paid_date = models.DateField(_("paid on"), null=True, blank=True)
    paid_fact = models.OneToOneField(
        GroupFact, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["Payslip"]] = ScopedManager()

    class Meta:
        ordering = ("run", "producer")
        constraints = (
            models.UniqueConstraint(fields=("run", "producer"), name="one_payslip_a_period"),
            models.CheckConstraint(
                condition=Q(taken_units__gte=0, taken_units__lte=F("gross_units")),
                name="no_payslip_below_nothing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.producer_id}"

    @property
    def net_units(self) -> int:
        """What she takes home."""
        return self.gross_units - self.taken_units


class PayslipLine(House):
    """One deduction on one payslip: what was due, what is taken, what is carried."""

    CLASSES = classify(I="id recorded_at slip deduction due_units taken_units")
    SCOPE = ScopePaths(
        office="slip__run__group__office_id",
        area="slip__run__group__area_id",
        programme="slip__run__group__programme_id",
        caseload="slip__run__group__officer_id",
        person="slip__producer__person_id",
    )
    VIEW = "groups.view_member"

    slip = models.ForeignKey(Payslip, models.PROTECT, related_name="lines")
    deduction = models.ForeignKey(Deduction, models.PROTECT, related_name="lines")
    due_units = models.BigIntegerField(_("due"))
    taken_units = models.BigIntegerField(_("taken"))

    objects: ClassVar[ScopedManager["PayslipLine"]] = ScopedManager()

    class Meta:
        ordering = ("slip", "recorded_at", "id")
        constraints = (
            models.UniqueConstraint(fields=("slip", "deduction"), name="a_deduction_once_a_slip"),
            models.CheckConstraint(
                condition=Q(taken_units__gte=0, taken_units__lte=F("due_units")),
                name="a_line_takes_what_is_due_at_most",
            ),
        )

    def __str__(self) -> str:
        return f"{self.slip_id} {self.taken_units}"

    @property
    def carried_units(self) -> int:
        """What goes to the next payslip."""
        return self.due_units - self.taken_units


class PayslipApproval(House):
    """An officer of the group approved the payslips of a period: it counts for all but her own."""

    CLASSES = classify(I="id recorded_at run member approved_date fact")
    SCOPE = ScopePaths(
        office="run__group__office_id",
        area="run__group__area_id",
        programme="run__group__programme_id",
        caseload="run__group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    run = models.ForeignKey(PayslipRun, models.PROTECT, related_name="approvals")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    approved_date = models.DateField(_("approved on"))
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PayslipApproval"]] = ScopedManager()

    class Meta:
        ordering = ("run", "recorded_at")
        constraints = (
            models.UniqueConstraint(fields=("run", "member"), name="an_officer_approves_once"),
        )

    def __str__(self) -> str:
        return f"{self.run_id} {self.member_id}"
