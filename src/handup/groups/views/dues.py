"""Pages of an association's dues: standing of the members, the voted tariff, years, receipts."""

from functools import partial
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import DuesInvoice, DuesPayment, Group, Member
from handup.groups.models.dues import Place, WaiverReason
from handup.groups.models.group import ORDINARY
from handup.groups.paper_dues import receipt_pdf
from handup.groups.services import dues as services
from handup.groups.services.assembly import Votes
from handup.groups.standing import MemberStanding, seen_members, standings
from handup.groups.views.dues_standing import firm_acts, firm_rows, firms_tables, standing_table
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup, offer
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Header, RecordPage, Table, Tile


class VoteForm(HouseForm):
    """The count of an assembly's vote."""

    decided_date = DayField(label=_("Day of the assembly"))
    yes = forms.IntegerField(label=_("Votes in favour"), min_value=0)
    no = forms.IntegerField(label=_("Votes against"), min_value=0, initial=0)
    abstain = forms.IntegerField(label=_("Abstained"), min_value=0, initial=0)


VOTE = ("decided_date", "yes", "no", "abstain")


def votes_of(values: dict[str, Any]) -> Votes:
    """The count of a form that asks for one; its fields are taken out of the values."""
    day, yes, no, abstain = (values.pop(name) for name in VOTE)
    return Votes(day, yes, no, abstain)


def place_field() -> forms.ChoiceField:
    """Where money comes in or goes out."""
    return forms.ChoiceField(label=_("Where?"), choices=Place.choices)


class DuesPage(RecordPage):
    """Who stands where with her dues."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)

    def header(self) -> Header:
        """The next thing to do."""
        group = self.record
        told = (
            (_("Write down what falls due"), "dues_invoice", "invoice_dues"),
            (_("Record the vote on dues"), "dues_vote", "vote_dues"),
            (_("Set which dues a member pays"), "dues_category", "invoice_dues"),
            *firm_acts(group),
        )
        return Header(
            _("Dues"),
            subtitle=group.name,
            primary=Action(
                _("Take dues"), "groups:dues_take", "groups.take_dues", args=(group.pk,)
            ),
            actions=[
                Action(label, f"groups:{name}", f"groups.{code}", args=(group.pk,))
                for label, name, code in told
            ],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def _rows(self) -> list[MemberStanding]:
        seen = Member.objects.visible_to(self.staff).filter(group=self.record, left_date=None)
        members = list(seen.select_related("person", "member_group").order_by("member_no"))
        note_members(self.request, members)
        return standings(self.record, timezone.localdate(), members)

    def tiles(self) -> list[Tile]:
        """What is owed, of whom."""
        group = self.record
        open_rows = list(self._invoices())
        owed = sum(row.left_units for row in open_rows)
        late = [row for row in open_rows if row.left_units and row.due_date < timezone.localdate()]
        return [
            Tile(
                _("Owed"), format_money(owed, group.currency), how=_("Of every year written down.")
            ),
            Tile(
                _("Overdue"),
                format_money(sum(row.left_units for row in late), group.currency),
                how=_("Its day has passed and it is neither paid nor waived."),
            ),
            Tile(_("Members in arrears"), str(len({row.member_id for row in late}))),
        ]

    def _invoices(self) -> Any:
        rows = DuesInvoice.objects.visible_to(self.staff).filter(group=self.record)
        rows = rows.select_related("member__person", "member__member_group")
        return rows.order_by("-due_date", "member__member_no")

    def tables(self) -> list[Table]:
        """Standing, years, receipts and tariffs."""
        group = self.record
        payments = DuesPayment.objects.visible_to(self.staff).filter(group=group)
        receipts = list(payments.select_related("member__person", "member__member_group")[:100])
        years = list(self._invoices()[:200])
        firms = firm_rows(self.staff, group)
        note_members(self.request, [row.member for row in (*years, *receipts, *firms)])
        return [
            standing_table(self._rows(), group),
            *firms_tables(self.staff, firms, group),
            _years_table(self.staff, years, group),
            _receipts_table(self.staff, receipts, group),
            Table(
                _("Tariffs"),
                (
                    Column("category", _("Category")),
                    Column("from_date", _("Holds from"), Kind.DATE),
                    Column("units", _("Dues a year"), Kind.MONEY, currency=group.currency),
                    Column("vote", _("Vote"), value=partial(_vote_of, self.staff)),
                ),
                group.dues_tariffs.select_related("resolution__meeting", "resolution__group"),
                empty=EmptyState(_("No dues are voted yet"), _("Record the assembly's vote.")),
            ),
        ]


def _vote_of(staff: StaffUser, row: Any) -> str:
    told = {"yes": row.resolution.yes, "members": seen_members(staff, row.resolution)}
    return _now("%(yes)s of %(members)s in favour") % told


def _years_table(staff: Any, rows: list[DuesInvoice], group: Group) -> Table:
    may_waive = may(staff, "groups.waive_dues", group)
    money = group.currency
    waive = Column(
        "waive",
        _("Waive"),
        Kind.LINK,
        value=lambda row: _now("Waive") if row.left_units else "",
        href=lambda row: reverse("groups:dues_waive", args=[row.pk]) if row.left_units else "",
    )
    return Table(
        _("Years written down"),
        (
            Column("member.shown_name", _("Member")),
            Column("due_date", _("Due on"), Kind.DATE),
            Column("units", _("Owed"), Kind.MONEY, currency=money),
            Column("paid_units", _("Paid"), Kind.MONEY, currency=money),
            Column("waived_units", _("Waived"), Kind.MONEY, currency=money),
            Column("left_units", _("Left"), Kind.MONEY, currency=money),
            *((waive,) if may_waive else ()),
        ),
        rows,
        empty=EmptyState(_("Nothing is written down yet"), _("Write down what falls due.")),
    )


def _receipts_table(staff: Any, rows: Any, group: Group) -> Table:
    back = Column(
        "back",
        _("Take back"),
        Kind.LINK,
        value=lambda row: "" if row.is_reversed else _now("Take back"),
        href=lambda row: "" if row.is_reversed else reverse("groups:dues_back", args=[row.pk]),
    )
    return Table(
        _("Receipts"),
        (
            Column(
                "number",
                _("Receipt"),
                Kind.LINK,
                href=lambda row: reverse("groups:dues_receipt", args=[row.pk]),
            ),
            Column("member.shown_name", _("Member")),
            Column("paid_date", _("Paid on"), Kind.DATE),
            Column("units", _("Amount"), Kind.MONEY, currency=group.currency),
            Column("place", _("Paid into")),
            Column("is_reversed", _("Taken back"), Kind.TICK),
            *((back,) if may(staff, "groups.reverse_fact", group) else ()),
        ),
        rows,
        empty=EmptyState(_("No dues were paid yet")),
    )


class OfDues(OfGroup):
    """A form about a group's dues; it goes back to their page."""

    def success_url(self, result: Any) -> str:
        """The page of the dues."""
        return reverse("groups:dues", args=[self.subject.pk])


