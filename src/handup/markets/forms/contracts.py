"""The forms of contracts: terms, points to look at, deliveries, payments, notes."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.markets.forms.fields import PercentField, Placed, count, offer, one_of, text
from handup.markets.models import Commodity, MarketPlace, SupplyContract
from handup.markets.models import labels as lb
from handup.markets.rules.contracts import MOVES, Answer, ContractState, Point
from handup.markets.services.contracts import Terms
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.people.forms.fields import area_field, office_field, programme_field
from handup.projects.models import Organisation

GRADES = 3


def organisation(label: Any, **options: Any) -> Any:
    """An organisation of the register."""
    return forms.ModelChoiceField(Organisation.objects.none(), label=label, **options)


def line(label: Any, most: int = 300, **options: Any) -> forms.CharField:
    """One line, or none."""
    options.setdefault("required", False)
    return forms.CharField(label=label, max_length=most, **options)


class ContractForm(Placed):
    """A contract as it is offered."""

    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    code = forms.CharField(label=_("Number"), max_length=40)
    seller = organisation(_("Producers"))
    buyer = organisation(_("Buyer"))
    commodity: Any = forms.ModelChoiceField(Commodity.objects.none(), label=_("Product"))
    purpose = line(_("What it is for"))
    quantity = forms.IntegerField(
        label=_("How much (kg, l or pieces)"), min_value=1, max_value=10**12
    )
    place = forms.CharField(label=_("Handed over at"), max_length=200)
    schedule = line(_("When"))
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"))
    currency = line(_("Currency"), 3, help_text=_("Left open: the programme's."))
    price_kind = one_of(lb.PRICE_KIND, _("Price"), initial=lb.PriceKind.FIXED.value)
    market: Any = forms.ModelChoiceField(
        MarketPlace.objects.none(), label=_("Follows the market"), required=False
    )
    level = one_of(lb.PRICE_LEVEL, _("Follows the price"), required=False)
    premium_units = MoneyField(label=_("Premium"), least_units=None, required=False)
    floor_units = MoneyField(label=_("Never below"), required=False)
    ceiling_units = MoneyField(label=_("Never above"), required=False)
    inputs = line(_("Inputs the buyer gives"))
    advance_units = MoneyField(label=_("Advance"), least_units=0, required=False)
    advance_cap = PercentField(
        label=_("Kept back of a delivery at most, in percent"), required=False, initial=30
    )
    payment_days = forms.IntegerField(
        label=_("Paid within days"), min_value=0, max_value=366, initial=0
    )
    excuses = line(_("What excuses"))
    dispute_route = line(_("Who settles a dispute"))
    third_parties = line(_("Who else has a part"))
    questions = (
        Question(_("Who sells what to whom?"), ("code", "seller", "buyer", "commodity", "purpose")),
        Question(_("Where does it belong?"), ("programme", "office", "area")),
        Question(
            _("How much, where and when?"), ("quantity", "place", "schedule", "starts", "ends")
        ),
        Question(
            _("At which price?"),
            (
                "currency",
                *(
                    f"{part}_{place}"
                    for place in range(1, GRADES + 1)
                    for part in ("grade", "price")
                ),
                "price_kind",
                "market",
                "level",
                "premium_units",
                "floor_units",
                "ceiling_units",
            ),
        ),
        Question(_("How is it paid?"), ("payment_days", "inputs", "advance_units", "advance_cap")),
        Question(_("And if it goes wrong?"), ("excuses", "dispute_route", "third_parties")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer organisations, products and markets; ask a price for up to three grades."""
        super().__init__(*args, **options)
        active = Organisation.objects.filter(active=True)
        offer(self, "seller", active)
        offer(self, "buyer", active)
        offer(self, "commodity", Commodity.objects.filter(active=True))
        offer(self, "market", MarketPlace.objects.filter(active=True))
        for place in range(1, GRADES + 1):
            first = place == 1
            told = {"number": place}
            self.fields[f"grade_{place}"] = line(_("Grade %(number)s") % told, 40, required=first)
            self.fields[f"price_{place}"] = MoneyField(
                label=_("Price of grade %(number)s, per kg, l or piece") % told, required=first
            )
            dress(self.fields[f"grade_{place}"])
            dress(self.fields[f"price_{place}"])
        currency = str(self["currency"].value() or "").strip().upper() or self._of_programme()
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency

    def _of_programme(self) -> str:
        field = self.fields["programme"]
        assert isinstance(field, forms.ModelChoiceField)
        told = str(self["programme"].value() or "")
        for row in field.queryset or ():
            if str(row.pk) == told:
                return str(row.currency)
        return ""


