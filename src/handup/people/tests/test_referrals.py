"""A person is referred by her consent and an agreement, or because a focal point answers for it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.org.models import AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import (
    Consent,
    ConsentNotice,
    Person,
    Referral,
    ReferralPriority,
    SharingAgreement,
)
from handup.people.queries.consents import ConsentMissing
from handup.people.queries.facts import facts_for, known_facts
from handup.people.rules import referrals as rf
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import referrals, withdraw_consent
from handup.people.services.outreach import ReasonMissing
from handup.people.services.sharing import NotForSharing
from handup.people.tests.conftest import signed_in
from handup.projects.models import Organisation, Programme

S = rf.ReferralState


def today() -> date:
    return timezone.localdate()


@pytest.fixture
def clinic(db: None) -> Organisation:
    return Organisation.objects.create(code="CLINIC", name="Town clinic")


@pytest.fixture
def agreement(clinic: Organisation, programme: Programme, manager: StaffUser) -> SharingAgreement:
    return SharingAgreement.objects.create(
        code="A1", recipient=clinic, programme=programme, purpose="SHARE_PARTNER",
        legal_basis="Consent", fields=["NAME"], first_date=today(),
        last_date=today() + timedelta(days=9), destroy_date=today() + timedelta(days=9),
        state="ACTIVE", drafted_by=manager, drafted_date=today(),
    )  # fmt: skip


@pytest.fixture
def consent(ani: Person, clinic: Organisation, notice: ConsentNotice, clerk: StaffUser) -> Consent:
    return Consent.objects.create(
        person=ani, purpose="SHARE_PARTNER", recipient=clinic, notice=notice, method="MARK",
        given_date=today(), recorded_by=clerk,
    )  # fmt: skip


def drafted(staff: StaffUser, person: Person, recipient: Organisation, **more: Any) -> Referral:
    told: dict[str, Any] = {
        "purpose": ConsentPurpose.SHARE_PARTNER,
        "need": "Help after a loss",
        "made_date": today(),
    }
    return referrals.draft_referral(
        acting_staff=staff, person=person, recipient=recipient, **(told | more)
    )


def test_it_goes_by_consent_and_agreement_and_waits_fourteen_days(
    clerk: StaffUser, ani: Person, clinic: Organisation, consent: Consent,
    agreement: SharingAgreement,
) -> None:  # fmt: skip
    row = referrals.send_referral(
        acting_staff=clerk, referral=drafted(clerk, ani, clinic), on=today()
    )
    assert (row.state, row.consent, row.agreement) == (S.SENT, consent, agreement)
    assert row.due_date == today() + timedelta(days=14)
    assert referrals.unanswered(today() + timedelta(days=14)) == 0
    assert referrals.unanswered(today() + timedelta(days=15)) == 1
    row.refresh_from_db()
    assert row.state == S.NO_ANSWER
    for state in (S.ACCEPTED, S.DONE):
        row = referrals.move_referral(acting_staff=clerk, referral=row, to_state=state, on=today())
    assert (row.state, row.closed_date) == (S.DONE, today())
    with pytest.raises(referrals.ReferralNotThere):
        referrals.move_referral(acting_staff=clerk, referral=row, to_state=S.RECEIVED, on=today())


def test_without_consent_or_agreement_it_stays_a_draft(
    clerk: StaffUser, ani: Person, clinic: Organisation, agreement: SharingAgreement,
    notice: ConsentNotice,
) -> None:  # fmt: skip
    row = drafted(clerk, ani, clinic)
    other = Organisation.objects.create(code="O", name="Other")
    given = Consent.objects.create(
        person=ani, purpose="SHARE_PARTNER", recipient=other, notice=notice, method="MARK",
        given_date=today(), recorded_by=clerk,
    )  # fmt: skip
    with pytest.raises(ConsentMissing):
        referrals.send_referral(acting_staff=clerk, referral=row, on=today())
    to_other = drafted(clerk, ani, given.recipient or other)
    with pytest.raises(referrals.NoAgreementWith):
        referrals.send_referral(acting_staff=clerk, referral=to_other, on=today())
    with pytest.raises(referrals.ReferralNotThere):
        referrals.move_referral(acting_staff=clerk, referral=row, to_state=S.SENT, on=today())
    assert set(Referral.objects.values_list("state", "sent_date")) == {("DRAFT", None)}


def test_a_focal_point_may_answer_for_it_and_it_is_logged(
    clerk: StaffUser, focal_point: StaffUser, ani: Person, clinic: Organisation
) -> None:
    row = drafted(clerk, ani, clinic)
    with pytest.raises(NotAllowed):
        referrals.send_referral(acting_staff=clerk, referral=row, on=today(), override="Danger")
    row = referrals.send_referral(
        acting_staff=focal_point, referral=row, on=today(), override="Her life is in danger"
    )
    assert (row.state, row.consent, row.override) == (S.SENT, None, "Her life is in danger")
    line = AuditLine.objects.get(action="people.send_referral")
    assert line.facts["override"] is True
    assert "danger" not in str(line.facts)


def test_a_withdrawn_consent_calls_it_back(
    clerk: StaffUser, ani: Person, clinic: Organisation, consent: Consent,
    agreement: SharingAgreement,
) -> None:  # fmt: skip
    row = referrals.send_referral(
        acting_staff=clerk, referral=drafted(clerk, ani, clinic), on=today()
    )
    withdraw_consent(acting_staff=clerk, consent=consent, withdrawn_date=today())
    row.refresh_from_db()
    assert (row.state, row.closed_date) == (S.REVOKED, today())
    with pytest.raises(ConsentMissing):
        referrals.send_referral(
            acting_staff=clerk, referral=drafted(clerk, ani, clinic), on=today()
        )


def test_no_earlier_day_brings_back_what_was_taken_back(
    clerk: StaffUser, ani: Person, clinic: Organisation, notice: ConsentNotice,
    agreement: SharingAgreement,
) -> None:  # fmt: skip
    """A referral written down as sent last week needs the consent and the agreement of now too."""
    week = today() - timedelta(days=7)
    consent = Consent.objects.create(
        person=ani, purpose="SHARE_PARTNER", recipient=clinic, notice=notice, method="MARK",
        given_date=week, recorded_by=clerk,
    )  # fmt: skip
    SharingAgreement.objects.filter(pk=agreement.pk).update(first_date=week)
    row = referrals.draft_referral(
        acting_staff=clerk, person=ani, recipient=clinic, purpose=ConsentPurpose.SHARE_PARTNER,
        need="A doctor", made_date=week,
    )  # fmt: skip
    SharingAgreement.objects.filter(pk=agreement.pk).update(last_date=today() - timedelta(days=1))
    earlier = today() - timedelta(days=3)
    with pytest.raises(referrals.NoAgreementWith):
        referrals.send_referral(acting_staff=clerk, referral=row, on=earlier)
    SharingAgreement.objects.filter(pk=agreement.pk).update(last_date=today())
    withdraw_consent(acting_staff=clerk, consent=consent, withdrawn_date=today())
    with pytest.raises(ConsentMissing):
        referrals.send_referral(acting_staff=clerk, referral=row, on=earlier)
    row.refresh_from_db()
    assert row.state == S.DRAFT


def test_who_may_refer_and_what_is_said(
    clerk: StaffUser, outsider: StaffUser, trainer: StaffUser, ani: Person, clinic: Organisation
) -> None:
    for staff, refusal in ((outsider, OutOfSight), (trainer, NotAllowed)):
        with pytest.raises(refusal):
            drafted(staff, ani, clinic)
    with pytest.raises(referrals.NeedMissing):
        drafted(clerk, ani, clinic, need=" ")
    with pytest.raises(NotForSharing):
        drafted(clerk, ani, clinic, purpose=ConsentPurpose.SERVICE)
    assert not Referral.objects.exists()
    row = drafted(clerk, ani, clinic)
    with pytest.raises(ReasonMissing):
        referrals.move_referral(acting_staff=clerk, referral=row, to_state=S.REVOKED, on=today())


def test_the_days_of_waiting_are_a_setting(
    clerk: StaffUser, ani: Person, clinic: Organisation, consent: Consent,
    agreement: SharingAgreement,
) -> None:  # fmt: skip
    Setting.objects.create(key=referrals.SETTING, value=5)
    row = referrals.send_referral(
        acting_staff=clerk, referral=drafted(clerk, ani, clinic), on=today()
    )
    assert row.due_date == today() + timedelta(days=5)


def test_she_comes_first_and_nothing_tells_why_or_who_said_so(
    targeting: StaffUser, focal_point: StaffUser, trainer: StaffUser, ani: Person,
    programme: Programme,
) -> None:  # fmt: skip
    assert len(rf.PRIORITY_SETTERS) >= 3, "one kind alone would give itself away"
    assert "referral_priority" in known_facts()
    before = facts_for([ani.pk], programme=programme, on=today())[ani.pk]
    assert before["referral_priority"] is False
    with pytest.raises(NotAllowed):
        referrals.set_referral_priority(acting_staff=trainer, person=ani, from_date=today())
    referrals.set_referral_priority(acting_staff=focal_point, person=ani, from_date=today())
    with pytest.raises(referrals.ComesFirstAlready):
        referrals.set_referral_priority(acting_staff=targeting, person=ani, from_date=today())
    told = facts_for([ani.pk], programme=programme, on=today())[ani.pk]
    assert told["referral_priority"] is True
    assert ReferralPriority.CLASSES["recorded_by"].value == "R"
    page = signed_in(targeting).get(f"/people/persons/{ani.pk}/").content.decode()
    assert str(focal_point) not in page


def test_it_goes_its_way_over_the_pages(
    desk: Client, clerk: StaffUser, ani: Person, clinic: Organisation, consent: Consent,
    agreement: SharingAgreement, focal_point: StaffUser,
) -> None:  # fmt: skip
    day = {"on": today().isoformat()}
    told = {
        "recipient": str(clinic.pk),
        "purpose": "SHARE_PARTNER",
        "need": "Advice",
        "made_date": today().isoformat(),
    }
    answer = desk.post(f"/people/persons/{ani.pk}/referrals/new/", told)
    assert answer.status_code == 302, answer.content
    row = Referral.objects.get()
    base = f"/people/referrals/{row.pk}/"
    assert "override" not in desk.get(f"{base}send/").content.decode()
    assert "override" in signed_in(focal_point).get(f"{base}send/").content.decode()
    assert desk.post(f"{base}send/", day).status_code == 302
    moved = desk.post(f"{base}move/", day | {"to_state": "ACCEPTED", "answer": "Tuesday"})
    assert moved.status_code == 302
    row.refresh_from_db()
    assert (row.state, row.answer) == (S.ACCEPTED, "Tuesday")
    assert "Tuesday" in desk.get(base).content.decode()
    assert row.code in desk.get("/people/referrals/").content.decode()


def test_it_is_drafted_and_sent_over_the_interface(
    desk: Client, ani: Person, clinic: Organisation, consent: Consent, agreement: SharingAgreement
) -> None:
    told = {
        "recipient_id": str(clinic.pk),
        "purpose": "SHARE_PARTNER",
        "need": "Advice",
        "made_date": today().isoformat(),
    }
    made = desk.post(
        f"/api/v1/people/persons/{ani.pk}/referrals",
        told,
        content_type="application/json",
        headers={"Idempotency-Key": "0190f6a0-0000-7000-8000-000000000002"},
    )
    assert made.status_code == 201, made.content
    href = f"/api/v1/people/referrals/{made.json()['id']}/send"
    sent = desk.post(href, {"on": today().isoformat()}, content_type="application/json")
    assert sent.json()["state"] == "SENT"
    (listed,) = desk.get("/api/v1/people/referrals").json()["items"]
    assert "need" not in listed
