"""The smallest loans are asked for and appraised on one page, by another person than who advises
the borrower; the band of a product says how small (rulings 5).
"""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.models import Application, Appraisal, ProductVersion
from handup.lending.rules.codes import Outcome
from handup.lending.services import ApplicationIn, FoundIn
from handup.lending.services.one_page import NotOnOnePage, on_one_page
from handup.lending.tests.cast import World, make_product, staff
from handup.lending.tests.test_api import post
from handup.lending.tests.test_pages import at, do
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.installation import PROFILE
from handup.org.models import DutyException, Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.people.models import Person

TODAY = timezone.localdate()
SMALL = 300_00
BANDS = [
    {"up_to_units": SMALL, "members": 1, "quorum": 1, "one_page": True},
    {"members": 3, "quorum": 2},
]


@standing
def visitor(world: World) -> StaffUser:
    """A loan officer who visits a borrower of another's caseload, and sits on the committee."""
    Person.objects.filter(pk=world.person.pk).update(case_officer=world.cast.officer)
    world.person.refresh_from_db()
    return staff("visitor", Role.LOAN_OFFICER, Role.COMMITTEE)


@standing
def small(world: World) -> ProductVersion:
    return make_product(world.cast, world.direct, "SMALL", bands=BANDS)


def asked(world: World, version: ProductVersion, **changes: Any) -> ApplicationIn:
    told: dict[str, Any] = {
        "programme": world.programme,
        "product_version": version,
        "units": 250_00,
        "instalments": 6,
        "purpose": "A second goat",
        "submitted_date": TODAY,
        "person": world.person,
        **changes,
    }
    return ApplicationIn(**told)


def found(**changes: Any) -> FoundIn:
    told: dict[str, Any] = {
        "recommendation": Outcome.APPROVE,
        "anchors": {"capacity": 3, "character": 4},
        "note": "Sells milk every day",
        **changes,
    }
    return FoundIn(**told)


def nothing() -> bool:
    return not (Application.objects.exists() or Appraisal.objects.exists())


