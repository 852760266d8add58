"""What `lending` and the books carry to a successor: lenders with their loans, savings and
guarantees, and each book whole, entry by entry, with its chain.

A book goes whole or not at all: what stays and was posted in it would leave a hole, so nothing
goes until nothing is owed on it any more, or whoever stays agrees.
"""

from typing import Any

from django.db.models import Model, Sum
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.ledger.models import Book, Entry, Remark
from handup.ledger.services.upkeep import hand_over_books, hold_books
from handup.lending.elsewhere import note_what_stayed
from handup.lending.models import (
    Application,
    EnterpriseGrant,
    JointGroup,
    Lender,
    LineMatch,
    Loan,
    LoanEvent,
    OldBook,
    OldLoan,
    PathwayEnrolment,
    PaymentBatch,
    PaymentOrder,
    SavingsAccount,
    SavingsMove,
    StatementLine,
    StrayCash,
    StrayWord,
)
from handup.lending.rules import stray
from handup.lending.rules.banking.codes import ON_SUSPENSE
from handup.lending.rules.codes import OWN_MODES, LoanState
from handup.lending.services.rows import number_of
from handup.org.models import StaffUser
from handup.projects.carrying.gather import chunks
from handup.projects.models import Programme
from handup.projects.movers import Counter, Going, Mover, Served

OTHERS = "it is a working paper of this house"
WAITING = sorted(fate.value for fate in ON_SUSPENSE)
NOBODYS = sorted(state.value for state in stray.ON_SUSPENSE)
NEVER_PAID_OUT = [LoanState.AGREED.value, LoanState.CANCELLED.value]
DONE = [
    LoanState.SETTLED.value,
    LoanState.REFINANCED.value,
    LoanState.TRANSFERRED.value,
    LoanState.CANCELLED.value,
]

OWNERS = "enterprise__ownerships__person_id"
RUNNING = sorted({one.value for one in LoanState} - {*DONE})
NUMBERED: dict[str, tuple[type[Model], str]] = {
    "APPLICATION": (Application, "code"),
    "GRANT": (EnterpriseGrant, "code"),
    "JOINT_GROUP": (JointGroup, "code"),
    "LOAN": (Loan, "code"),
    "PATHWAY": (PathwayEnrolment, "code"),
    "PAYMENT": (PaymentBatch, "message_id"),
    "SAVINGS": (SavingsAccount, "code"),
}


class BookInUse(Refusal):
    """A book that would go is still used in this house: for a loan that is owed, savings, a grant,
    an allowance, or money nobody has placed. It goes when nothing stays behind that was posted in
    it. Ask the data protection officer."""


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
    """Refuse to take a book away from what stays and was posted in it.

    What was posted for a loan on which nothing is owed any more, or for savings paid out to the
    last unit, may go without its record. The refusal is the same whatever stays, and for whom: it
    tells nobody of a person she may not know of.
    """
    done = _loans_done(going)
    owed = going.stay.get(Loan, set()) - done
    for part in chunks(owed):
        rows = Loan._base_manager.filter(pk__in=part, lender__mode__in=OWN_MODES)
        if rows.exclude(state__in=NEVER_PAID_OUT).exists():
            raise BookInUse
    left = _posted_by(going) - _events_done(done) - _savings_done(going) - _placed(going)
    books = sorted(going.of(Book), key=str)
    for part in chunks(left):
        if Entry._base_manager.filter(book__in=books, source_id__in=part).exists():
            raise BookInUse


def _loans_done(going: Going) -> set[Any]:
    """The loans that stay on which nothing is owed, either way."""
    done: set[Any] = set()
    for part in chunks(going.stay.get(Loan, set())):
        rows = Loan._base_manager.filter(
            pk__in=part, state__in=DONE, principal_units=0, overpaid_units=0
        )
        saved = SavingsMove._base_manager.filter(loan__in=part).order_by().values("loan")
        kept = saved.annotate(n=Sum("units")).exclude(n=0).values_list("loan", flat=True)
        done |= set(rows.values_list("pk", flat=True)) - set(kept)
    return done


def _posted_by(going: Going) -> set[Any]:
    """By which ids the rows that stay post: their own, or that of their payment."""
    found: set[Any] = set()
    for model, ids in going.stay.items():
        found |= ids
        if any(field.name == "payment" for field in model._meta.concrete_fields):
            for part in chunks(ids):
                paid = model._base_manager.filter(pk__in=part).exclude(payment=None)
                found.update(paid.values_list("payment", flat=True))
    return found


def _events_done(loans: set[Any]) -> set[Any]:
    found: set[Any] = set()
    for model in (LoanEvent, SavingsMove, StatementLine):
        for part in chunks(loans):
            found.update(model._base_manager.filter(loan__in=part).values_list("pk", flat=True))
    return found


