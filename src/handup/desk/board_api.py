"""The API door of the board of the data protection officer: its figures, without any name."""

from datetime import datetime

from ninja import Router, Schema

from handup.desk import board
from handup.org.interface import StaffRequest
from handup.org.permissions import require

router = Router()


class FigureOut(Schema):
    """One figure: how many, how many of them late, where they are listed."""

    code: str
    count: int
    late: int
    href: str


class ChainOut(Schema):
    """The read log: its entries, whether the last proof found it whole (null: never proved)."""

    entries: int
    whole: bool | None
    proved: datetime | None


class BoardOut(Schema):
    """The board."""

    figures: list[FigureOut]
    read_log: ChainOut


@router.get("/protection", response=BoardOut)
def protection(request: StaffRequest) -> dict[str, object]:
    """What waits for the data protection officer."""
    require(request.auth_staff, board.VIEW)
    return {
        "figures": board.figures(request.auth_staff),
        "read_log": board.chain_state(request.auth_staff),
    }
