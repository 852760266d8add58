"""Pages of a cooperative's year: use, the working of the surplus, its vote, paying members."""

from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import (
    DraftState,
    Group,
    Member,
    SurplusDraft,
    SurplusLine,
    SurplusYear,
)
from handup.groups.models.dues import Place
from handup.groups.paper_dues import statement_pdf
from handup.groups.services import surplus as services
from handup.groups.services import surplus_paid
from handup.groups.views.dues import DayForm, place_field
from handup.groups.views.gathered import gathered_table
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup
from handup.kernel.errors import Refusal
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm, dress
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Header, RecordPage, Table, Tile
from handup.org.web.refusals import message_of


class SurplusPage(RecordPage):
    """The surplus of the last year with its working, and the years divided before."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The year that ended last is the one to divide."""
        self.year = timezone.localdate().year - 1
        return super().get(request, *args, **kwargs)

    def header(self) -> Header:
        """The next thing to do."""
        group = self.record
        return Header(
            _("Surplus"),
            subtitle=group.name,
            primary=self._next(),
            actions=[
                Action(
                    _("Write down what members used"),
                    "groups:uses_new",
                    "groups.divide_surplus",
                    (group.pk,),
                ),
                *self._drop(),
            ],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def _draft(self) -> SurplusDraft | None:
        """The draft that is not posted yet, the newest year first."""
        rows = SurplusDraft.objects.filter(group=self.record, state__in=services.LIVE)
        return rows.first()

    def _next(self) -> Action:
        """A draft is drawn up, then voted, then posted."""
        draft, permission = self._draft(), "groups.divide_surplus"
        if draft is None:
            told = _("Draw up the surplus")
            return Action(told, "groups:surplus_new", permission, (self.record.pk,))
        if draft.state == DraftState.DRAFT:
            return Action(
                _("Record the vote of the assembly"), "groups:surplus_vote", permission, (draft.pk,)
            )
        return Action(_("Post the surplus"), "groups:surplus_post", permission, (draft.pk,))

    def _drop(self) -> list[Action]:
        draft = self._draft()
        if draft is None:
            return []
        told = _("Drop the draft")
        return [Action(told, "groups:surplus_drop", "groups.divide_surplus", (draft.pk,))]

    def _of_draft(self) -> list[tuple[Tone, Any]]:
        """Where the draft stands, and whether the books still say the same."""
        draft = self._draft()
        if draft is None:
            return []
        told = {"year": draft.year, "net": format_money(draft.net_units, self.record.currency)}
        if not services.is_as_drawn(draft):
            why = _now("The draft of %(year)s is old: the books say something else by now.")
            return [(Tone.WARN, why % told)]
        if draft.state == DraftState.DRAFT:
            words = _now("The surplus of %(year)s, %(net)s, is drawn up for the assembly.")
        else:
            words = _now("The assembly voted the surplus of %(year)s, %(net)s. Post it.")
        return [(Tone.PLAIN, words % told)]

    def _working(self) -> tuple[list[Member], Any] | Refusal:
        draft = self._draft()
        told: dict[str, Any] = {}
        if draft is not None and draft.year == self.year:
            told = {"non_members": draft.non_member_units, "by_line": draft.by_line}
        try:
            return services.rehearse(self.record, self.year, **told)
        except Refusal as refusal:
            return refusal

    def notes(self) -> list[tuple[Tone, Any]]:
        """How far the draft has come; why the last year cannot be divided yet."""
        if of_draft := self._of_draft():
            return of_draft
        if self.record.surplus_years.filter(year=self.year, is_reversed=False).exists():
            return []
        found = self._working()
        if not isinstance(found, Refusal):
            return []
        told = _now("%(year)s cannot be divided yet: %(why)s")
        return [(Tone.WARN, told % {"year": self.year, "why": message_of(found)})]

    def tiles(self) -> list[Tile]:
        """The net surplus of the year that ended last."""
        net = services.net_surplus(self.record, self.year)
        return [
            Tile(
                _now("Surplus of %(year)s") % {"year": self.year},
                format_money(net, self.record.currency),
                how=_("Income less costs of the year, from the book."),
            )
        ]

    def tables(self) -> list[Table]:
        """The working of the last year where it is not divided; every year; what members get."""
        group = self.record
        seen = set(Member.objects.visible_to(self.staff).filter(group=group).values_list("pk"))
        found = []
        done = group.surplus_years.filter(year=self.year, is_reversed=False).exists()
        working = None if done else self._working()
        if working is not None and not isinstance(working, Refusal):
            members, year = working
            rows = [
                (member, one)
                for member, one in zip(members, year.members, strict=True)
                if (member.pk,) in seen
            ]
            note_members(self.request, [member for member, _one in rows])
            found.append(_working_table(self.year, year, rows, group))
        lines = SurplusLine.objects.visible_to(self.staff).filter(year__group=group)
        lines = lines.select_related("year", "member__person", "member__member_group")
        shown = list(lines.order_by("-year__year", "-year__recorded_at", "member__member_no")[:300])
        note_members(self.request, [line.member for line in shown])
        return [
            *found,
            _years_table(self.staff, group),
            _lines_table(self.staff, shown, group),
            gathered_table(self.request, self.staff, group),
        ]


def _working_table(name: int, year: Any, rows: list[Any], group: Group) -> Table:
    money = group.currency

    def units(value: Any) -> Any:
        return lambda row: value(row[1])

    sums = {
        _now("Reserve"): year.reserve,
        _now("From others"): year.non_members,
        _now("Education"): year.education,
        _now("Dividend"): year.dividend,
        _now("Refund"): year.refund,
    }
    told = " · ".join(f"{word}: {format_money(units, money)}" for word, units in sums.items())
    return Table(
        _now("Working of %(year)s (%(parts)s)") % {"year": name, "parts": told},
        (
            Column("member", _("Member"), value=lambda row: str(row[0])),
            Column(
                "refund", _("Refund"), Kind.MONEY, value=units(lambda g: g.refund), currency=money
            ),
            Column(
                "to_shares",
                _("For unpaid shares"),
                Kind.MONEY,
                value=units(lambda g: g.to_shares),
                currency=money,
            ),
            Column("kept", _("Kept"), Kind.MONEY, value=units(lambda g: g.kept), currency=money),
            Column(
                "dividend",
                _("Dividend"),
                Kind.MONEY,
                value=units(lambda g: g.dividend),
                currency=money,
            ),
            Column("tax", _("Tax"), Kind.MONEY, value=units(lambda g: g.tax), currency=money),
            Column(
                "due",
                _("Gets"),
                Kind.MONEY,
                value=units(lambda g: g.cash + g.dividend - g.tax),
                currency=money,
            ),
        ),
        rows,
        empty=EmptyState(_("Nobody used or holds anything yet")),
    )


def _years_table(staff: Any, group: Group) -> Table:
    money = group.currency
    back = Column(
        "back",
        _("Take back"),
        Kind.LINK,
        value=lambda row: "" if row.is_reversed else _now("Take back"),
        href=lambda row: "" if row.is_reversed else reverse("groups:surplus_back", args=[row.pk]),
    )
    return Table(
        _("Years divided"),
        (
            Column("year", _("Year"), value=lambda row: str(row.year)),
            Column("net_units", _("Surplus"), Kind.MONEY, currency=money),
            Column("reserve_units", _("Reserve"), Kind.MONEY, currency=money),
            Column("non_member_units", _("From others"), Kind.MONEY, currency=money),
            Column("education_units", _("Education"), Kind.MONEY, currency=money),
            Column("dividend_units", _("Dividend"), Kind.MONEY, currency=money),
            Column("refund_units", _("Refund"), Kind.MONEY, currency=money),
            Column("is_reversed", _("Taken back"), Kind.TICK),
            *((back,) if may(staff, "groups.reverse_fact", group) else ()),
        ),
        group.surplus_years.order_by("-year", "-recorded_at"),
        empty=EmptyState(_("No surplus was divided yet")),
    )


def _lines_table(staff: Any, rows: list[SurplusLine], group: Group) -> Table:
    pays, reverses = (
        may(staff, "groups.pay_surplus", group),
        may(staff, "groups.reverse_fact", group),
    )

    def act(row: SurplusLine) -> tuple[str, str]:
        if row.year.is_reversed or not row.due_units:
            return "", ""
        if row.paid_date is None and pays:
            return _now("Pay out"), reverse("groups:surplus_pay", args=[row.pk])
        if row.paid_date is not None and reverses:
            return _now("Take back"), reverse("groups:payout_back", args=[row.pk])
        return "", ""

    return Table(
        _("What members get"),
        (
            Column("year", _("Year"), value=lambda row: str(row.year.year)),
            Column(
                "member.shown_name",
                _("Member"),
                Kind.LINK,
                href=lambda row: reverse("groups:surplus_statement", args=[row.pk]),
            ),
            Column("refund_units", _("Refund"), Kind.MONEY, currency=group.currency),
            Column("dividend_units", _("Dividend"), Kind.MONEY, currency=group.currency),
            Column("due_units", _("Gets"), Kind.MONEY, currency=group.currency),
            Column("paid_date", _("Paid out on"), Kind.DATE),
            Column(
                "act",
                _("Next"),
                Kind.LINK,
                value=lambda row: act(row)[0],
                href=lambda row: act(row)[1],
            ),
        ),
        rows,
        empty=EmptyState(_("Nobody gets anything yet")),
    )


class OfSurplus(OfGroup):
    """A form about a cooperative's year; it goes back to its page."""

    permission = "groups.divide_surplus"

    def success_url(self, result: Any) -> str:
        """The page of the surplus."""
        return reverse("groups:surplus", args=[self.subject.pk])


class UsesForm(HouseForm):
    """The year, the line of service, and one number a member."""

    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2100)
    line = forms.CharField(
        label=_("Line of service"), max_length=40, help_text=_("Milk, feed, transport.")
    )

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """One field a member."""
        super().__init__(*args, **options)
        for member in members:
            self.fields[f"use_{member.pk}"] = forms.IntegerField(
                label=_("Used by %(member)s") % {"member": member},
                min_value=0,
                max_value=10**15,
                required=False,
            )
            dress(self.fields[f"use_{member.pk}"])


