"""What a new house sets up first, on the page of whoever may do it."""

import pytest

from handup.desk.first_steps import STEPS, first_steps
from handup.org import installation
from handup.org.models import Area, Office
from handup.org.rules.access import SWITCHABLE, Role
from handup.org.tests.conftest import with_role
from handup.org.web.pages import TaskGroup
from handup.people.models import ConsentNotice, Person


def codes(group: TaskGroup | None) -> list[str]:
    assert group is not None
    by_title = {str(step.title): step.code for step in STEPS}
    return [by_title[str(task.title)] for task in group.tasks]


@pytest.fixture
def new_house(db: None) -> None:
    """Set up, nothing in it yet."""
    installation.put(installation.PROFILE, "SMALL")
    installation.put(installation.DOMAINS, list(SWITCHABLE))


def test_a_step_names_only_steps_that_stand_before_it() -> None:
    known: set[str] = set()
    for step in STEPS:
        assert set(step.after) <= known, step.code
        known.add(step.code)


def test_each_sees_the_steps_she_may_do_and_what_they_wait_for(new_house: None) -> None:
    administrator = with_role("ada", Role.ADMINISTRATOR)
    officer = with_role("otto", Role.FIELD_OFFICER)
    assert codes(first_steps(administrator)) == ["areas", "office", "staff"]
    begin = first_steps(officer)
    assert codes(begin) == ["person"]
    assert begin is not None
    assert str(begin.tasks[0].text) == "Comes after: Areas, What people are told"
    assert begin.tasks[0].action is None


def test_who_works_in_a_part_of_the_house_sets_none_up(new_house: None) -> None:
    officer = with_role("otto", Role.FIELD_OFFICER)
    officer.grants.update(scope="CASELOAD")
    assert first_steps(type(officer).objects.get(pk=officer.pk)) is None


def test_they_go_away_when_they_are_done(new_house: None) -> None:
    administrator = with_role("ada", Role.ADMINISTRATOR)
    with_role("otto", Role.FIELD_OFFICER)
    area = Area.objects.create(code="HL", level=1, names={"en": "Highland"})
    begin = first_steps(administrator)
    assert begin is not None
    assert "2 of 3" in str(begin.title)
    assert [bool(task.state) for task in begin.tasks] == [True, False, True]
    Office.objects.create(code="VAL", name="Valley", area=area)
    assert first_steps(administrator) is None


def test_a_part_switched_off_asks_for_nothing_and_a_demonstration_has_everything(
    new_house: None,
) -> None:
    manager = with_role("mara", Role.MANAGER)
    assert {"course", "questionnaire"} <= set(codes(first_steps(manager)))
    installation.put(installation.DOMAINS, ["lending"])
    found = codes(first_steps(manager))
    assert not {"curriculum", "course", "questionnaire"} & set(found)
    assert {"lender", "product"} <= set(found)
    installation.put(installation.DEMONSTRATION, True)
    assert first_steps(manager) is None


def test_a_house_that_was_never_asked_is_not_taught(db: None) -> None:
    assert not ConsentNotice.objects.exists()
    assert not Person.objects.exists()
    assert first_steps(with_role("mara", Role.MANAGER)) is None
