"""What was collected at one sitting: the sheet it was written on, what was counted, who paid and
who was absent.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.lending.models.loans import THROUGH_LOAN, Loan, LoanEvent
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class Collection(House):
    """One collection, closed when the money counted was what is written. Append-only: what is wrong
    is taken back payment by payment.
    """

    CLASSES = classify(
        I="id recorded_at held_date currency counted_units data_date officer group area office"
        " programme recorded_by"
    )
    SCOPE = ScopePaths(office="office_id", programme="programme_id", caseload="recorded_by_id")
    VIEW = "lending.view_collection"

    held_date = models.DateField(_("collected on"))
    currency = models.CharField(_("currency"), max_length=3)
    counted_units = models.BigIntegerField(_("counted"))
    data_date = models.DateField(_("the sheet was of"))
    officer = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("officer"),
    )
    group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("centre")
    )
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("village")
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    programme = models.ForeignKey(
        "projects.Programme", models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )

    objects: ClassVar[ScopedManager["Collection"]] = ScopedManager()

    class Meta:
        ordering = ("-held_date", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(counted_units__gte=0), name="collection_not_below_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.held_date}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:collection_detail", args=[self.pk])


class CollectionLine(House):
    """One loan of a collection: what was paid, with the payment it became, or who was absent.
    stray: the cash of a loan that could take none, which waits on suspense.
    """

    CLASSES = classify(I="id recorded_at collection loan event stray", P="units absent")
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_collection"

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="lines")
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="collected")
    units = models.BigIntegerField(_("paid"), default=0)
    absent = models.BooleanField(_("absent"), default=False)
    event = models.OneToOneField(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="collected"
    )
    stray = models.OneToOneField(
        "lending.StrayCash", models.PROTECT, null=True, blank=True, related_name="collected"
    )

    objects: ClassVar[ScopedManager["CollectionLine"]] = ScopedManager()

    class Meta:
        ordering = ("collection", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("collection", "loan"), name="one_line_a_loan_of_a_collection"
            ),
            models.CheckConstraint(
                condition=Q(units__gt=0, event__isnull=False, stray=None)
                | Q(units__gt=0, event=None, stray__isnull=False)
                | Q(units=0, event=None, stray=None, absent=True),
                name="collection_line_paid_or_absent",
            ),
        )

    def __str__(self) -> str:
        return f"{self.collection_id} {self.loan_id}"
