"""A sheet of a meeting: each member's line becomes facts, checked against what came before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Q

from handup.groups.errors import (
    AmountBelowZero,
    AmountTooLarge,
    MoneyOfTheAbsent,
    NoRepresentatives,
    NotAMember,
    NothingOwed,
    NotPresent,
    SharedOut,
    VotedByMore,
)
from handup.groups.models import (
    Fine,
    GroupFact,
    InternalLoan,
    MeetingAttendance,
    Member,
)
from handup.groups.models.facts import Mark
from handup.groups.models.group import CycleStatus
from handup.groups.queries import (
    members_on,
    money_now,
    payers_on,
    saved_in_cycle,
    saving_days,
    terms_of,
)
from handup.groups.rules.constitution import completed
from handup.groups.rules.fines import OpenFine, undone_by, use_of
from handup.groups.rules.money import BOX, LOAN, MoneyState, add_facts, owed_on, parts_of
from handup.groups.rules.savings import ShareRule, buy_shares, require_coins, require_fixed
from handup.groups.services.facts import FactIn, Held
from handup.kernel.chain import LIMIT, Json
from handup.kernel.ids import new_id

VOTING = {Mark.PRESENT, Mark.LATE}
"""Who votes and borrows: a representative only pays in (groups.md G1, G3)."""
THERE = VOTING | {Mark.REPRESENTED}
"""Whose money is taken."""
MARK_FINES = {Mark.LATE: "fine_late_units", Mark.ABSENT: "fine_absent_units"}
"""Marks that carry a fine, and the setting that says how much."""


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """One member's line of the meeting sheet; amounts in smallest units, 0 = nothing."""

    member: Member
    mark: Mark | None = None
    saved_units: int = 0
    social_units: int = 0
    fine_units: int = 0
    repaid_units: int = 0

    @property
    def amounts(self) -> dict[str, int]:
        """The amounts by the column of the sheet they stand in."""
        return {
            "saved": self.saved_units,
            "social": self.social_units,
            "fine": self.fine_units,
            "repaid": self.repaid_units,
        }

    def as_json(self) -> dict[str, Json]:
        """The line as it is compared when the same sheet comes again."""
        mark = self.mark.value if self.mark else None
        amounts = {name: str(units) for name, units in self.amounts.items()}
        return {"member": str(self.member.pk), "mark": mark, **amounts}


