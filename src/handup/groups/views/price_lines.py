"""Pages of prices by short message: who of a group wants them, sending one, what became of it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Member, PriceLine
from handup.groups.price_sent import sent_to
from handup.groups.price_words import price_text
from handup.groups.services import price_lines as services
from handup.groups.views.members_seen import note_members
from handup.groups.views.ruling import OfGroup, offer
from handup.kernel.named_lists import add_once
from handup.markets.models import PriceObservation
from handup.markets.models.labels import PriceState
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, State, Tone
from handup.org.web.pages import Crumb, Header, RecordPage, Table
from handup.people.models.labels import CONSENT_METHOD
from handup.people.rules.codes import ConsentMethod

SEND = _("Send it to telephones")
HOW = [(method.value, label) for method, label in CONSENT_METHOD.items()]


def _ended(row: PriceLine) -> State:
    if row.ended_at is None:
        return State(_("gets prices"), Tone.GOOD)
    return State(_("ended by her") if row.by_herself else _("ended"), Tone.PLAIN)


class PriceLinesPage(RecordPage):
    """Who of a group wants prices on her telephone."""

    model = Group
    permission = "groups.view_member"
    record: Group

    def header(self) -> Header:
        """Write down one more."""
        group = self.record
        return Header(
            _("Prices to telephones"),
            subtitle=group.name,
            primary=Action(
                _("Write down who wants prices"),
                "groups:price_line_new",
                services.KEEP,
                (group.pk,),
            ),
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Those who said yes, as far as the reader may see them."""
        seen = PriceLine.objects.visible_to(self.staff).filter(member__group=self.record)
        rows = list(seen.select_related("member__person", "member__member_group")[:500])
        note_members(self.request, [row.member for row in rows])
        keeps = may(self.staff, services.KEEP, self.record)
        empty = EmptyState(
            _("Nobody said yet that she wants prices"),
            _("Ask at a meeting. Who says no gets no message."),
        )
        return (
            Table(
                _("Who wants prices on her telephone"),
                (
                    Column("member", _("Member"), value=lambda row: str(row.member)),
                    Column("agreed_date", _("She agreed on"), Kind.DATE),
                    Column("agreed_how", _("How")),
                    Column("language", _("Language")),
                    Column("state", _("State"), value=_ended),
                    Column(
                        "end",
                        _("Step"),
                        Kind.LINK,
                        value=lambda row: _t("End") if keeps and row.ended_at is None else "",
                        href=lambda row: reverse("groups:price_line_end", args=[row.pk]),
                    ),
                ),
                rows,
                empty=empty,
            ),
        )


