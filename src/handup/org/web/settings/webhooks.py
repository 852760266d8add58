"""Webhooks: which programs are told of events, what they were told, what could not be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import DeliveryState, Webhook, WebhookDelivery
from handup.org.services.webhooks import (
    KEEP,
    Begun,
    begin_webhook,
    end_webhook,
    send_again,
    take_over_webhook,
)
from handup.org.web.acts import spoken
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Choice, EmptyState, ListPage, Search
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.org.web.settings.staff import NoQuestions
from handup.org.webhooks import offered

VIEW = "org.view_webhooks"
LATEST = 20
NEW = Action(_("Begin a webhook"), "org:webhook_new", KEEP, icon="plus")
TONES = {"SENT": Tone.GOOD, "DEAD": Tone.BAD, "WAITING": Tone.PLAIN, "DROPPED": Tone.PLAIN}
WHY = {
    "ADDRESS": _("its computer is not on the list of this house"),
    "ENDED": _("the webhook ended before it was sent"),
    "INSIDE": _("its name leads to a computer inside of our own network"),
    "NOT_REACHED": _("nobody answered at its address"),
}


def why_of(row: WebhookDelivery) -> Any:
    """What went wrong, in words: the answer of the other program by its number."""
    if row.why.startswith("HTTP_"):
        return _now("it answered %(number)s") % {"number": row.why.removeprefix("HTTP_")}
    return WHY.get(row.why, "")


def state_of(row: Webhook) -> State:
    """Whether it is told of events."""
    if row.ended_at is not None or row.ends < timezone.localdate():
        return State(_("ended"), Tone.PLAIN)
    if not row.keeper.is_active:
        return State(_("stopped: nobody keeps it"), Tone.WARN)
    return State(_("in use"), Tone.GOOD)


DELIVERY_COLUMNS = (
    Column("act", _("What happened"), value=lambda row: spoken(row.act)),
    Column("happened_at", _("When"), Kind.INSTANT),
    Column("state", _("State"), Kind.STATE, tones=TONES),
    Column("tries", _("Tries"), Kind.NUMBER),
    Column("why", _("What went wrong"), value=why_of),
)


class WebhookList(ListPage):
    """Other programs that are told of events."""

    model = Webhook
    permission = VIEW
    title = _("Webhooks")
    intro = _(
        "Another program is told at once that something happened: what kind, when, and the id of"
        " the record. Never a name or an amount."
    )
    columns = (
        Column("label", _("Which program"), Kind.LINK, sort="label", url_name="org:webhook_detail"),
        Column("host", _("Computer"), sort="host"),
        Column("reason", _("What for")),
        Column("ends", _("Last day"), Kind.DATE, sort="ends"),
        Column("state", _("State"), Kind.STATE, value=state_of),
    )
    filters = (Search(("label", "host"), label=_("Program or computer")),)
    order = "label"
    related = ("made_by", "kept_by")
    primary = NEW
    empty = EmptyState(
        _("No other program is told of events"),
        _("An administrator begins a webhook for a program that must know at once, as a bank's."),
        NEW,
    )


class WebhookPage(RecordPage):
    """One webhook: what it is told, and what it was told last."""

    model = Webhook
    permission = VIEW
    related = ("made_by", "kept_by", "ended_by")
    record: Webhook

    def header(self) -> Header:
        """Its name and what to do with it."""
        row, key = self.record, (self.record.pk,)
        dead = row.deliveries.filter(state=DeliveryState.DEAD).exists()
        tone = state_of(row).tone
        live = tone is Tone.GOOD
        take = Action(_("Take it over"), "org:webhook_take_over", KEEP, args=key)
        again = Action(_("Send again what failed"), "org:webhook_again", KEEP, args=key)
        end = Action(_("End it"), "org:webhook_end", KEEP, args=key, tone="bad")
        return Header(
            row.label,
            row.host,
            state_of(row),
            take if tone is Tone.WARN else again if dead and live else None,
            (end,) if row.ended_at is None else (),
            (Crumb(_("Webhooks"), reverse("org:webhook_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who began it, what for, what it is told."""
        row = self.record
        facts = [
            Fact(_("What for"), row.reason),
            Fact(_("Is told of"), "; ".join(spoken(act) for act in row.acts)),
            Fact(_("Last day"), row.ends),
            Fact(_("Begun by"), row.made_by),
            Fact(_("Begun"), row.recorded_at),
            Fact(_("Taken over by"), row.kept_by),
            Fact(_("Why taken over"), row.kept_why),
            Fact(_("Ended"), row.ended_at),
            Fact(_("Ended by"), row.ended_by),
        ]
        return [FactGroup(_("Webhook"), facts)]

    def tables(self) -> Sequence[Table]:
        """What it was told last."""
        rows = self.record.deliveries.order_by("-id")[:LATEST]
        empty = EmptyState(_("Nothing yet"), _("It is told within two minutes of what happens."))
        more = Action(
            _("Everything it was told"),
            href=f"{reverse('org:delivery_list')}?webhook={self.record.pk}",
        )
        return [Table(_("Told last"), DELIVERY_COLUMNS, rows, empty, more)]


