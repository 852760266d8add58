"""What was told for the loan before and is taken over for the next one: each line with what it was,
the day it was told and what it is now, so that whoever appraises sees what changed (rulings 5).

A line that stayed keeps the day it was first told, over as many loans as it stays. Savings are
never taken over: only what somebody saw this time counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handup.lending.models import Application, Appraisal, Loan, ProductVersion
from handup.lending.rules.codes import Outcome
from handup.lending.rules.eligibility import Grid
from handup.lending.services.applications import ApplicationIn
from handup.org.models import StaffUser

MARK = "anchor_"
"""A line of the grid is named by this and its criterion."""


@dataclass(frozen=True, slots=True)
class FoundIn:
    """What whoever visits her found. anchors: criterion → 0 to 4; reason: why one person does
    several steps, where she may.
    """

    recommendation: Outcome
    recommended_units: int | None = None
    anchors: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FoundAgain:
    """What whoever visits her found this time. What is left out is as it was for the loan before;
    a mark of None is taken away, a note of None is the one before.
    """

    recommendation: Outcome
    recommended_units: int | None = None
    anchors: Mapping[str, int | None] = field(default_factory=dict)
    note: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What was told for the loan before, line by line, and the day of each (ISO)."""

    loan: str
    values: Mapping[str, Any]
    days: Mapping[str, str]

    @property
    def marks(self) -> dict[str, int]:
        """The marks of the grid."""
        return {
            name.removeprefix(MARK): mark
            for name, mark in self.values.items()
            if name.startswith(MARK)
        }


def told_before(loan: Loan, version: ProductVersion, staff: StaffUser) -> Before | None:
    """What was told for a loan, as far as a reader may see it: without its application nothing."""
    if loan.agreement is None:
        return None
    rows = Application.objects.visible_to(staff).filter(pk=loan.agreement.application_id)
    row = rows.first()
    if row is None:
        return None
    asked = row.submitted_date.isoformat()
    values: dict[str, Any] = {
        "units": row.asked_units,
        "instalments": row.instalments,
        "purpose": row.purpose,
        "savings_units": row.savings_units,
    }
    days = dict.fromkeys(values, asked)
    if row.savings_seen_date is not None:
        days["savings_units"] = row.savings_seen_date.isoformat()
    found: Appraisal | None = row.appraisals.order_by("-recorded_at").first()
    if found is not None:
        marks = {f"{MARK}{name}": mark for name, mark in found.scores.items()}
        known = {f"{MARK}{name}" for name in Grid.of(version.grid).weights}
        seen: dict[str, Any] = {name: mark for name, mark in marks.items() if name in known}
        if found.note:
            seen["note"] = found.note
        values |= seen
        days |= dict.fromkeys(seen, found.appraised_date.isoformat())
    return Before(loan.code, values, days | _kept_days(row, values))


def _kept_days(row: Application, values: Mapping[str, Any]) -> dict[str, str]:
    """The days of the lines that this application took over itself and that still say the same."""
    return {
        line["line"]: line["told"]
        for line in row.told_before.get("lines", ())
        if line["was"] == line["now"] == values.get(line["line"])
    }


def found_now(before: Before | None, found: FoundAgain) -> FoundIn:
    """What is found, with what is taken over from the loan before."""
    marks: dict[str, int | None] = {**(before.marks if before else {}), **found.anchors}
    was = str(before.values.get("note", "")) if before else ""
    return FoundIn(
        recommendation=found.recommendation,
        recommended_units=found.recommended_units,
        anchors={name: mark for name, mark in marks.items() if mark is not None},
        note=was if found.note is None else found.note,
        reason=found.reason,
    )


def beside_last(asked: ApplicationIn, found: FoundIn, staff: StaffUser) -> dict[str, Any]:
    """What is kept with a new application of the last loan of this product that was paid out to
    the same borrower, where there is one a reader may see."""
    who = {"person": asked.person, "enterprise": asked.enterprise, "group": asked.group}
    version = asked.product_version
    rows = Loan.objects.visible_to(staff).filter(
        **who, product_version__product=version.product_id, disbursed_date__isnull=False
    )
    loan = rows.select_related("agreement").order_by("-disbursed_date", "-pk").first()
    if loan is None:
        return {}
    return beside(told_before(loan, version, staff), asked, found)


def beside(before: Before | None, asked: ApplicationIn, found: FoundIn | None) -> dict[str, Any]:
    """What is kept with the new application: the loan before, and each line as it was and is."""
    if before is None:
        return {}
    told: dict[str, Any] = {
        "units": asked.units,
        "instalments": asked.instalments,
        "purpose": asked.purpose,
        "savings_units": asked.savings_units,
    }
    if found is not None:
        told |= {f"{MARK}{name}": mark for name, mark in found.anchors.items()}
        told["note"] = found.note
    names = [name for name in before.values if name in told or found is not None]
    names += [name for name in told if name not in before.values and told[name] not in ("", None)]
    lines = [
        {
            "line": name,
            "was": before.values.get(name),
            "now": told.get(name),
            "told": before.days.get(name, ""),
        }
        for name in names
    ]
    return {"loan": before.loan, "lines": lines}
