"""Which services a book follows the cost of: what its fees and its own costs are, and its weight in
the costs all share.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book
from handup.org.classes import classify
from handup.org.models import House, StaffUser


class CostedService(House):
    """A service whose cost recovery is followed: fees / (direct + allocated cost), from the books.

    Fees are what stands on the income accounts `fee_codes` with the budget line `fee_line` (empty:
    any); direct costs what stands on the expense accounts `cost_codes` with `cost_line`; a line and
    no code: every expense of the line. `weight`: its part of the costs that no service bears alone.
    Never changed: the same code is stated again from another day, and the later one counts.
    """

    CLASSES = classify(
        O="id recorded_at book code name starts ends fee_codes fee_line cost_codes cost_line"
        " weight basis",
        I="stated_by",
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_account"

    book = models.ForeignKey(Book, models.PROTECT, related_name="costed_services")
    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=160)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    fee_codes = models.JSONField(_("accounts of its fees"), default=list)
    fee_line = models.CharField(_("budget line of its fees"), max_length=80, blank=True, default="")
    cost_codes = models.JSONField(_("accounts of its own costs"), default=list)
    cost_line = models.CharField(
        _("budget line of its own costs"), max_length=80, blank=True, default=""
    )
    weight = models.PositiveIntegerField(_("weight in the shared costs"), default=0)
    basis = models.CharField(_("what it rests on"), max_length=300)
    stated_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("stated by")
    )

    class Meta:
        ordering = ("code", "-starts", "-id")

    def __str__(self) -> str:
        return self.name
