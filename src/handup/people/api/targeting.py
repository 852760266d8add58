"""Targeting over the programme interface: tests, scores, runs, their rows, sample and accuracy."""

from datetime import date
from fractions import Fraction
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.kernel.money import round_to
from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.people.api.schemas import Code, Count, Day, Line, found, named
from handup.people.models import (
    MeansScore,
    Person,
    ProxyMeansTest,
    SampleVisit,
    Scorecard,
    TargetingRow,
    TargetingRun,
)
from handup.people.queries.targeting import sample_found
from handup.people.rules.pmt_table import read_test
from handup.people.services import means, targeting
from handup.projects.models import Programme

router = Router()
Value = Annotated[Text, Field(max_length=60)]
Title = Annotated[Line, Field(min_length=1)]


class TestTold(Schema):
    """A proxy means test from its two tables, as CSV."""

    title: Title
    code: Code
    predicts: Annotated[Text, Field(max_length=40, min_length=1)]
    constant: Annotated[Text, Field(max_length=40)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    terms: LongText
    lines: LongText
    published_date: Day


class TestOut(Schema):
    """One version of a proxy means test."""

    id: UUID
    code: str
    version: int
    title: str
    content: dict[str, object]
    published_date: date


class MeansTold(Schema):
    """What was told of a household and of its members, by the person's id."""

    test_id: UUID
    scored_date: Day
    facts: dict[Code, Value | None]
    members: dict[UUID, dict[Code, Value | None]] = {}


class MeansOut(Schema):
    """A prediction with what each term contributed; units in the currency of the test."""

    id: UUID
    test_id: UUID
    person_id: UUID
    household_id: UUID
    scored_date: date
    status: str
    predicted_units: int | None
    targeted: bool | None
    result: dict[str, object]


class RunTold(Schema):
    """A run: by a scorecard with its cut-off, or by a proxy means test."""

    programme_id: UUID
    title: Title
    run_date: Day
    scorecard_id: UUID | None = None
    test_id: UUID | None = None
    cutoff: Count | None = None


class RunOut(Schema):
    """A run with the versions it used."""

    id: UUID
    programme_id: UUID
    title: str
    run_date: date
    kind: str
    scorecard_id: UUID | None
    test_id: UUID | None
    rule_id: UUID | None
    cutoff: int | None


class RowOut(Schema):
    """One person of a run; priority in millionths of 100."""

    id: UUID
    person_id: UUID
    participation_id: UUID
    state: str
    applied_date: date
    score: int | None
    targeted: bool | None
    priority_ppm: int | None


class VisitTold(Schema):
    """What a visit of the validation sample found; the weight in thousandths."""

    visited_date: Day
    poor: bool
    weight_milli: Annotated[int, Field(ge=1, le=targeting.HEAVIEST)] = 1000


class VisitOut(Schema):
    """A visit of the sample."""

    id: UUID
    row_id: UUID
    visited_date: date
    poor: bool
    weight_milli: int


class GroupOut(Schema):
    """How well a group is reached."""

    group: str
    poor_households: int
    percent_tenths: int | None


class DisparityOut(Schema):
    """Coverage by group, lowest to highest in hundredths, and whether that is a warning."""

    dimension: str
    groups: list[GroupOut]
    ratio_hundredths: int | None
    alert: bool


class AccuracyOut(Schema):
    """Shares in tenths of a percent; null where not defined."""

    households: int
    inclusion: int | None
    undercoverage: int | None
    leakage: int | None
    exclusion: int | None
    hit_rate: int | None
    bpac: int | None
    disparity: list[DisparityOut]


@router.get("/means-tests", response=PageOut[TestOut])
def list_tests(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every version of every proxy means test."""
    items, following = page(ProxyMeansTest.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/means-tests", response={201: TestOut})
def publish_test(
    request: StaffRequest, key: IdempotencyKey, told: TestTold
) -> Status[ProxyMeansTest]:
    """Publish the next version of a test."""
    known = ProxyMeansTest.objects.filter(pk=key).first()
    version = means.next_version(told.code) if known is None else known.version
    content = read_test(
        told.terms.encode(),
        told.lines.encode(),
        code=told.code,
        version=version,
        predicts=told.predicts,
        constant=told.constant,
        currency=told.currency,
    )
    row = means.publish_test(
        acting_staff=request.auth_staff,
        title=told.title,
        content=content,
        published_date=told.published_date,
        id=key,
    )
    return Status(201, row)


@router.post("/persons/{uuid:person_id}/means-scores", response={201: MeansOut})
def score_household(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: MeansTold
) -> Status[MeansScore]:
    """Predict for the household of the person who answers."""
    staff = request.auth_staff
    row = means.score_household(
        acting_staff=staff,
        person=found(Person, staff, person_id),
        test=found(ProxyMeansTest, staff, told.test_id),
        facts=dict(told.facts),
        members={member: dict(facts) for member, facts in told.members.items()},
        scored_date=told.scored_date,
        id=key,
    )
    return Status(201, row)


@router.get("/targeting-runs", response=PageOut[RunOut])
def list_runs(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Runs of the programmes the caller works for."""
    items, following = page(TargetingRun.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/targeting-runs", response={201: RunOut})
def run_targeting(
    request: StaffRequest, key: IdempotencyKey, told: RunTold
) -> Status[TargetingRun]:
    """Freeze whom a cut-off takes, as of a day."""
    staff = request.auth_staff
    row = targeting.run_targeting(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        title=told.title,
        run_date=told.run_date,
        scorecard=named(Scorecard, staff, told.scorecard_id),
        test=named(ProxyMeansTest, staff, told.test_id),
        cutoff=told.cutoff,
        id=key,
    )
    return Status(201, row)


@router.get("/targeting-runs/{uuid:run_id}/rows", response=PageOut[RowOut])
def list_rows(
    request: StaffRequest,
    run_id: UUID,
    after: After = None,
    limit: PageSize = 50,
    targeted: Annotated[bool | None, Query(None)] = None,
) -> dict[str, object]:
    """Persons of a run the caller may see."""
    staff = request.auth_staff
    rows = TargetingRow.objects.visible_to(staff).filter(run=found(TargetingRun, staff, run_id))
    rows = rows if targeted is None else rows.filter(targeted=targeted)
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.person_id for row in items], action="LIST")
    return {"items": items, "next": following}


@router.post("/targeting-rows/{uuid:row_id}/visits", response={201: VisitOut})
def record_sample_visit(
    request: StaffRequest, row_id: UUID, key: IdempotencyKey, told: VisitTold
) -> Status[SampleVisit]:
    """Keep what a visit of the validation sample found."""
    staff = request.auth_staff
    row = targeting.record_sample_visit(
        acting_staff=staff,
        row=found(TargetingRow, staff, row_id),
        visited_date=told.visited_date,
        poor=told.poor,
        weight_milli=told.weight_milli,
        id=key,
    )
    return Status(201, row)


def _tenths(value: Fraction | None) -> int | None:
    return None if value is None else round_to(value * 10)


@router.get("/targeting-runs/{uuid:run_id}/accuracy", response=AccuracyOut)
def accuracy(request: StaffRequest, run_id: UUID) -> AccuracyOut:
    """How well a run reaches the poor, by its validation sample."""
    staff = request.auth_staff
    measured = sample_found(staff, found(TargetingRun, staff, run_id))
    told = measured.accuracy
    return AccuracyOut(
        households=measured.households,
        inclusion=_tenths(told.share(told.inclusion)),
        undercoverage=_tenths(told.share(told.undercoverage)),
        leakage=_tenths(told.share(told.leakage)),
        exclusion=_tenths(told.share(told.exclusion)),
        hit_rate=_tenths(told.hit_rate),
        bpac=_tenths(told.bpac),
        disparity=[
            DisparityOut(
                dimension=name,
                groups=[
                    GroupOut(
                        group=code,
                        poor_households=group.poor_households,
                        percent_tenths=_tenths(group.percent),
                    )
                    for code, group in sorted(part.coverage.items())
                ],
                ratio_hundredths=None if part.ratio is None else round_to(part.ratio * 100),
                alert=part.alert,
            )
            for name, part in told.disparity.items()
        ],
    )
