"""Guarantors, collateral and ties: who may stand behind a loan, and when it is given back."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.errors import AmountNotPositive
from handup.lending.models import Application, Collateral, DeclaredTie, Guarantor, Loan
from handup.lending.rules.codes import LoanState, Outcome
from handup.lending.rules.security import CollateralKind, TieKind
from handup.lending.services import security
from handup.lending.services.security import Word
from handup.lending.services.store import state_as_of
from handup.lending.services.withdrawal import withdrawal_of
from handup.lending.tests.cast import (
    START,
    World,
    applied,
    approved,
    clean,
    make_person,
    repay,
    running,
    signed,
)
from handup.lending.tests.test_runs import write_off
from handup.lending.verify import security_stands
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing
from handup.people.models import Consent, Person
from handup.people.rules.codes import ConsentMethod
from handup.projects.models import Organisation

TODAY = START - timedelta(days=8)
WORD = Word(agreed_date=TODAY, agreed_how=ConsentMethod.SIGNATURE, reference="G-1")


@standing
def row(world: World) -> Application:
    """An application of 1,200.00."""
    return applied(world)


@standing
def uncle(world: World) -> Person:
    """A registered adult who agreed to be known to the lender."""
    return make_person(world.programme, world.office, world.cast.advisor, "Uncle 0001")


def guarantee(world: World, row: Application, **changes: Any) -> Guarantor:
    """An uncle answers for 500.00."""
    told: dict[str, Any] = {"cap_units": 500_00, "word": WORD, "recorded_date": TODAY, **changes}
    return security.record_guarantor(
        acting_staff=world.cast.officer,
        application=row,
        **told,
    )


def pledge(world: World, row: Application, **changes: Any) -> Collateral:
    """A sewing machine worth 800.00 that counts for 70 %."""
    told: dict[str, Any] = {
        "kind": CollateralKind.MACHINE,
        "description": "Sewing machine",
        "value_units": 800_00,
        "valued_date": TODAY,
        "haircut_bps": 3_000,
        "word": WORD,
        "recorded_date": TODAY,
        **changes,
    }
    return security.record_collateral(
        acting_staff=world.cast.officer,
        application=row,
        **told,
    )


def test_who_agreed_answers_for_a_loan(world: World, row: Application, uncle: Person) -> None:
    first = guarantee(world, row, person=uncle)
    bank = Organisation.objects.create(code="FUND", name="Guarantee fund")
    second = guarantee(world, row, organisation=bank, cap_units=None, share_bps=5_000)
    assert (first.place, second.place) == (1, 2)
    assert (str(first), str(second)) == (str(uncle), "Guarantee fund")
    assert AuditLine.objects.filter(action="lending.record_guarantor").count() == 2


def test_a_word_that_is_not_given_yet_is_no_guarantee(
    world: World, row: Application, uncle: Person
) -> None:
    tomorrow = Word(agreed_date=TODAY + timedelta(days=1), agreed_how=ConsentMethod.MARK)
    with pytest.raises(security.AgreedAfter):
        guarantee(world, row, person=uncle, word=tomorrow)
    assert not Guarantor.objects.exists()


def test_who_does_not_want_the_lender_told_of_her_is_no_guarantor(
    world: World, row: Application, uncle: Person
) -> None:
    Consent.objects.filter(person=uncle, purpose="SERVICE").delete()
    with pytest.raises(security.GuarantorNotAgreeing) as refused:
        guarantee(world, row, person=uncle)
    assert refused.value.field == "person"
    assert not Guarantor.objects.exists()


def test_who_borrows_is_not_her_own_guarantor(world: World, row: Application) -> None:
    with pytest.raises(security.GuaranteesHerself):
        guarantee(world, row, person=world.person)
    with pytest.raises(security.OneGuarantor):
        guarantee(world, row)
    assert not Guarantor.objects.exists()


@pytest.mark.parametrize(
    ("cap", "share", "refusal"),
    [
        (None, None, security.CapOrShare),
        (500_00, 5_000, security.CapOrShare),
        (0, None, AmountNotPositive),
        (None, 10_001, security.ShareTooLarge),
        (None, 0, security.ShareTooLarge),
    ],
)
def test_a_guarantee_is_an_amount_or_a_share(
    world: World,
    row: Application,
    uncle: Person,
    cap: int | None,
    share: int | None,
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        guarantee(world, row, person=uncle, cap_units=cap, share_bps=share)
    assert not Guarantor.objects.exists()


def test_the_same_person_answers_once(world: World, row: Application, uncle: Person) -> None:
    guarantee(world, row, person=uncle)
    with pytest.raises(security.AlreadyGuarantor):
        guarantee(world, row, person=uncle, cap_units=100_00)
    assert Guarantor.objects.count() == 1


def test_the_same_id_twice_records_once(world: World, row: Application, uncle: Person) -> None:
    mark = new_id()
    first = guarantee(world, row, person=uncle, id=mark)
    assert guarantee(world, row, person=uncle, id=mark) == first
    with pytest.raises(SameIdOtherContent):
        guarantee(world, row, person=uncle, id=mark, cap_units=1)
    assert Guarantor.objects.count() == 1


def test_who_has_no_grant_or_no_sight_records_nothing(
    world: World, row: Application, uncle: Person
) -> None:
    for staff, refusal in ((world.cast.cashier, NotAllowed), (world.cast.outsider, OutOfSight)):
        with pytest.raises(refusal):
            security.record_guarantor(
                acting_staff=staff,
                application=row,
                word=WORD,
                recorded_date=TODAY,
                person=uncle,
                cap_units=500_00,
            )
    assert not Guarantor.objects.exists()


def test_nothing_secures_what_was_declined_or_repaid(world: World, uncle: Person) -> None:
    row = applied(world)
    row.state = "DECLINED"
    row.save(update_fields=("state",))
    with pytest.raises(security.NothingToSecure):
        guarantee(world, row, person=uncle)
    assert not Guarantor.objects.exists()


def test_collateral_is_taken_with_its_owners_word(world: World, row: Application) -> None:
    machine = pledge(world, row)
    assert machine.owned_by == ""
    land = pledge(
        world, row, kind=CollateralKind.LAND, description="Field", owner_name="Her brother"
    )
    assert land.owned_by == "Her brother"


def test_a_value_of_tomorrow_or_a_haircut_above_all_is_refused(
    world: World, row: Application
) -> None:
    with pytest.raises(security.ValuedAfter):
        pledge(world, row, valued_date=TODAY + timedelta(days=1))
    with pytest.raises(security.HaircutTooLarge):
        pledge(world, row, haircut_bps=10_001)
    with pytest.raises(AmountNotPositive):
        pledge(world, row, value_units=0)
    assert not Collateral.objects.exists()


def test_a_pledge_valued_anew_leaves_its_old_value_in_the_trail(
    world: World, row: Application
) -> None:
    machine = pledge(world, row)
    security.value_collateral(
        acting_staff=world.cast.officer,
        collateral=machine,
        value_units=600_00,
        valued_date=START,
        haircut_bps=5_000,
        recorded_date=START,
    )
    machine.refresh_from_db()
    assert (machine.value_units, machine.haircut_bps) == (600_00, 5_000)
    line = AuditLine.objects.get(action="lending.value_collateral")
    assert line.facts["before"] == 800_00


def test_before_signing_a_pledge_goes_back_with_a_reason(world: World, row: Application) -> None:
    machine = pledge(world, row)
    with pytest.raises(ReasonNeeded):
        security.release_security(
            acting_staff=world.cast.officer, item=machine, released_date=TODAY
        )
    security.release_security(
        acting_staff=world.cast.officer, item=machine, released_date=TODAY, reason="Not hers"
    )
    machine.refresh_from_db()
    assert machine.released_date == TODAY
    with pytest.raises(security.AlreadyReleased):
        security.release_security(
            acting_staff=world.cast.officer, item=machine, released_date=TODAY, reason="Again"
        )


def secured(world: World) -> tuple[Loan, Collateral, Guarantor]:
    """A running loan with a pledge and a guarantor."""
    row = approved(world)
    machine = pledge(world, row)
    uncle = make_person(world.programme, world.office, world.cast.advisor, "Uncle 0002")
    guarantor = guarantee(world, row, person=uncle)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    return loan, machine, guarantor


def test_nothing_is_given_back_while_anything_is_owed(world: World) -> None:
    loan, machine, guarantor = secured(world)
    for item in (machine, guarantor):
        with pytest.raises(security.StillOwed):
            security.release_security(
                acting_staff=world.cast.officer,
                item=item,
                released_date=timezone.localdate(),
                reason="She asks for it",
            )
        item.refresh_from_db()
        assert item.released_date is None
    assert loan.state == LoanState.ACTIVE


def test_all_is_given_back_once_the_loan_is_repaid(world: World) -> None:
    loan, machine, guarantor = secured(world)
    paid = START + timedelta(days=400)
    repay(world, loan, paid, sum(due.due_units for due in loan.dues.all()))
    with pytest.raises(security.BeforeRepaid):
        security.release_security(
            acting_staff=world.cast.officer, item=machine, released_date=paid - timedelta(days=1)
        )
    for item in (machine, guarantor):
        security.release_security(acting_staff=world.cast.officer, item=item, released_date=paid)
        item.refresh_from_db()
        assert item.released_date == paid
    clean()


def test_all_is_given_back_once_all_that_was_written_off_has_come_in(world: World) -> None:
    loan, machine, guarantor = secured(world)
    lost = START + timedelta(days=300)
    write_off(world, loan, lost)
    loan.refresh_from_db()
    owed = sum(state_as_of(loan, lost).written_off_parts)
    later = [lost + timedelta(days=10 * number) for number in (1, 2)]

    def recover(day: date, units: int) -> None:
        services.record_recovery(
            acting_staff=world.cast.accountant, loan=loan, value_date=day, units=units
        )

    def release(item: Collateral | Guarantor, day: date) -> None:
        security.release_security(acting_staff=world.cast.officer, item=item, released_date=day)

    recover(later[0], owed - 1)
    with pytest.raises(security.StillOwed):
        release(machine, later[1])
    recover(later[1], 1)
    with pytest.raises(security.BeforeRepaid):
        release(machine, later[0])
    for item in (machine, guarantor):
        item.refresh_from_db()
        assert item.released_date is None
        release(item, later[1])
        item.refresh_from_db()
        assert item.released_date == later[1]
    clean()
    last = loan.events.get(kind="RECOVERED", units=1)
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=last, reason="Other loan", value_date=later[1]
    )
    assert {diff.stored for diff in security_stands()} == {"given back"}


def test_verify_names_a_pledge_given_back_before_its_loan_was_repaid(world: World) -> None:
    _loan, machine, _guarantor = secured(world)
    Collateral.objects.filter(pk=machine.pk).update(released_date=timezone.localdate())
    assert [found.key for found in security_stands()] == [f"collateral {machine.pk}"]


def test_a_signed_loan_may_still_be_secured(world: World, uncle: Person) -> None:
    loan = running(world)
    assert loan.agreement is not None
    made = guarantee(world, loan.agreement.application, person=uncle)
    assert made.released_date is None


def test_a_cancelled_loan_gives_back_what_secured_it(world: World) -> None:
    loan = signed(world)
    assert loan.agreement is not None
    machine = pledge(world, loan.agreement.application)
    services.cancel_loan(
        acting_staff=world.cast.manager,
        loan=loan,
        value_date=START,
        reason="Changed her mind",
    )
    security.release_security(
        acting_staff=world.cast.officer, item=machine, released_date=date(2025, 2, 1)
    )
    machine.refresh_from_db()
    assert machine.released_date == date(2025, 2, 1)


def test_a_loan_withdrawn_from_gives_back_its_security_once_the_money_is_back(
    world: World,
) -> None:
    loan, machine, guarantor = secured(world)
    back = START + timedelta(days=9)
    services.withdraw_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=back,
        units=withdrawal_of(loan, back).total,
    )
    with pytest.raises(security.BeforeRepaid):
        security.release_security(
            acting_staff=world.cast.officer, item=machine, released_date=back - timedelta(days=1)
        )
    machine.refresh_from_db()
    assert machine.released_date is None
    for item in (machine, guarantor):
        security.release_security(acting_staff=world.cast.officer, item=item, released_date=back)
        item.refresh_from_db()
        assert item.released_date == back


def test_the_loan_is_locked_while_it_is_asked_whether_anything_is_owed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    loan, machine, _guarantor = secured(world)
    repay(world, loan, START + timedelta(days=400), sum(due.due_units for due in loan.dues.all()))
    locked: list[Any] = []
    really, owed = QuerySet.select_for_update, security.refuse_while_owed

    def lock(rows: QuerySet[Any], *args: Any, **told: Any) -> QuerySet[Any]:
        locked.append(rows.model)
        return really(rows, *args, **told)

    def ask(asked: Loan, on: date) -> None:
        assert asked == loan
        assert Loan in locked
        owed(asked, on)

    monkeypatch.setattr(QuerySet, "select_for_update", lock)
    monkeypatch.setattr(security, "refuse_while_owed", ask)
    security.release_security(
        acting_staff=world.cast.officer, item=machine, released_date=timezone.localdate()
    )
    machine.refresh_from_db()
    assert machine.released_date is not None


def declared(world: World, row: Application, kind: TieKind = TieKind.RELATIVE) -> DeclaredTie:
    """The committee member is a relative."""
    return security.declare_tie(
        acting_staff=world.cast.committee,
        application=row,
        member=world.cast.committee,
        kind=kind,
        declared_date=TODAY,
    )


def test_a_relative_neither_votes_nor_decides(world: World, row: Application) -> None:
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=TODAY,
        recommendation=Outcome.APPROVE,
    )
    declared(world, row)
    with pytest.raises(security.TiedToApplicant):
        services.cast_vote(
            acting_staff=world.cast.committee,
            application=row,
            choice=Outcome.APPROVE,
            voted_date=TODAY,
        )
    with pytest.raises(security.TiedToApplicant):
        services.decide_application(
            acting_staff=world.cast.committee,
            application=row,
            outcome=Outcome.APPROVE,
            decided_date=TODAY,
        )
    row.refresh_from_db()
    assert (row.votes.count(), row.decisions.count(), row.state) == (0, 0, "APPRAISED")
    services.decide_application(
        acting_staff=world.cast.second,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=TODAY,
    )


def test_a_co_borrower_does_not_appraise(world: World, row: Application) -> None:
    security.declare_tie(
        acting_staff=world.cast.officer,
        application=row,
        member=world.cast.appraiser,
        kind=TieKind.CO_BORROWER,
        declared_date=TODAY,
    )
    with pytest.raises(security.TiedToApplicant):
        services.appraise_application(
            acting_staff=world.cast.appraiser,
            application=row,
            appraised_date=TODAY,
            recommendation=Outcome.APPROVE,
        )
    assert not row.appraisals.exists()


def test_a_tie_is_declared_once(world: World, row: Application) -> None:
    declared(world, row)
    with pytest.raises(security.TieDeclared):
        declared(world, row, TieKind.BUSINESS)
    assert DeclaredTie.objects.count() == 1
