"""What a person attended, whatever order the papers and phones came in."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from handup.training.rules.attendance import (
    HeldSession,
    Mark,
    Record,
    absence_alert,
    disagreeing,
    effective,
    minutes,
)

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def record(minutes: int, after: int = 0, **more: object) -> Record:
    return Record(
        id=uuid4(),
        recorded_at=MORNING + timedelta(minutes=after),
        minutes=minutes,
        **more,  # type: ignore[arg-type]
    )


def held(*lengths: int) -> list[HeldSession]:
    return [HeldSession(uuid4(), length) for length in lengths]


def test_two_devices_give_the_same_value_in_either_order_and_one_task() -> None:
    first, second = record(180), record(90, after=5)
    assert effective([first, second]) == effective([second, first]) == first
    assert disagreeing([first, second])
    assert disagreeing([second, first])


def test_equal_records_of_two_devices_are_no_disagreement() -> None:
    assert not disagreeing([record(90), record(90, after=5)])


def test_the_latest_correction_wins_and_settles_the_disagreement() -> None:
    first, second = record(180), record(90, after=5)
    early = record(100, after=9, corrects=first.id)
    late = record(120, after=10, corrects=first.id)
    for order in permutations([first, second, early, late]):
        assert effective(order) == late
        assert not disagreeing(order)


def test_equal_instants_are_decided_by_id() -> None:
    low = Record(UUID(int=1), MORNING, 60)
    high = Record(UUID(int=2), MORNING, 30)
    assert effective([high, low]) == low
    assert effective([]) is None


def test_minutes_are_capped_at_the_length_of_the_session() -> None:
    sessions = held(120, 90)
    sums = minutes(sessions, {sessions[0].id: record(500), sessions[1].id: record(30)})
    assert (sums.held, sums.attended) == (210, 150)


def test_a_make_up_fills_the_missed_session_and_never_raises_what_was_held() -> None:
    missed, other = held(120, 60)
    make_up = HeldSession(uuid4(), 180, make_up_for=missed.id)
    sums = minutes(
        [missed, other, make_up],
        {missed.id: record(30), other.id: record(60), make_up.id: record(180)},
    )
    assert (sums.held, sums.attended) == (180, 180)


def test_excused_and_absent_add_nothing() -> None:
    sessions = held(60, 60)
    sums = minutes(
        sessions,
        {
            sessions[0].id: record(60, mark=Mark.EXCUSED),
            sessions[1].id: record(60, mark=Mark.ABSENT),
        },
    )
    assert (sums.held, sums.attended) == (120, 0)


def test_a_late_joiner_is_measured_against_all_held_sessions() -> None:
    sessions = held(60, 60, 60)
    sums = minutes(sessions, {sessions[2].id: record(60)})
    assert (sums.held, sums.attended) == (180, 60)


def test_two_unexcused_absences_in_a_row_raise_the_alert() -> None:
    sessions = held(60, 60, 60, 60)
    here = {s.id: record(60) for s in sessions}
    assert not absence_alert(sessions, here, 5000)
    missed = here | {sessions[1].id: record(0, mark=Mark.ABSENT)}
    assert not absence_alert(sessions, missed, 5000)
    twice = missed | {sessions[2].id: record(0, mark=Mark.ABSENT)}
    assert absence_alert(sessions, twice, 5000)


def test_excused_absences_are_not_watched() -> None:
    sessions = held(60, 60)
    marks = {s.id: record(0, mark=Mark.EXCUSED) for s in sessions}
    assert not absence_alert(sessions, marks, 8000)


def test_attendance_below_the_threshold_is_watched_from_the_third_session() -> None:
    sessions = held(100, 100, 100)
    marks = {s.id: record(70) for s in sessions}
    assert not absence_alert(sessions[:2], marks, 8000)
    assert absence_alert(sessions, marks, 8000)


@given(
    st.lists(st.tuples(st.integers(1, 600), st.integers(-5, 900)), min_size=1, max_size=12),
    st.data(),
)
def test_attended_never_exceeds_held(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    sessions = held(*(length for length, _ in pairs))
    extra = [
        HeldSession(uuid4(), 90, make_up_for=data.draw(st.sampled_from(sessions)).id)
        for _ in range(data.draw(st.integers(0, 3)))
    ]
    marks = {s.id: record(m) for s, (_, m) in zip(sessions, pairs, strict=True)}
    marks |= {s.id: record(90) for s in extra}
    sums = minutes([*sessions, *extra], marks)
    assert 0 <= sums.attended <= sums.held == sum(length for length, _ in pairs)


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 30), st.booleans()), min_size=1, max_size=6
    ),
    st.randoms(),
)
def test_the_order_of_upload_never_matters(
    rows: list[tuple[int, int, bool]], random: object
) -> None:
    target = uuid4()
    records = [record(m, after=a, corrects=target if c else None) for m, a, c in rows]
    shuffled = list(records)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert effective(shuffled) == effective(records)
    assert disagreeing(shuffled) == disagreeing(records)
