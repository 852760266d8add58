"""Agreements by which data may leave the house, and each time they did."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.consents import Consent
from handup.people.models.labels import (
    AGREEMENT_STATE,
    CONSENT_PURPOSE,
    DISCLOSURE_STATE,
    NOT_GIVEN,
    choices,
)
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.rules.sharing import AgreementState, DisclosureState, SharedField, Terms
from handup.projects.models import Organisation, Programme


class SharingAgreement(House):
    """What one recipient may be given of the persons of a programme who agree: for which purpose,
    which fields, from when until when, and by when it is destroyed there.
    """

    CLASSES = classify(
        I="id recorded_at code recipient programme purpose legal_basis fields onward first_date"
        " last_date destroy_date state drafted_by drafted_date signed_by signed_date active_by"
        " active_date ended_by ended_date proven_by proven_date proof"
    )
    SCOPE = ScopePaths(programme="programme_id", organisation="recipient_id")
    VIEW = "people.view_sharing"

    code = models.CharField(_("number"), max_length=12, unique=True)
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("recipient")
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="+", verbose_name=_("programme")
    )
    purpose = models.CharField(_("purpose"), max_length=15, choices=choices(CONSENT_PURPOSE))
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    fields = models.JSONField(_("what is given"), default=list)
    onward = models.BooleanField(_("may be passed on"), default=False)
    first_date = models.DateField(_("from"))
    last_date = models.DateField(_("until"))
    destroy_date = models.DateField(_("destroyed there by"))
    state = models.CharField(
        _("state"),
        max_length=18,
        choices=choices(AGREEMENT_STATE),
        default=AgreementState.DRAFT.value,
    )
    drafted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    drafted_date = models.DateField(_("drafted on"))
    signed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed_date = models.DateField(_("signed on"), null=True, blank=True)
    active_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    active_date = models.DateField(_("in force since"), null=True, blank=True)
    ended_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    proven_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proven_date = models.DateField(_("destruction proved on"), null=True, blank=True)
    proof = models.CharField(_("proof of destruction"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["SharingAgreement"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    last_date__gte=models.F("first_date"), destroy_date__gte=models.F("last_date")
                ),
                name="sharing_ends_then_is_destroyed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.recipient}"

    @property
    def terms(self) -> Terms:
        """What decides whether data may go."""
        fields = frozenset(SharedField(code) for code in self.fields)
        return Terms(AgreementState(self.state), self.first_date, self.last_date, fields)


class Disclosure(House):
    """One file made for a recipient: which fields, how many persons, its sum; taken once."""

    CLASSES = classify(
        I="id recorded_at code agreement fields count sha256 state reason made_by made_date file"
        " ends_at taken_at"
    )
    SCOPE = ScopePaths(
        programme="agreement__programme_id",
        organisation="agreement__recipient_id",
        caseload="made_by_id",
    )
    VIEW = "people.view_sharing"

    code = models.CharField(_("number"), max_length=12, unique=True)
    agreement = models.ForeignKey(SharingAgreement, models.PROTECT, related_name="disclosures")
    fields = models.JSONField(_("what is given"), default=list)
    count = models.PositiveIntegerField(_("persons"), default=0)
    sha256 = models.CharField(_("sum of the file"), max_length=64, blank=True, default="")
    state = models.CharField(
        _("state"),
        max_length=7,
        choices=choices(DISCLOSURE_STATE),
        default=DisclosureState.QUEUED.value,
    )
    reason = models.CharField(
        _("why not"), max_length=9, choices=choices(NOT_GIVEN), blank=True, default=""
    )
    made_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    made_date = models.DateField(_("asked for on"))
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    ends_at = models.DateTimeField(_("can be taken until"), null=True, blank=True)
    taken_at = models.DateTimeField(_("taken at"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Disclosure"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.code


class DisclosedPerson(House):
    """One person of a disclosure, with the consent by which she is in it."""

    CLASSES = classify(I="id recorded_at disclosure person consent")
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="persons")
    person = models.ForeignKey(Person, models.PROTECT, related_name="disclosures")
    consent = models.ForeignKey(Consent, models.PROTECT, related_name="disclosures")

    objects: ClassVar[ScopedManager["DisclosedPerson"]] = ScopedManager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("disclosure", "person"), name="disclosed_once_a_file"),
        )

    def __str__(self) -> str:
        return f"{self.disclosure} {self.person}"
