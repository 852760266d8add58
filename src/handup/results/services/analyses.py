"""An outcome's way: planned, fixed before the first interview of its last round, worked out when
the rounds are locked (results.md 4.6, 5)."""

import re
import secrets
from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results.definitions import DEFINITIONS
from handup.results.lasting import ASKED, MOST_MONTHS, plan_of_lasting, study_of_lasting
from handup.results.models import Analysis
from handup.results.panels import SeveralCurrenciesAsked, observed, plan_of
from handup.results.rules.impact.comparisons import holm
from handup.results.rules.logframe import plain_of
from handup.results.rules.states import AnalysisState, Clusters, DesignKind, OutcomeKind
from handup.results.rules.study import Plan, Study, level_of_study, study
from handup.results.told import told_of
from handup.surveys.models import Question, Round, Submission
from handup.surveys.rules.codes import RoundState, SubmissionState

_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*")


class AnalysisCodeUnreadable(Refusal):
    """Write the code in capital letters and digits, up to 20 signs, for example INCOME-2026."""


class AnalysisCodeTaken(Refusal):
    """The code {code} is taken already."""


class MainOutcomeChosen(Refusal):
    """{code} is the main outcome of this round already. There is one; the others count together."""


class OutcomeMissing(Refusal):
    """Say in words what is looked at."""


class HypothesisMissing(Refusal):
    """Write down what you expect to find, before it is known."""


class RoundOfOtherProgramme(Refusal):
    """This round belongs to another programme."""


class RoundsNotInOrder(Refusal):
    """The first round has to begin before the last one."""


class RoundsAskOthers(Refusal):
    """The two rounds do not ask about the same kind of units."""


class QuestionNotAsked(Refusal):
    """Nobody is asked {key} in the round {round}."""


class ComparisonNeedsTwoRounds(Refusal):
    """Groups that chose themselves can only be compared over two rounds of the same units."""


class GroupsMissing(Refusal):
    """Say which answers or strata mark those who took part."""


class GroupsNotDrawn(Refusal):
    """Groups drawn by lot are told by the strata of the draw, not by what somebody answers."""


class YesMissing(Refusal):
    """Say which answers count as yes."""


class PricesIncomplete(Refusal):
    """A price index is needed for both rounds, with its source. Missing: {missing}."""


class PriceUnreadable(Refusal):
    """Write the price index as a number above nothing, for example 112.5."""


class MonthsMissing(Refusal):
    """Write after how many months, from 1 to {most}."""


class MonthsOfOtherKind(Refusal):
    """Months are told only for how many enterprises are still open."""


class OtherQuestion(Refusal):
    """How many are still open is told by the question {key}."""


class OneRoundOnly(Refusal):
    """Every visit up to the last round counts. Leave the first round empty."""


class OneGroupOnly(Refusal):
    """It describes one group. Choose no comparison."""


class FixedAlready(Refusal):
    """It was fixed before fieldwork, and stays as it was planned."""


class InterviewsBegan(Refusal):
    """Somebody was already interviewed in the round {round}. It can be worked out all the same, and
    will be told as not fixed before.
    """


class RoundNotLocked(Refusal):
    """The round {round} is not locked yet; its answers may still change."""


class DoneAlready(Refusal):
    """It is worked out already, and its rounds were not opened since."""


def plan_analysis(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    code: str,
    title: str,
    outcome_key: str,
    last_round: Round,
    hypothesis: str,
    kind: OutcomeKind = OutcomeKind.AMOUNT,
    design: DesignKind = DesignKind.NONE,
    first_round: Round | None = None,
    clusters: Clusters = Clusters.UNIT,
    is_primary: bool = False,
    yes_values: Sequence[str] = (),
    arm_key: str = "",
    arm_values: Sequence[str] = (),
    unit: str = "",
    price_first: str = "",
    price_last: str = "",
    price_source: str = "",
    months: int | None = None,
    id: UUID | None = None,
) -> Analysis:
    """Write down what will be looked at, how, and what is expected. `arm_values`: the strata of
    the draw, or the answers to `arm_key` of groups that were chosen, that mark who took part;
    prices bring amounts of the last round to money of the first. Raises a refusal of this module
    with its field.
    """
    require(acting_staff, "results.plan_analysis", programme)
    row = Analysis(
        id=id or new_id(),
        programme=programme,
        code=code.strip(),
        title=title.strip(),
        outcome_key=outcome_key.strip(),
        kind=OutcomeKind(kind).value,
        yes_values=_listed(yes_values),
        is_primary=is_primary,
        design=DesignKind(design).value,
        clusters=Clusters(clusters).value,
        hypothesis=hypothesis.strip(),
        first_round=first_round,
        last_round=last_round,
        arm_key=arm_key.strip(),
        arm_values=_listed(arm_values),
        unit=unit.strip(),
        price_first=plain_of(price_first),
        price_last=plain_of(price_last),
        price_source=price_source.strip(),
        months=months,
        seed=secrets.randbelow(2**31),
        planned_by=acting_staff,
    )
    told = {"programme": programme, "code": row.code, "title": row.title}
    if (known := already_stored(Analysis, id, acting_staff, **told)) is not None:
        return known
    for refuse in (_refuse_words, _refuse_rounds, _refuse_design, _refuse_lasting):
        refuse(row)
    return _kept(acting_staff, row)


