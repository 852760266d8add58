"""What persons state to the books beside entries: a bank's balance on a day, and the figures of the
outside world that sustainability is measured against.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book
from handup.ledger.rules.words import InputKind
from handup.org.classes import classify
from handup.org.models import House, StaffUser

INPUT_LABELS = {
    InputKind.INFLATION: _("Rise of prices"),
    InputKind.MARKET_RATE: _("Interest a bank would ask us"),
    InputKind.IN_KIND: _("Worth of what was given free"),
}


class Reconciliation(House):
    """A bank account set against the bank's statement: the same but for lines still on the way.

    book_units = statement_units + the lines of `open_lines` (in the books, not yet at the bank).
    last_seq is the number of the book's last entry then, so that `verify` can prove it later.
    """

    CLASSES = classify(
        I="id recorded_at account currency through statement_units book_units open_lines"
        " last_seq reconciled_by",
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_account"

    account = models.ForeignKey(Account, models.PROTECT, related_name="reconciliations")
    currency = models.CharField(_("currency"), max_length=3)
    through = models.DateField(_("on"))
    statement_units = models.BigIntegerField(_("balance the bank states"))
    book_units = models.BigIntegerField(_("balance of the books"))
    open_lines = models.JSONField(_("lines still on the way"), default=list)
    last_seq = models.PositiveBigIntegerField()
    reconciled_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("reconciled by")
    )

    class Meta:
        ordering = ("-through", "-id")

    def __str__(self) -> str:
        return f"{self.account} {self.through}"


class StatedInput(House):
    """A figure from outside, with its source: what sustainability is adjusted by, never guessed.

    value: ppm for all of its days for rates, smallest units of the book's currency for amounts;
    part of its days take their share.
    """

    CLASSES = classify(O="id recorded_at book kind starts ends value source", I="stated_by")
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_account"

    book = models.ForeignKey(Book, models.PROTECT, related_name="stated_inputs")
    kind = models.CharField(_("what"), max_length=12, choices=list(INPUT_LABELS.items()))
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    value = models.BigIntegerField(_("value"))
    source = models.CharField(_("source"), max_length=200)
    stated_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("stated by")
    )

    class Meta:
        ordering = ("-starts", "-id")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.starts}"
