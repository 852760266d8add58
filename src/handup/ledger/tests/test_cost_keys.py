"""Shared costs: a stated key splits what is in a pool to the last unit, once."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import (
    AccountUnknown,
    FundNotAllowed,
    KeyNotOfDay,
    NoShares,
    NothingToRun,
    PeriodTurned,
    SharedLater,
)
from handup.ledger.fund_report import fund_report
from handup.ledger.models import Book, CostKey, CostShare, Entry, Fund, Line, Run
from handup.ledger.rules.words import UNRESTRICTED_ID, FundKind
from handup.ledger.services import ShareIn
from handup.ledger.services.cost_keys import Pooled, _parts
from handup.ledger.sql import uid
from handup.ledger.tests.conftest import Caller, leaf
from handup.ledger.tests.test_statements import post_lines
from handup.ledger.tests.test_verify_parts import broken, past_the_triggers
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web.forms import NEW_ID, READ_BACK

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)


@pytest.fixture
def funds(accountant: StaffUser) -> list[Fund]:
    """Two donors."""
    return [
        services.open_fund(
            acting_staff=accountant, code=code, name=f"Donor {code}", kind=FundKind.PURPOSE,
            agreement_key=code,
        )
        for code in ("A", "B")
    ]  # fmt: skip


@pytest.fixture
def spent(book: Book, accountant: StaffUser, funds: list[Fund]) -> Book:
    """Money in every fund, and 100.00 of office costs borne by nobody yet."""
    for fund in (None, *(fund.pk for fund in funds)):
        post_lines(book, accountant, [("BANK", 500_00), ("CAPITAL", -500_00)], FIRST, fund)
    post_lines(book, accountant, [("OFFICE_COST", 100_00), ("BANK", -100_00)], date(2026, 1, 20))
    return book


def stated(staff: StaffUser, book: Book, *shares: tuple[UUID, int], **told: Any) -> CostKey:
    values: dict[str, Any] = {
        "name": "Days worked", "starts": FIRST, "ends": LAST, "basis": "time sheets", **told,
    }  # fmt: skip
    return services.state_cost_key(
        acting_staff=staff,
        book=book,
        shares=[ShareIn(fund, weight) for fund, weight in shares],
        **values,
    )


def cost_of(book: Book, fund: UUID) -> int:
    """What a fund bears on the office's account."""
    account = leaf(book, "OFFICE_COST")
    return sum(Line.objects.filter(account=account, fund=fund).values_list("units", flat=True))


def test_a_pool_is_split_by_its_key_to_the_last_unit_and_once(
    spent: Book, accountant: StaffUser, funds: list[Fund]
) -> None:
    a, b = (fund.pk for fund in funds)
    key = stated(accountant, spent, (a, 1), (b, 1), (UNRESTRICTED_ID, 1))
    run = services.share_costs(acting_staff=accountant, key=key, through=date(2026, 1, 31))
    assert [cost_of(spent, fund) for fund in (a, b, UNRESTRICTED_ID)] == [33_34, 33_33, 33_33]
    entry = Entry.objects.get(kind="COST_SHARED")
    assert entry.entry_date == date(2026, 1, 31)
    for fund in (a, b, UNRESTRICTED_ID):
        assert sum(entry.lines.filter(fund=fund).values_list("base_units", flat=True)) == 0
    assert [total.product_id for total in run.totals.all()] == [key.pk]
    again = services.share_costs(acting_staff=accountant, key=key, through=date(2026, 1, 31))
    assert again == run
    with pytest.raises(NothingToRun):
        services.share_costs(acting_staff=accountant, key=key, through=date(2026, 2, 27))
    with pytest.raises(SharedLater):
        services.share_costs(acting_staff=accountant, key=key, through=date(2026, 1, 30))
    post_lines(spent, accountant, [("OFFICE_COST", 30_00), ("BANK", -30_00)], date(2026, 2, 5))
    services.share_costs(acting_staff=accountant, key=key, through=date(2026, 2, 28))
    assert [cost_of(spent, fund) for fund in (a, b, UNRESTRICTED_ID)] == [43_34, 43_33, 43_33]
    assert broken("V2", "V3", "V12") == {}
    report = fund_report(spent, funds[0], FIRST, LAST)
    assert (report.spent, report.transfers, report.closing) == (43_34, 43_34, 500_00)
    whole = fund_report(spent, Fund.objects.get(pk=UNRESTRICTED_ID), FIRST, LAST)
    assert (whole.spent, whole.transfers, whole.closing) == (43_33, -86_67, 370_00)


