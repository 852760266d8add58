"""Providers paid on results: each person once, counted, approved and paid by three persons."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from handup.ledger.errors import DayToCome, ReverseTheFact
from handup.ledger.models import Book, Entry
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book, reverse_entry
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.web.money import format_money
from handup.projects.models import Organisation, Programme
from handup.training import services
from handup.training.models import (
    Cohort,
    Enrolment,
    ProviderClaim,
    ProviderClaimLine,
    ProviderTerms,
)
from handup.training.queries import training_cost
from handup.training.rules.provider_pay import ClaimBack, ClaimRefusal, ClaimState, ProviderResult
from handup.training.rules.states import PlacementKind
from handup.training.rules.support import SupportMethod
from handup.training.services import refusals
from handup.training.tests.conftest import fill, member_of_staff
from handup.training.tests.test_api import Caller

UNTIL = date(2026, 4, 30)
PAID = date(2026, 5, 4)


@pytest.fixture
def provider(cohort: Cohort) -> Organisation:
    """The institute that ran the cohort."""
    row = Organisation.objects.create(code="INST", name="Institute")
    Cohort.objects.filter(pk=cohort.pk).update(provider=row)
    return row


@pytest.fixture
def book(programme: Programme, manager: StaffUser) -> Book:
    """The programme's book, with money in it."""
    row = open_book(
        acting_staff=manager,
        code="MED",
        name="Programme",
        kind=BookKind.PROGRAMME,
        base_currency="AMD",
        owner=("test", uuid4()),
        programme_id=programme.pk,
    )
    fill(row, 1_000_000, manager)
    return row


@pytest.fixture
def accountant(db: None) -> StaffUser:
    """Who pays."""
    return member_of_staff("accountant", Role.ACCOUNTANT)


def set_terms(
    officer: StaffUser, programme: Programme, provider: Organisation, **more: Any
) -> ProviderTerms:
    values: dict[str, Any] = {
        "result": ProviderResult.COMPLETED,
        "amount_units": 5_000,
        "starts": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
    }
    return services.set_provider_terms(
        acting_staff=officer,
        programme=programme,
        provider=provider,
        **(values | more),
    )


@pytest.fixture
def terms(
    officer: StaffUser,
    programme: Programme,
    provider: Organisation,
    completed: list[Enrolment],
) -> ProviderTerms:
    """5 000 for each who completed; two of three did."""
    return set_terms(officer, programme, provider)


def claimed(officer: StaffUser, terms: ProviderTerms) -> ProviderClaim:
    return services.draw_up_claim(acting_staff=officer, terms=terms, until=UNTIL)


def test_two_who_completed_are_counted_once_and_paid_from_the_book(
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    book: Book,
    accountant: StaffUser,
    programme: Programme,
    completed: list[Enrolment],
) -> None:
    claim = claimed(officer, terms)
    assert (claim.persons, claim.amount_units, claim.currency) == (2, 10_000, "AMD")
    with pytest.raises(refusals.NobodyToClaim):
        claimed(officer, terms)
    with pytest.raises(refusals.ClaimCountedByHerself):
        services.approve_claim(acting_staff=officer, claim=claim, approved_date=UNTIL)
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(DayToCome):
        services.approve_claim(acting_staff=manager, claim=claim, approved_date=tomorrow)
    for _time in range(2):
        services.approve_claim(acting_staff=manager, claim=claim, approved_date=UNTIL)
    assert AuditLine.objects.filter(action="training.approve_claim").count() == 1
    pay: dict[str, Any] = {
        "claim": claim,
        "paid_date": PAID,
        "method": SupportMethod.CASH,
        "receipt": "T 9",
    }
    before = Entry.objects.count()
    paid = services.pay_claim(acting_staff=accountant, **pay)
    assert (paid.state, paid.book) == (ClaimState.PAID, book)
    assert Entry.objects.count() == before + 1
    assert paid.payment is not None
    entry = Entry.objects.get(source_id=paid.payment)
    assert sorted(line.units for line in entry.lines.all()) == [-10_000, 10_000]
    assert services.pay_claim(acting_staff=accountant, **pay).payment == paid.payment
    others: list[dict[str, Any]] = [
        {"receipt": "T 10"},
        {"paid_date": PAID + timedelta(days=1)},
    ]
    for other in others:
        with pytest.raises(refusals.NotInThisState):
            services.pay_claim(acting_staff=accountant, **(pay | other))
    assert Entry.objects.count() == before + 1
    cost = training_cost(programme_id=programme.pk, on=PAID, currency="AMD")
    assert cost.by_cohort[completed[0].cohort_id] == 10_000


