"""What a borrower's line says: short, in her language, without her name.

Written when it is sent, from how the loan stands then. A payment that was taken back meanwhile has
no receipt any more.
"""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext, override

from handup.lending.following import states
from handup.lending.models import Loan, LoanEvent
from handup.lending.models.messages import LineMessage, MessageKind
from handup.lending.queries import due_rows
from handup.lending.rules.codes import LoanState
from handup.org.web.money import format_day, format_money


def text_of(message: LineMessage, on: date) -> str:
    """The words of a message as of a day; empty when there is nothing to tell any more."""
    loan = message.loan
    with override(message.line.language):
        if message.kind == MessageKind.RECEIPT:
            return _receipt(loan, message.event, on)
        if message.kind == MessageKind.DUE:
            return _reminder(loan, message.due_date, on)
        stands = _stands(loan, on)
        return f"{loan.code}: {stands}" if stands else ""


def _receipt(loan: Loan, event: LoanEvent | None, on: date) -> str:
    if event is None or LoanEvent._base_manager.filter(reverses=event).exists():
        return ""
    paid = gettext("%(loan)s: we received %(amount)s on %(day)s.") % {
        "loan": loan.code,
        "amount": format_money(event.received_units, loan.currency),
        "day": format_day(event.value_date),
    }
    return f"{paid} {_stands(loan, on)}".rstrip()


def _reminder(loan: Loan, due_date: date | None, on: date) -> str:
    """Of a day that has not passed while the message waited."""
    if due_date is None or due_date < on:
        return ""
    rows = [row for row in due_rows(due_date, _only(loan)) if row.due_date == due_date]
    units = sum(row.due_units - row.paid_units for row in rows)
    if units <= 0:
        return ""
    return gettext("%(loan)s: %(amount)s is due on %(day)s.") % {
        "loan": loan.code,
        "amount": format_money(units, loan.currency),
        "day": format_day(due_date),
    }


def _stands(loan: Loan, on: date) -> str:
    """What is still owed, what is late, what comes next."""
    if loan.moved_date is not None:
        return ""
    if loan.state != LoanState.ACTIVE:
        return gettext("Nothing more is to be paid.") if loan.state == LoanState.SETTLED else ""
    told = [
        gettext("Still owed of the money lent: %(amount)s.")
        % {"amount": format_money(loan.principal_units, loan.currency)}
    ]
    rows = list(due_rows(loan.last_due_date or on, _only(loan)))
    late = sum(sum(state.overdue(on)) for _loan, state in states(_only(loan), on))
    if late:
        told.append(gettext("Late: %(amount)s.") % {"amount": format_money(late, loan.currency)})
    following = next((row for row in rows if row.due_date >= on), None)
    if following is not None:
        told.append(
            gettext("Next: %(amount)s on %(day)s.")
            % {
                "amount": format_money(following.due_units - following.paid_units, loan.currency),
                "day": format_day(following.due_date),
            }
        )
    return " ".join(told)


def _only(loan: Loan) -> QuerySet[Loan]:
    return Loan._base_manager.filter(pk=loan.pk)