class PriceLineForm(HouseForm):
    """Who agreed, when and how, and in which language she reads."""

    member = forms.ModelChoiceField(label=_("Who?"), queryset=Member.objects.none())
    language = forms.ChoiceField(label=_("Language of the messages"), choices=settings.LANGUAGES)
    agreed_date = DayField(label=_("She agreed on"))
    agreed_how = forms.ChoiceField(label=_("How she agreed"), choices=HOW)

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the persons among the members of today."""
        super().__init__(*args, **options)
        offer(self, "member", members)


class StartPriceLine(OfGroup):
    """A member wants prices on her telephone."""

    form_class = PriceLineForm
    permission = services.KEEP
    title = _("Prices to a member's telephone")
    intro = _(
        "Only if she wants them. Tell her: a message says a product, its price, the market and the"
        " day, never her name. Whoever holds her telephone can read it. She can end it by writing"
        " STOP."
    )
    verb = _("Write it down")

    def form_options(self) -> dict[str, Any]:
        """Members who are persons."""
        return {"members": self.members().filter(member_group=None)}

    def initial(self) -> dict[str, Any]:
        """Today, in the language the group was told in last, else in that of its programme."""
        known = dict(settings.LANGUAGES)
        rows = PriceLine.objects.visible_to(self.staff).filter(member__group=self.subject)
        last = rows.order_by("-recorded_at").values_list("language", flat=True).first()
        spoken = last or self.subject.programme.default_language
        language = spoken if spoken in known else settings.LANGUAGE_CODE
        return {"agreed_date": timezone.localdate(), "language": language}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        how = ConsentMethod(values["agreed_how"])
        return services.start_price_line(
            acting_staff=self.staff, id=self.new_id, **{**values, "agreed_how": how}
        )

    def success_url(self, result: Any) -> str:
        """Who wants prices."""
        return reverse("groups:price_lines", args=[self.subject.pk])


class EndForm(HouseForm):
    """Nothing is asked."""


class EndPriceLine(FormPage):
    """She wants no prices any more."""

    form_class = EndForm
    permission = services.KEEP
    subject_model = PriceLine
    subject: PriceLine
    person_path = "member.person"
    title = _("End prices to her telephone")
    intro = _("No message is sent any more, not even one that waits.")
    verb = _("End messages")

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.end_price_line(acting_staff=self.staff, line=self.subject)

    def success_url(self, result: Any) -> str:
        """Who wants prices."""
        return reverse("groups:price_lines", args=[result.member.group_id])


class SendForm(HouseForm):
    """The groups a price is sent to."""

    groups: Any = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label=_("Groups"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Those of which somebody wants prices on her telephone."),
    )

    def __init__(self, *args: Any, rows: Any, **options: Any) -> None:
        """Offer the groups the reader may tell."""
        super().__init__(*args, **options)
        field = self.fields["groups"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = rows


class SendPrice(FormPage):
    """Send a price to the telephones of those who said yes."""

    form_class = SendForm
    permission = ""
    title = SEND
    verb = _("Send the messages")
    subject_model = PriceObservation
    subject: PriceObservation

    def lead(self) -> Any:
        """What will be sent, as the reader reads it."""
        text = price_text(self.subject, get_language() or "", timezone.localdate())
        return text or _t("This price is not told: it is not published, or too old.")

    def form_options(self) -> dict[str, Any]:
        """The groups within her reach with somebody who said yes."""
        rows = Group.objects.all().reached_with(self.staff, services.SEND)
        live = services.live_lines(rows).values("member__group").order_by()
        return {"rows": rows.filter(pk__in=live).order_by("name")}

    def perform(self, values: dict[str, Any]) -> Any:
        """Send it."""
        return services.send_price(
            acting_staff=self.staff,
            groups=list(values["groups"]),
            price=self.subject,
            today=timezone.localdate(),
        )

    def done_message(self, result: services.PriceSent) -> str:
        """How many messages go out."""
        if not result.messages:
            return _t("They were told before. No message is sent twice.")
        return ngettext(
            "%(count)s message goes out.", "%(count)s messages go out.", result.messages
        ) % {"count": result.messages}

    def success_url(self, result: Any) -> str:
        """The price."""
        return reverse("markets:price_detail", args=[self.subject.pk])


def price_actions(staff: StaffUser, row: PriceObservation) -> Sequence[Action]:
    """Send a published price."""
    if row.state != PriceState.PUBLISHED:
        return ()
    return (Action(SEND, "groups:price_send", services.SEND, args=(row.pk,)),)


def price_table(staff: StaffUser, row: PriceObservation) -> Sequence[Table]:
    """What became of its messages."""
    if not may(staff, "groups.view_member") or not (rows := sent_to(staff, row)):
        return ()
    return (
        Table(
            _t("Messages to telephones"),
            (
                Column("name", _("Group")),
                Column("sent", _("Sent"), Kind.NUMBER),
                Column("waiting", _("Waiting"), Kind.NUMBER),
                Column("not_sent", _("Not sent"), Kind.NUMBER),
            ),
            rows,
        ),
    )


def group_actions(staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Who of the group wants prices."""
    title = _("Prices to telephones")
    return (Action(title, "groups:price_lines", "groups.view_member", args=(group_id,)),)


def register() -> None:
    """Add all of it to the named lists of markets and of groups, once."""
    from handup.groups import sections as own
    from handup.markets import sections

    add_once(sections.price_actions, price_actions)
    add_once(sections.price_sections, price_table)
    add_once(own.group_actions, group_actions)
