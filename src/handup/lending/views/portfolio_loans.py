"""The loans behind a figure of the portfolio: every set a number opens to, as of any day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import fallen_due, figure_loans
from handup.lending.figures import PAR_DAYS
from handup.lending.models import Loan
from handup.lending.nameless import hide_names
from handup.lending.rules.ratios import AGEING
from handup.lending.views import loan_choices
from handup.lending.views.loans import LoanList
from handup.org.web.filters import Control, Params, Rows
from handup.org.web.lists import Choice, EmptyState, ListPage
from handup.org.web.money import format_day


def day_asked(text: str | None) -> date | None:
    """A day of the address; what cannot be read is not guessed."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1950 <= day.year <= 2150 else None


Behind = Callable[[date, date], tuple[str, list[Any]]]


def _risk_set(days: int, _since: date, on: date) -> tuple[str, list[Any]]:
    return figure_loans.at_risk_of(on, days)


def _age_set(low: int, high: int | None, _since: date, on: date) -> tuple[str, list[Any]]:
    return figure_loans.late_between(on, low, high)


def _sets() -> dict[str, tuple[Any, Behind]]:
    """Every set of loans a figure opens to: its words, and its SELECT for a period."""
    found: dict[str, tuple[Any, Behind]] = {
        "OPEN": (_("that owe something"), lambda _s, on: figure_loans.late_between(on, 0, None)),
        "LATE": (
            _("with anything past due"),
            lambda _s, on: figure_loans.late_between(on, 1, None),
        ),
        "DUE": (
            _("with something due in the period"),
            lambda since, on: fallen_due.due_of(since, on, in_time=False),
        ),
        "ON_TIME": (
            _("that paid by the day it was due"),
            lambda since, on: fallen_due.due_of(since, on, in_time=True),
        ),
        "EVER_DUE": (
            _("with something that fell due"),
            lambda _s, on: fallen_due.ever_due_of(on),
        ),
        "PAID": (_("that paid in the period"), figure_loans.received_of),
        "WRITTEN_OFF": (_("written off in the period"), figure_loans.written_off_of),
        "REPAID": (
            _("fully repaid, past their last due date"),
            lambda _s, on: figure_loans.ended_of(on, repaid=True),
        ),
        "ENDED": (
            _("past their last due date"),
            lambda _s, on: figure_loans.ended_of(on, repaid=False),
        ),
    }
    for days in PAR_DAYS:
        words = _("at risk by more than %(days)s days") % {"days": days}
        found[f"RISK{days}"] = (words, partial(_risk_set, days))
    for place, (low, high) in enumerate(AGEING):
        words = _("late by %(low)s to %(high)s days") % {
            "low": low,
            "high": "\u2026" if high is None else high,
        }
        found[f"AGE{place}"] = (words, partial(_age_set, low, high))
    return found


SETS = _sets()


@dataclass(frozen=True)
class BehindFilter:
    """The loans behind a figure as of a day: `set`, `since` and `on` in the address."""

    names: tuple[str, ...] = ("set", "since", "on")

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """Which set, and of which days."""
        options = [("", str(_("all")))]
        options += [(code, str(words)) for code, (words, _behind) in SETS.items()]
        return [
            Control("set", str(_("Loans")), "select", params.get("set", ""), tuple(options)),
            Control("since", str(_("Period from")), "date", params.get("since", "")),
            Control("on", str(_("As of")), "date", params.get("on", "")),
        ]

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """Only the loans of the set."""
        on = day_asked(params.get("on")) or timezone.localdate()
        since = min(day_asked(params.get("since")) or date(on.year, 1, 1), on)
        code = params.get("set", "")
        if code not in SETS:
            return rows
        sql, values = SETS[code][1](since, on)
        return rows.filter(pk__in=RawSQL(sql, values))  # noqa: S611 (statements of figures.py, no word of the address in them)

    def sentence(self, params: Params, staff: Any) -> str:
        """“that owe something, as of 1 May 2026”."""
        code = params.get("set", "")
        if code not in SETS:
            return ""
        words = SETS[code][0]
        on = day_asked(params.get("on")) or timezone.localdate()
        return _now("%(which)s, as of %(on)s") % {"which": words, "on": format_day(on)}


class PortfolioLoans(ListPage):
    """The loans behind a figure of the portfolio."""

    model = Loan
    permission = "lending.view_loan"
    title = _("Loans of the portfolio")
    related = LoanList.related
    columns = LoanList.columns
    order = "-pk"
    totals = LoanList.totals
    person_path = "person_id"
    highest = "P"
    filters = (
        BehindFilter(),
        Choice("lender", _("Lender"), loan_choices.of("lender", *loan_choices.ALL)),
        Choice("officer", _("Officer"), loan_choices.of("officer", *loan_choices.ALL)),
        *LoanList.filters[5:],
        Choice("office", _("Office"), loan_choices.of("office", *loan_choices.ALL)),
        Choice(
            "product",
            _("Product"),
            loan_choices.of("product", *loan_choices.ALL),
            field="product_version__product",
        ),
        Choice("currency", _("Currency"), loan_choices.of("currency", *loan_choices.ALL)),
    )
    empty = EmptyState(_("No loans here"), _("No loan stands behind this figure."))

    @staticmethod
    def as_seen(staff: Any, records: Sequence[Any]) -> None:
        """With a code for the borrowers the reader may not know by name."""
        hide_names(staff, records)
