"""Entries by hand wait for another person."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import (
    AccountNotLeaf,
    AccountUnknown,
    AttachmentMissing,
    DoesNotBalance,
    DraftSettled,
    InterestOfNoLoan,
)
from handup.ledger.models import Account, Book, Draft, Entry, Line, Remark
from handup.ledger.rules.words import INTEREST_PAID, DraftStatus, FundKind
from handup.ledger.services import DraftLineIn, Paper
from handup.ledger.services.drafts import ATTACHMENT_KEY
from handup.ledger.tests.conftest import JANUARY, make_staff
from handup.ledger.verify import book_differences
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.services import read_file

RENT = (DraftLineIn("5200", 20_00), DraftLineIn("1120", -20_00))


@pytest.fixture
def draft(book: Book, accountant: StaffUser) -> Draft:
    """Anahit has typed the rent."""
    return services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=JANUARY,
        remark="Rent of January",
        lines=RENT,
    )


def test_a_draft_is_outside_the_journal(draft: Draft) -> None:
    assert (draft.status, draft.lines.count()) == (DraftStatus.DRAFT, 2)
    assert not Entry.objects.exists()


def test_another_person_approves_and_so_posts_it(
    draft: Draft, book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    posted = services.approve_draft(acting_staff=finance_manager, draft=draft)
    entry = posted.entry
    assert entry is not None
    assert (entry.posted_by, entry.approved_by) == (accountant, finance_manager)
    assert (entry.kind, entry.source_domain, entry.source_id) == ("MANUAL", "ledger", draft.pk)
    assert list(Line.objects.filter(entry=entry).values_list("units", flat=True)) == [20_00, -20_00]
    assert Remark.objects.get(entry=entry).text == "Rent of January"
    assert (posted.status, posted.settled_by) == (DraftStatus.POSTED, finance_manager)
    assert not list(book_differences(book))


def test_nobody_approves_or_declines_her_own_draft(book: Book) -> None:
    alone = make_staff("eva", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
    draft = services.draft_entry(
        acting_staff=alone, book=book, happened_date=JANUARY, remark="Rent", lines=RENT
    )
    for settle in (services.approve_draft, services.decline_draft):
        with pytest.raises(SamePerson):
            settle(acting_staff=alone, draft=draft)
    draft.refresh_from_db()
    assert draft.status == DraftStatus.DRAFT
    assert not Entry.objects.exists()


def test_a_declined_draft_posts_nothing_and_is_settled(
    draft: Draft, finance_manager: StaffUser
) -> None:
    declined = services.decline_draft(acting_staff=finance_manager, draft=draft)
    assert declined.status == DraftStatus.DECLINED
    with pytest.raises(DraftSettled):
        services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert not Entry.objects.exists()


def test_a_draft_is_posted_once(draft: Draft, finance_manager: StaffUser) -> None:
    services.approve_draft(acting_staff=finance_manager, draft=draft)
    with pytest.raises(DraftSettled):
        services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert Entry.objects.count() == 1


def test_the_same_draft_sent_twice_is_kept_once(book: Book, accountant: StaffUser) -> None:
    pk = new_id()
    for _ in range(2):
        services.draft_entry(
            acting_staff=accountant,
            book=book,
            happened_date=JANUARY,
            remark="Rent",
            lines=RENT,
            id=pk,
        )
    assert Draft.objects.count() == 1


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ((DraftLineIn("5200", 20_00), DraftLineIn("1120", -19_00)), DoesNotBalance),
        ((DraftLineIn("5000", 20_00), DraftLineIn("1120", -20_00)), AccountNotLeaf),
        ((DraftLineIn("5299", 20_00), DraftLineIn("1120", -20_00)), AccountUnknown),
    ],
)
def test_a_wrong_draft_is_refused_as_it_is_typed(
    book: Book,
    accountant: StaffUser,
    lines: tuple[DraftLineIn, ...],
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal):
        services.draft_entry(
            acting_staff=accountant, book=book, happened_date=JANUARY, remark="x", lines=lines
        )
    assert not Draft.objects.exists()


def test_who_may_not_draft_or_approve_is_refused(
    book: Book, draft: Draft, trainer: StaffUser, outsider: StaffUser, accountant: StaffUser
) -> None:
    for staff, refusal in ((trainer, NotAllowed), (outsider, OutOfSight)):
        with pytest.raises(refusal):
            services.draft_entry(
                acting_staff=staff,
                book=book,
                happened_date=date(2026, 1, 2),
                remark="x",
                lines=RENT,
            )
        with pytest.raises(refusal):
            services.approve_draft(acting_staff=staff, draft=draft)
    with pytest.raises(NotAllowed):
        services.approve_draft(acting_staff=accountant, draft=draft)
    assert Draft.objects.count() == 1
    assert not Entry.objects.exists()


def test_from_an_amount_on_an_entry_needs_its_paper(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    Setting.objects.create(key=ATTACHMENT_KEY, value={"USD": 20_00})
    told: dict[str, Any] = {
        "acting_staff": accountant,
        "book": book,
        "happened_date": JANUARY,
        "remark": "Rent",
        "lines": RENT,
    }
    with pytest.raises(AttachmentMissing) as refused:
        services.draft_entry(**told)
    assert refused.value.field == "attachment"
    assert not Draft.objects.exists()
    small = (DraftLineIn("5200", 19_99), DraftLineIn("1120", -19_99))
    services.draft_entry(**{**told, "lines": small})
    draft = services.draft_entry(**told, paper=Paper("bill.txt", b"Rent, 20.00"))
    assert draft.attachment is not None
    assert read_file(draft.attachment) == b"Rent, 20.00"
    services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert Entry.objects.count() == 1


def test_an_entry_of_several_lines_is_typed_on_one_sheet(
    client: Client, book: Book, accountant: StaffUser
) -> None:
    client.force_login(accountant)
    address = reverse("ledger:draft_lines", args=[book.pk])
    assert "Office and travel" in client.get(address).content.decode()
    told = {
        "kind": "MANUAL",
        "happened_date": "2026-01-10",
        "remark": "Rent and paper",
        "account_1": "5200",
        "debit_1": "20",
        "account_2": "5900",
        "debit_2": "1.50",
        "budget_line_2": "1.2",
        "account_3": "1120",
        "credit_3": "21.50",
        "attachment": SimpleUploadedFile("bill.txt", b"21.50"),
        "_new_id": str(new_id()),
    }
    told |= {f"currency_{n}": "USD" for n in range(1, 11)}
    answer = client.post(address, told)
    draft = Draft.objects.get()
    assert answer.headers["Location"] == reverse("ledger:draft_detail", args=[draft.pk])
    assert list(draft.lines.values_list("units", "budget_line")) == [
        (20_00, ""),
        (1_50, "1.2"),
        (-21_50, ""),
    ]
    shown = client.get(answer.headers["Location"]).content.decode()
    assert draft.attachment is not None
    assert reverse("org:file", args=[draft.attachment_id]) in shown


def test_a_sheet_that_does_not_balance_or_lacks_an_account_keeps_what_was_typed(
    client: Client, book: Book, accountant: StaffUser
) -> None:
    client.force_login(accountant)
    address = reverse("ledger:draft_lines", args=[book.pk])
    told = {"kind": "MANUAL", "happened_date": "2026-01-10", "remark": "Rent"}
    told |= {"account_1": "5200", "debit_1": "20", "account_2": "1120", "credit_2": "19"}
    refused = client.post(address, told)
    assert refused.status_code == 422
    assert "differ by USD\u00a01.00" in refused.content.decode()
    both = client.post(address, {**told, "credit_1": "1", "credit_3": "1"}).content.decode()
    assert "either as debit or as credit" in both
    assert "Choose the account of this line" in both
    assert not Draft.objects.exists()


def test_a_draft_sent_again_with_another_worth_is_refused(
    book: Book, accountant: StaffUser
) -> None:
    key = new_id()

    def send(worth: int | None) -> Draft:
        lines = [
            DraftLineIn(code, sign * 5_00, base_units=None if worth is None else sign * worth)
            for code, sign in (("5200", 1), ("1120", -1))
        ]
        return services.draft_entry(
            acting_staff=accountant,
            book=book,
            happened_date=date(2026, 1, 12),
            remark="Rent",
            lines=lines,
            id=key,
        )

    assert send(None) == send(None)
    with pytest.raises(SameIdOtherContent):
        send(6_00)


def test_interest_paid_to_a_funder_names_the_fund_of_the_loan(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    fund = services.open_fund(
        acting_staff=finance_manager, code="L1", name="Loan", kind=FundKind.PURPOSE
    )
    [cost] = Account.objects.filter(book=book, roles__role="FINANCIAL_COST")
    told: dict[str, Any] = {
        "acting_staff": accountant,
        "book": book,
        "happened_date": JANUARY,
        "remark": "Interest of January",
        "kind": INTEREST_PAID,
    }
    for lines in (
        (DraftLineIn(cost.code, 5_00), DraftLineIn("1120", -5_00)),
        (DraftLineIn("5200", 5, fund=fund.pk), DraftLineIn("1120", -5, fund=fund.pk)),
    ):
        with pytest.raises(InterestOfNoLoan):
            services.draft_entry(lines=lines, **told)
    paid = [DraftLineIn(cost.code, 5_00, fund=fund.pk), DraftLineIn("1120", -5_00, fund=fund.pk)]
    draft = services.draft_entry(lines=paid, **told)
    assert Draft.objects.get() == draft, "what was refused is not kept"
    posted = services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert posted.entry is not None
    assert posted.entry.kind == "INTEREST_PAID"
