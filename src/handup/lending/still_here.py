"""What a hand-over has left to this house. Loans, savings and books that a successor keeps stay
readable with their figures, but nothing of them is work here any more.
"""

from django.db.models import QuerySet

from handup.ledger.rules.words import BookStatus
from handup.lending.models import (
    EarlierRecord,
    LineMatch,
    Loan,
    LoanProposal,
    StatementLine,
    StrayCash,
    StrayWord,
)

_MOVED = BookStatus.MOVED.value


def loans_here(rows: QuerySet[Loan]) -> QuerySet[Loan]:
    """The loans among these that no successor keeps."""
    return rows.filter(moved_date=None)


def proposals_here(rows: QuerySet[LoanProposal]) -> QuerySet[LoanProposal]:
    """The proposals among these that are of such loans."""
    return rows.filter(loan__moved_date=None)


def lines_here(rows: QuerySet[StatementLine]) -> QuerySet[StatementLine]:
    """The lines of statements among these whose book is still kept here."""
    return rows.exclude(account__book__status=_MOVED)


def matches_here(rows: QuerySet[LineMatch]) -> QuerySet[LineMatch]:
    """What was said of such lines."""
    return rows.exclude(line__account__book__status=_MOVED)


def cash_here(rows: QuerySet[StrayCash]) -> QuerySet[StrayCash]:
    """The cash of nobody known among these that lies in a till of a book kept here."""
    return rows.exclude(lender__book__status=_MOVED)


def words_here(rows: QuerySet[StrayWord]) -> QuerySet[StrayWord]:
    """What was said of such cash."""
    return rows.exclude(stray__lender__book__status=_MOVED)


def earlier_here(rows: list[EarlierRecord]) -> list[EarlierRecord]:
    """What was said of earlier days, without what is of savings, calls or a sheet of nothing but
    loans that a successor keeps.
    """
    named = {loan for row in rows for loan, *_told in row.payload.get("lines", ())}
    moved = Loan._base_manager.filter(pk__in=named).exclude(moved_date=None)
    gone = {str(pk) for pk in moved.values_list("pk", flat=True)}
    return [row for row in rows if not _gone(row, gone)]


def _gone(row: EarlierRecord, gone: set[str]) -> bool:
    if row.account is not None:
        return row.account.moved_date is not None
    if row.call is not None:
        return row.call.loan.moved_date is not None
    lines = [*row.payload.get("lines", ()), *row.payload.get("unknown", ())]
    return bool(lines) and all(line[0] in gone for line in lines)
