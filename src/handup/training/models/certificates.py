"""Certificates, their signing keys for ever, and the counter of their serials."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.training.models.cohorts import ENROLMENT_SCOPE, Enrolment
from handup.training.models.labels import CERTIFICATE_KIND, CERTIFICATE_STATE, choices
from handup.training.rules.states import CertificateKind, CertificateState


class SigningKey(House):
    """One Ed25519 key; the public half is kept for ever, so old certificates stay verifiable."""

    CLASSES = classify(O="id recorded_at number public_key retired_at", S="private_key")
    VIEW = "training.view_signing_key"

    number = models.PositiveSmallIntegerField(_("key number"), unique=True)
    public_key = models.CharField(_("public key"), max_length=64)
    private_key = EncryptedTextField(blank=True, default="")
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ScopedManager["SigningKey"]] = ScopedManager()

    class Meta:
        ordering = ("number",)
        verbose_name = _("signing key")

    def __str__(self) -> str:
        return str(self.number)


class SerialCounter(House):
    """The last serial number given in one programme and year."""

    CLASSES = classify(I="id recorded_at programme_code year last_number")
    VIEW = "training.view_certificate"

    programme_code = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last_number = models.PositiveIntegerField(default=0)

    objects: ClassVar[ScopedManager["SerialCounter"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("programme_code", "year"), name="one_serial_counter_a_year"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme_code} {self.year}"


class Certificate(House):
    """One certificate as printed; a corrected name makes a new one that replaces it."""

    CLASSES = classify(
        O="address kind issued_date valid_to state",
        I="id recorded_at serial enrolment issued_by revoked_date revoked_by replaces signing_key",
        P="printed_name code_text",
        S="revoke_reason",
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_certificate"

    serial = models.CharField(_("serial"), max_length=60, unique=True)
    address = models.CharField(_("address"), max_length=13, unique=True)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="certificates")
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=choices(CERTIFICATE_KIND),
        default=CertificateKind.COMPLETION,
    )
    printed_name = models.CharField(_("name as printed"), max_length=200)
    issued_date = models.DateField(_("issued on"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=choices(CERTIFICATE_STATE), default=CertificateState.VALID
    )
    code_text = models.CharField(_("text of the code"), max_length=213)
    signing_key = models.ForeignKey(SigningKey, models.PROTECT, related_name="certificates")
    issued_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    revoked_date = models.DateField(_("revoked on"), null=True, blank=True)
    revoked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    revoke_reason = EncryptedTextField(_("reason of the revocation"), blank=True, default="")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    objects: ClassVar[ScopedManager["Certificate"]] = ScopedManager()

    class Meta:
        ordering = ("-issued_date", "serial")
        verbose_name = _("certificate")
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment", "kind"),
                condition=models.Q(state__in=[CertificateState.VALID, CertificateState.SEALED]),
                name="one_valid_certificate_of_a_kind",
            ),
        )

    def __str__(self) -> str:
        return self.serial

    def state_on(self, on: date) -> CertificateState:
        """Return what the public page answers on that day."""
        if self.state == CertificateState.VALID and self.valid_to and on > self.valid_to:
            return CertificateState.EXPIRED
        return CertificateState(self.state)
