"""Tables of the house: staff, grants, places, audit trail, read log, devices, rates, settings,
webhooks.
"""

from handup.org.models.asked import GrantRequest, RequestState
from handup.org.models.base import House
from handup.org.models.calendar import ClosedDay
from handup.org.models.devices import ApiToken, Device, DeviceState, StaffSession, Trip
from handup.org.models.edited import CellState, EditedCell, EditedList
from handup.org.models.filters import SavedFilter
from handup.org.models.incidents import Incident
from handup.org.models.notices import MailNotice, NoticeWish
from handup.org.models.places import Area, AreaClass, AreaShape, Office, Settlement
from handup.org.models.proofs import ProofOutcome, ProofReason, ProofRun
from handup.org.models.reads import ChainHead, Door, ReadAction, ReadEntry
from handup.org.models.records import AuditLine, DutyException, ExchangeRate, Setting, StoredFile
from handup.org.models.retention import RetentionListing, RetentionState
from handup.org.models.sealed_keys import SealedKeys
from handup.org.models.staff import Grant, StaffUser
from handup.org.models.webhooks import DeliveryState, Webhook, WebhookDelivery

__all__ = [
    "ApiToken",
    "Area",
    "AreaClass",
    "AreaShape",
    "AuditLine",
    "CellState",
    "ChainHead",
    "ClosedDay",
    "DeliveryState",
    "Device",
    "DeviceState",
    "Door",
    "DutyException",
    "EditedCell",
    "EditedList",
    "ExchangeRate",
    "Grant",
    "GrantRequest",
    "House",
    "Incident",
    "MailNotice",
    "NoticeWish",
    "Office",
    "ProofOutcome",
    "ProofReason",
    "ProofRun",
    "ReadAction",
    "ReadEntry",
    "RequestState",
    "RetentionListing",
    "RetentionState",
    "SavedFilter",
    "SealedKeys",
    "Setting",
    "Settlement",
    "StaffSession",
    "StaffUser",
    "StoredFile",
    "Trip",
    "Webhook",
    "WebhookDelivery",
]
