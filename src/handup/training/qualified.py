"""Reads of the register of qualified people: evidence counted, observations, who worked lately, the
figures of a field.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, cast
from uuid import UUID

from django.utils.translation import gettext as _

from handup.org.models import Setting, StaffUser
from handup.training.models import (
    CohortTrainer,
    Observation,
    Qualification,
    QualificationProof,
    QualificationStep,
    Session,
)
from handup.training.models.qualifications import PROOF
from handup.training.rules.ladder import (
    LADDERS,
    Counts,
    Field,
    Holder,
    Lack,
    Level,
    Proof,
    Step,
    active_since,
    count,
    lacks,
    step_after,
    with_counts,
)
from handup.training.rules.states import CohortState, SessionState

# A higher domain adds who of these staff worked in a field between two days: plans advised, loans
# appraised.
Worked = Callable[[Field, Collection[UUID], date, date], set[UUID]]
worked: list[Worked] = []
# A higher domain adds what shows by itself that these staff did a thing, up to a day: the names of
# the plans reviewed, of the applications appraised, by staff.
Shown = Callable[[Proof, Collection[UUID], date], Mapping[UUID, Collection[str]]]
shown: list[Shown] = []
OF_FIELD = {Field.ADVISOR: Proof.PLAN_REVIEWED, Field.APPRAISER: Proof.APPRAISAL_COSIGNED}
STOPPED = "training.lapsed_stopped"


def ladder_of(field: Field) -> Sequence[Step]:
    """The ladder of a field, with the installation's own numbers (setting training.ladder)."""
    row: Setting | None = Setting.objects.filter(key="training.ladder").first()
    return with_counts(LADDERS, row.value if row else {})[field]


def lack_words(lack: Lack) -> str:
    """What is missing, in words."""
    return str(PROOF[lack.proof]) if lack.proof else _("good observations")


def proofs_of(
    rows: Collection[Qualification], on: date | None = None
) -> dict[UUID, Counter[Proof]]:
    """Evidence by kind: what was recorded, for staff who train the closed cohorts they led or
    assisted, and for others what higher domains know; what a piece of evidence names already counts
    once. As it stood on a day, or all.
    """
    until = on or date.max
    found: dict[UUID, Counter[Proof]] = {row.pk: Counter() for row in rows}
    named: set[tuple[UUID, str, UUID]] = set()
    written: set[tuple[UUID, str, str]] = set()
    for pk, proof, cohort, reference in QualificationProof.objects.filter(
        qualification__in=list(found), proof_date__lte=until
    ).values_list("qualification_id", "proof", "cohort_id", "reference"):
        written.add((pk, proof, reference.strip().casefold()))
        if cast("UUID | None", cohort) is None or (pk, proof, cohort) not in named:
            found[pk][Proof(proof)] += 1
        named.add((pk, proof, cohort))
    trainers = {
        row.staff_id: row.pk
        for row in rows
        if row.staff_id is not None and row.field == Field.TRAINER
    }
    taught = CohortTrainer.objects.filter(
        staff__in=list(trainers), cohort__state__in=(CohortState.CLOSED, CohortState.CORRECTED)
    ).exclude(cohort__closed_date__gt=until)
    for staff, cohort, leads in taught.values_list("staff_id", "cohort_id", "leads").distinct():
        proof = Proof.LED if leads else Proof.ASSISTED
        if (trainers[staff], proof.value, cohort) not in named:
            found[trainers[staff]][proof] += 1
    _add_shown(rows, until, found, written)
    return found


def _add_shown(
    rows: Collection[Qualification],
    until: date,
    found: Mapping[UUID, Counter[Proof]],
    written: Collection[tuple[UUID, str, str]],
) -> None:
    """Add what higher domains know and nobody wrote down."""
    for field, proof in OF_FIELD.items():
        held = {row.staff_id: row.pk for row in rows if row.staff_id and row.field == field}
        for ask in shown if held else ():
            for staff, names in ask(proof, list(held), until).items():
                pk = held[staff]
                told = {(pk, proof.value, name.casefold()) for name in names}
                found[pk][proof] += len(told - set(written))


