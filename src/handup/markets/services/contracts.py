"""Contracts: offered, looked at point by point, signed before a witness, delivered, paid."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import (
    Commodity,
    ContractGrade,
    ContractNote,
    MarketPlace,
    SupplyContract,
)
from handup.markets.models.labels import NoteKind, PriceKind, PriceLevel
from handup.markets.rules.contracts import (
    MOVES,
    Answer,
    ContractState,
    unanswered,
)
from handup.markets.services.chains import (
    CodeTaken,
    DayAhead,
    NameMissing,
    currency_of,
    not_to_come,
)
from handup.markets.services.prices import EndsBeforeItStarts
from handup.markets.services.store import add, change, held
from handup.org.devices import already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Organisation, Programme


class SameParty(Refusal):
    """A contract has two parties: the seller cannot be the buyer."""


class QuantityMissing(Refusal):
    """Say how much is sold."""


class GradeMissing(Refusal):
    """Name at least one grade with its price."""


class MarketMissing(Refusal):
    """Say which market and price it follows."""


class MarketOfOtherCurrency(Refusal):
    """At this market prices are told in {market}, and the contract counts in {contract}."""


class FloorAboveCeiling(Refusal):
    """The price below which it never falls lies above the one it never passes."""


class PointsOpen(Refusal):
    """These points are still open: {points}. A "no" needs a note."""


class ContractNotThere(Refusal):
    """A contract that is "{state}" cannot do this."""


class SignatureMissing(Refusal):
    """Write who signed for the producers."""


class NothingSaid(Refusal):
    """Write what at least one side says."""


class ContractMoveNotPossible(Refusal):
    """From "{before}" a contract cannot go to "{after}"."""


class WhyMissing(Refusal):
    """Write why."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says; amounts in smallest units, prices for one base unit."""

    quantity: int
    place: str
    starts: date
    ends: date
    purpose: str = ""
    schedule: str = ""
    price_kind: PriceKind = PriceKind.FIXED
    market: MarketPlace | None = None
    level: PriceLevel | None = None
    premium_units: int = 0
    floor_units: int | None = None
    ceiling_units: int | None = None
    inputs: str = ""
    advance_units: int = 0
    advance_cap_bps: int = 3_000
    payment_days: int = 0
    excuses: str = ""
    dispute_route: str = ""
    third_parties: str = ""


def offer_contract(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    code: str,
    seller: Organisation,
    buyer: Organisation,
    commodity: Commodity,
    terms: Terms,
    grades: Mapping[str, int],
    currency: str = "",
    office: Office | None = None,
    area: Area | None = None,
    id: UUID | None = None,
) -> SupplyContract:
    """Write a contract down as it is offered; `grades` gives each grade its price for one base
    unit (for a price that follows a market: what the grade would cost today).

    Raises NameMissing, CodeTaken, SameParty, QuantityMissing, GradeMissing, EndsBeforeItStarts,
    MarketMissing, MarketOfOtherCurrency, FloorAboveCeiling, CurrencyUnreadable.
    """
    row = SupplyContract(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        code=code.strip(),
        seller=seller,
        buyer=buyer,
        commodity=commodity,
        currency=currency_of(currency or programme.currency),
        **_said(terms),
    )
    require(acting_staff, "markets.offer_contract", row)
    known = already_stored(SupplyContract, id, acting_staff, programme=programme, code=row.code)
    if known is not None:
        return known
    _check_terms(row, grades)
    with transaction.atomic():
        add(acting_staff, "markets.offer_contract", row)
        ContractGrade.objects.bulk_create(
            ContractGrade(contract=row, name=name.strip(), price_units=price)
            for name, price in grades.items()
        )
    return row


def _said(terms: Terms) -> dict[str, Any]:
    """The terms as the columns of a contract."""
    told = {field.name: getattr(terms, field.name) for field in fields(terms)}
    return told | {
        "place": terms.place.strip(),
        "price_kind": terms.price_kind.value,
        "level": terms.level.value if terms.level else "",
    }


