"""Money drawn from a funder, and what a programme is to buy: their states (rulings 30)."""

from enum import StrEnum


class WithdrawalState(StrEnum):
    """A request for money: asked, then paid or refused by the funder."""

    ASKED = "ASKED"
    PAID = "PAID"
    REFUSED = "REFUSED"


class PurchaseKind(StrEnum):
    """What is bought."""

    GOODS = "GOODS"
    WORKS = "WORKS"
    SERVICES = "SERVICES"


class PurchaseMethod(StrEnum):
    """How the supplier is found."""

    OPEN = "OPEN"
    LIMITED = "LIMITED"
    SHOPPING = "SHOPPING"
    DIRECT = "DIRECT"
    COMMUNITY = "COMMUNITY"


class PurchaseState(StrEnum):
    """A purchase from the plan to the delivery."""

    PLANNED = "PLANNED"
    OPENED = "OPENED"
    SIGNED = "SIGNED"
    DELIVERED = "DELIVERED"
    CANCELLED = "CANCELLED"


NEXT = {
    PurchaseState.PLANNED: (PurchaseState.OPENED, PurchaseState.SIGNED, PurchaseState.CANCELLED),
    PurchaseState.OPENED: (PurchaseState.SIGNED, PurchaseState.CANCELLED),
    PurchaseState.SIGNED: (PurchaseState.DELIVERED, PurchaseState.CANCELLED),
    PurchaseState.DELIVERED: (),
    PurchaseState.CANCELLED: (),
}
WITH_A_CONTRACT = (PurchaseState.SIGNED, PurchaseState.DELIVERED)
