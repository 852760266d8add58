"""Sheets: the roster of a session and the points of a test, for the keyboard and for pasting."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View

from handup.kernel.errors import Refusal
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, may, require
from handup.org.scope import hidden_from
from handup.org.web.forms import HouseForm
from handup.org.web.money import format_day
from handup.org.web.pages import Action, Crumb, Header, State, Tone, actions_of
from handup.org.web.refusals import message_of
from handup.training import services
from handup.training.models import Attendance, Cohort, Enrolment, Session, Test, TestResult
from handup.training.models.labels import SESSION_STATE
from handup.training.practical_texts import texts
from handup.training.roster_file import is_minutes
from handup.training.rules.attendance import Mark, Method, effective
from handup.training.rules.practical import TASK_POINTS, TaskForm, able, is_marked
from handup.training.rules.states import ON_THE_ROLL, SessionState
from handup.training.services.refusals import ReasonMissing, TaskPointsWrong

ABSENT, EXCUSED = "a", "e"


@dataclass(slots=True)
class Line:
    """One person of a sheet: what stands there, what was typed, what is wrong with it."""

    enrolment: Enrolment
    stands: str
    typed: str
    fault: str = ""

    @property
    def name(self) -> str:
        """The name of its input."""
        return f"cell-{self.enrolment.pk}"

    @property
    def changed(self) -> bool:
        """Whether something else was typed than stands there."""
        return self.typed != self.stands


def on_the_sheet(cohort: Cohort, staff: StaffUser) -> QuerySet[Enrolment]:
    """Who stands on the sheets of a cohort, in their order, without whom this reader may not know
    of.
    """
    rows = Enrolment.objects.filter(cohort=cohort, state__in=ON_THE_ROLL)
    seen = rows.exclude(person_id__in=hidden_from(staff)).select_related("person")
    return seen.order_by("person__sort_key", "id")


class SheetPage(View):
    """A sheet with one cell a person; everything typed is stored, or nothing and each fault
    shown.
    """

    verb: ClassVar[str | Promise] = _("Save the sheet")
    intro: ClassVar[str | Promise] = ""
    permission: ClassVar[str]
    template: ClassVar[str]

    staff: Any
    subject: Any

    def find(self, pk: UUID) -> Any:
        """The session or test."""
        raise NotImplementedError

    def standing(self) -> dict[UUID, str]:
        """What stands for each enrolment."""
        raise NotImplementedError

    def header(self) -> Header:
        """The top of the page."""
        raise NotImplementedError

    def store(self, lines: list[Line], reason: str) -> int:
        """Store the changed lines; a fault is put on its line."""
        raise NotImplementedError

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Show the sheet."""
        self._begin(request, pk)
        return self._show(self._lines({}))

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Store what was typed."""
        self._begin(request, pk)
        require(self.staff, self.permission, self.subject)
        lines = self._lines(request.POST)
        form = HouseForm(request.POST)
        try:
            with transaction.atomic():
                stored = self.store(
                    [line for line in lines if line.changed], request.POST.get("reason", "")
                )
                if any(line.fault for line in lines):
                    transaction.set_rollback(True)
        except (NotAllowed, OutOfSight):
            raise
        except Refusal as refusal:
            form.is_valid()
            form.refuse(refusal)
            return self._show(lines, form)
        faults = [line for line in lines if line.fault]
        if faults:
            form.is_valid()
            for line in faults:
                form.add_error(None, f"{line.enrolment.person}: {line.fault}")
            return self._show(lines, form)
        told = ngettext("{count} entry is saved.", "{count} entries are saved.", stored)
        messages.success(request, told.format(count=stored))
        return HttpResponseRedirect(request.path)

    def _begin(self, request: HttpRequest, pk: UUID) -> None:
        self.staff = request.user
        self.subject = self.find(pk)
        if self.subject is None:
            raise Http404
        require(self.staff, "training.view_enrolment", self.subject.cohort)

    def _lines(self, typed: Any) -> list[Line]:
        rows = on_the_sheet(self.subject.cohort, self.staff)
        standing = self.standing()
        lines = []
        for row in rows:
            stands = standing.get(row.pk, "")
            given = typed.get(f"cell-{row.pk}", stands)
            lines.append(Line(row, stands, " ".join(given.split()).lower()))
        persons = [line.enrolment.person_id for line in lines]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return lines

    def _show(
        self, lines: list[Line], form: HouseForm | None = None, post_to: str = ""
    ) -> HttpResponse:
        header = self.header()
        context = {
            "page": self,
            "title": header.title,
            "header": header,
            **actions_of(header, self.staff, self.subject),
            "lines": lines,
            "form": form,
            "subject": self.subject,
            "may_save": may(self.staff, self.permission, self.subject),
            "reason": self.request.POST.get("reason", ""),
            "post_to": post_to,
        }
        status = 422 if form is not None else 200
        return render(self.request, self.template, context, status=status)


class Roster(SheetPage):
    """Who came to a session, in minutes; `a` is absent, `e` excused."""

    permission = "training.record_attendance"
    template = "training/roster.html"
    verb = _("Save the roster")
    intro = _("Minutes, or a for absent, e for excused. Paste a column from a spreadsheet.")

    def find(self, pk: UUID) -> Session | None:
        """The session, when the reader may see it."""
        row: Session | None = (
            Session.objects.visible_to(self.staff)
            .select_related("cohort__course")
            .filter(pk=pk)
            .first()
        )
        return row

    def header(self) -> Header:
        """Number, date, state, what can be done."""
        row: Session = self.subject
        state = SessionState(row.state)
        tone = {SessionState.HELD: Tone.GOOD, SessionState.CANCELLED: Tone.WARN}
        hold = Action(
            _t("It took place"), "training:session_hold", "training.hold_session", args=(row.pk,)
        )
        cancel = Action(
            _t("Cancel it"), "training:session_cancel", "training.cancel_session", args=(row.pk,)
        )
        support = Action(
            _t("Support"), "training:session_support", "training.view_support", args=(row.pk,)
        )
        taken = (
            Action(_t("Print the roster"), "training:roster_paper", args=(row.pk,), icon="printer"),
            Action(_t("Take it along as a file"), "training:roster_table", args=(row.pk,)),
            Action(
                _t("Load a roster file"),
                "training:roster_load",
                "training.record_attendance",
                args=(row.pk,),
            ),
        )
        return Header(
            _t("Session {number}: {title}").format(number=row.number, title=row.title),
            subtitle=format_day(row.session_date),
            state=State(SESSION_STATE[state], tone.get(state, Tone.PLAIN)),
            primary=hold if state is SessionState.PLANNED else None,
            actions=(*((cancel,) if state is SessionState.PLANNED else (support,)), *taken),
            crumbs=(
                Crumb(str(row.cohort), reverse("training:cohort_detail", args=[row.cohort_id])),
            ),
        )

    def filled(
        self, pk: UUID, cells: Mapping[str, str], faults: Sequence[str], post_to: str
    ) -> HttpResponse:
        """The roster as a file filled it in, by registration number, to be saved at `post_to`;
        nothing is stored.
        """
        self._begin(self.request, pk)
        lines = self._lines({})
        for line in lines:
            line.typed = cells.get(line.enrolment.person.registration_no, line.stands)
        form = HouseForm({})
        form.is_valid()
        for fault in faults:
            form.add_error(None, fault)
        return self._show(lines, form if faults else None, post_to)

    def records(self) -> dict[UUID, list[Attendance]]:
        """Every record of the session by enrolment."""
        found: dict[UUID, list[Attendance]] = {}
        for row in self.subject.attendances.all():
            found.setdefault(row.enrolment_id, []).append(row)
        return found

    def standing(self) -> dict[UUID, str]:
        """What counts now."""
        found = {}
        for enrolment_id, rows in self.records().items():
            record = effective(row.fact() for row in rows)
            if record is not None:
                letter = {Mark.ABSENT: ABSENT, Mark.EXCUSED: EXCUSED}
                found[enrolment_id] = letter.get(record.mark, str(record.minutes))
        return found

    def store(self, lines: list[Line], reason: str) -> int:
        """New entries are recorded, changed ones corrected with the sheet's reason."""
        records = self.records()
        new: list[tuple[Line, services.AttendanceIn]] = []
        for line in lines:
            read = _minutes_of(line)
            if read is None:
                continue
            minutes, mark = read
            try:
                if line.enrolment.pk in records:
                    self._correct(records[line.enrolment.pk], minutes, mark, reason)
                else:
                    item = services.AttendanceIn(
                        session=self.subject,
                        enrolment=line.enrolment,
                        minutes=minutes,
                        mark=mark,
                        method=Method.ROSTER,
                    )
                    services.attendance.check_minutes(
                        self.subject, minutes, mark, timezone.localdate()
                    )
                    new.append((line, item))
            except ReasonMissing:
                raise
            except (NotAllowed, OutOfSight):
                raise
            except Refusal as refusal:
                line.fault = message_of(refusal)
        if new:
            services.record_attendances(
                acting_staff=self.staff, items=[item for _line, item in new]
            )
        return len(lines)

    def _correct(self, rows: list[Attendance], minutes: int, mark: Mark, reason: str) -> None:
        record = effective(row.fact() for row in rows)
        stands = next(row for row in rows if record is not None and row.pk == record.id)
        services.correct_attendance(
            acting_staff=self.staff,
            attendance=stands,
            minutes=minutes,
            mark=mark,
            reason=reason,
        )


