"""What the final assessment of an apprentice rests on: the required skills of her trade, and the
days of her log where one is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from handup.org.models import StaffUser
from handup.training.models import (
    ApprenticeshipAgreement,
    LogDay,
    SkillLevel,
    TradeSkill,
    Workshop,
)
from handup.training.rules.apprentices import Day, final_levels, log_counts
from handup.training.services.refusals import LogDueMissing, SkillsNotJudged


@dataclass(frozen=True, slots=True, kw_only=True)
class GraduationIn:
    """The final assessment of one apprentice by somebody from outside the workshop.

    `levels` gives the level of each skill of the trade by its id; without skills of the trade,
    `skills` are the levels as told. Where a log is kept, it says on how many days she came; on how
    many she was due in the workshop is told here, for a day nobody wrote down is no day she came.
    """

    agreement: ApprenticeshipAgreement
    assessed_date: date
    skills: Sequence[int] = ()
    levels: dict[UUID, int] = field(default_factory=dict)
    log_attended: int = 0
    log_due: int = 0
    assessor_name: str
    assessor: StaffUser | None = None
    assessor_workshop: Workshop | None = None


def skills_of(trade: str) -> list[TradeSkill]:
    """The skills of a trade in use, in the order of the card; a trade is one however it is
    written, large or small.
    """
    wanted = trade.strip().casefold()
    rows = TradeSkill.objects.filter(active=True)
    return [row for row in rows if row.trade.strip().casefold() == wanted]


def log_of(agreement: ApprenticeshipAgreement) -> list[Day]:
    """Every telling of a day of an apprentice's log."""
    rows = LogDay.objects.filter(agreement=agreement)
    return [Day(row.day, row.came, row.recorded_at, row.pk) for row in rows]


def as_kept(item: GraduationIn) -> GraduationIn:
    """Return the assessment with what is kept of the apprentice: each required skill judged, the
    days as the log counts them. Raises SkillsNotJudged, LogDueMissing.
    """
    required = [skill for skill in skills_of(item.agreement.trade) if skill.required]
    if required:
        item = _by_card(item, required)
    came, days = log_counts(log_of(item.agreement))
    if not days:
        return item
    if item.log_due < 1:
        raise LogDueMissing(field="log_due", days=days)
    return replace(item, log_attended=came, log_due=max(days, item.log_due))


def _by_card(item: GraduationIn, required: Sequence[TradeSkill]) -> GraduationIn:
    given = item.levels
    if not given and len(item.skills) == len(required):
        given = {skill.pk: level for skill, level in zip(required, item.skills, strict=True)}
    levels, missing = final_levels([skill.pk for skill in required], given)
    if missing:
        names = ", ".join(skill.name for skill in required if skill.pk in missing)
        raise SkillsNotJudged(field="skills", skills=names)
    return replace(item, skills=levels, levels=given)


def final_rows(staff: StaffUser, item: GraduationIn) -> list[SkillLevel]:
    """The lines of the card a final assessment writes."""
    return [
        SkillLevel(
            agreement=item.agreement,
            skill_id=skill,
            level=level,
            judged_date=item.assessed_date,
            judge_name=item.assessor_name,
            final=True,
            recorded_by=staff,
        )
        for skill, level in item.levels.items()
    ]
