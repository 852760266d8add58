"""Notices by e-mail, for staff who want them: that something waits, never what or about whom.

    notices.register(Notice("EMERGENCY", _("..."), _("..."), "people.review_break_glass", opened))

No notice names anybody, holds a link or asks for a password: whoever reads it signs in as always.
Each is written once, sent by a job and tried again after growing pauses; before each try it is
asked again whether she still wants it, still works here and still has the right it speaks of.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone, translation
from django.utils.encoding import force_str
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import condition, jobs, mailing, outgoing
from handup.org.jobs import job
from handup.org.models import DeliveryState, Grant, Incident, MailNotice, NoticeWish
from handup.org.permissions import may

WAITS = tuple(timedelta(minutes=pause) for pause in (1, 5, 30, 120))
TRIES = len(WAITS) + 1
AWAY = frozenset({"NOT_REACHED", "SIGN_IN"})
"""Why no other notice would be taken either."""
AT_ONCE = 100
SOON = timedelta(days=14)

Abouts = Callable[[NoticeWish, datetime], Iterable[str]]
"""Given who wants notices and the time: what there is to tell her, each by an id or a day."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of notice: its code, its subject, what it says, the right without which it is not
    sent (empty: none), what there is to tell; nightly: looked for at night only.
    """

    code: str
    subject: Promise
    text: Promise
    permission: str
    abouts: Abouts
    nightly: bool = False


def _begun(wish: NoticeWish, now: datetime) -> Iterable[str]:
    """That notices come here from now on: she sees that the address is right."""
    return [str(wish.pk)]


def _ending_roles(wish: NoticeWish, now: datetime) -> Iterable[str]:
    """Her roles that end within two weeks."""
    today = timezone.localdate(now)
    rows = Grant._base_manager.filter(staff=wish.staff_id, ended_at=None, starts__lte=today)
    ending = rows.filter(ends__gte=today, ends__lte=today + SOON)
    return [str(pk) for pk in ending.values_list("pk", flat=True)]


def _incidents(wish: NoticeWish, now: datetime) -> Iterable[str]:
    """Incidents that were reported since she wants notices and that she may see."""
    rows = Incident.objects.visible_to(wish.staff).filter(recorded_at__gte=wish.recorded_at)
    return [str(pk) for pk in rows.values_list("pk", flat=True)]


def _wrong(wish: NoticeWish, now: datetime) -> Iterable[str]:
    """Today, when something has to be mended today."""
    stops = any(one.weight is condition.Weight.STOPS for one in condition.findings(now))
    return [timezone.localdate(now).isoformat()] if stops else []


kinds: dict[str, Notice] = {}


def register(*added: Notice) -> None:
    """Add kinds of notices; one that is there already stays once."""
    kinds.update((notice.code, notice) for notice in added)


register(
    Notice("BEGUN", _("Notices of Handup"), _("Notices of Handup come to this address from now on."
           " If you did not ask for them, tell your administrator."), "", _begun),
    Notice("ROLE_ENDS", _("One of your roles ends soon"), _("One of your roles ends within two"
           " weeks. If you still need it, ask your manager."), "", _ending_roles),
    Notice("INCIDENT", _("An incident was reported"), _("An incident with personal data was"
           " reported. It has to be looked at within days: sign in and open Incidents."),
           "org.handle_incident", _incidents),
    Notice("WRONG", _("Something has to be mended today"), _("Something is wrong with the"
           " installation. Sign in and open What is wrong: it says what to do."),
           "org.handle_jobs", _wrong, nightly=True),
)  # fmt: skip


def _wishes() -> list[NoticeWish]:
    rows = NoticeWish._base_manager.filter(ended_at=None, staff__is_active=True)
    return list(rows.select_related("staff").order_by("pk"))


def _is_for(notice: Notice, wish: NoticeWish) -> bool:
    """Whether she may still be told."""
    wanted = wish.ended_at is None and wish.staff.is_active
    return wanted and (not notice.permission or may(wish.staff, notice.permission))


def look(now: datetime, *, at_night: bool = False) -> int:
    """Write what there is to tell and have it sent; how many are new."""
    new = 0
    for wish in _wishes():
        for notice in kinds.values():
            if notice.nightly is at_night and _is_for(notice, wish):
                new += _write(wish, notice, now)
    waiting = MailNotice._base_manager.filter(state=DeliveryState.WAITING, next_try_at__lte=now)
    if waiting.exists():
        send_notices.enqueue()
    return new


def _write(wish: NoticeWish, notice: Notice, now: datetime) -> int:
    told = set(wish.notices.filter(kind=notice.code).values_list("about", flat=True))
    new = [
        MailNotice(wish=wish, kind=notice.code, about=about, next_try_at=now)
        for about in notice.abouts(wish, now)
        if about not in told
    ]
    MailNotice._base_manager.bulk_create(new, ignore_conflicts=True)
    return len(new)


jobs.every_minute.append(look)


@job
def look_at_night() -> None:
    """Every night: what is wrong with the installation."""
    look(timezone.now(), at_night=True)


@job
def send_notices() -> None:
    """Send what waits and is due. A server of e-mail that is away is left alone until the next
    round: the other work of the house does not wait for it.
    """
    due = MailNotice._base_manager.filter(
        state=DeliveryState.WAITING, next_try_at__lte=timezone.now()
    )
    for pk in list(due.order_by("id").values_list("pk", flat=True)[:AT_ONCE]):
        if not send_notice(pk, timezone.now()):
            return


def send_notice(pk: UUID, now: datetime) -> bool:
    """Send one, claimed first so that no other worker sends it too; False where the server of
    e-mail takes none from us now.
    """
    if not outgoing.claim(MailNotice, pk, now):
        return True
    row = MailNotice._base_manager.select_related("wish__staff").get(pk=pk)
    notice = kinds.get(row.kind)
    if notice is None or not _is_for(notice, row.wish):
        row.state, row.why = DeliveryState.DROPPED, "NOT_WANTED"
    else:
        _hand_over(row, notice, now)
    outgoing.settle(row)
    return row.why not in AWAY


def _hand_over(row: MailNotice, notice: Notice, now: datetime) -> None:
    words = words_of(notice, row.wish.staff.language)
    outgoing.hand_over(
        row,
        lambda: mailing.send(row.pk, row.wish.address, *words),
        WAITS,
        DeliveryState.DEAD,
        now,
    )


def words_of(notice: Notice, language: str) -> tuple[str, str]:
    """Subject and text in a language."""
    with translation.override(language):
        end = _now(
            "This was written by the program. It never sends a link and never asks for your"
            " password. You end these notices on the page Your account."
        )
        return force_str(notice.subject), f"{force_str(notice.text)}\n\n{end}\n"
