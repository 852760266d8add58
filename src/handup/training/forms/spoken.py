"""Forms of spoken tests: the questions, one sitting, the sound of an answer."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question, dress
from handup.people.models.labels import CONSENT_METHOD
from handup.people.rules.codes import ConsentMethod
from handup.training.models import Enrolment, SpokenQuestion
from handup.training.models.labels import TEST_KIND, choices
from handup.training.rules.states import TestKind
from handup.training.services.spoken import MOST_ANSWER, QuestionIn
from handup.training.services.spoken_sounds import QUESTION_MOST

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
    """Who was asked, when, and each question with its points and answer; a page shows one step of
    it, the rest travels with it."""

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
        self.steps: list[tuple[str, ...]] = [tuple(self.fields)]
        self.step: int | None = None
        self.roll: dict[str, Enrolment] = {str(row.pk): row for row in rows}
        who, heard = self.fields["enrolment"], self.fields["heard_by"]
        assert isinstance(who, forms.ChoiceField)
        assert isinstance(heard, forms.ModelChoiceField)
        named = [(pk, str(row.person)) for pk, row in self.roll.items()]
        who.choices = [("", _now("choose")), *named]
        heard.queryset = hearers
        for one in questions:
            points = forms.IntegerField(
                label=_now("Points, 0 to %(most)s") % {"most": one.most_points},
                min_value=0,
                max_value=one.most_points,
            )
            answer = forms.CharField(
                label=_now("What she answered"),
                widget=forms.Textarea(attrs={"rows": 2}),
                max_length=MOST_ANSWER,
                required=False,
            )
            asked: dict[str, forms.Field] = {"points": points, "answer": answer}
            for name, field in asked.items():
                dress(field)
                self.fields[f"{name}_{one.number}"] = field
            self.steps.append((f"points_{one.number}", f"answer_{one.number}"))

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """The fields of the step that is shown."""
        return [(None, [self[name] for name in self._here])]

    @property
    def elsewhere(self) -> list[BoundField]:
        """The fields of every other step."""
        return [bound for bound in self.visible_fields() if bound.name not in self._here]

    @property
    def _here(self) -> tuple[str, ...]:
        return self.steps[self.step or 0]

    def judge(self, step: int) -> bool:
        """Whether a step can be left; what the others lack is not said there."""
        self.step = step
        for name in [name for name in self.errors if name not in self.steps[step]]:
            del self.errors[name]
        return not self.errors

    def first_wrong(self) -> int:
        """The first step where something is wrong; the last where nothing is."""
        wrong = [place for place, names in enumerate(self.steps) if set(names) & set(self.errors)]
        return wrong[0] if wrong else len(self.steps) - 1

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


class QuestionSoundForm(HouseForm):
    """The question as it is read out."""

    sound = forms.FileField(
        label=_("Recorded question"),
        max_length=200,
        widget=forms.ClearableFileInput(attrs={"accept": "audio/*"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Say in the reader's language what is taken."""
        super().__init__(*args, **options)
        most = QUESTION_MOST // 1000
        told = _now("OGG, WebM, MP3, MP4 or WAV, %(most)s kB at most.") % {"most": most}
        self.fields["sound"].help_text = told


class AwayForm(HouseForm):
    """Nothing is asked."""
