"""Pages of spoken tests: set the questions, ask them one by one, one sitting with its answers."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Label
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.training.forms import spoken as forms
from handup.training.models import SpokenAnswer, SpokenQuestion, Test, TestResult
from handup.training.services import spoken as acts
from handup.training.services import spoken_sounds as sounds
from handup.training.views.courses import ToCohort
from handup.training.views.sheets import on_the_sheet


class NewSpokenTest(ToCohort):
    """Set a test that is asked aloud."""

    form_class = forms.SpokenTestForm
    permission = "training.set_test"
    title = _("Set a spoken test")
    intro = _("The questions are asked aloud, one at a time. What is answered is kept.")
    verb = _("Set the test")

    def initial(self) -> dict[str, Any]:
        """The last day of the cohort."""
        return {"test_date": self.subject.ends_date}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set it."""
        return acts.set_spoken_test(
            acting_staff=self.staff, cohort=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """To the test."""
        return reverse("training:spoken", args=[result.pk])


def _to_test(row: Test) -> tuple[Crumb, ...]:
    return (
        Crumb(str(row.cohort), reverse("training:cohort_detail", args=[row.cohort_id])),
        Crumb(row.title, reverse("training:spoken", args=[row.pk])),
    )


def sound_columns(title: Label, name: str, records: bool) -> tuple[Column, Column]:
    """The sound of a row to hear, and the step to keep it or to take it away."""

    def step(row: Any) -> str:
        if not records:
            return ""
        return _t("Take the sound away") if row.sound_id else _t("Keep the recorded sound")

    def way(row: Any) -> str:
        what = "away" if row.sound_id else "keep"
        return reverse(f"training:{name}_{what}", args=[row.pk])

    def heard(row: Any) -> str:
        return reverse("org:file", args=[row.sound_id]) if row.sound_id else ""

    return (
        Column(
            "sound",
            title,
            Kind.LINK,
            value=lambda row: _t("Hear it") if row.sound_id else "",
            href=heard,
        ),
        Column("step", _("Step"), Kind.LINK, value=step, href=way),
    )


class SpokenPage(RecordPage):
    """A spoken test: its questions, and who was asked."""

    model = Test
    permission = "training.view_cohort"
    related = ("cohort__course",)
    record: Test

    def header(self) -> Header:
        """Title, and asking somebody."""
        row = self.record
        return Header(
            row.title,
            subtitle=_t("{points} points").format(points=row.max_score),
            primary=Action(
                _("Ask somebody"), "training:spoken_ask", "training.record_test", args=(row.pk,)
            ),
            crumbs=_to_test(row)[:1],
        )

    def tables(self) -> Sequence[Table]:
        """Questions and sittings, as far as the reader may see them."""
        asked = Table(
            _t("Questions"),
            (
                Column("number", _("Number"), Kind.NUMBER),
                Column("text", _("Question")),
                Column("most_points", _("Points"), Kind.NUMBER),
                *sound_columns(
                    _("Recorded question"),
                    "question_sound",
                    may(self.staff, "training.set_test", self.record.cohort),
                ),
            ),
            SpokenQuestion.objects.filter(test=self.record),
            empty=EmptyState(_("This test has no questions that are asked aloud")),
        )
        if not may(self.staff, "training.view_spoken_answer", self.record.cohort):
            return (asked,)
        rows = TestResult.objects.visible_to(self.staff).filter(test=self.record)
        found = list(rows.select_related("enrolment__person").order_by("-sat_date", "-id")[:500])
        reads.note(self.request, [one.enrolment.person_id for one in found], action="LIST")
        sat = Table(
            _t("Who was asked"),
            (
                Column(
                    "person",
                    _("Participant"),
                    Kind.LINK,
                    value=lambda one: str(one.enrolment.person),
                    url_name="training:sitting",
                ),
                Column("sat_date", _("Asked on"), Kind.DATE),
                Column("score", _("Points"), Kind.NUMBER),
            ),
            found,
            empty=EmptyState(_("Nobody was asked yet")),
        )
        return (asked, sat)


class AskSpoken(FormPage):
    """Ask one person every question, and keep what she answers."""

    form_class = forms.AskForm
    permission = "training.record_test"
    subject_model = Test
    subject: Test
    title = _("Ask aloud")
    intro = _("Read a question aloud, let her answer, then give the points.")
    verb = _("Keep the answers")
    template = "training/ask_spoken.html"
    form: forms.AskForm

    @cached_property
    def questions(self) -> list[SpokenQuestion]:
        """The questions in their order."""
        return list(self.subject.questions.all())

    def form_options(self) -> dict[str, Any]:
        """Whoever is on the roll, who may have heard it, and the questions."""
        rows = on_the_sheet(self.subject.cohort, self.staff)
        reads.note(self.request, rows.values_list("person_id", flat=True), action="LIST")
        trainers = self.subject.cohort.trainers.exclude(staff=None).values("staff")
        hearers = StaffUser.objects.filter(pk__in=trainers, is_active=True).order_by("display_name")
        return {"rows": rows, "hearers": hearers, "questions": self.questions}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"sat_date": timezone.localdate()}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Take one step: back, or to the next question; behind the last one all is kept. What came
        without a step is whole."""
        step = self._step()
        if step is None or ("_back" not in request.POST and step == len(self.questions)):
            return super().post(request, *args, **kwargs)
        self.new_id = self.kept_id(request)
        form = self.form_class(request.POST, initial=self.initial(), **self.form_options())
        if "_back" in request.POST:
            form.errors.clear()
            form.step = max(0, step - 1)
        elif form.judge(step):
            form.step = step + 1
        return self._show(form)

    def _step(self) -> int | None:
        text = self.request.POST.get("_step", "")
        is_step = text.isascii() and text.isdigit() and len(text) < 5
        return min(int(text), len(self.questions)) if is_step else None

    def _show(self, form: HouseForm, *, reading_back: bool = False) -> HttpResponse:
        """Show one step: of a whole form that was refused, the first where something is wrong."""
        assert isinstance(form, forms.AskForm)
        self.form = form
        if form.is_bound and form.step is None:
            form.step = form.first_wrong()
        return super()._show(form, reading_back=reading_back)

    def context(self) -> dict[str, Any]:
        """Which step it is, and the question that is asked in it."""
        step, all_of_them = self.form.step or 0, len(self.questions)
        place = _t("Question {n} of {all}").format(n=step, all=all_of_them)
        asked = self.questions[step - 1].text if step else ""
        return {"step": step, "asked": asked, "place": place, "is_last": step == all_of_them}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep them."""
        told = [
            acts.AnswerIn(
                one.number, values[f"points_{one.number}"], values[f"answer_{one.number}"]
            )
            for one in self.questions
        ]
        return acts.record_spoken(
            acting_staff=self.staff,
            test=self.subject,
            enrolment=values["enrolment"],
            sat_date=values["sat_date"],
            answers=told,
            heard_by=values["heard_by"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The sitting."""
        return reverse("training:sitting", args=[result.pk])


class SittingPage(RecordPage):
    """One sitting of a test: question by question what was answered, the points, who heard it."""

    model = TestResult
    permission = "training.view_spoken_answer"
    person_path = "enrolment.person_id"
    related = ("test__cohort", "enrolment__person")
    record: TestResult

    def header(self) -> Header:
        """Who, of which test."""
        row = self.record
        return Header(str(row.enrolment.person), subtitle=row.test.title, crumbs=_to_test(row.test))

    def facts(self) -> Sequence[FactGroup]:
        """When, and how many points."""
        row = self.record
        points = _t("missed") if row.missed else f"{row.score} / {row.test.max_score}"
        told = [Fact(_("Asked on"), row.sat_date), Fact(_("Points"), points)]
        return (FactGroup(_("Sitting"), [*told, Fact(_("Recorded by"), row.recorded_by)]),)

    def tables(self) -> Sequence[Table]:
        """The answers, and the sound of each."""
        rows = SpokenAnswer.objects.visible_to(self.staff).filter(result=self.record)
        records = may(self.staff, "training.record_test", self.record)

        columns = (
            Column("question", _("Question")),
            Column("answer", _("What she answered")),
            Column("points", _("Points"), Kind.NUMBER),
            Column("heard_by", _("Heard by")),
            *sound_columns(_("Recorded sound"), "sound", records),
        )
        empty = EmptyState(_("Only the points of this sitting are kept"))
        shown = rows.select_related("question", "heard_by").order_by("question__number")
        return (Table(_t("Answers"), columns, shown, empty=empty),)


class OfQuestion(FormPage):
    """A form about the sound of one question; it goes back to its test."""

    permission = "training.set_test"
    subject_model = SpokenQuestion
    subject: SpokenQuestion

    def success_url(self, result: Any) -> str:
        """The test."""
        return reverse("training:spoken", args=[self.subject.test_id])


class KeepQuestionSound(OfQuestion):
    """Keep the recorded sound of a question."""

    form_class = forms.QuestionSoundForm
    title = _("Record the question")
    intro = _("The phones of those who ask carry it and play it without a network.")
    verb = _("Keep the sound")

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return sounds.record_question(
            acting_staff=self.staff,
            question=self.subject,
            content=values["sound"].read(),
            file_name=values["sound"].name,
        )


class TakeQuestionSoundAway(OfQuestion):
    """Take the recorded sound of a question away."""

    form_class = forms.AwayForm
    title = _("Take the sound away")
    intro = _("The recording is destroyed. The question stays, to be read out.")
    verb = _("Destroy the recording")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it away."""
        return sounds.take_question_away(acting_staff=self.staff, question=self.subject)


class OfAnswer(FormPage):
    """A form about one answer; it goes back to its sitting."""

    permission = "training.record_test"
    subject_model = SpokenAnswer
    subject: SpokenAnswer
    person_path = "result.enrolment.person_id"

    def subject_name(self) -> Any:
        """Whose answer it is."""
        return str(self.subject.question)

    def success_url(self, result: Any) -> str:
        """The sitting."""
        return reverse("training:sitting", args=[self.subject.result_id])


class KeepSound(OfAnswer):
    """Keep the recorded sound of an answer."""

    form_class = forms.SoundForm
    title = _("Keep the recorded sound")
    intro = _("Only where she said yes to being recorded. It is sealed, and can be taken away.")
    verb = _("Keep the sound")

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return acts.keep_sound(
            acting_staff=self.staff,
            answer=self.subject,
            content=values["sound"].read(),
            file_name=values["sound"].name,
            agreed_how=values["agreed_how"],
        )


class TakeSoundAway(OfAnswer):
    """Destroy the recorded sound of an answer."""

    form_class = forms.AwayForm
    title = _("Take the sound away")
    intro = _("The recording is destroyed. The points and what was written down stay.")
    verb = _("Destroy the recording")

    def perform(self, values: dict[str, Any]) -> Any:
        """Destroy it."""
        return acts.take_sound_away(acting_staff=self.staff, answer=self.subject)
