"""Cash of nobody known: who sees it, who may say what of it, and where its money lies."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from handup.kernel.ids import new_id
from handup.ledger.models import Line
from handup.ledger.queries import balance
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending import persons, services
from handup.lending.errors import FutureDate
from handup.lending.models import Loan, LoanEvent, StrayCash
from handup.lending.rules.stray import StrayKind, StrayState
from handup.lending.tests.cast import World, clean, make_person, running, staff
from handup.lending.tests.donors import donor
from handup.lending.tests.test_bank_hidden import again, hide
from handup.lending.tests.test_funds import named
from handup.lending.tests.test_keeping import blank
from handup.lending.tests.test_stray import TODAY, agree, place, take
from handup.org import retention
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import Office
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.standing import standing


@standing
def other(world: World) -> Loan:
    """A loan of another office."""
    bob = make_person(world.programme, world.office, world.cast.advisor, "Bob")
    loan = running(world, 900_00, person=bob)
    loan.office = Office.objects.create(code="O2", name="Second")
    loan.save(update_fields=("office",))
    return loan


def test_a_loan_out_of_sight_is_neither_paid_nor_taken_back(world: World, other: Loan) -> None:
    here = staff("acc1", Role.ACCOUNTANT, kind=ScopeKind.OFFICE, office=world.office)
    stray = take(world, office=world.office)
    with pytest.raises(OutOfSight):
        place(world, stray, (other, 100_00), acting_staff=here)
    agree(world, place(world, stray, (other, 100_00)))
    told: dict[str, Any] = {"stray": stray, "on": TODAY, "reason": "not his"}
    with pytest.raises(OutOfSight):
        services.undo_stray_cash(acting_staff=here, **told)
    assert not LoanEvent.objects.filter(kind="REVERSED").exists()
    third = world.cast.accountant
    for _time in range(2):  # sent twice
        services.undo_stray_cash(acting_staff=third, **told)
    assert LoanEvent.objects.filter(kind="REVERSED").count() == 1


def test_who_took_it_in_does_not_undo_what_two_agreed(world: World, loan: Loan) -> None:
    stray = take(world, acting_staff=world.cast.accountant)
    agree(world, place(world, stray, (loan, 100_00)))
    clean()
    with pytest.raises(SamePerson):
        services.undo_stray_cash(
            acting_staff=world.cast.accountant, stray=stray, on=TODAY, reason="x"
        )


def test_what_is_in_the_till_comes_to_a_fund_in_the_till(world: World) -> None:
    fund = named(world, donor(world))
    loan = running(world)
    loan.office = Office.objects.create(code="O2", name="Second")
    loan.save(update_fields=("office",))

    def money() -> dict[str, tuple[int, int]]:
        return {
            role: (
                balance(world.book, role, currency="USD", fund=fund.pk),
                balance(world.book, role, currency="USD", fund=UNRESTRICTED_ID),
            )
            for role in ("CASH", "BANK", "SUSPENSE")
        }

    before = money()
    stray = take(world, office=world.office)
    agree(world, place(world, stray, (loan, 100_00)))
    after = money()
    assert after["BANK"] == before["BANK"]
    assert after["CASH"] == (before["CASH"][0] + 100_00, before["CASH"][1])
    lines = Line.objects.filter(entry__kind="LOAN_REPAID")
    assert set(lines.values_list("branch", flat=True)) == {loan.office.pk, world.office.pk}
    services.undo_stray_cash(acting_staff=world.cast.accountant, stray=stray, on=TODAY, reason="x")
    back = money()
    assert back["CASH"] == (before["CASH"][0], before["CASH"][1] + 100_00)
    clean()


def test_who_took_it_in_sees_it(world: World, client: Client) -> None:
    field = staff("field", Role.FIELD_OFFICER)
    here = staff("c1", Role.CASHIER, kind=ScopeKind.OFFICE, office=world.office)
    for who in (field, here):
        row = take(world, acting_staff=who)
        client.force_login(who)
        assert client.get(row.get_absolute_url()).status_code == 200, who
    assert row.office == world.office  # of no home, she works for one office


def test_the_same_id_with_other_content_is_refused(world: World) -> None:
    key = new_id()
    stray = take(world, id=key)
    others = ({"told": "a girl"}, {"receipt": "R-9"}, {"office": world.office})
    for more in others:
        with pytest.raises(SameIdOtherContent):
            take(world, id=key, **more)
    key = new_id()
    word = place(world, stray, kind=StrayKind.RETURN, reason="one", id=key)
    with pytest.raises(SameIdOtherContent):
        place(world, stray, kind=StrayKind.RETURN, reason="two", id=key)
    for _time in range(2):  # the same word twice
        services.decline_stray_cash(
            acting_staff=world.cast.manager, word=word, on=TODAY, reason="no"
        )
    word.refresh_from_db()
    assert (word.reason, word.decided_reason) == ("one", "no")
    with pytest.raises(FutureDate):
        place(world, stray, kind=StrayKind.RETURN, reason="x", on=date(2099, 1, 1))


def test_what_was_said_is_blanked_with_her_and_by_time(world: World, loan: Loan) -> None:
    assert loan.person_id is not None
    words = []
    for units in (10_00, 20_00):
        stray = take(world, units)
        words.append(place(world, stray, kind=StrayKind.RETURN, reason="to Ani Secret's son"))
        agree(world, words[-1], reason="saw the receipt of Ani Secret")
    StrayCash.objects.filter(units=10_00).update(loan=loan)
    StrayCash.objects.filter(units=20_00).update(told="")
    persons.blank(loan.person_id)
    for row in words:
        row.refresh_from_db()
    said = [(row.reason, row.decided_reason) for row in words]
    assert said == [("", ""), ("to Ani Secret's son", "saw the receipt of Ani Secret")]
    rule = retention.rules["STRAY_CASH"]
    later = date(2099, 1, 1)
    assert (rule.due(later), blank(rule, later), rule.due(later)) == (1, 1, 0)
    words[1].refresh_from_db()
    assert (words[1].reason, words[1].decided_reason) == ("", "")


def test_a_declined_word_hides_no_cash(world: World, loan: Loan) -> None:
    stray = take(world)
    word = place(world, stray, (loan, 100_00))
    services.decline_stray_cash(acting_staff=world.cast.manager, word=word, on=TODAY, reason="no")
    hide(world, world.person)
    reader = again(world.cast.manager)
    assert StrayCash.objects.visible_to(reader).get().state == StrayState.WAITING
    assert not stray.words.model.objects.visible_to(reader).exists()  # what was said stays hidden
