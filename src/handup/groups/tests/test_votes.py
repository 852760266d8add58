"""Who decides, how many are needed, and who may not vote because it concerns her."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.votes import (
    Ballot,
    ConflictOfInterest,
    Count,
    Delegates,
    MoreVotesThanPresent,
    NoQuorum,
    VoteBase,
    Voters,
    VoteRule,
    VotesBelowZero,
    hold_vote,
    needed_of,
    needed_votes,
    require_fair,
)

THREE_QUARTERS = VoteRule(Fraction(3, 4), False, VoteBase.PRESENT, Fraction(1, 2))


def said(ballot: Ballot, count: int, *, members: int = 1, interest: bool = False) -> Voters:
    return Voters(count, members, ballot, interest)


def test_a_count_fits_the_roll_and_the_borrower_abstains() -> None:
    require_fair(Count(3, 0, 1, 10), there=4, interested=1)
    for count, refusal, field in (
        (Count(3, 1, 1, 10), MoreVotesThanPresent, "yes"),
        (Count(4, 0, 0, 10), ConflictOfInterest, "abstain"),
        (Count(4, -1, 1, 10), VotesBelowZero, "no"),
    ):
        with pytest.raises(refusal) as refused:
            require_fair(count, there=4, interested=1)
        assert refused.value.field == field


def test_more_than_half_is_not_half() -> None:
    half = Fraction(1, 2)
    assert [needed_of(n, half, more_than=True) for n in (0, 1, 20, 21)] == [1, 1, 11, 11]
    assert [needed_of(n, half, more_than=False) for n in (0, 1, 20, 21)] == [0, 1, 10, 11]
    assert needed_of(17, Fraction("66.67") / 100, more_than=False) == 12


def test_whom_it_concerns_may_be_there_but_not_decide() -> None:
    hers = said(Ballot.ABSTAIN, 1, interest=True)
    result = hold_vote(THREE_QUARTERS, [hers, said(Ballot.YES, 14), said(Ballot.NO, 3)])
    assert (result.present, result.needed, result.is_passed) == (18, 14, True)
    for ballot in (Ballot.YES, Ballot.NO):
        with pytest.raises(ConflictOfInterest):
            hold_vote(THREE_QUARTERS, [said(ballot, 1, interest=True), said(Ballot.YES, 14)])


def test_too_few_decide_nothing_and_nobody_decides_nothing() -> None:
    with pytest.raises(NoQuorum) as refused:
        hold_vote(THREE_QUARTERS, [said(Ballot.YES, 9), said(Ballot.ABSENT, 10)])
    assert refused.value.places == {"present": 9, "registered": 19, "needed": 10}
    cast = VoteRule(Fraction(1, 2), False, VoteBase.CAST, Fraction(0))
    assert not hold_vote(cast, [said(Ballot.ABSTAIN, 5)]).is_passed


def test_delegates_stand_for_the_started_fifty_within_their_bounds() -> None:
    rule = Delegates(50, 1, 4)
    assert [rule.votes_of(members) for members in (0, 12, 45, 50, 51, 210)] == [1, 1, 1, 1, 2, 4]
    assert Delegates(30, 2, 6).votes_of(1) == 2
    assert Delegates().votes_of(210) == 1


@given(base=st.integers(0, 10**6), bps=st.integers(0, 10_000))
def test_what_is_needed_is_the_least_that_reaches_the_share(base: int, bps: int) -> None:
    needed = needed_votes(base, bps)
    assert needed * 10_000 >= base * bps
    assert (needed - 1) * 10_000 < base * bps or needed == 0
    assert needed_votes(base, None) * 2 > base >= (needed_votes(base, None) - 1) * 2
