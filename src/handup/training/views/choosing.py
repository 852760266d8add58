"""People for a cohort, ticked in a list instead of copied by number."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from handup.org.permissions import require
from handup.org.web.lists import Action, EmptyState, Picking
from handup.people.models import Participation, Person
from handup.people.views.persons import PersonList
from handup.training.models import Cohort, Enrolment

ENROL, APPLY = "training.enrol_in_cohort", "training.record_application"


def id_of(person: Person) -> str:
    """What stands for her in the address of the enrolment page."""
    return str(person.pk)


class ChoosePeople(PersonList):
    """Persons of the cohort's programme who are not on its roll yet."""

    title: ClassVar[Any] = _("Choose people")
    intro = _("Tick whom you mean. The next page asks for the day before anything is written.")
    edited_as = ""
    primary: ClassVar[Action | None] = None
    empty = EmptyState(
        _("Nobody is left to choose"),
        _("Everybody of this programme whom you may see is on the roll already."),
    )
    cohort: Cohort

    def enter(self, staff: Any) -> None:
        """For a cohort she may see and enrol people in."""
        require(staff, "people.view_person")
        cohort = Cohort.objects.visible_to(staff).filter(pk=self.kwargs["pk"]).first()
        if cohort is None:
            raise Http404
        require(staff, ENROL, cohort)
        self.cohort = cohort

    def rows(self) -> QuerySet[Any]:
        """Of the cohort's programme, without those it knows already."""
        programme = self.cohort.programme_id
        takes_part = Participation._base_manager.filter(programme=programme).values("person_id")
        known = Enrolment._base_manager.filter(cohort=self.cohort).values("person_id")
        rows = super().rows().filter(Q(programme=programme) | Q(pk__in=takes_part))
        return rows.exclude(pk__in=known)

    def picking(self) -> Picking:
        """Enrol them, or record that they apply."""
        key = (self.cohort.pk,)
        return Picking(
            "person",
            id_of,
            (
                Action(_("Enrol those ticked"), "training:cohort_enrol", ENROL, args=key),
                Action(_("They apply"), "training:cohort_apply", APPLY, args=key),
            ),
        )
