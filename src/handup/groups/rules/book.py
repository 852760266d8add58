"""The book of a group while the facts of its phone are read: its figures, its open meeting, and one
fact on its way in (groups.md G3, G4)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, NoReturn

from handup.groups.rules.elections import ElectionNow, Tallies
from handup.groups.rules.loans import InternalTerms
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.rules.voted import has_passed
from handup.groups.rules.votes import Count

RULE_BREACH, SHOWN_DIFFERS = "RULE_BREACH", "SHOWN_DIFFERS"
TOTAL_CORRECTED, CLOCK_DOUBTFUL = "TOTAL_CORRECTED", "CLOCK_DOUBTFUL"
OPENED_WITHOUT_KEYS = "OPENED_WITHOUT_KEYS"
KEY_REVOKED_LATER = "KEY_REVOKED_LATER"
VOTING = frozenset({"PRESENT", "LATE"})
THERE = VOTING | {"REPRESENTED"}
CLOCK_DAYS = 2

MOVES: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "buy_shares": (LOAN, 1),
        "record_saving": (LOAN, 1),
        "record_social": (SOCIAL, 1),
        "pay_grant": (SOCIAL, -1),
        "pay_fine": (LOAN, 1),
        "record_repayment": (LOAN, 1),
        "pay_out_loan": (LOAN, -1),
        "record_expense": (LOAN, -1),
        "record_income": (LOAN, 1),
        "record_group_debt": (LOAN, 1),
        "repay_group_debt": (LOAN, -1),
        "refund_overpaid": (LOAN, -1),
        "record_difference": (LOAN, 1),
        "pay_share_out": (LOAN, -1),
        "pay_claim": (LOAN, -1),
    }
)
"""Facts that move money: the fund whose box moves unless the fact names one, and which way."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact as the book reads it."""

    id: str
    name: str
    happened_date: date
    meeting_id: str | None
    currency: str
    version: int
    recorded_date: date
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """Why a fact cannot stand: its code, the fact, the field and what stood there."""

    code: str
    fact: str
    field: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A member's time in the group; whom a case team hides, no phone is asked to mark."""

    joined: date
    left: date | None = None
    hidden: bool = False

    def holds(self, on: date) -> bool:
        """Tell whether she is a member on a day."""
        return self.joined <= on and (self.left is None or on < self.left)


@dataclass(frozen=True, slots=True)
class CycleNow:
    """The cycle that runs, or the last that ended."""

    number: int
    start: date
    is_open: bool
    planned_end: date | None = None


@dataclass(slots=True)
class Loan:
    """A loan inside the group; `terms` is None until it is paid out."""

    member_no: int
    fund: str
    periods: int
    terms: InternalTerms | None = None
    paid_out: date | None = None
    due: date | None = None


@dataclass(slots=True)
class OwedFine:
    """A fine, what of it was paid, and whether the group let it go."""

    member_no: int
    units: int
    paid: int = 0
    waived: bool = False


@dataclass(slots=True)
class Sitting:
    """The meeting that is open. counts: by way and fund, what each counter found at the attempt
    that stands. turned: a cycle started in it. carried: lines of the paper book that were
    carried in. pairs: what reversals moved whose right entries move it back, by fund (M6).
    statements: fund and place of money whose statement is still to be read. tallies: ballots as
    each counter found them, by the election or the vote."""

    id: str
    held: date
    kind: str = "ORDINARY"
    turned: bool = False
    carried: set[str] = field(default_factory=set)
    pairs: dict[str, int] = field(default_factory=dict)
    marks: dict[int, str] = field(default_factory=dict)
    counts: dict[tuple[str, str], dict[int, int]] = field(default_factory=dict)
    attempts: dict[tuple[str, str], int] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    saved: int = 0
    moved: bool = False
    statements: set[tuple[str, str]] = field(default_factory=set)
    tallies: dict[str, Tallies] = field(default_factory=dict)

    def copy(self) -> "Sitting":
        """The same meeting, whose changes do not reach this one."""
        counts = {key: dict(counted) for key, counted in self.counts.items()}
        return replace(
            self,
            marks=dict(self.marks),
            counts=counts,
            attempts=dict(self.attempts),
            shares=dict(self.shares),
            carried=set(self.carried),
            pairs=dict(self.pairs),
            statements=set(self.statements),
            tallies={id: one.copy() for id, one in self.tallies.items()},
        )

    def void_counts(self) -> None:
        """Forget the closing counts, as money moved after them (M5)."""
        for key in [key for key in self.counts if key[0] == "OUT"]:
            del self.counts[key]


