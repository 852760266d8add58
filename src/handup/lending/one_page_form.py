"""The form of a small loan that is asked for and appraised on one page."""

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import ANCHORS, CRITERIA, ApplicationForm
from handup.lending.models.labels import OUTCOMES
from handup.org.web.forms import MoneyField, Question, dress

LATER = [("", _("Another person appraises it later"))]


class OnePageForm(ApplicationForm):
    """A request for a loan; of a small one also what whoever visits her found. appraises: whether
    the reader appraises, and any product has such loans.
    """

    recommendation = forms.ChoiceField(
        label=_("Recommendation"), choices=[*LATER, *OUTCOMES], required=False
    )
    recommended = forms.CharField(label=_("Amount recommended"), max_length=30, required=False)
    note = forms.CharField(
        label=_("In a few sentences"), widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )
    questions: ClassVar[tuple[Question, ...]] = (
        *ApplicationForm.questions,
        Question(
            _("What did you find?"),
            ("recommendation", *(f"anchor_{name}" for name in CRITERIA), "recommended", "note",
             "reason"),
            _("Only of a small loan, and of a borrower whom somebody else advises."),
            folded=True,
        ),
    )  # fmt: skip

    def __init__(self, *args: Any, appraises: bool, **options: Any) -> None:
        """Leave the findings out where they are not asked."""
        super().__init__(*args, **options)
        if not appraises:
            for name in ("recommendation", "recommended", "note", "reason"):
                del self.fields[name]
            return
        for name, label in CRITERIA.items():
            mark = forms.ChoiceField(label=label, choices=ANCHORS, required=False)
            dress(mark)
            self.fields[f"anchor_{name}"] = mark

    def clean(self) -> dict[str, Any]:
        """Read the amount recommended; what is found without a recommendation asks for one."""
        told = super().clean()
        version = told.get("product_version")
        if version is not None and told.get("recommended"):
            field = MoneyField(currency=version.terms["currency"], required=False)
            try:
                told["recommended_units"] = field.clean(told["recommended"])
            except forms.ValidationError as error:
                self.add_error("recommended", error)
        said = ("recommended", "note", "reason")
        if not told.get("recommendation") and (any(map(told.get, said)) or self.anchors(told)):
            self.add_error("recommendation", _("Say what you recommend, or leave all of it out."))
        return told

    @staticmethod
    def anchors(told: dict[str, Any]) -> dict[str, int]:
        """The marks given."""
        return {name: int(mark) for name in CRITERIA if (mark := told.get(f"anchor_{name}"))}
