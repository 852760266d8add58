"""Terms are one convention: what does not fit together is refused with its field and reason."""

import json
from dataclasses import fields
from typing import Any

import pytest

from handup.kernel.credit import codes
from handup.kernel.credit.codes import (
    AdvanceTo,
    Component,
    DueUnit,
    FeeBase,
    FeeTaken,
    FeeWhen,
    Method,
    PenaltyKind,
    Recalculation,
    Repayment,
    Residue,
    Strategy,
    When,
)
from handup.kernel.credit.presets import (
    DATA,
    PRESETS,
    UnknownPreset,
    is_legacy,
    preset,
    tightened,
)
from handup.kernel.credit.reading import TermsNotReadable, field_values, terms_data
from handup.kernel.credit.terms import (
    FINERACT_ADVANCED,
    Allocation,
    BadTerms,
    Fee,
    Penalty,
    SharesSum,
    Terms,
    matrix,
)
from handup.kernel.credit.validity import (
    SAMPLE_STARTS,
    TermsLastTooLarge,
    check,
    check_last,
    faults_of,
    sample_amounts,
    sample_schedule,
)
from handup.kernel.errors import Faults
from handup.kernel.money import Rounding, RoundingMode

LIST = Allocation(Strategy.ONE_BY_ONE, components=tuple(Component))


def terms(**changed: Any) -> Terms:
    return Terms(**{"currency": "USD", "rate_ppm": 240_000, **changed})


def places(**changed: Any) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in faults_of(terms(**changed))]


@pytest.mark.parametrize("name", sorted(DATA))
def test_every_preset_holds_as_a_whole(name: str) -> None:
    changed: dict[str, Any] = {"currency": "USD"}
    if "rate_ppm" not in PRESETS[name]:
        changed["rate_ppm"] = 658 if name == "mifos-daily" else 240_000
    if name == "handup-seasonal":
        changed |= {"instalments": 4, "shares_bps": (0, 3000, 0, 7000)}
    made = preset(name, **changed)
    check(made, for_import=is_legacy(name))
    assert sample_schedule(made, 1_000_000, SAMPLE_STARTS[0]).total_principal == 1_000_000


def test_a_preset_of_another_system_is_marked_as_such() -> None:
    assert is_legacy("frappe-term")
    assert not is_legacy("handup-flat")
    with pytest.raises(UnknownPreset):
        is_legacy("magic")
    with pytest.raises(UnknownPreset):
        preset("magic", currency="USD", rate_ppm=0)


def test_a_product_may_tighten_a_preset() -> None:
    made = tightened(preset("handup-declining", currency="USD", rate_ppm=1), instalments=6)
    assert made.instalments == 6
    with pytest.raises(BadTerms):
        tightened(made, instalments=0)


