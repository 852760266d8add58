"""Decisions about sets of answers: one, and many at once (rulings 34)."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.org.scope import without_opened
from handup.org.web.forms import FormPage
from handup.surveys import services
from handup.surveys.forms.rounds import DecisionForm, ManyForm
from handup.surveys.models import Submission
from handup.surveys.rules.codes import RoundState, SubmissionState
from handup.surveys.views.records import to_decide

MANY = 200


class DecideSubmission(FormPage):
    """Decide one set of answers, then on to the next."""

    subject_model = Submission
    form_class = DecisionForm
    permission = "surveys.accept_submission"
    title = _("Decide about the answers")
    verb = _("Decide and go on")

    def perform(self, values: dict[str, Any]) -> Any:
        """Accept, send back or set aside."""
        if values["decision"] == "accept":
            return services.accept_submission(
                acting_staff=self.staff, submission=self.subject, note=values["note"]
            )
        return services.set_aside_submission(
            acting_staff=self.staff,
            submission=self.subject,
            note=values["note"],
            send_back=values["decision"] == "send_back",
        )

    def success_url(self, result: Any) -> str:
        """To the next one."""
        return reverse("surveys:submission_queue")


class AcceptMany(FormPage):
    """Accept many sets of answers with one decision; one's own are not offered."""

    form_class = ManyForm
    permission = "surveys.accept_submission"
    title = _("Accept many at once")
    intro = _(
        "Received and flagged answers of others. Take the tick from those to be looked at one by"
        " one. Those held for review are ticked nowhere: tick them only when you know why they are"
        " held, and write a note."
    )
    verb = _("Accept those ticked")

    def form_options(self) -> dict[str, Any]:
        """The first of those that wait, of one round when named."""
        reader = without_opened(self.staff)
        rows = to_decide(reader).exclude(round__state=RoundState.LOCKED).order_by("-state", "id")
        named = self.request.GET.get("round", "")
        if named:
            rows = rows.filter(round__in=[pk for pk in [_id(named)] if pk])
        keys = list(rows.values_list("pk", flat=True)[:MANY])
        self.offered = rows.filter(pk__in=keys).prefetch_related("flags")
        return {"rows": self.offered}

    def initial(self) -> dict[str, Any]:
        """What passed the check and carries no flag is ticked."""
        rows = self.form_options()["rows"].filter(state=SubmissionState.RECEIVED)
        return {"answers": [row.pk for row in rows if not _open_flags(row)]}

    def context(self) -> dict[str, Any]:
        """Note whom the page shows."""
        persons = self.offered.exclude(case__person=None).values_list("case__person_id", flat=True)
        reads.note(self.request, persons=list(persons), action="LIST", highest="P")
        return {}

    def perform(self, values: dict[str, Any]) -> Any:
        """Accept them."""
        return services.accept_submissions(
            acting_staff=self.staff, submissions=list(values["answers"]), note=values["note"]
        )

    def done_message(self, result: Any) -> str:
        """How many."""
        return ngettext(
            "{count} set of answers is accepted.", "{count} sets of answers are accepted.",
            len(result),
        ).format(count=len(result))  # fmt: skip

    def success_url(self, result: Any) -> str:
        """To those that still wait."""
        return reverse("surveys:submission_list")


def _open_flags(row: Submission) -> bool:
    return any(flag.resolved_by_id is None for flag in row.flags.all())


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