class Sheet:
    """Turns lines into facts, each checked against the state the ones before it leave."""

    def __init__(self, held: Held) -> None:
        meeting = held.meeting
        self.meeting = meeting
        self.settings = completed(held.constitution.settings)
        self.members = {row.pk for row in members_on(meeting.group, meeting.held_date)}
        payers = payers_on(meeting.group, meeting.held_date)
        self.leavers = {row.pk for row in payers} - self.members
        self.marks = dict(meeting.attendance.values_list("member_id", "mark"))
        self.state: MoneyState = money_now(meeting.group)
        self.before: list[tuple[str, dict[str, Any]]] = list(
            meeting.facts.filter(name__in=BOX, reversed_by=None).values_list("name", "body")
        )
        self.bought = self._bought_already()
        self.loans: dict[UUID, list[InternalLoan]] = {}
        for loan in meeting.group.internal_loans.filter(status="OPEN"):
            self.loans.setdefault(loan.member_id, []).append(loan)
        self.fines = self._open_fines()
        self.saved: dict[str, int] | None = None
        self.held_dates: list[date] = []
        self.charge_first = self.settings["repayment_order"] == "CHARGE_FIRST"
        self.facts: list[FactIn] = []

    def _open_fines(self) -> dict[UUID, list[OpenFine]]:
        """What is owed, and every fine of this meeting's marks, the oldest first."""
        fines: dict[UUID, list[OpenFine]] = {}
        rows = self.meeting.group.fines.filter(
            Q(meeting=self.meeting) | Q(paid_units__lt=F("units")), waived=False
        )
        for row in rows.order_by("recorded_at", "id"):
            of_mark = row.meeting_id == self.meeting.pk and row.kind in MARK_FINES
            fine = OpenFine(row.pk, row.kind, row.units, row.paid_units, of_mark)
            fines.setdefault(row.member_id, []).append(fine)
        return fines

    def _bought_already(self) -> dict[str, int]:
        bought: dict[str, int] = {}
        for name, body in self.before:
            if name == "buy_shares":
                bought[body["member"]] = bought.get(body["member"], 0) + body["shares"]
        return bought

    def add(self, line: MeetingLine) -> None:
        """Check one line and turn it into facts."""
        member = line.member
        if member.pk not in self.members and not self._only_pays_debts(line):
            raise NotAMember(field=f"mark_{member.pk}", member=member)
        self._check_amounts(line)
        if line.mark is not None:
            self._mark(member, line.mark)
        is_leaver = member.pk in self.leavers
        if any(line.amounts.values()) and not is_leaver and self.marks.get(member.pk) not in THERE:
            raise NotPresent(field=f"mark_{member.pk}", member=member)
        if line.saved_units:
            if self.meeting.cycle.status != CycleStatus.OPEN:
                raise SharedOut(field=f"saved_{member.pk}")
            self._save(member, line.saved_units)
        if line.social_units:
            self._fact("record_social", {"member": str(member.pk), "units": line.social_units})
        if line.fine_units:
            self._pay_fines(member, line.fine_units)
        if line.repaid_units:
            self._repay(member, line.repaid_units)

    def _only_pays_debts(self, line: MeetingLine) -> bool:
        """Who has left only pays back what she still owes: no mark, no saving."""
        saves = line.saved_units or line.social_units
        return line.member.pk in self.leavers and line.mark is None and not saves

    def _check_amounts(self, line: MeetingLine) -> None:
        """What is paid into the box is payable in coins; what is left of a share is handed back."""
        for name, units in line.amounts.items():
            field = f"{name}_{line.member.pk}"
            if units < 0:
                raise AmountBelowZero(field=field)
            if units >= LIMIT:
                raise AmountTooLarge(field=field)
            if name != "saved" or self.settings["savings_mode"] != "SHARES":
                require_coins(units, self.settings["cash_unit_units"], field=field)

    def _fact(self, name: str, body: dict[str, str | int | None]) -> None:
        self.facts.append(FactIn(name, body, self.meeting.held_date))
        add_facts(self.state, [(name, body)])
        if max(self.state.cash.values()) >= LIMIT:
            raise AmountTooLarge

    def check_roll(self) -> None:
        """What the meeting holds must fit its marks, however often they were corrected: money of
        members who were there or represented, loans and votes of those who were there."""
        for name, body in [*self.before, *((fact.name, fact.body) for fact in self.facts)]:
            if name not in BOX:
                continue
            member = UUID(str(body["member"]))
            if member not in self.members:
                continue
            needed = VOTING if name == "pay_out_loan" else THERE
            if self.marks.get(member) not in needed:
                shown = self.meeting.group.members.get(pk=member)
                raise MoneyOfTheAbsent(field=f"mark_{member}", member=shown)
        votes = self.meeting.resolutions.aggregate(most=Max(F("yes") + F("no") + F("abstain")))
        there = sum(mark in VOTING for mark in self.marks.values())
        if (votes["most"] or 0) > there:
            raise VotedByMore(votes=votes["most"], there=there)

    def restate(self, lines: Sequence[MeetingLine]) -> None:
        """Write one mark again, so that a sheet that changes nothing leaves its id behind: sent
        again later, it must not undo what happened meanwhile."""
        for line in lines:
            if line.mark is not None:
                self._attend(line.member, line.mark)
                return

    def _attend(self, member: Member, mark: Mark) -> None:
        self._fact("record_attendance", {"member": str(member.pk), "mark": mark.value})

    def _mark(self, member: Member, mark: Mark) -> None:
        if self.marks.get(member.pk) == mark:
            return
        if mark is Mark.REPRESENTED and not self.settings["representative_allowed"]:
            raise NoRepresentatives(field=f"mark_{member.pk}")
        self.marks[member.pk] = mark
        self._attend(member, mark)
        self._take_back_fines(member, mark)
        owed = self.settings[MARK_FINES[mark]] if mark in MARK_FINES else 0
        fines = self.fines.setdefault(member.pk, [])
        if not owed or any(fine.of_mark for fine in fines):
            return
        fines.append(OpenFine(new_id(), mark.value, owed, of_mark=True))
        self._fact(
            "charge_fine",
            {
                "member": str(member.pk),
                "fine": str(fines[-1].id),
                "kind": mark.value,
                "owed": owed,
            },
        )

    def _take_back_fines(self, member: Member, mark: Mark) -> None:
        """A corrected mark takes back the fine of the wrong one."""
        fines = self.fines.get(member.pk, [])
        for fine in undone_by(fines, mark.value, member=member, field=f"mark_{member.pk}"):
            fines.remove(fine)
            self._fact(
                "waive_fine",
                {"member": str(member.pk), "fine": str(fine.id), "reason": "MARK_CORRECTED"},
            )

    def _save(self, member: Member, units: int) -> None:
        key = str(member.pk)
        if self.settings["savings_mode"] != "SHARES":
            if self.settings["savings_mode"] == "FIXED":
                self._require_fixed(member, units)
            self._fact("record_saving", {"member": key, "units": units})
            return
        rule = ShareRule(
            share_value=self.settings["share_value_units"],
            min_shares=self.settings["shares_min"],
            max_shares=self.settings["shares_max"],
            zero_allowed=self.settings["zero_shares_allowed"],
        )
        bought = buy_shares(units, rule, self.bought.get(key, 0), field=f"saved_{member.pk}")
        self.bought[key] = self.bought.get(key, 0) + bought.shares
        if bought.shares:
            self._fact("buy_shares", {"member": key, "shares": bought.shares, "units": bought.paid})

    def _require_fixed(self, member: Member, units: int) -> None:
        key = str(member.pk)
        if self.saved is None:
            self.saved = saved_in_cycle(self.meeting)
            self.held_dates = saving_days(self.meeting)
        require_fixed(
            units,
            value=self.settings["share_value_units"],
            meetings=sum(day >= member.joined_date for day in self.held_dates),
            saved_before=self.saved.get(key, 0),
            field=f"saved_{member.pk}",
        )
        self.saved[key] = self.saved.get(key, 0) + units

    def _pay_fines(self, member: Member, units: int) -> None:
        takes, left = use_of(self.fines.get(member.pk, []), units)
        if left:
            raise NothingOwed(field=f"fine_{member.pk}", member=member)
        for fine, take in takes:
            fine.paid += take
            fund = self.settings["fine_fund"]
            body: dict[str, str | int | None] = {
                "member": str(member.pk),
                "fine": str(fine.id),
                "units": take,
            }
            self._fact("pay_fine", body if fund == LOAN else body | {"fund": fund})

    def _repay(self, member: Member, units: int) -> None:
        left = units
        for loan in self.loans.get(member.pk, []):
            key = str(loan.pk)
            owed = owed_on(
                terms_of(loan),
                days=(self.meeting.held_date - loan.paid_out_date).days,
                principal_left=self.state.principal.get(key, 0),
                charge_paid=self.state.charge_paid.get(key, 0),
            )
            parts = parts_of(owed, left, charge_first=self.charge_first)
            if parts.units:
                left -= parts.units
                body: dict[str, str | int | None] = {
                    "member": str(member.pk),
                    "loan": key,
                    "units": parts.units,
                    "charge": parts.charge,
                    "principal": parts.principal,
                }
                of_loans = loan.fund == LOAN
                self._fact("record_repayment", body if of_loans else body | {"fund": loan.fund})
        if left:
            raise NothingOwed(field=f"repaid_{member.pk}", member=member)

    def project(self, rows: Sequence[GroupFact]) -> None:
        """Keep the marks and fines that the facts made, a statement a table."""
        marks = {
            UUID(fact.body["member"]): MeetingAttendance(
                meeting=self.meeting,
                member_id=UUID(fact.body["member"]),
                mark=fact.body["mark"],
                fact=fact,
            )
            for fact in rows
            if fact.name == "record_attendance"
        }
        MeetingAttendance.objects.bulk_create(
            marks.values(),
            update_conflicts=True,
            unique_fields=("meeting", "member"),
            update_fields=("mark", "fact"),
        )
        Fine.objects.bulk_create(
            Fine(
                id=UUID(fact.body["fine"]),
                group=self.meeting.group,
                member_id=UUID(fact.body["member"]),
                meeting=self.meeting,
                kind=fact.body["kind"],
                units=fact.body["owed"],
                fact=fact,
            )
            for fact in rows
            if fact.name == "charge_fine"
        )
        for fact in rows:
            if fact.name == "pay_fine":
                Fine.objects.filter(pk=fact.body["fine"]).update(
                    paid_units=F("paid_units") + fact.body["units"]
                )
            elif fact.name == "waive_fine":
                Fine.objects.filter(pk=fact.body["fine"]).update(waived=True)
