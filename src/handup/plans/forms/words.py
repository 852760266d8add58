"""Forms of what a plan says in words: the parts of a full one, the screening, the steps."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import WHOLE_BPS
from handup.org.web.forms import DayField, HouseForm, Question, dress
from handup.plans.forms.parts import EditedForm
from handup.plans.models.labels import DEPTH, choices
from handup.plans.models.part_labels import ANSWER, HARM, TOPIC
from handup.plans.rules.inputs import OwnWhatIf
from handup.plans.rules.parts import TOPICS, Answer, Harm, Part, Screened, Topic
from handup.plans.services import ActionIn, AnswerIn

STEPS = 6  # rows at least; a plan of more has as many as it has, and some to write on
SCENARIOS = 3
MOST_STEPS, MOST_SCENARIOS = 50, 20
FREE = 2
SHARES = (
    ("sales", _("Pieces sold, percent of the plan")),
    ("price", _("Prices, percent of the plan")),
    ("material", _("Cost of material, percent of the plan")),
)


class Asked(EditedForm):
    """A form whose fields are made when it is opened, each under its question."""

    page_questions: tuple[Question, ...] = ()

    def rows_for(self, name: str, least: int, most: int) -> range:
        """As many rows as were told, some more to write on, or those that were sent in."""
        kept = _rows_of(name, self.initial)
        return range(min(most, max(least, kept + FREE if kept else 0, _rows_of(name, self.data))))

    @property
    def groups(self) -> Any:
        """The fields by question."""
        return [(item, [self[name] for name in item.fields]) for item in self.page_questions]


def _rows_of(name: str, told: Mapping[str, Any]) -> int:
    """How many rows of a name there are: one more than the highest place."""
    places = [key.removeprefix(f"{name}_") for key in told if key.startswith(f"{name}_")]
    return max((int(place) + 1 for place in places if place.isdecimal()), default=0)


class PartForm(Asked):
    """The questions of one part: an answer each, or "I don't know"."""

    def __init__(self, *args: Any, part: Part, **options: Any) -> None:
        """Make an answer and a tick for each question of the part."""
        super().__init__(*args, **options)
        self.topics: tuple[Topic, ...] = TOPICS[part]
        asked = []
        for topic in self.topics:
            name = topic.lower()
            self.fields[name] = forms.CharField(
                label=_("Answer"),
                required=False,
                max_length=4_000,
                widget=forms.Textarea(attrs={"rows": 3}),
            )
            self.fields[f"{name}_unknown"] = forms.BooleanField(
                label=_("I don't know yet"), required=False
            )
            asked.append(Question(TOPIC[topic], (name, f"{name}_unknown")))
        for field in self.fields.values():
            dress(field)
        self.page_questions = tuple(asked)

    def clean(self) -> dict[str, Any]:
        """Gather the answers into what the service takes."""
        values = super().clean() or {}
        values["answers"] = [
            AnswerIn(
                topic,
                values.get(topic.lower()) or "",
                bool(values.get(f"{topic.lower()}_unknown")),
            )
            for topic in self.topics
        ]
        return values


class ScreeningForm(Asked):
    """The five questions about harm to people and nature."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make a choice for each question, and room for what will be done."""
        super().__init__(*args, **options)
        asked = []
        for harm in Harm:
            name = harm.lower()
            self.fields[name] = forms.ChoiceField(
                label=_("Answer"), choices=choices(ANSWER), widget=forms.RadioSelect
            )
            fields = [name]
            if harm is not Harm.EXCLUDED:
                self.fields[f"{name}_measure"] = forms.CharField(
                    label=_("If yes: what will be done about it?"),
                    required=False,
                    max_length=500,
                )
                fields.append(f"{name}_measure")
            asked.append(Question(HARM[harm], tuple(fields)))
        self.fields["screened_date"] = DayField(label=_("Day"))
        asked.append(Question(_("When was this asked?"), ("screened_date",)))
        for field in self.fields.values():
            dress(field)
        self.page_questions = tuple(asked)

    def clean(self) -> dict[str, Any]:
        """Gather the answers into what the service takes."""
        values = super().clean() or {}
        if not self.errors:
            values["answers"] = [
                Screened(
                    harm,
                    Answer(values[harm.lower()]),
                    values.get(f"{harm.lower()}_measure") or "",
                )
                for harm in Harm
            ]
        return values


