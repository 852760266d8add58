"""Every text has its words in every language, with the same places filled in."""

import re

import pytest
from babel.messages.catalog import Catalog
from django.conf import settings

from tests import source
from tools import messages

LEAST_TRANSLATED = {"hy": 90, "mn": 90, "rw": 90, "fr": 90, "ru": 90}  # per cent; only ever rises
PLACE = re.compile(r"{\w+}|%\(\w+\)[sd]|%[sd]|</?\w+>")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    """Every text of the program."""
    return messages.collect()


def test_texts_are_found_in_python_templates_and_refusals(texts: Catalog) -> None:
    files = {file for message in texts for file, _ in message.locations}
    assert {file.rsplit(".", 1)[-1] for file in files} >= {"py"}
    assert any("kernel" in file for file in files)


def test_every_language_of_the_settings_is_held_to_a_share() -> None:
    assert set(LEAST_TRANSLATED) == {code for code, _ in settings.LANGUAGES} - {"en"}


@pytest.mark.parametrize("language", sorted(LEAST_TRANSLATED))
def test_a_language_has_the_words(language: str, texts: Catalog) -> None:
    missing = messages.untranslated(language, texts)
    share = 100 * (len(texts) - len(missing)) // len(texts)
    assert share >= LEAST_TRANSLATED[language], f"{share} %; for example {missing[:5]}"


@pytest.mark.parametrize("language", sorted(LEAST_TRANSLATED))
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
