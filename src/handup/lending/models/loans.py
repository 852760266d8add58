"""A loan, its append-only events, and the dated rows that answer "as of" without a fold."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.models.applications import LoanAgreement, of_who_asks
from handup.lending.models.borrower import BorrowerMixin, has_borrower
from handup.lending.models.labels import (
    COMPONENTS,
    EFFECTS,
    EVENT_KINDS,
    LOAN_STATES,
    METHODS_KEPT,
    PROPOSAL_STATES,
    SOURCES,
)
from handup.lending.models.lenders import Lender, ProductVersion
from handup.lending.rules.codes import LoanState, ProposalState, Source
from handup.lending.rules.events import SEVERAL_WAIT, received_on, received_units
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class Loan(BorrowerMixin, House):
    """One loan. State, totals and next due date are projections of its events; `verify` proves
    them.

    `next_due_date` is the due date of the oldest row of which more is unpaid than
    `arrears_tolerance_units` (of its terms): a loan is in arrears on a day after it. `changed`:
    more happened to it than money paid out and in, so that its next event replays it.
    `follows_balance` (of its terms): interest follows what is really owed, not the schedule.
    """

    CLASSES = classify(
        I="id recorded_at code agreement programme lender fund office officer product_version terms"
        " currency state agreed_date opening_date disbursed_date last_due_date settled_date"
        " restructured restructured_date changed arrears_tolerance_units"
        " next_due_date last_value_date last_recorded_at"
        " event_count engine_version external_reference moved_date follows_balance"
        " stated_status stated_date",
        P="person enterprise group approved_units disbursed_units capitalised_units principal_units"
        " principal_paid_units interest_paid_units fee_paid_units penalty_paid_units"
        " overpaid_units written_off_units recovered_units",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        organisation="lender__organisation_id",
        caseload="officer_id",
        person="person_id",
        shared=("enterprise__ownerships__person_id",),
        narrowed=of_who_asks(),
    )
    VIEW = "lending.view_loan"

    code = models.CharField(_("number"), max_length=20, unique=True)
    agreement = models.OneToOneField(
        LoanAgreement, models.PROTECT, null=True, blank=True, related_name="loan"
    )
    programme = models.ForeignKey("projects.Programme", models.PROTECT, related_name="loans")
    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="loans", verbose_name=_("lender")
    )
    fund = models.ForeignKey(
        "ledger.Fund",
        models.PROTECT,
        default=UNRESTRICTED_ID,
        related_name="loans",
        db_index=False,
        verbose_name=_("fund"),
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    officer = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("loan officer")
    )
    product_version = models.ForeignKey(
        ProductVersion, models.PROTECT, null=True, blank=True, related_name="loans"
    )
    terms = models.JSONField(_("terms"))
    currency = models.CharField(_("currency"), max_length=3)
    approved_units = models.BigIntegerField(_("approved"))
    agreed_date = models.DateField(_("agreed on"))
    opening_date = models.DateField(_("taken over as it stood on"), null=True, blank=True)
    external_reference = models.CharField(
        _("lender's number"), max_length=60, blank=True, default=""
    )
    stated_status = models.CharField(
        _("status as stated by the lender"), max_length=60, blank=True, default=""
    )
    stated_date = models.DateField(_("stated on"), null=True, blank=True)

    state = models.CharField(
        _("state"), max_length=12, choices=LOAN_STATES, default=LoanState.AGREED
    )
    disbursed_date = models.DateField(_("paid out on"), null=True, blank=True)
    last_due_date = models.DateField(_("last agreed due date"), null=True, blank=True)
    next_due_date = models.DateField(_("oldest unpaid due date"), null=True, blank=True)
    settled_date = models.DateField(_("repaid on"), null=True, blank=True)
    last_value_date = models.DateField(null=True, blank=True)
    last_recorded_at = models.DateTimeField(null=True, blank=True)
    disbursed_units = models.BigIntegerField(_("lent"), default=0)
    capitalised_units = models.BigIntegerField(_("added to principal"), default=0)
    principal_units = models.BigIntegerField(_("outstanding principal"), default=0)
    principal_paid_units = models.BigIntegerField(_("principal repaid"), default=0)
    interest_paid_units = models.BigIntegerField(_("interest paid"), default=0)
    fee_paid_units = models.BigIntegerField(_("fees paid"), default=0)
    penalty_paid_units = models.BigIntegerField(_("penalties paid"), default=0)
    overpaid_units = models.BigIntegerField(_("overpaid"), default=0)
    written_off_units = models.BigIntegerField(_("principal written off"), default=0)
    recovered_units = models.BigIntegerField(_("recovered after write-off"), default=0)
    restructured = models.BooleanField(_("restructured"), default=False)
    restructured_date = models.DateField(_("restructured on"), null=True, blank=True)
    changed = models.BooleanField(default=False, editable=False)
    follows_balance = models.BooleanField(default=False, editable=False)
    arrears_tolerance_units = models.BigIntegerField(_("not late for so little"), default=0)
    event_count = models.PositiveIntegerField(default=0)
    engine_version = models.CharField(max_length=20, default="")
    moved_date = models.DateField(_("handed over on"), null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["Loan"]] = ScopedManager()

    class Meta:
        ordering = ("-agreed_date", "-id")
        indexes = (
            models.Index(fields=("state", "next_due_date"), name="loan_arrears"),
            models.Index(fields=("officer", "next_due_date"), name="loan_officer_due"),
            models.Index(
                fields=("id",),
                condition=Q(arrears_tolerance_units__gt=0),
                name="loan_tolerant",
            ),
            models.Index(
                fields=("id",), condition=Q(follows_balance=True), name="loan_follows_balance"
            ),
        )
        constraints = (
            has_borrower("loan_one_borrower"),
            models.UniqueConstraint(
                fields=("lender", "external_reference"),
                condition=~Q(external_reference=""),
                name="loan_one_number_a_lender",
            ),
            models.CheckConstraint(
                condition=Q(approved_units__gt=0), name="loan_amount_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(principal_units__gte=0), name="loan_principal_not_negative"
            ),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def takes_from(self) -> date | None:
        """The first day money for it is taken: since it was paid out, or since the position it was
        taken over with.
        """
        return self.opening_date or self.disbursed_date


THROUGH_LOAN = ScopePaths(
    office="loan__office_id",
    programme="loan__programme_id",
    organisation="loan__lender__organisation_id",
    caseload="loan__officer_id",
    person="loan__person_id",
    shared=("loan__enterprise__ownerships__person_id",),
    narrowed=of_who_asks("loan__"),
)


class LoanEvent(House):
    """What happened to a loan. Append-only: a correction is a REVERSED event and a new one."""

    CLASSES = classify(
        I="id recorded_at loan kind value_date received_at recorded_by source seq method"
        " reverses reason",
        P="units payload reference",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    # Both are found by an index of more columns that begins with them.
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(_("what"), max_length=20, choices=EVENT_KINDS)
    value_date = models.DateField(_("on"))
    received_at = models.DateTimeField(_("received"), default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        related_name="+",
        verbose_name=_("recorded by"),
        db_index=False,
    )
    source = models.CharField(_("came by"), max_length=14, choices=SOURCES, default=Source.WEB)
    seq = models.PositiveIntegerField(_("order of arrival"))
    units = models.BigIntegerField(_("amount"), default=0)
    method = models.CharField(
        _("method"), max_length=10, choices=METHODS_KEPT, blank=True, default=""
    )
    reference = models.CharField(_("reference"), max_length=60, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    payload = models.JSONField(default=dict, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    objects: ClassVar[ScopedManager["LoanEvent"]] = ScopedManager()

    class Meta:
        ordering = ("value_date", "seq")
        indexes = (
            models.Index(fields=("kind", "value_date"), name="loan_event_kind_date"),
            models.Index(fields=("recorded_by", "value_date"), name="loan_event_staff_date"),
        )
        constraints = (
            models.UniqueConstraint(fields=("loan", "seq"), name="loan_event_one_seq"),
            models.CheckConstraint(condition=Q(units__gte=0), name="loan_event_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value_date}"

    @property
    def received_units(self) -> int:
        """All that came in with a payment: what paid the loan, and what was saved with it."""
        return received_units(self.units, self.payload)

    @property
    def received_date(self) -> date:
        """The day its money came in, and the books have it."""
        return received_on(self.value_date, self.payload)


class LoanDue(House):
    """One row of a loan's schedule, with the days between which it was in force.

    A row is in force on a day when from_date <= day < to_date; as it was known at an instant when
    received_at <= instant < replaced_at. Its number stays when a change of the loan puts another
    row in force from a day on. The paid columns are projections of the splits known now, and of
    those before to_date. `tariff_units` is what the product's fee table asks of the row, waived or
    not: income when the row is due.
    """

    CLASSES = classify(
        I="id recorded_at loan number due_date from_date to_date received_at replaced_at"
        " settled_date",
        P="principal_units interest_units fee_units penalty_units principal_paid_units"
        " interest_paid_units fee_paid_units penalty_paid_units tariff_units",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    # Found by `loan_due_as_of`, which begins with it.
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="dues", db_index=False)
    number = models.PositiveIntegerField(_("instalment"))
    due_date = models.DateField(_("due on"))
    principal_units = models.BigIntegerField(_("principal"), default=0)
    interest_units = models.BigIntegerField(_("interest"), default=0)
    fee_units = models.BigIntegerField(_("fees"), default=0)
    penalty_units = models.BigIntegerField(_("penalty"), default=0)
    tariff_units = models.BigIntegerField(_("fee by the fee table"), default=0)
    principal_paid_units = models.BigIntegerField(_("principal paid"), default=0)
    interest_paid_units = models.BigIntegerField(_("interest paid"), default=0)
    fee_paid_units = models.BigIntegerField(_("fees paid"), default=0)
    penalty_paid_units = models.BigIntegerField(_("penalty paid"), default=0)
    settled_date = models.DateField(_("paid in full on"), null=True, blank=True)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["LoanDue"]] = ScopedManager()

    class Meta:
        ordering = ("loan", "due_date", "number")
        indexes = (
            models.Index(  # the rows that were ever late, or may be: few of a book that is paid
                fields=("due_date", "settled_date"),
                condition=Q(replaced_at__isnull=True)
                & (Q(settled_date__isnull=True) | Q(settled_date__gt=models.F("due_date"))),
                name="loan_due_open",
            ),
            models.Index(  # the schedule in force on any day; a payment leaves it alone
                fields=(
                    *("loan", "due_date", "from_date", "to_date", "replaced_at"),
                    *("principal_units", "interest_units"),
                ),
                name="loan_due_as_of",
            ),
            models.Index(
                fields=("loan",), condition=Q(tariff_units__gt=0), name="loan_due_with_tariff"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("loan", "number"),
                condition=Q(replaced_at__isnull=True, to_date__isnull=True),
                name="loan_due_one_live_row",
            ),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.number}"

    @property
    def due_units(self) -> int:
        """All of the row."""
        return self.principal_units + self.interest_units + self.fee_units + self.penalty_units

    @property
    def paid_units(self) -> int:
        """What is paid of the row."""
        return (
            self.principal_paid_units
            + self.interest_paid_units
            + self.fee_paid_units
            + self.penalty_paid_units
        )


class PaymentSplit(House):
    """Which part of a payment went to the row of which number; without one it was more than was
    owed. Whatever form the row of that number had on a day, what was paid of it is the same.

    A back-dated event or a reversal replaces splits (replaced_at) and adds new ones; none is ever
    changed.
    """

    CLASSES = classify(
        I="id recorded_at loan event number value_date received_at replaced_at",
        P="principal_units interest_units fee_units penalty_units overpaid_units",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    # Found by `split_as_of`, which begins with it.
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="splits", db_index=False)
    event = models.ForeignKey(LoanEvent, models.PROTECT, related_name="splits")
    number = models.PositiveIntegerField(_("instalment"), null=True, blank=True)
    principal_units = models.BigIntegerField(default=0)
    interest_units = models.BigIntegerField(default=0)
    fee_units = models.BigIntegerField(default=0)
    penalty_units = models.BigIntegerField(default=0)
    overpaid_units = models.BigIntegerField(default=0)
    value_date = models.DateField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["PaymentSplit"]] = ScopedManager()

    class Meta:
        ordering = ("value_date", "id")
        indexes = (
            models.Index(  # what was paid of a loan, or of its row, up to a day or after it
                fields=("loan", "value_date", "number", "replaced_at", "principal_units"),
                name="split_as_of",
            ),
        )

    def __str__(self) -> str:
        return f"{self.event_id} {self.value_date}"


class EventEffect(House):
    """What one event did besides settling rows: charged, waived, added to principal, handed back;
    a projection of the loan's events, replaced as its splits are. The books post it.
    """

    CLASSES = classify(
        I="id recorded_at loan event what component value_date received_at replaced_at", P="units"
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="effects")
    event = models.ForeignKey(LoanEvent, models.PROTECT, related_name="effects")
    what = models.CharField(_("what"), max_length=12, choices=EFFECTS)
    component = models.CharField(
        _("part"), max_length=10, choices=COMPONENTS, blank=True, default=""
    )
    units = models.BigIntegerField(_("amount"))
    value_date = models.DateField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["EventEffect"]] = ScopedManager()

    class Meta:
        ordering = ("value_date", "id")

    def __str__(self) -> str:
        return f"{self.event_id} {self.what}"


class LoanProposal(House):
    """A change to a loan that a second person must approve; what is asked lies in its payload.
    Those of one `batch` were proposed together.
    """

    CLASSES = classify(
        I="id recorded_at loan kind batch proposed_by proposed_date state decided_by decided_date"
        " event",
        P="reason payload decided_reason",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_borrower"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="proposals")
    kind = models.CharField(_("what"), max_length=20, choices=EVENT_KINDS)
    batch = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    payload = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposed_date = models.DateField(_("proposed on"))
    state = models.CharField(
        _("state"), max_length=10, choices=PROPOSAL_STATES, default=ProposalState.PROPOSED
    )
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    decided_reason = models.CharField(
        _("why it was decided so"), max_length=300, blank=True, default=""
    )
    event = models.ForeignKey(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="proposals"
    )

    objects: ClassVar[ScopedManager["LoanProposal"]] = ScopedManager()

    class Meta:
        ordering = ("-proposed_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("loan", "kind"),
                condition=Q(state=ProposalState.PROPOSED.value) & ~Q(kind__in=SEVERAL_WAIT),
                name="one_open_proposal_a_kind",
            ),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.kind}"