class ActionsForm(Asked):
    """The steps to take: what, by whom, until when; rows without words are left out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make a row for each step."""
        super().__init__(*args, **options)
        asked = []
        self.places = self.rows_for("what", STEPS, MOST_STEPS)
        for place in self.places:
            names = (f"what_{place}", f"who_{place}", f"due_{place}")
            self.fields[names[0]] = forms.CharField(
                label=_("What is to be done?"), required=False, max_length=200
            )
            self.fields[names[1]] = forms.CharField(
                label=_("By whom?"), required=False, max_length=120
            )
            self.fields[names[2]] = DayField(label=_("Until when?"), required=False)
            title = _("Step %(number)s") % {"number": place + 1}
            asked.append(Question(title, names, folded=place > 2))
        for field in self.fields.values():
            dress(field)
        self.page_questions = tuple(asked)

    def clean(self) -> dict[str, Any]:
        """Gather the steps into what the service takes; a step without its end names the field."""
        values = super().clean() or {}
        points = []
        for place in self.places:
            what, who = values.get(f"what_{place}"), values.get(f"who_{place}")
            due = values.get(f"due_{place}")
            if not what and not who and not due:
                continue
            for name, value in ((f"what_{place}", what), (f"who_{place}", who)):
                if not value:
                    self.add_error(name, _("A step says what is to be done and by whom."))
            if due is None:
                self.add_error(f"due_{place}", _("A step says until when it is done."))
            else:
                points.append(ActionIn(what or "", who or "", due))
        values["points"] = points
        return values


class ScenariosForm(Asked):
    """What-ifs of the plan's own; rows without a name are left out."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Make a row for each what-if."""
        super().__init__(*args, **options)
        asked = []
        self.places = self.rows_for("name", SCENARIOS, MOST_SCENARIOS)
        for place in self.places:
            row = {
                "name": forms.CharField(label=_("What may happen?"), required=False, max_length=80),
                **{
                    share: forms.DecimalField(
                        label=label,
                        min_value=0,
                        max_value=1_000,
                        decimal_places=2,
                        required=False,
                        initial=100,
                    )
                    for share, label in SHARES
                },
                "late": forms.IntegerField(
                    label=_("All begins so many months later"),
                    min_value=0,
                    max_value=60,
                    required=False,
                ),
                "lost": forms.IntegerField(
                    label=_("Nothing is sold in month"), min_value=0, max_value=60, required=False
                ),
            }
            for name, field in row.items():
                dress(field)
                self.fields[f"{name}_{place}"] = field
            title = _("What if %(number)s") % {"number": place + 1}
            names = tuple(f"{name}_{place}" for name in row)
            asked.append(Question(title, names, folded=place > 0))
        self.page_questions = tuple(asked)

    def clean(self) -> dict[str, Any]:
        """Gather the what-ifs into what the service takes."""
        values = super().clean() or {}

        def bps(name: str) -> int:
            told = values.get(name)
            return WHOLE_BPS if told is None else int(told * 100)

        values["scenarios"] = [
            OwnWhatIf(
                values[f"name_{place}"],
                bps(f"sales_{place}"),
                bps(f"price_{place}"),
                bps(f"material_{place}"),
                values.get(f"late_{place}") or 0,
                values.get(f"lost_{place}") or 0,
            )
            for place in self.places
            if values.get(f"name_{place}")
        ]
        return values


class FrameForm(EditedForm):
    """What the plan is about and how far it looks."""

    title = forms.CharField(label=_("What is the business?"), max_length=200)
    idea = forms.CharField(
        label=_("The idea, and who benefits"), required=False, widget=forms.Textarea
    )
    horizon_months = forms.IntegerField(
        label=_("Months"),
        min_value=1,
        max_value=60,
        help_text=_("As long as the loan, or longer. New months repeat those of the year before."),
    )
    depth = forms.ChoiceField(label=_("How deep?"), choices=choices(DEPTH))


class DoneForm(HouseForm):
    """The day a step was taken."""

    done_date = DayField(label=_("Day"))
