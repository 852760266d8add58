"""By which key costs of several funds are shared, stated for some days with its reason."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account, Book, Fund
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopePaths


class CostKey(House):
    """A key: which costs of a pool it shares, for which days, resting on what.

    Costs of the pool are those of `pool_fund` with the budget line `pool_line` (empty: any), on the
    accounts of `account_codes` (empty: every expense). A key is never changed: a new one is stated.
    """

    CLASSES = classify(
        O="id recorded_at book name starts ends pool_fund pool_line account_codes basis",
        I="stated_by",
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_account"

    book = models.ForeignKey(Book, models.PROTECT, related_name="cost_keys")
    name = models.CharField(_("name"), max_length=120)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    pool_fund = models.ForeignKey(Fund, models.PROTECT, related_name="+", verbose_name=_("fund"))
    pool_line = models.CharField(_("budget line"), max_length=80, blank=True, default="")
    account_codes = models.JSONField(_("accounts"), default=list)
    basis = models.CharField(_("what it rests on"), max_length=300)
    stated_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("stated by")
    )

    class Meta:
        ordering = ("-starts", "-id")

    def __str__(self) -> str:
        return f"{self.name} {self.starts}"


class CostShare(House):
    """One share of a key: the fund and budget line it goes to, and its weight."""

    CLASSES = classify(O="id recorded_at key place fund budget_line weight")
    SCOPE = ScopePaths(
        office="key__book__office_id",
        programme="key__book__programme_id",
        organisation="key__book__organisation_id",
    )
    VIEW = "ledger.view_account"

    key = models.ForeignKey(CostKey, models.PROTECT, related_name="shares")
    place = models.PositiveSmallIntegerField()
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+")
    budget_line = models.CharField(_("budget line"), max_length=80, blank=True, default="")
    weight = models.PositiveIntegerField(_("weight"))

    class Meta:
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(fields=("key", "place"), name="ledger_share_place_once"),
        )

    def __str__(self) -> str:
        return f"{self.fund} {self.weight}"
