"""The wording of an instrument, as a programme loads it from its publisher (people.md 4.5).

The order of the questions is the instrument's own; wording holds one text for each of its items,
and none that names what a set of questions must not name. Pure.
"""

from collections.abc import Mapping, Sequence

from handup.kernel.errors import Fault, Refusal
from handup.kernel.sheet_faults import TooLong, ValueMissing
from handup.people.rules.instruments import COPING_CLASSES, FixedInstrument, Instrument
from handup.people.rules.structures import Structure

LONGEST = 500
NEVER_SHOWN = ("disab", "handicap", "inval", "инвалид", "հաշմանդամ", "ubumuga")
"""The beginnings of the word that is never shown with the Washington Group questions."""


class WordNeverShown(Refusal):
    """These questions are asked without that word: nobody is asked what she is called, only what
    is difficult for her.
    """


def items_of(structure: Structure) -> list[str]:
    """What an instrument asks, in the order it is asked in."""
    code = structure["code"]
    if code == Instrument.HHS:
        return [part for item in structure["items"] for part in (item, f"{item}_freq")]
    if "items" in structure:
        return list(structure["items"])
    if "weights" in structure:
        return list(structure["weights"])
    return [item for name in COPING_CLASSES for item in structure["classes"][name]]


def choices_of(structure: Structure, item: str) -> list[str]:
    """The codes a question may be answered with, in their order."""
    code = structure["code"]
    if code == Instrument.HHS:
        return list(structure["frequency" if item.endswith("_freq") else "occurrence"])
    if "item_range" in structure:
        low, high = structure["item_range"]
        return [str(number) for number in range(low, high + 1)]
    return list(structure["answers"])


def names_it(text: str) -> bool:
    """Whether a text has the word that is never shown."""
    low = text.casefold()
    return any(stem in low for stem in NEVER_SHOWN)


def wording_faults(structure: Structure, title: str, wording: Mapping[str, object]) -> list[Fault]:
    """List what keeps a wording from being used: a question left out, too long or not asked, or
    the word that is never shown.
    """
    found: list[Fault] = []
    asked = items_of(structure)
    if structure["code"] == Instrument.WG_SS and names_it(title):
        found.append(_fault(WordNeverShown(), "title"))
    if not wording:
        return found
    code = structure["code"]
    found += [
        _fault(FixedInstrument(code=code, part=name), name) for name in wording if name not in asked
    ]
    return found + _texts(structure, asked, wording)


def _texts(
    structure: Structure, asked: Sequence[str], wording: Mapping[str, object]
) -> list[Fault]:
    found = []
    for item in asked:
        text = wording.get(item)
        if not isinstance(text, str) or not text.strip():
            found.append(_fault(ValueMissing(column=item), item))
        elif len(text) > LONGEST:
            found.append(_fault(TooLong(column=item, most=LONGEST), item))
        elif structure["code"] == Instrument.WG_SS and names_it(text):
            found.append(_fault(WordNeverShown(), item))
    return found


def _fault(refusal: Refusal, place: str) -> Fault:
    return Fault(refusal.code, refusal.said(), place, column=place)
