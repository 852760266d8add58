"""Forms of support: a rule, what is due for a session, what is approved, refused or paid."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book, Fund
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField
from handup.org.web.money import format_money
from handup.people.forms.fields import in_programmes_money
from handup.projects.models import Programme
from handup.training.forms.fields import StaffForm
from handup.training.models import Course, SupportPayment
from handup.training.models.labels import choices
from handup.training.models.support_labels import (
    SUPPORT_BACK,
    SUPPORT_KIND,
    SUPPORT_METHOD,
    SUPPORT_REFUSAL,
    SUPPORT_UNIT,
)
from handup.training.rules.support import COUNTED, SupportKind, SupportMethod, SupportUnit
from handup.training.support_queries import DueLine


class SupportRuleForm(StaffForm):
    """What a programme pays who attends."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    course: Any = forms.ModelChoiceField(
        Course.objects.none(),
        label=_("Course"),
        required=False,
        help_text=_("Left open, the rule is for every course of the programme."),
    )
    kind = forms.TypedChoiceField(
        label=_("Kind"), choices=choices(SUPPORT_KIND), coerce=SupportKind
    )
    unit = forms.TypedChoiceField(
        label=_("For each"), choices=choices(SUPPORT_UNIT), coerce=SupportUnit
    )
    amount_units = MoneyField(label=_("Amount"))
    most = forms.IntegerField(
        label=_("Children or kilometres, at most"), min_value=1, max_value=1000, initial=1
    )
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """The amount is written in the currency of the programme chosen."""
        super().__init__(*args, **options)
        in_programmes_money(self, "amount_units")


class EndRuleForm(HouseForm):
    """The last day of a rule."""

    ends = DayField(label=_("Last day"))


class DrawUpForm(HouseForm):
    """One number for each person and kind; nothing or 0 where nothing is due."""

    def __init__(self, *args: Any, lines: Sequence[DueLine], **options: Any) -> None:
        """A field a line."""
        super().__init__(*args, **options)
        for line in lines:
            rule = line.rule
            amount = format_money(rule.amount_units, rule.programme.currency)
            self.fields[name_of(line)] = forms.IntegerField(
                label=f"{line.enrolment.person}: {rule.get_kind_display()}",
                help_text=_("{amount} for each {unit}").format(
                    amount=amount, unit=rule.get_unit_display()
                ),
                min_value=0,
                max_value=rule.most,
                required=False,
                initial=line.usual if rule.unit in COUNTED else 1,
            )


def name_of(line: DueLine) -> str:
    """The name of a line's field."""
    return f"line-{line.rule.pk}-{line.enrolment.pk}"


class TickForm(StaffForm):
    """Payments of one session, all ticked at first."""

    payments = forms.MultipleChoiceField(label=_("For whom"), widget=forms.CheckboxSelectMultiple)

    def __init__(
        self, *args: Any, staff: StaffUser, session: UUID, states: Sequence[str], **options: Any
    ) -> None:
        """Offer those of the session that are in one of the states, as far as she may see them."""
        rows = SupportPayment.objects.visible_to(staff).filter(session=session, state__in=states)
        self.rows = {
            str(row.pk): row
            for row in rows.select_related(
                "enrolment__person", "session__cohort__programme"
            ).order_by("enrolment__person__sort_key", "kind", "id")
        }
        super().__init__(*args, staff=staff, **options)
        field = self.fields["payments"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pk, _told(row)) for pk, row in self.rows.items()]

    def clean_payments(self) -> list[SupportPayment]:
        """The payments ticked."""
        return [self.rows[pk] for pk in self.cleaned_data["payments"]]


def _told(row: SupportPayment) -> str:
    """For whom, what for, how much."""
    amount = format_money(row.amount_units, row.currency)
    return f"{row.enrolment.person}: {row.get_kind_display()}, {amount}"


class ApproveSupportForm(TickForm):
    """Approval of what was drawn up."""

    approved_date = DayField(label=_("Approved on"))


class RefuseSupportForm(TickForm):
    """What is not paid, and why."""

    refused_date = DayField(label=_("Refused on"))
    refusal = forms.ChoiceField(label=_("Why"), choices=choices(SUPPORT_REFUSAL))


class PaySupportForm(TickForm):
    """The payment: when, how, with which receipt, from which book."""

    paid_date = DayField(label=_("Paid on"))
    method = forms.TypedChoiceField(
        label=_("How"), choices=choices(SUPPORT_METHOD), coerce=SupportMethod
    )
    receipt = forms.CharField(
        label=_("Number of the receipt or of the signed list"),
        max_length=40,
        help_text=_("Each person's line of the list is added to it."),
    )
    book: Any = forms.ModelChoiceField(
        Book.objects.none(),
        label=_("Book"),
        required=False,
        help_text=_("Left open, the only open book of the programme pays."),
    )
    fund: Any = forms.ModelChoiceField(Fund.objects.none(), label=_("Fund"), required=False)


class TakeBackForm(HouseForm):
    """A payment that was wrong."""

    taken_date = DayField(label=_("Taken back on"))
    reason = forms.ChoiceField(label=_("Why"), choices=choices(SUPPORT_BACK))
