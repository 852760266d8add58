"""Lines of a collection sheet whose loan nobody ever had, or whoever collected may not know: their
cash lies on suspense, the other lines are posted, and the two answer alike.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from handup.kernel.ids import new_id
from handup.lending import persons, services
from handup.lending.errors import LoanUnknown
from handup.lending.models import Collection, EarlierRecord, Loan, LoanEvent, StrayCash, StrayLine
from handup.lending.proofs import suspense_is_what_waits
from handup.lending.rules.codes import EarlierKind
from handup.lending.rules.collection import CountDiffers
from handup.lending.services import CollectedIn
from handup.lending.services.collecting import LoanTwice
from handup.lending.services.days import DAYS_KEY
from handup.lending.services.earlier import hold_again
from handup.lending.services.sheet_lines import TillUnclear, till_of
from handup.lending.services.told_again import ToldAlready, held_of
from handup.lending.tests.cast import World, clean, make_person, running, staff
from handup.lending.tests.test_api import post
from handup.lending.tests.test_bank_hidden import again, hide
from handup.lending.tests.test_collection import DAY, close, collect
from handup.lending.tests.test_stray import agree, money, place
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, Office, Setting
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.standing import standing

WORDS = "Ani Secret, from the mill"
Named = Callable[[World], UUID]


@standing
def hers(world: World) -> Loan:
    """A loan of a person hidden from all of the cast."""
    person = make_person(world.programme, world.office, world.cast.advisor, "Ani Secret")
    loan = running(world, 900_00, person=person)
    hide(world, person)
    return loan


@standing
def elsewhere(world: World) -> Loan:
    """A loan of another office."""
    bob = make_person(world.programme, world.office, world.cast.advisor, "Bob")
    loan = running(world, 900_00, person=bob)
    Loan.objects.filter(pk=loan.pk).update(
        office=Office.objects.create(code="O2", name="Second"), officer=world.cast.director
    )
    return loan


def ways(loan: Loan, hers: Loan, elsewhere: Loan) -> dict[str, UUID]:
    return {"hidden": hers.pk, "elsewhere": elsewhere.pk, "nothing": new_id()}


def here(world: World) -> Any:
    return staff("till", Role.CASHIER, kind=ScopeKind.OFFICE, office=world.office)


def tell(who: Any, loan: Loan, named: UUID | None, **more: Any) -> Any:
    lines = [CollectedIn(loan.pk, 50_00), CollectedIn(named, 30_00, words=WORDS)]
    told: dict[str, Any] = {"held_date": DAY, "data_date": DAY, "counted_units": 80_00, **more}
    told.setdefault("lines", lines)
    return services.report_collection(acting_staff=who, **told)


def masked(text: str) -> str:
    """An answer without what is new at each call."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
    text = re.sub(r'"request_id": "[0-9a-f]+"', "", text)
    text = re.sub(r'name="(csrfmiddlewaretoken|_new_id)" value="[^"]*"', "", text)
    return re.sub(r"(paid|words|absent)_[0-9a-f]{32}", "FIELD", text)


def test_its_cash_lies_on_suspense_and_the_others_are_posted(
    world: World, loan: Loan, hers: Loan, elsewhere: Loan
) -> None:
    who, (till, nothing) = here(world), money(world)
    for name, named in ways(loan, hers, elsewhere).items():
        day = DAY + timedelta(days=len(name))
        told: dict[str, Any] = {"held_date": day, "data_date": day, "id": new_id()}
        row = tell(who, loan, named, **told)
        assert tell(who, loan, named, **told) == row, name
        assert isinstance(row, Collection)
        (line,) = StrayLine.objects.filter(collection=row)
        assert line.stray is not None
        cash = line.stray
        assert (cash.units, cash.told, cash.loan, cash.lender) == (30_00, "", None, world.direct)
        assert (cash.received_date, cash.recorded_by) == (day, who)
        assert row.lines.get().units == 50_00
        with pytest.raises(SameIdOtherContent):
            tell(who, loan, new_id(), **told)
    assert money(world) == (till + 3 * 80_00, nothing + 3 * 30_00)
    assert LoanEvent.objects.filter(kind="REPAID", loan__in=[hers.pk, elsewhere.pk]).count() == 0
    assert not list(suspense_is_what_waits())
    clean()