def _savings_done(going: Going) -> set[Any]:
    """The movements of accounts that stay and hold nothing."""
    found: set[Any] = set()
    for part in chunks(going.stay.get(SavingsAccount, set())):
        moves = SavingsMove._base_manager.filter(account__in=part).order_by()
        sums = moves.values("account").annotate(n=Sum("units")).exclude(n=0)
        held = set(sums.values_list("account", flat=True))
        found |= {pk for pk, of in moves.values_list("pk", "account") if of not in held}
    return found


def _placed(going: Going) -> set[Any]:
    """Papers of money that stay although the money has its place, or that post nothing."""
    found: set[Any] = set()
    for model in (OldBook, OldLoan, PaymentBatch, PaymentOrder, LineMatch, StrayWord):
        found |= going.stay.get(model, set())
    for part in chunks(going.stay.get(StatementLine, set())):
        rows = StatementLine._base_manager.filter(pk__in=part).exclude(fate__in=WAITING)
        found.update(rows.values_list("pk", flat=True))
    for part in chunks(going.stay.get(StrayCash, set())):
        rest = StrayCash._base_manager.filter(pk__in=part).exclude(state__in=NOBODYS)
        found.update(rest.values_list("pk", flat=True))
    return found


def hold_the_books(programme: Programme) -> None:
    """Lock the books of a programme."""
    hold_books(programme.pk)


def hold_the_loans(programme: Programme) -> None:
    """Lock the loans and the savings of a programme, in the order in which payments do."""
    for table in (Loan, SavingsAccount):
        rows = table._base_manager.select_for_update().filter(programme=programme).order_by("pk")
        for _pk in rows.values_list("pk", flat=True).iterator():
            pass


def end_loans(staff: StaffUser, going: Going) -> None:
    """Let nothing more happen here to the loans and savings that went, also where no book of ours
    says so.
    """
    for table in (Loan, SavingsAccount):
        for part in chunks(going.of(table)):
            table._base_manager.filter(pk__in=part).update(moved_date=timezone.localdate())


def end_books(staff: StaffUser, going: Going) -> None:
    """Take no further money here into the books that went: it is the successor's to record."""
    hand_over_books(acting_staff=staff, books=going.of(Book))


def leave_remarks(going: Going) -> None:
    """Leave what was typed to an entry where the record it was posted for is."""
    gone: set[Any] = set().union(*going.rows.values())
    kept: set[Any] = set()
    for part in chunks(going.of(Remark)):
        rows = Remark._base_manager.filter(pk__in=part)
        kept |= {pk for pk, source in rows.values_list("pk", "entry__source_id") if source in gone}
    going.stay[Remark] = going.stay.get(Remark, set()) | (going.of(Remark) - kept)
    going.rows[Remark] = kept


def without_guesses(values: dict[str, Any]) -> dict[str, Any]:
    """A line of a bank as it goes: without the loans of others it might have been for."""
    return values | {"candidates": []}


def own_numbers(going: Going, values: dict[str, Any]) -> dict[str, Any]:
    """A counter as it goes: the last number of the programme's own records, also of those that
    stay, so that none is given twice; what was counted for other programmes is theirs.
    """
    key = values["key"]
    model, column = NUMBERED[key]
    last = 0
    for part in chunks(going.of(model) | going.stay.get(model, set())):
        codes = model._base_manager.filter(pk__in=part).values_list(column, flat=True)
        last = max([last, *(number_of(key, code) for code in codes)])
    return values | {"last": last}


LEDGER = Mover(
    "ledger",
    needed=("ledger.Fund",),
    named={"ledger.Book": {"organisation_id": "projects.Organisation"}},
    nobody=("ledger.Draft", "ledger.CashCount", "ledger.Remark"),
    leave=(leave_remarks,),
    moved=(end_books,),
    hold_last=(hold_the_books,),
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
    served=(
        Served(
            "lending.Loan",
            beside=(OWNERS, "group__members__person_id"),
            live={"state__in": RUNNING},
        ),
        Served("lending.SavingsAccount", beside=(OWNERS,)),
    ),
    hold=(hold_the_loans,),
    moved=(end_loans,),
    nobody=(
        "lending.Application",
        "lending.Loan",
        "lending.EnterpriseGrant",
        "lending.SavingsAccount",
    ),
    change={"lending.StatementLine": without_guesses},
    own={"lending.CodeCounter": own_numbers},
    stays={
        "lending.BorrowerLine": "she agrees anew with the new house",
        "lending.LineMessage": "what was sent stays with who sent it",
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
        Counter(
            "savings",
            "lending.SavingsMove",
            by=("account__lender__code",),
            units="units",
            currency="account__currency",
        ),
    ),
    refuse=(refuse_without_book, refuse_a_hole),
    settle=(note_what_stayed,),
)
