"""What happened on an earlier day and is of no single loan: savings, money of a guarantee, a whole
collection. One person says so, another confirms it, and it counts from its own day.
"""

from collections.abc import Iterable, Sequence
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.lending.models.grants import AssetTransfer, EnterpriseGrant, GrantTranche
from handup.lending.models.guarantees import GuaranteeCall
from handup.lending.models.labels import EARLIER_KINDS, PROPOSAL_STATES
from handup.lending.models.loans import Loan
from handup.lending.models.savings import SavingsAccount
from handup.lending.models.statements import LOANS_AT_ONCE, hidden_loans
from handup.lending.rules.codes import EarlierKind, ProposalState
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths, hidden_from, of_hidden_only
from handup.projects.models import Organisation

_NAMING = (
    EarlierKind.COLLECTION.value,
    EarlierKind.COLLECTION_AGAIN.value,
    EarlierKind.REPAID_AGAIN.value,
    EarlierKind.GRANT_PAID.value,
    EarlierKind.GRANT_TAKEN_BACK.value,
    EarlierKind.GRANT_HANDED_OVER.value,
)
"""Kinds that hang on no record: what they are about is named in what was told."""


WORDS = ("reference", "receipt", "reason")
"""What of what was told is written by somebody."""


def naming(ids: Iterable[UUID]) -> "models.QuerySet[EarlierRecord]":
    """The records that name one of these loans, or of these parts of grants, in what was told."""
    return _written_in(sorted(str(each) for each in ids))


def _written_in(names: Sequence[str]) -> "models.QuerySet[EarlierRecord]":
    rows = EarlierRecord._base_manager.filter(kind__in=_NAMING)
    rows = rows.annotate(written=Cast("payload", models.TextField()))
    found: set[UUID] = set()
    for first in range(0, len(names), LOANS_AT_ONCE):
        named = Q()
        for name in names[first : first + LOANS_AT_ONCE]:
            named |= Q(written__contains=name)
        found.update(rows.filter(named).values_list("pk", flat=True))
    return EarlierRecord._base_manager.filter(pk__in=found)


def _parts_of(grants: Q) -> set[UUID]:
    """The payments and things of these grants."""
    return {
        pk
        for table in (GrantTranche, AssetTransfer)
        for pk in table._base_manager.filter(grants).values_list("pk", flat=True)
    }


def _withheld(staff: StaffUser) -> Q:
    """What names a loan or a grant of persons hidden from a reader; a sheet with one of hers goes
    as a whole, as its sum would tell.
    """
    hidden = hidden_from(staff)
    if not hidden:
        return Q(pk__in=())
    grants = of_hidden_only(EnterpriseGrant, EnterpriseGrant.SCOPE, hidden)
    parts = _parts_of(Q(grant__person__in=hidden) | Q(grant__in=grants))
    named = naming(hidden_loans(staff) | parts)
    return Q(pk__in=set(named.values_list("pk", flat=True)))


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
        withheld=_withheld,
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

    @property
    def why(self) -> str:
        """Why it waits: what was said; of what nobody could be asked about, what it looks like."""
        return self.reason or gettext("It looks recorded already.")


def earlier_of(person_id: UUID) -> models.QuerySet[EarlierRecord]:
    """What was said of earlier days of a person's savings, of calls for her loans, of payments of
    her loans and grants.
    """
    hers = Q(account__person_id=person_id) | Q(call__loan__person_id=person_id)
    loans = Loan._base_manager.filter(person_id=person_id).values_list("pk", flat=True)
    named = naming({*loans, *_parts_of(Q(grant__person_id=person_id))})
    ids = set(named.values_list("pk", flat=True))
    # Of a sheet whose collector did not know the loan, its id stands there without dashes.
    ids.update(_written_in(sorted(loan.hex for loan in loans)).values_list("pk", flat=True))
    return EarlierRecord._base_manager.filter(hers | Q(pk__in=ids))


def told_of(person_id: UUID) -> list[tuple[EarlierRecord, int]]:
    """The same with how much of each is hers: of a sheet, what stands on her lines."""
    loans = _named_loans(person_id)
    found = []
    for row in earlier_of(person_id).select_related("account", "call"):
        lines = row.payload.get("lines")
        if lines is None:
            found.append((row, row.units))
            continue
        lines = [*lines, *row.payload.get("unknown", ())]
        found.append((row, sum(line[1] for line in lines if line[0] in loans)))
    return found


def _named_loans(person_id: UUID) -> set[str]:
    """Her loans as a sheet that waits names them: known to who collected, or not."""
    loans = Loan._base_manager.filter(person_id=person_id).values_list("pk", flat=True)
    return {name for pk in loans for name in (str(pk), pk.hex)}


def blank_earlier(person_id: UUID) -> None:
    """What was written beside money of earlier days; amounts and days stay, and which loan or part
    of a grant it is of, where nothing else says so.
    """
    loans = _named_loans(person_id)
    for row in earlier_of(person_id):
        named = row.account_id is None and row.call_id is None
        kept = {name: told for name, told in row.payload.items() if name not in WORDS}
        if "unknown" in kept:
            kept["unknown"] = [
                [*line[:3], ""] if line[0] in loans else line for line in kept["unknown"]
            ]
        row.payload = kept if named else {}
        row.reason = row.decided_reason = ""
        row.save(update_fields=("payload", "reason", "decided_reason"))
