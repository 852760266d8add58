"""Markets, who asks there, prices told, looked at and published; limits and the price index."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import round_to
from handup.markets.models import (
    Commodity,
    CommodityUnit,
    MarketPlace,
    PriceDuty,
    PriceIndex,
    PriceObservation,
    PriceRule,
)
from handup.markets.models.labels import Availability, PriceLevel, PriceState
from handup.markets.models.prices import STANDING, first_of
from handup.markets.models.products import MILLI
from handup.markets.rules.prices import Limits, doubts, price_of
from handup.markets.services.chains import CodeTaken, DayAhead, NameMissing, currency_of
from handup.markets.services.store import add, change, held
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require, require_over
from handup.projects.models import Programme

MOST_QUOTES = 50


class QuoteMissing(Refusal):
    """Write at least one price that was asked."""


class TooManyQuotes(Refusal):
    """At most {most} prices can be written for one day."""


class QuoteNotAboveZero(Refusal):
    """Every price is above zero; where nothing is to be had, say so instead."""


class UnitOfAnotherProduct(Refusal):
    """This unit belongs to another product."""


class PriceNotWaiting(Refusal):
    """This price does not wait to be looked at."""


class PriceReasonMissing(Refusal):
    """Write why."""


class NothingToPublish(Refusal):
    """No price of this market waits to be published."""


class IndexTaken(Refusal):
    """Another index of this currency and month is already recorded."""


class LimitOutOfRange(Refusal):
    """This limit is out of range."""


class EndsBeforeItStarts(Refusal):
    """The end lies before the start."""


def open_market(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    code: str,
    name: str,
    currency: str = "",
    office: Office | None = None,
    area: Area | None = None,
    remark: str = "",
    id: UUID | None = None,
) -> MarketPlace:
    """Enter a market; without a currency it is the programme's. Raises NameMissing, CodeTaken."""
    row = MarketPlace(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        code=code.strip(),
        name=name.strip(),
        currency=currency_of(currency or programme.currency),
        remark=remark,
    )
    require(acting_staff, "markets.open_market", row)
    known = already_stored(MarketPlace, id, acting_staff, programme=programme, code=row.code)
    if known is not None:
        return known
    if not row.name or not row.code:
        raise NameMissing(field="name" if row.code else "code")
    if MarketPlace._base_manager.filter(programme=programme, code=row.code).exists():
        raise CodeTaken(field="code", code=row.code)
    add(acting_staff, "markets.open_market", row)
    return row


def assign_prices(
    *,
    acting_staff: StaffUser,
    market: MarketPlace,
    commodity: Commodity,
    collector: StaffUser,
    every_days: int,
    from_date: date,
    to_date: date | None = None,
    id: UUID | None = None,
) -> PriceDuty:
    """Say who asks for a price and how often. Raises LimitOutOfRange, EndsBeforeItStarts."""
    require(acting_staff, "markets.assign_prices", market)
    known = already_stored(PriceDuty, id, acting_staff, market=market, commodity=commodity)
    if known is not None:
        return known
    if not 1 <= every_days <= 366:
        raise LimitOutOfRange(field="every_days")
    if to_date is not None and to_date < from_date:
        raise EndsBeforeItStarts(field="to_date")
    row = PriceDuty(
        id=id or new_id(),
        market=market,
        commodity=commodity,
        collector=collector,
        every_days=every_days,
        from_date=from_date,
        to_date=to_date,
    )
    add(acting_staff, "markets.assign_prices", row)
    return row


def limits_for(programme_id: UUID, commodity: Commodity) -> Limits:
    """From where a programme doubts a price of a product: its own rule, else the one of all."""
    rows = PriceRule._base_manager.filter(programme=programme_id).filter(
        Q(commodity=None) | Q(commodity=commodity)
    )
    told = sorted(rows, key=lambda row: (row.commodity_id is not None, row.pk), reverse=True)
    if not told:
        return Limits()
    first = told[0]
    return Limits(first.ln_milli, first.least_quotes, first.look_back, first.old_days)