BAD: list[tuple[str, dict[str, Any]]] = [
    ("currency", {"currency": "usd"}),
    ("currency", {"currency": "DOLLAR"}),
    ("principal_min_units", {"principal_min_units": 0}),
    ("principal_min_units", {"principal_multiple_units": 0}),
    ("principal_max_units", {"principal_min_units": 200, "principal_max_units": 100}),
    ("cycle_limits", {"cycle_limits": ((2, 100), (1, 200))}),
    ("cycle_limits", {"cycle_limits": ((0, 100),)}),
    ("cycle_limits", {"cycle_limits": ((1, 0),)}),
    ("savings_ppm", {"savings_ppm": 1_000_001}),
    ("anchor_day", {"anchor_day": 5, "unit": DueUnit.WEEK}),
    ("due_months", {"due_months": (5,), "unit": DueUnit.WEEK}),
    ("due_months", {"due_months": (6, 5)}),
    ("working_days", {"working_days": (1, 1)}),
    ("working_days", {"working_days": (1, 2), "off_day_rule": codes.OffDayRule.NONE}),
    ("off_day_rule", {"unit": DueUnit.MEETING, "off_day_rule": codes.OffDayRule.PREVIOUS}),
    ("method", {"method": Method.FLAT, "repayment": Repayment.FIXED_INSTALMENT, "fixed_units": 9}),
    ("smoothing", {"smoothing": codes.Smoothing.ONCE, "method": Method.FLAT}),
    ("smoothing", {"smoothing": codes.Smoothing.ONCE, "repayment": Repayment.BULLET}),
    ("flat_rebate", {"flat_rebate": codes.FlatRebate.NONE}),
    ("early_fee_ppm", {"early_fee_ppm": -1}),
    ("tranches_max", {"tranches_max": 2, "recalculation": Recalculation.DAILY_RATE}),
    ("tranches_max", {"tranches_max": 2, "method": Method.FLAT}),
    ("day_count", {"total_rounding": Rounding()}),
    ("day_count", {"day_count": codes.DayCount.WEEKS_7_365, "unit": DueUnit.WEEK}),
    ("shares_bps", {"shares_bps": (1,)}),
    (
        "shares_bps",
        {
            "repayment": Repayment.PRINCIPAL_SHARES,
            "instalments": 2,
            "shares_bps": (-1, 10_001),
        },
    ),
    ("principal_ppm", {"principal_ppm": 1}),
    ("principal_ppm", {"repayment": Repayment.PERCENT_OF_PRINCIPAL}),
    ("principal_ppm", {"repayment": Repayment.PERCENT_OF_PRINCIPAL, "principal_ppm": 100_000}),
    ("fixed_units", {"fixed_units": 5}),
    ("fixed_units", {"repayment": Repayment.FIXED_INSTALMENT}),
    ("down_payment_ppm", {"down_payment_ppm": 1_000_000}),
    ("residue", {"residue": Residue.SPREAD}),
    ("residue", {"residue": Residue.OPEN_END, "repayment": Repayment.BULLET}),
    ("residue", {"residue": Residue.OPEN_END, "method": Method.FLAT}),
    ("residue", {"residue": Residue.OPEN_END, "recalculation": Recalculation.BALANCE}),
    ("fees", {"fees": (Fee("A", units=1), Fee("A", units=2))}),
    ("fees", {"fees": (Fee("A"),)}),
    ("fees", {"fees": (Fee("A", units=-1),)}),
    ("fees", {"fees": (Fee("A", units=5, base=FeeBase.PRINCIPAL),)}),
    (
        "fees",
        {"fees": (Fee("A", units=5, when=FeeWhen.INSTALMENT, taken=FeeTaken.WITHHELD),)},
    ),
    ("fees", {"fees": (Fee("A", codes.FeeKind.PENALTY, units=5),)}),
    (
        "fees",
        {"fees": (Fee("A", base=FeeBase.PRINCIPAL, ppm=1_000_000, taken=FeeTaken.WITHHELD),)},
    ),
    (
        "fees",
        {"principal_min_units": 500, "fees": (Fee("A", units=500, taken=FeeTaken.WITHHELD),)},
    ),
    ("penalty", {"penalty": Penalty(units=1)}),
    ("penalty", {"penalty": Penalty(PenaltyKind.FIXED)}),
    ("penalty", {"penalty": Penalty(PenaltyKind.PER_DAY, units=1, ppm=1)}),
    ("penalty", {"penalty": Penalty(PenaltyKind.PER_DAY, ppm=1, free_days=-1)}),
    ("penalty", {"penalty": Penalty(PenaltyKind.PER_DAY, ppm=1, cap_ppm=0)}),
    (
        "cured_after_instalments",
        {
            "restructured_in_par": codes.RestructuredInPar.UNTIL_CURED,
            "cured_after_instalments": 0,
        },
    ),
    ("allocation", {"allocation": matrix(Component.INTEREST, Component.PRINCIPAL)}),
    (
        "allocation",
        {"allocation": Allocation(cells=tuple((When.DUE, part) for part in Component))},
    ),
    ("allocation", {"allocation": Allocation(Strategy.ONE_BY_ONE)}),
    (
        "allocation",
        {
            "allocation": Allocation(
                Strategy.ONE_BY_ONE,
                components=tuple(Component),
                cells=((When.DUE, Component.FEE),),
            )
        },
    ),
    ("advance_to", {"allocation": LIST, "advance_to": AdvanceTo.LAST_INSTALMENT}),
    ("charge_visibility", {"charge_visibility": codes.ChargeVisibility.BY_BOOKING}),
]


