"""The proof of premiums: what the books owe insurers for each loan is what was taken with it, less
what was handed on and what came back to a borrower who withdrew.
"""

from collections.abc import Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Entry
from handup.ledger.queries import balances_by_subject
from handup.lending.models import Lender, Loan, PremiumLine, PremiumPayment
from handup.lending.rules.codes import OWN_MODES, Effect
from handup.lending.services.premiums import PURPOSE, ROLE, left_of
from handup.lending.services.rows import in_chunks
from handup.org.verify import Check, Difference


def premiums_match() -> Iterator[Difference]:
    """Loan by loan, and each payment with its entry."""
    for lender in Lender.objects.filter(mode__in=OWN_MODES, book__isnull=False):
        assert lender.book is not None
        posted = balances_by_subject(lender.book, ROLE, "loan", currency=lender.currency)
        took = (
            Q(events__payload__withheld__isnull=False)
            | Q(events__payload__added__isnull=False)
            | Q(effects__what=Effect.PREMIUM.value)
        )
        mine = Loan.objects.filter(lender=lender)
        ids = {*mine.filter(took).order_by().values_list("pk", flat=True)}
        for chunk in in_chunks(sorted(ids | posted.keys())):
            loans = list(mine.filter(pk__in=chunk))
            left = left_of(
                loans,
                PremiumLine.objects.filter(
                    payment__paid_date__isnull=False, payment__taken_back_date=None
                ),
            )
            for loan in loans:
                wanted = sum(left[loan.pk].values())
                held = -posted.get(loan.pk, 0)
                if held != wanted:
                    yield Difference(f"loan {loan.code} {ROLE}", str(held), str(wanted))
    entries = set(Entry.objects.filter(source_purpose=PURPOSE).values_list("source_id", flat=True))
    paid = PremiumPayment.objects.filter(paid_date__isnull=False)
    for pk in paid.exclude(pk__in=entries).values_list("pk", flat=True):
        yield Difference(f"premium payment {pk}", "no entry", "one entry")


CHECKS = (
    Check(
        "LENDING_PREMIUMS",
        _("The books owe insurers the premiums that were taken and not handed on"),
        premiums_match,
    ),
)
