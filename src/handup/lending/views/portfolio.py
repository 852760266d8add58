"""The portfolio of any day: ratios with their definitions, ageing, cohorts and concentration; every
figure opens to its loans.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.db.models import Count, QuerySet
from django.db.models.expressions import RawSQL
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import figures, reported, services
from handup.lending.figures import PAR_DAYS, Cohort, Share
from handup.lending.models import Lender, Loan, Product, RatioRecord
from handup.lending.reported import Portfolio, Reported
from handup.lending.rules.ratios import AGEING, RatioId
from handup.lending.services.ratios import books_for
from handup.lending.views.loans import LoanList
from handup.org.models import Office, StaffUser
from handup.org.web.charts import Bar, Chart, Series
from handup.org.web.filters import Control, Params, Rows
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.org.web.money import format_day, format_money, format_number, format_share
from handup.org.web.pages import Action, FiguresPage, Header, Table, Tile

DIMENSION_LABELS = {
    "lender": _("By lender"),
    "office": _("By office"),
    "officer": _("By loan officer"),
    "product": _("By product"),
}


def _day(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if 1950 <= day.year <= 2150 else None


def bucket_label(low: int, high: int | None) -> str:
    """0 days, 1-30 days, more than 365 days."""
    if high is None:
        return _now("more than %(days)s days") % {"days": low - 1}
    if low == high:
        return _now("on time") if low == 0 else _now("%(days)s days") % {"days": low}
    return _now("%(low)s\u2013%(high)s days") % {"low": low, "high": high}


class PortfolioPage(FiguresPage):
    """The portfolio as it stood at the end of a day."""

    permission = "lending.view_loan"
    template = "lending/portfolio.html"
    title = _("Portfolio")

    @cached_property
    def lender(self) -> Lender | None:
        """The lender chosen, of those she may see."""
        try:
            pk = UUID(self.request.GET.get("lender", ""))
        except ValueError:
            return None
        return Lender.objects.visible_to(self.staff).filter(pk=pk).first()

    @cached_property
    def days(self) -> tuple[date, date]:
        """The period for ratios of a period; its end is the day of the portfolio."""
        on = _day(self.request.GET.get("to")) or timezone.localdate()
        since = _day(self.request.GET.get("from")) or date(on.year, 1, 1)
        return min(since, on), on

    @cached_property
    def currencies(self) -> list[str]:
        """The currencies of her loans, the most frequent first."""
        rows = Loan.objects.visible_to(self.staff).order_by().values("currency")
        counted = rows.annotate(n=Count("pk")).order_by("-n", "currency")
        return [row["currency"] for row in counted]

    @cached_property
    def currency(self) -> str:
        """The currency chosen."""
        asked = self.request.GET.get("currency", "")
        return asked if asked in self.currencies else next(iter(self.currencies), "")

    @cached_property
    def loans(self) -> QuerySet[Loan]:
        """Her loans of the currency and lender."""
        rows = Loan.objects.visible_to(self.staff).filter(currency=self.currency)
        return rows if self.lender is None else rows.filter(lender=self.lender)

    @cached_property
    def found(self) -> Portfolio:
        """Where it stands, and every ratio."""
        books = books_for(self.staff, self.lender)
        return reported.report(*self.days, self.loans, self.currency, books)

    def header(self) -> Header:
        """The day, and keeping the ratios."""
        _since, on = self.days
        return Header(
            self.title,
            subtitle=_("as of %(on)s, in %(currency)s")
            % {"on": format_day(on), "currency": self.currency or "\u2013"},
            primary=Action(
                _("Keep these ratios"),
                "lending:record_ratios",
                "lending.record_ratios",
            ),
            actions=(
                Action(_("Ratios kept"), "lending:ratio_list", "lending.view_lender"),
                Action(_("Arrears"), "lending:arrears"),
            ),
        )

    def opens(self, code: str, **more: Any) -> str:
        """The list of loans behind a figure."""
        since, on = self.days
        told = {"set": code, "since": since.isoformat(), "on": on.isoformat(), **more}
        if self.lender is not None:
            told["lender"] = str(self.lender.pk)
        told["currency"] = self.currency
        return reverse("lending:portfolio_loans") + "?" + urlencode(told)

    def tiles(self) -> Sequence[Tile]:
        """Gross portfolio and portfolio at risk."""
        standing = self.found.standing
        tiles = [
            Tile(
                _("Gross portfolio"),
                format_money(standing.principal, self.currency) if self.currency else "0",
                of=_now("%(count)s loans") % {"count": format_number(standing.loans)},
                how=_("Outstanding principal of every loan not written off."),
                href=self.opens("OPEN"),
            )
        ]
        for days in PAR_DAYS:
            ratio = standing.at_risk(days)
            plain = standing.at_risk(days, count_restructured=False)
            tiles.append(
                Tile(
                    _("PAR%(days)s") % {"days": days},
                    f"{ratio.percent_text} %",
                    of=_now("%(late)s of %(all)s loans")
                    % {
                        "late": format_number(ratio.numerator_loans),
                        "all": format_number(ratio.loans),
                    },
                    change=_now("arrears only %(share)s %%") % {"share": plain.percent_text},
                    how=reported.DEFINITIONS[ratio.id] % {"days": days},
                    href=self.opens(f"RISK{days}"),
                )
            )
        return tiles

    def charts(self) -> Sequence[Chart]:
        """Ageing, cohorts, and the portfolio by lender, office, officer and product."""
        if not self.found.standing.loans:
            return []
        charts = [self._ageing()]
        if len(self.cohorts) > 1:
            charts.append(self._cohorts())
        for dimension in DIMENSION_LABELS:
            shares = figures.concentration(dimension, self.days[1], self.loans)
            if len(shares) > 1:
                charts.append(self._shares(dimension, shares))
        return charts

    def _ageing(self) -> Chart:
        standing = self.found.standing
        late = sum(bucket.principal_units for bucket in standing.ageing() if bucket.from_days)
        return Chart(
            title=_now("%(share)s of the portfolio is late")
            % {"share": format_share(late, standing.principal)},
            units=_now("Outstanding principal by days late, in %(currency)s")
            % {"currency": self.currency},
            source=self._source(),
            bars=[
                Bar(
                    bucket_label(bucket.from_days, bucket.to_days),
                    bucket.principal_units,
                    _now("%(amount)s, %(count)s loans")
                    % {
                        "amount": format_money(bucket.principal_units, self.currency),
                        "count": format_number(bucket.loans),
                    },
                    self.opens(f"AGE{place}"),
                )
                for place, bucket in enumerate(standing.ageing())
            ],
        )

    def _source(self) -> str:
        return _now("loan events up to %(on)s") % {"on": format_day(self.days[1])}

    @cached_property
    def cohorts(self) -> list[Cohort]:
        """The last quarters of lending."""
        return figures.cohorts(self.days[1], self.loans)

    def _cohorts(self) -> Chart:
        worst = max(self.cohorts, key=lambda item: _part(item.late, item.lent) or 0)
        return Chart(
            title=_now("Of what was lent in %(quarter)s, %(share)s is more than 30 days late")
            % {"quarter": worst.label, "share": format_share(worst.late, worst.lent)},
            units=_now("Per cent of what was lent, by quarter of paying out"),
            source=self._source(),
            points=[item.label for item in self.cohorts],
            series=[
                Series(
                    _now("more than 30 days late"),
                    [_part(item.late, item.lent) for item in self.cohorts],
                ),
                Series(
                    _now("written off"),
                    [_part(item.written_off, item.lent) for item in self.cohorts],
                ),
            ],
        )

    def _shares(self, dimension: str, shares: Sequence[Share]) -> Chart:
        names = self._names(dimension, [share.id for share in shares])
        whole = self.found.standing.principal
        largest = shares[0]
        return Chart(
            title=_now("%(name)s holds %(share)s of the portfolio")
            % {
                "name": names.get(largest.id, _now("none")),
                "share": format_share(largest.principal, whole),
            },
            units=str(DIMENSION_LABELS[dimension]),
            source=self._source(),
            part_label=_now("at risk by more than 30 days"),
            bars=[
                Bar(
                    names.get(share.id, _now("none")),
                    share.principal,
                    format_money(share.principal, self.currency),
                    self.opens("OPEN", **{dimension: str(share.id or "")}),
                    part=share.at_risk,
                    part_text=format_money(share.at_risk, self.currency),
                )
                for share in shares[:10]
            ],
        )

    def _names(self, dimension: str, ids: Sequence[UUID | None]) -> dict[UUID | None, str]:
        model, name = {
            "lender": (Lender, "name"),
            "office": (Office, "name"),
            "officer": (StaffUser, "display_name"),
            "product": (Product, "name"),
        }[dimension]
        rows: Any = model
        return dict(rows.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", name))

    def tables(self) -> Sequence[Table]:
        """Every ratio, then every cohort."""
        ratios = Table(
            _("Ratios"),
            (
                Column("code", _("Definition id")),
                Column("label", _("Ratio")),
                Column("value", _("Value"), Kind.TEXT, value=_value),
                Column(
                    "numerator", _("Numerator"), Kind.LINK,
                    value=partial(self._number, numerator=True),
                    href=lambda row: self.opens(row.numerator_set) if row.numerator_set else "",
                ),
                Column(
                    "denominator", _("Denominator"), Kind.LINK,
                    value=partial(self._number, numerator=False),
                    href=lambda row: self.opens(row.denominator_set) if row.denominator_set else "",
                ),
                Column("definition", _("How it is counted")),
            ),
            self.found.ratios,
        )  # fmt: skip
        currency = self.currency or "XXX"

        def money(name: str, label: Any) -> Column:
            return Column(name, label, Kind.MONEY, currency=currency)

        cohorts = Table(
            _("By quarter of paying out"),
            (
                Column("label", _("Quarter"), Kind.LINK, href=self._cohort_href),
                Column("loans", _("Loans"), Kind.NUMBER),
                money("lent", _("Lent")),
                money("principal", _("Outstanding")),
                money("late", _("More than 30 days late")),
                money("written_off", _("Written off")),
            ),
            self.cohorts,
            EmptyState(_("No loans paid out yet"), _("A loan begins with an application.")),
        )
        return [ratios, cohorts]

    def _cohort_href(self, row: Cohort) -> str:
        return self.opens("PAID_OUT", paid_out_from=row.first, paid_out_to=row.last)

    def _number(self, row: Reported, *, numerator: bool) -> str:
        units = row.ratio.numerator if numerator else row.ratio.denominator
        if not row.money or not self.currency:
            return format_number(units)
        if row.ratio.parameter and row.ratio.id in MEANS:
            units //= row.ratio.parameter
        return format_money(units, self.currency)

    def context(self) -> dict[str, Any]:
        """The day, lender and currency for the form."""
        since, on = self.days
        lenders = Lender.objects.filter(
            pk__in=Loan.objects.visible_to(self.staff).order_by().values("lender")
        )
        named: list[tuple[str, Any]] = [("", _("all"))]
        named += [(str(row.pk), row.name) for row in lenders]
        chosen = str(self.lender.pk) if self.lender else ""
        choices: list[tuple[str, Any, list[tuple[str, Any]], str]] = [
            ("lender", _("Lender"), named, chosen),
            ("currency", _("Currency"), [(c, c) for c in self.currencies], self.currency),
        ]
        return {
            "since": since.isoformat(),
            "on": on.isoformat(),
            "choices": [choice for choice in choices if len(choice[2]) > 1],
        }


MEANS = frozenset(
    {
        RatioId.WRITE_OFF,
        RatioId.YIELD,
        RatioId.OPEX,
        RatioId.IMPAIRMENT,
    }
)


def _value(row: Reported) -> str:
    text = row.ratio.percent_text
    return text if row.ratio.percent is None else f"{text} %"


def _part(units: int, whole: int) -> int | None:
    """A share in whole per cent, half up, for the drawing."""
    return (200 * units + whole) // (2 * whole) if whole else None


# --- the loans behind a figure --------------------------------------------------------------------

Behind = Callable[[date, date], tuple[str, list[Any]]]


def _risk_set(days: int, _since: date, on: date) -> tuple[str, list[Any]]:
    return figures.at_risk_of(on, days)


def _age_set(low: int, high: int | None, _since: date, on: date) -> tuple[str, list[Any]]:
    return figures.late_between(on, low, high)


def _sets() -> dict[str, tuple[Any, Behind]]:
    """Every set of loans a figure opens to: its words, and its SELECT for a period."""
    found: dict[str, tuple[Any, Behind]] = {
        "OPEN": (_("that owe something"), lambda _s, on: figures.late_between(on, 0, None)),
        "LATE": (_("with anything past due"), lambda _s, on: figures.late_between(on, 1, None)),
        "DUE": (
            _("with something due in the period"),
            lambda since, on: figures.due_of(since, on, in_time=False),
        ),
        "ON_TIME": (
            _("that paid by the day it was due"),
            lambda since, on: figures.due_of(since, on, in_time=True),
        ),
        "EVER_DUE": (
            _("with something that fell due"),
            lambda _s, on: figures.due_of(date(1950, 1, 1), on, in_time=False),
        ),
        "PAID": (_("that paid in the period"), figures.received_of),
        "WRITTEN_OFF": (_("written off in the period"), figures.written_off_of),
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
PLAIN_SETS = {
    "REPAID": (_("fully repaid, past their last due date"), True),
    "ENDED": (_("past their last due date"), False),
}


@dataclass(frozen=True)
class BehindFilter:
    """The loans behind a figure as of a day: `set`, `since` and `on` in the address."""

    names: tuple[str, ...] = ("set", "since", "on")

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """Which set, and of which days."""
        options = [("", str(_("all")))]
        options += [(code, str(words)) for code, (words, _behind) in SETS.items()]
        options += [(code, str(words)) for code, (words, _repaid) in PLAIN_SETS.items()]
        return [
            Control("set", str(_("Loans")), "select", params.get("set", ""), tuple(options)),
            Control("since", str(_("Period from")), "date", params.get("since", "")),
            Control("on", str(_("As of")), "date", params.get("on", "")),
        ]

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """Only the loans of the set."""
        on = _day(params.get("on")) or timezone.localdate()
        since = min(_day(params.get("since")) or date(on.year, 1, 1), on)
        code = params.get("set", "")
        if code in PLAIN_SETS:
            rows = rows.filter(last_due_date__lt=on)
            return rows.filter(settled_date__lte=on) if PLAIN_SETS[code][1] else rows
        if code not in SETS:
            return rows
        sql, values = SETS[code][1](since, on)
        return rows.filter(pk__in=RawSQL(sql, values))  # noqa: S611 (statements of figures.py, no word of the address in them)

    def sentence(self, params: Params, staff: Any) -> str:
        """“that owe something, as of 1 May 2026”."""
        code = params.get("set", "")
        words = SETS[code][0] if code in SETS else PLAIN_SETS.get(code, ("", False))[0]
        if not words:
            return ""
        on = _day(params.get("on")) or timezone.localdate()
        return _now("%(which)s, as of %(on)s") % {"which": words, "on": format_day(on)}


def _offices(staff: StaffUser) -> list[tuple[str, str]]:
    rows = Loan.objects.visible_to(staff).exclude(office=None).order_by("office__name")
    return [(str(pk), name) for pk, name in rows.values_list("office", "office__name").distinct()]


def _products(staff: StaffUser) -> list[tuple[str, str]]:
    rows = Loan.objects.visible_to(staff).exclude(product_version=None)
    pairs = rows.order_by("product_version__product__name").values_list(
        "product_version__product", "product_version__product__name"
    )
    return [(str(pk), name) for pk, name in pairs.distinct()]


def _currencies(staff: StaffUser) -> list[tuple[str, str]]:
    rows = Loan.objects.visible_to(staff).order_by("currency")
    return [(code, code) for code in rows.values_list("currency", flat=True).distinct()]


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
        *LoanList.filters[3:],
        Choice("office", _("Office"), _offices),
        Choice("product", _("Product"), _products, field="product_version__product"),
        Choice("currency", _("Currency"), _currencies),
    )
    empty = EmptyState(_("No loans here"), _("No loan stands behind this figure."))


# --- ratios kept ----------------------------------------------------------------------------------


def _kept_value(row: RatioRecord) -> str:
    return format_share(row.numerator, row.denominator)


class RatioList(ListPage):
    """Ratios as they were reported."""

    model = RatioRecord
    permission = "lending.view_lender"
    title = _("Ratios kept")
    intro = _("What was reported, with both numbers; none is ever changed.")
    related = ("lender", "recorded_by")
    columns = (
        Column("ratio", _("Definition id"), sort="ratio"),
        Column("parameter", _("Parameter"), Kind.NUMBER),
        Column("cut_off", _("As of"), Kind.DATE, sort="cut_off"),
        Column("starts", _("Period from"), Kind.DATE),
        Column("value", _("Value"), value=_kept_value),
        Column("numerator", _("Numerator"), Kind.NUMBER),
        Column("denominator", _("Denominator"), Kind.NUMBER),
        Column("loans", _("Loans"), Kind.NUMBER),
        Column("currency", _("Currency")),
        Column("lender.name", _("Lender")),
        Column("recorded_by.display_name", _("Kept by"), shown=False),
    )
    filters = (
        Choice("ratio", _("Ratio"), [(item.value, item.value) for item in RatioId]),
        DateRange("as_of", _("As of"), "cut_off"),
    )
    order = "-cut_off"
    empty = EmptyState(_("No ratios kept yet"), _("They are kept from the portfolio page."))


class RatioForm(HouseForm):
    """The period, currency and lender of the ratios to keep."""

    since = DayField(label=_("Period from"))
    on = DayField(label=_("As of"))
    currency = forms.ChoiceField(label=_("Currency"))
    lender = forms.ModelChoiceField(
        label=_("Lender"), queryset=Lender.objects.none(), required=False, empty_label=_("all")
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her currencies and lenders."""
        super().__init__(*args, **options)
        currency, lender = self.fields["currency"], self.fields["lender"]
        assert isinstance(currency, forms.ChoiceField)
        assert isinstance(lender, forms.ModelChoiceField)
        currency.choices = _currencies(staff)
        lender.queryset = Lender.objects.visible_to(staff)


class RecordRatios(FormPage):
    """Keep every ratio as it stands."""

    form_class = RatioForm
    permission = "lending.record_ratios"
    title = _("Keep these ratios")
    intro = _("Each is kept with its definition, both numbers and the day.")
    verb = _("Keep them")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """This year up to today."""
        on = timezone.localdate()
        return {"since": date(on.year, 1, 1), "on": on}

    def perform(self, values: dict[str, Any]) -> list[RatioRecord]:
        """Keep them."""
        return services.record_ratios(acting_staff=self.staff, **values)

    def success_url(self, result: list[RatioRecord]) -> str:
        """The ratios kept."""
        return reverse("lending:ratio_list")

    def done_message(self, result: list[RatioRecord]) -> str:
        """What was done."""
        return str(_("The ratios are kept."))
