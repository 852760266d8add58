"""A till is counted by one person and seen by another; what differs is posted with both names."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.close_checks import answers
from handup.ledger.errors import CountedAlready, CountSettled, DayNotOver, NotATill
from handup.ledger.models import Account, Book, CashCount, Entry, Period
from handup.ledger.rules.words import CountStatus
from handup.ledger.tests.conftest import Caller, Post, leaf, make_staff
from handup.ledger.tests.test_verify_parts import broken
from handup.ledger.verify_runs import tills_as_counted
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.web.forms import NEW_ID, READ_BACK

DAY = date(2026, 1, 31)


@pytest.fixture
def cashier(db: None) -> StaffUser:
    """Dolma keeps the till."""
    return make_staff("dolma", Role.CASHIER)


@pytest.fixture
def till(book: Book, post: Post) -> Account:
    """A till that holds 100.00 by the books."""
    post(100_00, "CASH", "CAPITAL")
    return leaf(book, "CASH")


def counted(staff: StaffUser, till: Account, units: int, **told: Any) -> CashCount:
    values: dict[str, Any] = {"counted_date": DAY, "counted_units": units, **told}
    return services.count_cash(acting_staff=staff, account=till, **values)


@pytest.mark.parametrize(("units", "kind"), [(100_50, "CASH_OVER"), (98_00, "CASH_SHORT")])
def test_what_differs_is_posted_with_both_names(
    till: Account, cashier: StaffUser, accountant: StaffUser, units: int, kind: str
) -> None:
    count = counted(cashier, till, units, remark="a worn note")
    assert not Entry.objects.filter(kind=kind).exists(), "nothing is posted before another saw it"
    confirmed = services.confirm_count(acting_staff=accountant, count=count)
    entry = confirmed.entry
    assert entry is not None
    assert (entry.kind, entry.entry_date) == (kind, DAY)
    assert (entry.posted_by, entry.approved_by) == (cashier, accountant)
    assert (confirmed.expected_units, confirmed.difference_units) == (100_00, units - 100_00)
    lines = {line.account.code: line.units for line in entry.lines.select_related("account")}
    difference = leaf(till.book, "CASH_DIFFERENCE").code
    assert lines == {till.code: units - 100_00, difference: 100_00 - units}
    assert broken("V10", "LEDGER_FACTS") == {}


def test_a_till_that_holds_what_it_should_posts_nothing(
    till: Account, cashier: StaffUser, accountant: StaffUser
) -> None:
    count = counted(cashier, till, 100_00)
    confirmed = services.confirm_count(acting_staff=accountant, count=count)
    assert (confirmed.entry, confirmed.difference_units) == (None, 0)
    assert Entry.objects.count() == 1
    actions = set(AuditLine.objects.values_list("action", flat=True))
    assert {"ledger.count_cash", "ledger.confirm_count"} <= actions


def test_who_counted_does_not_confirm(
    till: Account, cashier: StaffUser, trainer: StaffUser, outsider: StaffUser
) -> None:
    count = counted(cashier, till, 99_00)
    with pytest.raises(SamePerson):
        services.confirm_count(acting_staff=cashier, count=count)
    with pytest.raises(SamePerson):
        services.decline_count(acting_staff=cashier, count=count)
    with pytest.raises(NotAllowed):
        services.confirm_count(acting_staff=trainer, count=count)
    with pytest.raises(OutOfSight):
        services.confirm_count(acting_staff=outsider, count=count)
    with pytest.raises(NotAllowed):
        counted(trainer, till, 1)
    count.refresh_from_db()
    assert count.status == CountStatus.COUNTED
    assert Entry.objects.count() == 1


def test_a_day_is_counted_once_and_a_declined_count_makes_room(
    till: Account, cashier: StaffUser, accountant: StaffUser
) -> None:
    key = new_id()
    count = counted(cashier, till, 98_00, id=key)
    assert counted(cashier, till, 98_00, id=key) == count
    with pytest.raises(SameIdOtherContent):
        counted(cashier, till, 97_00, id=key)
    for other in ({"currency": "EUR"}, {"remark": "a torn note"}):
        with pytest.raises(SameIdOtherContent):
            counted(cashier, till, 98_00, id=key, **other)
    with pytest.raises(CountedAlready):
        counted(cashier, till, 98_00)
    services.decline_count(acting_staff=accountant, count=count)
    for step in (services.confirm_count, services.decline_count):
        with pytest.raises(CountSettled):
            step(acting_staff=accountant, count=count)
    again = counted(cashier, till, 100_00)
    services.confirm_count(acting_staff=accountant, count=again)
    with pytest.raises(CountedAlready):
        counted(cashier, till, 100_00)
    assert CashCount.objects.count() == 2
    assert Entry.objects.count() == 1


def test_only_a_till_is_counted_and_no_day_to_come(
    book: Book, till: Account, cashier: StaffUser
) -> None:
    with pytest.raises(NotATill):
        counted(cashier, leaf(book, "BANK"), 1)
    with pytest.raises(DayNotOver):
        counted(cashier, till, 1, counted_date=timezone.localdate() + timedelta(days=1))
    assert not CashCount.objects.exists()


def test_a_till_in_another_currency_is_counted_in_it(
    book: Book, till: Account, cashier: StaffUser, accountant: StaffUser, post: Post
) -> None:
    for day in (date(2026, 1, 9), date(2026, 1, 31)):
        services.add_rate(
            acting_staff=accountant, from_currency="AMD", to_currency="USD", rate_date=day,
            numerator=25_000_000, source="Central bank",
        )  # fmt: skip
    post(40_000_00, "CASH", "CAPITAL", currency="AMD")
    count = counted(cashier, till, 39_000_00, currency="AMD")
    confirmed = services.confirm_count(acting_staff=accountant, count=count)
    assert confirmed.difference_units == -1_000_00
    entry = confirmed.entry
    assert entry is not None
    assert {line.currency for line in entry.lines.all()} == {"AMD"}
    counted(cashier, till, 100_00)
    assert broken("V10") == {}


def test_what_is_posted_later_does_not_undo_a_count_but_what_is_changed_is_found(
    till: Account, cashier: StaffUser, accountant: StaffUser, post: Post
) -> None:
    count = services.confirm_count(acting_staff=accountant, count=counted(cashier, till, 99_00))
    post(5_00, "CASH", "CAPITAL", on=date(2026, 1, 20))
    assert not list(tills_as_counted())
    CashCount.objects.filter(pk=count.pk).update(counted_units=98_00)
    assert list(broken("LEDGER_TILLS")) == ["LEDGER_TILLS"]
    CashCount.objects.filter(pk=count.pk).update(
        counted_units=99_00, status=CountStatus.DECLINED.value
    )
    assert list(broken("LEDGER_FACTS")) == ["LEDGER_FACTS"]


def test_a_month_s_end_asks_for_the_count(
    book: Book, till: Account, cashier: StaffUser, accountant: StaffUser
) -> None:
    period = Period.objects.get(book=book, starts=date(2026, 1, 1))
    opened = {answer.check.code: answer.found for answer in answers(period)}
    assert [item.text for item in opened["TILLS"]] == [till.code]
    services.confirm_count(acting_staff=accountant, count=counted(cashier, till, 100_00))
    opened = {answer.check.code: answer.found for answer in answers(period)}
    assert not opened["TILLS"]


def test_counting_on_its_pages(
    client: Client, till: Account, cashier: StaffUser, accountant: StaffUser, outsider: StaffUser
) -> None:
    page = reverse("ledger:count_cash", args=[till.pk])
    told = {"counted_date": "2026-01-31", "counted_units": "98", NEW_ID: str(new_id())}
    client.force_login(cashier)
    shown = client.get(page).content.decode()
    assert "100.00" not in shown, "what the books say is not shown before it is counted"
    client.post(page, told)
    answer = client.post(page, {**told, READ_BACK: "1"})
    count = CashCount.objects.get()
    detail = reverse("ledger:cashcount_detail", args=[count.pk])
    assert answer.headers["Location"] == detail
    assert "2.00" in client.get(detail).content.decode()
    confirm = reverse("ledger:confirm_count", args=[count.pk])
    refused = client.post(confirm, {NEW_ID: str(new_id())})
    assert refused.status_code == 422, "the same person is told why not"
    client.force_login(accountant)
    assert client.get(reverse("ledger:cashcount_list")).status_code == 200
    assert client.post(confirm, {NEW_ID: str(new_id())}).status_code == 302
    assert client.get(reverse("ledger:account_detail", args=[till.pk])).status_code == 200
    client.force_login(outsider)
    assert client.get(detail).status_code == 404
    assert client.get(page).status_code == 404


def test_a_declined_count_says_what_was_counted_and_nothing_of_the_books(
    client: Client, till: Account, cashier: StaffUser, accountant: StaffUser
) -> None:
    count = counted(cashier, till, 98_00)
    services.decline_count(acting_staff=accountant, count=count)
    client.force_login(cashier)
    shown = client.get(reverse("ledger:cashcount_detail", args=[count.pk])).content.decode()
    assert "98.00" in shown
    assert "100.00" not in shown
    assert "By the books" not in shown


def test_counting_through_the_api(
    call: Caller, till: Account, cashier: StaffUser, accountant: StaffUser, trainer: StaffUser
) -> None:
    told = {"counted_date": "2026-01-31", "counted_units": 98_00}
    address = f"/accounts/{till.pk}/counts"
    key = new_id()
    made = call.post(cashier, address, told, key)
    assert (made.status_code, made.json()["status"]) == (201, "COUNTED")
    assert call.post(cashier, address, told, key).json()["id"] == made.json()["id"]
    assert call.post(trainer, address, told).status_code == 404
    count = f"/cash-counts/{made.json()['id']}"
    assert call.post(cashier, f"{count}/confirm", {"reason": ""}).status_code == 422
    confirmed = call.post(accountant, f"{count}/confirm", {"reason": ""}).json()
    assert (confirmed["difference_units"], confirmed["status"]) == (-2_00, "CONFIRMED")
    declined = call.post(accountant, f"{count}/decline", {"reason": ""})
    assert (declined.status_code, declined.json()["code"]) == (422, "COUNT_SETTLED")
    assert len(call.get(accountant, "/cash-counts").json()["items"]) == 1
