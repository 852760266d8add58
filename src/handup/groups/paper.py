"""Papers of a group in any script, set by typst: the minutes of a meeting with its slip and its
share-out list, a member's passbook page, and cards with a code that a phone reads.

A paper holds what its reader may see: no line of a member whom a case team hides from her.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

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
    facts = list(meeting.facts.filter(reversed_by=None).order_by("stream", "seq"))
    told = {fact.name: fact for fact in facts}
    sees_all = len(shown) == group.members.count()
    closed = told.get("close_meeting")
    totals: Mapping[str, int] = closed.body.get("totals", {}) if closed else {}
    slip = [
        (_("Held on"), format_day(meeting.held_date)),
        (_("Place"), meeting.place or "\u2013"),
        (_("Loan fund, counted"), format_money(totals.get("LOAN", 0), group.currency)),
        (_("Social fund, counted"), format_money(totals.get("SOCIAL", 0), group.currency)),
        (_("Closing code"), meeting.closing_code or _("not closed yet")),
        (_("Next meeting"), format_day(meeting.next_date) if meeting.next_date else _("not set")),
    ]
    tables = [
        (_("Who came, and what was paid"), _money_heads(), _money_rows(meeting, facts, shown)),
        (_("Decisions"), (_("Decision"), _("In favour"), _("Against")), _votes(meeting)),
        (_("Written down"), (_("Item"), _("Text")), _notes(facts) if sees_all else []),
        (_("Share-out"), _share_heads(), _shares(told.get("settle_share_out"), shown, group)),
    ]
    title = _("Minutes of meeting %(number)s") % {"number": meeting.number}
    return set_paper(title, group.name, slip, tables, (_("Chair"), _("Recorder"), _("Key holder")))


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


def _notes(facts: Iterable[GroupFact]) -> list[Row]:
    """Minutes, actions and what the group remembered of its box, in their order."""
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
    return rows


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


def passbook_pdf(member: Member) -> bytes:
    """A member's page: every movement of hers in closed meetings, with her savings behind it."""
    group, currency = member.group, member.group.currency
    rows: list[Row] = []
    saved = 0
    facts = GroupFact.objects.filter(
        group=group,
        name__in=(*PAID, "pay_share_out", "pay_claim", "pay_leaver"),
        body__member=str(member.pk),
        meeting__status=MeetingStatus.CLOSED,
        reversed_by=None,
    )
    for fact in facts.select_related("meeting").order_by("meeting__number", "stream", "seq"):
        if fact.name in {"buy_shares", "record_saving"}:
            saved += fact.body["units"]
        units = fact.body.get("units", fact.body.get("paid", 0))
        number = str(fact.meeting.number) if fact.meeting else ""
        words = (_what(fact.name), number, format_day(fact.happened_date))
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


def _what(name: str) -> str:
    words = {
        "buy_shares": _("Shares bought"),
        "record_saving": _("Saved"),
        "record_social": _("Social fund"),
        "pay_fine": _("Fine paid"),
        "record_repayment": _("Loan paid back"),
        "pay_out_loan": _("Loan paid out"),
        "pay_share_out": _("Share-out handed out"),
        "pay_claim": _("Paid what was left open"),
        "pay_leaver": _("Paid on leaving"),
    }
    return words[name]


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
