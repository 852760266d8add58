"""What the credit engine does for the aims it is held to, counted in calls of functions, which are
the same on every machine: `python -m bench folding kernel` measures the seconds (a hundred thousand
loans within 60 s, the longest loan replayed within 25 ms and gone on with within 5 ms).
"""

import json

import pytest

from bench import folding, kernel
from handup.kernel.credit.codes import DueUnit
from handup.kernel.credit.terms import Terms
from handup.lending.rules.events import effective, order
from handup.lending.rules.loan import State, fold, resume, run, seen_on
from handup.lending.rules.snapshot import restored, snapshot
from tests.counting import calls_in

LOANS = 500


@pytest.mark.parametrize("kind", list(folding.KINDS))
def test_a_loan_of_a_year_is_folded_in_few_calls(kind: str) -> None:
    """370 by the schedule and 620 with a penalty by day when this was written."""
    terms = Terms(currency="USD", rate_ppm=240_000, instalments=12, **folding.KINDS[kind])
    histories = [folding.history(terms, number) for number in range(LOANS)]
    as_it_came = folding.folded(terms, histories, 1)
    in_order = [sorted(events, key=order) for events in histories]
    assert folding.folded(terms, in_order, 1) == as_it_came
    assert as_it_came[0] == LOANS
    assert as_it_came[1] > 0  # some owe something still
    assert calls_in(lambda: folding.folded(terms, histories, 1)) < 800 * LOANS


@pytest.mark.parametrize("kind", list(kernel.REPLAYED))
def test_the_longest_loan_is_gone_on_with_from_its_last_fold(kind: str) -> None:
    """A replay took 10 to 52 thousand calls when this was written, going on 2 to 5 thousand."""
    given = {"rate_ppm": 240_000, **kernel.REPLAYED[kind]}
    terms = Terms(currency="USD", instalments=260, unit=DueUnit.WEEK, **given)
    events = kernel.long_history(terms)
    assert len(events) == 200
    *before, last = effective(events)
    kept = json.dumps(snapshot(run(before, terms=terms)))

    def go_on() -> State:
        state = restored(json.loads(kept))
        assert state is not None
        gone_on = resume(state, [last])
        assert gone_on is not None
        return gone_on

    assert seen_on(go_on(), None).principal == fold(events, terms=terms).principal
    replayed = calls_in(lambda: fold(events, terms=terms))
    assert replayed < 70_000
    assert calls_in(go_on) < min(7_000, replayed / 3)
