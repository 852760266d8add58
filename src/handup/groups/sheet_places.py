"""Where a cell of a meeting's sheet stands on paper: a letter for its column, the member's number
for its line, alike on the printed sheet, beside its photo and in the grid ("B7")."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

HEADS: Mapping[str, Promise] = {
    "mark": _("Was she there?"),
    "saved": _("Saved"),
    "social": _("Social fund"),
    "fine": _("Fine paid"),
    "repaid": _("Loan paid back"),
    "lent": _("Lent"),
}
"""The columns of the sheet in their order."""
LETTERS: Mapping[str, str] = dict(zip(HEADS, "ABCDEF", strict=True))


def place(column: str, member_no: int) -> str:
    """The name of a cell."""
    return f"{LETTERS[column]}{member_no}"


def lettered(column: str) -> str:
    """The head of a column with its letter."""
    return f"{LETTERS[column]} \u00b7 {HEADS[column]}"