def _check_terms(row: SupplyContract, grades: Mapping[str, int]) -> None:
    if not row.code or not row.place:
        raise NameMissing(field="place" if row.code else "code")
    if row.seller_id == row.buyer_id:
        raise SameParty(field="buyer")
    if row.quantity <= 0:
        raise QuantityMissing(field="quantity")
    if not grades or any(price <= 0 or not name.strip() for name, price in grades.items()):
        raise GradeMissing(field="grades")
    if row.ends < row.starts:
        raise EndsBeforeItStarts(field="ends")
    if row.price_kind == PriceKind.MARKET and (row.market is None or not row.level):
        raise MarketMissing(field="market")
    if row.market is not None and row.market.currency != row.currency:
        raise MarketOfOtherCurrency(
            field="market", market=row.market.currency, contract=row.currency
        )
    floor, ceiling = row.floor_units, row.ceiling_units
    if floor is not None and ceiling is not None and floor > ceiling:
        raise FloorAboveCeiling(field="floor_units")
    if SupplyContract._base_manager.filter(programme=row.programme_id, code=row.code).exists():
        raise CodeTaken(field="code", code=row.code)


def check_contract(
    *,
    acting_staff: StaffUser,
    contract: SupplyContract,
    answers: Mapping[str, Answer],
    on: date,
) -> SupplyContract:
    """Look at every point of an offer before it is signed. Raises PointsOpen, ContractNotThere,
    DayAhead.
    """
    require(acting_staff, "markets.check_contract", contract)
    not_to_come(on, field="on")
    open_points = unanswered(answers)
    if open_points:
        raise PointsOpen(points=", ".join(point.value.lower() for point in open_points))
    with transaction.atomic():
        row = held(contract)
        if row.state not in {ContractState.OFFER, ContractState.CHECKED}:
            raise ContractNotThere(state=row.get_state_display())
        change(
            acting_staff,
            "markets.check_contract",
            row,
            state=ContractState.CHECKED.value,
            checklist={
                code: {"clear": told.clear, "note": told.note.strip()}
                for code, told in answers.items()
            },
            checked_by=acting_staff,
            checked_date=on,
        )
    return row


def sign_contract(
    *,
    acting_staff: StaffUser,
    contract: SupplyContract,
    signed_by: str,
    signed_date: date,
    today: date,
) -> SupplyContract:
    """Record that the producers' representative signed; whoever records it is the witness.

    Raises ContractNotThere before every point was looked at, SignatureMissing, DayAhead.
    """
    require(acting_staff, "markets.sign_contract", contract)
    if not signed_by.strip():
        raise SignatureMissing(field="signed_by")
    if signed_date > today:
        raise DayAhead(field="signed_date")
    with transaction.atomic():
        row = held(contract)
        if row.state != ContractState.CHECKED:
            raise ContractNotThere(state=row.get_state_display())
        change(
            acting_staff,
            "markets.sign_contract",
            row,
            state=ContractState.SIGNED.value,
            signed_by=signed_by.strip(),
            signed_date=signed_date,
            witness=acting_staff,
        )
    return row


def note_default(
    *,
    acting_staff: StaffUser,
    contract: SupplyContract,
    kind: NoteKind,
    seen_date: date,
    today: date,
    producers_say: str = "",
    buyer_says: str = "",
    id: UUID | None = None,
) -> ContractNote:
    """Note a default with what each side says. Raises NothingSaid, DayAhead."""
    require(acting_staff, "markets.record_delivery", contract)
    known = already_stored(ContractNote, id, acting_staff, contract=contract, kind=kind.value)
    if known is not None:
        return known
    if not producers_say.strip() and not buyer_says.strip():
        raise NothingSaid(field="producers_say")
    if seen_date > today:
        raise DayAhead(field="seen_date")
    row = ContractNote(
        id=id or new_id(),
        contract=contract,
        kind=kind.value,
        seen_date=seen_date,
        producers_say=producers_say.strip(),
        buyer_says=buyer_says.strip(),
        noted_by=acting_staff,
    )
    add(acting_staff, "markets.note_default", row, {"contract": str(contract.pk)})
    return row


def move_contract(
    *, acting_staff: StaffUser, contract: SupplyContract, state: ContractState, reason: str
) -> SupplyContract:
    """Say that a contract is fulfilled, ended, in dispute or going on again, and why.

    Raises ContractMoveNotPossible, WhyMissing.
    """
    require(acting_staff, "markets.check_contract", contract)
    if not reason.strip():
        raise WhyMissing(field="reason")
    with transaction.atomic():
        row = held(contract)
        if state not in MOVES[ContractState(row.state)]:
            raise ContractMoveNotPossible(
                field="state", before=row.get_state_display(), after=state.value.lower()
            )
        change(acting_staff, "markets.move_contract", row, state=state.value, reason=reason.strip())
    return row