@pytest.mark.parametrize(("field", "changed"), BAD)
def test_what_does_not_fit_is_named_with_its_field(field: str, changed: dict[str, Any]) -> None:
    assert (field, "BAD_TERMS") in places(**changed)


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("due_months", {"due_months": (13,)}),
        ("working_days", {"working_days": (0,)}),
        ("recalculation", {"method": Method.FLAT, "recalculation": Recalculation.BALANCE}),
        (
            "recalculation",
            {"total_rounding": Rounding(), "recalculation": Recalculation.DAILY_RATE},
        ),
    ],
)
def test_what_no_schedule_can_be_made_of_is_refused_at_once(
    field: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(BadTerms) as refused:
        terms(**changed)
    assert refused.value.field == field


@pytest.mark.parametrize("shares", [(5_000, 4_000), (10_000,), (3_000, 3_000, 4_000)])
def test_shares_that_do_not_make_up_the_loan_have_a_name_of_their_own(
    shares: tuple[int, ...],
) -> None:
    with pytest.raises(SharesSum):
        terms(repayment=Repayment.PRINCIPAL_SHARES, instalments=2, shares_bps=shares)
    assert SharesSum.code == "SHARES_SUM"


def test_all_faults_are_told_together() -> None:
    bad = terms(currency="usd", fees=(Fee("A"),), early_fee_ppm=-1)
    with pytest.raises(Faults) as refused:
        check(bad)
    assert {fault.place for fault in refused.value.faults} == {"currency", "fees", "early_fee_ppm"}
    assert all(fault.message for fault in refused.value.faults)


def test_rounding_too_coarse_for_the_smallest_loan_is_refused_as_negative_row() -> None:
    coarse = Rounding(5_000, RoundingMode.CEILING)
    found = places(
        principal_min_units=20_000, principal_max_units=900_000, instalment_rounding=coarse
    )
    assert ("terms", "NEGATIVE_ROW") in found


def test_an_instalment_below_the_interest_is_refused() -> None:
    found = places(repayment=Repayment.FIXED_INSTALMENT, fixed_units=1_000)
    assert found == [("terms", "INSTALMENT_BELOW_INTEREST")]


def test_a_last_instalment_of_more_than_twice_drifts() -> None:
    drifting = terms(instalment_rounding=Rounding(400_000, RoundingMode.FLOOR))
    codes_found = [fault.code for fault in faults_of(drifting)]
    assert codes_found == ["TERMS_LAST_TOO_LARGE"]
    assert faults_of(drifting, for_import=True) == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"instalment_rounding": Rounding(1_000)},
        {"interest_rounding": Rounding(200), "method": Method.FLAT},
        {"principal_rounding": Rounding(1_000), "repayment": Repayment.EQUAL_PRINCIPAL},
        {"principal_rounding": Rounding(1_000), "method": Method.FLAT},
        {"instalment_rounding": Rounding(500), "method": Method.FLAT},
        {"interest_rounding": Rounding(100), "method": Method.FLAT, "rate_ppm": 2_000},
    ],
)
def test_rounding_that_may_pile_up_to_more_than_the_last_instalment_is_refused(
    changed: dict[str, Any],
) -> None:
    smallest = {"principal_min_units": 60_000, "principal_max_units": 60_000}
    found = {fault.code for fault in faults_of(terms(**smallest, **changed))}
    assert "TERMS_DRIFT" in found
    larger = {"principal_min_units": 60_000_000, "principal_max_units": 60_000_000}
    assert faults_of(terms(**larger, **changed)) == ()
    assert "TERMS_DRIFT" not in {
        fault.code for fault in faults_of(terms(**smallest, **changed), for_import=True)
    }


