"""Books, their charts of accounts, their periods, and the funds that bind money."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.kernel.chain import GENESIS
from handup.kernel.ids import new_id
from handup.ledger.packs import name_among
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.rules.words import (
    AccountType,
    BookKind,
    BookStatus,
    CashClass,
    CashKind,
    FundKind,
    PeriodStatus,
)
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopePaths

BOOK_KIND_LABELS = {
    BookKind.PROGRAMME: _("Programme"),
    BookKind.LENDER: _("Lender"),
    BookKind.GUARANTEE_FUND: _("Guarantee fund"),
    BookKind.GROUP: _("Group"),
}
BOOK_STATUS_LABELS = {
    BookStatus.OPEN: _("Open"),
    BookStatus.CLOSED: _("Closed"),
    BookStatus.MOVED: _("Handed over"),
}
ACCOUNT_TYPE_LABELS = {
    AccountType.ASSET: _("Assets"),
    AccountType.LIABILITY: _("Debts"),
    AccountType.EQUITY: _("Own funds"),
    AccountType.INCOME: _("Income"),
    AccountType.EXPENSE: _("Expenses"),
    AccountType.MEMO: _("Beside the books"),
}
CASH_KIND_LABELS = {
    CashKind.NONE: _("No money account"),
    CashKind.CASH: _("Money in hand"),
    CashKind.BANK: _("Money at a bank"),
}
CASH_CLASS_LABELS = {
    CashClass.OPERATING: _("Running costs and income"),
    CashClass.LENDING: _("Lending"),
    CashClass.INVESTING: _("Investments"),
    CashClass.FINANCING: _("Financing"),
    CashClass.FX: _("Exchange"),
}
PERIOD_STATUS_LABELS = {
    PeriodStatus.OPEN: _("Open"),
    PeriodStatus.SOFT_CLOSED: _("Closed for facts"),
    PeriodStatus.CLOSED: _("Closed"),
}
FUND_KIND_LABELS = {
    FundKind.UNRESTRICTED: _("Unrestricted"),
    FundKind.PURPOSE: _("For a purpose"),
    FundKind.TIME: _("For a time"),
    FundKind.REVOLVING: _("Revolving"),
}
DONOR_RULE_LABELS = {
    ConvertBy.DONOR: _("the donor's rate of each month"),
    ConvertBy.AVERAGE: _("the mean of the period"),
    ConvertBy.FIFO: _("as tranches came, the oldest first"),
}


class Book(House):
    """One set of accounts that balances by itself; its head holds the end of its chain.

    locked_through: the last day of the last period that no longer takes facts. chart_stamp: a new
    id at each change of the chart, so that what a process has read of it is known to be current.
    practice: a book for exercises, marked so.
    """

    CLASSES = classify(
        O="id recorded_at code name kind base_currency chart_pack chart_version chart_stamp"
        " fiscal_year_start status rate_kind max_rate_age_days practice",
        I="owner_kind owner_id programme_id organisation_id office head_seq head_hash"
        " first_month last_month locked_through",
    )
    SCOPE = ScopePaths(office="office_id", programme="programme_id", organisation="organisation_id")
    VIEW = "ledger.view_book"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=20, choices=list(BOOK_KIND_LABELS.items()))
    owner_kind = models.CharField(max_length=40, blank=True, default="")
    owner_id = models.UUIDField(null=True, blank=True, db_index=True)
    programme_id = models.UUIDField(_("programme"), null=True, blank=True)
    organisation_id = models.UUIDField(_("organisation"), null=True, blank=True)
    office = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("office"),
    )
    base_currency = models.CharField(_("currency"), max_length=3)
    chart_pack = models.CharField(_("chart"), max_length=40, default="")
    chart_version = models.PositiveIntegerField(_("chart version"), default=0)
    chart_stamp = models.UUIDField(default=new_id, editable=False)
    fiscal_year_start = models.PositiveSmallIntegerField(_("first month of the year"), default=1)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(BOOK_STATUS_LABELS.items()),
        default=BookStatus.OPEN,
    )
    rate_kind = models.CharField(_("kind of rate"), max_length=5, default="SPOT")
    max_rate_age_days = models.PositiveSmallIntegerField(_("oldest rate in days"), default=7)
    practice = models.BooleanField(_("for exercises only"), default=False)
    head_seq = models.PositiveBigIntegerField(default=0, editable=False)
    head_hash = models.CharField(max_length=64, default=GENESIS, editable=False)
    first_month = models.DateField(null=True, editable=False)
    last_month = models.DateField(null=True, editable=False)
    locked_through = models.DateField(_("closed through"), null=True, editable=False)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(fiscal_year_start__gte=1, fiscal_year_start__lte=12),
                name="ledger_year_starts_in_a_month",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.code


class Account(House):
    """A ledger account. A leaf takes lines, the others sum up; a code is never used again for
    another thing.

    overdraft_units: how far a money account may fall below zero; empty: without limit. closed_from:
    the day from which it takes no line, where it is no longer in use.
    """

    CLASSES = classify(
        O="id recorded_at book code names type parent leaf currency cash_kind cash_class"
        " overdraft_units fund_required active closed_from"
    )
    SCOPE = ScopePaths(
        office="book__office_id",
        programme="book__programme_id",
        organisation="book__organisation_id",
    )
    VIEW = "ledger.view_account"

    book = models.ForeignKey(Book, models.PROTECT, related_name="accounts")
    code = models.CharField(_("code"), max_length=20)
    names = models.JSONField(_("names per language"), default=dict)
    type = models.CharField(_("type"), max_length=10, choices=list(ACCOUNT_TYPE_LABELS.items()))
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    leaf = models.BooleanField(_("takes lines"), default=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    cash_kind = models.CharField(
        _("kind of money account"),
        max_length=5,
        choices=list(CASH_KIND_LABELS.items()),
        default=CashKind.NONE,
    )
    cash_class = models.CharField(
        _("place in the cash flow"),
        max_length=10,
        choices=list(CASH_CLASS_LABELS.items()),
        default=CashClass.OPERATING,
    )
    overdraft_units = models.BigIntegerField(_("overdraft"), null=True, blank=True, default=0)
    fund_required = models.BooleanField(_("needs a fund"), default=False)
    active = models.BooleanField(_("in use"), default=True)
    closed_from = models.DateField(_("out of use from"), null=True, blank=True)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(fields=("book", "code"), name="ledger_account_code_once"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def name(self) -> str:
        """Its name in the reader's language, else in English (packs.name_among)."""
        return name_among(self.names, self.code)