def test_one_visit_asks_and_appraises_and_others_decide(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    row = services.apply_on_one_page(
        acting_staff=visitor,
        asked=asked(world, small),
        found=found(recommendation=Outcome.APPROVE_LESS, recommended_units=200_00),
    )
    assert (row.state, row.advisor, row.officer) == (
        "APPRAISED",
        world.cast.officer,
        world.cast.officer,
    )
    appraisal = row.appraisals.get()
    assert (appraisal.appraiser, appraisal.recommended_units) == (visitor, 200_00)
    assert (appraisal.scores, appraisal.note) == (
        {"capacity": 3, "character": 4},
        "Sells milk every day",
    )
    told: dict[str, Any] = {"application": row, "decided_date": TODAY}
    with pytest.raises(SamePerson):
        services.decide_application(acting_staff=visitor, outcome=Outcome.APPROVE_LESS, **told)
    made = services.decide_application(
        acting_staff=world.cast.committee, outcome=Outcome.APPROVE_LESS, **told
    )
    assert (made.outcome, made.approved_units) == ("APPROVE_LESS", 200_00)
    assert not DutyException.objects.exists()


def test_told_again_it_is_the_same_and_other_words_are_refused(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    told = asked(world, small, id=new_id())
    first = services.apply_on_one_page(acting_staff=visitor, asked=told, found=found())
    again = services.apply_on_one_page(acting_staff=visitor, asked=told, found=found())
    assert again == first
    other = found(recommendation=Outcome.DECLINE)
    with pytest.raises(SameIdOtherContent):
        services.apply_on_one_page(acting_staff=visitor, asked=told, found=other)
    assert (Application.objects.count(), Appraisal.objects.count()) == (1, 1)


def test_above_the_band_it_takes_two_steps(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    assert [on_one_page(small, units) for units in (1, SMALL, SMALL + 1)] == [True, True, False]
    assert not on_one_page(world.product, 1)
    for version, units in ((small, SMALL + 1), (world.product, 100_00)):
        told = asked(world, version, units=units)
        with pytest.raises(NotOnOnePage):
            services.apply_on_one_page(acting_staff=visitor, asked=told, found=found())
    assert nothing()


def test_whose_caseload_she_is_on_does_not_appraise_her(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    """Nor does whoever advised her, or an officer where the borrower belongs to nobody yet."""
    with pytest.raises(SamePerson):
        services.apply_on_one_page(
            acting_staff=world.cast.officer, asked=asked(world, small), found=found()
        )
    with pytest.raises(SamePerson):
        services.apply_on_one_page(
            acting_staff=visitor, asked=asked(world, small, advisor=visitor), found=found()
        )
    Person.objects.update(case_officer=None)
    alone = asked(world, small, person=Person.objects.get(pk=world.person.pk))
    with pytest.raises(SamePerson):
        services.apply_on_one_page(acting_staff=visitor, asked=alone, found=found())
    assert nothing()


def test_where_one_person_is_all_there_is_she_says_why(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    Setting.objects.update_or_create(key=PROFILE, defaults={"value": "SOLO"})
    officer = world.cast.officer
    with pytest.raises(ReasonNeeded):
        services.apply_on_one_page(acting_staff=officer, asked=asked(world, small), found=found())
    assert nothing()
    services.apply_on_one_page(
        acting_staff=officer, asked=asked(world, small), found=found(reason="Nobody else here")
    )
    assert DutyException.objects.get().step == "lending.appraise_application"


def test_who_only_asks_or_only_appraises_does_neither_here(
    world: World, visitor: StaffUser, small: ProductVersion
) -> None:
    for who in (world.cast.advisor, world.cast.appraiser, world.cast.cashier):
        with pytest.raises(NotAllowed):
            services.apply_on_one_page(acting_staff=who, asked=asked(world, small), found=found())
    assert nothing()


FORM = {"instalments": "6", "purpose": "A second goat", "submitted_date": TODAY.isoformat()}


def test_the_page_asks_what_was_found_only_where_it_may_be_told(
    world: World, visitor: StaffUser, client: Client
) -> None:
    def words() -> str:
        return str(at(client, visitor, "application_new").content.decode())

    assert "What did you find?" not in words()  # no product has such loans
    small = make_product(world.cast, world.direct, "SMALL", bands=BANDS)
    assert "What did you find?" in words()
    advisors = at(client, world.cast.advisor, "application_new").content.decode()
    assert "What did you find?" not in advisors
    told = {
        **FORM,
        "borrower": world.person.registration_no,
        "product_version": str(small.pk),
        "amount": "250.00",
        "recommendation": "APPROVE",
        "anchor_capacity": "3",
        "recommended": "200.00",
        "note": "Sells milk every day",
    }
    done = do(client, visitor, "application_new", **told)
    row = Application.objects.get()
    assert done.status_code == 302
    assert (row.state, row.appraisals.get().recommended_units) == ("APPRAISED", 200_00)
    assert row.appraisals.get().scores == {"capacity": 3}


def test_what_is_refused_stands_beside_its_question_and_nothing_typed_is_lost(
    world: World, visitor: StaffUser, small: ProductVersion, client: Client
) -> None:
    told = {
        **FORM,
        "borrower": world.person.registration_no,
        "product_version": str(small.pk),
        "amount": "900.00",
        "recommendation": "APPROVE",
        "note": "Sells milk every day",
    }
    refused = do(client, visitor, "application_new", **told)
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "not asked for and appraised on one page" in page
    assert "Sells milk every day" in page
    half = do(client, visitor, "application_new", **{**told, "recommendation": ""})
    assert "Say what you recommend" in half.content.decode()
    assert nothing()
    plain = {name: word for name, word in told.items() if name not in ("recommendation", "note")}
    assert do(client, visitor, "application_new", **plain).status_code == 302
    row = Application.objects.get()
    assert (row.state, row.advisor) == ("SUBMITTED", visitor)


def test_a_device_tells_both_at_once(
    world: World, visitor: StaffUser, small: ProductVersion, client: Client
) -> None:
    told: dict[str, Any] = {
        "programme_id": str(world.programme.pk),
        "product_version_id": str(small.pk),
        "person_id": str(world.person.pk),
        "units": 250_00,
        "instalments": 6,
        "purpose": "A second goat",
        "submitted_date": TODAY.isoformat(),
        "found": {"recommendation": "APPROVE", "anchors": {"capacity": 3}},
    }
    made = post(client, visitor, "/applications", **told)
    assert (made.status_code, made.json()["state"]) == (201, "APPRAISED")
    large = post(client, visitor, "/applications", **{**told, "units": 900_00})
    assert (large.status_code, large.json()["code"]) == (422, "NOT_ON_ONE_PAGE")
    assert Application.objects.count() == 1


def test_a_product_says_how_small(world: World, client: Client) -> None:
    version = make_product(world.cast, world.direct, "SMALL", bands=BANDS)
    page = at(client, world.cast.manager, "product_detail", version.pk).content.decode()
    assert page.count("asked for and appraised on one page") == 1
