"""The base of every table: device-made id, time of recording, classified fields, scoped manager."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from handup.kernel.ids import new_id
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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store this row. Raises TextTooLong, NumberTooLarge."""
        refuse_unfit((self,))
        super().save(*args, **kwargs)
