"""The fact tables of indicators: their columns, what type each is, and how delicate it is.

One list for rows in memory and for snapshots in columns. A column that is not declared here leaves
the house nowhere. Classes are those of `org.classes`: O says nothing of a person, P does, S is a
legal status, a disability or a target group. There is no column of class I or R: no name, number,
place below the second level, birth date, or anything of a protected case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    KEY = "KEY"
    """Which unit: the record's id in memory, a keyed number in a snapshot."""
    TEXT = "TEXT"
    WHOLE = "WHOLE"
    DAY = "DAY"
    FLAG = "FLAG"
    SET = "SET"
    """Several codes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a fact table."""

    name: str
    kind: Kind
    data_class: str


@dataclass(frozen=True, slots=True)
class FactTable:
    """One fact table. A derived one is made for each question from others, by a rule of its own;
    it is not in a snapshot."""

    name: str
    columns: Mapping[str, Column]
    derived: bool = False


def _columns(data_class: str, **kinds: str) -> tuple[Column, ...]:
    return tuple(
        Column(name, Kind(kind), data_class)
        for kind, names in kinds.items()
        for name in names.split()
    )


COMMON = (
    *_columns("O", TEXT="programme project_phase branch", WHOLE="received seq"),
    *_columns("P", KEY="record", DAY="day"),
)
PERSON = (
    *_columns("P", KEY="person", TEXT="sex age_band woman_head low_income"),
    *_columns("S", TEXT="displacement disability", SET="target_category"),
    *_columns("O", TEXT="area1 area2 urban_rural"),
)
SENSITIVE = ("displacement", "disability", "target_category")
HOME = _columns("P", KEY="household")
GROUP = _columns("O", KEY="grp", TEXT="group_type group_status area1 area2")
LOAN = (
    *PERSON,
    *HOME,
    *_columns("P", KEY="enterprise"),
    *_columns("O", KEY="grp", TEXT="lender loan_product loan_cycle enterprise_sector currency"),
)


def _table(name: str, *columns: Column, derived: bool = False) -> FactTable:
    return FactTable(name, {item.name: item for item in (*COMMON, *columns)}, derived)


