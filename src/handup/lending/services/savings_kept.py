"""Compulsory savings that lie at a bank: what is on each account, and behind which loan it stands.
What of a payment is saved is worked out in `savings_shares.py`; the people's own steps are in
`savings.py`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, Sum

from handup.kernel.credit import savings as rules
from handup.kernel.credit.codes import SavingsHolder
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Book, Entry
from handup.ledger.services import (
    EntryIn,
    LineIn,
    Part,
    Source,
    fact_lines,
    post_entries,
    reverse_entry,
)
from handup.lending.errors import SavingsMoved, StopRule
from handup.lending.models import (
    Application,
    Decision,
    Loan,
    LoanEvent,
    SavingsAccount,
    SavingsMove,
)
from handup.lending.models.labels import STOP_LABELS
from handup.lending.rules.codes import EventKind, LoanState, SavingsMoveKind
from handup.lending.rules.eligibility import Preconditions, Stop
from handup.lending.rules.terms import read_terms
from handup.lending.services import posting
from handup.lending.services.rows import next_codes
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.web.money import format_money
from handup.people.queries.merging import all_ids, ids_by_person

PURPOSE = "SAVINGS"
ROLE = "COMPULSORY_SAVINGS"
OPEN_LOANS = (LoanState.AGREED.value, LoanState.ACTIVE.value, LoanState.WRITTEN_OFF.value)
"""Loans behind which savings stay: until nothing is owed."""

_MOVES = frozenset({EventKind.DISBURSED, EventKind.SAVINGS_SET_OFF})
"""What moves savings without saying so in the event; a payment says how much of it was saved."""


class SavingsGone(Refusal):
    """These savings are not there any more; take back first what they were used for."""


def money(units: int, currency: str) -> str:
    """An amount in words, for a refusal."""
    return format_money(units, currency)


def saves(loan: Loan) -> bool:
    """Whether a bank holds savings of the borrower beside this loan."""
    return bool(loan.terms.get("savings_holder") == SavingsHolder.BANK.value)


# --- what is on an account ------------------------------------------------------------------------


def by_loan(account: SavingsAccount, on: date | None = None) -> dict[UUID | None, int]:
    """What of an account stands behind which loan; None = behind none."""
    rows = account.moves.all()
    if on is not None:
        rows = rows.filter(value_date__lte=on)
    sums = rows.order_by().values_list("loan").annotate(n=Sum("units"))
    return {loan: int(units) for loan, units in sums if units}


def free_by_loan(account: SavingsAccount, on: date | None = None) -> dict[UUID | None, int]:
    """What of it is free: behind no loan, or behind one of which nothing is owed any more."""
    found = by_loan(account, on)
    held = Loan.objects.filter(pk__in=[pk for pk in found if pk], state__in=OPEN_LOANS)
    bound = set(held.values_list("pk", flat=True))
    return {loan: units for loan, units in found.items() if loan not in bound}


def free_units(account: SavingsAccount, on: date | None = None) -> int:
    """How much of an account is free, now and on an earlier day."""
    now = sum(free_by_loan(account).values())
    return now if on is None else min(now, sum(free_by_loan(account, on).values()))


def saver_of(row: Loan | Application | SavingsAccount) -> dict[str, Any]:
    """Whose savings stand behind a loan: the person's, else the group's or the enterprise's."""
    person, group = row.person_id, row.group_id
    return {
        "person_id": person,
        "group_id": None if person else group,
        "enterprise_id": None if person or group else row.enterprise_id,
    }


def account_of(row: Loan | Application) -> SavingsAccount | None:
    """The saver's account at the lender of her loan, or of the product she asks for; of two that a
    merge left her, the one that stands behind this loan.
    """
    lender = row.lender_id if isinstance(row, Loan) else row.product_version.product.lender_id
    rows = SavingsAccount.objects.filter(lender=lender, currency=row.currency)
    if row.person_id is None:
        rows = rows.filter(**saver_of(row))
    else:
        rows = rows.filter(person_id__in=all_ids(row.person_id))
    found = list(rows.select_related("lender").order_by("pk"))
    return _behind(row, found) if found else None


