"""Devices of the field and tokens of other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.org import safety
from handup.org.models import ApiToken, Device, StaffUser
from handup.org.services.devices import (
    enrol_device,
    give_token,
    report_device_lost,
    retire_device,
    revoke_token,
)
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Choice, EmptyState, ListPage, Search, Tick
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.org.web.settings.staff import NoQuestions

device_actions: list[Callable[[Device], Sequence[Action]]] = []
device_facts: list[Callable[[Device], Sequence[Fact]]] = []
"""What higher domains offer and tell on the page of a device in use."""
TONES = {"ACTIVE": Tone.GOOD, "ENROLLED": Tone.INFO, "LOST": Tone.BAD}
EVERYTHING = "*"
PARTS = (
    "people",
    "training",
    "surveys",
    "plans",
    "markets",
    "groups",
    "lending",
    "ledger",
    "projects",
    "results",
)


def unseen(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those in use that were silent for longer than the house allows, or never seen since then."""
    edge = timezone.now() - timedelta(days=safety.value("protection.unseen_days"))
    silent = rows.filter(state__in=("ENROLLED", "ACTIVE"))
    never = silent.filter(last_seen_at=None, recorded_at__lt=edge)
    return silent.filter(last_seen_at__lt=edge) | never


class DeviceList(ListPage):
    """Telephones and laptops that work without a network."""

    model = Device
    permission = "org.view_staff"
    title = _("Devices")
    columns = (
        Column("label", _("Device"), sort="label", url_name="org:device_detail"),
        Column("staff", _("Staff"), sort="staff__display_name"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("last_seen_at", _("Last seen"), Kind.INSTANT, sort="last_seen_at"),
    )
    filters = (
        Search(("label", "staff__display_name"), label=_("Device or staff")),
        Choice("state", _("State"), Device._meta.get_field("state").choices or ()),
        Tick("unseen", _("only those unseen for long"), unseen),
    )
    order = "label"
    related = ("staff",)
    primary = Action(_("Enrol a device"), "org:device_new", "org.enrol_device", icon="plus")
    empty = EmptyState(_("No devices yet"), _("Enrol a telephone before it goes to the field."))


class DevicePage(RecordPage):
    """One device."""

    model = Device
    permission = "org.view_staff"
    related = ("staff", "enrolled_by")

    def header(self) -> Header:
        """Its label, its state, what to do when it is lost."""
        device, key = self.record, (self.record.pk,)
        in_use = device.state in ("ACTIVE", "ENROLLED")
        state = State(device.get_state_display(), TONES.get(device.state, Tone.PLAIN))
        lost = Action(_("Report it lost"), "org:device_lost", args=key, tone="bad")
        retire = Action(_("Take out of use"), "org:device_retire", "org.enrol_device", args=key)
        away = Action(_("Declare a trip"), "org:trip_new", "org.declare_trip", args=key)
        more = [action for add in device_actions for action in add(device)]
        return Header(
            device.label,
            str(device.staff),
            state,
            None,
            (lost, retire, away, *more) if in_use else (),
            (Crumb(_("Devices"), reverse("org:device_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who has it, since when."""
        device = self.record
        facts = [
            Fact(_("Staff"), device.staff, reverse("org:staff_detail", args=[device.staff_id])),
            Fact(pgettext_lazy("device", "Enrolled"), device.recorded_at),
            Fact(_("Enrolled by"), device.enrolled_by),
            Fact(_("Last seen"), device.last_seen_at),
            Fact(_("Out of use since"), device.ended_at),
            *(fact for tell in device_facts for fact in tell(device)),
        ]
        return [FactGroup(_("Device"), facts)]

    def tables(self) -> Sequence[Table]:
        """Its trips, the latest first."""
        columns = (
            Column("starts", _("From"), Kind.DATE),
            Column("ends", _("Until"), Kind.DATE),
            Column("declared_by", _("Declared by")),
            Column("called_off_at", _("Called off"), Kind.INSTANT),
            Column(
                "off",
                _("Change"),
                value=lambda trip: _("Call it off") if trip.called_off_at is None else "",
                href=lambda trip: reverse("org:trip_off", args=[trip.pk]),
            ),
        )
        rows = self.record.trips.select_related("declared_by")
        return [Table(_("Trips"), columns, rows, EmptyState(_("No trip is declared")))]


class DeviceForm(HouseForm):
    """Whose it is, what it is called."""

    staff = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Staff"))
    label = forms.CharField(
        label=_("Name of the device"), max_length=80, help_text=_("For example: blue phone, no. 4.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer those who work here now."""
        super().__init__(*args, **options)
        field = self.fields["staff"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.working()


class EnrolDevice(FormPage):
    """A device for a staff user."""

    form_class = DeviceForm
    permission = "org.enrol_device"
    title = _("Enrol a device")
    verb = _("Enrol it")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> Device:
        """Enrol it."""
        return enrol_device(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Device) -> str:
        """The device's page."""
        return reverse("org:device_detail", args=[result.pk])


class OnDevice(FormPage):
    """A form about one device."""

    form_class = NoQuestions
    permission = "org.enrol_device"
    subject_model = Device

    def success_url(self, result: Device) -> str:
        """The device's page."""
        return reverse("org:device_detail", args=[result.pk])


class DeviceLost(OnDevice):
    """Lost or stolen: its tokens die at once."""

    title = _("Report this device lost?")
    intro = _(
        "It can no longer sign in, and every browser its holder is signed in with is signed out. At"
        " its next contact it sends what it holds and is wiped."
    )
    verb = _("Report it lost")

    def perform(self, values: dict[str, Any]) -> Device:
        """Report it."""
        here = self.request.session.session_key
        return report_device_lost(acting_staff=self.staff, device=self.subject, session_key=here)


class RetireDevice(OnDevice):
    """Out of use."""

    title = _("Take this device out of use?")
    verb = _("Take out of use")

    def perform(self, values: dict[str, Any]) -> Device:
        """Retire it."""
        return retire_device(acting_staff=self.staff, device=self.subject)


def token_state(token: ApiToken) -> State:
    """Whether a token opens anything."""
    if token.revoked_at is not None:
        return State(_("revoked"), Tone.PLAIN)
    if not token.is_live(timezone.now()):
        return State(_("ended"), Tone.PLAIN)
    return State(_("in use"), Tone.GOOD)


class TokenList(ListPage):
    """Keys of devices and other programs."""

    model = ApiToken
    permission = "org.view_staff"
    title = _("Tokens")
    intro = _("A token lets a device or another program in as one staff user, within her roles.")
    columns = (
        Column("label", _("What it is for"), sort="label"),
        Column("staff", _("Acts as"), sort="staff__display_name"),
        Column("scopes", _("Reaches"), value=lambda token: ", ".join(token.scopes)),
        Column("expires_at", _("Ends"), Kind.DATE, sort="expires_at"),
        Column("last_used_at", _("Last used"), Kind.INSTANT, sort="last_used_at"),
        Column("state", _("State"), Kind.STATE, value=token_state),
        Column(
            "revoke",
            _("Change"),
            value=lambda token: _("Revoke") if token.revoked_at is None else "",
            href=lambda token: reverse("org:token_revoke", args=[token.pk]),
        ),
    )
    filters = (Search(("label", "staff__display_name"), label=_("Purpose or staff")),)
    order = "label"
    related = ("staff",)
    primary = Action(_("Give a token"), "org:token_new", "org.give_token", icon="key")
    empty = EmptyState(_("No tokens yet"), _("Give one to a device or to a program you trust."))


class TokenForm(HouseForm):
    """For whom, for what, how long."""

    staff = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Acts as"))
    label = forms.CharField(label=_("What it is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What it may reach"),
        choices=[(EVERYTHING, _("Everything her roles allow")), *((p, p) for p in PARTS)],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(label=_("Days until it ends"), min_value=1, initial=90)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer those who work here now."""
        super().__init__(*args, **options)
        field = self.fields["staff"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.working()


class GiveToken(FormPage):
    """A token, shown once."""

    form_class = TokenForm
    permission = "org.give_token"
    title = _("Give a token")
    verb = _("Make the token")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> tuple[ApiToken, str]:
        """Make it."""
        return give_token(acting_staff=self.staff, id=self.new_id, **values)

    def answer(self, result: tuple[ApiToken, str]) -> HttpResponseBase:
        """Show it, this once."""
        token, plain = result
        context = {"header": Header(_("Token"), token.label), "secret": plain}
        context["back_href"] = reverse("org:token_list")
        return render(self.request, "org/secret.html", context)


class RevokeToken(FormPage):
    """A token ends at once."""

    form_class = NoQuestions
    permission = "org.give_token"
    subject_model = ApiToken
    title = _("Revoke this token?")
    verb = _("Revoke")

    def find_subject(self, pk: UUID) -> ApiToken | None:
        """A token the reader may see."""
        rows = ApiToken.objects.visible_to(self.staff)
        found: ApiToken | None = rows.filter(pk=pk).first()
        return found

    def perform(self, values: dict[str, Any]) -> ApiToken:
        """End it."""
        return revoke_token(acting_staff=self.staff, token=self.subject)

    def success_url(self, result: ApiToken) -> str:
        """Back to the tokens."""
        return reverse("org:token_list")
