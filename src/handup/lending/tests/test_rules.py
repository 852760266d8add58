"""Eligibility, grid, votes, ratios, terms and bank files: the pure rules by themselves."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest

from handup.kernel.credit.codes import FeeTaken
from handup.kernel.credit.reading import TermsNotReadable
from handup.kernel.credit.terms import Fee
from handup.kernel.errors import Faults
from handup.lending.rules.bankfile import (
    ColumnMissing,
    FileEmpty,
    FileNotReadable,
    Profile,
    ProfileUnknown,
    read,
)
from handup.lending.rules.codes import Band, EventKind, Outcome
from handup.lending.rules.eligibility import (
    ApplicantFacts,
    AskedLoan,
    BadPrecondition,
    CriterionUnknown,
    DecisionBand,
    Grid,
    Preconditions,
    ScoreOutOfRange,
    Stop,
    WeightsSum,
    band_for,
    bands_of,
    cycle_limit,
    grid_score,
    stops,
    tally,
)
from handup.lending.rules.ratios import (
    DueFact,
    Ending,
    Position,
    ageing,
    arrears_rate,
    on_time,
    portfolio_at_risk,
    recovery_current,
    repaid_number,
    repaid_principal,
    write_off_ratio,
)
from handup.lending.rules.schedules import NothingHandedOver, planned
from handup.lending.rules.terms import (
    TermsNotOffered,
    check_offered,
    read_terms,
    rows_say_all,
    taken_at,
    write_terms,
)
from handup.lending.tests.loans import START
from handup.lending.tests.loans import terms as made_terms

GOOD = ApplicantFacts(
    age=40,
    has_identity=True,
    has_consent=True,
    certificates=("BASIC",),
    savings_units=100_00,
    has_plan=True,
    months_in_the_red=(),
    lowest_dscr=Fraction(3, 2),
    plan_dscr=Fraction(2),
)
ASKED = AskedLoan(units=1_000_00, minimum_units=100_00, maximum_units=2_000_00)
IDS = [UUID(int=number) for number in range(1, 6)]


def named(pre: Preconditions, facts: ApplicantFacts, asked: AskedLoan = ASKED) -> list[Stop]:
    return [item.stop for item in stops(pre, facts, asked)]


def test_who_has_everything_is_stopped_by_nothing() -> None:
    assert named(Preconditions(), GOOD) == []


@pytest.mark.parametrize(
    ("changes", "stop"),
    [
        ({"has_identity": False}, Stop.NO_IDENTITY),
        ({"has_consent": False}, Stop.NO_CONSENT),
        ({"age": 17}, Stop.UNDER_AGE),
        ({"age": None}, Stop.UNDER_AGE),
        ({"excluded_activity": True}, Stop.EXCLUDED_ACTIVITY),
        ({"certificates": ()}, Stop.CERTIFICATE_MISSING),
        ({"arrears_days": 1}, Stop.ACTIVE_ARREARS),
        ({"months_in_the_red": (2, 3)}, Stop.MONTHS_IN_THE_RED),
        ({"lowest_dscr": Fraction(99, 100)}, Stop.DSCR_BELOW_ONE),
        ({"plan_dscr": Fraction(119, 100)}, Stop.PLAN_DSCR_TOO_LOW),
    ],
)
def test_each_missing_item_is_named(changes: dict[str, object], stop: Stop) -> None:
    assert named(Preconditions(), replace(GOOD, **changes)) == [stop]  # type: ignore[arg-type]  # fields of the case


def test_a_certificate_is_a_setting_of_the_product() -> None:
    bare = replace(GOOD, certificates=())
    assert named(Preconditions(certificate_required=False), bare) == []
    wanted = Preconditions(certificate_curricula=("MANAGEMENT",))
    assert named(wanted, GOOD) == [Stop.CERTIFICATE_MISSING]


def test_savings_are_the_larger_of_amount_and_share_rounded_up() -> None:
    pre = Preconditions(savings_min_units=50_00, savings_ppm=100_000)
    assert pre.savings_needed(999_99) == 100_00
    assert pre.savings_needed(100_00) == 50_00
    assert named(pre, replace(GOOD, savings_units=99_99)) == [Stop.SAVINGS_MISSING]
    assert named(pre, GOOD) == []


def test_the_larger_share_of_product_and_terms_is_to_be_saved_rounded_up() -> None:
    pre = Preconditions(savings_ppm=50_000)
    assert pre.with_share_of_terms(100_000).savings_needed(120_005) == 12_001
    assert pre.with_share_of_terms(100_000).savings_needed(120_001) == 12_001
    assert pre.with_share_of_terms(10_000) == pre
    assert Preconditions().with_share_of_terms(0).savings_needed(120_000) == 0


def test_a_group_has_no_age() -> None:
    assert named(Preconditions(), replace(GOOD, age=None, is_group=True)) == []


def test_a_plan_and_debt_are_asked_where_the_product_says() -> None:
    pre = Preconditions(plan_required=True, indebtedness_max_x100=150)
    facts = replace(GOOD, has_plan=False, indebtedness_x100=151)
    assert named(pre, facts) == [Stop.PLAN_MISSING, Stop.TOO_INDEBTED]


@pytest.mark.parametrize(
    ("asked", "stop"),
    [
        (replace(ASKED, units=99_99), Stop.BELOW_MINIMUM),
        (replace(ASKED, units=2_000_01), Stop.ABOVE_MAXIMUM),
        (replace(ASKED, multiple_units=300_00), Stop.NOT_A_MULTIPLE),
        (replace(ASKED, cycle_limits=((1, 500_00),)), Stop.LIMIT_CYCLE),
        (replace(ASKED, facility_available_units=999_99), Stop.LIMIT_FACILITY),
        (replace(ASKED, guarantee_available_units=0), Stop.LIMIT_GUARANTEE),
    ],
)
def test_each_limit_of_the_amount_is_named(asked: AskedLoan, stop: Stop) -> None:
    assert named(Preconditions(), GOOD, asked) == [stop]


def test_loans_grow_step_by_step() -> None:
    limits = ((1, 500), (3, 2000))
    assert [cycle_limit(limits, number) for number in (1, 2, 3, 9)] == [500, 500, 2000, 2000]
    assert cycle_limit((), 1) is None


def test_preconditions_are_read_strictly() -> None:
    with pytest.raises(BadPrecondition, match="collour"):
        Preconditions.of({"collour": 1})
    with pytest.raises(BadPrecondition):
        Preconditions.of({"waivable": ["NOTHING"]})
    with pytest.raises(BadPrecondition, match="NO_CONSENT"):
        Preconditions.of({"waivable": ["NO_CONSENT"]})
    assert Preconditions.of({"waivable": ["MONTHS_IN_THE_RED"]}).waivable == {
        Stop.MONTHS_IN_THE_RED
    }


def test_the_grid_is_weight_times_mark_over_four() -> None:
    marks = {"capacity": 3, "character": 4, "business": 2, "market": 1, "security": 0}
    assert grid_score(Grid(), marks) == (638, Band.DISCUSS)
    assert grid_score(Grid(), {"capacity": 4}) == (350, Band.REFUSE)
    best = dict.fromkeys(Grid().weights, 4)
    assert grid_score(Grid(), best) == (1000, Band.FAVOUR)


def test_a_grid_is_read_strictly() -> None:
    with pytest.raises(WeightsSum):
        Grid.of({"weights": {"capacity": 99}})
    with pytest.raises(ScoreOutOfRange):
        grid_score(Grid(), {"capacity": 5})
    with pytest.raises(CriterionUnknown):
        grid_score(Grid(), {"luck": 4})


def test_larger_loans_need_more_members() -> None:
    bands = bands_of([{"members": 1, "quorum": 1, "up_to_units": 100}, {"members": 3, "quorum": 2}])
    assert band_for(bands, 100).members == 1
    assert band_for(bands, 101).members == 3
    assert band_for(bands[:1], 500).members == 1
    assert bands_of([]) == (DecisionBand(),)


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        (["APPROVE"], None),
        (["APPROVE", "APPROVE"], Outcome.APPROVE),
        (["APPROVE", "DECLINE"], Outcome.DECLINE),
        (["APPROVE", "APPROVE_LESS", "DECLINE"], Outcome.APPROVE_LESS),
        (["RETURN", "RETURN", "APPROVE"], Outcome.RETURN),
        (["DECLINE", "DECLINE", "APPROVE"], Outcome.DECLINE),
    ],
)
def test_votes_decide_by_more_than_half_and_a_tie_declines(
    votes: list[str], outcome: Outcome | None
) -> None:
    assert tally(DecisionBand(), [Outcome(vote) for vote in votes]).outcome is outcome


# --- ratios ---------------------------------------------------------------------------------------

BOOK = [
    Position(IDS[0], 40_000, 35, 10_000, 11_000),
    Position(IDS[1], 20_000, 0, restructured=True),
    Position(IDS[2], 140_000),
]


def test_portfolio_at_risk_counts_late_and_restructured_loans() -> None:
    par = portfolio_at_risk(BOOK, 30)
    assert (par.numerator, par.denominator, par.percent_text) == (60_000, 200_000, "30.0")
    assert par.numerator_ids == (IDS[0], IDS[1])
    only = portfolio_at_risk(BOOK, 30, count_restructured=False)
    assert only.percent_text == "20.0"


def test_exactly_thirty_days_is_not_over_thirty() -> None:
    assert portfolio_at_risk([Position(IDS[0], 100, 30)], 30).numerator == 0
    assert portfolio_at_risk([Position(IDS[0], 100, 31)], 30).numerator == 100


def test_an_empty_book_has_no_ratio() -> None:
    assert portfolio_at_risk([], 30).percent_text == "–"


def test_the_arrears_rate_counts_only_what_is_overdue() -> None:
    assert arrears_rate(BOOK).percent_text == "5.0"


def test_ageing_sums_to_the_portfolio() -> None:
    buckets = ageing([*BOOK, Position(IDS[3], 5, 366), Position(IDS[4], 0, 90)])
    assert sum(bucket.principal_units for bucket in buckets) == 200_005
    assert [bucket.loans for bucket in buckets] == [2, 0, 1, 0, 0, 0, 1]


def test_eighty_nine_percent_repaid_names_its_loans() -> None:
    ended = [Ending(UUID(int=n), date(2024, 1, 1), date(2024, 1, 1)) for n in range(1, 2849)]
    late = [Ending(UUID(int=n), date(2024, 1, 1), None) for n in range(2849, 3201)]
    young = [Ending(UUID(int=9999), date(2030, 1, 1), None)]
    ratio = repaid_number([*ended, *late, *young], date(2025, 1, 1))
    assert (ratio.numerator, ratio.denominator, ratio.percent_text) == (2848, 3200, "89.0")
    assert len(ratio.numerator_ids) == 2848


def test_a_loan_repaid_after_the_day_is_not_repaid_on_it() -> None:
    ending = Ending(IDS[0], date(2024, 1, 1), date(2024, 6, 1))
    assert repaid_number([ending], date(2024, 5, 31)).numerator == 0
    assert repaid_number([ending], date(2024, 6, 1)).numerator == 1


DUES = [
    DueFact(IDS[0], date(2025, 1, 31), 110, 100, 110, 100),
    DueFact(IDS[1], date(2025, 1, 31), 110, 100, 0, 50),
    DueFact(IDS[2], date(2025, 3, 1), 110, 100, 110, 100),
]


def test_three_ways_of_saying_repaid_differ() -> None:
    first, last = date(2025, 1, 1), date(2025, 1, 31)
    assert on_time(DUES, first, last).percent_text == "50.0"
    assert repaid_principal(DUES, last).percent_text == "75.0"
    assert recovery_current(330, DUES, first, last, [IDS[0]]).percent_text == "150.0"


def test_the_write_off_ratio_is_over_the_mean_portfolio() -> None:
    ratio = write_off_ratio(50, [900, 1100], [IDS[0]])
    assert ratio.percent == 5
    assert ratio.parameter == 2


# --- terms ----------------------------------------------------------------------------------------


def test_terms_keep_every_field_through_json() -> None:
    given = {
        "preset": "handup-flat",
        "currency": "USD",
        "rate_ppm": 240_000,
        "instalment_rounding": {"unit": 100, "mode": "HALF_UP"},
        "cycle_limits": [[1, 100], [2, 200]],
        "fees": [{"code": "FILE", "units": 500, "taken": "WITHHELD"}],
    }
    terms = read_terms(given)
    assert terms.cycle_limits == ((1, 100), (2, 200))
    assert read_terms(write_terms(terms)) == terms
    assert read_terms(given, instalments=5).instalments == 5


@pytest.mark.parametrize(
    "given",
    [
        {"rate_ppm": 1},
        {"currency": "USD", "rate_ppm": 1, "colour": 2},
        {"currency": "USD", "rate_ppm": "many"},
        {"currency": "USD", "rate_ppm": True},
        {"currency": "USD", "rate_ppm": 1, "method": "MAGIC"},
        {"currency": "USD", "rate_ppm": 1, "instalment_rounding": {"unit": 0}},
    ],
)
def test_terms_that_make_no_sense_are_refused(given: dict[str, object]) -> None:
    with pytest.raises(TermsNotReadable):
        read_terms(given)


PER_DAY = {"kind": "PER_DAY", "ppm": 1}


@pytest.mark.parametrize(
    "fields",
    [
        {"tranches_max": 2, "fees": [{"code": "F", "units": 1}]},
        {"recalculation": "DAILY_RATE", "arrears_tolerance_units": 5},
        {"fees": [{"code": "F", "units": 1, "when": "OVERDUE"}]},
        {"fees": [{"code": "F", "ppm": 1, "base": "INTEREST", "taken": "WITHHELD"}]},
        {
            "penalty": {"kind": "PER_DAY", "ppm": 1},
            "allocation": {
                "strategy": "ONE_BY_ONE",
                "components": ["PRINCIPAL", "INTEREST", "FEE", "PENALTY"],
            },
        },
        {
            "penalty": {"kind": "PER_DAY", "ppm": 1},
            "allocation": {
                "cells": [
                    [when, part]
                    for when in ("PAST_DUE", "DUE", "IN_ADVANCE")
                    for part in ("FEE", "PENALTY", "INTEREST", "PRINCIPAL")
                ],
            },
        },
    ],
)
def test_what_the_way_to_the_books_does_not_carry_yet_is_not_offered(
    fields: dict[str, object],
) -> None:
    with pytest.raises(TermsNotOffered):
        check_offered(read_terms({"currency": "USD", "rate_ppm": 1, **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"penalty": PER_DAY},
        {"penalty": {"kind": "FIXED", "units": 5}},
        {"repayment": "BULLET"},
        {"down_payment_ppm": 1},
        {"due_months": [6, 10], "instalments": 2},
        {"early_effect": "SKIP_NEXT"},
        {"recalculation": "BALANCE"},
        {"recalculation": "DAILY_RATE", "rate_per": "DAY"},
    ],
)
def test_what_can_be_kept_is_offered(fields: dict[str, object]) -> None:
    check_offered(read_terms({"currency": "USD", "rate_ppm": 1, **fields}))


def test_terms_that_do_not_hold_as_a_whole_are_refused_with_every_fault() -> None:
    bad = {"currency": "USD", "rate_ppm": 1, "fixed_units": 5, "principal_ppm": 1}
    with pytest.raises(Faults) as refused:
        check_offered(read_terms(bad))
    assert {fault.place for fault in refused.value.faults} == {"fixed_units", "principal_ppm"}


def test_rows_say_all_unless_lateness_costs_or_interest_follows_the_balance() -> None:
    usual = {"currency": "USD", "rate_ppm": 1}
    assert rows_say_all(read_terms(usual))
    assert not rows_say_all(read_terms({**usual, "penalty": PER_DAY}))
    assert not rows_say_all(read_terms({**usual, "recalculation": "BALANCE"}))
    late = [{"code": "F", "units": 1, "when": "OVERDUE"}]
    assert not rows_say_all(read_terms({**usual, "fees": late}))


def test_fees_kept_back_are_amount_and_share() -> None:
    share = {"base": "PRINCIPAL", "ppm": 10_000, "taken": "WITHHELD"}
    fees = [{"code": "F", "units": 5_00, **share}]
    terms = read_terms({"currency": "USD", "rate_ppm": 1, "fees": fees})
    check_offered(terms)
    assert [units for _fee, units in taken_at(terms, 1_000_00).withheld] == [15_00]


# --- bank files -----------------------------------------------------------------------------------

TODAY = date(2025, 6, 1)
HEAD = "loan;kind;date;amount;reference;currency\n"


def lines(text: str, profile: Profile | None = None) -> list[list[str]]:
    """The fault codes of each row."""
    found = read(text.encode(), profile or Profile(), digits=2, today=TODAY)
    return [[fault.code for fault in line.faults] for line in found]


def test_a_good_row_is_read() -> None:
    (line,) = read(
        f"{HEAD}L0000018;REPAYMENT;2025-05-01;12.50;R1;usd\n".encode(),
        Profile(),
        digits=2,
        today=TODAY,
    )
    assert (line.kind, line.units, line.value_date) == (
        EventKind.REPAID,
        12_50,
        date(2025, 5, 1),
    )
    assert (line.currency, line.key, line.row) == ("USD", "R1", 2)


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("L0000018;GIFT;2025-05-01;1;R;", ["KIND_UNKNOWN"]),
        ("L0000018;REPAYMENT;May;1;R;", ["DATE_NOT_READABLE"]),
        ("L0000018;REPAYMENT;2025-06-02;1;R;", ["FUTURE_DATE"]),
        ("L0000018;REPAYMENT;2025-05-01;one;R;", ["AMOUNT_NOT_READABLE"]),
        ("L0000018;REPAYMENT;2025-05-01;1.005;R;", ["AMOUNT_NOT_READABLE"]),
        ("L0000018;REPAYMENT;2025-05-01;0;R;", ["AMOUNT_NOT_POSITIVE"]),
        (";REPAYMENT;2025-05-01;1;R;", ["LOAN_MISSING"]),
        ("L0000019;REPAYMENT;2025-05-01;1;R;", ["CHECK_DIGIT"]),
        (";;;;x;", ["KIND_UNKNOWN", "DATE_NOT_READABLE", "AMOUNT_NOT_READABLE", "LOAN_MISSING"]),
    ],
)
def test_each_fault_of_a_row_has_its_name(row: str, codes: list[str]) -> None:
    assert lines(f"{HEAD}{row}\n") == [codes]


def test_a_reference_twice_in_one_file_is_a_fault_of_the_second() -> None:
    row = "L0000018;REPAYMENT;2025-05-01;1;R1;\n"
    assert lines(HEAD + row + row) == [[], ["REFERENCE_TWICE"]]


def test_two_equal_rows_without_reference_are_two_payments() -> None:
    row = "L0000018;REPAYMENT;2025-05-01;1;;\n"
    found = read((HEAD + row + row).encode(), Profile(), digits=2, today=TODAY)
    assert len({line.key for line in found}) == 2


def test_a_profile_says_how_the_bank_writes() -> None:
    profile = Profile.of(
        {
            "delimiter": ",",
            "decimal": ",",
            "grouping": " ",
            "date_format": "%d.%m.%Y",
            "columns": {"loan": "Konto", "amount": "Summe"},
            "kinds": {"auszahlung": "DISBURSED"},
        }
    )
    text = 'Konto,kind,date,Summe\nX1,Auszahlung,01.05.2025,"1 200,50"\n'
    (line,) = read(text.encode(), profile, digits=2, today=TODAY)
    assert (line.units, line.kind, line.faults) == (1_200_50, EventKind.DISBURSED, ())


def test_a_file_that_is_no_table_is_refused_whole() -> None:
    with pytest.raises(FileNotReadable):
        lines_of_bytes(b"\xff\xfe\x00")
    with pytest.raises(ColumnMissing, match="amount"):
        lines("loan;kind;date\n1;2;3\n")
    with pytest.raises(FileEmpty):
        lines(HEAD)
    with pytest.raises(ProfileUnknown):
        Profile.of({"colour": 1})
    with pytest.raises(ProfileUnknown):
        Profile.of({"kinds": {"X": "MAGIC"}})


def lines_of_bytes(content: bytes) -> object:
    return read(content, Profile(), digits=2, today=TODAY)


def test_a_loan_of_which_nothing_would_be_handed_over_is_refused() -> None:
    of = made_terms(fees=(Fee("FILE", units=1_200, taken=FeeTaken.WITHHELD),))
    with pytest.raises(NothingHandedOver):
        planned(of, 1_200, START)
    assert planned(of, 1_201, START).handed_units == 1
