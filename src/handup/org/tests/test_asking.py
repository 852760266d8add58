"""Roles asked for by a manager and given by an administrator; deputies for days of absence."""

from datetime import date, timedelta
from time import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import installation, services, sessions
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, Device, Grant, GrantRequest, Office, StaffUser, Trip
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.org.services import access, asking
from handup.org.tests.conftest import with_role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings: Settings) -> None:
    """The second factor has tests of its own."""
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def manager(db: None) -> StaffUser:
    return with_role("manager", Role.MANAGER)


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def asked(manager: StaffUser, staff: StaffUser, **changed: Any) -> GrantRequest:
    told: dict[str, Any] = {
        "role": Role.CLERK,
        "scope": ScopeKind.ALL,
        "starts": day(0),
        "ends": day(90),
        "why": "The desk has a queue.",
    }
    return services.ask_for_grant(acting_staff=manager, staff=staff, **{**told, **changed})


def deputy(manager: StaffUser, grant: Grant, staff: StaffUser, **changed: Any) -> GrantRequest:
    told: dict[str, Any] = {"starts": day(0), "ends": day(14), "why": "On leave."}
    return services.ask_for_deputy(
        acting_staff=manager, grant=grant, staff=staff, **{**told, **changed}
    )


def roles_of(staff: StaffUser) -> set[Role]:
    return {grant.role for grant in StaffUser.objects.get(pk=staff.pk).access}


def test_what_a_manager_asks_for_holds_once_an_administrator_gives_it(
    manager: StaffUser, administrator: StaffUser
) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    request = asked(manager, anna)
    assert roles_of(anna) == set()
    with pytest.raises(NotAllowed):
        services.give_asked_grant(acting_staff=manager, request=request)
    given = services.give_asked_grant(acting_staff=administrator, request=request)
    assert roles_of(anna) == {Role.CLERK}
    assert given.grant is not None
    assert given.grant.given_by == administrator
    assert (given.state, given.answered_by) == ("GIVEN", administrator)
    actions = set(AuditLine.objects.values_list("action", flat=True))
    assert {"org.ask_grant", "org.give_grant", "org.answer_grant_request"} <= actions
    with pytest.raises(asking.RequestAnswered):
        services.give_asked_grant(acting_staff=administrator, request=request)
    assert Grant.objects.filter(staff=anna).count() == 1


def test_what_is_refused_gives_nothing_and_says_why(
    manager: StaffUser, administrator: StaffUser
) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    request = asked(manager, anna)
    with pytest.raises(asking.GrantWhyMissing):
        services.refuse_asked_grant(acting_staff=administrator, request=request, answer="  ")
    row = services.refuse_asked_grant(
        acting_staff=administrator, request=request, answer="She is a cashier."
    )
    assert (row.state, row.answer, row.grant) == ("REFUSED", "She is a cashier.", None)
    assert roles_of(anna) == set()


def test_asking_is_refused_for_what_could_not_be_given(
    manager: StaffUser, administrator: StaffUser
) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    for changed, refused in (
        ({"ends": day(-1)}, access.GrantEndsBeforeItStarts),
        ({"ends": day(400)}, access.GrantTooLong),
        ({"scope": ScopeKind.OFFICE}, access.ScopeNeedsPlace),
        ({"role": Role.BANK_CLERK}, access.OrganisationNeeded),
        ({"why": " "}, asking.GrantWhyMissing),
    ):
        with pytest.raises(refused):
            asked(manager, anna, **changed)
    with pytest.raises(NotAllowed):
        asked(anna, anna)
    assert GrantRequest.objects.count() == 0
    cashier = with_role("cashier", Role.CASHIER)
    request = asked(manager, cashier, role=Role.ACCOUNTANT)
    with pytest.raises(access.IncompatibleRoles):
        services.give_asked_grant(acting_staff=administrator, request=request)
    assert roles_of(cashier) == {Role.CASHIER}
    request.refresh_from_db()
    assert request.state == "ASKED"


def test_the_same_request_twice_is_one_and_another_under_its_number_is_refused(
    manager: StaffUser,
) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    key = new_id()
    assert asked(manager, anna, id=key) == asked(manager, anna, id=key)
    with pytest.raises(SameIdOtherContent):
        asked(manager, anna, id=key, role=Role.TRAINER)
    with pytest.raises(SameIdOtherContent):
        asked(manager, anna, id=key, programme_id=new_id())
    assert GrantRequest.objects.count() == 1


