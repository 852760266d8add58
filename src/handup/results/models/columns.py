"""The secret a counting body gave to this house, under an agreement."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import SharingAgreement


class CountingSecret(House):
    """What seals the papers in snapshots made under one agreement, so that a person of two houses
    counts once: known to this house and to who counts, and never shown.
    """

    CLASSES = classify(I="id recorded_at agreement kept_by kept_date", S="secret")
    SCOPE = ScopePaths(programme="agreement__programme_id", organisation="agreement__recipient_id")
    VIEW = "results.keep_counting_secret"

    agreement = models.OneToOneField(
        SharingAgreement, models.PROTECT, related_name="counting_secret"
    )
    secret = EncryptedTextField(_("secret"))
    kept_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    kept_date = models.DateField(_("kept on"))

    objects: ClassVar[ScopedManager["CountingSecret"]] = ScopedManager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return str(self.agreement)
