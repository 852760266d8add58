"""What members owe and what comes out for them at the end of a cycle or when one leaves, worked out
from the book of their group (groups.md G5, G6)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from handup.groups.rules.book import Figures, RecordedBook
from handup.groups.rules.dividend import Holding, Method, Move, Period, weight_of
from handup.groups.rules.leaving import LeavePay, Leaving, leave
from handup.groups.rules.money import LOAN, SOCIAL, owed_on
from handup.groups.rules.share_out import (
    Funds,
    Holder,
    HolderResult,
    ShareOut,
    ShareOutRounding,
    SocialAtEnd,
    pay_what_fits,
    share_out,
)
from handup.groups.rules.voted import weights_of

AT_CYCLE_END = "AT_CYCLE_END"


@dataclass(frozen=True, slots=True)
class LoanPart:
    """What is owed, or paid, on one loan."""

    loan_id: str
    charge: int
    principal: int


@dataclass(frozen=True, slots=True)
class Debts:
    """What a member owes on a day, or what of it is settled: loans and fines, the oldest first."""

    loans: tuple[LoanPart, ...]
    fines: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """Everything together."""
        return self.on_loans + self.on_fines

    @property
    def on_loans(self) -> int:
        """Charge and principal of the loans."""
        return sum(part.charge + part.principal for part in self.loans)

    @property
    def on_fines(self) -> int:
        """The fines together."""
        return sum(units for _fine, units in self.fines)

    def fined(self, most: int) -> "Debts":
        """The same loans, and of the fines so much: the first of them first."""
        left, fines = most, []
        for fine, owed in self.fines:
            fines.append((fine, min(left, owed)))
            left -= fines[-1][1]
        return replace(self, fines=tuple(fine for fine in fines if fine[1]))

    def settled(self, units: int) -> "Debts":
        """What an amount pays of it: charges first, then principal, then fines."""
        left = units
        charges, principals = [], []
        for part in self.loans:
            charges.append(min(left, part.charge))
            left -= charges[-1]
        for part in self.loans:
            principals.append(min(left, part.principal))
            left -= principals[-1]
        parts = (
            replace(part, charge=charge, principal=principal)
            for part, charge, principal in zip(self.loans, charges, principals, strict=True)
        )
        loans = tuple(part for part in parts if part.charge or part.principal)
        return replace(self.fined(left), loans=loans)


def debts_of(book: RecordedBook, member_no: int, on: date) -> Debts:
    """What a member owes on a day: loans of the loan fund by the day they were paid out, fines by
    their ids, whichever fund they go to. What the social fund lent her stays owed to it."""
    loans = []
    for id, loan in book.loans.items():
        left = book.figures.principal.get(id, 0)
        if loan.member_no != member_no or loan.terms is None or loan.paid_out is None:
            continue
        if loan.fund != LOAN:
            continue
        paid = book.figures.charge_paid.get(id, 0)
        days = (on - loan.paid_out).days
        owed = owed_on(loan.terms, days=days, principal_left=left, charge_paid=paid)
        if owed.total:
            loans.append((loan.paid_out, LoanPart(id, owed.charge, left)))
    fines = [
        (id, fine.units - fine.paid)
        for id, fine in book.fines.items()
        if fine.member_no == member_no and not fine.waived and fine.paid < fine.units
    ]
    loans.sort(key=lambda row: (row[0], row[1].loan_id))
    return Debts(tuple(part for _day, part in loans), tuple(sorted(fines)))


@dataclass(frozen=True, slots=True)
class Division:
    """A share-out worked out: the whole, and by member what comes out and what she owes."""

    whole: ShareOut
    members: Mapping[int, tuple[HolderResult, Debts]]


def divide(
    book: RecordedBook,
    settings: Mapping[str, Any],
    on: date,
    *,
    loans_only: bool = False,
    brought: int = 0,
) -> Division:
    """Divide the loan fund as the constitution says. loans_only: the rehearsal for a leaver, which
    knows no unpaid charges and fines (G6). brought: what is not in the box yet and is brought there
    before. Fines that the social fund gets are named as far as it gets them. Raises
    OutsideDebtFirst, NoShares."""
    figures, shares = book.figures, book.shares()
    saved = {no: units for no, units in figures.savings.items() if units}
    numbers = sorted(saved.keys() | {no for no, count in shares.items() if count})
    owing = {loan.member_no for loan in book.loans.values()}
    owing |= {fine.member_no for fine in book.fines.values()}
    debts = {no: debts_of(book, no, on) for no in {*numbers, *owing}}
    by_shares = settings["savings_mode"] == "SHARES" and settings["profit_by"] == "SHARES"
    weights = _weights(book, settings, on)
    is_net = loans_only or settings["debts_at_share_out"] == "NET"
    fines_apart = is_net and not loans_only and settings["fine_fund"] == SOCIAL

    def owed(no: int) -> int:
        if not is_net:
            return 0
        if loans_only:
            return sum(p.principal for p in debts[no].loans)
        return debts[no].on_loans if fines_apart else debts[no].total

    def weight(no: int) -> int:
        if by_shares:
            return shares.get(no, 0)
        if weights is not None:
            return weights.get(no, 0)
        return 1 if settings["profit_by"] == "EQUAL" else saved.get(no, 0)

    besides = sum(owed(no) for no in owing - set(numbers))
    whole = share_out(
        _funds(figures, settings["cash_unit_units"], brought=brought, owed_besides=besides),
        [
            Holder(weight(no), saved.get(no, 0), owed(no), debts[no].on_fines * fines_apart)
            for no in numbers
        ],
        rounding=ShareOutRounding(settings["share_out_rounding"]),
        social_at_end=SocialAtEnd(settings["social_at_end"]),
        savings_first=not by_shares,
        rehearsed=loans_only,
    )
    if not is_net:
        debts = dict.fromkeys(debts, Debts((), ()))
    rows = dict(zip(numbers, whole.members, strict=True))
    if fines_apart:
        debts = {no: debts[no].fined(row.to_social) for no, row in rows.items()}
    return Division(whole, {no: (row, debts[no]) for no, row in rows.items()})


def _funds(figures: Figures, cash_unit: int, *, brought: int, owed_besides: int) -> Funds:
    """What there is to divide, with what is brought to the box before."""
    return Funds(
        loan_cash=figures.cash.get(LOAN, 0) + brought,
        social_cash=figures.cash.get(SOCIAL, 0),
        outside_debt=figures.outside_debt,
        cash_unit=cash_unit,
        owed_besides=owed_besides,
        promised=figures.promised,
    )


def _weights(book: RecordedBook, settings: Mapping[str, Any], on: date) -> Mapping[int, int] | None:
    """By what the profit is divided where it is neither by shares, nor equal, nor by what each has
    saved that day."""
    if settings["profit_by"] == "VOTED_WEIGHTS":
        return weights_of(settings)
    if settings["profit_by"] == "BY_MONTH_ENDS":
        return by_month_ends(book, on)
    return None


def by_month_ends(book: RecordedBook, on: date) -> dict[int, int]:
    """What each member had saved at the end of each month of the cycle, added up; the last month
    ends with the day of the share-out (groups_cooperatives.md K4)."""
    started = min(book.cycle.start, on) if book.cycle else on
    period = Period(started, on)
    moves: dict[int, list[Move]] = {}
    for no, day, change in book.saved_moves():
        moves.setdefault(no, []).append(Move(day, change))
    return {
        no: weight_of(Holding.of(own, period, None), Method.BY_MONTH_ENDS, period)
        for no, own in moves.items()
    }


def claims_paid(claims: Mapping[int, int], units: int, cash_unit: int) -> dict[int, int]:
    """What each member gets when so much is paid on what is still open: in full where it is enough,
    else in the proportion of what is open to her, in coins (G5)."""
    numbers = sorted(claims)
    parts = pay_what_fits([claims[no] for no in numbers], units, cash_unit)
    return dict(zip(numbers, parts, strict=True))


def leaving(
    book: RecordedBook, settings: Mapping[str, Any], member_no: int, on: date
) -> tuple[Leaving, int, Debts]:
    """What a leaver gets, her gain to date, and what she owes; of fines that the social fund gets,
    as far as it gets them. Raises OutsideDebtFirst, NoShares where a gain to date cannot be worked
    out."""
    debts = debts_of(book, member_no, on)
    policy, gain = settings["leave_pay"], 0
    if policy == LeavePay.SAVINGS_AND_GAIN:
        found = divide(book, settings, on, loans_only=True).members.get(member_no)
        gain = found[0].gain if found else 0
    fines_apart = settings["fine_fund"] == SOCIAL
    told = leave(
        policy=LeavePay.SAVINGS_ONLY if policy == AT_CYCLE_END else LeavePay(policy),
        saved=book.figures.savings.get(member_no, 0),
        gain_to_date=gain,
        owed=debts.on_loans if fines_apart else debts.total,
        owed_social=debts.on_fines if fines_apart else 0,
        fund_cash=book.figures.cash.get(LOAN, 0),
    )
    return told, gain, debts.fined(told.to_social) if fines_apart else debts
