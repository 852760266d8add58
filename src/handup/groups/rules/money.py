"""What the facts of a meeting do to the box, the members' savings and their loans
(groups_meeting.md M3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from handup.groups.rules.loans import InternalTerms, charge_to_date, periods_run

LOAN, SOCIAL = "LOAN", "SOCIAL"

# fact -> (fund whose box moves, sign)
BOX = {
    "record_saving": (LOAN, 1),
    "buy_shares": (LOAN, 1),
    "record_social": (SOCIAL, 1),
    "pay_fine": (LOAN, 1),
    "record_repayment": (LOAN, 1),
    "pay_out_loan": (LOAN, -1),
}


OTHER = {
    "pay_grant": (SOCIAL, -1),
    "record_expense": (LOAN, -1),
    "record_income": (LOAN, 1),
    "record_group_debt": (LOAN, 1),
    "repay_group_debt": (LOAN, -1),
    "refund_overpaid": (LOAN, -1),
    "pay_share_out": (LOAN, -1),
    "pay_claim": (LOAN, -1),
}
"""Facts only a phone records: they move the box of the fund they name, and nothing of a member."""


SHIFTS = frozenset({"move_money", "move_between_funds"})
"""Facts that shift money between places or funds, and make none (C7)."""
IN_BOX = "BOX"


def box_shifts(name: str, body: Mapping[str, object]) -> list[tuple[str, int]]:
    """What a shift does to the boxes of funds: the fund and the signed amount of each."""
    units = _int(body, "units")
    if name == "move_between_funds":
        return [(str(body["from"]), -units), (str(body["to"]), units)]
    ways = (("from", -1), ("to", 1))
    return [(str(body["fund"]), sign * units) for end, sign in ways if body[end] == IN_BOX]


@dataclass(slots=True)
class MoneyState:
    """A group's money at one moment, in smallest units; keys are ids as text."""

    cash: dict[str, int] = field(default_factory=lambda: {LOAN: 0, SOCIAL: 0})
    savings: dict[str, int] = field(default_factory=dict)
    principal: dict[str, int] = field(default_factory=dict)
    charge_paid: dict[str, int] = field(default_factory=dict)


def add_facts(state: MoneyState, facts: Iterable[tuple[str, Mapping[str, object]]]) -> MoneyState:
    """Add facts (name, body) that are not yet in the books to a state; the state is changed and
    returned."""
    for name, body in facts:
        if name == "reverse_fact" and body.get("posted"):
            mirrored = body["mirror"]
            assert isinstance(mirrored, Mapping)
            _add_fact(state, str(body["of"]), mirrored, -1)
        else:
            _add_fact(state, name, body, 1)
    return state


def _add_fact(state: MoneyState, name: str, body: Mapping[str, object], way: int) -> None:
    """Add one fact, or take it back (way -1)."""
    if name == "record_difference":
        _add(state.cash, str(body["fund"]), way * _int(body, "difference"))
        return
    if name in SHIFTS:
        for fund, units in box_shifts(name, body):
            _add(state.cash, fund, way * units)
        return
    if name in SETTLES:
        _add_settled(state, name, body)
        return
    if name not in BOX and name not in OTHER:
        return
    units = way * _int(body, "units")
    fund, sign = BOX[name] if name in BOX else OTHER[name]
    _add(state.cash, str(body.get("fund", fund)), sign * units)
    if name in {"record_saving", "buy_shares"}:
        _add(state.savings, str(body["member"]), units)
    elif name == "pay_out_loan":
        _add(state.principal, str(body["loan"]), units)
    elif name == "record_repayment":
        loan = str(body["loan"])
        _add(state.principal, loan, -way * _int(body, "principal"))
        _add(state.charge_paid, loan, way * _int(body, "charge"))


SETTLES = frozenset({"settle_share_out", "pay_leaver", "record_opening_balances"})
"""Facts that settle members or carry balances in; none of them is ever taken back."""


def _add_settled(state: MoneyState, name: str, body: Mapping[str, Any]) -> None:
    """Add what was settled or carried in, in the words of the house."""
    if name == "record_opening_balances":
        _add_opened(state, body)
        return
    rows = body["lines"] if name == "settle_share_out" else [body]
    fined = fines_apart(body, rows)
    _add(state.cash, LOAN, -fined)
    _add(state.cash, SOCIAL, fined)
    for row in rows:
        _add(state.savings, row["member"], -row["saved"])
        for part in row["loans"]:
            _add(state.principal, part["loan"], -part["principal"])
            _add(state.charge_paid, part["loan"], part["charge"])
    if name == "pay_leaver":
        _add(state.cash, LOAN, -body["paid"])
        return
    into = sum(row["social"] for row in rows) - body["to_social"]
    _add(state.cash, LOAN, into)
    _add(state.cash, SOCIAL, -into)


def fines_apart(body: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> int:
    """What of the fines that a fact settles goes from the loan fund to the social fund."""
    if body.get("fines_to", LOAN) == LOAN:
        return 0
    return sum(fine["units"] for row in rows for fine in row["fines"])


def _add_opened(state: MoneyState, body: Mapping[str, Any]) -> None:
    if body["of"] == "CASH" and body["place"] == IN_BOX:
        _add(state.cash, body["fund"], body["units"])
    elif body["of"] == "MEMBER":
        _add(state.savings, body["member"], body["units"])
    elif body["of"] == "LOAN":
        _add(state.principal, body["loan"], body["units"])
        _add(state.charge_paid, body["loan"], body.get("charge_paid", 0))


def _int(body: Mapping[str, object], key: str) -> int:
    value = body[key]
    if not isinstance(value, int):
        raise TypeError(f"{key} is not a whole number")
    return value


def _add(table: dict[str, int], key: str, units: int) -> None:
    table[key] = table.get(key, 0) + units


@dataclass(frozen=True, slots=True)
class Owed:
    """What a member owes on one loan on one day."""

    principal: int
    charge: int

    @property
    def total(self) -> int:
        """Principal and charge together."""
        return self.principal + self.charge


def owed_on(terms: InternalTerms, *, days: int, principal_left: int, charge_paid: int) -> Owed:
    """Principal left and the charge run up to that day less what was paid of it."""
    charge = charge_to_date(terms, periods_run(terms, days))
    return Owed(principal_left, max(0, charge - charge_paid))


@dataclass(frozen=True, slots=True)
class RepaymentParts:
    """How a payment on one loan divides; the rest goes to the next loan or back to the member."""

    charge: int
    principal: int

    @property
    def units(self) -> int:
        """What the loan takes."""
        return self.charge + self.principal


def parts_of(owed: Owed, payment: int, *, charge_first: bool = True) -> RepaymentParts:
    """Divide a payment in the order the constitution gives, never above what is owed."""
    if charge_first:
        charge = min(owed.charge, payment)
        return RepaymentParts(charge, min(owed.principal, payment - charge))
    principal = min(owed.principal, payment)
    return RepaymentParts(min(owed.charge, payment - principal), principal)


def rate_of(bps: int) -> Fraction:
    """A rate in hundredths of a percent as an exact fraction."""
    return Fraction(bps, 10_000)
