"""Entries by hand: a draft outside the journal, approved and so posted by another person, or
declined.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.budgets import check_spending
from handup.ledger.chart import AccountFact, Chart, chart_of, check_usable
from handup.ledger.errors import (
    AttachmentMissing,
    DoesNotBalance,
    DraftInBatch,
    DraftIsHalf,
    DraftSettled,
    FundNotAllowed,
    InterestOfNoLoan,
)
from handup.ledger.labels import spoken
from handup.ledger.models import Book, Draft, DraftLine, Fund
from handup.ledger.pairs import PAIR
from handup.ledger.rules.journal import (
    LineIn,
    Source,
    check_lines,
    check_reach,
    rate_between,
)
from handup.ledger.rules.words import (
    ADJUSTMENT,
    INTEREST_PAID,
    MANUAL,
    UNRESTRICTED_ID,
    AccountType,
    DraftStatus,
)
from handup.ledger.services import heads
from handup.ledger.services.fund_debts import hold_to_funds, settlement_of
from handup.ledger.services.periods import adjustment_date
from handup.ledger.services.posting import EntryIn, post_entries
from handup.ledger.typed import check_come, check_currency
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import require_other_person
from handup.org.models import Setting, StaffUser
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.org.services import store_file
from handup.org.web.money import currency_digits, format_money

COST_OF_MONEY = "FINANCIAL_COST"
ATTACHMENT_KEY = "ledger.attachment_from_units"
"""Setting: from which amount a paper is required, by currency: {"USD": 50000}."""


@dataclass(frozen=True, slots=True)
class DraftLineIn:
    """One line as a person types it: the account's code, units (debit positive)."""

    account_code: str
    units: int
    currency: str = ""
    fund: UUID | None = None
    budget_line: str = ""
    base_units: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper an entry rests on: the name and the bytes of its file."""

    name: str
    content: bytes


Fact = tuple[DraftLineIn, AccountFact, str, UUID]


def draft_entry(
    *,
    acting_staff: StaffUser,
    book: Book,
    happened_date: date,
    remark: str,
    lines: Sequence[DraftLineIn],
    kind: str = MANUAL,
    branch: UUID | None = None,
    paper: Paper | None = None,
    between_funds: bool = False,
    id: UUID | None = None,
) -> Draft:
    """Keep an entry by hand for approval; it must balance as it stands. between_funds: it settles
    what one fund owes another (`settle_between_funds`).

    Raises DoesNotBalance, TooFewLines, EmptyLine, AccountUnknown, AccountNotLeaf, AccountClosed,
    WrongCurrency, CurrencyUnknown, DayToCome, AttachmentMissing, InterestOfNoLoan,
    SameIdOtherContent.
    """
    require(acting_staff, "ledger.draft_entry", book)
    told: dict[str, Any] = {
        "book": book,
        "kind": kind,
        "happened_date": happened_date,
        "remark": remark,
        "drafted_by": acting_staff,
        "between_funds": between_funds,
    }
    known = already_stored(Draft, id, acting_staff, **told)
    if known is not None:
        _check_same(known, lines)
        return known
    facts = _facts(book, happened_date, kind, lines)
    if paper is None:
        _check_paper((currency, line.units) for line, _a, currency, _f in facts)
    else:
        require_clean(paper.content)
    with transaction.atomic():
        draft: Draft = Draft.objects.create(
            id=id or new_id(), branch_id=branch or book.office_id, **told
        )
        if paper is not None:
            draft.attachment = store_file(
                acting_staff=acting_staff,
                owner=draft,
                name=paper.name,
                content=paper.content,
                klass=DataClass.P,
            )
            draft.save(update_fields=["attachment"])
        _keep_lines(draft, facts)
        audit.record(acting_staff, "ledger.draft_entry", draft, {"kind": kind})
    return draft


def _keep_lines(draft: Draft, facts: Sequence[Fact]) -> None:
    DraftLine.objects.bulk_create(
        DraftLine(
            draft=draft,
            no=no,
            account_id=account.id,
            units=line.units,
            currency=currency,
            base_units=line.base_units,
            fund_id=fund,
            budget_line=line.budget_line,
        )
        for no, (line, account, currency, fund) in enumerate(facts, 1)
    )


def _check_same(known: Draft, lines: Sequence[DraftLineIn]) -> None:
    """Refuse a draft sent again with other lines. Raises SameIdOtherContent."""
    base = known.book.base_currency
    held = known.lines.order_by("no").values_list(
        "account__code", "units", "currency", "base_units", "fund", "budget_line"
    )
    told = [
        (
            line.account_code,
            line.units,
            line.currency or base,
            line.base_units,
            line.fund or UNRESTRICTED_ID,
            line.budget_line,
        )
        for line in lines
    ]
    if list(held) != told:
        raise SameIdOtherContent(field="lines")


def _facts(book: Book, on: date, kind: str, lines: Sequence[DraftLineIn]) -> list[Fact]:
    """Each line with its account, currency and fund, checked as posting will."""
    check_reach(on, book.first_month, book.last_month)
    check_come(on)
    chart = chart_of(book.pk, book.code, book.chart_stamp)
    facts: list[Fact] = []
    check_funds({line.fund for line in lines if line.fund is not None})
    for line in lines:
        currency = line.currency or book.base_currency
        check_currency(currency, field="lines")
        account = chart.of_code(line.account_code)
        check_usable(account, currency)
        if account.id in chart.between_books:
            raise DraftIsHalf(field="lines")
        facts.append((line, account, currency, line.fund or UNRESTRICTED_ID))
    if kind == INTEREST_PAID:
        _check_interest(chart, facts)
    try:
        check_lines([(line.units, 0, currency, fund) for line, _a, currency, fund in facts], kind)
    except DoesNotBalance as refusal:
        raise spoken(refusal, book.base_currency) from None
    return facts


def _check_interest(chart: Chart, facts: Sequence[Fact]) -> None:
    """Refuse interest that names no fund which was lent. Raises InterestOfNoLoan."""
    costs = {fact.id for (role, _currency), fact in chart.by_role.items() if role == COST_OF_MONEY}
    named = (account.id in costs and fund != UNRESTRICTED_ID for _l, account, _c, fund in facts)
    if not any(named):
        raise InterestOfNoLoan(field="lines")


def _check_paper(lines: Iterable[tuple[str, int]]) -> None:
    """Refuse an entry without a paper from the amount on that the institution has set."""
    limits: Any = Setting.objects.filter(key=ATTACHMENT_KEY).values_list("value", flat=True).first()
    if not isinstance(limits, dict):
        return
    debits: dict[str, int] = {}
    for currency, units in lines:
        debits[currency] = debits.get(currency, 0) + max(0, units)
    for currency, units in debits.items():
        limit = limits.get(currency)
        if isinstance(limit, int) and units >= limit:
            raise AttachmentMissing(field="attachment", amount=format_money(limit, currency))


def check_funds(ids: set[UUID]) -> None:
    """Refuse funds that do not exist. Raises FundNotAllowed."""
    known = set(Fund.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()
    if unknown := ids - known:
        raise FundNotAllowed(fund=min(unknown), what="this book")


def approve_draft(*, acting_staff: StaffUser, draft: Draft, reason: str = "") -> Draft:
    """Approve a draft of another person, which posts it. reason: why one person does both, where
    the institution is that small.

    Raises SamePerson, DraftSettled, BudgetExceeded and what post_entries raises; PeriodClosed for
    an adjustment whose period is CLOSED; NothingOwed and FundHasLess for what settles between funds
    and is owed no more, or whose money went elsewhere. What is refused waits as before.
    """
    require(acting_staff, "ledger.approve_draft", draft)
    with transaction.atomic():
        sides = _open_sides(draft, acting_staff, "ledger.approve_draft", reason)
        lines = [list(side.lines.select_related("account", "fund")) for side in sides]
        for held in lines:
            check_draft_spending(held, sides[0].happened_date)
        # The books are locked before their months are looked at, so that none closes in between.
        heads.lock([side.book_id for side in sides])
        for side, held in zip(sides, lines, strict=True):
            if side.between_funds:
                hold_to_funds(side.book, settlement_of(side, held), waiting=False)
        entries = [
            entry_of(side, held, acting_staff) for side, held in zip(sides, lines, strict=True)
        ]
        made = post_entries(entries, acting_staff=sides[0].drafted_by)
        for side, entry in zip(sides, made, strict=True):
            side.entry = entry
            _settle(side, acting_staff, DraftStatus.POSTED)
            audit.record(acting_staff, "ledger.approve_draft", side, {"entry": str(entry.pk)})
    return sides[0]


def check_draft_spending(lines: Iterable[DraftLine], on: date) -> None:
    """Refuse lines of a day that would overspend a budget line. Raises BudgetExceeded."""
    spent = (
        (line.fund_id, line.budget_line, line.currency, line.units)
        for line in lines
        if line.account.type == AccountType.EXPENSE
    )
    check_spending(spent, on)


def entry_of(draft: Draft, lines: Sequence[DraftLine], approver: StaffUser) -> EntryIn:
    """The entry a draft becomes. Raises PeriodClosed for an adjustment of a closed month."""
    book = draft.book
    between = chart_of(book.pk, book.code, book.chart_stamp).between_books
    pair = (PAIR, draft.pair_id) if draft.pair_id is not None else None
    return EntryIn(
        book=book,
        kind=draft.kind,
        source=Source("ledger", "draft", draft.pk),
        lines=[
            _line_of(line, book.base_currency, pair if line.account_id in between else None)
            for line in lines
        ],
        happened_date=draft.happened_date,
        branch=draft.branch_id,
        remark=draft.remark,
        approved_by=approver.pk,
        entry_date=(
            adjustment_date(draft.book, draft.happened_date) if draft.kind == ADJUSTMENT else None
        ),
    )


def _line_of(line: DraftLine, base: str, subject: tuple[str, UUID] | None) -> LineIn:
    told = line.base_units is not None and line.currency != base
    return LineIn(
        units=line.units,
        account_code=line.account.code,
        currency=line.currency,
        subject=subject,
        fund=line.fund_id,
        budget_line=line.budget_line,
        base_units=line.base_units if told else None,
        rate=(
            rate_between(
                line.units,
                line.base_units or 0,
                currency_digits(line.currency),
                currency_digits(base),
            )
            if told
            else None
        ),
    )


def decline_draft(*, acting_staff: StaffUser, draft: Draft, reason: str = "") -> Draft:
    """Decline a draft of another person; nothing is posted. Raises SamePerson, DraftSettled."""
    require(acting_staff, "ledger.decline_draft", draft)
    with transaction.atomic():
        sides = _open_sides(draft, acting_staff, "ledger.decline_draft", reason)
        for side in sides:
            _settle(side, acting_staff, DraftStatus.DECLINED)
            audit.record(acting_staff, "ledger.decline_draft", side)
    return sides[0]


def _open_sides(draft: Draft, staff: StaffUser, step: str, reason: str) -> list[Draft]:
    """The draft, and the draft of the other book where money goes between two."""
    sides = [_open_draft(draft, staff, step, reason)]
    if sides[0].pair_id is not None:
        for other in Draft.objects.filter(pair_id=sides[0].pair_id).exclude(pk=draft.pk):
            require(staff, step, other)
            sides.append(_open_draft(other, staff, step, reason))
    return sides


def _open_draft(draft: Draft, acting_staff: StaffUser, step: str, reason: str) -> Draft:
    locked: Draft = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("book", "drafted_by")
        .get(pk=draft.pk)
    )
    if locked.status != DraftStatus.DRAFT:
        raise DraftSettled(status=locked.get_status_display())
    if locked.batch_id is not None:
        raise DraftInBatch()
    require_other_person(acting_staff, locked.drafted_by, step=step, reason=reason, obj=locked)
    return locked


def _settle(draft: Draft, acting_staff: StaffUser, status: DraftStatus) -> None:
    draft.status = status
    draft.settled_by = acting_staff
    draft.settled_at = timezone.now()
    draft.save(update_fields=["status", "settled_by", "settled_at", "entry"])
