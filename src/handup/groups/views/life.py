"""Forms for how far a group has come: it graduates, or it ends."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.services import life as services
from handup.groups.views.dues import VOTE, DayForm, VoteForm, votes_of
from handup.groups.views.ruling import OfGroup
from handup.org.web.forms import Question


class GraduateGroup(OfGroup):
    """Keep that a group goes on without the programme."""

    form_class = DayForm
    permission = services.GRADUATE
    title = _("The group graduates")
    intro = _("It goes on meeting and saving, and needs the programme no more.")
    verb = _("Record it")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.graduate_group(acting_staff=self.staff, group=self.subject, **values)


class CloseGroup(OfGroup):
    """End a group by a vote of its members."""

    form_class = VoteForm
    permission = services.CLOSE
    title = _("The group ends")
    intro = _(
        "Four fifths of all members vote for it, and its books are at zero: everybody has what is"
        " hers and owes nothing. All memberships end that day."
    )
    verb = _("End the group")
    questions = (Question(_("How did the assembly vote?"), VOTE),)
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.close_group(
            acting_staff=self.staff, group=self.subject, votes=votes_of(values)
        )
