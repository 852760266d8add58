"""Books read as one, through the pages and the interface."""

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.models import Book, Consolidation, Draft
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.tests.conftest import PROGRAMME, make_staff
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role


def test_the_pages_of_books_together(
    client: Client, two: tuple[Book, Book], group: Book, accountant: StaffUser
) -> None:
    client.force_login(accountant)
    told = {
        "code": "W",
        "name": "Programme and lender",
        "currency": "USD",
        "books": [str(book.pk) for book in two],
        "with_groups": "on",
        "_new_id": str(new_id()),
    }
    offered = client.get(reverse("ledger:consolidation_new")).content.decode()
    assert "Spring group" not in offered
    answer = client.post(reverse("ledger:consolidation_new"), told)
    row = Consolidation.objects.get()
    assert row.programme_id == PROGRAMME
    assert answer.headers["Location"] == reverse("ledger:consolidation_detail", args=[row.pk])
    days = "?from=2026-01-01&to=2026-01-31"
    sheet = client.get(reverse("ledger:whole_balance", args=[row.pk]) + days).content.decode()
    assert "beside it (1)" in sheet
    assert "The book balances" in sheet
    assert reverse("ledger:account_detail", args=[two[1].accounts.get(code="1210").pk]) in sheet
    for name in ("whole_income", "whole_cash", "whole_trial", "consolidation_change"):
        assert client.get(reverse(f"ledger:{name}", args=[row.pk]) + days).status_code == 200
    for form in ("csv", "xlsx", "pdf"):
        page = reverse("ledger:whole_balance", args=[row.pk]) + f"{days}&format={form}"
        assert client.get(page).status_code == 200
    change = reverse("ledger:consolidation_change", args=[row.pk])
    client.post(change, {**told, "name": "Both", "with_groups": ""})
    row.refresh_from_db()
    assert (row.name, row.with_groups) == ("Both", False)


def test_who_may_not_see_every_book_sees_nothing_of_it(
    client: Client, two: tuple[Book, Book], accountant: StaffUser, finance_manager: StaffUser
) -> None:
    other = services.open_book(
        acting_staff=finance_manager,
        code="ELSE",
        name="Elsewhere",
        kind=BookKind.LENDER,
        base_currency="USD",
        programme_id=new_id(),
    )
    row = services.open_consolidation(
        acting_staff=accountant,
        code="W",
        name="Whole",
        currency="USD",
        books=[two[0], other],
        programme_id=PROGRAMME,
    )
    near = make_staff("nora", Role.ACCOUNTANT, programme=PROGRAMME)
    client.force_login(near)
    for name in ("whole_balance", "consolidation_detail", "consolidation_change"):
        assert client.get(reverse(f"ledger:{name}", args=[row.pk])).status_code == 404
    with pytest.raises(OutOfSight):
        services.open_consolidation(
            acting_staff=near, code="X", name="X", currency="USD", books=[two[0], other]
        )
    days = "since=2026-01-01&on=2026-01-31"
    address = f"/api/v1/ledger/consolidations/{row.pk}/statements/BALANCE?{days}"
    assert client.get(address).status_code == 404


def test_money_to_another_book_through_the_page_and_the_interface(
    client: Client,
    book: Book,
    lender: Book,
    accountant: StaffUser,
    finance_manager: StaffUser,
) -> None:
    client.force_login(accountant)
    address = reverse("ledger:transfer_new", args=[book.pk])
    assert "Lender" in client.get(address).content.decode()
    told = {
        "happened_date": "2026-01-10",
        "from_account": "1120",
        "to_account": f"{lender.pk} 1120",
        "amount_units": "300",
        "remark": "Capital",
        "_new_id": str(new_id()),
        "_read_back": "1",
    }
    page = client.post(address, told).headers["Location"]
    assert "Other side" in client.get(page).content.decode()
    key = {"Idempotency-Key": str(new_id())}
    body = {
        "giver_id": str(book.pk),
        "taker_id": str(lender.pk),
        "from_account": "1120",
        "to_account": "1120",
        "units": 5_00,
        "happened_date": "2026-01-11",
        "remark": "More",
    }
    made = client.post(
        "/api/v1/ledger/transfers", body, content_type="application/json", headers=key
    )
    assert made.status_code == 201, made.content
    assert Draft.objects.count() == 4
    client.force_login(finance_manager)
    for draft in Draft.objects.filter(book=book):
        client.post(reverse("ledger:approve", args=[draft.pk]), {"reason": ""})
    assert balance(lender, "BANK") == 305_00
    told_whole = {
        "code": "W",
        "name": "Whole",
        "currency": "USD",
        "book_ids": [str(book.pk), str(lender.pk)],
    }
    row = client.post(
        "/api/v1/ledger/consolidations",
        told_whole,
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    ).json()
    days = "since=2026-01-01&on=2026-01-31"
    sheet = client.get(
        f"/api/v1/ledger/consolidations/{row['id']}/statements/BALANCE?{days}"
    ).json()
    assert (sheet["holds"], sheet["unmatched"], sheet["currency"]) == (True, [], "USD")
    assert sheet["columns"][-1] == "Together"
    assert client.get("/api/v1/ledger/consolidations").json()["items"][0]["code"] == "W"