class TariffForm(VoteForm):
    """What was voted, and the count."""

    category = forms.CharField(
        label=_("Category"),
        max_length=20,
        initial=ORDINARY,
        help_text=_("MEMBER is the category of whoever was put into no other."),
    )
    units = MoneyField(label=_("Dues a year"), least_units=0)
    from_date = DayField(label=_("Holds from"))
    day_limit = forms.IntegerField(
        label=_("Joined by day of the month"),
        min_value=1,
        max_value=31,
        initial=15,
        help_text=_("Who joins later in the month counts from the next one."),
    )
    drop_after_days = forms.IntegerField(
        label=_("May be dropped after days"), min_value=1, max_value=730, initial=90
    )
    needed_to_vote = forms.BooleanField(
        label=_("Who is in arrears does not vote"), required=False, initial=True
    )
    questions = (
        Question(_("What do members owe?"), ("category", "units", "from_date")),
        Question(
            _("What does being late mean?"), ("day_limit", "drop_after_days", "needed_to_vote")
        ),
        Question(_("How did the assembly vote?"), VOTE),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Speak of the group's currency."""
        super().__init__(*args, **options)
        in_money(self, currency, "units")


def in_money(form: HouseForm, currency: str, *names: str) -> None:
    """Let amount fields speak of a currency."""
    for name in names:
        field = form.fields[name]
        assert isinstance(field, MoneyField)
        field.currency = currency


class VoteDues(OfDues):
    """Record what the assembly voted."""

    form_class = TariffForm
    permission = "groups.vote_dues"
    title = _("Record the vote on dues")
    verb = _("Keep the tariff")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return dict.fromkeys(("decided_date", "from_date"), timezone.localdate())

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        votes = votes_of(values)
        return services.vote_dues(
            acting_staff=self.staff,
            group=self.subject,
            tariff=services.Tariff(**values),
            votes=votes,
            id=self.new_id,
        )


class InvoiceForm(HouseForm):
    """Up to which day."""

    until = DayField(label=_("Falls due up to"))


class InvoiceDues(OfDues):
    """Write down what every member owes up to a day."""

    form_class = InvoiceForm
    permission = "groups.invoice_dues"
    title = _("Write down what falls due")
    verb = _("Write down")
    intro = _("What was written down before stays as it is.")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"until": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        return services.invoice_dues(acting_staff=self.staff, group=self.subject, **values)

    def done_message(self, result: Any) -> str:
        """How many."""
        seen = DuesInvoice.objects.visible_to(self.staff)
        count = seen.filter(pk__in=[row.pk for row in result]).count()
        return _now("%(count)s years of dues were written down.") % {"count": count}


class TakeForm(HouseForm):
    """Who pays how much where."""

    member = forms.ModelChoiceField(label=_("Who pays?"), queryset=Member.objects.none())
    units = MoneyField(label=_("Amount"))
    paid_date = DayField(label=_("Paid on"))
    place = place_field()

    def __init__(self, *args: Any, members: Any, currency: str, **options: Any) -> None:
        """Offer who owes."""
        super().__init__(*args, **options)
        offer(self, "member", members)
        in_money(self, currency, "units")


class TakeDues(OfDues):
    """Take a member's dues; the oldest year is paid first."""

    form_class = TakeForm
    permission = "groups.take_dues"
    title = _("Take dues")
    verb = _("Take the money")
    intro = _("The oldest year is paid first.")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Whoever has dues written down, also after leaving."""
        rows = Member.objects.visible_to(self.staff).filter(group=self.subject)
        rows = rows.filter(pk__in=self.subject.dues.values("member")).order_by("member_no")
        rows = rows.select_related("person", "member_group")
        note_members(self.request, rows)
        return {"members": rows, "currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today, into the box."""
        return {"paid_date": timezone.localdate(), "place": Place.BOX.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        values["place"] = Place(values["place"])
        return services.take_dues(acting_staff=self.staff, id=self.new_id, **values)

    def done_message(self, result: Any) -> str:
        """The number of the receipt."""
        return _now("Receipt %(number)s is ready to print.") % {"number": result.number}


class CategoryForm(HouseForm):
    """Who pays which dues."""

    member = forms.ModelChoiceField(label=_("Who?"), queryset=Member.objects.none())
    category = forms.CharField(label=_("Category"), max_length=20)
    from_date = DayField(label=_("Holds from"))

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the members of today."""
        super().__init__(*args, **options)
        offer(self, "member", members)


class SetDuesCategory(OfDues):
    """Let a member pay the dues of another category from her next year on."""

    form_class = CategoryForm
    permission = "groups.invoice_dues"
    title = _("Set which dues a member pays")
    verb = _("Save")

    def form_options(self) -> dict[str, Any]:
        """Her members."""
        return {"members": self.members()}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"from_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set it."""
        return services.set_dues_category(acting_staff=self.staff, **values)


class OfRow(FormPage):
    """A form about one row of a member's dues; it goes back to the page of the dues."""

    subject: Any
    person_path = "member__person_id"

    def success_url(self, result: Any) -> str:
        """The page of the dues."""
        return reverse("groups:dues", args=[self.subject.group_id])


class WaiveForm(HouseForm):
    """Why and since when."""

    reason = forms.ChoiceField(label=_("Why?"), choices=WaiverReason.choices)
    on = DayField(label=_("On"))


class WaiveDues(OfRow):
    """Let a member off what is left of a year's dues."""

    form_class = WaiveForm
    permission = "groups.waive_dues"
    subject_model = DuesInvoice
    title = _("Waive dues")
    verb = _("Waive what is left")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Waive it."""
        return services.waive_dues(
            acting_staff=self.staff,
            dues=self.subject,
            reason=WaiverReason(values["reason"]),
            on=values["on"],
        )


class DayForm(HouseForm):
    """On which day."""

    on = DayField(label=_("On"))


class TakeBackDues(OfRow):
    """Take a payment back: its entry is reversed and what it paid is owed again."""

    form_class = DayForm
    permission = "groups.reverse_fact"
    subject_model = DuesPayment
    title = _("Take a payment of dues back")
    verb = _("Take back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_dues(acting_staff=self.staff, payment=self.subject, **values)


class Receipt(Paper):
    """The receipt of a payment of dues."""

    model = DuesPayment
    permission = "groups.view_member"
    related = ("group", "member__person", "member__member_group", "fact")
    name = "receipt"

    def pdf(self, record: DuesPayment) -> bytes:
        """Set it."""
        note_members(self.request, [record.member])
        return receipt_pdf(record)
