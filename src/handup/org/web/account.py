"""A staff user's own account: who she is here, how she signs in, where she is signed in."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import notices
from handup.org.mail_server import LONGEST
from handup.org.models import Device, DeviceState, MailNotice, NoticeWish, StaffSession
from handup.org.services.devices import report_device_lost
from handup.org.services.notices import ask_for_notices, end_notices, wish_of
from handup.org.services.staff import end_session
from handup.org.web import labels
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.pages import Fact, FactGroup, FiguresPage, Header, Table

IN_USE = (DeviceState.ENROLLED, DeviceState.ACTIVE)


class AccountPage(FiguresPage):
    """What the house knows about the person signed in, and the doors to her sign-in settings."""

    title = _("Your account")
    template = "kinds/record.html"

    def header(self) -> Header:
        """Her name and user name."""
        return Header(self.staff.display_name or self.staff.username, self.staff.username)

    def context(self) -> dict[str, Any]:
        """Facts with the doors beside them."""
        factors = Authenticator.objects.filter(user=self.staff, type__in=("totp", "webauthn"))
        on = _("on: see or change it") if factors.exists() else _("off: set it up")
        sign_in = [
            Fact(_("Password"), _("Change it"), reverse("account_change_password")),
            Fact(_("Second step"), on, reverse("mfa_index")),
        ]
        today = timezone.localdate()
        grants = self.staff.grants.filter(starts__lte=today, ends__gte=today, ended_at=None)
        roles = [
            Fact(labels.role(grant.role), _until(grant.ends)) for grant in grants.order_by("ends")
        ]
        groups = [FactGroup(_("Signing in"), sign_in)]
        if roles:
            groups.append(FactGroup(_("Your roles"), roles))
        groups.append(FactGroup(_("Notices by e-mail"), [self._notices()]))
        return {"fact_groups": groups}

    def _notices(self) -> Fact:
        """Whether she gets notices, and the door to the other way."""
        if wish_of(self.staff) is None:
            return Fact(_("Notices"), _("off: ask for them"), reverse("org:notices_ask"))
        return Fact(_("Notices"), _("on: end them"), reverse("org:notices_end"))

    def tables(self) -> list[Table]:
        """The browsers she is signed in with, and her devices."""
        here = self.request.session.session_key
        columns = (
            Column("browser", _("Browser"), value=lambda s: _named(s, here)),
            Column("address", _("Address")),
            Column("last_seen_at", _("Last used"), Kind.INSTANT),
            Column(
                "end",
                _("Change"),
                value=lambda s: "" if s.key == here else _("Sign out there"),
                href=lambda s: reverse("org:session_end", args=[s.pk]),
            ),
        )
        signed_in = Table(_("Where you are signed in"), columns, self.staff.sessions.all())
        return [signed_in, *self._devices(), *self._told()]

    def _told(self) -> list[Table]:
        """The notices written for her last."""
        rows = MailNotice._base_manager.filter(wish__staff=self.staff).order_by("-id")[:10]
        columns = (
            Column("kind", _("Notice"), value=lambda row: notices.kinds[row.kind].subject),
            Column("recorded_at", _("When"), Kind.INSTANT),
            Column("state", _("State")),
        )
        told = [row for row in rows if row.kind in notices.kinds]
        return [Table(_("Notices by e-mail"), columns, told)] if told else []

    def _devices(self) -> list[Table]:
        """The telephones and laptops that are hers, each to be reported when it is lost."""
        rows = self.staff.devices.filter(state__in=IN_USE)
        columns = (
            Column("label", _("Device")),
            Column("last_seen_at", _("Last seen"), Kind.INSTANT),
            Column(
                "lost",
                _("Change"),
                value=lambda device: _("Report it lost"),
                href=lambda device: reverse("org:own_device_lost", args=[device.pk]),
            ),
        )
        return [Table(_("Your devices"), columns, rows)] if rows else []


def _named(session: StaffSession, here: str | None) -> str:
    """The browser's name, marked when it is this one."""
    if session.key != here:
        return session.browser
    return f"{session.browser} ({force_str(_('this one'))})"


def _until(day: Any) -> str:
    return force_str(_("until %(day)s")) % {"day": Fact("", day).shown}


class NothingToAsk(HouseForm):
    """The button is the answer."""


class NoticesForm(HouseForm):
    """Where they are sent."""

    address = forms.EmailField(label=_("Your own e-mail address"), max_length=LONGEST)


class AskForNotices(FormPage):
    """She wants notices by e-mail."""

    form_class = NoticesForm
    permission = ""
    title = _("Ask for notices by e-mail")
    intro = _(
        "You are told that something waits: a role that ends, an incident, emergency access to"
        " review. No notice says who or what it is about. You can end them on any day."
    )
    verb = _("Send me notices")

    def initial(self) -> dict[str, Any]:
        """The address on her account."""
        return {"address": self.staff.email}

    def perform(self, values: dict[str, Any]) -> NoticeWish:
        """Ask for them."""
        return ask_for_notices(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: NoticeWish) -> str:
        """Back to the account."""
        return reverse("org:account")


class EndNotices(FormPage):
    """She wants none any more."""

    form_class = NothingToAsk
    permission = ""
    title = _("End the notices by e-mail?")
    intro = _("Nothing is sent any more, and your address is forgotten.")
    verb = _("End them")

    def perform(self, values: dict[str, Any]) -> NoticeWish:
        """End them."""
        return end_notices(acting_staff=self.staff)

    def success_url(self, result: NoticeWish) -> str:
        """Back to the account."""
        return reverse("org:account")


class EndSession(FormPage):
    """Signing out of a browser left or lost."""

    form_class = NothingToAsk
    permission = ""
    subject_model = StaffSession
    title = _("Sign out there?")
    verb = _("Sign out there")

    def find_subject(self, pk: UUID) -> StaffSession | None:
        """One of her own sessions."""
        return StaffSession.objects.filter(pk=pk, staff=self.staff).first()

    def perform(self, values: dict[str, Any]) -> None:
        """End it."""
        end_session(acting_staff=self.staff, session=self.subject)

    def success_url(self, result: None) -> str:
        """Back to the account."""
        return reverse("org:account")


class OwnDeviceLost(FormPage):
    """Her own device is lost or stolen: whoever works here reports it herself, at once."""

    form_class = NothingToAsk
    permission = ""
    subject_model = Device
    title = _("Report this device lost?")
    intro = _(
        "It can no longer sign in, and every other browser you are signed in with is signed out."
        " At its next contact it sends what it holds and is wiped."
    )
    verb = _("Report it lost")

    def find_subject(self, pk: UUID) -> Device | None:
        """One of her own that is in use."""
        return Device.objects.filter(pk=pk, staff=self.staff, state__in=IN_USE).first()

    def perform(self, values: dict[str, Any]) -> Device:
        """Report it; the incident names whom and what it held."""
        here = self.request.session.session_key
        return report_device_lost(acting_staff=self.staff, device=self.subject, session_key=here)

    def done_message(self, result: Device) -> str:
        """What happens now."""
        return _now("Reported. The data protection officer sees at once whom and what it held.")

    def success_url(self, result: Device) -> str:
        """Back to the account."""
        return reverse("org:account")
