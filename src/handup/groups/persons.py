"""What groups hold of a person, and how it is blanked (protection.md 4.7, 4.8)."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from handup.groups.models import Member
from handup.org.web.money import format_day
from handup.people import subject


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """Her memberships, with why she left where that is known."""
    rows = Member._base_manager.filter(person_id=person_id).select_related("group")
    return {
        _("Memberships in groups"): [
            {
                _("Group"): row.group.name,
                _("Member number"): str(row.member_no),
                _("Joined on"): format_day(row.joined_date),
                _("Left on"): format_day(row.left_date) if row.left_date else "",
                _("Why she left"): str(row.get_left_reason_display()),
                _("In her words"): row.left_reason_text,
            }
            for row in rows.order_by("joined_date", "id")
        ]
    }


def blank(person_id: UUID) -> None:
    """Blank what she said when she left; her number, the code and the dates are the group's."""
    Member._base_manager.filter(person_id=person_id).update(left_reason_text="")


def register() -> None:
    """Add both to the named lists of people, once."""
    if held not in subject.collect:
        subject.collect.append(held)
        subject.erase.append(blank)
