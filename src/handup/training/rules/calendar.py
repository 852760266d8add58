"""A calendar other programs subscribe to, as iCalendar text (RFC 5545): whole days, no person."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

LINE_OCTETS = 75
ESCAPED = {"\\": "\\\\", ";": "\\;", ",": "\\,", "\r\n": "\\n", "\n": "\\n", "\r": "\\n"}


@dataclass(frozen=True, slots=True)
class Event:
    """One day in a calendar: what it is called and the page it leads to."""

    id: UUID
    day: date
    summary: str
    url: str
    cancelled: bool = False


def calendar_text(name: str, events: Iterable[Event], made_at: datetime) -> str:
    """Return the calendar; lines end as the standard asks and none is longer than 75 octets."""
    return "".join(f"{part}\r\n" for line in _lines(name, events, made_at) for part in folded(line))


def folded(line: str) -> Iterator[str]:
    """Cut a line into pieces of at most 75 octets, never within a sign; a further piece begins with
    a space.
    """
    piece, left = "", LINE_OCTETS
    for sign in line:
        size = len(sign.encode())
        if size > left:
            yield piece
            piece, left = " ", LINE_OCTETS - 1
        piece += sign
        left -= size
    yield piece


def escaped(text: str) -> str:
    """Return a text as a value: its signs cannot end the value or begin another line."""
    for sign, written in ESCAPED.items():
        text = text.replace(sign, written)
    return "".join(sign for sign in text if sign >= " ")


def _lines(name: str, events: Iterable[Event], made_at: datetime) -> Iterator[str]:
    stamp = made_at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Handup//training//EN")
    yield from ("METHOD:PUBLISH", f"X-WR-CALNAME:{escaped(name)}")
    yield from ("REFRESH-INTERVAL;VALUE=DURATION:PT6H", "X-PUBLISHED-TTL:PT6H")
    for event in events:
        yield from ("BEGIN:VEVENT", f"UID:{event.id}@handup", f"DTSTAMP:{stamp}")
        yield f"DTSTART;VALUE=DATE:{event.day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.day + timedelta(days=1):%Y%m%d}"
        yield f"SUMMARY:{escaped(event.summary)}"
        yield f"URL:{event.url}"
        yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
        yield from ("TRANSP:TRANSPARENT", "END:VEVENT")
    yield "END:VCALENDAR"
