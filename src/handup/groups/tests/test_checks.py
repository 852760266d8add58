"""What speaks against opening the box, holding a key, correcting, standing, joining."""

from fractions import Fraction
from typing import Any

from handup.groups.rules import checks
from handup.groups.rules.checks import Reason

READY: dict[str, Any] = {
    "has_bank_account": True,
    "age_months": 3,
    "min_age_months": 3,
    "attendance": Fraction(90),
    "min_attendance": Fraction(90),
    "follows_principles": True,
    "first_grading_passed": True,
    "received_before": False,
}


def test_the_box_opens_with_its_keys_or_with_enough_members() -> None:
    def reasons(keys: int, members: int, needed: int | None = 5) -> list[Reason]:
        return checks.open_box(
            keys_present=keys, keys_needed=3, members_present=members, members_needed=needed
        )

    assert reasons(3, 3) == []
    assert reasons(0, 5) == []
    assert reasons(2, 4) == [Reason.TOO_FEW_KEYS]
    assert reasons(2, 40, needed=None) == [Reason.TOO_FEW_KEYS]


def test_an_officer_holds_a_key_only_where_the_rules_say_so() -> None:
    for role in ("CHAIRPERSON", "SECRETARY", "TREASURER"):
        assert checks.hold_key(role=role, officers_may=False) == [Reason.IS_OFFICER]
        assert checks.hold_key(role=role, officers_may=True) == []
    assert checks.hold_key(role="MONEY_COUNTER", officers_may=False) == []


def test_every_reason_against_the_revolving_fund_is_told() -> None:
    assert checks.revolving_fund(**READY) == []
    short = READY | {"attendance": Fraction("89.99"), "received_before": True}
    assert checks.revolving_fund(**short) == [Reason.LOW_ATTENDANCE, Reason.RECEIVED_BEFORE]


def test_a_share_keeps_its_price_in_an_open_cycle() -> None:
    told = {"old_value": 100, "new_value": 150}
    assert checks.change_share_value(cycle_open=True, **told) == [Reason.FIXED_IN_CYCLE]
    assert checks.change_share_value(cycle_open=False, **told) == []
    assert checks.change_share_value(cycle_open=True, old_value=5, new_value=5) == []


def test_an_absent_member_saves_through_somebody_and_a_leaver_not_at_all() -> None:
    assert checks.record_savings(is_there=False, sent=True, is_member=True) == []
    assert checks.record_savings(is_there=False, sent=False, is_member=False) == [
        Reason.NOT_PRESENT,
        Reason.NOT_A_MEMBER,
    ]


def test_a_mistake_of_any_age_is_reversed_once_and_together() -> None:
    assert checks.correct_entry(agreed=True, already_reversed=False) == []
    assert checks.correct_entry(agreed=False, already_reversed=True) == [
        Reason.NOT_AGREED,
        Reason.ALREADY_REVERSED,
    ]


def test_terms_and_dues_bound_the_board() -> None:
    def reasons(served: int, arrears: bool) -> list[Reason]:
        return checks.stand_for_board(terms_served=served, terms_most=2, dues_in_arrears=arrears)

    assert reasons(1, False) == []
    assert reasons(2, True) == [Reason.TERM_LIMIT, Reason.DUES_IN_ARREARS]


def test_refunds_buy_membership_once_they_reach_the_minimum_in_time() -> None:
    def reasons(held: list[int], years: int) -> list[Reason]:
        return checks.join_by_refunds(
            refunds_held=held, minimum_share=500, years_since_first=years, years_allowed=2
        )

    assert reasons([250, 250], 2) == []
    assert reasons([499], 3) == [Reason.BELOW_MINIMUM_SHARE, Reason.TOO_LATE]