def test_a_sharing_by_a_wrong_key_is_reversed_and_shared_anew(
    spent: Book, accountant: StaffUser, finance_manager: StaffUser, funds: list[Fund]
) -> None:
    a, b = (fund.pk for fund in funds)
    key = stated(accountant, spent, (a, 3), (UNRESTRICTED_ID, 1))
    services.share_costs(acting_staff=accountant, key=key, through=LAST)
    assert (cost_of(spent, a), cost_of(spent, UNRESTRICTED_ID)) == (75_00, 25_00)
    entry = Entry.objects.get(kind="COST_SHARED")
    services.reverse_entry(acting_staff=finance_manager, entry=entry, happened_date=LAST)
    assert (cost_of(spent, a), cost_of(spent, UNRESTRICTED_ID)) == (0, 100_00)
    other = stated(accountant, spent, (a, 1), (b, 1))
    services.share_costs(acting_staff=accountant, key=other, through=LAST)
    assert [cost_of(spent, fund) for fund in (a, b, UNRESTRICTED_ID)] == [50_00, 50_00, 0]
    assert broken("V12") == {}


def test_only_the_pool_s_lines_accounts_and_days_are_shared(
    book: Book, spent: Book, accountant: StaffUser, funds: list[Fund]
) -> None:
    a, b = (fund.pk for fund in funds)
    post_lines(book, accountant, [("STAFF_COST", 60_00), ("BANK", -60_00)], date(2026, 1, 20))
    post_lines(book, accountant, [("OFFICE_COST", 9_00), ("BANK", -9_00)], date(2025, 12, 31))
    post_lines(book, accountant, [("OFFICE_COST", 8_00), ("BANK", -8_00)], date(2026, 1, 20), b)
    key = stated(accountant, book, (a, 1), (b, 1), account_codes=[leaf(book, "OFFICE_COST").code])
    services.share_costs(acting_staff=accountant, key=key, through=LAST)
    assert [cost_of(book, fund) for fund in (a, b, UNRESTRICTED_ID)] == [50_00, 58_00, 9_00]
    assert not Line.objects.filter(account=leaf(book, "STAFF_COST"), fund=a).exists()


def test_a_share_that_comes_from_another_pool_is_shared_on(
    book: Book, spent: Book, accountant: StaffUser, funds: list[Fund]
) -> None:
    a, b = (fund.pk for fund in funds)
    first = stated(accountant, book, (a, 1), (UNRESTRICTED_ID, 1))
    services.share_costs(acting_staff=accountant, key=first, through=LAST)
    second = stated(accountant, book, (b, 1), (UNRESTRICTED_ID, 4), pool_fund=a)
    services.share_costs(acting_staff=accountant, key=second, through=LAST)
    assert [cost_of(book, fund) for fund in (a, b, UNRESTRICTED_ID)] == [0, 10_00, 90_00]
    third = stated(accountant, book, (a, 1), (b, 1))
    services.share_costs(acting_staff=accountant, key=third, through=LAST)
    assert [cost_of(book, fund) for fund in (a, b, UNRESTRICTED_ID)] == [20_00, 30_00, 50_00]


