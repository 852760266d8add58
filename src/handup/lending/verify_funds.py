"""The proof that loans stand in the books in the fund they are lent out of (ledger.md 4.7, V7)."""

from collections.abc import Iterator

from django.db import connection
from django.db.models import QuerySet, Sum

from handup.ledger.models import Book, Fund
from handup.ledger.queries import balance
from handup.ledger.sql import as_uuid, places, uid
from handup.lending.models import Loan
from handup.org.verify import Difference

ROLES = ("LOANS", "INTEREST_DUE", "FEES_DUE", "BORROWER_CREDIT", "INSURANCE_PAYABLE")
"""What is owed on a loan, or for it: in its fund and no other."""

_STRAYED = """
SELECT l.subject_id, f.code, o.code, SUM(l.units)
FROM (SELECT DISTINCT account_id FROM ledger_accountrole WHERE book_id = %s AND role IN ({roles})) r
  JOIN ledger_line l ON l.account_id = r.account_id
  JOIN lending_loan n ON n.id = l.subject_id
  JOIN ledger_fund f ON f.id = l.fund_id
  JOIN ledger_fund o ON o.id = n.fund_id
WHERE l.subject_kind = 'loan' AND l.fund_id <> n.fund_id
GROUP BY l.subject_id, l.account_id, l.currency, f.code, o.code
HAVING SUM(l.units) <> 0
"""


def in_their_funds(only: Book | None = None) -> Iterator[Difference]:
    """Nothing a loan owes stands in another fund than the loan's."""
    books = Book.objects.filter(lenders__isnull=False).distinct()
    for book in books if only is None else books.filter(pk=only.pk):
        with connection.cursor() as cursor:
            cursor.execute(
                _STRAYED.format(roles=places(ROLES)),
                [uid(book.pk), *ROLES],
            )
            rows = cursor.fetchall()
        for loan, stored, own, units in rows:
            yield Difference(f"loan {as_uuid(loan)}", f"{units} in fund {stored}", f"in fund {own}")


def of_each_fund(
    book: Book, loans: QuerySet[Loan], role: str, column: str, sign: int
) -> Iterator[Difference]:
    """An account per fund is the sum of the loans of that fund, in their one currency."""
    sums = dict(loans.order_by().values_list("fund").annotate(n=Sum(column)))
    currency = loans.values_list("currency", flat=True).first() or book.base_currency
    for fund in Fund.objects.order_by("code"):
        posted = balance(book, role, currency=currency, fund=fund.pk)
        wanted = sign * (sums.get(fund.pk) or 0)
        if posted != wanted:
            key = f"{book.code} {role} {currency} fund {fund.code}"
            yield Difference(key, str(posted), str(wanted))
