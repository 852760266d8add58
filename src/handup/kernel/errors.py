"""Expected failures: a name in the field's words and a sentence a person can act on."""

import inspect
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

_WORD_START = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"

_speaks: list[Callable[[str], str]] = []


def speak_by(translate: Callable[[str], str]) -> None:
    """Say refusals in the language of whoever acts from now on: called once, by what knows it."""
    _speaks[:] = [translate]


class Refusal(Exception):
    """This was refused."""

    code: ClassVar[str] = "REFUSAL"
    template: ClassVar[str] = "This was refused."

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Take the code from the class name, the sentence from the docstring's first paragraph."""
        super().__init_subclass__(**kwargs)
        if "code" not in cls.__dict__:
            cls.code = re.sub(_WORD_START, "_", cls.__name__).upper()
        doc = cls.__dict__.get("__doc__")
        if doc and "template" not in cls.__dict__:
            cls.template = " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())

    def __init__(self, *, field: str | None = None, **places: object) -> None:
        self.field = field
        self.places = places
        super().__init__(self.template.format(**places) if places else self.template)

    def said(self) -> str:
        """The sentence in the language of whoever acts; `str` stays as it is written here."""
        told = _speaks[0](self.template) if _speaks else self.template
        if not self.places:
            return told
        try:
            return told.format(**self.places)
        except (KeyError, IndexError, ValueError):
            return str(self)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of many in user data, with its place (a sheet's cell, a field, a row)."""

    code: str
    message: str
    place: str = ""
    row: int | None = None
    column: str | None = None
    value: str | None = None


class Faults(Refusal):
    """{count} faults were found; nothing was stored."""

    def __init__(self, faults: Iterable[Fault], *, field: str | None = None) -> None:
        self.faults = tuple(faults)
        super().__init__(field=field, count=len(self.faults))
