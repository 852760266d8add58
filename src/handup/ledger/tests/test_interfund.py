"""What one fund owes another is settled by two persons, no further than it is owed and the money
reaches; over all funds it comes to nothing.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.interfund import between_funds, funds_cancel
from handup.ledger.models import AccountRole, Book, Draft, Entry, Fund
from handup.ledger.queries import balance
from handup.ledger.rules.words import FundKind
from handup.ledger.services import LineIn, Source
from handup.ledger.services.drafts import DraftLineIn
from handup.ledger.services.fund_debts import FundHasLess, NothingOwed
from handup.ledger.services.interfund import FundsTheSame, NoMoneyAccount
from handup.ledger.tests.conftest import BASE, JANUARY, Post, make_staff
from handup.ledger.verify import book_differences
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.rules.access import Role

FEBRUARY = date(2026, 2, 3)


def fund(staff: StaffUser, code: str) -> Fund:
    return services.open_fund(
        acting_staff=staff, code=code, name=code.title(), kind=FundKind.REVOLVING
    )


@pytest.fixture
def seeds(finance_manager: StaffUser) -> Fund:
    return fund(finance_manager, "SEEDS")


@pytest.fixture
def tools(finance_manager: StaffUser) -> Fund:
    return fund(finance_manager, "TOOLS")


@pytest.fixture
def owed(book: Book, accountant: StaffUser, post: Post, seeds: Fund, tools: Fund) -> Entry:
    """Tools has 500.00, and took a loan of 300.00 over from Seeds."""
    post(500_00, "BANK", "GRANT_INCOME", kind="GRANT_RECEIVED", fund=tools.pk)
    post(300_00, "BANK", "GRANT_INCOME", kind="GRANT_RECEIVED", fund=seeds.pk)
    post(300_00, "LOANS", "BANK", fund=seeds.pk)
    return services.post_entry(
        acting_staff=accountant,
        book=book,
        kind="LOAN_TRANSFERRED",
        source=Source("lending", "event", new_id()),
        lines=[
            LineIn(-300_00, "LOANS", fund=seeds.pk),
            LineIn(300_00, "INTERFUND", fund=seeds.pk),
            LineIn(300_00, "LOANS", fund=tools.pk),
            LineIn(-300_00, "INTERFUND", fund=tools.pk),
        ],
        happened_date=JANUARY,
    )


@pytest.fixture
def settle(book: Book, accountant: StaffUser, owed: Entry, seeds: Fund, tools: Fund) -> Any:
    def run(units: int = 300_00, **changed: Any) -> Draft:
        told: dict[str, Any] = {
            "acting_staff": accountant,
            "book": book,
            "debtor": tools,
            "creditor": seeds,
            "account_code": "1120",
            "units": units,
            "happened_date": FEBRUARY,
            "remark": "Loan 7 went to tools",
            **changed,
        }
        return services.settle_between_funds(**told)

    return run


def stands(book: Book, role: str, *funds: Fund) -> list[int]:
    return [balance(book, role, fund=item.pk) for item in funds]


def test_two_persons_settle_it_and_the_money_goes_over(
    book: Book, finance_manager: StaffUser, seeds: Fund, tools: Fund, settle: Any
) -> None:
    assert stands(book, "INTERFUND", seeds, tools) == [300_00, -300_00]
    both = make_staff("both", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
    draft = settle(acting_staff=both)
    assert stands(book, "INTERFUND", seeds, tools) == [300_00, -300_00], "nothing is posted yet"
    with pytest.raises(SamePerson):
        services.approve_draft(acting_staff=both, draft=draft)
    services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert stands(book, "INTERFUND", seeds, tools) == [0, 0]
    assert stands(book, "BANK", seeds, tools) == [300_00, 200_00]
    assert between_funds(book) == []
    assert not list(funds_cancel())
    assert not list(book_differences(book))


def test_no_more_is_settled_than_is_owed_and_what_waits_counts(
    book: Book, finance_manager: StaffUser, settle: Any, seeds: Fund, tools: Fund
) -> None:
    with pytest.raises(NothingOwed, match=r"300\.01"):
        settle(300_01)
    with pytest.raises(NothingOwed):
        settle(10_00, debtor=seeds, creditor=tools)
    first = settle(200_00)
    assert [(item.owes_units, item.owed_units) for item in between_funds(book)] == [
        (0, 100_00),
        (100_00, 0),
    ]
    with pytest.raises(NothingOwed, match=r"100\.00"):
        settle(100_01)
    services.decline_draft(acting_staff=finance_manager, draft=first)
    assert settle(300_00).status == "DRAFT"
    assert Draft.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"units": 0}, "EMPTY_LINE"),
        ({"units": -5}, "EMPTY_LINE"),
        ({"units": 2**62}, "NOTHING_OWED"),
        ({"account_code": "1520"}, "NO_MONEY_ACCOUNT"),
        ({"account_code": "9999"}, "ACCOUNT_UNKNOWN"),
        ({"happened_date": date(2199, 1, 1)}, "DAY_OUT_OF_REACH"),
        ({"currency": "EUR"}, "NOTHING_OWED"),
        ({"account_code": "1110"}, "FUND_HAS_LESS"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    settle: Any, changed: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        settle(**changed)
    assert refused.value.code == code
    assert not Draft.objects.exists()


def test_a_fund_pays_with_its_own_money_only(
    book: Book, post: Post, settle: Any, seeds: Fund, tools: Fund
) -> None:
    post(400_00, "LOANS", "BANK", fund=tools.pk)  # 100.00 are left
    with pytest.raises(FundHasLess, match=r"100\.00"):
        settle(300_00)
    settle(60_00)
    with pytest.raises(FundHasLess, match=r"40\.00"):
        settle(40_01)
    with pytest.raises(FundsTheSame):
        settle(10_00, creditor=tools)
    with pytest.raises(NoMoneyAccount):
        settle(10_00, account_code="1520")


def test_at_approval_debt_and_money_are_looked_at_again(
    book: Book, finance_manager: StaffUser, post: Post, settle: Any, seeds: Fund, tools: Fund
) -> None:
    """What waits is refused by name once its money is spent or nothing is owed, and waits on."""
    draft = settle()
    post(300_00, "LOANS", "BANK", fund=tools.pk)  # 200.00 are left
    before = Entry.objects.count()
    with pytest.raises(FundHasLess, match=r"200\.00"):
        services.approve_draft(acting_staff=finance_manager, draft=draft)
    post(200_00, "BANK", "LOANS", fund=tools.pk)
    post(250_00, "INTERFUND", "OTHER_INCOME", fund=tools.pk)
    with pytest.raises(NothingOwed, match=r"50\.00"):
        services.approve_draft(acting_staff=finance_manager, draft=draft)
    draft.refresh_from_db()
    assert (draft.status, draft.entry, Entry.objects.count()) == ("DRAFT", None, before + 2)
    post(250_00, "OTHER_INCOME", "INTERFUND", fund=tools.pk)
    services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert stands(book, "INTERFUND", seeds, tools) == [0, 0]


def test_two_that_wait_for_the_same_money_are_approved_one_after_the_other(
    book: Book, finance_manager: StaffUser, post: Post, settle: Any, seeds: Fund, tools: Fund
) -> None:
    first, second = settle(200_00), settle(100_00)
    post(300_00, "LOANS", "BANK", fund=tools.pk)  # 200.00 are left, for the first that is approved
    services.approve_draft(acting_staff=finance_manager, draft=first)
    with pytest.raises(FundHasLess):
        services.approve_draft(acting_staff=finance_manager, draft=second)
    assert stands(book, "INTERFUND", seeds, tools) == [100_00, -100_00]


def test_a_new_debt_that_waits_frees_nothing(
    book: Book, accountant: StaffUser, settle: Any, seeds: Fund, tools: Fund
) -> None:
    """What waits to settle counts whole, whatever else waits the other way."""
    settle(200_00)
    code = AccountRole.objects.get(book=book, role="INTERFUND").account.code
    services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=FEBRUARY,
        remark="Seeds paid a bill of tools",
        lines=[
            DraftLineIn("1120", -200_00, fund=seeds.pk),
            DraftLineIn(code, 200_00, fund=seeds.pk),
            DraftLineIn("1120", 200_00, fund=tools.pk),
            DraftLineIn(code, -200_00, fund=tools.pk),
        ],
    )
    with pytest.raises(NothingOwed, match=r"100\.00"):
        settle(100_01)


def test_the_same_twice_counts_once(settle: Any) -> None:
    key = new_id()
    assert settle(id=key).pk == settle(id=key).pk
    with pytest.raises(SameIdOtherContent):
        settle(200_00, id=key)
    assert Draft.objects.count() == 1


def test_the_proof_names_a_debt_without_its_other_side(
    book: Book, accountant: StaffUser, owed: Entry, tools: Fund
) -> None:
    services.post_entry(
        acting_staff=accountant,
        book=book,
        kind="MANUAL",
        source=Source("lending", "event", new_id()),
        lines=[LineIn(-20_00, "BANK", fund=tools.pk), LineIn(20_00, "INTERFUND", fund=tools.pk)],
        happened_date=JANUARY,
    )
    (found,) = funds_cancel(book)
    assert (found.key, found.stored) == ("MED INTERFUND USD", "2000")


def test_page_and_api_show_it_and_an_outsider_sees_nothing(
    client: Client,
    book: Book,
    accountant: StaffUser,
    outsider: StaffUser,
    owed: Entry,
    seeds: Fund,
    tools: Fund,
) -> None:
    page, form = (
        reverse(f"ledger:{name}", args=[book.pk]) for name in ("between_funds", "interfund_settle")
    )
    api = f"{BASE}/books/{book.pk}/between-funds"
    client.force_login(outsider)
    assert [client.get(path).status_code for path in (page, form, api)] == [404, 404, 404]
    client.force_login(accountant)
    shown = client.get(page).content.decode()
    assert "Seeds" in shown
    assert "300.00" in shown
    assert form in shown
    assert [row["units"] for row in client.get(api).json()] == [300_00, -300_00]
    typed = {
        "debtor": str(tools.pk),
        "creditor": str(seeds.pk),
        "account_code": "1120",
        "units": "120",
        "happened_date": FEBRUARY.isoformat(),
        "remark": "Loan 7",
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    assert client.post(form, {**typed, "units": "301"}).status_code == 422
    assert client.post(form, typed).status_code == 302
    assert Draft.objects.get().lines.count() == 4
