"""Pages that change what stands: answers corrected or withdrawn, a round opened again."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.surveys import services
from handup.surveys.forms.corrections import CorrectionForm, ReasonForm, WithdrawalForm
from handup.surveys.models import Submission
from handup.surveys.queries import sensitive_names
from handup.surveys.rules.codes import RoundState, SubmissionState
from handup.surveys.services.corrections import answers_now, questions_of
from handup.surveys.views.writes import ToCase, ToRound


class CorrectSubmission(FormPage):
    """Correct a set of answers: a new state of it, decided on by another person."""

    subject_model = Submission
    form_class = CorrectionForm
    permission = "surveys.correct_submission"
    title = _("Correct the answers")
    intro = _(
        "What was sent stays as it is. What you change is kept as a new state, checked again, and"
        " another person decides on it."
    )
    verb = _("Keep the correction")

    def form_options(self) -> dict[str, Any]:
        """What stands there now."""
        row = self.subject
        sees = may(self.staff, "surveys.view_sensitive", row)
        secret = frozenset() if sees else sensitive_names(row.version)
        now = answers_now(row) if row.body else {}
        return {
            "now": {place: text for place, text in now.items() if place[0] not in secret},
            "questions": {
                name: one for name, one in questions_of(row).items() if sees or not one.sensitive
            },
            "currency": row.round.programme.currency,
        }

    def context(self) -> dict[str, Any]:
        """Note whose answers are shown."""
        person = self.subject.case.person_id
        reads.note(self.request, persons=[person] if person else [], highest="S")
        return {}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep what differs."""
        form = CorrectionForm(self.request.POST, **self.form_options())
        form.is_valid()
        return services.correct_submission(
            acting_staff=self.staff,
            submission=self.subject,
            changes=form.changes(),
            reason=values["reason"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """To the new state."""
        return reverse("surveys:submission_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """What became of it."""
        if result.state == SubmissionState.HELD:
            return _t("The correction is kept and held for review.")
        return _t("The correction is kept and waits for a decision.")


class WithdrawAnswers(ToCase):
    """Withdraw the answers of an interview because whoever gave them asks for it."""

    form_class = WithdrawalForm
    permission = "surveys.withdraw_answers"
    title = _("Withdraw the answers")
    intro = _(
        "The answers are taken out for good and leave every figure from now on; what was published"
        " before stays. That they were withdrawn is counted. This cannot be undone."
    )
    verb = _("Withdraw the answers")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"asked_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Withdraw them."""
        return services.withdraw_answers(acting_staff=self.staff, case=self.subject, **values)

    def done_message(self, result: Any) -> str:
        """That it is done."""
        return _t("The answers are withdrawn.")


class ReopenRound(ToRound):
    """Take a round one step back."""

    form_class = ReasonForm
    permission = "surveys.reopen_round"
    title = _("Open the round again")
    verb = _("Open the round again")

    def lead(self) -> Any:
        """What follows."""
        if self.subject.state == RoundState.LOCKED:
            return _(
                "Decisions and corrections can be made again. Figures leave the round out until it"
                " is locked again; those shown before are out of date."
            )
        return _("Answers are taken again.")

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.reopen_round(
            acting_staff=self.staff, round=self.subject, reason=values["reason"]
        )
