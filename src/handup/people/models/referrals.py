"""A person is referred to somebody outside, and who comes first."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.consents import Consent
from handup.people.models.labels import CONSENT_PURPOSE, REFERRAL_STATE, choices
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.models.sharing import SharingAgreement
from handup.people.rules.referrals import ReferralState
from handup.projects.models import Organisation


class Referral(House):
    """A person is sent to an organisation for something it gives; by her consent and an agreement
    with it, or because a focal point answers for it (`override`).
    """

    CLASSES = classify(
        I="id recorded_at code person recipient purpose state made_by made_date consent agreement"
        " sent_by sent_date due_date answered_date closed_date",
        S="need answer override",
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_referral"

    code = models.CharField(_("number"), max_length=12, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="referrals")
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("referred to")
    )
    purpose = models.CharField(_("purpose"), max_length=15, choices=choices(CONSENT_PURPOSE))
    need = EncryptedTextField(_("what she needs there"))
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=choices(REFERRAL_STATE),
        default=ReferralState.DRAFT.value,
    )
    made_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    made_date = models.DateField(_("drafted on"))
    consent = models.ForeignKey(
        Consent, models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    agreement = models.ForeignKey(
        SharingAgreement, models.PROTECT, null=True, blank=True, related_name="referrals"
    )
    override = EncryptedTextField(_("why without consent or agreement"), blank=True, default="")
    answer = EncryptedTextField(_("what they answered"), blank=True, default="")
    sent_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    sent_date = models.DateField(_("sent on"), null=True, blank=True)
    due_date = models.DateField(_("answer expected by"), null=True, blank=True)
    answered_date = models.DateField(_("answered on"), null=True, blank=True)
    closed_date = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Referral"]] = ScopedManager()

    class Meta:
        ordering = ("-made_date", "-id")
        indexes = (models.Index(fields=("state", "due_date"), name="referral_due"),)

    def __str__(self) -> str:
        return self.code


class ReferralPriority(House):
    """A person comes first, since a day; who said so is known to case teams only, why to nobody."""

    CLASSES = classify(I="id recorded_at person from_date to_date", R="recorded_by")
    SCOPE = person_paths("person")
    VIEW = "people.view_participation"

    person = models.ForeignKey(Person, models.PROTECT, related_name="priorities")
    from_date = models.DateField(_("since"))
    to_date = models.DateField(_("until"), null=True, blank=True)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ReferralPriority"]] = ScopedManager()

    class Meta:
        ordering = ("from_date", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=models.Q(to_date=None), name="one_priority_a_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.from_date}"
