"""Forms of produce processed and sold: a batch, a sale, a buyer's payment, what spoiled, and taking
each of them back."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import ProcessingBatch, ProduceSale, SalePayment, StockLoss
from handup.groups.models.collection import Rejection
from handup.groups.models.dues import Place
from handup.groups.models.sales import Measure
from handup.groups.services import processing
from handup.groups.services import sales as services
from handup.groups.views.bulk_forms import CurrencyForm
from handup.groups.views.dues import DayForm, in_money, place_field
from handup.groups.views.ruling import OfGroup, offer
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question
from handup.org.web.money import currency_digits, format_number
from handup.projects.models import Organisation


def quantity_field(label: Any, *, needed: bool = True) -> forms.DecimalField:
    """How much, in whole units and up to three decimals."""
    return forms.DecimalField(
        label=label, min_value=Decimal(0), max_digits=11, decimal_places=3, required=needed
    )


def milli(value: Decimal | None) -> int:
    """A quantity in thousandths."""
    return int((value or Decimal(0)) * 1000)


class BatchForm(HouseForm):
    """What went in, what came out, what it cost."""

    input_product = forms.CharField(label=_("Made of"), max_length=40)
    input_measure = forms.ChoiceField(label=_("Measured in"), choices=Measure.choices)
    input_milli = quantity_field(_("How much went in"))
    lost_milli = quantity_field(_("How much of it was lost"), needed=False)
    product = forms.CharField(label=_("What was made"), max_length=40)
    measure = forms.ChoiceField(label=_("Measured in"), choices=Measure.choices)
    output_milli = quantity_field(_("How much came out"))
    input_units = MoneyField(label=_("What that which went in had cost"))
    packaging_units = MoneyField(label=_("Packaging, paid now"), least_units=0)
    other_units = MoneyField(label=_("Other costs, paid now"), least_units=0)
    on = DayField(label=_("Made on"))
    place = place_field()
    questions = (
        Question(
            _("What went in?"), ("input_product", "input_measure", "input_milli", "lost_milli")
        ),
        Question(_("What came out?"), ("product", "measure", "output_milli", "on")),
        Question(
            _("What did it cost?"), ("input_units", "packaging_units", "other_units", "place")
        ),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """In the currency of the group."""
        super().__init__(*args, **options)
        in_money(self, currency, "input_units", "packaging_units", "other_units")


class RecordBatch(OfGroup):
    """Write down a batch."""

    form_class = BatchForm
    permission = processing.PROCESS
    title = _("Write down a batch")
    intro = _("What went in goes into store as the new product, at what it cost.")
    verb = _("Write down")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today, milk, no other costs."""
        return {
            "on": timezone.localdate(),
            "place": Place.BOX.value,
            "input_measure": Measure.LITRE.value,
            "measure": Measure.KILO.value,
            "packaging_units": "0",
            "other_units": "0",
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        on, place = values.pop("on"), Place(values.pop("place"))
        for name in ("input_milli", "lost_milli", "output_milli"):
            values[name] = milli(values[name])
        for name in ("input_measure", "measure"):
            values[name] = Measure(values[name])
        return processing.record_batch(
            acting_staff=self.staff,
            group=self.subject,
            batch=processing.BatchIn(**values),
            on=on,
            place=place,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("groups:batch", args=[result.pk])


class SaleForm(HouseForm):
    """Who bought what, how much of it he rejected, at which price."""

    buyer = forms.ModelChoiceField(label=_("Buyer"), queryset=Organisation.objects.none())
    product = forms.CharField(label=_("Product"), max_length=40)
    measure = forms.ChoiceField(label=_("Measured in"), choices=Measure.choices)
    brought_milli = quantity_field(_("How much was brought"))
    rejected_milli = quantity_field(_("How much of it he rejected"), needed=False)
    reason = forms.ChoiceField(
        label=_("Rejected because"),
        choices=[("", "\u2013"), *Rejection.choices],
        required=False,
    )
    price = forms.DecimalField(
        label=_("Price of one"), min_value=Decimal(0), max_digits=15, decimal_places=6
    )
    on = DayField(label=_("Sold on"))

    def __init__(
        self, *args: Any, buyers: Any, currency: str, of_batch: bool, **options: Any
    ) -> None:
        """Offer the buyers; of a batch, the product is known."""
        super().__init__(*args, **options)
        self.digits = currency_digits(currency)
        if of_batch:
            del self.fields["product"], self.fields["measure"]
        offer(self, "buyer", buyers)

    def clean_price(self) -> int:
        """The price in hundredths of the smallest unit."""
        told = Decimal(self.cleaned_data["price"]) * 10**self.digits * 100
        if told != int(told):
            raise forms.ValidationError(_("This price has more digits than a sale keeps."))
        return int(told)


class SellProduce(OfGroup):
    """Write down a sale."""

    form_class = SaleForm
    permission = services.SELL
    title = _("Write down a sale")
    intro = _("What the buyer rejected pays nothing and stays the group's.")
    verb = _("Write down")
    reads_back = True
    batch: ProcessingBatch | None = None

    def form_options(self) -> dict[str, Any]:
        """Organisations she may see."""
        rows = Organisation.objects.visible_to(self.staff).order_by("name")
        return {
            "buyers": rows,
            "currency": self.subject.currency,
            "of_batch": self.batch is not None,
        }

    def initial(self) -> dict[str, Any]:
        """Today, milk in litres."""
        return {"on": timezone.localdate(), "measure": Measure.LITRE.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        told = services.SaleIn(
            brought_milli=milli(values["brought_milli"]),
            rejected_milli=milli(values["rejected_milli"]),
            reason=Rejection(values["reason"]) if values["reason"] else None,
            price_x100=values["price"],
            product=values.get("product", ""),
            measure=Measure(values.get("measure") or Measure.LITRE),
            batch=self.batch,
        )
        return services.sell_produce(
            acting_staff=self.staff,
            group=self.subject,
            buyer=values["buyer"],
            sale=told,
            on=values["on"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The sale."""
        return reverse("groups:sale", args=[result.pk])


class SellOfBatch(SellProduce):
    """Write down a sale of one batch."""

    subject_model: ClassVar[Any] = ProcessingBatch

    def find_subject(self, pk: Any) -> Any:
        """The group of the batch."""
        rows = ProcessingBatch.objects.visible_to(self.staff).select_related("group__book")
        self.batch = rows.filter(pk=pk, is_reversed=False).first()
        return self.batch.group if self.batch else None


class OfSale(FormPage):
    """A step of one sale; it goes back to it."""

    subject_model: ClassVar[Any] = ProduceSale
    subject: Any
    permission = services.SELL
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today, at the box."""
        return {"on": timezone.localdate(), "place": Place.BOX.value}

    def success_url(self, result: Any) -> str:
        """The sale."""
        return reverse("groups:sale", args=[self.subject.pk])


class PaymentForm(CurrencyForm):
    """How much the buyer paid."""

    units = MoneyField(label=_("Amount"))
    on = DayField(label=_("Paid on"))
    place = place_field()


class TakeSalePayment(OfSale):
    """Write down a buyer's payment."""

    form_class = PaymentForm
    title = _("Write down a payment")
    verb = _("Write down")

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        values["place"] = Place(values["place"])
        return services.take_sale_payment(
            acting_staff=self.staff, sale=self.subject, id=self.new_id, **values
        )


class TakeBackSale(OfSale):
    """Take a sale back."""

    form_class = DayForm
    permission = processing.BACK
    title = _("Take the sale back")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_sale(acting_staff=self.staff, sale=self.subject, **values)


class TakeBackPayment(OfSale):
    """Take a buyer's payment back."""

    subject_model: ClassVar[Any] = SalePayment
    form_class = DayForm
    permission = processing.BACK
    title = _("Take the payment back")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_payment(acting_staff=self.staff, payment=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The sale."""
        return reverse("groups:sale", args=[self.subject.sale_id])


class OfBatch(FormPage):
    """A step of one batch; it goes back to it."""

    subject_model: ClassVar[Any] = ProcessingBatch
    subject: Any
    permission = processing.PROCESS
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("groups:batch", args=[self.subject.pk])


class LossForm(HouseForm):
    """How much spoiled."""

    quantity_milli = quantity_field(_("How much spoiled?"))
    on = DayField(label=_("On"))


class RecordLoss(OfBatch):
    """Write down what spoiled of a batch."""

    form_class = LossForm
    title = _("Something spoiled")
    verb = _("Write down")

    def lead(self) -> Any:
        """What is in store."""
        left = processing.stock_of(self.subject).milli
        return _now("In store: %(left)s.") % {"left": format_number(Decimal(left) / 1000)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Write it down."""
        return processing.record_stock_loss(
            acting_staff=self.staff,
            batch=self.subject,
            quantity_milli=milli(values["quantity_milli"]),
            on=values["on"],
            id=self.new_id,
        )


class TakeBackBatch(OfBatch):
    """Take a batch back."""

    form_class = DayForm
    permission = processing.BACK
    title = _("Take the batch back")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return processing.take_back_batch(acting_staff=self.staff, batch=self.subject, **values)


class TakeBackLoss(OfBatch):
    """Take back what was written down as spoiled."""

    subject_model: ClassVar[Any] = StockLoss
    form_class = DayForm
    permission = processing.BACK
    title = _("Take back what spoiled")
    verb = _("Take back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return processing.take_back_loss(acting_staff=self.staff, loss=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("groups:batch", args=[self.subject.batch_id])
