"""What becomes of the facts of one meeting in one upload, before the chain is asked
(`sync.meeting_upload`; groups_meeting.md 5, rules 1, 2, 4, 5, 6, 7).

Looked at in this order: another meeting of that group and date, an id stored with other content, a
row that cannot be posted. Then the facts that are known are passed over.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from handup.groups.rules.book import CLOCK_DAYS
from handup.sync.rules.words import Bad, Flag, Outcome, in_order


@dataclass(frozen=True, slots=True)
class Row:
    """A fact of an upload: its id, the digest of its content, what it saves (smallest units), and
    what is wrong with it."""

    id: str
    content: str
    saved: int = 0
    faults: tuple[Bad, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """The facts of one meeting that arrived together; `told_savings` is the sum the device showed
    (None: it sent none)."""

    meeting: str
    group: str
    held_date: date
    received_date: date
    rows: tuple[Row, ...]
    told_savings: int | None = None


@dataclass(slots=True)
class Shelf:
    """What is stored, as far as an upload can touch it: the content of each fact by its id, and
    which meetings a group has on a day."""

    contents: dict[str, str] = field(default_factory=dict)
    meetings: set[str] = field(default_factory=set)
    days: dict[tuple[str, date], set[str]] = field(default_factory=dict)

    def put_meeting(self, meeting: str, group: str, held_date: date) -> None:
        """Note a stored meeting; facts between meetings bear none."""
        if not meeting:
            return
        self.meetings.add(meeting)
        self.days.setdefault((group, held_date), set()).add(meeting)

    def drop_meeting(self, meeting: str, group: str, held_date: date) -> None:
        """Note that a meeting was cancelled: another may be held that day."""
        self.days.get((group, held_date), set()).discard(meeting)

    def has_other(self, upload: Upload) -> bool:
        """Tell whether the group has another meeting that day, and not this one too."""
        if not upload.meeting or upload.meeting in self.meetings:
            return False
        return bool(self.days.get((upload.group, upload.held_date)))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an upload; `new` are the rows to store, in their order."""

    outcome: Outcome
    flags: tuple[Flag, ...] = ()
    new: tuple[Row, ...] = ()
    savings_total: int | None = None
    faults: tuple[Bad, ...] = ()


def look(upload: Upload, shelf: Shelf, *, late_after_days: int, beside: bool = False) -> Verdict:
    """Decide; nothing is changed. beside: it was said that this is another meeting of that day.

    A device's total is compared and never believed. An upload is late when it was received more
    than `late_after_days` after the meeting, and is taken all the same; the clock of the device is
    in doubt when the meeting lies days after it was received.
    """
    if not beside and shelf.has_other(upload):
        return Verdict(Outcome.SET_ASIDE, (Flag.SAME_GROUP_AND_DATE,))
    rows, changed = _distinct(upload.rows, shelf)
    if changed:
        faults = tuple(Bad(Flag.SAME_ID_OTHER_CONTENT, row.id, "id", row.id) for row in changed)
        return Verdict(Outcome.REFUSED, (Flag.SAME_ID_OTHER_CONTENT,), faults=faults)
    if faults := tuple(fault for row in rows for fault in row.faults):
        return Verdict(Outcome.REFUSED, (Flag.INVALID_ROW,), faults=faults)
    new = tuple(row for row in rows if row.id not in shelf.contents)
    total = sum(row.saved for row in rows)
    flags = set()
    if upload.told_savings is not None and upload.told_savings != total:
        flags.add(Flag.TOTAL_CORRECTED)
    if (upload.received_date - upload.held_date).days > late_after_days:
        flags.add(Flag.LATE)
    if (upload.held_date - upload.received_date).days > CLOCK_DAYS:
        flags.add(Flag.CLOCK_DOUBTFUL)
    is_new = bool(new) or upload.meeting not in shelf.meetings
    outcome = Outcome.STORED if is_new else Outcome.ALREADY_STORED
    return Verdict(outcome, in_order(flags), new, total)


def _distinct(rows: Iterable[Row], shelf: Shelf) -> tuple[list[Row], list[Row]]:
    """The rows once each, and those whose id bears other content, stored or earlier in here."""
    met: dict[str, str] = {}
    distinct, changed = [], []
    for row in rows:
        known = met.get(row.id, shelf.contents.get(row.id))
        if known is not None and known != row.content:
            changed.append(row)
        elif row.id not in met:
            distinct.append(row)
        met.setdefault(row.id, row.content)
    return distinct, changed


def keep(upload: Upload, verdict: Verdict, shelf: Shelf) -> None:
    """Note what a verdict stores."""
    if verdict.outcome not in {Outcome.STORED, Outcome.ALREADY_STORED}:
        return
    shelf.put_meeting(upload.meeting, upload.group, upload.held_date)
    shelf.contents.update((row.id, row.content) for row in verdict.new)
