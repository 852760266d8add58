"""Small loans asked for and appraised on an appraiser's own phone: it carries products and nobody;
the office judges all of it again, stores it once, and keeps what it does not take."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.lending.models import Application, Appraisal, Loan, ProductVersion
from handup.lending.rules.eligibility import DecisionBand
from handup.lending.services import approve_product, propose_product
from handup.lending.tests.cast import TERMS, World, make_product, running, staff
from handup.lending.tests.conftest import world
from handup.lending.tests.test_one_page import BANDS, SMALL
from handup.org.installation import PROFILE
from handup.org.models import DutyException, Setting, StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.sync import persons, services
from handup.sync.models import WorkFact, WorkState
from handup.sync.small_loans import most_on_one_page
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.work_queries import work_of

__all__ = ["world"]

TODAY = timezone.localdate()


@pytest.fixture
def visitor(world: World) -> StaffUser:
    """A loan officer who visits a borrower of another's caseload."""
    Person.objects.filter(pk=world.person.pk).update(case_officer=world.cast.officer)
    world.person.refresh_from_db()
    return staff("visitor", Role.LOAN_OFFICER)


@pytest.fixture
def small(world: World) -> ProductVersion:
    return make_product(world.cast, world.direct, "SMALL", bands=BANDS)


def asked(world: World, version: ProductVersion, **changes: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "person_no": world.person.registration_no,
        "product": str(version.pk),
        "units": 250_00,
        "instalments": 6,
        "purpose": "A second goat",
        "recommendation": "APPROVE",
        "anchors": {"capacity": 3, "character": 4},
        "note": "Sells milk every day",
        **changes,
    }
    at = timezone.now().isoformat()
    fact = {"id": str(new_id()), "name": "apply_for_small_loan", "recorded_at": at}
    return {**fact, "happened_date": TODAY.isoformat(), "body": body}


def send(who: StaffUser, *facts: dict[str, Any], device: Any = None) -> list[Any]:
    phone = device or own_phone(who).device
    return services.receive_work(list(facts), acting_staff=who, device=phone)


@pytest.mark.parametrize(
    ("bands", "terms", "most"),
    [
        ([DecisionBand(one_page=True, up_to_units=500)], {}, 500),
        ([DecisionBand(one_page=True, up_to_units=500)], {"principal_max_units": 300}, 300),
        ([DecisionBand(one_page=True, up_to_units=500)], {"principal_min_units": 501}, None),
        ([DecisionBand(one_page=True)], {"principal_max_units": 900}, 900),
        ([DecisionBand(one_page=True)], {}, 10**13),
        ([DecisionBand(up_to_units=500), DecisionBand()], {}, None),
    ],
)
def test_the_largest_amount_is_that_of_the_bands_and_the_terms(
    bands: list[DecisionBand], terms: dict[str, Any], most: int | None
) -> None:
    made = Terms(currency="USD", rate_ppm=1, instalments=6, **terms)
    assert most_on_one_page(tuple(bands), made) == most


