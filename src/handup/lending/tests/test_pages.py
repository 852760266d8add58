"""The pages: who sees what, what a step through the door does, what is refused beside its field."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import services
from handup.lending.models import (
    Application,
    BankFile,
    Lender,
    Loan,
    LoanProposal,
    ProductVersion,
)
from handup.lending.rules.codes import ApplicationState, EventKind, LoanState
from handup.lending.tests.cast import World, applied, approved, make_product, repay, signed
from handup.org.models import StaffUser

FEBRUARY = date(2025, 2, 15)


def at(client: Client, staff: StaffUser, name: str, *args: object, **query: str) -> Any:
    """Open a page as somebody."""
    client.force_login(staff)
    address = reverse(f"lending:{name}", args=args)
    if "q" in query:  # words are looked for by a form
        return client.post(address, query, follow=True)
    return client.get(address, query)


def do(client: Client, staff: StaffUser, name: str, /, *args: object, **data: object) -> Any:
    """Send a form as somebody, past the page that reads it back."""
    client.force_login(staff)
    fields: dict[str, Any] = {"_new_id": str(new_id()), "_read_back": "1", **data}
    return client.post(reverse(f"lending:{name}", args=args), fields)


LISTS = [
    "loan_list",
    "application_list",
    "arrears",
    "bank_file_list",
    "product_list",
    "lender_list",
]


@pytest.mark.parametrize("name", LISTS)
def test_every_list_opens_empty_and_full(client: Client, world: World, name: str) -> None:
    assert at(client, world.cast.manager, name).status_code == 200
    applied(world)
    assert at(client, world.cast.manager, name).status_code == 200


@pytest.mark.parametrize("name", ["product_new", "lender_new", "bank_file_new"])
def test_every_form_of_the_manager_opens(client: Client, world: World, name: str) -> None:
    assert at(client, world.cast.manager, name).status_code == 200


def test_the_loan_list_shows_late_ones_and_exports(
    client: Client, world: World, loan: Loan
) -> None:
    page = at(client, world.cast.officer, "loan_list", late="1")
    assert loan.code in page.content.decode()
    export = at(client, world.cast.officer, "loan_list", format="csv")
    assert export.status_code == 200


@pytest.mark.parametrize(
    ("name", "kinds"), [("loan_list", 2), ("portfolio_loans", 5), ("record_ratios", 1)]
)
def test_a_page_reads_at_once_what_it_offers_of_loans_and_no_more(
    client: Client, world: World, loan: Loan, name: str, kinds: int
) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert at(client, world.cast.manager, name).status_code == 200
    said = [one["sql"] or "" for one in asked]  # the server binds some, and Django has no text
    offered = [sql for sql in said if sql.lstrip("(").startswith("SELECT DISTINCT")]
    (offers,) = [sql for sql in offered if "lending_loan" in sql]
    assert offers.count("SELECT DISTINCT") == kinds


def test_the_loan_page_shows_the_loan_of_another_day(
    client: Client, world: World, loan: Loan
) -> None:
    repay(world, loan, FEBRUARY, 113_47)
    page = at(client, world.cast.officer, "loan_detail", loan.pk, as_of="2025-02-01")
    assert "USD" in page.content.decode()
    assert "1,200.00" in page.content.decode()
    assert "0 of 12" in page.content.decode()
    today = at(client, world.cast.officer, "loan_detail", loan.pk)
    assert "1 of 12" in today.content.decode()


def test_a_wrong_as_of_day_is_today(client: Client, world: World, loan: Loan) -> None:
    assert at(client, world.cast.officer, "loan_detail", loan.pk, as_of="never").status_code == 200


def test_a_loan_out_of_sight_does_not_exist(client: Client, world: World, loan: Loan) -> None:
    for name in ("loan_detail", "record_repayment", "schedule_paper"):
        assert at(client, world.cast.outsider, name, loan.pk).status_code == 404


def test_a_clerk_sees_only_her_own_bank(client: Client, world: World, loan: Loan) -> None:
    assert at(client, world.cast.clerk, "loan_detail", loan.pk).status_code == 404
    product = make_product(world.cast, world.mirror, "REFERRED")
    own = signed(world, product_version=product)
    assert at(client, world.cast.clerk, "loan_detail", own.pk).status_code == 200


def test_who_has_no_lending_role_is_refused(client: Client, world: World) -> None:
    assert at(client, world.cast.cashier, "application_list").status_code == 403


def test_a_repayment_is_read_back_before_it_is_recorded(
    client: Client, world: World, loan: Loan
) -> None:
    today = timezone.localdate().isoformat()
    data: dict[str, Any] = {"units": "100", "value_date": today, "method": "CASH"}
    first = do(client, world.cast.cashier, "record_repayment", loan.pk, **data, _read_back="")
    client.force_login(world.cast.cashier)
    page = client.post(
        reverse("lending:record_repayment", args=[loan.pk]), {"_new_id": str(new_id()), **data}
    )
    assert page.status_code == 200
    assert "100.00" in page.content.decode()
    assert first.status_code in (200, 302)


def test_a_repayment_through_the_page_moves_money_once(
    client: Client, world: World, loan: Loan
) -> None:
    mark = str(new_id())
    today = timezone.localdate().isoformat()
    data: dict[str, Any] = {
        "units": "100,00",
        "value_date": today,
        "method": "CASH",
        "_new_id": mark,
    }
    for _ in range(2):
        answer = do(client, world.cast.cashier, "record_repayment", loan.pk, **data)
        assert answer.status_code == 302
    assert loan.events.get(kind=EventKind.REPAID).pk == UUID(mark)
    assert balance(world.book, "CASH") == 100_00


def test_a_refused_repayment_says_why_beside_the_field(
    client: Client, world: World, loan: Loan
) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    data: dict[str, Any] = {"units": "100", "value_date": tomorrow, "method": "CASH"}
    answer = do(client, world.cast.cashier, "record_repayment", loan.pk, **data)
    assert answer.status_code == 422
    assert "has not come yet" in answer.content.decode()
    assert balance(world.book, "CASH") == 0


def test_the_payment_page_and_receipt_show_the_split(
    client: Client, world: World, loan: Loan
) -> None:
    event = repay(world, loan, FEBRUARY, 113_47)
    page = at(client, world.cast.officer, "event_detail", event.pk)
    assert "24.00" in page.content.decode()
    receipt = at(client, world.cast.officer, "receipt_paper", event.pk)
    assert str(event.pk) in receipt.content.decode()
    assert "113.47" in receipt.content.decode()


def test_a_reversal_through_the_page(client: Client, world: World, loan: Loan) -> None:
    event = repay(world, loan, FEBRUARY, 100_00)
    data: dict[str, Any] = {"value_date": timezone.localdate().isoformat(), "reason": "Wrong loan"}
    answer = do(client, world.cast.accountant, "reverse_repayment", event.pk, **data)
    assert answer.status_code == 302
    assert balance(world.book, "CASH") == 0
    page = at(client, world.cast.officer, "event_detail", event.pk)
    assert "Reversed" in page.content.decode()


def test_schedule_and_agreement_are_printed(client: Client, world: World, loan: Loan) -> None:
    schedule = at(client, world.cast.officer, "schedule_paper", loan.pk).content.decode()
    assert loan.code in schedule
    agreement = at(client, world.cast.officer, "agreement_paper", loan.pk).content.decode()
    assert loan.agreement is not None
    assert loan.agreement.apr_ppm is not None
    cents = (loan.agreement.apr_ppm + 50) // 100
    assert f"{cents // 100}.{cents % 100:02}%" in agreement


def test_a_whole_application_goes_through_the_pages(client: Client, world: World) -> None:
    cast, today = world.cast, timezone.localdate().isoformat()
    world.person.case_officer = cast.officer
    world.person.save()
    answer = do(
        client,
        cast.advisor,
        "application_new",
        borrower=world.person.registration_no,
        product_version=str(world.product.pk),
        amount="900",
        instalments="6",
        purpose="Goats",
        submitted_date=today,
    )
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    row = Application.objects.get()
    assert (row.asked_units, row.advisor) == (900_00, cast.advisor)
    assert at(client, cast.appraiser, "appraise", row.pk).status_code == 200
    do(
        client,
        cast.appraiser,
        "appraise",
        row.pk,
        appraised_date=today,
        recommendation="APPROVE",
        anchor_capacity="3",
        anchor_character="4",
    )
    assert at(client, cast.committee, "application_detail", row.pk).status_code == 200
    assert at(client, cast.committee, "vote", row.pk).status_code == 200
    assert at(client, cast.committee, "decide", row.pk).status_code == 200
    do(
        client,
        cast.committee,
        "decide",
        row.pk,
        outcome="APPROVE",
        decided_date=today,
    )
    assert at(client, cast.officer, "sign", row.pk).status_code == 200
    do(client, cast.officer, "sign", row.pk, signed_date=today, start_date=today)
    loan = Loan.objects.get()
    assert at(client, cast.cashier, "disburse_loan", loan.pk).status_code == 200
    do(client, cast.cashier, "disburse_loan", loan.pk, value_date=today, method="BANK")
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE
    assert loan.dues.count() == 6
    assert at(client, cast.officer, "application_detail", row.pk).status_code == 200


def test_an_unknown_person_is_refused_at_her_number(client: Client, world: World) -> None:
    answer = do(client, world.cast.advisor, "application_new", borrower="999")
    assert answer.status_code == 422
    assert "No person, household, enterprise or group" in answer.content.decode()
    assert not Application.objects.exists()


def test_what_stops_an_application_is_named_on_the_page(client: Client, world: World) -> None:
    product = make_product(
        world.cast, world.direct, "TRAINED", eligibility={"certificate_required": True}
    )
    answer = do(
        client,
        world.cast.advisor,
        "application_new",
        borrower=world.person.registration_no,
        product_version=str(product.pk),
        amount="900",
        instalments="6",
        purpose="Goats",
        submitted_date=timezone.localdate().isoformat(),
    )
    assert answer.status_code == 422
    assert "certificate of training is missing" in answer.content.decode()
    assert not Application.objects.exists()


def test_the_advisor_cannot_decide_her_own_case_on_the_page(client: Client, world: World) -> None:
    row = applied(world)
    assert at(client, world.cast.advisor, "decide", row.pk).status_code == 403
    row.refresh_from_db()
    assert row.state == ApplicationState.SUBMITTED


def test_the_arrears_page_lists_who_is_late(client: Client, world: World, loan: Loan) -> None:
    page = at(client, world.cast.officer, "arrears").content.decode()
    assert loan.code in page
    assert "100.0%" in page


def test_a_write_off_takes_two_persons_on_the_pages(
    client: Client, world: World, loan: Loan
) -> None:
    today = timezone.localdate().isoformat()
    do(
        client,
        world.cast.officer,
        "propose_write_off",
        loan.pk,
        value_date=today,
        reason="Moved away",
    )
    proposal = LoanProposal.objects.get()
    assert at(client, world.cast.director, "write_off", proposal.pk).status_code == 200
    do(
        client,
        world.cast.director,
        "write_off",
        proposal.pk,
        approve="yes",
        value_date=today,
    )
    loan.refresh_from_db()
    assert loan.state == LoanState.WRITTEN_OFF
    page = at(client, world.cast.officer, "loan_detail", loan.pk)
    assert "Written off" in page.content.decode()
    assert at(client, world.cast.cashier, "record_recovery", loan.pk).status_code == 200
    do(
        client,
        world.cast.cashier,
        "record_recovery",
        loan.pk,
        units="50",
        value_date=today,
        method="CASH",
    )
    loan.refresh_from_db()
    assert loan.recovered_units == 50_00


def test_a_signed_loan_is_cancelled_on_the_page(client: Client, world: World) -> None:
    loan = signed(world)
    data: dict[str, Any] = {
        "value_date": timezone.localdate().isoformat(),
        "reason": "Changed her mind",
    }
    assert do(client, world.cast.officer, "cancel_loan", loan.pk, **data).status_code == 302
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED


def test_a_bank_file_is_checked_then_posted(client: Client, world: World) -> None:
    product = make_product(world.cast, world.mirror, "REFERRED")
    loan = signed(world, product_version=product)
    text = (
        "loan;kind;date;amount;reference;currency\n"
        f"{loan.code};DISBURSEMENT;2025-01-16;1200.00;D1;USD\n"
        f"{loan.code};REPAYMENT;2025-02-15;113.47;R1;USD\n"
        "L0000009;REPAYMENT;2025-02-15;5.00;R2;USD\n"
    )

    def send(act: str) -> Any:
        file = SimpleUploadedFile("january.csv", text.encode(), "text/csv")
        data = {"lender": str(world.mirror.pk), "file": file, "act": act}
        return do(client, world.cast.clerk, "bank_file_new", **data)

    checked = send("check")
    assert checked.status_code == 200
    assert "What would happen" in checked.content.decode()
    assert not BankFile.objects.exists()
    posted = send("post")
    assert posted.status_code == 302
    file = BankFile.objects.get()
    assert (file.rows_posted, file.rows_faulty) == (2, 1)
    page = at(client, world.cast.clerk, "bank_file_detail", file.pk).content.decode()
    assert "check digit" in page
    assert send("post").url == reverse("lending:bank_file_detail", args=[file.pk])
    assert BankFile.objects.count() == 1


def test_a_clerk_brings_files_of_her_own_bank_only(client: Client, world: World) -> None:
    page = at(client, world.cast.clerk, "bank_file_new").content.decode()
    assert str(world.mirror.pk) in page
    assert str(world.direct.pk) not in page


def test_a_lender_and_a_product_are_made_on_the_pages(client: Client, world: World) -> None:
    cast, today = world.cast, timezone.localdate().isoformat()
    do(
        client,
        cast.manager,
        "lender_new",
        code="SECOND",
        name="Second bank",
        mode="BANK_OWN",
        currency="usd",
        active_from=today,
    )
    lender = Lender.objects.get(code="SECOND")
    assert at(client, cast.manager, "lender_detail", lender.pk).status_code == 200
    answer = do(
        client,
        cast.manager,
        "product_new",
        code="SMALL",
        name="Small loan",
        lender=str(lender.pk),
        preset="handup-flat",
        rate_percent="12",
        instalments="12",
        smallest="100",
        largest="1500",
        savings_percent="10",
        members="3",
        effective_date=today,
    )
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    version = ProductVersion.objects.get(product__code="SMALL")
    assert version.terms["rate_ppm"] == 120_000
    assert at(client, cast.director, "product_detail", version.pk).status_code == 200
    assert do(client, cast.director, "product_approve", version.pk).status_code == 302
    version.refresh_from_db()
    assert version.approved_by == cast.director


def test_the_sign_page_leads_to_the_new_loan(client: Client, world: World) -> None:
    row = approved(world)
    data: dict[str, Any] = {"signed_date": "2025-01-15", "start_date": "2025-01-15"}
    answer = do(client, world.cast.officer, "sign", row.pk, **data)
    assert answer.url == reverse("lending:loan_detail", args=[Loan.objects.get().pk])


def test_a_facility_and_a_guarantee_stand_on_the_lenders_page(client: Client, world: World) -> None:
    services.give_guarantee(
        acting_staff=world.cast.manager,
        lender=world.mirror,
        deposit_units=5_000_00,
        signed_date=date(2024, 1, 1),
    )
    page = at(client, world.cast.manager, "lender_detail", world.mirror.pk).content.decode()
    assert "5,000.00" in page
