"""The writes of results: which figures a programme shows."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from handup.org import audit, installation
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.models import ProgrammeIndicator
from handup.results.report import reporting_key


@transaction.atomic
def choose_indicators(
    *, acting_staff: StaffUser, programme: Programme, codes: Sequence[str]
) -> list[ProgrammeIndicator]:
    """Set which figures a programme shows, in order. Raises UnknownIndicator."""
    require(acting_staff, "results.choose_indicators", programme)
    for code in codes:
        definition(code)
    ProgrammeIndicator.objects.filter(programme=programme).delete()
    rows: list[ProgrammeIndicator] = ProgrammeIndicator.objects.bulk_create(
        ProgrammeIndicator(programme=programme, code=code, position=place + 1)
        for place, code in enumerate(codes)
    )
    audit.record(acting_staff, "results.choose_indicators", programme, {"codes": " ".join(codes)})
    return rows


@transaction.atomic
def set_reporting_day(*, acting_staff: StaffUser, programme: Programme, day: date | None) -> None:
    """Set the day a programme's figures are shown for unless another is asked; None: today."""
    require(acting_staff, "results.choose_indicators", programme)
    told = day.isoformat() if day else ""
    installation.put(reporting_key(programme), told)
    audit.record(acting_staff, "results.set_reporting_day", programme, {"day": told})
