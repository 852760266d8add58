"""Runs: what is posted for a whole book at a period's end, with the target of each subject beside
it, so that a run posts only the difference to what earlier ones posted.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book, Fund
from handup.ledger.models.journal import Entry
from handup.ledger.rules.words import RunKind
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopePaths

RUN_KIND_LABELS = {
    RunKind.ACCRUAL: _("Interest earned"),
    RunKind.FEES: _("Fees due"),
    RunKind.PROVISION: _("Allowance for losses"),
    RunKind.REVALUATION: _("Exchange revaluation"),
    RunKind.RELEASE: _("Grants earned"),
    RunKind.SHARING: _("Shared costs"),
    RunKind.CLOSING: _("Closing of the year"),
}


class Run(House):
    """One run over a book: what it was about, up to which day, and where the journal stood after.

    no counts per book; last_seq is the number of the book's last entry when the run was done.
    inputs_hash: the digest of the rules it used and of what it came to per group.
    """

    CLASSES = classify(
        O="id recorded_at book kind through no engine_version",
        I="run_by inputs_hash last_seq subjects",
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_run"

    book = models.ForeignKey(Book, models.PROTECT, related_name="runs", db_index=False)
    kind = models.CharField(_("what"), max_length=12, choices=list(RUN_KIND_LABELS.items()))
    through = models.DateField(_("up to"))
    no = models.PositiveIntegerField(_("number"))
    engine_version = models.CharField(_("version of the rules"), max_length=20)
    inputs_hash = models.CharField(max_length=64)
    last_seq = models.PositiveBigIntegerField()
    subjects = models.PositiveIntegerField(_("changed"), default=0)
    run_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("run by")
    )

    class Meta:
        ordering = ("book", "no")
        constraints = (
            models.UniqueConstraint(fields=("book", "no"), name="ledger_run_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.through}"


class RunTotal(House):
    """What a run came to for one group: its target so far, what it posted, and the entry.

    product_id is opaque: the kind of loan, say.
    """

    CLASSES = classify(
        O="id recorded_at run",
        I="branch product_id fund currency target_units posted_units entry",
    )
    SCOPE = ScopePaths(
        office="run__book__office_id",
        programme="run__book__programme_id",
        organisation="run__book__organisation_id",
    )
    VIEW = "ledger.view_run"

    run = models.ForeignKey(Run, models.PROTECT, related_name="totals")
    branch = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    product_id = models.UUIDField(null=True, blank=True)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    target_units = models.BigIntegerField(_("target"))
    posted_units = models.BigIntegerField(_("posted"))
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.posted_units} {self.currency}"


class RunDetail(House):
    """The target of one subject, stored by each run in which it changed; the last one counts.

    basis_units and rate_bps: what a provision was computed from. stopped: its accrual rests.
    book, kind and through repeat the run's, so that the last row is found by one look-up. A run
    stores a row a loan: the database checks whose run it is, and not again three constants a row.
    """

    CLASSES = classify(
        I="id recorded_at run book kind through run_no subject_kind subject_id branch product_id"
        " fund currency basis_units rate_bps stopped target_units before_units"
    )
    SCOPE = RunTotal.SCOPE
    VIEW = "ledger.view_run"

    run = models.ForeignKey(Run, models.PROTECT, related_name="details")
    book = models.ForeignKey(
        Book, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=list(RUN_KIND_LABELS.items()))
    through = models.DateField()
    run_no = models.PositiveIntegerField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    branch = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    product_id = models.UUIDField(null=True, blank=True)
    fund = models.ForeignKey(
        Fund, models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    currency = models.CharField(max_length=3)
    basis_units = models.BigIntegerField(_("counted from"), default=0)
    rate_bps = models.PositiveIntegerField(_("rate, 1/100 of a percent"), default=0)
    stopped = models.BooleanField(_("rests"), default=False)
    target_units = models.BigIntegerField(_("target"))
    before_units = models.BigIntegerField(_("before"))

    class Meta:
        indexes = (
            models.Index(fields=("subject_id", "kind", "through", "run_no"), name="ledger_last"),
        )

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.target_units} {self.currency}"

    @property
    def change_units(self) -> int:
        """What this run adds."""
        return self.target_units - self.before_units
