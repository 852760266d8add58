"""A change that takes two persons: proposed once, decided by another, carried out or not at all."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import (
    AlreadyProposed,
    AmountNotPositive,
    BackDated,
    NotAProposal,
    ProposalDecided,
)
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, ProposalState
from handup.lending.services import proposals
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.proposals import Approved, Payload, Way
from handup.lending.tests.cast import World
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import AuditLine, Setting
from handup.org.permissions import NotAllowed, OutOfSight

KIND = EventKind.MORATORIUM
DAY = timezone.localdate()


class Failed(Refusal):
    """The change failed half way."""


def carried(asked: Approved) -> LoanEvent:
    asked.loan.event_count += 1
    event = LoanEvent.objects.create(
        id=asked.id or new_id(),
        loan=asked.loan,
        kind=KIND,
        value_date=asked.value_date,
        recorded_by=asked.staff,
        seq=asked.loan.event_count + 100,
        reason=asked.reason,
    )
    if asked.payload.get("fails"):
        raise Failed()
    return event


def judged(loan: Loan, payload: Payload, on: date) -> None:
    if payload["units"] <= 0:
        raise AmountNotPositive(field="units")


@pytest.fixture(autouse=True)
def way(monkeypatch: pytest.MonkeyPatch) -> Way:
    found = Way(KIND, "lending.propose_write_off", "lending.write_off_loan", judged, carried)
    monkeypatch.setitem(proposals.WAYS, KIND, found)
    return found


def propose(world: World, loan: Loan, **changes: Any) -> LoanProposal:
    told: dict[str, Any] = {
        "kind": KIND,
        "proposed_date": DAY,
        "reason": "Flood",
        "payload": {"units": 5},
    }
    return proposals.propose_change(
        **{"acting_staff": world.cast.manager, "loan": loan, **told, **changes}
    )


def test_another_person_approves_and_the_change_is_made_once(world: World, loan: Loan) -> None:
    key = new_id()
    made = propose(world, loan)
    decide: dict[str, Any] = {"proposal": made, "value_date": DAY, "id": key}
    event = proposals.decide_change(acting_staff=world.cast.director, **decide)
    again = proposals.decide_change(acting_staff=world.cast.director, **decide)
    made.refresh_from_db()
    assert event is not None
    assert again == event
    assert (event.pk, made.event, made.state) == (key, event, ProposalState.APPROVED)
    assert (made.decided_by, made.decided_date) == (world.cast.director, DAY)
    assert event.reason == "Flood"
    lines = AuditLine.objects.filter(object_id=str(made.pk)).order_by("recorded_at")
    assert [line.action for line in lines] == [
        "lending.propose_write_off",
        "lending.write_off_loan",
    ]
    with pytest.raises(ProposalDecided):
        proposals.decide_change(
            acting_staff=world.cast.director, proposal=made, value_date=DAY, approve=False
        )


def test_who_proposed_does_not_approve_and_nothing_happens(world: World, loan: Loan) -> None:
    made = propose(world, loan)
    with pytest.raises(SamePerson):
        proposals.decide_change(acting_staff=world.cast.manager, proposal=made, value_date=DAY)
    with pytest.raises(NotAllowed):
        proposals.decide_change(acting_staff=world.cast.cashier, proposal=made, value_date=DAY)
    made.refresh_from_db()
    assert made.state == ProposalState.PROPOSED
    assert not LoanEvent.objects.filter(kind=KIND, loan=loan).exists()


def test_a_declined_proposal_says_why_and_makes_nothing(world: World, loan: Loan) -> None:
    made = propose(world, loan)
    with pytest.raises(ReasonNeeded):
        proposals.decide_change(
            acting_staff=world.cast.director, proposal=made, value_date=DAY, approve=False
        )
    assert (
        proposals.decide_change(
            acting_staff=world.cast.director,
            proposal=made,
            value_date=DAY,
            approve=False,
            reason="Not this month",
        )
        is None
    )
    made.refresh_from_db()
    assert (made.state, made.decided_reason) == (ProposalState.DECLINED, "Not this month")
    assert made.event is None
    assert propose(world, loan).pk != made.pk


def test_what_cannot_be_is_refused_when_proposed_and_when_approved(
    world: World, loan: Loan
) -> None:
    for asked in ({"reason": "  "}, {"payload": {"units": 0}}, {"kind": EventKind.AGREED}):
        with pytest.raises((ReasonNeeded, AmountNotPositive, NotAProposal)):
            propose(world, loan, **asked)
    assert not LoanProposal.objects.exists()
    made = propose(world, loan)
    with pytest.raises(AlreadyProposed):
        propose(world, loan)
    Setting.objects.filter(key=DAYS_KEY).delete()
    with pytest.raises(BackDated):
        proposals.decide_change(
            acting_staff=world.cast.director, proposal=made, value_date=date(2025, 1, 20)
        )
    failing = propose_other(world, made, {"units": 5, "fails": True})
    with pytest.raises(Failed):
        proposals.decide_change(acting_staff=world.cast.director, proposal=failing, value_date=DAY)
    failing.refresh_from_db()
    assert failing.state == ProposalState.PROPOSED
    assert not LoanEvent.objects.filter(kind=KIND, loan=loan).exists()


def propose_other(world: World, before: LoanProposal, payload: Payload) -> LoanProposal:
    proposals.decide_change(
        acting_staff=world.cast.director,
        proposal=before,
        value_date=DAY,
        approve=False,
        reason="Another one",
    )
    return propose(world, before.loan, payload=payload)


def test_the_same_proposal_twice_is_one_and_other_content_is_refused(
    world: World, loan: Loan
) -> None:
    key = new_id()
    first = propose(world, loan, id=key)
    assert propose(world, loan, id=key) == first
    with pytest.raises(SameIdOtherContent):
        propose(world, loan, id=key, payload={"units": 6})
    assert LoanProposal.objects.count() == 1


def test_each_waits_for_whoever_may_decide_it(world: World, loan: Loan) -> None:
    made = propose(world, loan)
    assert proposals.waiting_proposals(world.cast.director) == [made]
    assert proposals.waiting_proposals(world.cast.manager) == []
    assert proposals.waiting_proposals(world.cast.officer) == []
    with pytest.raises((OutOfSight, NotAllowed)):
        propose(world, loan, acting_staff=world.cast.outsider)
