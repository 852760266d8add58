"""Forms of buying together: open, order, pay in, vote, order from the supplier, receive, hand out,
pay, cancel."""

from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import BulkLine, BulkOrder, GroupFact, Member
from handup.groups.models.bulk import Missing
from handup.groups.models.dues import Place
from handup.groups.services import bulk as services
from handup.groups.services import bulk_back as back
from handup.groups.services import deposits
from handup.groups.views.bulk import is_whole
from handup.groups.views.dues import VOTE, DayForm, VoteForm, in_money, place_field, votes_of
from handup.groups.views.members_seen import note_members
from handup.groups.views.ruling import OfGroup, offer
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question
from handup.org.web.money import format_day, format_money


class CurrencyForm(HouseForm):
    """A form whose amounts are in the group's currency."""

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Speak of the currency."""
        super().__init__(*args, **options)
        names = [name for name, field in self.fields.items() if isinstance(field, MoneyField)]
        in_money(self, currency, *names)


class OfferForm(CurrencyForm):
    """What is bought, at which price, and what it costs whoever buys alone."""

    item = forms.CharField(label=_("What is bought?"), max_length=80)
    unit = forms.CharField(
        label=_("Unit"), max_length=20, help_text=_("Bag of 50 kg, litre, piece.")
    )
    price_units = MoneyField(label=_("Price of a unit"))
    freight_units = MoneyField(label=_("Freight of the whole"), least_units=0)
    single_price_units = MoneyField(label=_("Price of a unit bought alone"), least_units=0)
    deposit_percent = forms.IntegerField(
        label=_("Paid in before the order goes out, in percent of the price"),
        min_value=0,
        max_value=100,
    )
    on = DayField(label=_("Opened on"))
    questions = (
        Question(_("What is bought?"), ("item", "unit", "on")),
        Question(
            _("What does it cost?"),
            ("price_units", "freight_units", "single_price_units", "deposit_percent"),
        ),
    )


class OpenBulk(OfGroup):
    """Open an order."""

    form_class = OfferForm
    permission = services.PERMISSION
    title = _("Open an order")
    verb = _("Open it")

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today, the whole price paid in first."""
        return {"on": timezone.localdate(), "deposit_percent": 100}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        on = values.pop("on")
        values["deposit_bps"] = values.pop("deposit_percent") * 100
        return services.open_bulk_order(
            acting_staff=self.staff,
            group=self.subject,
            offer=services.Offer(**values),
            on=on,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The order."""
        return reverse("groups:bulk_order", args=[result.pk])


class OfOrder(FormPage):
    """A form about one order; it goes back to its page."""

    subject_model: ClassVar[Any] = BulkOrder
    subject: Any
    permission = services.PERMISSION

    def initial(self) -> dict[str, Any]:
        """Today, at the box."""
        return {"on": timezone.localdate(), "place": Place.BOX.value}

    def success_url(self, result: Any) -> str:
        """The order."""
        return reverse("groups:bulk_order", args=[self.subject.pk])


class LineForm(HouseForm):
    """Who orders how many, and what she wants if less comes."""

    member = forms.ModelChoiceField(label=_("Who orders?"), queryset=Member.objects.none())
    quantity = forms.IntegerField(
        label=_("How many?"), min_value=0, help_text=_("0 takes her out again.")
    )
    if_missing = forms.ChoiceField(label=_("If less comes"), choices=Missing.choices)
    on = DayField(label=_("On"))

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the members of today."""
        super().__init__(*args, **options)
        offer(self, "member", members)


class OrderLine(OfOrder):
    """Write down who orders how many."""

    form_class = LineForm
    title = _("Write down who orders")
    intro = _("The newer number holds.")
    verb = _("Write down")

    def form_options(self) -> dict[str, Any]:
        """Her members, as far as the reader may see them."""
        rows = Member.objects.visible_to(self.staff).filter(
            group=self.subject.group_id, left_date=None
        )
        rows = rows.select_related("person", "member_group").order_by("member_no")
        note_members(self.request, rows)
        return {"members": rows}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        values["if_missing"] = Missing(values["if_missing"])
        return services.order_bulk(acting_staff=self.staff, order=self.subject, **values)


class LockBulk(OfOrder):
    """Keep the vote on an order."""

    form_class = VoteForm
    title = _("Record the vote on the order")
    verb = _("Keep the vote")
    questions = (Question(_("How did the assembly vote?"), VOTE),)

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.lock_bulk(
            acting_staff=self.staff, order=self.subject, votes=votes_of(values)
        )


class PriceForm(CurrencyForm):
    """Price and freight of the day."""

    price_units = MoneyField(label=_("Price of a unit"))
    freight_units = MoneyField(label=_("Freight of the whole"), least_units=0)
    on = DayField(label=_("On"))


class PlaceBulk(OfOrder):
    """Order from the supplier."""

    form_class = PriceForm
    title = _("Order from the supplier")
    intro = _("A price or freight above the one voted opens the order again, to be voted anew.")
    verb = _("Order from the supplier")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def initial(self) -> dict[str, Any]:
        """As voted."""
        row = self.subject
        return {
            "price_units": row.price_units,
            "freight_units": row.freight_units,
            "on": timezone.localdate(),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Order it."""
        return services.place_bulk(acting_staff=self.staff, order=self.subject, **values)


class ReceivedForm(CurrencyForm):
    """How much came, and the freight in the end."""

    quantity = forms.IntegerField(label=_("How many came?"), min_value=1)
    freight_units = MoneyField(label=_("Freight of the whole"), least_units=0)
    freight_reason = forms.CharField(
        label=_("Why is the freight above the one voted?"),
        max_length=200,
        required=False,
        help_text=_("Only where it is."),
    )
    on = DayField(label=_("On"))


class ReceiveBulk(OfOrder):
    """Write down what came."""

    form_class = ReceivedForm
    title = _("Write down what came")
    verb = _("Write down")

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def initial(self) -> dict[str, Any]:
        """The freight as ordered."""
        return {"freight_units": self.subject.freight_units, "on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        return services.receive_bulk(acting_staff=self.staff, order=self.subject, **values)


class SettleBulk(OfOrder):
    """Hand out what came and charge each member."""

    form_class = DayForm
    title = _("Hand out and charge")
    intro = _("Each member is charged for what she gets, as the working on the page before says.")
    verb = _("Hand out and charge")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Hand it out."""
        return services.settle_bulk(acting_staff=self.staff, order=self.subject, **values)


class MoneyForm(CurrencyForm):
    """How much, when and where."""

    units = MoneyField(label=_("Amount"))
    on = DayField(label=_("On"))
    place = place_field()


class PaySupplier(OfOrder):
    """Pay the supplier."""

    form_class = MoneyForm
    title = _("Pay the supplier")
    verb = _("Pay")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def initial(self) -> dict[str, Any]:
        """What is left, to whoever sees all who ordered."""
        left = self.subject.cost_units - self.subject.paid_units
        return super().initial() | ({"units": left} if is_whole(self.staff, self.subject) else {})

    def perform(self, values: dict[str, Any]) -> Any:
        """Pay it."""
        values["place"] = Place(values["place"])
        return deposits.pay_supplier(
            acting_staff=self.staff, order=self.subject, id=self.new_id, **values
        )


class CancelForm(DayForm):
    """When, and where what came with it from an order before is given back."""

    place = place_field()


class CancelBulk(OfOrder):
    """Cancel an order; every deposit is given back."""

    form_class = CancelForm
    title = _("Cancel the order")
    intro = _("Every deposit is given back where it was paid in.")
    verb = _("Cancel the order")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Cancel it."""
        values["place"] = Place(values["place"])
        return deposits.cancel_bulk(acting_staff=self.staff, order=self.subject, **values)


class BackForm(HouseForm):
    """What is taken back, and on which day."""

    fact = forms.ChoiceField(label=_("What was wrong?"))
    on = DayField(label=_("On"))

    def __init__(self, *args: Any, facts: dict[str, Any], **options: Any) -> None:
        """Offer what can be taken back now."""
        super().__init__(*args, **options)
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, told) for pk, (told, _fact) in facts.items()]


class TakeBackBulk(OfOrder):
    """Take back a payment to the supplier or the last step of an order."""

    form_class = BackForm
    permission = back.BACK
    title = _("Take back what was recorded")
    intro = _("A mistake is taken back and recorded anew; both stay readable.")
    verb = _("Take back")
    reads_back = True

    def facts(self) -> dict[str, Any]:
        """Payments, and the step that brought the order here."""
        found = list(back.payments_of(self.subject))
        step = back.step_of(self.subject)
        if step is not None and not found:
            found.append(step)
        currency = self.subject.group.currency if is_whole(self.staff, self.subject) else ""
        return {str(fact.pk): (told_of(fact, currency), fact) for fact in found}

    def form_options(self) -> dict[str, Any]:
        """What can be taken back."""
        return {"facts": self.facts()}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        fact = self.facts()[values["fact"]][1]
        return back.take_back_bulk(
            acting_staff=self.staff, order=self.subject, fact=fact, on=values["on"]
        )


STEPS: dict[str, Any] = {
    "lock_bulk": _("the vote on the order"),
    "place_bulk": _("ordered from the supplier"),
    "receive_bulk": _("what came"),
    "settle_bulk": _("handed out and charged"),
    "pay_supplier": _("paid to the supplier"),
    "pay_deposit": _("paid in"),
    "return_deposit": _("given back"),
}


def told_of(fact: GroupFact, currency: str) -> str:
    """What a fact says, for a choice: its day, what it was, and the amount where it may be seen."""
    told = [format_day(fact.happened_date), str(STEPS[fact.name])]
    if currency and "units" in fact.body:
        told.append(format_money(fact.body["units"], currency))
    return " · ".join(told)


class TakeDeposit(FormPage):
    """Take a member's money for what she ordered."""

    subject_model: ClassVar[Any] = BulkLine
    subject: Any
    person_path = "member__person_id"
    permission = services.PERMISSION
    form_class: ClassVar[type[HouseForm]] = MoneyForm
    title = _("Take money for an order")
    verb = _("Take the money")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.order.group.currency}

    def initial(self) -> dict[str, Any]:
        """What the order is at its price, or what is missing of the charge."""
        line = self.subject
        due = line.charge_units or line.quantity * line.order.price_units
        left = max(0, due - line.deposit_units)
        return {"units": left, "on": timezone.localdate(), "place": Place.BOX.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        values["place"] = Place(values["place"])
        return deposits.pay_deposit(
            acting_staff=self.staff, line=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """The order."""
        return reverse("groups:bulk_order", args=[self.subject.order_id])


class GiveBack(TakeDeposit):
    """Give a member back what is hers."""

    title = _("Give money back")
    verb = _("Give it back")

    def initial(self) -> dict[str, Any]:
        """All that can go back now."""
        units = deposits.returnable(self.subject.order, self.subject)
        return {"units": units, "on": timezone.localdate(), "place": Place.BOX.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Give it back."""
        values["place"] = Place(values["place"])
        return deposits.return_deposit(
            acting_staff=self.staff, line=self.subject, id=self.new_id, **values
        )


class TakeBackDeposit(TakeDeposit):
    """Take back that a member's money came in or went back to her."""

    form_class = BackForm
    permission = back.BACK
    title = _("Take back a deposit")
    verb = _("Take back")

    def facts(self) -> dict[str, Any]:
        """What was paid in and given back for her line."""
        currency = self.subject.order.group.currency
        found = back.deposits_of(self.subject)
        return {str(fact.pk): (told_of(fact, currency), fact) for fact in found}

    def form_options(self) -> dict[str, Any]:
        """What can be taken back."""
        return {"facts": self.facts()}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        fact = self.facts()[values["fact"]][1]
        return back.take_back_deposit(
            acting_staff=self.staff, line=self.subject, fact=fact, on=values["on"]
        )
