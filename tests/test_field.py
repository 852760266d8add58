"""The field app reads facts as the server does: the same meetings, drawn at random with many
mistakes in them, give the same faults, flags and figures after every single fact."""

import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any

from handup.groups.rules.book import CycleNow, Figures, Place, RecordedBook, Told, Wrong
from handup.groups.rules.book_ballots import BALLOT_HANDLERS
from handup.groups.rules.book_settling import SETTLING_HANDLERS
from handup.groups.rules.book_steps import UNDO
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.recorded import take
from handup.kernel.ids import new_id
from tests import field_ballots, field_program
from tests.field_settling import settling

MEETINGS, FACTS = 80, 80
START = date(2026, 3, 2)
GROUP, DEVICE = str(new_id()), str(new_id())
Fact = dict[str, Any]
VOTES = {4: 2, 6: 0}
"""Members with more votes than one, or none."""
BACK = ("record_repayment", "pay_out_loan", "refund_overpaid", "move_money")
"""What is drawn more often, as it stands only behind something else."""


class Drawn:
    """One group and its meetings, drawn; ids are kept so that later facts can name them."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        pick = self.draw.choice
        self.settings = settings_for(
            "SAVINGS",
            {
                "share_value_units": 500,
                "cash_unit_units": 50,
                "charge_rate_bps": pick([0, 500, 1033]),
                "loan_multiple_x100": 100,
                "loans_open_max": pick([0, 0, 2]),
                "savings_mode": pick(["SHARES", "SHARES", "FREE"]),
                "charge_basis": pick(["FLAT_ONCE", "FLAT_PER_PERIOD", "DECLINING"]),
                "charge_counting": pick(["COMPLETED", "STARTED"]),
                "representative_allowed": pick([True, False]),
                "members_instead_of_keys": pick([0, 3]),
                "key_holder_may_be_officer": pick([True, False]),
                "social_at_end": pick(["CARRY_FORWARD", "EQUAL_SPLIT"]),
                "share_out_rounding": pick(["LARGEST_REMAINDER", "WHOLE_SHARE_VALUE"]),
                "debts_at_share_out": pick(["NET", "NET", "CARRY"]),
                "leftover_to": pick(["SOCIAL", "NEXT_CYCLE"]),
                "profit_by": pick(["SHARES", "SHARES", "EQUAL"]),
                "repayment_order": pick(["CHARGE_FIRST", "CHARGE_FIRST", "PRINCIPAL_FIRST"]),
                "fine_fund": pick(["LOAN", "SOCIAL"]),
                "count_by_statement": pick([True, False]),
                "social_lendable": pick([True, False]),
                "social_grants": pick(["", "Illness = 700; birth = 50", "funeral = 900"]),
                "outside_debt_cap": pick(["PREVIOUS_SHARE_OUT", "NONE"]),
                "leave_pay": pick(["SAVINGS_ONLY", "SAVINGS_AND_GAIN", "AT_CYCLE_END"]),
                "vote_key": pick(["HALF_PLUS PRESENT", "6000 REGISTERED", "9000 CAST SECRET"]),
            },
        )
        self.members: list[tuple[int, str, str | None]] = [
            (no, str(START - timedelta(days=90)), None if no < 6 else "2026-04-01")
            for no in range(1, 7)
        ]
        self.holders = {1: 1, 2: 2, 3: 3} if seed % 2 else {}
        self.day, self.meeting = START, str(new_id())
        self.loans: list[tuple[str, int]] = []
        self.known = field_ballots.known(seed)
        self.book = new_book(self)
        self.ids: list[str] = []
        self.moved: list[str] = []

    def facts(self) -> Iterator[Fact]:
        """Meetings behind one another."""
        while len(self.ids) < FACTS:
            kind = self.draw.choice(["ORDINARY", "ORDINARY", "SHARE_OUT"])
            day = str(self.day)
            yield self.fact("open_meeting", number=1, held_date=day, kind=kind, keys=self.keys())
            for no in range(1, 7):
                mark = self.draw.choice(["PRESENT", "PRESENT", "LATE", "REPRESENTED", "ABSENT"])
                yield self.fact("record_attendance", member_no=no, mark=mark)
            for _ in range(self.draw.randint(4, 20)):
                yield self.fact(*self.anything())
            if kind == "SHARE_OUT":
                yield from self.sharing_out()
            if self.draw.random() < 0.4:
                yield from self.voting()
            yield self.ending()
            self.day += timedelta(days=self.draw.choice([7, 7, 30, -1]))
            self.meeting = str(new_id())

    def fact(self, name: str, told: Fact | None = None, /, **body: Any) -> Fact:
        """One fact; now and then its frame is wrong."""
        odd = self.draw.random()
        fact = {
            "id": str(new_id()),
            "name": name,
            "group_id": GROUP,
            "stream": "MEETING",
            "meeting_id": str(new_id()) if odd < 0.01 else self.meeting,
            "device_id": DEVICE,
            "recorded_by": 3,
            "happened_date": "2026-01-01" if 0.01 < odd < 0.02 else str(self.day),
            "recorded_at": f"{self.day + timedelta(days=5 * (odd > 0.95))}T10:15:00+08:00",
            "currency": "USD" if 0.02 < odd < 0.03 else "XTS",
            "constitution_version": 1,
            "body": body if told is None else told,
        }
        self.ids.append(str(fact["id"]))
        self.book, _faults, _flags = take(self.book, [told_of(fact)])
        if name in UNDO and self.ids[-1] in self.book.read:
            self.moved.append(self.ids[-1])
        return fact

    def keys(self) -> list[Fact]:
        """Key holders, sometimes too few, sometimes not those who hold these keys."""
        shift = self.draw.random() < 0.1
        slots = range(1, self.draw.choice([2, 4, 4, 4]))
        members = range(4, self.draw.choice([4, 4, 6, 8]))
        without = [{"member_no": no} for no in members]
        return [{"slot": no, "member_no": no + shift} for no in slots] + without

    def anything(self) -> tuple[str, Fact]:
        """The name and body of any fact inside a meeting, right or wrong."""
        draw, pick = self.draw, self.draw.choice
        no, units = draw.randint(1, 7), 50 * draw.randint(1, 30)
        loan = str(new_id())
        lent = [id for id, left in self.book.figures.principal.items() if left >= 50]
        if lent and draw.random() < 0.5:
            loan = pick(lent)
            no, units = self.book.loans[loan].member_no, 50
        elif self.loans and draw.random() < 0.5:
            loan, borrower = pick(self.loans)
            no = borrower if draw.random() < 0.8 else no
        fine, fined = str(new_id()), no
        owed = [(id, row) for id, row in self.book.fines.items() if row.paid + 50 <= row.units]
        if owed and draw.random() < 0.9:
            fine, fined = owed[-1][0], owed[-1][1].member_no
        shares, charge = draw.randint(1, 4), draw.randint(0, 60)
        others = self.others(units) | settling(draw, self.book, self.settings, self.day)
        kinds: dict[str, Fact] = {
            "buy_shares": {
                "member_no": no,
                "shares": shares,
                "units": 500 * shares - (draw.random() < 0.1),
            },
            "record_saving": {"member_no": no, "units": units - (draw.random() < 0.1)},
            "record_social": {"member_no": no, "units": units},
            "pay_grant": {"member_no": no, "event": "illness", "units": units},
            "charge_fine": {"fine_id": fine, "member_no": no, "kind": "LATE", "units": units},
            "pay_fine": {"fine_id": fine, "member_no": fined, "units": 50},
            "waive_fine": {"fine_id": fine, "member_no": no},
            "request_loan": {"loan_id": loan, "member_no": no, "units": units, "periods": 2}
            | pick([{}, {}, {"fund": "SOCIAL"}]),
            "pay_out_loan": {
                "loan_id": loan,
                "member_no": no,
                "units": units,
                "periods": draw.randint(1, 4),
                "due_date": str(self.day + timedelta(days=60)),
            }
            | pick([{}, {"resolution_id": self.vote()}]),
            "record_repayment": {
                "loan_id": loan,
                "member_no": no,
                "units": units,
                "charge": min(charge, units),
                "principal": units - min(charge, units),
                "overpaid": 0,
            },
            "refund_overpaid": {"member_no": max(self.book.figures.overpaid or [no]), "units": 50},
        }
        if draw.random() < 0.4:
            over = 50 * draw.randint(1, 3)
            parts = {"charge": 0, "principal": 50, "overpaid": over, "units": 50 + over}
            kinds["record_repayment"] |= parts
        name = pick([*kinds, *kinds, *others, "buy_shares", *BACK])
        if name in {"request_loan", "pay_out_loan"}:
            self.loans.append((loan, no))
        return name, (kinds | others)[name]

    def others(self, units: int) -> dict[str, Fact]:
        """The bodies of facts that name no member."""
        draw, pick = self.draw, self.draw.choice
        return {
            **self.shifts(units),
            "record_expense": {"fund": pick(["LOAN", "SOCIAL"]), "units": units, "what": "paper"},
            "record_income": {"fund": pick(["LOAN", "SOCIAL"]), "units": units, "what": "sale"},
            "record_group_debt": {"lender": "union", "units": units},
            "repay_group_debt": {"lender": "union", "units": units},
            "record_vote": {
                "resolution_id": str(new_id()),
                "decision": pick(["LOAN", "KEY", "ELECTION", "OTHER"]),
                "yes": (yes := draw.randint(1, 3)),
                "no": draw.randint(0, 3 - yes),
                "abstain": 0,
                "present": draw.randint(3, 4),
                "members": draw.randint(4, 6),
            },
            "record_count": {
                "way": pick(["IN", "OUT"]),
                "fund": pick(["LOAN", "SOCIAL"]),
                "counter": draw.randint(1, 3),
                "attempt": draw.randint(1, 3),
                "total_units": units,
            },
            "record_difference": {
                "way": "OUT",
                "fund": "LOAN",
                "difference": units - 1000 or 1,
                "reason": "short",
            },
            "reverse_fact": {
                "fact_id": pick([*self.moved[-5:], self.ids[0]]),
                "reason": "mistake",
                "keys": self.keys(),
                "told": True,
                "cash_effect": pick(["MOVES_TODAY", "PAIR_IS_ZERO", "EXPLAINS"]),
                "explains": pick(self.ids),
            },
            "record_minute": {"item": "news"},
            "record_statement": self.statement(),
            "pass_step": {"step": pick(["SAVE", "COUNT_OUT", "LUNCH"]), "reason": "rain"},
            "return_to_step": {"step": pick(["ROLL", "LEND", "COUNT_IN"])}
            | pick([{}, {"reason": "forgotten"}]),
            "resume_meeting": {"keys": self.keys()},
            "elect_officer": {
                "office": pick(["SECRETARY", "TREASURER", "COUNTER"]),
                "member_no": draw.randint(1, 6),
                "from": str(self.day),
            }
            | pick([{}, {"resolution_id": self.vote()}]),
            pick(["set_key", "replace_key"]): {
                "slot": draw.randint(1, 4),
                "member_no": draw.randint(1, 6),
                "credential_kind": "PIN",
                "keys": self.keys(),
            }
            | pick([{}, {"resolution_id": self.vote()}]),
        }

    def vote(self) -> str:
        """A vote by its id: the last of those held here, or one of the office."""
        return self.draw.choice([*[*self.book.voted][-1:], str(new_id())])

    def voting(self) -> Iterator[Fact]:
        """Elections counted on paper: one that the office called, one called here."""
        called = self.fact("call_election", field_ballots.calling(self.draw))
        yield called
        going = [*self.book.elections, called["body"]["election_id"]]
        for id in [going[0], *going[-2:]]:
            for name, body in field_ballots.voting(self.draw, self.book, id):
                yield self.fact(name, body)

    def statement(self) -> Fact:
        """What a bank says of the group's money there, now and then another sum than the book."""
        draw = self.draw
        fund, place = draw.choice(["LOAN", "LOAN", "SOCIAL"]), draw.choice(["BANK", "MOBILE"])
        held = self.book.figures.away.get((fund, place), 0)
        more = draw.choice([0, 0, 25, -50])
        told = {"fund": fund, "place": place, "units": max(0, held + more)}
        signed = {"difference": more, "reason": "fee", "keys": self.keys()} if more else {}
        return told | signed | draw.choice([{}, {}, {"units": held + 7}])

    def sharing_out(self) -> Iterator[Fact]:
        """The end of a cycle as a group would hold it: debts outside repaid, everybody paid."""
        for name in ("settle_share_out", "pay_share_out", "pay_share_out", "pay_claim"):
            yield self.fact(name, settling(self.draw, self.book, self.settings, self.day)[name])
        for name in ("end_cycle", "start_cycle"):
            yield self.fact(name, settling(self.draw, self.book, self.settings, self.day)[name])

    def shifts(self, units: int) -> dict[str, Fact]:
        """Money that goes to another place or fund."""
        pick = self.draw.choice
        places = pick([("BOX", "BANK"), ("BOX", "MOBILE"), ("BANK", "BOX"), ("BANK", "MOBILE")])
        return {
            "move_money": {
                "fund": pick(["LOAN", "LOAN", "SOCIAL"]),
                "from": places[0],
                "to": places[1],
                "units": units,
            },
            "move_between_funds": {"from": "LOAN", "to": "SOCIAL", "units": units}
            | pick([{}, {"resolution_id": self.vote()}]),
        }

    def ending(self) -> Fact:
        """The meeting's last fact."""
        if self.draw.random() < 0.1:
            return self.fact("cancel_meeting", reason="rain")
        return self.fact("close_meeting", totals={"LOAN": 0, "SOCIAL": 0}, keys=self.keys())


