"""The portfolio of any day: ratios with their definitions, ageing, cohorts and concentration; every
figure opens to its loans.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import figures, reported
from handup.lending.figures import PAR_DAYS, Cohort, Share
from handup.lending.models import Lender, Loan, Product
from handup.lending.reported import Portfolio, Reported
from handup.lending.rules.ratios import YEAR_DAYS, RatioId
from handup.lending.services.ratios import books_for
from handup.lending.views.portfolio_loans import day_asked
from handup.org.models import Office, StaffUser
from handup.org.web.charts import Bar, Chart, Series
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import (
    format_day,
    format_instant,
    format_money,
    format_number,
    format_percent,
    format_quarter,
    format_share,
)
from handup.org.web.pages import Action, FiguresPage, Header, Table, Tile

DIMENSION_LABELS = {
    "lender": _("By lender"),
    "office": _("By office"),
    "officer": _("By loan officer"),
    "product": _("By product"),
}


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
        on = day_asked(self.request.GET.get("to")) or timezone.localdate()
        since = day_asked(self.request.GET.get("from")) or date(on.year, 1, 1)
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
        return reported.report(*self.days, self.loans, self.currency, books, reader=self.staff)

    def header(self) -> Header:
        """The day, and keeping the ratios."""
        return Header(
            self.title,
            subtitle=self._as_of(),
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

    def _as_of(self) -> str:
        """The day and currency, and since when nothing newer is counted."""
        told = {"on": format_day(self.days[1]), "currency": self.currency or "\u2013"}
        copied = self.found.cube.copied_at
        if copied is None:
            return _now("as of %(on)s, in %(currency)s") % told
        told["at"] = format_instant(copied)
        return _now("as of %(on)s, in %(currency)s, from what was known on %(at)s") % told

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
                    format_percent(ratio.percent_text),
                    of=_now("%(late)s of %(all)s loans")
                    % {
                        "late": format_number(ratio.numerator_loans),
                        "all": format_number(ratio.loans),
                    },
                    change=_now("arrears only %(share)s")
                    % {"share": format_percent(plain.percent_text)},
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
            shares = self.found.cube.shares(dimension)
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
        return figures.cohorts(self.found.cube, self.loans)

    def _cohorts(self) -> Chart:
        worst = max(self.cohorts, key=lambda item: _part(item.late, item.lent) or 0)
        return Chart(
            title=_now("Of what was lent in %(quarter)s, %(share)s is more than 30 days late")
            % {
                "quarter": format_quarter(worst.first),
                "share": format_share(worst.late, worst.lent),
            },
            units=_now("Per cent of what was lent, by quarter of paying out"),
            source=self._source(),
            points=[format_quarter(item.first) for item in self.cohorts],
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
                Column("code", _("Definition id")),
            ),
            self.found.ratios,
        )  # fmt: skip
        currency = self.currency or "XXX"

        def money(name: str, label: Any) -> Column:
            return Column(name, label, Kind.MONEY, currency=currency)

        cohorts = Table(
            _("By quarter of paying out"),
            (
                Column(
                    "quarter",
                    _("Quarter"),
                    Kind.LINK,
                    value=lambda row: format_quarter(row.first),
                    href=self._cohort_href,
                ),
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
        parts = row.ratio.parameter
        if parts and row.ratio.id in MEANS:
            units //= parts * (YEAR_DAYS if row.ratio.id is RatioId.LOSS_ANNUAL else 1)
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
        RatioId.LOSS_ANNUAL,
    }
)


def _value(row: Reported) -> str:
    return format_percent(row.ratio.percent_text)


def _part(units: int, whole: int) -> int | None:
    """A share in whole per cent, half up, for the drawing."""
    return (200 * units + whole) // (2 * whole) if whole else None
