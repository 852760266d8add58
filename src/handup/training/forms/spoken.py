"""Forms of spoken tests: the questions, one sitting, the sound of an answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, dress
from handup.people.models.labels import CONSENT_METHOD
from handup.people.rules.codes import ConsentMethod
from handup.training.models import Enrolment, SpokenQuestion
from handup.training.models.labels import TEST_KIND, choices
from handup.training.rules.states import TestKind
from handup.training.services.spoken import MOST_ANSWER, QuestionIn

HOW = [(method.value, label) for method, label in CONSENT_METHOD.items()]
FULL_POINTS = 5


class SpokenTestForm(HouseForm):
    """A test asked aloud."""

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.TypedChoiceField(label=_("When"), choices=choices(TEST_KIND), coerce=TestKind)
    test_date = DayField(label=_("Date"))
    pair = forms.CharField(
        label=_("Name of the linked forms, when a first and a last test belong together"),
        max_length=40,
        required=False,
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for the questions under the name they have elsewhere, which a form's own hides."""
        super().__init__(*args, **options)
        lines = forms.CharField(
            label=_("Questions"),
            widget=forms.Textarea(attrs={"rows": 8}),
            max_length=20_000,
            help_text=_(
                "One a line. Write the points behind a semicolon: What is a cost price?; 3. Without"
                " points a question has five."
            ),
        )
        dress(lines)
        self.fields["questions"] = lines
        self.order_fields(("title", "kind", "test_date", "questions", "pair"))

    def clean_questions(self) -> list[QuestionIn]:
        """Read the lines; one whose points are no number is told by its place."""
        found = []
        lines = [line for line in self.cleaned_data["questions"].splitlines() if line.strip()]
        for number, line in enumerate(lines, start=1):
            text, mark, points = line.rpartition(";")
            if not mark:
                found.append(QuestionIn(line.strip(), FULL_POINTS))
                continue
            typed = points.strip()
            if not (typed.isascii() and typed.isdecimal() and len(typed) < 5):
                raise forms.ValidationError(
                    _now("Question %(number)s: “%(points)s” is no number of points.")
                    % {"number": number, "points": typed[:20]}
                )
            found.append(QuestionIn(text.strip(), int(typed)))
        return found


class AskForm(HouseForm):
    """Who was asked, when, and each question with its points and answer."""

    enrolment = forms.ChoiceField(label=_("Who was asked?"))
    sat_date = DayField(label=_("Asked on"))
    heard_by: Any = forms.ModelChoiceField(
        label=_("Who heard the answers"),
        queryset=StaffUser.objects.none(),
        required=False,
        help_text=_("Left empty, it is you."),
    )

    def __init__(
        self,
        *args: Any,
        rows: Any,
        hearers: Any,
        questions: Sequence[SpokenQuestion],
        **options: Any,
    ) -> None:
        """Offer whoever is on the roll, and ask each question."""
        super().__init__(*args, **options)
        self.roll: dict[str, Enrolment] = {str(row.pk): row for row in rows}
        who, heard = self.fields["enrolment"], self.fields["heard_by"]
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(heard, forms.ModelChoiceField)
        named = [(pk, str(row.person)) for pk, row in self.roll.items()]
        who.choices = [("", _now("choose")), *named]
        heard.queryset = hearers
        for one in questions:
            points = forms.IntegerField(
                label=_now("%(question)s Points, 0 to %(most)s")
                % {"question": str(one), "most": one.most_points},
                min_value=0,
                max_value=one.most_points,
            )
            answer = forms.CharField(
                label=_now("What she answered to question %(number)s") % {"number": one.number},
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=MOST_ANSWER,
                required=False,
            )
            asked: dict[str, forms.Field] = {"points": points, "answer": answer}
            for name, field in asked.items():
                dress(field)
                self.fields[f"{name}_{one.number}"] = field

    def clean_enrolment(self) -> Enrolment:
        """Whoever was chosen."""
        return self.roll[self.cleaned_data["enrolment"]]


class SoundForm(HouseForm):
    """The recorded sound, and how she said yes to it."""

    agreed_how = forms.TypedChoiceField(
        label=_("How she said yes to being recorded"),
        choices=[("", _("She said no, or was not asked")), *HOW],
        coerce=ConsentMethod,
        empty_value=None,
        required=False,
    )
    sound = forms.FileField(
        label=_("Recorded sound"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": "audio/*"}),
    )


class AwayForm(HouseForm):
    """Nothing is asked."""
