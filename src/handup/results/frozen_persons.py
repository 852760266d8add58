"""What frozen figures hold of a person, blanked when she is erased: totals and checksum stay, her
rows keep their digest alone (results.md 4.4)."""

from uuid import UUID

from django.db.models import Q

from handup.lending.models import Loan
from handup.people.models import Ownership
from handup.results.models import FrozenRow


def blank(person_id: UUID) -> None:
    """Take what names her, her loans and her enterprises out of every frozen row."""
    ids = {str(person_id)}
    ids |= {
        str(pk) for pk in Loan._base_manager.filter(person=person_id).values_list("pk", flat=True)
    }
    owned = Ownership._base_manager.filter(person=person_id)
    ids |= {str(pk) for pk in owned.values_list("enterprise_id", flat=True)}
    FrozenRow._base_manager.filter(Q(holder__in=ids) | Q(record__in=ids) | Q(unit__in=ids)).update(
        salt="", unit="", holder="", kind="", record="", on=None, amount=0, currency=""
    )
