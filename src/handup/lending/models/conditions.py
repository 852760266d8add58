"""What a decision asks for before a loan is signed or paid out, each item checked off by name."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.applications import Decision, while_open
from handup.lending.models.documents import ApplicationDocument
from handup.lending.models.labels import CONDITION_STEPS
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class DecisionCondition(House):
    """One condition of an approval: what has to be there before which step, when it was met, who
    saw it and on which paper; or that those who decide lifted it, and why.
    """

    CLASSES = classify(
        I="id recorded_at decision number before met_date met_by document paper lifted_date"
        " lifted_by",
        P="text lift_reason",
    )
    SCOPE = ScopePaths(
        office="decision__application__office_id",
        programme="decision__application__programme_id",
        organisation="decision__application__product_version__product__lender__organisation_id",
        caseload="decision__application__officer_id",
        person="decision__application__person_id",
        shared=("decision__application__enterprise__ownerships__person_id",),
        narrowed=while_open("decision__application__"),
    )
    VIEW = "lending.view_condition"

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="to_meet")
    number = models.PositiveIntegerField(_("number"))
    text = models.CharField(_("condition"), max_length=300)
    before = models.CharField(_("to be met before"), max_length=8, choices=CONDITION_STEPS)
    met_date = models.DateField(_("met on"), null=True, blank=True)
    met_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.CharField(_("paper"), max_length=120, blank=True, default="")
    paper = models.ForeignKey(
        ApplicationDocument, models.PROTECT, null=True, blank=True, related_name="met"
    )
    lifted_date = models.DateField(_("lifted on"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    lift_reason = models.CharField(_("why lifted"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["DecisionCondition"]] = ScopedManager()

    class Meta:
        ordering = ("decision", "number")
        constraints = (
            models.UniqueConstraint(fields=("decision", "number"), name="one_condition_a_number"),
            models.CheckConstraint(
                condition=Q(met_date=None) | Q(lifted_date=None), name="condition_met_or_lifted"
            ),
        )

    def __str__(self) -> str:
        return self.text

    @property
    def is_open(self) -> bool:
        """Whether it still holds up its step."""
        return self.met_date is None and self.lifted_date is None
