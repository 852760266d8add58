"""Weights estimated from the register: proposed by one, adopted by another, never by themselves
(people.md 4.7)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.rules.duties import Duty
from handup.people.models import MatchModel
from handup.people.queries.match_models import model_in_use
from handup.people.queries.matching import aliases, all_records
from handup.people.rules.duplicates import ModelState
from handup.people.rules.matching.estimate import RANDOM_PAIRS, propose
from handup.people.rules.matching.model import model_to_json

ADOPT = "people.adopt_model"
DUTIES = (Duty(ADOPT),)


class ModelDecided(Refusal):
    """These weights are not proposed any more."""


class ModelNotInUse(Refusal):
    """These weights were not adopted."""


class NotSettled(Refusal):
    """The estimate did not settle: too few records look alike. These weights cannot be adopted."""


def propose_model(
    *, acting_staff: StaffUser, on: date, seed: int = 1, random_pairs: int = 0
) -> MatchModel:
    """Estimate weights from everybody registered, for another person to adopt. Nothing changes yet.

    What `like` it goes by is the model in use. Raises NothingToCompareBy.
    """
    require(acting_staff, "people.check_register")
    records = list(all_records(aliases()))
    with transaction.atomic():
        version = f"em-{MatchModel._base_manager.count() + 1}"
        found = propose(
            records,
            version=version,
            seed=seed,
            like=model_in_use(),
            random_pairs=random_pairs or RANDOM_PAIRS,
        )
        row = MatchModel(
            version=version,
            content=model_to_json(found.model),
            records=found.records,
            candidates=found.candidates,
            rounds=found.estimate.rounds,
            settled=found.estimate.settled,
            proposed_by=acting_staff,
            proposed_date=on,
        )
        row.save(force_insert=True)
        facts: audit.Facts = {"version": version, "records": found.records}
        audit.record(acting_staff, "people.propose_model", row, facts)
    return row


def adopt_model(
    *, acting_staff: StaffUser, model: MatchModel, adopted: bool = True, why_alone: str = ""
) -> MatchModel:
    """Compare by these weights from now on, or do not; another person than who proposed them.

    What was found before keeps its weights until it is looked at again. Raises ModelDecided,
    NotSettled, SamePerson, and in an institution of one ReasonNeeded (`why_alone`).
    """
    require(acting_staff, ADOPT)
    with transaction.atomic():
        row = MatchModel._base_manager.select_for_update().get(pk=model.pk)
        if row.state != ModelState.PROPOSED:
            raise ModelDecided
        if adopted and not row.settled:
            raise NotSettled
        require_other_person(
            acting_staff, row.proposed_by_id, step=ADOPT, reason=why_alone, obj=row
        )
        _decide(row, acting_staff, ModelState.ADOPTED if adopted else ModelState.REFUSED)
    return row


def retire_model(*, acting_staff: StaffUser, model: MatchModel) -> MatchModel:
    """Compare by the weights adopted before these again, or by `fixed-1`. Raises ModelNotInUse."""
    require(acting_staff, ADOPT)
    with transaction.atomic():
        row = MatchModel._base_manager.select_for_update().get(pk=model.pk)
        if row.state != ModelState.ADOPTED:
            raise ModelNotInUse
        _decide(row, acting_staff, ModelState.RETIRED)
    return row


def _decide(row: Any, staff: StaffUser, state: ModelState) -> None:
    row.state, row.decided_by, row.decided_at = state.value, staff, timezone.now()
    row.save()
    facts: audit.Facts = {"version": row.version, "to": state.value}
    audit.record(staff, "people.adopt_model", row, facts)