def set_price_rule(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    limits: Limits,
    commodity: Commodity | None = None,
) -> PriceRule:
    """Set from where prices are doubted, of one product or of all. Raises LimitOutOfRange."""
    require(acting_staff, "markets.set_price_rule", programme)
    ranges = {"ln_milli": 3_000, "least_quotes": 20, "look_back": 20, "old_days": 366}
    for name, most in ranges.items():
        if not 1 <= getattr(limits, name) <= most:
            raise LimitOutOfRange(field=name)
    row = PriceRule(
        programme=programme,
        commodity=commodity,
        ln_milli=limits.ln_milli,
        least_quotes=limits.least_quotes,
        look_back=limits.look_back,
        old_days=limits.old_days,
        set_by=acting_staff,
    )
    add(acting_staff, "markets.set_price_rule", row)
    return row


@dataclass(frozen=True, slots=True)
class PriceIn:
    """What was asked at a market; quotes in smallest units for one unit (none: the base unit)."""

    commodity: Commodity
    level: PriceLevel
    quotes: Sequence[int]
    unit: CommodityUnit | None = None
    unit_told: str = ""
    variety: str = ""
    grade: str = ""
    availability: Availability = Availability.GOOD
    id: UUID | None = None


def record_prices(
    *,
    acting_staff: StaffUser,
    market: MarketPlace,
    observed_date: date,
    prices: Sequence[PriceIn],
    today: date,
) -> list[PriceObservation]:
    """Record what was asked at a market on one day, each price held against those before it.

    A doubted one is kept and waits for a second person. Raises QuoteMissing, TooManyQuotes,
    QuoteNotAboveZero, UnitOfAnotherProduct, DayAhead, SameIdOtherContent.
    """
    require(acting_staff, "markets.record_price", market)
    if observed_date > today:
        raise DayAhead(field="observed_date")
    stored: list[PriceObservation] = []
    with transaction.atomic():
        for told in prices:
            known = already_stored(
                PriceObservation,
                told.id,
                acting_staff,
                market=market,
                observed_date=observed_date,
                commodity=told.commodity,
                level=told.level.value,
                grade=told.grade.strip(),
                unit=told.unit,
                quotes=list(told.quotes),
                availability=told.availability.value,
            )
            if known is None:
                known = _new_price(acting_staff, market, observed_date, told)
                add(acting_staff, "markets.record_price", known, {"state": known.state})
            stored.append(known)
    return stored


def record_price(
    *,
    acting_staff: StaffUser,
    market: MarketPlace,
    observed_date: date,
    price: PriceIn,
    today: date,
) -> PriceObservation:
    """Record one price. Raises what `record_prices` raises."""
    (row,) = record_prices(
        acting_staff=acting_staff,
        market=market,
        observed_date=observed_date,
        prices=[price],
        today=today,
    )
    return row


def _new_price(staff: StaffUser, market: MarketPlace, day: date, told: PriceIn) -> PriceObservation:
    quotes = list(told.quotes)
    if not quotes and told.availability is not Availability.NONE:
        raise QuoteMissing(field="quotes")
    if len(quotes) > MOST_QUOTES:
        raise TooManyQuotes(field="quotes", most=MOST_QUOTES)
    if any(quote <= 0 for quote in quotes):
        raise QuoteNotAboveZero(field="quotes")
    if told.unit is not None and told.unit.commodity_id != told.commodity.pk:
        raise UnitOfAnotherProduct(field="unit")
    milli = None if told.unit_told.strip() else MILLI
    if told.unit is not None:
        milli = told.unit.milli
    price = price_of(quotes, milli)
    row = PriceObservation(
        id=told.id or new_id(),
        market=market,
        observed_date=day,
        commodity=told.commodity,
        variety=told.variety.strip(),
        grade=told.grade.strip(),
        level=told.level.value,
        unit=told.unit,
        unit_told="" if told.unit is not None else told.unit_told.strip(),
        quotes=quotes,
        currency=market.currency,
        price_milli=None if price is None else round_to(price * MILLI),
        availability=told.availability.value,
        observer=staff,
    )
    if quotes:
        limits = limits_for(market.programme_id, told.commodity)
        flags = doubts(price, len(quotes), before(row, limits.look_back), limits)
        row.flags = [flag.value for flag in flags]
    row.state = (PriceState.FLAGGED if row.flags else PriceState.RECORDED).value
    return row


