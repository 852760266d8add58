"""The calendar of closed days."""

from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import services
from handup.org.models import Area, ClosedDay, Office
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search, Tick

NEW = Action(_("Enter a closed day"), "org:closed_day_new", "org.enter_closed_day")


def _place(row: ClosedDay) -> str:
    return str(row.office or row.area or _now("everywhere"))


class ClosedDayList(ListPage):
    """Days without business."""

    model = ClosedDay
    permission = "org.view_calendar"
    title = _("Closed days")
    columns = (
        Column("day", _("Day"), Kind.DATE, sort="day"),
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="org:closed_day_withdraw"),
        Column("place", _("Where"), value=_place),
        Column("every_year", _("Every year"), Kind.TICK),
        Column("entered_by", _("Entered by")),
    )
    filters = (Search(("name",)), Tick("yearly", _("only those of every year"), Q(every_year=True)))
    order = "day"
    related = ("office", "area", "entered_by")
    primary = NEW
    empty = EmptyState(
        _("No closed days yet"), _("A due date on a closed day moves as the product says."), NEW
    )

    def rows(self) -> Any:
        """Those that were not withdrawn."""
        return super().rows().filter(withdrawn_at=None)


class ClosedDayForm(HouseForm):
    """A day without business."""

    day = DayField(label=_("Day"))
    name = forms.CharField(label=_("Name"), max_length=120)
    every_year = forms.BooleanField(label=_("Every year on this date"), required=False)
    office = forms.ModelChoiceField(
        label=_("Only of this office"), queryset=Office.objects.none(), required=False
    )
    area = forms.ModelChoiceField(
        label=_("Only in this area"), queryset=Area.objects.none(), required=False
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the places there are."""
        super().__init__(*args, **options)
        for name, model in (("office", Office), ("area", Area)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = model._default_manager.all()


class EnterClosedDay(FormPage):
    """Enter a day."""

    form_class = ClosedDayForm
    permission = "org.enter_closed_day"
    title = _("Enter a closed day")
    intro = _("Loans signed from now on have no instalment due on it. Signed schedules stay.")
    verb = _("Enter")

    def perform(self, values: dict[str, Any]) -> Any:
        """Enter it."""
        return services.enter_closed_day(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """The calendar."""
        return reverse("org:closed_day_list")


class WithdrawClosedDay(FormPage):
    """Take a day out again."""

    form_class = HouseForm
    permission = "org.enter_closed_day"
    subject_model = ClosedDay
    title = _("Take a day out of the calendar")
    verb = _("Take it out")

    def lead(self) -> str:
        """Which day."""
        return f"{self.subject.name}, {date_format(self.subject.day)}, {_place(self.subject)}"

    def perform(self, values: dict[str, Any]) -> Any:
        """Withdraw it."""
        return services.withdraw_closed_day(acting_staff=self.staff, closed_day=self.subject)

    def success_url(self, result: Any) -> str:
        """The calendar."""
        return reverse("org:closed_day_list")
