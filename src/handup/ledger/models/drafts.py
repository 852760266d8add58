"""Entries written by hand or brought in by a file, outside the journal until another person
approves them.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book, Fund
from handup.ledger.models.journal import Entry
from handup.ledger.rules.words import (
    ADJUSTMENT,
    INTEREST_PAID,
    MANUAL,
    OPENING,
    DraftStatus,
)
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser, StoredFile
from handup.org.scope import ScopePaths

DRAFT_STATUS_LABELS = {
    DraftStatus.DRAFT: _("Waiting for approval"),
    DraftStatus.POSTED: _("Approved and posted"),
    DraftStatus.DECLINED: _("Declined"),
}
DRAFT_KIND_LABELS = {
    MANUAL: _("Entry by hand"),
    ADJUSTMENT: _("Adjustment"),
    OPENING: _("Opening balance"),
    INTEREST_PAID: _("Interest paid to a funder"),
}


class DraftBatch(House):
    """Entries that came with one file: approved together by another person, or declined together.

    source names what brought it in, e.g. the batch of the import centre. debit_base: what the
    debit lines come to in the book's currency.
    """

    CLASSES = classify(
        I="id recorded_at book kind name source_kind source_id first_date last_date entries lines"
        " debit_base status drafted_by settled_by settled_at"
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_draft"

    book = models.ForeignKey(Book, models.PROTECT, related_name="draft_batches")
    kind = models.CharField(_("kind"), max_length=40, choices=list(DRAFT_KIND_LABELS.items()))
    name = models.CharField(_("file"), max_length=200)
    source_kind = models.CharField(max_length=40, blank=True, default="")
    source_id = models.UUIDField(null=True, blank=True, db_index=True)
    first_date = models.DateField(_("from"))
    last_date = models.DateField(_("until"))
    entries = models.PositiveIntegerField(_("entries"))
    lines = models.PositiveIntegerField(_("lines"))
    debit_base = models.BigIntegerField(_("debit in all"))
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(DRAFT_STATUS_LABELS.items()),
        default=DraftStatus.DRAFT,
    )
    drafted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class Draft(House):
    """An entry by hand: DRAFT, then POSTED by another person's approval, or DECLINED.

    batch: the file it came with; attachment: the paper it rests on. pair_id: joins it to the
    draft of another book that says the other side; both are approved as one. between_funds: it
    settles what one fund owes another, and is held to debt and money again when it is approved.
    """

    CLASSES = classify(
        I="id recorded_at book kind happened_date branch status drafted_by settled_by settled_at"
        " entry batch attachment pair_id between_funds",
        P="remark",
    )
    SCOPE = ScopePaths(
        office="branch_id",
        programme="book__programme_id",
        organisation="book__organisation_id",
    )
    VIEW = "ledger.view_draft"

    book = models.ForeignKey(Book, models.PROTECT, related_name="drafts")
    kind = models.CharField(
        _("kind"),
        max_length=40,
        choices=list(DRAFT_KIND_LABELS.items()),
        default=MANUAL,
    )
    happened_date = models.DateField(_("happened on"))
    branch = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("branch"),
    )
    remark = models.CharField(_("what it is for"), max_length=400)
    batch = models.ForeignKey(
        DraftBatch, models.PROTECT, null=True, blank=True, related_name="drafts"
    )
    pair_id = models.UUIDField(null=True, blank=True, db_index=True)
    between_funds = models.BooleanField(default=False)
    attachment = models.ForeignKey(
        StoredFile,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("attachment"),
    )
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(DRAFT_STATUS_LABELS.items()),
        default=DraftStatus.DRAFT,
    )
    drafted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    settled_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, blank=True, related_name="draft")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.remark


class DraftLine(House):
    """One line of a draft. base_units: what it comes to in the book's currency where that is
    told, as in an old journal; empty: by the rate of the day.
    """

    CLASSES = classify(
        I="id recorded_at draft no account units currency base_units fund budget_line"
    )
    SCOPE = ScopePaths(
        office="draft__branch_id",
        programme="draft__book__programme_id",
        organisation="draft__book__organisation_id",
    )
    VIEW = "ledger.view_draft"

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="lines")
    no = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    units = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_units = models.BigIntegerField(_("in the book's currency"), null=True, blank=True)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+")
    budget_line = models.CharField(_("budget line"), max_length=80, blank=True, default="")

    class Meta:
        ordering = ("no",)
        constraints = (
            models.UniqueConstraint(fields=("draft", "no"), name="ledger_draft_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.no}: {self.units} {self.currency}"