class RecordUses(OfSurplus):
    """Write down how much each member used of one line of service."""

    form_class = UsesForm
    title = _("Write down what members used")
    intro = _("In whole units of the line: litres, bags, hours. The newer number holds.")
    verb = _("Write down")

    def form_options(self) -> dict[str, Any]:
        """Her members."""
        return {"members": self.members()}

    def initial(self) -> dict[str, Any]:
        """The year that ended last."""
        return {"year": timezone.localdate().year - 1}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        used = {
            member.pk: values[f"use_{member.pk}"]
            for member in self.members()
            if values.get(f"use_{member.pk}") is not None
        }
        return services.record_uses(
            acting_staff=self.staff,
            group=self.subject,
            year=values["year"],
            line=values["line"].strip(),
            uses=used,
        )


class PayoutForm(HouseForm):
    """When and from where."""

    on = DayField(label=_("On"))
    place = place_field()


class OfLine(FormPage):
    """A form about what one member gets; it goes back to the page of the surplus."""

    subject_model: ClassVar[Any] = SurplusLine
    subject: Any
    person_path = "member__person_id"
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today, from the box."""
        return {"on": timezone.localdate(), "place": Place.BOX.value}

    def success_url(self, result: Any) -> str:
        """The page of the surplus."""
        return reverse("groups:surplus", args=[self.subject.year.group_id])


class PaySurplus(OfLine):
    """Pay out to a member what is hers."""

    form_class = PayoutForm
    permission = "groups.pay_surplus"
    title = _("Pay out the surplus")
    verb = _("Pay out")

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay it."""
        place = Place(values["place"])
        return surplus_paid.pay_surplus(
            acting_staff=self.staff, line=self.subject, on=values["on"], place=place
        )


class TakeBackPayout(OfLine):
    """Take a payment to a member back; it is owed to her again."""

    form_class = DayForm
    permission = "groups.reverse_fact"
    title = _("Take a payment of the surplus back")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return surplus_paid.take_back_payout(acting_staff=self.staff, line=self.subject, **values)


class TakeBackSurplus(FormPage):
    """Take a divided surplus back, while nobody was paid."""

    form_class = DayForm
    permission = "groups.reverse_fact"
    subject_model = SurplusYear
    title = _("Take a divided surplus back")
    verb = _("Take back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_surplus(acting_staff=self.staff, year=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The page of the surplus."""
        return reverse("groups:surplus", args=[self.subject.group_id])


class Statement(Paper):
    """What a member gets of a year's surplus, and how it was worked out."""

    model = SurplusLine
    permission = "groups.view_member"
    related = ("year__group", "member__person", "member__member_group")
    name = "surplus"

    def pdf(self, record: SurplusLine) -> bytes:
        """Set it."""
        note_members(self.request, [record.member])
        return statement_pdf(record)
