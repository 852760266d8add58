"""What is still open before a month is closed: the named list behind the board of months.

close_checks.register(CloseCheck("MEETINGS", _("Meetings not yet received"), open_meetings))
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.ledger.models import CashCount, Draft, Period
from handup.ledger.month_end import banks_not_set, held
from handup.ledger.rules.words import (
    LOAN_RUNS,
    BookKind,
    CountStatus,
    DraftStatus,
    PeriodStatus,
    RunKind,
)
from handup.ledger.services.runs import unposted
from handup.ledger.services.year_end import unposted_revaluation
from handup.org.web.money import format_money

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True, slots=True)
class Open:
    """One thing still open: what, how much, and the record it is about."""

    text: str
    amount: str = ""
    record: str = ""
    record_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CloseCheck:
    """One question asked before closing. `blocks`: the month is not closed while it has answers."""

    code: str
    title: "_StrOrPromise"
    run: Callable[[Period], Iterable[Open]]
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A question with what is still open."""

    check: CloseCheck
    found: tuple[Open, ...]

    @property
    def done(self) -> bool:
        """Nothing is open."""
        return not self.found


checks: list[CloseCheck] = []


def register(*added: CloseCheck) -> None:
    """Add questions; one with the same code is there already when Django sets up twice."""
    known = {check.code for check in checks}
    checks.extend(check for check in added if check.code not in known)


def answers(period: Period) -> list[Answer]:
    """Every question with its answers, in order."""
    return [Answer(check, tuple(check.run(period))) for check in checks]


def earlier_months(period: Period) -> Iterator[Open]:
    """Months before it that still take facts."""
    rows = Period.objects.filter(
        book=period.book_id, starts__lt=period.starts, status=PeriodStatus.OPEN
    )
    for row in rows.order_by("starts")[:24]:
        yield Open(str(row), "", "period", row.pk)


def runs_to_post(period: Period) -> Iterator[Open]:
    """Interest earned, allowance and exchange revaluation that the month's end asks for and nobody
    posted.
    """
    for kind in LOAN_RUNS:
        for item in unposted(period.book, kind, period.ends):
            yield Open(kind.value, format_money(item.units, item.currency), "run")
    try:
        if units := unposted_revaluation(period.book, period.ends):
            told = format_money(units, period.book.base_currency)
            yield Open(RunKind.REVALUATION.value, told, "run")
    except Refusal as missing:  # the rate it asks for
        yield Open(str(missing))


def waiting_drafts(period: Period) -> Iterator[Open]:
    """Entries by hand of the month that nobody approved or declined."""
    rows = Draft.objects.filter(
        book=period.book_id, status=DraftStatus.DRAFT, happened_date__lte=period.ends
    )
    for row in rows.order_by("happened_date")[:50]:
        yield Open(row.remark, "", "draft", row.pk)


def suspense(period: Period) -> Iterator[Open]:
    """Money received and not yet matched."""
    for (account, code, currency), units in held(period.book, period.ends, "SUSPENSE").items():
        yield Open(code, format_money(-units, currency), "account", account)


def banks_not_reconciled(period: Period) -> Iterator[Open]:
    """Bank accounts with money that nobody set against the bank's statement at the month's end."""
    for (account, code, currency), units in banks_not_set(period.book, period.ends).items():
        yield Open(code, format_money(units, currency), "account", account)


def tills_not_counted(period: Period) -> Iterator[Open]:
    """Tills with money that nobody counted at the month's end; groups count as they meet."""
    if period.book.kind == BookKind.GROUP:
        return
    done = set(
        CashCount.objects.filter(
            account__book=period.book_id,
            counted_date=period.ends,
            status=CountStatus.CONFIRMED,
        ).values_list("account", "currency")
    )
    for (account, code, currency), units in held(period.book, period.ends, "CASH").items():
        if (account, currency) not in done:
            yield Open(code, format_money(units, currency), "account", account)


def still_going(period: Period) -> Iterator[Open]:
    """A month that is not over: facts of its last days would lie in a closed month."""
    if period.ends >= timezone.localdate():
        yield Open(str(period), "", "period", period.pk)


CHECKS = (
    CloseCheck("OVER", _("The month is over"), still_going, blocks=True),
    CloseCheck("EARLIER", _("Earlier months are closed for facts"), earlier_months, blocks=True),
    CloseCheck("RUNS", _("Interest and allowance are posted"), runs_to_post, blocks=True),
    CloseCheck("DRAFTS", _("No entry by hand waits"), waiting_drafts),
    CloseCheck("SUSPENSE", _("No money is unmatched"), suspense),
    CloseCheck("BANKS", _("Banks are reconciled"), banks_not_reconciled, blocks=True),
    CloseCheck("TILLS", _("Tills are counted"), tills_not_counted),
)
