"""Enterprises by working capital: their class by the plan, their class now, and moves."""

from datetime import date

import pytest
from django.test import Client

from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.plans.models import Plan, Segment, Visit
from handup.plans.rules.segments import Move, moved
from handup.plans.rules.states import VisitKind, VisitState
from handup.plans.segments import segment_moves
from handup.plans.services import MonthIn, record_actual_month, set_segments, submit_plan
from handup.plans.tests.conftest import DAY
from handup.plans.tests.test_doors import signed_in, url
from handup.plans.tests.test_visits import TABLE
from handup.projects.models import Programme

LINES = tuple(line for line, _name in TABLE)


@pytest.mark.parametrize(
    ("before", "now", "move"),
    [
        (14_999, 15_000, Move.UP),
        (15_000, 149_999, Move.SAME),
        (150_000, 14_999, Move.DOWN),
        (0, None, Move.UNKNOWN),
        (-1, 20_000, Move.UNKNOWN),
    ],
)
def test_a_move_goes_by_the_order_of_the_classes(before: int, now: int | None, move: Move) -> None:
    assert moved(before, now, LINES) is move
    assert moved(before, now, tuple(reversed(LINES))) is move
    assert moved(before, now, ()) is Move.UNKNOWN


def tell(staff: StaffUser, plan: Plan, month: int, **told: int) -> None:
    record_actual_month(
        acting_staff=staff, plan=plan, month=date(2026, month, 1), told=MonthIn(**told)
    )


def test_the_newest_month_with_stock_and_cash_says_where_she_is_now(
    written: Plan, programme: Programme, manager: StaffUser, adviser: StaffUser
) -> None:
    assert segment_moves(adviser, programme) is None
    set_segments(acting_staff=manager, programme=programme, currency="XTS", table=TABLE)
    found = segment_moves(adviser, programme)
    assert found is not None
    assert found.enterprises == 0
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    tell(adviser, written, 4, stock_units=10_000, cash_units=5_000)
    found = segment_moves(adviser, programme)
    assert found is not None
    assert [(row.code, row.at_plan, row.now) for row in found.classes] == [
        ("SUBSISTENCE", 1, 0),
        ("EMERGING", 0, 1),
        ("ABOVE", 0, 0),
    ]
    assert dict(found.moves) == {Move.UP: 1}
    tell(adviser, written, 5, stock_units=200_000)
    assert segment_moves(adviser, programme) == found
    tell(adviser, written, 6, stock_units=4_000, cash_units=0)
    found = segment_moves(adviser, programme)
    assert found is not None
    assert dict(found.moves) == {Move.SAME: 1}


def test_coached_and_not_coached_stand_side_by_side_and_tell_no_effect(
    written: Plan, programme: Programme, manager: StaffUser, adviser: StaffUser
) -> None:
    set_segments(acting_staff=manager, programme=programme, currency="XTS", table=TABLE)
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    tell(adviser, written, 4, stock_units=10_000, cash_units=5_000)
    told = segment_moves(adviser, programme)
    assert told is not None
    assert (told.coached[Move.UP], told.uncoached[Move.UP]) == (0, 1)
    assert written.person is not None
    visit = Visit.objects.create(
        person=written.person,
        programme=programme,
        plan=written,
        visitor=adviser,
        kind=VisitKind.COACHING,
        state=VisitState.PLANNED,
        planned_date=DAY,
    )
    assert segment_moves(adviser, programme) == told
    Visit.objects.filter(pk=visit.pk).update(state=VisitState.DONE, visit_date=DAY)
    told = segment_moves(adviser, programme)
    assert told is not None
    assert (told.coached[Move.UP], told.uncoached[Move.UP]) == (1, 0)
    page = signed_in(adviser).get(url("segments")).content.decode()
    assert "coached and not coached, side by side; this tells no effect" in page


def test_only_plans_she_may_see_are_counted(
    written: Plan, programme: Programme, manager: StaffUser, adviser: StaffUser, outsider: StaffUser
) -> None:
    set_segments(acting_staff=manager, programme=programme, currency="XTS", table=TABLE)
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    found = segment_moves(outsider, programme)
    assert found is not None
    assert found.enterprises == 0
    with pytest.raises(NotAllowed):
        set_segments(acting_staff=adviser, programme=programme, currency="XTS", table=TABLE)


def test_classes_are_set_and_counted_on_their_page(
    written: Plan, programme: Programme, manager: StaffUser, adviser: StaffUser
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    desk: Client = signed_in(manager)
    page = url("set_segments", programme.pk)
    for wrong in ("A; first; x", "A; first", "A; a; 0\nA; b; 5", "A; a; 5", ""):
        assert desk.post(page, {"lines": wrong}).status_code == 422, wrong
    assert not Segment.objects.exists()
    lines = "emerging; emerging; 150\nSUBSISTENCE; subsistence; 0"
    assert desk.post(page, {"lines": lines}).status_code == 302
    told = Segment.objects.order_by("from_units").values_list("code", "from_units", "to_units")
    assert list(told) == [("SUBSISTENCE", 0, 15_000), ("EMERGING", 15_000, None)]
    assert "EMERGING; emerging; 150.00" in desk.get(page).content.decode()
    shown = desk.get(url("segments")).content.decode()
    assert "subsistence" in shown
    assert "not known: no visit told stock and cash" in shown
