"""What persons ask about their own data, and the proof that one was erased."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import (
    HOLD_REASON,
    IDENTITY_CHECK,
    REQUEST_KIND,
    REQUEST_STATE,
    choices,
)
from handup.people.models.persons import Person
from handup.people.rules.requests import RequestState
from handup.projects.models import Programme


class SubjectRequest(House):
    """A person, or an authority, asks about data held of a person: to see, correct, stop using or
    erase them.

    `handler` answers it. An erasure is approved by two (`approved_by`, `second_by`) and kept back
    while something holds it (`hold_reason`, `held_until`). `by_rule`: nobody asked; she was served
    last so long ago that the rule of retention proposes to erase her.
    """

    CLASSES = classify(
        I="id recorded_at code kind state person programme office handler received_date due_date"
        " language recorded_by identity identified_by identified_date approved_by approved_date"
        " second_by second_date hold_reason held_until closed_date closed_by by_rule",
        S="asker details answer",
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="person__area_id",
        programme="programme_id",
        caseload="handler_id",
        person="person_id",
    )
    VIEW = "people.view_subject_request"

    code = models.CharField(_("number"), max_length=12, unique=True)
    kind = models.CharField(_("what is asked"), max_length=13, choices=choices(REQUEST_KIND))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=choices(REQUEST_STATE),
        default=RequestState.ASKED.value,
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="subject_requests"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="+"
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    handler = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answers"),
    )
    asker = EncryptedTextField(_("who asks for her"), blank=True, default="")
    details = EncryptedTextField(_("what is asked, in words"), blank=True, default="")
    answer = EncryptedTextField(_("answer"), blank=True, default="")
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    received_date = models.DateField(_("received on"))
    due_date = models.DateField(_("to answer by"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    identity = models.CharField(
        _("identity checked"),
        max_length=9,
        choices=choices(IDENTITY_CHECK),
        blank=True,
        default="",
    )
    identified_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    identified_date = models.DateField(_("checked on"), null=True, blank=True)
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_date = models.DateField(_("approved on"), null=True, blank=True)
    second_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    second_date = models.DateField(_("approved by a second on"), null=True, blank=True)
    hold_reason = models.CharField(
        _("held because of"), max_length=9, choices=choices(HOLD_REASON), blank=True, default=""
    )
    held_until = models.DateField(_("held until"), null=True, blank=True)
    by_rule = models.BooleanField(_("proposed by the rule of retention"), default=False)
    closed_date = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["SubjectRequest"]] = ScopedManager()

    class Meta:
        ordering = ("-received_date", "-id")
        indexes = (models.Index(fields=("state", "due_date"), name="subject_request_due"),)

    def __str__(self) -> str:
        return self.code

    @property
    def answer_by(self) -> date | None:
        """By when she waits for an answer; None where a rule proposes and nobody asked."""
        return None if self.by_rule else self.due_date


class ErasureCertificate(House):
    """The proof of one erasure: the figures, the same before and after, and how many bytes that
    were hers alone were still found.

    figures: each by name, as it was and is. searched: how many values were looked for. cleaned:
    whether the database gave free pages up after it.
    """

    CLASSES = classify(
        I="id recorded_at request person erased_date erased_by figures searched found cleaned"
    )
    SCOPE = ScopePaths(
        office="request__office_id",
        programme="request__programme_id",
        caseload="request__handler_id",
        person="person_id",
    )
    VIEW = "people.view_subject_request"

    request = models.OneToOneField(SubjectRequest, models.PROTECT, related_name="certificate")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    erased_date = models.DateField(_("erased on"))
    erased_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    figures = models.JSONField(_("figures, before and after"), default=dict)
    searched = models.PositiveIntegerField(_("values looked for"), default=0)
    found = models.PositiveIntegerField(_("still found"), default=0)
    cleaned = models.BooleanField(_("free pages given up"), default=False)

    objects: ClassVar[ScopedManager["ErasureCertificate"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.request} {self.erased_date}"
