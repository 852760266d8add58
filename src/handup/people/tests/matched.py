"""Two registrations side by side, for tests of the duplicate check: Anahit, and who she may be."""

from datetime import date
from typing import Any

from handup.people.rules.codes import BirthPrecision, Sex
from handup.people.rules.matching.decide import Finding, Fitting
from handup.people.rules.matching.engine import Judge
from handup.people.rules.matching.model import FIXED_1, Model
from handup.people.rules.matching.records import Birth, Document, Record, name_of


def record(id: str = "a", *names: tuple[str, str], **fields: Any) -> Record:
    """A record; `born` is a date or a date and a precision, `papers` (kind, number) pairs."""
    if born := fields.pop("born", None):
        fields["birth"] = Birth(*born) if isinstance(born, tuple) else Birth(born)
    if papers := fields.pop("papers", None):
        fields["documents"] = frozenset(Document(*paper) for paper in papers)
    if phone := fields.pop("phone", None):
        fields["phones"] = frozenset([phone])
    if father := fields.pop("father", None):
        fields["father"] = name_of(father).first
    return Record(id=id, names=tuple(name_of(*name) for name in names), **fields)


ANAHIT: dict[str, Any] = {
    "born": date(1984, 3, 17),
    "sex": Sex.F,
    "phone": "091",
    "settlement": "gyumri",
    "father": "Petros",
    "papers": [("PASSPORT", "AN1")],
}


def anahit(id: str = "a", first: str = "Anahit", last: str = "Sargsyan", **other: Any) -> Record:
    """Anahit Sargsyan as she was registered, but for what is given."""
    return record(id, (first, last), **{**ANAHIT, **other})


def compared(
    one: Record, other: Record, model: Model = FIXED_1, prior: float = 0.0, **told: bool
) -> Finding:
    """Compare two records with no register around them: equal values weigh as the table says."""
    judge = Judge(model)
    outcomes = judge.outcomes(judge.row(one), judge.row(other))
    return judge.finding(one, other, outcomes, prior, **told)


def part(finding: Finding, field: str) -> tuple[Fitting, float]:
    """How one field fits and its bits."""
    (found,) = [item for item in finding.parts if item.field == field]
    return found.fitting, found.bits


DAY, MONTH, YEAR, AGE, UNKNOWN = BirthPrecision
