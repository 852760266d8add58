"""Which letters a name is written in, and how it is shown and sorted. Pure."""

import unicodedata

from handup.kernel.names import normal_form
from handup.people.rules.codes import Script

_PREFIXES = {
    "LATIN": Script.LATIN,
    "ARMENIAN": Script.ARMENIAN,
    "CYRILLIC": Script.CYRILLIC,
    "ARABIC": Script.ARABIC,
}


JOINERS = "\u200c\u200d"
"""Invisible letters that words of some languages need."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
"""Control, format (marks that turn the direction of writing) and half characters."""


def written(text: str) -> str:
    """Return a name as it is kept: one space between words, composed letters, and nothing invisible
    that could turn its letters round or hide another name in it.
    """
    letters = unicodedata.normalize("NFC", text)
    return " ".join("".join(filter(None, map(_visible, letters))).split())


def _visible(character: str) -> str:
    """The character itself; a space for a line's end, nothing for what is not seen."""
    if character in JOINERS or unicodedata.category(character) not in INVISIBLE:
        return character
    return " " if character.isspace() else ""


def script_of(text: str) -> Script:
    """Name the script of the first letter; OTHER when there is none."""
    for character in text:
        if character.isalpha():
            first = unicodedata.name(character, "").split(" ")[0]
            return _PREFIXES.get(first, Script.OTHER)
    return Script.OTHER


def search_form(word: str) -> str:
    """Return what a word of a name is found by: its normal form, or its digits ("Participant
    0042")."""
    return normal_form(word) or "".join(c for c in word if c.isdecimal())


def prefix_end(text: str) -> str:
    """Return the first word of letters a-z or digits behind all that begin with `text`, "" for
    none.

    A range up to it finds a prefix from an index under every collation.
    """
    kept = text.rstrip("z9")
    if not kept:
        return "a" if text.startswith("9") else ""
    return kept[:-1] + chr(ord(kept[-1]) + 1)


def shown(first_name: str, last_name: str) -> str:
    """Write a name as it is shown: first name, then family name where there is one."""
    return f"{first_name} {last_name}".strip()


def sort_key(first_name: str, last_name: str) -> str:
    """Sort by family name, then first name, one order for every script; digits keep their order."""
    digits = "".join(character for character in first_name + last_name if character.isdigit())
    key = f"{normal_form(last_name or first_name)} {normal_form(first_name)} {digits}"
    return " ".join(key.split())[:200]