def test_hidden_unknown_and_elsewhere_answer_alike_to_everybody(
    client: Client, world: World, loan: Loan, hers: Loan, elsewhere: Loan
) -> None:
    """Through the API, on the page, on the pages of the cash and in the trail."""
    found: dict[str, set[str]] = {}

    def note(what: str, answer: Any) -> None:
        found.setdefault(what, set()).add(f"{answer.status_code} {masked(answer.content.decode())}")

    who = here(world)
    for named in ways(loan, hers, elsewhere).values():
        lines = [{"loan_id": str(loan.pk), "units": 50_00}]
        lines += [{"loan_id": str(named), "units": 30_00, "words": WORDS}]
        sheet: dict[str, Any] = {"held_date": "2025-04-15", "data_date": "2025-04-15"}
        made = post(client, again(who), "/collections", **sheet, lines=lines, counted_units=80_00)
        note("API", made)
        sheet |= {"lines": [lines[1], lines[1]], "counted_units": 60_00}
        note("twice", post(client, again(who), "/collections", **sheet))
        collection = Collection.objects.get(pk=made.json()["id"])
        cash = StrayCash.objects.get(stray_line__collection=collection)
        knowing = named == elsewhere.pk  # the director may see that loan
        for reader in (who, *([] if knowing else [world.cast.director])):
            client.force_login(again(reader))
            for page in (collection, cash):
                note(f"{reader} {type(page).__name__}", client.get(page.get_absolute_url()))
            listed = client.get(f"/api/v1/lending/collections/{collection.pk}")
            note(f"{reader} API", listed)
            assert (WORDS in listed.content.decode()) is (reader == who)
        trail = AuditLine.objects.filter(object_id=collection.pk).values_list("facts", flat=True)
        found.setdefault("trail", set()).add(str(list(trail)))
        client.force_login(again(who))
        typed = {f"paid_{named.hex}": "5.00", f"words_{named.hex}": "her brother"}
        note("page", close(client, **typed, counted="6.00"))  # does not add up: shown again
        done = client.get(close(client, **typed, counted="5.00")["Location"])
        assert "her brother" in done.content.decode()
        note("closed", done)
        services.reverse_repayment(
            acting_staff=world.cast.manager,
            event=LoanEvent.objects.get(loan=loan, kind="REPAID", reversed_by=None),
            reason="for the next",
            value_date=DAY,
        )
        StrayLine.objects.all().delete()
        StrayCash.objects.all().delete()
    assert {what: len(answers) for what, answers in found.items()} == dict.fromkeys(found, 1)
    assert len(found) == 11


def test_who_may_see_the_loan_reads_the_words_and_finds_it(
    client: Client, world: World, loan: Loan, elsewhere: Loan
) -> None:
    who = here(world)
    tell(who, loan, elsewhere.pk)
    cash = StrayCash.objects.get()
    seen = {}
    for reader in (who, world.cast.manager, staff("a2", Role.ACCOUNTANT, kind=ScopeKind.OFFICE,
                                                  office=world.office)):  # fmt: skip
        client.force_login(again(reader))
        page = client.get(cash.get_absolute_url()).content.decode()
        seen[str(reader)] = (WORDS in page, elsewhere.code in page)
    assert list(seen.values()) == [(True, False), (True, True), (False, False)]
    agree(world, place(world, cash, (elsewhere, 30_00)))
    assert elsewhere.events.filter(kind="REPAID").get().units == 30_00
    clean()


def test_a_sheet_of_an_earlier_day_keeps_it_unknown_whoever_confirms(
    world: World, loan: Loan, hers: Loan, elsewhere: Loan
) -> None:
    Setting.objects.filter(key=DAYS_KEY).delete()
    who = staff("books", Role.ACCOUNTANT, kind=ScopeKind.OFFICE, office=world.office)
    for named in ways(loan, hers, elsewhere).values():
        key = new_id()
        for _time in range(2):  # sent twice
            row = services.propose_collection(
                acting_staff=who,
                lines=[CollectedIn(loan.pk, 50_00), CollectedIn(named, 30_00, words=WORDS)],
                value_date=DAY,
                proposed_date=DAY,
                reason="No network",
                id=key,
                counted_units=80_00,
                data_date=DAY,
            )
        director = again(world.cast.director)
        assert EarlierRecord.objects.visible_to(director).filter(pk=row.pk).exists()
        done = services.decide_earlier(acting_staff=director, record=row, decided_date=DAY)
        assert done.made is not None
        made = Collection.objects.get(pk=done.made)
        assert (made.lines.get().loan, made.stray_lines.get().units) == (loan, 30_00)
        assert row.payload["lines"] == [[str(loan.pk), 50_00, False]]
    assert elsewhere.events.filter(kind="REPAID").count() == 0