def terms_of(told: dict[str, Any]) -> Terms:
    """The terms a form told."""
    return Terms(
        quantity=told["quantity"],
        place=told["place"],
        starts=told["starts"],
        ends=told["ends"],
        purpose=told["purpose"],
        schedule=told["schedule"],
        price_kind=lb.PriceKind(told["price_kind"]),
        market=told["market"],
        level=lb.PriceLevel(told["level"]) if told["level"] else None,
        premium_units=told["premium_units"] or 0,
        floor_units=told["floor_units"],
        ceiling_units=told["ceiling_units"],
        inputs=told["inputs"],
        advance_units=told["advance_units"] or 0,
        advance_cap_bps=told["advance_cap"],
        payment_days=told["payment_days"],
        excuses=told["excuses"],
        dispute_route=told["dispute_route"],
        third_parties=told["third_parties"],
    )


def grades_of(told: dict[str, Any]) -> dict[str, int]:
    """The grades a form told, with their prices."""
    return {
        told[f"grade_{place}"]: told[f"price_{place}"] or 0
        for place in range(1, GRADES + 1)
        if told[f"grade_{place}"]
    }


class CheckForm(HouseForm):
    """Every point to look at before anybody signs."""

    def __init__(self, *args: Any, contract: SupplyContract, **options: Any) -> None:
        """Ask for each point whether it is clear, and if not, why."""
        super().__init__(*args, **options)
        for point, words in lb.POINT.items():
            held = contract.checklist.get(point.value, {})
            clear = {True: "yes", False: "no"}.get(held.get("clear"))
            self.fields[point.value] = forms.ChoiceField(
                label=str(words),
                choices=[("", _("choose")), ("yes", _("yes")), ("no", _("no"))],
                initial=clear,
            )
            self.fields[f"{point.value}_note"] = line(_("Note"), initial=held.get("note", ""))
            dress(self.fields[point.value])
            dress(self.fields[f"{point.value}_note"])

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """Point by point."""
        return [
            (Question(words, ()), [self[point.value], self[f"{point.value}_note"]])
            for point, words in lb.POINT.items()
        ]


def answers_of(told: dict[str, Any]) -> dict[str, Answer]:
    """What was answered, point by point."""
    return {
        point.value: Answer(told[point.value] == "yes", told[f"{point.value}_note"])
        for point in Point
    }


class SignForm(HouseForm):
    """Who signed for the producers."""

    signed_by = forms.CharField(label=_("Signed for the producers by"), max_length=120)
    signed_date = DayField(label=_("Signed on"))


class DeliveryForm(HouseForm):
    """Goods handed over."""

    delivered_date = DayField(label=_("Handed over on"))
    planned_date = DayField(label=_("Was planned for"), required=False)
    grade: Any = forms.ModelChoiceField(SupplyContract.objects.none(), label=_("Grade"))
    delivered = forms.IntegerField(label=_("Handed over"), min_value=1, max_value=10**12)
    rejected = count(_("Refused of that"))
    reject_reason = line(_("Why refused"))
    reason = line(_("Why more than agreed, or at an old price"))
    slip = line(_("Number of the paper slip"), most=40)
    given_by = line(_("Handed over by"), most=120)
    taken_by = line(_("Taken over by"), most=120)

    def __init__(self, *args: Any, contract: SupplyContract, **options: Any) -> None:
        """Offer the grades of the contract; say the unit."""
        super().__init__(*args, **options)
        offer(self, "grade", contract.grades.all())
        self.fields["delivered"].label = _("Handed over (%(unit)s)") % {"unit": contract.unit}


class PayForm(HouseForm):
    """What was paid for a delivery."""

    paid_date = DayField(label=_("Paid on"))
    paid_units = MoneyField(label=_("Paid"), least_units=0)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """In the currency of the contract."""
        super().__init__(*args, **options)
        field = self.fields["paid_units"]
        assert isinstance(field, MoneyField)
        field.currency = currency


class NoteForm(HouseForm):
    """A default, with what each side says."""

    kind = one_of(lb.NOTE_KIND, _("What happened"))
    seen_date = DayField(label=_("On"))
    producers_say = text(_("What the producers say"))
    buyer_says = text(_("What the buyer says"))


class MoveForm(HouseForm):
    """What becomes of a contract."""

    state = forms.ChoiceField(label=_("State"))
    reason = forms.CharField(label=_("Why?"), max_length=300)

    def __init__(self, *args: Any, contract: SupplyContract, **options: Any) -> None:
        """Offer the next steps."""
        super().__init__(*args, **options)
        field = self.fields["state"]
        assert isinstance(field, forms.ChoiceField)
        onward = MOVES[ContractState(contract.state)]
        field.choices = [pair for pair in lb.choices(lb.CONTRACT_STATE) if pair[0] in onward]
