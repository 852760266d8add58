"""Break-glass: one person outside one's sight, for an hour, with the second factor, seen at once by
those who protect her, reviewed within two working days (protection.md 4.3).
"""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, reads, safety
from handup.org.calendar import closed_days
from handup.org.devices import already_stored
from handup.org.exposure import Exposed
from handup.org.jobs import job
from handup.org.models import Door, NoticeWish, ReadAction, StaffUser
from handup.org.permissions import may, require
from handup.org.rules.incidents import IncidentKind
from handup.org.scope import hidden_changed, opened_to
from handup.org.services.incidents import DIGITS, open_for
from handup.people.models import BreakGlass, Person
from handup.people.queries.merging import by_number
from handup.people.rules.glass import (
    LEAST_WORDS,
    UNREVIEWED,
    GlassReason,
    GlassState,
    is_reason,
    review_by,
)

BREAK = "people.break_glass"
REVIEW = "people.review_break_glass"
VIEW_PERSON = "people.view_person"


class ReasonTooShort(Refusal):
    """Say in at least {least} signs why you have to see her now."""


class OnlineOnly(Refusal):
    """Emergency access is opened by a person at a screen, with the second factor."""


class NobodyWithThisNumber(Refusal):
    """Nobody is registered under this number. The attempt is written down."""


class SeenAlready(Refusal):
    """She is open to you already. Find her in the list of persons."""


class OwnAccess(Refusal):
    """Nobody reviews an emergency access of her own. Another person has to do it."""


class ReviewedAlready(Refusal):
    """This emergency access was reviewed already."""


class FindingMissing(Refusal):
    """Write what the review found."""


def break_glass(
    *,
    acting_staff: StaffUser,
    registration_no: str,
    reason: GlassReason,
    words: str,
    door: Door = Door.WEB,
    id: UUID | None = None,
) -> BreakGlass:
    """Open one person to the acting staff, for reading only, within what her roles may read.

    words: at least 20 signs. The door asks for a fresh second factor before. The same id twice
    changes nothing. Those who review it find it on their first page at once; the third within 30
    days opens an incident (both numbers are settings).

    Raises NotAllowed, OnlineOnly, ReasonTooShort, NobodyWithThisNumber, SeenAlready,
    SameIdOtherContent.
    """
    require(acting_staff, BREAK)
    if acting_staff.by_token:
        raise OnlineOnly
    words = " ".join(words.split())
    number = "".join(registration_no.split())
    living = Person._base_manager.filter(erased_date=None, merged_date=None)
    person = by_number(living, number)
    told: dict[str, Any] = {
        "staff": acting_staff,
        "reason": reason.value,
        "words": words,
        "person": person,
    }
    known = already_stored(BreakGlass, id, acting_staff, **told)
    if known is not None:
        return known
    if not is_reason(words):
        raise ReasonTooShort(field="words", least=LEAST_WORDS)
    if person is None:
        _named_nobody(acting_staff, number, door)
        raise NobodyWithThisNumber(field="registration_no")
    with transaction.atomic():
        staff = StaffUser.objects.select_for_update().get(pk=acting_staff.pk)
        if may(staff, VIEW_PERSON, person):
            raise SeenAlready(field="registration_no")
        row = _open(staff, person, reason, words, id)
        reads.write_entry(
            staff=staff,
            door=door.value,
            action=ReadAction.BREAK_GLASS.value,
            persons=[person.pk],
            highest="P",
            purpose=reason.value,
        )
        facts: audit.Facts = {"reason": reason.value, "person": str(person.pk)}
        audit.record(staff, BREAK, row, facts)
        _count(staff, row.opened_at)
    hidden_changed()
    return row


def _named_nobody(staff: StaffUser, number: str, door: Door) -> None:
    """A number that names nobody is written down as denied."""
    reads.write_entry(
        staff=staff,
        door=door.value,
        action=ReadAction.DENIED.value,
        persons=[],
        highest="P",
        purpose=BREAK,
        search_hash=reads.search_key(number),
    )


def _open(
    staff: StaffUser, person: Person, reason: GlassReason, words: str, id: UUID | None
) -> BreakGlass:
    now = timezone.now()
    today = timezone.localdate(now)
    days = safety.value("protection.break_glass_review_days")
    row = BreakGlass(
        id=id or new_id(),
        code="E" + "".join(secrets.choice(DIGITS) for _ in range(7)),
        person=person,
        staff=staff,
        reason=reason.value,
        words=words,
        opened_at=now,
        ends_at=now + timedelta(minutes=safety.value("protection.break_glass_minutes")),
        review_by=review_by(today, days, closed_days(person.office_id, first=today)),
    )
    row.save(force_insert=True)
    return row


