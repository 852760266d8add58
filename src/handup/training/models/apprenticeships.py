"""Workshops, apprenticeship agreements with money in both directions, and where graduates went."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import Area, House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Enterprise
from handup.projects.models import Organisation
from handup.training.models.cohorts import ENROLMENT_SCOPE, Enrolment
from handup.training.models.labels import (
    AGREEMENT_FORM,
    APPRENTICESHIP_STATE,
    PLACEMENT_KIND,
    PLACEMENT_STATE,
    choices,
)
from handup.training.rules.states import AgreementForm, ApprenticeshipState, PlacementState


class Workshop(House):
    """An experienced enterprise that takes apprentices; vetted within the last twelve months."""

    CLASSES = classify(
        I="id recorded_at name trade area organisation enterprise vetted_date vetted_by"
        " max_apprentices active",
        P="master_name",
    )
    SCOPE = ScopePaths(area="area_id")
    VIEW = "training.view_apprenticeship"

    name = models.CharField(_("name"), max_length=200)
    trade = models.CharField(_("trade"), max_length=80)
    master_name = models.CharField(_("master"), max_length=120)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="workshops")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="workshops"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="workshops"
    )
    vetted_date = models.DateField(_("vetted on"), null=True, blank=True)
    vetted_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    max_apprentices = models.PositiveSmallIntegerField(_("apprentices at most"), default=3)
    active = models.BooleanField(_("takes apprentices"), default=True)

    objects: ClassVar[ScopedManager["Workshop"]] = ScopedManager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("workshop")

    def __str__(self) -> str:
        return self.name


class ApprenticeshipAgreement(House):
    """One apprentice in one workshop: term, hours, and who pays whom what each month."""

    CLASSES = classify(
        I="id recorded_at enrolment workshop state form trade start_date term_months hours_week"
        " on_job_bps currency fee_by_apprentice_units allowance_units meals_units wage_units"
        " programme_fee_units stipend_units living_cost_units shortfall_acknowledged insurance"
        " registration_no dispute_route signed_date started_date ended_date assessor"
        " assessor_workshop assessed_date lowest_skill log_attended log_due recorded_by",
        P="guardian_name witnesses assessor_name",
        S="end_reason",
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_apprenticeship"

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="apprenticeships")
    workshop = models.ForeignKey(Workshop, models.PROTECT, related_name="agreements")
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=choices(APPRENTICESHIP_STATE),
        default=ApprenticeshipState.DRAFT,
    )
    form = models.CharField(
        _("form"), max_length=7, choices=choices(AGREEMENT_FORM), default=AgreementForm.WRITTEN
    )
    witnesses = models.CharField(_("two witnesses"), max_length=300, blank=True, default="")
    guardian_name = models.CharField(_("guardian"), max_length=120, blank=True, default="")
    trade = models.CharField(_("trade"), max_length=80)
    start_date = models.DateField(_("starts on"))
    term_months = models.PositiveSmallIntegerField(
        _("months"), default=6, validators=[MinValueValidator(1), MaxValueValidator(48)]
    )
    hours_week = models.PositiveSmallIntegerField(_("hours a week"), default=40)
    on_job_bps = models.PositiveIntegerField(
        _("share in the workshop (hundredths of a percent)"),
        default=8000,
        validators=[MaxValueValidator(10_000)],
    )
    currency = models.CharField(_("currency"), max_length=3)
    fee_by_apprentice_units = models.BigIntegerField(_("fee paid by the apprentice"), default=0)
    allowance_units = models.BigIntegerField(_("allowance paid by the master a month"), default=0)
    meals_units = models.BigIntegerField(_("meals given by the master a month"), default=0)
    wage_units = models.BigIntegerField(_("wage paid by the master a month"), default=0)
    programme_fee_units = models.BigIntegerField(
        _("fee paid by the programme to the master"), default=0
    )
    stipend_units = models.BigIntegerField(_("stipend a month"), default=0)
    living_cost_units = models.BigIntegerField(_("transport and lodging a month"), default=0)
    shortfall_acknowledged = models.BooleanField(
        _("knows that the stipend is below transport and lodging"), default=False
    )
    insurance = models.CharField(_("insurance"), max_length=120, blank=True, default="")
    registration_no = models.CharField(
        _("registration number"), max_length=60, blank=True, default=""
    )
    dispute_route = models.CharField(
        _("whom to turn to in a dispute"), max_length=200, blank=True, default=""
    )
    signed_date = models.DateField(_("signed on"), null=True, blank=True)
    started_date = models.DateField(_("started on"), null=True, blank=True)
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = EncryptedTextField(_("why it ended"), blank=True, default="")
    assessor = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    assessor_name = models.CharField(_("assessor"), max_length=120, blank=True, default="")
    assessor_workshop = models.ForeignKey(
        Workshop, models.PROTECT, null=True, blank=True, related_name="+"
    )
    assessed_date = models.DateField(_("assessed on"), null=True, blank=True)
    lowest_skill = models.PositiveSmallIntegerField(
        _("lowest level of a required skill"), null=True, blank=True
    )
    log_attended = models.PositiveIntegerField(_("days attended by the log"), null=True, blank=True)
    log_due = models.PositiveIntegerField(_("days due by the log"), null=True, blank=True)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ApprenticeshipAgreement"]] = ScopedManager()

    class Meta:
        ordering = ("-start_date", "id")
        verbose_name = _("apprenticeship agreement")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(term_months__gte=1, term_months__lte=48),
                name="apprenticeship_term_from_1_to_48_months",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ApprenticeshipState.GRADUATED)
                | models.Q(assessed_date__isnull=False, lowest_skill__gte=2),
                name="graduate_was_assessed",
            ),
            models.UniqueConstraint(
                fields=("enrolment",),
                condition=~models.Q(state=ApprenticeshipState.TERMINATED),
                name="one_running_apprenticeship_of_an_enrolment",
            ),
        )

    def __str__(self) -> str:
        return self.trade


class Placement(House):
    """Where a graduate works, told by one person and verified by another."""

    CLASSES = classify(
        I="id recorded_at enrolment kind enterprise started_date month permanent"
        " currency claimed_date claimed_by state verified_by verified_date",
        P="employer",
        S="income_units reject_reason",
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_placement"

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="placements")
    kind = models.CharField(_("kind"), max_length=12, choices=choices(PLACEMENT_KIND))
    employer = models.CharField(_("employer"), max_length=200, blank=True, default="")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="placements"
    )
    started_date = models.DateField(_("started on"))
    month = models.PositiveSmallIntegerField(_("months after completion"), default=6)
    permanent = models.BooleanField(_("permanent"), default=False)
    income_units = models.BigIntegerField(_("income a month"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    claimed_date = models.DateField(_("told on"))
    claimed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=8, choices=choices(PLACEMENT_STATE), default=PlacementState.CLAIMED
    )
    verified_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    verified_date = models.DateField(_("verified on"), null=True, blank=True)
    reject_reason = EncryptedTextField(_("why it was rejected"), blank=True, default="")

    objects: ClassVar[ScopedManager["Placement"]] = ScopedManager()

    class Meta:
        ordering = ("claimed_date", "id")
        verbose_name = _("placement")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=PlacementState.CLAIMED)
                | models.Q(verified_by__isnull=False, verified_date__isnull=False),
                name="checked_placement_names_its_verifier",
            ),
            models.UniqueConstraint(
                fields=("enrolment", "month"),
                condition=~models.Q(state=PlacementState.REJECTED),
                name="one_placement_of_an_enrolment_a_month_mark",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.started_date}"
