"""Pages of back-checks: the list, drawing them, who asks again, asking again, how far it agrees."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org.models import Grant, StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage, State, Tone
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.surveys import services
from handup.surveys.forms.answers import AgainForm
from handup.surveys.forms.quality import CheckerForm
from handup.surveys.models import BackCheck, Question, Round
from handup.surveys.permissions import PERMISSIONS

ABOUT = (
    "submission__round__programme",
    "submission__interviewer",
    "submission__case__person",
    "submission__case__household",
    "submission__case__enterprise",
    "checked_by",
)
STATES = [
    ("unassigned", _("nobody asks yet")),
    ("waits", _("to be asked again")),
    ("done", _("asked again")),
]


def _in_state(rows: Any, code: str) -> Any:
    if code == "done":
        return rows.exclude(check_date=None)
    return rows.filter(check_date=None, checked_by__isnull=code == "unassigned")


def state_of(row: BackCheck) -> State:
    """Where a back-check stands."""
    words = dict(STATES)
    if row.check_date is not None:
        return State(words["done"], Tone.GOOD)
    if row.checked_by_id is None:
        return State(words["unassigned"], Tone.WARN)
    late = row.due_date is not None and row.due_date < timezone.localdate()
    return State(words["waits"], Tone.BAD if late else Tone.INFO)


class BackCheckList(ListPage):
    """Interviews asked again; who asks again sees her own."""

    model = BackCheck
    permission = "surveys.view_back_check"
    title = _("Back-checks")
    intro = _("Some interviews of each interviewer are asked again by somebody else.")
    related = ABOUT
    person_path = "submission.case.person_id"
    columns = (
        Column(
            "who",
            _("Who"),
            Kind.LINK,
            value=lambda row: str(row.submission.case.subject),
            url_name="surveys:back_check_detail",
        ),
        Column("submission.round.name", _("Round")),
        Column("submission.interviewer", _("Asked first by")),
        Column("checked_by", _("Asks again")),
        Column("due_date", _("Due"), Kind.DATE, sort="due_date"),
        Column("check_date", _("Asked again on"), Kind.DATE, sort="check_date"),
        Column("agrees", _("Equal answers"), Kind.FIGURE, value=str),
        Column("state", _("State"), Kind.STATE, value=state_of),
    )
    filters = (
        Choice("state", _("State"), STATES, using=_in_state),
        DateRange("due", _("Due"), "due_date"),
    )
    order = "due_date"
    empty = EmptyState(_("No back-checks"), _("They are drawn on the page of a round."))


class BackCheckPage(RecordPage):
    """One back-check: who asked, who asks again, which answers differ."""

    model = BackCheck
    permission = "surveys.view_back_check"
    related = ABOUT
    person_path = "submission.case.person_id"
    highest = "S"

    def header(self) -> Header:
        """Who is asked, and the next step."""
        row = self.record
        assign = Action(
            _("Say who asks again"),
            "surveys:back_check_assign",
            "surveys.assign_back_check",
            args=(row.pk,),
        )
        ask = Action(
            _("Ask again"), "surveys:back_check_ask", "surveys.record_back_check", args=(row.pk,)
        )
        waits = row.check_date is None
        own = row.submission.interviewer_id == self.staff.pk
        return Header(
            str(row.submission.case.subject),
            subtitle=row.submission.round.name,
            state=state_of(row),
            primary=ask if waits and not own else None,
            actions=(assign,) if waits else (),
            crumbs=(Crumb(_t("Back-checks"), reverse("surveys:back_check_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who and when."""
        row = self.record
        return [
            FactGroup(
                _("Back-check"),
                [
                    Fact(_("Asked first by"), row.submission.interviewer),
                    Fact(_("Answered on"), row.submission.answered_date),
                    Fact(_("Asks again"), row.checked_by),
                    Fact(_("Due"), row.due_date),
                    Fact(_("Asked again on"), row.check_date),
                    Fact(_("Equal answers"), str(row)),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The questions; once asked again, which answers are equal."""
        row = self.record
        differing = set(row.differing)
        second = dict(row.told) if row.check_date is not None else {}
        done = row.check_date is not None
        questions = questions_of(row)
        columns = [Column("question", _("Question"), value=str)]
        if done:
            columns.append(
                Column(
                    "state",
                    _("Second answer"),
                    Kind.STATE,
                    value=lambda one: _equality(one, second, differing),
                )
            )
        return [Table(_("Asked again"), columns, questions)]


def _equality(question: Question, second: dict[str, str], differing: set[str]) -> State:
    if question.name not in second:
        return State(_("not answered"))
    if question.name in differing:
        return State(_("another answer"), Tone.BAD)
    return State(_("the same answer"), Tone.GOOD)


def questions_of(check: BackCheck) -> list[Question]:
    """The questions asked again, in their order."""
    rows = Question.objects.filter(
        version=check.submission.version_id, name__in=check.question_names
    )
    return list(rows.order_by("number"))


class DrawBackChecks(FormPage):
    """Draw the interviews of a round that are asked again."""

    subject_model = Round
    form_class = HouseForm
    permission = "surveys.draw_back_checks"
    title = _("Draw back-checks")
    intro = _(
        "Of each interviewer's interviews so far a share is drawn, at least five; the draw can be"
        " repeated and is made after they were received. Later draws add to it."
    )
    verb = _("Draw")

    def perform(self, values: dict[str, Any]) -> Any:
        """Draw."""
        return services.draw_back_checks(acting_staff=self.staff, round=self.subject)

    def success_url(self, result: Any) -> str:
        """To the list."""
        return reverse("surveys:back_check_list") + "?state=unassigned"

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext(
            "{count} interview is asked again.", "{count} interviews are asked again.", count
        ).format(count=count)


class AssignBackCheck(FormPage):
    """Say who asks again."""

    subject_model = BackCheck
    form_class = CheckerForm
    permission = "surveys.assign_back_check"
    title = _("Say who asks again")
    intro = _("Not who asked first.")
    verb = _("Give it to her or him")
    person_path = "submission.case.person_id"

    def form_options(self) -> dict[str, Any]:
        """Those who may ask again, but for who asked first."""
        return {"checkers": checkers_for(self.subject)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Give it."""
        return services.assign_back_check(
            acting_staff=self.staff, check=self.subject, checker=values["checker"]
        )

    def success_url(self, result: Any) -> str:
        """Back to it."""
        return reverse("surveys:back_check_detail", args=[self.subject.pk])


def checkers_for(check: BackCheck) -> Any:
    """Staff with a live grant that lets them ask again, but for who asked first."""
    today = timezone.localdate()
    roles = [role.value for role in PERMISSIONS["surveys.record_back_check"]]
    live = Grant.objects.filter(role__in=roles, starts__lte=today, ends__gte=today)
    rows = StaffUser.objects.working().filter(pk__in=live.values("staff_id"))
    return rows.exclude(pk=check.submission.interviewer_id)


class AskAgain(FormPage):
    """Ask some questions of an interview again; the first answers are not shown."""

    subject_model = BackCheck
    form_class = AgainForm
    permission = "surveys.record_back_check"
    title = _("Ask again")
    intro = _("Ask each question as it stands. The first answers are not shown, on purpose.")
    verb = _("Record the answers")
    person_path = "submission.case.person_id"

    def find_subject(self, pk: Any) -> Any:
        """A back-check that waits and that somebody else asked first."""
        row = super().find_subject(pk)
        if row is not None and row.check_date is not None:
            raise Http404
        return row

    def form_options(self) -> dict[str, Any]:
        """The questions, amounts in the programme's currency."""
        return {
            "questions": questions_of(self.subject),
            "currency": self.subject.submission.round.programme.currency,
        }

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"check_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record them."""
        form = AgainForm(self.request.POST, **self.form_options())
        form.is_valid()
        return services.record_back_check(
            acting_staff=self.staff,
            check=self.subject,
            answers=form.answers(),
            check_date=values["check_date"],
        )

    def success_url(self, result: Any) -> str:
        """To what came of it."""
        return reverse("surveys:back_check_detail", args=[self.subject.pk])
