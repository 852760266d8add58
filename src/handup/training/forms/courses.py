"""Forms about courses: curricula, cohorts, sessions, enrolments, tests."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, Office, StaffUser
from handup.org.web.filters import whole_number
from handup.org.web.forms import DayField, HouseForm, Question
from handup.projects.models import Organisation, Programme
from handup.training.forms.fields import PersonsField, StaffForm
from handup.training.models import (
    Cohort,
    Course,
    Curriculum,
    Enrolment,
    Session,
    SessionPlan,
)
from handup.training.models.labels import (
    COURSE_TYPE,
    DROPOUT_REASON,
    ENROLMENT_STATE,
    PASS_RULE,
    TASK_FORM,
    TEST_FORM,
    TEST_KIND,
    choices,
)
from handup.training.rules.practical import TaskForm
from handup.training.rules.states import (
    CourseType,
    CurriculumState,
    DropoutReason,
    EnrolmentState,
    PassRule,
    TestForm,
    TestKind,
)


class CurriculumForm(HouseForm):
    """A new version of a curriculum."""

    title = forms.CharField(label=_("Title"), max_length=200)
    code = forms.CharField(label=_("Code"), max_length=40)
    version = forms.CharField(label=_("Version"), max_length=20, initial="1")
    language = forms.CharField(label=_("Language"), max_length=10, initial="en")
    licence = forms.CharField(label=_("Licence"), max_length=80, required=False)
    source = forms.CharField(label=_("Source"), max_length=200, required=False)


class ModuleForm(HouseForm):
    """A module with its session plans as lines."""

    title = forms.CharField(label=_("Title of the module"), max_length=200)
    plans = forms.CharField(
        label=_("Sessions, one a line: title; minutes"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("For example: Cost price; 180"),
    )

    def clean_plans(self) -> list[tuple[str, int]]:
        """Read each line as title and minutes; name the first line that is not."""
        found = []
        for number, line in enumerate(self.cleaned_data["plans"].splitlines(), 1):
            if not line.strip():
                continue
            title, _mark, minutes = line.replace("\t", ";").rpartition(";")
            if not title.strip() or not 0 < whole_number(minutes.strip(), TOO_LONG) < TOO_LONG:
                raise forms.ValidationError(
                    _("Line %(number)s needs a title and whole minutes."),
                    params={"number": number},
                )
            found.append((title.strip(), int(minutes)))
        return found


TOO_LONG = 10_000  # minutes no session has


class ReasonForm(HouseForm):
    """A reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class DayForm(HouseForm):
    """A day, and a reason where one person does both steps."""

    day = DayField(label=_("Day"))
    reason = forms.CharField(
        label=_("Reason, where one person does both steps"), max_length=300, required=False
    )


class CourseForm(StaffForm):
    """A course on an approved curriculum."""

    curriculum = forms.ModelChoiceField(Curriculum.objects.none(), label=_("Curriculum"))
    code = forms.CharField(label=_("Code (at most 12 signs)"), max_length=12)
    title = forms.CharField(label=_("Title"), max_length=200)
    type = forms.TypedChoiceField(label=_("Type"), choices=choices(COURSE_TYPE), coerce=CourseType)
    pass_rule = forms.TypedChoiceField(
        label=_("Completed by"), choices=choices(PASS_RULE), coerce=PassRule
    )
    threshold_percent = forms.IntegerField(
        label=_("Attendance needed, in percent"), min_value=0, max_value=100, initial=80
    )
    pass_mark_percent = forms.IntegerField(
        label=_("Pass mark of the test, in percent"), min_value=0, max_value=100, initial=60
    )
    prerequisite = forms.ModelChoiceField(
        Course.objects.none(), label=_("Course to complete before"), required=False
    )
    level_test_required = forms.BooleanField(label=_("A level test comes first"), required=False)
    certificate_months = forms.IntegerField(
        label=_("Months a certificate is valid (empty: for ever)"),
        required=False,
        min_value=1,
        max_value=600,
    )

    def narrow(self, staff: StaffUser) -> None:
        """Only approved curricula."""
        self.among("curriculum", state=CurriculumState.APPROVED)


class CohortForm(StaffForm):
    """A new cohort."""

    questions = (
        Question(_("What is taught?"), ("course", "programme", "code", "title")),
        Question(_("When and for how many?"), ("starts_date", "ends_date", "capacity")),
        Question(
            _("Where and by whom?"),
            ("provider", "office", "area", "venue", "step_free", "childcare_room"),
        ),
    )

    course = forms.ModelChoiceField(Course.objects.none(), label=_("Course"))
    programme = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    code = forms.CharField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Name"), max_length=200, required=False)
    starts_date = DayField(label=_("First day"))
    ends_date = DayField(label=_("Last day"))
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=1000)
    provider = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Provider"), required=False
    )
    office = forms.ModelChoiceField(Office.objects.none(), label=_("Office"), required=False)
    area = forms.ModelChoiceField(Area.objects.none(), label=_("Area"), required=False)
    venue = forms.CharField(label=_("Venue"), max_length=200, required=False)
    step_free = forms.BooleanField(label=_("Can be reached without steps"), required=False)
    childcare_room = forms.BooleanField(label=_("Has a room for children"), required=False)

    def narrow(self, staff: StaffUser) -> None:
        """Only courses on offer."""
        self.among("course", active=True, curriculum__state=CurriculumState.APPROVED)


