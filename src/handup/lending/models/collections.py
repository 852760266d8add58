"""What was collected at one sitting: the sheet it was written on, what was counted, who paid and
who was absent.
"""

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

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


def _withheld_lines(staff: StaffUser) -> Q:
    """All but her own lines and those of loans she may see: what a sheet says of a loan nobody
    knows may be of somebody hidden, and must look the same where it is not.
    """
    known = Loan.objects.visible_to(staff).values("pk")
    return ~Q(collection__recorded_by=staff.pk) & (Q(named=None) | ~Q(named__in=known))


class StrayLine(House):
    """One line of a collection whose loan whoever collected may not know, or that there never was:
    its cash lies on suspense as cash of nobody known. named: the loan's id as the sheet has it;
    words: what the sheet says. Read by who wrote it, and by who may see the loan.
    """

    CLASSES = classify(I="id recorded_at collection place stray absent", P="named words units")
    SCOPE = ScopePaths(
        office="collection__office_id",
        programme="collection__programme_id",
        caseload="collection__recorded_by_id",
        withheld=_withheld_lines,
    )
    VIEW = "lending.view_collection"

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="stray_lines")
    place = models.PositiveSmallIntegerField()
    named = models.UUIDField(null=True, blank=True, db_index=True)
    words = models.CharField(_("what the sheet says"), max_length=200, blank=True, default="")
    units = models.BigIntegerField(_("paid"), default=0)
    absent = models.BooleanField(_("absent"), default=False)
    stray = models.OneToOneField(
        "lending.StrayCash", models.PROTECT, null=True, blank=True, related_name="stray_line"
    )

    objects: ClassVar[ScopedManager["StrayLine"]] = ScopedManager()

    class Meta:
        ordering = ("collection", "place")
        constraints = (
            models.UniqueConstraint(
                fields=("collection", "place"), name="one_stray_line_a_place_of_a_collection"
            ),
            models.CheckConstraint(
                condition=Q(units__gt=0, stray__isnull=False) | Q(units=0, stray=None, absent=True),
                name="stray_line_paid_or_absent",
            ),
        )

    def __str__(self) -> str:
        return self.words or f"{self.collection_id} {self.place}"


def stray_lines_of(loans: Iterable[UUID]) -> "models.QuerySet[StrayLine]":
    """The lines that named one of these loans where it could not be known."""
    return StrayLine._base_manager.filter(named__in=list(loans))
