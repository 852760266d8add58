"""The Standard Audit File: the elements in the OECD's order, no text too long, sums that hold.

The shape below is what SAF-T 2.0 says of the parts a journal has; the schemas of the OECD and of
tax authorities are not part of this program.
"""

import io
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import NotInTwoDigits, PeriodTurned
from handup.ledger.models import Account, Book, Entry
from handup.ledger.rules.words import FundKind
from handup.ledger.saft import SPACE, Company
from handup.ledger.services import Extent, LineIn, Source
from handup.ledger.sums import sums_of
from handup.ledger.tests.conftest import Caller, Post
from handup.ledger.vouchers import voucher_number
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web.forms import NEW_ID

SINCE, ON = date(2026, 1, 1), date(2026, 1, 31)
COMPANY = Company(
    name="Hope", registration_number="123", city="Gyumri", postal_code="3101", country="AM",
    first_name="Ani", last_name="Sargsyan", telephone="+37491000000",
)  # fmt: skip
# Each element's children in order; a name with ? may be missing, with * may come again, names with
# | exclude each other.
SHAPE: dict[str, str] = {
    "AuditFile": "Header MasterFiles GeneralLedgerEntries",
    "Header": "AuditFileVersion AuditFileCountry AuditFileDateCreated SoftwareCompanyName"
    " SoftwareID SoftwareVersion Company DefaultCurrencyCode SelectionCriteria HeaderComment"
    " TaxAccountingBasis",
    "Company": "RegistrationNumber Name Address Contact",
    "Address": "City PostalCode Country",
    "Contact": "ContactPerson Telephone",
    "ContactPerson": "FirstName LastName",
    "SelectionCriteria": "SelectionStartDate SelectionEndDate",
    "MasterFiles": "GeneralLedgerAccounts AnalysisTypeTable?",
    "GeneralLedgerAccounts": "Account*",
    "Account": "AccountID AccountDescription GroupingCategory GroupingCode? AccountType"
    " OpeningDebitBalance|OpeningCreditBalance ClosingDebitBalance|ClosingCreditBalance",
    "AnalysisTypeTable": "AnalysisTypeTableEntry*",
    "AnalysisTypeTableEntry": "AnalysisType AnalysisTypeDescription AnalysisID"
    " AnalysisIDDescription",
    "GeneralLedgerEntries": "NumberOfEntries TotalDebit TotalCredit Journal*",
    "Journal": "JournalID Description Type Transaction*",
    "Transaction": "TransactionID Period PeriodYear TransactionDate SourceID TransactionType"
    " Description SystemEntryDate GLPostingDate SystemID Line*",
    "Line": "RecordID AccountID Analysis* SourceDocumentID Description DebitAmount|CreditAmount",
    "Analysis": "AnalysisType AnalysisID",
    "DebitAmount": "Amount CurrencyCode CurrencyAmount ExchangeRate?",
    "CreditAmount": "Amount CurrencyCode CurrencyAmount ExchangeRate?",
}
LONGEST = {
    "AuditFileVersion": 9, "AnalysisType": 9, "Type": 9, "SoftwareVersion": 18, "PostalCode": 18,
    "Telephone": 18, "AccountType": 18, "JournalID": 18, "TransactionType": 18, "SystemID": 18,
    "RecordID": 18, "TaxAccountingBasis": 18, "RegistrationNumber": 35, "City": 35,
    "GroupingCategory": 35, "GroupingCode": 35, "AnalysisID": 35, "SourceID": 35,
    "SourceDocumentID": 35, "FirstName": 35, "Name": 70, "LastName": 70, "AccountID": 70,
    "TransactionID": 70, "SoftwareCompanyName": 70,
}  # fmt: skip


def name_of(element: Any) -> str:
    name = etree.QName(element)
    assert name.namespace == SPACE
    return str(name.localname)


def check_shape(element: Any) -> None:
    """Every child stands where the shape has it, and no text is longer than it may be."""
    name = name_of(element)
    children = [name_of(child) for child in element]
    if name not in SHAPE:
        assert not children, name
        assert element.text, name
        assert len(element.text) <= LONGEST.get(name, 256), name
        return
    place = 0
    for part in SHAPE[name].split():
        allowed = part.rstrip("?*").split("|")
        count = 0
        while place < len(children) and children[place] in allowed:
            place, count = place + 1, count + 1
        assert count <= 1 or part.endswith("*"), (name, part)
        assert count or part.endswith(("?", "*")), (name, part)
    assert place == len(children), (name, children[place:])
    for child in element:
        check_shape(child)


