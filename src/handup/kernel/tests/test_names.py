"""Spellings of one name share a key; different names stay apart."""

import pytest

from handup.kernel import names

EQUAL_KEYS = [
    ("Grigoryan", "Krikorian"),
    ("Hovhannisyan", "Ованнисян"),
    ("Tigran", "Dikran"),
    ("Harutyunyan", "Арутюнян"),
    ("Yeghiazaryan", "Егиазарян"),
    ("Gevorg", "Kevork"),
    ("Սարգսյան", "Sarkissian"),
    ("Պետրոսյան", "Bedrosian"),
    ("Ղազարյան", "Kazarian"),
    ("Karapetyan", "Garabedian"),
    ("Tserendorj", "Цэрэндорж"),
    ("Bat-Erdene", "Батэрдэнэ"),
    ("Mohammed", "Мохаммед"),
]
BY_ALIAS = [("Hovhannisyan", "Оганесян"), ("Mkrtchyan", "Mgrdichian")]


@pytest.mark.parametrize(("first", "second"), EQUAL_KEYS)
def test_spellings_of_one_name_have_one_key(first: str, second: str) -> None:
    assert names.skeleton_key(first) == names.skeleton_key(second) != ""


def test_the_key_of_grigoryan_is_krkrn() -> None:
    assert names.skeleton_key("Grigoryan") == "krkrn"


@pytest.mark.parametrize(("first", "second"), BY_ALIAS)
def test_spellings_far_apart_meet_by_alias(first: str, second: str) -> None:
    assert names.skeleton_key(first) != names.skeleton_key(second)
    aliases = {names.normal_form(second): names.normal_form(first)}
    assert names.skeleton_key(first, aliases) == names.skeleton_key(second, aliases)


def test_different_names_keep_different_keys() -> None:
    assert names.skeleton_key("Babajanyan") != names.skeleton_key("Papazian")


def test_armenian_letters_are_read_before_romanising() -> None:
    assert names.normal_form("Հարություն") == "harutiun"
    assert names.normal_form("Սևակ") == "sevak"


def test_signs_digits_and_case_do_not_count() -> None:
    assert names.normal_form("  O'Brien-2 ") == names.normal_form("obrien")
    assert names.normal_form("") == names.skeleton_key("123") == ""
    assert names.skeleton_key("Ho") == "a"


def test_the_normal_form_scores_likeness() -> None:
    grigor = names.normal_form("Grigoryan")
    assert names.likeness(grigor, grigor) == 1
    assert names.likeness(grigor, names.normal_form("Krikorian")) > 0.7
    assert names.likeness(grigor, names.normal_form("Papazian")) < 0.7
