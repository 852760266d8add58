"""The form of a borrower's next loan: what changed since the loan before, and of a small one what
whoever visits her found this time. Everything is filled with what was told then, with its day.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import ANCHORS, CRITERIA, MoneyOfForm, PlanNumberField
from handup.lending.models.labels import OUTCOMES
from handup.lending.one_page_form import LATER
from handup.lending.services.taken_over import MARK
from handup.org.web.forms import DayField, MoneyField, Question, dress
from handup.org.web.money import format_day

FINDINGS = ("recommendation", "recommended_units", "note", "reason")


class AgainForm(MoneyOfForm):
    """What changed since the loan before. days: line → the day it was told; criteria: the marks a
    small loan is appraised by at once, none where it is not; notes: the line of words as it was.
    """

    units = MoneyField(label=_("Amount asked"))
    instalments = forms.IntegerField(label=_("Instalments"), min_value=1, max_value=600)
    purpose = forms.CharField(label=_("What for"), max_length=200)
    submitted_date = DayField(label=_("Asked on"))
    plan_version = PlanNumberField(
        label=_("Number of the business plan"),
        help_text=_("Left empty, the newest plan that is ready is taken."),
    )
    savings_units = MoneyField(
        label=_("Savings seen"),
        required=False,
        help_text=_("Only what somebody saw in a passbook or account."),
    )
    recommendation = forms.ChoiceField(
        label=_("Recommendation"), choices=[*LATER, *OUTCOMES], required=False
    )
    recommended_units = MoneyField(label=_("Amount recommended"), required=False)
    note = forms.CharField(
        label=_("In a few sentences"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("What changed?"), ("units", "instalments", "purpose", "submitted_date")),
        Question(_("What is there already?"), ("plan_version", "savings_units"), folded=True),
        Question(
            _("What did you find?"),
            ("recommendation", *(f"{MARK}{name}" for name in CRITERIA), "recommended_units", "note",
             "reason"),
            _(
                "Only of a small loan, and of a borrower whom somebody else advises. What stayed as"
                " it was needs no word: it is taken over with the day it was told."
            ),
        ),
    )  # fmt: skip

    def __init__(
        self,
        *args: Any,
        staff: Any,
        criteria: tuple[str, ...] = (),
        days: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """Find plans the reader may see; say of each line when it was told."""
        super().__init__(*args, **options)
        field = self.fields["plan_version"]
        assert isinstance(field, PlanNumberField)
        field.staff = staff
        self.criteria = criteria
        if not criteria:
            for name in FINDINGS:
                del self.fields[name]
        for name in criteria:
            mark = forms.ChoiceField(label=CRITERIA[name], choices=ANCHORS, required=False)
            dress(mark)
            self.fields[f"{MARK}{name}"] = mark
        for name, day in (days or {}).items():
            if name in self.fields and not self.fields[name].help_text:
                told = _now("As told on %(day)s.") % {"day": format_day(date.fromisoformat(day))}
                self.fields[name].help_text = told

    def clean(self) -> dict[str, Any]:
        """An amount recommended or a reason without a recommendation asks for one."""
        told: dict[str, Any] = super().clean() or {}
        said = any(map(told.get, ("recommended_units", "reason")))
        if said and not told.get("recommendation"):
            self.add_error("recommendation", _("Say what you recommend, or leave all of it out."))
        return told
