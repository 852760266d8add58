"""What a service costs and earns: fees over full cost, every expense of the book in one place."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.cost_recovery import cost_recovery
from handup.ledger.errors import (
    AccountUnknown,
    GrantIsNoFee,
    PeriodTurned,
    ServiceNamesNothing,
    TakenByService,
)
from handup.ledger.models import Book, CostedService
from handup.ledger.rules.cost_recovery import Amount, Followed, current, recovered
from handup.ledger.rules.words import CLOSING
from handup.ledger.services import LineIn, Source
from handup.ledger.statements import income_statement
from handup.ledger.tests.conftest import Caller
from handup.ledger.tests.test_statements import post_lines
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.web.forms import NEW_ID

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)
FEES, OTHER_FEES, GRANTS = "4120", "4900", "4200"
STAFF, OFFICE, TRAINING = "5100", "5200", "5300"


def followed(code: str, **told: Any) -> Followed:
    values: dict[str, Any] = {
        "starts": FIRST, "ends": None, "fee_codes": frozenset(), "fee_line": "",
        "cost_codes": frozenset(), "cost_line": "", "weight": 0, **told,
    }  # fmt: skip
    return Followed(code=code, **values)


def stated(staff: StaffUser, book: Book, code: str, **told: Any) -> CostedService:
    values: dict[str, Any] = {"name": code.title(), "starts": FIRST, "basis": "days", **told}
    return services.state_service(acting_staff=staff, book=book, code=code, **values)


@pytest.fixture
def earned(book: Book, accountant: StaffUser) -> Book:
    """A year: fees 520.00, a grant, costs of training 400.00 and of everything else 301.00."""
    for lines, day in (
        ([("BANK", 2_000_00), ("GRANT_INCOME", -2_000_00)], date(2025, 1, 5)),
        ([("BANK", 520_00), ("OTHER_INCOME", -520_00)], date(2025, 3, 5)),
        ([("TRAINING_COST", 400_00), ("BANK", -400_00)], date(2025, 3, 6)),
        ([("OFFICE_COST", 301_00), ("BANK", -301_00)], date(2025, 12, 31)),
        ([("OFFICE_COST", 77_00), ("BANK", -77_00)], date(2026, 1, 1)),
    ):
        post_lines(book, accountant, lines, day)
    return book


def test_fees_are_set_against_what_a_service_bears_and_its_part_of_the_rest(
    earned: Book, accountant: StaffUser
) -> None:
    stated(accountant, earned, "TRAIN", fee_codes=[OTHER_FEES], cost_codes=[TRAINING], weight=2)
    stated(accountant, earned, "VISIT", weight=1)
    found = cost_recovery(earned, FIRST, LAST)
    train, visit = (row.found for row in found.rows)
    assert (train.fees, train.direct, train.allocated) == (520_00, 400_00, 200_67)
    assert train.recovery == Fraction(520_00 * 100, 600_67)
    assert (visit.fees, visit.full, visit.recovery) == (0, 100_33, Fraction(0))
    assert (found.full, found.unshared) == (701_00, 0)
    closing = [("TRAINING_COST", -400_00), ("OFFICE_COST", -301_00), ("RETAINED", 701_00)]
    services.post_entry(
        acting_staff=accountant, book=earned, kind=CLOSING, happened_date=LAST,
        source=Source("ledger", "run", new_id()),
        lines=[LineIn(units=units, account_role=role) for role, units in closing],
    )  # fmt: skip
    assert cost_recovery(earned, FIRST, LAST).full == 701_00, "a year's closing is no cost"


def test_two_services_on_one_account_are_told_apart_by_budget_lines(
    book: Book, accountant: StaffUser
) -> None:
    lines = [
        LineIn(units=30_00, account_role="TRAINING_COST", budget_line="1.1"),
        LineIn(units=50_00, account_role="TRAINING_COST", budget_line="1.2"),
        LineIn(units=9_00, account_role="STAFF_COST", budget_line="1.2"),
        LineIn(units=-89_00, account_role="BANK"),
    ]
    services.post_entry(
        acting_staff=accountant, book=book, kind="FACT", lines=lines,
        source=Source("test", "fact", new_id()), happened_date=date(2025, 5, 1),
    )  # fmt: skip
    stated(accountant, book, "A", cost_codes=[TRAINING], cost_line="1.1")
    with pytest.raises(TakenByService) as refused:
        stated(accountant, book, "B", cost_codes=[TRAINING], cost_line="1.1", weight=1)
    assert refused.value.field == "cost_codes"
    stated(accountant, book, "B", cost_line="1.2")
    found = cost_recovery(book, FIRST, LAST)
    assert [row.found.direct for row in found.rows] == [30_00, 59_00]
    assert [row.found.recovery for row in found.rows] == [0, 0]
    stated(accountant, book, "C", fee_codes=[FEES])
    with pytest.raises(TakenByService):
        stated(accountant, book, "D", fee_codes=[FEES])
    last = cost_recovery(book, FIRST, LAST).rows[-1].found
    assert (last.full, last.recovery) == (0, None), "no cost: not defined"


def test_a_service_is_refused_by_name_and_sent_twice_is_kept_once(
    book: Book, accountant: StaffUser, trainer: StaffUser
) -> None:
    cases: tuple[tuple[type[Exception], dict[str, Any]], ...] = (
        (ServiceNamesNothing, {}),
        (AccountUnknown, {"cost_codes": [FEES]}),
        (AccountUnknown, {"fee_codes": ["9999"]}),
        (GrantIsNoFee, {"fee_codes": [GRANTS]}),
        (PeriodTurned, {"weight": 1, "ends": date(2024, 1, 1)}),
    )
    for refusal, told in cases:
        with pytest.raises(refusal):
            stated(accountant, book, "TRAIN", **told)
    with pytest.raises(NotAllowed):
        stated(trainer, book, "TRAIN", weight=1)
    assert not CostedService.objects.exists()
    key = new_id()
    made = stated(accountant, book, "TRAIN", weight=1, id=key)
    assert stated(accountant, book, "TRAIN", weight=1, id=key) == made
    with pytest.raises(SameIdOtherContent):
        stated(accountant, book, "TRAIN", weight=2, id=key)


def test_stated_again_the_later_one_counts_from_its_day(
    earned: Book, accountant: StaffUser
) -> None:
    stated(accountant, earned, "TRAIN", cost_codes=[TRAINING])
    stated(accountant, earned, "VISIT", weight=1, ends=date(2025, 6, 30))
    stated(accountant, earned, "TRAIN", cost_codes=[OFFICE], starts=date(2026, 1, 1))
    before = cost_recovery(earned, FIRST, LAST)
    assert [(row.service.code, row.found.direct) for row in before.rows] == [
        ("TRAIN", 400_00),
        ("VISIT", 0),
    ]
    after = cost_recovery(earned, date(2026, 1, 1), date(2026, 1, 31))
    assert [(row.service.code, row.found.direct) for row in after.rows] == [("TRAIN", 77_00)]
    assert after.unshared == 0
    assert len(current([], FIRST, LAST)) == 0


def test_each_day_is_put_to_what_holds_on_it(earned: Book, accountant: StaffUser) -> None:
    """One account passes from a service that ended to another; a weight changes within the year."""
    stated(accountant, earned, "OLD", cost_codes=[TRAINING], weight=1, ends=date(2025, 3, 31))
    stated(accountant, earned, "NEW", cost_codes=[TRAINING], starts=date(2025, 4, 1), weight=1)
    stated(accountant, earned, "NEW", cost_codes=[TRAINING], starts=date(2025, 7, 1), weight=3)
    stated(accountant, earned, "VISIT", starts=date(2025, 7, 1), weight=1)
    post_lines(earned, accountant, [("TRAINING_COST", 9_00), ("BANK", -9_00)], date(2025, 5, 2))
    found = cost_recovery(earned, FIRST, LAST)
    assert [
        (row.service.code, row.service.weight, row.found.direct, row.found.allocated)
        for row in found.rows
    ] == [("NEW", 3, 9_00, 225_75), ("OLD", 1, 400_00, 0), ("VISIT", 1, 0, 75_25)]
    assert (found.full, found.unshared) == (710_00, 0)
    halves = [
        cost_recovery(earned, FIRST, date(2025, 6, 30)),
        cost_recovery(earned, date(2025, 7, 1), LAST),
    ]
    assert sum(half.full for half in halves) == found.full


def test_a_service_stated_again_with_an_end_is_over_after_it(
    earned: Book, accountant: StaffUser
) -> None:
    stated(accountant, earned, "TRAIN", cost_codes=[TRAINING])
    stated(accountant, earned, "VISIT", cost_codes=[OFFICE])
    stated(accountant, earned, "VISIT", cost_codes=[OFFICE], ends=date(2025, 6, 30))
    stated(accountant, earned, "TRAIN", weight=1, starts=date(2025, 7, 1))
    with pytest.raises(TakenByService):
        stated(accountant, earned, "OTHER", cost_codes=[TRAINING])
    stated(accountant, earned, "LATE", cost_codes=[TRAINING], starts=date(2025, 7, 1))
    second = cost_recovery(earned, date(2025, 7, 1), LAST)
    assert [(row.service.code, row.found.direct, row.found.allocated) for row in second.rows] == [
        ("LATE", 0, 0),
        ("TRAIN", 0, 301_00),
    ]
    assert [row.service.code for row in cost_recovery(earned, FIRST, LAST).rows] == [
        *("LATE", "TRAIN", "VISIT"),
    ]


codes = st.sampled_from(["5100", "5200", "5300"])
lines = st.sampled_from(["", "1", "2"])


@given(
    st.lists(st.tuples(st.frozensets(codes), lines, st.integers(0, 9)), max_size=4),
    st.lists(
        st.tuples(codes, lines, st.integers(-(10**12), 10**12)),
        max_size=9,
        unique_by=lambda row: row[:2],
    ),
)
def test_full_costs_and_what_is_not_shared_add_up_to_the_expenses(
    told: list[tuple[frozenset[str], str, int]], spent: list[tuple[str, str, int]]
) -> None:
    all_services = [
        followed(f"S{n}", cost_codes=own, cost_line=line, weight=weight)
        for n, (own, line, weight) in enumerate(told)
    ]
    rows, unshared = recovered(all_services, [], [Amount(*row) for row in spent])
    assert sum(row.full for row in rows) + unshared == sum(units for *_place, units in spent)


def test_services_on_their_pages(
    client: Client, earned: Book, accountant: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(accountant)
    page = reverse("ledger:service_new", args=[earned.pk])
    shown = client.get(page).content.decode()
    assert f'value="{OTHER_FEES}"' in shown
    assert f'value="{GRANTS}"' not in shown
    told = {
        "code": "TRAIN", "name": "Book-keeping course", "starts": "2025-01-01", "weight": "1",
        "fee_codes": [OTHER_FEES], "cost_codes": [TRAINING], "basis": "days", NEW_ID: str(new_id()),
    }  # fmt: skip
    refused = client.post(page, {**told, "weight": "-1"})
    assert refused.status_code == 422
    assert 'href="#id_weight"' in refused.content.decode()
    answer = client.post(page, told)
    service = CostedService.objects.get()
    detail = reverse("ledger:service_detail", args=[service.pk])
    assert answer.headers["Location"] == detail
    assert "Book-keeping course" in client.get(detail).content.decode()
    again = client.get(f"{page}?again={service.pk}").content.decode()
    assert 'value="Book-keeping course"' in again
    listed = reverse("ledger:service_list")
    assert "Book-keeping course" in client.post(listed, {"q": "book"}, follow=True).content.decode()
    assert (
        "Book-keeping course"
        not in client.post(listed, {"q": "visit"}, follow=True).content.decode()
    )
    figures = reverse("ledger:cost_recovery", args=[earned.pk])
    figures_shown = client.get(f"{figures}?from=2025-01-01&to=2025-12-31").content.decode()
    assert "74.2" in figures_shown, "520 over 701"
    client.force_login(outsider)
    assert client.get(figures).status_code == 404
    assert client.get(detail).status_code == 404
    assert "Book-keeping course" not in client.get(listed).content.decode()


def test_services_through_the_api(
    call: Caller, earned: Book, accountant: StaffUser, outsider: StaffUser
) -> None:
    told = {
        "code": "TRAIN", "name": "Training", "starts": "2025-01-01", "basis": "days",
        "fee_codes": [OTHER_FEES], "cost_codes": [TRAINING],
    }  # fmt: skip
    address, key = f"/books/{earned.pk}/services", new_id()
    made = call.post(accountant, address, told, key=key)
    assert made.status_code == 201
    assert call.post(accountant, address, told, key=key).json()["id"] == made.json()["id"]
    assert call.post(outsider, address, told).status_code == 404
    days = "since=2025-01-01&on=2025-12-31"
    found = call.get(accountant, f"/books/{earned.pk}/cost-recovery?{days}").json()
    assert found["services"][0] == {
        "service_id": made.json()["id"], "code": "TRAIN", "fees": 520_00, "direct": 400_00,
        "allocated": 0, "full": 400_00, "recovery": "130.0",
    }  # fmt: skip
    whole = sum(row.base_units for row in income_statement(earned, FIRST, LAST).expenses)
    assert found["unshared"] + 400_00 == whole
    assert call.get(outsider, f"/books/{earned.pk}/cost-recovery?{days}").status_code == 404
    assert len(call.get(accountant, "/services").json()["items"]) == 1
    assert call.get(outsider, "/services").json()["items"] == []
