"""Secret columns: a text sealed with the row it belongs to, and a keyed hash beside it to look it
up by.

    phone = EncryptedTextField(_("telephone"), blank=True, default="")
    phone_hash = KeyedHashField(source="phone", kind="phone")

    Person.objects.filter(phone_hash=lookup_hash(Person, "phone_hash", "+250 788 123 456"))

The database, its history tables, dumps and logs see the sealed form only. Reading `person.phone`
opens it; a value moved to another row, another column or another table is refused. Any look-up but
`isnull` on the column raises: it would find nothing and say so silently. `QuerySet.update()` with a
plain text raises: it has no row to seal it with.
"""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django.core import checks
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact, In
from django.db.models.query_utils import DeferredAttribute

from handup.kernel.crypto import IndexKind, Place, blind_index, key_id_of
from handup.org import keys
from handup.org.keys import Ring
from handup.org.phones import home_code

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

    AnyField = models.Field[Any, Any]
    AnyText = models.TextField[Any, Any]
    AnyChar = models.CharField[Any, Any]
else:  # Django's fields take no type arguments at run time
    AnyField, AnyText, AnyChar = models.Field, models.TextField, models.CharField


class EncryptedLookUp(FieldError):
    """Raised when a query compares an encrypted column; use its keyed-hash column."""


class PlainTextRefused(TypeError):
    """Raised when a plain text would reach an encrypted column without the row it belongs to."""


class Sealed:
    """A stored secret as the database returned it; shows dots wherever it is printed."""

    __slots__ = ("stored",)

    def __init__(self, stored: str) -> None:
        self.stored = stored

    def __str__(self) -> str:
        return "•••"

    def __repr__(self) -> str:
        return "Sealed(•••)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and other.stored == self.stored

    def __hash__(self) -> int:
        return hash(self.stored)

    @property
    def key_id(self) -> str:
        """The id of the key it was sealed with."""
        return key_id_of(self.stored)


