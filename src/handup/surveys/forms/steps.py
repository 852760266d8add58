"""One step of a compiled form as fields of a page; the server judges each step by the form's own
rules, and faults stand beside their questions.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import HouseForm, dress
from handup.surveys.rules.answers import FaultKind
from handup.surveys.rules.form.model import Field
from handup.surveys.rules.form.pages import Shown, row_of
from handup.surveys.rules.form.recheck import faults_at
from handup.surveys.rules.form.steps import Look, holds, item_label, offered, say, settle
from handup.surveys.rules.xpath.nodes import Node

RADIOS_MOST = 7


class StepForm(HouseForm):
    """The questions of a step; `apply` writes what was answered into the tree."""

    def __init__(self, *args: Any, look: Look, questions: Sequence[Shown], **options: Any) -> None:
        """Build a field a question, in the language of the look."""
        super().__init__(*args, **options)
        self.look = look
        self.offers: dict[str, list[str]] = {}
        self.asked = [one for one in questions if not self._is_note(one)]
        self.notes = [say(look, one.field.wording.label, one.node) for one in questions
                      if self._is_note(one)]  # fmt: skip
        for one in self.asked:
            field = self._field(one)
            field.required = False
            field.initial = self._initial(one)
            field.help_text = say(look, one.field.wording.hint, one.node)
            dress(field)
            self.fields[one.place] = field

    def _is_note(self, one: Shown) -> bool:
        field = one.field
        return field.readonly is not None and holds(self.look, field.readonly, one.node)

    def _label(self, one: Shown) -> str:
        label = say(self.look, one.field.wording.label, one.node) or one.field.name
        number = row_of(one.place)
        return f"{label} ({number})" if number else label

    def _initial(self, one: Shown) -> Any:
        return one.node.text.split() if one.field.several else one.node.text

    def _field(self, one: Shown) -> forms.Field:
        label, field = self._label(one), one.field
        if field.choices is not None:
            return self._choice(one, label)
        if field.control == "trigger":
            return forms.ChoiceField(
                label=label, choices=[("OK", _("yes"))], widget=forms.RadioSelect
            )
        widget: forms.Widget = forms.TextInput()
        if field.type in {"int", "decimal"}:
            widget = forms.TextInput(attrs={"inputmode": "decimal"})
        elif field.type in {"date", "time"}:
            widget = forms.TextInput(attrs={"type": field.type})
        return forms.CharField(label=label, max_length=2000, widget=widget)

    def _choice(self, one: Shown, label: str) -> forms.Field:
        choices = one.field.choices
        assert choices is not None
        found = [
            (held[0].text, item_label(self.look.form, choices, item, self.look.language))
            for item in offered(self.look, choices, one.node)
            if (held := item.children.get(choices.value))
        ]
        self.offers[one.place] = [code for code, _label in found]
        if one.field.several:
            return forms.MultipleChoiceField(
                label=label, choices=found, widget=forms.CheckboxSelectMultiple
            )
        if len(found) <= RADIOS_MOST:
            return forms.ChoiceField(label=label, choices=found, widget=forms.RadioSelect)
        return forms.ChoiceField(label=label, choices=[("", "\u2013"), *found])

    def apply(self) -> None:
        """Write what was posted into the tree, right or wrong, and compute what follows."""
        for one in self.asked:
            if one.field.several:
                posted = self.data
                many = posted.getlist(one.place) if isinstance(posted, MultiValueDict) else []
                one.node.text = " ".join(many)
            else:
                one.node.text = str(self.data.get(one.place, "")).strip()
        settle(self.look)

    def reoffered(self) -> list[Shown]:
        """The questions which what was answered made offer something else; an answer that is
        offered no more is taken back.
        """
        found = []
        for one in self.asked:
            if one.field.choices is None or self.offers[one.place] == self._codes(one):
                continue
            found.append(one)
            now = self._codes(one)
            kept = one.node.text.split() if one.field.several else [one.node.text]
            one.node.text = " ".join(code for code in kept if code in now)
        if found:
            settle(self.look)
        return found

    def _codes(self, one: Shown) -> list[str]:
        choices = one.field.choices
        assert choices is not None
        items = offered(self.look, choices, one.node)
        return [held[0].text for item in items if (held := item.children.get(choices.value))]

    def judge(self) -> bool:
        """Put each fault beside its question; true when there is none."""
        for one in self.asked:
            for kind in faults_at(self.look, one.field, one.node):
                self.add_error(one.place, sentence(self.look, one.field, one.node, kind))
        return not self.errors


def sentence(look: Look, field: Field, node: Node, kind: FaultKind) -> str:
    """What is wrong with an answer, in the words of its question where it has any."""
    wording = field.wording
    if kind is FaultKind.REQUIRED:
        return say(look, wording.required, node) or _now("This question must be answered.")
    if kind is FaultKind.CONSTRAINT:
        return say(look, wording.constraint, node) or _now("This answer is not possible here.")
    if kind is FaultKind.CHOICE:
        return _now("Choose one of the answers offered.")
    return {
        "int": _now("Write a whole number."),
        "decimal": _now("Write a number, with a point before decimals."),
        "date": _now("Write a date as 2026-03-15."),
        "time": _now("Write a time as 14:30."),
    }.get(field.type, _now("This answer cannot be read."))
