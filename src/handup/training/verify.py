"""Proofs of training: frozen figures follow from the records, every certificate's code is
genuine.
"""

from collections.abc import Iterator

from handup.kernel.crypto import is_signed
from handup.org.verify import Difference
from handup.training.facts import CohortFacts, of_cohorts
from handup.training.models import Certificate, Cohort
from handup.training.rules.serials import code_parts, is_serial
from handup.training.rules.states import CohortState, EnrolmentState

COHORTS = 50
DECIDED = {EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED}


def closed_figures() -> Iterator[Difference]:
    """Compute every closed cohort again: minutes and completion of everybody on its roll."""
    ids = list(
        Cohort.objects.filter(state__in=(CohortState.CLOSED, CohortState.CORRECTED))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    for start in range(0, len(ids), COHORTS):
        part = ids[start : start + COHORTS]
        cohorts = list(Cohort.objects.filter(pk__in=part).select_related("course"))
        for facts in of_cohorts(cohorts).values():
            yield from _differences(facts)


def _differences(facts: CohortFacts) -> Iterator[Difference]:
    for row in facts.enrolments:
        sums = facts.attended(row.pk)
        if (row.attended_minutes, row.held_minutes) != (sums.attended, sums.held):
            yield Difference(
                f"enrolment {row.pk} minutes",
                f"{row.attended_minutes} / {row.held_minutes}",
                f"{sums.attended} / {sums.held}",
            )
        completed = facts.outcome(row.pk).completed
        if row.state in DECIDED and completed != (row.state == EnrolmentState.COMPLETED):
            yield Difference(f"enrolment {row.pk} completed", row.state, str(completed))


def genuine_codes() -> Iterator[Difference]:
    """Check the serial's digit and the signature of every certificate that was not erased."""
    rows = Certificate.objects.exclude(code_text="").select_related("signing_key")
    for row in rows.order_by("pk").iterator(chunk_size=500):
        parts = code_parts(row.code_text)
        signed = parts is not None and is_signed(
            row.signing_key.public_key, parts[1].encode(), parts[2]
        )
        if not signed:
            yield Difference(f"certificate {row.pk} code", "signature", "not genuine")
        if not is_serial(row.serial):
            yield Difference(f"certificate {row.pk} serial", row.serial, "wrong check digit")
