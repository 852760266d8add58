"""The indicators of what came of it: enterprises, and what people answered (see `declared`)."""

from dataclasses import replace

from handup.results.rules.declaring import (
    A_PERSON,
    AN_ENTERPRISE,
    COUNT,
    ENTERPRISE,
    OF_LINE,
    OLDER,
    PEOPLE,
    SUM,
    answered,
    is_,
    paired,
    share_of_answers,
    still,
)
from handup.results.rules.expressions import Col, Declared, Op, Param, Pick, Rows, Test

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
            (is_("closed", False), Test("months", Op.LEAST, Param("months"))),
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
            (is_("formal", True), still("closed_day")),
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
    share_of_answers("MED-IMP-01", "income_change", "BETTER", "MUCH_BETTER", dimensions=PEOPLE),
    Declared(
        "MED-IMP-01m",
        paired("income_month", after=(Test("real_change", Op.OVER, Param("threshold")),)),
        paired("income_month"),
        params={"threshold": 0},
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-01c",
        paired("income_month", amount="real_change"),
        counted_as=SUM,
        money="currency",
        method="MEDIAN",
        params={"seed": 1},
    ),
    Declared(
        "MED-IMP-02",
        replace(answered("life_change"), after=(Test("place", Op.MOST, Param("top_answers")),)),
        answered("life_change"),
        params={"top_answers": 2},
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-03",
        paired("aid_last_3_months", is_("before", "YES"), after=(is_("after", "NO"),)),
        paired("aid_last_3_months", is_("before", "YES")),
        dimensions=PEOPLE,
    ),
    Declared(
        "MED-IMP-04",
        paired("plans_to_leave", after=(is_("after", "YES"),)),
        paired("plans_to_leave"),
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
        paired("integration", after=(Test("real_change", Op.OVER, 0),)),
        paired("integration"),
        dimensions=("sex", "age_band", "displacement", "target_category", "area1"),
    ),
    share_of_answers("MED-IMP-06", "saves", "YES", dimensions=PEOPLE),
    share_of_answers(
        "MED-SAT-01", "satisfied", "4", "5", dimensions=("woman_head", "displacement", "area1")
    ),
)
