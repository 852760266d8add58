"""What is said of a line with a fault, in the reader's language, with its place."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

TEXTS = {
    "AMOUNT_NOT_READABLE": _("“%(value)s” is not an amount."),
    "AMOUNT_NOT_POSITIVE": _("The amount must be above zero."),
    "AMOUNT_TOO_LARGE": _("“%(value)s” is more money than can be kept."),
    "DATE_NOT_READABLE": _("“%(value)s” is not a date of the agreed form."),
    "FUTURE_DATE": _("%(value)s has not come yet."),
    "CURRENCY_MISMATCH": _("The account is in another currency than %(value)s."),
    "SIGN_UNKNOWN": _("“%(value)s” says neither that money came nor that it went."),
    "REFERENCE_TWICE": _("The bank's reference %(value)s stands twice in this file."),
    "REFERENCE_TOO_LONG": _("This reference is longer than 60 characters: %(value)s"),
    "PARTS_DIFFER": _("The payments inside this entry do not add up to it."),
    "FORMULA_FOUND": _("A cell holds a formula; save values only."),
    "ROW_NOT_READABLE": _("This line cannot be read: %(value)s"),
    "ROW_TOO_WIDE": _("This row has more cells than the heading: a cell may have been cut in two."),
    "KEY_CONFLICT": _("The reference %(value)s was stored before with another amount or day."),
}


def fault_text(fault: Mapping[str, Any]) -> str:
    """The sentence, and where the fault stands."""
    told = str(TEXTS[fault["code"]] % {"value": fault.get("value") or ""})
    place = fault.get("place") or ""
    return f"{told} [{place}]" if place else told