@dataclass(slots=True)
class Figures:
    """Every balance of the book, in smallest units: boxes by fund, what lies away from them,
    savings, what was paid too much, what is due of a share-out and what is claimed by member, loans
    by id, and what the group earned, spent,
    owes and kept of earlier times."""

    cash: dict[str, int] = field(default_factory=lambda: {LOAN: 0, SOCIAL: 0})
    savings: dict[int, int] = field(default_factory=dict)
    principal: dict[str, int] = field(default_factory=dict)
    charge_paid: dict[str, int] = field(default_factory=dict)
    overpaid: dict[int, int] = field(default_factory=dict)
    due: dict[int, int] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    social: int = 0
    income: int = 0
    expense: int = 0
    differences: int = 0
    outside_debt: int = 0
    away: dict[tuple[str, str], int] = field(default_factory=dict)
    retained: int = 0

    def copy(self) -> "Figures":
        """The same figures, whose changes do not reach these."""
        return replace(
            self,
            cash=dict(self.cash),
            savings=dict(self.savings),
            principal=dict(self.principal),
            charge_paid=dict(self.charge_paid),
            overpaid=dict(self.overpaid),
            due=dict(self.due),
            claims=dict(self.claims),
            away=dict(self.away),
        )

    @property
    def promised(self) -> int:
        """What the loan fund holds for members already: due of a share-out, or left open."""
        return sum(self.due.values()) + sum(self.claims.values())

    def broken(self) -> list[str]:
        """The identities that do not hold (C1, C2, C4): a box below nothing, or what the group has
        beside what it owes and keeps."""
        wrong = [f"box {fund}" for fund, units in self.cash.items() if units < 0]
        wrong += [f"loan {loan}" for loan, units in self.principal.items() if units < 0]
        wrong += [f"away {fund} {place}" for (fund, place), units in self.away.items() if units < 0]
        has = sum(self.cash.values()) + sum(self.away.values()) + sum(self.principal.values())
        owed = (self.savings, self.overpaid, self.due, self.claims)
        owes = sum(sum(table.values()) for table in owed) + self.outside_debt
        kept = self.retained + self.social + self.income - self.expense + self.differences
        if has != owes + kept:
            wrong.append(f"{has} against {owes} owed and {kept} kept")
        return wrong