def test_the_phone_carries_products_and_nobody(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    pack, named = work_of(visitor)
    (one,) = pack["small_loans"]
    assert (one["version_id"], one["most_units"], one["currency"]) == (small.pk, SMALL, "USD")
    assert world.person.pk not in named
    assert work_of(staff("counter", Role.CASHIER))[0]["small_loans"] == []


def test_a_product_is_carried_once_as_it_is_offered_now(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    told: dict[str, Any] = {
        "code": "SMALL",
        "name": "Small",
        "lender": world.direct,
        "terms": TERMS,
    }
    for day, limit in ((TODAY - timedelta(days=9), 200_00), (TODAY + timedelta(days=9), 100_00)):
        version = propose_product(
            acting_staff=world.cast.manager,
            effective_date=day,
            eligibility={"certificate_required": False},
            bands=[{**BANDS[0], "up_to_units": limit}, *BANDS[1:]],
            **told,
        )
        approve_product(
            acting_staff=world.cast.director, version=version, approved_date=TODAY - timedelta(9)
        )
    (one,) = work_of(visitor)[0]["small_loans"]
    assert one["version_id"] != small.pk
    assert one["most_units"] == 200_00


def test_one_visit_is_stored_once_and_appraised_by_the_visitor(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    device = own_phone(visitor).device
    fact = asked(world, small)
    assert states(send(visitor, fact, device=device)) == ["DONE"]
    assert states(send(visitor, fact, fact, device=device)) == ["DONE", "DONE"]
    row, appraisal = Application.objects.get(), Appraisal.objects.get()
    assert (str(row.pk), row.state, row.asked_units) == (fact["id"], "APPRAISED", 250_00)
    assert (row.advisor, appraisal.appraiser) == (world.cast.officer, visitor)
    assert appraisal.scores == {"capacity": 3, "character": 4}
    assert WorkFact.objects.get().told == ""


def test_what_the_office_does_not_take_waits_with_its_reason(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    device = own_phone(visitor).device
    facts = [
        asked(world, small, units=SMALL + 1),
        asked(world, small, person_no="no such card"),
        asked(world, small, product=str(new_id())),
        asked(world, world.product),
    ]
    answers = send(visitor, *facts, device=device)
    assert states(answers) == ["WAITING"] * 4
    assert "Nobody you know has this number" in answers[1].reason
    assert not Application.objects.exists()
    own = asked(world, small)
    assert states(send(world.cast.officer, own)) == ["WAITING"]  # she is on the officer's caseload


def test_where_one_person_does_all_the_office_asks_why_when_it_is_tried_again(
    client: Client, world: World, small: ProductVersion
) -> None:
    officer = world.cast.officer
    Person.objects.filter(pk=world.person.pk).update(case_officer=officer)
    Setting.objects.update_or_create(key=PROFILE, defaults={"value": "SOLO"})
    assert states(send(officer, asked(world, small))) == ["WAITING"]
    row = WorkFact.objects.get()
    client.force_login(staff("lead", Role.MANAGER))
    again = reverse("sync:work_again", args=[row.pk])
    page = client.post(again)
    assert page.status_code == 422
    assert "_duty_reason" in page.content.decode()
    row.refresh_from_db()
    assert (row.state, Application.objects.exists()) == (WorkState.WAITING, False)
    assert client.post(again, {"_duty_reason": "Nobody else here"}).status_code == 302
    row.refresh_from_db()
    assert (row.state, Application.objects.count()) == (WorkState.DONE, 1)


def test_where_one_person_does_all_the_phone_asks_why_and_the_office_takes_it(
    world: World, small: ProductVersion
) -> None:
    officer = world.cast.officer
    assert [one["asks_reason"] for one in work_of(officer)[0]["small_loans"]] == [False]
    Person.objects.filter(pk=world.person.pk).update(case_officer=officer)
    Setting.objects.update_or_create(key=PROFILE, defaults={"value": "SOLO"})
    assert [one["asks_reason"] for one in work_of(officer)[0]["small_loans"]] == [True]
    told = asked(world, small, reason="The village is a day away")
    assert states(send(officer, told)) == ["DONE"]
    (kept,) = DutyException.objects.filter(step="lending.appraise_application")
    assert (kept.staff, kept.reason) == (officer, "The village is a day away")


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 0},
        {"units": 10**14},
        {"units": True},
        {"instalments": 601},
        {"purpose": ""},
        {"recommendation": "MAYBE"},
        {"anchors": {"capacity": 5}},
        {"anchors": {"luck": 1}},
        {"anchors": [1]},
        {"recommended_units": "200"},
        {"person_no": ""},
        {"note": "x" * 2001},
    ],
)
def test_what_cannot_be_read_is_refused(
    world: World, visitor: StaffUser, small: ProductVersion, changes: dict[str, Any]
) -> None:
    assert states(send(visitor, asked(world, small, **changes))) == ["REFUSED"]


def test_what_waits_is_hers_and_goes_with_her(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    send(visitor, asked(world, small, units=SMALL + 1))
    (told,) = persons.held(world.person.pk)["Small loans asked for away and not taken"]
    assert "A second goat" in told["As it came"]
    persons.erase(world.person.pk)
    row = WorkFact.objects.get()
    assert (row.told, row.state) == ("", WorkState.LEFT_OUT)


def test_the_door_tells_the_products(
    client: Client, world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    found = own_phone(visitor)
    answer = client.get(
        "/api/v1/sync/work", headers={"authorization": f"Bearer {found.token}"}
    ).json()
    assert [one["product"] for one in answer["small_loans"]] == [small.product.name]


def test_what_was_told_for_the_loan_before_is_carried_to_whoever_appraised_it(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    loan = running(world)
    assert loan.agreement is not None
    Loan.objects.filter(pk=loan.pk).update(product_version=small)
    assert work_of(visitor)[0]["small_loans_before"] == [], "another appraised it"
    told = Appraisal.objects.filter(application=loan.agreement.application)
    told.update(appraiser=visitor, scores={"capacity": 3})
    pack, named = work_of(visitor)
    (one,) = pack["small_loans_before"]
    asked_for = loan.agreement.application
    assert one == {
        "person_no": world.person.registration_no,
        "name": str(world.person),
        "version_id": small.pk,
        "units": asked_for.asked_units,
        "instalments": asked_for.instalments,
        "purpose": asked_for.purpose,
        "marks": {"capacity": 3},
    }
    assert world.person.pk in named, "that she was read of is noted"
    assert work_of(staff("else", Role.LOAN_OFFICER))[0]["small_loans_before"] == []
    Person.objects.filter(pk=world.person.pk).update(erased_date=TODAY)
    assert work_of(visitor)[0]["small_loans_before"] == []
