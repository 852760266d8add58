"""A loan's payment reference in what a payer wrote: found wherever it stands, believed only when
its check digit fits.

The reference is the loan's number, L and digits of which the last is a check digit (kernel.luhn).
"""

import re
import unicodedata
from collections.abc import Iterable

from anyascii import anyascii

from handup.kernel import luhn

PREFIX = "L"
SHORTEST = 7  # six digits and the check digit
LONGEST = 13
_STARTS = re.compile(r"(?<![A-Z0-9])L[\s.:/-]{0,2}(?=\d)")
_DIGITS = re.compile(r"[\s.-]?(\d+)")
_NUMBERS = re.compile(r"(?<![A-Z0-9])[A-Z]{0,4}[-/]?\d[A-Z0-9/-]{3,30}")


def plain(text: str) -> str:
    """Capitals of one width in Latin letters, whatever script the payer's keyboard wrote."""
    folded = unicodedata.normalize("NFKC", text)
    return (folded if folded.isascii() else anyascii(folded)).upper()


def references(texts: Iterable[str]) -> tuple[str, ...]:
    """Every loan reference with a fitting check digit, in order, each once."""
    found: dict[str, None] = {}
    for text in texts:
        if not text:
            continue
        upper = plain(text)
        for start in _STARTS.finditer(upper):
            code = _code_at(upper, start.end())
            if code:
                found[code] = None
    return tuple(found)


def _code_at(text: str, place: int) -> str:
    """The reference that begins with the digits at a place; digits may stand in groups."""
    digits = ""
    while (group := _DIGITS.match(text, place)) is not None:
        digits += group[1]
        place = group.end()
        if len(digits) > LONGEST:
            return ""
        if len(digits) >= SHORTEST and luhn.is_valid(digits):
            return PREFIX + digits
    return ""


def numbers(texts: Iterable[str]) -> frozenset[str]:
    """Words with at least four signs that begin like a number: perhaps a lender's own number."""
    found: set[str] = set()
    for text in texts:
        if text:
            found.update(word.strip("-/") for word in _NUMBERS.findall(plain(text)))
    return frozenset(found)
