"""Pages that record which groups were told of something, and the tables that show it on the pages
of an opportunity, a price and a group.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, GroupTold
from handup.groups.models.told import Way
from handup.groups.services.told import tell_groups
from handup.kernel.named_lists import add_once
from handup.markets.models import Opportunity, PriceObservation
from handup.markets.models.labels import OpportunityState, PriceState
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.pages import Table

TELL = _("Record which groups were told")


class ToldForm(HouseForm):
    """Which groups were told, when and how."""

    groups: Any = forms.ModelMultipleChoiceField(
        Group.objects.none(), label=_("Groups"), widget=forms.CheckboxSelectMultiple
    )
    told_date = DayField(label=_("Told on"))
    way = forms.ChoiceField(label=_("How"), choices=Way.choices)
    present = forms.IntegerField(
        label=_("Members there"), min_value=0, max_value=10_000, required=False
    )
    answer = forms.CharField(
        label=_("What they said"),
        max_length=300,
        required=False,
        help_text=_("Of the group, without names."),
    )

    def __init__(self, *args: Any, rows: Any, **options: Any) -> None:
        """Offer the groups the reader may tell."""
        super().__init__(*args, **options)
        field = self.fields["groups"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = rows


class TellGroups(FormPage):
    """Record which groups were told of an opportunity."""

    form_class = ToldForm
    permission = ""
    title = TELL
    verb = _("Record")
    subject_model: ClassVar[Any] = Opportunity
    subject: Any
    named: ClassVar[str] = "opportunity"

    def form_options(self) -> dict[str, Any]:
        """The groups within her reach that were not told yet."""
        told = GroupTold._base_manager.filter(**{self.named: self.subject}).values("group")
        rows = Group.objects.all().reached_with(self.staff, "groups.tell_groups")
        return {"rows": rows.exclude(pk__in=told).order_by("name")}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"told_date": timezone.localdate(), "way": Way.MEETING.value}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return tell_groups(
            acting_staff=self.staff,
            groups=list(values["groups"]),
            told_date=values["told_date"],
            today=timezone.localdate(),
            way=Way(values["way"]),
            present=values["present"],
            answer=values["answer"],
            **{self.named: self.subject},
        )

    def success_url(self, result: Any) -> str:
        """What they were told of."""
        return reverse(f"markets:{self.named}_detail", args=[self.subject.pk])


class TellGroupsPrice(TellGroups):
    """Record which groups were told of a price."""

    subject_model = PriceObservation
    named = "price"


def opportunity_actions(staff: StaffUser, row: Opportunity) -> Sequence[Action]:
    """Tell groups of an opportunity that was not dropped."""
    if row.state == OpportunityState.DROPPED:
        return ()
    return (Action(TELL, "groups:told_opportunity", "groups.tell_groups", args=(row.pk,)),)


def price_actions(staff: StaffUser, row: PriceObservation) -> Sequence[Action]:
    """Tell groups of a published price."""
    if row.state != PriceState.PUBLISHED:
        return ()
    return (Action(TELL, "groups:told_price", "groups.tell_groups", args=(row.pk,)),)


def _table(staff: StaffUser, **of: Any) -> Sequence[Table]:
    if not may(staff, "groups.view_group"):
        return ()
    rows = GroupTold.objects.visible_to(staff).filter(**of).select_related("group", "told_by")
    return (
        Table(
            _t("Groups that were told"),
            (
                Column(
                    "group",
                    _("Group"),
                    Kind.LINK,
                    href=lambda row: reverse("groups:group_detail", args=[row.group_id]),
                ),
                Column("told_date", _("Told on"), Kind.DATE),
                Column("way", _("How")),
                Column("present", _("Members there"), Kind.NUMBER),
                Column("answer", _("What they said")),
                Column("told_by", _("Told by")),
            ),
            rows,
            EmptyState(_("No group was told yet")),
        ),
    )


def opportunity_table(staff: StaffUser, row: Opportunity) -> Sequence[Table]:
    """The groups that were told of an opportunity, as far as the reader may see them."""
    return _table(staff, opportunity=row)


def price_table(staff: StaffUser, row: PriceObservation) -> Sequence[Table]:
    """The groups that were told of a price."""
    return _table(staff, price=row) if row.state == PriceState.PUBLISHED else ()


def group_table(staff: StaffUser, group_id: UUID) -> Sequence[Table]:
    """What a group was told of markets."""
    rows = GroupTold.objects.visible_to(staff).filter(group_id=group_id)
    found = list(rows.select_related("opportunity", "price__commodity", "price__market")[:20])
    if not found:
        return ()
    return (
        Table(
            _t("What it was told of markets"),
            (
                Column("what", _("Of what"), value=_what, href=_what_href),
                Column("told_date", _("Told on"), Kind.DATE),
                Column("way", _("How")),
                Column("answer", _("What they said")),
            ),
            found,
        ),
    )


def _what(row: GroupTold) -> str:
    return str(row.opportunity or row.price)


def _what_href(row: GroupTold) -> str:
    if row.opportunity_id:
        return reverse("markets:opportunity_detail", args=[row.opportunity_id])
    return reverse("markets:price_detail", args=[row.price_id])


def register() -> None:
    """Add all of it to the named lists of markets and of groups, once."""
    from handup.groups import sections as own
    from handup.markets import sections

    add_once(sections.opportunity_actions, opportunity_actions)
    add_once(sections.opportunity_sections, opportunity_table)
    add_once(sections.price_actions, price_actions)
    add_once(sections.price_sections, price_table)
    add_once(own.group_sections, group_table)