def before(row: PriceObservation, most: int) -> list[Fraction]:
    """The prices a price is held against, the newest first: same market, product, grade, level,
    standing, told on its day or before.
    """
    rows = PriceObservation._base_manager.filter(
        market=row.market_id,
        commodity=row.commodity_id,
        grade=row.grade,
        level=row.level,
        state__in=STANDING,
        observed_date__lte=row.observed_date,
    ).exclude(Q(pk=row.pk) | Q(price_milli=None))
    told = rows.order_by("-observed_date", "-id").values_list("price_milli", flat=True)[:most]
    return [Fraction(milli, MILLI) for milli in told if milli is not None]


def confirm_price(
    *, acting_staff: StaffUser, price: PriceObservation, on: date, reason: str
) -> PriceObservation:
    """Confirm a doubted price, by another person than told it, who says why it holds.

    Raises PriceNotWaiting, PriceReasonMissing, SamePerson or ReasonNeeded by profile.
    """
    return _decide(acting_staff, price, on, reason, PriceState.CONFIRMED)


def reject_price(
    *, acting_staff: StaffUser, price: PriceObservation, on: date, reason: str
) -> PriceObservation:
    """Reject a doubted price; it stays, and counts for nothing. Raises what `confirm_price`
    raises.
    """
    return _decide(acting_staff, price, on, reason, PriceState.REJECTED)


def _decide(
    staff: StaffUser, price: PriceObservation, on: date, reason: str, state: PriceState
) -> PriceObservation:
    require(staff, "markets.confirm_price", price)
    if not reason.strip():
        raise PriceReasonMissing(field="reason")
    with transaction.atomic():
        row = held(price)
        if row.state != PriceState.FLAGGED:
            raise PriceNotWaiting
        step = "markets.confirm_price"
        require_other_person(staff, row.observer_id, step=step, reason=reason, obj=row)
        change(
            staff,
            "markets.confirm_price",
            row,
            state=state.value,
            decided_by=staff,
            decided_date=on,
            reason=reason.strip(),
        )
    return row


def publish_prices(
    *, acting_staff: StaffUser, market: MarketPlace, on: date
) -> list[PriceObservation]:
    """Publish every price of a market that is not doubted, so that its board may show them.

    Raises NothingToPublish.
    """
    require(acting_staff, "markets.publish_prices", market)
    waiting = (PriceState.RECORDED.value, PriceState.CONFIRMED.value)
    with transaction.atomic():
        found = market.prices.select_for_update().filter(state__in=waiting, observed_date__lte=on)
        rows = list(found.order_by("pk"))
        if not rows:
            raise NothingToPublish
        PriceObservation._base_manager.filter(pk__in=[row.pk for row in rows]).update(
            state=PriceState.PUBLISHED.value, published_by=acting_staff, published_date=on
        )
        audit.record_many(audit.line(acting_staff, "markets.publish_prices", row) for row in rows)
    for row in rows:
        row.state = PriceState.PUBLISHED.value
    return rows


def record_price_index(
    *, acting_staff: StaffUser, currency: str, month: date, index_milli: int, source: str
) -> PriceIndex:
    """Record the consumer price index of a month, in thousandths. Every programme that counts in
    the currency uses it: asked for is a grant over everything. Raises NotAllowed, IndexTaken,
    LimitOutOfRange, NameMissing, CurrencyUnreadable.
    """
    require_over(acting_staff, "markets.record_price_index")
    code, first = currency_of(currency), first_of(month)
    if index_milli <= 0:
        raise LimitOutOfRange(field="index")
    if not source.strip():
        raise NameMissing(field="source")
    if PriceIndex._base_manager.filter(currency=code, month=first).exists():
        raise IndexTaken(field="month")
    row = PriceIndex(currency=code, month=first, index_milli=index_milli, source=source.strip())
    add(acting_staff, "markets.record_price_index", row)
    return row
