"""The steps from asking to signing: their days in order and none to come, votes that stand only for
the appraisal they were cast on, the amount that was voted on, and other hands for each.
"""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.errors import (
    AlreadyVoted,
    BeforeItsStep,
    FutureDate,
    OtherAmount,
    OtherInstalments,
    OtherThanAppraised,
    QuorumNotMet,
)
from handup.lending.models import Application, Decision, Loan, ProductVersion, Vote
from handup.lending.rules.codes import ApplicationState, Outcome
from handup.lending.rules.eligibility import Stop
from handup.lending.tests.cast import (
    START,
    TERMS,
    World,
    applied,
    approved,
    make_product,
    staff,
    still_open,
)
from handup.lending.tests.test_api import get
from handup.lending.tests.test_pages import at, do
from handup.lending.waiting import Step, open_steps, votes_needed
from handup.org import installation
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.installation import PROFILE
from handup.org.models import DutyException, Setting, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.rules.duties import Profile
from handup.projects.models import Organisation

TOMORROW = timezone.localdate() + timedelta(days=1)
BY_TWO = [{"members": 3, "quorum": 2}]


def appraise(
    world: World,
    row: Application,
    on: date = START,
    by: StaffUser | None = None,
    units: int | None = None,
) -> None:
    less = units is not None and units < row.asked_units
    services.appraise_application(
        acting_staff=by or world.cast.appraiser,
        application=row,
        appraised_date=on,
        recommendation=Outcome.APPROVE_LESS if less else Outcome.APPROVE,
        recommended_units=units,
    )


def vote(by: StaffUser, row: Application, choice: Outcome, on: date = START) -> Vote:
    return services.cast_vote(acting_staff=by, application=row, choice=choice, voted_date=on)


def decide(
    world: World, row: Application, outcome: Outcome, on: date = START, units: int | None = None
) -> Decision:
    return services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=outcome,
        decided_date=on,
        approved_units=units,
    )


# --- days -----------------------------------------------------------------------------------------


def test_no_step_is_taken_on_a_day_to_come(world: World) -> None:
    with pytest.raises(FutureDate):
        applied(world, submitted_date=TOMORROW)
    row = applied(world)
    with pytest.raises(FutureDate):
        appraise(world, row, TOMORROW)
    appraise(world, row)
    with pytest.raises(FutureDate):
        vote(world.cast.second, row, Outcome.APPROVE, TOMORROW)
    with pytest.raises(FutureDate):
        decide(world, row, Outcome.APPROVE, TOMORROW)
    assert (Application.objects.count(), Vote.objects.count(), Decision.objects.count()) == (
        1,
        0,
        0,
    )


def test_an_agreement_is_not_signed_on_a_day_to_come(world: World) -> None:
    today = timezone.localdate()
    row = applied(world, submitted_date=today)
    appraise(world, row, today)
    decide(world, row, Outcome.APPROVE, today)
    with pytest.raises(FutureDate) as refused:
        services.sign_agreement(
            acting_staff=world.cast.officer, application=row, signed_date=TOMORROW
        )
    assert refused.value.field == "signed_date"
    assert not Loan.objects.exists()


def test_no_step_is_before_the_one_it_follows(world: World) -> None:
    row = applied(world)
    with pytest.raises(BeforeItsStep):
        appraise(world, row, row.submitted_date - timedelta(days=1))
    appraise(world, row, START)
    early = START - timedelta(days=1)
    with pytest.raises(BeforeItsStep):
        vote(world.cast.second, row, Outcome.APPROVE, early)
    vote(world.cast.second, row, Outcome.APPROVE, START + timedelta(days=2))
    with pytest.raises(BeforeItsStep) as refused:
        decide(world, row, Outcome.APPROVE, START + timedelta(days=1))
    assert refused.value.field == "decided_date"
    decide(world, row, Outcome.APPROVE, START + timedelta(days=2))
    with pytest.raises(BeforeItsStep):
        services.sign_agreement(acting_staff=world.cast.officer, application=row, signed_date=START)
    row.refresh_from_db()
    assert row.state == ApplicationState.APPROVED
    assert not Loan.objects.exists()


# --- votes and the amount -------------------------------------------------------------------------


