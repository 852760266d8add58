"""Rounds of a study for tests: planned, drawn, answered and locked through the services."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from handup.lending.tests.cast import staff
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import Household
from handup.projects.models import Programme
from handup.surveys import services as surveys
from handup.surveys.models import Case, Questionnaire, QuestionnaireVersion, Round
from handup.surveys.rules.codes import Purpose, QuestionType, RoundKind, SubjectKind
from handup.surveys.services.questionnaires import QuestionIn
from handup.surveys.services.rounds import EligibleIn

BEGAN, ENDED = date(2024, 3, 1), date(2025, 3, 1)


class Study:
    """A programme whose households are asked for their profit, and three who do it."""

    def __init__(self, code: str = "STUDY") -> None:
        self.officer = staff(f"plans-{code}", Role.ME_OFFICER)
        self.asker = staff(f"asks-{code}", Role.ME_OFFICER)
        self.manager = staff(f"leads-{code}", Role.MANAGER)
        self.programme = Programme.objects.create(code=code, title=f"Study {code}", currency="AMD")
        self.version = self._questionnaire(code)

    def _questionnaire(self, code: str) -> QuestionnaireVersion:
        version = surveys.draft_questionnaire(
            acting_staff=self.officer,
            code=f"profit-{code.lower()}",
            title="Profit",
            purpose=Purpose.IMPACT,
            subject_kind=SubjectKind.HOUSEHOLD,
            version="1",
            questions=[
                QuestionIn(
                    name="profit",
                    type=QuestionType.DECIMAL,
                    labels={"en": "Profit"},
                    handup_key="profit",
                ),
                QuestionIn(
                    name="saves",
                    type=QuestionType.TEXT,
                    labels={"en": "Saves?"},
                    handup_key="saves",
                ),
                QuestionIn(
                    name="money",
                    type=QuestionType.AMOUNT,
                    labels={"en": "Income"},
                    handup_key="money",
                ),
            ],
        )
        return surveys.publish_version(acting_staff=self.manager, version=version)

    def households(self, count: int) -> list[Household]:
        """So many households."""
        at = timezone.localdate()
        return Household.objects.bulk_create(
            [
                Household(
                    code=f"{self.programme.code[:5]}{number}",
                    programme=self.programme,
                    registered_date=at,
                    registered_by=self.officer,
                )
                for number in range(count)
            ],
            batch_size=500,
        )

    def round(self, name: str, opens: date, eligible: Sequence[EligibleIn]) -> Round:
        """A planned and drawn round."""
        round = surveys.plan_round(
            acting_staff=self.officer,
            questionnaire=Questionnaire.objects.get(pk=self.version.questionnaire_id),
            programme=self.programme,
            name=name,
            kind=RoundKind.BASELINE if opens == BEGAN else RoundKind.ENDLINE,
            opens_date=opens,
            closes_date=opens.replace(day=28),
            sample_size=len(eligible),
            seed=name,
        )
        surveys.draw_sample(acting_staff=self.officer, round=round, eligible=eligible)
        return round

    def answer(self, round: Round, said: Mapping[Any, Mapping[str, str]]) -> None:
        """Ask everybody who answers, accept by another person, close and lock."""
        surveys.open_round(acting_staff=self.officer, round=round)
        cases = Case.objects.filter(round=round, subject_id__in=list(said))
        for some in _chunks(list(cases.select_related("round")), 500):
            rows = surveys.record_submissions(
                acting_staff=self.asker,
                items=[self._interview(case, said[case.subject_id]) for case in some],
            )
            surveys.accept_submissions(acting_staff=self.manager, submissions=rows, note="read")
        surveys.close_round(acting_staff=self.officer, round=round)
        surveys.lock_round(acting_staff=self.officer, round=round)

    def _interview(self, case: Case, said: Mapping[str, str]) -> surveys.SubmissionIn:
        return surveys.SubmissionIn(
            case=case,
            version=self.version,
            answers=[
                surveys.AnswerIn(name=name, value=value, currency="AMD" if name == "money" else "")
                for name, value in said.items()
            ],
            answered_date=case.round.opens_date,
        )


def _chunks(rows: Sequence[Case], size: int) -> Iterator[Sequence[Case]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def trial(study: Study, units: Sequence[tuple[bool, float, float | None]]) -> tuple[Round, Round]:
    """Two planned rounds of units that were drawn by lot: took part, first, last (None: lost). The
    first one is asked and locked, the last one only drawn.
    """
    homes = study.households(len(units))
    drawn = [
        EligibleIn(subject=home, stratum="lot" if took else "later")
        for home, (took, _first, _last) in zip(homes, units, strict=True)
    ]
    first, last = study.round("First", BEGAN, drawn), study.round("Last", ENDED, drawn)
    starts = {
        home.pk: {"profit": str(began), "saves": "YES" if began > 100 else "NO"}
        for home, (_took, began, _last) in zip(homes, units, strict=True)
    }
    study.answer(first, starts)
    return first, last


def ends_of(
    last: Round, units: Sequence[tuple[bool, float, float | None]]
) -> dict[Any, dict[str, str]]:
    """What each household that was found again said in the last round, in the order of units."""
    homes = Household.objects.filter(programme=last.programme_id).order_by("id")
    return {
        home.pk: {"profit": str(ended), "saves": "YES" if ended > 100 else "NO"}
        for home, (_took, _first, ended) in zip(homes, units, strict=True)
        if ended is not None
    }


def another(name: str) -> StaffUser:
    """Somebody who only counts loans."""
    return staff(name, Role.LOAN_OFFICER)
