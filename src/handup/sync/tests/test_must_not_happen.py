"""The failures known elsewhere (groups_cooperatives.md 7), each with the test that keeps it out."""

import importlib
import json
from pathlib import Path

import pytest

VECTORS = {
    "saver gets less than she saved though the group gained": "groups.share_out",
    "archived member's savings pooled, nothing for her": "groups.share_out",
    "200 001 paid out of 200 000": "groups.share_out",
    "interest basis stored, never read back": "groups.service_charge",
    "promised limit not enforced": "groups.loan_limit",
    "all residue to the last row": "kernel.split",
    "payout posted net, fund gains money": "groups.share_out",
    "bands with holes": "groups.grading",
    "retry after a lost reply treated as a conflict": "sync.meeting_upload",
    "three records of one day all posted": "sync.meeting_upload",
    "absent member cannot save": "groups.rule_check",
    "bank moves missing from the box": "groups.cash_count",
    "each dividend rounded alone": "groups.dividend",
    "deductions leave the producer nothing": "groups.milk_pay",
}
OWN = {
    "sent totals believed over lines": (
        "sync.tests.test_reception",
        "test_figures_sent_along_are_compared_and_never_believed",
    ),
    "one failing row swallowed, the rest posted": (
        "sync.tests.test_reception",
        "test_one_bad_row_refuses_the_meeting_and_lists_every_bad_row",
    ),
    "only the last meeting can be corrected": (
        "sync.tests.test_services",
        "test_a_reversal_of_an_old_meeting_posts_today_and_leaves_the_old_code",
    ),
    "80 000 shown and 50 000 in the box": (
        "sync.tests.test_places",
        "test_bank_and_mobile_moves_leave_the_box_and_add_to_nothing",
    ),
    "unkeyed digest called a signature": (
        "sync.tests.test_rules",
        "test_a_flipped_byte_is_refused",
    ),
    "strangers on the roll": (
        "sync.tests.test_services",
        "test_a_strangers_device_stores_nothing_and_learns_nothing",
    ),
    "key change needs a network": (
        "sync.tests.test_places",
        "test_a_lost_key_is_replaced_at_a_meeting_without_a_network",
    ),
    "a second record dropped or posted twice": (
        "sync.tests.test_choosing",
        "test_the_second_is_kept_and_everything_of_the_first_is_taken_back",
    ),
    "only two group levels": (
        "groups.tests.test_register",
        "test_a_cooperative_can_be_a_member_of_a_secondary_one",
    ),
}


@pytest.mark.parametrize(("failure", "vector"), VECTORS.items())
def test_a_failure_known_elsewhere_has_its_shared_cases(
    failure: str, vector: str, shared: Path
) -> None:
    cases = json.loads((shared / "data" / "vectors" / f"{vector}.json").read_text("utf-8"))["cases"]
    assert cases, failure


@pytest.mark.parametrize(("failure", "place"), OWN.items())
def test_a_failure_known_elsewhere_has_its_own_test(failure: str, place: tuple[str, str]) -> None:
    module = importlib.import_module(f"handup.{place[0]}")
    assert callable(getattr(module, place[1])), failure
