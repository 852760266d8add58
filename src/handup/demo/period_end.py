"""What the ends of years and of the last month post to the books that lend: interest earned and
fees fallen due, at the last end the allowance for losses. One run over all loans of a book each.
"""

from contextlib import suppress
from datetime import date, timedelta

from django.db.models import Max, Min

from handup.demo.foundation import Ground
from handup.demo.people import Progress
from handup.ledger.errors import NothingToRun
from handup.ledger.models import Book, Entry
from handup.ledger.rules.words import BookKind
from handup.ledger.services import post_accrual, post_fees, post_provision
from handup.org.rules.access import Role

EARNED = (post_accrual, post_fees)


def post_period_ends(grounds: dict[str, Ground], on: date, progress: Progress) -> None:
    """Run all of them over each book of the programmes that has loans."""
    for ground in grounds.values():
        books = Book.objects.filter(
            programme_id=ground.programme.pk, kind__in=(BookKind.PROGRAMME, BookKind.LENDER)
        )
        for book in books.order_by("code"):
            ends = ends_of(book, on)
            runs = [(run, through) for through in ends for run in EARNED]
            for run, through in (*runs, (post_provision, ends[-1])):
                with suppress(NothingToRun):
                    run(acting_staff=ground.cast[Role.ACCOUNTANT], book=book, through=through)
        progress(1)


def ends_of(book: Book, on: date) -> list[date]:
    """The last day of each year in which loans were paid out or repaid, and of the month before."""
    last_month = on.replace(day=1) - timedelta(days=1)
    told = Entry.objects.filter(book=book, kind__startswith="LOAN_", entry_date__lt=last_month)
    days = told.aggregate(first=Min("entry_date"), last=Max("entry_date"))
    if days["first"] is None:
        return [last_month]
    years = range(days["first"].year, days["last"].year + 1)
    return [*(end for year in years if (end := date(year, 12, 31)) < last_month), last_month]
