"""Who borrows: a person, her enterprise or a group; exactly one of the three."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BorrowerMixin(models.Model):
    """Three foreign keys of which one is set; `borrower_person` also names who signs for an
    enterprise.
    """

    person = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("person"),
    )
    enterprise = models.ForeignKey(
        "people.Enterprise",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("enterprise"),
    )

    group = models.ForeignKey(
        "groups.Group",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=_("group"),
    )

    shown_as = ""
    """The code it is shown by to a reader who may not know who borrows."""

    class Meta:
        abstract = True

    @property
    def borrower(self) -> models.Model:
        """The person, or the group; an enterprise without a registered owner stands for itself."""
        found = self.person or self.group or self.enterprise
        assert found is not None
        return found


def has_borrower(name: str) -> models.CheckConstraint:
    """The constraint: a group borrows alone; otherwise a person, an enterprise, or both (owner and
    business).
    """
    return models.CheckConstraint(
        name=name,
        condition=Q(group__isnull=False, person__isnull=True, enterprise__isnull=True)
        | Q(group__isnull=True, person__isnull=False)
        | Q(group__isnull=True, enterprise__isnull=False),
    )
