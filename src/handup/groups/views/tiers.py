"""Loans between tiers on a page and on paper, both sides; what a group borrows and pays back."""

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.groups.models.dues import Place
from handup.groups.paper import set_paper
from handup.groups.rules.tiers import Match, Pair, Side, Way
from handup.groups.services import debts
from handup.groups.tiers import tier_loans
from handup.groups.views.bulk_forms import CurrencyForm
from handup.groups.views.dues import VOTE, VoteForm, in_money, place_field, votes_of
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, MoneyField, Question
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Header, RecordPage, Table, Tile

MATCHES = {
    Match.MATCHED: _("both sides agree"),
    Match.ONE_SIDED: _("only one side wrote it"),
    Match.DIFFERENT: _("the sides differ"),
}
WAYS = {Way.LENT: _("lent"), Way.REPAID: _("paid back")}


class Shown:
    """A pair as a reader may see it: amounts of groups out of her sight are left out."""

    def __init__(self, pair: Pair, names: dict[str, str]) -> None:
        self.pair, self.names = pair, names

    def name(self, group: str) -> str:
        """The name of a group in sight."""
        return self.names.get(group, _now("a group you do not see"))

    def amount(self, side: Side | None, group: str) -> str:
        """What a side wrote."""
        if side is None or group not in self.names:
            return "\u2013"
        return format_money(side.units, side.currency)

    @property
    def row(self) -> tuple[str, ...]:
        """Day, lender, borrower, way, both amounts, how they stand."""
        known = self.pair.known
        words = str(MATCHES[self.pair.match])
        if self.pair.is_flagged(timezone.localdate()):
            words = _now("look into it: %(what)s") % {"what": words}
        return (
            format_day(known.on),
            self.name(known.lender),
            self.name(known.borrower),
            str(WAYS[known.way]),
            self.amount(self.pair.lender, known.lender),
            self.amount(self.pair.borrower, known.borrower),
            words,
        )


HEADS = (
    _("On"),
    _("Lender"),
    _("Borrower"),
    _("Way"),
    _("The lender wrote"),
    _("The borrower wrote"),
    _("State"),
)


def pairs_shown(staff: StaffUser, group: Group) -> list[Shown]:
    """The tier loans of a group as a reader may see them."""
    pairs = tier_loans(group)
    groups = {one for pair in pairs for one in (pair.known.lender, pair.known.borrower)}
    rows = Group.objects.visible_to(staff).filter(pk__in=groups).values_list("pk", "name")
    names = {str(pk): name for pk, name in rows}
    return [Shown(pair, names) for pair in pairs]


class TierLoansPage(RecordPage):
    """Loans between this group and the tiers above and below it, both sides."""

    model = Group
    permission = "groups.view_internal_loan"
    related = ("book",)

    def header(self) -> Header:
        """Borrow, pay back."""
        args = (self.record.pk,)
        return Header(
            _("Loans between tiers"),
            subtitle=self.record.name,
            primary=Action(_("Write down a debt"), "groups:debt_new", debts.PERMISSION, args),
            actions=[
                Action(_("Pay a debt back"), "groups:debt_repay", debts.PERMISSION, args),
                Action(_("Print the list"), "groups:tier_loans_paper", self.permission, args),
            ],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(self.record.name, reverse("groups:group_detail", args=args)),
            ),
        )

    def _rows(self) -> list[Shown]:
        return pairs_shown(self.staff, self.record)

    def tiles(self) -> list[Tile]:
        """How many must be looked into."""
        today = timezone.localdate()
        flagged = sum(one.pair.is_flagged(today) for one in self._rows())
        how = _("The sides differ, or one is missing for more than 14 days.")
        return [Tile(_("To look into"), str(flagged), how=how)]

    def tables(self) -> list[Table]:
        """Both sides of each."""

        def cell(place: int) -> Any:
            return lambda one: one.row[place]

        columns = [
            Column(f"c{place}", label, Kind.TEXT, value=cell(place))
            for place, label in enumerate(HEADS)
        ]
        empty = EmptyState(_("No loans between tiers"), _("They come from both groups' books."))
        return [Table(_("Both sides"), columns, self._rows(), empty=empty)]


