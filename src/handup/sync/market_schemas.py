"""What a phone carries of markets: prices to ask for, contracts under which goods are taken in."""

from datetime import date
from uuid import UUID

from ninja import Schema


class WorkNamed(Schema):
    """Something by its name: a programme, a settlement, a unit."""

    id: UUID
    name: str


class WorkPrice(Schema):
    """The price of a product that the reader asks for at a market, and by when; without a unit it
    is asked for one `base_unit`."""

    market_id: UUID
    market: str
    currency: str
    currency_digits: int
    commodity_id: UUID
    product: str
    base_unit: str
    units: list[WorkNamed]
    due_date: date


class WorkGrade(Schema):
    """A grade of a contract and its price of today for one base unit; null where the contract
    follows a market that has no fresh one."""

    id: UUID
    name: str
    price_units: int | None


class WorkContract(Schema):
    """A contract under which the reader takes goods in: quantities in base units, `delivered` so
    far; `own`: ids of deliveries she told, which are counted in it."""

    contract_id: UUID
    code: str
    product: str
    unit: str
    seller: str
    buyer: str
    place: str
    currency: str
    currency_digits: int
    quantity: int
    delivered: int
    advance_left_units: int
    advance_cap_bps: int
    payment_days: int
    grades: list[WorkGrade]
    own: list[UUID]
