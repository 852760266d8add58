"""The form of a collection sheet: an amount and a tick a line, what was counted, how old it is."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.lending.collecting import Line
from handup.lending.forms import LateForm
from handup.lending.services.collecting import CollectedIn
from handup.org.web.forms import DayField, MoneyField


class Cells(NamedTuple):
    """A line with its two cells."""

    line: Line
    paid: BoundField
    absent: BoundField


class SheetForm(LateForm):
    """One amount and one tick a loan; empty for nothing paid."""

    data_date = DayField(
        label=_("The sheet was made on"),
        help_text=_("As it stands on the paper; leave it as it is when it was never printed."),
    )
    compared = forms.BooleanField(
        label=_("It is old, and was compared with what was paid since"), required=False
    )

    separate = forms.CharField(
        label=_("Why this is other money than is recorded already"), max_length=300, required=False
    )

    def __init__(self, *args: Any, lines: Sequence[Line], currency: str, **options: Any) -> None:
        """Two fields a line, and what was counted."""
        self.sheet = list(lines)
        super().__init__(*args, **options)
        self.fields["counted"] = MoneyField(
            label=_("Counted in cash"), currency=currency, least_units=0
        )
        self.fields["counted"].widget.attrs["class"] = "form-control"
        for line in self.sheet:
            self._add(line)

    def _add(self, line: Line) -> None:
        paid = MoneyField(
            label=line.loan.code, currency=line.loan.currency, required=False, least_units=0
        )
        paid.widget.attrs |= {
            "class": "cell form-control",
            "data-sum": "sum-paid",
            "aria-label": f"{_('Paid')} {line.loan.code}",
        }
        absent = forms.BooleanField(label=line.loan.code, required=False)
        absent.widget.attrs |= {
            "class": "form-check-input",
            "aria-label": f"{_('Absent')} {line.loan.code}",
        }
        self.fields[f"paid_{line.loan.pk.hex}"] = paid
        self.fields[f"absent_{line.loan.pk.hex}"] = absent

    @property
    def lines(self) -> list[Cells]:
        """Each line with its cells."""
        return [
            Cells(line, self[f"paid_{line.loan.pk.hex}"], self[f"absent_{line.loan.pk.hex}"])
            for line in self.sheet
        ]


def collected(values: Mapping[str, Any], lines: Sequence[Line]) -> list[CollectedIn]:
    """What was written in each line."""
    return [
        CollectedIn(
            line.loan.pk,
            int(values.get(f"paid_{line.loan.pk.hex}") or 0),
            bool(values.get(f"absent_{line.loan.pk.hex}")),
        )
        for line in lines
    ]
