"""Who is called for how much, and what a pledge counts for: the pure rules of lending.md 4.3."""

from hypothesis import given
from hypothesis import strategies as st

from handup.lending.rules.security import (
    CallOrder,
    Party,
    call_guarantors,
    call_members,
    cap_units,
    cover_ppm,
    covered_units,
)


def test_a_share_is_of_the_amount_lent_rounded_down() -> None:
    assert cap_units(500_00, None, 1_200_00) == 500_00
    assert cap_units(None, 3_333, 1_000_01) == 333_30
    assert cap_units(None, 10_000, 1_200_00) == 1_200_00


def test_guarantors_in_order_answer_one_after_the_other() -> None:
    parties = [Party("first", 300_00), Party("second", 500_00), Party("third", 100_00)]
    called = call_guarantors(600_00, parties)
    assert called.parts == (("first", 300_00), ("second", 300_00))
    assert called.uncalled_units == 0
    beyond = call_guarantors(1_000_00, parties)
    assert beyond.parts == (("first", 300_00), ("second", 500_00), ("third", 100_00))
    assert beyond.uncalled_units == 100_00


def test_guarantors_pro_rata_answer_by_their_caps() -> None:
    parties = [Party("first", 300_00), Party("second", 600_00)]
    called = call_guarantors(100_00, parties, CallOrder.PRO_RATA)
    assert called.parts == (("first", 33_33), ("second", 66_67))
    beyond = call_guarantors(1_000_00, parties, CallOrder.PRO_RATA)
    assert beyond.parts == (("first", 300_00), ("second", 600_00))
    assert beyond.uncalled_units == 100_00


def test_a_cap_that_is_used_up_is_called_for_nothing() -> None:
    parties = [Party("used", -20_00), Party("fresh", 50_00)]
    assert call_guarantors(30_00, parties).parts == (("fresh", 30_00),)
    assert call_guarantors(30_00, parties, CallOrder.PRO_RATA).parts == (("fresh", 30_00),)


def test_members_share_a_shortfall_by_what_each_owes() -> None:
    parties = [Party("a", None, 600_00), Party("b", None, 300_00), Party("c", None, 0)]
    called = call_members(90_00, parties)
    assert called.parts == (("a", 60_00), ("b", 30_00))
    assert called.uncalled_units == 0


def test_what_a_cap_cuts_off_is_shared_among_the_others() -> None:
    parties = [Party("a", 20_00, 600_00), Party("b", None, 300_00), Party("c", None, 300_00)]
    called = call_members(120_00, parties)
    assert called.parts == (("a", 20_00), ("b", 50_00), ("c", 50_00))


def test_when_every_cap_is_reached_the_rest_is_named() -> None:
    parties = [Party("a", 20_00, 600_00), Party("b", 10_00, 300_00)]
    called = call_members(120_00, parties)
    assert called.parts == (("a", 20_00), ("b", 10_00))
    assert called.uncalled_units == 90_00


def test_nobody_owes_anything_so_nobody_is_called() -> None:
    called = call_members(120_00, [Party("a", None, 0)])
    assert (called.parts, called.uncalled_units) == ((), 120_00)


PARTIES = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(-1_000, 100_000)), st.integers(0, 1_000_000)),
    max_size=8,
)


@given(st.integers(0, 1_000_000), PARTIES, st.sampled_from(CallOrder))
def test_no_call_is_above_a_cap_and_all_of_it_is_accounted_for(
    shortfall: int, told: list[tuple[int | None, int]], order: CallOrder
) -> None:
    parties = [Party(place, left, owes) for place, (left, owes) in enumerate(told)]
    with_caps = [Party(party.key, party.left_units or 0) for party in parties]
    for called, asked in (
        (call_members(shortfall, parties), parties),
        (call_guarantors(shortfall, with_caps, order), with_caps),
    ):
        assert sum(units for _key, units in called.parts) + called.uncalled_units == shortfall
        assert called.uncalled_units >= 0
        for key, units in called.parts:
            left = asked[key].left_units
            assert units > 0
            assert left is None or units <= left


@given(st.integers(0, 1_000_000), PARTIES)
def test_members_leave_nothing_uncalled_while_anybody_who_owes_has_room(
    shortfall: int, told: list[tuple[int | None, int]]
) -> None:
    parties = [Party(place, left, owes) for place, (left, owes) in enumerate(told)]
    called = call_members(shortfall, parties)
    parts = dict(called.parts)
    if called.uncalled_units:
        for party in parties:
            full = party.left_units is not None and parts.get(party.key, 0) >= max(
                party.left_units, 0
            )
            assert full or party.owes_units == 0


def test_a_pledge_counts_for_its_value_less_the_haircut() -> None:
    assert covered_units(1_000_00, 3_000) == 700_00
    assert covered_units(1_000_00, 0) == 1_000_00
    assert covered_units(1_000_00, 10_000) == 0
    assert cover_ppm(700_00, 1_400_00) == 500_000
    assert cover_ppm(700_00, 0) is None
