"""What was signed with a partner: a memorandum or contract, what each side owes by when, the
money that is to flow, and the reports that are due.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.knowledge import Document
from handup.projects.models.labels import MEMORANDUM_KIND, OBLIGATION_KIND, choices
from handup.projects.models.organisations import Organisation
from handup.projects.models.programmes import Programme


class Memorandum(House):
    """A memorandum of understanding or a contract with a partner of a programme: its days, its
    paper, and what both sides owe each other.
    """

    CLASSES = classify(
        I="id recorded_at programme organisation kind title reference signed_date last_date"
        " ended_date end_reason document remark recorded_by"
    )
    SCOPE = ScopePaths(programme="programme_id", organisation="organisation_id")
    VIEW = "projects.view_memorandum"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="memoranda")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="memoranda", verbose_name=_("partner")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=choices(MEMORANDUM_KIND))
    title = models.CharField(_("title"), max_length=200)
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")
    signed_date = models.DateField(_("signed on"))
    last_date = models.DateField(_("until"), null=True, blank=True)
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True, default="")
    document = models.ForeignKey(
        Document,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="memoranda",
        verbose_name=_("document"),
    )
    remark = models.TextField(_("remark"), blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Memorandum"]] = ScopedManager()

    class Meta:
        ordering = ("-signed_date", "-id")
        verbose_name = _("memorandum")
        constraints = (
            models.CheckConstraint(
                condition=Q(last_date=None) | Q(last_date__gte=F("signed_date")),
                name="memorandum_ends_after_it_is_signed",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def holds_on(self, on: date) -> bool:
        """Tell whether it is in force on a day."""
        ends = [day for day in (self.last_date, self.ended_date) if day is not None]
        return self.signed_date <= on and all(on <= day for day in ends)


class Obligation(House):
    """What one side owes under a memorandum by a day: something done, money, or a report.

    series: the id of the first of those recorded together, as it falls due again and again.
    """

    CLASSES = classify(
        I="id recorded_at memorandum series party kind what due_date amount_units currency"
        " done_date result document recorded_by"
    )
    SCOPE = ScopePaths(
        programme="memorandum__programme_id", organisation="memorandum__organisation_id"
    )
    VIEW = "projects.view_memorandum"

    memorandum = models.ForeignKey(Memorandum, models.PROTECT, related_name="obligations")
    series = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    party = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who owes it"),
    )
    kind = models.CharField(_("kind"), max_length=7, choices=choices(OBLIGATION_KIND))
    what = models.CharField(_("what is owed"), max_length=300)
    due_date = models.DateField(_("due on"))
    amount_units = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    done_date = models.DateField(_("done on"), null=True, blank=True)
    result = models.CharField(_("what came of it"), max_length=300, blank=True, default="")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("paper")
    )
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Obligation"]] = ScopedManager()

    class Meta:
        ordering = ("due_date", "id")
        verbose_name = _("obligation")
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_units=None) | Q(amount_units__gt=0),
                name="what_is_owed_is_above_zero",
            ),
        )

    def __str__(self) -> str:
        return self.what

    @property
    def is_owed(self) -> bool:
        """Whether it was done or is to be done: what falls due after the day a memorandum was ended
        on is no longer owed.
        """
        ended = self.memorandum.ended_date
        return self.done_date is not None or ended is None or self.due_date <= ended

    def is_late(self, on: date) -> bool:
        """Tell whether it was done, or is still owed, after its day."""
        return self.is_owed and (self.done_date or on) > self.due_date
