"""Monitoring rounds: what loan recipients say of income and life, what enterprises look like
later."""

from collections.abc import Callable, Sequence
from datetime import date

from handup.demo.chance import chosen
from handup.demo.foundation import Ground
from handup.demo.people import Family, Progress
from handup.demo.profiles import CreditSize
from handup.org.rules.access import Role
from handup.people.models import Enterprise, Person
from handup.surveys import services as surveys
from handup.surveys.models import Case, Questionnaire, QuestionnaireVersion, Round, Submission
from handup.surveys.rules.codes import RoundKind, SamplePlan

OPENS = date(2005, 2, 1)
CLOSES = date(2005, 4, 30)
Answers = Callable[[int], list[surveys.AnswerIn]]


def load_monitoring(
    ground: Ground,
    families: Sequence[Family],
    borrowers: Sequence[int],
    size: CreditSize,
    progress: Progress,
) -> Round:
    """Ask a drawn sample of borrowers about income and life."""
    version = install(ground, "impact")
    round = drawn_round(
        ground,
        version.questionnaire,
        "Monitoring 2005",
        RoundKind.FOLLOW_UP,
        [families[place].head for place in borrowers],
        size.monitored,
    )
    income_up = chosen("income", size.monitored, size.income_up)
    life_up = chosen("life", size.monitored, size.life_better)

    def answers(place: int) -> list[surveys.AnswerIn]:
        income = ("MUCH_BETTER" if place % 3 == 0 else "BETTER") if place in income_up else "SAME"
        life = ("MUCH_BETTER" if place % 2 == 0 else "BETTER") if place in life_up else "SAME"
        return [
            surveys.AnswerIn(name="income_change", value=income),
            surveys.AnswerIn(name="life_change", value=life),
        ]

    answer(ground, round, version, answers, progress)
    return round


def install(ground: Ground, code: str) -> QuestionnaireVersion:
    """Install a shipped questionnaire."""
    return surveys.install_questionnaire(acting_staff=ground.cast[Role.ME_OFFICER], code=code)


def drawn_round(
    ground: Ground,
    questionnaire: Questionnaire,
    name: str,
    kind: RoundKind,
    subjects: Sequence[Person | Enterprise],
    sample: int,
    opens: date = OPENS,
    closes: date = CLOSES,
) -> Round:
    """Plan a round, draw its cases from a kept seed and open it."""
    officer = ground.cast[Role.ME_OFFICER]
    is_census = sample >= len(subjects)
    round = surveys.plan_round(
        acting_staff=officer,
        questionnaire=questionnaire,
        programme=ground.programme,
        phase=ground.phase,
        name=name,
        kind=kind,
        opens_date=opens,
        closes_date=closes,
        plan=SamplePlan.CENSUS if is_census else SamplePlan.SIMPLE,
        sample_size=min(sample, len(subjects)),
        seed=f"{ground.programme.code}-{name}",
    )
    surveys.draw_sample(
        acting_staff=officer,
        round=round,
        eligible=[
            surveys.EligibleIn(subject=subject, interviewer=ground.cast[Role.FIELD_OFFICER])
            for subject in subjects
        ],
    )
    return surveys.open_round(acting_staff=officer, round=round)


def answer(
    ground: Ground,
    round: Round,
    version: QuestionnaireVersion,
    answers: Answers,
    progress: Progress,
) -> None:
    """Record the answers of every case, have another person accept them, close and lock."""
    cases = list(Case.objects.filter(round=round).select_related("round", "round__questionnaire"))
    cases.sort(key=lambda case: str(case.pk))
    stored: list[Submission] = []
    for start in range(0, len(cases), 500):
        chunk = cases[start : start + 500]
        stored += surveys.record_submissions(
            acting_staff=ground.cast[Role.FIELD_OFFICER],
            items=[
                surveys.SubmissionIn(
                    case=case,
                    version=version,
                    answers=answers(start + place),
                    answered_date=round.opens_date,
                )
                for place, case in enumerate(chunk)
            ],
        )
        progress(len(chunk))
    officer = ground.cast[Role.ME_OFFICER]
    surveys.accept_submissions(acting_staff=officer, submissions=stored)
    surveys.close_round(acting_staff=officer, round=round)
    surveys.lock_round(acting_staff=officer, round=round)
