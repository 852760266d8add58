"""Tables of the house: staff and grants, places, audit trail, rates, settings."""

from handup.org.models.base import House
from handup.org.models.places import Area, Office
from handup.org.models.records import AuditLine, ExchangeRate, Setting
from handup.org.models.staff import Grant, StaffUser

__all__ = [
    "Area",
    "AuditLine",
    "ExchangeRate",
    "Grant",
    "House",
    "Office",
    "Setting",
    "StaffUser",
]
