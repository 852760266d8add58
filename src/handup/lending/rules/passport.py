"""The text of a credit passport: what a person shows of her savings and repayments, signed, so that
any bank can check it without a network (rulings C37, D37). Nothing in it tells a legal status, a
programme or why she came to it.

    HCP1|name|issued|until|key|currency;loans;repaid;lent;due;in time;worst;owed;late;saved;months|…

Amounts are whole smallest units, days are YYMMDD, `in time` of `due` instalments were paid by their
day, `worst` is the longest any was late, `late` how late she is today.
"""

from dataclasses import astuple, dataclass
from datetime import date

FORMAT = "HCP1"
LONGEST_NAME = 60
MOST_CURRENCIES = 3
VALID_DAYS = 90


@dataclass(frozen=True, slots=True)
class History:
    """What is told of one currency."""

    currency: str
    loans: int = 0
    loans_repaid: int = 0
    lent_units: int = 0
    instalments_due: int = 0
    instalments_in_time: int = 0
    worst_days: int = 0
    owed_units: int = 0
    late_days: int = 0
    saved_units: int = 0
    saving_months: int = 0


@dataclass(frozen=True, slots=True)
class Passport:
    """Whose history, as of which day, and which key signed it."""

    name: str
    issued_date: date
    valid_to: date
    key_number: int
    histories: tuple[History, ...]


@dataclass(frozen=True, slots=True)
class Instalment:
    """One instalment that has fallen due: its day and when it was paid in full, if it was."""

    due_date: date
    settled_date: date | None


def punctuality(rows: list[Instalment], on: date) -> tuple[int, int, int]:
    """How many instalments have fallen due, how many of them were paid by their day, and the most
    days one was late by then.
    """
    due = [row for row in rows if row.due_date <= on]
    worst = in_time = 0
    for row in due:
        paid = row.settled_date if row.settled_date is not None and row.settled_date <= on else None
        late = ((paid or on) - row.due_date).days
        if late > 0:
            worst = max(worst, late)
        elif paid is not None:
            in_time += 1
    return len(due), in_time, worst


def signed_text(passport: Passport) -> str:
    """The text that is signed."""
    name = " ".join(passport.name.replace("|", " ").split())[:LONGEST_NAME]
    parts = [
        FORMAT,
        name,
        passport.issued_date.strftime("%y%m%d"),
        passport.valid_to.strftime("%y%m%d"),
        str(passport.key_number),
    ]
    parts += [
        ";".join(map(str, astuple(history))) for history in passport.histories[:MOST_CURRENCIES]
    ]
    return "|".join(parts)


def read_text(text: str) -> Passport | None:
    """Read a signed text back; None when it is not one of ours."""
    parts = text.split("|")
    if len(parts) < 5 or parts[0] != FORMAT:
        return None
    try:
        issued, until = (_day(part) for part in parts[2:4])
        histories = []
        for part in parts[5:]:
            currency, *numbers = part.split(";")
            histories.append(History(currency, *(int(number) for number in numbers)))
        return Passport(parts[1], issued, until, int(parts[4]), tuple(histories))
    except (TypeError, ValueError):
        return None


def _day(text: str) -> date:
    if len(text) != 6 or not text.isdigit():
        raise ValueError(text)
    return date(2000 + int(text[:2]), int(text[2:4]), int(text[4:]))
