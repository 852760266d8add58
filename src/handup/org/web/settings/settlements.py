"""Towns and countryside: what each area is, and since when."""

from datetime import date
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import services
from handup.org.models import Area, AreaClass, Settlement
from handup.org.services.settlements import SettlementIn
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Action, EmptyState
from handup.org.web.pages import Header, Table, actions_of

MANY = Action(_("Towns and countryside"), "org:area_settlements", "org.add_area")
MOST_FAULTS = 20
NOTHING_TOLD = EmptyState(
    _("Nothing is told yet"), _("Until then it is what the area it lies in is.")
)


def kind_told(text: str) -> str:
    """The code of a kind of place as people write it: in the reader's language or as the code;
    empty where it is none.
    """
    low = text.strip().casefold()
    known = {code.casefold(): code for code in Settlement.values}
    known |= {str(label).casefold(): code for code, label in Settlement.choices}
    return known.get(low, "")


class SettlementForm(HouseForm):
    """What one area is, and since when."""

    settlement = forms.ChoiceField(
        label=_("Town or countryside"), choices=Settlement.choices, widget=forms.RadioSelect
    )
    since = DayField(
        label=_("Since"),
        required=False,
        help_text=_("Leave it empty if it was always so."),
    )


class TellSettlement(FormPage):
    """Say whether an area is a town or countryside."""

    form_class = SettlementForm
    permission = "org.add_area"
    subject_model = Area
    subject: Area
    template = "org/settlement.html"
    title = _("Town or countryside?")
    intro = _(
        "Figures count each person where she lived on the day. What was told of the same day before"
        " is replaced."
    )
    verb = _("Keep it")

    def context(self) -> dict[str, Any]:
        """What was told of it so far."""
        header = Header(self.title, crumbs=self.crumbs(), subtitle=str(self.subject))
        rows = list(
            AreaClass.objects.visible_to(self.staff)
            .filter(area=self.subject, replaced_at=None)
            .order_by("-from_date", "id")
        )
        columns = (
            Column(
                "settlement", _("Kind of place"), value=lambda row: row.get_settlement_display()
            ),
            Column("from_date", _("Since"), Kind.DATE),
        )
        table = Table(_("What was told so far"), columns, rows, NOTHING_TOLD)
        return {
            "header": header,
            **actions_of(header, self.staff, self.subject),
            "tables": [table],
        }

    def perform(self, values: dict[str, Any]) -> AreaClass:
        """Keep it."""
        told = SettlementIn(self.subject.code, values["settlement"], values["since"], self.new_id)
        return services.tell_settlements(acting_staff=self.staff, told=[told])[0]

    def success_url(self, result: AreaClass) -> str:
        """The register."""
        return reverse("org:area_list")


class SettlementsForm(HouseForm):
    """Many areas at once, one a line, as copied from a spreadsheet."""

    lines = forms.CharField(
        label=_("Areas, one a line"),
        max_length=500_000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text=_("Code; town or countryside. Another way to write it: URBAN or RURAL."),
    )
    since = DayField(
        label=_("Since"),
        required=False,
        help_text=_("Leave it empty if it was always so."),
    )

    def clean(self) -> dict[str, Any]:
        """Read the lines; every fault is told with its line."""
        values = super().clean() or {}
        if "lines" in values:
            rows, faults = read_settlements(values["lines"])
            for fault in faults[:MOST_FAULTS]:
                self.add_error("lines", fault)
            values["told"] = rows
        return values


def read_settlements(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    """Read "code; town" by tab or semicolon: the rows in order, and every fault with its line."""
    known = set(Area.objects.values_list("code", flat=True))
    rows: list[tuple[str, str]] = []
    faults: list[str] = []
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        code, told, *more = [one.strip() for one in line.split("\t" if "\t" in line else ";")] + [
            ""
        ]
        fault: Any = None
        if any(more) or not kind_told(told):
            fault = _("write the code of the area, and town or countryside")
        elif code not in known:
            fault = _("there is no area with this code")
        elif code in seen:
            fault = _("this area stands in a line above")
        if fault is None:
            rows.append((code, kind_told(told)))
        else:
            faults.append(_now("Line %(number)s: ") % {"number": number} + str(fault))
        seen.add(code)
    return rows, faults


class TellSettlements(FormPage):
    """Say of many areas whether they are towns or countryside."""

    form_class = SettlementsForm
    permission = "org.add_area"
    title = _("Towns and countryside")
    intro = _(
        "Either all lines are kept or none. An area that is not told of is as the area it lies in."
    )
    verb = _("Keep them")

    def perform(self, values: dict[str, Any]) -> list[AreaClass]:
        """Keep them."""
        since: date | None = values["since"]
        told = [SettlementIn(code, kind, since) for code, kind in values["told"]]
        return services.tell_settlements(acting_staff=self.staff, told=told)

    def done_message(self, result: list[AreaClass]) -> str:
        """How many."""
        return _now("Areas of which it is told: %(count)s.") % {"count": len(result)}

    def success_url(self, result: list[AreaClass]) -> str:
        """The register."""
        return reverse("org:area_list")
