"""Every text has its words in every language, with the same places filled in."""

import re

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from handup.org.web.context import languages
from tests import source
from tools import messages

LANGUAGES = sorted(code for code, _ in settings.LANGUAGES if code != "en")
PLACE = re.compile(r"{\w+}|%\(\w+\)[sd]|%[sd]|</?\w+>")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """Every text of the program."""
    return messages.collect()


def test_texts_are_found_in_python_templates_and_refusals(texts: Catalog) -> None:
    files = {file for message in texts for file, _ in message.locations}
    assert {file.rsplit(".", 1)[-1] for file in files} >= {"py"}
    assert any("kernel" in file for file in files)


def test_what_the_tables_of_the_program_say_is_found_too(texts: Catalog) -> None:
    assert texts.get("Persons reached")
    assert texts.get("Intake workbook")
    assert texts.get("Credit lines placed with banks")


def test_every_language_names_itself() -> None:
    names = ["English", "Հայերեն", "Монгол", "Ikinyarwanda", "Français", "Русский"]
    assert [name for code, name in languages() if code != "ar-xb"] == names


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_word(language: str, texts: Catalog) -> None:
    assert messages.untranslated(language, texts) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_native_reader_has_read_is_marked_so(language: str) -> None:
    read = messages.read_by_natives(language)
    unmarked = [
        message.id
        for message in messages.read(language)
        if message.id
        and (messages.UNREAD not in message.user_comments)
        and messages.forms(message.id)[0] not in read
    ]
    assert unmarked == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_places_to_fill_in(language: str) -> None:
    """Plural forms may leave the number out; a form must never invent a place."""
    wrong = []
    for message in messages.read(language):
        plural, asked = isinstance(message.id, tuple), messages.forms(message.id)
        places = set(PLACE.findall(" ".join(asked)))
        for words in filter(None, messages.forms(message.string)):
            found = set(PLACE.findall(words))
            if message.id and (found - places or (not plural and found != places)):
                wrong.append(f"{asked[0]} → {words}")
    assert not wrong


def test_every_name_gettext_goes_by_is_looked_for() -> None:
    """A text said through a name the collector does not know would never reach a catalogue."""
    found = re.compile(r"\b(n?p?gettext(?:_lazy|_noop)?)(?: as (\w+))?(?=[,\n)])")
    unknown = {
        called
        for path in (source.ROOT / "src/handup").rglob("*.py")
        for line in path.read_text().splitlines()
        if line.lstrip().startswith("from django.utils.translation import")
        for name, alias in found.findall(line + "\n")
        if (called := alias or name) not in messages.KEYWORDS
    }
    assert not unknown
