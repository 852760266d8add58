"""A portfolio of Mifos or Fineract comes in as its programme interface gives it out."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from handup.kernel.errors import Faults
from handup.lending.models import OldBook
from handup.lending.rules import fineract
from handup.lending.rules.fineract import NotFineract, lists_of
from handup.lending.services import old_books
from handup.lending.tests.cast import World
from handup.lending.tests.old_books import CUTOVER, Lists, book_of, half_even, opened


def day(text: str) -> list[int]:
    told = date.fromisoformat(text)
    return [told.year, told.month, told.day]


def as_fineract(lists: Lists) -> list[dict[str, Any]]:
    """The loans of lists as `GET /loans/{id}?associations=all` answers, amounts as numbers."""
    return [_loan(row, lists) for row in lists.loans]


def _loan(row: list[Any], lists: Lists) -> dict[str, Any]:
    key, person, amount, start, count, percent = row
    rows = [one for one in lists.schedules if one[0] == key]
    left = Decimal(amount) - sum(Decimal(one[5]) for one in rows)
    periods: list[dict[str, Any]] = [
        {"dueDate": day(start), "principalDisbursed": float(amount), "feeChargesDue": 0}
    ]
    for _key, number, due, principal, interest, principal_paid, interest_paid in rows:
        periods.append(
            {
                "period": number, "fromDate": day(start), "dueDate": day(due),
                "principalOriginalDue": float(principal), "principalDue": float(principal),
                "principalPaid": float(principal_paid), "interestDue": float(interest),
                "interestPaid": float(interest_paid), "feeChargesDue": 0, "feeChargesPaid": 0,
                "penaltyChargesDue": 0, "penaltyChargesOutstanding": 0,
            }
        )  # fmt: skip
    return {
        "id": int(key[-3:]), "accountNo": key, "clientId": 7, "clientAccountNo": "000000007",
        "clientExternalId": {"value": person}, "status": {"id": 300, "value": "Active"},
        "currency": {"code": "USD", "decimalPlaces": 2}, "principal": float(amount),
        "numberOfRepayments": count, "repaymentEvery": 1, "annualInterestRate": float(percent),
        "timeline": {"actualDisbursementDate": day(start)},
        "summary": {"principalOutstanding": float(left)},
        "repaymentSchedule": {"periods": periods},
        "transactions": [_disbursed(start, amount), *_paid(key, lists)],
    }  # fmt: skip


def _disbursed(start: str, amount: str) -> dict[str, Any]:
    kind = {"id": 1, "code": "loanTransactionType.disbursement", "value": "Disbursement"}
    return {"id": 1, "type": kind, "date": day(start), "amount": float(amount)}


def _paid(key: str, lists: Lists) -> list[dict[str, Any]]:
    kind = {"id": 2, "code": "loanTransactionType.repayment", "value": "Repayment"}
    return [
        {
            "id": place, "type": kind, "date": day(paid), "amount": float(amount),
            "principalPortion": float(principal), "interestPortion": float(interest),
            "feeChargesPortion": 0, "penaltyChargesPortion": 0, "manuallyReversed": False,
        }
        for place, (_payment, loan, paid, amount, principal, interest) in enumerate(
            lists.payments, 2
        )
        if loan == key
    ]  # fmt: skip


def encoded(told: Any) -> bytes:
    return json.dumps(told).encode()


def test_a_portfolio_comes_in_as_it_is_and_every_loan_is_worked_out_to_the_cent(
    world: World,
) -> None:
    lists, people = book_of(world, half_even, loans=3)
    book = opened(world)
    accountant = world.cast.accountant
    upload = SimpleUploadedFile("loans.json", encoded({"pageItems": as_fineract(lists)}))
    name, content = old_books.as_one({"loans": upload, "schedules": None, "payments": None})
    assert name == "loans.json"
    book = old_books.receive_lists(acting_staff=accountant, book=book, name=name, content=content)
    assert (book.fault_count, book.loans.count()) == (0, 3)
    assert {row.person for row in book.loans.select_related("person")} == set(people)
    book = old_books.try_loans(acting_staff=accountant, book=book, on=CUTOVER, sample=None)
    assert {row.proof for row in book.loans.all()} == {"EQUAL"}
    assert OldBook.objects.get(pk=book.pk).file_name == "loans.json"


def test_its_lists_are_those_of_any_other_portfolio(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1, paid=1)
    loan = as_fineract(lists)
    told = {name: text.splitlines() for name, text in lists_of(encoded(loan)).items()}
    key, person, amount, start, count, percent = lists.loans[0]
    left = Decimal(amount) - Decimal(lists.schedules[0][3])
    assert told["loans"][1] == (
        f"{key},{person},,1000,{start},{count},{percent},1,,{left.normalize():f},Active"
    )
    assert len(told["schedules"]) == 13
    assert len(told["payments"]) == 2
    assert told["payments"][1].startswith(f"{key}-2,{key},2025-02-10,")
    one_a_line = "\n".join(json.dumps(one) for one in loan).encode()
    assert lists_of(one_a_line) == lists_of(encoded(loan)) == lists_of(encoded(loan[0]))


def changed(lists: Lists, **fields: Any) -> bytes:
    (loan,) = as_fineract(lists)
    return encoded([loan | fields])


def test_what_the_lists_cannot_tell_is_refused_loan_by_loan(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    parts, other = as_fineract(lists)
    parts["repaymentSchedule"]["periods"].insert(
        1, {"dueDate": [2025, 3, 1], "principalDisbursed": 5}
    )
    waived = {"id": 9, "type": {"code": "loanTransactionType.waiveInterest", "value": "Waive"}}
    other["transactions"].append(waived | {"date": [2025, 3, 1], "amount": 2.5})
    with pytest.raises(Faults) as refused:
        lists_of(encoded([parts, other]))
    assert [(one.code, one.row) for one in refused.value.faults] == [
        ("PAID_OUT_IN_PARTS", 1), ("OTHER_TRANSACTION", 2),
    ]  # fmt: skip
    assert "“Waive”" in refused.value.faults[1].message
    owing = as_fineract(lists)[0]
    owing["repaymentSchedule"]["periods"][3]["penaltyChargesOutstanding"] = 1.50
    with pytest.raises(Faults) as refused:
        lists_of(encoded([owing]))
    assert "still owes a penalty of 1.5." in refused.value.faults[0].message


def test_what_was_reversed_accrued_or_never_paid_out_is_left_out(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2, paid=1)
    loan, waits = as_fineract(lists)
    before = lists_of(encoded([loan]))
    loan["transactions"][1:1] = [
        {**loan["transactions"][1], "id": 77, "manuallyReversed": True},
        {
            "id": 78,
            "type": {"code": "loanTransactionType.accrual"},
            "amount": 3,
            "date": [2025, 2, 1],
        },
    ]
    waits["timeline"] = {"submittedOnDate": [2025, 1, 1]}
    assert lists_of(encoded([loan, waits])) == before
    with pytest.raises(NotFineract):
        lists_of(encoded([waits]))


def test_a_group_and_a_number_without_a_wrapping_are_read(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    group = {"accountNo": "G7", "externalId": "GROUP-7"}
    own = lists_of(changed(lists, clientId=None, group=group))["loans"].splitlines()[1]
    assert own.split(",")[1:3] == ["", "GROUP-7"]
    plain = lists_of(changed(lists, clientExternalId="P-1"))["loans"].splitlines()[1]
    assert plain.split(",")[1:3] == ["P-1", ""]
    number = lists_of(changed(lists, clientExternalId=None))["loans"].splitlines()[1]
    assert number.split(",")[1:3] == ["000000007", ""]


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"{}",
        b"[1]",
        b'{"pageItems": 3}',
        b"[" * 100_000,
        b'[{"accountNo": "1"}]',
        b"{\xff",
        b"[1e99999999999999999999999]",
    ],
)
def test_what_is_no_portfolio_is_refused_by_name(content: bytes) -> None:
    assert fineract.looks_so(content)
    with pytest.raises(NotFineract):
        lists_of(content)


@pytest.mark.parametrize(
    "fields",
    [
        {"principal": "1000"},
        {"principal": 1e300},
        {"principal": True},
        {"numberOfRepayments": None},
        {"numberOfRepayments": float("inf")},
        {"numberOfRepayments": 11.5},
        {"timeline": {"actualDisbursementDate": [10**30, 1, 1]}},
        {"status": None},
        {"timeline": {"actualDisbursementDate": [2025, 2, 30]}},
        {"timeline": {"actualDisbursementDate": "yesterday"}},
        {"repaymentSchedule": {"periods": [1]}},
        {"transactions": [{"id": 1}]},
    ],
)
def test_a_field_of_another_shape_names_its_loan(world: World, fields: dict[str, Any]) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    with pytest.raises(NotFineract, match="loan 1"):
        lists_of(changed(lists, **fields))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"numberOfRepayments": 12', b'"numberOfRepayments": 1e99999999'),
        (b'"annualInterestRate": 24.0', b'"annualInterestRate": 1e-99999999'),
        (b'"repaymentEvery": 1', b'"repaymentEvery": 1e99999999'),
    ],
)
def test_a_number_of_endless_digits_is_not_written_out(
    world: World, before: bytes, after: bytes
) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    told = changed(lists)
    assert before in told
    with pytest.raises(NotFineract, match="loan 1"):
        lists_of(told.replace(before, after))


def test_a_loan_in_another_money_is_no_loan_of_this_portfolio(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    here, abroad = as_fineract(lists)
    abroad["currency"] = {"code": "KES", "decimalPlaces": 2}
    book, accountant = opened(world), world.cast.accountant
    told: dict[str, Any] = {"acting_staff": accountant, "book": book, "name": "loans.json"}
    with pytest.raises(Faults) as refused:
        old_books.receive_lists(content=encoded([here, abroad]), **told)
    assert [(one.code, one.row) for one in refused.value.faults] == [("CURRENCY_MISMATCH", 2)]
    assert old_books.receive_lists(content=encoded([here]), **told).loans.count() == 1


def test_a_sign_that_no_list_can_hold_is_refused_and_nothing_is_kept(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = opened(world)
    told: dict[str, Any] = {"acting_staff": world.cast.accountant, "name": "loans.json"}
    with pytest.raises(NotFineract, match="UTF-8"):
        old_books.receive_lists(book=book, content=changed(lists, accountNo="\ud800"), **told)
    nul = changed(lists, accountNo="A\x001")
    assert old_books.receive_lists(book=book, content=nul, **told).fault_count
    assert not book.loans.exists()
