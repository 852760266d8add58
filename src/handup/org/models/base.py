"""The base of every table: device-made id, time of recording, classified fields, scoped manager."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import making
from handup.org.classes import DataClass
from handup.org.lengths import refuse_unfit
from handup.org.scope import ScopedManager, ScopePaths


class House(models.Model):
    """Every model of the house; CLASSES names each of its fields once, a test walks them all."""

    CLASSES: ClassVar[dict[str, DataClass]]
    SCOPE: ClassVar[ScopePaths | None] = None
    VIEW: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ScopedManager()

    class Meta:
        abstract = True

    if not TYPE_CHECKING:  # the type checker knows the columns of a model from its fields

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            """Make a new row of named values; the columns not named take their defaults."""
            if args or not making.make(self, kwargs):
                super().__init__(*args, **kwargs)

        @classmethod
        def from_db(
            cls, db: str | None, field_names: Collection[str], values: Collection[Any]
        ) -> Self:
            """Make a row of what the database returned."""
            row = making.load(cls, db, field_names, values)
            return super().from_db(db, field_names, values) if row is None else row

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store this row. Raises TextTooLong, NumberTooLarge."""
        refuse_unfit((self,))
        super().save(*args, **kwargs)
