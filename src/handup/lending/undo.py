"""What of lending may be undone right after it was written: money that came in, savings."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone

from handup.lending import services
from handup.lending.models import LoanEvent, SavingsMove
from handup.org import undoing
from handup.org.models import StaffUser
from handup.org.undoing import Way


def _today() -> date:
    return timezone.localdate()


def _loan_page(event: LoanEvent) -> str:
    return reverse("lending:loan_detail", args=[event.loan_id])


def _savings_page(move: SavingsMove) -> str:
    return reverse("lending:savings_detail", args=[move.account_id])


def _repayment_back(staff: StaffUser, event: LoanEvent, reason: str) -> LoanEvent:
    return services.reverse_repayment(
        acting_staff=staff, event=event, reason=reason, value_date=_today()
    )


def _savings_back(staff: StaffUser, move: SavingsMove, reason: str) -> SavingsMove:
    return services.reverse_savings(acting_staff=staff, move=move, reason=reason, on=_today())


def _is_reversed(row: Any) -> bool:
    return bool(type(row).objects.filter(reverses=row.pk).exists())


def register() -> None:
    """Offer them."""
    undoing.offer(
        "lending.record_repayment",
        Way(
            LoanEvent,
            "lending.reverse_repayment",
            _loan_page,
            _repayment_back,
            about=lambda event: event.loan,
            is_back=_is_reversed,
        ),
    )
    for act in ("lending.pay_in_savings", "lending.pay_out_savings"):
        undoing.offer(
            act,
            Way(
                SavingsMove,
                "lending.reverse_savings",
                _savings_page,
                _savings_back,
                about=lambda move: move.account,
                is_back=_is_reversed,
            ),
        )
