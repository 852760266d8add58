"""The indicators of the catalogue, each declared once as an expression over fact tables.

The words stand in `data/indicators.csv`; here stands what they mean. What is a rule of another
domain (PAR, REPAID, ON_TIME, WRITE_OFF, OSS, survival, medians) is a table that the rule makes.
"""

from collections.abc import Mapping
from dataclasses import replace

from handup.results.rules.engine import ValueKind
from handup.results.rules.expressions import At, Col, Declared, Op, Param, Pick, Rows, Test

PERSON = ("sex", "age_band", "displacement", "woman_head")
MORE = ("low_income", "disability", "area1", "target_category")
PEOPLE = (*PERSON, *MORE)
LENT = (*PEOPLE, "lender", "loan_product", "loan_cycle", "enterprise_sector")
ENTERPRISE = (*PEOPLE, "enterprise_sector")
GROUPS = ("group_type", "group_status", "area1", "area2")
A_PERSON, A_LOAN, A_HOME = ("person", "person"), ("loan", "record"), ("household", "household")
A_GROUP, AN_ENTERPRISE = ("group", "grp"), ("enterprise", "enterprise")
DISTINCT, COUNT, SUM = ValueKind.COUNT_DISTINCT, ValueKind.COUNT, ValueKind.SUM


def _is(column: str, value: str | bool | int) -> Test:
    return Test(column, Op.IS, value)


def _by(column: str, on: At | Col | None = None) -> Test:
    return Test(column, Op.MOST, on or At())


def _still(column: str) -> Test:
    return Test(column, Op.NOT_BY, At())


def _in(column: str, *codes: str) -> Test:
    return Test(column, Op.IN, frozenset(codes))


SERVED = Rows("service", unit="person", pick=Pick.FIRST, opens=A_PERSON)
OWED = Rows("position", (Test("principal_units", Op.OVER, 0),), opens=A_LOAN)
OWING = replace(OWED, amount="principal_units")
ENDED = Rows("ending", (Test("due_day", Op.UNDER, At()),), opens=A_LOAN)
MONEY_OF_GROUPS = Rows("group_money", unit="grp", amount="units", opens=A_GROUP)
ASSESSED_LATELY = (_still("closed_day"), Test("day", Op.OVER, At(months=12)))
ADOPTED = 6
"""The stage of a policy issue from which on it is a change (markets.rules.policy)."""
AT_MONTH = Test("month", Op.IS, Param("months"))
OF_LINE = Test("poverty_line", Op.IS, Param("poverty_line"))
OLDER = Rows(
    "enterprise",
    (_is("existed", True),),
    unit="enterprise",
    pick=Pick.FIRST_EVER,
    day="served_day",
    opens=AN_ENTERPRISE,
)


def _answered(key: str) -> Rows:
    tests = (_is("key", key), _is("valid", True))
    return Rows("answer", tests, unit="subject", pick=Pick.LAST, opens=("subject", "subject"))


def _share_of_answers(code: str, key: str, *good: str, dimensions: tuple[str, ...]) -> Declared:
    base = _answered(key)
    counted = Rows(
        base.table, base.tests, base.unit, base.pick, (_in("value", *good),), opens=base.opens
    )
    return Declared(code, counted, base, dimensions=dimensions)


def _paired(key: str, *tests: Test, after: tuple[Test, ...] = (), amount: str = "") -> Rows:
    """The last pair of each subject; `after` is what that one must say."""
    held = (_is("key", key), *tests)
    return Rows("paired", held, "subject", Pick.LAST, after, amount, opens=("subject", "subject"))


