"""Opening books and funds; charts of accounts and posting rules as data."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.kernel.ids import new_id
from handup.ledger import queries, services
from handup.ledger.errors import (
    CashBelowZero,
    CodeTaken,
    FundClosed,
    FundNotAllowed,
    FundRequired,
    WrongCurrency,
)
from handup.ledger.models import Account, Book, Entry, Fund
from handup.ledger.packs import chart_pack, posting_rules
from handup.ledger.rules.words import BookKind, FundKind
from handup.ledger.services import BookIn
from handup.ledger.tests.conftest import Post, leaf
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed


@pytest.mark.parametrize("kind", list(BookKind))
def test_every_kind_of_book_has_a_chart_its_rules_can_post_to(kind: BookKind) -> None:
    pack = chart_pack(kind.value, kind)
    roles = {role for account in pack for role in account.roles}
    for rule in posting_rules().values():
        if kind in rule.books:
            assert {rule.debit, rule.credit} - {"MONEY"} <= roles, rule


def test_a_book_opens_with_its_chart(book: Book, finance_manager: StaffUser) -> None:
    assert Account.objects.filter(book=book).count() == len(
        chart_pack("PROGRAMME", BookKind.PROGRAMME)
    )
    bank = leaf(book, "BANK")
    assert (bank.name, bank.leaf, bank.parent.code if bank.parent else "") == ("Bank", True, "1100")
    parent = bank.parent
    assert parent is not None
    assert not parent.leaf
    assert AuditLine.objects.filter(action="ledger.open_book", object_id=str(book.pk)).count() == 1


def test_many_books_open_in_few_statements(finance_manager: StaffUser) -> None:
    books = [
        BookIn(f"G{n}", f"Group {n}", BookKind.GROUP, "RWF", owner=("group", new_id()))
        for n in range(20)
    ]
    with CaptureQueriesContext(connection) as seen:
        made = services.open_books(books, acting_staff=finance_manager)
    assert len({book.pk for book in made}) == 20
    assert len(seen) < 60


def test_a_book_without_owner_needs_the_permission(accountant: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        services.open_book(
            acting_staff=accountant,
            code="X",
            name="X",
            kind=BookKind.LENDER,
            base_currency="USD",
        )
    assert not Book.objects.exists()
    owned = services.open_book(
        acting_staff=accountant,
        code="X",
        name="X",
        kind=BookKind.GROUP,
        base_currency="RWF",
        owner=("group", new_id()),
    )
    assert owned.owner_kind == "group"


def test_a_code_is_used_once_and_the_same_id_opens_once(
    book: Book, finance_manager: StaffUser
) -> None:
    def again(code: str, **other: object) -> Book:
        values = {"name": "Again", "kind": BookKind.LENDER, "base_currency": "USD", **other}
        return services.open_book(acting_staff=finance_manager, code=code, **values)  # type: ignore[arg-type]

    with pytest.raises(CodeTaken):
        again("MED")
    assert again("MED", id=book.pk) == book
    with pytest.raises(SameIdOtherContent):
        again("OTHER", id=book.pk)
    assert Book.objects.count() == 1


def test_an_overdraft_lets_the_bank_fall_that_far_and_no_further(
    book: Book, post: Post, finance_manager: StaffUser, accountant: StaffUser
) -> None:
    bank = leaf(book, "BANK")
    services.set_overdraft(acting_staff=finance_manager, account=bank, units=100)
    post(100)
    with pytest.raises(CashBelowZero):
        post(1)
    with pytest.raises(CashBelowZero):
        services.set_overdraft(acting_staff=finance_manager, account=bank, units=99)
    with pytest.raises(NotAllowed):
        services.set_overdraft(acting_staff=accountant, account=bank, units=None)
    services.set_overdraft(acting_staff=finance_manager, account=bank, units=None)
    post(1)
    assert Entry.objects.count() == 2


def test_an_account_kept_in_one_currency_refuses_another(book: Book, post: Post) -> None:
    account = leaf(book, "BANK")
    account.currency = "EUR"
    account.save()
    with pytest.raises(WrongCurrency):
        post()
    assert not Entry.objects.exists()


# --- funds ----------------------------------------------------------------------------------------


@pytest.fixture
def fund(accountant: StaffUser) -> Fund:
    """A grant of one year for loans and the bank account only."""
    return services.open_fund(
        acting_staff=accountant,
        code="GRANT-1",
        name="Grant of the year",
        kind=FundKind.PURPOSE,
        currency="USD",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        account_codes=("1210", "1120"),
    )


def test_money_of_a_fund_is_posted_and_told_apart(book: Book, post: Post, fund: Fund) -> None:
    post(300_00, fund=fund.pk)
    post(50_00)
    only = queries.trial_balance(book, date(2026, 1, 31), only=queries.Only(fund=fund.pk))
    assert {row.account.code: row.closing for row in only.rows} == {
        "1120": -300_00,
        "1210": 300_00,
    }


def test_a_fund_is_refused_outside_its_days_accounts_and_currency(
    book: Book, post: Post, fund: Fund
) -> None:
    with pytest.raises(FundClosed):
        post(fund=fund.pk, on=date(2027, 1, 1))
    with pytest.raises(FundNotAllowed):
        post(1, "OFFICE_COST", "BANK", fund=fund.pk)
    with pytest.raises(FundNotAllowed):
        post(fund=new_id())
    fund.active = False
    fund.save()
    with pytest.raises(FundClosed):
        post(fund=fund.pk)
    assert not Entry.objects.exists()


def test_an_account_may_need_a_fund(book: Book, post: Post, fund: Fund) -> None:
    account = leaf(book, "LOANS")
    account.fund_required = True
    account.save()
    with pytest.raises(FundRequired):
        post()
    assert post(fund=fund.pk).seq == 1


def test_a_fund_opens_once_and_by_those_who_may(
    fund: Fund, accountant: StaffUser, trainer: StaffUser
) -> None:
    def again(staff: StaffUser, key: str = "") -> Fund:
        return services.open_fund(
            acting_staff=staff,
            code="GRANT-1",
            name="x",
            kind=FundKind.TIME,
            agreement_key=key,
        )

    with pytest.raises(NotAllowed):
        again(trainer)
    with pytest.raises(CodeTaken):
        again(accountant)
    with pytest.raises(CodeTaken):
        again(trainer, "agreement-7")
    assert Fund.objects.filter(code="GRANT-1").count() == 1