def told_of(fact: Fact) -> Told:
    """The fact as the server's book reads it."""
    return Told(
        id=fact["id"],
        name=fact["name"],
        happened_date=date.fromisoformat(fact["happened_date"]),
        meeting_id=fact["meeting_id"],
        currency=fact["currency"],
        version=1,
        recorded_date=date.fromisoformat(fact["recorded_at"][:10]),
        body=fact["body"],
    )


def shown(figures: Figures) -> Fact:
    """Every figure, as the field app writes them down."""

    def table(units: dict[Any, int]) -> dict[str, int]:
        return {str(key): value for key, value in units.items() if value}

    others = [figures.social, figures.income, figures.expense, figures.differences]
    return {
        "cash": table(figures.cash),
        "savings": table(figures.savings),
        "principal": table(figures.principal),
        "charge_paid": table(figures.charge_paid),
        "due": table(figures.due),
        "claims": table(figures.claims),
        "overpaid": table(figures.overpaid),
        "away": table({" ".join(place): units for place, units in figures.away.items()}),
        "others": [*others, figures.outside_debt, figures.retained],
        "broken": figures.broken(),
    }


def new_book(drawn: Drawn) -> RecordedBook:
    """The book of a group before its first fact."""
    members = {
        no: Place(date.fromisoformat(joined), date.fromisoformat(left) if left else None)
        for no, joined, left in drawn.members
    }
    cycle = CycleNow(1, START - timedelta(days=90), is_open=True)
    keys = dict(drawn.holders)
    book = RecordedBook("XTS", members, lambda _version: drawn.settings, keys=keys, cycle=cycle)
    book.elections = dict(drawn.known)
    book.votes = lambda _on: VOTES
    return book