def _behind(row: Loan | Application, accounts: Sequence[SavingsAccount]) -> SavingsAccount:
    """Which of a saver's accounts belongs to a loan: the one that holds moves of it, else hers by
    her present id.
    """
    if len(accounts) == 1:
        return accounts[0]
    moved = SavingsMove.objects.filter(account__in=accounts, loan_id=row.pk).order_by()
    held = set(moved.values_list("account_id", flat=True))
    order = [(one.pk not in held, one.person_id != row.person_id) for one in accounts]
    return accounts[order.index(min(order))]


def locked_account(loan: Loan, staff: StaffUser, on: date) -> SavingsAccount:
    """The saver's account, opened with the first money that is saved, locked."""
    return locked_accounts([(loan, on)], staff)[loan.pk]


def locked_accounts(
    pairs: Iterable[tuple[Loan, date]], staff: StaffUser
) -> dict[UUID, SavingsAccount]:
    """The accounts of the savers of some loans, by loan; each locked once, in the order of ids, and
    opened on the first of her days here where there is none. Raises SavingsMoved.
    """
    asked = [(_key(loan), loan, on) for loan, on in pairs]
    if not asked:
        return {}
    known_as = ids_by_person({loan.person_id for _key, loan, _on in asked if loan.person_id})
    savers = Q(person_id__in=list(known_as))
    for place, column in enumerate(("group_id", "enterprise_id"), 3):
        savers |= Q(**{f"{column}__in": {key[place] for key, _loan, _on in asked} - {None}})
    rows = SavingsAccount.objects.select_for_update(of=("self",)).filter(
        savers, lender__in={key[0] for key, _loan, _on in asked}
    )
    found: dict[Key, list[SavingsAccount]] = {}
    for row in rows.select_related("lender__book").order_by("pk"):
        found.setdefault(_key(row, known_as), []).append(row)
    new: dict[Key, tuple[Loan, date]] = {}
    for key, loan, on in asked:
        if key not in found:
            new.setdefault(key, (loan, on))
    found |= {key: [row] for key, row in _opened(new, staff).items()}
    behind = {loan.pk: _behind(loan, found[key]) for key, loan, _on in asked}
    refuse_moved_savings(behind.values())
    return behind


Key = tuple[UUID | str | None, ...]


def _key(row: Loan | SavingsAccount, known_as: Mapping[UUID, UUID] | None = None) -> Key:
    """What an account is the only one of: at whom, in what money, whose; two of a person whose
    records were made one are of one saver.
    """
    person, group, enterprise = saver_of(row).values()
    whose = (known_as or {}).get(person, person)
    return (row.lender_id, row.currency, whose, group, enterprise)


def _opened(asked: Mapping[Key, tuple[Loan, date]], staff: StaffUser) -> dict[Key, SavingsAccount]:
    if not asked:
        return {}
    codes = next_codes("SAVINGS", len(asked))
    made = {
        key: SavingsAccount(
            code=code,
            lender=loan.lender,
            programme_id=loan.programme_id,
            office_id=loan.office_id,
            officer_id=loan.officer_id,
            currency=loan.currency,
            opened_date=on,
            opened_by=staff,
            **saver_of(loan),
        )
        for code, (key, (loan, on)) in zip(codes, asked.items(), strict=True)
    }
    SavingsAccount.objects.bulk_create(made.values())
    audit.record_many(
        audit.line(staff, "lending.open_savings", made[key], {"loan": str(loan.pk)})
        for key, (loan, _on) in asked.items()
    )
    return made


def lock(account: SavingsAccount) -> SavingsAccount:
    """An account, locked until the transaction ends. Raises SavingsMoved."""
    rows = SavingsAccount.objects.select_for_update(of=("self",))
    row: SavingsAccount = rows.select_related("lender__book").get(pk=account.pk)
    refuse_moved_savings([row])
    return row


