"""The forms of market studies and opportunities."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.markets.forms.fields import Placed, offer, one_of, text
from handup.markets.models import Commodity, Study
from handup.markets.models import labels as lb
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.forms.fields import area_field, office_field, programme_field
from handup.projects.models import Document, Organisation


class StudyForm(Placed):
    """A study to start."""

    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    title = forms.CharField(label=_("Title"), max_length=200)
    question = text(_("What does it ask?"), required=True)
    method = text(_("How is it asked?"))
    sample = forms.CharField(label=_("Of whom, and how many"), max_length=300, required=False)
    started_date = DayField(label=_("Started on"))
    questions = (
        Question(_("Which study is it?"), ("title", "question", "started_date")),
        Question(_("Where does it belong?"), ("programme", "office", "area")),
        Question(_("How is it done?"), ("method", "sample")),
    )


class FindingForm(HouseForm):
    """One thing that was found."""

    statement = text(_("What was found?"), required=True)
    evidence = forms.CharField(label=_("Where it shows"), max_length=300, required=False)


class FinishForm(HouseForm):
    """A study that is done."""

    finished_date = DayField(label=_("Finished on"))
    document: Any = forms.ModelChoiceField(
        Document.objects.none(), label=_("Document"), required=False
    )

    def __init__(self, *args: Any, study: Study, **options: Any) -> None:
        """Offer the documents of its programme."""
        super().__init__(*args, **options)
        offer(self, "document", study.programme.documents.all())


class OpportunityForm(HouseForm):
    """A product somebody would buy."""

    product = forms.CharField(label=_("Product"), max_length=120)
    commodity: Any = forms.ModelChoiceField(
        Commodity.objects.none(), label=_("As it is called here"), required=False
    )
    buyers = forms.CharField(label=_("Who would buy"), max_length=300)
    volume = forms.CharField(label=_("How much"), max_length=120, required=False)
    price_units = MoneyField(label=_("At which price"), required=False)
    price_per = forms.CharField(label=_("For"), max_length=40, required=False)
    season = forms.CharField(label=_("When"), max_length=120, required=False)
    requirements = text(_("What they ask for"))
    next_action = forms.CharField(label=_("Next step"), max_length=300)
    owner: Any = forms.ModelChoiceField(
        StaffUser.objects.none(), label=_("Who follows it up"), required=False, empty_label=_("I")
    )
    due_date = DayField(label=_("By"), required=False)
    questions = (
        Question(_("What would be bought?"), ("product", "commodity", "buyers", "volume")),
        Question(_("On which terms?"), ("price_units", "price_per", "season", "requirements")),
        Question(_("Who does what next?"), ("next_action", "owner", "due_date")),
    )

    def __init__(self, *args: Any, study: Study, **options: Any) -> None:
        """Offer products and colleagues; the price is in the programme's currency."""
        super().__init__(*args, **options)
        offer(self, "commodity", Commodity.objects.filter(active=True))
        offer(self, "owner", StaffUser.objects.filter(is_active=True).order_by("display_name"))
        price = self.fields["price_units"]
        assert isinstance(price, MoneyField)
        price.currency = study.programme.currency


class FollowForm(HouseForm):
    """What becomes of an opportunity."""

    state = one_of(lb.OPPORTUNITY_STATE, _("State"), initial=lb.OpportunityState.OPEN.value)
    next_action = forms.CharField(label=_("Next step"), max_length=300, required=False)
    due_date = DayField(label=_("By"), required=False)
    reason = forms.CharField(label=_("Why"), max_length=300, required=False)


class StartForm(HouseForm):
    """A business that was started because of an opportunity."""

    plan_number = forms.CharField(
        label=_("Number of the business plan"), max_length=12, required=False
    )
    organisation: Any = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Or the organisation that started"), required=False
    )
    started_date = DayField(label=_("Started on"))
    remark = forms.CharField(label=_("Remark"), max_length=300, required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the organisations."""
        super().__init__(*args, **options)
        offer(self, "organisation", Organisation.objects.filter(active=True))
