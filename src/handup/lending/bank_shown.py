"""What one reader sees of a statement, a file of payments, a bank's file and a bank's list of its
loans: rows about persons hidden from her are left out, and the figures kept with the record are
told without them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from handup.lending.models import (
    BankFile,
    BankLine,
    BankList,
    BankListLine,
    BankStatement,
    PaymentBatch,
    PaymentOrder,
    StatementLine,
)
from handup.lending.rules.bank_list import COUNTS
from handup.lending.rules.banking.codes import LineFate
from handup.lending.rules.codes import LineState
from handup.org.models import StaffUser
from handup.org.scope import hidden_from, leave_out


def _off_statement(kept: Any, line: Any) -> None:
    """Take a line off; what nobody had to match was matched by itself."""
    kept.lines_total -= 1
    if line.fate == LineFate.KNOWN:
        kept.lines_known -= 1
    elif line.fate == LineFate.FAULT:
        kept.lines_faulty -= 1
    elif line.matches.all() or line.fate == LineFate.OPEN:
        kept.lines_open -= 1
        kept.open_units -= line.units
    else:
        kept.lines_matched -= 1
        kept.matched_units -= line.units


def _off_batch(kept: Any, order: Any) -> None:
    kept.orders_total -= 1
    kept.total_units -= order.units


def _off_file(kept: Any, line: Any) -> None:
    kept.rows_total -= 1
    if line.state == LineState.POSTED:
        kept.rows_posted -= 1
        kept.posted_units -= line.units or 0
    elif line.state == LineState.FAULT:
        kept.rows_faulty -= 1


def _off_list(kept: Any, line: Any) -> None:
    name = COUNTS[line.state]
    setattr(kept, name, getattr(kept, name) - 1)


@dataclass(frozen=True, slots=True)
class _Parts:
    """The rows of a record, what leads back to it, and what one row is in its figures."""

    model: Any
    parent: str
    off: Callable[[Any, Any], None]
    prefetch: tuple[str, ...] = ()


FIGURES_OF: Mapping[type[models.Model], _Parts] = {
    BankStatement: _Parts(StatementLine, "statement", _off_statement, ("matches",)),
    PaymentBatch: _Parts(PaymentOrder, "batch", _off_batch),
    BankFile: _Parts(BankLine, "file", _off_file),
    BankList: _Parts(BankListLine, "bank_list", _off_list),
}


def hidden_rows(staff: StaffUser, model: Any) -> Any:
    """The rows of one of these tables that are about persons hidden from her; None: nobody is."""
    hidden = hidden_from(staff)
    if not hidden:
        return None
    rows = model._base_manager.all()
    seen = leave_out(rows, hidden)
    if model.SCOPE.withheld is not None:
        seen = seen.exclude(model.SCOPE.withheld(staff))
    return rows.exclude(pk__in=seen.values("pk"))


def without_hidden(staff: StaffUser, records: Iterable[Any]) -> None:
    """Change the figures of these statements, batches, files or lists to what she may know; nothing
    is stored.
    """
    kept: dict[UUID, Any] = {row.pk: row for row in records}
    if not kept:
        return
    parts = FIGURES_OF[type(next(iter(kept.values())))]
    rows = hidden_rows(staff, parts.model)
    if rows is None:
        return
    inside = rows.filter(**{f"{parts.parent}__in": list(kept)}).prefetch_related(*parts.prefetch)
    for row in inside:
        parts.off(kept[getattr(row, f"{parts.parent}_id")], row)


def list_lines_seen(staff: StaffUser, made: BankList) -> models.QuerySet[BankListLine]:
    """The rows of a bank's list that she may see: none of persons hidden from her."""
    rows = BankListLine.objects.visible_to(staff).filter(bank_list=made)
    return rows.select_related("loan", "bank_list__lender").order_by("id")


def persons_of(rows: Iterable[Any]) -> list[UUID]:
    """Whom rows with a loan are about, for the read log."""
    found = {row.loan.person_id for row in rows if row.loan is not None}
    return sorted(person for person in found if person is not None)
