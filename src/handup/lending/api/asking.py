"""What is told of a request for a loan."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from handup.lending.api.schemas import Amount, Code, Day, Instalments, Line, Many, Reason
from handup.lending.api.terms import Strict
from handup.lending.rules.codes import Outcome
from handup.org.interface import Text


class FoundNew(Strict):
    """What whoever visits her found, of a small loan that is appraised at once."""

    recommendation: Outcome
    recommended_units: Amount | None = None
    anchors: dict[Code, Annotated[int, Field(ge=0, le=4)]] = {}
    note: Text = ""
    reason: Reason = ""


class ApplicationNew(Strict):
    """A request for a loan."""

    programme_id: UUID
    product_version_id: UUID
    person_id: UUID | None = None
    enterprise_id: UUID | None = None
    group_id: UUID | None = None
    plan_version_id: UUID | None = None
    units: Amount
    instalments: Instalments
    purpose: Line
    submitted_date: Day
    savings_units: Many = 0
    found: FoundNew | None = None


class FoundAgainNew(Strict):
    """What whoever visits her found this time, of a small loan that is appraised at once. What is
    left out is as it was for the loan before; a mark of null is taken away."""

    recommendation: Outcome
    recommended_units: Amount | None = None
    anchors: dict[Code, Annotated[int, Field(ge=0, le=4)] | None] = {}
    note: Text | None = None
    reason: Reason = ""


class AgainNew(Strict):
    """What changed since the loan before; what is left out is as it was."""

    units: Amount
    submitted_date: Day
    instalments: Instalments | None = None
    purpose: Annotated[str, Field(max_length=200, pattern="^[^\\x00]*$")] = ""
    savings_units: Many = 0
    found: FoundAgainNew | None = None
