"""Answers as they should have been, as fields that hold what stands there now."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm, MoneyField, dress
from handup.org.web.money import as_decimal
from handup.surveys.forms.answers import field_of
from handup.surveys.models import Question
from handup.surveys.models.questionnaires import in_language
from handup.surveys.rules.codes import QuestionType
from handup.surveys.services import ChangeIn
from handup.surveys.services.corrections import Place, plain_changes

CHOSEN = (QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE, QuestionType.AMOUNT)


class CorrectionForm(HouseForm):
    """A field for every place where something may stand, then the reason."""

    def __init__(
        self,
        *args: Any,
        now: Mapping[Place, str],
        questions: Mapping[str, Question],
        currency: str,
        **options: Any,
    ) -> None:
        """Build the fields; what no question asks can only be taken out."""
        super().__init__(*args, **options)
        self.now = now
        self.places: dict[str, Place] = {}
        self.currency = currency
        for number, (place, value) in enumerate(now.items()):
            question = questions.get(place[0])
            if question is not None:
                name = f"a{number}"
                self.places[name] = place
                self.fields[name] = self._field(question, place, value)
        reason = forms.CharField(label=_("Why it is corrected"), max_length=300)
        dress(reason)
        self.fields["reason"] = reason

    def _field(self, question: Question, place: Place, value: str) -> forms.Field:
        label = f"{question} ({place[1] + 1})" if question.repeat_path else str(question)
        if question.type in CHOSEN:
            field = field_of(question, label, self.currency)
        else:
            field = forms.CharField(label=label, required=False, max_length=2000)
        field.initial = self._initial(field, value)
        field.help_text = in_language(question.hints, "")
        if isinstance(field, forms.ChoiceField):
            self._offer_what_stands(field, value)
        dress(field)
        return field

    def _initial(self, field: forms.Field, value: str) -> Any:
        if isinstance(field, forms.MultipleChoiceField):
            return value.split()
        if isinstance(field, MoneyField) and value.lstrip("-").isdigit():
            return f"{as_decimal(int(value), self.currency):f}"
        return value

    @staticmethod
    def _offer_what_stands(field: forms.ChoiceField, value: str) -> None:
        """What was answered can stay, even if it is offered no more."""
        offered: Any = field.choices
        choices = [(str(code), label) for code, label in offered]
        known = {code for code, _label in choices}
        several = isinstance(field, forms.MultipleChoiceField)
        given = value.split() if several else [value]
        field.choices = [*choices, *((one, one) for one in given if one and one not in known)]

    def changes(self) -> list[ChangeIn]:
        """What differs from what stands there."""
        after: dict[Place, str] = {}
        for name, place in self.places.items():
            if name not in self.changed_data:
                continue
            value = self.cleaned_data.get(name)
            text = (
                " ".join(value) if isinstance(value, list) else str("" if value is None else value)
            )
            after[place] = text
        return plain_changes(self.now, after)


class ReasonForm(HouseForm):
    """Why a round is opened again."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class WithdrawalForm(HouseForm):
    """When somebody asked for her answers to be withdrawn."""

    asked_date = DayField(label=_("Day she or he asked for it"))
    reason = forms.CharField(label=_("Note"), max_length=300, required=False)
