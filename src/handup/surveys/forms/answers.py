"""The form of a questionnaire, made from its questions; it works without JavaScript."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm, MoneyField, dress
from handup.surveys.models import Question, QuestionnaireVersion
from handup.surveys.models.questionnaires import in_language
from handup.surveys.rules.codes import AMOUNT_KEYS, QuestionType
from handup.surveys.services import AnswerIn

REPEAT_ROWS = 3


def field_of(question: Question, label: str, currency: str) -> forms.Field:
    """The field of one question; what is left empty is no answer."""
    kind = QuestionType(question.type)
    if kind is QuestionType.SELECT_ONE:
        return forms.ChoiceField(
            label=label,
            required=False,
            choices=[("", "–"), *question.offered()],
            widget=forms.Select(attrs={"class": "form-select"}),
        )
    if kind is QuestionType.SELECT_MULTIPLE:
        return forms.MultipleChoiceField(
            label=label,
            required=False,
            choices=question.offered(),
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        )
    if kind is QuestionType.AMOUNT:
        return MoneyField(label=label, currency=currency, least_units=0, required=False)
    if kind is QuestionType.INTEGER:
        return forms.IntegerField(label=label, required=False, min_value=-(10**9), max_value=10**9)
    if kind is QuestionType.DATE:
        return DayField(label=label, required=False)
    return forms.CharField(label=label, required=False, max_length=2000)


class AnswerForm(HouseForm):
    """Consent first, then one field a question; rows of a repeat are numbered."""

    consented = forms.TypedChoiceField(
        label=_("Does she or he agree to answer?"),
        choices=[("1", _("yes")), ("0", _("no: nothing but the refusal is kept"))],
        coerce=lambda given: given == "1",
        widget=forms.RadioSelect,
    )
    answered_date = DayField(label=_("Day of the interview"))

    def __init__(
        self, *args: Any, version: QuestionnaireVersion, currency: str, **options: Any
    ) -> None:
        """Build the fields from the version's questions; amounts are in the programme's
        currency.
        """
        super().__init__(*args, **options)
        self.currency = currency
        self.asked: list[tuple[str, Question, int]] = []
        for question in version.questions.all():
            rows = range(REPEAT_ROWS) if question.repeat_path else range(1)
            for index in rows:
                self._add(question, index)
        for name in self.fields:
            self.fields[name].widget.attrs.setdefault("class", "form-control")

    def _add(self, question: Question, index: int) -> None:
        name = f"q{question.number}-{index}"
        label = str(question)
        if question.repeat_path:
            label = f"{label} ({index + 1})"
        field = field_of(question, label, self.currency)
        field.help_text = in_language(question.hints, "")
        self.fields[name] = field
        self.asked.append((name, question, index))

    def clean(self) -> dict[str, Any]:
        """Ask for what must be answered, unless the answer is no."""
        data = super().clean() or self.cleaned_data
        if data.get("consented"):
            for name, question, _index in self.asked:
                value = data.get(name)
                empty = value is None or value == "" or value == []
                if question.required and not question.repeat_path and empty:
                    self.add_error(
                        name,
                        ValidationError(_("This question must be answered."), code="required"),
                    )
        return data

    def answers(self) -> list[AnswerIn]:
        """The answers as the service takes them; what was left empty is left out."""
        found = []
        for name, question, index in self.asked:
            value = self.cleaned_data.get(name)
            if value is None or value == "" or value == []:
                continue
            text = " ".join(value) if isinstance(value, list) else str(value)
            amount = question.type == QuestionType.AMOUNT
            found.append(
                AnswerIn(
                    name=question.name,
                    value=text,
                    index=index,
                    currency=self.currency if amount else "",
                )
            )
        return found


def again_field_of(question: Question, currency: str) -> forms.Field:
    """The field of a question asked again: what was kept in the smallest unit the first time, by
    its type or by its key, is typed in the currency too. A loss may be below nothing.
    """
    kind = QuestionType(question.type)
    typed = kind in (QuestionType.INTEGER, QuestionType.DECIMAL, QuestionType.RANGE)
    if typed and question.handup_key in AMOUNT_KEYS:
        return MoneyField(label=str(question), currency=currency, least_units=None, required=False)
    return field_of(question, str(question), currency)


class AgainForm(HouseForm):
    """Some questions of a set of answers, asked a second time."""

    check_date = DayField(label=_("Day it was asked again"))

    def __init__(
        self, *args: Any, questions: Sequence[Question], currency: str, **options: Any
    ) -> None:
        """Build a field a question."""
        super().__init__(*args, **options)
        self.again = questions
        for question in questions:
            field = again_field_of(question, currency)
            field.help_text = in_language(question.hints, "")
            dress(field)
            self.fields[f"q{question.number}"] = field

    def answers(self) -> dict[str, str]:
        """The answers by the names of their questions."""
        found = {}
        for question in self.again:
            value = self.cleaned_data.get(f"q{question.number}")
            if value is not None and value != "" and value != []:
                found[question.name] = " ".join(value) if isinstance(value, list) else str(value)
        return found
