"""Exchange rates: each with its day and source, never overwritten (rulings 19a)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.errors import CodeTaken
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import ExchangeRate, StaffUser
from handup.org.permissions import require
from handup.org.services.house import RateIn, refuse_jump


def add_rate(
    *,
    acting_staff: StaffUser,
    from_currency: str,
    to_currency: str,
    rate_date: date,
    numerator: int,
    source: str,
    kind: str = "SPOT",
    confirmed: bool = False,
    id: UUID | None = None,
) -> ExchangeRate:
    """Record what one main unit of a currency is worth in another, as a whole number divided by
    10^10.

    A second rate for the same day and kind is refused: later rates change nothing that was posted.
    confirmed: who tells it looked again at one more than a tenth away from the rate before. Raises
    NotAllowed, CodeTaken, RateJumps.
    """
    require(acting_staff, "ledger.add_rate")
    if (
        row := already_stored(ExchangeRate, id, acting_staff, numerator=numerator, kind=kind)
    ) is not None:
        return row
    known: ExchangeRate | None = ExchangeRate.objects.filter(
        from_currency=from_currency, to_currency=to_currency, rate_date=rate_date, kind=kind
    ).first()
    if known is not None:
        if known.numerator == numerator:
            return known
        raise CodeTaken(field="rate_date", code=f"{from_currency}/{to_currency} {rate_date} {kind}")
    if not confirmed:
        refuse_jump(RateIn(from_currency, to_currency, rate_date, kind, numerator, source))
    with transaction.atomic():
        rate: ExchangeRate = ExchangeRate.objects.create(
            id=id or new_id(),
            from_currency=from_currency,
            to_currency=to_currency,
            rate_date=rate_date,
            numerator=numerator,
            kind=kind,
            source=source,
        )
        audit.record(acting_staff, "ledger.add_rate", rate, {"kind": kind})
    return rate
