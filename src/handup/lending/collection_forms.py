"""The form of a collection sheet: an amount and a tick a line, what was counted, how old it is."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.lending.collecting import Line
from handup.lending.forms import LateForm
from handup.lending.services.sheet_lines import CollectedIn
from handup.org.web.forms import DayField, MoneyField

OTHER, WORDS_MOST = "other", 200


class Cells(NamedTuple):
    """A line with its two cells."""

    line: Line
    paid: BoundField
    absent: BoundField


class Unnamed(NamedTuple):
    """What was paid for a loan that is not on her list, or by somebody who is on no sheet."""

    words: BoundField
    paid: BoundField


class SheetForm(LateForm):
    """One amount and one tick a loan; empty for nothing paid. strays: loans that were on the sheet
    and are not on her list any more, or never were.
    """

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

    def __init__(
        self,
        *args: Any,
        lines: Sequence[Line],
        currency: str,
        strays: Sequence[UUID] = (),
        **options: Any,
    ) -> None:
        """Two fields a line, one line for somebody else, and what was counted."""
        self.sheet, self.strays = list(lines), [pk.hex for pk in strays]
        super().__init__(*args, **options)
        self.fields["counted"] = MoneyField(
            label=_("Counted in cash"), currency=currency, least_units=0
        )
        self.fields["counted"].widget.attrs["class"] = "form-control"
        for line in self.sheet:
            self._add(line)
        for name in (*self.strays, OTHER):
            self._add_unnamed(name, currency)

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

    def _add_unnamed(self, name: str, currency: str) -> None:
        words = forms.CharField(label=_("Who paid, as the sheet says"), required=False)
        words.max_length = WORDS_MOST
        words.widget.attrs |= {"class": "form-control", "maxlength": WORDS_MOST}
        words.widget.attrs["aria-label"] = str(words.label)
        paid = MoneyField(label=_("Paid"), currency=currency, required=False, least_units=0)
        paid.widget.attrs |= {
            "class": "cell form-control",
            "data-sum": "sum-paid",
            "aria-label": str(_("Paid by somebody who is not on the sheet")),
        }
        self.fields[f"words_{name}"], self.fields[f"paid_{name}"] = words, paid

    def clean(self) -> dict[str, Any]:
        """Money of somebody who is on no list needs a word on who it was."""
        values = super().clean() or self.cleaned_data
        if values.get(f"paid_{OTHER}") and not values.get(f"words_{OTHER}"):
            self.add_error(f"words_{OTHER}", _("Say who paid, and what was said."))
        return values

    @property
    def unnamed(self) -> list[Unnamed]:
        """The lines of who is on no list, the empty one last."""
        names = (*self.strays, OTHER)
        return [Unnamed(self[f"words_{name}"], self[f"paid_{name}"]) for name in names]

    @property
    def lines(self) -> list[Cells]:
        """Each line with its cells."""
        return [
            Cells(line, self[f"paid_{line.loan.pk.hex}"], self[f"absent_{line.loan.pk.hex}"])
            for line in self.sheet
        ]


def collected(
    values: Mapping[str, Any], lines: Sequence[Line], strays: Sequence[UUID] = ()
) -> list[CollectedIn]:
    """What was written in each line, and for who is on no list."""
    others = [
        CollectedIn(
            loan,
            int(values.get(f"paid_{name}") or 0),
            words=str(values.get(f"words_{name}") or ""),
        )
        for loan, name in [*((pk, pk.hex) for pk in strays), (None, OTHER)]
    ]
    return others + [
        CollectedIn(
            line.loan.pk,
            int(values.get(f"paid_{line.loan.pk.hex}") or 0),
            bool(values.get(f"absent_{line.loan.pk.hex}")),
        )
        for line in lines
    ]