def test_a_new_appraisal_voids_the_votes_and_all_may_vote_anew(world: World) -> None:
    world.product = make_product(world.cast, world.direct, "TWO", bands=BY_TWO)
    row = applied(world)
    appraise(world, row, units=100_00)
    for member in (world.cast.committee, world.cast.second):
        vote(member, row, Outcome.APPROVE_LESS)
    assert votes_needed(row) == (2, 2)
    with pytest.raises(AlreadyVoted):
        vote(world.cast.second, row, Outcome.APPROVE_LESS)
    other = staff("other", Role.APPRAISER)
    appraise(world, row, by=other, units=1_200_00)
    row = Application.objects.get(pk=row.pk)
    assert votes_needed(row) == (0, 2)
    assert open_steps(row, world.cast.second, START) == [Step.VOTE]
    with pytest.raises(QuorumNotMet):
        decide(world, row, Outcome.APPROVE)
    for member in (world.cast.committee, world.cast.second):
        vote(member, row, Outcome.APPROVE)
    assert decide(world, row, Outcome.APPROVE).approved_units == 1_200_00


def test_approving_less_is_for_less_and_approving_for_all(world: World) -> None:
    row = applied(world)
    appraise(world, row)
    for outcome, units in (
        (Outcome.APPROVE_LESS, None),
        (Outcome.APPROVE_LESS, 1_200_00),
        (Outcome.APPROVE, 900_00),
    ):
        with pytest.raises(OtherAmount) as refused:
            decide(world, row, outcome, units=units)
        assert refused.value.field == "approved_units"
    assert not Decision.objects.exists()
    assert decide(world, row, Outcome.APPROVE_LESS, units=900_00).approved_units == 900_00


def test_less_is_approved_at_the_amount_the_committee_voted_on(world: World) -> None:
    """Votes for less are for the amount the appraisal recommends, over the term it is of."""
    world.product = make_product(world.cast, world.direct, "TWO", bands=BY_TWO)
    row = applied(world)
    for appraiser, units in (
        (world.cast.appraiser, None),
        (staff("other", Role.APPRAISER), 300_00),
    ):
        appraise(world, row, by=appraiser, units=units)
        for member in (world.cast.committee, world.cast.second):
            vote(member, row, Outcome.APPROVE_LESS)
        for other in (1_199_99, 299_99):
            with pytest.raises(OtherThanAppraised) as refused:
                decide(world, row, Outcome.APPROVE_LESS, units=other)
            assert refused.value.field == "approved_units"
    with pytest.raises(OtherInstalments):
        services.decide_application(
            acting_staff=world.cast.committee,
            application=row,
            outcome=Outcome.APPROVE_LESS,
            decided_date=START,
            instalments=60,
        )
    assert not Decision.objects.exists()
    made = decide(world, row, Outcome.APPROVE_LESS)
    assert (made.approved_units, made.instalments) == (300_00, 12)


def test_where_one_person_is_all_there_is_she_sets_a_stop_aside_and_it_is_reported(
    world: World,
) -> None:
    Setting.objects.update_or_create(key=PROFILE, defaults={"value": "SOLO"})
    rules = {"certificate_required": True, "waivable": ["CERTIFICATE_MISSING"]}
    world.product = make_product(world.cast, world.direct, "SOFT", eligibility=rules)
    row = applied(world)
    appraise(world, row)
    made = services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=START,
        waived=[Stop.CERTIFICATE_MISSING],
        reason="Trained elsewhere",
    )
    assert (made.votes_for, made.waived_stops) == (1, ["CERTIFICATE_MISSING"])
    assert DutyException.objects.get(step="lending.waive_stop").reason == "Trained elsewhere"


# --- hands ----------------------------------------------------------------------------------------


def test_the_officer_who_asked_neither_votes_nor_decides(world: World) -> None:
    manager = world.cast.manager
    row = applied(world, officer=manager, advisor=None)
    appraise(world, row)
    with pytest.raises(SamePerson):
        vote(manager, row, Outcome.APPROVE)
    with pytest.raises(SamePerson):
        services.decide_application(
            acting_staff=manager, application=row, outcome=Outcome.APPROVE, decided_date=START
        )
    row.refresh_from_db()
    assert row.state == ApplicationState.APPRAISED
    assert not open_steps(row, manager, START)


def proposed(world: World) -> ProductVersion:
    return services.propose_product(
        acting_staff=world.cast.manager,
        code="SOLO",
        name="Solo",
        lender=world.direct,
        terms=TERMS,
        effective_date=date(2020, 1, 1),
        eligibility={"certificate_required": False},
        bands=[{"members": 1, "quorum": 1}],
    )


