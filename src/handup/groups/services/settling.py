"""What a phone's facts about the end of a cycle, leavers and balances carried in become in the
house: entries, loans, memberships, cycles (groups.md G4 to G6)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from handup.groups.models import Group, GroupFact, Meeting
from handup.groups.models.group import LeaveReason, MemberStatus
from handup.groups.queries import FUND_IDS
from handup.groups.rules.book import RecordedBook
from handup.groups.rules.money import IN_BOX, LOAN, SOCIAL
from handup.groups.services.members import end_callings
from handup.kernel.chain import Json
from handup.ledger.rules.journal import LineIn
from handup.ledger.services import EntryIn, Part, Source, fact_lines

SETTLED = "MEMBER_SETTLED"
OPENED = "BALANCE_OPENED"
FINED = "FINE_PAID"
SETTLERS = ("settle_share_out", "pay_leaver")
KINDS = {
    "settle_share_out": SETTLED,
    "pay_leaver": SETTLED,
    "pay_share_out": "DUE_PAID",
    "pay_claim": "CLAIM_PAID",
    "record_opening_balances": OPENED,
}
"""Facts of the end and the beginning that post, and the kind of their entry."""


def rows_of(name: str, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The lines of a fact that settles members' debts, each with its `loans` and `fines`; in the
    words of the phone or of the house."""
    if name == "settle_share_out":
        return list(body["lines"])
    return [body] if name == "pay_leaver" else []


def fines_to(settings: Mapping[str, Any]) -> dict[str, Json]:
    """Which fund gets the fines that a fact settles, where it is not the loan fund."""
    return {} if settings["fine_fund"] == LOAN else {"fines_to": settings["fine_fund"]}


def in_house(
    name: str, body: Mapping[str, Any], ids: Mapping[int, UUID], settings: Mapping[str, Any]
) -> dict[str, Json]:
    """The members, loans and fines of a settling fact under their ids, as `loan` and `fine`, and
    the fund of the fines by the rules it was recorded under."""
    told: dict[str, Json] = fines_to(settings) if name in SETTLERS else {}
    if name == "pay_leaver":
        told |= _row_in_house(body)
    elif name == "settle_share_out":
        told["lines"] = [
            {key: value for key, value in row.items() if key != "member_no"}
            | {"member": str(ids[row["member_no"]])}
            | _row_in_house(row)
            for row in body["lines"]
        ]
    return told


def _row_in_house(row: Mapping[str, Any]) -> dict[str, Json]:
    loans: list[Json] = [
        {"loan": part["loan_id"], "charge": part["charge"], "principal": part["principal"]}
        for part in row["loans"]
    ]
    fines: list[Json] = [{"fine": part["fine_id"], "units": part["units"]} for part in row["fines"]]
    return {"loans": loans, "fines": fines}


def settling_entry(meeting: Meeting, fact: GroupFact, *, already_happened: bool) -> EntryIn:
    """The one entry of a fact of `KINDS`."""
    body, currency = fact.body, meeting.group.currency
    lines: list[LineIn] = []
    for name in SETTLERS:
        if fact.name == name:
            for row in rows_of(name, body):
                lines += _settled(row, currency, body.get("fines_to", LOAN))
    if fact.name == "settle_share_out":
        lines += _between_funds(body, currency)
    elif fact.name in {"pay_share_out", "pay_claim"}:
        owner = ("member", UUID(body["member"]))
        parts = {"AMOUNT": Part(body["units"], debit_subject=owner)}
        lines += _lines(KINDS[fact.name], parts, currency)
    elif fact.name == "record_opening_balances":
        lines += _opened(body, currency)
    return EntryIn(
        book=meeting.group.book,
        kind=KINDS[fact.name],
        source=Source("groups", fact.name, fact.pk),
        lines=summed(lines),
        happened_date=fact.happened_date,
        branch=meeting.group.office_id,
        already_happened=already_happened,
        told_by_device=already_happened,
    )


def _lines(
    kind: str, parts: Mapping[str, Part], currency: str, fund: str = LOAN, money: str = "CASH"
) -> list[LineIn]:
    return fact_lines(kind, parts, money_role=money, currency=currency, fund=FUND_IDS[fund])


