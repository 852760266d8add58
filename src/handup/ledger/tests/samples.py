"""One record of each kind the addresses of the books name, for the walk over all addresses."""

from datetime import date

from django.db.models import Model

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.models import (
    Book,
    CashCount,
    ConsolidatedBook,
    Consolidation,
    CostedService,
    CostKey,
    CostShare,
    DraftBatch,
    Fund,
    Period,
    Run,
)
from handup.ledger.rules.words import MANUAL, UNRESTRICTED_ID, BookKind, RunKind
from handup.ledger.services import DraftLineIn, LineIn, Source
from handup.ledger.tests.conftest import leaf
from handup.org.models import Office, StaffUser


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A book with one entry by hand, its month, an account and a draft."""
    book = services.open_book(
        acting_staff=staff,
        code="SAMPLE",
        name="Sample book",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        office=office,
        bank_overdraft_units=None,
    )
    entry = services.post_entry(
        acting_staff=staff,
        book=book,
        kind="MANUAL",
        source=Source("ledger", "draft", new_id()),
        lines=[
            LineIn(units=5_00, account_role="OFFICE_COST"),
            LineIn(units=-5_00, account_role="BANK"),
        ],
        happened_date=date(2026, 1, 10),
    )
    draft = services.draft_entry(
        acting_staff=staff,
        book=book,
        happened_date=date(2026, 1, 11),
        remark="Rent",
        lines=[DraftLineIn("5200", 1_00), DraftLineIn("1120", -1_00)],
    )
    run, batch = _run(book, staff), _batch(book, staff)
    whole = Consolidation.objects.create(code="WHOLE", name="Together", currency="USD")
    ConsolidatedBook.objects.create(consolidation=whole, book=book)
    fund = Fund.objects.get(pk=UNRESTRICTED_ID)
    count = CashCount.objects.create(
        account=leaf(book, "CASH"),
        currency="USD",
        counted_date=date(2026, 1, 31),
        counted_units=0,
        counted_by=staff,
    )
    return [
        book,
        entry,
        draft,
        batch,
        leaf(book, "BANK"),
        whole,
        Period.objects.get(book=book),
        run,
        fund,
        count,
        _key(book, fund, staff),
        _service(book, staff),
    ]


def _run(book: Book, staff: StaffUser) -> Run:
    return Run.objects.create(
        book=book,
        kind=RunKind.ACCRUAL,
        through=date(2026, 1, 31),
        no=1,
        engine_version="1",
        inputs_hash="0" * 64,
        last_seq=1,
        run_by=staff,
    )


def _service(book: Book, staff: StaffUser) -> CostedService:
    return CostedService.objects.create(
        book=book,
        code="TRAIN",
        name="Training",
        starts=date(2026, 1, 1),
        weight=1,
        basis="days worked",
        stated_by=staff,
    )


def _key(book: Book, fund: Fund, staff: StaffUser) -> CostKey:
    key = CostKey.objects.create(
        book=book,
        name="Days worked",
        starts=date(2026, 1, 1),
        ends=date(2026, 12, 31),
        pool_fund=fund,
        basis="time sheets",
        stated_by=staff,
    )
    CostShare.objects.create(key=key, place=1, fund=fund, weight=1)
    return key


def _batch(book: Book, staff: StaffUser) -> DraftBatch:
    return DraftBatch.objects.create(
        book=book,
        kind=MANUAL,
        name="journal.csv",
        first_date=date(2026, 1, 10),
        last_date=date(2026, 1, 11),
        entries=0,
        lines=0,
        debit_base=0,
        drafted_by=staff,
    )
