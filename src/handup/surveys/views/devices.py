"""What the page that asks the questions adds where JavaScript is on (field/forms/web.ts): the form
as data, and what its draft is sealed with on the device.
"""

import base64
import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from handup.org import reads
from handup.org.models import StaffUser
from handup.surveys import services
from handup.surveys.models import Case
from handup.surveys.queries import current_version
from handup.surveys.rules.form.telling import told_form
from handup.surveys.services.collecting import CASE_FIELDS, case_values
from handup.surveys.views.writes import ToCase


def words() -> dict[str, str]:
    """The sentences beside a question that are not the questionnaire's own."""
    return {
        "REQUIRED": _("This question must be answered."),
        "CONSTRAINT": _("This answer is not possible here."),
        "CHOICE": _("Choose one of the answers offered."),
        "TYPE": _("This answer cannot be read."),
        "int": _("Write a whole number."),
        "decimal": _("Write a number, with a point before decimals."),
        "date": _("Write a date as 2026-03-15."),
        "time": _("Write a time as 14:30."),
        "yes": _("yes"),
        "more": _("One more"),
    }


def for_devices(staff: StaffUser, case: Case, done: str) -> dict[str, Any]:
    """What the page carries for its script. The key is told to her alone, for this case alone: what
    another person finds on the device stays sealed.
    """
    sealed = salted_hmac("handup.surveys.draft", f"{staff.pk}:{case.pk}", algorithm="sha256")
    return {
        "draft_key": base64.b64encode(sealed.digest()).decode(),
        "done_url": done,
        "words": json.dumps(words(), ensure_ascii=False),
    }


class FormOfCase(ToCase):
    """The published form of a case's questionnaire as data, with the row of the case it reads; none
    where the questionnaire did not come from a spreadsheet.
    """

    permission = "surveys.record_submission"
    http_method_names = ("get", "head")

    def head(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Only whether the server is there."""
        return HttpResponse()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Tell it."""
        case = self.subject
        questionnaire = case.round.questionnaire
        version = current_version(questionnaire_id=questionnaire.pk)
        form = services.form_of(version) if version is not None else None
        if version is None or form is None:
            raise Http404
        if case.person_id:
            reads.note(request, persons=[case.person_id], highest="P")
        keyed = version.questions.filter(handup_key="case").values_list("name", flat=True)
        answer = JsonResponse(
            {
                "form": told_form(form, version.languages),
                "cases": case_values(case, version),
                "known": sorted(CASE_FIELDS | set(keyed)),
            },
            json_dumps_params={"ensure_ascii": False},
        )
        answer["Cache-Control"] = "no-store"
        return answer