def test_the_worst_of_rounding_is_told_in_figures() -> None:
    (fault,) = faults_of(
        terms(
            principal_min_units=60_000,
            principal_max_units=60_000,
            repayment=Repayment.EQUAL_PRINCIPAL,
            principal_rounding=Rounding(1_000),
        )
    )
    assert fault.code == "TERMS_DRIFT"
    assert "5500" in fault.message
    assert "5000" in fault.message


def test_booked_splits_are_for_loans_moved_in() -> None:
    booked = terms(charge_visibility=codes.ChargeVisibility.BY_BOOKING)
    check(booked, for_import=True)


def test_a_bullet_may_end_in_one_large_instalment() -> None:
    check(terms(repayment=Repayment.BULLET))
    check_last(terms(), [100, 200])
    check_last(terms(), [0, 500])
    with pytest.raises(TermsLastTooLarge):
        check_last(terms(), [100, 201])


def test_samples_are_the_smallest_and_the_largest_loan() -> None:
    found = sample_amounts(
        terms(principal_min_units=1_500, principal_max_units=9_900, principal_multiple_units=1_000)
    )
    assert found == (1_000, 9_000)
    assert sample_amounts(terms()) == (10_000_000,)


GOOD: list[dict[str, Any]] = [
    {"unit": DueUnit.MEETING, "instalments": 20, "first_due_min_days": 15},
    {"unit": DueUnit.MEETING, "instalments": 4, "due_months": (5, 6)},
    {"due_months": (6, 9), "instalments": 4},
    {"working_days": (1, 2, 3, 4, 5), "off_day_moves_interest": True},
    {"tranches_max": 3},
    {"down_payment_ppm": 100_000},
    {"recalculation": Recalculation.BALANCE},
    {"residue": Residue.OPEN_END, "instalment_rounding": Rounding(1_000)},
    {"allocation": FINERACT_ADVANCED},
    {"allocation": LIST},
    {"penalty": Penalty(PenaltyKind.PER_DAY, ppm=1_000)},
    {"penalty": Penalty(PenaltyKind.FIXED, units=500)},
    {
        "fees": (
            Fee("FILE", units=500, taken=FeeTaken.WITHHELD),
            Fee("CARE", base=FeeBase.PRINCIPAL, ppm=10_000, taken=FeeTaken.CAPITALISED),
            Fee("BOOK", units=20, when=FeeWhen.INSTALMENT),
            Fee("LATE", codes.FeeKind.PENALTY, FeeWhen.OVERDUE, FeeBase.PRINCIPAL, ppm=20_000),
        )
    },
]


@pytest.mark.parametrize("changed", GOOD)
def test_what_fits_together_is_accepted(changed: dict[str, Any]) -> None:
    check(terms(**changed))


@pytest.mark.parametrize("changed", GOOD)
def test_terms_come_back_from_json_as_they_were(changed: dict[str, Any]) -> None:
    made = terms(**changed)
    stored = json.loads(json.dumps(terms_data(made)))
    assert Terms(**field_values(stored)) == made


def test_only_what_differs_is_stored() -> None:
    assert terms_data(terms()) == {
        "currency": "USD",
        "digits": 2,
        "rate_ppm": 240_000,
        "instalments": 12,
    }
    assert set(field_values(terms_data(terms()))) <= {item.name for item in fields(Terms)}


@pytest.mark.parametrize(
    "data",
    [
        {"colour": 1},
        {"rate_ppm": "many"},
        {"rate_ppm": True},
        {"rate_ppm": 1.5},
        {"method": "MAGIC"},
        {"shares_bps": "1234"},
        {"shares_bps": 5},
        {"cycle_limits": [[1]]},
        {"off_day_moves_interest": 1},
        {"currency": 3},
        {"penalty": {"colour": 1}},
        {"instalment_rounding": {"unit": 0}},
    ],
)
def test_what_cannot_be_read_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(TermsNotReadable):
        field_values(data)
