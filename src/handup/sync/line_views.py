"""Two records of one meeting beside each other, and a choice for each line in which they differ."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import dress
from handup.org.web.money import format_day
from handup.sync import services
from handup.sync.errors import NotASecondRecord
from handup.sync.record_views import ChooseRecord, KeysForm, about, confirmed, record_in, says
from handup.sync.records import Line, Lines, lines_apart

FIRST, SECOND, BOTH = "FIRST", "SECOND", "BOTH"
NOTHING = _("nothing")


class LinesForm(KeysForm):
    """Which record is right in each line, why the box differs, and who agreed."""

    reason = forms.CharField(
        label=_("Why the box differs"),
        help_text=_("Needed when the lines kept do not come to what was counted at the closing."),
        max_length=300,
        required=False,
    )

    def __init__(self, *args: Any, lines: tuple[Line, ...], currency: str, **options: Any) -> None:
        """Ask about each line that differs, before the keys."""
        super().__init__(*args, **options)
        asked: dict[str, forms.Field] = {}
        for line in lines:
            asked[f"line_{line.key}"] = field = forms.ChoiceField(
                label=_label(line),
                choices=_answers(line, currency),
                initial=FIRST,
                widget=forms.RadioSelect,
            )
            dress(field)
        self.fields = {**asked, **self.fields}


def _label(line: Line) -> str:
    of = about(line.pair)
    name = line.pair.name.replace("_", " ")
    return f"{name}: {of}" if of else name


def _answers(line: Line, currency: str) -> list[tuple[str, Any]]:
    first = says(line.pair.first, currency) if line.first else NOTHING
    second = says(line.pair.second, currency) if line.second else NOTHING
    answers = [
        (FIRST, format_lazy("{}: {}", _("First record"), first)),
        (SECOND, format_lazy("{}: {}", _("Second record"), second)),
    ]
    if line.first and line.second and line.pair.name != "record_attendance":
        answers.append((BOTH, _("Both happened")))
    return answers


def chosen(apart: Lines, values: dict[str, Any]) -> tuple[list[UUID], list[UUID]]:
    """The ids of the facts of the first record that are not kept, and of those of the second that
    are taken."""
    drop: list[UUID] = []
    take: list[UUID] = []
    for line in apart.lines:
        answer = values.get(f"line_{line.key}", FIRST)
        if line.first is not None and answer == SECOND:
            drop.append(line.first.pk)
        if line.second is not None and answer in {SECOND, BOTH}:
            take.append(UUID(line.second.fact.id))
    return drop, take


class ChooseLines(ChooseRecord):
    """Which record is right, line by line; the first stays the chain of its phone."""

    form_class = LinesForm
    title = _("Choose line by line")
    intro = _(
        "The first record stays, and so does what was counted. A line that is not kept is reversed."
        " A line taken from the second record is written down anew. What is not asked here is"
        " recorded at the next meeting."
    )

    def apart(self) -> Lines | None:
        """The lines in which the two records of the meeting differ."""
        record = record_in(self.subject)
        return None if record is None else lines_apart(self.group(), record)

    def lead(self) -> Any:
        """Which meeting it is about, or that there is nothing to choose."""
        apart = self.apart()
        if apart is None or not apart.lines:
            return _("There is no line here to choose.")
        of = gettext("Meeting %(number)d of %(day)s.") % {
            "number": apart.meeting.number,
            "day": format_day(apart.meeting.held_date),
        }
        return f"{of} {self.intro}"

    def form_options(self) -> dict[str, Any]:
        """The lines too."""
        apart = self.apart()
        told = {"lines": apart.lines if apart else (), "currency": self.group().currency}
        return {**super().form_options(), **told}

    def perform(self, values: dict[str, Any]) -> Any:
        """Choose. Raises NotASecondRecord."""
        record, apart = record_in(self.subject), self.apart()
        if record is None or apart is None:
            raise NotASecondRecord
        drop, take = chosen(apart, values)
        return services.accept_lines(
            acting_staff=self.staff,
            group=self.group(),
            tip=record.tip,
            drop=drop,
            take=take,
            confirmed_by=confirmed(values),
            reason=values["reason"],
        )
