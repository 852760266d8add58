"""Quality rules and weights on the worked figures of the specification."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.surveys.rules import quality as q
from handup.surveys.rules import weights as w

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
YEREVAN, GYUMRI = q.Place(40.1792, 44.4991), q.Place(40.7894, 43.8475)


@pytest.fixture(scope="module")
def table(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (shared / "data/results/impact_statistics.json").read_text("utf-8")
    )
    return found


@pytest.mark.parametrize("name", ["enumerator_icc", "enumerator_icc_unequal"])
def test_interviewer_effects_of_the_table(table: dict[str, Any], name: str) -> None:
    wanted = table[name]
    found = q.correlation(wanted["answers"])
    assert found is not None
    for value, key in (
        (found.between, "msb"), (found.within, "msw"), (found.size, "m0"), (found.rho, "icc"),
    ):  # fmt: skip
        assert value == pytest.approx(wanted[key], abs=1e-6)


def test_an_interviewer_effect_needs_enough_interviewers_and_answers(
    table: dict[str, Any],
) -> None:
    answers = table["enumerator_icc"]["answers"]
    assert q.interviewer_effect(answers) is None
    found = q.interviewer_effect(answers, q.Limits(answers_each=6))
    assert found is not None
    assert found.rho == pytest.approx(0.535849, abs=1e-6)
    assert q.interviewer_effect({n: [3.0] * 12 for n in "abcd"}) is None
    assert q.correlation({"a": [1, 2]}) is None


def test_outliers_of_the_table(table: dict[str, Any]) -> None:
    wanted = table["outlier"]
    found = q.modified_z(wanted["values"])
    assert found == [pytest.approx(z, abs=1e-4) for z in wanted["modified_z"]]
    assert [wanted["values"][n] for n in q.outliers(wanted["values"])] == wanted["flagged"]
    assert q.modified_z([5, 5, 5, 900]) == [None] * 4
    assert q.outliers([0, -3, 10]) == []


def test_nonresponse_weights_of_the_table(table: dict[str, Any]) -> None:
    wanted = table["nonresponse_weights"]
    cells = [
        w.Cell("s", c["cell"], c["eligible"], Fraction(c["eligible"]), Fraction(c["answered"]))
        for c in wanted["cells"]
    ]
    found = w.factors(cells)
    assert [float(f.factor or 0) for f in found] == [
        pytest.approx(c["weight"], abs=1e-6) for c in wanted["cells"]
    ]
    spread = [
        f.factor or Fraction(0)
        for f, c in zip(found, wanted["cells"], strict=True)
        for _ in range(c["answered"])
    ]
    assert float(sum(spread)) == pytest.approx(wanted["sum_of_weights"])
    assert float(w.kish(spread)) == pytest.approx(wanted["kish_n"], abs=1e-6)


def test_small_cells_merge_with_their_neighbour_inside_the_stratum() -> None:
    def cell(stratum: str, code: str, sampled: int, answered: int) -> w.Cell:
        return w.Cell(stratum, code, sampled, Fraction(sampled), Fraction(answered))

    found = w.factors([
        cell("a", "F1", 30, 20), cell("a", "F2", 5, 4), cell("a", "M1", 25, 0),
        cell("b", "F1", 3, 1),
    ])  # fmt: skip
    assert [(f.stratum, f.codes, f.factor) for f in found] == [
        ("a", ("F1", "F2", "M1"), Fraction(60, 24)),
        ("b", ("F1",), Fraction(3)),
    ]


def test_weights_are_trimmed_at_five_medians_and_the_share_is_told() -> None:
    cut, share = w.trimmed([Fraction(1)] * 9 + [Fraction(80)])
    assert (cut[-1], share) == (Fraction(5), Fraction(1, 10))
    assert w.trimmed([]) == ([], Fraction(0))


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_weights_of_the_answered_add_up_to_the_sampled(sizes: list[int]) -> None:
    cells = [
        w.Cell("s", f"{n:02d}", size, Fraction(size), Fraction(max(1, size // 2)))
        for n, size in enumerate(sizes)
    ]
    answered = {cell.code: cell.answered_weight for cell in cells}
    total = sum((f.factor or 0) * sum(answered[code] for code in f.codes) for f in w.factors(cells))
    assert total == sum(sizes)


def test_short_straight_and_empty_interviews() -> None:
    assert q.too_short(4.9, [])
    assert q.too_short(11, [30, 30, 40])
    assert not q.too_short(12, [30, 30, 40])
    assert q.straight_line(["3"] * 5)
    assert not q.straight_line(["3"] * 4)
    assert not q.straight_line(["3", "3", "3", "3", "4"])
    assert q.unanswered(["DONT_KNOW", "REFUSED", *["YES"] * 8])
    assert not q.unanswered(["DONT_KNOW", *["YES"] * 8])
    assert not q.unanswered([])


def test_what_cannot_be_true_together() -> None:
    assert q.impossible(sales=100, profit=120) == ["profit > sales"]
    assert q.impossible(sales=100, profit=100, full_time=1.5, workers=1) == ["full_time > workers"]
    before = NOON - timedelta(days=1)
    assert q.impossible(baseline=NOON, follow_up=before) == ["follow_up < baseline"]
    assert q.impossible() == []


def test_jumps() -> None:
    assert q.jump(100, 1001)
    assert q.jump(1000, 99)
    assert not q.jump(100, 1000)
    assert not q.jump(0, 1000)


def stop(name: str, hour: float, place: q.Place, subject: str = "") -> q.Stop:
    start = NOON + timedelta(hours=hour)
    return q.Stop(name, start, start + timedelta(minutes=30), place, subject or name)


def test_places_ways_and_phones() -> None:
    assert q.distance_km(YEREVAN, GYUMRI) == pytest.approx(87.4, abs=0.5)
    assert q.too_fast([stop("a", 0, YEREVAN), stop("b", 1, GYUMRI)]) == ["b"]
    assert q.too_fast([stop("a", 0, YEREVAN), stop("b", 2, GYUMRI)]) == []
    assert q.too_fast([stop("b", 0.1, YEREVAN), stop("a", 0, YEREVAN)]) == []
    four = [stop(str(n), n, YEREVAN) for n in range(4)]
    assert q.same_place(four) == ["0", "1", "2", "3"]
    assert q.same_place(four[:3]) == []
    phones = {"091": {"a", "b", "c"}, "092": {"a", "b"}, "": {"a", "b", "c"}}
    assert q.same_phone(phones) == ["091"]


def test_clocks_and_lateness() -> None:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    end, received = NOON + hour, NOON + 2 * hour
    assert not q.clock_wrong(start=NOON, end=end, received=received)
    assert q.clock_wrong(start=NOON, end=NOON - minute, received=received)
    assert q.clock_wrong(start=NOON, end=end, received=NOON - 11 * minute)
    assert q.clock_wrong(start=NOON, end=end, received=received, device_now=NOON + 27 * hour)
    assert q.late(end=NOON, received=NOON + timedelta(days=14, minutes=1))
    assert not q.late(end=NOON, received=NOON + timedelta(days=14))


def test_heaping_is_told_of_twenty_amounts_or_more() -> None:
    assert q.heaped([5000] * 17 + [5300] * 3)
    assert not q.heaped([5000] * 16 + [5300] * 4)
    assert not q.heaped([5000] * 19)


def test_back_checks() -> None:
    assert [q.back_check_size(n) for n in (0, 3, 40, 51, 120)] == [0, 3, 5, 6, 12]
    assert q.same_answer("100", "110", amount=True)
    assert not q.same_answer("100", "111", amount=True)
    assert not q.same_answer("yes", "no")
    found = q.agreement(46, 50)
    assert found.low == pytest.approx(0.811618, abs=1e-6)
    assert found.high == pytest.approx(0.968450, abs=1e-6)
    assert not q.needs_review(q.agreement(4, 5))
    assert q.needs_review(q.agreement(3, 5))
    with pytest.raises(ValueError, match="equal"):
        q.agreement(2, 0)
