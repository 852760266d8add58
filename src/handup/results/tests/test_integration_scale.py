"""Whether people feel more at home: five questions, asked of the same persons twice, by status."""

from collections import defaultdict
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from handup.groups.tests.conftest import new_person
from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.projects.models import Programme
from handup.results.columns import duck
from handup.results.columns.asking import ask
from handup.results.columns.writing import write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source, answers
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked
from handup.surveys.queries import AnswerFact
from handup.surveys.rules.codes import RoundKind, SubjectKind
from handup.surveys.services.bank import bank

pytestmark = pytest.mark.django_db
CODE, BEGAN, ENDED = "MED-INT-01", date(2025, 3, 1), date(2026, 1, 20)
FIRST, LAST = new_id(), new_id()
NO, HALF, YES = "DISAGREE", "NEITHER", "AGREE"


def said(person: Any, day: date, *words: str) -> list[AnswerFact]:
    """What somebody said to the five questions on a day."""
    return [
        AnswerFact(
            handup_key=key,
            subject_kind=SubjectKind.PERSON,
            subject_id=person.pk,
            person_id=person.pk,
            programme_id=person.programme_id,
            phase_id=None,
            round_id=FIRST if day == BEGAN else LAST,
            round_kind=RoundKind.BASELINE if day == BEGAN else RoundKind.ENDLINE,
            answered_date=day,
            repeat_index=0,
            value=word,
            currency="",
            reference_month=None,
            weight=Fraction(1),
        )
        for key, word in zip(answers.SCALE, words, strict=True)
    ]


def test_who_feels_more_at_home_is_counted_among_those_asked_twice(
    programme: Programme,
    officer: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
    tmp_path: Path,
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    risen, same, fell, once, partly = (new_person(at, programme, officer) for at in range(80, 85))
    facts = [
        *said(risen, BEGAN, NO, NO, NO, NO, NO),
        *said(risen, ENDED, NO, NO, NO, NO, HALF),
        *said(same, BEGAN, NO, YES, NO, YES, NO),
        *said(same, ENDED, YES, NO, NO, NO, YES),
        *said(fell, BEGAN, YES, YES, YES, YES, YES),
        *said(fell, ENDED, YES, YES, YES, YES, HALF),
        *said(once, ENDED, YES, YES, YES, YES, YES),
        *said(partly, BEGAN, NO, NO, NO, NO, NO),
        *said(partly, ENDED, YES, YES, YES, YES, "REFUSED"),
    ]

    def by_key(*, keys: Any, **_more: Any) -> list[AnswerFact]:
        return [fact for fact in facts if fact.handup_key in keys]

    monkeypatch.setattr(answers, "answers_by_key", by_key)
    monkeypatch.setattr(answers, "_received", lambda _source: defaultdict(_moment))
    asked = Asked(date(2026, 1, 31))
    figure = compute(DECLARED[CODE], catalogue(), Source(programme, asked.cut_off), asked)
    assert (figure.numerator, figure.denominator) == (1, 3)
    assert figure.interval is not None, "answers of a round carry an interval"
    assert {one.dimension for one in figure.breakdowns} >= {"displacement", "target_category"}
    written = write_snapshot(asked.cut_off, folder=tmp_path / "facts")
    with duck.opened([written.folder]) as (lake, fetch):
        found = ask(lake, fetch, [CODE], asked, ())[CODE].only
    assert (found.numerator, found.denominator) == (1, 3)


def _moment() -> Any:
    from django.utils import timezone

    return timezone.now()


def test_the_bank_asks_its_five_questions_under_their_keys() -> None:
    ready = bank()["integration_scale"]
    assert [one.handup_key for one in ready.questions] == list(answers.SCALE)
    for one in ready.questions:
        assert set(answers.POINTS) <= set(one.choice_labels)
