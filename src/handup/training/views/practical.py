"""The paper of the four practical tasks: the questions for who sits it, the answers and a table of
points for who marks it.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.scope import on_no_team
from handup.training.models import Test
from handup.training.paper import tasks_pdf
from handup.training.views.sheets import on_the_sheet


class TasksPaper(View):
    """The tasks of one test on paper, with a table of points.

    The paper lies in the room, so whoever is hidden from others is not on it, whoever prints it.
    """

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """As PDF; noted in the read log."""
        staff: Any = request.user
        tests = Test.objects.visible_to(staff).select_related("cohort__course")
        test: Test | None = tests.filter(pk=pk).exclude(task_form="").first()
        if test is None:
            raise Http404
        require(staff, "training.view_enrolment", test.cohort)
        rows = list(on_the_sheet(test.cohort, on_no_team(staff)))
        persons = [row.person_id for row in rows]
        reads.note(request, persons=persons, action="PRINT", highest="P")
        answer = HttpResponse(tasks_pdf(test, rows), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="tasks-{test.task_form}.pdf"'
        return answer
