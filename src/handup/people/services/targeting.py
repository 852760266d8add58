"""Run the targeting of a programme once and for all, and keep what the validation sample found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import round_to
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import without_opened
from handup.people.models import (
    Assessment,
    MeansScore,
    Participation,
    ProxyMeansTest,
    SampleVisit,
    Scorecard,
    TargetingRow,
    TargetingRun,
)
from handup.people.queries.categories import CategoryFacts, category_facts
from handup.people.queries.households import chunks, households_of
from handup.people.queries.merging import ids_by_person
from handup.people.queries.participation import current_rule
from handup.people.rules.codes import Derived
from handup.people.rules.taking_part import ENDED
from handup.people.rules.targeting import Applicant, Place, RunKind, places, status_group
from handup.people.services.scorecards import card_of
from handup.people.services.store import insert, refuse_erased
from handup.projects.models import Programme

YES_NO = {True: "YES", False: "NO", None: "UNKNOWN"}
HEAVIEST = 1_000_000


class RunWithoutTitle(Refusal):
    """Give the run a title."""


class CardOrTest(Refusal):
    """Choose a scorecard or a proxy means test, one of them."""


class CutoffMissing(Refusal):
    """This scorecard has no cut-off. Write the score up to which households are taken."""


class CutoffTooHigh(Refusal):
    """The highest score of this scorecard is {cap}."""


class RunAhead(Refusal):
    """{date} has not come yet."""


class NobodyApplied(Refusal):
    """Nobody has applied to this programme by {date}."""


class WeightUnusable(Refusal):
    """A weight is above 0 and at most 1,000."""


class VisitBeforeRun(Refusal):
    """The run was made as of {run_date}; the sample is visited later, or that day."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """The last score of a person by a day."""

    source: UUID
    points: int | None = None
    predicted: Decimal | None = None
    units: int | None = None
    targeted: bool | None = None


def run_targeting(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    run_date: date,
    scorecard: Scorecard | None = None,
    test: ProxyMeansTest | None = None,
    cutoff: int | None = None,
    id: UUID | None = None,
) -> TargetingRun:
    """Freeze who of a programme is taken, as of a day: everyone who has applied and has not left,
    with her last score by one version, the cut-off, her priority and her place.

    Who has no score is in the run, not taken and last. Ties: the day of the application, then the
    id. Nothing of a run is ever changed; nobody's participation moves by it. Source: people.md 4.6.

    Raises RunWithoutTitle, CardOrTest, CutoffMissing, CutoffTooHigh, RunAhead, NobodyApplied.
    """
    require(acting_staff, "people.run_targeting", programme)
    told: dict[str, Any] = {"programme": programme, "title": title.strip(), "run_date": run_date}
    told |= {"scorecard": scorecard, "test": test}
    if cutoff is not None:
        told["cutoff"] = cutoff
    known = already_stored(TargetingRun, id, acting_staff, **told)
    if known is not None:
        return known
    if not title.strip():
        raise RunWithoutTitle(field="title")
    if run_date > timezone.localdate():
        raise RunAhead(field="run_date", date=run_date)
    kind, cutoff, cap = _limits(scorecard, test, cutoff)
    population = _population(acting_staff, programme, run_date)
    if not population:
        raise NobodyApplied(field="run_date", date=run_date)
    run = TargetingRun(
        id=id or new_id(),
        programme=programme,
        title=title.strip(),
        run_date=run_date,
        kind=kind.value,
        scorecard=scorecard,
        test=test,
        rule=current_rule(programme, on=run_date),
        cutoff=cutoff,
        run_by=acting_staff,
    )
    rows = _rows(run, population, kind, cap)
    with transaction.atomic():
        insert([run], acting_staff)
        insert(rows, acting_staff)
        facts: audit.Facts = {"persons": len(rows), "taken": sum(bool(r.targeted) for r in rows)}
        audit.record(acting_staff, "people.run_targeting", run, facts)
    return run


def _limits(
    scorecard: Scorecard | None, test: ProxyMeansTest | None, cutoff: int | None
) -> tuple[RunKind, int | None, int | None]:
    if (scorecard is None) == (test is None):
        raise CardOrTest(field="scorecard")
    if scorecard is None:
        return RunKind.PMT, None, None
    card = card_of(scorecard)
    chosen = card.cutoff if cutoff is None else cutoff
    if chosen is None:
        raise CutoffMissing(field="cutoff")
    if chosen > card.cap:
        raise CutoffTooHigh(field="cutoff", cap=card.cap)
    return RunKind.POINTS, chosen, card.cap


def _population(staff: StaffUser, programme: Programme, on: date) -> list[Participation]:
    """Everyone who has applied by a day, has not left and was not erased, whom the officer may know
    of."""
    rows = Participation.objects.visible_to(without_opened(staff)).filter(
        programme=programme, person__erased_date=None
    )
    ended = [state.value for state in ENDED]
    return list(rows.filter(applied_date__lte=on).exclude(state__in=ended).order_by("id"))


def _rows(
    run: TargetingRun, population: Sequence[Participation], kind: RunKind, cap: int | None
) -> list[TargetingRow]:
    persons = [row.person_id for row in population]
    scored = _points(run, persons) if kind is RunKind.POINTS else _means(run, persons)
    applicants = [_applicant(row, scored.get(row.person_id)) for row in population]
    placed = places(applicants, kind, cutoff=run.cutoff, cap=cap)
    counted = category_facts(persons, on=run.run_date)
    return [
        _row(run, row, scored.get(row.person_id), placed[row.pk], counted[row.person_id])
        for row in population
    ]


def _applicant(row: Participation, scored: _Scored | None) -> Applicant:
    if scored is None:
        return Applicant(row.pk, row.applied_date)
    return Applicant(row.pk, row.applied_date, scored.points, scored.predicted, scored.targeted)


def _row(
    run: TargetingRun,
    row: Participation,
    scored: _Scored | None,
    place: Place,
    counted: CategoryFacts,
) -> TargetingRow:
    score = None
    if scored is not None:
        score = scored.points if scored.units is None else scored.units
    groups = {
        "sex": counted.sex,
        "status": status_group(counted.statuses),
        "disability": YES_NO[counted.derived.get(Derived.DISABILITY)],
    }
    sealed: dict[str, Any] = {"groups": groups}
    return TargetingRow(
        run=run,
        person_id=row.person_id,
        participation=row,
        state=row.state,
        applied_date=row.applied_date,
        score=score,
        targeted=place.targeted,
        priority_ppm=None if place.priority is None else round_to(place.priority * 10_000),
        rank=place.rank,
        source=scored.source if scored else None,
        **sealed,
    )


def _points(run: TargetingRun, persons: Sequence[UUID]) -> Mapping[UUID, _Scored]:
    """The last score of each by this very version of the card."""
    found: dict[UUID, _Scored] = {}
    for piece in chunks(persons):
        rows = Assessment._base_manager.filter(
            scorecard=run.scorecard, person_id__in=piece, assessed_date__lte=run.run_date
        )
        for row in rows.order_by("assessed_date", "recorded_at", "id"):
            found[row.person_id] = _Scored(row.pk, points=row.score)
    return found


def _means(run: TargetingRun, persons: Sequence[UUID]) -> Mapping[UUID, _Scored]:
    """The last prediction of each by this very version of the test: of her household, whoever of
    it answered and under whatever id of hers; of herself where she lives in none that day.
    """
    asked_of = ids_by_person(persons)
    homes = households_of(persons, on=run.run_date)
    by_person: dict[UUID, _Scored] = {}
    by_home: dict[UUID, _Scored] = {}
    scores: dict[UUID, MeansScore] = {}
    tested = MeansScore._base_manager.filter(test=run.test, scored_date__lte=run.run_date)
    for piece in chunks(asked_of):
        scores |= {row.pk: row for row in tested.filter(person_id__in=piece)}
    for piece in chunks(set(homes.values())):
        scores |= {row.pk: row for row in tested.filter(household_id__in=piece)}
    for row in sorted(scores.values(), key=lambda row: (row.scored_date, row.recorded_at, row.pk)):
        told = row.result.get("predicted")
        scored = _Scored(
            row.pk,
            predicted=None if told is None else Decimal(told),
            units=row.predicted_units,
            targeted=row.targeted,
        )
        if row.household_id is not None:
            by_home[row.household_id] = scored
        if row.person_id in asked_of:
            by_person[asked_of[row.person_id]] = scored
    found = {person: by_home[home] for person, home in homes.items() if home in by_home}
    return by_person | found


def record_sample_visit(
    *,
    acting_staff: StaffUser,
    row: TargetingRow,
    visited_date: date,
    poor: bool,
    weight_milli: int = 1000,
    id: UUID | None = None,
) -> SampleVisit:
    """Keep what a visit of the validation sample found of a household of a run.

    `weight_milli` is the household's weight in thousandths. Visited again, the later finding
    counts. Raises WeightUnusable, VisitBeforeRun, RunAhead, PersonErased.
    """
    require(acting_staff, "people.record_sample_visit", row)
    told = {"row": row, "poor": poor, "visited_date": visited_date, "weight_milli": weight_milli}
    known = already_stored(SampleVisit, id, acting_staff, **told)
    if known is not None:
        return known
    refuse_erased(row.person)
    if not 0 < weight_milli <= HEAVIEST:
        raise WeightUnusable(field="weight")
    if visited_date < row.run.run_date:
        raise VisitBeforeRun(field="visited_date", run_date=row.run.run_date)
    if visited_date > timezone.localdate():
        raise RunAhead(field="visited_date", date=visited_date)
    visit = SampleVisit(
        id=id or new_id(),
        row=row,
        visited_date=visited_date,
        poor=poor,
        weight_milli=weight_milli,
        visited_by=acting_staff,
    )
    with transaction.atomic():
        insert([visit], acting_staff)
        audit.record(acting_staff, "people.record_sample_visit", visit)
    return visit
