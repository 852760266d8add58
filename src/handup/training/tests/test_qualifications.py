"""The register of qualified people: a ladder climbed by evidence and observation, never alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org import installation
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.projects.models import Organisation
from handup.training import qualified, services
from handup.training.models import (
    Cohort,
    Qualification,
    QualificationProof,
    QualificationStep,
    Session,
)
from handup.training.rules.ladder import (
    LADDERS,
    Counts,
    Field,
    Holder,
    Level,
    Proof,
    count,
    lacks,
    lapsed,
    valid_until,
    with_counts,
)
from handup.training.services import refusals

DAY = date(2026, 4, 1)


@pytest.fixture
def holder(officer: StaffUser, trainer: StaffUser) -> Qualification:
    """The trainer, on no step yet."""
    return services.register_qualification(
        acting_staff=officer, field=Field.TRAINER, staff=trainer, national=True
    )


@pytest.fixture
def master(officer: StaffUser) -> Qualification:
    """A master of an institute, who observes others."""
    row = services.register_qualification(
        acting_staff=officer, field=Field.TRAINER, name="Institute's master", national=False
    )
    stand(row, Level.MASTER, DAY, date(2028, 4, 1))
    return row


def stand(row: Qualification, level: Level, since: date, until: date) -> None:
    """Put a holder on a step, without the evidence it asks for."""
    QualificationStep.objects.create(
        qualification=row,
        level=level,
        granted_date=since,
        valid_to=until,
        granted_by=StaffUser.objects.get(username="officer"),
    )
    Qualification.objects.filter(pk=row.pk).update(level=level, granted_date=since, valid_to=until)
    row.refresh_from_db()


def prove(officer: StaffUser, row: Qualification, proof: Proof, number: int) -> None:
    for place in range(number):
        services.record_proof(
            acting_staff=officer,
            qualification=row,
            proof=proof,
            proof_date=DAY,
            reference=f"{proof.value} {place}",
        )


def observe(
    officer: StaffUser, row: Qualification, by: Qualification, score: int, day: date = DAY
) -> None:
    services.record_observation(
        acting_staff=officer,
        qualification=row,
        observer=by,
        observed_date=day,
        score_x10=score,
    )


def grant(officer: StaffUser, row: Qualification, on: date = DAY, **more: Any) -> str:
    step = services.grant_level(
        acting_staff=officer,
        qualification=row,
        granted_date=on,
        **more,
    )
    return step.level


def test_a_trainer_needs_six_workshops_assisted_and_two_good_observations() -> None:
    (_candidate, trainer, senior, _master) = LADDERS[Field.TRAINER]
    missing = lacks(trainer, {Proof.ASSISTED: 5}, [30])
    assert [(one.proof, one.have, one.need) for one in missing] == [
        (Proof.ASSISTED, 5, 6),
        (None, 1, 2),
    ]
    assert lacks(trainer, {Proof.ASSISTED: 6}, [29, 30, 40]) == []
    assert lacks(trainer, {Proof.ASSISTED: 6}, [40, 40, 29]) != [], "the latest two count"
    assert lacks(senior, {Proof.LED: 12}, [30, 30]) == []
    own = with_counts(LADDERS, {"TRAINER": {"QUALIFIED": {"ASSISTED": 2, "observed": 1}}})
    assert lacks(own[Field.TRAINER][1], {Proof.ASSISTED: 2}, [30]) == []
    assert own[Field.TRAINER][2].proofs == {Proof.LED: 12}


def test_a_qualification_holds_24_months_and_each_share_has_its_counts() -> None:
    until = valid_until(date(2026, 4, 30))
    assert until == date(2028, 4, 30)
    assert (lapsed(until, until), lapsed(until, until + timedelta(days=1))) == (False, True)
    holders = [
        Holder(Level.QUALIFIED, until, True, True),
        Holder(Level.SENIOR, until, None, False),
        Holder(Level.MASTER, until, False, True),
        Holder(Level.CANDIDATE, until, True, True),
        Holder(Level.QUALIFIED, date(2026, 1, 1), True, True),
    ]
    assert count(holders, date(2026, 5, 1)) == Counts(3, 2, 2, 1, 1)


def test_the_ladder_is_climbed_by_evidence_and_observation(
    officer: StaffUser, holder: Qualification, master: Qualification, client: Client
) -> None:
    with pytest.raises(refusals.LadderUnmet, match="course completed 0/1"):
        grant(officer, holder)
    prove(officer, holder, Proof.COURSE_COMPLETED, 1)
    assert grant(officer, holder) == Level.CANDIDATE
    prove(officer, holder, Proof.ASSISTED, 6)
    observe(officer, holder, master, 30)
    with pytest.raises(refusals.LadderUnmet, match="good observations 1/2"):
        grant(officer, holder)
    next_day = DAY + timedelta(days=1)
    observe(officer, holder, master, 35, next_day)
    assert grant(officer, holder, next_day) == Level.QUALIFIED
    holder.refresh_from_db()
    assert holder.valid_to == add_months(next_day, 24)
    assert [step.level for step in holder.steps.all()] == [Level.CANDIDATE, Level.QUALIFIED]
    client.force_login(officer)
    page = client.get(f"/training/qualifications/{holder.pk}/").content.decode()
    assert "Course led" in page
    assert "0 / 12" in page
    assert client.post("/training/qualifications/", {"q": "x"}, follow=True).status_code == 200


def test_a_renewal_asks_for_good_observations_again(
    officer: StaffUser, holder: Qualification, master: Qualification
) -> None:
    prove(officer, holder, Proof.COURSE_COMPLETED, 1)
    grant(officer, holder)
    prove(officer, holder, Proof.ASSISTED, 6)
    observe(officer, holder, master, 30)
    observe(officer, holder, master, 30)
    grant(officer, holder)
    observe(officer, holder, master, 20, DAY + timedelta(days=90))
    later = DAY + timedelta(days=120)
    with pytest.raises(refusals.LadderUnmet):
        grant(officer, holder, later, renew=True)
    observe(officer, holder, master, 32, DAY + timedelta(days=100))
    observe(officer, holder, master, 32, DAY + timedelta(days=101))
    assert grant(officer, holder, later, renew=True) == Level.QUALIFIED
    holder.refresh_from_db()
    assert holder.valid_to == add_months(later, 24)


def test_nobody_observes_or_qualifies_herself(
    officer: StaffUser, manager: StaffUser, holder: Qualification, master: Qualification
) -> None:
    own = services.register_qualification(
        acting_staff=officer, field=Field.TRAINER, staff=manager, office=None
    )
    for act in (
        lambda: prove(manager, own, Proof.ASSISTED, 1),
        lambda: grant(manager, own, reason="I know"),
    ):
        with pytest.raises(refusals.OwnQualification):
            act()
    with pytest.raises(refusals.ObservesHerself):
        observe(officer, master, master, 40)
    with pytest.raises(refusals.ObservesHerself):
        observe(manager, own, master, 40)
    with pytest.raises(refusals.ObserverNotSenior):
        observe(officer, master, holder, 40)
    was = services.register_qualification(
        acting_staff=officer, field=Field.TRAINER, name="Once a master"
    )
    stand(was, Level.MASTER, DAY - timedelta(days=99), DAY - timedelta(days=1))
    with pytest.raises(refusals.ObserverNotSenior):
        observe(officer, holder, was, 40)
    with pytest.raises(refusals.ScoreNotFromOneToFour):
        observe(officer, holder, master, 41)
    assert not own.proofs.exists()


def test_a_master_is_appointed_with_the_reason_of_the_quality_body(
    officer: StaffUser, holder: Qualification
) -> None:
    Qualification.objects.filter(pk=holder.pk).update(
        level=Level.SENIOR, granted_date=DAY, valid_to=date(2028, 4, 1)
    )
    with pytest.raises(refusals.ReasonMissing):
        grant(officer, holder)
    assert grant(officer, holder, reason="Decision 4 of the quality body") == Level.MASTER
    with pytest.raises(refusals.NoStepLeft):
        grant(officer, holder)


def test_cohorts_taught_here_count_by_themselves_once_closed(
    officer: StaffUser,
    trainer: StaffUser,
    holder: Qualification,
    cohort: Cohort,
    sessions: list[Session],
) -> None:
    services.name_trainer(acting_staff=officer, cohort=cohort, name="T", staff=trainer, leads=True)
    assert qualified.proofs_of([holder])[holder.pk][Proof.LED] == 0
    on = sessions[0].session_date + timedelta(days=30)
    assert qualified.active([holder], on) == {holder.pk}
    assert qualified.active([holder], add_months(on, 13)) == set()
    Cohort.objects.filter(pk=cohort.pk).update(state="CLOSED", closed_date=on)
    assert qualified.proofs_of([holder])[holder.pk][Proof.LED] == 1
    services.record_proof(
        acting_staff=officer,
        qualification=holder,
        proof=Proof.LED,
        proof_date=on,
        reference="Spring course",
        cohort=cohort,
    )
    assert qualified.proofs_of([holder])[holder.pk][Proof.LED] == 1, "told twice, counted once"
    with pytest.raises(refusals.ProofTwice):
        services.record_proof(
            acting_staff=officer,
            qualification=holder,
            proof=Proof.LED,
            proof_date=on,
            reference="Spring course",
        )


def test_staff_of_cooperatives_have_a_ladder_with_the_houses_own_numbers(
    officer: StaffUser, second: StaffUser
) -> None:
    installation.put("training.ladder", {"COOPERATIVE": {"QUALIFIED": {"COOPERATIVE_SERVED": 1}}})
    row = services.register_qualification(
        acting_staff=officer, field=Field.COOPERATIVE, staff=second
    )
    prove(officer, row, Proof.COURSE_COMPLETED, 1)
    assert grant(officer, row) == Level.CANDIDATE
    prove(officer, row, Proof.COOPERATIVE_SERVED, 1)
    with pytest.raises(refusals.LadderUnmet, match="good observations 0/1"):
        grant(officer, row)


def test_figures_count_nationals_and_the_active_and_the_page_shows_both_counts(
    officer: StaffUser, holder: Qualification, master: Qualification, client: Client
) -> None:
    today = timezone.localdate()
    until = add_months(today, 3)
    Qualification.objects.filter(pk=holder.pk).update(
        level=Level.QUALIFIED, granted_date=DAY, valid_to=until
    )
    Qualification.objects.filter(pk=master.pk).update(valid_to=until)
    services.record_proof(
        acting_staff=officer,
        qualification=holder,
        proof=Proof.LED,
        proof_date=today,
        reference="A course elsewhere",
    )
    assert qualified.figures(officer, today)[Field.TRAINER] == Counts(2, 1, 2, 1, 0)
    client.force_login(officer)
    page = client.get("/training/qualification-figures/").content.decode()
    assert "1 / 2 (50.0" in page
    assert "0 / 0 (not defined)" in page
    Qualification.objects.filter(pk=holder.pk).update(valid_to=today - timedelta(days=1))
    shown = client.get("/training/qualifications/").content.decode()
    assert "Lapsed: only under co-signature" in shown


def test_an_outsider_sees_and_grants_nothing(
    outsider: StaffUser, holder: Qualification, client: Client
) -> None:
    with pytest.raises((NotAllowed, OutOfSight)):
        prove(outsider, holder, Proof.LED, 1)
    client.force_login(outsider)
    assert client.get("/training/qualifications/").status_code == 403
    assert client.get(f"/training/qualifications/{holder.pk}/").status_code in {403, 404}


def test_a_trainer_is_registered_proved_and_granted_over_the_api(
    officer: StaffUser, client: Client
) -> None:
    client.force_login(officer)

    def send(path: str, **told: object) -> dict[str, object]:
        key = {"Idempotency-Key": str(new_id())}
        root = "/api/v1/training/qualifications"
        sent = client.post(root + path, told, content_type="application/json", headers=key)
        assert sent.status_code == 201, sent.content
        found: dict[str, object] = sent.json()
        return found

    pk = send("", field="TRAINER", name="From the institute")["id"]
    send(f"/{pk}/evidence", proof="COURSE_COMPLETED", proof_date="2026-04-01", reference="C 12")
    step = send(f"/{pk}/steps", granted_date="2026-04-02")
    assert (step["level"], step["valid_to"]) == ("CANDIDATE", "2028-04-02")
    (line, *_rest) = client.get("/api/v1/training/qualifications").json()["items"]
    assert line["level"] == "CANDIDATE"
    figures = client.get("/api/v1/training/qualification-figures").json()
    assert [one["qualified"] for one in figures] == [0, 0, 0, 0]


def test_a_cohort_is_evidence_of_one_kind_once(
    officer: StaffUser, holder: Qualification, cohort: Cohort
) -> None:
    def tell(proof: Proof, reference: str) -> None:
        services.record_proof(
            acting_staff=officer,
            qualification=holder,
            proof=proof,
            proof_date=DAY,
            reference=reference,
            cohort=cohort,
        )

    tell(Proof.ASSISTED, "Spring course")
    with pytest.raises(refusals.ProofTwice):
        tell(Proof.ASSISTED, "The course of spring")
    tell(Proof.LED, "Its second week")
    QualificationProof.objects.create(  # as it was told before the house refused it
        qualification=holder,
        proof=Proof.ASSISTED,
        proof_date=DAY,
        reference="Once more",
        cohort=cohort,
        recorded_by=officer,
    )
    assert qualified.proofs_of([holder])[holder.pk] == {Proof.ASSISTED: 1, Proof.LED: 1}


def test_who_stands_by_a_name_alone_qualifies_herself_no_more_than_others(
    officer: StaffUser, manager: StaffUser, master: Qualification
) -> None:
    own = services.register_qualification(
        acting_staff=officer, field=Field.TRAINER, name=f" {manager.display_name.upper()}"
    )
    for act in (
        lambda: prove(manager, own, Proof.COURSE_COMPLETED, 1),
        lambda: grant(manager, own),
    ):
        with pytest.raises(refusals.OwnQualification):
            act()
    with pytest.raises(refusals.ObservesHerself):
        observe(manager, own, master, 40)
    prove(officer, own, Proof.COURSE_COMPLETED, 1)
    assert grant(officer, own) == Level.CANDIDATE


def test_what_was_watched_before_the_step_renews_nothing(
    officer: StaffUser, holder: Qualification, master: Qualification
) -> None:
    prove(officer, holder, Proof.ASSISTED, 6)
    stand(master, Level.MASTER, DAY - timedelta(days=30), date(2028, 4, 1))
    for day in (DAY - timedelta(days=9), DAY):
        observe(officer, holder, master, 40, day)
    Qualification.objects.filter(pk=holder.pk).update(
        level=Level.QUALIFIED, granted_date=DAY, valid_to=add_months(DAY, 24)
    )
    later = DAY + timedelta(days=120)
    with pytest.raises(refusals.LadderUnmet, match="good observations 0/2"):
        grant(officer, holder, later, renew=True)
    for after in (30, 60):
        observe(officer, holder, master, 30, DAY + timedelta(days=after))
    assert grant(officer, holder, later, renew=True) == Level.QUALIFIED


def test_evidence_of_a_later_day_and_a_step_not_held_grant_nothing(
    officer: StaffUser, holder: Qualification, master: Qualification
) -> None:
    with pytest.raises(refusals.NothingToRenew):
        grant(officer, holder, renew=True)
    prove(officer, holder, Proof.COURSE_COMPLETED, 1)
    with pytest.raises(refusals.LadderUnmet, match="course completed 0/1"):
        grant(officer, holder, DAY - timedelta(days=1))
    assert grant(officer, holder) == Level.CANDIDATE
    prove(officer, holder, Proof.ASSISTED, 6)
    for after in (5, 6):
        observe(officer, holder, master, 40, DAY + timedelta(days=after))
    with pytest.raises(refusals.LadderUnmet, match="good observations 1/2"):
        grant(officer, holder, DAY + timedelta(days=5))
    assert grant(officer, holder, DAY + timedelta(days=6)) == Level.QUALIFIED


def test_only_who_was_senior_that_day_may_have_watched(
    officer: StaffUser, holder: Qualification, master: Qualification
) -> None:
    with pytest.raises(refusals.ObserverNotSenior):
        observe(officer, holder, master, 40, DAY - timedelta(days=1))
    observe(officer, holder, master, 40, DAY)


def test_a_name_stands_once_on_the_register_of_a_field_for_one_organisation(
    officer: StaffUser, master: Qualification, second: StaffUser, client: Client
) -> None:
    def register(name: str, organisation: Organisation | None = None) -> Qualification:
        return services.register_qualification(
            acting_staff=officer, field=Field.TRAINER, name=name, organisation=organisation
        )

    with pytest.raises(refusals.QualifiedTwice):
        register(f" {master.name.upper()} ")
    here = Organisation.objects.create(code="INST", name="Institute")
    there = Organisation.objects.create(code="COLL", name="College")
    assert register("Ani Hakobyan", here).pk != register("Ani Hakobyan", there).pk
    with pytest.raises(refusals.QualifiedTwice):
        register("Ani Hakobyan")
    assert Qualification.objects.filter(field=Field.TRAINER).count() == 3
    client.force_login(officer)

    def send(**told: object) -> Any:
        key = {"Idempotency-Key": str(new_id())}
        where = "/api/v1/training/qualifications"
        return client.post(where, told, content_type="application/json", headers=key)

    sent = send(field="TRAINER", username=second.username)
    assert (sent.status_code, sent.json()["staff_id"]) == (201, str(second.pk))
    assert send(field="TRAINER", username="nobody-here").json()["code"] == "NOBODY_SIGNS_IN"
    assert send(field="TRAINER", username=second.username).json()["code"] == "QUALIFIED_TWICE"
    client.force_login(StaffUser.objects.create_user("nobody-much", "long enough pass"))
    tried = [send(field="TRAINER", username=name) for name in (second.username, "nobody-here")]
    assert [sent.status_code for sent in tried] == [403, 403], "who works here is not told"


def test_evidence_names_no_cohort_its_reader_may_not_see(
    officer: StaffUser, holder: Qualification, cohort: Cohort, client: Client
) -> None:
    services.record_proof(
        acting_staff=officer,
        qualification=holder,
        proof=Proof.LED,
        proof_date=DAY,
        reference="A course",
        cohort=cohort,
    )
    page = f"/training/qualifications/{holder.pk}/"
    client.force_login(officer)
    assert str(cohort) in client.get(page).content.decode()
    assert holder.staff is not None
    client.force_login(holder.staff)
    shown = client.get(page)
    assert shown.status_code == 200
    assert "A course" in shown.content.decode()
    assert str(cohort) not in shown.content.decode()
