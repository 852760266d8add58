"""The form of a needs assessment."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, Office, StaffUser
from handup.org.web.filters import whole_number
from handup.org.web.forms import DayField
from handup.projects.models import Programme
from handup.training.forms.fields import StaffForm
from handup.training.models import Course
from handup.training.models.labels import choices
from handup.training.models.needs import ASKED_BY
from handup.training.rules.needs import AskedBy
from handup.training.services.needs import TopicIn

MOST = 1_000_000


class NeedsForm(StaffForm):
    """Whom was asked, how, and what they want to learn."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    area: Any = forms.ModelChoiceField(Area.objects.none(), label=_("Area"), required=False)
    office: Any = forms.ModelChoiceField(Office.objects.none(), label=_("Office"), required=False)
    asked_date = DayField(label=_("Asked on"))
    asked_by = forms.TypedChoiceField(
        label=_("How it was asked"), choices=choices(ASKED_BY), coerce=AskedBy
    )
    women = forms.IntegerField(label=_("Women asked"), min_value=0, max_value=MOST)
    men = forms.IntegerField(label=_("Men asked"), min_value=0, max_value=MOST)
    findings = forms.CharField(
        label=_("What was found"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
    topics = forms.CharField(
        label=_("What they want to learn, one a line: topic; how many; code of the course"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("For example: Cost price; 24; BUS. The course may be left out. Name nobody."),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Keep who may see which course."""
        self.staff = staff
        super().__init__(*args, staff=staff, **options)

    def clean_topics(self) -> list[TopicIn]:
        """Read each line; name the first one that is not understood."""
        courses = {row.code.casefold(): row for row in Course.objects.visible_to(self.staff)}
        found = []
        for number, line in enumerate(self.cleaned_data["topics"].splitlines(), 1):
            if not line.strip():
                continue
            parts = [*line.replace("\t", ";").split(";"), "", ""]
            topic, wanted, code, more = parts[0], parts[1], parts[2], parts[3:]
            count = whole_number(wanted.strip(), MOST)
            course = courses.get(code.strip().casefold())
            said = topic.strip() and len(topic.strip()) <= 120 and 0 < count < MOST
            if not said or any(part.strip() for part in more) or (code.strip() and course is None):
                raise forms.ValidationError(
                    _("Line %(number)s needs a topic, how many want it, and a course we have."),
                    params={"number": number},
                )
            found.append(TopicIn(topic.strip(), count, course))
        return found