TABLES: Mapping[str, FactTable] = {
    item.name: item
    for item in (
        _table("service", *PERSON, *HOME, *_columns("P", TEXT="kind")),
        _table("client", *PERSON, *HOME, *_columns("S", SET="target_unknown", FLAG="status_known")),
        _table(
            "enrolment",
            *PERSON,
            *_columns("O", TEXT="course course_type provider", DAY="closed_day"),
            *_columns("P", FLAG="on_roll completed", DAY="completed_day"),
        ),
        _table(
            "graduate",
            *PERSON,
            *_columns("O", TEXT="course trade", WHOLE="month"),
            *_columns("P", DAY="due_day placed_day", FLAG="reached"),
        ),
        _table("module", *_columns("O", TEXT="course language", DAY="approved_day")),
        _table("visit", *PERSON, *_columns("P", TEXT="kind", KEY="advisor")),
        _table(
            "plan",
            *PERSON,
            *_columns("P", KEY="enterprise", DAY="financed_day"),
            *_columns("O", TEXT="enterprise_sector"),
        ),
        _table(
            "qualification",
            *_columns(
                "P", KEY="holder", TEXT="field sex nationality_group staff_role", DAY="until_day"
            ),
        ),
        _table(
            "loan",
            *LOAN,
            *_columns(
                "P",
                WHOLE="disbursed_units tolerance_units",
                DAY="settled_day opening_day restructured_day last_due_day written_off_day",
            ),
        ),
        _table("disbursement", *LOAN, *_columns("P", KEY="loan", WHOLE="units")),
        _table(
            "due",
            *_columns(
                "P",
                KEY="loan",
                WHOLE="number principal_units other_units before_units before_principal_units"
                " penalty_units",
                DAY="from_day to_day",
            ),
        ),
        _table(
            "split",
            *_columns(
                "P",
                KEY="loan",
                WHOLE="number principal_units other_units penalty_units",
                FLAG="carried",
            ),
        ),
        _table("pause", *_columns("P", KEY="loan", DAY="last_day")),
        _table("cure", *_columns("P", KEY="loan", DAY="last_day")),
        _table(
            "run",
            *_columns(
                "P",
                KEY="loan",
                DAY="last_day",
                WHOLE="principal_units arrears_days",
                FLAG="growing",
            ),
        ),
        _table("loan_end", *_columns("P", KEY="loan", DAY="due_day")),
        _table("write_off", *LOAN, *_columns("P", KEY="loan", WHOLE="units")),
        _table("liable", *PERSON, *_columns("P", KEY="loan")),
        _table("group_service", *GROUP, *_columns("O", TEXT="kind", DAY="closed_day")),
        _table("change_member", *PERSON, *GROUP[:3]),
        _table("membership", *PERSON, *GROUP[:3], *_columns("P", DAY="left_day")),
        _table(
            "group_money",
            *GROUP,
            *_columns("O", TEXT="kind currency"),
            *_columns("P", WHOLE="units", DAY="due_day"),
        ),
        _table(
            "meeting_member",
            *GROUP,
            *_columns(
                "P", KEY="person member", TEXT="sex", WHOLE="number", FLAG="saved", DAY="left_day"
            ),
        ),
        _table("cash_count", *GROUP, *_columns("O", FLAG="agreed")),
        _table(
            "cash_meeting",
            *GROUP,
            *_columns("O", TEXT="currency", WHOLE="arrived_days corrections facts"),
            *_columns("P", WHOLE="handled_units differed_units"),
        ),
        _table(
            "assessment", *GROUP, *_columns("O", WHOLE="share_ppm", TEXT="grade", DAY="closed_day")
        ),
        _table(
            "presence",
            *_columns("O", TEXT="area area1 kind group_type", DAY="closed_day", WHOLE="level"),
        ),
        _table(
            "covered",
            *_columns("O", TEXT="area area1 kind group_type", WHOLE="level"),
            derived=True,
        ),
        _table(
            "enterprise",
            *PERSON,
            *_columns("P", KEY="enterprise", DAY="closed_day served_day started_day improved_day"),
            *_columns("O", TEXT="enterprise_sector", FLAG="existed formal"),
        ),
        _table(
            "check",
            *PERSON,
            *_columns("P", KEY="enterprise", FLAG="operating", WHOLE="segment work_days"),
            *_columns("O", TEXT="enterprise_sector worker_kind", DAY="served_day"),
        ),
        _table(
            "answer",
            *PERSON,
            *HOME,
            *_columns(
                "P",
                KEY="subject stratum cluster",
                TEXT="value",
                WHOLE="place weight_numerator weight_denominator",
            ),
            *_columns("O", TEXT="subject_kind key round round_kind", FLAG="valid"),
        ),
        _table(
            "paired",
            *PERSON,
            *_columns("P", KEY="subject", TEXT="before after", WHOLE="real_change"),
            *_columns("O", TEXT="subject_kind key currency"),
        ),
        _table(
            "poverty",
            *PERSON,
            *HOME,
            *_columns("P", WHOLE="poor weight"),
            *_columns("O", TEXT="poverty_line card"),
        ),
        _table("product", *_columns("O", TEXT="product_type")),
        _table("policy_move", *_columns("O", KEY="issue", TEXT="area1", WHOLE="before after")),
        _table("promise", *_columns("O", TEXT="area1", DAY="done_day")),
        _table(
            "work_month",
            *PERSON,
            *_columns("P", KEY="plan enterprise", WHOLE="value_units worker_days replaced"),
            *_columns("O", TEXT="enterprise_sector currency"),
        ),
        _table(
            "delivery",
            *_columns(
                "O",
                KEY="seller contract",
                TEXT="commodity area1 currency",
                WHOLE="value_units offered_units market_units",
            ),
        ),
        _table(
            "lender_year",
            *_columns("O", TEXT="lender currency", WHOLE="revenue cost", DAY="first_day"),
        ),
        _table(
            "readiness", *_columns("O", TEXT="institution", WHOLE="weight", FLAG="met applies hard")
        ),
        _table("cost", *_columns("O", TEXT="component currency", WHOLE="units")),
        _table("pathway", *PERSON, *_columns("P", DAY="graduated_day")),
        _table(
            "position",
            *LOAN,
            *_columns("P", WHOLE="principal_units arrears_days", FLAG="counts at_risk"),
            derived=True,
        ),
        _table("borrower", *PERSON, *_columns("P", WHOLE="principal_units"), derived=True),
        _table("ending", *LOAN, *_columns("P", DAY="due_day settled_day"), derived=True),
        _table(
            "fallen_due",
            *LOAN,
            *_columns("P", WHOLE="principal_units principal_paid_units"),
            derived=True,
        ),
        _table("first_due", *LOAN, *_columns("P", WHOLE="due_units on_time_units"), derived=True),
        _table("loss", *LOAN, *_columns("P", WHOLE="units"), derived=True),
        _table(
            "month_end",
            *_columns("O", TEXT="currency", WHOLE="units"),
            *_columns("P", KEY="loan"),
            derived=True,
        ),
        _table(
            "saver",
            *GROUP,
            *_columns("P", KEY="person member", TEXT="sex", FLAG="saved"),
            derived=True,
        ),
        _table(
            "life",
            *PERSON,
            *_columns("P", KEY="enterprise", WHOLE="months", FLAG="closed"),
            *_columns("O", TEXT="enterprise_sector"),
            derived=True,
        ),
        _table(
            "segment_move",
            *PERSON,
            *_columns("P", KEY="enterprise", WHOLE="first_segment last_segment"),
            *_columns("O", TEXT="enterprise_sector"),
            derived=True,
        ),
        _table(
            "job_change",
            *PERSON,
            *_columns("P", KEY="enterprise", WHOLE="days"),
            *_columns("O", TEXT="enterprise_sector worker_kind"),
            derived=True,
        ),
    )
}
STORED: tuple[FactTable, ...] = tuple(item for item in TABLES.values() if not item.derived)
