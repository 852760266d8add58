"""What one person said of a line on suspense, and another must agree to."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.bankforms import MatchDecisionForm
from handup.lending.models import LineMatch, Loan
from handup.lending.rules.banking.codes import MatchState
from handup.lending.still_here import matches_here
from handup.lending.views.suspense import line_facts, match_words, money, recorded_facts
from handup.org import reads
from handup.org.duties import may_take
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState
from handup.org.web.pages import Fact, FactGroup, Header, QueuePage


class MatchQueue(QueuePage):
    """What one person said of a line and another must agree to."""

    permission = "lending.confirm_match"
    title = _("Matches to agree to")
    empty = EmptyState(
        _("Nothing waits for you"), _("What others say of lines on suspense will stand here.")
    )

    def cases(self) -> Any:
        """Proposals the reader may decide: those of others; her own where one person is all there
        is.
        """
        rows = (
            matches_here(LineMatch.objects.visible_to(self.staff))
            .filter(state=MatchState.PROPOSED.value)
            .select_related("line__account", "line__loan", "proposed_by", "recorded_event__loan")
            .order_by("pk")
        )
        return rows if alone(self.staff) else rows.exclude(proposed_by=self.staff)

    def header(self, case: LineMatch) -> Header:
        """Amount, and who said so."""
        return Header(money(case.line), _now("said by %(who)s") % {"who": case.proposed_by})

    def panels(self, case: LineMatch) -> Sequence[FactGroup]:
        """The line beside what was said of it."""
        said = FactGroup(
            _("What was said"),
            [
                Fact(_("It is"), case.get_kind_display()),
                Fact(_("In detail"), match_words(case, case.line, self.staff)),
                Fact(_("Reason"), case.reason),
                Fact(_("By"), case.proposed_by),
                Fact(_("On"), case.proposed_date),
            ],
        )
        persons = (
            Loan.objects.visible_to(self.staff)
            .filter(pk__in=[part["loan"] for part in case.parts], person__isnull=False)
            .values_list("person_id", flat=True)
        )
        reads.note(self.request, persons=list(persons), action="VIEW", highest="P")
        beside = recorded_facts(case.line, self.staff)
        return [line_facts(case.line, self.staff), *beside, said]

    def form(self, case: LineMatch) -> MatchDecisionForm:
        """Yes or no."""
        return MatchDecisionForm(initial={"agree": "yes"})

    def decide_url(self, case: LineMatch) -> str:
        """Where it is posted."""
        return reverse("lending:decide_match", args=[case.pk])


def alone(staff: Any) -> bool:
    """Whether the profile lets one person take both steps."""
    return may_take(staff, staff, step="lending.confirm_match") and may(staff, "lending.match_line")


class DecideMatch(FormPage):
    """Agree, or not, to what another person said of a line."""

    form_class = MatchDecisionForm
    permission = "lending.confirm_match"
    subject_model = LineMatch
    title = _("Do you agree?")
    verb = _("Decide")

    def perform(self, values: dict[str, Any]) -> Any:
        """Confirm, or decline."""
        told = {
            "acting_staff": self.staff,
            "match": self.subject,
            "on": timezone.localdate(),
            "reason": values["reason"],
        }
        if values["agree"] == "yes":
            return services.confirm_match(**told)
        return services.decline_match(**told)

    def success_url(self, result: Any) -> str:
        """The next one."""
        return reverse("lending:matches_to_decide")

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        if result.state == MatchState.CONFIRMED:
            return _now("It is booked.")
        return _now("It waits to be matched again.")