def lapsed_holder(field: Field, staff_id: UUID, on: date) -> Qualification | None:
    """Who was qualified in a field and no longer is on a day, where the installation stops her
    (setting training.lapsed_stopped, on unless set to false); None for everybody else. A candidate
    was never qualified: she does what anybody does who is on no ladder.
    """
    row: Qualification | None = (
        Qualification.objects.filter(field=field, staff=staff_id, active=True, valid_to__lt=on)
        .exclude(level__in=("", Level.CANDIDATE))
        .first()
    )
    if row is None:
        return None
    told: Setting | None = Setting.objects.filter(key=STOPPED).first()
    return None if told is not None and told.value is False else row


def terms_of(field: Field, staff: Collection[UUID]) -> dict[UUID, list[tuple[date, date]]]:
    """The days on which these staff were qualified in a field, above a candidate: first and last
    day of each step.
    """
    found: dict[UUID, list[tuple[date, date]]] = {}
    steps = QualificationStep.objects.filter(
        qualification__field=field, qualification__staff__in=list(staff)
    ).exclude(level=Level.CANDIDATE)
    rows: Iterable[tuple[Any, ...]] = steps.values_list(
        "qualification__staff_id", "granted_date", "valid_to"
    )
    for holder, first, last in rows:
        found.setdefault(holder, []).append((first, last))
    return found


def in_force(field: Field, staff_id: UUID, on: date) -> bool:
    """Whether a staff member was qualified in a field on a day, above a candidate."""
    terms = terms_of(field, [staff_id]).get(staff_id, [])
    return any(first <= on <= last for first, last in terms)


def scores_of(
    row: Qualification, after: date | None = None, until: date | None = None
) -> list[int]:
    """The observations of a holder in tenths, the latest last; `after` a day and `until` one, or
    all.
    """
    made = Observation.objects.filter(qualification=row)
    if after is not None:
        made = made.filter(observed_date__gt=after)
    if until is not None:
        made = made.filter(observed_date__lte=until)
    return list(
        made.order_by("observed_date", "recorded_at", "id").values_list("score_x10", flat=True)
    )


def next_lacks(row: Qualification) -> tuple[Step | None, list[Lack]]:
    """The next step of a holder and what is missing for it."""
    step = step_after(ladder_of(Field(row.field)), Level(row.level) if row.level else None)
    if step is None:
        return None, []
    return step, lacks(step, proofs_of([row]).get(row.pk, Counter()), scores_of(row))


def active(rows: Collection[Qualification], on: date) -> set[UUID]:
    """Which of these holders worked in their field in the last twelve months: a session held, a
    piece of evidence, or what a higher domain knows.
    """
    since = active_since(on)
    done = QualificationProof.objects.filter(
        qualification__in=[row.pk for row in rows], proof_date__gt=since, proof_date__lte=on
    ).exclude(proof=Proof.COURSE_COMPLETED)
    found = set(done.values_list("qualification_id", flat=True))
    for field in Field:
        held = {
            row.staff_id: row.pk for row in rows if row.staff_id is not None and row.field == field
        }
        at_work: set[UUID] = set()
        if field is Field.TRAINER:
            sessions = Session.objects.filter(
                state=SessionState.HELD, session_date__gt=since, session_date__lte=on
            ).filter(cohort__trainers__staff__in=list(held))
            at_work = set(sessions.values_list("cohort__trainers__staff_id", flat=True)) & set(held)
        for ask in worked:
            at_work |= ask(field, list(held), since, on)
        found |= {held[staff] for staff in at_work if staff in held}
    return found


def figures(staff: StaffUser, on: date) -> dict[Field, Counts]:
    """The figures of each field, of the holders a reader may see."""
    rows = list(Qualification.objects.visible_to(staff).filter(active=True).exclude(level=""))
    lately = active(rows, on)
    holders: dict[Field, list[Holder]] = {field: [] for field in Field}
    for row in rows:
        assert row.valid_to is not None
        one = Holder(Level(row.level), row.valid_to, row.national, row.pk in lately)
        holders[Field(row.field)].append(one)
    return {field: count(found, on) for field, found in holders.items()}
