"""The country code that completes a telephone number written as at home (`phone_country_code`)."""

from time import monotonic
from typing import Any

from django.apps import apps

SETTING, KEPT_SECONDS = "phone_country_code", 10.0
_code: list[tuple[float, str]] = []


def home_code(phone: str) -> str:
    """The digits before a number written as at home; empty for one that needs none, or not set.

    Kept for some seconds: a file of many numbers asks once.
    """
    if phone.strip().startswith(("+", "00")):
        return ""
    if not _code or monotonic() - _code[0][0] > KEPT_SECONDS:
        rows: Any = apps.get_model("org", "Setting")._default_manager.filter(key=SETTING)
        held = rows.values_list("value", flat=True).first()
        told = str(held or "").strip().removeprefix("+").removeprefix("00")
        _code[:] = [(monotonic(), told if told.isascii() and told.isdigit() else "")]
    return _code[0][1]


def forget() -> None:
    """Ask again next time."""
    _code.clear()