class SealedAttribute(DeferredAttribute):
    """Keeps the sealed form on the instance and opens it for whoever reads the attribute."""

    field: "EncryptedTextField"

    def __get__(self, instance: models.Model | None, cls: type | None = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        return self.field.open(instance, value) if isinstance(value, Sealed) else value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class _BoundField(AnyField):
    """Remembers the table it was first declared in, so that copies in history tables keep the
    binding.
    """

    bound_table: str

    def _bind(self, cls: type[models.Model]) -> None:
        if not self.bound_table and not cls._meta.abstract:
            self.bound_table = cls._meta.db_table

    def _bound_elsewhere(self) -> dict[str, str]:
        model = getattr(self, "model", None)
        if not self.bound_table or model is None or model._meta.db_table == self.bound_table:
            return {}
        return {"bound_table": self.bound_table}


class EncryptedTextField(_BoundField, AnyText):
    """A text that only this program can read, at this row only (protection.md 4.4)."""

    descriptor_class = SealedAttribute

    def __init__(
        self, *args: Any, ring: str = Ring.FIELD.value, bound_table: str = "", **kwargs: Any
    ) -> None:
        self.ring = Ring(ring)
        self.bound_table = bound_table
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Name the keys used, and the table of binding in history tables."""
        name, path, args, kwargs = super().deconstruct()
        if self.ring is not Ring.FIELD:
            kwargs["ring"] = self.ring.value
        return name, path, args, kwargs | self._bound_elsewhere()

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        """Bind to the table, then become an attribute like any other."""
        self._bind(cls)
        super().contribute_to_class(cls, name, private_only)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        """Refuse what would promise a comparison: unique, index, choices, primary key."""
        found = super().check(**kwargs)
        if self.unique or getattr(self, "db_index", False) or self.choices:
            found.append(
                checks.Error(
                    "An encrypted field cannot be unique, indexed or have choices.",
                    hint="Put them on its KeyedHashField.",
                    obj=self,
                    id="handup.E001",
                )
            )
        return found

    def place(self, row_id: object) -> Place:
        """Name where a value of this column and row lives."""
        return Place(self.bound_table, str(self.column), str(row_id))

    def seal(self, row_id: object, plain: str) -> Sealed:
        """Lock a text to one row."""
        return Sealed(keys.load().rings[self.ring].encrypt(plain, self.place(row_id)))

    def open(self, instance: models.Model, sealed: Sealed) -> Any:
        """Unlock the value of an instance. Raises UnknownKey, BrokenSecret or MovedSecret."""
        return self.open_at(cast(Any, instance).id, sealed)

    def open_at(self, row_id: object, sealed: Sealed | str) -> Any:
        """Unlock a value that `values_list` read beside the id of its row; "" stays empty."""
        if isinstance(sealed, str):
            return sealed
        return keys.load().rings[self.ring].decrypt(sealed.stored, self.place(row_id))

    def from_db_value(
        self, value: str | None, expression: object, connection: object
    ) -> Sealed | str | None:
        """Keep what the database holds sealed until somebody reads the attribute."""
        return Sealed(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal a new text with the id of its row; an untouched sealed value goes back as it came.

        Raises MovedSecret when a new row would take over the sealed value of another.
        """
        value = model_instance.__dict__.get(self.attname)
        if value is None or value == "":
            return value
        if isinstance(value, Sealed):
            if add:
                self.open(model_instance, value)
            return value
        if not isinstance(value, str):
            raise PlainTextRefused(f"{self} takes a text, not {type(value).__name__}")
        return self.seal(cast(Any, model_instance).id, value)

    def get_db_prep_save(self, value: Any, connection: "BaseDatabaseWrapper") -> Any:
        """Let only sealed values through."""
        if value is None or value == "":
            return value
        if isinstance(value, Sealed):
            return value.stored
        raise PlainTextRefused(f"{self} is stored through its row: set the attribute and save it")

    def refuse_expression(self) -> None:
        """Say why `update(column=F(...))` cannot be."""
        raise PlainTextRefused(f"{self} takes no expression: set the attribute and save it")

    def get_lookup(self, lookup_name: str) -> Any:
        """Allow `isnull`; refuse the rest, which would silently find nothing."""
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise EncryptedLookUp(f"{self} is encrypted; look it up by its keyed hash")

    def get_transform(self, lookup_name: str) -> Any:
        """Refuse transforms for the same reason."""
        raise EncryptedLookUp(f"{self} is encrypted; it has no {lookup_name}")

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse to be written into a dump."""
        raise PlainTextRefused(f"{self} is not written into dumps; use handup backup")


class EncryptedJSONField(EncryptedTextField):
    """A list of plain values (codes, names of questions) sealed as one text; the empty list is not
    sealed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> Any:
        """Keep what is sealed; nothing stored is the empty list."""
        return Sealed(value) if value else []

    def open_at(self, row_id: object, sealed: Sealed | str) -> Any:
        """Unlock the list."""
        text = super().open_at(row_id, sealed)
        return json.loads(text) if text else []

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Write the list as text, then seal it with the id of its row."""
        value = model_instance.__dict__.get(self.attname)
        if isinstance(value, Sealed):
            return super().pre_save(model_instance, add)
        if not value:
            return ""
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return self.seal(cast(Any, model_instance).id, text)

    def get_db_prep_save(self, value: Any, connection: "BaseDatabaseWrapper") -> Any:
        """Let only sealed values and the empty list through."""
        return super().get_db_prep_save("" if value == [] else value, connection)


class KeyedHashField(_BoundField, AnyChar):
    """The blind index of an encrypted column: HMAC-SHA256 of its comparable form, filled when the
    row is saved.

    `kind` is document, phone, name or exact (`kernel.crypto.IndexKind`). Empty source, empty hash.
    The key is this column's own, unless `shared` names one that several columns use so that they
    can be compared.
    """

    def __init__(
        self,
        *args: Any,
        source: str,
        kind: str = "exact",
        shared: str = "",
        bound_table: str = "",
        **kwargs: Any,
    ) -> None:
        self.source = source
        self.kind = IndexKind(str(kind).upper())
        self.shared = shared
        self.bound_table = bound_table
        kwargs["max_length"] = 64
        kwargs.setdefault("default", "")
        kwargs.setdefault("db_index", True)
        kwargs.update(blank=True, editable=False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Name the source column, the kind and the key."""
        name, path, args, kwargs = super().deconstruct()
        for fixed in ("max_length", "blank", "editable"):
            kwargs.pop(fixed, None)
        if kwargs.get("default") == "":
            kwargs.pop("default")
        if kwargs.pop("db_index", False) is False:
            kwargs["db_index"] = False
        kwargs.update(source=self.source, kind=self.kind.value.lower())
        if self.shared:
            kwargs["shared"] = self.shared
        return name, path, args, kwargs | self._bound_elsewhere()

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        """Bind to the table, then become an attribute like any other."""
        self._bind(cls)
        super().contribute_to_class(cls, name, private_only)

    def hash_of(self, value: str | None) -> "KeyedHash":
        """Return the hash a value has in this column. Raises BadPhone for kind phone."""
        if not value:
            return KeyedHash("")
        name = self.shared or f"{self.bound_table}.{self.column}"
        code = home_code(value) if self.kind is IndexKind.PHONE else ""
        every = keys.load().index_keys(name)
        hashes = [blind_index(key, value, self.kind, code) for key in every]
        found = KeyedHash(hashes[0])
        found.former = tuple(hashes[1:])
        return found

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Hash the source attribute again when it is a new text; an unopened or unloaded secret
        keeps its hash.
        """
        held = model_instance.__dict__
        if self.source not in held or isinstance(held[self.source], Sealed):
            return getattr(model_instance, self.attname)
        value = str(self.hash_of(held[self.source]))
        setattr(model_instance, self.attname, value)
        return value


class KeyedHash(str):
    """A hash to look for. While the index key is being changed (`org.rotation.rehash`) it knows
    what it was under the keys before, and finds rows under any of them.
    """

    __slots__ = ("former",)
    former: tuple[str, ...]

    def __new__(cls, value: str) -> "KeyedHash":
        """One hash, without any before it."""
        made = super().__new__(cls, value)
        made.former = ()
        return made

    def __str__(self) -> str:
        """The hash under the present key, as plain text."""
        return "".join(self)

    @property
    def all(self) -> tuple[str, ...]:
        """The hash under every key that may have been used."""
        return (str(self), *self.former)


def _every(hashes: Iterable[Any]) -> list[Any]:
    """Hashes with what they were under the keys before."""
    return [each for one in hashes for each in (one.all if isinstance(one, KeyedHash) else (one,))]


@KeyedHashField.register_lookup
class KeyedExact(Exact):
    """Equal to a hash under any of the keys that may have been used."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        """One comparison, or a list of two while keys change."""
        if isinstance(self.rhs, KeyedHash) and self.rhs.former:
            return In(self.lhs, _every([self.rhs])).as_sql(compiler, connection)
        return super().as_sql(compiler, connection)


@KeyedHashField.register_lookup
class KeyedIn(In):
    """One of some hashes, each under any of the keys that may have been used."""

    def get_prep_lookup(self) -> Any:
        """Put beside each what it was before."""
        if isinstance(self.rhs, list | tuple | set | frozenset):
            self.rhs = _every(self.rhs)
        return super().get_prep_lookup()


def lookup_hash(model: type[models.Model], column: str, value: str) -> KeyedHash:
    """Return what to compare a KeyedHashField with: `filter(phone_hash=lookup_hash(Person,
    "phone_hash", phone))`.
    """
    field = model._meta.get_field(column)
    assert isinstance(field, KeyedHashField)
    return field.hash_of(value)