def made(staff: StaffUser, book: Book, **extent: Any) -> Any:
    into = io.BytesIO()
    services.export_saft(
        acting_staff=staff,
        book=book,
        extent=Extent(SINCE, ON, **extent),
        company=COMPANY,
        into=into,
    )
    root = etree.fromstring(into.getvalue())
    check_shape(root)
    return root


def texts(root: Any, path: str) -> list[str]:
    return [element.text for element in root.iterfind("/".join(f"{{*}}{n}" for n in path.split()))]


@pytest.fixture
def posted(book: Book, post: Post, accountant: StaffUser, finance_manager: StaffUser) -> Book:
    """A fact before, a fact, one in another currency and a donor's fund, one by hand, reversed."""
    post(900_00, "BANK", "CAPITAL", on=date(2025, 12, 30))
    post(100_00, on=date(2026, 1, 10))
    fund = services.open_fund(
        acting_staff=accountant, code="D" * 40, name="Donor", kind=FundKind.PURPOSE,
        agreement_key="A",
    )  # fmt: skip
    services.add_rate(
        acting_staff=accountant, from_currency="AMD", to_currency="USD", rate_date=date(2026, 1, 9),
        numerator=25_123_456, source="Central bank",
    )  # fmt: skip
    services.post_entry(
        acting_staff=accountant,
        book=book,
        kind="MEMBER_LOAN_PAID_OUT",
        source=Source("test", "fact", new_id()),
        lines=[
            LineIn(
                38_500_00, "OFFICE_COST", currency="AMD", fund=fund.pk, budget_line="line/" * 16
            ),
            LineIn(-38_500_00, "BANK", currency="AMD", fund=fund.pk),
        ],
        happened_date=date(2026, 1, 12),
    )
    draft = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=date(2026, 1, 11),
        remark="Rent of Anna <& Co> \n" + "long " * 60,
        lines=[services.DraftLineIn("5200", 20_00), services.DraftLineIn("1120", -20_00)],
    )
    approved = services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert approved.entry is not None
    services.reverse_entry(
        acting_staff=finance_manager, entry=approved.entry, happened_date=date(2026, 1, 12)
    )
    post(5_00, on=date(2026, 2, 2))
    return book


def test_the_whole_journal_of_the_days_is_there_and_balances(
    posted: Book, accountant: StaffUser
) -> None:
    root = made(accountant, posted)
    entries = Entry.objects.filter(book=posted, entry_date__range=(SINCE, ON)).order_by("seq")
    assert texts(root, "GeneralLedgerEntries NumberOfEntries") == [str(entries.count())]
    numbers = texts(root, "GeneralLedgerEntries Journal Transaction TransactionID")
    assert sorted(numbers) == [voucher_number(entry) for entry in entries]
    journals = texts(root, "GeneralLedgerEntries Journal JournalID")
    assert journals == ["LEDGER", "LENDING", "TEST"]
    line = "GeneralLedgerEntries Journal Transaction Line"
    debit = sum(map(Decimal, texts(root, f"{line} DebitAmount Amount")))
    credit = sum(map(Decimal, texts(root, f"{line} CreditAmount Amount")))
    assert debit == credit == Decimal(texts(root, "GeneralLedgerEntries TotalDebit")[0])
    assert credit == Decimal(texts(root, "GeneralLedgerEntries TotalCredit")[0])
    assert set(texts(root, "GeneralLedgerEntries Journal Transaction TransactionType")) == {
        *("Automated", "Manual", "Reversal"),
    }
    known = set(texts(root, "MasterFiles GeneralLedgerAccounts Account AccountID"))
    assert set(texts(root, f"{line} AccountID")) <= known
    assert AuditLine.objects.get(action="ledger.export_audit").facts["form"] == "SAF-T"


def test_every_account_opens_and_closes_as_the_books_do(
    posted: Book, accountant: StaffUser
) -> None:
    root = made(accountant, posted)
    found: dict[str, tuple[Decimal, Decimal]] = {}
    for account in root.iterfind(".//{*}Account"):
        told = {name_of(child): child.text for child in account}
        found[told["AccountID"]] = (_signed(told, "Opening"), _signed(told, "Closing"))
    for which, on in ((0, date(2025, 12, 31)), (1, ON)):
        held = dict.fromkeys(Account.objects.filter(book=posted, leaf=True), 0)
        for (pk, _currency), part in sums_of(posted, None, on).items():
            held[Account.objects.get(pk=pk)] += part.net_base
        assert {account.code: Decimal(units).scaleb(-2) for account, units in held.items()} == {
            code: pair[which] for code, pair in found.items()
        }


