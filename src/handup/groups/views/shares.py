"""Pages of the share accounts of a cooperative's members."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Member, ShareMove
from handup.groups.models.dues import Place
from handup.groups.models.shares import ShareKind
from handup.groups.paper_shares import register_pdf
from handup.groups.services import shares as accounts
from handup.groups.views.collection import day_asked
from handup.groups.views.dues import DayForm, in_money, place_field
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup, offer
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Header, RecordPage, Table, Tile


class SharesPage(RecordPage):
    """The share account of each member at the end of a day: subscribed, paid, paid back, left to
    pay."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)
    template = "groups/shares.html"

    @cached_property
    def on(self) -> date:
        """The day asked for, today where none is."""
        return day_asked(self.request.GET.get("on"))

    def context(self) -> dict[str, Any]:
        """The day in its field."""
        return {"on": self.on}

    def header(self) -> Header:
        """The next thing to do."""
        group = self.record
        told = (
            (_("Subscribe shares"), "shares_subscribe"),
            (_("Pay shares back"), "shares_redeem"),
        )
        return Header(
            _("Share accounts"),
            subtitle=group.name,
            primary=Action(
                _("Take money for shares"), "groups:shares_pay", "groups.keep_shares", (group.pk,)
            ),
            actions=[
                *(
                    Action(label, f"groups:{name}", "groups.keep_shares", (group.pk,))
                    for label, name in told
                ),
                Action(
                    _("Print the register"), "groups:shares_paper", self.permission, (group.pk,)
                ),
            ],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def _members(self) -> list[Any]:
        rows = Member.objects.visible_to(self.staff).filter(group=self.record)
        rows = rows.filter(pk__in=self.record.share_moves.values("member"))
        members: list[Any] = list(
            rows.select_related("person", "member_group").order_by("member_no")
        )
        note_members(self.request, members)
        held = accounts.share_accounts(self.record, self.on)
        back = accounts.paid_back(self.record, self.on)
        for member in members:
            member.held_shares, member.paid_units = held.get(member.pk, (0, 0))
            member.back_units = back.get(member.pk, 0)
        return members

    def tiles(self) -> list[Tile]:
        """The share capital the reader sees."""
        group = self.record
        paid = sum(member.paid_units for member in self._members())
        return [
            Tile(
                _("Share capital"), format_money(paid, group.currency), how=_("Paid in by members.")
            )
        ]

    def tables(self) -> list[Table]:
        """Accounts and movements."""
        group = self.record
        last = group.statutes.order_by("-version").first()
        price = last.settings["share_price_units"] if last else 0
        moves = ShareMove.objects.visible_to(self.staff).filter(group=group)
        moves = moves.filter(moved_date__lte=self.on)
        moves = moves.select_related("member__person", "member__member_group")
        return [
            Table(
                _("Members"),
                (
                    Column("member_no", _("No.")),
                    Column("shown_name", _("Name")),
                    Column("held_shares", _("Shares subscribed"), Kind.NUMBER),
                    Column("paid_units", _("Paid"), Kind.MONEY, currency=group.currency),
                    Column("back_units", _("Paid back"), Kind.MONEY, currency=group.currency),
                    Column(
                        "left",
                        _("Left to pay"),
                        Kind.MONEY,
                        value=lambda row: row.held_shares * price - row.paid_units,
                        currency=group.currency,
                    ),
                ),
                self._members(),
                empty=EmptyState(_("Nobody holds shares yet"), _("Subscribe the first ones.")),
            ),
            Table(
                _("Movements"),
                (
                    Column("moved_date", _("On"), Kind.DATE),
                    Column("member.shown_name", _("Member")),
                    Column("kind", _("What")),
                    Column("shares", _("Shares"), Kind.NUMBER),
                    Column("units", _("Amount"), Kind.MONEY, currency=group.currency),
                    Column("is_reversed", _("Taken back"), Kind.TICK),
                    *self._back(),
                ),
                moves.order_by("-moved_date", "-recorded_at")[:200],
            ),
        ]

    def _back(self) -> tuple[Column, ...]:
        if not may(self.staff, "groups.reverse_fact", self.record):
            return ()

        def open_(row: Any) -> bool:
            return not row.is_reversed and row.kind in (ShareKind.PAID, ShareKind.REDEEMED)

        return (
            Column(
                "back",
                _("Take back"),
                Kind.LINK,
                value=lambda row: _("Take back") if open_(row) else "",
                href=lambda row: reverse("groups:shares_back", args=[row.pk]) if open_(row) else "",
            ),
        )


class ShareRegister(Paper):
    """The share register on a day (`?on=`; today where none is asked for)."""

    model = Group
    permission = "groups.view_member"
    name = "shares"

    def pdf(self, record: Group) -> bytes:
        """Set it."""
        return register_pdf(record, self.seen(record), day_asked(self.request.GET.get("on")))


class MemberForm(HouseForm):
    """One of the members of today, and a day."""

    member = forms.ModelChoiceField(label=_("Who?"), queryset=Member.objects.none())
    on = DayField(label=_("On"))

    def __init__(self, *args: Any, members: Any, currency: str, **options: Any) -> None:
        """Offer the members."""
        super().__init__(*args, **options)
        offer(self, "member", members)
        if "units" in self.fields:
            in_money(self, currency, "units")


class SubscribeForm(MemberForm):
    """How many shares."""

    shares = forms.IntegerField(label=_("Shares"), min_value=1, max_value=10**6)


class PayForm(MemberForm):
    """How much, and where."""

    units = MoneyField(label=_("Amount"))
    place = place_field()


class RedeemForm(SubscribeForm):
    """How many shares, and from where they are paid."""

    place = place_field()


class OfShares(OfGroup):
    """A form about share accounts; it goes back to their page."""

    permission = "groups.keep_shares"

    def form_options(self) -> dict[str, Any]:
        """Her members, her currency."""
        return {"members": self.members(), "currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today, the box."""
        return {"on": timezone.localdate(), "place": Place.BOX.value}

    def success_url(self, result: Any) -> str:
        """The page of the share accounts."""
        return reverse("groups:shares", args=[self.subject.pk])

    def told(self, values: dict[str, Any]) -> dict[str, Any]:
        """The values as the service takes them."""
        place = {"place": Place(values["place"])} if "place" in values else {}
        return {**values, **place, "acting_staff": self.staff, "id": self.new_id}


class SubscribeShares(OfShares):
    """Let a member subscribe shares."""

    form_class = SubscribeForm
    title = _("Subscribe shares")
    verb = _("Subscribe")

    def perform(self, values: dict[str, Any]) -> Any:
        """Subscribe."""
        return accounts.subscribe_shares(**self.told(values))


class PayShares(OfShares):
    """Take money for subscribed shares."""

    form_class = PayForm
    title = _("Take money for shares")
    verb = _("Take the money")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        return accounts.pay_shares(**self.told(values))


class RedeemShares(OfShares):
    """Pay whole shares back."""

    form_class = RedeemForm
    title = _("Pay shares back")
    verb = _("Pay back")
    reads_back = True

    def members(self) -> Any:
        """Whoever has an account, also after leaving."""
        rows = Member.objects.visible_to(self.staff).filter(group=self.subject)
        rows = rows.filter(pk__in=self.subject.share_moves.values("member"))
        rows = rows.select_related("person", "member_group").order_by("member_no")
        note_members(self.request, rows)
        return rows

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay them back."""
        return accounts.redeem_shares(**self.told(values))


class TakeBackShares(FormPage):
    """Take a payment for shares back; its entry is reversed."""

    form_class = DayForm
    permission = "groups.reverse_fact"
    subject_model = ShareMove
    person_path = "member__person_id"
    title = _("Take a payment for shares back")
    verb = _("Take back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return accounts.take_back_shares(acting_staff=self.staff, move=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The page of the share accounts."""
        return reverse("groups:shares", args=[self.subject.group_id])