def test_what_a_key_cannot_be_is_refused(
    book: Book, spent: Book, accountant: StaffUser, funds: list[Fund], trainer: StaffUser,
    outsider: StaffUser,
) -> None:  # fmt: skip
    a, b = (fund.pk for fund in funds)
    both = ((a, 1), (b, 1))
    with pytest.raises(PeriodTurned):
        stated(accountant, book, *both, ends=date(2025, 1, 1))
    for shares in ((), ((a, 1),), ((a, 1), (b, 0))):
        with pytest.raises(NoShares):
            stated(accountant, book, *shares)
    with pytest.raises(FundNotAllowed):
        stated(accountant, book, (a, 1), (new_id(), 1))
    for code in ("9999", leaf(book, "BANK").code):
        with pytest.raises(AccountUnknown):
            stated(accountant, book, *both, account_codes=[code])
    with pytest.raises(NotAllowed):
        stated(trainer, book, *both)
    with pytest.raises(OutOfSight):
        stated(outsider, book, *both)
    assert not CostKey.objects.exists()
    identity = new_id()
    key = stated(accountant, book, *both, id=identity)
    assert stated(accountant, book, *both, id=identity) == key
    with pytest.raises(SameIdOtherContent):
        stated(accountant, book, *both, id=identity, name="Other")
    for through in (date(2025, 12, 31), date(2026, 4, 1)):
        with pytest.raises(KeyNotOfDay):
            services.share_costs(acting_staff=accountant, key=key, through=through)
    with pytest.raises(NotAllowed):
        services.share_costs(acting_staff=trainer, key=key, through=LAST)
    assert not Run.objects.exists()


def test_a_sharing_that_is_not_by_its_key_is_found(
    spent: Book, accountant: StaffUser, funds: list[Fund]
) -> None:
    key = stated(accountant, spent, *((fund.pk, 1) for fund in funds))
    services.share_costs(acting_staff=accountant, key=key, through=LAST)
    entry = Entry.objects.get(kind="COST_SHARED")
    assert broken("LEDGER_RUNS") == {}
    past_the_triggers(
        "UPDATE ledger_line SET budget_line = 'X' WHERE entry_id = %s AND no = 2", uid(entry.pk)
    )
    assert broken("LEDGER_RUNS") == {"LEDGER_RUNS": [f"sharing {entry.pk}"]}