def test_who_approved_does_not_pay_and_a_refused_claim_frees_its_persons(
    terms: ProviderTerms, officer: StaffUser, manager: StaffUser, second: StaffUser
) -> None:
    claim = claimed(officer, terms)
    both = member_of_staff("both", Role.FINANCE_MANAGER, Role.MANAGER)
    services.approve_claim(acting_staff=both, claim=claim, approved_date=UNTIL)
    with pytest.raises(refusals.ClaimPayerDecided):
        services.pay_claim(
            acting_staff=both,
            claim=claim,
            paid_date=PAID,
            method=SupportMethod.CASH,
            receipt="T 1",
        )
    for _time in range(2):
        services.refuse_claim(
            acting_staff=manager, claim=claim, refused_date=UNTIL, refusal=ClaimRefusal.NOT_PROVED
        )
    with pytest.raises(refusals.NotInThisState):
        services.refuse_claim(
            acting_staff=manager, claim=claim, refused_date=UNTIL, refusal=ClaimRefusal.NO_MONEY
        )
    assert ProviderClaimLine.objects.filter(counts=True).count() == 0
    again = claimed(second, terms)
    assert again.persons == 2
    assert ProviderClaim.objects.get(pk=claim.pk).refusal == "NOT_PROVED"


def test_nobody_is_paid_for_twice_under_terms_that_overlap(
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    programme: Programme,
    provider: Organisation,
    completed: list[Enrolment],
) -> None:
    course = completed[0].cohort.course
    narrow = set_terms(officer, programme, provider, course=course, amount_units=7_000)
    claim = claimed(officer, terms)
    with pytest.raises(refusals.NobodyToClaim):
        claimed(officer, narrow)
    services.refuse_claim(
        acting_staff=manager, claim=claim, refused_date=UNTIL, refusal=ClaimRefusal.TERMS_BROKEN
    )
    assert claimed(officer, narrow).amount_units == 14_000
    with pytest.raises(refusals.NobodyToClaim):
        claimed(officer, terms)


def test_a_result_that_no_longer_stands_is_neither_claimed_nor_approved_nor_paid(
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    accountant: StaffUser,
    cohort: Cohort,
    completed: list[Enrolment],
) -> None:
    claim = claimed(officer, terms)
    held = Cohort.objects.get(pk=cohort.pk)
    services.correct_cohort(acting_staff=manager, cohort=held, reason="wrong marks")
    with pytest.raises(refusals.ClaimNotProved):
        services.approve_claim(acting_staff=manager, claim=claim, approved_date=UNTIL)
    later = set_terms(officer, cohort.programme, terms.provider, starts=date(2026, 1, 2))
    ProviderClaimLine.objects.update(counts=False)
    with pytest.raises(refusals.NobodyToClaim):
        claimed(officer, later)
    ProviderClaimLine.objects.update(counts=True)
    services.close_cohort(
        acting_staff=manager, cohort=held, closed_date=date(2026, 4, 1), reason="marks corrected"
    )
    services.approve_claim(acting_staff=manager, claim=claim, approved_date=UNTIL)
    Enrolment.objects.filter(pk=completed[0].pk).update(state="NOT_COMPLETED")
    with pytest.raises(refusals.ClaimNotProved):
        services.pay_claim(
            acting_staff=accountant,
            claim=claim,
            paid_date=PAID,
            method=SupportMethod.CASH,
            receipt="T 2",
        )
    assert ProviderClaim.objects.get(pk=claim.pk).state == ClaimState.APPROVED


def test_a_practice_book_pays_nobody(
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    book: Book,
    accountant: StaffUser,
) -> None:
    claim = claimed(officer, terms)
    services.approve_claim(acting_staff=manager, claim=claim, approved_date=UNTIL)
    Book.objects.filter(pk=book.pk).update(practice=True)
    with pytest.raises(refusals.SupportBookElsewhere):
        services.pay_claim(
            acting_staff=accountant,
            claim=claim,
            paid_date=PAID,
            method=SupportMethod.CASH,
            receipt="T 3",
            book=Book.objects.get(pk=book.pk),
        )
    assert ProviderClaim.objects.get(pk=claim.pk).state == ClaimState.APPROVED


