"""From asking to signing: application, appraisal, votes, decision, agreement."""

from collections.abc import Callable
from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models.borrower import BorrowerMixin, has_borrower
from handup.lending.models.labels import APPLICATION_STATES, BANDS, OUTCOMES
from handup.lending.models.lenders import ProductVersion
from handup.lending.rules.codes import ApplicationState
from handup.lending.rules.expiry import state_on
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.rules.access import GrantFact, Role
from handup.org.scope import ScopedManager, ScopePaths, grant_q
from handup.people.models import Alias

OPEN_FOR_APPRAISAL = (ApplicationState.SUBMITTED.value, ApplicationState.APPRAISED.value)
"""Until it is decided it may be appraised, and once more."""

Narrowed = Callable[[GrantFact, StaffUser], Q | None]


def while_open(path: str = "") -> Narrowed:
    """What an appraiser reads of applications and what hangs on them: of those open for appraisal
    alone (lending.md 5).
    """

    def narrowed(grant: GrantFact, staff: StaffUser) -> Q | None:
        if grant.role is not Role.APPRAISER:
            return None
        still = {f"{path}expires_date__gte": timezone.localdate()}
        return Q(**{f"{path}state__in": OPEN_FOR_APPRAISAL}, **still)

    return narrowed


def of_who_asks(path: str = "") -> Narrowed:
    """What an appraiser reads of loans and savings: those of who has an application of hers open
    for appraisal, also under a record that joined the borrower's.
    """

    def narrowed(grant: GrantFact, staff: StaffUser) -> Q | None:
        is_open = while_open()(grant, staff)
        if is_open is None:
            return None
        within = grant_q(Application.SCOPE, grant, staff, reading=False)
        rows = Application._base_manager.filter(is_open).order_by()
        rows = rows.none() if within is None else rows.filter(within)
        persons = rows.exclude(person=None).values("person")
        before = Alias._base_manager.filter(person__in=persons).order_by().values("old")
        return (
            Q(**{f"{path}person__in": persons})
            | Q(**{f"{path}person__in": before})
            | Q(**{f"{path}enterprise__in": rows.exclude(enterprise=None).values("enterprise")})
            | Q(**{f"{path}group__in": rows.exclude(group=None).values("group")})
        )

    return narrowed


class Application(BorrowerMixin, House):
    """A request for a loan under one version of a product, from a person, an enterprise or a
    group.
    """

    CLASSES = classify(
        I="id recorded_at code programme office officer advisor product_version"
        " plan_version instalments currency state submitted_date expires_date",
        P="person enterprise group asked_units purpose savings_units savings_seen_date told_before",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        organisation="product_version__product__lender__organisation_id",
        caseload="officer_id",
        person="person_id",
        shared=("enterprise__ownerships__person_id",),
        narrowed=while_open(),
    )
    VIEW = "lending.view_application"

    code = models.CharField(_("number"), max_length=20, unique=True)
    programme = models.ForeignKey("projects.Programme", models.PROTECT, related_name="applications")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    officer = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("loan officer")
    )
    advisor = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("advisor"),
    )
    product_version = models.ForeignKey(
        ProductVersion, models.PROTECT, related_name="applications", verbose_name=_("product")
    )
    plan_version = models.ForeignKey(
        "plans.PlanVersion",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("business plan"),
    )
    asked_units = models.BigIntegerField(_("amount asked"))
    currency = models.CharField(_("currency"), max_length=3)
    instalments = models.PositiveIntegerField(_("instalments"))
    purpose = models.CharField(_("purpose"), max_length=200)
    savings_units = models.BigIntegerField(_("savings seen"), default=0)
    savings_seen_date = models.DateField(_("savings seen on"), null=True, blank=True)
    told_before = models.JSONField(_("told for the loan before"), default=dict, blank=True)
    state = models.CharField(
        _("state"),
        max_length=12,
        choices=APPLICATION_STATES,
        default=ApplicationState.SUBMITTED,
    )
    submitted_date = models.DateField(_("asked on"))
    expires_date = models.DateField(_("expires on"))

    objects: ClassVar[ScopedManager["Application"]] = ScopedManager()

    class Meta:
        ordering = ("-submitted_date", "-id")
        indexes = (models.Index(fields=("state", "submitted_date"), name="application_state"),)
        constraints = (
            has_borrower("application_one_borrower"),
            models.CheckConstraint(
                condition=models.Q(asked_units__gt=0), name="application_amount_above_zero"
            ),
        )

    def __str__(self) -> str:
        return self.code

    def state_on(self, on: date) -> ApplicationState:
        """Where it stands on a day; open for too long, it has expired."""
        return state_on(self.state, self.expires_date, on)

    @property
    def state_now(self) -> ApplicationState:
        """Where it stands today."""
        return self.state_on(timezone.localdate())


