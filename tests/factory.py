"""Makes one plain row of any model, so that an address can be walked before its domain tells better
samples.
"""

from datetime import date
from typing import Any

from django.db import DatabaseError, models, transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.models import Area, Office, StaffUser

DAY = date(2026, 1, 5)
PLACES = {"Office", "Area", "Programme", "Person", "Cohort", "Household"}


class Factory:
    """Rows made so far, one a model; every foreign key leads to the one row of its model."""

    def __init__(self, staff: StaffUser, office: Office) -> None:
        """Begin with the people and the place there are."""
        area = Area.objects.create(code="walk", names={"en": "Walk"})
        self.made: dict[type[models.Model], models.Model | None] = {
            StaffUser: staff,
            Office: office,
            Area: area,
        }

    def row(self, model: type[models.Model]) -> models.Model | None:
        """The row of a model; None when the database would not have it."""
        if model not in self.made:
            self.made[model] = None
            self.made[model] = self._make(model)
        return self.made[model]

    def _make(self, model: type[models.Model]) -> models.Model | None:
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                if not field.null or field.related_model.__name__ in PLACES:
                    values[field.name] = self.row(field.related_model)
            elif not (field.has_default() or field.null or field.primary_key):
                if isinstance(field, models.JSONField):
                    return None  # what lies in it has a shape only its domain knows
                values[field.name] = value_of(field)
        try:
            with transaction.atomic():
                row = model(**values)
                row.save(force_insert=True)
        except (DatabaseError, Refusal, ValueError, TypeError):
            return None
        return row


def value_of(field: Any) -> Any:
    """A value the field takes."""
    if field.choices:
        return next(code for code, _ in field.flatchoices if code)
    simple: tuple[tuple[type[Any], Any], ...] = (
        (models.BooleanField, False),
        (models.DateTimeField, timezone.now()),
        (models.DateField, DAY),
        (models.UUIDField, new_id()),
        (models.IntegerField, 1),
        (models.DecimalField, 1),
        (models.FloatField, 1.0),
        (models.BinaryField, b"1"),
    )
    for kind, value in simple:
        if isinstance(field, kind):
            return value
    if field.name.endswith("currency") or field.max_length == 3:
        return "XTS"
    return f"walk {field.name}"[: field.max_length or 80]
