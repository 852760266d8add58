"""Papers of a group in any script, set by typst: the minutes of a meeting with its slip and its
share-out list, a member's passbook page, and cards with a code that a phone reads.

A paper holds what its reader may see: no line of a member whom a case team hides from her.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.facts import Mark, MeetingStatus
from handup.groups.queries import money_now
from handup.groups.sheet_places import HEADS, lettered
from handup.org.web.money import format_day, format_money
from handup.org.web.paper import set_pdf
from handup.training.paper import code_picture

FOLDER = Path(__file__).parent / "templates" / "groups"
CARD = "HANDUP-MEMBER"
"""What the code on a card begins with; group and number follow."""
Row = Sequence[str]


def set_paper(
    title: str,
    subtitle: str,
    facts: Sequence[Row],
    tables: Sequence[tuple[str, Row, Sequence[Row]]],
    signed: Row = (),
) -> bytes:
    """Set a paper of a group: facts, tables (title, heads, rows; empty ones are left out), and
    lines to sign."""
    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": title,
        "subtitle": subtitle,
        "facts": [list(fact) for fact in facts],
        "tables": [
            {"title": name, "heads": list(heads), "rows": [list(row) for row in rows]}
            for name, heads, rows in tables
            if rows
        ],
        "signed": list(signed),
    }
    return set_pdf(FOLDER / "paper.typ", {"data": json.dumps(data, ensure_ascii=False)})


def minutes_pdf(meeting: Meeting, members: Iterable[Member]) -> bytes:
    """The minutes of a meeting: its slip, who came, what was decided and written down, every
    member's money, and the share-out where there was one. members: those the reader may see; where
    they are not all, what was written in free words is left out, as it may name the others."""
    group = meeting.group
    shown = {str(member.pk): member for member in members}
    facts = list(_as_it_was(meeting).select_related("reverses").order_by("stream", "seq"))
    told = {fact.name: fact for fact in facts}
    sees_all = len(shown) == group.members.count()
    closed = told.get("close_meeting")
    totals: Mapping[str, int] = closed.body.get("totals", {}) if closed else {}
    slip = [
        (_("Held on"), format_day(meeting.held_date)),
        (_("Place"), meeting.place or "\u2013"),
        (_("Loan fund, counted"), format_money(totals.get("LOAN", 0), group.currency)),
        (_("Social fund, counted"), format_money(totals.get("SOCIAL", 0), group.currency)),
        *_lent_out(meeting),
        (_("Closing code"), meeting.closing_code or _("not closed yet")),
        (_("Next meeting"), format_day(meeting.next_date) if meeting.next_date else _("not set")),
    ]
    tables = [
        (_("Who came, and what was paid"), _money_heads(), _money_rows(meeting, facts, shown)),
        (_("Decisions"), (_("Decision"), _("In favour"), _("Against")), _votes(meeting)),
        (_("Written down"), (_("Item"), _("Text")), _notes(facts, shown) if sees_all else []),
        (_("Share-out"), _share_heads(), _shares(told.get("settle_share_out"), shown, group)),
    ]
    title = _("Minutes of meeting %(number)s") % {"number": meeting.number}
    return set_paper(title, group.name, slip, tables, (_("Chair"), _("Recorder"), _("Key holder")))


def _as_it_was(meeting: Meeting) -> QuerySet[GroupFact, GroupFact]:
    """What a meeting said when it closed: what was taken back in it is gone, what a later one took
    back stands here, and is told there."""
    gone = Q(reversed_by__meeting=meeting) | Q(reversed_by__isnull=False, reversed_by__meeting=None)
    return meeting.facts.exclude(gone)


def _lent_out(meeting: Meeting) -> list[Row]:
    """What members owed of their loans that day; nothing of a day before there was a group, which
    only a clock says that is wrong."""
    group = meeting.group
    if meeting.held_date < group.formed_date:
        return []
    owed = sum(money_now(group, meeting.held_date).principal.values())
    return [(_("Loans outstanding, value"), format_money(owed, group.currency))]


PAID = {
    "buy_shares": 0,
    "record_saving": 0,
    "record_social": 1,
    "pay_fine": 2,
    "record_repayment": 3,
    "pay_out_loan": 4,
}
"""Which column of the minutes a fact's money stands in."""


def _money_heads() -> Row:
    return (
        _("Member"),
        _("Mark"),
        _("Saved"),
        _("Social fund"),
        _("Fine paid"),
        _("Paid back"),
        _("Lent"),
    )


