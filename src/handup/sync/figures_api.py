"""The door of the last figures that a phone carries for where there is no network."""

from datetime import date
from typing import Any

from ninja import Router, Schema

from handup.org import reads
from handup.org.interface import StaffRequest
from handup.org.permissions import require
from handup.sync.figures_carried import READ, figures_of
from handup.sync.phones_seen import work_phone_of

router = Router(tags=["sync"])


class CarriedFigure(Schema):
    """A figure in the reader's words: what it is called, its value, the unit where the value does
    not say it, both counts of a share, the interval of a sample, how it is counted; `stale_since`:
    out of date since then."""

    code: str
    name: str
    value: str
    unit: str
    counts: str
    interval: str
    how: str
    stale_since: date | None


class CarriedReport(Schema):
    """A programme's figures up to the end of a day."""

    code: str
    title: str
    as_of: date
    figures: list[CarriedFigure]


class CarriedFigures(Schema):
    """The last figures, and the day they were worked out; `programmes_left`: how many programmes
    more have figures at the office."""

    worked_out: date
    programmes: list[CarriedReport]
    programmes_left: int


@router.get("/work/figures", response=CarriedFigures)
def show_figures(request: StaffRequest) -> dict[str, Any]:
    """The figures that the holder of this phone reads, to be read where there is no network."""
    work_phone_of(request)
    require(request.auth_staff, READ)
    reads.note(request, persons=[], action="EXPORT", highest="O")
    return figures_of(request.auth_staff)
