"""What Django holds for one request belongs to its thread, without asking for an event loop."""

from concurrent.futures import ThreadPoolExecutor
from threading import local
from zoneinfo import ZoneInfo

from django.urls import get_script_prefix
from django.utils import timezone, translation
from django.utils.translation import trans_real

from handup.org.statements import OF_A_REQUEST, keep_by_thread


def told() -> tuple[str | None, str, str]:
    return translation.get_language(), str(timezone.get_current_timezone()), get_script_prefix()


def test_the_language_and_the_zone_of_one_thread_are_not_those_of_another() -> None:
    before = told()
    with translation.override("fr"), timezone.override(ZoneInfo("Asia/Tbilisi")):
        here = told()
        with ThreadPoolExecutor(1) as other:
            there = other.submit(told).result()
    assert here[:2] == ("fr", "Asia/Tbilisi")
    assert there[0] != "fr"
    assert there[1] != "Asia/Tbilisi"
    assert told() == before


def test_what_stands_is_taken_along() -> None:
    with translation.override("fr"):
        before = told()
        keep_by_thread()
        assert told() == before
        assert all(type(getattr(module, name)) is local for module, name in OF_A_REQUEST)
        assert vars(trans_real)["_active"].value.to_language() == "fr"
