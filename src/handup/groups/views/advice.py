"""Advice visits to groups: the list, the form, and the latest on the group's page."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import AdviceVisit, Group
from handup.groups.services.advice import ADVISE, MOST_PEOPLE, AdviceIn, record_advice_visit
from handup.groups.views.ruling import OfGroup
from handup.kernel.named_lists import add_once
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import DayField, HouseForm
from handup.org.web.lists import Action, Column, DateRange, EmptyState, Kind, ListPage, Search
from handup.org.web.pages import Table

ON_THE_PAGE = 5
COLUMNS = (
    Column("visit_date", _("Visited on"), Kind.DATE, sort="visit_date"),
    Column("situation", _("Situation")),
    Column("action", _("Action")),
    Column("next_step", _("Next step")),
    Column("next_date", _("Next visit"), Kind.DATE, sort="next_date"),
    Column("visitor", _("Visited by")),
)


def _group_page(row: AdviceVisit) -> str:
    return reverse("groups:group_detail", args=[row.group_id])


class AdviceList(ListPage):
    """Visits that advised groups, the latest first."""

    model = AdviceVisit
    permission = "groups.view_group"
    title = _("Advice visits to groups")
    related = ("group", "visitor")
    columns = (
        Column("group.name", _("Group"), Kind.LINK, href=_group_page),
        *COLUMNS,
    )  # fmt: skip
    filters = (
        Search(("group__name", "situation", "action"), label=_("Group or words")),
        DateRange("visited", _("Visited on"), "visit_date"),
    )
    order = "-visit_date"
    empty = EmptyState(_("No visit yet"), _("A visit is recorded on the page of its group."))


def _words(label: Any, *, required: bool, most: int = 1000) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AdviceForm(HouseForm):
    """Who was there, what was found, what to do."""

    visit_date = DayField(label=_("Visited on"))
    women = forms.IntegerField(label=_("Women there"), min_value=0, max_value=MOST_PEOPLE)
    men = forms.IntegerField(label=_("Men there"), min_value=0, max_value=MOST_PEOPLE)
    situation = _words(_("Situation"), required=True)
    explanation = _words(_("Explanation"), required=False)
    action = _words(_("Action"), required=True)
    next_step = _words(_("Next step"), required=False, most=500)
    next_date = DayField(label=_("Next visit"), required=False)


class RecordAdvice(OfGroup):
    """Record a visit that advised a group."""

    form_class = AdviceForm
    permission = ADVISE
    title = _("Record an advice visit")
    intro = _("Write of the group, without names. No plan is needed.")
    verb = _("Record the visit")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"visit_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> AdviceVisit:
        """Record it."""
        said = ("situation", "explanation", "action", "next_step", "next_date")
        return record_advice_visit(
            acting_staff=self.staff,
            group=self.subject,
            advice=AdviceIn(**{name: values.pop(name) for name in said}),
            id=self.new_id,
            **values,
        )


def advice_table(staff: StaffUser, group_id: UUID) -> Sequence[Table]:
    """The latest advice a group was given, as far as the reader may see it."""
    rows = AdviceVisit.objects.visible_to(staff).filter(group=group_id)
    found = list(rows.select_related("visitor")[:ON_THE_PAGE])
    return (Table(_("Advice visits"), COLUMNS, found),) if found else ()


def advice_actions(staff: StaffUser, group_id: UUID) -> Sequence[Action]:
    """Record a visit, for who advises groups."""
    group = Group.objects.visible_to(staff).filter(pk=group_id).first()
    if group is None or not may(staff, ADVISE, group):
        return ()
    return (Action(_("Record an advice visit"), "groups:advice_new", ADVISE, args=(group_id,)),)


def register() -> None:
    """Show both on the page of a group, once."""
    from handup.groups import sections

    add_once(sections.group_sections, advice_table)
    add_once(sections.group_actions, advice_actions)
