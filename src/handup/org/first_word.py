"""The word that opens the page of the first run: whoever reads the log of the server, or may run
`handup first-word` on it, has it, and nobody else who finds the address first.

It comes from the keys of the house, so every process of it knows the same one and it lies nowhere;
it is of no use once anybody works here.
"""

import hmac
from hashlib import sha256

from handup.kernel.errors import Refusal
from handup.org import keys
from handup.org.models import StaffUser

SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not taken for one another."""
GROUPS, LENGTH = 3, 4
NAME = "org.first_word"


class NotTheWord(Refusal):
    """This is not the word of this server. Read it in its log, or say there: handup first-word"""


def nobody_works_here() -> bool:
    """Whether the house waits for its first person."""
    return not StaffUser.objects.exists()


def first_word() -> str:
    """Twelve signs in three groups."""
    drawn = hmac.new(keys.load().lasting_key(NAME), b"", sha256).digest()
    signs = [SIGNS[byte % len(SIGNS)] for byte in drawn[: GROUPS * LENGTH]]
    return "-".join("".join(signs[at : at + LENGTH]) for at in range(0, len(signs), LENGTH))


def check_word(told: str) -> None:
    """Compare what was typed, however it was spaced. Raises NotTheWord."""
    typed = "".join(sign for sign in told.lower() if sign.isascii() and sign.isalnum())
    if not hmac.compare_digest(typed, first_word().replace("-", "")):
        raise NotTheWord(field="word")