def _settled(row: Mapping[str, Any], currency: str, fines_to: str) -> list[LineIn]:
    """One member: what is due to her, what it settles, what is paid or stays her claim. Fines of
    another fund are paid out of the loan fund and into that one."""
    member = ("member", UUID(row["member"]))
    gain = row["gross"] - row["saved"] if "gross" in row else row["gain"]
    parts = {
        "SAVED": Part(row["saved"], member, member),
        "GAIN": Part(gain, None, member),
        "SOCIAL": Part(row.get("social", 0), None, member),
        "CLAIM": Part(row["net"] - row.get("now", row.get("paid", 0)), member, member),
        "PAID": Part(row.get("paid", 0), member, None),
    }
    lines = _lines(SETTLED, parts, currency)
    for part in row["loans"]:
        loan = ("internal_loan", UUID(part["loan"]))
        settled = {
            "PRINCIPAL": Part(part["principal"], member, loan),
            "CHARGE": Part(part["charge"], member, loan),
        }
        lines += _lines(SETTLED, settled, currency)
    for fine in row["fines"]:
        if fines_to == LOAN:
            lines += _lines(SETTLED, {"FINE": Part(fine["units"], member, member)}, currency)
            continue
        lines += _lines(SETTLED, {"PAID": Part(fine["units"], member, None)}, currency)
        lines += _lines(FINED, {"AMOUNT": Part(fine["units"], None, member)}, currency, fines_to)
    return lines


def _between_funds(body: Mapping[str, Any], currency: str) -> list[LineIn]:
    """What the social fund gives to the share-out, and what of the rest goes to it."""
    social = sum(row["social"] for row in body["lines"])
    left = {"LEFT_OUT": Part(body["to_social"])}
    lines = _lines(SETTLED, left, currency)
    into = {"LEFT_IN": Part(body["to_social"]), "SOCIAL_OUT": Part(social)}
    return lines + _lines(SETTLED, into, currency, SOCIAL)


def _opened(body: Mapping[str, Any], currency: str) -> list[LineIn]:
    units, of = body["units"], body["of"]
    if of == "CASH":
        money = "CASH" if body["place"] == IN_BOX else body["place"]
        return _lines(OPENED, {"CASH": Part(units)}, currency, body["fund"], money)
    if of == "MEMBER":
        member = ("member", UUID(body["member"]))
        return _lines(OPENED, {"SAVED": Part(units, None, member)}, currency)
    if of == "LOAN":
        loan = ("internal_loan", UUID(body["loan"]))
        return _lines(OPENED, {"LOAN": Part(units, loan, None)}, currency)
    return _lines(OPENED, {"DEBT": Part(units)}, currency)


def summed(lines: Iterable[LineIn]) -> list[LineIn]:
    """One line an account, fund and subject; what comes to nothing is left out."""
    sums: dict[Any, LineIn] = {}
    for line in lines:
        key = (line.account_role, line.fund, line.subject)
        known = sums.get(key)
        sums[key] = line if known is None else known._replace(units=known.units + line.units)
    return [line for line in sums.values() if line.units]


def end_memberships(group: Group, facts: Iterable[GroupFact], book: RecordedBook) -> None:
    """Members that left in a meeting of a phone, with their offices; why is kept beside them."""
    owing = {loan.member_no for id, loan in book.loans.items() if book.figures.principal.get(id)}
    owing |= {fine.member_no for fine in book.fines.values() if _is_owed(fine)}
    for fact in facts:
        if fact.name != "end_membership":
            continue
        member = group.members.get(pk=fact.body["member"])
        reason, on = fact.body["reason"], date.fromisoformat(fact.body["date"])
        member.left_date, member.left_reason = on, reason
        if reason == LeaveReason.DIED:
            member.status = MemberStatus.DIED
        else:
            owes = member.member_no in owing
            member.status = MemberStatus.LEFT_OWING if owes else MemberStatus.LEFT
        member.save(update_fields=("left_date", "left_reason", "status"))
        end_callings(member, on)


def _is_owed(fine: Any) -> bool:
    return not fine.waived and fine.paid < fine.units
