"""Grants and kits beside credit (rulings C20): proposed with criteria, approved by another person,
paid in tranches whose conditions are met and whose use is checked, handed over, and posted.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Book, Fund
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.errors import AmountNotPositive, FutureDate
from handup.lending.models import AssetTransfer, EnterpriseGrant, GrantTranche, PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState, ProposalState
from handup.lending.services.applications import one_borrower
from handup.lending.services.days import CONFIRM, check_date
from handup.lending.services.funds import check_currency
from handup.lending.services.rows import next_codes
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded, require_other_person
from handup.org.models import Office, StaffUser
from handup.org.permissions import may, require
from handup.people.models import Enterprise, Person
from handup.people.queries import require_consent
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Programme


class GrantEmpty(Refusal):
    """A grant is money in tranches, things handed over, or both; name at least one."""


class CriteriaMissing(Refusal):
    """Write which criteria are met; without any there is no grant."""


class BookCurrency(Refusal):
    """This book does not keep {currency}."""


class GrantDecided(Refusal):
    """The grant {code} is already decided."""


class GrantNotApproved(Refusal):
    """The grant {code} is not approved."""


class GrantBefore(Refusal):
    """{date} is before the grant was approved on {approved}."""


class DecidedBefore(Refusal):
    """{date} is before the grant was proposed on {proposed}."""


class NoCondition(Refusal):
    """This tranche has no condition that waits to be met."""


class PaperMissing(Refusal):
    """Write which paper shows it."""


class TrancheNotPaid(Refusal):
    """This tranche is not paid yet."""


class NotOnPathway(Refusal):
    """{code} is not a running pathway of this person in this programme."""


class NotHandedOver(Refusal):
    """This is not handed over yet."""


@dataclass(frozen=True, slots=True)
class TrancheIn:
    """Money to be paid around a day, once its condition is met."""

    units: int
    planned_date: date
    condition: str = ""


@dataclass(frozen=True, slots=True)
class AssetIn:
    """A kit or an animal to be handed over, with the value of all of it."""

    description: str
    value_units: int
    quantity: int = 1


def propose_grant(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    purpose: str,
    criteria: Sequence[str],
    proposed_date: date,
    tranches: Sequence[TrancheIn] = (),
    assets: Sequence[AssetIn] = (),
    person: Person | None = None,
    enterprise: Enterprise | None = None,
    group: Group | None = None,
    book: Book | None = None,
    fund: Fund | None = None,
    office: Office | None = None,
    officer: StaffUser | None = None,
    pathway: PathwayEnrolment | None = None,
    id: UUID | None = None,
) -> EnterpriseGrant:
    """Propose a grant in the programme's currency: the sum of its tranches and of what is handed
    over. `book`: where it is posted; None keeps it out of our books. `fund`: unrestricted if none.
    `pathway`: what is given to a participant on her way.

    Raises NotAllowed, OutOfSight, OneBorrower, ConsentMissing, GrantEmpty, CriteriaMissing,
    AmountNotPositive, BookCurrency, FundNotOfCurrency, NotOnPathway, SameIdOtherContent.
    """
    content: dict[str, Any] = {
        "programme": programme,
        "person": person,
        "enterprise": enterprise,
        "group": group,
        "pathway": pathway,
        "purpose": purpose.strip(),
        "book": book,
        "fund_id": fund.pk if fund else UNRESTRICTED_ID,
        "approved_units": sum(t.units for t in tranches) + sum(a.value_units for a in assets),
        "proposed_date": proposed_date,
    }
    if (stored := already_stored(EnterpriseGrant, id, acting_staff, **content)) is not None:
        require(acting_staff, "lending.propose_grant", stored)
        _same_parts(stored, tranches, assets, criteria)
        return stored
    one_borrower(person, enterprise, group)
    _check_parts(tranches, assets, criteria)
    _check_money(programme.currency, book, fund)
    if pathway is not None:
        _require_on_pathway(pathway, person, programme)
    receiver = person or group or enterprise
    row = EnterpriseGrant(
        id=id or new_id(),
        **content,
        office=office or getattr(receiver, "office", None),
        officer=officer or acting_staff,
        currency=programme.currency,
        state=ProposalState.PROPOSED.value,
        proposed_by=acting_staff,
        criteria_met=_written(criteria),
    )
    _store_proposed(row, acting_staff, tranches, assets)
    return row


def _same_parts(
    row: EnterpriseGrant,
    tranches: Sequence[TrancheIn],
    assets: Sequence[AssetIn],
    criteria: Sequence[str],
) -> None:
    """Hold a grant told again to what it is made of. Raises SameIdOtherContent."""
    parts = row.tranches.order_by("number").values_list("units", "planned_date", "condition")
    if list(parts) != [(t.units, t.planned_date, t.condition.strip()) for t in tranches]:
        raise SameIdOtherContent(field="tranches")
    things = Counter(row.assets.values_list("description", "value_units", "quantity"))
    if things != Counter((a.description.strip(), a.value_units, a.quantity) for a in assets):
        raise SameIdOtherContent(field="assets")
    if row.criteria_met != _written(criteria):
        raise SameIdOtherContent(field="criteria")


def _store_proposed(
    row: EnterpriseGrant,
    staff: StaffUser,
    tranches: Sequence[TrancheIn],
    assets: Sequence[AssetIn],
) -> None:
    """Keep a proposed grant with its parts. Raises NotAllowed, OutOfSight, ConsentMissing."""
    require(staff, "lending.propose_grant", row)
    if row.person is not None:
        assert row.proposed_date is not None
        require_consent(row.person, ConsentPurpose.SERVICE, on=row.proposed_date)
    with transaction.atomic():
        row.code = next_codes("GRANT", 1)[0]
        row.save(force_insert=True)
        require(staff, "lending.propose_grant", row)
        _store_parts(row, tranches, assets)
        audit.record(staff, "lending.propose_grant", row, {"units": row.approved_units})


def _require_on_pathway(
    pathway: PathwayEnrolment, person: Person | None, programme: Programme
) -> None:
    if (
        person is None
        or pathway.person_id != person.pk
        or pathway.programme_id != programme.pk
        or pathway.state != EnrolmentState.RUNNING
    ):
        raise NotOnPathway(field="pathway", code=pathway.code)


def _written(criteria: Sequence[str]) -> Any:
    return [text.strip() for text in criteria if text.strip()]


def _check_money(currency: str, book: Book | None, fund: Fund | None) -> None:
    if book is not None and book.base_currency != currency:
        raise BookCurrency(field="book", currency=currency)
    check_currency(fund, currency)


def _check_parts(
    tranches: Sequence[TrancheIn], assets: Sequence[AssetIn], criteria: Sequence[str]
) -> None:
    if not tranches and not assets:
        raise GrantEmpty(field="tranches")
    if not any(text.strip() for text in criteria):
        raise CriteriaMissing(field="criteria")
    if any(t.units <= 0 for t in tranches):
        raise AmountNotPositive(field="tranches")
    if any(a.value_units <= 0 or a.quantity <= 0 for a in assets):
        raise AmountNotPositive(field="assets")


def _store_parts(
    row: EnterpriseGrant, tranches: Sequence[TrancheIn], assets: Sequence[AssetIn]
) -> None:
    GrantTranche.objects.bulk_create(
        [
            GrantTranche(
                id=new_id(),
                grant=row,
                number=number,
                units=item.units,
                planned_date=item.planned_date,
                condition=item.condition.strip(),
            )
            for number, item in enumerate(tranches, start=1)
        ]
    )
    AssetTransfer.objects.bulk_create(
        [
            AssetTransfer(
                id=new_id(),
                grant=row,
                description=item.description.strip(),
                quantity=item.quantity,
                value_units=item.value_units,
            )
            for item in assets
        ]
    )


def approve_grant(
    *,
    acting_staff: StaffUser,
    grant: EnterpriseGrant,
    decided_date: date,
    approve: bool = True,
    reason: str = "",
) -> EnterpriseGrant:
    """Approve a proposed grant as another person, or decline it with a reason.

    An early day is the one it was proposed on or later, decided by who may confirm earlier days.
    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, GrantDecided, DecidedBefore,
    FutureDate, BackDated.
    """
    require(acting_staff, "lending.approve_grant", grant)
    if not approve and not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = _locked(grant)
        if row.state != ProposalState.PROPOSED:
            raise GrantDecided(code=row.code)
        require_other_person(
            acting_staff,
            row.proposed_by_id,
            step="lending.approve_grant",
            amount=row.approved_units,
            reason=reason,
            obj=row,
        )
        _check_decided(row, decided_date, acting_staff)
        row.state = (ProposalState.APPROVED if approve else ProposalState.DECLINED).value
        row.approved_by, row.approved_date = acting_staff, decided_date
        row.decision_reason = reason.strip()
        row.save(update_fields=("state", "approved_by", "approved_date", "decision_reason"))
        audit.record(acting_staff, "lending.approve_grant", row, {"state": row.state})
    return row


def _check_decided(row: EnterpriseGrant, on: date, staff: StaffUser) -> None:
    """Hold the day of a decision to its proposal, and an early one to who may confirm it."""
    if row.proposed_date is not None and on < row.proposed_date:
        raise DecidedBefore(field="decided_date", date=on, proposed=row.proposed_date)
    agreed = may(staff, CONFIRM, row)
    check_date(on, timezone.localdate(), evidenced=agreed, field="decided_date")


def _locked(grant: EnterpriseGrant) -> EnterpriseGrant:
    rows = EnterpriseGrant.objects.select_for_update(of=("self",)).select_related("book")
    return rows.get(pk=grant.pk)


def hold_approved(grant: EnterpriseGrant, on: date, field: str) -> EnterpriseGrant:
    """Lock a grant for a step that needs it approved. Raises GrantNotApproved, GrantBefore,
    FutureDate.
    """
    row = _locked(grant)
    if row.state != ProposalState.APPROVED:
        raise GrantNotApproved(code=row.code)
    if row.approved_date is not None and on < row.approved_date:
        raise GrantBefore(field=field, date=on, approved=row.approved_date)
    if on > timezone.localdate():
        raise FutureDate(field=field, date=on)
    return row


def meet_tranche_condition(
    *, acting_staff: StaffUser, tranche: GrantTranche, met_date: date, document: str
) -> GrantTranche:
    """Check off what has to be there before a tranche is paid. Raises NotAllowed, OutOfSight,
    GrantNotApproved, NoCondition, PaperMissing, GrantBefore, FutureDate.
    """
    require(acting_staff, "lending.check_grant", tranche)
    if not document.strip():
        raise PaperMissing(field="document")
    with transaction.atomic():
        hold_approved(tranche.grant, met_date, "met_date")
        row = GrantTranche.objects.get(pk=tranche.pk)
        if not row.condition or row.condition_met_date is not None:
            raise NoCondition()
        row.condition_met_date, row.condition_met_by = met_date, acting_staff
        row.condition_document = document.strip()
        row.save(update_fields=("condition_met_date", "condition_met_by", "condition_document"))
        audit.record(acting_staff, "lending.meet_tranche_condition", row)
    return row


def check_tranche_use(
    *,
    acting_staff: StaffUser,
    tranche: GrantTranche,
    checked_date: date,
    as_agreed: bool,
    note: str = "",
) -> GrantTranche:
    """Say after a visit whether the money was used as agreed; a later check replaces an earlier.

    Raises NotAllowed, OutOfSight, TrancheNotPaid, GrantBefore, FutureDate, ReasonNeeded.
    """
    require(acting_staff, "lending.check_grant", tranche)
    if not as_agreed and not note.strip():
        raise ReasonNeeded(field="note")
    with transaction.atomic():
        hold_approved(tranche.grant, checked_date, "checked_date")
        row = GrantTranche.objects.get(pk=tranche.pk)
        if row.paid_date is None:
            raise TrancheNotPaid()
        row.use_checked_date, row.use_checked_by = checked_date, acting_staff
        row.use_as_agreed, row.use_note = as_agreed, note.strip()
        row.save(update_fields=("use_checked_date", "use_checked_by", "use_as_agreed", "use_note"))
        audit.record(acting_staff, "lending.check_tranche_use", row, {"as_agreed": int(as_agreed)})
    return row


def check_asset(
    *,
    acting_staff: StaffUser,
    asset: AssetTransfer,
    checked_date: date,
    still_held: bool,
    note: str = "",
) -> AssetTransfer:
    """Say after a visit whether it is still there; a later check replaces an earlier.

    Raises NotAllowed, OutOfSight, NotHandedOver, GrantBefore, FutureDate, ReasonNeeded.
    """
    require(acting_staff, "lending.check_grant", asset)
    if not still_held and not note.strip():
        raise ReasonNeeded(field="note")
    with transaction.atomic():
        hold_approved(asset.grant, checked_date, "checked_date")
        row = AssetTransfer.objects.get(pk=asset.pk)
        if row.handed_over_date is None:
            raise NotHandedOver()
        row.checked_date, row.checked_by = checked_date, acting_staff
        row.still_held, row.check_note = still_held, note.strip()
        row.save(update_fields=("checked_date", "checked_by", "still_held", "check_note"))
        audit.record(acting_staff, "lending.check_asset", row, {"still_held": int(still_held)})
    return row
