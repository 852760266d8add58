"""The way of a hand-over: gates, what each asks for, readiness, the timetable. Pure.

Source: projects_and_markets.md 4.8 and 5, rulings 19b.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction


class HandoverState(StrEnum):
    """Where a hand-over stands; a gate lies between each state and the next."""

    OPTIONS = "OPTIONS"
    DECIDED = "DECIDED"
    REGISTERED = "REGISTERED"
    SHADOW = "SHADOW"
    SUPERVISED = "SUPERVISED"
    INDEPENDENT = "INDEPENDENT"


class Way(StrEnum):
    """How the successor would bring credit to people; the options study compares them."""

    DIRECT = "DIRECT"
    PARTNER_BANK = "PARTNER_BANK"
    GUARANTEE_FUND = "GUARANTEE_FUND"


class ReadinessSection(StrEnum):
    """The nine sections of readiness, in the order of the checklist."""

    LEGAL = "LEGAL"
    GOVERNANCE = "GOVERNANCE"
    PEOPLE = "PEOPLE"
    MONEY = "MONEY"
    PORTFOLIO = "PORTFOLIO"
    SERVICES = "SERVICES"
    SYSTEMS = "SYSTEMS"
    PARTNERS = "PARTNERS"
    CLIENTS = "CLIENTS"


class ReadinessState(StrEnum):
    """How far one item is."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    MET = "MET"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Part(StrEnum):
    """The three parts of the timetable."""

    BEFORE = "BEFORE"
    SET_UP = "SET_UP"
    EXPANSION = "EXPANSION"
    HAND_OVER = "HAND_OVER"
    AFTER = "AFTER"


class TransferState(StrEnum):
    """A package is made; it has moved once the other house proved equal totals."""

    PACKED = "PACKED"
    MOVED = "MOVED"


class StayReason(StrEnum):
    """Why a person is not handed over."""

    REFUSED = "REFUSED"
    NOT_ASKED = "NOT_ASKED"
    TIED = "TIED"


ORDER = tuple(HandoverState)
# The papers each gate asks for, by their fields.
PAPERS = {
    HandoverState.DECIDED: ("study", "decision", "way", "successor"),
    HandoverState.REGISTERED: ("legal_advice", "registration_no", "registered_date"),
}


def following(state: HandoverState) -> HandoverState | None:
    """The state behind the next gate; None when independent."""
    place = ORDER.index(state)
    return ORDER[place + 1] if place + 1 < len(ORDER) else None


def earlier(state: HandoverState) -> tuple[HandoverState, ...]:
    """The states a hand-over may go back to."""
    return ORDER[: ORDER.index(state)]


@dataclass(frozen=True, slots=True)
class StandardItem:
    """One item of the standard checklist and the state behind the gate that first asks for it."""

    section: ReadinessSection
    code: str
    gate: HandoverState
    hard: bool = True
    weight: int = 1


