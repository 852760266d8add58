"""The pathway out of extreme poverty: criteria read from the house and by hand, graduation by a
second person, nothing that is not known counts as met.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.errors import FutureDate
from handup.lending.models import (
    EnterpriseGrant,
    GraduationDecision,
    Pathway,
    PathwayCheck,
    PathwayEnrolment,
)
from handup.lending.rules import pathways as rules
from handup.lending.rules.codes import EnrolmentState, Method, ProposalState
from handup.lending.rules.pathways import Judgement, Reading, Why
from handup.lending.services import graduation, grant_money, grants, pathways
from handup.lending.services.grants import AssetIn, TrancheIn
from handup.lending.services.pathway_facts import standing_of
from handup.lending.tests.cast import World, make_person
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing
from handup.people.models import Consent
from handup.people.queries import ConsentMissing

DAY = date(2025, 2, 3)
LATER = date(2025, 8, 4)
FIVE: list[dict[str, Any]] = [
    {"code": "assets", "label": "Goats still there", "fact": "ASSETS", "threshold": "90_00"},
    {"code": "food", "label": "Food all year", "fact": "BY_HAND", "threshold": "42"},
    {"code": "savings", "label": "Savings", "fact": "SAVINGS", "threshold": "1000"},
    {"code": "income", "label": "Income", "fact": "BY_HAND", "threshold": "5000", "is_money": True},
    {"code": "plan", "label": "A plan", "fact": "PLAN", "threshold": "1"},
]
FIVE[0]["threshold"] = "9000"


@standing
def pathway(world: World) -> Pathway:
    """Two of five must be met, food always."""
    criteria = [{**item, "is_required": item["code"] == "food"} for item in FIVE]
    return pathways.open_pathway(
        acting_staff=world.cast.manager,
        programme=world.programme,
        name="First steps",
        criteria=criteria,
        needed=2,
        from_date=date(2025, 1, 1),
    )


@standing
def row(world: World, pathway: Pathway) -> PathwayEnrolment:
    """The borrower of the world, since 3 February 2025."""
    return pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor, pathway=pathway, person=world.person, enrolled_date=DAY
    )


def seen(world: World, row: PathwayEnrolment, on: date = LATER, **found: str) -> PathwayCheck:
    """What the advisor saw."""
    return pathways.record_pathway_check(
        acting_staff=world.cast.advisor, enrolment=row, check_date=on, findings=found
    )


def goat(world: World, row: PathwayEnrolment) -> EnterpriseGrant:
    """A goat of 90.00 and 20.00 in money, given on the way."""
    made = grants.propose_grant(
        acting_staff=world.cast.advisor,
        programme=world.programme,
        purpose="A goat",
        criteria=["No land"],
        proposed_date=DAY,
        tranches=[TrancheIn(20_00, DAY)],
        assets=[AssetIn("Goat", 90_00)],
        person=world.person,
        pathway=row,
    )
    grants.approve_grant(acting_staff=world.cast.director, grant=made, decided_date=DAY)
    grant_money.hand_over_asset(
        acting_staff=world.cast.cashier,
        asset=made.assets.get(),
        handed_over_date=DAY,
        receipt="K-1",
    )
    grant_money.pay_tranche(
        acting_staff=world.cast.cashier,
        tranche=made.tranches.get(),
        paid_date=DAY,
        method=Method.CASH,
        receipt="R-1",
    )
    return made


def states(row: PathwayEnrolment, on: date = LATER) -> dict[str, str]:
    """What each criterion comes to."""
    return {item.criterion.code: item.judgement.value for item in standing_of(row, on).judged}


def ready(world: World, row: PathwayEnrolment) -> None:
    """The goat lives, food and income were seen."""
    given = goat(world, row)
    grants.check_asset(
        acting_staff=world.cast.officer,
        asset=given.assets.get(),
        checked_date=LATER,
        still_held=True,
    )
    seen(world, row, food="45", income="6000")


def test_nothing_is_met_while_nothing_is_known(world: World, row: PathwayEnrolment) -> None:
    assert states(row) == {
        "assets": "NOT_MET",  # the house knows that nothing was handed over
        "food": "UNKNOWN",
        "savings": "UNKNOWN",
        "income": "UNKNOWN",
        "plan": "NOT_MET",
    }
    found = standing_of(row, LATER)
    assert (found.met, found.is_ready) == (0, False)
    assert found.judged[2].reading.why is Why.NOWHERE


def test_what_was_given_counts_while_somebody_looked_in_time(
    world: World, row: PathwayEnrolment
) -> None:
    given = goat(world, row)
    assert states(row, LATER)["assets"] == "MET"  # seen at the handing over, within 12 months
    late = DAY + timedelta(days=400)
    assert states(row, late)["assets"] == "UNKNOWN"
    kit = given.assets.get()
    grants.check_asset(
        acting_staff=world.cast.officer,
        asset=kit,
        checked_date=late,
        still_held=False,
        note="Died",
    )
    assert states(row, late)["assets"] == "NOT_MET"


def test_what_was_seen_by_hand_keeps_who_and_when_and_grows_old(
    world: World, row: PathwayEnrolment
) -> None:
    seen(world, row, DAY, food="41")
    seen(world, row, food="42")
    food = standing_of(row, LATER).judged[1]
    assert food.judgement is Judgement.MET
    assert food.reading == Reading(
        Decimal(42), LATER, by=str(world.cast.advisor.pk), by_name="Advisor"
    )
    assert states(row, DAY)["food"] == "NOT_MET"
    old = standing_of(row, LATER + timedelta(days=367)).judged[1]
    assert (old.judgement, old.reading.why) == (Judgement.UNKNOWN, Why.TOO_OLD)


@pytest.mark.parametrize(
    ("found", "refusal"),
    [
        ({"food": "many"}, pathways.ValueUnfit),
        ({"income": "10.5"}, pathways.ValueUnfit),
        ({"cows": "1"}, pathways.CriterionUnknown),
        ({}, pathways.NothingFound),
    ],
)
def test_a_visit_that_says_nothing_readable_is_refused(
    world: World, row: PathwayEnrolment, found: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        seen(world, row, **found)
    assert not PathwayCheck.objects.exists()


def test_the_same_visit_sent_twice_is_one_and_another_is_refused(
    world: World, row: PathwayEnrolment
) -> None:
    told: dict[str, Any] = {
        "acting_staff": world.cast.advisor,
        "enrolment": row,
        "findings": {"food": "40"},
        "id": new_id(),
    }
    first = pathways.record_pathway_check(check_date=LATER, **told)
    assert pathways.record_pathway_check(check_date=LATER, **told) == first
    with pytest.raises(SameIdOtherContent):
        pathways.record_pathway_check(check_date=DAY, **told)
    assert PathwayCheck.objects.count() == 1


def test_nobody_graduates_without_what_must_be_met(world: World, row: PathwayEnrolment) -> None:
    goat(world, row)
    seen(world, row, income="6000")
    with pytest.raises(graduation.NotGraduatedYet):  # two are met, food is not known
        graduation.propose_graduation(
            acting_staff=world.cast.advisor, enrolment=row, proposed_date=LATER
        )
    assert not GraduationDecision.objects.exists()


def test_a_second_person_graduates_her_with_the_reasons_kept(
    world: World, row: PathwayEnrolment
) -> None:
    ready(world, row)
    waiting = graduation.propose_graduation(
        acting_staff=world.cast.advisor, enrolment=row, proposed_date=LATER
    )
    with pytest.raises(graduation.GraduationWaits):
        graduation.propose_graduation(
            acting_staff=world.cast.advisor, enrolment=row, proposed_date=LATER
        )
    told: dict[str, Any] = {"graduation": waiting, "decided_date": LATER, "approve": True}
    with pytest.raises(NotAllowed):
        graduation.decide_graduation(acting_staff=world.cast.advisor, **told)
    graduation.decide_graduation(acting_staff=world.cast.director, **told)
    row.refresh_from_db()
    waiting.refresh_from_db()
    assert (row.state, row.ended_date) == (EnrolmentState.GRADUATED, LATER)
    kept = {item["code"]: (item["judgement"], item["value"]) for item in waiting.reasons}
    assert kept == {
        "assets": ("MET", "9000"),
        "food": ("MET", "45"),
        "savings": ("UNKNOWN", ""),
        "income": ("MET", "6000"),
        "plan": ("NOT_MET", "0"),
    }
    with pytest.raises(pathways.PathwayEnded):
        seen(world, row, food="50")


def test_neither_who_proposed_nor_who_saw_it_decides(world: World, row: PathwayEnrolment) -> None:
    goat(world, row)
    pathways.record_pathway_check(
        acting_staff=world.cast.manager,
        enrolment=row,
        check_date=LATER,
        findings={"food": "45", "income": "6000"},
    )
    waiting = graduation.propose_graduation(
        acting_staff=world.cast.advisor, enrolment=row, proposed_date=LATER
    )
    with pytest.raises(SamePerson):
        graduation.decide_graduation(
            acting_staff=world.cast.manager,
            graduation=waiting,
            decided_date=LATER,
            approve=True,
        )
    row.refresh_from_db()
    assert row.state == EnrolmentState.RUNNING


def test_what_falls_away_before_the_decision_stops_it(world: World, row: PathwayEnrolment) -> None:
    ready(world, row)
    waiting = graduation.propose_graduation(
        acting_staff=world.cast.advisor, enrolment=row, proposed_date=LATER
    )
    seen(world, row, LATER + timedelta(days=1), food="20")
    with pytest.raises(graduation.NotGraduatedYet):
        graduation.decide_graduation(
            acting_staff=world.cast.director,
            graduation=waiting,
            decided_date=LATER + timedelta(days=1),
            approve=True,
        )
    with pytest.raises(ReasonNeeded):
        graduation.decide_graduation(
            acting_staff=world.cast.director,
            graduation=waiting,
            decided_date=LATER + timedelta(days=1),
            approve=False,
        )
    graduation.decide_graduation(
        acting_staff=world.cast.director,
        graduation=waiting,
        decided_date=LATER + timedelta(days=1),
        approve=False,
        reason="Not enough to eat",
    )
    row.refresh_from_db()
    waiting.refresh_from_db()
    assert (row.state, waiting.state) == (EnrolmentState.RUNNING, ProposalState.DECLINED)
    assert waiting.reasons[1]["value"] == "20"


def test_who_leaves_takes_what_waits_with_her(world: World, row: PathwayEnrolment) -> None:
    ready(world, row)
    waiting = graduation.propose_graduation(
        acting_staff=world.cast.advisor, enrolment=row, proposed_date=LATER
    )
    with pytest.raises(ReasonNeeded):
        pathways.leave_pathway(
            acting_staff=world.cast.advisor, enrolment=row, left_date=LATER, reason=" "
        )
    pathways.leave_pathway(
        acting_staff=world.cast.advisor, enrolment=row, left_date=LATER, reason="Moved away"
    )
    waiting.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, waiting.state) == (EnrolmentState.LEFT, ProposalState.DECLINED)


def test_who_comes_in_agrees_once_and_by_the_criteria_of_that_day(
    world: World, pathway: Pathway
) -> None:
    told: dict[str, Any] = {"acting_staff": world.cast.advisor, "pathway": pathway}
    with pytest.raises(pathways.NoCriteriaYet):
        pathways.enrol_in_pathway(person=world.person, enrolled_date=date(2024, 12, 1), **told)
    with pytest.raises(FutureDate):
        pathways.enrol_in_pathway(
            person=world.person, enrolled_date=timezone.localdate() + timedelta(days=1), **told
        )
    newer = pathways.change_pathway(
        acting_staff=world.cast.manager,
        pathway=pathway,
        criteria=FIVE[:2],
        needed=2,
        from_date=date(2025, 7, 1),
    )
    first = pathways.enrol_in_pathway(person=world.person, enrolled_date=DAY, **told)
    assert (first.version.number, newer.number) == (1, 2)
    with pytest.raises(pathways.AlreadyOnPathway):
        pathways.enrol_in_pathway(person=world.person, enrolled_date=LATER, **told)
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    assert pathways.enrol_in_pathway(person=other, enrolled_date=LATER, **told).version == newer
    third = make_person(world.programme, world.office, world.cast.advisor, "Participant 0003")
    Consent.objects.filter(person=third, purpose="SERVICE").delete()
    with pytest.raises(ConsentMissing):
        pathways.enrol_in_pathway(person=third, enrolled_date=LATER, **told)
    pathways.change_pathway(
        acting_staff=world.cast.manager,
        pathway=pathway,
        criteria=FIVE[:2],
        needed=2,
        from_date=LATER,
        closed_date=LATER,
    )
    fourth = make_person(world.programme, world.office, world.cast.advisor, "Participant 0004")
    with pytest.raises(pathways.PathwayClosed):
        pathways.enrol_in_pathway(person=fourth, enrolled_date=LATER, **told)
    assert PathwayEnrolment.objects.count() == 2


def test_a_kit_on_a_pathway_is_for_who_walks_it(world: World, row: PathwayEnrolment) -> None:
    other = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    with pytest.raises(grants.NotOnPathway):
        grants.propose_grant(
            acting_staff=world.cast.advisor,
            programme=world.programme,
            purpose="A goat",
            criteria=["No land"],
            proposed_date=DAY,
            assets=[AssetIn("Goat", 90_00)],
            person=other,
            pathway=row,
        )
    assert not EnterpriseGrant.objects.exists()


def test_another_office_sees_and_touches_nothing(world: World, row: PathwayEnrolment) -> None:
    assert not PathwayEnrolment.objects.visible_to(world.cast.outsider).exists()
    with pytest.raises((OutOfSight, NotAllowed)):
        pathways.record_pathway_check(
            acting_staff=world.cast.outsider,
            enrolment=row,
            check_date=LATER,
            findings={"food": "1"},
        )
    assert not PathwayCheck.objects.exists()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"label": " "}, rules.CriterionWordless),
        ({"fact": "LUCK"}, rules.CriterionFactUnknown),
        ({"threshold": "much"}, rules.CriterionThresholdUnfit),
        ({"threshold": "NaN"}, rules.CriterionThresholdUnfit),
        ({"fact": "SAVINGS", "threshold": "0.5"}, rules.CriterionTooFine),
        ({"window_months": 61}, rules.CriterionWindowUnfit),
        ({"fact": "ANSWER"}, rules.CriterionKeyless),
        ({"code": "other"}, rules.CriterionTwice),
    ],
)
def test_a_criterion_nobody_can_read_is_refused(
    changes: dict[str, Any], refusal: type[Exception]
) -> None:
    one = {"code": "one", "label": "Food", "fact": "BY_HAND", "threshold": "1"}
    other = {**one, "code": "other"}
    with pytest.raises(refusal):
        rules.read_criteria([other, {**one, **changes}])


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("AT_LEAST", 5, True),
        ("ABOVE", 5, False),
        ("AT_MOST", 5, True),
        ("BELOW", 5, False),
        ("AT_LEAST", 4, False),
        ("ABOVE", 6, True),
        ("AT_MOST", 6, False),
        ("BELOW", 4, True),
    ],
)
def test_a_value_is_compared_as_its_words_say(operator: str, value: int, expected: bool) -> None:
    assert rules.compare(rules.Operator(operator), Decimal(value), Decimal(5)) is expected


def test_savings_are_asked_of_the_day_and_of_every_months_end_of_the_window() -> None:
    item = rules.read_criteria(
        [{"label": "S", "fact": "SAVINGS", "threshold": "1", "window_months": 3}]
    )[0]
    assert rules.days_held(item, date(2025, 8, 4)) == (
        date(2025, 8, 4),
        date(2025, 7, 31),
        date(2025, 6, 30),
        date(2025, 5, 31),
    )


def test_as_many_can_be_needed_as_there_are(world: World) -> None:
    for needed in (0, 6):
        with pytest.raises(rules.NeededOutOfRange):
            pathways.open_pathway(
                acting_staff=world.cast.manager,
                programme=world.programme,
                name="Too much",
                criteria=FIVE,
                needed=needed,
                from_date=DAY,
            )
    assert not Pathway.objects.exists()
