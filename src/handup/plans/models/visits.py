"""Visits, what they found month by month, and the classes by working capital."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Person
from handup.plans.models.labels import VISIT_KIND, VISIT_STATE, choices
from handup.plans.models.plans import Plan, plan_paths
from handup.plans.rules.states import VisitState
from handup.projects.models import Programme


class Visit(House):
    """A visit to a person and her business: planned, done, missed or cancelled.

    Each topic is told as situation, explanation, action and next step.
    """

    CLASSES = classify(
        I="id recorded_at plan person programme kind state planned_date visit_date visitor"
        " planned_by reason back_check_of",
        P="place situation explanation action next_step",
    )
    SCOPE = ScopePaths(
        office="person__office_id",
        area="person__area_id",
        programme="programme_id",
        caseload="visitor_id",
        person="person_id",
    )
    VIEW = "plans.view_visit"

    person = models.ForeignKey(Person, models.PROTECT, related_name="visits")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="visits")
    plan = models.ForeignKey(Plan, models.PROTECT, null=True, blank=True, related_name="visits")
    kind = models.CharField(_("why"), max_length=14, choices=choices(VISIT_KIND))
    state = models.CharField(
        _("state"), max_length=9, choices=choices(VISIT_STATE), default=VisitState.PLANNED.value
    )
    planned_date = models.DateField(_("planned for"), null=True, blank=True)
    planned_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    visit_date = models.DateField(_("visited on"), null=True, blank=True)
    visitor = models.ForeignKey(StaffUser, models.PROTECT, related_name="visits_made")
    place = models.CharField(_("where"), max_length=120, blank=True, default="")
    situation = models.TextField(_("situation"), blank=True, default="")
    explanation = models.TextField(_("explanation"), blank=True, default="")
    action = models.TextField(_("what was done"), blank=True, default="")
    next_step = models.TextField(_("next step"), blank=True, default="")
    reason = models.CharField(_("why not"), max_length=200, blank=True, default="")
    back_check_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="back_check"
    )

    objects: ClassVar[ScopedManager["Visit"]] = ScopedManager()

    class Meta:
        ordering = ("planned_date", "visit_date", "id")
        indexes = (
            models.Index(fields=("state", "planned_date"), name="visit_due"),
            models.Index(fields=("person", "visit_date"), name="visit_of_person"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="DONE", visit_date__isnull=False)
                | (~Q(state="DONE") & Q(visit_date=None)),
                name="a_done_visit_has_its_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.visit_date or self.planned_date or ''}".strip()


class ActualMonth(House):
    """One month as told at a visit; what nobody knows stays empty, never zero.

    A correction is a new row with a reason; the row it corrects points to it.
    """

    CLASSES = classify(
        I="id recorded_at plan visit month replaced_by reason recorded_by",
        P="sales_units materials_units wages_units rent_units transport_units tax_units"
        " other_units profit_told_units stock_units cash_units drawings_units workers"
        " working_days",
    )
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="actual_months")
    visit = models.ForeignKey(
        Visit, models.PROTECT, null=True, blank=True, related_name="actual_months"
    )
    month = models.DateField(_("month"))
    sales_units = models.BigIntegerField(_("sales"), null=True, blank=True)
    materials_units = models.BigIntegerField(_("goods and materials"), null=True, blank=True)
    wages_units = models.BigIntegerField(_("wages"), null=True, blank=True)
    rent_units = models.BigIntegerField(_("rent"), null=True, blank=True)
    transport_units = models.BigIntegerField(_("transport"), null=True, blank=True)
    tax_units = models.BigIntegerField(_("tax"), null=True, blank=True)
    other_units = models.BigIntegerField(_("other costs"), null=True, blank=True)
    profit_told_units = models.BigIntegerField(_("profit as told"), null=True, blank=True)
    stock_units = models.BigIntegerField(_("stock now"), null=True, blank=True)
    cash_units = models.BigIntegerField(_("cash now"), null=True, blank=True)
    drawings_units = models.BigIntegerField(_("taken for living"), null=True, blank=True)
    workers = models.PositiveSmallIntegerField(_("people working"), null=True, blank=True)
    working_days = models.PositiveSmallIntegerField(_("days worked"), null=True, blank=True)
    replaced_by = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    reason = models.CharField(_("reason of the correction"), max_length=200, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ActualMonth"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "month", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "month"),
                condition=Q(replaced_by=None),
                name="one_valid_actual_per_month",
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan} {self.month:%Y-%m}"


class Segment(House):
    """One class of a programme's table by working capital, from its units up to the next."""

    CLASSES = classify(O="id recorded_at programme code name from_units to_units currency")
    VIEW = "plans.view_segment"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="segments")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    from_units = models.BigIntegerField(_("from"))
    to_units = models.BigIntegerField(_("up to, not including"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)

    objects: ClassVar[ScopedManager["Segment"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "from_units")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_segment_per_code_in_a_programme"
            ),
        )

    def __str__(self) -> str:
        return self.name
