"""Which loans a payment without a certain reference may belong to: few statements for many lines,
nothing at all where every line is certain.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Value

from handup.lending.models import BankAccount, Loan, LoanAccount, LoanDue
from handup.lending.rules.banking.matching import Debt, Debts, Payment, Scored
from handup.lending.rules.codes import OWN_MODES, LoanState
from handup.lending.services.rows import in_chunks
from handup.org.encryption import lookup_hash
from handup.org.models import StaffUser
from handup.org.names_at_rest import names_of, sealing
from handup.people.models import Person
from handup.people.queries.persons import called

WINDOW = timedelta(days=45)
MOST_LOANS = 5_000
PIECE = 1_000
REACH = "lending.import_bank_file"
PARTS = ("principal", "interest", "fee", "penalty")
LEFT: Any = sum((F(f"{part}_units") - F(f"{part}_paid_units") for part in PARTS), Value(0))
"""What is unpaid of an instalment."""


def loans_of(account: BankAccount, staff: StaffUser) -> QuerySet[Loan]:
    """The running loans of the account's book and currency that she may post to."""
    return Loan.objects.reached_with(staff, REACH).filter(
        lender__book=account.book_id,
        lender__mode__in=OWN_MODES,
        currency=account.currency,
        state=LoanState.ACTIVE.value,
        moved_date=None,
    )


def suggest(
    account: BankAccount, staff: StaffUser, payments: Mapping[int, Payment]
) -> dict[int, tuple[Scored, ...]]:
    """The likeliest loans of each payment, by its key; so many payments at a time that each has all
    its loans before it, and no question is too long for the database.
    """
    found: dict[int, tuple[Scored, ...]] = {}
    for keys in in_chunks(sorted(payments), PIECE):
        found |= _suggest(account, staff, {key: payments[key] for key in keys})
    return found


def _suggest(
    account: BankAccount, staff: StaffUser, payments: Mapping[int, Payment]
) -> dict[int, tuple[Scored, ...]]:
    hashes = {
        payment.account: lookup_hash(LoanAccount, "number_hash", payment.account)
        for payment in payments.values()
        if payment.account
    }
    ids = _possible(account, staff, payments.values(), set(hashes.values()))
    numbers = {each: key for key, value in hashes.items() for each in value.all}
    debts = Debts(_debts(ids, numbers))
    return {key: debts.best(payment) for key, payment in payments.items()}


def _possible(
    account: BankAccount, staff: StaffUser, payments: Iterable[Payment], hashes: set[str]
) -> list[UUID]:
    """Loans that share a number, an account, a name or the amount due next with any of them."""
    told = list(payments)
    numbers = {number for payment in told for number in payment.numbers}
    codes = {code for payment in told for code in payment.codes}
    codes |= numbers | {f"L{number}" for number in numbers if number.isdecimal()}
    names = {" ".join(payment.name.split()).lower() for payment in told if payment.name}
    units = {payment.units for payment in told}
    days = [payment.day for payment in told]
    due = LoanDue.objects.filter(
        replaced_at=None,
        to_date=None,
        settled_date=None,
        due_date__gte=min(days) - WINDOW,
        due_date__lte=max(days) + WINDOW,
    ).annotate(left=LEFT)
    ways = Q(code__in=codes) | Q(external_reference__in=numbers)
    titles = _titles(told)
    if sealing():
        ways |= Q(person__in=called(titles).values("pk"))
    else:
        ways |= Q(person__sort_key__in=names) | Q(person__display_name__in=titles)
    ways |= Q(pk__in=due.filter(left__in=units).values("loan"))
    if hashes:
        ways |= Q(pk__in=LoanAccount.objects.filter(number_hash__in=hashes).values("loan"))
    rows = loans_of(account, staff)
    return list(rows.filter(ways).order_by("pk").values_list("pk", flat=True)[:MOST_LOANS])


def _titles(payments: Sequence[Payment]) -> set[str]:
    return {payment.name.strip() for payment in payments if payment.name.strip()}


def _debts(ids: Sequence[UUID], numbers: Mapping[str, str]) -> list[Debt]:
    """What is known of these loans, in three statements."""
    accounts: dict[UUID, set[str]] = defaultdict(set)
    if numbers:
        known = LoanAccount.objects.filter(loan__in=ids, number_hash__in=numbers)
        for loan_id, hashed in known.values_list("loan_id", "number_hash"):
            accounts[loan_id].add(numbers[hashed])
    next_due: dict[UUID, tuple[date, int]] = {}
    owed: dict[UUID, int] = defaultdict(int)
    rows = LoanDue.objects.filter(loan__in=ids, replaced_at=None, to_date=None, settled_date=None)
    told = rows.annotate(left=LEFT).order_by("due_date", "number")
    for loan, day, left in told.values_list("loan_id", "due_date", "left"):
        owed[loan] += left
        next_due.setdefault(loan, (day, left))
    (named, _father) = names_of(Person)
    found = Loan.objects.filter(pk__in=ids).values_list(
        "pk", "code", "external_reference", "person_id", "person__display_name",
        "enterprise__name", "group__name",
    )  # fmt: skip
    return [
        Debt(
            loan=pk,
            code=code,
            lenders_number=number,
            name=(named.open_at(person_id, person) if person else enterprise or group) or "",
            accounts=frozenset(accounts[pk]),
            due_date=next_due[pk][0] if pk in next_due else None,
            due_units=next_due[pk][1] if pk in next_due else 0,
            owed_units=owed[pk],
        )
        for pk, code, number, person_id, person, enterprise, group in found
    ]
