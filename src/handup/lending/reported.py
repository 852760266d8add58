"""Every ratio of a portfolio with its definition, both numbers, and the loans behind them.

Ratios of a day are as of `on`; those of a period run from `since` to `on`. Ratios over the books
(RISK_COVER, YIELD, OPEX, IMPAIRMENT) take the loans that are ours, and the books they post to: a
book is told only with all its loans, in the one currency it is kept in. Of persons hidden from the
reader no loan is in any ratio. A book is told whole, to everybody alike, as its statements are
(docs/decisions/0018): no page or file then differs from another by what she owes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.ledger.queries import balance
from handup.ledger.sustainability import month_ends, sustainability
from handup.lending import fallen_due, figures
from handup.lending.figures import PAR_DAYS, Cube, Standing
from handup.lending.models import Lender, Loan
from handup.lending.models.statements import hidden_loans
from handup.lending.portfolio import Loans
from handup.lending.rules.codes import OWN_MODES
from handup.lending.rules.ratios import Ratio, RatioId, loss_annual, mean_ratio, risk_cover
from handup.org.models import StaffUser

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


ALLOWANCE = "ALLOWANCE"
LABELS: "dict[RatioId, _StrOrPromise]" = {
    RatioId.PAR: _("Portfolio at risk, more than %(days)s days"),
    RatioId.ARREARS_RATE: _("Arrears rate"),
    RatioId.ON_TIME: _("Paid on time"),
    RatioId.RECOVERY_CURRENT: _("Current recovery"),
    RatioId.REPAID_CUMULATIVE: _("Repaid, of all that ever fell due"),
    RatioId.REPAID_NUMBER: _("Repaid, by number of loans"),
    RatioId.REPAID_PRINCIPAL: _("Repaid, by principal due"),
    RatioId.LOSS_ANNUAL: _("Loss a year"),
    RatioId.WRITE_OFF: _("Written off"),
    RatioId.RISK_COVER: _("Risk covered by the allowance"),
    RatioId.YIELD: _("Yield"),
    RatioId.OPEX: _("Operating expense"),
    RatioId.IMPAIRMENT: _("Impairment expense"),
}
DEFINITIONS: "dict[RatioId, _StrOrPromise]" = {
    RatioId.PAR: _(
        "Outstanding principal of loans more than %(days)s days late, and of other restructured"
        " loans ÷ gross portfolio."
    ),
    RatioId.ARREARS_RATE: _("Overdue principal ÷ gross portfolio; understates the risk."),
    RatioId.ON_TIME: _("First due in the period and paid by its day ÷ first due in the period."),
    RatioId.RECOVERY_CURRENT: _("All received in the period ÷ all due in it; may exceed 100 %."),
    RatioId.REPAID_CUMULATIVE: _(
        "Principal paid, less what was paid before it was due ÷ principal that ever fell due."
    ),
    RatioId.REPAID_NUMBER: _("Loans fully repaid ÷ loans past their last agreed due date."),
    RatioId.REPAID_PRINCIPAL: _("Principal paid of that due by the day ÷ principal due by it."),
    RatioId.LOSS_ANNUAL: _("(1 − current recovery) ÷ average term in years × 2."),
    RatioId.WRITE_OFF: _("Principal written off in the period ÷ average gross portfolio."),
    RatioId.RISK_COVER: _("Allowance for losses ÷ principal at risk by more than 30 days."),
    RatioId.YIELD: _("Interest, fees and penalties of the period ÷ average gross portfolio."),
    RatioId.OPEX: _("Operating expense of the period ÷ average gross portfolio."),
    RatioId.IMPAIRMENT: _("Impairment expense of the period ÷ average gross portfolio."),
}


def ratio_name(ratio: RatioId, days: "int | str | None") -> "_StrOrPromise":
    """The name of a ratio, never its id; a portfolio at risk says from how many days late on."""
    return LABELS[ratio] % {"days": days} if ratio is RatioId.PAR else LABELS[ratio]


@dataclass(frozen=True, slots=True)
class Reported:
    """A ratio with the codes of the sets of loans behind its two numbers (empty: the books)."""

    ratio: Ratio
    numerator_set: str = ""
    denominator_set: str = ""
    money: bool = True

    @property
    def code(self) -> str:
        """The id of the definition, with its parameter."""
        days = self.ratio.parameter if self.ratio.id is RatioId.PAR else None
        return f"{self.ratio.id.value}{'' if days is None else days}"

    @property
    def label(self) -> "_StrOrPromise":
        """Its name."""
        return ratio_name(self.ratio.id, self.ratio.parameter)

    @property
    def definition(self) -> "_StrOrPromise":
        """How it is counted."""
        text = DEFINITIONS[self.ratio.id]
        return text % {"days": self.ratio.parameter} if self.ratio.id is RatioId.PAR else text


@dataclass(frozen=True, slots=True)
class Portfolio:
    """A portfolio of one currency as reported: where it stands and every ratio."""

    since: date
    on: date
    cube: Cube
    standing: Standing
    ratios: tuple[Reported, ...]


def report(
    since: date,
    on: date,
    loans: Loans,
    currency: str,
    books: Sequence[Book] = (),
    *,
    reader: StaffUser | None = None,
    copied: bool = True,
) -> Portfolio:
    """Every ratio of the loans of one currency; books: those the own loans post to, if they may be
    seen; those kept in another currency are left out. reader: who is told; loans of persons hidden
    from her are not among `loans`, and no book is left out for them; None: nobody is hidden.
    copied: where it stands may come from the copy in columns, which the cube then tells; what is
    kept or proven asks the database alone.
    """
    if Loan.objects.exclude(currency=currency).exists():
        loans = loans.filter(currency=currency)
    cube = figures.cube(on, loans, copied=copied)
    standing = cube.standing()
    days = month_ends(since, on)
    gross = figures.gross_at(days, loans)
    due = fallen_due.due_between(since, on, loans)
    received, payers = figures.received_between(since, on, loans)
    lost, lost_loans = figures.written_off_between(since, on, loans)
    found = [
        *(Reported(standing.at_risk(x), f"RISK{x}", "OPEN") for x in PAR_DAYS),
        Reported(standing.arrears_rate(), "LATE", "OPEN"),
        Reported(fallen_due.on_time(due), "ON_TIME", "DUE"),
        Reported(fallen_due.recovery_current(received, payers, due), "PAID", "DUE"),
        Reported(fallen_due.repaid_cumulative(due), "", "EVER_DUE"),
        Reported(figures.repaid_number(on, loans), "REPAID", "ENDED", money=False),
        Reported(fallen_due.repaid_principal(due), "", "EVER_DUE"),
        Reported(loss_annual(received, due.due, *figures.terms_of(since, on, loans)), "", "DUE"),
        Reported(mean_ratio(RatioId.WRITE_OFF, lost, gross, lost_loans), "WRITTEN_OFF", ""),
        *_over_the_books(cube, since, loans, books, days, currency, reader),
    ]
    return Portfolio(since, on, cube, standing, tuple(found))


def _over_the_books(
    cube: Cube,
    since: date,
    loans: Loans,
    books: Sequence[Book],
    days: Sequence[date],
    currency: str,
    reader: StaffUser | None,
) -> list[Reported]:
    books = [book for book in books if book.base_currency == currency]
    books = _told_whole(books, loans, reader)
    if not books:
        return []
    lenders = Lender.objects.filter(mode__in=OWN_MODES, book__in=[book.pk for book in books])
    ids = set(lenders.values_list("pk", flat=True))
    own = loans.filter(lender__in=ids)
    on = cube.on
    at_risk = cube.standing(ids).at_risk(30)
    allowance = -sum(balance(book, ALLOWANCE, on=on) for book in books)
    cover = risk_cover(allowance, at_risk.numerator, at_risk.numerator_loans)
    gross = figures.gross_at(days, own)
    parts = [sustainability(book, since, on) for book in books]
    told = {
        RatioId.YIELD: sum(part.portfolio_income for part in parts),
        RatioId.OPEX: sum(part.figures.operating for part in parts),
        RatioId.IMPAIRMENT: sum(part.figures.impairment for part in parts),
    }
    return [
        Reported(cover, "", "RISK30"),
        *(Reported(mean_ratio(ratio_id, units, gross)) for ratio_id, units in told.items()),
    ]


def _told_whole(books: Sequence[Book], loans: Loans, reader: StaffUser | None) -> list[Book]:
    """The books whose own loans are all among these: the income and the allowance of a book belong
    to all its lenders, offices and currencies together, and are no measure of some of its loans.
    Loans of persons hidden from the reader are not asked for: a book left out would tell of them.
    """
    of_books = Loan.objects.filter(
        lender__mode__in=OWN_MODES,
        lender__book__in=[book.pk for book in books],
        disbursed_date__isnull=False,
    )
    chosen = loans.order_by().values("pk")
    hidden = set() if reader is None else hidden_loans(reader)
    of_books = of_books.exclude(pk__in=hidden) if hidden else of_books
    others = of_books.exclude(pk__in=chosen) if loans.query.has_filters() else of_books.none()
    apart = set(others.order_by().values_list("lender__book", flat=True).distinct())
    return [book for book in books if book.pk not in apart]
