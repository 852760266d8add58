"""What persons state: a bank's balance, set against the books; figures of the outside world."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from handup.kernel.ids import new_id
from handup.ledger.errors import LineUnknown, NotReconciled, PeriodTurned
from handup.ledger.models import Account, Book, Line, Reconciliation, StatedInput
from handup.ledger.rules.words import InputKind
from handup.ledger.typed import check_been
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


def reconcile_bank(
    *,
    acting_staff: StaffUser,
    account: Account,
    through: date,
    statement_units: int,
    open_lines: Sequence[UUID] = (),
    currency: str = "",
    id: UUID | None = None,
) -> Reconciliation:
    """Set a bank account against the bank's statement of a day.

    open_lines: lines in the books that the bank does not show yet. Raises NotReconciled unless
    statement + open lines = books, AheadOfToday.
    """
    require(acting_staff, "ledger.reconcile_bank", account)
    check_been(through)
    currency = currency or account.currency or account.book.base_currency
    told = {"account": account, "through": through, "statement_units": statement_units}
    if (row := already_stored(Reconciliation, id, acting_staff, **told)) is not None:
        return row
    with transaction.atomic():
        head_seq = (
            Book.objects.select_for_update()
            .values_list("head_seq", flat=True)
            .get(pk=account.book_id)
        )
        lines = Line.objects.filter(
            account=account, currency=currency, entry__entry_date__lte=through
        )
        books = int(lines.aggregate(total=Sum("units"))["total"] or 0)
        way = lines.filter(pk__in=open_lines)
        if way.count() != len(set(open_lines)):
            raise LineUnknown(field="open_lines", account=account.code)
        found = statement_units + int(way.aggregate(total=Sum("units"))["total"] or 0)
        if found != books:
            raise NotReconciled(
                field="statement_units",
                found=format_money(found, currency),
                books=format_money(books, currency),
            )
        row = Reconciliation.objects.create(
            id=id or new_id(),
            account=account,
            currency=currency,
            through=through,
            statement_units=statement_units,
            book_units=books,
            open_lines=[str(pk) for pk in dict.fromkeys(open_lines)],
            last_seq=head_seq,
            reconciled_by=acting_staff,
        )
        audit.record(acting_staff, "ledger.reconcile_bank", row, {"through": through.isoformat()})
    return row


def state_input(
    *,
    acting_staff: StaffUser,
    book: Book,
    kind: InputKind,
    starts: date,
    ends: date,
    value: int,
    source: str,
    id: UUID | None = None,
) -> StatedInput:
    """State a figure from outside the books for a period, with its source; the newest counts.

    value: ppm for the whole period, or units of the book's currency. Raises PeriodTurned.
    """
    require(acting_staff, "ledger.state_input", book)
    if ends < starts:
        raise PeriodTurned(field="ends")
    told = {"book": book, "kind": kind, "starts": starts, "ends": ends, "value": value}
    if (row := already_stored(StatedInput, id, acting_staff, **told)) is not None:
        return row
    with transaction.atomic():
        stated: StatedInput = StatedInput.objects.create(
            id=id or new_id(), source=source, stated_by=acting_staff, **told
        )
        audit.record(acting_staff, "ledger.state_input", stated, {"kind": kind.value})
    return stated
