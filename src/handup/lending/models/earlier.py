"""What happened on an earlier day and is of no single loan: savings, money of a guarantee, a whole
collection. One person says so, another confirms it, and it counts from its own day.
"""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.guarantees import GuaranteeCall
from handup.lending.models.labels import EARLIER_KINDS, PROPOSAL_STATES
from handup.lending.models.savings import SavingsAccount
from handup.lending.rules.codes import EarlierKind, ProposalState
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Organisation


class EarlierRecord(House):
    """Something of an earlier day that waits for another person; what is said of it lies in its
    payload, and `made` is the record it became. Of one loan alone, it is a LoanProposal.
    """

    CLASSES = classify(
        I="id recorded_at kind account call office programme organisation officer currency"
        " value_date proposed_by proposed_date state decided_by decided_date made",
        P="units payload reason decided_reason",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        organisation="organisation_id",
        caseload="officer_id",
        person="account__person_id",
        shared=("account__enterprise__ownerships__person_id",),
        other=ScopePaths(
            person="call__loan__person_id",
            shared=("call__loan__enterprise__ownerships__person_id",),
        ),
    )
    VIEW = "lending.view_earlier"

    kind = models.CharField(_("what"), max_length=19, choices=EARLIER_KINDS)
    account = models.ForeignKey(
        SavingsAccount, models.PROTECT, null=True, blank=True, related_name="earlier"
    )
    call = models.ForeignKey(
        GuaranteeCall, models.PROTECT, null=True, blank=True, related_name="earlier"
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(
        "projects.Programme", models.PROTECT, null=True, blank=True, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    officer = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    units = models.BigIntegerField(_("amount"))
    value_date = models.DateField(_("on"))
    payload = models.JSONField(default=dict, blank=True)
    reason = models.CharField(_("reason"), max_length=300)
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposed_date = models.DateField(_("proposed on"))
    state = models.CharField(
        _("state"), max_length=10, choices=PROPOSAL_STATES, default=ProposalState.PROPOSED
    )
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    decided_reason = models.CharField(
        _("why it was decided so"), max_length=300, blank=True, default=""
    )
    made = models.UUIDField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["EarlierRecord"]] = ScopedManager()

    class Meta:
        ordering = ("proposed_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(account=None) | Q(call=None), name="earlier_of_one_record"
            ),
            *(
                models.UniqueConstraint(
                    fields=(of,),
                    condition=Q(state=ProposalState.PROPOSED.value, kind=kind.value),
                    name=f"one_{kind.value.lower()}_waits",
                )
                for of, kind in (
                    ("account", EarlierKind.SAVINGS_OUT),
                    ("call", EarlierKind.GUARANTEE_PAID),
                )
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value_date}"


def earlier_of(person_id: UUID) -> models.QuerySet[EarlierRecord]:
    """What was said of earlier days of a person's savings, and of calls for her loans."""
    hers = Q(account__person_id=person_id) | Q(call__loan__person_id=person_id)
    return EarlierRecord._base_manager.filter(hers)
