"""What `lending` and the books carry to a successor: lenders with their loans, savings and
guarantees, and each book whole, entry by entry, with its chain.

A book goes whole or not at all: where a borrower of one's own money stays, her loan would leave a
hole in it, so nothing goes until it is settled or she agrees.
"""

from handup.kernel.errors import Refusal
from handup.ledger.models import Book
from handup.lending.models import Lender, Loan
from handup.lending.rules.codes import OWN_MODES
from handup.projects.movers import Counter, Going, Mover

OTHERS = "it is a working paper of this house"


class LoansStay(Refusal):
    """{count} loans of persons who stay lie in a book that would go ({codes}). They are served here
    to their end: hand over when they are settled, or their borrowers have agreed."""


class BookElsewhere(Refusal):
    """The book of {lender} belongs to no programme, or to another one. It goes with its programme
    or not at all: open a book of the programme first."""


def refuse_without_book(going: Going) -> None:
    """Refuse to take a lender away from its book."""
    lenders = Lender._base_manager.filter(pk__in=going.of(Lender)).exclude(book=None)
    for lender in lenders.order_by("code"):
        if lender.book_id not in going.of(Book):
            raise BookElsewhere(lender=lender)


def refuse_a_hole(going: Going) -> None:
    """Refuse to take a book away from loans that stay in it."""
    ids = sorted(going.stay.get(Loan, set()), key=str)
    codes: list[str] = []
    for start in range(0, len(ids), 500):
        rows = Loan._base_manager.filter(
            pk__in=ids[start : start + 500], lender__mode__in=OWN_MODES
        )
        codes += rows.order_by("code").values_list("code", flat=True)
    if codes:
        raise LoansStay(count=len(codes), codes=", ".join(codes[:10]))


LEDGER = Mover(
    "ledger",
    needed=("ledger.Fund",),
    paths={"ledger.Reconciliation": "account__book__programme_id"},
    first=("ledger.Line", "ledger.Entry"),
    stays={
        "ledger.Consolidation": "it joins books of this house",
        "ledger.ConsolidatedBook": "it joins books of this house",
    },
    counters=(
        Counter("entries", "ledger.Entry", by=("book__code",)),
        Counter(
            "balances",
            "ledger.Balance",
            by=("book__code", "account__code", "fund__code"),
            units="debit_units",
            less="credit_units",
            currency="currency",
        ),
    ),
)
LENDING = Mover(
    "lending",
    needed=("lending.Product", "lending.PremiumInsurer", "lending.PremiumPayment"),
    under={"lending.ProductVersion": "product", "lending.ProvisionTable": "lender"},
    every=("lending.CodeCounter",),
    stays={
        "lending.CreditPassport": "the person owns it; the new house signs its own",
        "lending.RatioRecord": OTHERS,
    },
    paths={
        "lending.Lender": "programme_id",
        "lending.Facility": "lender__programme_id",
        "lending.Guarantee": "lender__programme_id",
    },
    counters=(
        Counter(
            "loans",
            "lending.Loan",
            by=("lender__code", "state"),
            units="principal_units",
            currency="currency",
        ),
        Counter(
            "lent", "lending.Loan", by=("fund__code",), units="disbursed_units", currency="currency"
        ),
        Counter(
            "guarantee funds",
            "lending.Guarantee",
            by=("lender__code",),
            units="deposit_units",
            currency="currency",
        ),
        Counter("loan events", "lending.LoanEvent", by=("kind",)),
    ),
    refuse=(refuse_without_book, refuse_a_hole),
)
