"""Numbers as others write them in a file (results.md 4.9)."""

import re
from decimal import Decimal

_PLAIN = re.compile(r"[-+]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]*)?|[-+]?\.[0-9]+")


def number_told(text: str) -> Decimal | None:
    """The number of a value: trimmed, without thousands commas and one percent sign at its end;
    None where words are left.
    """
    told = text.strip()
    if told.endswith("%"):
        told = told[:-1].rstrip()
    if not _PLAIN.fullmatch(told):
        return None
    return Decimal(told.replace(",", ""))