def _minutes_of(line: Line) -> tuple[int, Mark] | None:
    """Read a cell of the roster; a fault is put on the line."""
    if line.typed == ABSENT or line.typed == "0":
        return 0, Mark.ABSENT
    if line.typed == EXCUSED:
        return 0, Mark.EXCUSED
    if is_minutes(line.typed):
        return int(line.typed), Mark.PRESENT
    line.fault = (
        _t("An entry cannot be emptied; write a for absent.")
        if not line.typed
        else _t("Write minutes, a or e.")
    )
    return None


def _points_text(row: TestResult) -> str:
    """A sitting as its cell shows it."""
    if row.missed:
        return "m"
    return " ".join(map(str, row.task_points)) if row.task_points else str(row.score)


def _points_of_tasks(typed: str) -> tuple[int, ...] | None:
    """Read the points of the tasks, as `5 4 3 5`; None when it is one number or a word."""
    parts = typed.split()
    if len(parts) < 2 or not all(one.isascii() and one.isdecimal() for one in parts):
        return None
    return tuple(int(one[:4]) for one in parts)


class TestSheet(SheetPage):
    """Points of a test; `m` says that the person missed it. Each new number is a further
    sitting.
    """

    __test__ = False

    permission = "training.record_test"
    template = "training/test_sheet.html"
    verb = _("Save the points")
    intro = _("Points, or m for missed. A changed number is kept as a further sitting.")

    def find(self, pk: UUID) -> Test | None:
        """The test, when the reader may see it."""
        row: Test | None = (
            Test.objects.visible_to(self.staff)
            .select_related("cohort__course")
            .filter(pk=pk)
            .first()
        )
        return row

    def header(self) -> Header:
        """Title and points."""
        row: Test = self.subject
        subtitle = _t("{kind}, {form}, {points} points").format(
            kind=row.get_kind_display(), form=row.get_form_display(), points=row.max_score
        )
        crumb = Crumb(str(row.cohort), reverse("training:cohort_detail", args=[row.cohort_id]))
        paper = Action(
            _t("Print the tasks"), "training:tasks_paper", args=(row.pk,), icon="printer"
        )
        aloud = Action(_t("Ask aloud"), "training:spoken", args=(row.pk,))
        actions = (paper,) if row.task_form else ()
        if row.questions.exists():
            actions = (aloud,)
        return Header(row.title, subtitle=subtitle, actions=actions, crumbs=(crumb,))

    def able(self) -> list[tuple[str, str]]:
        """What those on the sheet could do, task by task, by the latest points told so."""
        row: Test = self.subject
        if not row.task_form:
            return []
        seen = on_the_sheet(row.cohort, self.staff).values("pk")
        rows = row.results.filter(enrolment__in=seen).order_by("sat_date", "id")
        latest = {one.enrolment_id: one.task_points for one in rows if one.task_points}
        counts, marked = able(latest.values())
        said = _t("{able} of {marked} persons")
        titles = [task.title for task in texts(TaskForm(row.task_form))]
        return [
            (title, said.format(able=count, marked=marked))
            for title, count in zip(titles, counts.values(), strict=True)
        ]

    def hint(self) -> str:
        """How the cells of this test are filled in."""
        if not self.subject.task_form:
            return ""
        return _t("Write the points of the four tasks in their order, as 5 4 3 5, or their sum.")

    def _sitting(
        self, line: Line, score: int | None, tasks: tuple[int, ...] | None
    ) -> services.ResultIn:
        test: Test = self.subject
        return services.ResultIn(
            test=test,
            enrolment=line.enrolment,
            score=score,
            sat_date=test.test_date,
            task_points=tasks,
        )

    def standing(self) -> dict[UUID, str]:
        """The latest sitting."""
        rows = TestResult.objects.filter(test=self.subject).order_by("sat_date", "id")
        return {row.enrolment_id: _points_text(row) for row in rows}

    def store(self, lines: list[Line], reason: str) -> int:
        """Every changed number becomes a sitting."""
        items = []
        for line in lines:
            points = line.typed
            tasks = _points_of_tasks(points) if self.subject.task_form else None
            fits = points.isascii() and points.isdecimal() and len(points) < 6
            if tasks is not None and is_marked(tasks):
                items.append(self._sitting(line, None, tasks))
            elif tasks is not None:
                line.fault = message_of(TaskPointsWrong(limit=TASK_POINTS))
            elif points != "m" and not fits:
                line.fault = _t("Write points, or m for missed.")
            elif fits and int(points) > self.subject.max_score:
                line.fault = _t("The test has {limit} points.").format(limit=self.subject.max_score)
            else:
                items.append(self._sitting(line, None if points == "m" else int(points), None))
        if items and len(items) == len(lines):
            services.record_tests(acting_staff=self.staff, items=items)
        return len(items)
