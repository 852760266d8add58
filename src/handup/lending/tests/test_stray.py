"""Cash of nobody known lies on suspense until two persons say whose it is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.models import Book, Line
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.errors import (
    AmountNotPositive,
    BeforeItsEvent,
    ExplainsLine,
    FutureDate,
    LenderKeepsNone,
    MatchDecided,
    NotRunning,
    PartsOfCash,
    StrayNotOpen,
    StrayTooYoung,
    StrayUndone,
)
from handup.lending.models import Loan, LoanEvent, StrayCash, StrayWord
from handup.lending.proofs import suspense_is_what_waits
from handup.lending.rules.codes import LenderMode
from handup.lending.rules.stray import StrayKind, StrayState, income_from
from handup.lending.services import CollectedIn, PartIn
from handup.lending.services.stray import INCOME_KEY
from handup.lending.services.transfers import controls_of
from handup.lending.tests.cast import World, clean, make_person, running
from handup.lending.tests.test_bank_hidden import again, hide
from handup.lending.tests.test_collection import DAY, collect
from handup.lending.tests.test_keeping import blank
from handup.lending.tests.test_transfers import lender, move, propose
from handup.org import retention
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.models import Office, Setting
from handup.org.permissions import NotAllowed
from handup.org.web.forms import READ_BACK

TODAY = timezone.localdate()
EARLIER = TODAY - timedelta(days=5)


def take(world: World, units: int = 100_00, **more: Any) -> StrayCash:
    told: dict[str, Any] = {"received_date": EARLIER, "told": "a boy, for his mother", **more}
    told.setdefault("acting_staff", world.cast.cashier)
    return services.take_stray_cash(lender=world.direct, units=units, **told)


def place(world: World, stray: StrayCash, *parts: tuple[Loan, int], **more: Any) -> StrayWord:
    told: dict[str, Any] = {"kind": StrayKind.LOANS, "on": TODAY, "reason": "asked her", **more}
    told.setdefault("acting_staff", world.cast.cashier)
    said = [PartIn(loan, units) for loan, units in parts]
    return services.place_stray_cash(stray=stray, parts=said, **told)


def agree(world: World, word: StrayWord, **more: Any) -> StrayWord:
    told: dict[str, Any] = {"on": TODAY, "acting_staff": world.cast.manager, **more}
    return services.confirm_stray_cash(word=word, **told)


def money(world: World) -> tuple[int, int]:
    return balance(world.book, "CASH"), -balance(world.book, "SUSPENSE")


def paid(loan: Loan) -> int:
    loan.refresh_from_db()
    return loan.principal_paid_units + loan.interest_paid_units


def test_it_is_taken_in_placed_by_two_and_taken_back(world: World, loan: Loan) -> None:
    till, nothing = money(world)
    key = new_id()
    stray = take(world, id=key)
    assert take(world, id=key).pk == stray.pk
    assert (money(world), nothing) == ((till + 100_00, 100_00), 0)
    other = running(
        world, 900_00, person=make_person(world.programme, world.office, world.cast.advisor, "Bob")
    )
    with pytest.raises(PartsOfCash):
        place(world, stray, (loan, 60_00), (other, 30_00))
    word = place(world, stray, (loan, 60_00), (other, 40_00))
    with pytest.raises(StrayNotOpen):
        place(world, stray, (loan, 100_00))
    with pytest.raises(NotAllowed):
        agree(world, word, acting_staff=world.cast.cashier)
    assert (paid(loan), paid(other), money(world)[1]) == (0, 0, 100_00)
    clean()
    agree(world, word)
    assert agree(world, word).state == "CONFIRMED"  # the same word again changes nothing
    with pytest.raises(MatchDecided):
        agree(world, word, reason="another word")
    assert (paid(loan), paid(other), money(world)) == (60_00, 40_00, (till + 100_00, 0))
    event = LoanEvent.objects.get(pk=StrayWord.objects.get().events[0])
    assert (event.value_date, event.method) == (EARLIER, "SUSPENSE")
    with pytest.raises(ExplainsLine):
        services.reverse_repayment(
            acting_staff=world.cast.manager, event=event, reason="wrong", value_date=TODAY
        )
    clean()
    with pytest.raises(SamePerson):
        services.undo_stray_cash(
            acting_staff=world.cast.manager, stray=stray, on=TODAY, reason="not hers"
        )
    third = world.cast.accountant
    services.undo_stray_cash(acting_staff=third, stray=stray, on=TODAY, reason="not hers")
    stray.refresh_from_db()
    assert (stray.state, paid(loan), money(world)[1]) == (StrayState.WAITING, 0, 100_00)
    with pytest.raises(StrayUndone):
        services.undo_stray_cash(acting_staff=third, stray=stray, on=TODAY, reason="again")
    clean()


def test_it_is_handed_back_or_becomes_income_by_rule(world: World, loan: Loan) -> None:
    till = money(world)[0]
    back, kept = take(world, 30_00), take(world, 70_00)
    with pytest.raises(ReasonNeeded):
        place(world, back, kind=StrayKind.RETURN, reason="")
    with pytest.raises(StrayTooYoung) as young:
        place(world, kept, kind=StrayKind.INCOME)
    assert young.value.places["date"] == income_from(EARLIER, 365)
    agree(world, place(world, back, kind=StrayKind.RETURN, reason="came again with the receipt"))
    assert money(world) == (till + 70_00, 70_00)
    Setting.objects.create(key=INCOME_KEY, value=5)
    word = place(world, kept, kind=StrayKind.INCOME, reason="nobody asked")
    services.decline_stray_cash(
        acting_staff=world.cast.manager, word=word, on=TODAY, reason="ask once more"
    )
    assert money(world)[1] == 70_00
    agree(world, place(world, kept, kind=StrayKind.INCOME, reason="nobody asked"))
    assert money(world) == (till + 70_00, 0)
    assert -balance(world.book, "OTHER_INCOME") == 70_00
    states = set(StrayCash.objects.values_list("units", "state"))
    assert states == {(30_00, StrayState.RETURNED), (70_00, StrayState.INCOME)}
    services.undo_stray_cash(
        acting_staff=world.cast.accountant, stray=kept, on=TODAY, reason="she came after all"
    )
    assert (money(world)[1], balance(world.book, "OTHER_INCOME")) == (70_00, 0)
    clean()


def test_what_cannot_be_is_refused_and_nothing_is_written(world: World, loan: Loan) -> None:
    with pytest.raises(AmountNotPositive):
        take(world, 0)
    with pytest.raises(ReasonNeeded):
        take(world, told=" ")
    with pytest.raises(NotAllowed):
        take(world, acting_staff=world.cast.advisor)
    with pytest.raises(LenderKeepsNone):
        services.take_stray_cash(
            acting_staff=world.cast.cashier,
            lender=world.mirror,
            units=1,
            received_date=TODAY,
            told="x",
        )
    assert not StrayCash.objects.exists()
    stray = take(world, received_date=TODAY)
    loan.state = "WRITTEN_OFF"
    with pytest.raises(NotRunning):
        place(world, stray, (loan, 100_00))
    assert not StrayWord.objects.exists()


def test_collected_cash_of_a_loan_that_takes_none_is_kept_with_the_rest(
    world: World, loan: Loan
) -> None:
    other = running(
        world, 900_00, person=make_person(world.programme, world.office, world.cast.advisor, "Bob")
    )
    bank = lender(world, "BANK2", LenderMode.BANK_OWN)
    controls = controls_of([loan], DAY)
    batch = propose(world, [loan], bank, proposed_date=DAY, controls=controls, goes_on=False)
    move(world, batch, value_date=DAY)
    row = collect(world, CollectedIn(loan.pk, 50_00), CollectedIn(other.pk, 1_00))
    lines = {line.loan_id: line for line in row.lines.select_related("stray", "event")}
    stray = lines[loan.pk].stray
    assert stray is not None
    assert (stray.units, stray.loan_id, lines[loan.pk].event) == (50_00, loan.pk, None)
    assert lines[other.pk].event is not None
    assert money(world)[1] == 50_00
    clean()


def test_what_was_said_is_blanked_years_after_the_cash_found_its_place(
    world: World, loan: Loan
) -> None:
    rule = retention.rules["STRAY_CASH"]
    waits, placed = take(world, 10_00), take(world, 20_00)
    agree(world, place(world, placed, (loan, 20_00)))
    later = EARLIER + timedelta(days=1)
    assert (rule.due(EARLIER), rule.due(later), blank(rule, later)) == (0, 1, 1)
    told = dict(StrayCash.objects.values_list("pk", "told"))
    assert (told[waits.pk], told[placed.pk]) == ("a boy, for his mother", "")


def test_verify_names_suspense_that_nothing_explains(world: World, loan: Loan) -> None:
    take(world)
    assert not list(suspense_is_what_waits())
    StrayCash.objects.update(units=99_00)
    (found,) = suspense_is_what_waits()
    assert (found.stored, found.computed) == ("10000", "9900")


def test_pages_walk_it(world: World, loan: Loan, client: Client) -> None:
    client.force_login(world.cast.cashier)
    told = {"lender": world.direct.pk, "units": "100", "received_date": EARLIER, "told": "a boy"}
    client.post(reverse("lending:stray_new"), {**told, READ_BACK: "yes"})
    stray = StrayCash.objects.get()
    page = client.get(reverse("lending:stray_list")).content.decode()
    assert "a boy" in page
    client.post(
        reverse("lending:stray_place", args=[stray.pk]),
        {"kind": "LOANS", "loans": loan.code, "reason": "asked"},
    )
    word = StrayWord.objects.get()
    client.force_login(world.cast.manager)
    client.post(reverse("lending:stray_decide", args=[word.pk]), {"agree": "yes", "reason": ""})
    assert paid(loan) == 100_00
    assert "asked" in client.get(stray.get_absolute_url()).content.decode()


def test_who_may_not_know_of_a_person_reads_nothing_of_her_cash(
    world: World, loan: Loan, client: Client
) -> None:
    """The list and the API are the same with and without cash that is hers."""
    pages = (reverse("lending:stray_list"), "/api/v1/lending/stray-cash")
    open_cash = take(world, 10_00)

    def seen() -> tuple[Any, ...]:
        reader = again(world.cast.manager)
        client.force_login(reader)
        shown = [client.get(page) for page in pages]
        assert shown[0].status_code == 200
        text = re.sub(r'value="\w{64}"', "", shown[0].content.decode())
        return text.split("<main")[1], shown[1].content

    before = seen()
    hers = take(world, 20_00, told="Participant 0001 herself")
    word = place(world, hers, (loan, 20_00))
    assert seen() != before
    hide(world, world.person)
    assert seen() == before
    for name, pk in (("stray_detail", hers.pk), ("stray_decide", word.pk)):
        assert client.get(reverse(f"lending:{name}", args=[pk])).status_code == 404
    assert client.get(open_cash.get_absolute_url()).status_code == 200


def test_it_is_not_handed_back_before_it_came_in(world: World) -> None:
    stray, early = take(world), EARLIER - timedelta(days=1)
    with pytest.raises(BeforeItsEvent):
        place(world, stray, kind=StrayKind.RETURN, on=early)
    word = place(world, stray, kind=StrayKind.RETURN)
    with pytest.raises(BeforeItsEvent):
        agree(world, word, on=early)
    with pytest.raises(FutureDate):
        services.decline_stray_cash(
            acting_staff=world.cast.manager,
            word=word,
            on=TODAY + timedelta(days=1),
            reason="not hers",
        )


def test_cash_of_no_office_leaves_suspense_where_it_came_in(world: World) -> None:
    """Taken in by somebody of no office, it lies at the book's own, whichever office lent."""
    east = Office.objects.create(code="EAST", name="East")
    person = make_person(world.programme, east, world.cast.advisor, "Nune")
    loan = running(world, person=person, office=east)
    Book.objects.filter(pk=world.book.pk).update(office=world.office)
    stray = take(world)
    assert stray.office_id is None
    agree(world, place(world, stray, (loan, 100_00)))
    lines = Line.objects.filter(account__roles__role="SUSPENSE")
    assert {line.branch_id for line in lines} == {world.office.pk}
