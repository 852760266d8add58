"""Days and instants as expressions know them: ISO texts that become days since 1 January 1970
where arithmetic or a comparison asks for a number.
"""

import math
import re
from datetime import UTC, date, datetime, timedelta

EPOCH = date(1970, 1, 1).toordinal()
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII
)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def read_date(text: str) -> date | None:
    """Read a whole day, or nothing."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """Read an instant; without an offset it is taken as UTC."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def days_of(text: str) -> float:
    """Days since 1970 of a date or an instant; not-a-number for anything else."""
    day = read_date(text)
    if day is not None:
        return float(day.toordinal() - EPOCH)
    instant = read_instant(text)
    if instant is None:
        return math.nan
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(days=1)


def date_text(days: float) -> str:
    """The date so many days after 1970; empty when there is none."""
    if math.isnan(days) or math.isinf(days):
        return ""
    ordinal = math.floor(days) + EPOCH
    if not 1 <= ordinal <= date.max.toordinal():
        return ""
    return date.fromordinal(ordinal).isoformat()


def formatted(text: str, pattern: str) -> str:
    """Write a date by the marks of ODK: %Y %y %m %n %b %d %e %H %h %M %S %3 %a."""
    day = read_date(text)
    moment = (
        datetime(day.year, day.month, day.day, tzinfo=UTC)
        if day is not None
        else read_instant(text)
    )
    if moment is None:
        return ""
    marks = {
        "Y": f"{moment.year:04d}",
        "y": f"{moment.year % 100:02d}",
        "m": f"{moment.month:02d}",
        "n": str(moment.month),
        "b": _MONTHS[moment.month - 1],
        "d": f"{moment.day:02d}",
        "e": str(moment.day),
        "H": f"{moment.hour:02d}",
        "h": str(moment.hour),
        "M": f"{moment.minute:02d}",
        "S": f"{moment.second:02d}",
        "3": f"{moment.microsecond // 1000:03d}",
        "a": _DAYS[moment.weekday()],
        "%": "%",
    }
    return re.sub(r"%(.)", lambda found: marks.get(found[1], found[0]), pattern)