class AccountRole(House):
    """What rules call an account by: one leaf per role, book and currency (empty: any currency)."""

    CLASSES = classify(O="id recorded_at book role currency account")
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_account"

    book = models.ForeignKey(Book, models.PROTECT, related_name="roles")
    role = models.CharField(_("role"), max_length=30)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    account = models.ForeignKey(Account, models.PROTECT, related_name="roles")

    class Meta:
        ordering = ("role",)
        constraints = (
            models.UniqueConstraint(
                fields=("book", "role", "currency"), name="ledger_one_leaf_a_role"
            ),
        )

    def __str__(self) -> str:
        return self.role


class Fund(House):
    """Money bound by an agreement; the unrestricted fund is always there. Empty lists allow
    everything.

    report_currency, convert_by: in which currency its donor is told, and by which rule.
    """

    CLASSES = classify(
        O="id recorded_at code name agreement_key kind currency starts ends account_codes"
        " budget_lines active report_currency convert_by"
    )
    VIEW = "ledger.view_fund"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    agreement_key = models.CharField(_("agreement"), max_length=80, blank=True, default="")
    kind = models.CharField(_("kind"), max_length=12, choices=list(FUND_KIND_LABELS.items()))
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    starts = models.DateField(_("from"), null=True, blank=True)
    ends = models.DateField(_("until"), null=True, blank=True)
    account_codes = models.JSONField(_("allowed accounts"), default=list)
    budget_lines = models.JSONField(_("allowed budget lines"), default=list)
    active = models.BooleanField(_("in use"), default=True)
    report_currency = models.CharField(
        _("currency of the donor"), max_length=3, blank=True, default=""
    )
    convert_by = models.CharField(
        _("converted by"),
        max_length=8,
        choices=list(DONOR_RULE_LABELS.items()),
        blank=True,
        default="",
    )

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Period(House):
    """One month of one book; once CLOSED it is never opened again and keeps the hash of its trial
    balance.
    """

    CLASSES = classify(
        O="id recorded_at book starts ends status",
        I="soft_closed_by soft_closed_at closed_by closed_at balance_hash",
    )
    SCOPE = Account.SCOPE
    VIEW = "ledger.view_period"

    book = models.ForeignKey(Book, models.PROTECT, related_name="periods")
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=list(PERIOD_STATUS_LABELS.items()),
        default=PeriodStatus.OPEN,
    )
    soft_closed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    soft_closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    balance_hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        ordering = ("starts",)
        constraints = (
            models.UniqueConstraint(fields=("book", "starts"), name="ledger_month_once"),
        )

    def __str__(self) -> str:
        return f"{self.starts:%Y-%m}"
