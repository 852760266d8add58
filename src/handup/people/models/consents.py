"""What a person was told, what she agreed to or said no to, and how that ended; rows are never
changed.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.labels import (
    CAPACITY,
    CONSENT_END,
    CONSENT_METHOD,
    CONSENT_PURPOSE,
    choices,
)
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.rules.codes import Capacity
from handup.projects.models import Organisation, Programme


class ConsentNotice(House):
    """The text read to a person before any data, by version and language; its purposes are the
    upper bound."""

    CLASSES = classify(
        O="id recorded_at programme version language text purposes data_categories valid_from"
    )
    VIEW = "people.view_notice"

    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="consent_notices"
    )
    version = models.CharField(_("version"), max_length=20)
    language = models.CharField(_("language"), max_length=10)
    text = models.TextField(_("text"))
    purposes = models.JSONField(_("purposes"), default=list)
    data_categories = models.JSONField(_("what data"), default=list)
    valid_from = models.DateField(_("valid from"))

    objects: ClassVar[ScopedManager["ConsentNotice"]] = ScopedManager()

    class Meta:
        ordering = ("-valid_from", "version", "language")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "language"), name="one_notice_per_version_and_language"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} ({self.language})"


class Consent(House):
    """One agreement for one purpose, given on one day; in force until its ending or its last
    day."""

    CLASSES = classify(
        I="id recorded_at person purpose notice recipient data_categories capacity method"
        " given_date"
        " expires_date recorded_by",
        P="signatory",
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="consents")
    purpose = models.CharField(_("purpose"), max_length=15, choices=choices(CONSENT_PURPOSE))
    notice = models.ForeignKey(ConsentNotice, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    data_categories = models.JSONField(_("what data"), default=list)
    signatory = models.CharField(_("signed by"), max_length=200, blank=True, default="")
    capacity = models.CharField(
        _("signed as"), max_length=14, choices=choices(CAPACITY), default=Capacity.SELF.value
    )
    method = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    given_date = models.DateField(_("given on"))
    expires_date = models.DateField(_("until"), null=True, blank=True)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Consent"]] = ScopedManager()

    class Meta:
        ordering = ("given_date", "id")
        indexes = (models.Index(fields=("person", "purpose"), name="consent_purpose"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(expires_date=None)
                | models.Q(expires_date__gte=models.F("given_date")),
                name="consent_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_purpose_display())


class ConsentEnding(House):
    """The end of a consent: withdrawn, expired or renewed, on one day."""

    CLASSES = classify(I="id recorded_at consent how end_date recorded_by")
    SCOPE = person_paths("consent__person")
    VIEW = "people.view_person"

    consent = models.OneToOneField(Consent, models.PROTECT, related_name="ending")
    how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_END))
    end_date = models.DateField(_("on"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ConsentEnding"]] = ScopedManager()

    def __str__(self) -> str:
        return f"{self.how} {self.end_date}"


class ConsentRefusal(House):
    """A no: on one day a person said no to one purpose, after the notice was read, to everybody or
    to one recipient. She is served as before; agreeing later is a consent of its own."""

    CLASSES = classify(
        I="id recorded_at person purpose notice recipient method refused_date recorded_by"
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="refusals")
    purpose = models.CharField(_("purpose"), max_length=15, choices=choices(CONSENT_PURPOSE))
    notice = models.ForeignKey(ConsentNotice, models.PROTECT, related_name="+")
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    method = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    refused_date = models.DateField(_("said no on"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ConsentRefusal"]] = ScopedManager()

    class Meta:
        ordering = ("refused_date", "id")
        indexes = (models.Index(fields=("person", "purpose"), name="consent_refusal_purpose"),)

    def __str__(self) -> str:
        return str(self.get_purpose_display())
