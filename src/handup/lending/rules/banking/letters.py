"""The letters a bank takes in payment orders: the Latin set of the European credit transfer.

Other letters are written in Latin ones (names of the scripts programmes work in become readable),
what is left becomes a space; the rules on strokes keep the file acceptable everywhere.
"""

import re

from anyascii import anyascii

ALLOWED = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*")
_OTHER = re.compile(r"[^A-Za-z0-9/\-?:().,'+ ]")
_SPACES = re.compile(r"\s+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def written(text: str, length: int, *, plain: bool) -> str:
    """`text` as it goes into an order, at most `length` signs; `plain`: only the Latin set."""
    if not plain:
        return _SPACES.sub(" ", _CONTROL.sub(" ", text)).strip()[:length].strip()
    spelled = text.replace("&", " + ").replace("_", "-")
    latin = _OTHER.sub(" ", anyascii(spelled))
    tidy = _SPACES.sub(" ", latin).strip(" /").replace("//", "/")
    while "//" in tidy:
        tidy = tidy.replace("//", "/")
    return tidy[:length].strip(" /")
