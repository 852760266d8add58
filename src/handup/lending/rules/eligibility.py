"""Who may have this product: preconditions and hard stops by name, the grid score, and who must
decide.

Weights, bands and limits are a product version's data; nothing here looks at a protected status.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from handup.kernel.errors import Refusal
from handup.kernel.money import divide
from handup.lending.errors import AmountAboveApproved, OtherAmount
from handup.lending.rules.codes import Band, Outcome
from handup.lending.rules.documents import fault_of
from handup.lending.rules.expiry import EXPIRES_AFTER_DAYS
from handup.lending.rules.repeat import LoanStep, fault_of_steps, least, read_steps, step_of


class Stop(StrEnum):
    """A reason that stops a loan, named so that it can be put right."""

    NOT_ACTIVE = "NOT_ACTIVE"
    NO_SIGNATORY = "NO_SIGNATORY"
    NO_IDENTITY = "NO_IDENTITY"
    NO_CONSENT = "NO_CONSENT"
    UNDER_AGE = "UNDER_AGE"
    EXCLUDED_ACTIVITY = "EXCLUDED_ACTIVITY"
    CERTIFICATE_MISSING = "CERTIFICATE_MISSING"
    SAVINGS_MISSING = "SAVINGS_MISSING"
    PLAN_MISSING = "PLAN_MISSING"
    ACTIVE_ARREARS = "ACTIVE_ARREARS"
    JOINT_MEMBER_LATE = "JOINT_MEMBER_LATE"
    MONTHS_IN_THE_RED = "MONTHS_IN_THE_RED"
    DSCR_BELOW_ONE = "DSCR_BELOW_ONE"
    PLAN_DSCR_TOO_LOW = "PLAN_DSCR_TOO_LOW"
    TOO_INDEBTED = "TOO_INDEBTED"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    ABOVE_MAXIMUM = "ABOVE_MAXIMUM"
    NOT_A_MULTIPLE = "NOT_A_MULTIPLE"
    TERM_TOO_SHORT = "TERM_TOO_SHORT"
    TERM_TOO_LONG = "TERM_TOO_LONG"
    LIMIT_CYCLE = "LIMIT_CYCLE"
    LIMIT_CYCLE_TERM = "LIMIT_CYCLE_TERM"
    LIMIT_FACILITY = "LIMIT_FACILITY"
    LIMIT_GUARANTEE = "LIMIT_GUARANTEE"


NEVER_WAIVABLE = frozenset(
    {
        Stop.NOT_ACTIVE,
        Stop.NO_SIGNATORY,
        Stop.NO_IDENTITY,
        Stop.NO_CONSENT,
        Stop.UNDER_AGE,
        Stop.LIMIT_FACILITY,
        Stop.LIMIT_GUARANTEE,
    }
)
AT_APPLICATION = frozenset(
    {
        Stop.NOT_ACTIVE,
        Stop.NO_SIGNATORY,
        Stop.NO_IDENTITY,
        Stop.NO_CONSENT,
        Stop.UNDER_AGE,
        Stop.CERTIFICATE_MISSING,
        Stop.SAVINGS_MISSING,
        Stop.PLAN_MISSING,
        Stop.ACTIVE_ARREARS,
        Stop.JOINT_MEMBER_LATE,
        Stop.BELOW_MINIMUM,
        Stop.ABOVE_MAXIMUM,
        Stop.NOT_A_MULTIPLE,
        Stop.TERM_TOO_SHORT,
        Stop.TERM_TOO_LONG,
        Stop.LIMIT_CYCLE,
        Stop.LIMIT_CYCLE_TERM,
    }
)
"""Stops known before anyone appraises; the others need a plan's figures or the lender's limits."""
AMOUNTS = frozenset(
    {
        Stop.SAVINGS_MISSING,
        Stop.BELOW_MINIMUM,
        Stop.ABOVE_MAXIMUM,
        Stop.NOT_A_MULTIPLE,
        Stop.LIMIT_CYCLE,
        Stop.LIMIT_FACILITY,
        Stop.LIMIT_GUARANTEE,
    }
)
"""Stops whose figures are smallest units of the product's currency."""


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What a product version asks for. dscr_min_x100 120 = 1.20; savings_ppm of the amount
    asked; expires_after_days: for how long an application stays open; instalments_min and
    instalments_max: between which numbers a loan may choose, None = without a limit; documents:
    what has to be seen, each as its borrowers call it; steps: what a borrower's first, second …
    loan may be.
    """

    certificate_required: bool = True
    certificate_curricula: tuple[str, ...] = ()
    savings_min_units: int = 0
    savings_ppm: int = 0
    consent_required: bool = True
    identity_required: bool = True
    plan_required: bool = False
    age_min: int = 18
    dscr_min_x100: int = 120
    indebtedness_max_x100: int | None = None
    arrears_days_allowed: int = 0
    expires_after_days: int = EXPIRES_AFTER_DAYS
    instalments_min: int | None = None
    instalments_max: int | None = None
    documents: tuple[str, ...] = ()
    steps: tuple[LoanStep, ...] = ()
    waivable: frozenset[Stop] = frozenset()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Preconditions":
        """Read a product version's JSON; a name that does not exist is refused. Raises
        BadPrecondition.
        """
        known = cls.__dataclass_fields__
        if unknown := sorted(set(data) - set(known)):
            raise BadPrecondition(reason=f"unknown: {', '.join(unknown)}")
        values = dict(data)
        if fault := fault_of(values.get("documents", ())):
            raise BadPrecondition(field="documents", reason=fault)
        values["documents"] = tuple(values.get("documents", ()))
        values["certificate_curricula"] = tuple(values.get("certificate_curricula", ()))
        values["steps"] = _steps(values.get("steps", ()))
        try:
            values["waivable"] = frozenset(Stop(code) for code in values.get("waivable", ()))
        except ValueError as error:
            raise BadPrecondition(reason=str(error)) from error
        if wrong := sorted(values["waivable"] & NEVER_WAIVABLE):
            raise BadPrecondition(reason=f"never waivable: {', '.join(wrong)}")
        found = cls(**values)
        if (found.instalments_min or 1) > (found.instalments_max or found.instalments_min or 1):
            raise BadPrecondition(reason="the longest term is shorter than the shortest")
        return found

    def savings_needed(self, asked_units: int) -> int:
        """The larger of the fixed amount and the share of the loan, rounded up."""
        share = -(-asked_units * self.savings_ppm // 1_000_000)
        return max(self.savings_min_units, share)

    def with_share_of_terms(self, savings_ppm: int) -> "Preconditions":
        """The same where the loan's terms ask for a larger share of it to be saved before: what is
        asked for at application and again at pay-out.
        """
        if savings_ppm <= self.savings_ppm:
            return self
        return replace(self, savings_ppm=savings_ppm)


class BadPrecondition(Refusal):
    """These preconditions cannot be read: {reason}."""


def _steps(told: Any) -> tuple[LoanStep, ...]:
    try:
        found = read_steps(told)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BadPrecondition(field="steps", reason=str(error)) from error
    if fault := fault_of_steps(found):
        raise BadPrecondition(field="steps", reason=fault)
    return found


@dataclass(frozen=True, slots=True)
class ApplicantFacts:
    """What is known of an applicant; None = not known, never taken as good.

    For a borrower that is no person, `signatories` counts who sign for it; age is the youngest's,
    papers and consent are those of all of them, certificates those of any. `joint_late_days` is how
    late the latest member of her joint group is, None when she is in none. `indebtedness_x100` is
    None when nothing is owned against the debts, below zero when less than nothing is.
    """

    age: int | None = None
    is_group: bool = False
    is_active: bool = True
    signatories: int = 1
    has_identity: bool = False
    has_consent: bool = False
    excluded_activity: bool = False
    certificates: tuple[str, ...] = ()
    savings_units: int = 0
    has_plan: bool = False
    months_in_the_red: tuple[int, ...] | None = None
    lowest_dscr: Fraction | None = None
    plan_dscr: Fraction | None = None
    indebtedness_x100: int | None = None
    too_indebted: bool = False
    arrears_days: int = 0
    joint_late_days: int | None = None
    joint_days_allowed: int = 0
    loans_before: int = 0


@dataclass(frozen=True, slots=True)
class AskedLoan:
    """The amount asked and the product's limits, in smallest units; instalments 0 = not told."""

    units: int
    instalments: int = 0
    minimum_units: int = 1
    maximum_units: int | None = None
    multiple_units: int = 1
    cycle_limits: tuple[tuple[int, int], ...] = ()
    facility_available_units: int | None = None
    guarantee_available_units: int | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """One stop with the figures that belong to it (needed and found), as a person may check
    them.
    """

    stop: Stop
    needed: str = ""
    found: str = ""
    waivable: bool = False