def _count(staff: StaffUser, now: datetime) -> None:
    """Open an incident when one person opened too many of late."""
    since = now - timedelta(days=safety.value("protection.break_glass_days"))
    rows = BreakGlass._base_manager.filter(staff=staff, opened_at__gt=since)
    if rows.count() >= safety.value("protection.break_glass_count"):
        persons = {str(pk) for pk in rows.values_list("person_id", flat=True)}
        open_for(
            IncidentKind.BREAK_GLASS,
            about=str(staff.pk),
            acting_staff=staff,
            exposed=Exposed(persons=frozenset(persons)),
        )


def open_until(staff: StaffUser, person: Person) -> datetime | None:
    """Until when a person is open to a staff member in an emergency; None when she is not."""
    if person.pk not in opened_to(staff):
        return None
    rows = BreakGlass._base_manager.filter(staff=staff, person=person, ends_at__gt=timezone.now())
    return rows.order_by("-ends_at").values_list("ends_at", flat=True).first()


def review_break_glass(
    *, acting_staff: StaffUser, access: BreakGlass, abuse: bool, finding: str
) -> BreakGlass:
    """Say whether an emergency access was in order; one that is still open ends with it. Abuse
    opens an incident.

    Raises OwnAccess, ReviewedAlready, FindingMissing.
    """
    require(acting_staff, REVIEW, access)
    if access.staff_id == acting_staff.pk:
        raise OwnAccess
    if not finding.strip():
        raise FindingMissing(field="finding")
    with transaction.atomic():
        row: BreakGlass = BreakGlass._base_manager.select_for_update().get(pk=access.pk)
        if GlassState(row.state) not in UNREVIEWED:
            raise ReviewedAlready
        state = GlassState.ABUSE if abuse else GlassState.REVIEWED
        row.state, row.finding = state.value, finding.strip()
        row.reviewed_by, row.reviewed_at = acting_staff, timezone.now()
        row.save(update_fields=["state", "finding", "reviewed_by", "reviewed_at"])
        audit.record(acting_staff, REVIEW, row, {"state": state.value})
        if abuse:
            open_for(
                IncidentKind.BREAK_GLASS,
                about=str(row.pk),
                acting_staff=acting_staff,
                exposed=_exposed(row),
            )
    hidden_changed()
    return row


def _exposed(row: BreakGlass) -> Exposed:
    return Exposed(persons=frozenset({str(row.person_id)}))


@job
def look_at_break_glass() -> None:
    """The job of the night."""
    expire_break_glass(timezone.now())


def expire_break_glass(now: datetime) -> tuple[int, int]:
    """Write down what the clock has ended, and escalate what nobody reviewed in time; how many of
    each. Nothing is open longer because this did not run.
    """
    rows = BreakGlass._base_manager
    ended = rows.filter(state=GlassState.OPEN.value, ends_at__lte=now)
    expired = ended.update(state=GlassState.EXPIRED.value)
    late = rows.filter(state__in=[state.value for state in UNREVIEWED], escalated_at=None)
    escalated = late.filter(review_by__lt=timezone.localdate(now)).update(escalated_at=now)
    return expired, escalated


def of_state(
    rows: QuerySet[BreakGlass, BreakGlass], state: GlassState
) -> QuerySet[BreakGlass, BreakGlass]:
    """Those that stand there now, by the clock."""
    now = timezone.now()
    if state is GlassState.OPEN:
        return rows.filter(state=state.value, ends_at__gt=now)
    if state is GlassState.EXPIRED:
        over = rows.filter(state=GlassState.OPEN.value, ends_at__lte=now)
        return over | rows.filter(state=state.value)
    return rows.filter(state=state.value)


def to_review(staff: StaffUser) -> QuerySet[BreakGlass, BreakGlass]:
    """What a staff member may still review: never her own."""
    rows = BreakGlass.objects.visible_to(staff)
    waiting = rows.filter(state__in=[state.value for state in UNREVIEWED])
    return waiting.exclude(staff=staff).order_by("review_by", "opened_at")


def opened_since(wish: NoticeWish, now: datetime) -> list[str]:
    """Emergency accesses of others, opened since somebody wants notices, that she may review."""
    opened = to_review(wish.staff).filter(opened_at__gte=wish.recorded_at)
    return [str(pk) for pk in opened.values_list("pk", flat=True)]