@pytest.mark.parametrize("model", [CostKey, CostShare])
def test_a_key_is_never_changed(
    book: Book, spent: Book, accountant: StaffUser, funds: list[Fund], model: type[CostKey]
) -> None:
    stated(accountant, book, *((fund.pk, 1) for fund in funds))
    for sql in (
        f"UPDATE {model._meta.db_table} SET id = id",
        f"DELETE FROM {model._meta.db_table}",
    ):
        with (
            pytest.raises(Exception, match="APPEND_ONLY"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql)


@given(
    units=st.integers(-(10**12), 10**12).filter(bool),
    base=st.integers(-(10**12), 10**12),
    weights=st.lists(st.integers(1, 10**6), min_size=2, max_size=8),
)
def test_parts_come_back_to_the_whole(units: int, base: int, weights: list[int]) -> None:
    pool = Pooled(new_id(), "USD", None, "", units, base)
    shares = [CostShare(weight=weight) for weight in weights]
    parts = _parts(pool, shares)
    assert sum(part for part, _worth in parts) == units
    assert sum(worth for _part, worth in parts) == base


def test_a_key_sent_again_is_the_same_and_never_another(
    book: Book, spent: Book, accountant: StaffUser, funds: list[Fund]
) -> None:
    one, two = (fund.pk for fund in funds)
    id = new_id()
    key = stated(accountant, book, (one, 1), (two, 1), id=id)
    assert stated(accountant, book, (one, 1), (two, 1), id=id) == key
    for other in ({"ends": FIRST}, {"basis": "floor space"}, {"pool_line": "RENT"}):
        with pytest.raises(SameIdOtherContent):
            stated(accountant, book, (one, 1), (two, 1), id=id, **other)
    with pytest.raises(SameIdOtherContent):
        stated(accountant, book, (one, 1), (two, 2), id=id)
    assert CostShare.objects.count() == 2


@pytest.mark.parametrize(
    ("left", "field"),
    [({"weight_3": "5"}, "fund_3"), ({"line_3": "RENT"}, "fund_3"), ({"fund_3": "B"}, "weight_3")],
)
def test_a_share_half_told_is_refused_beside_it(
    client: Client,
    spent: Book,
    accountant: StaffUser,
    funds: list[Fund],
    left: dict[str, str],
    field: str,
) -> None:
    client.force_login(accountant)
    told = {
        "name": "Days worked",
        "starts": "2026-01-01",
        "ends": "2026-03-31",
        "pool_fund": str(UNRESTRICTED_ID),
        "basis": "time sheets",
        "fund_1": str(funds[0].pk),
        "weight_1": "3",
        "fund_2": str(funds[1].pk),
        "weight_2": "1",
        NEW_ID: str(new_id()),
    }
    left = {name: str(funds[1].pk) if value == "B" else value for name, value in left.items()}
    answer = client.post(reverse("ledger:costkey_new", args=[spent.pk]), told | left)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not CostKey.objects.exists()


def test_a_key_is_stated_and_used_on_its_pages(
    client: Client, spent: Book, accountant: StaffUser, funds: list[Fund], outsider: StaffUser
) -> None:
    page = reverse("ledger:costkey_new", args=[spent.pk])
    client.force_login(accountant)
    assert client.get(page).status_code == 200
    told = {
        "name": "Days worked",
        "starts": "2026-01-01",
        "ends": "2026-03-31",
        "pool_fund": str(UNRESTRICTED_ID),
        "basis": "time sheets",
        "fund_1": str(funds[0].pk),
        "weight_1": "3",
        NEW_ID: str(new_id()),
    }
    assert client.post(page, told).status_code == 422
    assert not CostKey.objects.exists()
    answer = client.post(page, {**told, "fund_3": str(funds[1].pk), "weight_3": "1"})
    key = CostKey.objects.get()
    detail = reverse("ledger:costkey_detail", args=[key.pk])
    assert answer.headers["Location"] == detail
    shown = client.get(detail).content.decode()
    assert "75" in shown
    assert client.get(reverse("ledger:costkey_list")).status_code == 200
    share = reverse("ledger:share_costs", args=[key.pk])
    assert client.get(share).status_code == 200
    made = client.post(share, {"through": "2026-03-31", NEW_ID: str(new_id()), READ_BACK: "1"})
    assert made.status_code == 302
    assert client.get(made.headers["Location"]).status_code == 200
    assert cost_of(spent, funds[0].pk) == 75_00
    client.force_login(outsider)
    assert client.get(detail).status_code == 404


def test_a_key_is_stated_and_used_through_the_api(
    call: Caller, spent: Book, accountant: StaffUser, funds: list[Fund], trainer: StaffUser
) -> None:
    told = {
        "name": "Days worked",
        "starts": "2026-01-01",
        "ends": "2026-03-31",
        "basis": "time sheets",
        "shares": [{"fund_id": str(fund.pk), "weight": 1} for fund in funds],
    }
    address = f"/books/{spent.pk}/cost-keys"
    made = call.post(accountant, address, told)
    assert (made.status_code, len(made.json()["shares"])) == (201, 2)
    assert call.post(trainer, address, told).status_code == 404
    one = call.post(accountant, address, {**told, "shares": told["shares"][:1]})
    assert one.status_code == 422
    share = f"/cost-keys/{made.json()['id']}/share"
    run = call.post(accountant, share, {"through": "2026-03-31"})
    assert (run.status_code, run.json()["kind"]) == (200, "SHARING")
    again = call.post(accountant, share, {"through": "2026-03-31"})
    assert again.json()["id"] == run.json()["id"]
    early = call.post(accountant, share, {"through": "2026-03-30"})
    assert (early.status_code, early.json()["code"]) == (422, "SHARED_LATER")
    assert len(call.get(accountant, "/cost-keys").json()["items"]) == 1