def stops(pre: Preconditions, facts: ApplicantFacts, asked: AskedLoan) -> tuple[Missing, ...]:
    """Return every hard stop, in the order of the list, each with what is needed and what was
    found.
    """
    found: list[tuple[Stop, object, object]] = [
        *_identity_stops(pre, facts),
        *_record_stops(pre, facts, asked),
        *_plan_stops(pre, facts),
        *_term_stops(pre, facts, asked.instalments),
        *_amount_stops(pre, facts, asked),
    ]
    return tuple(
        Missing(
            stop,
            "" if needed is None else str(needed),
            "" if had is None else str(had),
            stop in pre.waivable,
        )
        for stop, needed, had in found
    )


Found = Iterable[tuple[Stop, object, object]]


def _identity_stops(pre: Preconditions, facts: ApplicantFacts) -> Found:
    if not facts.is_active:
        yield Stop.NOT_ACTIVE, None, None
    if not facts.signatories:
        yield Stop.NO_SIGNATORY, None, None
        return
    if pre.identity_required and not facts.has_identity:
        yield Stop.NO_IDENTITY, None, None
    if pre.consent_required and not facts.has_consent:
        yield Stop.NO_CONSENT, None, None
    if not facts.is_group and (facts.age is None or facts.age < pre.age_min):
        yield Stop.UNDER_AGE, pre.age_min, facts.age
    if facts.excluded_activity:
        yield Stop.EXCLUDED_ACTIVITY, None, None


