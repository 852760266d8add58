"""One record of each kind the addresses of `results` name, for the tests that walk every
address."""

from datetime import date

from django.db.models import Model
from django.utils import timezone

from handup.org.models import Office, StaffUser
from handup.projects.models import Programme
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.freezing import figure_of, snapshot_sum
from handup.results.models import (
    ExchangeFile,
    ExchangeProfile,
    FrozenFigure,
    FrozenRow,
    ImportedActivity,
    Narrative,
    ProgrammeIndicator,
    ReleasedFigure,
    Snapshot,
)
from handup.results.report import report_line
from handup.results.rules.states import FigureState, SnapshotState
from handup.results.tests.samples_truth import truth

CODE = "MED-OUT-01"
DAY = date(2026, 1, 31)


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A programme with one frozen figure, one being checked, and a report in each state."""
    programme = Programme.objects.create(code="R", title="Sample", currency="USD")
    frozen = _snapshot(staff, programme, 1)
    figure = _figure(frozen, FigureState.FROZEN)
    frozen.state, frozen.frozen_by = SnapshotState.FROZEN.value, staff
    frozen.frozen_at, frozen.sha256 = timezone.now(), snapshot_sum(frozen)
    frozen.save()
    waiting = _snapshot(staff, programme, 2)
    row = FrozenRow.objects.create(figure=figure, is_base=False, digest="0" * 64)
    return [
        programme,
        frozen,
        waiting,
        figure,
        row,
        *(
            _figure(_snapshot(staff, programme, at), state)
            for at, state in (
                (3, FigureState.DRAFT),
                (4, FigureState.CHECKED),
                (5, FigureState.APPROVED),
            )
        ),
        *(
            Narrative.objects.create(
                programme=programme,
                snapshot=frozen,
                title="Sample",
                language="en",
                text=f"# Sample\n\n- {{{{ {CODE} }}}}",
                state=state,
                written_by=staff,
            )
            for state in ("DRAFT", "CHECKED", "APPROVED", "SENT")
        ),
        *truth(staff, programme, _snapshot(staff, programme, 6)),
        ProgrammeIndicator.objects.create(programme=programme, code=CODE, position=1),
        ReleasedFigure.objects.create(programme=programme, day=DAY, code=CODE, of_day=DAY),
        *_exchange(staff, frozen),
    ]


def _exchange(staff: StaffUser, snapshot: Snapshot) -> list[Model]:
    """A profile, a file in each state, and activities that came."""
    programme = snapshot.programme
    profile = ExchangeProfile.objects.create(
        programme=programme,
        organisation_ref="AA-AAA-1",
        organisation_name="Sample",
        organisation_type="40",
        activity_code="R",
        countries=[{"code": "AM", "share": "100"}],
        sectors=[{"code": "24040", "share": "100"}],
    )
    files = [
        ExchangeFile.objects.create(
            programme=programme,
            snapshot=snapshot,
            kind="IATI",
            number=number,
            state=state,
            content='<iati-activities version="2.03"/>',
            sha256="0" * 64,
            built_by=staff,
        )
        for number, state in enumerate(("BUILT", "CHECKED", "PUBLISHED", "REPLACED"), start=1)
    ]
    came = [
        ImportedActivity.objects.create(
            identifier=f"BB-BBB-{state}",
            title="Sample",
            programme=programme if state == "TAKEN" else None,
            state=state,
            version="2.03",
            raw="<iati-activity/>",
            sha256="0" * 64,
            imported_by=staff,
        )
        for state in ("TAKEN", "HELD")
    ]
    return [profile, *files, *came]


def _snapshot(staff: StaffUser, programme: Programme, number: int) -> Snapshot:
    return Snapshot.objects.create(
        programme=programme,
        number=number,
        day=DAY,
        computed_by=staff,
        program_version="1",
        computed_at=timezone.now(),
    )


def _figure(snapshot: Snapshot, state: FigureState) -> FrozenFigure:
    line = report_line(definition(CODE), Facts(snapshot.programme, DAY))
    figure = figure_of(snapshot, line)
    figure.state = state.value
    figure.save(force_insert=True)
    return figure
