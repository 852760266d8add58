"""Names of persons at rest: plain, so that the database sorts and searches them, or sealed like a
secret where the place is dangerous (protection.md 4.4, docs/decisions/0017).

    display_name = NameField(_("name"), most=200)

`HANDUP_ENCRYPT_NAMES` says which. What is stored says itself what it is, so that both are read at
any time; what is written is written as the setting says. While names are sealed a look-up on them
raises: search by `name_key`, which is the keyed hash of a form then and the form itself else.
"""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from handup.kernel.crypto import keyed_hash
from handup.org import keys
from handup.org.encryption import EncryptedTextField, PlainTextRefused, Sealed
from handup.org.lengths import TextTooLong

KEY_NAME = "org.name_key"
MARK = ":gAAAA"
"""How what is sealed goes on behind the id of its key; a name that is typed so is sealed always."""


def sealing() -> bool:
    """Whether names are written sealed."""
    return bool(settings.ENCRYPT_NAMES)


def is_sealed(stored: str) -> bool:
    """Whether a stored name is sealed."""
    return stored.partition(":")[2].startswith(MARK[1:])


def name_key(form: str) -> str:
    """What a form of a name is stored and found by: itself, or its keyed hash while names are
    sealed. Its key never changes with the index key.
    """
    if not form or not sealing():
        return form
    return keyed_hash(keys.load().lasting_key(KEY_NAME), form)


class NameField(EncryptedTextField):
    """A name of at most so many letters, plain or sealed at rest as the setting says."""

    def __init__(self, *args: Any, most: int = 200, **kwargs: Any) -> None:
        self.most = most
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Name the most letters as well."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"most": self.most}

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        """Keep what is sealed until it is read; a plain name is what it is."""
        return Sealed(value) if value and is_sealed(value) else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal a new name where names are sealed. Raises TextTooLong."""
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, str):
            if len(value) > self.most:
                raise TextTooLong(field=self.attname, length=len(value), most=self.most)
            if not sealing() and not is_sealed(value):
                return value
        return super().pre_save(model_instance, add)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Let a plain name through where names are plain."""
        if isinstance(value, str) and not sealing() and not is_sealed(value):
            return value
        return super().get_db_prep_save(value, connection)

    def at(self, row_id: object, text: str) -> "Sealed | str":
        """A name as `QuerySet.update()` takes it for one row."""
        return self.seal(row_id, text) if text and sealing() else text

    def get_lookup(self, lookup_name: str) -> Any:
        """Compare names while they are plain; refuse it while they are sealed."""
        if sealing():
            return super().get_lookup(lookup_name)
        return models.TextField.get_lookup(self, lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        """As with look-ups."""
        if sealing():
            return super().get_transform(lookup_name)
        return models.TextField.get_transform(self, lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        """Write a plain name into a dump; refuse a sealed one."""
        held = obj.__dict__.get(self.attname)
        if isinstance(held, str) and not sealing():
            return held
        raise PlainTextRefused(f"{self} is not written into dumps; use handup backup")


def names_of(model: type[models.Model]) -> tuple[NameField, ...]:
    """The names a table holds."""
    return tuple(f for f in model._meta.local_concrete_fields if isinstance(f, NameField))


def stored_otherwise(model: type[models.Model]) -> QuerySet[Any, Any]:
    """Rows that hold a name otherwise than the setting says."""
    rows = model._base_manager.all()
    wrong = models.Q(pk__in=[])
    for field in names_of(model):
        rows = rows.alias(**{f"_{field.name}": Cast(field.name, TextField())})
        sealed = models.Q(**{f"_{field.name}__contains": MARK})
        held = ~models.Q(**{f"_{field.name}": ""})
        wrong |= (held & ~sealed) if sealing() else sealed
    return rows.filter(wrong)