def refuse_moved_savings(accounts: Iterable[SavingsAccount]) -> None:
    """Refuse to move savings that a successor keeps. Raises SavingsMoved."""
    for account in accounts:
        if account.moved_date is not None:
            raise SavingsMoved(code=account.code)


# --- what of a payment is saved -------------------------------------------------------------------


def keep_saved(pairs: Iterable[tuple[LoanEvent, Loan]], staff: StaffUser) -> None:
    """Store and post what was saved with payments, as their events say."""
    moves, entries, pairs = [], [], list(pairs)
    accounts = locked_accounts(((loan, event.value_date) for event, loan in pairs), staff)
    for event, loan in pairs:
        units, account = event.payload["saved"], accounts[loan.pk]
        move = SavingsMove(
            account=account,
            kind=SavingsMoveKind.SAVED.value,
            loan=loan,
            event=event,
            units=units,
            value_date=event.value_date,
            method=event.method,
            reference=event.reference,
            recorded_by=staff,
        )
        moves.append(move)
        book = posting.book_of(loan.lender)
        if book is not None:
            lines = fact_lines(
                "LOAN_REPAID",
                {"SAVINGS": Part(units, None, ("loan", loan.pk))},
                money_role=posting.money_role(loan.lender, event.method),
                currency=loan.currency,
                branch=loan.office_id,
            )
            source = posting.source_of(event.pk, EventKind(event.kind), PURPOSE)
            entries.append(_entry(book, account, "LOAN_REPAID", source, lines, event.value_date))
    SavingsMove.objects.bulk_create(moves)
    if entries:
        post_entries(entries, acting_staff=staff)
    audit.record_many(
        audit.line(staff, "lending.save_with_repayment", move, {"units": move.units})
        for move in moves
    )


def _entry(
    book: Book,
    account: SavingsAccount,
    kind: str,
    source: Source,
    lines: list[LineIn],
    on: date,
) -> EntryIn:
    return EntryIn(
        book=book,
        kind=kind,
        source=source,
        lines=lines,
        happened_date=on,
        branch=account.office_id,
        already_happened=True,
    )


# --- behind which loan ----------------------------------------------------------------------------


def needed_for(loan: Loan) -> int:
    """What has to be saved before a loan is paid out, by its product or its terms."""
    version = loan.product_version
    pre = Preconditions() if version is None else Preconditions.of(version.eligibility)
    asked = pre.with_share_of_terms(read_terms(loan.terms).savings_ppm)
    return asked.savings_needed(loan.approved_units)


def put_behind(
    pairs: Iterable[tuple[Loan, LoanEvent]], staff: StaffUser, *, is_a_fact: bool
) -> None:
    """Put free savings behind loans that are paid out: what there is, where a committee waived the
    rest or the bank has paid out already. Raises StopRule (savings are missing).
    """
    saving = [(loan, event, needed_for(loan)) for loan, event in pairs if saves(loan)]
    asking = [(loan, event, asked) for loan, event, asked in saving if asked]
    accounts = locked_accounts(((loan, event.value_date) for loan, event, _ in asking), staff)
    for loan, event, asked in asking:
        account = accounts[loan.pk]
        free = free_units(account, event.value_date)
        if free < asked and not is_a_fact and not _waived(loan):
            money = (format_money(units, loan.currency) for units in (free, asked))
            raise StopRule(
                reasons=f"{STOP_LABELS[Stop.SAVINGS_MISSING]} ({' / '.join(money)})",
                stops=[Stop.SAVINGS_MISSING.value],
            )
        bind(account, loan, min(free, asked), staff, event)


def _waived(loan: Loan) -> bool:
    """Whether the committee that approved the loan let it go without all its savings."""
    if loan.agreement_id is None:
        return False
    made = Decision.objects.filter(application__agreement=loan.agreement_id)
    last = made.order_by("-recorded_at", "-pk").values_list("waived_stops", flat=True).first()
    return Stop.SAVINGS_MISSING.value in (last or ())


