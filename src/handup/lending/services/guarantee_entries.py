"""What a guarantee stands for, beside the books: given when it is signed, ended when it is over.
Two memorandum lines each time, which touch no balance of the fund's own money.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.ledger.models import Book, Entry
from handup.ledger.services import Part, Source, fact_lines, post_entry
from handup.lending.errors import BeforeItsEvent, FutureDate
from handup.lending.models import Guarantee
from handup.lending.services.limits import lock_lender
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require_over

DOMAIN = "lending"
SOURCE_KIND = "GUARANTEE_CONTRACT"
GIVEN, ENDED = "GUARANTEE_GIVEN", "GUARANTEE_ENDED"
SUBJECT = "guarantee"


class GuaranteeEnded(Refusal):
    """This guarantee ended on {date} already."""


class EndsLater(Refusal):
    """This guarantee expires on {date}; it cannot end later."""


def stands_for(guarantee: Guarantee) -> int:
    """The most it may stand for, in units of its currency."""
    return guarantee.deposit_units * guarantee.max_leverage_x100 // 100


def book_of(guarantee: Guarantee) -> Book | None:
    """The book it is kept beside; None where nobody named one."""
    return guarantee.book or guarantee.lender.book


def is_given(guarantee: Guarantee) -> bool:
    """Whether the books say that it was given and not yet that it ended."""
    rows = Entry.objects.filter(source_domain=DOMAIN, source_id=guarantee.pk)
    purposes = set(rows.values_list("source_purpose", flat=True))
    return GIVEN in purposes and ENDED not in purposes


def post_given(guarantee: Guarantee, staff: StaffUser) -> None:
    """Say in its book that a guarantee just signed was given."""
    _post(guarantee, GIVEN, guarantee.signed_date, staff)


def end_guarantee(*, acting_staff: StaffUser, guarantee: Guarantee, ended_date: date) -> Guarantee:
    """Record that a guarantee is over: its contract ends with that day, and its book says so. Calls
    that were taken down before are paid as they stand.

    Raises NotAllowed, FutureDate, BeforeItsEvent, GuaranteeEnded, EndsLater and what
    the ledger refuses.
    """
    lender = guarantee.lender
    require_over(
        acting_staff,
        "lending.give_guarantee",
        programme=lender.programme_id,
        organisation=lender.organisation_id,
    )
    if ended_date > timezone.localdate():
        raise FutureDate(field="ended_date", date=ended_date)
    with transaction.atomic():
        lock_lender(guarantee.lender_id)
        row = Guarantee.objects.select_related("lender__book", "book").get(pk=guarantee.pk)
        if ended_date < row.signed_date:
            raise BeforeItsEvent(field="ended_date", date=ended_date, event=row.signed_date)
        given, over = is_given(row), row.expiry_date
        if over is not None and over <= timezone.localdate() and not given:
            if over == ended_date:
                return row
            raise GuaranteeEnded(date=over)
        if over is not None and ended_date > over:
            raise EndsLater(field="ended_date", date=over)
        row.expiry_date = ended_date
        row.save(update_fields=("expiry_date",))
        if given:
            _post(row, ENDED, ended_date, acting_staff)
        audit.record(acting_staff, "lending.end_guarantee", row, {"lender": str(row.lender_id)})
    return row


def _post(guarantee: Guarantee, kind: str, on: date, staff: StaffUser) -> None:
    book = book_of(guarantee)
    if book is None or not stands_for(guarantee):
        return
    subject = (SUBJECT, guarantee.pk)
    post_entry(
        acting_staff=staff,
        book=book,
        kind=kind,
        source=Source(DOMAIN, SOURCE_KIND, guarantee.pk, kind),
        lines=fact_lines(
            kind,
            {"AMOUNT": Part(stands_for(guarantee), subject, subject)},
            currency=guarantee.currency,
        ),
        happened_date=on,
        already_happened=True,
    )