def _money_rows(
    meeting: Meeting, facts: Iterable[GroupFact], shown: Mapping[str, Member]
) -> list[Row]:
    sums: dict[str, list[int]] = {pk: [0] * 5 for pk in shown}
    for fact in facts:
        if fact.name in PAID and fact.body.get("member") in sums:
            sums[fact.body["member"]][PAID[fact.name]] += fact.body["units"]
    marks = dict(meeting.attendance.values_list("member_id", "mark"))
    currency = meeting.group.currency
    return [
        (
            str(member),
            str(Mark(marks[member.pk]).label) if member.pk in marks else "\u2013",
            *(format_money(units, currency) if units else "" for units in sums[pk]),
        )
        for pk, member in shown.items()
        if member.pk in marks or any(sums[pk])
    ]


def _votes(meeting: Meeting) -> list[Row]:
    return [
        (
            f"{vote.decision.capitalize().replace('_', ' ')} {vote.subject}".strip(),
            _("%(yes)s of %(present)s") % {"yes": vote.yes, "present": vote.present},
            str(vote.no),
        )
        for vote in meeting.resolutions.order_by("recorded_at", "id")
    ]


def _notes(facts: Iterable[GroupFact], shown: Mapping[str, Member]) -> list[Row]:
    """Minutes, actions, what the group remembered of its box, and what it took back of earlier
    meetings, in their order."""
    rows: list[Row] = []
    for fact in facts:
        body = fact.body
        if fact.name == "record_minute":
            rows.append((body["item"], body.get("text", "")))
        elif fact.name in {"set_action", "close_action"}:
            word = _("To do") if fact.name == "set_action" else _("Done")
            rows.append((f"{word}: {body['item']}", str(body.get("due_date", ""))))
        elif fact.name == "record_recital":
            said = format_money(body["said_units"], fact.currency)
            rows.append((_("Remembered of the box, %(fund)s") % {"fund": body["fund"]}, said))
        elif fact.name == "record_statement":
            stated = format_money(body["units"], fact.currency)
            rows.append((_("Statement read, %(fund)s") % {"fund": body["fund"]}, stated))
        elif fact.name == "record_difference":
            units = format_money(body["difference"], fact.currency)
            rows.append((_("Difference of the box"), f"{units} · {body.get('reason', '')}"))
        elif fact.reverses is not None and fact.reverses.meeting_id != fact.meeting_id:
            rows.append((_("Taken back"), _back(fact.reverses, shown, str(body.get("reason", "")))))
    return rows


UNITS = ("units", "paid", "difference")
"""Where a fact of money may say how much."""


def _back(fact: GroupFact, shown: Mapping[str, Member], reason: str) -> str:
    """What was taken back of an earlier meeting: whose, of which day, how much, and why."""
    member = shown.get(str(fact.body.get("member", "")))
    units = next((fact.body[key] for key in UNITS if key in fact.body), 0)
    words = (
        str(member) if member else "",
        _what(fact.name),
        format_day(fact.happened_date),
        format_money(units, fact.currency) if units else "",
        reason,
    )
    return " · ".join(word for word in words if word)


def _share_heads() -> Row:
    return (
        _("Member"),
        _("Saved"),
        _("Comes out"),
        _("Social fund"),
        _("Less debts"),
        _("Gets now"),
        _("Stays open"),
        _("Signature or mark"),
    )


def _shares(fact: GroupFact | None, shown: Mapping[str, Member], group: Group) -> list[Row]:
    if fact is None:
        return []
    rows: list[Row] = []
    for line in fact.body["lines"]:
        if line["member"] not in shown:
            continue
        owed = sum(part["charge"] + part["principal"] for part in line["loans"])
        owed += sum(part["units"] for part in line["fines"])
        left = line["net"] - line["now"]
        money = (line["saved"], line["gross"], line["social"], owed, line["now"], left)
        amounts = (format_money(units, group.currency) for units in money)
        rows.append((str(shown[line["member"]]), *amounts, "\u2003" * 6))
    return rows


MOVED = (*PAID, "pay_grant", "refund_overpaid", "pay_share_out", "pay_claim", "pay_leaver")
"""Facts that move a member's money."""