def _webhooks(staff: Any) -> list[tuple[str, str]]:
    rows = Webhook.objects.visible_to(staff).order_by("label", "pk")
    return [(str(pk), label) for pk, label in rows.values_list("pk", "label")]


class DeliveryList(ListPage):
    """Every event that was told, is to be told or could not be told."""

    model = WebhookDelivery
    permission = VIEW
    title = _("What other programs were told")
    columns = (Column("webhook", _("Which program")), *DELIVERY_COLUMNS)
    filters = (
        Choice("state", _("State"), DeliveryState.choices),
        Choice("webhook", _("Which program"), _webhooks, field="webhook_id"),
    )
    order = "-happened_at"
    related = ("webhook",)
    empty = EmptyState(
        _("No other program was told anything yet"),
        _("What a webhook is told stands here for three months; what failed stays."),
    )


class WebhookForm(HouseForm):
    """Which program, where, what, what for, how long."""

    label = forms.CharField(label=_("Which program is told?"), max_length=80)
    address = forms.CharField(
        label=_("Its address"), max_length=500, help_text=_("It begins with https://")
    )
    acts = forms.MultipleChoiceField(
        label=_("What is it told of?"), widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("What does it need that for?"), max_length=300)
    ends = DayField(label=_("Last day"), help_text=_("At most a year from now."))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the events."""
        super().__init__(*args, **options)
        field = self.fields["acts"]
        assert isinstance(field, forms.MultipleChoiceField)
        named = {spoken(act): act for act in offered}
        field.choices = [(named[words], words) for words in sorted(named)]


class BeginWebhook(FormPage):
    """Begin one; the answer shows its secret, once."""

    form_class = WebhookForm
    permission = KEEP
    title = _("Begin a webhook")
    intro = _("Whoever keeps the other program needs the secret that is shown next, once.")
    verb = _("Begin it and show the secret")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> Begun:
        """Begin it."""
        return begin_webhook(acting_staff=self.staff, id=self.new_id, **values)

    def answer(self, result: Begun) -> HttpResponseBase:
        """Show the secret, this once."""
        context = {"header": Header(_("Secret"), result.row.label), "secret": result.secret}
        context["back_href"] = reverse("org:webhook_detail", args=[result.row.pk])
        return render(self.request, "org/secret.html", context)


class _OnWebhook(FormPage):
    """A form about one webhook."""

    form_class: ClassVar[type[HouseForm]] = NoQuestions
    permission = KEEP
    subject_model = Webhook
    asks_factor = True

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("org:webhook_detail", args=[self.subject.pk])


class EndWebhook(_OnWebhook):
    """It is told nothing any more."""

    title = _("End this webhook?")
    intro = _("The other program is told nothing any more, also not what waits.")
    verb = _("End it")

    def perform(self, values: dict[str, Any]) -> Webhook:
        """End it."""
        return end_webhook(acting_staff=self.staff, webhook=self.subject)


class TakeOverForm(HouseForm):
    """Why it goes on."""

    reason = forms.CharField(label=_("Why does it go on?"), max_length=300)


class TakeOverWebhook(_OnWebhook):
    """Another administrator answers for it."""

    form_class = TakeOverForm
    title = _("Take over this webhook")
    intro = _(
        "The account of whoever kept it is closed, so nothing is told. From now on you answer for"
        " it, and what happened meanwhile is told."
    )
    verb = _("Take it over")

    def perform(self, values: dict[str, Any]) -> Webhook:
        """Take it over."""
        return take_over_webhook(acting_staff=self.staff, webhook=self.subject, **values)


class SendAgain(_OnWebhook):
    """What failed for good is tried again."""

    title = _("Send again what failed?")
    intro = _("What was told before is not told twice. What failed is tried again from now on.")
    verb = _("Send it again")

    def perform(self, values: dict[str, Any]) -> int:
        """Let it wait again."""
        return send_again(acting_staff=self.staff, webhook=self.subject)

    def done_message(self, result: int) -> str:
        """How much."""
        return _now("Sent again within two minutes: %(count)s.") % {"count": result}
