"""Who of an association stands where: her dues, her vote, and who votes for a firm."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Representative
from handup.groups.models.group import GroupKind
from handup.groups.services import firms
from handup.groups.standing import MemberStanding
from handup.org.permissions import may
from handup.org.web.lists import Column, EmptyState, Kind, Tone
from handup.org.web.pages import State, Table


def standing_table(rows: list[MemberStanding], group: Group) -> Table:
    """Where each member stands today."""
    return Table(
        _("Members"),
        (
            Column("member.member_no", _("No.")),
            Column("member.shown_name", _("Name")),
            Column("owed_units", _("Owed"), Kind.MONEY, currency=group.currency),
            Column("due", _("Next due on"), Kind.DATE, value=lambda row: _of(row, "due_date")),
            Column(
                "late", _("Days overdue"), Kind.NUMBER, value=lambda row: _of(row, "days_overdue")
            ),
            Column("state", _("Standing"), Kind.STATE, value=_state_of),
        ),
        rows,
        empty=EmptyState(_("No members yet"), _("Admit the first member.")),
    )


def _of(row: MemberStanding, name: str) -> Any:
    return None if row.standing is None else getattr(row.standing, name)


def _state_of(row: MemberStanding) -> State:
    if not row.is_represented:
        return State(_("a firm for which nobody votes"), Tone.WARN)
    if row.standing is None:
        return State(_("no dues voted"), Tone.PLAIN)
    if row.standing.may_be_dropped:
        return State(_("may be dropped by a resolution"), Tone.BAD)
    if not row.may_vote:
        return State(_("does not vote"), Tone.WARN)
    return State(_("votes"), Tone.GOOD)


def firm_acts(group: Group) -> tuple[tuple[Any, str, str], ...]:
    """What an association writes down of its firms: label, address and act."""
    act = firms.NAME.removeprefix("groups.")
    named = (_("Name who votes for a firm"), "representative_new", act)
    return (named,) if group.kind == GroupKind.ASSOCIATION else ()


def firm_rows(staff: Any, group: Group) -> list[Representative]:
    """Who votes for each firm, now and before, for those who may see the member."""
    rows = Representative.objects.visible_to(staff).filter(member__group=group)
    rows = rows.select_related("member__person", "member__member_group")
    return list(rows.order_by("member__member_no", "-from_date", "-recorded_at")[:300])


def firms_tables(staff: Any, rows: list[Representative], group: Group) -> list[Table]:
    """These rows as a table; none where no firm can be a member."""
    if group.kind != GroupKind.ASSOCIATION:
        return []
    ends = may(staff, firms.NAME, group)
    end = Column(
        "end",
        _("Next"),
        Kind.LINK,
        value=lambda row: _now("Nobody votes for it any more") if row.to_date is None else "",
        href=lambda row: (
            reverse("groups:representative_end", args=[row.pk]) if row.to_date is None else ""
        ),
    )
    return [
        Table(
            _("Firms"),
            (
                Column("member.shown_name", _("Member")),
                Column("firm", _("Firm")),
                Column("name", _("Who votes for it")),
                Column("from_date", _("From"), Kind.DATE),
                Column("to_date", _("Until"), Kind.DATE),
                *((end,) if ends else ()),
            ),
            rows,
            empty=EmptyState(_("No member is a firm yet")),
        )
    ]
