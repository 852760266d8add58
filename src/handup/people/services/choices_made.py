"""Choose how people are asked, ranked and compared in this installation."""

from collections.abc import Mapping

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit, installation
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people import choices_made


class CannotBeChosen(Refusal):
    """{value} cannot be chosen here."""


def change_choices(
    *, acting_staff: StaffUser, values: Mapping[str, str | int]
) -> Mapping[str, str | int]:
    """Set some of the choices of `people.choices_made`; returns them all as they stand.

    What was decided before stays as it was. Raises CannotBeChosen.
    """
    require(acting_staff, "people.choose")
    before = choices_made.made()
    with transaction.atomic():
        for key, value in values.items():
            choice = choices_made.CHOICES.get(key)
            if choice is None or not choice.fits(value):
                raise CannotBeChosen(field=key, value=value)
            if before[key] != value:
                row = installation.put(key, value)
                audit.record(acting_staff, "people.choose", row, {"key": key})
    return choices_made.made()
