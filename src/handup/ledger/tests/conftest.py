"""The cast of the books' tests: an accountant, a finance manager, a director, an outsider; one
programme's book.
"""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.models import Account, Book, Draft, Entry, Period
from handup.ledger.month_end import banks_not_set
from handup.ledger.rules.words import BookKind
from handup.ledger.services import LineIn, Source
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind

PROGRAMME = UUID("01900000-0000-7000-8000-000000000001")
OTHER_PROGRAMME = UUID("01900000-0000-7000-8000-000000000002")
JANUARY = date(2026, 1, 10)
BASE = "/api/v1/ledger"


def make_staff(username: str, *held: Role, programme: UUID | None = None) -> StaffUser:
    """A staff user with grants over everything, or over one programme."""
    staff = StaffUser.objects.create_user(username, display_name=username.title())
    today = timezone.localdate()
    for role in held:
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=ScopeKind.PROJECT if programme else ScopeKind.ALL,
            programme_id=programme,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=90),
        )
    return staff


def at(day: date) -> SimpleNamespace:
    """A clock that stands on a day, to set in place of `handup.ledger.typed.timezone`."""
    return SimpleNamespace(localdate=lambda: day)


def set_banks(acting_staff: StaffUser, period: Period) -> None:
    """Set every bank against a statement that says what the books say."""
    for (account, _code, currency), units in banks_not_set(period.book, period.ends).items():
        services.reconcile_bank(
            acting_staff=acting_staff,
            account=Account.objects.get(pk=account),
            through=period.ends,
            statement_units=units,
            currency=currency,
        )


def close_for_facts(*, acting_staff: StaffUser, period: Period) -> Period:
    """Close a month whose banks say what the books say."""
    set_banks(acting_staff, period)
    return services.soft_close_period(acting_staff=acting_staff, period=period)


@pytest.fixture
def accountant(db: None) -> StaffUser:
    """Anahit keeps the books."""
    return make_staff("anahit", Role.ACCOUNTANT)


@pytest.fixture
def finance_manager(db: None) -> StaffUser:
    """Bold approves and soft-closes."""
    return make_staff("bold", Role.FINANCE_MANAGER)


@pytest.fixture
def director(db: None) -> StaffUser:
    """Claire closes for good."""
    return make_staff("claire", Role.DIRECTOR)


@pytest.fixture
def outsider(db: None) -> StaffUser:
    """Otto keeps the books of another programme."""
    return make_staff(
        "otto", Role.ACCOUNTANT, Role.FINANCE_MANAGER, Role.DIRECTOR, programme=OTHER_PROGRAMME
    )


@pytest.fixture
def trainer(db: None) -> StaffUser:
    """Tuya trains and has nothing to do with the books."""
    return make_staff("tuya", Role.TRAINER)


@pytest.fixture
def book(finance_manager: StaffUser) -> Book:
    """The lending book of a programme, in US dollars, with nothing in it."""
    return services.open_book(
        acting_staff=finance_manager,
        code="MED",
        name="Micro-enterprise development",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        programme_id=PROGRAMME,
        bank_overdraft_units=None,
    )


Post = Callable[..., Entry]


@pytest.fixture
def post(book: Book, accountant: StaffUser) -> Post:
    """Post a fact: units from one role to another."""

    def run(
        units: int = 100_00,
        debit: str = "LOANS",
        credit: str = "BANK",
        *,
        on: date = JANUARY,
        kind: str = "LOAN_DISBURSED",
        fact: UUID | None = None,
        purpose: str = "",
        subject: tuple[str, UUID] | None = None,
        into: Book | None = None,
        already_happened: bool = False,
        currency: str = "",
        fund: UUID | None = None,
    ) -> Entry:
        lines = [
            LineIn(units=units, account_role=debit, subject=subject, currency=currency, fund=fund),
            LineIn(units=-units, account_role=credit, currency=currency, fund=fund),
        ]
        return services.post_entry(
            acting_staff=accountant,
            book=into or book,
            kind=kind,
            source=Source("lending", "event", fact or new_id(), purpose),
            lines=lines,
            happened_date=on,
            already_happened=already_happened,
        )

    return run


def leaf(book: Book, role: str) -> Account:
    """The account of a role."""
    account: Account = Account.objects.get(book=book, roles__role=role)
    return account


SET_UP: dict[str, Any] = {"programme_id": PROGRAMME, "bank_overdraft_units": None}


@pytest.fixture
def lender(finance_manager: StaffUser) -> Book:
    """The book of a lender of the programme, in dollars too."""
    return services.open_book(
        acting_staff=finance_manager,
        code="LEND",
        name="Lender",
        kind=BookKind.LENDER,
        base_currency="USD",
        **SET_UP,
    )


@pytest.fixture
def drams(finance_manager: StaffUser) -> Book:
    """A lender in drams."""
    return services.open_book(
        acting_staff=finance_manager,
        code="AMD",
        name="Lender in drams",
        kind=BookKind.LENDER,
        base_currency="AMD",
        **SET_UP,
    )


Move = Callable[..., Draft]


@pytest.fixture
def move(accountant: StaffUser, finance_manager: StaffUser) -> Move:
    """Move money from bank to bank, typed by one and approved by another."""

    def run(giver: Book, taker: Book, units: int = 300_00, on: date = JANUARY) -> Draft:
        draft = services.draft_transfer(
            acting_staff=accountant,
            giver=giver,
            taker=taker,
            from_account="1120",
            to_account="1120",
            units=units,
            happened_date=on,
            remark="Loan capital",
        )
        return services.approve_draft(acting_staff=finance_manager, draft=draft)

    return run


@pytest.fixture
def two(book: Book, lender: Book, post: Post, move: Move) -> tuple[Book, Book]:
    """Capital in the programme, part of it moved to the lender, who lent most of it."""
    post(1_000_00, "BANK", "CAPITAL", kind="CAPITAL_RECEIVED", on=date(2026, 1, 2))
    move(book, lender)
    post(200_00, "LOANS", "BANK", into=lender, on=date(2026, 1, 12))
    post(10_00, "OFFICE_COST", "BANK", into=lender, on=date(2026, 1, 13))
    post(20_00, "OFFICE_COST", "BANK", on=date(2026, 1, 14))
    return book, lender


@pytest.fixture
def group(finance_manager: StaffUser, post: Post) -> Book:
    """A group's own book: savings, and a loan to a member."""
    made = services.open_book(
        acting_staff=finance_manager,
        code="G-1",
        name="Spring group",
        kind=BookKind.GROUP,
        base_currency="USD",
        owner=("group", new_id()),
        programme_id=PROGRAMME,
    )
    post(90_00, "CASH", "SAVINGS", into=made, kind="SAVINGS_RECEIVED")
    post(40_00, "LOANS", "CASH", into=made, kind="MEMBER_LOAN_PAID_OUT", on=date(2026, 2, 3))
    return made


class Caller:
    """A signed-in staff user calling the API."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def get(self, staff: StaffUser, address: str) -> Any:
        self.client.force_login(staff)
        return self.client.get(BASE + address)

    def post(self, staff: StaffUser, address: str, told: dict[str, Any], key: Any = None) -> Any:
        self.client.force_login(staff)
        return self.client.post(
            BASE + address,
            told,
            content_type="application/json",
            headers={"Idempotency-Key": str(key or new_id())},
        )


@pytest.fixture
def call(client: Client) -> Caller:
    """The API, called by a signed-in staff user."""
    return Caller(client)
