"""Sessions in a calendar of one's own: the page with the secret address, and what it answers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from handup.org.limits import require_within
from handup.org.models import StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.training import services
from handup.training.models import Session
from handup.training.paper import site_address
from handup.training.rules.calendar import Event, calendar_text
from handup.training.rules.states import SessionState
from handup.training.services.calendars import own_feed, reader_of, secret_of

BEFORE, AHEAD, MOST = timedelta(days=30), timedelta(days=400), 1000


def address_of(staff: StaffUser) -> str:
    """Her address that is open, empty when she has none."""
    feed = own_feed(staff)
    if feed is None:
        return ""
    return site_address(reverse("training:calendar_feed", args=[secret_of(feed.pk)]))


def events_of(staff: StaffUser) -> Iterator[Event]:
    """The sessions she sees, by the code of the cohort and their number: no title, place or person,
    for a calendar lies with others.
    """
    today = timezone.localdate()
    rows = Session.objects.visible_to(staff).filter(
        session_date__gte=today - BEFORE, session_date__lte=today + AHEAD
    )
    for row in rows.select_related("cohort").order_by("session_date", "id")[:MOST]:
        yield Event(
            row.pk,
            row.session_date,
            _t("{cohort}: session {number}, {minutes} minutes").format(
                cohort=row.cohort.code,
                number=row.number,
                minutes=row.minutes_held or row.minutes_planned,
            ),
            site_address(reverse("training:roster", args=[row.pk])),
            cancelled=row.state == SessionState.CANCELLED,
        )


@login_not_required
@require_GET
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a program reads at a secret address; an ended one answers as one that never was."""
    require_within(request, "sync", who=str(request.META.get("REMOTE_ADDR", "")))
    staff = reader_of(secret)
    if staff is None:
        answer = HttpResponse(status=404)
    else:
        with translation.override(staff.language):
            text = calendar_text(_t("Training sessions"), events_of(staff), timezone.now())
        answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "private, no-store"
    answer["Referrer-Policy"] = "no-referrer"
    return answer


class NothingToAsk(HouseForm):
    """The button is the answer."""


class CalendarPage(FormPage):
    """Her own address, when it was read, and a button for a new one."""

    form_class = NothingToAsk
    permission = "training.subscribe_calendar"
    title = _("Sessions in your calendar")
    intro = _(
        "Your calendar program reads the days of sessions at a secret address. It holds codes and"
        " days, no names. Who has the address can read it: a new one ends the old one."
    )
    verb = _("Make a new address")
    template = "training/calendar.html"

    def context(self) -> dict[str, Any]:
        """The address that is open now."""
        return {"feed": own_feed(self.staff), "address": address_of(self.staff)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.open_calendar_feed(acting_staff=self.staff, id=self.new_id)

    def success_url(self, result: Any) -> str:
        """Back to the page, which shows it."""
        return reverse("training:calendar")


class EndCalendar(FormPage):
    """End her own address."""

    form_class = NothingToAsk
    permission = "training.subscribe_calendar"
    title = _("End the address of your calendar")
    intro = _("Programs that read it find nothing any more.")
    verb = _("End it")

    def perform(self, values: dict[str, Any]) -> None:
        """End it."""
        services.end_calendar_feed(acting_staff=self.staff)

    def success_url(self, result: None) -> str:
        """Back to the page."""
        return reverse("training:calendar")
