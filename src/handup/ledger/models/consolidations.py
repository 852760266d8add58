"""Books read as one: a programme with its lenders and guarantee funds, in one currency."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Book
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopePaths


class Consolidation(House):
    """Which books are read as one, in which currency.

    with_groups: the books of the groups of these programmes are shown beside it; they are members'
    own money and never part of it.
    """

    CLASSES = classify(O="id recorded_at code name currency with_groups active", I="programme_id")
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "ledger.view_account"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    currency = models.CharField(_("currency"), max_length=3)
    programme_id = models.UUIDField(_("programme"), null=True, blank=True)
    with_groups = models.BooleanField(_("groups beside it"), default=True)
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class ConsolidatedBook(House):
    """One book of a consolidation."""

    CLASSES = classify(O="id recorded_at consolidation book place")
    SCOPE = ScopePaths(programme="consolidation__programme_id")
    VIEW = "ledger.view_account"

    consolidation = models.ForeignKey(Consolidation, models.CASCADE, related_name="members")
    book = models.ForeignKey(Book, models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("place", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("consolidation", "book"), name="ledger_book_once_in_a_whole"
            ),
        )

    def __str__(self) -> str:
        return str(self.book)
