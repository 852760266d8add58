"""What a person's name is found and sorted by: its forms, or numbers that tell nothing of it where
names are sealed at rest (`org.names_at_rest`).
"""

from typing import Any, cast

from django.db import models

from handup.org.encryption import AnyChar, Sealed
from handup.org.names_at_rest import name_key, sealing
from handup.people.rules.names import search_form

LONGEST = 120


def key_of_name(name: str) -> str:
    """What one name is found by."""
    return name_key(search_form(name)[:LONGEST])


class NameKeyField(AnyChar):
    """What the name in `source` is found by, made anew whenever that name is written."""

    def __init__(self, *args: Any, source: str, **kwargs: Any) -> None:
        self.source = source
        kwargs |= {"max_length": LONGEST, "editable": False}
        kwargs.setdefault("db_index", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Name the source."""
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "editable"):
            kwargs.pop(fixed, None)
        return name, path, args, kwargs | {"source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Make it anew where the name is at hand."""
        held = model_instance.__dict__.get(self.source)
        if held is None or isinstance(held, Sealed):
            return getattr(model_instance, self.attname)
        value = key_of_name(held)
        setattr(model_instance, self.attname, value)
        return value


class SortKeyField(AnyChar):
    """What lists of persons sort by: her name, or her number where names are sealed."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Sort by her number where her name is not to be read."""
        if sealing():
            setattr(model_instance, self.attname, cast(Any, model_instance).registration_no)
        return getattr(model_instance, self.attname)
