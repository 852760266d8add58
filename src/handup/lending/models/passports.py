"""The credit passport of a person: what was signed at her request, and until when it holds."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.names_at_rest import NameField
from handup.org.scope import ScopedManager
from handup.people.models.labels import CONSENT_METHOD, choices
from handup.people.models.scope import person_paths


class CreditPassport(House):
    """One signed statement of savings and repayments, made because the person asked for it."""

    CLASSES = classify(
        I="id recorded_at person address requested_date requested_how reference issued_date"
        " valid_to signing_key issued_by withdrawn_date withdrawn_by",
        P="printed_name code_text",
    )
    SCOPE = person_paths("person")
    VIEW = "lending.view_passport"

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="credit_passports")
    address = models.CharField(_("address"), max_length=13, unique=True)
    printed_name = NameField(_("name as printed"), most=60)
    requested_date = models.DateField(_("asked for on"))
    requested_how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    reference = models.CharField(_("paper"), max_length=60, blank=True, default="")
    issued_date = models.DateField(_("issued on"))
    valid_to = models.DateField(_("valid until"))
    code_text = NameField(_("text of the code"), most=4_000)
    signing_key = models.ForeignKey("training.SigningKey", models.PROTECT, related_name="+")
    issued_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    withdrawn_date = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["CreditPassport"]] = ScopedManager()

    class Meta:
        ordering = ("-issued_date", "-id")
        verbose_name = _("credit passport")

    def __str__(self) -> str:
        return self.address

    def holds_on(self, on: date) -> bool:
        """Whether it is neither withdrawn nor past its day."""
        return self.withdrawn_date is None and on <= self.valid_to
