"""Published questionnaires as records, and what persons and households answered; neither is ever
changed (people.md 4.5).
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.households import Household
from handup.people.models.labels import INSTRUMENT, choices
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths


class Instrument(House):
    """One version of a published questionnaire: its items and rules, and the publisher's wording
    where the programme loaded it."""

    CLASSES = classify(
        O="id recorded_at code version title language structure wording published_date published_by"
    )
    VIEW = "people.view_instrument"

    code = models.CharField(_("instrument"), max_length=6, choices=choices(INSTRUMENT))
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    language = models.CharField(_("language of the wording"), max_length=10, blank=True, default="")
    structure = models.JSONField(_("items and rules"))
    wording = models.JSONField(_("wording"), default=dict, blank=True)
    published_date = models.DateField(_("valid from"))
    published_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Instrument"]] = ScopedManager()

    class Meta:
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="one_instrument_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class InstrumentAnswer(House):
    """What a person answered on a day, for herself or for her household, and what it came to.

    `answers` holds item and answer; `outcome` the score, the result, flags, missing items and those
    to look at again. Both are sealed: what is difficult for a person is nobody else's.
    """

    CLASSES = classify(
        I="id recorded_at instrument person household asked_date asked_by", S="answers outcome"
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_instrument_answers"

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="answers")
    person = models.ForeignKey(Person, models.PROTECT, related_name="instrument_answers")
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="instrument_answers"
    )
    asked_date = models.DateField(_("asked on"))
    answers = EncryptedJSONField(_("answers to questionnaires"))
    outcome = EncryptedJSONField(_("what the answers came to"))
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["InstrumentAnswer"]] = ScopedManager()

    class Meta:
        ordering = ("asked_date", "id")
        indexes = (
            models.Index(fields=("person", "asked_date"), name="instrument_person"),
            models.Index(fields=("household", "asked_date"), name="instrument_household"),
        )

    def __str__(self) -> str:
        return str(self.instrument)
