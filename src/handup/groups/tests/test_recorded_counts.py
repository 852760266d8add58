"""Which closing counts stand when a phone's meeting is read (groups_meeting.md M5, step 13)."""

from datetime import date
from typing import Any

from handup.groups.rules.book import Place, RecordedBook, Sitting, Told
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.recorded import take
from handup.kernel.ids import new_id

DAY = date(2026, 3, 2)
MEETING = str(new_id())


def fact(name: str, **body: Any) -> Told:
    return Told(str(new_id()), name, DAY, MEETING, "XTS", 1, DAY, body)


def count(counter: int, units: int, attempt: int = 1) -> Told:
    told = {"counter": counter, "attempt": attempt, "total_units": units}
    return fact("record_count", way="OUT", fund="LOAN", **told)


def read(*facts: Told) -> tuple[list[str], RecordedBook]:
    """Codes of what cannot stand, and the book; one member is there with shares at 500."""
    settings = settings_for("SAVINGS", {"share_value_units": 500, "charge_rate_bps": 500})
    book = RecordedBook("XTS", {7: Place(DAY)}, lambda _version: settings)
    book.sitting = Sitting(MEETING, DAY, marks={7: "PRESENT"})
    after, faults, _flags = take(book, facts)
    return [fault.code for fault in faults], after


SHARES = fact("buy_shares", member_no=7, shares=2, units=1000)
CLOSE = fact("close_meeting", totals={"LOAN": 1000, "SOCIAL": 0})


def test_all_count_again_and_the_second_counts_alone_stand() -> None:
    wrong, _book = read(SHARES, count(1, 900), count(2, 1000), CLOSE)
    assert wrong == ["DOES_NOT_BALANCE"]
    wrong, book = read(SHARES, count(1, 900), count(2, 1000), count(3, 1000, 2), CLOSE)
    assert not wrong
    assert book.sitting is None


def test_money_after_the_closing_counts_voids_them() -> None:
    more = fact("buy_shares", member_no=7, shares=1, units=500)
    close = fact("close_meeting", totals={"LOAN": 1500, "SOCIAL": 0})
    wrong, _book = read(SHARES, count(1, 1000), more, count(2, 1500), close)
    assert not wrong
    short = fact("record_difference", way="OUT", fund="LOAN", difference=-100, reason="short")
    wrong, book = read(SHARES, count(1, 900), count(2, 900), short, CLOSE)
    assert not wrong  # a signed difference is what the counts ask for: they stand
    assert book.figures.cash["LOAN"] == 900
