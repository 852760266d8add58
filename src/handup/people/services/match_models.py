"""Weights estimated from the register: proposed by one, adopted by another, never by themselves
(people.md 4.7)."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require_over
from handup.org.rules.duties import Duty
from handup.people.models import MatchModel
from handup.people.queries.match_models import model_in_use
from handup.people.queries.matching import aliases, all_records
from handup.people.queries.persons import hidden_from_all
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
    *,
    acting_staff: StaffUser,
    on: date,
    seed: int = 1,
    random_pairs: int = 0,
    id: UUID | None = None,
) -> MatchModel:
    """Estimate weights from everybody registered, for another person to adopt. Nothing changes yet,
    and nobody is kept from writing meanwhile; the same `id` again is the same proposal. Nothing is
    learnt from whoever is hidden, so that no figure of it tells of her.

    What `like` it goes by is the model in use. Raises NotAllowed without a grant over everything,
    as weights count for everybody, and NothingToCompareBy.
    """
    require_over(acting_staff, "people.check_register")
    if (known := already_stored(MatchModel, id, acting_staff)) is not None:
        return known
    hidden = {str(person) for person in hidden_from_all()}
    found = propose(
        [record for record in all_records(aliases()) if record.id not in hidden],
        version="em",
        seed=seed,
        like=model_in_use(),
        random_pairs=random_pairs or RANDOM_PAIRS,
    )
    with transaction.atomic():
        list(StaffUser.objects.select_for_update().filter(pk=acting_staff.pk))
        if (known := already_stored(MatchModel, id, acting_staff)) is not None:
            return known
        version = f"em-{MatchModel._base_manager.count() + 1}"
        row = MatchModel(
            id=id or new_id(),
            version=version,
            content=model_to_json(replace(found.model, version=version)),
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

    What was found before keeps its weights until it is looked at again. Raises NotAllowed without a
    grant over everything, ModelDecided, NotSettled, SamePerson, and in an institution of one
    ReasonNeeded (`why_alone`).
    """
    require_over(acting_staff, ADOPT)
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
    """Compare by the weights adopted before these again, or by `fixed-1`. Raises NotAllowed without
    a grant over everything, ModelNotInUse."""
    require_over(acting_staff, ADOPT)
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
