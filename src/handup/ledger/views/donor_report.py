"""What a fund received and spent, told to its donor in the donor's currency."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.budgets import budgeted
from handup.ledger.donor_report import DonorReport, DonorRow, donor_report
from handup.ledger.errors import NoDonorCurrency, RateMissing, RateTooOld
from handup.ledger.fund_report import funds_of
from handup.ledger.models import Fund
from handup.ledger.models.books import DONOR_RULE_LABELS
from handup.ledger.paper import rate_text
from handup.ledger.rules.conversion import ConvertBy, RateUsed
from handup.ledger.sums import By
from handup.ledger.views.fund_pages import BookPeriodPage
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Header, Table, Tile
from handup.org.web.refusals import message_of

CURRENCY = r"^[A-Z]{3}$"


class DonorReportPage(BookPeriodPage):
    """One fund of a book for its donor."""

    @cached_property
    def fund(self) -> Fund:
        """The fund the address names; otherwise the first of the book, those of donors before."""
        told = self.request.GET.get("fund", "")
        found = next((fund for fund in self.funds if told in ("", str(fund.pk))), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def funds(self) -> list[Fund]:
        """The funds the reader may see: those with lines in the book before those without, in each
        those of donors first.
        """
        held = {fund.pk for fund in funds_of(self.record, self.days[1])}
        rows = Fund.objects.visible_to(self.staff)
        return sorted(
            rows, key=lambda fund: (fund.pk not in held, not fund.report_currency, fund.code)
        )

    @cached_property
    def found(self) -> DonorReport | str:
        """The report, or why there is none."""
        by = By.HAPPENED if self.request.GET.get("by") == By.HAPPENED else By.POSTED
        try:
            return donor_report(self.record, self.fund, *self.days, by)
        except (NoDonorCurrency, RateMissing, RateTooOld) as refusal:
            return message_of(refusal)

    def header(self) -> Header:
        """The fund, the book, the days."""
        return Header(
            _("Report to the donor: %(fund)s") % {"fund": self.fund.name},
            subtitle=self.subtitle(),
            actions=(
                Action(
                    _("How the donor is told"),
                    "ledger:donor_rule",
                    "ledger.open_fund",
                    args=(self.fund.pk,),
                ),
            ),
            crumbs=self.crumbs(),
        )

    def context(self) -> dict[str, Any]:
        """The days, and the fund to choose."""
        funds = [(str(fund.pk), fund.name) for fund in self.funds]
        chosen = ("fund", _("Fund"), funds, str(self.fund.pk))
        return super().context() | {"choices": [chosen]}

    def tiles(self) -> Sequence[Tile]:
        """Received, spent, left, in the donor's currency."""
        found = self.found
        if isinstance(found, str):
            return ()
        currency = self.fund.report_currency
        received = sum(item.donor_units for item in found.received)
        spent = found.total.donor_units
        return (
            Tile(_("Received in these days"), format_money(received, currency)),
            Tile(
                _("Spent in these days"),
                format_money(spent, currency),
                of=_("converted by %(rule)s")
                % {"rule": DONOR_RULE_LABELS[ConvertBy(self.fund.convert_by)]},
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Budget lines in both currencies, what was received, the rates with their sources."""
        found = self.found
        if isinstance(found, str):
            nothing = EmptyState(found)
            return (Table(_("Spent by budget line"), SHORT, (), nothing),)
        base, donor = self.record.base_currency, self.fund.report_currency
        total = found.total
        footer = [
            str(_("Together")),
            "",
            format_money(total.base_units, base),
            format_money(total.donor_units, donor),
        ]
        tables = [
            Table(_("Spent by budget line"), _columns(base, donor, found), found.rows,
                  EmptyState(_("Nothing was spent in these days")), footer=footer),
            Table(
                _("Received"),
                (
                    Column("on", _("Day"), Kind.DATE),
                    Column("base_units", _("In the book"), Kind.MONEY, currency=base),
                    Column("donor_units", _("For the donor"), Kind.MONEY, currency=donor),
                ),
                found.received,
                EmptyState(_("Nothing was received in these days")),
            ),
        ]  # fmt: skip
        if found.rates:
            tables.append(Table(_("Rates used"), RATES, found.rates))
        return tables


def _rate(row: RateUsed) -> str:
    return f"1 {row.source} = {rate_text(row.known)} {row.target}"


SHORT = (Column("budget_line", _("Budget line")),)
RATES = (
    Column("since", _("From"), Kind.DATE),
    Column("on", _("Until"), Kind.DATE),
    Column("rate", _("Rate"), value=_rate),
    Column("rate_date", _("Rate of"), Kind.DATE),
    Column("of", _("Rates in the mean"), Kind.NUMBER),
    Column("told_by", _("Source")),
)


def _columns(base: str, donor: str, found: DonorReport) -> tuple[Column, ...]:
    uncovered = (
        Column("uncovered_base", _("Beyond what was received"), Kind.MONEY, currency=base),
    )
    return (
        Column("budget_line", _("Budget line"), value=lambda row: row.budget_line or _("none")),
        Column("budget", _("Budget"), value=_budget),
        Column("base_units", _("In the book"), Kind.MONEY, currency=base),
        Column("donor_units", _("For the donor"), Kind.MONEY, currency=donor),
        *(uncovered if found.total.uncovered_base else ()),
    )


def _budget(row: DonorRow) -> str:
    held = budgeted(row.budget_line) if row.budget_line else None
    return "" if held is None else format_money(held.units, held.currency)


class DonorRuleForm(HouseForm):
    """In which currency and by which rule."""

    report_currency = forms.RegexField(CURRENCY, label=_("Currency of the donor"))
    convert_by = forms.ChoiceField(label=_("Converted by"), choices=list(DONOR_RULE_LABELS.items()))


class DonorRule(FormPage):
    """Say how a fund's donor is told, as the agreement has it."""

    form_class = DonorRuleForm
    permission = "ledger.open_fund"
    subject_model = Fund
    title = _("How the donor is told")
    intro = _("As the agreement says; every report names the rates it used with their sources.")
    subject: Fund

    def initial(self) -> dict[str, Any]:
        """As it is."""
        fund = self.subject
        return {
            "report_currency": fund.report_currency or fund.currency,
            "convert_by": fund.convert_by or ConvertBy.DONOR,
        }

    def perform(self, values: dict[str, Any]) -> Fund:
        """Keep it."""
        return services.set_donor_report(
            acting_staff=self.staff,
            fund=self.subject,
            report_currency=values["report_currency"],
            convert_by=ConvertBy(values["convert_by"]),
        )

    def success_url(self, result: Fund) -> str:
        """The fund."""
        return reverse("ledger:fund_detail", args=[result.pk])

    def done_message(self, result: Fund) -> str:
        """What was done."""
        return str(_("Reports to the donor follow this rule."))
