"""Samples of studies, logframes, typed values and public tables."""

from datetime import date, timedelta

from django.db.models import Model
from django.utils import timezone

from handup.org.classes import DataClass
from handup.org.models import StaffUser
from handup.org.services import store_file
from handup.people.models import SharingAgreement
from handup.projects.models import Organisation, Phase, Programme
from handup.results.models import (
    Analysis,
    BuiltIndicator,
    CountingSecret,
    Evidence,
    FrozenEstimate,
    FrozenTarget,
    FrozenTyped,
    LogframeRow,
    PublicTable,
    RowIndicator,
    Snapshot,
    Target,
    TypedValue,
    VisitPhoto,
)
from handup.results.rules.states import DesignKind, OutcomeKind
from handup.results.rules.study import Observed, Plan, study
from handup.results.told import told_of
from handup.surveys.models import Question, Questionnaire, QuestionnaireVersion, Round

DAY = date(2026, 1, 31)


def truth(staff: StaffUser, programme: Programme, snapshot: Snapshot) -> list[Model]:
    """An outcome in each state over one round, and one that a snapshot keeps."""
    round = _round(staff, programme)
    told = told_of(
        Plan(DesignKind.NONE, OutcomeKind.AMOUNT, is_paired=False),
        study(
            Plan(DesignKind.NONE, OutcomeKind.AMOUNT, is_paired=False),
            [Observed(at, None, None, float(at)) for at in range(6)],
        ),
        None,
    )
    now = timezone.now()
    states: dict[str, dict[str, object]] = {
        "DRAFT": {},
        "FIXED": {"fixed_at": now, "fixed_by": staff},
        "DONE": {"done_at": now, "done_by": staff, "told": told, "level": "DESCRIPTIVE"},
    }
    return [
        *_logframe(staff, programme, snapshot),
        *_typed(staff, programme, snapshot),
        _table(staff, snapshot),
        *_columns(staff, programme),
        _photo(staff, programme),
        *(
            BuiltIndicator.objects.create(
                programme=programme,
                number=number,
                name=f"Sample {state}",
                definition="count each person of service\nsplit sex",
                state=state,
                built_by=staff,
            )
            for number, state in enumerate(("DRAFT", "ACTIVE", "RETIRED"), 1)
        ),
        *(
            Analysis.objects.create(
                programme=programme,
                code=f"SAMPLE-{state}",
                title="Sample",
                outcome_key="x",
                kind="AMOUNT",
                design="NONE",
                hypothesis="Sample",
                last_round=round,
                seed=1,
                planned_by=staff,
                state=state,
                **more,
            )
            for state, more in states.items()
        ),
        FrozenEstimate.objects.create(
            snapshot=snapshot,
            code="SAMPLE",
            title="Sample",
            level="DESCRIPTIVE",
            told=told,
            may_leave=True,
        ),
    ]


def _round(staff: StaffUser, programme: Programme) -> Round:
    asked = Questionnaire.objects.create(
        code="sample-impact", title="Sample", purpose="IMPACT", subject_kind="PERSON"
    )
    version = QuestionnaireVersion.objects.create(
        questionnaire=asked, version="1", sha256="0" * 64, prepared_by=staff
    )
    Question.objects.create(version=version, number=1, name="x", type="decimal", handup_key="x")
    return Round.objects.create(
        questionnaire=asked,
        programme=programme,
        name="Sample",
        kind="ENDLINE",
        opens_date=DAY,
        closes_date=DAY,
        seed="x",
        planned_by=staff,
        state="LOCKED",
    )


def _logframe(staff: StaffUser, programme: Programme, snapshot: Snapshot) -> list[Model]:
    """A phase with an output that has an indicator with a target, and relies on something."""
    phase = Phase.objects.create(programme=programme, code="L", title="Sample")
    row = LogframeRow.objects.create(
        phase=phase, level="OUTPUT", position=1, statement="Sample", assumption="Sample"
    )
    indicator = RowIndicator.objects.create(row=row, code="MED-OUT-01", position=1, baseline="0")
    target = Target.objects.create(
        indicator=indicator, period_end=DAY, value="10", revision=1, set_by=staff
    )
    frozen = FrozenTarget.objects.create(
        snapshot=snapshot, indicator=indicator, position=1, phase_code="L", level="OUTPUT",
        statement="Sample", code="MED-OUT-01", baseline="0", target="10", period_end=DAY,
    )  # fmt: skip
    return [phase, row, indicator, target, frozen]


def _typed(staff: StaffUser, programme: Programme, snapshot: Snapshot) -> list[Model]:
    """A typed value in each state, one with its file."""
    rows = [
        TypedValue.objects.create(
            programme=programme,
            code="MED-OUT-01",
            period_end=DAY - timedelta(days=at),
            value="10",
            state=state,
            typed_by=staff,
        )
        for at, state in enumerate(("DRAFT", "CHECKED", "APPROVED"))
    ]
    file = store_file(
        acting_staff=staff, owner=rows[0], name="a.txt", content=b"x", klass=DataClass.I
    )
    frozen = FrozenTyped.objects.create(
        snapshot=snapshot,
        typed=rows[2],
        code="MED-TRN-05",
        period_end=rows[2].period_end,
        value="10",
        may_leave=True,
    )
    return [*rows, Evidence.objects.create(value=rows[0], file=file, added_by=staff), frozen]


def _photo(staff: StaffUser, programme: Programme) -> VisitPhoto:
    """A photo on which nobody can be recognised."""
    photo = VisitPhoto(
        programme=programme, caption="Sample", taken_date=DAY, added_by=staff, person=None
    )
    photo.file = store_file(
        acting_staff=staff, owner=photo, name="a.png", content=b"x", klass=DataClass.P
    )
    photo.save(force_insert=True)
    return photo


def _columns(staff: StaffUser, programme: Programme) -> list[Model]:
    """An agreement under which snapshots in columns are made, with the secret of who counts."""
    agreement = SharingAgreement.objects.create(
        code="AC0001",
        recipient=Organisation.objects.create(code="COUNTS", name="Statistics office"),
        programme=programme,
        purpose="SHARE_AUTHORITY",
        legal_basis="Sample",
        fields=["COLUMNS"],
        first_date=DAY,
        last_date=DAY + timedelta(days=999),
        destroy_date=DAY + timedelta(days=999),
        drafted_by=staff,
        drafted_date=DAY,
    )
    secret = CountingSecret.objects.create(
        agreement=agreement, secret="x" * 40, kept_by=staff, kept_date=DAY
    )
    return [agreement, secret]


def _table(staff: StaffUser, snapshot: Snapshot) -> PublicTable:
    """A table that was published."""
    return PublicTable.objects.create(
        programme=snapshot.programme,
        snapshot=snapshot,
        day=DAY,
        code="MED-OUT-01",
        row_dimension="sex",
        smallest=5,
        published_by=staff,
        basis={"cells": [["F", "", 9]], "least": 1},
        table={
            "outcome": "PUBLISHED",
            "total": 9,
            "rows": [["F"]],
            "columns": [[""]],
            "cells": [[9]],
            "row_totals": [9],
            "column_totals": [9],
        },
    )
