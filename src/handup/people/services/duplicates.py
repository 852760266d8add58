"""Find who may be registered twice, and decide it: a person decides, two where money or a service
hangs on it. Nothing is merged by itself (people.md 4.7, 5)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.rules.duties import Duty
from handup.people.models import Match, Person
from handup.people.queries.duplicates import (
    PossibleDuplicate,
    in_use,
    matches_told,
    possible_duplicates,
)
from handup.people.queries.match_models import model_in_use
from handup.people.queries.matching import aliases, all_records, told_different
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.duplicates import (
    WAITING,
    MatchReason,
    MatchSource,
    MatchState,
    allowed,
    comes_back,
)
from handup.people.rules.matching.blocks import TooLarge
from handup.people.rules.matching.decide import Finding, Fitting
from handup.people.rules.matching.engine import find_in_batch, weigh_pairs
from handup.people.rules.matching.model import Model
from handup.people.rules.matching.records import Record
from handup.people.services.days import DayToCome

DUTIES = (Duty("people.decide_match"),)
PIECE = 500
FOUND = ("verdict", "guard", "bits_milli", "chance_ppm", "parts", "model", "source")
ANEW = ("state", "reason", "decided_by", "decided_date", "confirmed_by")


class ReasonDoesNotFit(Refusal):
    """This reason does not belong to this decision. Choose another."""


class MatchDecided(Refusal):
    """These two records were decided on already, on {on}."""


class DecisionMissing(Refusal):
    """Say whether they are one person, two, or that you are not sure."""


class SplinkMissing(Refusal):
    """The library splink is not installed here. Install it beside the program (pip install splink),
    or check the records without it.
    """


class MatchEngine(StrEnum):
    """What proposes pairs of a whole register: our own engine, or the library splink."""

    OWN = "OWN"
    SPLINK = "SPLINK"


SPLINK_FROM = 300_000
"""More persons than that are better checked with splink (people.md 8)."""


@dataclass(frozen=True, slots=True)
class RegisterCheck:
    """What a check of all records came to."""

    persons: int
    compared: int
    found: int
    new: int
    without_key: int
    skipped: tuple[TooLarge, ...]


def possible_duplicates_of(
    acting_staff: StaffUser, person: Person
) -> tuple[PossibleDuplicate, ...]:
    """Look for whom a newcomer may already be, keep every pair for the adjudicator, and return
    those her clerk may see.

    A hidden person is never told of; the pair with her waits for her case team alone.
    """
    hints, report = possible_duplicates(acting_staff, person)
    if report.findings:
        keep_findings(report.findings, MatchSource.NEWCOMER, model_in_use())
    return hints


def check_register(
    *, acting_staff: StaffUser, engine: MatchEngine = MatchEngine.OWN
) -> RegisterCheck:
    """Compare everybody with everybody she shares a key with, and keep what is found; or keep what
    the library splink proposes, weighed by our own weights. What it came to, and how much each pair
    weighs, is as if whoever is hidden had never come; who may be her is looked for beside it.

    Raises NothingToCompareBy when there is nothing to compare by, SplinkMissing, TooFewToLearnFrom.
    """
    require(acting_staff, "people.check_register")
    propose = _splink() if engine is MatchEngine.SPLINK else None
    everybody = list(all_records(aliases()))
    hidden = {str(person) for person in hidden_from_all()}
    records = [record for record in everybody if record.id not in hidden]
    model, different = model_in_use(), told_different()
    if propose is None:
        report = find_in_batch(records, model, told_different=different)
    else:
        report = weigh_pairs(records, propose(records), model, told_different=different)
    theirs: tuple[Finding, ...] = ()
    if len(records) < len(everybody):
        beside = find_in_batch(everybody, model, fresh=hidden, told_different=different)
        theirs = beside.findings
    with transaction.atomic():
        new = keep_findings(report.findings, MatchSource.REGISTER, model)
        keep_findings(theirs, MatchSource.REGISTER, model)
        facts: audit.Facts = {
            "persons": len(records),
            "found": len(report.findings),
            "new": new,
            "skipped": len(report.skipped),
            "engine": engine.value,
        }
        audit.record(acting_staff, "people.check_register", acting_staff, facts)
    return RegisterCheck(
        persons=len(records),
        compared=report.compared,
        found=len(report.findings),
        new=new,
        without_key=report.without_key,
        skipped=report.skipped,
    )


def _splink() -> Callable[[Sequence[Record]], set[tuple[str, str]]]:
    try:
        from handup.people.queries import splinked
    except ImportError as missing:
        raise SplinkMissing from missing
    return splinked.of_records


def keep_findings(findings: Iterable[Finding], source: MatchSource, model: Model) -> int:
    """Store what was found; how many pairs are new.

    A pair that waits gets the newer weights. One told to be two persons stays so until a document
    becomes equal; one told to be one person stays so.
    """
    listed, new = list(findings), 0
    for start in range(0, len(listed), PIECE):
        piece = [_row(finding, source, model) for finding in listed[start : start + PIECE]]
        known = matches_told({(row.first_id, row.second_id) for row in piece})
        fresh = [row for row in piece if (row.first_id, row.second_id) not in known]
        # Somebody may have stored a pair since: it is kept once, and nobody is stopped by it.
        Match._base_manager.bulk_create(fresh, ignore_conflicts=True)
        new += len(fresh)
        for row in piece:
            if (held := known.get((row.first_id, row.second_id))) is not None:
                _bring_up_to_date(held, row)
    return new


def _row(finding: Finding, source: MatchSource, model: Model) -> Match:
    return Match(
        first_id=UUID(finding.first),
        second_id=UUID(finding.second),
        verdict=finding.verdict.value,
        guard=finding.guard.value,
        bits_milli=round(finding.bits * 1000),
        chance_ppm=round(finding.p * 1_000_000),
        parts=[
            {"field": part.field, "fitting": part.fitting.value, "milli": round(part.bits * 1000)}
            for part in finding.parts
        ],
        model=model.version,
        source=source.value,
    )


def _bring_up_to_date(held: Match, found: Match) -> None:
    state = MatchState(held.state)
    again = comes_back(
        state,
        document_before=held.fitting("document") == Fitting.EQUAL,
        document_now=found.fitting("document") == Fitting.EQUAL,
    )
    if state not in WAITING and not again:
        return
    for name in FOUND:
        setattr(held, name, getattr(found, name))
    changed = [*FOUND, *(ANEW if again else ())]
    if again:
        held.state, held.reason = MatchState.OPEN.value, ""
        held.decided_by = held.decided_date = held.confirmed_by = None
    held.save(update_fields=changed)


def decide_match(
    *,
    acting_staff: StaffUser,
    match: Match,
    state: MatchState,
    reason: MatchReason,
    decided_date: date,
    why_alone: str = "",
) -> Match:
    """Say whether two records are one person or two, or that it is not known yet.

    Where money was booked for either, or either takes part in a programme, the first decision
    waits for a second person who says the same; another decision of hers waits in its place.
    Raises DecisionMissing, ReasonDoesNotFit, DayToCome, MatchDecided, SamePerson, and in an
    institution of one ReasonNeeded (`why_alone`).
    """
    require(acting_staff, "people.decide_match", match)
    if state is MatchState.OPEN:
        raise DecisionMissing(field="state")
    if not allowed(state, reason):
        raise ReasonDoesNotFit(field="reason")
    if decided_date > timezone.localdate():
        raise DayToCome(field="decided_date", date=decided_date)
    with transaction.atomic():
        match = Match._base_manager.select_for_update().get(pk=match.pk)
        if MatchState(match.state) not in WAITING:
            raise MatchDecided(on=match.decided_date)
        first_hand = match.proposed_by_id if match.proposed_state == state.value else None
        if state is MatchState.UNSURE or not in_use((match.first_id, match.second_id)):
            _decide(match, acting_staff.pk, state, reason, decided_date)
        elif first_hand is None:
            match.proposed_state, match.proposed_reason = state.value, reason.value
            match.proposed_by, match.proposed_date = acting_staff, decided_date
        else:
            require_other_person(
                acting_staff, first_hand, step="people.decide_match", reason=why_alone, obj=match
            )
            _decide(match, first_hand, state, MatchReason(match.proposed_reason), decided_date)
            match.confirmed_by = acting_staff
        match.save()
        facts: audit.Facts = {
            "as": state.value,
            "reason": reason.value,
            "waits": match.state != state.value,
        }
        audit.record(acting_staff, "people.decide_match", match, facts)
    return match


def _decide(match: Match, staff_id: UUID, state: MatchState, reason: MatchReason, on: date) -> None:
    match.state, match.reason = state.value, reason.value
    match.decided_by_id, match.decided_date = staff_id, on
    match.proposed_state = match.proposed_reason = ""
    match.proposed_by = match.proposed_date = None
