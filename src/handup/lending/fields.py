"""Form fields of lending that stand in more than one form."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.lending.rules.tranches import TrancheIn
from handup.org.web.forms import MoneyField


class LinesField(forms.CharField):
    """Texts, one a line; the value is the list of those that are not empty."""

    def __init__(self, *, longest: int = 300, most: int = 20, **options: Any) -> None:
        """Take the longest line and the most lines."""
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        super().__init__(max_length=longest * most, required=False, **options)
        self.longest = longest

    def clean(self, value: Any) -> Any:
        """The lines."""
        text = super().clean(value)
        lines = [line.strip() for line in str(text or "").splitlines()]
        return [line[: self.longest] for line in lines if line]

    def prepare_value(self, value: Any) -> Any:
        """The lines as they were typed."""
        return "\n".join(value) if isinstance(value, list) else value


class DatesField(LinesField):
    """Days, one a line."""

    default_error_messages = {"bad_day": _("Line %(number)s: write the day as 2026-03-15.")}

    def clean(self, value: Any) -> Any:
        """The days."""
        found = []
        for number, line in enumerate(super().clean(value), 1):
            try:
                found.append(date.fromisoformat(line))
            except ValueError:
                raise forms.ValidationError(
                    self.error_messages["bad_day"], code="bad_day", params={"number": number}
                ) from None
        return found


class SharesField(forms.CharField):
    """Shares of a loan in percent with spaces between them; the value is parts of 10 000."""

    default_error_messages = {
        "bad_shares": _("Write numbers with at most two decimals, with spaces."),
    }

    def clean(self, value: Any) -> Any:
        """The shares."""
        text = super().clean(value) or ""
        try:
            return [
                exact(Decimal(share.rstrip("%").replace(",", ".")), 100)
                for share in str(text).replace(";", " ").split()
            ]
        except (ArithmeticError, ValueError):
            raise forms.ValidationError(
                self.error_messages["bad_shares"], code="bad_shares"
            ) from None


def exact(value: Decimal, times: int) -> int:
    """value × times where that is a whole number, of at most a hundred. Raises ValueError."""
    whole = value * times
    if whole != whole.to_integral_value() or not 0 <= whole <= 100 * times:
        raise ValueError(value)
    return int(whole)


class TranchesField(LinesField):
    """Parts of a loan, one a line: day; amount; what has to be there first."""

    default_error_messages = {
        "bad_line": _("Line %(number)s: write the day as 2026-03-15; then the amount; then why."),
    }
    currency = ""

    def clean(self, value: Any) -> Any:
        """The parts."""
        found = []
        for number, line in enumerate(super().clean(value), 1):
            day, amount, condition = [*line.split(";", 2), "", ""][:3]
            try:
                units = MoneyField(currency=self.currency).clean(amount.strip())
                found.append(TrancheIn(units, date.fromisoformat(day.strip()), condition.strip()))
            except ValueError:
                raise self._bad(number) from None
            except forms.ValidationError as error:
                raise self._bad(number) from error
        return found

    def _bad(self, number: int) -> forms.ValidationError:
        return forms.ValidationError(
            self.error_messages["bad_line"], code="bad_line", params={"number": number}
        )
