"""Presets give the published figures of the systems they are named after, cent for cent."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from handup.kernel.credit import codes
from handup.kernel.credit.dates import DuePlan
from handup.kernel.credit.presets import PRESETS, preset
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.money import Rounding

SYSTEMS = {
    "Apache Fineract": (
        "fineract-cumulative-months",
        "fineract-cumulative-days",
        "fineract-cumulative-flat",
        "fineract-progressive-months",
        "fineract-progressive-weeks",
        "fineract-progressive-days",
        "fineract-progressive-actual",
    ),
    "Frappe Lending": ("frappe-term",),
}
CONVENTION = ("method", "day_count", "annuity", "smoothing")
MODES = ("interest_rounding", "instalment_rounding")


def product(name: str, given: Mapping[str, Any]) -> Terms | None:
    """The preset with a product's own fields, None when the case follows another convention."""
    made = PRESETS[name]
    base = preset(name, currency="XTS", rate_ppm=0)
    if any(getattr(base, field) != given[field] for field in CONVENTION):
        return None
    if any(getattr(base, field).mode != given[field]["mode"] for field in MODES):
        return None
    fields: dict[str, Any] = {
        "currency": "XTS",
        "digits": given["currency_digits"],
        "rate_ppm": int(Fraction(given["annual_rate_percent"]) * 10_000),
        "down_payment_ppm": int(Fraction(given["down_payment_percent"] or 0) * 10_000),
        "instalments": len(given["due_dates"]),
        "every": given["period"]["every"],
        "tranches_max": len(given["disbursements"]),
        "grace_principal": given["grace"]["principal"],
        "grace_interest_payment": given["grace"]["interest_payment"],
        "grace_interest_free": given["grace"]["interest_free"],
    }
    if "unit" not in made:
        fields["unit"] = codes.DueUnit(given["period"]["unit"])
    if given["instalment_rounding"]["unit"] != base.instalment_rounding.unit:
        fields["instalment_rounding"] = Rounding(
            given["instalment_rounding"]["unit"], base.instalment_rounding.mode
        )
    return preset(name, **fields)


def published(folder: Path, system: str) -> list[Mapping[str, Any]]:
    text = (folder / "data" / "vectors" / "lending.schedule.json").read_text(encoding="utf-8")
    return [
        case
        for case in json.loads(text)["cases"]
        if case["source"].startswith(system)
        and "rows" in case["expect"]
        and case["given"]["due_dates"]
        and case["given"]["repayment"] == "EQUAL_INSTALMENTS"
    ]


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_published_schedules_come_out_of_the_preset_alone(system: str, shared: Path) -> None:
    used: Counter[str] = Counter()
    for case in published(shared, system):
        given = case["given"]
        found = [(name, product(name, given)) for name in SYSTEMS[system]]
        name, terms = next((item for item in found if item[1] is not None), ("", None))
        if terms is None:
            continue
        handed = [
            Disbursement(date.fromisoformat(item["date"]), item["amount"])
            for item in given["disbursements"]
        ]
        days = [date.fromisoformat(day) for day in given["due_dates"]]
        plan = DuePlan.of(date.fromisoformat(given["first_period_from"]), days)
        rows = build_schedule(terms, handed, plan).rows
        assert [(row.principal, row.interest) for row in rows] == [
            (row["principal"], row["interest"]) for row in case["expect"]["rows"]
        ], case["id"]
        used[name] += 1
    assert used.total() >= 2