def passbook_pdf(member: Member) -> bytes:
    """A member's page: every movement of hers in closed meetings, with her savings behind it. What
    a later meeting took back stands, and is taken off where it was."""
    group, currency = member.group, member.group.currency
    rows: list[Row] = []
    saved = 0
    for told, fact, sign in _movements(member):
        units = sign * fact.body.get("units", fact.body.get("paid", 0))
        if fact.name in {"buy_shares", "record_saving"}:
            saved += units
        what = _what(fact.name) if sign > 0 else f"{_('Taken back')}: {_what(fact.name)}"
        number = str(told.meeting.number) if told.meeting else ""
        words = (what, number, format_day(told.happened_date))
        rows.append((*words, format_money(units, currency), format_money(saved, currency)))
    money = money_now(group)
    now = format_money(money.savings.get(str(member.pk), 0), currency)
    facts_shown = [
        (_("Member number"), str(member.member_no)),
        (_("Joined on"), format_day(member.joined_date)),
        (_("Savings now"), now),
    ]
    heads = (_("What"), _("Meeting"), _("Day"), _("Amount"), _("Paid in so far"))
    title = _("Passbook of %(name)s") % {"name": member.shown_name}
    return set_paper(title, group.name, facts_shown, [(_("Movements"), heads, rows)])


def _movements(member: Member) -> list[tuple[GroupFact, GroupFact, int]]:
    """What moved a member's money, in the order of the meetings: the fact that says so, the one it
    is about, and whether it is that or takes it back. What one meeting said and took back moved
    nothing."""
    facts = GroupFact.objects.filter(
        group=member.group,
        name__in=MOVED,
        body__member=str(member.pk),
        meeting__status=MeetingStatus.CLOSED,
    )
    found: list[tuple[GroupFact, GroupFact, int]] = []
    for fact in facts.select_related("meeting", "reversed_by__meeting"):
        back: GroupFact | None = getattr(fact, "reversed_by", None)
        if back is not None and (back.meeting is None or back.meeting_id == fact.meeting_id):
            continue
        found.append((fact, fact, 1))
        if back is not None and back.meeting and back.meeting.status == MeetingStatus.CLOSED:
            found.append((back, fact, -1))
    return sorted(found, key=_place)


def _place(moved: tuple[GroupFact, GroupFact, int]) -> tuple[int, str, int]:
    told = moved[0]
    return (told.meeting.number if told.meeting else 0, told.stream, told.seq)


def _what(name: str) -> str:
    words = {
        "buy_shares": _("Shares bought"),
        "record_saving": _("Saved"),
        "record_social": _("Social fund"),
        "pay_fine": _("Fine paid"),
        "record_repayment": _("Loan paid back"),
        "pay_out_loan": _("Loan paid out"),
        "pay_grant": _("Grant"),
        "refund_overpaid": _("Given back"),
        "pay_share_out": _("Share-out handed out"),
        "pay_claim": _("Paid what was left open"),
        "pay_leaver": _("Paid on leaving"),
        "record_expense": _("Expense"),
        "record_income": _("Other income"),
        "record_group_debt": _("Borrowed by the group"),
        "repay_group_debt": _("Paid back by the group"),
        "record_difference": _("Difference of the box"),
        "move_money": _("To or from the bank"),
        "move_between_funds": _("Between the funds"),
    }
    return words.get(name) or _("Entry")


EMPTY = "\u2003" * 5
"""Room to write a day or a name by hand."""


def empty_sheet_pdf(group: Group, members: Iterable[Member]) -> bytes:
    """A sheet for a meeting, to write on by hand and to photograph: a line a member, its columns
    lettered as in the grid it is transcribed to."""
    heads = (_("Name"), _("No."), *(lettered(column) for column in HEADS), _("Signature or mark"))
    rows = [(member.shown_name, str(member.member_no), *("",) * 7) for member in members]
    facts = [(_("Held on"), EMPTY), (_("Loan fund, counted"), EMPTY)]
    facts.append((_("Social fund, counted"), EMPTY))
    signed = (_("Chair"), _("Recorder"), _("Key holder"))
    tables = [(_("Who came, and what was paid"), heads, rows)]
    return set_paper(_("Sheet of a meeting"), group.name, facts, tables, signed)


def cards_pdf(group: Group, members: Iterable[Member]) -> bytes:
    """A card for each member, with a code that says her group and number and nothing else."""
    cards: list[dict[str, Any]] = [
        {
            "name": member.shown_name,
            "number": str(member.member_no),
            "group": group.name,
            "code": code_picture(f"{CARD} {group.code} {member.member_no}"),
            "alt": _("Code of member %(number)s") % {"number": member.member_no},
        }
        for member in members
    ]
    data = {
        "lang": (get_language() or "en").split("-")[0],
        "title": _("Member cards of %(group)s") % {"group": group.name},
        "cards": cards,
    }
    return set_pdf(FOLDER / "cards.typ", {"data": json.dumps(data, ensure_ascii=False)})