@dataclass(slots=True)
class RecordedBook:
    """A group while the facts of its phone are read.

    settings: the constitution's settings of a version, nothing for one that is not known. original:
    the name and body of a stored fact that a reversal names, with whether it is reversed already.
    voted: the votes read so far, what each decided on and how it was counted. keys, offices: who
    holds which now, by member number; past_keys: who held a key before. base_shares: shares bought
    in the cycle before the facts read here; bought: what they add or take, by member. saved_moves:
    what each member's savings rose or fell by, with the day, in books and open meeting.
    last_share_out: what the last one came to, all members together. paired: reversals whose right
    entry must follow. elections: those the facts read so far called or went on with;
    known_election: how the office has one. votes: how many each member has on a day, by number,
    where it is not one.
    """

    currency: str
    members: dict[int, Place]
    settings: Callable[[int], Mapping[str, Any]]
    figures: Figures = field(default_factory=Figures)
    loans: dict[str, Loan] = field(default_factory=dict)
    fines: dict[str, OwedFine] = field(default_factory=dict)
    sitting: Sitting | None = None
    last_held: date | None = None
    original: Callable[[str], tuple[Told, bool] | None] = lambda _id: None
    read: dict[str, Told] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)
    voted: dict[str, tuple[str, Count]] = field(default_factory=dict)
    keys: dict[int, int] = field(default_factory=dict)
    past_keys: dict[int, set[int]] = field(default_factory=dict)
    offices: dict[str, int] = field(default_factory=dict)
    terms: dict[tuple[str, int], int] = field(default_factory=dict)
    cycle: CycleNow | None = None
    base_shares: Callable[[], Mapping[int, int]] = dict
    saved_moves: Callable[[], Iterable[tuple[int, date, int]]] = tuple
    bought: dict[int, int] = field(default_factory=dict)
    last_share_out: int | None = None
    paired: set[str] = field(default_factory=set)
    elections: dict[str, ElectionNow] = field(default_factory=dict)
    known_election: Callable[[str], ElectionNow | None] = lambda _id: None
    votes: Callable[[date], Mapping[int, int]] = lambda _on: {}

    def election(self, id: str) -> ElectionNow | None:
        """An election as far as it is now; None: there is none of this id."""
        return self.elections.get(id) or self.known_election(id)

    def shares(self) -> dict[int, int]:
        """Shares of the cycle by member."""
        shares = dict(self.base_shares())
        for no, count in self.bought.items():
            shares[no] = shares.get(no, 0) + count
        return shares

    def owed_by(self, member_no: int) -> list[int]:
        """The principal a member owes, by loan."""
        loans = [id for id, loan in self.loans.items() if loan.member_no == member_no]
        return [self.figures.principal.get(id, 0) for id in loans]

    def add_shares(self, member_no: int, count: int) -> None:
        """Count shares bought, or taken back."""
        if count:
            self.bought[member_no] = self.bought.get(member_no, 0) + count

    def drop_shares(self, member_no: int) -> None:
        """Take a member's shares out, as they were paid."""
        self.add_shares(member_no, -self.shares().get(member_no, 0))

    def fresh_shares(self) -> None:
        """End the shares of a cycle: what is bought from here on is of the next."""
        self.base_shares, self.bought = dict, {}

    def leave(self, member_no: int, on: date) -> None:
        """End a membership."""
        self.members = {**self.members, member_no: replace(self.members[member_no], left=on)}

    def copy(self) -> "RecordedBook":
        """The same book, whose changes do not reach this one."""
        sitting = self.sitting
        return replace(
            self,
            figures=self.figures.copy(),
            loans={id: replace(loan) for id, loan in self.loans.items()},
            fines={id: replace(fine) for id, fine in self.fines.items()},
            sitting=sitting.copy() if sitting else None,
            read=dict(self.read),
            undone=set(self.undone),
            voted=dict(self.voted),
            keys=dict(self.keys),
            past_keys={slot: set(members) for slot, members in self.past_keys.items()},
            offices=dict(self.offices),
            terms=dict(self.terms),
            bought=dict(self.bought),
            paired=set(self.paired),
            elections=dict(self.elections),
        )


class Stop(Exception):
    """A fact that cannot stand."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong = wrong
        super().__init__(wrong.code)


@dataclass(slots=True)
class Step:
    """One fact on its way into the book.

    beside: it comes from a record that knew nothing of what stands in the book, so its counts are
    told and not believed.
    """

    book: RecordedBook
    fact: Told
    flags: set[str]
    beside: bool = False
    breaches: list[Wrong] = field(default_factory=list)

    def stop(self, code: str, field: str, value: object = "") -> NoReturn:
        """Refuse this fact. Raises Stop."""
        raise Stop(Wrong(code, self.fact.id, field, str(value)[:60]))

    def breach(self, fits: bool, rule: str) -> None:
        """Tell that this rule was broken, unless it fits."""
        if fits:
            return
        self.flags.add(RULE_BREACH)
        told = Wrong(rule, self.fact.id, self.fact.name)
        if told not in self.breaches:
            self.breaches.append(told)

    def has_carried(self, like: str | None = None) -> bool:
        """Whether the vote this fact names carried by the rules in force; one that was held before
        these facts is known at the office. like: by the majority of another decision."""
        named = self.body.get("resolution_id")
        if named is None or named not in self.book.voted:
            return named is not None
        decision, count = self.book.voted[named]
        return has_passed(self.settings, like or decision, count)

    @property
    def body(self) -> Mapping[str, Any]:
        """What the fact says."""
        return self.fact.body

    @property
    def settings(self) -> Mapping[str, Any]:
        """The rules the group had voted when it happened."""
        return self.book.settings(self.fact.version)

    @property
    def sitting(self) -> Sitting:
        """The open meeting, which `take` has made sure of."""
        assert self.book.sitting is not None
        return self.book.sitting

    def move(self, units: int, fund: str | None = None) -> None:
        """Move the box as the fact says, or the other way for its reversal."""
        usual, sign = MOVES[self.fact.name]
        cash = self.book.figures.cash
        where = fund or self.body.get("fund", usual)
        cash[where] = cash.get(where, 0) + sign * units
