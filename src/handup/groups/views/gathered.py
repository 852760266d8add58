"""Refunds that gather for those who are no members: the list on the page of the surplus, joining
with them, giving them up."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import GatheredRefund, GatheredState, Group, Producer
from handup.groups.services import gathered as services
from handup.groups.services.gathered import GivenTo
from handup.groups.views.collection import note_producers
from handup.groups.views.dues import DayForm
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import Table

LIMIT = 300


def gathered_table(request: HttpRequest, staff: Any, group: Group) -> Table:
    """What gathers for whom, as far as the reader may see her; the newest year first."""
    seen = GatheredRefund.objects.visible_to(staff).filter(year__group=group)
    seen = seen.filter(year__is_reversed=False)
    rows = list(
        seen.select_related("year", "producer__person", "producer__member__member_group").order_by(
            "-year__year", "producer__number"
        )[:LIMIT]
    )
    note_producers(request, [row.producer for row in rows])

    def of(row: GatheredRefund) -> UUID:
        """All that gathers for her is used at once; what was given up is taken back by itself."""
        return row.pk if row.state == given else row.producer_id

    def act(name: str, word: Any, permission: str, key: str, state: str) -> Column:
        may_act = may(staff, permission, group)

        def stands(row: GatheredRefund) -> bool:
            return may_act and row.state == state

        return Column(
            key,
            word,
            Kind.LINK,
            value=lambda row: str(word) if stands(row) else "",
            href=lambda row: reverse(f"groups:{name}", args=[of(row)]) if stands(row) else "",
        )

    held, given = GatheredState.HELD.value, GatheredState.GIVEN_UP.value
    return Table(
        _now("Gathers for those who are no members"),
        (
            Column("year", _("Year"), value=lambda row: str(row.year.year)),
            Column("producer", _("Producer"), value=lambda row: str(row.producer)),
            Column("units", _("Refund"), Kind.MONEY, currency=group.currency),
            Column("state", _("State"), value=lambda row: row.get_state_display()),
            act("refunds_join", _("Let her join"), "groups.keep_shares", "join", held),
            act("refunds_give_up", _("Give up"), "groups.divide_surplus", "give_up", held),
            act("refunds_back", _("Take back"), "groups.reverse_fact", "back", given),
        ),
        rows,
        empty=EmptyState(_("Nothing gathers yet")),
    )


class OfGathered(FormPage):
    """A form about what gathers for one producer; it goes back to the page of the surplus."""

    subject_model: ClassVar[Any] = Producer
    subject: Any
    person_path = "person_id"
    form_class = DayForm
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def group_id(self) -> UUID:
        """Whose group it is."""
        found: UUID = self.subject.group_id
        return found

    def success_url(self, result: Any) -> str:
        """The page of the surplus."""
        return reverse("groups:surplus", args=[self.group_id()])


class JoinWithRefunds(OfGathered):
    """Let somebody join with what gathered for her."""

    permission = "groups.keep_shares"
    title = _("Let her join")
    intro = _("She becomes a member that day, and what gathered for her pays her shares.")
    verb = _("Let her join")

    def perform(self, values: dict[str, Any]) -> Any:
        """Admit her."""
        return services.join_with_refunds(
            acting_staff=self.staff, producer=self.subject, on=values["on"]
        )


class GiveUpForm(DayForm):
    """On which day, and where it goes."""

    to = forms.ChoiceField(
        label=_("Where does it go?"),
        choices=[(GivenTo.RESERVE.value, _("Reserve")), (GivenTo.EDUCATION.value, _("Education"))],
    )


class GiveUpRefunds(OfGathered):
    """Put what gathered for somebody who does not join into the reserve or to education."""

    form_class = GiveUpForm
    permission = "groups.divide_surplus"
    title = _("Give up what gathered")
    intro = _("She does not want to join, or it is too late for it.")
    verb = _("Give up")

    def perform(self, values: dict[str, Any]) -> Any:
        """Give it up."""
        return services.give_up_refunds(
            acting_staff=self.staff,
            producer=self.subject,
            on=values["on"],
            to=GivenTo(values["to"]),
        )


class TakeBackGivenUp(OfGathered):
    """Take back what was given up: it gathers again in her name."""

    subject_model = GatheredRefund
    person_path = "producer__person_id"
    permission = "groups.reverse_fact"
    title = _("Take back what was given up")
    verb = _("Take back")

    def group_id(self) -> UUID:
        """The group of the year it is of."""
        found: UUID = self.subject.year.group_id
        return found

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_given_up(
            acting_staff=self.staff, refund=self.subject, on=values["on"]
        )
