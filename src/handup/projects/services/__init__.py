"""Every write of projects; see the module of each act."""

from handup.projects.services.drawing import (
    ask_withdrawal,
    end_withdrawal,
    move_purchase,
    plan_purchase,
)
from handup.projects.services.knowledge import (
    StatedFigureIn,
    add_document,
    add_document_type,
    add_standard_types,
    apply_lesson,
    change_document_type,
    decide_lesson,
    propose_lesson,
    publish_document,
    record_stated_figure,
    record_stated_figures,
)
from handup.projects.services.memoranda import (
    MemorandumIn,
    ObligationIn,
    end_memorandum,
    meet_obligation,
    record_memorandum,
    record_obligation,
)
from handup.projects.services.missions import (
    MissionActionIn,
    end_mission_action,
    hand_over_mission_action,
    record_mission_action,
)
from handup.projects.services.money import (
    BudgetLineIn,
    approve_budget,
    prepare_budget,
    record_funding,
)
from handup.projects.services.programmes import (
    add_area,
    add_partner,
    change_phase_status,
    open_phase,
    open_programme,
    register_organisation,
    relate_programme,
)

__all__ = [
    "BudgetLineIn",
    "MemorandumIn",
    "MissionActionIn",
    "ObligationIn",
    "StatedFigureIn",
    "add_area",
    "add_document",
    "add_document_type",
    "add_partner",
    "add_standard_types",
    "apply_lesson",
    "approve_budget",
    "ask_withdrawal",
    "change_document_type",
    "change_phase_status",
    "decide_lesson",
    "end_memorandum",
    "end_mission_action",
    "end_withdrawal",
    "hand_over_mission_action",
    "meet_obligation",
    "move_purchase",
    "open_phase",
    "open_programme",
    "plan_purchase",
    "prepare_budget",
    "propose_lesson",
    "publish_document",
    "record_funding",
    "record_memorandum",
    "record_mission_action",
    "record_obligation",
    "record_stated_figure",
    "record_stated_figures",
    "register_organisation",
    "relate_programme",
]