def _record_stops(pre: Preconditions, facts: ApplicantFacts, asked: AskedLoan) -> Found:
    if pre.certificate_required:
        wanted = pre.certificate_curricula
        held = set(facts.certificates)
        if not held or (wanted and not held.intersection(wanted)):
            yield (
                Stop.CERTIFICATE_MISSING,
                ", ".join(wanted) or None,
                ", ".join(sorted(held)) or None,
            )
    needed = pre.savings_needed(asked.units)
    if facts.savings_units < needed:
        yield Stop.SAVINGS_MISSING, needed, facts.savings_units
    if pre.plan_required and not facts.has_plan:
        yield Stop.PLAN_MISSING, None, None
    if facts.arrears_days > pre.arrears_days_allowed:
        yield Stop.ACTIVE_ARREARS, pre.arrears_days_allowed, facts.arrears_days
    if facts.joint_late_days is not None and facts.joint_late_days > facts.joint_days_allowed:
        yield Stop.JOINT_MEMBER_LATE, facts.joint_days_allowed, facts.joint_late_days


def _plan_stops(pre: Preconditions, facts: ApplicantFacts) -> Found:
    if facts.months_in_the_red:
        yield Stop.MONTHS_IN_THE_RED, 0, ", ".join(map(str, facts.months_in_the_red))
    if facts.lowest_dscr is not None and facts.lowest_dscr < 1:
        yield Stop.DSCR_BELOW_ONE, "1.00", _two(facts.lowest_dscr)
    if facts.plan_dscr is not None and facts.plan_dscr * 100 < pre.dscr_min_x100:
        yield Stop.PLAN_DSCR_TOO_LOW, _two(Fraction(pre.dscr_min_x100, 100)), _two(facts.plan_dscr)
    if _too_indebted(pre.indebtedness_max_x100, facts):
        limit, owed = pre.indebtedness_max_x100, facts.indebtedness_x100
        yield (
            Stop.TOO_INDEBTED,
            None if limit is None else _two(Fraction(limit, 100)),
            None if owed is None else _two(Fraction(owed, 100)),
        )


def _too_indebted(limit: int | None, facts: ApplicantFacts) -> bool:
    """Whether the debts are more than the product allows of what is owned, or nothing is owned;
    where the product sets no limit, the plan's own says it (plans.md 4.4, 4.8).
    """
    owed = facts.indebtedness_x100
    if limit is None:
        return facts.too_indebted
    return facts.has_plan if owed is None else not 0 <= owed <= limit


def _term_stops(pre: Preconditions, facts: ApplicantFacts, instalments: int) -> Found:
    least, most = pre.instalments_min, pre.instalments_max
    if instalments and least is not None and instalments < least:
        yield Stop.TERM_TOO_SHORT, least, instalments
    if instalments and most is not None and instalments > most:
        yield Stop.TERM_TOO_LONG, most, instalments
    step = step_of(pre.steps, facts.loans_before + 1)
    longest = None if step is None else step.instalments
    if longest is not None and instalments > longest:
        yield Stop.LIMIT_CYCLE_TERM, longest, instalments


def _amount_stops(pre: Preconditions, facts: ApplicantFacts, asked: AskedLoan) -> Found:
    if asked.units < asked.minimum_units:
        yield Stop.BELOW_MINIMUM, asked.minimum_units, asked.units
    if asked.maximum_units is not None and asked.units > asked.maximum_units:
        yield Stop.ABOVE_MAXIMUM, asked.maximum_units, asked.units
    if asked.units % asked.multiple_units:
        yield Stop.NOT_A_MULTIPLE, asked.multiple_units, asked.units
    number = facts.loans_before + 1
    step = step_of(pre.steps, number)
    by_step = None if step is None else step.units
    limit = least(cycle_limit(asked.cycle_limits, number), by_step)
    if limit is not None and asked.units > limit:
        yield Stop.LIMIT_CYCLE, limit, asked.units
    for stop, available in (
        (Stop.LIMIT_FACILITY, asked.facility_available_units),
        (Stop.LIMIT_GUARANTEE, asked.guarantee_available_units),
    ):
        if available is not None and asked.units > available:
            yield stop, available, asked.units


