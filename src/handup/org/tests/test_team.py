"""The two parts of a small house, and the first run that gives them."""

from datetime import date
from itertools import combinations
from typing import Any

import pytest
from django.test import Client

from handup.org.first_word import first_word
from handup.org.models import AuditLine, DutyException, Grant, StaffUser
from handup.org.permissions import NotAllowed, declared
from handup.org.rules.access import Role, incompatible_pair
from handup.org.rules.duties import Profile
from handup.org.rules.parts import ROLES_OF, Part
from handup.org.services.staff import UserNameTaken
from handup.org.services.team import Colleague, NothingToGive, give_part, start_with_team
from handup.org.tests.conftest import with_role

TODAY = date(2026, 3, 2)
FIRST: dict[str, Any] = {
    "username": "ada",
    "display_name": "Ada",
    "password": "a lamp over the green table",
    "domains": ["lending"],
}
# Who begins a thing, and who takes the next step on it: in two parts, so that two persons suffice.
STEPS = [
    ("people.record_enquiry", "people.decide_match"),
    ("training.draft_curriculum", "training.approve_curriculum"),
    ("lending.apply_for_loan", "lending.appraise_application"),
    ("lending.propose_product", "lending.approve_product"),
    ("lending.sign_agreement", "lending.decide_application"),
    ("lending.decide_application", "lending.disburse_loan"),
    ("ledger.draft_entry", "ledger.approve_draft"),
    ("lending.back_date", "lending.confirm_back_date"),
    ("surveys.record_submission", "surveys.accept_submission"),
    ("plans.advise_plan", "plans.approve_plan"),
]


def parts_that_may(permission: str) -> set[Part]:
    return {part for part in Part if set(ROLES_OF[part]) & declared()[permission]}


def test_no_two_roles_of_a_part_may_not_sit_in_one_person() -> None:
    for part in Part:
        for held, new in combinations(ROLES_OF[part], 2):
            assert incompatible_pair([held], new) is None, (part, held, new)


def test_every_step_finds_a_second_person_in_the_other_part() -> None:
    for first, second in STEPS:
        pairs = {(one, other) for one in parts_that_may(first) for other in parts_that_may(second)}
        assert any(one is not other for one, other in pairs), (first, second, pairs)


def test_the_first_run_registers_the_two_who_do_the_work(db: None) -> None:
    team = [Colleague("Otto", "otto", Part.FIELD), Colleague("Mara", "mara", Part.OFFICE)]
    started = start_with_team(profile=Profile.SMALL, team=team, on=TODAY, reason="", **FIRST)
    assert [staff.username for staff, _password in started.passwords] == ["otto", "mara"]
    for (staff, password), part in zip(started.passwords, Part, strict=True):
        assert staff.check_password(password)
        held = set(Grant.objects.filter(staff=staff).values_list("role", flat=True))
        assert held == set(ROLES_OF[part])
    assert Grant.objects.get(staff=started.administrator).role == Role.ADMINISTRATOR
    assert AuditLine.objects.filter(action="org.give_grant").count() == sum(
        map(len, ROLES_OF.values())
    )
    assert not DutyException.objects.exists()


def test_two_with_one_user_name_set_nothing_up(db: None) -> None:
    team = [Colleague("Otto", "otto", Part.FIELD), Colleague("Olga", "otto", Part.OFFICE)]
    with pytest.raises(UserNameTaken):
        start_with_team(profile=Profile.SMALL, team=team, on=TODAY, reason="", **FIRST)
    assert not StaffUser.objects.exists()


def test_one_person_alone_holds_everything_and_each_role_is_reported(db: None) -> None:
    started = start_with_team(
        profile=Profile.SOLO, on=TODAY, reason="One person does all the work.", **FIRST
    )
    held = set(Grant.objects.filter(staff=started.administrator).values_list("role", flat=True))
    assert held == {Role.ADMINISTRATOR, *ROLES_OF[Part.FIELD], *ROLES_OF[Part.OFFICE]}
    assert DutyException.objects.count() == len(held) - 1


def test_a_part_is_given_once_and_only_by_who_may(db: None) -> None:
    start_with_team(profile=Profile.SMALL, on=TODAY, reason="", **FIRST)
    administrator = StaffUser.objects.get()
    otto = with_role("otto", Role.FIELD_OFFICER)
    before = Grant.objects.count()
    with pytest.raises(NotAllowed):
        give_part(acting_staff=otto, staff=otto, part=Part.FIELD)
    browser = Client()
    browser.force_login(administrator)
    page = browser.get(f"/settings/staff/{otto.pk}/roles/").content.decode()
    assert "Group supervisor" in page
    told: dict[str, Any] = {"part": "FIELD", "reason": ""}
    browser.post(f"/settings/staff/{otto.pk}/roles/", told)
    assert Grant.objects.count() == before + len(ROLES_OF[Part.FIELD]) - 1
    with pytest.raises(NothingToGive):
        give_part(acting_staff=administrator, staff=otto, part=Part.FIELD)


def test_a_name_without_a_user_name_is_asked_for_beside_its_field(db: None) -> None:
    data = {
        **FIRST,
        "word": first_word(),
        "profile": "SMALL",
        "field_name": "Otto",
        "office_username": "mara",
    }
    refused = Client().post("/start/", data | {"word": first_word()})
    text = refused.content.decode()
    assert refused.status_code == 422
    assert 'href="#id_field_username"' in text
    assert 'href="#id_office_name"' in text
    assert not StaffUser.objects.exists()


def test_where_one_person_works_alone_nobody_is_named_beside_her(db: None) -> None:
    data = {
        **FIRST,
        "word": first_word(),
        "profile": "SOLO",
        "field_name": "Otto",
        "field_username": "otto",
    }
    refused = Client().post("/start/", data | {"word": first_word()})
    assert refused.status_code == 422
    assert 'href="#id_field_name"' in refused.content.decode()
    assert not StaffUser.objects.exists()