def bind(
    account: SavingsAccount, loan: Loan, units: int, staff: StaffUser, event: LoanEvent
) -> None:
    """Move free savings of a locked account behind a loan, with the event they are for."""
    moves: list[SavingsMove] = []
    free = {pk: most for pk, most in free_by_loan(account).items() if pk != loan.pk}
    for source, part in rules.taken(free, units):
        for pk, signed in ((source, -part), (loan.pk, part)):
            moves.append(
                SavingsMove(
                    account=account,
                    kind=SavingsMoveKind.BOUND.value,
                    loan_id=pk,
                    event=event,
                    units=signed,
                    value_date=event.value_date,
                    recorded_by=staff,
                )
            )
    SavingsMove.objects.bulk_create(moves)
    book = posting.book_of(account.lender)
    if moves and book is not None:
        parts = {
            move.loan_id: Part(-move.units, subject_of(account, move.loan_id), ("loan", loan.pk))
            for move in moves
            if move.units < 0
        }
        lines = [
            line
            for part in parts.values()
            for line in fact_lines(
                "SAVINGS_BOUND",
                {"AMOUNT": part},
                currency=account.currency,
                branch=account.office_id,
            )
        ]
        source_ = posting.source_of(event.pk, EventKind(event.kind), f"{PURPOSE}_BOUND")
        entry = _entry(book, account, "SAVINGS_BOUND", source_, lines, event.value_date)
        post_entries([entry], acting_staff=staff)
    audit.record_many(
        audit.line(staff, "lending.bind_savings", move, {"loan": str(loan.pk)}) for move in moves
    )


def subject_of(account: SavingsAccount, loan_id: UUID | None) -> tuple[str, UUID]:
    """What the books name savings by: the loan they stand behind, else the account."""
    return ("savings_account", account.pk) if loan_id is None else ("loan", loan_id)


# --- taken back -----------------------------------------------------------------------------------


def take_back(event: LoanEvent, reversal: LoanEvent, staff: StaffUser) -> None:
    """Take back what an event of a loan moved on savings. Raises SavingsGone."""
    if not event.payload.get("saved") and EventKind(event.kind) not in _MOVES:
        return
    moves = list(SavingsMove.objects.filter(event=event).select_related("account"))
    if not moves:
        return
    for account in {move.account_id: move.account for move in moves}.values():
        lock(account)
    reverse_moves(moves, reversal.value_date, reversal.reason, staff, reversal)
    refuse_below_zero({move.account_id: move.account for move in moves}.values())
    for entry in Entry.objects.filter(
        source_domain=posting.DOMAIN, source_id=event.pk, source_purpose__startswith=PURPOSE
    ):
        reverse_entry(
            acting_staff=staff,
            entry=entry,
            happened_date=reversal.value_date,
            source=posting.source_of(reversal.pk, EventKind.REVERSED, entry.source_purpose),
            already_happened=True,
        )


def refuse_below_zero(accounts: Iterable[SavingsAccount]) -> None:
    """Refuse what would leave less than nothing behind a loan or on an account. Raises
    SavingsGone.
    """
    if any(units < 0 for account in accounts for units in by_loan(account).values()):
        raise SavingsGone()


def reverse_moves(
    moves: Sequence[SavingsMove],
    on: date,
    reason: str,
    staff: StaffUser,
    event: LoanEvent | None = None,
    id: UUID | None = None,
) -> list[SavingsMove]:
    """Store the mirror of some movements; `id` is the first one's."""
    made = [
        SavingsMove(
            id=id if id is not None and place == 0 else new_id(),
            account_id=move.account_id,
            kind=SavingsMoveKind.REVERSED.value,
            loan_id=move.loan_id,
            event=event,
            units=-move.units,
            value_date=on,
            method=move.method,
            reason=reason,
            recorded_by=staff,
            reverses=move,
        )
        for place, move in enumerate(moves)
    ]
    SavingsMove.objects.bulk_create(made)
    audit.record_many(audit.line(staff, "lending.reverse_savings", move) for move in made)
    return made
