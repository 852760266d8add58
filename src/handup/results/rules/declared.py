"""The indicators of the catalogue, each declared once as an expression over fact tables.

The words stand in `data/indicators.csv`; here stands what they mean. What is a rule of another
domain (PAR, REPAID, ON_TIME, WRITE_OFF, OSS, survival, medians) is a table that the rule makes.
"""

from collections.abc import Mapping

from handup.results.rules.declared_outcomes import ANSWERS, ENTERPRISES
from handup.results.rules.declared_productivity import PRODUCTIVITY
from handup.results.rules.declaring import (
    A_GROUP,
    A_LOAN,
    A_MEETING,
    A_PERSON,
    ADOPTED,
    ASSESSED_LATELY,
    AT_MONTH,
    COUNT,
    ENDED,
    GROUPS,
    LENT,
    MONEY_OF_GROUPS,
    OWED,
    OWING,
    PEOPLE,
    SERVED,
    SUM,
    by,
    in_,
    is_,
    still,
)
from handup.results.rules.expressions import At, Col, Declared, Op, Param, Pick, Rows, Test

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
        Rows("enrolment", (is_("on_roll", True),), "person", Pick.FIRST, opens=A_PERSON),
        dimensions=(*PEOPLE, "project_phase"),
    ),
    Declared(
        "MED-TRN-02",
        Rows(
            "enrolment",
            (is_("completed", True),),
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
            (is_("on_roll", True), by("closed_day"), is_("completed", True), by("completed_day")),
            opens=A_PERSON,
        ),
        Rows("enrolment", (is_("on_roll", True), by("closed_day")), opens=A_PERSON),
        counted_as=COUNT,
        dimensions=(*PEOPLE, "project_phase", "course"),
    ),
    Declared(
        "MED-TRN-04",
        Rows(
            "graduate",
            (AT_MONTH, by("due_day"), by("placed_day")),
            "person",
            Pick.FIRST,
            opens=A_PERSON,
        ),
        Rows("graduate", (AT_MONTH, by("due_day")), "person", Pick.FIRST, opens=A_PERSON),
        params={"months": 6},
        dimensions=(*PEOPLE, "project_phase", "trade"),
    ),
    Declared(
        "MED-TRN-05",
        Rows("module", (by("approved_day"),)),
        Rows("module"),
        counted_as=COUNT,
        dimensions=("language", "course"),
    ),
    Declared(
        "MED-ADV-01",
        Rows(
            "visit",
            (in_("kind", "ADVICE", "PLAN", "COACHING"),),
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
        Rows("plan", (by("day", At(days=90)), by("financed_day")), opens=("plan", "record")),
        Rows("plan", (by("day", At(days=90)),), opens=("plan", "record")),
        counted_as=COUNT,
        dimensions=(*PEOPLE, "project_phase", "enterprise_sector"),
    ),
    Declared(
        "MED-ADV-03",
        Rows(
            "qualification",
            (in_("field", "ADVISOR", "APPRAISER"), still("until_day")),
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
            (*OWING.tests, is_("at_risk", True)),
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
        Rows("ending", (*ENDED.tests, by("settled_day")), opens=A_LOAN),
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
        Rows("month_end", amount="units", opens=("loan", "loan")),
        counted_as=SUM,
        money="currency",
        method="WRITE_OFF",
    ),
)
GROUP_WORK = (
    Declared(
        "MED-GRP-01",
        Rows("group_service", (still("closed_day"),), "grp", Pick.FIRST, opens=A_GROUP),
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-02",
        Rows("membership", (still("left_day"),), "person", Pick.FIRST, opens=A_PERSON),
        dimensions=(*PEOPLE, "project_phase"),
    ),
    Declared(
        "MED-GRP-03",
        Rows(
            MONEY_OF_GROUPS.table, (is_("kind", "SAVINGS"),), "grp", amount="units", opens=A_GROUP
        ),
        counted_as=SUM,
        money="currency",
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-03m",
        Rows("saver", (is_("saved", True),), "member", opens=A_PERSON),
        Rows("saver", (), "member", opens=A_PERSON),
        counted_as=COUNT,
        params={"meetings": 3},
        dimensions=("group_type", "group_status", "area1", "sex"),
    ),
    Declared(
        "MED-CSH-01",
        Rows("cash_count", (is_("agreed", True),), "record", opens=A_GROUP),
        Rows("cash_count", (), "record", opens=A_GROUP),
        counted_as=COUNT,
        dimensions=GROUPS,
    ),
    Declared(
        "MED-CSH-02",
        Rows("cash_meeting", amount="differed_units", opens=A_MEETING),
        Rows("cash_meeting", amount="handled_units", opens=A_MEETING),
        counted_as=SUM,
        money="currency",
        dimensions=GROUPS,
        decimals=2,
    ),
    Declared(
        "MED-CSH-03",
        Rows(
            "cash_meeting",
            (Test("arrived_days", Op.MOST, Param("within_days")),),
            opens=A_MEETING,
        ),
        Rows("cash_meeting", opens=A_MEETING),
        counted_as=COUNT,
        params={"within_days": 7},
        dimensions=GROUPS,
    ),
    Declared(
        "MED-CSH-04",
        Rows("cash_meeting", amount="corrections", opens=A_MEETING),
        Rows("cash_meeting", amount="facts", opens=A_MEETING),
        counted_as=SUM,
        dimensions=GROUPS,
        decimals=2,
    ),
    Declared(
        "MED-GRP-04",
        Rows(MONEY_OF_GROUPS.table, (is_("kind", "LOANS"),), "grp", amount="units", opens=A_GROUP),
        counted_as=SUM,
        money="currency",
        dimensions=GROUPS,
    ),
    Declared(
        "MED-GRP-04o",
        Rows(
            MONEY_OF_GROUPS.table,
            (is_("kind", "LOANS"), Test("due_day", Op.UNDER, At())),
            "grp",
            amount="units",
            opens=A_GROUP,
        ),
        Rows(MONEY_OF_GROUPS.table, (is_("kind", "LOANS"),), "grp", amount="units", opens=A_GROUP),
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
        "MED-POL-04",
        Rows("change_member", (), "person", Pick.FIRST_EVER, opens=A_PERSON),
        dimensions=(*PEOPLE, "group_type"),
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
        Rows("readiness", (is_("applies", True), is_("met", True)), amount="weight"),
        Rows("readiness", (is_("applies", True),), amount="weight"),
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
        Rows("pathway", (by("graduated_day"),), "person", Pick.FIRST, opens=("pathway", "record")),
        Rows("pathway", (), "person", Pick.FIRST, opens=("pathway", "record")),
        dimensions=PEOPLE,
    ),
)
DECLARED: Mapping[str, Declared] = {
    item.code: item
    for part in (
        PEOPLE_AND_TRAINING,
        LENDING,
        GROUP_WORK,
        ENTERPRISES,
        ANSWERS,
        PRODUCTIVITY,
        HOUSE,
    )
    for item in part
}
