"""What the duplicate check holds of a person: told in her file, and gone when she is erased
(protection.md 4.7, 4.8). Of the other one of a pair nothing is told.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from handup.people.models import Match, MatchKey


def told(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """That her record was compared with another one, and what was decided."""
    rows = Match._base_manager.filter(_hers(person_id)).order_by("recorded_at", "id")
    found: list[Mapping[str, str]] = [
        {
            _("Compared on"): row.recorded_at.date().isoformat(),
            _("How sure"): str(row.get_verdict_display()),
            _("Decision"): str(row.get_state_display()),
            _("Reason"): str(row.get_reason_display()),
        }
        for row in rows
    ]
    return {_("Registered twice?"): found} if found else {}


def erase(person_id: UUID) -> None:
    """Forget the keys she was found by, and how her fields fitted those of others."""
    MatchKey._base_manager.filter(person_id=person_id).delete()
    Match._base_manager.filter(_hers(person_id)).update(parts=[], bits_milli=0, chance_ppm=0)


def _hers(person_id: UUID) -> Q:
    return Q(first=person_id) | Q(second=person_id)
