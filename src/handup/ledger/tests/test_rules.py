"""The pure rules of the books: balance, rounding, days, posting rules; no database."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.chain import Json, canonical, digest, link
from handup.kernel.ids import new_id
from handup.ledger.errors import (
    AmountTooLarge,
    DayOutOfReach,
    DoesNotBalance,
    EmptyLine,
    RuleMissing,
    TooFewLines,
)
from handup.ledger.packs import posting_rules
from handup.ledger.rules.journal import (
    LIMIT,
    RATE_ONE,
    EntryFact,
    LineFact,
    Source,
    check_lines,
    check_reach,
    content_digest,
    entry_hash,
    entry_text,
    instant_text,
    line_texts,
    posting_date,
    spread_residue,
    text_of,
    to_base,
)
from handup.ledger.rules.posting_rules import Part, PostingRule, lines_of, roles_needed
from handup.ledger.rules.words import BookKind

FUND, OTHER = UUID(int=1), UUID(int=2)


# --- balance --------------------------------------------------------------------------------------


def test_lines_that_balance_in_every_currency_and_fund_pass() -> None:
    dollars = [(5, 5, "USD", FUND), (-5, -5, "USD", FUND)]
    check_lines([*dollars, (7, 70, "EUR", OTHER), (-7, -70, "EUR", OTHER)], "FACT")


@pytest.mark.parametrize(
    ("lines", "currency", "difference"),
    [
        ([(5, 5, "USD", FUND), (-4, -4, "USD", FUND)], "USD", 1),
        ([(5, 5, "USD", FUND), (-5, -5, "USD", OTHER)], "USD", 5),
        ([(5, 5, "USD", FUND), (-5, -5, "EUR", FUND)], "USD", 5),
        ([(5, 6, "USD", FUND), (-5, -5, "USD", FUND)], "base", 1),
        ([(5, 5, "USD", FUND), (5, 5, "USD", FUND)], "USD", 10),
    ],
)
def test_lines_that_do_not_balance_are_refused_with_the_difference(
    lines: list[tuple[int, int, str, UUID]], currency: str, difference: int
) -> None:
    with pytest.raises(DoesNotBalance) as refused:
        check_lines(lines, "FACT")
    assert refused.value.places["currency"] == currency
    assert refused.value.places["difference"] == difference


def test_a_refusal_names_the_fund_that_does_not_balance() -> None:
    with pytest.raises(DoesNotBalance) as refused:
        check_lines([(5, 5, "USD", FUND), (-5, -5, "USD", FUND), (1, 1, "USD", OTHER)], "FACT")
    assert refused.value.places["fund"] == OTHER


@pytest.mark.parametrize("count", [0, 1])
def test_an_entry_needs_two_lines(count: int) -> None:
    with pytest.raises(TooFewLines):
        check_lines([(5, 5, "USD", FUND)] * count, "FACT")


def test_a_line_of_zero_is_refused_except_in_a_revaluation() -> None:
    lines = [(0, 500, "USD", FUND), (0, -500, "USD", FUND)]
    with pytest.raises(EmptyLine):
        check_lines(lines, "FACT")
    check_lines(lines, "REVALUATION")


@pytest.mark.parametrize("units", [LIMIT, -LIMIT, LIMIT + 1])
def test_an_amount_json_cannot_hold_is_refused(units: int) -> None:
    with pytest.raises(AmountTooLarge):
        check_lines([(units, 1, "USD", FUND), (-units, -1, "USD", FUND)], "FACT")
    with pytest.raises(AmountTooLarge):
        check_lines([(1, units, "USD", FUND), (-1, -units, "USD", FUND)], "FACT")


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=9))
def test_any_split_with_its_whole_balances(parts: list[int]) -> None:
    whole = sum(parts)
    lines = [(part, part, "USD", FUND) for part in parts]
    check_lines([*lines, (-whole, -whole, "USD", FUND)], "FACT")
    with pytest.raises(DoesNotBalance):
        check_lines([*lines, (-1 - whole, -whole, "USD", FUND)], "FACT")


# --- other currencies -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("units", "rate", "digits", "base_digits", "expected"),
    [
        (100_00, 385 * RATE_ONE, 2, 2, 38_500_00),
        (100_00, 385 * RATE_ONE, 2, 0, 38_500),
        (38_500, RATE_ONE // 385, 0, 2, 100_00),
        (1, RATE_ONE // 2, 2, 2, 1),
        (-1, RATE_ONE // 2, 2, 2, -1),
        (1, RATE_ONE // 2 - 1, 2, 2, 0),
        (5, RATE_ONE, 2, 2, 5),
        (1_000, RATE_ONE, 3, 0, 1),
    ],
)
def test_units_become_base_units_half_up(
    units: int, rate: int, digits: int, base_digits: int, expected: int
) -> None:
    assert to_base(units, rate, digits, base_digits) == expected


def test_the_line_with_the_most_units_takes_what_rounding_left() -> None:
    amounts = [(21, 8096, FUND), (-7, -2699, FUND), (-7, -2699, FUND), (-7, -2699, FUND)]
    assert spread_residue(amounts) == [8097, -2699, -2699, -2699]


def test_each_fund_takes_its_own_residue() -> None:
    amounts = [(5, 11, FUND), (-5, -10, FUND), (9, 20, OTHER), (-9, -20, OTHER)]
    assert spread_residue(amounts) == [10, -10, 20, -20]


def test_a_residue_of_more_than_a_unit_a_line_is_no_rounding() -> None:
    with pytest.raises(DoesNotBalance):
        spread_residue([(5, 13, FUND), (-5, -10, FUND)])


def test_without_residue_nothing_moves() -> None:
    assert spread_residue([(5, 10, FUND), (-5, -10, FUND)]) == [10, -10]


# --- days -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "locked", "posted"),
    [
        (date(2026, 1, 28), None, date(2026, 1, 28)),
        (date(2026, 1, 28), date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 1, 31), date(2026, 1, 31), date(2026, 2, 1)),
        (date(2026, 2, 1), date(2026, 1, 31), date(2026, 2, 1)),
        (date(2025, 12, 1), date(2026, 2, 28), date(2026, 3, 1)),
        (date(2024, 1, 1), date(2024, 2, 29), date(2024, 3, 1)),
    ],
)
def test_a_fact_posts_on_its_day_or_on_the_first_open_one(
    happened: date, locked: date | None, posted: date
) -> None:
    assert posting_date(happened, locked) == posted


@pytest.mark.parametrize(
    ("on", "first", "last"),
    [
        (date(1949, 12, 31), None, None),
        (date(2151, 1, 1), None, None),
        (date(2077, 1, 1), date(2026, 1, 1), date(2026, 2, 1)),
        (date(1970, 1, 1), date(2021, 1, 1), date(2026, 2, 1)),
    ],
)
def test_a_year_typed_wrongly_is_refused(on: date, first: date | None, last: date | None) -> None:
    with pytest.raises(DayOutOfReach):
        check_reach(on, first, last)


def test_a_day_near_the_others_passes() -> None:
    check_reach(date(2026, 1, 1), None, None)
    check_reach(date(1990, 1, 1), date(2026, 1, 1), date(2026, 6, 1))


# --- what is hashed -------------------------------------------------------------------------------


def _line(no: int, units: int, **other: object) -> LineFact:
    values: dict[str, Any] = {
        "no": no,
        "account_id": UUID(int=9),
        "units": units,
        "currency": "USD",
        "base_units": units,
        "rate": RATE_ONE,
        "fund_id": FUND,
        "budget_line": "",
        "branch_id": None,
        "subject_kind": "",
        "subject_id": None,
        **other,
    }
    return LineFact(**values)


DAY = date(2026, 1, 10)


def _digest(kind: str, day: date, lines: list[LineFact]) -> str:
    return content_digest(kind, day, line_texts(lines)[0])


def test_a_fact_is_the_same_when_kind_day_and_lines_are() -> None:
    lines = [_line(1, 5), _line(2, -5)]
    same = _digest("K", DAY, lines)
    assert _digest("K", DAY, [_line(1, 5, rate=1), _line(2, -5, base_units=-6)]) == same
    others = [
        _digest("L", DAY, lines),
        _digest("K", date(2026, 1, 11), lines),
        _digest("K", DAY, [_line(1, 6), _line(2, -6)]),
        _digest("K", DAY, [_line(1, 5, currency="EUR"), _line(2, -5)]),
        _digest("K", DAY, [_line(1, 5, fund_id=OTHER), _line(2, -5)]),
        _digest("K", DAY, [_line(1, 5, subject_kind="loan"), _line(2, -5)]),
        _digest("K", DAY, [_line(1, 5, subject_id=OTHER), _line(2, -5)]),
        _digest("K", DAY, [_line(1, 5, branch_id=OTHER), _line(2, -5)]),
        _digest("K", DAY, [_line(1, 5, budget_line="1.1"), _line(2, -5)]),
        _digest("K", DAY, list(reversed(lines))),
    ]
    assert same not in others
    assert len(set(others)) == len(others)


def test_a_revaluation_is_told_by_its_base_units() -> None:
    up = _digest("REVALUATION", DAY, [_line(1, 0, base_units=500)])
    more = _digest("REVALUATION", DAY, [_line(1, 0, base_units=501)])
    assert up != more


def _entry(*lines: LineFact, **other: object) -> EntryFact:
    values: dict[str, Any] = {
        "id": UUID(int=5),
        "book_id": UUID(int=6),
        "seq": 7,
        "kind": "LOAN_REPAID",
        "entry_date": DAY,
        "happened_date": DAY,
        "source": Source("lending", "event", UUID(int=8), "FEE"),
        "reverses_id": None,
        "branch_id": None,
        "posted_by_id": UUID(int=10),
        "approved_by_id": None,
        "posted_at": datetime(2026, 1, 10, 8, 30, tzinfo=UTC),
        "flags": "",
        "lines": lines,
        **other,
    }
    return EntryFact(**values)


def test_the_hashed_entry_holds_codes_and_ids_only() -> None:
    entry = _entry(_line(1, 5), _line(2, -5))
    assert json.loads(entry_text(entry, "c" * 64, line_texts(entry.lines)[1])) == [
        "0" * 31 + "5",
        "0" * 31 + "6",
        7,
        "LOAN_REPAID",
        "2026-01-10",
        "2026-01-10",
        "lending",
        "event",
        "0" * 31 + "8",
        "FEE",
        "",
        "",
        "0" * 31 + "a",
        "",
        "2026-01-10T08:30:00.000000Z",
        "",
        "c" * 64,
        [
            [1, "0" * 31 + "9", 5, "USD", 5, RATE_ONE, "0" * 31 + "1", "", "", "", ""],
            [2, "0" * 31 + "9", -5, "USD", -5, RATE_ONE, "0" * 31 + "1", "", "", "", ""],
        ],
    ]


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
ids = st.uuids() | st.none()


@given(
    st.lists(st.tuples(st.integers(-LIMIT + 1, LIMIT - 1), words, words, words, ids, ids)),
    words,
)
def test_what_is_hashed_is_written_in_its_canonical_form(
    told: list[tuple[int, str, str, str, UUID | None, UUID | None]], kind: str
) -> None:
    """The texts put together by hand are those kernel.chain writes of the same lists."""
    lines = [
        _line(
            *(no, units),
            currency=currency,
            budget_line=budget,
            subject_kind=subject_kind,
            branch_id=branch,
            subject_id=subject,
        )
        for no, (units, currency, budget, subject_kind, branch, subject) in enumerate(told, 1)
    ]
    same, chained = line_texts(lines)
    entry = _entry(*lines, kind=kind, flags=kind, branch_id=UUID(int=3))
    for text in (same, chained, text_of_content := f'["{DAY}",{same}]'):
        assert canonical(json.loads(text)).decode() == text
    whole = entry_text(entry, "c" * 64, chained)
    assert canonical(json.loads(whole)).decode() == whole
    assert entry_hash("ab" * 32, entry, "c" * 64, chained) == link("ab" * 32, json.loads(whole))
    content: Json = [kind, DAY.isoformat(), json.loads(text_of_content)[1]]
    assert content_digest(kind, DAY, same) == digest(content)


def test_an_amount_that_is_no_whole_number_is_never_hashed() -> None:
    with pytest.raises(ValueError, match="format"):
        line_texts([_line(1, 5, base_units=Decimal("5.0"))])


def test_ids_and_instants_have_one_text() -> None:
    assert text_of(None) == ""
    assert text_of(UUID(int=255)) == "0" * 30 + "ff"
    assert instant_text(datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)) == (
        "2026-01-02T03:04:05.000006Z"
    )


# --- posting rules --------------------------------------------------------------------------------

LOAN = ("loan", UUID(int=77))


def posted(kind: str, parts: dict[str, int], money: str = "BANK") -> dict[str, int]:
    """What a fact posts per role, by the rules that are shipped."""
    sums: dict[str, int] = defaultdict(int)
    told = {name: Part(units) for name, units in parts.items()}
    for line in lines_of(posting_rules(), kind, told, money_role=money):
        sums[line.account_role] += line.units
    return dict(sums)


@pytest.mark.parametrize(
    ("kind", "parts", "expected"),
    [
        (
            "LOAN_DISBURSED",
            {"PAID_OUT": 940, "FEE_WITHHELD": 50, "INSURANCE_WITHHELD": 10},
            {"LOANS": 1000, "BANK": -940, "FEE_INCOME": -50, "INSURANCE_PAYABLE": -10},
        ),
        (
            "LOAN_REPAID",
            {"PRINCIPAL": 80, "INTEREST": 15, "FEE": 3, "PENALTY": 2, "CREDIT": 1, "SAVINGS": 4},
            {
                "BANK": 105,
                "LOANS": -80,
                "INTEREST_DUE": -15,
                "FEES_DUE": -3,
                "PENALTY_INCOME": -2,
                "BORROWER_CREDIT": -1,
                "COMPULSORY_SAVINGS": -4,
            },
        ),
        ("BANK_LINE_UNMATCHED", {"AMOUNT": 9}, {"BANK": 9, "SUSPENSE": -9}),
        ("FEE_CHARGED", {"AMOUNT": 9}, {"FEES_DUE": 9, "FEE_INCOME": -9}),
        ("INTEREST_ACCRUED", {"AMOUNT": 9}, {"INTEREST_DUE": 9, "INTEREST_INCOME": -9}),
        ("INTEREST_STOPPED", {"AMOUNT": 9}, {"INTEREST_INCOME": 9, "INTEREST_DUE": -9}),
        ("PROVISION_UP", {"AMOUNT": 9}, {"IMPAIRMENT": 9, "ALLOWANCE": -9}),
        ("PROVISION_DOWN", {"AMOUNT": 9}, {"ALLOWANCE": 9, "IMPAIRMENT": -9}),
        (
            "LOAN_WRITTEN_OFF",
            {"PRINCIPAL_COVERED": 60, "PRINCIPAL_SHORT": 40, "INTEREST": 5},
            {
                "ALLOWANCE": 60,
                "IMPAIRMENT": 40,
                "LOANS": -100,
                "INTEREST_INCOME": 5,
                "INTEREST_DUE": -5,
            },
        ),
        ("LOAN_RECOVERED", {"AMOUNT": 9}, {"BANK": 9, "RECOVERY_INCOME": -9}),
        (
            "LOAN_CAPITALISED",
            {"INTEREST": 5, "FEE": 2},
            {"LOANS": 7, "INTEREST_DUE": -5, "FEES_DUE": -2},
        ),
        ("FACILITY_PLACED", {"AMOUNT": 9}, {"FACILITY_PLACED": 9, "BANK": -9}),
        ("FACILITY_DRAWN", {"AMOUNT": 9}, {"LOANS": 9, "FACILITY_PLACED": -9}),
        ("GUARANTEE_GIVEN", {"AMOUNT": 9}, {"GUARANTEE_GIVEN": 9, "GUARANTEE_CONTRA": -9}),
        ("GUARANTEE_ENDED", {"AMOUNT": 9}, {"GUARANTEE_CONTRA": 9, "GUARANTEE_GIVEN": -9}),
        ("GUARANTEE_CALLED", {"AMOUNT": 9}, {"GUARANTEE_CALLED": 9, "BANK": -9}),
        ("GUARANTEE_RECOVERED", {"AMOUNT": 9}, {"BANK": 9, "GUARANTEE_CALLED": -9}),
        ("GRANT_RECEIVED", {"AMOUNT": 9}, {"BANK": 9, "GRANT_DEFERRED": -9}),
        ("GRANT_EARNED", {"AMOUNT": 9}, {"GRANT_DEFERRED": 9, "GRANT_INCOME": -9}),
        ("SAVINGS_RECEIVED", {"AMOUNT": 9}, {"BANK": 9, "SAVINGS": -9}),
        (
            "MEMBER_LOAN_REPAID",
            {"PRINCIPAL": 8, "CHARGE": 1},
            {"BANK": 9, "LOANS": -8, "INTEREST_INCOME": -1},
        ),
    ],
)
def test_a_fact_posts_as_the_table_of_the_books_says(
    kind: str, parts: dict[str, int], expected: dict[str, int]
) -> None:
    """ledger.md 4.3, row by row."""
    assert posted(kind, parts) == expected


def test_every_rule_balances_whatever_the_amount() -> None:
    for (kind, part), rule in posting_rules().items():
        lines = lines_of(posting_rules(), kind, {part: Part(7)})
        assert sum(line.units for line in lines) == 0, rule
        assert rule.event_kind == kind


def test_the_money_account_is_the_one_the_fact_names() -> None:
    assert posted("LOAN_REPAID", {"PRINCIPAL": 5}, money="CASH") == {"CASH": 5, "LOANS": -5}
    assert posted("LOAN_REPAID", {"PRINCIPAL": 5}, money="SUSPENSE") == {
        "SUSPENSE": 5,
        "LOANS": -5,
    }


def test_one_line_a_role_and_subject_debits_first_nothing_for_zero() -> None:
    lines = lines_of(
        posting_rules(),
        "LOAN_REPAID",
        {
            "PRINCIPAL": Part(80, credit_subject=LOAN),
            "INTEREST": Part(20, credit_subject=LOAN),
            "FEE": Part(0, credit_subject=LOAN),
        },
        fund=FUND,
        branch=OTHER,
        currency="EUR",
    )
    assert [(line.account_role, line.units, line.subject) for line in lines] == [
        ("BANK", 100, None),
        ("LOANS", -80, LOAN),
        ("INTEREST_DUE", -20, LOAN),
    ]
    assert {(line.fund, line.branch, line.currency) for line in lines} == {(FUND, OTHER, "EUR")}


def test_a_refinancing_moves_between_two_loans_on_one_account() -> None:
    new = ("loan", new_id())
    lines = lines_of(
        posting_rules(),
        "LOAN_REFINANCED",
        {
            "OLD_PRINCIPAL": Part(60, debit_subject=new, credit_subject=LOAN),
            "OLD_INTEREST": Part(5, debit_subject=new, credit_subject=LOAN),
            "PAID_OUT": Part(35, debit_subject=new),
        },
    )
    assert [(line.account_role, line.units, line.subject) for line in lines] == [
        ("LOANS", 100, new),
        ("LOANS", -60, LOAN),
        ("INTEREST_DUE", -5, LOAN),
        ("BANK", -35, None),
    ]


def test_a_negative_part_is_the_same_the_other_way_round() -> None:
    assert posted("LOAN_REPAID", {"PRINCIPAL": -5}) == {"BANK": -5, "LOANS": 5}


def test_a_part_without_a_rule_is_refused() -> None:
    with pytest.raises(RuleMissing):
        posted("LOAN_REPAID", {"TIP": 5})
    with pytest.raises(RuleMissing):
        posted("LOAN_SUNG_ABOUT", {"AMOUNT": 5})


def test_a_chart_needs_the_roles_of_its_rules() -> None:
    rules = [
        PostingRule("A", "X", frozenset({BookKind.GROUP}), "MONEY", "SAVINGS"),
        PostingRule("B", "X", frozenset({BookKind.LENDER}), "LOANS", "MONEY"),
    ]
    assert roles_needed(rules, BookKind.GROUP) == {"SAVINGS", "CASH", "BANK", "RETAINED"}
    assert roles_needed(rules, BookKind.LENDER) == {"LOANS", "CASH", "BANK", "RETAINED"}
