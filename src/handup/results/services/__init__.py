"""The writes of `results`."""

from handup.results.services.analyses import (
    drop_analysis,
    finish_analysis,
    fix_analysis,
    plan_analysis,
)
from handup.results.services.building import (
    activate_indicator,
    build_indicator,
    retire_indicator,
)
from handup.results.services.choosing import choose_indicators, set_reporting_day
from handup.results.services.freezing import (
    approve_figures,
    check_figures,
    compute_again,
    compute_snapshot,
    freeze_snapshot,
    note_figure,
    send_back_figure,
)
from handup.results.services.logframe import (
    add_logframe_row,
    add_row_indicator,
    change_logframe_row,
    remove_logframe_row,
    remove_row_indicator,
    review_assumption,
    set_target,
)
from handup.results.services.narratives import (
    approve_narrative,
    check_narrative,
    edit_narrative,
    read_narrative,
    send_back_narrative,
    send_narrative,
    write_narrative,
)
from handup.results.services.public_tables import publish_table
from handup.results.services.typed import (
    approve_values,
    attach_evidence,
    change_value,
    check_values,
    send_back_value,
    type_value,
)
from handup.results.services.visits import add_visit_photo, remove_visit_photo

__all__ = [
    "activate_indicator",
    "add_logframe_row",
    "add_row_indicator",
    "add_visit_photo",
    "approve_figures",
    "approve_narrative",
    "approve_values",
    "attach_evidence",
    "build_indicator",
    "change_logframe_row",
    "change_value",
    "check_figures",
    "check_narrative",
    "check_values",
    "choose_indicators",
    "compute_again",
    "compute_snapshot",
    "drop_analysis",
    "edit_narrative",
    "finish_analysis",
    "fix_analysis",
    "freeze_snapshot",
    "note_figure",
    "plan_analysis",
    "publish_table",
    "read_narrative",
    "remove_logframe_row",
    "remove_row_indicator",
    "remove_visit_photo",
    "retire_indicator",
    "review_assumption",
    "send_back_figure",
    "send_back_narrative",
    "send_back_value",
    "send_narrative",
    "set_reporting_day",
    "set_target",
    "type_value",
    "write_narrative",
]