def cycle_limit(limits: Sequence[tuple[int, int]], loan_number: int) -> int | None:
    """The most a borrower's loan of that number may be; the last line holds for all later loans."""
    found = None
    for number, units in sorted(limits):
        if number <= loan_number:
            found = units
    return found


def _two(value: Fraction) -> str:
    cents = divide(value.numerator * 100, value.denominator)
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


# --- the grid -------------------------------------------------------------------------------------

DEFAULT_WEIGHTS = {"capacity": 35, "character": 25, "business": 20, "market": 10, "security": 10}


class ScoreOutOfRange(Refusal):
    """{criterion} is marked {anchor}; an anchor is 0 to 4."""


class CriterionUnknown(Refusal):
    """The grid of this product has no criterion called {criterion}."""


class WeightsSum(Refusal):
    """The weights of the grid sum to {total}, not to 100."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Weights that sum to 100 and where the bands begin (in points)."""

    weights: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_WEIGHTS))
    discuss_from: int = 50
    favour_from: int = 70

    def __post_init__(self) -> None:
        if (total := sum(self.weights.values())) != 100:
            raise WeightsSum(total=total)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Grid":
        """Read a product version's JSON; an empty one is the default grid."""
        return cls(
            weights=dict(data.get("weights") or DEFAULT_WEIGHTS),
            discuss_from=int(data.get("discuss_from", 50)),
            favour_from=int(data.get("favour_from", 70)),
        )


def grid_score(grid: Grid, anchors: Mapping[str, int]) -> tuple[int, Band]:
    """Return the score in tenths of a point (Σ weight·anchor/4, half up) and its band.

    A criterion without an anchor counts 0. Raises ScoreOutOfRange, CriterionUnknown.
    """
    total = 0
    for criterion, anchor in anchors.items():
        if criterion not in grid.weights:
            raise CriterionUnknown(criterion=criterion)
        if not 0 <= anchor <= 4:
            raise ScoreOutOfRange(criterion=criterion, anchor=anchor)
        total += grid.weights[criterion] * anchor
    score_x10 = divide(total * 10, 4)
    if score_x10 < grid.discuss_from * 10:
        return score_x10, Band.REFUSE
    return score_x10, Band.DISCUSS if score_x10 < grid.favour_from * 10 else Band.FAVOUR


# --- who decides ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DecisionBand:
    """Up to which amount, how many members sit and how many must vote; majority is more than
    half. one_page: loans of it are asked for and appraised on one page.
    """

    members: int = 3
    quorum: int = 2
    up_to_units: int | None = None
    one_page: bool = False


DEFAULT_BANDS = (DecisionBand(),)


def bands_of(data: Sequence[Mapping[str, Any]]) -> tuple[DecisionBand, ...]:
    """Read a product version's JSON; an empty list is three members with a quorum of two."""
    return tuple(DecisionBand(**band) for band in data) or DEFAULT_BANDS


def band_for(bands: Sequence[DecisionBand], units: int) -> DecisionBand:
    """The first band that reaches the amount; above all of them the last one holds."""
    for band in bands:
        if band.up_to_units is None or units <= band.up_to_units:
            return band
    return bands[-1]


def check_approved(outcome: Outcome, units: int, asked_units: int) -> None:
    """Refuse an approval of another amount than all that was asked, or less where less is approved.
    Raises AmountAboveApproved, OtherAmount.
    """
    if not 0 < units <= asked_units:
        raise AmountAboveApproved(field="approved_units", units=units, approved=asked_units)
    if (outcome is Outcome.APPROVE_LESS) != (units < asked_units):
        raise OtherAmount(field="approved_units", units=units, asked=asked_units)


@dataclass(frozen=True, slots=True)
class Tally:
    """What the votes come to; outcome None while the quorum is not met."""

    outcome: Outcome | None
    votes_for: int
    votes_against: int


def tally(band: DecisionBand, votes: Iterable[Outcome]) -> Tally:
    """Count votes: approval needs more than half of those cast, a tie declines.

    Among approvals the smaller amount holds when anyone asks for it; RETURN holds when it has more
    than half.
    """
    cast = list(votes)
    approving = [vote for vote in cast if vote in {Outcome.APPROVE, Outcome.APPROVE_LESS}]
    returning = sum(1 for vote in cast if vote is Outcome.RETURN)
    against = len(cast) - len(approving)
    if len(cast) < band.quorum:
        return Tally(None, len(approving), against)
    if 2 * len(approving) > len(cast):
        less = Outcome.APPROVE_LESS in approving
        return Tally(Outcome.APPROVE_LESS if less else Outcome.APPROVE, len(approving), against)
    if 2 * returning > len(cast):
        return Tally(Outcome.RETURN, len(approving), against)
    return Tally(Outcome.DECLINE, len(approving), against)
