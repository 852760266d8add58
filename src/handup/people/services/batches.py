"""Who of a batch may be registered already, or stand in it twice; what was decided about them
before the batch was taken over is kept like any other decision (people.md PE8, 4.7, 5)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handup.org import audit
from handup.org.models import StaffUser
from handup.people.models import Match
from handup.people.queries.duplicates import find_for
from handup.people.queries.match_models import model_in_use
from handup.people.queries.matching import aliases, all_records, records_of, told_different
from handup.people.queries.persons import hidden_from_all
from handup.people.rules.duplicates import MatchReason, MatchSource, MatchState
from handup.people.rules.matching.blocks import block_keys
from handup.people.rules.matching.decide import Finding
from handup.people.rules.matching.engine import NothingToCompareBy, find_in_batch
from handup.people.services.duplicates import keep_findings

FEW = 100
"""Up to so many are looked for one by one, as newcomers are; more are compared all at once."""


@dataclass(frozen=True, slots=True)
class BatchCheck:
    """What was found about persons of a batch. `without_key`: how many have nothing to be compared
    by; `usable` is False where nobody has, and the check did not run.
    """

    findings: tuple[Finding, ...]
    without_key: int
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision about two persons that was taken before both had a record."""

    first: UUID
    second: UUID
    row: Match
    state: MatchState
    reason: MatchReason
    decided_by: UUID | None
    decided_date: date | None


def doubles_of(persons: Collection[UUID], *, hidden: Collection[UUID] = ()) -> BatchCheck:
    """Compare stored persons of a batch with each other and with everybody else but `hidden`.

    What is answered is as if the hidden ones had never come.
    """
    wanted = {str(pk) for pk in persons} - {str(pk) for pk in hidden}
    if not wanted:
        return BatchCheck((), 0)
    found: dict[tuple[str, str], Finding] = {}
    model = model_in_use()
    without, spelled = 0, aliases()
    if len(wanted) > FEW:
        unseen = {str(pk) for pk in hidden}
        records = [record for record in all_records(spelled) if record.id not in unseen]
        try:
            report = find_in_batch(records, model, fresh=wanted, told_different=told_different())
        except NothingToCompareBy:
            return BatchCheck((), len(wanted), usable=False)
        found = {(item.first, item.second): item for item in report.findings}
        without = sum(record.id in wanted and not block_keys(record) for record in records)
    else:
        out = {str(pk) for pk in hidden}
        for record in records_of(sorted(UUID(pk) for pk in wanted), spelled):
            report = find_for(record, unseen=hidden, model=model, spelled=spelled)
            without += report.without_key
            for item in report.findings:
                if not out & {item.first, item.second}:
                    found[item.first, item.second] = item
    listed = sorted(found.values(), key=lambda item: (-item.bits, item.first, item.second))
    return BatchCheck(tuple(listed), without, usable=without < len(wanted))


def keep_batch(
    *, acting_staff: StaffUser, persons: Collection[UUID], decided: Iterable[Decided]
) -> int:
    """Keep what was decided about a batch that is being taken over, then look for everybody of it
    as for newcomers: what nobody could decide before waits in the queue. How many pairs wait, as if
    whoever is hidden had never come; her own wait for her case team beside them.

    Inside the transaction of the take-over. A decision to wait (UNSURE) waits there too.
    """
    for told in decided:
        row = told.row
        row.first_id, row.second_id = sorted((told.first, told.second))
        row.source, row.state, row.reason = (
            MatchSource.BATCH.value, told.state.value, told.reason.value,
        )  # fmt: skip
        row.decided_by_id, row.decided_date = told.decided_by, told.decided_date
        pair = Match._base_manager.filter(first=row.first_id, second=row.second_id)
        if not pair.exists():
            row.save(force_insert=True)
            facts: audit.Facts = {"as": row.state, "reason": row.reason, "waits": False}
            audit.record(acting_staff, "people.decide_match", row, facts)
    model, hidden = model_in_use(), hidden_from_all()
    new = keep_findings(doubles_of(persons, hidden=hidden).findings, MatchSource.BATCH, model)
    if hidden:
        out = {str(pk) for pk in hidden}
        beside = doubles_of(persons).findings
        theirs = [item for item in beside if out & {item.first, item.second}]
        keep_findings(theirs, MatchSource.BATCH, model)
    return new
