"""Form pages of surveys; each is one form and one service call."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.org.web.forms import FormPage, HouseForm
from handup.surveys import services
from handup.surveys.eligible_queries import eligible_for
from handup.surveys.forms.answers import AnswerForm
from handup.surveys.forms.rounds import (
    ContactForm,
    NumbersForm,
    OutcomeForm,
    ReplaceForm,
    RoundForm,
)
from handup.surveys.models import Case, Round
from handup.surveys.queries import current_version
from handup.surveys.rules.codes import SubmissionState
from handup.surveys.services.numbers import numbers
from handup.surveys.services.questionnaires import shipped, shipped_codes
from handup.surveys.services.refusals import NoPublishedVersion


class TakeForm(HouseForm):
    """One of the questionnaires that come with the program."""

    code = forms.ChoiceField(label=_("Questionnaire"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer them by their titles."""
        super().__init__(*args, **options)
        field = self.fields["code"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, shipped(code)["title"]) for code in shipped_codes()]


class TakeQuestionnaire(FormPage):
    """Take a questionnaire that comes with the program into use."""

    form_class = TakeForm
    permission = "surveys.draft_questionnaire"
    title = _("Take a questionnaire into use")
    intro = _("The questionnaires that come with the program are checked and ready to be asked.")
    verb = _("Take into use")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        return services.install_questionnaire(acting_staff=self.staff, code=values["code"])

    def success_url(self, result: Any) -> str:
        """The questionnaire."""
        return reverse("surveys:questionnaire_detail", args=[result.questionnaire_id])


class NewRound(FormPage):
    """Plan a round."""

    form_class = RoundForm
    permission = "surveys.plan_round"
    title = _("Plan a round")
    verb = _("Plan the round")

    def form_options(self) -> dict[str, Any]:
        """Tell the form who fills it in."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Any:
        """Plan it."""
        return services.plan_round(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the round."""
        return reverse("surveys:round_detail", args=[result.pk])


class SetNumbers(FormPage):
    """How many are asked without a draw, and how often somebody is looked for."""

    form_class = NumbersForm
    permission = "surveys.set_numbers"
    title = _("Numbers of surveys")
    intro = _("They hold for what is recorded from now on, in every round.")
    verb = _("Set the numbers")

    def initial(self) -> dict[str, Any]:
        """As they are."""
        return asdict(numbers())

    def perform(self, values: dict[str, Any]) -> Any:
        """Set them."""
        return services.set_numbers(acting_staff=self.staff, told=services.Numbers(**values))

    def success_url(self, result: Any) -> str:
        """Back to the rounds."""
        return reverse("surveys:round_list")

    def done_message(self, result: Any) -> str:
        """That it is done."""
        return _t("The numbers are set.")


class ToRound(FormPage):
    """A step of a round that leads back to it."""

    subject_model = Round
    form_class = HouseForm

    def success_url(self, result: Any) -> str:
        """Back to the round."""
        return reverse("surveys:round_detail", args=[self.subject.pk])


class DrawSample(ToRound):
    """Draw who is asked among everybody the programme serves."""

    permission = "surveys.draw_sample"
    title = _("Draw who is asked")
    intro = _(
        "Everybody of the programme you may see is eligible, but for children who take no part"
        " themselves; the draw is repeatable."
    )
    verb = _("Draw")

    def perform(self, values: dict[str, Any]) -> Any:
        """Draw from the subjects of the programme she sees."""
        return services.draw_sample(
            acting_staff=self.staff,
            round=self.subject,
            eligible=eligible_for(self.staff, self.subject),
        )

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext("{count} case is drawn.", "{count} cases are drawn.", count).format(
            count=count
        )


class OpenRound(ToRound):
    """Open a round."""

    permission = "surveys.open_round"
    title = _("Open the round")
    intro = _("From now on answers are taken.")
    verb = _("Open the round")

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.open_round(acting_staff=self.staff, round=self.subject)


class CloseRound(ToRound):
    """Close a round."""

    permission = "surveys.close_round"
    title = _("Close the round")
    intro = _(
        "No more answers are taken; decisions may still be made. Results count them once the"
        " round is locked."
    )
    verb = _("Close the round")

    def perform(self, values: dict[str, Any]) -> Any:
        """Close it."""
        return services.close_round(acting_staff=self.staff, round=self.subject)


class LockRound(ToRound):
    """Lock a round."""

    permission = "surveys.lock_round"
    title = _("Lock the round")
    intro = _("Its accepted answers are fixed for the reports.")
    verb = _("Lock the round")

    def perform(self, values: dict[str, Any]) -> Any:
        """Lock it."""
        return services.lock_round(acting_staff=self.staff, round=self.subject)


class ToCase(FormPage):
    """A form page about a case that leads back to it; the read log notes whom it shows."""

    subject_model = Case

    def context(self) -> dict[str, Any]:
        """Note who is shown."""
        if self.subject.person_id:
            reads.note(self.request, persons=[self.subject.person_id], highest="P")
        return {}

    def success_url(self, result: Any) -> str:
        """Back to the case."""
        return reverse("surveys:case_detail", args=[self.subject.pk])


class NewContact(ToCase):
    """Record a try to reach somebody."""

    form_class = ContactForm
    permission = "surveys.record_contact"
    title = _("Record a try to reach somebody")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"attempt_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.record_contact(
            acting_staff=self.staff, case=self.subject, id=self.new_id, **values
        )


class ReplaceCase(ToCase):
    """Ask somebody else in the place of who was not reached."""

    form_class = ReplaceForm
    permission = "surveys.replace_case"
    title = _("Ask somebody else instead")
    intro = _(
        "The next one of the draw takes the place: from the same stratum or cluster where the round"
        " was drawn by them. This case stays as it is, and both are counted."
    )
    verb = _("Draw the next one")

    def perform(self, values: dict[str, Any]) -> Any:
        """Draw."""
        return services.replace_case(
            acting_staff=self.staff,
            case=self.subject,
            eligible=eligible_for(self.staff, self.subject.round),
            reason=values["reason"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """To the new case."""
        return reverse("surveys:case_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Who it is."""
        return _t("{name} is asked instead.").format(name=result.subject)


class EndCase(ToCase):
    """End a case without an interview."""

    form_class = OutcomeForm
    permission = "surveys.record_outcome"
    title = _("End without an interview")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"outcome_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.record_outcome(acting_staff=self.staff, case=self.subject, **values)


class FillCase(ToCase):
    """The questionnaire as a plain form; works without JavaScript."""

    form_class = AnswerForm
    permission = "surveys.record_submission"
    title = _("Ask the questions")
    verb = _("Send the answers")

    def form_options(self) -> dict[str, Any]:
        """The published version, amounts in the programme's currency."""
        questionnaire = self.subject.round.questionnaire
        version = current_version(questionnaire_id=questionnaire.pk)
        if version is None:
            raise NoPublishedVersion(title=questionnaire.title)
        self.version = version
        return {"version": version, "currency": self.subject.round.programme.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"answered_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Send the answers under the id made when the form was opened."""
        form = AnswerForm(self.request.POST, initial=self.initial(), **self.form_options())
        form.is_valid()
        return services.record_submission(
            acting_staff=self.staff,
            submission=services.SubmissionIn(
                case=self.subject,
                version=self.version,
                answers=form.answers(),
                answered_date=values["answered_date"],
                consented=values["consented"],
                instance_id=str(self.new_id),
            ),
        )

    def done_message(self, result: Any) -> str:
        """What happened to them."""
        if result.state == SubmissionState.HELD:
            return _t("The answers are kept and held for review.")
        return _t("The answers are received.")
