"""Areas (with their names per language and their history) and branch offices."""

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House


class Area(House):
    """A place of the area register; a former area keeps its name and points to its successor."""

    CLASSES = classify(
        O="id recorded_at code names level parent path valid_from valid_to successor"
    )

    code = models.CharField(_("code"), max_length=60, unique=True)
    names = models.JSONField(_("names per language"), default=dict)
    level = models.PositiveSmallIntegerField(_("level"), default=1)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=400, default="", editable=False, db_index=True)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="former"
    )

    class Meta:
        ordering = ("path",)

    def __str__(self) -> str:
        names: dict[str, str] = self.names
        language = (get_language() or "en").split("-")[0]
        return names.get(language) or names.get("en") or self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the path of codes from the top down to this area."""
        self.path = f"{self.parent.path if self.parent else '/'}{self.code}/"
        super().save(*args, **kwargs)


class Settlement(models.TextChoices):
    """What kind of place an area is."""

    URBAN = "URBAN", _("Town")
    RURAL = "RURAL", _("Countryside")


class AreaClass(House):
    """Since when an area is a town or countryside; what was told wrongly is replaced, never lost.

    Without a day it is so as far back as anything is known.
    """

    CLASSES = classify(O="id recorded_at area settlement from_date replaced_at", I="told_by")

    area = models.ForeignKey(Area, models.PROTECT, related_name="classes")
    settlement = models.CharField(
        _("town or countryside"), max_length=5, choices=Settlement.choices
    )
    from_date = models.DateField(_("since"), null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)
    told_by = models.ForeignKey("org.StaffUser", models.PROTECT, related_name="+")

    class Meta:
        ordering = ("area__path", "from_date", "id")
        verbose_name = _("town or countryside of an area")
        constraints = (
            models.UniqueConstraint(
                fields=("area", "from_date"),
                condition=models.Q(replaced_at=None),
                name="one_settlement_of_an_area_since_a_day",
            ),
            models.UniqueConstraint(
                fields=("area",),
                condition=models.Q(replaced_at=None, from_date=None),
                name="one_settlement_of_an_area_since_ever",
            ),
        )

    def __str__(self) -> str:
        return f"{self.area}: {self.get_settlement_display()}"


class AreaShape(House):
    """Where an area lies on a map: a surface or a point in degrees (WGS 84), and who says so."""

    CLASSES = classify(O="id recorded_at area geometry source", I="loaded_by")

    area = models.OneToOneField(Area, models.PROTECT, related_name="shape")
    geometry = models.JSONField(_("shape"))
    source = models.CharField(_("where it comes from"), max_length=200)
    loaded_by = models.ForeignKey("org.StaffUser", models.PROTECT, related_name="+")

    class Meta:
        ordering = ("area__path",)
        verbose_name = _("shape of an area")

    def __str__(self) -> str:
        return str(self.area)


class Office(House):
    """A branch office; its area says where it works."""

    CLASSES = classify(O="id recorded_at code name area active")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="offices")
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
