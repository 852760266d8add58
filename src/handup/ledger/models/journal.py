"""The journal: entries and lines nobody can change, remarks beside them, and the balances they add
up to.
"""

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book, Fund
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopePaths

NO_BRANCH = UUID(int=0)


class Entry(House):
    """The header of a journal entry, and its seal: lines come first, nothing comes after (ledger.md
    4.1).

    seq counts without gaps per book; hash = SHA-256(prev_hash and the canonical JSON of entry and
    lines). entry_date is the day it stands on in the books, happened_date the day it happened;
    recorded_at is when it was posted. The text of an entry is its kind and source; what a person
    typed is a Remark.
    """

    CLASSES = classify(
        I="id recorded_at book seq kind entry_date happened_date source_domain source_kind"
        " source_id source_purpose reverses branch posted_by approved_by line_count flags"
        " content_hash prev_hash hash"
    )
    SCOPE = ScopePaths(
        office="branch_id",
        programme="book__programme_id",
        organisation="book__organisation_id",
    )
    VIEW = "ledger.view_entry"

    book = models.ForeignKey(Book, models.PROTECT, related_name="entries", db_index=False)
    seq = models.PositiveBigIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=40)
    entry_date = models.DateField(_("posted on"))
    happened_date = models.DateField(_("happened on"))
    source_domain = models.CharField(max_length=20)
    source_kind = models.CharField(max_length=40)
    source_id = models.UUIDField()
    source_purpose = models.CharField(max_length=40, blank=True, default="")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversal"
    )
    branch = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    posted_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("posted by"),
    )
    approved_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    line_count = models.PositiveIntegerField()
    flags = models.CharField(max_length=80, blank=True, default="")
    content_hash = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("book", "seq")
        constraints = (
            models.UniqueConstraint(fields=("book", "seq"), name="ledger_entry_number_once"),
            models.UniqueConstraint(
                fields=(
                    "source_id",
                    "book",
                    "source_domain",
                    "source_kind",
                    "source_purpose",
                ),
                name="ledger_fact_posts_once",
            ),
        )
        indexes = (
            models.Index(fields=("book", "entry_date", "seq"), name="ledger_entry_day"),
            models.Index(fields=("entry_date", "id"), name="ledger_entry_date"),
            models.Index(fields=("book", "happened_date"), name="ledger_entry_happened"),
        )

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Line(House):
    """One line of an entry: signed units (debit positive) in its currency and in the book's."""

    CLASSES = classify(
        I="id recorded_at entry no account units currency base_units rate fund budget_line branch"
        " subject_kind subject_id"
    )
    SCOPE = ScopePaths(
        office="entry__branch_id",
        programme="entry__book__programme_id",
        organisation="entry__book__organisation_id",
    )
    VIEW = "ledger.view_entry"

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lines", db_index=False)
    no = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="lines")
    units = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_units = models.BigIntegerField(_("amount in the book's currency"))
    rate = models.BigIntegerField(_("rate x 10^10"))
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+", db_index=False)
    budget_line = models.CharField(_("budget line"), max_length=80, blank=True, default="")
    branch = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    subject_kind = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.UUIDField(null=True, blank=True)

    class Meta:
        ordering = ("entry", "no")
        constraints = (
            models.UniqueConstraint(fields=("entry", "no"), name="ledger_line_number_once"),
        )
        indexes = (
            models.Index(
                fields=("subject_id", "account"),
                name="ledger_line_subject",
                condition=models.Q(subject_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.no}: {self.units} {self.currency}"


class Remark(House):
    """What a person typed to an entry; outside the hash, so that it can be blanked when a person is
    erased.
    """

    CLASSES = classify(I="id recorded_at entry blanked_at", P="text")
    SCOPE = Line.SCOPE
    VIEW = "ledger.view_entry"

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="remark")
    text = models.CharField(_("remark"), max_length=400, blank=True)
    blanked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.text


class Balance(House):
    """What the lines of a month add up to, per account, fund, currency and branch: a projection,
    rebuilt from lines.

    branch_key is the branch's id, or zero for none (a key column that is never empty).
    """

    CLASSES = classify(
        I="id recorded_at book account fund currency branch_key month debit_units credit_units"
        " debit_base credit_base"
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_account"

    book = models.ForeignKey(Book, models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    branch_key = models.UUIDField(default=NO_BRANCH)
    month = models.DateField()
    debit_units = models.BigIntegerField(default=0)
    credit_units = models.BigIntegerField(default=0)
    debit_base = models.BigIntegerField(default=0)
    credit_base = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("account", "month")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "month", "fund", "currency", "branch_key"),
                name="ledger_balance_once",
            ),
        )
        indexes = (models.Index(fields=("book", "month"), name="ledger_balance_month"),)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.debit_units - self.credit_units} {self.currency}"