THROUGH_APPLICATION = ScopePaths(
    office="application__office_id",
    programme="application__programme_id",
    organisation="application__product_version__product__lender__organisation_id",
    caseload="application__officer_id",
    person="application__person_id",
    shared=("application__enterprise__ownerships__person_id",),
    narrowed=while_open("application__"),
)


class Appraisal(House):
    """What a second person found: frozen facts, hard stops by name, grid score, recommendation."""

    CLASSES = classify(
        I="id recorded_at application appraiser appraised_date engine_version inputs_hash scores"
        " score_x10 band stops recommendation",
        P="facts overrides recommended_units note",
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_application"

    application = models.ForeignKey(Application, models.PROTECT, related_name="appraisals")
    appraiser = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    appraised_date = models.DateField(_("appraised on"))
    engine_version = models.CharField(max_length=40)
    inputs_hash = models.CharField(max_length=64)
    facts = models.JSONField(_("facts"))
    scores = models.JSONField(_("scores"), default=dict)
    score_x10 = models.PositiveIntegerField(_("score x 10"), null=True, blank=True)
    band = models.CharField(_("band"), max_length=8, choices=BANDS, blank=True, default="")
    stops = models.JSONField(_("hard stops"), default=list)
    overrides = models.JSONField(_("overrides with reason"), default=list, blank=True)
    recommendation = models.CharField(_("recommendation"), max_length=12, choices=OUTCOMES)
    recommended_units = models.BigIntegerField(_("recommended amount"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True, default="")

    objects: ClassVar[ScopedManager["Appraisal"]] = ScopedManager()

    class Meta:
        ordering = ("-appraised_date", "-id")

    def __str__(self) -> str:
        return f"{self.application_id} {self.appraised_date}"


class Vote(House):
    """One committee member's vote, on what the appraisal says; a later appraisal makes it void."""

    CLASSES = classify(
        I="id recorded_at application appraisal member choice voted_date", P="reason"
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_application"

    application = models.ForeignKey(Application, models.PROTECT, related_name="votes")
    appraisal = models.ForeignKey(
        Appraisal, models.PROTECT, null=True, blank=True, related_name="votes"
    )
    member = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    choice = models.CharField(_("vote"), max_length=12, choices=OUTCOMES)
    voted_date = models.DateField(_("voted on"))
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Vote"]] = ScopedManager()

    class Meta:
        ordering = ("voted_date", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("application", "member", "appraisal"), name="one_vote_a_member"
            ),
        )

    def __str__(self) -> str:
        return f"{self.application_id} {self.choice}"


class Decision(House):
    """What was decided, by how many, with which stops waived and why."""

    CLASSES = classify(
        I="id recorded_at application outcome instalments decided_by decided_date votes_for"
        " votes_against waived_stops",
        P="approved_units reason conditions",
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_application"

    application = models.ForeignKey(Application, models.PROTECT, related_name="decisions")
    outcome = models.CharField(_("decision"), max_length=12, choices=OUTCOMES)
    approved_units = models.BigIntegerField(_("approved amount"), null=True, blank=True)
    instalments = models.PositiveIntegerField(_("instalments"), null=True, blank=True)
    decided_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    decided_date = models.DateField(_("decided on"))
    votes_for = models.PositiveIntegerField(_("votes for"), default=0)
    votes_against = models.PositiveIntegerField(_("votes against"), default=0)
    waived_stops = models.JSONField(_("stops waived"), default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    conditions = models.CharField(_("conditions"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Decision"]] = ScopedManager()

    class Meta:
        ordering = ("-decided_date", "-id")

    def __str__(self) -> str:
        return f"{self.application_id} {self.outcome}"


class LoanAgreement(House):
    """What was signed: terms, first schedule, the yearly rate as the law prints it, total cost."""

    CLASSES = classify(
        I="id recorded_at application terms language signed_date start_date signed_by apr_ppm"
        " flat_apr_ppm",
        P="schedule total_payable_units total_cost_units",
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_application"

    application = models.OneToOneField(Application, models.PROTECT, related_name="agreement")
    terms = models.JSONField(_("terms"))
    schedule = models.JSONField(_("first schedule"))
    apr_ppm = models.BigIntegerField(_("yearly percentage rate"), null=True, blank=True)
    flat_apr_ppm = models.BigIntegerField(
        _("yearly rate were the same loan flat"), null=True, blank=True
    )
    total_payable_units = models.BigIntegerField(_("total payable"))
    total_cost_units = models.BigIntegerField(_("total cost"))
    language = models.CharField(_("language"), max_length=10, default="en")
    signed_date = models.DateField(_("signed on"))
    start_date = models.DateField(_("money to be handed over on"), null=True, blank=True)
    signed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["LoanAgreement"]] = ScopedManager()

    class Meta:
        ordering = ("-signed_date",)

    def __str__(self) -> str:
        return f"{self.application_id} {self.signed_date}"