def test_the_same_line_told_by_two_sheets_waits(world: World, loan: Loan, hers: Loan) -> None:
    who = here(world)
    for named in (hers.pk, new_id()):
        tell(who, loan, named, lines=[CollectedIn(named, 30_00, words=WORDS)], counted_units=30_00)
        with pytest.raises(ToldAlready, match="a loan that is not known"):
            tell(who, loan, named, lines=[CollectedIn(named, 30_00)], counted_units=30_00)
        key = new_id()
        for _time in range(2):
            second = tell(who, loan, named, id=key, separate="A second time that day")
            assert isinstance(second, Collection)
            found = held_of(second)
            assert found is not None
            held = found
            assert (held.units, second.counted_units) == (30_00, 50_00)
            loan.refresh_from_db()
        services.reverse_repayment(
            acting_staff=world.cast.manager,
            event=LoanEvent.objects.get(loan=loan, kind="REPAID", reversed_by=None),
            reason="for the next",
            value_date=DAY,
        )
        made = services.decide_earlier(
            acting_staff=world.cast.director, record=held, decided_date=DAY
        ).made
        assert made is not None
        assert Collection.objects.get(pk=made).stray_lines.get().named == named
    assert StrayCash.objects.count() == 4
    clean()


def test_somebody_who_is_not_on_the_sheet_pays_with_a_word(
    client: Client, world: World, loan: Loan
) -> None:
    client.force_login(world.cast.cashier)
    told = {f"paid_{loan.pk.hex}": "50.00", "paid_other": "7.00", "counted": "57.00"}
    asked = close(client, **told)
    assert asked.status_code == 422
    assert "Say who paid, and what was said." in asked.content.decode()
    done = close(client, **told, words_other=WORDS)
    assert done.status_code == 302, done.context["form"].errors
    page = client.get(done["Location"]).content.decode()
    for text in ("USD 7.00 is of loans that are not on your list", WORDS, "57.00"):
        assert text in page.replace("\u00a0", " ")
    line = StrayLine.objects.get()
    assert (line.named, line.words, line.units) == (None, WORDS, 7_00)
    clean()


def test_what_is_wrong_is_named_and_nothing_is_kept(world: World, loan: Loan, hers: Loan) -> None:
    who = here(world)
    for named in (hers.pk, new_id()):
        line = CollectedIn(named, 30_00)
        for refusal, changed in (
            (CountDiffers, {"counted_units": 79_00}),
            (LoanTwice, {"lines": [line, line], "counted_units": 60_00}),
            (NotAllowed, {"acting_staff": world.cast.committee}),
            (TillUnclear, {"till": world.mirror}),
        ):
            told = {"acting_staff": who, **changed}
            with pytest.raises(refusal):
                tell(told.pop("acting_staff"), loan, named, **told)
        with pytest.raises(LoanUnknown):  # the part that posts is told only of loans she knows
            collect(world, CollectedIn(new_id(), 5_00))
    assert not Collection.objects.exists()
    assert not StrayCash.objects.exists()
    assert till_of((), None, who) == world.direct
    outside = staff("nowhere", Role.CASHIER, kind=ScopeKind.OFFICE, office=Office.objects.create(
        code="O9", name="Ninth"))  # fmt: skip
    absent = [CollectedIn(loan.pk, 50_00), CollectedIn(new_id(), absent=True, words="nobody")]
    row = tell(who, loan, None, lines=absent, counted_units=50_00)
    assert row.stray_lines.get().stray is None
    assert not StrayLine.objects.visible_to(outside).exists()


def test_her_file_names_it_and_her_erasure_blanks_it(world: World, loan: Loan, hers: Loan) -> None:
    who, person = here(world), hers.person
    assert person is not None
    tell(who, loan, hers.pk)
    row = hold_again(  # as it waits for another person
        acting_staff=who,
        kind=EarlierKind.COLLECTION_AGAIN,
        value_date=date(2025, 4, 16),
        told={
            "lines": [], "unknown": [[hers.pk.hex, 30_00, False, WORDS]], "data_date": DAY,
            "counted_units": 30_00,
        },
        reason="A second time",
    )  # fmt: skip
    held = persons.held(person.pk)
    (told,) = held["Lines of collections that named her loan where it was not known"]
    assert (told["What the sheet says"], told["Paid"]) == (WORDS, "USD\u00a030.00")
    (waits,) = held["Of earlier days, for another person to confirm"]
    assert waits["Amount"] == "USD\u00a030.00"
    persons.blank(person.pk)
    row.refresh_from_db()
    assert row.payload["unknown"] == [[hers.pk.hex, 30_00, False, ""]]
    line = StrayLine.objects.get()
    assert (line.words, line.units) == ("", 30_00)