def test_only_checked_work_after_these_months_is_paid_for(
    terms: ProviderTerms,
    officer: StaffUser,
    second: StaffUser,
    programme: Programme,
    provider: Organisation,
    completed: list[Enrolment],
) -> None:
    wrongs: list[dict[str, Any]] = [{"month": None}, {"month": 5}]
    for wrong in wrongs:
        with pytest.raises(refusals.MonthOfPlacement):
            set_terms(officer, programme, provider, result=ProviderResult.PLACED, **wrong)
    with pytest.raises(refusals.MonthOfPlacement):
        set_terms(officer, programme, provider, month=6)
    placed = set_terms(officer, programme, provider, result=ProviderResult.PLACED, month=6)
    for row, month in ((completed[0], 6), (completed[1], 3)):
        told = services.record_placement(
            acting_staff=officer,
            placement=services.PlacementIn(
                enrolment=row,
                kind=PlacementKind.WAGE,
                started_date=date(2026, 4, 2),
                claimed_date=date(2026, 10, 5),
                currency="AMD",
                month=month,
            ),
        )
        services.verify_placement(
            acting_staff=second, placement=told, verified_date=date(2026, 10, 6)
        )
    on = date(2026, 10, 6)
    assert on < timezone.localdate()
    claim = services.draw_up_claim(acting_staff=officer, terms=placed, until=on)
    assert [line.enrolment for line in claim.lines.all()] == [completed[0]]
    with pytest.raises(refusals.NobodyToClaim):
        services.draw_up_claim(
            acting_staff=officer,
            terms=set_terms(officer, programme, provider, ends=date(2026, 3, 1)),
            until=on,
        )


def test_terms_and_a_claim_on_their_pages(
    client: Client,
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    book: Book,
    accountant: StaffUser,
    completed: list[Enrolment],
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(officer)
    found = client.post(reverse("training:provider_terms"), {"q": "Inst"}, follow=True)
    assert "Institute" in found.content.decode()
    shown = client.get(reverse("training:provider_terms_detail", args=[terms.pk])).content.decode()
    assert format_money(5_000, "AMD") in shown
    new = reverse("training:provider_claim_new", args=[terms.pk])
    assert client.post(new, {"until": UNTIL.isoformat()}).status_code == 302
    claim = ProviderClaim.objects.get()
    page = reverse("training:provider_claim", args=[claim.pk])
    told = client.get(page).content.decode()
    assert str(completed[0].person) in told
    approve = reverse("training:provider_claim_approve", args=[claim.pk])
    assert client.post(approve, {"approved_date": UNTIL.isoformat()}).status_code == 422
    client.force_login(manager)
    assert client.post(approve, {"approved_date": UNTIL.isoformat()}).status_code == 302
    client.force_login(accountant)
    told = client.get(page).content.decode()
    assert str(completed[0].person) not in told
    pay = reverse("training:provider_claim_pay", args=[claim.pk])
    given = {"paid_date": PAID.isoformat(), "method": "CASH", "receipt": "T 9"}
    assert client.post(pay, given).status_code == 302
    claim.refresh_from_db()
    assert claim.state == ClaimState.PAID
    found = client.post(reverse("training:provider_claims"), {"q": "T 9"}, follow=True)
    assert "T 9" in found.content.decode()


def test_terms_and_claims_over_the_api_once(
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    book: Book,
    accountant: StaffUser,
    outsider: StaffUser,
    programme: Programme,
    provider: Organisation,
) -> None:
    api, key = Caller(officer), uuid4()
    told = {
        "provider_id": provider.pk,
        "result": "PLACED",
        "month": 12,
        "amount_units": 700,
        "starts": "2026-01-01",
        "ends": "2026-06-30",
    }
    path = f"/programmes/{programme.pk}/provider-terms"
    assert api.post(path, key, **told)[0] == 201
    assert api.post(path, key, **told)[0] == 201
    assert ProviderTerms.objects.count() == 2
    assert api.post(path, key, **(told | {"amount_units": 800}))[0] == 409
    claims, once = f"/provider-terms/{terms.pk}/claims", uuid4()
    status, claim = api.post(claims, once, until=UNTIL)
    assert (status, claim["persons"], claim["amount_units"]) == (201, 2, 10_000)
    assert api.post(claims, once, until=UNTIL)[1]["id"] == claim["id"]
    assert api.post(claims, once, until=UNTIL + timedelta(days=1))[0] == 409
    one = f"/provider-claims/{claim['id']}"
    assert Caller(manager).post(f"{one}/approve", approved_date=UNTIL)[0] == 200
    paid = {"paid_date": PAID, "method": "CASH", "receipt": "T 9"}
    assert api.post(f"{one}/pay", **paid)[0] == 403
    payer = Caller(accountant)
    assert payer.post(f"{one}/pay", **paid)[1]["state"] == "PAID"
    assert payer.get("/provider-claims")[1]["items"][0]["receipt"] == "T 9"
    stranger = Caller(outsider)
    assert stranger.get("/provider-claims")[0] == 403
    assert stranger.get("/provider-terms")[0] == 403


BACK = PAID + timedelta(days=3)


@pytest.fixture
def finance(db: None) -> StaffUser:
    """Who takes payments back."""
    return member_of_staff("finance", Role.FINANCE_MANAGER)


@pytest.fixture
def settled(
    terms: ProviderTerms,
    officer: StaffUser,
    manager: StaffUser,
    accountant: StaffUser,
    book: Book,
) -> ProviderClaim:
    """Two who completed, paid for on the fourth of May."""
    claim = claimed(officer, terms)
    services.approve_claim(acting_staff=manager, claim=claim, approved_date=UNTIL)
    return services.pay_claim(
        acting_staff=accountant,
        claim=claim,
        paid_date=PAID,
        method=SupportMethod.CASH,
        receipt="T 9",
    )


def test_a_paid_claim_is_taken_back_by_another_and_its_persons_are_free_again(
    settled: ProviderClaim,
    terms: ProviderTerms,
    officer: StaffUser,
    accountant: StaffUser,
    finance: StaffUser,
    book: Book,
) -> None:
    told: dict[str, Any] = {
        "claim": settled,
        "taken_date": BACK,
        "back_reason": ClaimBack.WRONG_AMOUNT,
    }
    take = partial(services.take_back_claim, acting_staff=finance)
    with pytest.raises(NotAllowed):
        services.take_back_claim(acting_staff=accountant, **told)
    refused: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"back_reason": ""}, refusals.ReasonMissing),
        ({"taken_date": PAID - timedelta(days=1)}, refusals.DateBefore),
        ({"taken_date": timezone.localdate() + timedelta(days=1)}, DayToCome),
    ]
    for wrong, refusal in refused:
        with pytest.raises(refusal):
            take(**(told | wrong))
    ProviderClaim.objects.update(paid_by=finance)
    with pytest.raises(refusals.ClaimTakenByPayer):
        take(**told)
    ProviderClaim.objects.update(paid_by=accountant)
    assert balance(book, "TRAINING_COST", on=BACK) == 10_000
    row = take(**told)
    assert take(**told) == row
    with pytest.raises(refusals.NotInThisState):
        take(**(told | {"back_reason": ClaimBack.PAID_TWICE}))
    assert (row.state, row.taken_by, row.receipt) == (ClaimState.BACK, finance, "T 9")
    assert balance(book, "TRAINING_COST", on=BACK) == 0
    assert balance(book, "TRAINING_COST", on=PAID) == 10_000
    assert Entry.objects.exclude(reverses=None).count() == 1
    line = AuditLine.objects.get(action="training.take_back_claim")
    assert line.facts == {"receipt": "T 9", "why": "WRONG_AMOUNT"}
    cost = {
        on: training_cost(programme_id=terms.programme_id, on=on, currency="AMD").direct_units
        for on in (PAID - timedelta(days=1), PAID, BACK - timedelta(days=1), BACK)
    }
    assert list(cost.values()) == [0, 10_000, 10_000, 0], "as the books of each day say it"
    assert claimed(officer, terms).persons == 2


