"""The doors of an old portfolio: pages, API and command say and do what the services do."""

import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.api.old_books import TotalsNew
from handup.lending.models import Loan, OldBook, OldLoan
from handup.lending.rules.codes import LoanState
from handup.lending.rules.old_book import OldBookState, Proof, Way
from handup.lending.services import old_book_signing as signing
from handup.lending.services import old_books
from handup.lending.tests.cast import World
from handup.lending.tests.old_books import (
    HALF_EVEN,
    Lists,
    balanced,
    book_of,
    decided,
    half_even,
    opened,
    received,
)
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_bank_pages import page, submit
from handup.lending.tests.test_hidden_from_the_bank import again, hide
from handup.org.models import ReadEntry

ROOT = "/api/v1/lending"


def upload(lists: Lists, name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{name}.csv", lists.csv(name).encode())


def test_a_portfolio_comes_in_through_its_pages(client: Client, world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    accountant = world.cast.accountant
    told = {
        "code": "OLD",
        "name": "Old system",
        "programme": world.programme.pk,
        "lender": world.direct.pk,
        "cutover_date": "2025-06-30",
        "preset": "fineract-cumulative-months",
        "due_days": "BY_TERMS",
        "interest_basis": "ACCRUED",
        "contra_role": "CAPITAL",
    }
    submit(client, accountant, "old_book_new", **told)
    book = OldBook.objects.get()
    files = {name: upload(lists, name) for name in ("loans", "schedules", "payments")}
    form = {"delimiter": ",", "date_form": "%Y-%m-%d", "decimal_sign": "."}
    submit(client, accountant, "old_book_lists", book.pk, **files, **form)
    assert "Try its loans" in page(client, accountant, "old_book_detail", book.pk)
    submit(client, accountant, "old_book_try", book.pk, sample="30")
    submit(client, accountant, "old_book_ways", book.pk)
    assert set(book.loans.values_list("way", flat=True)) == {Way.PRESET}
    totals = signing.totals_of(book)
    typed = {name: f"{totals[name] / 100:.2f}" for name in ("disbursed", "principal", "interest")}
    typed |= {"number": "2", "fees": "0"}
    submit(client, accountant, "old_book_controls", book.pk, **typed)
    submit(client, world.cast.manager, "old_book_propose", book.pk)
    page(client, world.cast.director, "old_book_sign", book.pk)
    submit(client, world.cast.director, "old_book_sign", book.pk)
    assert Loan.objects.filter(state=LoanState.ACTIVE).count() == 2
    text = page(client, world.cast.director, "old_book_detail", book.pk)
    assert "Taken over" in text
    answer = client.get(reverse("lending:old_book_download", args=[book.pk]))
    assert answer["Content-Type"] == "application/zip"
    assert ReadEntry.objects.filter(action="EXPORT").exists()


def test_the_lists_leave_out_who_is_hidden_and_ask_for_a_fresh_second_factor(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists, people = book_of(world, half_even, loans=2)
    book = balanced(world, decided(world, lists, HALF_EVEN))
    today = timezone.localdate()
    signing.propose_old_book(acting_staff=world.cast.director, book=book, proposed_date=today)
    signing.sign_old_book(acting_staff=world.cast.manager, book=book, signed_date=today)
    hide(people[0], world.cast.manager)
    client.force_login(again(world.cast.manager))
    address = reverse("lending:old_book_download", args=[book.pk])
    with zipfile.ZipFile(io.BytesIO(client.get(address).content)) as archive:
        text = archive.read("loans.csv").decode()
    assert people[0].registration_no not in text
    assert people[1].registration_no in text
    entry = ReadEntry.objects.filter(action="EXPORT").get()
    assert entry.persons == [str(people[1].pk)]
    monkeypatch.setattr("handup.org.web.factor.is_stale", lambda request: True)
    answer = client.get(address)
    assert answer.status_code == 302
    assert reverse("mfa_reauthenticate") in answer["Location"]
    assert ReadEntry.objects.filter(action="EXPORT").count() == 1


def test_a_wrong_total_is_said_beside_its_field_and_nothing_is_signed(
    client: Client, world: World
) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = decided(world, lists, HALF_EVEN)
    totals = signing.totals_of(book)
    signing.state_controls(
        acting_staff=world.cast.accountant,
        book=book,
        controls={**totals, "principal": totals["principal"] + 1},
    )
    answer = submit(client, world.cast.manager, "old_book_propose", book.pk)
    assert answer.status_code == 422
    assert "Outstanding principal" in answer.content.decode()
    text = page(client, world.cast.manager, "old_book_detail", book.pk)
    assert "The totals differ from the old trial balance" in text
    book.refresh_from_db()
    assert book.state == OldBookState.OPEN


def test_what_differs_is_shown_row_by_row(client: Client, world: World) -> None:
    lists, people = book_of(world, half_even, loans=1)
    book = decided(world, lists, {"preset": "handup-declining"})
    text = page(client, world.cast.accountant, "old_book_detail", book.pk)
    assert "instalment 1" in text
    row = book.loans.get()
    text = page(client, world.cast.accountant, "old_loan_detail", row.pk)
    assert "Principal there" in text
    assert str(people[0].pk) in ReadEntry.objects.latest("number").persons
    page(client, world.cast.accountant, "old_loan_list")
    page(client, world.cast.accountant, "old_book_list")
    answer = submit(client, world.cast.accountant, "old_loan_way", row.pk, way="PRESET")
    assert answer.status_code == 422
    row.refresh_from_db()
    assert row.way == Way.OPENING


def test_faults_and_unknown_columns_are_shown_with_their_cells(
    client: Client, world: World
) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = opened(world)
    content = lists.csv("loans").replace("disbursed_date", "Datum").encode()
    old_books.receive_lists(
        acting_staff=world.cast.accountant,
        book=book,
        name="old.zip",
        content=old_books.zipped({"loans": content}),
    )
    text = page(client, world.cast.accountant, "old_book_detail", book.pk)
    assert "Nothing of the lists was taken" in text
    page(client, world.cast.accountant, "old_book_headings", book.pk)
    submit(client, world.cast.accountant, "old_book_headings", book.pk, match_0="disbursed_date")
    book.refresh_from_db()
    assert (book.fault_count, book.loans.count()) == (0, 1)


def test_a_portfolio_goes_back_through_its_page(client: Client, world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = balanced(world, decided(world, lists, HALF_EVEN))
    today = timezone.localdate()
    signing.propose_old_book(acting_staff=world.cast.director, book=book, proposed_date=today)
    submit(client, world.cast.director, "old_book_withdraw", book.pk)
    book.refresh_from_db()
    assert book.state == OldBookState.OPEN
    signing.propose_old_book(acting_staff=world.cast.director, book=book, proposed_date=today)
    signing.sign_old_book(acting_staff=world.cast.manager, book=book, signed_date=today)
    told = {"reason": "wrong day", "_read_back": "1"}
    answer = submit(client, world.cast.director, "old_book_undo", book.pk, **told)
    assert answer.status_code == 302
    assert Loan.objects.get().state == LoanState.CANCELLED


@pytest.mark.parametrize("view", ["old_book_detail", "old_book_lists", "old_book_sign"])
def test_others_do_not_find_it(client: Client, world: World, view: str) -> None:
    book = opened(world)
    for staff in (world.cast.clerk, world.cast.officer):
        client.force_login(staff)
        answer = client.get(reverse(f"lending:{view}", args=[book.pk]))
        assert answer.status_code in (403, 404)


def test_a_portfolio_comes_in_through_the_api(client: Client, world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    accountant, key = world.cast.accountant, new_id()
    told: dict[str, Any] = {
        "code": "OLD",
        "name": "Old system",
        "lender_id": str(world.direct.pk),
        "programme_id": str(world.programme.pk),
        "cutover_date": "2025-06-30",
        "terms": {"preset": "fineract-cumulative-months"},
    }
    first = post(client, accountant, "/old-books", key, **told)
    again = post(client, accountant, "/old-books", key, **told)
    assert (first.status_code, again.json()["id"]) == (201, first.json()["id"])
    path = f"/old-books/{first.json()['id']}"
    files = {name: upload(lists, name) for name in ("loans", "schedules", "payments")}
    client.force_login(accountant)
    answer = client.post(f"{ROOT}{path}/lists", files, headers={"Idempotency-Key": str(new_id())})
    assert answer.json()["fault_count"] == 0, answer.content
    assert post(client, accountant, f"{path}/trials", sample=None).json()["sample_size"] == 1
    assert post(client, accountant, f"{path}/ways").status_code == 200
    row = get(client, accountant, f"{path}/loans").json()["items"][0]
    assert (row["key"], row["proof"], row["way"]) == ("OLD-001", Proof.EQUAL, Way.PRESET)
    refused = post(client, accountant, f"/old-loans/{row['id']}/way", way="NOWHERE")
    assert refused.status_code == 422
    totals = get(client, accountant, f"{path}/totals").json()
    wrong = {**totals, "fees": 1}
    assert post(client, accountant, f"{path}/totals", **wrong).status_code == 200
    answer = post(client, world.cast.manager, f"{path}/proposal")
    assert (answer.status_code, answer.json()["code"]) == (422, "CONTROL_SUM"), answer.content
    post(client, accountant, f"{path}/totals", **totals)
    assert post(client, world.cast.manager, f"{path}/proposal").status_code == 200
    same = post(client, world.cast.manager, f"{path}/signature")
    assert same.json()["code"] == "SAME_PERSON"
    assert not Loan.objects.exists()
    assert post(client, world.cast.director, f"{path}/signature").json()["state"] == "SIGNED"
    assert Loan.objects.get().external_reference == "OLD-001"
    undone = post(client, world.cast.director, f"{path}/undoing", reason="too early")
    assert undone.json()["state"] == "UNDONE"


def test_headings_are_matched_and_loans_decided_through_the_api(
    client: Client, world: World
) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = received(world, opened(world), lists)
    path = f"/old-books/{book.pk}"
    matches = {"loans": {"status": "Zustand"}}
    answer = post(client, world.cast.accountant, f"{path}/headings", matches=matches)
    assert answer.status_code == 200
    old_books.try_loans(
        acting_staff=world.cast.accountant, book=book, on=timezone.localdate(), sample=None
    )
    row = OldLoan.objects.get()
    answer = post(client, world.cast.accountant, f"/old-loans/{row.pk}/way", way="OPENING")
    assert answer.json()["way"] == "OPENING"
    clerk = get(client, world.cast.clerk, path)
    assert clerk.status_code in (403, 404)


def test_the_api_says_what_the_totals_of_an_old_book_are() -> None:
    described = TotalsNew.model_json_schema()
    assert described["description"].startswith("What the old trial balance says")
    assert described["properties"]["savings"]["default"] == 0
