"""Form pages of invitations: tell those whom a freed place invited."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.training import services
from handup.training.forms import courses as forms
from handup.training.models import Enrolment
from handup.training.rules.states import EnrolmentState
from handup.training.views.courses import ToCohort


class TellInvited(ToCohort):
    """Record who was told that a place became free for her."""

    form_class = forms.TellForm
    permission = "training.tell_invited"
    title = _("Tell the invited")
    intro = _("Tick whom you reached. From that day on she has a week to answer.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Who is invited and was not told, as far as she may see them."""
        rows = Enrolment.objects.visible_to(self.staff).filter(
            cohort=self.subject, state=EnrolmentState.INVITED, told_date=None
        )
        found = list(rows.select_related("person", "cohort").order_by("person__sort_key", "pk"))
        persons = [row.person_id for row in found]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return {"applicants": found}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"told_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record all that are ticked, or none."""
        return services.tell_invited(acting_staff=self.staff, **values)

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext("{count} person is told.", "{count} persons are told.", count).format(
            count=count
        )