def _kept(staff: StaffUser, row: Analysis) -> Analysis:
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=row.programme_id)
        if first := Analysis._base_manager.filter(pk=row.pk).first():
            return first
        if Analysis._base_manager.filter(programme=row.programme_id, code=row.code).exists():
            raise AnalysisCodeTaken(code=row.code, field="code")
        main = Analysis._base_manager.filter(
            programme=row.programme_id, last_round=row.last_round_id, is_primary=True
        ).first()
        if row.is_primary and main is not None:
            raise MainOutcomeChosen(code=main.code, field="is_primary")
        row.save(force_insert=True)
        audit.record(staff, "results.plan_analysis", row, {"code": row.code})
    return row


def _listed(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip() for value in values if value.strip()))


def _refuse_words(row: Analysis) -> None:
    if len(row.code) > 20 or not _CODE.fullmatch(row.code) or row.code in DEFINITIONS:
        raise AnalysisCodeUnreadable(field="code")
    if not row.title:
        raise OutcomeMissing(field="title")
    if not row.hypothesis:
        raise HypothesisMissing(field="hypothesis")
    if row.kind == OutcomeKind.SHARE and not row.yes_values:
        raise YesMissing(field="yes_values")


def _refuse_rounds(row: Analysis) -> None:
    first, last = row.first_round, row.last_round
    for name, one in (("first_round", first), ("last_round", last)):
        if one is not None and one.programme_id != row.programme_id:
            raise RoundOfOtherProgramme(field=name)
    if first is not None:
        if first.pk == last.pk or first.opens_date >= last.opens_date:
            raise RoundsNotInOrder(field="first_round")
        if first.questionnaire.subject_kind != last.questionnaire.subject_kind:
            raise RoundsAskOthers(field="first_round")
    for one in (first, last):
        if one is not None and not _asks(one, row.outcome_key):
            raise QuestionNotAsked(key=row.outcome_key, round=one.name, field="outcome_key")
    begun = first or last
    if row.arm_key and not _asks(begun, row.arm_key):
        raise QuestionNotAsked(key=row.arm_key, round=begun.name, field="arm_key")


def _asks(round: Round, key: str) -> bool:
    rows = Question._base_manager.filter(
        version__questionnaire=round.questionnaire_id, handup_key=key
    )
    return bool(key) and rows.exists()


def _refuse_design(row: Analysis) -> None:
    if row.design == DesignKind.COMPARISON and row.first_round is None:
        raise ComparisonNeedsTwoRounds(field="first_round")
    if row.design != DesignKind.NONE and not row.arm_values:
        raise GroupsMissing(field="arm_values")
    if row.design == DesignKind.RANDOMISED and row.arm_key:
        raise GroupsNotDrawn(field="arm_key")
    told = {
        "price_first": row.price_first,
        "price_last": row.price_last,
        "price_source": row.price_source,
    }
    missing = [name for name, text in told.items() if not text]
    if missing and (len(missing) < len(told) or _is_money(row)):
        raise PricesIncomplete(missing=", ".join(missing), field=missing[0])
    for name in ("price_first", "price_last"):
        if told[name]:
            _refuse_price(name, told[name])


def _refuse_lasting(row: Analysis) -> None:
    """How long enterprises last is asked of enterprises, of one group alone, at a month that is
    told before.
    """
    if row.kind != OutcomeKind.LASTS:
        if row.months is not None:
            raise MonthsOfOtherKind(field="months")
        return
    if row.months is None or not 1 <= row.months <= MOST_MONTHS:
        raise MonthsMissing(field="months", most=MOST_MONTHS)
    if row.outcome_key != ASKED:
        raise OtherQuestion(field="outcome_key", key=ASKED)
    if row.first_round is not None:
        raise OneRoundOnly(field="first_round")
    if row.design != DesignKind.NONE:
        raise OneGroupOnly(field="design")


def _is_money(row: Analysis) -> bool:
    """Whether two rounds ask for an amount of money: only with prices can they be compared."""
    if row.first_round is None or row.kind == OutcomeKind.SHARE:
        return False
    rows = Question._base_manager.filter(
        version__questionnaire__in=(
            row.first_round.questionnaire_id,
            row.last_round.questionnaire_id,
        ),
        handup_key=row.outcome_key,
        type="amount",
    )
    return rows.exists()


