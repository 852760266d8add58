"""A person, her names in several scripts, the documents she showed."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField, KeyedHashField
from handup.org.models import Area, House, Office, StaffUser
from handup.org.names_at_rest import NameField
from handup.org.scope import ScopedManager
from handup.people.models.labels import (
    BIRTH_PRECISION,
    NAME_KIND,
    PAPER_KIND,
    SCRIPT,
    SEX,
    choices,
)
from handup.people.models.naming import NameKeyField, SortKeyField
from handup.people.models.scope import person_paths
from handup.people.rules.codes import BirthPrecision, Sex
from handup.projects.models import Programme

PHONE_KEY = "people.phone"


class Person(House):
    """A known person, registered once, whatever programme serves her.

    `registration_no` is random, so that it tells nothing; `programme`, `office` and
    `case_officer` say who works with her now. A birth date is stored as the first day it may
    mean, with its precision.
    """

    CLASSES = classify(
        I="id recorded_at registration_no registered_date registered_by programme office"
        " case_officer"
        " erased_date merged_date languages sex birth_precision",
        P="display_name sort_key father_name birth_date area",
        S="phone phone_hash address",
    )
    SCOPE = person_paths()
    VIEW = "people.view_person"

    registration_no = models.CharField(_("registration number"), max_length=12, unique=True)
    display_name = NameField(_("name"), most=200)
    sort_key = SortKeyField(max_length=200, db_index=True, editable=False)
    father_name = NameField(_("father's name"), most=120, blank=True, default="")
    sex = models.CharField(
        _("sex"), max_length=12, choices=choices(SEX), default=Sex.NOT_ASKED.value
    )
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    birth_precision = models.CharField(
        _("birth date known"),
        max_length=7,
        choices=choices(BIRTH_PRECISION),
        default=BirthPrecision.UNKNOWN.value,
    )
    languages = models.JSONField(_("languages"), default=list, blank=True)
    phone = EncryptedTextField(_("telephone"), blank=True, default="")
    phone_hash = KeyedHashField(source="phone", kind="phone", shared=PHONE_KEY)
    address = EncryptedTextField(_("exact place"), blank=True, default="")
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settlement")
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("programme"),
    )
    case_officer = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("case officer"),
    )
    registered_date = models.DateField(_("registered on"))
    registered_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    erased_date = models.DateField(null=True, blank=True, editable=False)
    merged_date = models.DateField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["Person"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("sort_key", "id")
        indexes = (
            models.Index(fields=("programme", "sort_key", "id"), name="person_in_programme"),
            models.Index(fields=("birth_date",), name="person_birth_date"),
            models.Index(fields=("registered_date", "id"), name="person_registered"),
            models.Index(
                fields=("programme", "registered_date", "id"), name="person_registered_in"
            ),
        )

    def __str__(self) -> str:
        if self.erased_date is not None:
            return gettext("erased")
        return self.display_name or self.registration_no


class PersonName(House):
    """One name of a person in one script, with the normal forms a search finds it by."""

    CLASSES = classify(
        I="id recorded_at person kind script",
        P="first_name last_name normal_first normal_last",
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="names")
    kind = models.CharField(_("kind"), max_length=15, choices=choices(NAME_KIND))
    script = models.CharField(_("script"), max_length=8, choices=choices(SCRIPT))
    first_name = NameField(_("first name"), most=120)
    last_name = NameField(_("family name"), most=120, blank=True, default="")
    normal_first = NameKeyField(source="first_name")
    normal_last = NameKeyField(source="last_name")

    objects: ClassVar[ScopedManager["PersonName"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class PersonDocument(House):
    """A document somebody saw: its number secret, its hash to find the same paper again."""

    CLASSES = classify(
        I="id recorded_at person kind seen_by seen_date",
        P="issuer issue_date valid_to",
        S="number number_hash",
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="documents")
    kind = models.CharField(_("document"), max_length=17, choices=choices(PAPER_KIND))
    number = EncryptedTextField(_("number"))
    number_hash = KeyedHashField(source="number", kind="document")
    issuer = models.CharField(_("issued by"), max_length=120, blank=True, default="")
    issue_date = models.DateField(_("issued on"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    seen_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    seen_date = models.DateField(_("seen on"))

    objects: ClassVar[ScopedManager["PersonDocument"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} •••"
