"""Applying, deciding by the rule, taking part; outreach; who is hidden from whom."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handup.kernel.crypto import BadPhone
from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, may
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import (
    Campaign,
    Compartment,
    ConsentNotice,
    EligibilityRule,
    Enquiry,
    OutreachEvent,
    Participation,
    Person,
)
from handup.people.queries import (
    ConsentMissing,
    current_rule,
    open_enquiries,
    participants,
    participation_of,
    takes_part,
    to_decide,
)
from handup.people.rules import codes as c
from handup.people.services import (
    ApplicationIn,
    EnquiryIn,
    HouseholdIn,
    MemberIn,
    activate_participation,
    apply_all,
    apply_to_programme,
    assign_case_officer,
    close_compartment,
    close_enquiry,
    decide_all,
    decide_eligibility,
    move_participation,
    open_compartment,
    publish_rule,
    record_enquiries,
    record_enquiry,
    record_outreach_event,
    record_status,
    register_household,
    register_person,
    start_campaign,
)
from handup.people.services import outreach as o
from handup.people.services import participation as p
from handup.people.services.protection import CompartmentClosed, CompartmentOpen
from handup.people.services.store import EndsBeforeStart
from handup.people.tests.conftest import DAY, agreed, person_in, staff_with
from handup.projects.models import Phase, Programme

S = c.ParticipationState
LATER = date(2026, 6, 1)


@pytest.fixture
def application(clerk: StaffUser, ani: Person, programme: Programme) -> Participation:
    return apply_to_programme(
        acting_staff=clerk,
        application=ApplicationIn(person=ani, programme=programme, applied_date=DAY),
    )


def heads_a_household(clerk: StaffUser, person: Person) -> None:
    told = HouseholdIn(
        members=(MemberIn(person, c.HouseholdRole.HEAD),),
        registered_date=DAY,
        programme=person.programme,
    )
    register_household(acting_staff=clerk, household=told)


def test_a_woman_head_is_eligible_and_the_decision_keeps_what_it_saw(
    clerk: StaffUser,
    targeting: StaffUser,
    ani: Person,
    application: Participation,
    rule: EligibilityRule,
) -> None:
    heads_a_household(clerk, ani)
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    application.refresh_from_db()
    assert (application.state, application.reason) == ("ELIGIBLE", "RULE_MET")
    assert application.decision == {
        "rule": str(rule.pk),
        "version": 1,
        "on": "2026-03-02",
        "result": "ELIGIBLE",
        "reasons": [],
        "missing": [],
        "facts": {"age_years": 40, "statuses": [], "woman_head": True},
    }
    moves = [(e.from_state, e.to_state, e.reason) for e in application.events.all()]
    assert moves == [("", "APPLIED", ""), ("APPLIED", "ELIGIBLE", "RULE_MET")]
    assert application.history.count() == 2


def test_somebody_of_no_target_group_is_told_why(
    targeting: StaffUser, application: Participation, rule: EligibilityRule
) -> None:
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    assert (application.state, application.reason) == ("NOT_ELIGIBLE", "NO_TARGET_STATUS")
    assert application.decision["reasons"] == ["NO_TARGET_STATUS"]


def test_a_missing_fact_is_asked_for_never_taken_as_no(
    clerk: StaffUser,
    targeting: StaffUser,
    programme: Programme,
    notice: ConsentNotice,
    rule: EligibilityRule,
) -> None:
    told = person_in(programme, birth_date=None, consents=(agreed(notice),))
    person = register_person(acting_staff=clerk, person=told).person
    record_status(
        acting_staff=clerk, person=person, status=c.LegalStatusKind.REFUGEE, from_date=DAY
    )
    row = apply_to_programme(
        acting_staff=clerk,
        application=ApplicationIn(person=person, programme=programme, applied_date=DAY),
    )
    decide_eligibility(acting_staff=targeting, participation=row, decided_date=DAY)
    assert (row.state, row.decision["missing"]) == ("NEEDS_INFORMATION", ["age_years"])
    assert list(to_decide(targeting)) == [row]
    Person._base_manager.filter(pk=person.pk).update(birth_date=date(1990, 1, 1))
    decide_eligibility(acting_staff=targeting, participation=row, decided_date=LATER)
    assert row.state == "ELIGIBLE"
    assert not to_decide(targeting).exists()


def test_nobody_applies_without_consent_to_be_served(
    clerk: StaffUser, programme: Programme
) -> None:
    person = register_person(acting_staff=clerk, person=person_in(programme)).person
    with pytest.raises(ConsentMissing):
        apply_to_programme(
            acting_staff=clerk,
            application=ApplicationIn(person=person, programme=programme, applied_date=DAY),
        )
    assert not Participation._base_manager.exists()


def test_refusing_to_share_with_the_bank_changes_no_eligibility(
    clerk: StaffUser,
    targeting: StaffUser,
    ani: Person,
    application: Participation,
    rule: EligibilityRule,
) -> None:
    assert ani.consents.count() == 1  # to be served, nothing else
    heads_a_household(clerk, ani)
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    assert application.state == "ELIGIBLE"


def test_nobody_applies_twice(
    clerk: StaffUser, ani: Person, programme: Programme, application: Participation
) -> None:
    told = ApplicationIn(person=ani, programme=programme, applied_date=LATER)
    with pytest.raises(p.AlreadyApplied):
        apply_to_programme(acting_staff=clerk, application=told)
    assert Participation._base_manager.count() == 1


def test_the_same_application_sent_twice_is_one(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    told = ApplicationIn(person=ani, programme=programme, applied_date=DAY, id=new_id())
    first = apply_to_programme(acting_staff=clerk, application=told)
    assert apply_to_programme(acting_staff=clerk, application=told) == first


def test_a_phase_of_another_programme_is_refused(
    clerk: StaffUser, ani: Person, programme: Programme, other_programme: Programme
) -> None:
    phase = Phase.objects.create(programme=other_programme, code="I", title="One")
    with pytest.raises(p.PhaseOfAnother):
        apply_to_programme(
            acting_staff=clerk,
            application=ApplicationIn(
                person=ani, programme=programme, applied_date=DAY, phase=phase
            ),
        )


def test_no_decision_without_rule_and_none_before_the_application(
    targeting: StaffUser, application: Participation, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(p.NoRule):
        decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    request.getfixturevalue("rule")
    with pytest.raises(p.MoveBeforeLast):
        decide_eligibility(
            acting_staff=targeting, participation=application, decided_date=date(2026, 3, 1)
        )
    application.refresh_from_db()
    assert (application.state, application.decision) == ("APPLIED", {})


def test_a_clerk_decides_nothing_and_an_outsider_finds_nothing(
    clerk: StaffUser, outsider: StaffUser, application: Participation, rule: EligibilityRule
) -> None:
    with pytest.raises(NotAllowed):
        decide_eligibility(acting_staff=clerk, participation=application, decided_date=DAY)
    with pytest.raises(OutOfSight):
        decide_eligibility(acting_staff=outsider, participation=application, decided_date=DAY)
    assert list(to_decide(outsider)) == []
    application.refresh_from_db()
    assert application.state == "APPLIED"


def test_from_eligible_through_service_to_graduation(
    clerk: StaffUser,
    targeting: StaffUser,
    ani: Person,
    programme: Programme,
    application: Participation,
    rule: EligibilityRule,
) -> None:
    heads_a_household(clerk, ani)
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    with pytest.raises(p.AlreadyDecided):
        decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    activate_participation(acting_staff=targeting, participation=application, on=LATER)
    assert takes_part(ani.pk, programme)
    assert list(participants(programme, on=LATER)) == [application]
    assert not participants(programme, on=DAY).exists()
    for state, reason, day in (
        (S.PAUSED, "PERSONAL", date(2026, 7, 1)),
        (S.ACTIVE, "RESUMED", date(2026, 8, 1)),
        (S.GRADUATED, "COMPLETED", date(2026, 9, 1)),
    ):
        move_participation(
            acting_staff=targeting,
            participation=application,
            to_state=state,
            reason=reason,
            on=day,
        )
    application.refresh_from_db()
    assert (application.started_date, application.ended_date) == (LATER, date(2026, 9, 1))
    assert not takes_part(ani.pk, programme)
    assert not participants(programme, on=date(2026, 9, 2)).exists()


@pytest.mark.parametrize(
    ("to_state", "reason", "day", "refusal"),
    [
        (S.ACTIVE, "PLACE_FOUND", DAY, p.MoveNotAllowed),
        (S.ELIGIBLE, "RULE_MET", DAY, p.MoveNotAllowed),
        (S.EXITED, "", DAY, p.ReasonNeeded),
        (S.EXITED, "MOVED", date(2026, 3, 1), p.MoveBeforeLast),
    ],
)
def test_a_step_that_cannot_be_taken_is_refused(
    targeting: StaffUser,
    application: Participation,
    to_state: S,
    reason: str,
    day: date,
    refusal: type[Refusal],
) -> None:
    with pytest.raises(refusal):
        move_participation(
            acting_staff=targeting,
            participation=application,
            to_state=to_state,
            reason=reason,
            on=day,
        )
    application.refresh_from_db()
    assert application.state == "APPLIED"
    assert application.events.count() == 1


def test_an_appeal_reopens_a_refusal(
    targeting: StaffUser, application: Participation, rule: EligibilityRule
) -> None:
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    move_participation(
        acting_staff=targeting,
        participation=application,
        to_state=S.APPLIED,
        reason="APPEAL",
        on=LATER,
    )
    assert list(to_decide(targeting)) == [application]


def test_loads_take_each_step_as_if_it_were_taken_alone(
    clerk: StaffUser,
    targeting: StaffUser,
    programme: Programme,
    notice: ConsentNotice,
    rule: EligibilityRule,
) -> None:
    loader = staff_with("loader", Role.CLERK, Role.TARGETING_OFFICER)
    persons = []
    for name in ("Ani", "Nare"):
        told = person_in(programme, name, consents=(agreed(notice),))
        persons.append(register_person(acting_staff=clerk, person=told).person)
    heads_a_household(clerk, persons[0])
    heads_a_household(clerk, persons[1])
    one = apply_to_programme(
        acting_staff=clerk,
        application=ApplicationIn(person=persons[0], programme=programme, applied_date=DAY),
    )
    decide_eligibility(acting_staff=targeting, participation=one, decided_date=DAY)
    activate_participation(acting_staff=targeting, participation=one, on=LATER)
    other = apply_all(
        acting_staff=loader,
        items=[
            ApplicationIn(
                person=persons[1],
                programme=programme,
                applied_date=DAY,
                decided_date=DAY,
                started_date=LATER,
            )
        ],
    )[0]
    one.refresh_from_db()
    other.refresh_from_db()
    for name in ("state", "reason", "decision", "applied_date", "decided_date", "started_date"):
        assert getattr(one, name) == getattr(other, name), name
    steps = [
        [(e.from_state, e.to_state, e.reason, e.event_date) for e in row.events.all()]
        for row in (one, other)
    ]
    assert steps[0] == steps[1]


def test_a_load_lists_every_row_that_cannot_be_and_stores_none(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    unasked = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    told = ApplicationIn(person=ani, programme=programme, applied_date=DAY)
    with pytest.raises(Faults) as caught:
        apply_all(acting_staff=clerk, items=[told, told, replace(told, person=unasked)])
    assert [(f.row, f.code) for f in caught.value.faults] == [
        (2, "ALREADY_APPLIED"),
        (3, "CONSENT_MISSING"),
    ]
    assert not Participation._base_manager.exists()


def test_many_applications_are_decided_at_once(
    clerk: StaffUser,
    targeting: StaffUser,
    programme: Programme,
    notice: ConsentNotice,
    rule: EligibilityRule,
) -> None:
    rows = []
    for number in range(3):
        told = person_in(programme, "Participant", f"{number}", consents=(agreed(notice),))
        person = register_person(acting_staff=clerk, person=told).person
        rows.append(ApplicationIn(person=person, programme=programme, applied_date=DAY))
    applied = apply_all(acting_staff=clerk, items=rows)
    decided = decide_all(acting_staff=targeting, participations=applied, decided_date=LATER)
    assert {row.state for row in decided} == {"NOT_ELIGIBLE"}
    assert AuditLine.objects.filter(action="people.decide_eligibility").count() == 3


def test_a_rule_is_data_and_a_new_version_ends_the_former(
    manager: StaffUser, programme: Programme, rule: EligibilityRule
) -> None:
    leaf = {"fact": "age_years", "op": ">=", "value": 16, "reason": "UNDER_AGE"}
    told: dict[str, Any] = {
        "acting_staff": manager,
        "programme": programme,
        "title": "Younger",
        "tree": leaf,
    }
    with pytest.raises(p.RuleBeforeLast):
        publish_rule(**told, valid_from=date(2026, 1, 1))
    with pytest.raises(p.RuleWithoutTitle):
        publish_rule(**(told | {"title": ""}), valid_from=LATER)
    second = publish_rule(**told, valid_from=LATER)
    assert second.version == 2
    assert current_rule(programme, on=date(2026, 5, 31)) == rule
    assert current_rule(programme, on=LATER) == second


def test_a_rule_that_asks_for_something_restricted_is_not_saved(
    manager: StaffUser, programme: Programme
) -> None:
    tree = {
        "all": [
            {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"},
            {"fact": "trafficking", "op": "==", "value": True, "reason": "X"},
        ]
    }
    with pytest.raises(Faults) as caught:
        publish_rule(
            acting_staff=manager, programme=programme, title="x", tree=tree, valid_from=DAY
        )
    assert [(f.place, f.code) for f in caught.value.faults] == [("rule.all[1]", "UNKNOWN_FACT")]
    assert not EligibilityRule.objects.exists()


def test_a_case_officer_gets_the_person_and_her_participation(
    manager: StaffUser, ani: Person, application: Participation
) -> None:
    officer = staff_with("officer", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    assert not may(officer, "people.view_person", ani)
    assign_case_officer(acting_staff=manager, person=ani, case_officer=officer)
    assert list(Person.objects.visible_to(officer)) == [ani]
    assert list(Participation.objects.visible_to(officer)) == [application]


def test_what_a_caseload_worker_registers_joins_her_caseload(programme: Programme) -> None:
    officer = staff_with("officer", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    person = register_person(acting_staff=officer, person=person_in(programme)).person
    assert person.case_officer == officer
    assert list(Person.objects.visible_to(officer)) == [person]


def test_a_second_programme_reaches_the_person_through_her_participation(
    outsider: StaffUser, ani: Person, other_programme: Programme
) -> None:
    assert list(Person.objects.visible_to(outsider)) == []
    everywhere = staff_with("everywhere", Role.CLERK)
    apply_to_programme(
        acting_staff=everywhere,
        application=ApplicationIn(person=ani, programme=other_programme, applied_date=DAY),
    )
    assert list(Person.objects.visible_to(outsider)) == [ani]
    assert may(outsider, "people.view_person", ani)
    assert participation_of(ani.pk, other_programme) is not None


def test_a_hidden_person_exists_for_her_team_only(
    clerk: StaffUser,
    targeting: StaffUser,
    manager: StaffUser,
    focal_point: StaffUser,
    ani: Person,
    application: Participation,
) -> None:
    row = open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[targeting],
        opened_date=DAY,
    )
    for staff in (clerk, manager):
        assert not Person.objects.visible_to(staff).exists()
        assert not Participation.objects.visible_to(staff).exists()
        assert not may(staff, "people.view_person", ani)
    for staff in (targeting, focal_point):
        assert list(Person.objects.visible_to(staff)) == [ani]
    assert not Compartment.objects.visible_to(manager).exists()
    with pytest.raises(CompartmentOpen):
        open_compartment(
            acting_staff=focal_point,
            person=ani,
            kind=c.CompartmentKind.PERSON,
            team=[],
            opened_date=DAY,
        )
    close_compartment(acting_staff=focal_point, compartment=row, closed_date=LATER)
    assert list(Person.objects.visible_to(clerk)) == [ani]
    with pytest.raises(CompartmentClosed):
        close_compartment(acting_staff=focal_point, compartment=row, closed_date=LATER)


def test_another_compartment_leaves_an_ordinary_applicant(
    clerk: StaffUser, focal_point: StaffUser, ani: Person
) -> None:
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.VIOLENCE,
        team=[],
        opened_date=DAY,
    )
    assert list(Person.objects.visible_to(clerk)) == [ani]
    with pytest.raises(NotAllowed):
        open_compartment(
            acting_staff=clerk,
            person=ani,
            kind=c.CompartmentKind.PERSON,
            team=[],
            opened_date=DAY,
        )


@pytest.fixture
def campaign(clerk: StaffUser, programme: Programme) -> Campaign:
    return start_campaign(
        acting_staff=clerk,
        programme=programme,
        code="R1",
        title="Radio",
        channel=c.Channel.MEDIA,
        language="hy",
        start_date=DAY,
        cost_units=250_000,
        currency="AMD",
    )


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, o.CampaignCodeTaken),
        ({"code": "R2", "cost_units": -1}, o.CostBelowZero),
        ({"code": "R2", "currency": ""}, o.CostWithoutCurrency),
        ({"code": "R2", "end_date": date(2026, 3, 1)}, EndsBeforeStart),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(
    clerk: StaffUser,
    programme: Programme,
    campaign: Campaign,
    change: dict[str, Any],
    refusal: type[Refusal],
) -> None:
    told: dict[str, Any] = {
        "code": "R1",
        "title": "Radio",
        "channel": c.Channel.MEDIA,
        "language": "hy",
        "start_date": DAY,
        "cost_units": 1,
        "currency": "AMD",
    }
    with pytest.raises(refusal):
        start_campaign(acting_staff=clerk, programme=programme, **(told | change))
    assert Campaign._base_manager.count() == 1


def test_heads_at_an_event_never_add_to_persons(clerk: StaffUser, campaign: Campaign) -> None:
    row = record_outreach_event(
        acting_staff=clerk,
        campaign=campaign,
        title="Open day",
        event_date=DAY,
        heads={"F": {"15-24": 12, "25-34": 8}, "M": {"15-24": 5}},
    )
    assert row.heads == {"F": {"15-24": 12, "25-34": 8}, "M": {"15-24": 5}}
    assert not Person._base_manager.exists()
    for heads in ({"WOMEN": {"15-24": 1}}, {"F": {"15-24": -1}}):
        with pytest.raises(o.HeadsUnreadable):
            record_outreach_event(
                acting_staff=clerk, campaign=campaign, title="x", event_date=DAY, heads=heads
            )
    assert OutreachEvent._base_manager.count() == 1


def test_an_enquiry_is_due_in_a_week_named_or_not(
    clerk: StaffUser, outsider: StaffUser, programme: Programme, campaign: Campaign
) -> None:
    row = record_enquiry(
        acting_staff=clerk,
        enquiry=EnquiryIn(
            programme=programme, enquiry_date=DAY, campaign=campaign, phone="+37491000000"
        ),
    )
    assert (row.due_date, row.channel, str(row)) == (
        date(2026, 3, 9),
        "UNKNOWN",
        "a person who gave no name",
    )
    assert list(open_enquiries(clerk)) == [row]
    assert list(open_enquiries(outsider)) == []
    with pytest.raises(o.ReasonMissing):
        close_enquiry(acting_staff=clerk, enquiry=row, closed_date=LATER, reason=" ")
    with pytest.raises(OutOfSight):
        close_enquiry(acting_staff=outsider, enquiry=row, closed_date=LATER, reason="x")
    close_enquiry(acting_staff=clerk, enquiry=row, closed_date=LATER, reason="Not reached")
    with pytest.raises(o.EnquiryClosed):
        close_enquiry(acting_staff=clerk, enquiry=row, closed_date=LATER, reason="x")
    assert list(open_enquiries(clerk)) == []


def test_an_enquiry_that_cannot_be_is_refused(
    clerk: StaffUser,
    outsider: StaffUser,
    programme: Programme,
    other_programme: Programme,
    campaign: Campaign,
) -> None:
    told = EnquiryIn(programme=programme, enquiry_date=DAY)
    with pytest.raises(BadPhone):
        record_enquiry(acting_staff=clerk, enquiry=replace(told, phone="none"))
    with pytest.raises(o.OtherProgramme):
        record_enquiry(
            acting_staff=clerk,
            enquiry=replace(told, programme=other_programme, campaign=campaign),
        )
    with pytest.raises(OutOfSight):
        record_enquiry(acting_staff=outsider, enquiry=told)
    with pytest.raises(Faults):
        record_enquiries(acting_staff=clerk, items=[told, replace(told, phone="none")])
    assert not Enquiry._base_manager.exists()
    assert len(record_enquiries(acting_staff=clerk, items=[told, told])) == 2
    one = replace(told, id=new_id())
    assert record_enquiry(acting_staff=clerk, enquiry=one) == record_enquiry(
        acting_staff=clerk, enquiry=one
    )