def _refuse_price(name: str, text: str) -> None:
    try:
        price = Decimal(text)
    except InvalidOperation:
        raise PriceUnreadable(field=name) from None
    if not price.is_finite() or not Decimal("0.000001") <= price <= Decimal(1000000000):
        raise PriceUnreadable(field=name)


def drop_analysis(*, acting_staff: StaffUser, analysis: Analysis) -> None:
    """Take back a draft that was planned wrongly. Raises FixedAlready for any other."""
    require(acting_staff, "results.plan_analysis", analysis)
    with transaction.atomic():
        row = _locked(analysis)
        if row.state != AnalysisState.DRAFT:
            raise FixedAlready
        audit.record(acting_staff, "results.drop_analysis", row, {"code": row.code})
        row.delete()


def fix_analysis(*, acting_staff: StaffUser, analysis: Analysis) -> Analysis:
    """Fix a plan, with the moment, before anybody is interviewed in its last round.

    Raises FixedAlready, InterviewsBegan.
    """
    require(acting_staff, "results.plan_analysis", analysis)
    with transaction.atomic():
        row = _locked(analysis)
        if row.state != AnalysisState.DRAFT:
            raise FixedAlready
        came = Submission._base_manager.filter(round=row.last_round_id)
        if came.exclude(state=SubmissionState.CONFLICT).exists():
            raise InterviewsBegan(round=row.last_round.name)
        row.state, row.fixed_by = AnalysisState.FIXED.value, acting_staff
        row.fixed_at = timezone.now()
        row.save(update_fields=("state", "fixed_by", "fixed_at"))
        audit.record(acting_staff, "results.fix_analysis", row, {"code": row.code})
    return row


def finish_analysis(*, acting_staff: StaffUser, analysis: Analysis) -> Analysis:
    """Work out what an outcome shows, and how much may be said of it; anew where a round was
    opened and locked again since.

    Raises RoundNotLocked, DoneAlready, SeveralCurrenciesAsked.
    """
    require(acting_staff, "results.finish_analysis", analysis)
    if analysis.state == AnalysisState.DONE and not is_stale(analysis):
        raise DoneAlready
    for round in _rounds(analysis):
        if round.state != RoundState.LOCKED:
            raise RoundNotLocked(round=round.name)
    without = hidden_from_all()
    plan, found = _worked_out(analysis, without)
    adjusted = _adjusted(analysis, found, without)
    level = level_of_study(plan, found, adjusted_p=adjusted)
    with transaction.atomic():
        row = _locked(analysis)
        if row.state == AnalysisState.DONE and not is_stale(row):
            return row
        row.state, row.done_by, row.done_at = (
            AnalysisState.DONE.value,
            acting_staff,
            timezone.now(),
        )
        row.level, row.told = level.value, told_of(plan, found, adjusted)
        row.save(update_fields=("state", "done_by", "done_at", "level", "told"))
        facts: dict[str, Any] = {"code": row.code, "level": row.level}
        audit.record(acting_staff, "results.finish_analysis", row, facts)
    return row


def _worked_out(analysis: Analysis, without: Collection[UUID]) -> tuple[Plan, Study]:
    if analysis.kind == OutcomeKind.LASTS:
        return plan_of_lasting(analysis), study_of_lasting(analysis, without)
    plan = plan_of(analysis)
    return plan, study(plan, observed(analysis, without=without))


def _adjusted(analysis: Analysis, found: Study, without: Collection[UUID]) -> float | None:
    """The p of an outcome among all outcomes planned for the same last round, by Holm; None where
    it has none.
    """
    if found.main is None or found.main.p is None:
        return None
    ps = [found.main.p]
    others = Analysis._base_manager.filter(
        programme=analysis.programme_id, last_round=analysis.last_round_id
    ).exclude(pk=analysis.pk)
    ps += [_p_of(other, without) for other in others.select_related("first_round", "last_round")]
    return holm(ps)[0]


def _p_of(analysis: Analysis, without: Collection[UUID]) -> float:
    """The p of another outcome; 1 where it has none, or cannot be worked out yet."""
    if any(round.state != RoundState.LOCKED for round in _rounds(analysis)):
        return 1.0
    try:
        main = _worked_out(analysis, without)[1].main
    except SeveralCurrenciesAsked:
        return 1.0
    return 1.0 if main is None or main.p is None else main.p


def _rounds(analysis: Analysis) -> list[Round]:
    return [one for one in (analysis.first_round, analysis.last_round) if one is not None]


def is_stale(analysis: Analysis) -> bool:
    """Whether a round was opened to changes again after it was worked out."""
    if analysis.done_at is None:
        return False
    since = [one.reopened_at for one in _rounds(analysis) if one.reopened_at is not None]
    return any(moment > analysis.done_at for moment in since)


def _locked(analysis: Analysis) -> Analysis:
    rows = Analysis._base_manager.select_for_update(of=("self",))
    return rows.select_related("first_round", "last_round").get(pk=analysis.pk)
