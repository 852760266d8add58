"""Impact assessments: written by one, advised on, decided by another, looked at again in time."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import installation
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import ImpactAssessment, ImpactRisk
from handup.people.rules import impact as i
from handup.people.services import impact as s
from handup.people.services.days import DayToCome, StepBefore
from handup.people.tests.conftest import signed_in
from handup.projects.models import Programme

D = i.ImpactDecision
WORDS = s.ImpactIn(
    title="Fingerprints at the door",
    what="A fingerprint of each borrower is kept on the phone of the officer.",
    necessity="Cards are lost; nothing else tells two sisters apart.",
    asked="Twelve women of two groups: they would rather show a card.",
)


@pytest.fixture
def director(db: None) -> StaffUser:
    return staff_with("director", Role.DIRECTOR)


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return staff_with("dpo", Role.DPO)


@pytest.fixture
def draft(manager: StaffUser, programme: Programme) -> ImpactAssessment:
    return s.start_impact_assessment(acting_staff=manager, told=WORDS, programme=programme)


def risk_in(left: int = 1, **more: Any) -> s.RiskIn:
    told: dict[str, Any] = {
        "risk": "Whoever finds the phone knows who borrows.",
        "likelihood": 3,
        "severity": 3,
        "measure": "The phone keeps a sealed sum, never the picture.",
        "left_likelihood": left,
        "left_severity": left,
    }
    return s.RiskIn(**(told | more))


def decide(staff: StaffUser, row: ImpactAssessment, what: D = D.WITH_MEASURES, **more: Any) -> Any:
    told: dict[str, Any] = {"because": "The measures are enough.", "on": timezone.localdate()}
    told |= more
    return s.decide_on_impact(acting_staff=staff, assessment=row, decision=what, **told)


def advised(dpo: StaffUser, row: ImpactAssessment) -> ImpactAssessment:
    return s.advise_on_impact(acting_staff=dpo, assessment=row, advice="Use cards with pictures.")


def test_a_risk_weighs_by_how_likely_and_how_severe_it_is() -> None:
    weights = {(a, b): i.level(a, b).value for a in i.GRADES for b in i.GRADES}
    assert weights == {
        (1, 1): "LOW", (1, 2): "LOW", (1, 3): "MEDIUM",
        (2, 1): "LOW", (2, 2): "MEDIUM", (2, 3): "HIGH",
        (3, 1): "MEDIUM", (3, 2): "HIGH", (3, 3): "HIGH",
    }  # fmt: skip
    assert i.highest([i.Level.LOW, i.Level.HIGH, i.Level.MEDIUM]) is i.Level.HIGH
    assert i.highest([]) is None


def test_nothing_is_decided_before_it_is_written_asked_and_advised(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    def refused(kind: type[Refusal], what: D = D.WITH_MEASURES, **more: Any) -> None:
        with pytest.raises(kind):
            decide(director, draft, what, **more)
        draft.refresh_from_db()
        assert draft.state == i.ImpactState.DRAFT

    refused(s.NoRiskFound)
    risk = s.add_impact_risk(acting_staff=manager, assessment=draft, told=risk_in(left=3))
    refused(s.NoAdvice)
    advised(dpo, draft)
    refused(s.RiskTooHigh)
    told = risk_in(owner=manager, due_date=date(2099, 1, 1))
    s.change_impact_risk(acting_staff=manager, risk=risk, told=risk_in())
    refused(s.NoAdvice)  # what was advised was about another risk
    advised(dpo, draft)
    refused(s.MeasuresUndated)
    s.change_impact_risk(acting_staff=manager, risk=risk, told=told)
    silent = s.ImpactIn(title="x", what="x", necessity="x")
    s.change_impact_assessment(acting_staff=manager, assessment=draft, told=silent)
    advised(dpo, draft)
    refused(s.NobodyAsked)
    s.change_impact_assessment(acting_staff=manager, assessment=draft, told=WORDS)
    advised(dpo, draft)
    refused(s.MeasuresOpen, D.GO)
    refused(s.ImpactWordsMissing, because=" ")
    refused(DayToCome, on=timezone.localdate() + timedelta(days=1))
    refused(s.ReviewTooSoon, review_date=timezone.localdate())
    refused(s.ReviewTooLate, review_date=timezone.localdate() + timedelta(days=366))
    s.record_measure_done(acting_staff=manager, risk=risk, on=timezone.localdate())
    row = decide(director, draft, D.GO)
    assert (row.state, row.decision, row.decided_by) == ("DECIDED", "GO", director)
    assert row.review_date == timezone.localdate() + timedelta(days=365)
    line = AuditLine.objects.get(action=s.DECIDE)
    assert (line.object_id, line.facts) == (str(row.pk), {"decision": "GO"})


def test_a_high_risk_that_is_left_is_stopped_or_asked_of_the_authority(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    told = risk_in(left=3, owner=manager, due_date=date(2099, 1, 1))
    s.add_impact_risk(acting_staff=manager, assessment=draft, told=told)
    advised(dpo, draft)
    with pytest.raises(s.RiskTooHigh):
        decide(director, draft)
    words = {name: getattr(WORDS, name) for name in s.TEXTS}
    asked = s.ImpactIn(**(words | {"consulted": "The authority lets it be tried for a month."}))
    s.change_impact_assessment(acting_staff=manager, assessment=draft, told=asked)
    advised(dpo, draft)
    assert decide(director, draft).decision == D.WITH_MEASURES


def test_to_stop_needs_no_measure(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    s.add_impact_risk(acting_staff=manager, assessment=draft, told=risk_in(left=3))
    advised(dpo, draft)
    assert decide(director, draft, D.STOP).decision == D.STOP


def test_who_wrote_it_does_not_decide_it(
    director: StaffUser, dpo: StaffUser, programme: Programme
) -> None:
    own = s.start_impact_assessment(acting_staff=director, told=WORDS, programme=programme)
    told = risk_in(owner=director, due_date=date(2099, 1, 1))
    s.add_impact_risk(acting_staff=director, assessment=own, told=told)
    advised(dpo, own)
    with pytest.raises(SamePerson):
        decide(director, own)
    installation.put(installation.PROFILE, "SOLO")
    assert decide(director, own, reason="I am alone here.").decided_by == director


def test_whoever_wrote_words_or_a_risk_or_advised_does_not_decide(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    told = risk_in(owner=manager, due_date=date(2099, 1, 1))
    risk = s.add_impact_risk(acting_staff=director, assessment=draft, told=told)
    advised(dpo, draft)
    with pytest.raises(SamePerson):
        decide(director, draft)
    second = staff_with("second", Role.DIRECTOR)
    s.change_impact_assessment(acting_staff=second, assessment=draft, told=WORDS)
    s.advise_on_impact(acting_staff=dpo, assessment=draft, advice="Still cards.")
    with pytest.raises(SamePerson):
        decide(second, draft)
    ImpactAssessment.objects.filter(pk=draft.pk).update(advised_by=manager)
    third = staff_with("third", Role.DIRECTOR)
    s.record_measure_done(acting_staff=third, risk=risk, on=timezone.localdate())
    assert decide(third, draft).decided_by == third, "to put a measure in place writes nothing"


def test_who_advised_is_a_hand(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    told = risk_in(owner=manager, due_date=date(2099, 1, 1))
    s.add_impact_risk(acting_staff=manager, assessment=draft, told=told)
    advised(dpo, draft)
    ImpactAssessment.objects.filter(pk=draft.pk).update(advised_by=director)
    with pytest.raises(SamePerson):
        decide(director, draft)


def test_another_measure_is_not_in_place(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    risk = s.add_impact_risk(acting_staff=manager, assessment=draft, told=risk_in())
    s.record_measure_done(acting_staff=manager, risk=risk, on=timezone.localdate())
    s.change_impact_risk(acting_staff=manager, risk=risk, told=risk_in(risk="It is found."))
    risk.refresh_from_db()
    assert risk.done_date is not None, "the same measure stays in place"
    other = risk_in(measure="Each phone is locked in a safe at night.")
    s.change_impact_risk(acting_staff=manager, risk=risk, told=other)
    assert ImpactRisk.objects.get(pk=risk.pk).done_date is None
    advised(dpo, draft)
    with pytest.raises(s.MeasuresOpen):
        decide(director, draft, D.GO)


def test_no_decision_is_dated_before_the_advice(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    today = timezone.localdate()
    ImpactAssessment.objects.filter(pk=draft.pk).update(started_date=today - timedelta(days=9))
    told = risk_in(owner=manager, due_date=date(2099, 1, 1))
    s.add_impact_risk(acting_staff=manager, assessment=draft, told=told)
    advised(dpo, draft)
    with pytest.raises(StepBefore) as refused:
        decide(director, draft, on=today - timedelta(days=1))
    assert refused.value.field == "on"
    assert decide(director, draft, on=today).decided_date == today


def test_a_measure_leaves_no_more_than_there_was_and_is_named(
    manager: StaffUser, draft: ImpactAssessment
) -> None:
    for told, kind, field in (
        (risk_in(risk=" "), s.ImpactWordsMissing, "risk"),
        (risk_in(left=3, likelihood=1), s.RiskGrew, "left_likelihood"),
        (risk_in(measure=""), s.MeasureMissing, "measure"),
        (risk_in(left=2, likelihood=2, severity=2, measure=""), s.MeasureMissing, "measure"),
    ):
        with pytest.raises(kind) as refused:
            s.add_impact_risk(acting_staff=manager, assessment=draft, told=told)
        assert refused.value.field == field
    assert not ImpactRisk.objects.exists()
    low = risk_in(left=1, likelihood=1, severity=1, measure="")
    first = s.add_impact_risk(acting_staff=manager, assessment=draft, told=low)
    second = s.add_impact_risk(acting_staff=manager, assessment=draft, told=risk_in())
    assert (first.number, second.number) == (1, 2)
    with pytest.raises(s.MeasureDone):
        s.record_measure_done(acting_staff=manager, risk=first, on=timezone.localdate())


def decided(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> ImpactAssessment:
    told = risk_in(owner=manager, due_date=timezone.localdate() + timedelta(days=10))
    s.add_impact_risk(acting_staff=manager, assessment=draft, told=told)
    advised(dpo, draft)
    row: ImpactAssessment = decide(director, draft)
    return row


def test_what_is_decided_is_not_changed_but_replaced_by_the_next_version(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    row = decided(manager, director, dpo, draft)
    risk = row.risks.get()
    for act in (
        lambda: s.change_impact_assessment(acting_staff=manager, assessment=row, told=WORDS),
        lambda: s.add_impact_risk(acting_staff=manager, assessment=row, told=risk_in()),
        lambda: s.change_impact_risk(acting_staff=manager, risk=risk, told=risk_in()),
        lambda: advised(dpo, row),
        lambda: decide(director, row),
    ):
        with pytest.raises(s.ImpactNotThere):
            act()
    following = s.renew_impact_assessment(acting_staff=manager, assessment=row)
    assert s.renew_impact_assessment(acting_staff=manager, assessment=row) == following
    assert (following.code, following.version, following.advice) == (row.code, 2, "")
    assert [one.measure for one in following.risks.all()] == [risk.measure]
    row.refresh_from_db()
    assert row.state == i.ImpactState.DECIDED
    advised(dpo, following)
    decide(director, following)
    row.refresh_from_db()
    assert row.state == i.ImpactState.REPLACED
    with pytest.raises(s.ImpactNotThere):
        s.record_measure_done(acting_staff=manager, risk=risk, on=timezone.localdate())


def test_who_may_not_write_advise_or_decide_is_refused(
    manager: StaffUser, clerk: StaffUser, dpo: StaffUser, draft: ImpactAssessment
) -> None:
    for act in (
        lambda: s.start_impact_assessment(acting_staff=clerk, told=WORDS),
        lambda: s.start_impact_assessment(acting_staff=dpo, told=WORDS),
        lambda: advised(manager, draft),
        lambda: decide(manager, draft),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert ImpactAssessment.objects.count() == 1


def test_it_goes_from_the_first_words_to_the_paper_on_pages(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, programme: Programme
) -> None:
    writer, decider, adviser = signed_in(manager), signed_in(director), signed_in(dpo)
    words = {name: getattr(WORDS, name) for name in s.TEXTS}
    new = reverse("people:impactassessment_new")
    empty = writer.post(new, words | {"what": " "})
    assert (empty.status_code, ImpactAssessment.objects.exists()) == (422, False)
    key = str(new_id())
    for _again in range(2):
        writer.post(new, words | {"programme": str(programme.pk), "_new_id": key})
    row = ImpactAssessment.objects.get(pk=UUID(key))
    listed = reverse("people:impactassessment_list")
    for told in ({}, {"q": "Fingerprints"}, {"state": "DRAFT"}, {"due": "1"}, {"q": "x"}):
        assert writer.post(listed, told, follow=True).status_code == 200
    risk = {
        "risk": "She is found.", "likelihood": "3", "severity": "3", "measure": "A sealed sum.",
        "owner": str(manager.pk), "due_date": "2099-01-01", "left_likelihood": "1",
        "left_severity": "2",
    }  # fmt: skip
    page = reverse("people:impactrisk_new", args=[row.pk])
    worse = writer.post(page, risk | {"likelihood": "1", "left_likelihood": "2"})
    assert b"no more of a risk" in worse.content
    assert writer.post(page, risk).status_code == 302
    kept = row.risks.get()
    change = reverse("people:impactrisk_change", args=[kept.pk])
    assert b"A sealed sum." in writer.get(change).content
    writer.post(change, risk | {"measure": "A sealed sum of it."})
    shown = writer.get(reverse("people:impactassessment_detail", args=[row.pk])).content.decode()
    assert change in shown
    advise = reverse("people:impactassessment_advise", args=[row.pk])
    assert writer.get(advise).status_code == 403
    adviser.post(advise, {"advice": "Use cards."})
    decision = reverse("people:impactassessment_decide", args=[row.pk])
    told = {"decision": "WITH_MEASURES", "because": "Enough.", "on": "2026-03-02"}
    early = decider.post(decision, told)
    assert early.status_code == 422  # before it was started
    told["on"] = timezone.localdate().isoformat()
    assert decider.post(decision, told).status_code == 302
    paper = writer.get(reverse("people:impactassessment_paper", args=[row.pk])).content.decode()
    for word in ("A sealed sum of it.", "Use cards.", "Enough.", WORDS.asked):
        assert word in paper
    done = reverse("people:impactrisk_done", args=[kept.pk])
    shown = writer.get(reverse("people:impactassessment_detail", args=[row.pk])).content.decode()
    assert done in shown
    assert writer.post(done, {"on": timezone.localdate().isoformat()}).status_code == 302
    assert writer.post(reverse("people:impactassessment_renew", args=[row.pk])).status_code == 302
    assert ImpactAssessment.objects.get(version=2).previous == row


def test_the_interface_writes_reads_and_decides(
    manager: StaffUser, director: StaffUser, dpo: StaffUser, outsider: StaffUser,
    programme: Programme,
) -> None:  # fmt: skip
    def call(staff: StaffUser, path: str, told: dict[str, Any] | None = None, key: str = "") -> Any:
        client, address = signed_in(staff), f"/api/v1/people/{path}"
        if told is None:
            return client.get(address)
        headers = {"Idempotency-Key": key or str(new_id())}
        return client.post(address, told, content_type="application/json", headers=headers)

    words = {name: getattr(WORDS, name) for name in s.TEXTS}
    begun = call(manager, "impact-assessments", words | {"programme_id": str(programme.pk)})
    assert begun.status_code == 201
    pk = begun.json()["id"]
    risk = {"risk": "She is found.", "likelihood": 3, "severity": 2, "measure": "Sealed.",
            "owner_id": str(manager.pk), "due_date": "2099-01-01", "left_likelihood": 1,
            "left_severity": 2}  # fmt: skip
    added = call(manager, f"impact-assessments/{pk}/risks", risk)
    assert (added.json()["level"], added.json()["left"]) == ("HIGH", "LOW")
    unknown = call(manager, f"impact-assessments/{pk}/risks", risk | {"owner_id": str(new_id())})
    assert unknown.status_code == 404
    told = {"decision": "GO", "because": "x", "on": timezone.localdate().isoformat()}
    early = call(director, f"impact-assessments/{pk}/decision", told)
    assert (early.status_code, early.json()["code"]) == (422, "NO_ADVICE")
    assert call(dpo, f"impact-assessments/{pk}/advice", {"advice": "Cards."}).status_code == 201
    told["decision"] = "WITH_MEASURES"
    final = call(director, f"impact-assessments/{pk}/decision", told)
    assert (final.status_code, final.json()["state"]) == (201, "DECIDED")
    assert call(manager, f"impact-assessments/{pk}").json()["risks"][0]["measure"] == "Sealed."
    assert len(call(dpo, "impact-assessments?state=DECIDED").json()["items"]) == 1
    assert call(outsider, f"impact-assessments/{pk}").status_code == 403
    assert call(manager, f"impact-assessments/{pk}/next", {}).json()["version"] == 2
