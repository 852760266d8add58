"""IBAN (ISO 13616): its two check digits, and whether a number looks like one."""

import re

SHAPE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")


def looks_like_iban(number: str) -> bool:
    """Two letters, two digits, then letters and digits."""
    return SHAPE.fullmatch(number) is not None


def is_valid(number: str) -> bool:
    """Whether the check digits of an IBAN fit (ISO 7064 MOD 97-10)."""
    if not looks_like_iban(number):
        return False
    turned = number[4:] + number[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1


def is_bic(text: str) -> bool:
    """Eight or eleven signs of a bank's identifier (ISO 9362)."""
    return BIC.fullmatch(text) is not None
