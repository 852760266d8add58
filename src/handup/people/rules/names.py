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
"""Invisible letters that words of some languages need, between letters of these scripts only."""
JOINING = frozenset(
    {"ARABIC", "SYRIAC", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA"}
    | {"TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN"}
)
"""Scripts, as Unicode names their letters, in which a joiner changes how a word is written."""
VOWEL_SEPARATOR = "\u180e"
"""Stands before the last vowel of words in Mongolian script."""
VIRAMA = 9
"""The combining class of the sign behind which a joiner may end a word."""
INVISIBLE = frozenset({"Cc", "Cf", "Cs"})
"""Control, format (marks that turn the direction of writing) and half characters."""
FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")
"""Letters and signs that are drawn as nothing; marks and spaces alone are none either."""


def written(text: str) -> str:
    """Return a name as it is kept: one space between words, composed letters, and nothing invisible
    that could turn its letters round or hide another name in it; "" where nothing would be seen.
    """
    letters = "".join(filter(None, map(_kept, unicodedata.normalize("NFC", text))))
    seen = "".join(c for place, c in enumerate(letters) if _is_needed(letters, place))
    return " ".join(seen.split()) if any(map(_is_seen, seen)) else ""


def _kept(character: str) -> str:
    """The character itself; a space for a line's end, nothing for what is not seen."""
    if character in JOINERS or character == VOWEL_SEPARATOR:
        return character
    if unicodedata.category(character) not in INVISIBLE:
        return character
    return " " if character.isspace() else ""


def _is_needed(letters: str, place: int) -> bool:
    """Whether a character says something where it stands: the first joiner does between two letters
    of a script that joins, or behind the sign that ends a word of some.
    """
    character = letters[place]
    if character not in JOINERS and character != VOWEL_SEPARATOR:
        return True
    before = letters[place - 1] if place else ""
    behind = letters[place + 1 :].lstrip(JOINERS)[:1]
    script = _joining(before)
    if character == VOWEL_SEPARATOR:
        return script == _joining(behind) == "MONGOLIAN"
    ends = bool(before) and unicodedata.combining(before) == VIRAMA
    return bool(script) and (script == _joining(behind) or ends)


def _joining(character: str) -> str:
    """The script of a letter or mark of one that joins, else nothing."""
    if not character or unicodedata.category(character)[0] not in "LM":
        return ""
    script = unicodedata.name(character, "").partition(" ")[0]
    return script if script in JOINING else ""


def _is_seen(character: str) -> bool:
    return character not in FILLERS and unicodedata.category(character)[0] not in "CMZ"


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
