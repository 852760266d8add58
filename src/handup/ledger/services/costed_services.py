"""Services whose cost recovery a book follows: stated, and stated again where something changed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.cost_recovery import followed, stated_of
from handup.ledger.errors import (
    AccountUnknown,
    GrantIsNoFee,
    PeriodTurned,
    ServiceNamesNothing,
    TakenByService,
)
from handup.ledger.models import Account, AccountRole, Book, CostedService
from handup.ledger.rules.cost_recovery import clash, holding
from handup.ledger.rules.sustainability import GRANT_ROLES
from handup.ledger.rules.words import AccountType
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


def state_service(
    *,
    acting_staff: StaffUser,
    book: Book,
    code: str,
    name: str,
    starts: date,
    basis: str,
    ends: date | None = None,
    fee_codes: Sequence[str] = (),
    fee_line: str = "",
    cost_codes: Sequence[str] = (),
    cost_line: str = "",
    weight: int = 0,
    id: UUID | None = None,
) -> CostedService:
    """State what a service's fees and costs are, from a day on; the same code again replaces it.

    Raises PeriodTurned, AccountUnknown, GrantIsNoFee, ServiceNamesNothing, TakenByService,
    SameIdOtherContent.
    """
    require(acting_staff, "ledger.state_service", book)
    told: dict[str, Any] = {
        "book": book,
        "code": code,
        "name": name,
        "starts": starts,
        "ends": ends,
        "fee_codes": sorted(set(fee_codes)),
        "fee_line": fee_line,
        "cost_codes": sorted(set(cost_codes)),
        "cost_line": cost_line,
        "weight": weight,
        "basis": basis,
    }
    if (row := already_stored(CostedService, id, acting_staff, **told)) is not None:
        return row
    if ends is not None and ends < starts:
        raise PeriodTurned(field="ends")
    if not (fee_codes or cost_codes or cost_line or weight):
        raise ServiceNamesNothing(field="cost_codes")
    _check_accounts(book, told)
    with transaction.atomic():
        Book.objects.select_for_update().get(pk=book.pk)
        service = CostedService(id=id or new_id(), stated_by=acting_staff, **told)
        _check_taken(service)
        service.save(force_insert=True)
        audit.record(acting_staff, "ledger.state_service", service, {"code": code})
    return service


def _check_accounts(book: Book, told: dict[str, Any]) -> None:
    """Fees stand on income accounts that take no grants, costs on expense accounts."""
    for field, kind in (("fee_codes", AccountType.INCOME), ("cost_codes", AccountType.EXPENSE)):
        known = Account.objects.filter(book=book, type=kind, leaf=True, code__in=told[field])
        if unknown := sorted(set(told[field]) - set(known.values_list("code", flat=True))):
            raise AccountUnknown(field=field, book=book.name, account=unknown[0])
    grants = AccountRole.objects.filter(
        book=book, role__in=sorted(GRANT_ROLES), account__code__in=told["fee_codes"]
    )
    if (grant := grants.order_by("account__code").first()) is not None:
        raise GrantIsNoFee(field="fee_codes", account=str(grant.account))


def _check_taken(service: CostedService) -> None:
    """No account and budget line is told for two services of the same days."""
    new = followed(service)
    stated = stated_of(service.book)
    for other in holding(list(stated), service.starts, service.ends):
        if other.code == service.code or (taken := clash(new, other)) is None:
            continue
        account, line = taken
        field = "fee_codes" if account in new.fee_codes else "cost_codes"
        what = " ".join(part for part in (account, line) if part)
        raise TakenByService(field=field, account=what, service=stated[other].name)