def test_nobody_gives_what_she_asked_for_herself_but_where_she_works_alone(
    manager: StaffUser, administrator: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = with_role("both", Role.MANAGER)
    Grant.objects.create(
        staff=both, role="ADMINISTRATOR", scope="ALL", starts=day(-1), ends=day(30)
    )
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    request = asked(both, anna)
    with pytest.raises(asking.OwnRequest):
        services.give_asked_grant(acting_staff=both, request=request)
    assert roles_of(anna) == set()
    monkeypatch.setattr(installation, "profile", lambda: Profile.SOLO)
    services.give_asked_grant(acting_staff=both, request=request)
    assert roles_of(anna) == {Role.CLERK}


def test_a_deputy_stands_in_for_these_days_and_no_longer(
    manager: StaffUser, administrator: StaffUser
) -> None:
    dpo = with_role("dpo", Role.DPO)
    grant = dpo.grants.get()
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    request = deputy(manager, grant, anna)
    given = services.give_asked_grant(acting_staff=administrator, request=request).grant
    assert given is not None
    assert given.acting_for == dpo
    assert roles_of(anna) == {Role.DPO} == roles_of(dpo)
    Grant.objects.filter(pk=given.pk).update(starts=day(-20), ends=day(-1))
    assert roles_of(anna) == set()


def test_a_deputy_is_refused_where_there_is_nothing_to_stand_in_for(
    manager: StaffUser, administrator: StaffUser
) -> None:
    dpo = with_role("dpo", Role.DPO)
    grant = dpo.grants.get()
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    told: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"staff": dpo}, asking.DeputyOfHerself),
        ({"ends": day(61)}, asking.DeputyTooLong),
        ({"starts": grant.ends, "ends": grant.ends + timedelta(days=1)}, asking.NoGrantThen),
        ({"why": ""}, asking.GrantWhyMissing),
    ]
    for changed, refused in told:
        with pytest.raises(refused):
            deputy(manager, grant, **{"staff": anna, **changed})
    caseload = Grant.objects.create(
        staff=dpo, role="FIELD_OFFICER", scope="CASELOAD", starts=day(-1), ends=day(90)
    )
    with pytest.raises(asking.CaseloadStays):
        deputy(manager, caseload, anna)
    request = deputy(manager, grant, anna)
    services.end_grant(acting_staff=administrator, grant=grant)
    with pytest.raises(asking.NoGrantThen):
        services.give_asked_grant(acting_staff=administrator, request=request)
    assert roles_of(anna) == set()


def test_a_deputy_ends_with_the_role_she_stands_in_for(
    manager: StaffUser, administrator: StaffUser
) -> None:
    dpo = with_role("dpo", Role.DPO)
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    services.give_asked_grant(
        acting_staff=administrator, request=deputy(manager, dpo.grants.get(), anna)
    )
    services.end_grant(acting_staff=administrator, grant=dpo.grants.get())
    assert roles_of(anna) == set()
    ended = AuditLine.objects.filter(action="org.end_grant")
    assert ended.count() == 2, "each in the trail"


def test_a_role_that_lapses_takes_its_deputy_along_but_not_on_a_trip(
    manager: StaffUser, administrator: StaffUser
) -> None:
    with_role("dpo", Role.DPO)
    director = with_role("director", Role.DIRECTOR)
    names = ("anna", "away")
    anna, away = (StaffUser.objects.create_user(name, display_name=name) for name in names)
    for staff in (anna, away):
        services.give_asked_grant(
            acting_staff=administrator, request=deputy(manager, director.grants.get(), staff)
        )
    device = Device.objects.create(
        staff=away, label="Phone", state="ACTIVE", enrolled_by=administrator
    )
    Trip.objects.create(device=device, starts=day(-9), ends=day(9), declared_by=administrator)
    Grant.objects.filter(staff=director).update(recorded_at=timezone.now() - timedelta(days=300))
    access.lapse(day(0))
    assert (roles_of(director), roles_of(anna)) == (set(), set())
    assert roles_of(away) == {Role.DIRECTOR}


def test_who_holds_the_role_elsewhere_has_no_deputy_here(
    manager: StaffUser, administrator: StaffUser
) -> None:
    one, other = (Office.objects.create(name=name, code=name) for name in ("One", "Other"))
    cashier = StaffUser.objects.create_user("cashier", display_name="Cashier")
    here, _there = (
        Grant.objects.create(
            staff=cashier, role="CASHIER", scope="OFFICE", office=office, starts=day(-1),
            ends=day(90),
        )
        for office in (one, other)
    )  # fmt: skip
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    request = deputy(manager, here, anna)
    services.end_grant(acting_staff=administrator, grant=here)
    with pytest.raises(asking.NoGrantThen):
        services.give_asked_grant(acting_staff=administrator, request=request)


def test_a_closed_account_is_given_nothing(manager: StaffUser, administrator: StaffUser) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    request = asked(manager, anna)
    StaffUser.objects.filter(pk=anna.pk).update(is_active=False)
    request.refresh_from_db()
    with pytest.raises(access.AccountIsClosed):
        services.give_asked_grant(acting_staff=administrator, request=request)
    part = reverse("org:part_new", args=[anna.pk])
    page = signed_in(administrator).get(reverse("org:staff_detail", args=[anna.pk]))
    assert part not in page.content.decode()


