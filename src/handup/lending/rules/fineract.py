"""A portfolio as Mifos X and Apache Fineract give it out, made into the lists of an old portfolio.

What is read is the answer of their programme interface to `GET /loans/{id}?associations=all`: one
loan, a list of them, a page of them (`pageItems`), or one a line. Loans that were never paid out
are no loans yet and are left out. What the lists have no word for is refused by name, loan by loan.
Pure.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from handup.kernel.errors import Fault, Faults, Refusal
from handup.lending.errors import CurrencyMismatch

HEADS = {
    "loans": ("loan", "person", "group", "amount", "disbursed_date", "instalments", "rate_percent",
              "every", "grace_principal", "principal_left", "status"),
    "schedules": ("loan", "number", "due_date", "principal", "interest", "fee", "principal_paid",
                  "interest_paid", "fee_paid"),
    "payments": ("payment", "loan", "paid_date", "amount", "principal", "interest", "fee",
                 "penalty"),
}  # fmt: skip
PAID = frozenset({"repayment", "downPayment"})
NO_MONEY = frozenset({"accrual", "accrualActivity", "accrualAdjustment", "disbursement"})
MOST_PLACES = 30
"""Behind the decimal sign; nothing is told finer than that."""


class NotFineract(Refusal):
    """This file holds no loans as Mifos or Fineract gives them out ({reason})."""


class PaidOutInParts(Refusal):
    """Loan {loan} was paid out in parts. Enter it by hand."""


class PenaltyStillOwed(Refusal):
    """Loan {loan} still owes a penalty of {amount}. Take it or waive it there first."""


class OtherTransaction(Refusal):
    """Loan {loan} has a “{kind}” that an old portfolio cannot tell. Enter it by hand."""


def looks_so(content: bytes) -> bool:
    """Whether a file is JSON, in which only these portfolios come."""
    return content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def lists_of(content: bytes, currency: str = "") -> dict[str, str]:
    """The three lists as CSV texts by name; `currency`: the one every loan is in, empty: whichever.
    Raises NotFineract, and Faults with one fault for each loan that the lists cannot tell.
    """
    rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in HEADS}
    faults: list[Fault] = []
    for place, loan in enumerate(_loans(content), 1):
        try:
            _add(rows, loan, currency)
        except (CurrencyMismatch, PaidOutInParts, PenaltyStillOwed, OtherTransaction) as refusal:
            faults.append(Fault(refusal.code, refusal.said(), f"loan {place}", place))
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as fault:
            raise NotFineract(reason=f"loan {place}", field="loans") from fault
    if faults:
        raise Faults(faults, field="loans")
    if not rows["loans"]:
        raise NotFineract(reason="none was paid out", field="loans")
    lists = {name: _csv(HEADS[name], found) for name, found in rows.items()}
    try:
        "".join(lists.values()).encode()
    except UnicodeEncodeError as fault:  # half a sign, as JSON can write it
        raise NotFineract(reason="UTF-8", field="loans") from fault
    return lists


def _loans(content: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise NotFineract(reason="UTF-8", field="loans") from fault
    try:
        told = json.loads(text, parse_float=Decimal)
    except (ValueError, InvalidOperation, RecursionError):
        told = _lines(text)
    if isinstance(told, Mapping):
        told = told.get("pageItems", [told])
    if not isinstance(told, list) or not all(isinstance(one, Mapping) for one in told):
        raise NotFineract(reason="list", field="loans")
    yield from told


def _lines(text: str) -> list[Any]:
    try:
        return [json.loads(line, parse_float=Decimal) for line in text.splitlines() if line.strip()]
    except (ValueError, InvalidOperation, RecursionError) as fault:
        raise NotFineract(reason="JSON", field="loans") from fault


def _add(rows: dict[str, list[tuple[Any, ...]]], loan: Mapping[str, Any], currency: str) -> None:
    """Add what one loan says to the rows of the three lists."""
    told = _day(loan["timeline"].get("actualDisbursementDate"))
    if told is None:
        return
    key = str(loan["accountNo"])
    code = (loan.get("currency") or {}).get("code")
    if currency and code and code != currency:
        raise CurrencyMismatch(expected=str(code)[:20], given=currency)
    periods = loan["repaymentSchedule"]["periods"]
    paid_out = [one for one in periods if one.get("period") is None]
    if len([one for one in paid_out if _number(one, "principalDisbursed")]) > 1:
        raise PaidOutInParts(loan=key)
    due = [one for one in periods if one.get("period") is not None]
    owed = sum((_number(one, "penaltyChargesOutstanding") for one in due), Decimal(0))
    if owed:
        raise PenaltyStillOwed(loan=key, amount=_plain(owed))
    payments = list(_payments(key, loan.get("transactions") or ()))
    person, group = _borrower(loan)
    rows["loans"].append(
        (
            key, person, group, _plain(_number(loan, "principal")), told,
            _whole(loan["numberOfRepayments"]), _plain(_number(loan, "annualInterestRate")),
            _whole(loan.get("repaymentEvery") or 1), loan.get("graceOnPrincipalPayment") or "",
            _plain(_number(loan.get("summary") or {}, "principalOutstanding")),
            str(loan["status"].get("value", ""))[:60],
        )
    )  # fmt: skip
    rows["schedules"] += [_row(key, one) for one in due]
    rows["payments"] += payments


def _borrower(loan: Mapping[str, Any]) -> tuple[str, str]:
    """Who borrowed: the number of the person, or the code of the group."""
    if loan.get("clientId") is not None:
        return _outside(loan.get("clientExternalId")) or str(loan.get("clientAccountNo") or ""), ""
    group = loan.get("group") or {}
    return "", _outside(group.get("externalId")) or str(group.get("accountNo") or "")


def _outside(told: Any) -> str:
    """The number of another system, which newer releases wrap."""
    return str((told.get("value") if isinstance(told, Mapping) else told) or "")


def _row(key: str, period: Mapping[str, Any]) -> tuple[Any, ...]:
    parts = ("principal", "interest", "feeCharges")
    return (
        key,
        _whole(period["period"]),
        _day(period["dueDate"]),
        *(_plain(_number(period, f"{part}Due")) for part in parts),
        *(_plain(_number(period, f"{part}Paid")) for part in parts),
    )


def _payments(key: str, told: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Its payments that still stand. Raises OtherTransaction."""
    parts = ("principal", "interest", "feeCharges", "penaltyCharges")
    for one in told:
        kind = str(one["type"]["code"]).rpartition(".")[2]
        if one.get("manuallyReversed") or kind in NO_MONEY or not _number(one, "amount"):
            continue
        if kind not in PAID:
            raise OtherTransaction(loan=key, kind=str(one["type"].get("value", kind))[:60])
        yield (
            f"{key}-{one['id']}",
            key,
            _day(one["date"]),
            _plain(_number(one, "amount")),
            *(_plain(_number(one, f"{part}Portion")) for part in parts),
        )


def _number(told: Mapping[str, Any], name: str) -> Decimal:
    value = told.get(name)
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError(name)
    found = Decimal(value)
    if not found.is_finite() or abs(found) >= 10**15 or abs(_exponent(found)) > MOST_PLACES:
        raise ValueError(name)
    return found


def _exponent(number: Decimal) -> int:
    return int(number.as_tuple().exponent)


def _whole(value: Any) -> int:
    """A count: small, for what comes of `1e999999999` is written out digit by digit nowhere."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise TypeError("no count")
    if not -(10**6) < value < 10**6:
        raise TypeError("no count")
    if value != int(value):
        raise ValueError("no whole number")
    return int(value)


def _plain(number: Decimal) -> str:
    """Without the noughts behind the last decimal that says something."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _day(told: Any) -> date | None:
    """A day as three numbers, or as a text."""
    if told is None:
        return None
    return date.fromisoformat(told) if isinstance(told, str) else date(*told)


def _csv(heads: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    return out.getvalue()
