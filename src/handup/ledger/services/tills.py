"""A till is counted by one person and seen by another; what differs from the books is posted to
CASH_DIFFERENCE with both names (ledger.md section 5).
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.errors import CountedAlready, CountSettled, DayNotOver, NotATill
from handup.ledger.models import Account, Book, CashCount
from handup.ledger.queries import balance_before
from handup.ledger.rules.journal import Source
from handup.ledger.rules.posting_rules import Part
from handup.ledger.rules.words import CashKind, CountStatus
from handup.ledger.services import heads
from handup.ledger.services.posting import EntryIn, fact_lines, post_entries
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require

SOURCE_KIND = "count"
DAY = timedelta(days=1)


def count_cash(
    *,
    acting_staff: StaffUser,
    account: Account,
    counted_date: date,
    counted_units: int,
    currency: str = "",
    remark: str = "",
    id: UUID | None = None,
) -> CashCount:
    """State what lies in a till at the end of a day; nothing is posted until another confirms it.

    Raises NotATill, DayNotOver, CountedAlready.
    """
    require(acting_staff, "ledger.count_cash", account)
    currency = currency or account.currency or account.book.base_currency
    told = {
        "account": account,
        "counted_date": counted_date,
        "counted_units": counted_units,
        "currency": currency,
        "remark": remark,
    }
    if (row := already_stored(CashCount, id, acting_staff, **told)) is not None:
        return row
    if account.cash_kind != CashKind.CASH or not account.leaf:
        raise NotATill(account=account.code)
    if counted_date > timezone.localdate():
        raise DayNotOver(field="counted_date", date=counted_date)
    with transaction.atomic():
        heads.lock([account.book_id])
        same = CashCount.objects.filter(
            account=account, currency=currency, counted_date=counted_date
        )
        if same.exclude(status=CountStatus.DECLINED).exists():
            raise CountedAlready(field="counted_date", date=counted_date)
        row = CashCount.objects.create(
            id=id or new_id(),
            counted_by=acting_staff,
            **told,
        )
        audit.record(acting_staff, "ledger.count_cash", row, {"date": counted_date.isoformat()})
    return row


def confirm_count(*, acting_staff: StaffUser, count: CashCount, reason: str = "") -> CashCount:
    """Confirm another person's count; the difference to the books at the end of its day is posted.

    Raises SamePerson, CountSettled and what post_entries raises.
    """
    require(acting_staff, "ledger.confirm_count", count)
    with transaction.atomic():
        count = _open(count, acting_staff, reason)
        heads.lock([count.account.book_id])
        expected = held_by_till(count)
        count.expected_units = expected
        if count.counted_units != expected:
            count.entry = post_entries(
                [_difference(count, acting_staff)], acting_staff=count.counted_by
            )[0]
        count.last_seq = Book.objects.values_list("head_seq", flat=True).get(
            pk=count.account.book_id
        )
        _settle(count, acting_staff, CountStatus.CONFIRMED)
        audit.record(
            acting_staff,
            "ledger.confirm_count",
            count,
            {"difference": count.counted_units - expected},
        )
    return count


def decline_count(*, acting_staff: StaffUser, count: CashCount, reason: str = "") -> CashCount:
    """Decline another person's count; the till is counted anew. Raises SamePerson, CountSettled."""
    require(acting_staff, "ledger.confirm_count", count)
    with transaction.atomic():
        count = _open(count, acting_staff, reason)
        _settle(count, acting_staff, CountStatus.DECLINED)
        audit.record(acting_staff, "ledger.decline_count", count)
    return count


def held_by_till(count: CashCount) -> int:
    """What the books say a till holds at the end of the day of a count."""
    return balance_before(count.account, count.counted_date + DAY)[count.currency]


def _open(count: CashCount, staff: StaffUser, reason: str) -> CashCount:
    locked: CashCount = (
        CashCount.objects.select_for_update(of=("self",))
        .select_related("account__book", "counted_by")
        .get(pk=count.pk)
    )
    if locked.status != CountStatus.COUNTED:
        raise CountSettled(status=locked.get_status_display())
    require_other_person(
        staff, locked.counted_by, step="ledger.confirm_count", reason=reason, obj=locked
    )
    return locked


def _difference(count: CashCount, approver: StaffUser) -> EntryIn:
    """The entry of a difference: the till itself, whatever its role, against CASH_DIFFERENCE."""
    over = count.counted_units - (count.expected_units or 0)
    kind = "CASH_OVER" if over > 0 else "CASH_SHORT"
    lines = [
        line._replace(account_role="", account_id=count.account_id)
        if line.account_role == "CASH"
        else line
        for line in fact_lines(
            kind, {"AMOUNT": Part(abs(over))}, money_role="CASH", currency=count.currency
        )
    ]
    return EntryIn(
        book=count.account.book,
        kind=kind,
        source=Source("ledger", SOURCE_KIND, count.pk),
        lines=lines,
        happened_date=count.counted_date,
        branch=count.account.book.office_id,
        remark=count.remark,
        already_happened=True,
        approved_by=approver.pk,
    )


def _settle(count: CashCount, staff: StaffUser, status: CountStatus) -> None:
    count.status, count.confirmed_by, count.confirmed_at = status, staff, timezone.now()
    count.save()
