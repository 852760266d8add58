"""The words declarations are made of: what most of them split by, what rows open to, and short
forms of conditions."""

from dataclasses import replace

from handup.results.rules.engine import ValueKind
from handup.results.rules.expressions import At, Col, Declared, Op, Param, Pick, Rows, Test

PERSON = ("sex", "age_band", "displacement", "woman_head")
MORE = ("low_income", "disability", "area1", "urban_rural", "target_category")
PEOPLE = (*PERSON, *MORE)
LENT = (*PEOPLE, "lender", "loan_product", "loan_cycle", "enterprise_sector")
ENTERPRISE = (*PEOPLE, "enterprise_sector")
GROUPS = ("group_type", "group_status", "area1", "area2")
A_PERSON, A_LOAN, A_HOME = ("person", "person"), ("loan", "record"), ("household", "household")
A_GROUP, AN_ENTERPRISE = ("group", "grp"), ("enterprise", "enterprise")
A_MEETING = ("meeting", "record")
DISTINCT, COUNT, SUM = ValueKind.COUNT_DISTINCT, ValueKind.COUNT, ValueKind.SUM


def is_(column: str, value: str | bool | int) -> Test:
    return Test(column, Op.IS, value)


def by(column: str, on: At | Col | None = None) -> Test:
    return Test(column, Op.MOST, on or At())


def still(column: str) -> Test:
    return Test(column, Op.NOT_BY, At())


def in_(column: str, *codes: str) -> Test:
    return Test(column, Op.IN, frozenset(codes))


SERVED = Rows("service", unit="person", pick=Pick.FIRST, opens=A_PERSON)
OWED = Rows("position", (Test("principal_units", Op.OVER, 0),), opens=A_LOAN)
OWING = replace(OWED, amount="principal_units")
ENDED = Rows("ending", (Test("due_day", Op.UNDER, At()),), opens=A_LOAN)
MONEY_OF_GROUPS = Rows("group_money", unit="grp", amount="units", opens=A_GROUP)
ASSESSED_LATELY = (still("closed_day"), Test("day", Op.OVER, At(months=12)))
ADOPTED = 6
"""The stage of a policy issue from which on it is a change (markets.rules.policy)."""
AT_MONTH = Test("month", Op.IS, Param("months"))
OF_LINE = Test("poverty_line", Op.IS, Param("poverty_line"))
OLDER = Rows(
    "enterprise",
    (is_("existed", True),),
    unit="enterprise",
    pick=Pick.FIRST_EVER,
    day="served_day",
    opens=AN_ENTERPRISE,
)


def answered(key: str) -> Rows:
    tests = (is_("key", key), is_("valid", True))
    return Rows("answer", tests, unit="subject", pick=Pick.LAST, opens=("subject", "subject"))


def share_of_answers(code: str, key: str, *good: str, dimensions: tuple[str, ...]) -> Declared:
    base = answered(key)
    counted = Rows(
        base.table, base.tests, base.unit, base.pick, (in_("value", *good),), opens=base.opens
    )
    return Declared(code, counted, base, dimensions=dimensions)


def paired(key: str, *tests: Test, after: tuple[Test, ...] = (), amount: str = "") -> Rows:
    """The last pair of each subject; `after` is what that one must say."""
    held = (is_("key", key), *tests)
    return Rows("paired", held, "subject", Pick.LAST, after, amount, opens=("subject", "subject"))
