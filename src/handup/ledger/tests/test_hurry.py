"""An accountant in a hurry: a year typed wrongly, a currency there is none, the same sheet sent
with another amount, a book that is not hers. Each is refused by name and leaves nothing behind.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.models import Book, Draft, DraftLine, Entry, Fund, Period
from handup.ledger.rules.words import BookKind, FundKind
from handup.ledger.tests.conftest import PROGRAMME, Caller, Post, close_for_facts
from handup.org.models import AuditLine, StaffUser

Sent = Callable[..., Any]


def sheet(**other: Any) -> dict[str, Any]:
    """Rent, as it is typed."""
    return {
        "happened_date": "2026-01-12",
        "remark": "Rent",
        "lines": lines(20_00),
        **other,
    }


def lines(units: int, **other: Any) -> list[dict[str, Any]]:
    """Rent from the bank."""
    return [
        {"account_code": code, "units": sign * units, **other}
        for code, sign in (("5200", 1), ("1120", -1))
    ]


@pytest.fixture
def sent(call: Caller, book: Book, post: Post, accountant: StaffUser) -> Sent:
    """Send a sheet, and see that a refused one left nothing."""
    post(1_000_00, "BANK", "CAPITAL", on=date(2026, 1, 5))

    def send(told: dict[str, Any], key: Any = None) -> Any:
        before = stored()
        answer = call.post(accountant, "/drafts", {"book_id": str(book.pk), **told}, key=key)
        if answer.status_code != 201:
            assert stored() == before, "nothing half-written"
        return answer

    return send


def stored() -> list[int]:
    """How much there is of everything an entry by hand could leave."""
    return [model.objects.count() for model in (Draft, DraftLine, Entry, Period, AuditLine)]


def to_come() -> str:
    return (timezone.localdate() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"happened_date": to_come()}, "DAY_TO_COME"),
        ({"happened_date": "2076-01-01"}, "DAY_TO_COME"),
        ({"happened_date": "1966-01-12"}, "DAY_OUT_OF_REACH"),
        ({"happened_date": "0202-01-12"}, "NOT_VALID"),
        ({"lines": lines(2**63)}, "NOT_VALID"),
        ({"lines": lines(0)}, "EMPTY_LINE"),
        ({"lines": lines(20_00, currency="ZZZ")}, "CURRENCY_UNKNOWN"),
        ({"lines": lines(20_00)[:1] * 2}, "DOES_NOT_BALANCE"),
        ({"lines": lines(20_00, fund_id="0190f000-0000-7000-8000-00000000000f")},
         "FUND_NOT_ALLOWED"),
        ({"lines": [*lines(5_00), {"account_code": "5000", "units": 1}]}, "ACCOUNT_NOT_LEAF"),
        ({"lines": [*lines(5_00), {"account_code": "X", "units": 1}]}, "ACCOUNT_UNKNOWN"),
        ({"remark": "a\0b"}, "NOT_VALID"),
    ],
)  # fmt: skip
def test_what_is_typed_wrongly_is_refused_by_name(
    sent: Sent, told: dict[str, Any], code: str
) -> None:
    answer = sent(sheet(**told))
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_the_same_sheet_sent_again_is_one_draft_and_another_is_refused(sent: Sent) -> None:
    key = new_id()
    first = sent(sheet(), key)
    assert sent(sheet(), key).json()["id"] == first.json()["id"]
    assert Draft.objects.count() == 1
    for other in ({"remark": "Power"}, {"lines": lines(21_00)}, {"happened_date": "2026-01-13"}):
        answer = sent(sheet(**other), key)
        assert (answer.status_code, answer.json()["code"]) == (409, "SAME_ID_OTHER_CONTENT")
    assert Draft.objects.count() == 1


def test_money_that_is_not_there_is_refused_when_it_is_approved(
    sent: Sent, call: Caller, finance_manager: StaffUser
) -> None:
    from_the_till = [
        {"account_code": "5200", "units": 5_00}, {"account_code": "1110", "units": -5_00},
    ]  # fmt: skip
    pk = sent(sheet(lines=from_the_till)).json()["id"]
    before = stored()
    answer = call.post(finance_manager, f"/drafts/{pk}/approve", {})
    assert (answer.status_code, answer.json()["code"]) == (422, "CASH_BELOW_ZERO")
    assert stored() == before
    assert Draft.objects.get(pk=pk).status == "DRAFT", "it can still be declined"


def test_an_entry_is_reversed_once_on_a_day_that_has_come_and_a_reversal_never(
    sent: Sent, call: Caller, finance_manager: StaffUser
) -> None:
    pk = sent(sheet()).json()["id"]
    call.post(finance_manager, f"/drafts/{pk}/approve", {})
    entry = Draft.objects.get(pk=pk).entry
    assert entry is not None
    address = f"/entries/{entry.pk}/reversal"
    before = stored()
    wrong = call.post(finance_manager, address, {"happened_date": to_come(), "remark": "wrong"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "DAY_TO_COME")
    assert stored() == before
    told = {"happened_date": "2026-01-20", "remark": "wrong"}
    made = call.post(finance_manager, address, told)
    assert made.status_code == 201
    before = stored()
    again = call.post(finance_manager, address, told)
    assert again.json()["id"] == made.json()["id"], "sent twice, it is the same reversal"
    other = call.post(finance_manager, address, {**told, "happened_date": "2026-01-21"})
    assert other.status_code in (409, 422)
    assert stored() == before
    back = call.post(finance_manager, f"/entries/{made.json()['id']}/reversal", told)
    assert back.json()["code"] == "REVERSAL_OF_REVERSAL"


def test_an_entry_into_a_closed_month_posts_on_the_first_open_day_and_an_adjustment_is_refused(
    sent: Sent, call: Caller, book: Book, finance_manager: StaffUser, director: StaffUser
) -> None:
    january = Period.objects.get(book=book)
    close_for_facts(acting_staff=finance_manager, period=january)
    services.close_period(acting_staff=director, period=january)
    pk = sent(sheet()).json()["id"]
    call.post(finance_manager, f"/drafts/{pk}/approve", {})
    entry = Draft.objects.get(pk=pk).entry
    assert entry is not None
    assert (entry.entry_date, entry.happened_date) == (date(2026, 2, 1), date(2026, 1, 12))
    pk = sent(sheet(kind="ADJUSTMENT")).json()["id"]
    before = stored()
    answer = call.post(finance_manager, f"/drafts/{pk}/approve", {})
    assert answer.json()["code"] == "PERIOD_CLOSED"
    assert stored() == before


def test_a_fund_that_is_over_and_a_book_of_others_are_refused(
    sent: Sent, call: Caller, accountant: StaffUser, finance_manager: StaffUser,
    outsider: StaffUser, book: Book,
) -> None:  # fmt: skip
    fund: Fund = services.open_fund(
        acting_staff=finance_manager, code="D", name="Donor", kind=FundKind.PURPOSE,
        agreement_key="A", starts=date(2025, 1, 1), ends=date(2025, 12, 31),
    )  # fmt: skip
    pk = sent(sheet(lines=lines(20_00, fund_id=str(fund.pk)))).json()["id"]
    before = stored()
    answer = call.post(finance_manager, f"/drafts/{pk}/approve", {})
    assert answer.json()["code"] == "FUND_CLOSED"
    assert stored() == before
    hidden = call.post(outsider, "/drafts", {"book_id": str(book.pk), **sheet()})
    assert hidden.status_code == 404
    assert stored() == before
    other = services.open_book(
        acting_staff=finance_manager, code="G", name="Guarantees", kind=BookKind.GUARANTEE_FUND,
        base_currency="USD", programme_id=PROGRAMME,
    )  # fmt: skip
    told = {"book_id": str(other.pk), **sheet(lines=[
        {"account_code": "1210", "units": 5_00}, {"account_code": "1120", "units": -5_00}
    ])}  # fmt: skip
    assert call.post(accountant, "/drafts", told).json()["code"] == "ACCOUNT_UNKNOWN"