def test_a_product_needs_a_second_person(client: Client, world: World) -> None:
    version = proposed(world)
    answer = do(client, world.cast.manager, "product_approve", version.pk, reason="in a hurry")
    assert answer.status_code == 422
    version.refresh_from_db()
    assert version.approved_by_id is None


def test_one_person_alone_approves_her_product_with_a_reason(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "profile", lambda: Profile.SOLO)
    version = proposed(world)
    with pytest.raises(ReasonNeeded):
        services.approve_product(
            acting_staff=world.cast.manager, version=version, approved_date=date(2020, 1, 1)
        )
    assert "one person does several steps" in (
        at(client, world.cast.manager, "product_approve", version.pk).content.decode()
    )
    done = do(client, world.cast.manager, "product_approve", version.pk, reason="I am alone")
    assert done.status_code == 302
    version.refresh_from_db()
    assert version.approved_by == world.cast.manager
    assert DutyException.objects.get().step == "lending.approve_product"


# --- products -------------------------------------------------------------------------------------


def test_a_banks_clerk_reads_the_products_of_her_bank_alone(client: Client, world: World) -> None:
    own = make_product(world.cast, world.mirror, "REF")
    assert list(ProductVersion.objects.visible_to(world.cast.clerk)) == [own]
    assert at(client, world.cast.clerk, "product_detail", own.pk).status_code == 200
    assert at(client, world.cast.clerk, "product_detail", world.product.pk).status_code == 404
    page = at(client, world.cast.clerk, "product_list").content.decode()
    assert "Ref" in page
    assert "Coup" not in page
    told = get(client, world.cast.clerk, "/products").json()["items"]
    assert [item["id"] for item in told] == [str(own.pk)]


@pytest.mark.parametrize("kind", [ScopeKind.OFFICE, ScopeKind.CASELOAD, ScopeKind.PROJECT])
def test_staff_of_one_office_caseload_or_project_read_every_product(
    world: World, kind: ScopeKind
) -> None:
    make_product(world.cast, world.mirror, "REF")
    reader = staff(
        "reader",
        Role.LOAN_OFFICER,
        kind=kind,
        office=world.office if kind is ScopeKind.OFFICE else None,
        programme_id=world.programme.pk if kind is ScopeKind.PROJECT else None,
    )
    assert ProductVersion.objects.visible_to(reader).count() == 2


def test_an_advisor_of_a_partner_reads_every_product(world: World) -> None:
    make_product(world.cast, world.mirror, "REF")
    partner = Organisation.objects.create(code="NGO", name="Partner")
    reader = staff("partner", Role.ADVISOR, organisation_id=partner.pk)
    assert ProductVersion.objects.visible_to(reader).count() == 2
    assert not ProductVersion.objects.visible_to(world.cast.clerk).filter(
        product__lender=world.direct
    )


def test_an_approved_application_keeps_its_days(world: World) -> None:
    row = approved(world)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    assert (loan.agreed_date, row.decisions.get().decided_date) == (
        START,
        START - timedelta(days=3),
    )


# --- returned -------------------------------------------------------------------------------------


def test_what_was_returned_is_submitted_again_appraised_and_decided_anew(
    client: Client, world: World
) -> None:
    row = applied(world)
    appraise(world, row)
    decide(world, row, Outcome.RETURN)
    page = at(client, world.cast.officer, "application_detail", row.pk).content.decode()
    assert "Submit it again" in page
    day = (START - timedelta(days=1)).isoformat()
    early = do(client, world.cast.officer, "submit_again", row.pk, submitted_date=day)
    assert early.status_code == 422
    later = START + timedelta(days=10)
    done = do(client, world.cast.officer, "submit_again", row.pk, submitted_date=later.isoformat())
    assert done.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.submitted_date) == (ApplicationState.SUBMITTED, later)
    assert row.expires_date == later + timedelta(days=90)
    appraise(world, row, later)
    assert decide(world, row, Outcome.APPROVE, later).approved_units == 1_200_00


def test_only_what_was_returned_is_submitted_again(client: Client, world: World) -> None:
    row = still_open(applied(world))
    today = timezone.localdate().isoformat()
    answer = do(client, world.cast.officer, "submit_again", row.pk, submitted_date=today)
    assert answer.status_code == 422
    page = at(client, world.cast.officer, "application_detail", row.pk).content.decode()
    assert "Submit it again" not in page
    outside = do(client, world.cast.outsider, "submit_again", row.pk, submitted_date=today)
    assert outside.status_code == 404
    row.refresh_from_db()
    assert row.submitted_date == START - timedelta(days=10)
