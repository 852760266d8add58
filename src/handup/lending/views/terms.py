"""Terms, costs and schedules in words: on a product, on an agreement, beside a form."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.kernel.credit.codes import (
    FeeBase,
    PenaltyKind,
    Recalculation,
    Repayment,
    RowKind,
    SavingsHolder,
)
from handup.kernel.credit.terms import Fee, Terms
from handup.lending.models.termlabels import EACH, MONTHS, WEEKDAYS, word
from handup.lending.rules.offer import Offer, asks_savings
from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_money, format_percent
from handup.org.web.pages import Fact, FactGroup, Table


def percent(ppm: int | None) -> str:
    """A yearly rate with two decimals, half up."""
    if ppm is None:
        return "–"
    cents = (ppm + 50) // 100
    return format_percent(f"{cents // 100}.{cents % 100:02}")


def share(ppm: int) -> str:
    """Parts per million as a percentage, no more decimals than it has."""
    return format_percent(f"{ppm / 10_000:g}")


def term_facts(terms: Terms) -> Iterator[Fact]:
    """The terms of a loan in words: what says more than the usual is left out."""

    def money(units: int | None) -> str:
        return "" if units is None else format_money(units, terms.currency)

    yield Fact(_("Currency"), terms.currency)
    rate = format_percent(f"{Decimal(terms.rate_ppm) / (10_000 * terms.rate_parts):.10g}")
    yield Fact(_("Interest"), f"{rate} {word('rate_per', terms.rate_per)}")
    yield Fact(_("Interest on"), word("method", terms.method))
    yield Fact(_("What is repaid each time"), word("repayment", terms.repayment))
    yield from _repayment_facts(terms)
    yield Fact(_("Most instalments"), terms.instalments)
    every = EACH[terms.unit] if terms.every == 1 else f"{terms.every} {word('unit', terms.unit)}"
    yield Fact(_("One every"), every)
    yield Fact(_("Smallest loan"), money(terms.principal_min_units))
    yield Fact(_("Largest loan"), money(terms.principal_max_units))
    if terms.principal_multiple_units > 1:
        yield Fact(_("In steps of"), money(terms.principal_multiple_units))
    yield from _day_facts(terms)
    yield Fact(_("Days are counted as"), word("day_count", terms.day_count))
    yield Fact(_("The equal instalment is worked out by"), word("annuity", terms.annuity))
    for place, label in (
        ("instalment", _("Instalments are rounded")),
        ("interest", _("Interest is rounded")),
        ("principal", _("Principal is rounded")),
        ("total", _("The whole loan is rounded")),
    ):
        rounding = getattr(terms, f"{place}_rounding")
        if rounding is not None and (rounding.unit > 1 or rounding.mode != "HALF_UP"):
            yield Fact(label, f"{money(rounding.unit)} {word('mode', rounding.mode)}")
    yield Fact(_("What rounding leaves goes to"), word("residue", terms.residue))


def _repayment_facts(terms: Terms) -> Iterator[Fact]:
    if terms.repayment is Repayment.PRINCIPAL_SHARES:
        text = " ".join(f"{bps / 100:g}" for bps in terms.shares_bps)
        yield Fact(_("Shares of the loan, percent"), text)
    if terms.principal_ppm:
        yield Fact(_("Share of the loan each time, percent"), share(terms.principal_ppm))
    if terms.fixed_units:
        yield Fact(_("Given instalment"), format_money(terms.fixed_units, terms.currency))
    for name, label in (
        ("grace_principal", _("Instalments without principal, at the start")),
        ("grace_interest_payment", _("Instalments whose interest is collected later")),
        ("grace_interest_free", _("Instalments without interest, at the start")),
    ):
        if getattr(terms, name):
            yield Fact(label, getattr(terms, name))
    if terms.down_payment_ppm:
        label = _("Paid by the borrower at once, percent of the loan")
        yield Fact(label, share(terms.down_payment_ppm))
    if terms.tranches_max > 1:
        yield Fact(_("Paid out in at most so many parts"), terms.tranches_max)


def _day_facts(terms: Terms) -> Iterator[Fact]:
    if terms.anchor_day:
        yield Fact(_("Due on this day of the month"), terms.anchor_day)
    for numbers, label, choices in (
        (terms.due_months, _("Due only in these months"), MONTHS),
        (terms.working_days, _("Working days"), WEEKDAYS),
    ):
        if numbers:
            names = dict(choices)
            yield Fact(label, ", ".join(str(names[str(number)]) for number in numbers))
    yield Fact(_("A due date on a day without work"), word("off_day_rule", terms.off_day_rule))


def cost_facts(terms: Terms) -> Iterator[Fact]:
    """Fees, what lateness costs, and what happens when money comes otherwise than agreed."""
    for fee in terms.fees:
        yield Fact(fee.code, fee_words(fee, terms.currency))
    penalty = terms.penalty
    if penalty.kind is PenaltyKind.FIXED:
        text = format_money(penalty.units, terms.currency)
        yield Fact(_("Lateness costs"), f"{text}, {word('penalty_kind', penalty.kind)}")
    elif penalty.kind is PenaltyKind.PER_DAY:
        base = word("penalty_base", penalty.base)
        most = _now("at most %(share)s of it") % {"share": share(penalty.cap_ppm)}
        yield Fact(_("Lateness costs, a day"), f"{share(penalty.ppm)}: {base}; {most}")
    if penalty.kind is not PenaltyKind.NONE:
        yield Fact(_("Days late without penalty"), penalty.free_days)
    if terms.arrears_tolerance_units:
        text = format_money(terms.arrears_tolerance_units, terms.currency)
        yield Fact(_("Not late for so little"), text)
    if terms.recalculation is not Recalculation.NONE:
        label = _("When money comes early or late, interest")
        yield Fact(label, word("recalculation", terms.recalculation))
    yield Fact(_("Money paid ahead"), word("early_effect", terms.early_effect))
    yield Fact(
        _("Interest when a loan is paid off"), word("payoff_interest", terms.payoff_interest)
    )
    if terms.early_fee_ppm:
        label = _("Fee for paying off early, percent of the principal")
        yield Fact(label, share(terms.early_fee_ppm))
    if terms.withdrawal_days:
        yield Fact(_("Days to withdraw after the pay-out"), terms.withdrawal_days)
    yield from savings_facts(terms)


def savings_facts(terms: Terms) -> Iterator[Fact]:
    """What is saved beside the loan, where anything is kept of it here."""
    if terms.savings_holder is SavingsHolder.SEEN:
        return
    yield Fact(_("Savings lie with"), word("savings_holder", terms.savings_holder))
    parts = []
    if terms.savings_instalment_units:
        parts.append(format_money(terms.savings_instalment_units, terms.currency))
    if terms.savings_instalment_ppm:
        of = _now("%(share)s of the loan") % {"share": share(terms.savings_instalment_ppm)}
        parts.append(of)
    if parts:
        yield Fact(_("Saved with each instalment"), " + ".join(parts))
        yield Fact(
            _("Of a payment, savings come"), word("savings_position", terms.savings_position)
        )


def fee_words(fee: Fee, currency: str) -> str:
    """One fee in words: how much, of what, when, how taken."""
    parts = []
    if fee.units:
        parts.append(format_money(fee.units, currency))
    if fee.ppm:
        base = FeeBase.PRINCIPAL if fee.base is FeeBase.FIXED else fee.base
        parts.append(
            _now("%(share)s of %(base)s")
            % {"share": share(fee.ppm), "base": word("fee_base", base)}
        )
    said = [" + ".join(parts), word("fee_kind", fee.kind), word("fee_when", fee.when)]
    if fee.after_days:
        days = ngettext(
            "%(days)s day after the loan is paid out",
            "%(days)s days after the loan is paid out",
            fee.after_days,
        )
        said.append(days % {"days": fee.after_days})
    if fee.when == "DISBURSEMENT":
        said.append(word("fee_taken", fee.taken))
    if fee.refundable:
        said.append(_now("given back to a borrower who withdraws"))
    return ", ".join(str(text) for text in said)


def offer_table(offer: Offer) -> Table:
    """The rows of an offer with the totals."""
    currency = offer.terms.currency
    money: dict[str, Any] = {"kind": Kind.MONEY, "currency": currency}
    columns = (
        Column("number", _("No."), Kind.NUMBER),
        Column("due_date", _("Due"), Kind.DATE),
        Column("principal", _("Principal"), **money),
        Column("interest", _("Interest"), **money),
        Column("fee", _("Fees"), **money),
        Column(
            "due",
            _("To be paid"),
            value=lambda row: row.principal + row.interest + row.fee,
            **money,
        ),
    )
    sums = [
        sum(getattr(row, name) for row in offer.rows) for name in ("principal", "interest", "fee")
    ]
    footer = ["", _now("Together"), *(format_money(n, currency) for n in (*sums, sum(sums)))]
    title = _now("Example: a loan of %(amount)s") % {"amount": format_money(offer.units, currency)}
    return Table(title, columns, offer.rows, footer=footer)


def saved_rate(terms: Terms, ppm: int | None) -> tuple[Fact, ...]:
    """The yearly rate with compulsory savings, beside the one without; nothing where none are
    asked.
    """
    if not asks_savings(terms):
        return ()
    return (Fact(_("The same with the savings that are asked (EU)"), percent(ppm)),)


def offer_facts(offer: Offer) -> FactGroup:
    """What is handed over, what it costs, yearly rates side by side."""

    def money(units: int) -> str:
        return format_money(units, offer.terms.currency)

    taken = offer.plan.taken
    down = sum(row.principal for row in offer.rows if row.kind is RowKind.DOWN_PAYMENT)
    told = (
        (_("Kept back"), taken.withheld_units),
        (_("Added to the loan"), taken.capitalised_units),
        (_("Fees paid on the day"), taken.cash_units),
        (_("Down payment"), down),
    )
    return FactGroup(
        _("Cost of the loan"),
        [
            Fact(_("Handed to the borrower"), money(offer.plan.handed_units)),
            *(Fact(label, money(units)) for label, units in told if units),
            Fact(_("Yearly percentage rate (EU)"), percent(offer.apr_ppm)),
            *saved_rate(offer.terms, offer.apr_with_savings_ppm),
            Fact(_("Annual percentage rate (US)"), percent(offer.us_apr_ppm)),
            Fact(
                _("The same loan with interest on the whole amount would cost"),
                percent(offer.flat_apr_ppm),
            ),
            Fact(_("Total to be paid"), money(offer.total_payable_units)),
            Fact(_("Total cost"), money(offer.total_cost_units)),
        ],
    )
