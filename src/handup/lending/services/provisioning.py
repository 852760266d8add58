"""What a book must set aside for losses, as one SELECT for the ledger's runs, and the table a
lender does it by.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.ledger.models import Book
from handup.ledger.rules.words import RunKind
from handup.ledger.runs import Provider, Statement
from handup.ledger.sql import day_literal, uid, uid_literal
from handup.lending.models import Lender, Loan, ProvisionTable
from handup.lending.portfolio import restructured_by, standing
from handup.lending.rules import provisioning
from handup.lending.rules.codes import OWN_MODES
from handup.lending.rules.provisioning import Bucket
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

_PROVISION = """
SELECT r.loan_id AS subject_id, r.office_id AS branch_id, CAST(NULL AS {null}) AS product_id,
       r.fund_id, r.currency, r.basis AS basis_units, r.rate AS rate_bps,
       FALSE AS stopped,
       r.basis / {whole} * r.rate + (2 * (r.basis %% {whole}) * r.rate + {whole}) / (2 * {whole})
         AS target_units
FROM (
  SELECT l.id AS loan_id, l.office_id, l.fund_id, l.currency,
         CASE WHEN COALESCE(p.principal, 0) > COALESCE(c.units, 0)
           THEN COALESCE(p.principal, 0) - COALESCE(c.units, 0) ELSE 0 END AS basis,
         CASE l.lender_id {rates} ELSE 0 END AS rate
  FROM lending_lender n JOIN lending_loan l ON l.lender_id = n.id
    LEFT JOIN ({standing}) p ON p.loan_id = l.id
    LEFT JOIN ({collateral}) c ON c.loan_id = l.id
  WHERE n.book_id = %s AND n.mode IN ({modes}) AND l.disbursed_date IS NOT NULL
) r
"""
_COLLATERAL = """SELECT k.subject_id AS loan_id, CAST(-SUM(k.units) AS bigint) AS units
 FROM (
   SELECT DISTINCT account_id FROM ledger_accountrole
   WHERE book_id = %s AND role = 'COMPULSORY_SAVINGS') a
   JOIN ledger_line k ON k.account_id = a.account_id JOIN ledger_entry e ON e.id = k.entry_id
 WHERE k.subject_kind = 'loan' AND e.entry_date <= {at}
 GROUP BY k.subject_id"""


def table_of(lender: Lender, on: date) -> tuple[Bucket, ...]:
    """The shares a lender sets aside by on a day: the last table stated, else the default."""
    row: ProvisionTable | None = (
        ProvisionTable.objects.filter(lender=lender, effective_date__lte=on)
        .order_by("-effective_date", "-id")
        .first()
    )
    return provisioning.DEFAULT if row is None else provisioning.from_json(row.buckets)


def set_provision_table(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    effective_date: date,
    buckets: Sequence[Bucket],
    id: UUID | None = None,
) -> ProvisionTable:
    """State by which shares a lender sets aside from a day on.

    Raises BucketsGap, RateOutOfRange.
    """
    require(acting_staff, "lending.set_provision_table", lender)
    provisioning.check_table(buckets)
    stored = already_stored(
        ProvisionTable,
        id,
        acting_staff,
        lender=lender,
        effective_date=effective_date,
        buckets=provisioning.to_json(buckets),
    )
    if stored is not None:
        return stored
    with transaction.atomic():
        table = ProvisionTable.objects.create(
            id=id or new_id(),
            lender=lender,
            effective_date=effective_date,
            buckets=provisioning.to_json(buckets),
            stated_by=acting_staff,
        )
        audit.record(
            acting_staff,
            "lending.set_provision_table",
            table,
            {"lender": str(lender.pk), "from": effective_date.isoformat()},
        )
    return table


def provision_targets(book: Book, through: date) -> Statement | None:
    """What must be set aside for every own loan of a book at the end of a day."""
    lenders = list(Lender.objects.filter(book=book, mode__in=OWN_MODES).order_by("pk"))
    loans = Loan.objects.filter(lender__in=lenders)
    if not lenders or not loans.exists():
        return None
    tables = [(lender, table_of(lender, through)) for lender in lenders]
    select, values = standing(through, loans)
    native = uid(book.pk) == book.pk
    sql = _PROVISION.format(
        null="uuid" if native else "text",
        whole=WHOLE_BPS,
        rates=" ".join(
            f"WHEN {uid_literal(lender.pk)} THEN {_case(buckets, through)}"
            for lender, buckets in tables
        ),
        standing=select,
        collateral=_COLLATERAL.format(at=day_literal(through)),
        modes=", ".join(["%s"] * len(OWN_MODES)),
    )
    rules = str([(str(lender.pk), provisioning.to_json(table)) for lender, table in tables])
    return Statement(sql, [*values, uid(book.pk), uid(book.pk), *OWN_MODES], rules)


def _case(buckets: Sequence[Bucket], through: date) -> str:
    """The share of a loan by its days late, one bucket worse when it was restructured by a day."""

    def by_days(worse: int) -> str:
        whens = "".join(
            f" WHEN COALESCE(p.arrears_days, 0) <= {int(bucket.to_days)}"
            f" THEN {buckets[min(place + worse, len(buckets) - 1)].rate_bps:d}"
            for place, bucket in enumerate(buckets)
            if bucket.to_days is not None
        )
        last = f"{buckets[-1].rate_bps:d}"
        return f"CASE{whens} ELSE {last} END" if whens else last

    return f"CASE WHEN {restructured_by(through)} THEN {by_days(1)} ELSE {by_days(0)} END"


PROVIDER = Provider(RunKind.PROVISION, "loan", "", provisioning.ENGINE_VERSION, provision_targets)
