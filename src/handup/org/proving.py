"""All proofs, as a job of the night or after a copy was brought back; what was found is kept."""

from django.utils import timezone

from handup.org import verify
from handup.org.jobs import job
from handup.org.models.proofs import ProofOutcome, ProofReason, ProofRun
from handup.org.verify import Outcome

KEPT = 200


@job
def prove_everything(deep: bool = False) -> None:
    """The job of the night."""
    prove(ProofReason.NIGHTLY, deep=deep)


def prove(reason: ProofReason, *, deep: bool = False) -> ProofRun:
    """Run all proofs over one state of the database, then keep what they found."""
    started_at = timezone.now()
    outcomes = list(verify.run_all(deep=deep))
    failed = any(outcome.fault for outcome in outcomes)
    differs = any(outcome.count for outcome in outcomes)
    outcome = ProofOutcome.HOLDS
    if differs:
        outcome = ProofOutcome.DIFFERS
    elif failed:
        outcome = ProofOutcome.FAILED
    run: ProofRun = ProofRun.objects.create(
        reason=reason,
        started_at=started_at,
        outcome=outcome,
        checks=len(outcomes),
        differences=sum(outcome.count for outcome in outcomes),
        found=[told for outcome in outcomes for told in as_rows(outcome)][:KEPT],
    )
    return run


def as_rows(outcome: Outcome) -> list[dict[str, str]]:
    """The first differences of a check, each by itself; a check that failed as one."""
    check = outcome.check
    named = {"check": check.code, "proves": check.proves}
    if outcome.fault:
        return [{**named, "key": "", "stored": "", "computed": outcome.fault}]
    return [
        {**named, "key": found.key, "stored": found.stored, "computed": found.computed}
        for found in outcome.shown
    ]