PEOPLE_AND_TRAINING = (
    Declared("MED-OUT-01", SERVED, dimensions=(*PEOPLE, "project_phase")),
    Declared(
        "MED-OUT-02",
        Rows("service", unit="household", pick=Pick.FIRST, opens=A_PERSON),
        dimensions=("woman_head", "area1", "area2"),
    ),
    Declared(
        "MED-TGT-01",
        Rows(
            "client",
            (Test("target_category", Op.HOLDS, Param("category")),),
            "person",
            Pick.FIRST,
            opens=A_PERSON,
        ),
        Rows(
            "client",
            (Test("target_unknown", Op.LACKS, Param("category")),),
            "person",
            Pick.FIRST,
            opens=A_PERSON,
        ),
        params={"category": "WOMAN_HEAD"},
        dimensions=("target_category", "sex", "area1"),
    ),
    Declared(
        "MED-TRN-01",
        Rows("enrolment", (_is("on_roll", True),), "person", Pick.FIRST, opens=A_PERSON),
        dimensions=(*PEOPLE, "project_phase"),
    ),
    Declared(
        "MED-TRN-02",
        Rows(
            "enrolment",
            (_is("completed", True),),
            "person",
            Pick.FIRST_EVER,
            day="completed_day",
            opens=A_PERSON,
        ),
        dimensions=(*PEOPLE, "project_phase", "course", "provider"),
    ),
    Declared(
        "MED-TRN-03",
        Rows(
            "enrolment",
            (_is("on_roll", True), _by("closed_day"), _is("completed", True), _by("completed_day")),
            opens=A_PERSON,
        ),
        Rows("enrolment", (_is("on_roll", True), _by("closed_day")), opens=A_PERSON),
        counted_as=COUNT,
        dimensions=(*PEOPLE, "project_phase", "course"),
    ),
    Declared(
        "MED-TRN-04",
        Rows(
            "graduate",
            (AT_MONTH, _by("due_day"), _by("placed_day")),
            "person",
            Pick.FIRST,
            opens=A_PERSON,
        ),
        Rows("graduate", (AT_MONTH, _by("due_day")), "person", Pick.FIRST, opens=A_PERSON),
        params={"months": 6},
        dimensions=(*PEOPLE, "project_phase", "trade"),
    ),
    Declared(
        "MED-TRN-05",
        Rows("module", (_by("approved_day"),)),
        Rows("module"),
        counted_as=COUNT,
        dimensions=("language", "course"),
    ),
    Declared(
        "MED-ADV-01",
        Rows(
            "visit",
            (_in("kind", "ADVICE", "PLAN", "COACHING"),),
            "person",
            Pick.FIRST,
            opens=A_PERSON,
        ),
        dimensions=(*PEOPLE, "project_phase"),
    ),
    Declared(
        "MED-ADV-02",
        Rows("plan", opens=("plan", "record")),
        counted_as=COUNT,
        dimensions=(*PEOPLE, "project_phase", "enterprise_sector"),
    ),
    Declared(
        "MED-ADV-02f",
        Rows("plan", (_by("day", At(days=90)), _by("financed_day")), opens=("plan", "record")),
        Rows("plan", (_by("day", At(days=90)),), opens=("plan", "record")),
        counted_as=COUNT,
        dimensions=(*PEOPLE, "project_phase", "enterprise_sector"),
    ),
    Declared(
        "MED-ADV-03",
        Rows(
            "qualification",
            (_in("field", "ADVISOR", "APPRAISER"), _still("until_day")),
            "holder",
            Pick.FIRST,
        ),
        dimensions=("sex", "nationality_group", "staff_role"),
    ),
)
LENDING = (
    Declared("MED-FIN-01", Rows("loan", opens=A_LOAN), counted_as=COUNT, dimensions=LENT),
    Declared(
        "MED-FIN-01v",
        Rows("disbursement", unit="loan", amount="units", opens=("loan", "loan")),
        counted_as=SUM,
        money="currency",
        dimensions=LENT,
    ),
    Declared(
        "MED-FIN-02",
        Rows("loan", (), "household", Pick.FIRST_EVER, opens=A_LOAN),
        dimensions=LENT,
    ),
    Declared(
        "MED-FIN-03b",
        Rows(
            "borrower", (Test("principal_units", Op.OVER, 0),), "person", Pick.FIRST, opens=A_PERSON
        ),
        dimensions=PEOPLE,
    ),
    Declared("MED-FIN-03l", OWED, counted_as=COUNT, dimensions=LENT),
    Declared("MED-FIN-03v", OWING, counted_as=SUM, money="currency", dimensions=LENT),
    Declared(
        "MED-FIN-04",
        Rows(
            "position",
            (*OWING.tests, _is("at_risk", True)),
            amount="principal_units",
            opens=A_LOAN,
        ),
        OWING,
        counted_as=SUM,
        money="currency",
        params={"days": 30},
        dimensions=LENT,
        method="PAR30",
        decimals=2,
    ),
    Declared(
        "MED-FIN-05a",
        Rows("ending", (*ENDED.tests, _by("settled_day")), opens=A_LOAN),
        ENDED,
        counted_as=COUNT,
        dimensions=LENT,
        method="REPAID_NUMBER",
    ),
    Declared(
        "MED-FIN-05b",
        Rows("fallen_due", amount="principal_paid_units", opens=A_LOAN),
        Rows("fallen_due", amount="principal_units", opens=A_LOAN),
        counted_as=SUM,
        money="currency",
        dimensions=LENT,
        method="REPAID_PRINCIPAL",
    ),
    Declared(
        "MED-FIN-05c",
        Rows("first_due", amount="on_time_units", opens=A_LOAN),
        Rows("first_due", amount="due_units", opens=A_LOAN),
        counted_as=SUM,
        money="currency",
        dimensions=LENT,
        method="ON_TIME",
    ),
    Declared(
        "MED-FIN-06",
        Rows("loss", amount="units", opens=A_LOAN),
        Rows("month_end", amount="units"),
        counted_as=SUM,
        money="currency",
        method="WRITE_OFF",
    ),
)
GROUP_WORK = (
    Declared(
        "MED-GRP-01",
        Rows("group_service", (_still("closed_day"),), "grp", Pick.FIRST, opens=A_GROUP),
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-02",
        Rows("membership", (_still("left_day"),), "person", Pick.FIRST, opens=A_PERSON),
        dimensions=(*PEOPLE, "project_phase"),
    ),
    Declared(
        "MED-GRP-03",
        Rows(
            MONEY_OF_GROUPS.table, (_is("kind", "SAVINGS"),), "grp", amount="units", opens=A_GROUP
        ),
        counted_as=SUM,
        money="currency",
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-03m",
        Rows("saver", (_is("saved", True),), "member", opens=A_PERSON),
        Rows("saver", (), "member", opens=A_PERSON),
        counted_as=COUNT,
        params={"meetings": 3},
        dimensions=("group_type", "group_status", "area1", "sex"),
    ),
    Declared(
        "MED-GRP-04",
        Rows(MONEY_OF_GROUPS.table, (_is("kind", "LOANS"),), "grp", amount="units", opens=A_GROUP),
        counted_as=SUM,
        money="currency",
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-04o",
        Rows(
            MONEY_OF_GROUPS.table,
            (_is("kind", "LOANS"), Test("due_day", Op.UNDER, At())),
            "grp",
            amount="units",
            opens=A_GROUP,
        ),
        Rows(MONEY_OF_GROUPS.table, (_is("kind", "LOANS"),), "grp", amount="units", opens=A_GROUP),
        counted_as=SUM,
        money="currency",
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-05",
        Rows(
            "assessment",
            ASSESSED_LATELY,
            "grp",
            Pick.LAST,
            (Test("share_ppm", Op.LEAST, Param("stage")),),
            opens=A_GROUP,
        ),
        Rows("assessment", ASSESSED_LATELY, "grp", Pick.LAST, opens=A_GROUP),
        params={"stage": 700_000},
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-06",
        Rows(
            "covered",
            (Test("level", Op.IS, Param("area_level")),),
            "area",
            Pick.FIRST,
        ),
        params={"area_level": 2},
        dimensions=("group_type", "area1"),
    ),
)
ENTERPRISES = (
    Declared(
        "MED-ENT-01",
        Rows(
            "enterprise", (), "enterprise", Pick.FIRST_EVER, day="started_day", opens=AN_ENTERPRISE
        ),
        dimensions=ENTERPRISE,
    ),
    Declared(
        "MED-ENT-02",
        Rows(
            "enterprise",
            OLDER.tests,
            "enterprise",
            Pick.FIRST_EVER,
            day="improved_day",
            opens=AN_ENTERPRISE,
        ),
        dimensions=ENTERPRISE,
    ),
    Declared("MED-ENT-02s", OLDER, dimensions=ENTERPRISE),
    Declared(
        "MED-ENT-03",
        Rows(
            "life",
            (_is("closed", False), Test("months", Op.LEAST, Param("months"))),
            "enterprise",
            opens=AN_ENTERPRISE,
        ),
        Rows("life", (), "enterprise", opens=AN_ENTERPRISE),
        counted_as=COUNT,
        params={"months": 12},
        method="SURVIVAL",
    ),
    Declared(
        "MED-ENT-04",
        Rows(
            "segment_move",
            (Test("last_segment", Op.OVER, Col("first_segment")),),
            "enterprise",
            opens=AN_ENTERPRISE,
        ),
        Rows("segment_move", (), "enterprise", opens=AN_ENTERPRISE),
        counted_as=COUNT,
        dimensions=ENTERPRISE,
    ),
    Declared(
        "MED-ENT-05",
        Rows(
            "enterprise",
            (_is("formal", True), _still("closed_day")),
            "enterprise",
            Pick.FIRST,
            opens=AN_ENTERPRISE,
        ),
        dimensions=("sex", "area1", "enterprise_sector"),
    ),
    Declared(
        "MED-JOB-01",
        Rows("job_change", (), "enterprise", amount="days", opens=AN_ENTERPRISE),
        counted_as=SUM,
        dimensions=("enterprise_sector", "worker_kind", "area1"),
        decimals=2,
    ),
)
ANSWERS = (
    _share_of_answers("MED-IMP-01", "income_change", "BETTER", "MUCH_BETTER", dimensions=PEOPLE),
    Declared(
        "MED-IMP-01m",
        _paired("income_month", after=(Test("real_change", Op.OVER, Param("threshold")),)),
        _paired("income_month"),
        params={"threshold": 0},
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-01c",
        _paired("income_month", amount="real_change"),
        counted_as=SUM,
        money="currency",
        method="MEDIAN",
        params={"seed": 1},
    ),
    Declared(
        "MED-IMP-02",
        replace(_answered("life_change"), after=(Test("place", Op.MOST, Param("top_answers")),)),
        _answered("life_change"),
        params={"top_answers": 2},
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-03",
        _paired("aid_last_3_months", _is("before", "YES"), after=(_is("after", "NO"),)),
        _paired("aid_last_3_months", _is("before", "YES")),
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-04",
        _paired("plans_to_leave", after=(_is("after", "YES"),)),
        _paired("plans_to_leave"),
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-05",
        Rows("poverty", (OF_LINE,), "household", Pick.LAST, amount="poor", opens=A_PERSON),
        Rows("poverty", (OF_LINE,), "household", Pick.LAST, amount="weight", opens=A_PERSON),
        counted_as=SUM,
        params={"poverty_line": "national"},
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-INT-01",
        _paired("integration", after=(Test("real_change", Op.OVER, 0),)),
        _paired("integration"),
        dimensions=("sex", "age_band", "displacement", "target_category", "area1"),
    ),
    _share_of_answers("MED-IMP-06", "saves", "YES", dimensions=PEOPLE),
    _share_of_answers(
        "MED-SAT-01", "satisfied", "4", "5", dimensions=("woman_head", "displacement", "area1")
    ),
)
HOUSE = (
    Declared(
        "MED-POL-01",
        Rows("product", opens=("document", "record")),
        counted_as=COUNT,
        dimensions=("product_type",),
    ),
    Declared(
        "MED-POL-02",
        Rows("policy_move", (Test("after", Op.OVER, Col("before")),)),
        counted_as=COUNT,
        dimensions=("area1",),
    ),
    Declared(
        "MED-POL-03",
        Rows("policy_move", (Test("after", Op.LEAST, ADOPTED),), "issue", Pick.FIRST_EVER),
        dimensions=("area1",),
    ),
    Declared(
        "MED-LNK-01",
        Rows("promise", (Test("done_day", Op.MOST, Col("day")),)),
        Rows("promise"),
        counted_as=COUNT,
        dimensions=("area1",),
    ),
    Declared(
        "MED-SUS-01",
        Rows("lender_year", amount="revenue"),
        Rows("lender_year", amount="cost"),
        counted_as=SUM,
        money="currency",
        dimensions=("lender",),
        method="OSS",
        over_one=True,
    ),
    Declared(
        "MED-SUS-02",
        Rows("readiness", (_is("applies", True), _is("met", True)), amount="weight"),
        Rows("readiness", (_is("applies", True),), amount="weight"),
        counted_as=SUM,
        dimensions=("institution",),
    ),
    Declared(
        "MED-EFF-01",
        Rows("cost", amount="units"),
        counted_as=SUM,
        money="currency",
        params={"indicator": "MED-TRN-02"},
        dimensions=("component",),
        method="COST_PER_UNIT",
        over_one=True,
    ),
    Declared(
        "MED-UPG-01",
        Rows("pathway", (), "person", Pick.FIRST, opens=("pathway", "record")),
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-UPG-02",
        Rows("pathway", (_by("graduated_day"),), "person", Pick.FIRST, opens=("pathway", "record")),
        Rows("pathway", (), "person", Pick.FIRST, opens=("pathway", "record")),
        dimensions=PEOPLE,
    ),
)
DECLARED: Mapping[str, Declared] = {
    item.code: item
    for part in (PEOPLE_AND_TRAINING, LENDING, GROUP_WORK, ENTERPRISES, ANSWERS, HOUSE)
    for item in part
}
