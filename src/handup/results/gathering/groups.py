"""Groups: what was done with them, who sits in them, what they hold, how far they have come."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Sum
from django.db.models.fields.json import KeyTextTransform
from django.utils import timezone

from handup.groups.models import (
    Group,
    GroupAssessment,
    GroupFact,
    GroupIssue,
    InternalLoan,
    Meeting,
    Member,
)
from handup.groups.rules.discipline import TELLING, Cash, Told, cash_of, counts_agreed
from handup.ledger.models import AccountRole, Line
from handup.markets.models import PolicyEvent
from handup.org.scope import leave_out
from handup.results.gathering.base import Source, made_id
from handup.results.rules.declaring import ADOPTED
from handup.results.rules.expressions import Asked, Cell, Row

DEPOSITS = ("record_saving", "buy_shares")
"""What a member pays in as savings: an amount, or shares."""


def _groups(source: Source) -> dict[UUID, Group]:
    """Groups by id; practice groups never count."""
    rows = Group.objects.filter(
        programme=source.programme, practice=False, formed_date__isnull=False
    )
    return {row.pk: row for row in rows.order_by("kind", "name", "id")}


def _closed_days(source: Source) -> dict[UUID, date]:
    """The day each group that ended did so: a past day before it still counts the group."""
    ended = GroupFact._base_manager.filter(
        group__programme=source.programme, name="close_group", reversed_by=None
    )
    found: dict[UUID, date] = {}
    for group, day in ended.order_by("happened_date", "seq").values_list(
        "group_id", "happened_date"
    ):
        found.setdefault(group, day)
    closed = Group._base_manager.filter(programme=source.programme, status="CLOSED")
    for group, formed in closed.values_list("pk", "formed_date"):
        found.setdefault(group, formed)
    return found


def _cells(source: Source, group: Group) -> dict[str, Cell]:
    area1, area2 = source.areas.get(group.area_id, ("", ""))
    return {
        "grp": str(group.pk),
        "group_type": group.kind,
        "group_status": group.status,
        "area1": area1,
        "area2": area2,
    }


def group_service(source: Source) -> Iterator[Row]:
    """What was done with each group: it was formed, it met, it was assessed."""
    known, closed = _groups(source), _closed_days(source)
    found: list[tuple[date, str, UUID, Any, Any]] = [
        (row.formed_date, "FORMED", row.pk, row.pk, row.recorded_at) for row in known.values()
    ]
    met = Meeting._base_manager.filter(group__programme=source.programme, status="CLOSED")
    for pk, group, day, moment in met.values_list("pk", "group_id", "held_date", "recorded_at"):
        found.append((day, "MEETING", group, pk, moment))
    looked = GroupAssessment._base_manager.filter(group__programme=source.programme)
    for pk, group, day, moment in looked.values_list(
        "pk", "group_id", "assessed_date", "recorded_at"
    ):
        found.append((day, "ASSESSMENT", group, pk, moment))
    for day, kind, group, pk, moment in sorted(found, key=lambda item: (item[0], str(item[3]))):
        row = known.get(group)
        if row is not None:
            cells = _cells(source, row) | {"kind": kind, "closed_day": closed.get(group)}
            yield source.row(pk, day, moment, cells, office=row.office_id)


def membership(source: Source) -> Iterator[Row]:
    """Members of groups from the day they joined."""
    known = _groups(source)
    rows = Member._base_manager.filter(
        group__programme=source.programme, person__isnull=False, joined_date__isnull=False
    )
    for row in leave_out(rows, source.without).order_by("joined_date", "id"):
        group = known.get(row.group_id)
        if group is None:
            continue
        assert row.person_id is not None
        person = source.whose(row.person_id)
        cells = source.person_cells(person, row.joined_date) | {
            "grp": str(group.pk),
            "group_type": group.kind,
            "group_status": group.status,
            "left_day": row.left_date,
        }
        yield source.row(
            row.pk, row.joined_date, row.recorded_at, cells, person=person, office=group.office_id
        )


def change_member(source: Source) -> Iterator[Row]:
    """Whom a policy change that was adopted affects: who was on that day a member of a group that
    stood behind the issue, in all tiers below it too (groups_cooperatives.md 5)."""
    known = _groups(source)
    first: dict[UUID, PolicyEvent] = {}
    moves = PolicyEvent._base_manager.filter(issue__programme=source.programme, after__gte=ADOPTED)
    for move in moves.order_by("event_date", "id"):
        first.setdefault(move.issue_id, move)
    rows = Member._base_manager.filter(group__in=list(known) if first else [])
    of_group: dict[UUID, list[Member]] = {}
    for row in leave_out(rows, source.without).order_by("group", "member_no"):
        of_group.setdefault(row.group_id, []).append(row)
    for issue, move in first.items():
        for row in _behind(issue, move.event_date, of_group):
            assert row.person_id is not None
            person, group = source.whose(row.person_id), known[row.group_id]
            cells = source.person_cells(person, move.event_date) | {
                "grp": str(group.pk),
                "group_type": group.kind,
                "group_status": group.status,
            }
            yield source.row(
                made_id(move.pk, row.pk),
                move.event_date,
                move.recorded_at,
                cells,
                person=person,
                office=group.office_id,
            )


def _behind(issue: UUID, on: date, of_group: Mapping[UUID, list[Member]]) -> Iterator[Member]:
    """The persons who are on a day members of the groups behind an issue and of those below."""
    stands = GroupIssue._base_manager.filter(issue=issue, is_reversed=False, since_date__lte=on)
    new = set(stands.values_list("group", flat=True))
    seen: set[UUID] = set()
    while new:
        seen |= new
        there = [
            row
            for pk in sorted(new)
            for row in of_group.get(pk, ())
            if row.joined_date <= on and (row.left_date is None or row.left_date > on)
        ]
        yield from (row for row in there if row.person_id is not None)
        new = {row.member_group_id for row in there if row.member_group_id is not None} - seen


def group_money(source: Source) -> Iterator[Row]:
    """What moved in the savings of each group and on its internal loans, as its book says; what
    lies between two tiers that are both counted is in no sum (groups_cooperatives.md K5)."""
    groups = _groups(source)
    known = {row.book_id: row for row in groups.values()}
    ends = dict(
        InternalLoan._base_manager.filter(group__programme=source.programme).values_list(
            "pk", "due_date"
        )
    )
    unseen, between = _unseen(source), _between(groups)
    for role, kind, subject, sign in (
        ("SAVINGS", "SAVINGS", "member", -1),
        ("LOANS", "LOANS", "internal_loan", 1),
    ):
        accounts = AccountRole.objects.filter(book__in=list(known), role=role).values("account")
        lines = Line._base_manager.filter(account__in=accounts, subject_kind=subject)
        named = (
            "entry__book_id",
            "subject_id",
            "entry__entry_date",
            "currency",
            "entry__recorded_at",
        )
        moved = lines.values_list(*named).annotate(total=Sum("units")).order_by(*named)
        for book, record, day, currency, moment, units in moved:
            if record in between:
                continue
            group = known[book]
            cells = _cells(source, group) | {
                "kind": kind,
                "currency": currency,
                "units": sign * units,
                "due_day": ends.get(record) if kind == "LOANS" else None,
            }
            shown = made_id(book, day, kind) if record in unseen else record
            yield source.row(shown, day, moment, cells, office=group.office_id)


def _between(groups: Mapping[UUID, Group]) -> set[UUID]:
    """Memberships and internal loans of groups in groups of the tier above, where both are counted:
    what a group saves there its own members saved with it, and what it borrows there it lends on
    to them."""
    rows = Member._base_manager.filter(group__in=list(groups), member_group__in=list(groups))
    members = list(rows.values_list("pk", flat=True))
    lent = InternalLoan._base_manager.filter(member__in=members)
    return {*members, *lent.values_list("pk", flat=True)}


def _unseen(source: Source) -> set[UUID]:
    """Memberships and internal loans of persons left out: the group's sums hold them, no row says
    whose they are."""
    if not source.without:
        return set()
    members = Member._base_manager.filter(
        group__programme=source.programme, person_id__in=source.without
    ).values_list("pk", flat=True)
    lent = InternalLoan._base_manager.filter(member_id__in=list(members))
    return {*members, *lent.values_list("pk", flat=True)}


def meeting_member(source: Source) -> Iterator[Row]:
    """Every member at every closed meeting of her group, whether she saved there, and when she
    left."""
    known = _groups(source)
    saved: set[tuple[UUID, str]] = set(
        GroupFact._base_manager.filter(
            group__programme=source.programme, name__in=DEPOSITS, reversed_by=None
        )
        .annotate(who=KeyTextTransform("member", "body"))
        .values_list("meeting_id", "who")
    )
    members = leave_out(
        Member._base_manager.filter(group__programme=source.programme, person__isnull=False),
        source.without,
    )
    of_group: dict[UUID, list[Member]] = {}
    for row in members.select_related("person").order_by("member_no", "id"):
        of_group.setdefault(row.group_id, []).append(row)
    held = Meeting._base_manager.filter(
        group__programme=source.programme, status="CLOSED", kind="ORDINARY"
    )
    for meeting in held.order_by("held_date", "number", "id"):
        group = known.get(meeting.group_id)
        for row in of_group.get(meeting.group_id, ()) if group else ():
            if row.joined_date > meeting.held_date or (
                row.left_date is not None and row.left_date <= meeting.held_date
            ):
                continue
            assert group is not None
            cells = _cells(source, group) | {
                "person": str(source.whose(row.person_id)) if row.person_id else None,
                "member": str(row.pk),
                "sex": row.person.sex if row.person else "",
                "number": meeting.number,
                "saved": (meeting.pk, str(row.pk)) in saved,
                "left_day": row.left_date,
            }
            yield source.row(
                made_id(meeting.pk, row.pk),
                meeting.held_date,
                meeting.recorded_at,
                cells,
                office=group.office_id,
            )


def cash_count(source: Source) -> Iterator[Row]:
    """Each count of a fund that two or more made at a closed meeting, and whether they agreed at
    once (groups.md G7)."""
    known = _groups(source)
    closed = {"group__programme": source.programme, "status": "CLOSED"}
    held = {row.pk: row for row in Meeting._base_manager.filter(**closed)}
    rows = GroupFact._base_manager.filter(
        name="record_count",
        meeting__group__programme=source.programme,
        meeting__status="CLOSED",
    ).order_by("meeting__held_date", "meeting_id", "stream", "seq")
    facts = (Told(*row) for row in rows.values_list("meeting", "name", "body"))
    for (pk, way, fund), agreed in counts_agreed(facts).items():
        assert isinstance(pk, UUID)
        meeting = held[pk]
        group = known.get(meeting.group_id)
        if group is None:
            continue
        yield source.row(
            made_id(pk, way, fund),
            meeting.held_date,
            meeting.recorded_at,
            _cells(source, group) | {"agreed": agreed},
            office=group.office_id,
        )


def cash_meeting(source: Source) -> Iterator[Row]:
    """Each closed meeting: the cash that passed through its box, the sizes of all differences, the
    days until it was here, its facts and how many took another back (groups.md G7)."""
    known = _groups(source)
    held = Meeting._base_manager.filter(group__programme=source.programme, status="CLOSED")
    facts = GroupFact._base_manager.filter(
        meeting__group__programme=source.programme, meeting__status="CLOSED"
    ).order_by()
    members = Member._base_manager.filter(group__programme=source.programme)
    shown = leave_out(members, source.without).values("pk")
    hidden = {str(pk) for pk in members.exclude(pk__in=shown).values_list("pk", flat=True)}
    if hidden:
        hers = GroupFact._base_manager.filter(body__member__in=sorted(hidden))
        facts = facts.exclude(pk__in=hers.values("pk"))
    counted = dict(facts.values_list("meeting").annotate(count=Count("pk")))
    named = facts.filter(name__in=TELLING).values_list("meeting", "name", "body")
    cash = cash_of(Told(*row) for row in named)
    for meeting in held.order_by("held_date", "id"):
        group, received = known.get(meeting.group_id), meeting.closed_at
        if group is None or received is None:
            continue
        found = cash.get(meeting.pk, Cash())
        cells = _cells(source, group) | {
            "currency": group.currency,
            "handled_units": found.handled,
            "differed_units": found.differed,
            "arrived_days": (timezone.localdate(received) - meeting.held_date).days,
            "corrections": found.corrections,
            "facts": counted.get(meeting.pk, 0),
        }
        yield source.row(meeting.pk, meeting.held_date, received, cells, office=group.office_id)


def assessment(source: Source) -> Iterator[Row]:
    """How far each group had come on the days it was looked at, in millionths of the most."""
    known, closed = _groups(source), _closed_days(source)
    rows = GroupAssessment._base_manager.filter(group__programme=source.programme)
    for row in rows.order_by("assessed_date", "recorded_at", "id"):
        group = known.get(row.group_id)
        if group is None or not row.most_points:
            continue
        cells = _cells(source, group) | {
            "share_ppm": row.points * 1_000_000 // row.most_points,
            "grade": row.grade,
            "closed_day": closed.get(group.pk),
        }
        yield source.row(row.pk, row.assessed_date, row.recorded_at, cells, office=group.office_id)


def presence(source: Source) -> Iterator[Row]:
    """The areas that have a group or a client, at each of the two levels: as long as the group is
    not closed, and the client takes part."""
    closed = _closed_days(source)
    for row in _groups(source).values():
        told = {"kind": "GROUP", "group_type": row.kind, "closed_day": closed.get(row.pk)}
        for cells in _places(source.areas.get(row.area_id, ("", ""))):
            yield source.row(
                row.pk, row.formed_date, row.recorded_at, told | cells, office=row.office_id
            )
    for person, part in source.participations.items():
        fact = source.categories.get(person)
        if part.started_date is None or fact is None or fact.area_id is None:
            continue
        told = {"kind": "CLIENT", "group_type": "", "closed_day": part.ended_date}
        for cells in _places(source.areas.get(fact.area_id, ("", ""))):
            yield source.row(
                part.pk, part.started_date, part.recorded_at, told | cells, person=person
            )


def _places(areas: tuple[str, str]) -> Iterator[dict[str, Cell]]:
    """An area of the first level and one of the second, each with its level."""
    for level, area in enumerate(areas, 1):
        if area:
            yield {"area": area, "area1": areas[0], "level": level}


def covered(rows: list[Row], asked: Asked) -> Iterator[Row]:
    """The areas that still have a group or a client on the day, each once at its level: by its
    first group, else by its first client."""
    here = [row for row in rows if _is_still(row, "closed_day", asked.cut_off)]
    found: dict[tuple[Cell, Cell], Row] = {}
    for row in sorted(here, key=lambda row: (row["kind"] != "GROUP", str(row["day"]))):
        found.setdefault((row["area"], row["level"]), row)
    yield from found.values()


def _is_still(row: Row, column: str, day: date) -> bool:
    """Whether something had not ended by the end of a day."""
    ended = row[column]
    return ended is None or (isinstance(ended, date) and ended > day)


def last_meetings(rows: list[Row], asked: Asked) -> Iterator[Row]:
    """Active members of groups that met so often, with whether they saved each of the last times:
    the last `meetings` meetings of each group by the day."""
    times = asked.params.get("meetings", 3)
    assert isinstance(times, int)
    numbers: dict[Cell, set[int]] = {}
    for row in rows:
        numbers.setdefault(row["grp"], set()).add(int(str(row["number"])))
    last = {grp: sorted(held)[-times:] for grp, held in numbers.items() if len(held) >= times}
    found: dict[Cell, tuple[Row, int]] = {}
    for row in rows:
        grp = row["grp"]
        if grp in last and row["number"] in last[grp] and _is_still(row, "left_day", asked.cut_off):
            before = found.get(row["member"])
            found[row["member"]] = (row, (before[1] if before else 0) + bool(row["saved"]))
    for row, saved in found.values():
        yield {**row, "saved": saved == times, "record": row["member"]}
