"""The codes of surveys, one list each (surveys.md section 3)."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a questionnaire is for."""

    IMPACT = "IMPACT"
    VISIT = "VISIT"
    SATISFACTION = "SATISFACTION"
    CHECKLIST = "CHECKLIST"


class SubjectKind(StrEnum):
    """Whom a questionnaire asks about."""

    PERSON = "PERSON"
    HOUSEHOLD = "HOUSEHOLD"
    ENTERPRISE = "ENTERPRISE"
    GROUP = "GROUP"


class VersionState(StrEnum):
    """A version is published by a second person."""

    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class QuestionType(StrEnum):
    """Types of answers."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    AMOUNT = "amount"
    TIME = "time"
    DATETIME = "datetime"
    RANGE = "range"
    GEOPOINT = "geopoint"
    IMAGE = "image"
    BARCODE = "barcode"
    ACKNOWLEDGE = "acknowledge"
    CALCULATE = "calculate"
    HIDDEN = "hidden"


class RoundKind(StrEnum):
    """When a round asks."""

    BASELINE = "BASELINE"
    FOLLOW_UP = "FOLLOW_UP"
    ENDLINE = "ENDLINE"
    VISIT = "VISIT"


class RoundState(StrEnum):
    """LOCKED fixes the data that reports read."""

    PLANNED = "PLANNED"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    LOCKED = "LOCKED"


class SamplePlan(StrEnum):
    """How the asked are chosen among the eligible."""

    CENSUS = "CENSUS"
    SIMPLE = "SIMPLE"
    STRATIFIED = "STRATIFIED"
    CLUSTER = "CLUSTER"


class Outcome(StrEnum):
    """How a case ended; empty while it is open."""

    INTERVIEWED = "INTERVIEWED"
    REFUSED = "REFUSED"
    NOT_FOUND = "NOT_FOUND"
    MOVED = "MOVED"
    ABSENT = "ABSENT"
    DIED = "DIED"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    DUPLICATE = "DUPLICATE"
    OTHER = "OTHER"


FOUND_INELIGIBLE = frozenset({Outcome.DIED, Outcome.NOT_ELIGIBLE, Outcome.DUPLICATE})


class Way(StrEnum):
    """How somebody was looked for."""

    VISIT = "VISIT"
    PHONE = "PHONE"


class Channel(StrEnum):
    """How answers came in."""

    APP = "APP"
    WEB = "WEB"
    PAPER = "PAPER"
    OPENROSA = "OPENROSA"


class PaperState(StrEnum):
    """A paper from its first letter to the hand-in; where it is typed twice TYPED waits for the
    second.
    """

    DRAFT = "DRAFT"
    TYPED = "TYPED"


class SubmissionState(StrEnum):
    """One set of answers from receipt to decision."""

    RECEIVED = "RECEIVED"
    HELD = "HELD"
    ACCEPTED = "ACCEPTED"
    SENT_BACK = "SENT_BACK"
    SET_ASIDE = "SET_ASIDE"
    CONFLICT = "CONFLICT"
    WITHDRAWN = "WITHDRAWN"


class FlagRule(StrEnum):
    """Why answers deserve a second look; a flag never changes an answer."""

    SECOND_IN_ROUND = "SECOND_IN_ROUND"
    OLD_VERSION = "OLD_VERSION"
    CLOCK = "CLOCK"
    LATE = "LATE"
    EDIT_AFTER_ACCEPTED = "EDIT_AFTER_ACCEPTED"
    DURATION = "DURATION"
    STRAIGHT_LINE = "STRAIGHT_LINE"
    OUTLIER = "OUTLIER"
    IMPOSSIBLE = "IMPOSSIBLE"
    JUMP = "JUMP"
    SAME_PLACE = "SAME_PLACE"
    SAME_PHONE = "SAME_PHONE"
    TRAVEL = "TRAVEL"
    DONT_KNOW = "DONT_KNOW"
    HEAPING = "HEAPING"
    INTERVIEWER = "INTERVIEWER"
    BACK_CHECK = "BACK_CHECK"
    FILE_REFUSED = "FILE_REFUSED"


# Keys whose answers are amounts of money in the programme's currency (surveys.md 4.8).
AMOUNT_KEYS = frozenset(
    {"income_month", "sales_month", "costs_month", "profit_month", "working_capital"}
)
DONT_KNOW = "DONT_KNOW"
REFUSED = "REFUSED"


def is_valid_answer(value: str) -> bool:
    """A valid answer is neither empty nor "don't know" nor "refused" (surveys.md 4.8)."""
    return value not in {"", DONT_KNOW, REFUSED}
