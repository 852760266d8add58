"""A whole questionnaire on one page, typed from paper with the keyboard alone: choices by the marks
printed beside them, faults beside their questions.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import Grant, StaffUser
from handup.org.web.forms import DayField, HouseForm, dress
from handup.surveys.forms.answers import AnswerForm
from handup.surveys.forms.steps import sentence
from handup.surveys.permissions import PERMISSIONS
from handup.surveys.rules.answers import FaultKind
from handup.surveys.rules.form.pages import row_of
from handup.surveys.rules.form.steps import Look, item_label, say
from handup.surveys.rules.form.whole import OnPaper, codes_of, marks, wrong

BESIDES = ("answered_date", "asked_by")


def askers() -> Any:
    """Staff with a live grant that lets them ask."""
    today = timezone.localdate()
    roles = [role.value for role in PERMISSIONS["surveys.record_submission"]]
    live = Grant.objects.filter(role__in=roles, starts__lte=today, ends__gte=today)
    return StaffUser.objects.working().filter(pk__in=live.values("staff_id"))


def besides(form: forms.Form) -> None:
    """Ask first when it was answered and who asked."""
    first: dict[str, forms.Field] = {
        "answered_date": DayField(label=_("Day of the interview")),
        "asked_by": forms.ModelChoiceField(askers(), label=_("Who asked the questions")),
    }
    for name, field in first.items():
        dress(field)
        form.fields[name] = field
    form.order_fields(BESIDES)


class PaperForm(HouseForm):
    """A compiled form as it is typed; `apply` of the answers has been done before it is built."""

    def __init__(
        self, *args: Any, look: Look, asked: Sequence[OnPaper], typed: Mapping[str, Sequence[str]],
        **options: Any,
    ) -> None:  # fmt: skip
        """Build a field a question, in the language of the look."""
        super().__init__(*args, **options)
        besides(self)
        self.look, self.asked = look, asked
        for one in asked:
            attrs = {"autocomplete": "off", "spellcheck": "false"}
            if one.field.type in {"int", "decimal"}:
                attrs["inputmode"] = "decimal"
            if one.field.type == "date":
                attrs["placeholder"] = _now("2026-03-15")
            field = forms.CharField(
                label=self._label(one), required=False, widget=forms.TextInput(attrs=attrs)
            )
            field.initial = " ".join(typed.get(one.place, [one.node.text]))
            field.help_text = self._help(one)
            dress(field)
            self.fields[one.place] = field

    def _label(self, one: OnPaper) -> str:
        label = say(self.look, one.field.wording.label, one.node) or one.field.name
        number = row_of(one.place)
        return f"{label} ({number})" if number else label

    def _help(self, one: OnPaper) -> str:
        found = [say(self.look, one.field.wording.hint, one.node)]
        if one.field.choices is not None:
            found.append(" · ".join(f"{mark} {word}" for mark, word in self._offers(one)))
        elif one.field.control == "trigger":
            found.append(_now("Write OK where it was read."))
        if not one.applies:
            found.append(_now("Does not apply after what was answered above."))
        return " ".join(text for text in found if text)

    def _offers(self, one: OnPaper) -> list[tuple[str, str]]:
        choices = one.field.choices
        assert choices is not None
        items = self.look.form.items.get(choices.instance, {})
        return [
            (mark, item_label(self.look.form, choices, items[code][0], self.look.language))
            for code, mark in marks(codes_of(self.look.form, choices)).items()
            if items.get(code)
        ]

    def judge(self, *, whole: bool) -> bool:
        """Put each fault beside its question; true when there is none."""
        self.full_clean()
        if not whole:
            _forget_missing(self)
        by_place = {one.place: one for one in self.asked}
        for place, kind in wrong(self.look, self.asked, whole=whole):
            one = by_place[place]
            if kind is FaultKind.IRRELEVANT:
                text = _now("Does not apply after what was answered above. Leave it empty.")
            else:
                text = sentence(self.look, one.field, one.node, kind)
            self.add_error(place, text)
        return not self.errors


class PlainPaperForm(AnswerForm):
    """A questionnaire that came without a spreadsheet, on one page with who asked."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """The questions, with the day and who asked before them."""
        super().__init__(*args, **options)
        besides(self)
        self.order_fields((*BESIDES, "consented"))

    def judge(self, *, whole: bool) -> bool:
        """Put each fault beside its question; true when there is none."""
        self.full_clean()
        if not whole:
            _forget_missing(self)
        return not self.errors

    def only_lacks(self) -> bool:
        """Whether nothing is wrong but what is missing, so that nothing typed would be lost."""
        return all(_is_missing(errors.as_data()) for errors in self.errors.values())


def _is_missing(errors: Sequence[ValidationError]) -> bool:
    return all(one.code == "required" for one in errors)


def _forget_missing(form: forms.Form) -> None:
    """Take back what is wrong only because it is not typed yet."""
    errors = form.errors
    for name in [name for name, held in errors.items() if _is_missing(held.as_data())]:
        del errors[name]
