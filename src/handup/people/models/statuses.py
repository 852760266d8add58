"""Legal statuses and told vulnerabilities, each dated, each with its source; nothing restricted
is here."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.labels import LEGAL_STATUS, STATUS_SOURCE, VULNERABILITY, choices
from handup.people.models.persons import Person, PersonDocument
from handup.people.models.scope import person_paths
from handup.people.rules.codes import StatusSource


class LegalStatus(House):
    """A legal status of a person from one day to another; several may overlap."""

    CLASSES = classify(
        I="id recorded_at person from_date to_date source document recorded_by", P="status"
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="legal_statuses")
    status = models.CharField(_("status"), max_length=22, choices=choices(LEGAL_STATUS))
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(
        _("source"), max_length=9, choices=choices(STATUS_SOURCE), default=StatusSource.TOLD.value
    )
    document = models.ForeignKey(
        PersonDocument, models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["LegalStatus"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("from_date", "id")
        indexes = (models.Index(fields=("status", "from_date"), name="status_from"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="status_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_status_display())


class Vulnerability(House):
    """Something a person told of her life that a programme may take into account."""

    CLASSES = classify(I="id recorded_at person from_date to_date source recorded_by", P="kind")
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="vulnerabilities")
    kind = models.CharField(_("what was told"), max_length=20, choices=choices(VULNERABILITY))
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)
    source = models.CharField(
        _("source"), max_length=9, choices=choices(STATUS_SOURCE), default=StatusSource.TOLD.value
    )
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Vulnerability"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("from_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="vulnerability_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())
