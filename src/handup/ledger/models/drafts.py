"""Entries written by hand, outside the journal until another person approves them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book, Fund
from handup.ledger.models.journal import Entry
from handup.ledger.rules.words import ADJUSTMENT, MANUAL, OPENING, DraftStatus
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
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
}


class Draft(House):
    """An entry by hand: DRAFT, then POSTED by another person's approval, or DECLINED."""

    CLASSES = classify(
        I="id recorded_at book kind happened_date branch status drafted_by settled_by settled_at"
        " entry",
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
    """One line of a draft."""

    CLASSES = classify(I="id recorded_at draft no account units currency fund budget_line")
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
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+")
    budget_line = models.CharField(_("budget line"), max_length=80, blank=True, default="")

    class Meta:
        ordering = ("no",)
        constraints = (
            models.UniqueConstraint(fields=("draft", "no"), name="ledger_draft_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.no}: {self.units} {self.currency}"