class TierLoansPaper(Paper):
    """The two-sided list on paper."""

    model = Group
    permission = "groups.view_internal_loan"
    name = "tier-loans"

    def pdf(self, record: Group) -> bytes:
        """Set it."""
        rows = [one.row for one in pairs_shown(self.staff, record)]
        heads = tuple(str(head) for head in HEADS)
        facts = [(_now("As of"), format_day(timezone.localdate()))]
        tables = [(_now("Both sides"), heads, rows)]
        signed = (_now("Treasurer"),)
        return set_paper(_now("Loans between tiers"), record.name, facts, tables, signed)


class MirrorField(forms.ChoiceField):
    """Which payment of the tier above it is; none where anybody else lends."""

    def offer(self, sides: list[Side]) -> None:
        """Offer what the tier above wrote."""
        words = [
            (side.id, f"{format_day(side.on)} · {format_money(side.units, side.currency)}")
            for side in sides
        ]
        self.choices = [("", "\u2013"), *words]

    def clean(self, value: Any) -> UUID | None:
        """The id of the fact."""
        chosen = super().clean(value)
        return UUID(chosen) if chosen else None


def mirror_field() -> MirrorField:
    """The other side of it."""
    return MirrorField(
        label=_("Which payment of the tier above is it?"),
        required=False,
        help_text=_("Left empty where anybody else lends."),
    )


class DebtForm(VoteForm):
    """Who lends how much, and the vote."""

    lender = forms.CharField(label=_("Who lends?"), max_length=80)
    units = MoneyField(label=_("Amount"))
    on = DayField(label=_("On"))
    place = place_field()
    mirror_of = mirror_field()
    questions = (
        Question(_("What is borrowed?"), ("lender", "units", "on", "place", "mirror_of")),
        Question(_("How did the assembly vote?"), VOTE),
    )

    def __init__(self, *args: Any, currency: str, sides: list[Side], **options: Any) -> None:
        """In the currency, with what the tier above wrote."""
        super().__init__(*args, **options)
        in_money(self, currency, "units")
        offer_sides(self, sides)


def offer_sides(form: forms.Form, sides: list[Side]) -> None:
    """Let a form choose the other side."""
    field = form.fields["mirror_of"]
    assert isinstance(field, MirrorField)
    field.offer(sides)


class OfDebts(OfGroup):
    """A form about what a group borrows; it goes back to the tier loans."""

    permission = debts.PERMISSION

    def success_url(self, result: Any) -> str:
        """The tier loans."""
        return reverse("groups:tier_loans", args=[self.subject.pk])


class RecordDebt(OfDebts):
    """Write down what a group borrows."""

    form_class = DebtForm
    title = _("Write down a debt")
    verb = _("Write down")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency and open payments."""
        sides = debts.mirrors_open(self.subject, Way.LENT)
        return {"currency": self.subject.currency, "sides": sides}

    def initial(self) -> dict[str, Any]:
        """Today, at the box."""
        today = timezone.localdate()
        return {"on": today, "decided_date": today, "place": Place.BOX.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        values["place"], votes = Place(values["place"]), votes_of(values)
        return debts.record_group_debt(
            acting_staff=self.staff, group=self.subject, votes=votes, id=self.new_id, **values
        )


class RepayForm(CurrencyForm):
    """What is paid back to whom."""

    lender = forms.CharField(label=_("Who lent?"), max_length=80)
    principal = MoneyField(label=_("Of the amount borrowed"), least_units=0)
    interest = MoneyField(label=_("Interest"), least_units=0)
    on = DayField(label=_("On"))
    place = place_field()
    mirror_of = mirror_field()

    def __init__(self, *args: Any, sides: list[Side], **options: Any) -> None:
        """With what the tier above wrote."""
        super().__init__(*args, **options)
        offer_sides(self, sides)


class RepayDebt(OfDebts):
    """Write down what a group pays back."""

    form_class = RepayForm
    title = _("Pay a debt back")
    verb = _("Pay back")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency and open payments."""
        sides = debts.mirrors_open(self.subject, Way.REPAID)
        return {"currency": self.subject.currency, "sides": sides}

    def initial(self) -> dict[str, Any]:
        """Today, at the box, no interest."""
        return {"on": timezone.localdate(), "place": Place.BOX.value, "interest": "0"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        values["place"] = Place(values["place"])
        return debts.repay_group_debt(
            acting_staff=self.staff, group=self.subject, id=self.new_id, **values
        )