class TrainerForm(StaffForm):
    """Who teaches a cohort."""

    username = forms.CharField(
        label=_("User name, if she signs in here"), max_length=60, required=False
    )
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    leads = forms.BooleanField(label=_("Leads the cohort"), required=False)

    def clean(self) -> dict[str, Any]:
        """Find the staff user of the name typed."""
        data = super().clean() or self.cleaned_data
        username = data.pop("username", "")
        data["staff"] = None
        if username:
            data["staff"] = StaffUser.objects.filter(username=username, is_active=True).first()
            if data["staff"] is None:
                self.add_error("username", _("There is no such user."))
        elif not data.get("name"):
            self.add_error("name", _("Write a name."))
        return data


class SessionForm(StaffForm):
    """The next session of a cohort."""

    session_date = DayField(label=_("Date"))
    minutes_planned = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=1440)
    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    plan = forms.ModelChoiceField(
        SessionPlan.objects.none(), label=_("Session plan"), required=False
    )
    room = forms.CharField(label=_("Room"), max_length=80, required=False)
    make_up_for = forms.ModelChoiceField(
        Session.objects.none(), label=_("Makes good the session"), required=False
    )

    def __init__(self, *args: Any, cohort: Cohort, **options: Any) -> None:
        """Offer the session plans of the cohort's curriculum and its own sessions."""
        self.cohort = cohort
        super().__init__(*args, **options)

    def narrow(self, staff: StaffUser) -> None:
        """Only what belongs to this cohort."""
        self.among("plan", module__curriculum_id=self.cohort.course.curriculum_id)
        self.among("make_up_for", cohort=self.cohort)


class HoldForm(HouseForm):
    """A session took place."""

    minutes_held = forms.IntegerField(label=_("How many minutes it lasted"), min_value=1)


class EnrolForm(StaffForm):
    """Persons for the roll of a cohort."""

    persons = PersonsField()
    enrolled_date = DayField(label=_("Day of enrolment"))
    agrees_to_name = forms.BooleanField(
        label=_("They agreed to have their names printed on a certificate"), required=False
    )
    exempted = forms.CharField(
        label=_("Reason for an exemption from the prerequisite"), max_length=300, required=False
    )


class TickedForm(HouseForm):
    """Some of a cohort's enrolments, ticked."""

    enrolments = forms.MultipleChoiceField(label=_("For whom"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, applicants: Sequence[Enrolment], **options: Any) -> None:
        """A tick for each of them."""
        super().__init__(*args, **options)
        self.rows = {str(row.pk): row for row in applicants}
        field = self.fields["enrolments"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(pk, str(row.person)) for pk, row in self.rows.items()]

    def clean_enrolments(self) -> list[Enrolment]:
        """Those ticked."""
        return [self.rows[pk] for pk in self.cleaned_data["enrolments"]]


class TellForm(TickedForm):
    """Who was told that she is invited."""

    told_date = DayField(label=_("Day they were told"))


class DecideForm(TickedForm):
    """Which applicants are eligible."""

    eligible = forms.TypedChoiceField(
        label=_("Decision"),
        choices=[("1", _("Eligible: on the waiting list")), ("0", _("Not eligible"))],
        coerce=lambda given: given == "1",
    )
    decided_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason, when not eligible"), max_length=300, required=False)


class ApplyForm(StaffForm):
    """Persons who apply for a cohort."""

    persons = PersonsField()
    applied_date = DayField(label=_("Day of application"))
    open_day_date = DayField(label=_("They came to an open day on"), required=False)
    referral_source = forms.CharField(label=_("They came through"), max_length=40, required=False)


class EndEnrolmentForm(HouseForm):
    """The end of an enrolment."""

    ENDS = (EnrolmentState.DROPPED_OUT, EnrolmentState.WITHDRAWN)
    state = forms.TypedChoiceField(
        label=_("What happened"),
        choices=[(code.value, ENROLMENT_STATE[code]) for code in ENDS],
        coerce=EnrolmentState,
    )
    ended_date = DayField(label=_("Day"))
    reason = forms.TypedChoiceField(
        label=_("Reason"),
        choices=[("", "–"), *choices(DROPOUT_REASON)],
        coerce=DropoutReason,
        empty_value=None,
        required=False,
    )
    reason_text = forms.CharField(label=_("In words"), max_length=300, required=False)


class TestSetForm(HouseForm):
    """A test of a cohort."""

    __test__ = False

    title = forms.CharField(label=_("Title"), max_length=200)
    kind = forms.TypedChoiceField(label=_("When"), choices=choices(TEST_KIND), coerce=TestKind)
    form = forms.TypedChoiceField(label=_("Form"), choices=choices(TEST_FORM), coerce=TestForm)
    max_score = forms.IntegerField(
        label=_("Points that can be reached"), min_value=1, max_value=10_000
    )
    test_date = DayField(label=_("Date"))
    pair = forms.CharField(
        label=_("Name of the linked forms, when a first and a last test belong together"),
        max_length=40,
        required=False,
    )


class PracticalForm(HouseForm):
    """The four practical tasks, set for a cohort."""

    kind = forms.TypedChoiceField(
        label=_("When"),
        choices=[(kind, TEST_KIND[kind]) for kind in (TestKind.POST, TestKind.PRE)],
        coerce=TestKind,
    )
    task_form = forms.TypedChoiceField(
        label=_("Figures"),
        help_text=_("Take another form for the first test than for the last."),
        choices=choices(TASK_FORM),
        coerce=TaskForm,
    )
    test_date = DayField(label=_("Date"))


class CloseForm(HouseForm):
    """The close of a cohort."""

    closed_date = DayField(label=_("Day of the close"))
    reason = forms.CharField(
        label=_("Reason, when it is closed again after a correction"),
        max_length=300,
        required=False,
    )
