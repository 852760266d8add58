"""The six instruments as data: item codes, weights, bands (people.md 4.5).

Facts of the published methods, written for the project; CC0-1.0. Nobody's wording: a programme
loads questions and translations from the publisher. Only the items of the two coping instruments
may be replaced for a country, each set a version of its own. Pure.
"""

from collections.abc import Mapping
from typing import Any

Structure = Mapping[str, Any]

_NOTE = (
    "Codes, weights and cut-offs only. The official wording is loaded by the programme from the "
    "publisher; see README."
)

WG_SS: Structure = {
    "code": "WG_SS",
    "version": 1,
    "level": "PERSON",
    "min_age": 5,
    "items": ["see", "hear", "walk", "remember", "selfcare", "communicate"],
    "answers": {
        "1": "no difficulty",
        "2": "some difficulty",
        "3": "a lot of difficulty",
        "4": "cannot do at all",
        "888": "does not know (missing)",
        "999": "refused (missing)",
    },
    "rule": "YES if any item is 3 or 4; else UNKNOWN if any item is missing; else NO",
    "order_fixed": True,
    "note": _NOTE,
}

HHS: Structure = {
    "code": "HHS",
    "version": 1,
    "level": "HOUSEHOLD",
    "recall_days": 30,
    "items": ["no_food", "sleep_hungry", "day_night"],
    "occurrence": {"0": "no", "1": "yes"},
    "frequency": {"1": "rarely (1-2 times)", "2": "sometimes (3-10)", "3": "often (more than 10)"},
    "points": {"0": 0, "1": 1, "2": 1, "3": 2},
    "range": [0, 6],
    "bands": [[0, 1, "LITTLE"], [2, 3, "MODERATE"], [4, 6, "SEVERE"]],
    "flag_from": 5,
    "missing": "any missing or contradictory item makes the score missing",
    "note": _NOTE,
}

FCS: Structure = {
    "code": "FCS",
    "version": 1,
    "level": "HOUSEHOLD",
    "recall_days": 7,
    "item_range": [0, 7],
    "weights": {
        "staples": "2",
        "pulses": "3",
        "dairy": "4",
        "protein": "4",
        "vegetables": "1",
        "fruit": "1",
        "fat": "0.5",
        "sugar": "0.5",
        "condiments": "0",
    },
    "wfp_names": {
        "staples": "FCSStap",
        "pulses": "FCSPulse",
        "dairy": "FCSDairy",
        "protein": "FCSPr",
        "vegetables": "FCSVeg",
        "fruit": "FCSFruit",
        "fat": "FCSFat",
        "sugar": "FCSSugar",
        "condiments": "FCSCond",
    },
    "range": [0, 112],
    "thresholds": {
        "LOW": {"poor_max": "21", "borderline_max": "35"},
        "HIGH": {"poor_max": "28", "borderline_max": "42"},
    },
    "flags": {"low_below": "14", "high_above": "100"},
    "missing": {"default": "MISSING", "other": "ZERO"},
    "note": _NOTE,
}

RCSI: Structure = {
    "code": "RCSI",
    "version": 1,
    "level": "HOUSEHOLD",
    "recall_days": 7,
    "item_range": [0, 7],
    "weights": {
        "less_preferred": 1,
        "borrow": 2,
        "fewer_meals": 1,
        "smaller_portions": 1,
        "adults_restrict": 3,
    },
    "wfp_names": {
        "less_preferred": "rCSILessQlty",
        "borrow": "rCSIBorrow",
        "fewer_meals": "rCSIMealNb",
        "smaller_portions": "rCSIMealSize",
        "adults_restrict": "rCSIMealAdult",
    },
    "range": [0, 56],
    "bands": [[0, 3, "1"], [4, 18, "2"], [19, 56, "3+"]],
    "flags": {"low_max": 3, "high_min": 42},
    "missing": "MISSING",
    "note": _NOTE,
}

_COPING: Structure = {
    "version": 1,
    "level": "HOUSEHOLD",
    "recall_days": 30,
    "classes": {
        "stress": ["dom_asset", "utilities", "saving", "borrow_cash"],
        "crisis": ["prod_assets", "health", "out_school"],
        "emergency": ["res_asset", "begged", "illegal_act"],
    },
    "answers": {
        "10": "no, no need",
        "20": "no, already exhausted",
        "30": "yes",
        "9999": "not applicable",
    },
    "rule": (
        "a class applies if any of its items is 20 or 30; result 1 none, 2 stress, 3 crisis, "
        "4 emergency = the highest that applies; UNKNOWN when a class above the result has "
        "no 20/30 and an item that is missing or not a listed code"
    ),
    "adaptable": "the item set of a class may be replaced per country; each set is a version",
    "note": _NOTE,
}

_COPING_COLUMNS = {
    "dom_asset": "stress_DomAsset",
    "utilities": "stress_Utilities",
    "saving": "stress_Saving",
    "borrow_cash": "stress_BorrowCash",
    "prod_assets": "crisis_ProdAssets",
    "health": "crisis_Health",
    "out_school": "crisis_OutSchool",
    "res_asset": "em_ResAsset",
    "begged": "em_Begged",
    "illegal_act": "em_IllegalAct",
}


def _coping(code: str, prefix: str) -> Structure:
    columns = {item: f"{prefix}_{column}" for item, column in _COPING_COLUMNS.items()}
    return {"code": code, **_COPING, "wfp_names": columns}


LCS_EN = _coping("LCS_EN", "LcsEN")
LCS_FS = _coping("LCS_FS", "Lcs")

STRUCTURES: Mapping[str, Structure] = {
    str(structure["code"]): structure for structure in (WG_SS, HHS, FCS, RCSI, LCS_EN, LCS_FS)
}
"""By code, in version 1."""