_S = ReadinessSection
_G = HandoverState
STANDARD_ITEMS: tuple[StandardItem, ...] = (
    StandardItem(_S.LEGAL, "LEGAL_FORM", _G.DECIDED),
    StandardItem(_S.LEGAL, "REGISTERED", _G.REGISTERED),
    StandardItem(_S.LEGAL, "LICENCE", _G.SHADOW),
    StandardItem(_S.GOVERNANCE, "BOARD", _G.SHADOW),
    StandardItem(_S.GOVERNANCE, "CONFLICTS", _G.SHADOW),
    StandardItem(_S.GOVERNANCE, "MEMBERS_VOICE", _G.SHADOW),
    StandardItem(_S.PEOPLE, "MANAGER", _G.SHADOW),
    StandardItem(_S.PEOPLE, "ACCOUNTANT", _G.SHADOW),
    StandardItem(_S.PEOPLE, "ADVISORS", _G.SHADOW),
    StandardItem(_S.MONEY, "CLOSED_BOOKS", _G.INDEPENDENT),
    StandardItem(_S.MONEY, "AUDIT", _G.INDEPENDENT),
    StandardItem(_S.MONEY, "SELF_SUFFICIENCY", _G.INDEPENDENT),
    StandardItem(_S.PORTFOLIO, "LOAN_BY_LOAN", _G.SUPERVISED),
    StandardItem(_S.PORTFOLIO, "PAR30", _G.SUPERVISED),
    StandardItem(_S.SERVICES, "CURRICULUM", _G.SUPERVISED),
    StandardItem(_S.SERVICES, "TRAINERS", _G.SUPERVISED),
    StandardItem(_S.SERVICES, "PROVIDER", _G.SUPERVISED),
    StandardItem(_S.SYSTEMS, "RESTORED_BACKUP", _G.SUPERVISED),
    StandardItem(_S.SYSTEMS, "USERS_TRAINED", _G.SHADOW),
    StandardItem(_S.SYSTEMS, "CONSENT", _G.SUPERVISED),
    StandardItem(_S.PARTNERS, "AGREEMENTS", _G.INDEPENDENT),
    StandardItem(_S.CLIENTS, "INFORMED", _G.SUPERVISED),
    StandardItem(_S.CLIENTS, "COMPLAINTS", _G.SUPERVISED),
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item as the rules see it."""

    code: str
    hard: bool
    weight: int
    state: ReadinessState
    gate: HandoverState

    @property
    def met(self) -> bool:
        """Whether it is met; a hard item cannot be set aside as not applicable."""
        return self.state is ReadinessState.MET


def score(items: Iterable[Item]) -> Fraction | None:
    """Return the weight met over the weight that applies; None, not defined, when none applies."""
    applies = [item for item in items if item.state is not ReadinessState.NOT_APPLICABLE]
    whole = sum(item.weight for item in applies)
    return Fraction(sum(item.weight for item in applies if item.met), whole) if whole else None


def unmet(items: Sequence[Item], to: HandoverState) -> tuple[str, ...]:
    """Return the codes of the hard items a gate asks for that are not met, in their order.

    A gate asks for what the gates before it asked, and the last one for every hard item.
    """
    reached = ORDER.index(to)
    return tuple(
        item.code
        for item in items
        if item.hard and not item.met and ORDER.index(item.gate) <= reached
    )


@dataclass(frozen=True, slots=True)
class Timetable:
    """Years of set-up, expansion and hand-over, counted from the first day."""

    starts: date
    set_up_years: int = 2
    expansion_years: int = 3
    handover_years: int = 2

    @property
    def years(self) -> int:
        """How many years in all."""
        return self.set_up_years + self.expansion_years + self.handover_years

    def year(self, on: date) -> int:
        """Return which year of it a day lies in, 1 for the first; 0 before it begins."""
        if on < self.starts:
            return 0
        had = (on.month, on.day) >= (self.starts.month, self.starts.day)
        return on.year - self.starts.year + (1 if had else 0)

    def part(self, on: date) -> Part:
        """Return which part a day lies in."""
        year = self.year(on)
        if year == 0:
            return Part.BEFORE
        if year <= self.set_up_years:
            return Part.SET_UP
        if year <= self.set_up_years + self.expansion_years:
            return Part.EXPANSION
        return Part.HAND_OVER if year <= self.years else Part.AFTER


@dataclass(frozen=True, slots=True)
class Total:
    """One control total: what was counted and, where it is money, its sum in smallest units."""

    name: str
    count: int
    units: int = 0
    currency: str = ""


def differences(sent: Iterable[Total], received: Iterable[Total]) -> tuple[str, ...]:
    """Say each total that differs, with both sides; nothing when they are equal."""
    here = {(t.name, t.currency): (t.count, t.units) for t in sent}
    there = {(t.name, t.currency): (t.count, t.units) for t in received}
    said = []
    for key in sorted(here.keys() | there.keys()):
        ours, theirs = here.get(key, (0, 0)), there.get(key, (0, 0))
        if ours != theirs:
            name = " ".join(part for part in key if part)
            said.append(f"{name}: {ours[0]} / {ours[1]} ≠ {theirs[0]} / {theirs[1]}")
    return tuple(said)
