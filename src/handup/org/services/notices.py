"""Notices by e-mail: a staff user asks for them herself and ends them herself."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.mail_server import is_address
from handup.org.models import DeliveryState, NoticeWish, StaffUser
from handup.org.permissions import NotAllowed


class AddressWrong(Refusal):
    """Write an e-mail address, for example name@example.org."""


class NoticesStand(Refusal):
    """You get notices already. End them first to have them sent to another address."""


class NoticesEnded(Refusal):
    """You get no notices any more; that was ended before."""


def wish_of(staff: StaffUser) -> NoticeWish | None:
    """Her wish that stands; None where she gets no notices."""
    found: NoticeWish | None = NoticeWish._base_manager.filter(staff=staff, ended_at=None).first()
    return found


def ask_for_notices(*, acting_staff: StaffUser, address: str, id: UUID | None = None) -> NoticeWish:
    """Ask for notices at an address of one's own; each for herself alone.

    Raises NotAllowed where her account is closed, AddressWrong, NoticesStand.
    """
    if not acting_staff.is_active or acting_staff.by_token:
        raise NotAllowed
    address = address.strip()
    stored = already_stored(NoticeWish, id, acting_staff, staff=acting_staff, address=address)
    if stored is not None:
        return stored
    if not is_address(address):
        raise AddressWrong(field="address")
    row = NoticeWish(id=id or new_id(), staff=acting_staff, address=address)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            audit.record(acting_staff, "org.ask_for_notices", row)
    except IntegrityError as fault:
        raise NoticesStand from fault
    return row


def end_notices(*, acting_staff: StaffUser) -> NoticeWish:
    """End them at once: what waits is not sent, the address is forgotten. Raises NoticesEnded."""
    with transaction.atomic():
        rows = NoticeWish._base_manager.select_for_update(of=("self",))
        row: NoticeWish | None = rows.filter(staff=acting_staff, ended_at=None).first()
        if row is None:
            raise NoticesEnded
        _end(row)
        audit.record(acting_staff, "org.end_notices", row)
    return row


def end_for(staff: StaffUser) -> None:
    """Whose account is closed is told nothing more, and her address is forgotten; called within the
    transaction that closes it.
    """
    for row in NoticeWish._base_manager.select_for_update().filter(staff=staff, ended_at=None):
        _end(row)


def _end(row: NoticeWish) -> None:
    row.ended_at, row.address = timezone.now(), ""
    row.save(update_fields=["ended_at", "address"])
    row.notices.filter(state=DeliveryState.WAITING).update(
        state=DeliveryState.DROPPED, why="NOT_WANTED"
    )
