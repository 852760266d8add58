"""Applying, deciding by the rule, taking part; outreach; who is hidden from whom."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import (
    ConsentNotice,
    EligibilityRule,
    Participation,
    Person,
)
from handup.people.queries import (
    ConsentMissing,
    current_rule,
    facts,
    participants,
    takes_part,
    to_decide,
)
from handup.people.rules import codes as c
from handup.people.services import (
    ApplicationIn,
    HouseholdIn,
    MemberIn,
    activate_participation,
    apply_all,
    apply_to_programme,
    decide_all,
    decide_eligibility,
    move_participation,
    publish_rule,
    record_status,
    register_household,
    register_person,
)
from handup.people.services import participation as p
from handup.people.tests.conftest import DAY, agreed, person_in
from handup.projects.models import Phase, Programme

S = c.ParticipationState
LATER = date(2026, 6, 1)


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


def test_a_higher_domain_provides_a_fact_a_rule_may_ask_for(
    manager: StaffUser,
    targeting: StaffUser,
    programme: Programme,
    ani: Person,
    application: Participation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tree = {"fact": "literate", "op": "==", "value": True, "reason": "NOT_LITERATE"}
    told: dict[str, Any] = {"acting_staff": manager, "programme": programme, "title": "Reads"}
    with pytest.raises(Faults):
        publish_rule(**told, tree=tree, valid_from=date(2026, 1, 1))
    known = {ani.pk: {"literate": True}}
    provider = (frozenset({"literate"}), lambda ids, on: known)
    monkeypatch.setattr(facts, "providers", [provider])
    publish_rule(**told, tree=tree, valid_from=date(2026, 1, 1))
    decide_eligibility(acting_staff=targeting, participation=application, decided_date=DAY)
    application.refresh_from_db()
    assert application.state == "ELIGIBLE"
    assert application.decision["facts"] == {"literate": True}