def test_the_books_refuse_to_reverse_it_and_lead_to_the_claim(
    client: Client, settled: ProviderClaim, finance: StaffUser, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    assert settled.payment is not None
    entry = Entry.objects.get(source_id=settled.payment)
    with pytest.raises(ReverseTheFact):
        reverse_entry(acting_staff=finance, entry=entry, happened_date=BACK)
    client.force_login(finance)
    page = reverse("training:provider_claim", args=[settled.pk])
    shown = client.get(reverse("ledger:entry_detail", args=[entry.pk])).content.decode()
    assert page in shown
    back = reverse("training:provider_claim_take_back", args=[settled.pk])
    assert back in client.get(page).content.decode()
    told = {"taken_date": BACK.isoformat(), "back_reason": ""}
    assert client.post(back, told).status_code == 422
    answer = client.post(back, told | {"back_reason": "PAID_TWICE"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    shown = client.get(page).content.decode()
    assert "paid twice" in shown
    assert back not in shown


def test_a_claim_is_taken_back_over_the_api(
    settled: ProviderClaim, finance: StaffUser, accountant: StaffUser
) -> None:
    path = f"/provider-claims/{settled.pk}/take-back"
    told = {"taken_date": BACK, "back_reason": "NOT_HANDED_OVER"}
    assert Caller(accountant).post(path, **told)[0] == 403
    caller = Caller(finance)
    status, row = caller.post(path, **told)
    assert (status, row["state"], row["back_reason"]) == (200, "BACK", "NOT_HANDED_OVER")
    assert caller.post(path, **told)[0] == 200


def test_what_was_paid_in_another_currency_stands_apart_in_the_cost(
    settled: ProviderClaim, terms: ProviderTerms
) -> None:
    dollars = training_cost(programme_id=terms.programme_id, on=PAID, currency="USD")
    assert (dollars.direct_units, dollars.not_converted) == (0, {"AMD": 10_000})
    drams = training_cost(programme_id=terms.programme_id, on=PAID, currency="AMD")
    assert (drams.direct_units, drams.not_converted) == (10_000, {})