def _signed(told: dict[str, str], which: str) -> Decimal:
    debit, credit = told.get(f"{which}DebitBalance"), told.get(f"{which}CreditBalance")
    return Decimal(debit) if debit is not None else -Decimal(credit or "0")


def test_a_foreign_amount_has_its_currency_and_rate_and_each_analysis_is_told(
    posted: Book, accountant: StaffUser
) -> None:
    root = made(accountant, posted)
    debit = root.find(".//{*}DebitAmount[{*}CurrencyCode='AMD']")
    told = {name_of(child): child.text for child in debit}
    assert told == {
        "Amount": "96.73",
        "CurrencyCode": "AMD",
        "CurrencyAmount": "38500.00",
        "ExchangeRate": "0.00251235",
    }
    entry = "MasterFiles AnalysisTypeTable AnalysisTypeTableEntry"
    types, ids = texts(root, f"{entry} AnalysisType"), texts(root, f"{entry} AnalysisID")
    assert len(set(types)) == len(types) == len(set(ids)) == 3, "two funds and a budget line"
    words = texts(root, f"{entry} AnalysisIDDescription")
    assert "line/" * 16 in words
    analysis = "GeneralLedgerEntries Journal Transaction Line Analysis"
    assert set(texts(root, f"{analysis} AnalysisType")) <= set(types)
    assert set(texts(root, f"{analysis} AnalysisID")) <= set(ids)


def test_what_was_typed_leaves_only_with_the_permission(
    posted: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    assert "Anna" not in etree.tostring(made(accountant, posted)).decode()
    with pytest.raises(NotAllowed):
        made(accountant, posted, names=True)
    described = texts(
        made(finance_manager, posted, names=True),
        "GeneralLedgerEntries Journal Transaction Description",
    )
    assert any("Rent of Anna <& Co> long" in text for text in described)


def test_what_cannot_be_written_is_refused_and_nothing_is_told(
    posted: Book, accountant: StaffUser, trainer: StaffUser, outsider: StaffUser, post: Post
) -> None:
    with pytest.raises(NotAllowed):
        made(trainer, posted)
    with pytest.raises(OutOfSight):
        made(outsider, posted)
    with pytest.raises(PeriodTurned):
        services.export_saft(
            acting_staff=accountant, book=posted, extent=Extent(ON, SINCE), company=COMPANY,
            into=io.BytesIO(),
        )  # fmt: skip
    services.add_rate(
        acting_staff=accountant, from_currency="KWD", to_currency="USD", rate_date=date(2026, 1, 9),
        numerator=3 * 10**10, source="Central bank",
    )  # fmt: skip
    post(1_000, "BANK", "CAPITAL", currency="KWD", on=date(2026, 1, 13))
    with pytest.raises(NotInTwoDigits):
        made(accountant, posted)
    assert not AuditLine.objects.filter(action="ledger.export_audit").exists()


def test_the_file_is_sent_by_its_page_and_through_the_api(
    client: Client, call: Caller, posted: Book, accountant: StaffUser, outsider: StaffUser
) -> None:
    company = {
        "name": "Hope", "registration_number": "123", "city": "Gyumri", "postal_code": "3101",
        "country": "AM", "first_name": "Ani", "last_name": "Sargsyan", "telephone": "+37491000000",
    }  # fmt: skip
    days = {"since": "2026-01-01", "on": "2026-01-31"}
    address = reverse("ledger:export_saft", args=[posted.pk])
    client.force_login(accountant)
    assert client.get(address).status_code == 200
    wrong = client.post(address, {**company, **days, "country": "Armenia", NEW_ID: str(new_id())})
    assert wrong.status_code == 422
    answer = client.post(address, {**company, **days, NEW_ID: str(new_id())})
    check_shape(etree.fromstring(answer.getvalue()))
    asked = f"/books/{posted.pk}/saf-t"
    answer = call.post(accountant, asked, {**days, "company": company})
    check_shape(etree.fromstring(answer.getvalue()))
    assert call.post(outsider, asked, {**days, "company": company}).status_code == 404
    refused = call.post(accountant, asked, {**days, "company": {**company, "country": "Armenia"}})
    assert refused.status_code == 422
