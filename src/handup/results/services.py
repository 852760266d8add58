"""The writes of results: which figures a programme shows."""

from collections.abc import Sequence

from django.db import transaction

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.models import ProgrammeIndicator


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