def read_here(drawn: Drawn, facts: list[Fact]) -> list[Fact]:
    """What the server makes of each fact."""
    book = new_book(drawn)
    answers = []
    for fact in facts:
        before = replace(book)
        broken: list[Wrong] = []
        book, faults, flags = take(book, [told_of(fact)], breaches=broken)
        wrong = [faults[0].code, faults[0].field] if faults else None
        assert not faults or book == before
        answers.append(
            {
                "wrong": wrong,
                "flags": [] if faults else sorted(flags),
                "breaches": [] if faults else sorted({one.code for one in broken}),
                "figures": shown(book.figures),
                "shares": {str(no): count for no, count in book.shares().items() if count},
                "cycle": [book.cycle.number, book.cycle.is_open] if book.cycle else None,
                **field_ballots.shown(book),
            }
        )
    return answers


def test_the_field_app_and_the_server_read_every_fact_alike() -> None:
    groups = [Drawn(seed) for seed in range(MEETINGS)]
    facts = [list(drawn.facts()) for drawn in groups]
    told = [
        {
            "currency": "XTS",
            "members": drawn.members,
            "settings": drawn.settings,
            "keys": list(drawn.holders.items()),
            "cycle_start": str(START - timedelta(days=90)),
            "elections": [[id, asdict(one)] for id, one in drawn.known.items()],
            "votes": list(VOTES.items()),
            "facts": recorded,
        }
        for drawn, recorded in zip(groups, facts, strict=True)
    ]
    theirs = field_program.answers("agree", told)
    seen: dict[str, int] = {}
    for drawn, recorded, answers in zip(groups, facts, theirs, strict=True):
        for fact, here, there in zip(recorded, read_here(drawn, recorded), answers, strict=True):
            assert there == here, (fact, here, there)
            outcome = (here["wrong"] or ["taken"])[0]
            by_vote = "VOTE_NOT_PASSED" in here["breaches"] and "resolution_id" in fact["body"]
            seen["voted down"] = seen.get("voted down", 0) + by_vote
            seen[f"{fact['name']} {outcome}"] = seen.get(f"{fact['name']} {outcome}", 0) + 1
    for name in (
        *UNDO,
        *SETTLING_HANDLERS,
        *BALLOT_HANDLERS,
        "record_statement",
        "pay_out_loan",
        "close_meeting",
        "replace_key",
    ):
        assert seen.get(f"{name} taken", 0) > 1, (name, seen)  # the drawing reaches it
    assert seen["voted down"] > 5
    assert sum(count for name, count in seen.items() if not name.endswith("taken")) > 100
