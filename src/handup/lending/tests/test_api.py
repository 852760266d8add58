"""The API door: the same services, keys that count once, refusals as problems."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending.models import BankFile, Loan, ProductVersion
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.tests.cast import World, make_product, signed
from handup.org.models import StaffUser

ROOT = "/api/v1/lending"


def get(client: Client, staff: StaffUser, path: str, **query: str) -> Any:
    """Read as somebody."""
    client.force_login(staff)
    return client.get(f"{ROOT}{path}", query)


def post(
    client: Client, staff: StaffUser, path: str, key: UUID | None = None, **data: object
) -> Any:
    """Write as somebody, with a key."""
    client.force_login(staff)
    return client.post(
        f"{ROOT}{path}",
        json.dumps(data),
        content_type="application/json",
        headers={"Idempotency-Key": str(key or new_id())},
    )


@pytest.mark.parametrize(
    "path", ["/lenders", "/products", "/applications", "/loans", "/bank-files"]
)
def test_every_list_answers(client: Client, world: World, loan: Loan, path: str) -> None:
    answer = get(client, world.cast.manager, path)
    assert answer.status_code == 200
    assert "items" in answer.json()


def test_an_application_goes_all_the_way(client: Client, world: World) -> None:
    cast, today = world.cast, timezone.localdate().isoformat()
    row = post(
        client,
        cast.advisor,
        "/applications",
        programme_id=str(world.programme.pk),
        product_version_id=str(world.product.pk),
        person_id=str(world.person.pk),
        units=900_00,
        instalments=6,
        purpose="Goats",
        submitted_date=today,
    )
    assert row.status_code == 201, row.content
    where = f"/applications/{row.json()['id']}"
    steps: list[tuple[StaffUser, str, dict[str, Any]]] = [
        (
            cast.appraiser,
            "appraisals",
            {"appraised_date": today, "recommendation": "APPROVE", "anchors": {"capacity": 3}},
        ),
        (cast.committee, "votes", {"choice": "APPROVE", "voted_date": today}),
        (cast.second, "decision", {"outcome": "APPROVE", "decided_date": today}),
        (cast.officer, "agreement", {"signed_date": today}),
    ]
    for staff, step, data in steps:
        answer = post(client, staff, f"{where}/{step}", **data)
        assert answer.status_code == 201, answer.content
    loan = Loan.objects.get()
    out = post(client, cast.cashier, f"/loans/{loan.pk}/disbursement", value_date=today)
    assert out.status_code == 201, out.content
    assert get(client, cast.advisor, where).json()["state"] == "SIGNED"
    assert get(client, cast.officer, f"/loans/{loan.pk}").json()["state"] == "ACTIVE"
    events = get(client, cast.officer, f"/loans/{loan.pk}/events").json()
    assert [event["kind"] for event in events] == ["AGREED", "DISBURSED"]


def test_a_repayment_with_one_key_counts_once(client: Client, world: World, loan: Loan) -> None:
    key, today = new_id(), timezone.localdate().isoformat()
    path = f"/loans/{loan.pk}/repayments"
    for _ in range(2):
        answer = post(client, world.cast.cashier, path, key, units=100_00, value_date=today)
        assert answer.status_code == 201, answer.content
        assert answer.json()["id"] == str(key)
    other = post(client, world.cast.cashier, path, key, units=101_00, value_date=today)
    assert other.status_code == 409
    assert balance(world.book, "CASH") == 100_00


def test_a_refusal_is_a_problem_with_its_field(client: Client, world: World, loan: Loan) -> None:
    answer = post(
        client,
        world.cast.cashier,
        f"/loans/{loan.pk}/repayments",
        units=100_00,
        value_date="2149-01-01",
    )
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert (answer.json()["code"], answer.json()["field"]) == ("FUTURE_DATE", "value_date")


def test_what_is_out_of_sight_does_not_exist(client: Client, world: World, loan: Loan) -> None:
    assert get(client, world.cast.outsider, f"/loans/{loan.pk}").status_code == 404
    answer = post(
        client,
        world.cast.outsider,
        f"/loans/{loan.pk}/repayments",
        units=5,
        value_date=timezone.localdate().isoformat(),
    )
    assert answer.status_code == 404
    assert loan.events.count() == 2


def test_a_role_without_the_right_is_refused(client: Client, world: World, loan: Loan) -> None:
    assert get(client, world.cast.cashier, "/applications").status_code == 403


def test_the_state_of_any_day(client: Client, world: World, loan: Loan) -> None:
    answer = get(client, world.cast.officer, f"/loans/{loan.pk}/state", as_of="2025-03-20")
    told = answer.json()
    assert (told["arrears_days"], told["principal_units"]) == (33, 1_200_00)
    assert len(told["rows"]) == 12


def test_the_portfolio_at_risk_names_its_definition(
    client: Client, world: World, loan: Loan
) -> None:
    told = get(client, world.cast.officer, "/portfolio-at-risk", as_of="2025-03-20").json()
    assert (told["id"], told["parameter"], told["percent"]) == ("PAR", 30, "100.0")
    assert (told["numerator"], told["numerator_loans"]) == (1_200_00, 1)


def test_a_repayment_is_reversed(client: Client, world: World, loan: Loan) -> None:
    today = timezone.localdate().isoformat()
    made = post(
        client,
        world.cast.cashier,
        f"/loans/{loan.pk}/repayments",
        units=100_00,
        value_date=today,
    ).json()
    answer = post(
        client,
        world.cast.accountant,
        f"/events/{made['id']}/reversal",
        value_date=today,
        reason="Wrong loan",
    )
    assert answer.status_code == 201
    assert balance(world.book, "CASH") == 0


def test_a_write_off_and_a_recovery(client: Client, world: World, loan: Loan) -> None:
    today = timezone.localdate().isoformat()
    told = post(
        client,
        world.cast.officer,
        f"/loans/{loan.pk}/write-off-proposals",
        value_date=today,
        reason="Gone",
    ).json()
    done = post(client, world.cast.director, f"/proposals/{told['id']}/decision", value_date=today)
    assert done.json()["state"] == "APPROVED"
    answer = post(
        client,
        world.cast.cashier,
        f"/loans/{loan.pk}/recoveries",
        units=5_00,
        value_date=today,
    )
    assert answer.status_code == 201
    loan.refresh_from_db()
    assert (loan.state, loan.recovered_units) == (LoanState.WRITTEN_OFF, 5_00)


def test_a_signed_loan_is_cancelled(client: Client, world: World) -> None:
    loan = signed(world)
    answer = post(
        client,
        world.cast.officer,
        f"/loans/{loan.pk}/cancellation",
        value_date=timezone.localdate().isoformat(),
        reason="Changed her mind",
    )
    assert answer.status_code == 201
    assert loan.events.filter(kind=EventKind.CANCELLED).exists()


def test_a_lender_with_limits_and_a_product_are_made(client: Client, world: World) -> None:
    cast, today = world.cast, timezone.localdate().isoformat()
    key = new_id()
    for _ in range(2):
        made = post(
            client,
            cast.manager,
            "/lenders",
            key,
            code="THIRD",
            name="Third bank",
            mode="BANK_GUARANTEED",
            currency="USD",
            active_from=today,
        )
        assert made.status_code == 201, made.content
    lender = made.json()["id"]
    guarantee = post(
        client,
        cast.manager,
        f"/lenders/{lender}/guarantees",
        deposit_units=500_00,
        signed_date=today,
    )
    facility = post(
        client,
        cast.manager,
        f"/lenders/{lender}/facilities",
        limit_units=500_00,
        signed_date=today,
    )
    assert (guarantee.status_code, facility.status_code) == (201, 201)
    product = post(
        client,
        cast.manager,
        "/products",
        code="NEW",
        name="New",
        lender_id=lender,
        rate_ppm=120_000,
        instalments=12,
        principal_min_units=100_00,
        principal_max_units=900_00,
        effective_date=today,
    )
    assert product.status_code == 201, product.content
    pk = product.json()["id"]
    own = post(client, cast.manager, f"/products/{pk}/approval", value_date=today)
    assert own.status_code == 422
    assert ProductVersion.objects.get(pk=pk).approved_by is None
    done = post(client, cast.director, f"/products/{pk}/approval", value_date=today)
    assert done.status_code == 201


def test_a_bank_file_comes_through_the_api(client: Client, world: World) -> None:
    product = make_product(world.cast, world.mirror, "REFERRED")
    loan = signed(world, product_version=product)
    text = (
        "loan;kind;date;amount;reference;currency\n"
        f"{loan.code};DISBURSEMENT;2025-01-16;1200.00;D1;USD\n"
        "nothing;REPAYMENT;2025-02-15;5.00;R2;USD\n"
    )

    def send(path: str) -> Any:
        client.force_login(world.cast.clerk)
        file = SimpleUploadedFile("file.csv", text.encode(), "text/csv")
        return client.post(
            f"{ROOT}/lenders/{world.mirror.pk}/{path}",
            {"file": file},
            headers={"Idempotency-Key": str(new_id())},
        )

    checked = send("bank-file-checks").json()
    assert (checked["ready"], checked["faults"]) == (1, 1)
    assert not BankFile.objects.exists()
    made = send("bank-files")
    assert made.status_code == 201, made.content
    assert (made.json()["rows_posted"], made.json()["rows_faulty"]) == (1, 1)
    lines = get(client, world.cast.clerk, f"/bank-files/{made.json()['id']}/lines").json()
    assert [line["fault_code"] for line in lines] == ["", "LOAN_UNKNOWN"]
    assert send("bank-files").json()["id"] == made.json()["id"]
