"""Password rules: long, not common, not the programme's or the place's own name (protection.md
4.10).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from handup.org.models import Area, Office

LONGEST = 128
SHORTEST_WORD = 5

# A domain adds a callable that names words nobody may build a password from alone (programmes,
# groups ...).
forbidden_words: list[Callable[[], Iterable[str]]] = []


def place_words() -> Iterable[str]:
    """Return the names and codes of offices and areas."""
    yield "handup"
    for code, name in Office.objects.values_list("code", "name"):
        yield code
        yield name
    for names in Area.objects.values_list("names", flat=True).iterator():
        yield from (name for name in names.values() if isinstance(name, str))


class MaximumLength:
    """Refuses a password of more than 128 signs: hashing it would cost too much."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when it is too long."""
        if len(password) > LONGEST:
            text = _("This password is too long. It may have %(signs)d signs at most.")
            raise ValidationError(text % {"signs": LONGEST}, code="password_too_long")

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Your password may have up to %(signs)d signs, spaces too.") % {"signs": LONGEST}


class NotALeakedOneDressedUp(CommonPasswordValidator):
    """Refuses one or two of the bundled leaked passwords with digits and marks around them: the
    list itself holds few of twelve signs.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when nothing but leaked ones is left of it."""
        core = "".join(letter for letter in password.casefold() if letter.isalnum())
        cores = {core, core.strip("0123456789")}
        if any(self._leaked(text) for text in cores):
            text = _("This password is made of ones that are known from leaks. Choose another.")
            raise ValidationError(text, code="password_leaked")

    def _leaked(self, text: str) -> bool:
        if text == "" or text in self.passwords or len(set(text)) == 1:
            return True
        cuts = range(4, len(text) - 3)
        return any(text[:cut] in self.passwords and text[cut:] in self.passwords for cut in cuts)

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Your password is not one known from leaks with a few signs around it.")


class NotAKnownName:
    """Refuses a password that is a name of the programme or a place with a few signs around it."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when what is left without such a word is shorter than 6 signs."""
        plain = password.casefold()
        own = (getattr(user, "username", ""), getattr(user, "display_name", ""))
        for words in (lambda: own, place_words, *forbidden_words):
            for word in words():
                lowered = word.casefold()
                if len(lowered) < SHORTEST_WORD or lowered not in plain:
                    continue
                if len(plain.replace(lowered, "")) < 6:
                    text = _("This password is too close to the name of the programme or a place.")
                    raise ValidationError(text, code="password_known_name")

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Your password is not your name, the programme's or a place's.")
