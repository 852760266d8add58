"""The doors of the bank channel: pages and API say and do what the services do."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending import services
from handup.lending.bankforms import OTHER, RECORDED, ROLE, SPLIT
from handup.lending.models import (
    BankAccount,
    BankStatement,
    LineMatch,
    Loan,
    PaymentBatch,
    StatementLine,
)
from handup.lending.profiles import profile, profile_choices
from handup.lending.rules.banking.codes import BatchState, LineFate, MatchState
from handup.lending.rules.codes import LoanState, Method
from handup.lending.tests.bankmade import DAY, OTHER_IBAN, Move, camt
from handup.lending.tests.cast import World, repay, signed
from handup.org.models import ReadEntry, StaffUser

DUE = 113_47


def upload(*moves: Move, **how: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile("s.xml", camt(moves, **{"kind": 54, **how}))


@pytest.fixture
def line(world: World, account: BankAccount, loan: Loan) -> StatementLine:
    """A line nothing explained."""
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s",
        content=camt([Move(DUE, "for my loan", "B1", name="Participant 0001")], kind=54),
    )
    return statement.lines.get()


def page(client: Client, staff: StaffUser, name: str, *args: object) -> str:
    client.force_login(staff)
    answer = client.get(reverse(f"lending:{name}", args=args))
    assert answer.status_code == 200, name
    return answer.content.decode()


def submit(client: Client, staff: StaffUser, view: str, *args: object, **data: object) -> Any:
    client.force_login(staff)
    return client.post(reverse(f"lending:{view}", args=args), data)


def test_a_statement_is_tried_first_and_then_posted(
    client: Client, world: World, account: BankAccount, loan: Loan
) -> None:
    moves = (Move(DUE, loan.code, "B1"), Move(1_00, "x", "B2"), Move(2_00, "y", "B2"))
    told = {"account": str(account.pk), "act": "check"}
    answer = submit(client, world.cast.accountant, "statement_new", file=upload(*moves), **told)
    text = answer.content.decode()
    assert "Nothing is written yet" in text
    assert "stands twice in this file" in text
    assert not BankStatement.objects.exists()
    told["act"] = "post"
    answer = submit(client, world.cast.accountant, "statement_new", file=upload(*moves), **told)
    statement = BankStatement.objects.get()
    assert answer.url == reverse("lending:statement_detail", args=[statement.pk])
    text = page(client, world.cast.accountant, "statement_detail", statement.pk)
    for words in ("Lines with faults", "Lines on suspense", "Lines matched", loan.code):
        assert words in text
    again = submit(client, world.cast.accountant, "statement_new", file=upload(*moves), **told)
    assert again.url == answer.url
    assert ReadEntry.objects.exists()


def test_a_file_that_is_refused_says_so_beside_its_field(
    client: Client, world: World, account: BankAccount
) -> None:
    told = {"account": str(account.pk), "act": "post"}
    for content, words in (
        (b"<!DOCTYPE x []><x/>", "declares a document type"),
        (b"<x/>", "none of the bank files"),
        (camt([Move(1_00, "x", "B")], closing=5), "does not add up"),
        (camt([], account=OTHER_IBAN), "is of the account"),
    ):
        file = SimpleUploadedFile("s.xml", content)
        answer = submit(client, world.cast.accountant, "statement_new", file=file, **told)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not BankStatement.objects.exists()


def test_the_suspense_page_shows_the_likeliest_loan_chosen(
    client: Client, world: World, loan: Loan, line: StatementLine
) -> None:
    text = page(client, world.cast.accountant, "suspense")
    assert loan.code in text
    assert "is exactly what is due next" in text
    assert f'value="{loan.pk}"' in text
    assert text.index("checked") > 0
    answer = submit(client, world.cast.accountant, "match_line", line.pk, what=str(loan.pk))
    assert answer.url == reverse("lending:suspense")
    line.refresh_from_db()
    assert line.fate == LineFate.MATCHED
    assert "Nothing waits" in page(client, world.cast.accountant, "suspense")
    text = page(client, world.cast.accountant, "bank_line", line.pk)
    assert "Undo the match" in text
    assert loan.code in text


def test_the_likeliest_loan_is_one_gesture_away(
    client: Client, world: World, loan: Loan, line: StatementLine
) -> None:
    text = page(client, world.cast.accountant, "suspense")
    assert f"It is for {loan.code}" in text
    assert reverse("lending:accept_loan", args=[line.pk]) in text
    answer = submit(client, world.cast.accountant, "accept_loan", line.pk)
    assert answer.url == reverse("lending:suspense")
    line.refresh_from_db()
    assert (line.fate, line.loan_id) == (LineFate.MATCHED, loan.pk)
    StatementLine.objects.update(fate=LineFate.OPEN, candidates=[])
    assert submit(client, world.cast.accountant, "accept_loan", line.pk).status_code == 422


@pytest.mark.parametrize("what", [OTHER, SPLIT, RECORDED, ROLE])
def test_a_line_can_be_said_to_be_something_else(
    client: Client, world: World, loan: Loan, line: StatementLine, what: str
) -> None:
    accountant = world.cast.accountant
    told: dict[str, object] = {"what": what, "reason": "as she told"}
    if what == RECORDED:
        repay(world, loan, DAY, DUE, method=Method.BANK)
    if what in (OTHER, RECORDED):
        told["loan"] = loan.code
    elif what == SPLIT:
        told["split"] = f"{loan.code} 100\n{loan.code} 13.47"
    else:
        told["role"] = "OTHER_INCOME"
    empty = submit(client, accountant, "match_line", line.pk, what=what)
    assert empty.status_code == 422
    assert submit(client, accountant, "match_line", line.pk, **told).status_code == 302
    match = LineMatch.objects.get()
    if match.state == MatchState.PROPOSED:
        assert "Nothing waits for you" in page(client, accountant, "matches_to_decide")
        assert "as she told" in page(client, world.cast.manager, "matches_to_decide")
        submit(client, world.cast.manager, "decide_match", match.pk, agree="yes")
    line.refresh_from_db()
    assert line.fate in (LineFate.MATCHED, LineFate.BOOKED)


def test_a_slip_in_a_split_is_told_under_it(
    client: Client, world: World, loan: Loan, line: StatementLine
) -> None:
    answer = submit(
        client, world.cast.accountant, "match_line", line.pk, what=SPLIT, split="L999 5\nx"
    )
    assert answer.status_code == 422
    assert "L999: No loan with this number" in answer.content.decode()
    assert not LineMatch.objects.exists()


def test_who_does_not_agree_sends_the_line_back(
    client: Client, world: World, loan: Loan, line: StatementLine
) -> None:
    BankAccount.objects.update(second_person_units=1)
    submit(client, world.cast.accountant, "match_line", line.pk, what=str(loan.pk))
    match = LineMatch.objects.get()
    bare = submit(client, world.cast.manager, "decide_match", match.pk, agree="no")
    assert bare.status_code == 422
    submit(client, world.cast.manager, "decide_match", match.pk, agree="no", reason="not hers")
    line.refresh_from_db()
    assert line.fate == LineFate.OPEN
    assert "not hers" in page(client, world.cast.accountant, "bank_line", line.pk)


def test_a_match_is_undone_on_its_page(
    client: Client, world: World, loan: Loan, line: StatementLine
) -> None:
    submit(client, world.cast.accountant, "match_line", line.pk, what=str(loan.pk))
    submit(client, world.cast.manager, "undo_match", line.pk, reason="slip")
    line.refresh_from_db()
    assert line.fate == LineFate.OPEN


def test_the_accounts_page_sets_the_bank_beside_the_books(
    client: Client, world: World, account: BankAccount, loan: Loan
) -> None:
    last = timezone.localdate() - timedelta(days=1)
    books = 100_000_00 - 1_200_00
    services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s",
        content=camt([Move(DUE, loan.code, "B1", day=last)], opening=books, first=last, last=last),
    )
    text = page(client, world.cast.accountant, "bank_account_detail", account.pk)
    assert "that nothing explains" not in text
    later = timezone.localdate()
    services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="t",
        content=camt([], opening=books, closing=books, first=later, last=later, number="2"),
    )
    text = page(client, world.cast.accountant, "bank_account_detail", account.pk)
    assert "that nothing explains" in text
    assert "is missing" in text


def test_an_account_is_added_with_a_ready_profile(client: Client, world: World) -> None:
    told = {
        "code": "wallet",
        "name": "Wallet",
        "kind": "MOBILE",
        "book": str(world.book.pk),
        "programme": str(world.programme.pk),
        "currency": "usd",
        "number": "0788 123 456",
        "holder": "The programme",
        "form": "CSV",
        "profile": "mobile_paybill",
        "pain_version": "001.001.09",
        "book_when": "CONFIRMED",
    }
    answer = submit(client, world.cast.manager, "bank_account_new", **told)
    made = BankAccount.objects.get()
    assert answer.url == reverse("lending:bank_account_detail", args=[made.pk])
    assert (made.number, made.currency) == ("0788123456", "USD")
    assert made.profile == profile("mobile_paybill")
    again = submit(client, world.cast.manager, "bank_account_new", **{**told, "code": "other"})
    assert again.status_code == 422
    assert BankAccount.objects.count() == 1


def test_every_ready_profile_can_work() -> None:
    codes = [code for code, _name in profile_choices()]
    assert {"plain", "mobile_paybill", "debit_credit"} <= set(codes)
    assert all(profile(code)["columns"] for code in codes)
    assert profile("nothing") == {}


def test_payments_go_their_way_by_the_pages(
    client: Client, world: World, account: BankAccount
) -> None:
    loan = signed(world)
    cast, today = world.cast, timezone.localdate().isoformat()
    assert loan.code in page(client, cast.accountant, "payments_new", account.pk)
    submit(client, cast.accountant, "name_loan_account", loan.pk, kind="BANK", number=OTHER_IBAN,
           holder="Ann Alba")  # fmt: skip
    submit(client, cast.accountant, "payments_new", account.pk, execution_date=today,
           loans=[str(loan.pk)])  # fmt: skip
    batch = PaymentBatch.objects.get()
    for staff, name in ((cast.accountant, "payments_check"), (cast.manager, "payments_release")):
        page(client, staff, name, batch.pk)
        assert submit(client, staff, name, batch.pk).status_code == 302
    answer = submit(client, cast.accountant, "payments_send", batch.pk)
    assert answer.headers["Content-Disposition"].endswith(f'{batch.message_id}.xml"')
    assert b"<CtrlSum>1200.00</CtrlSum>" in answer.content
    batch.refresh_from_db()
    assert batch.state == BatchState.SENT
    assert OTHER_IBAN not in page(client, cast.accountant, "payments_detail", batch.pk)
    assert OTHER_IBAN not in page(client, cast.director, "payments_detail", batch.pk)
    rejected = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{batch.message_id}</OrgnlMsgId><GrpSts>RJCT</GrpSts>"
        "</OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"
    )
    file = SimpleUploadedFile("a.xml", rejected.encode())
    submit(client, cast.clerk, "answer_new", file=file)
    batch.refresh_from_db()
    assert batch.state == BatchState.REJECTED


def test_a_batch_is_cancelled_on_its_page(
    client: Client, world: World, account: BankAccount
) -> None:
    loan = signed(world)
    services.name_loan_account(
        acting_staff=world.cast.accountant, loan=loan, number=OTHER_IBAN, holder="Ann"
    )
    batch = services.prepare_payments(
        acting_staff=world.cast.accountant,
        account=account,
        loans=[loan],
        execution_date=timezone.localdate(),
        on=timezone.localdate(),
    )
    submit(client, world.cast.accountant, "payments_cancel", batch.pk, reason="wrong day")
    batch.refresh_from_db()
    assert batch.state == BatchState.CANCELLED


@pytest.mark.parametrize(
    "name", ["bank_account_list", "statement_list", "line_list", "payments_list"]
)
def test_every_list_opens_and_exports(
    client: Client, world: World, line: StatementLine, name: str
) -> None:
    page(client, world.cast.accountant, name)
    answer = client.get(reverse(f"lending:{name}"), {"export": "csv"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "name", ["bank_account_list", "statement_list", "suspense", "matches_to_decide"]
)
def test_the_banks_clerk_sees_none_of_our_accounts(
    client: Client, world: World, line: StatementLine, name: str
) -> None:
    client.force_login(world.cast.clerk)
    assert client.get(reverse(f"lending:{name}")).status_code == 403


ROOT = "/api/v1/lending"


def call(client: Client, staff: StaffUser, path: str, **data: object) -> Any:
    client.force_login(staff)
    return client.post(
        f"{ROOT}{path}",
        json.dumps(data),
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )


def send(client: Client, staff: StaffUser, path: str, file: SimpleUploadedFile) -> Any:
    client.force_login(staff)
    return client.post(f"{ROOT}{path}", {"file": file}, headers={"Idempotency-Key": str(new_id())})


def test_the_api_brings_matches_and_decides(
    client: Client, world: World, account: BankAccount, loan: Loan
) -> None:
    cast, moves = world.cast, (Move(DUE, loan.code, "B1"), Move(5_00, "x", "B2"))
    path = f"/bank-accounts/{account.pk}"
    checked = send(client, cast.accountant, f"{path}/statement-checks", upload(*moves)).json()
    assert (checked["matched"], checked["open"]) == (1, 1)
    made = send(client, cast.accountant, f"{path}/statements", upload(*moves))
    assert made.status_code == 201
    (statement,) = made.json()
    for name in ("/bank-accounts", "/statements", "/suspense", "/payment-batches",
                 f"/statements/{statement['id']}/lines"):  # fmt: skip
        assert client.get(f"{ROOT}{name}").status_code == 200
    (waiting,) = client.get(f"{ROOT}/suspense").json()["items"]
    parts = [{"loan_id": str(loan.pk), "units": 5_00}]
    match = call(client, cast.accountant, f"/statement-lines/{waiting['id']}/matches", parts=parts)
    assert match.json()["state"] == MatchState.PROPOSED
    decided = call(client, cast.manager, f"/line-matches/{match.json()['id']}/decision", agree=True)
    assert decided.json()["state"] == MatchState.CONFIRMED
    undone = call(client, cast.director, f"/statement-lines/{waiting['id']}/undoing", reason="slip")
    assert undone.status_code == 403
    twice = call(client, cast.accountant, f"/statement-lines/{waiting['id']}/matches", parts=parts)
    assert twice.status_code == 422
    assert twice.json()["code"] == "LINE_NOT_OPEN"


def test_the_api_books_pairs_and_undoes(
    client: Client, world: World, account: BankAccount, loan: Loan, line: StatementLine
) -> None:
    cast, path = world.cast, f"/statement-lines/{line.pk}"
    repay(world, loan, DAY, DUE, method=Method.BANK)
    pair = call(client, cast.accountant, f"{path}/pairs", loan_id=str(loan.pk))
    assert pair.status_code == 201
    call(client, cast.manager, f"/line-matches/{pair.json()['id']}/decision", agree=False,
         reason="no")  # fmt: skip
    booked = call(client, cast.accountant, f"{path}/bookings", role="OTHER_INCOME", reason="gift")
    assert booked.json()["kind"] == "ROLE"
    wrong = call(client, cast.accountant, f"{path}/bookings", role="LOANS", reason="x")
    assert wrong.json()["code"] == "ROLE_NOT_OFFERED"
    line.refresh_from_db()
    assert line.fate == LineFate.PROPOSED


def test_the_api_pays_out(client: Client, world: World, account: BankAccount) -> None:
    loan, cast = signed(world), world.cast
    services.name_loan_account(
        acting_staff=cast.accountant, loan=loan, number=OTHER_IBAN, holder="Ann"
    )
    made = call(
        client,
        cast.accountant,
        f"/bank-accounts/{account.pk}/payment-batches",
        loan_ids=[str(loan.pk)],
        execution_date=timezone.localdate().isoformat(),
    )
    assert made.status_code == 201
    path = f"/payment-batches/{made.json()['id']}"
    assert call(client, cast.accountant, f"{path}/check").json()["state"] == "CHECKED"
    assert call(client, cast.accountant, f"{path}/release").status_code == 403
    assert call(client, cast.manager, f"{path}/release").json()["state"] == "RELEASED"
    file = call(client, cast.accountant, f"{path}/file")
    assert file.content.startswith(b"<?xml")
    (order,) = client.get(f"{ROOT}{path}/orders").json()
    assert (order["state"], "creditor_account" in order) == ("SENT", False)
    answer = send(client, cast.accountant, "/payment-answers", SimpleUploadedFile("a", b"<x/>"))
    assert answer.status_code == 422
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