def test_who_reads_requests_without_asking_sees_all_and_who_works_alone_answers_her_own(
    manager: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    asked(manager, anna)
    auditor = signed_in(with_role("auditor", Role.AUDITOR))
    assert "Anna" in auditor.get(reverse("org:asked_list")).content.decode()
    both = with_role("both", Role.MANAGER)
    Grant.objects.create(
        staff=both, role="ADMINISTRATOR", scope="ALL", starts=day(-1), ends=day(30)
    )
    own = asked(both, anna, role=Role.TRAINER)
    page, give = (reverse(f"org:asked_{name}", args=[own.pk]) for name in ("detail", "give"))
    assert give not in signed_in(both).get(page).content.decode()
    monkeypatch.setattr(installation, "profile", lambda: Profile.SOLO)
    assert give in signed_in(both).get(page).content.decode()


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_the_pages_ask_and_give(manager: StaffUser, administrator: StaffUser) -> None:
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    told = {"staff": str(anna.pk), "role": "CLERK", "scope": "ALL", "why": "The desk has a queue."}
    told |= {"starts": day(0).isoformat(), "ends": day(30).isoformat()}
    answer = signed_in(manager).post(reverse("org:asked_new"), told)
    request = GrantRequest.objects.get()
    page = reverse("org:asked_detail", args=[request.pk])
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    other = signed_in(with_role("other", Role.MANAGER))
    assert other.get(page).status_code == 404, "another manager's"
    give = reverse("org:asked_give", args=[request.pk])
    assert give not in signed_in(manager).get(page).content.decode()
    assert signed_in(manager).post(give, {}).status_code == 403
    assert give in signed_in(administrator).get(page).content.decode()
    refuse = reverse("org:asked_refuse", args=[request.pk])
    assert signed_in(administrator).post(refuse, {"answer": ""}).status_code == 422
    assert signed_in(administrator).post(refuse, {"answer": "Not now."}).status_code == 302
    assert "Not now." in signed_in(manager).get(page).content.decode()
    assert roles_of(anna) == set()


def test_the_page_for_deputies_offers_who_holds_a_role_now(manager: StaffUser) -> None:
    dpo = with_role("dpo", Role.DPO)
    page = signed_in(manager).get(reverse("org:deputy_new")).content.decode()
    assert str(dpo.grants.get().pk) in page


def test_the_interface_asks_and_another_person_gives_with_a_fresh_factor(
    manager: StaffUser, administrator: StaffUser, officer: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    anna = StaffUser.objects.create_user("anna", display_name="Anna")
    told = {"staff_id": anna.pk, "role": "CLERK", "scope": "ALL", "why": "A queue."}
    told |= {"starts": day(0), "ends": day(90)}
    base, key = "/api/v1/org/grant-requests", str(new_id())

    def post(staff: StaffUser, end: str, body: dict[str, Any], fresh: bool = False) -> Any:
        client = Client()
        client.force_login(StaffUser.objects.get(pk=staff.pk))
        session = client.session
        session[sessions.FACTOR] = time() - (0 if fresh else 7_200)
        session.save()
        return client.post(
            f"{base}{end}", body, "application/json", headers={"Idempotency-Key": key}
        )

    assert post(officer, "", told).status_code == 403
    assert post(manager, "", told | {"staff_id": new_id()}).status_code == 404
    assert post(manager, "", told | {"scope": "OFFICE", "office_id": new_id()}).status_code == 404
    assert [post(manager, "", told).status_code for _twice in range(2)] == [201, 201]
    assert post(manager, "", told | {"role": "TRAINER"}).status_code == 409
    assert [str(pk) for pk in GrantRequest.objects.values_list("pk", flat=True)] == [key]
    settings.SECOND_FACTOR_REQUIRED = False
    with_role("other manager", Role.MANAGER)
    for name, seen in (("manager", [key]), ("other manager", []), ("administrator", [key])):
        client = Client()
        client.force_login(StaffUser.objects.get(username=name))
        assert [row["id"] for row in client.get(base).json()["items"]] == seen, name
    settings.SECOND_FACTOR_REQUIRED = True
    stale = post(administrator, f"/{key}/giving", {})
    assert (stale.status_code, stale.json()["code"]) == (422, "FACTOR_NOT_FRESH")
    assert post(manager, f"/{key}/giving", {}, fresh=True).status_code == 403
    given = post(administrator, f"/{key}/giving", {}, fresh=True)
    assert (given.status_code, given.json()["state"]) == (201, "GIVEN")
    assert roles_of(anna) == {Role.CLERK}
    again = post(administrator, f"/{key}/refusal", {"answer": "No."})
    assert (again.status_code, again.json()["code"]) == (422, "REQUEST_ANSWERED")

    key = str(new_id())
    lent = {"grant_id": given.json()["grant_id"], "staff_id": officer.pk, "why": "On leave."}
    lent |= {"starts": day(0), "ends": day(14)}
    assert post(manager, "/deputies", lent).json()["acting_for_id"] == str(anna.pk)
    refused = post(administrator, f"/{key}/refusal", {"answer": "She is away too."})
    assert (refused.json()["state"], roles_of(officer)) == ("REFUSED", {Role.LOAN_OFFICER})
