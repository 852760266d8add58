"""Applications appraised on an appraiser's own phone: it carries what waits for her with the facts
of the plan behind it, the office judges all of it again, and others decide."""

from typing import Any

import pytest
from django.utils import timezone

from handup.lending.models import Application, Appraisal
from handup.lending.rules.codes import Outcome
from handup.lending.services import appraise_application
from handup.lending.tests.cast import World, applied, staff
from handup.lending.tests.conftest import world
from handup.lending.tests.plans import ready_plan
from handup.org.models import Office
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.sync.models import WorkFact, WorkState
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.tests.work.test_plans import send
from handup.sync.work_queries import work_of

__all__ = ["world"]
TODAY = timezone.localdate()


@pytest.fixture
def asked(world: World) -> Application:
    """An application on a plan that is ready."""
    version = ready_plan(world, on=TODAY).versions.get()
    return applied(world, plan_version=version, submitted_date=TODAY)


def found(row: Application, **more: Any) -> dict[str, Any]:
    body = {
        "application": str(row.pk),
        "person": str(row.person_id),
        "recommendation": "APPROVE",
        "anchors": {"capacity": 3, "character": 4},
        "note": "A full shop",
    }
    return told("appraise_application", body | more, TODAY.isoformat())


def test_a_phone_carries_what_waits_for_its_holder_with_the_facts_of_the_plan(
    world: World, asked: Application
) -> None:
    pack, named = work_of(world.cast.appraiser)
    (one,) = pack["appraisals"]
    assert (one["application_id"], one["name"], one["asked_units"]) == (
        asked.pk, str(world.person), 1_200_00,
    )  # fmt: skip
    version = asked.plan_version
    assert version is not None
    results = version.results
    facts = one["facts"]
    assert facts["net_cash_units"] == results["budget"]["net_cash"]
    assert facts["months_in_red"] == len(results["months_in_red"])
    assert facts["lowest_cash_units"] == results["lowest_cash"]
    assert world.person.pk in named
    assert set(one["criteria"]) == {"capacity", "character", "business", "market", "security"}
    for other in (world.cast.advisor, world.cast.officer, world.cast.cashier, world.cast.outsider):
        assert work_of(other)[0]["appraisals"] == []
    home = Office.objects.create(code="ELSEWHERE", name="Elsewhere")
    world.cast.appraiser.home_office = home
    assert work_of(world.cast.appraiser)[0]["appraisals"] == []


def test_an_appraisal_is_stored_once_and_the_decision_stays_at_the_office(
    world: World, asked: Application
) -> None:
    who = world.cast.appraiser
    device, fact = own_phone(who).device, found(asked)
    assert states(send(who, device, fact)) == ["DONE"]
    assert states(send(who, device, fact)) == ["DONE"]
    row = Appraisal.objects.get()
    assert (str(row.pk), row.appraiser, row.scores) == (
        fact["id"], who, {"capacity": 3, "character": 4},
    )  # fmt: skip
    assert row.facts["plan"], "the office froze the facts itself"
    asked.refresh_from_db()
    assert asked.state == "APPRAISED"
    assert work_of(who)[0]["appraisals"] == []
    assert WorkFact.objects.get().told == ""


def test_what_the_office_does_not_take_waits_with_its_reason(
    world: World, asked: Application
) -> None:
    officer, appraiser = world.cast.officer, world.cast.appraiser
    (own,) = send(officer, own_phone(officer).device, found(asked))
    assert own.state == WorkState.WAITING
    outsider = world.cast.outsider
    (hidden,) = send(outsider, own_phone(outsider).device, found(asked))
    assert (hidden.state, "not one of yours" in hidden.reason) == (WorkState.WAITING, True)
    device = own_phone(appraiser).device
    (other,) = send(appraiser, device, found(asked, anchors={"weather": 4}))
    assert other.state == WorkState.WAITING
    (mixed,) = send(appraiser, device, found(asked, person=str(asked.pk)))
    assert (mixed.state, "application" in mixed.reason) == (WorkState.WAITING, True)
    assert not Appraisal.objects.exists()
    second = staff("second_appraiser", Role.APPRAISER, kind=ScopeKind.ALL)
    appraise_application(
        acting_staff=second,
        application=asked,
        appraised_date=TODAY,
        recommendation=Outcome.APPROVE,
    )
    Person.objects.filter(pk=world.person.pk).update(erased_date=TODAY)
    (gone,) = send(appraiser, device, found(asked))
    assert gone.state in {WorkState.LEFT_OUT, WorkState.WAITING}
    assert Appraisal.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"application": "A1"},
        {"recommendation": "PERHAPS"},
        {"recommended_units": 0},
        {"anchors": {"capacity": 5}},
        {"anchors": [4]},
        {"note": 7},
        {"person": None},
    ],
)
def test_an_appraisal_that_cannot_be_read_is_refused(
    world: World, asked: Application, wrong: dict[str, Any]
) -> None:
    who = world.cast.appraiser
    assert states(send(who, own_phone(who).device, found(asked, **wrong))) == ["REFUSED"]
    assert not Appraisal.objects.exists()
