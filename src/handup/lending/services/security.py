"""What stands behind a loan: guarantors who agreed, collateral whose owner agreed, given back when
nothing is owed; and who of ours keeps out of a decision (lending.md 4.3).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.lending import facts as known
from handup.lending.errors import AmountNotPositive
from handup.lending.models import (
    Application,
    Collateral,
    DeclaredTie,
    Guarantor,
    Loan,
)
from handup.lending.models.labels import APPLICATION_STATES, LOAN_STATES
from handup.lending.rules.codes import ApplicationState, LoanState
from handup.lending.rules.security import CallOrder, CollateralKind, TieKind
from handup.lending.services.recovered import recovered_date
from handup.lending.services.store import refuse_moved
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.prepared import prepared
from handup.org.scope import hidden_from, leave_out
from handup.people.models import Person
from handup.people.rules.codes import ConsentMethod
from handup.projects.models import Organisation

NOTHING_OWED = frozenset({LoanState.CANCELLED, LoanState.REFINANCED, LoanState.TRANSFERRED})
"""Loans that end without a payment of their own: the debt of one refinanced is the new loan's, that
of one that moved is owed to another lender.
"""
CLOSED = frozenset({ApplicationState.DECLINED, ApplicationState.EXPIRED, ApplicationState.RETURNED})


class ApplicationOrLoan(Refusal):
    """Name the application, or the loan that was entered without one."""


class OneGuarantor(Refusal):
    """A person or an organisation answers for the loan; name one."""


class GuaranteesHerself(Refusal):
    """Who borrows cannot be her own guarantor."""


class AlreadyGuarantor(Refusal):
    """She already answers for this loan."""


class GuarantorNotAgreeing(Refusal):
    """{person} has not agreed that the lender is told who she is. Read the notice to her and record
    what she says.
    """


class CapOrShare(Refusal):
    """Write either the amount she answers for or her share of the loan, not both."""


class ShareTooLarge(Refusal):
    """A share is more than 0 and at most 100 percent."""


class AgreedAfter(Refusal):
    """{date} has not come yet; she has to agree first."""


class NothingToSecure(Refusal):
    """{code} is {state}; nothing is secured by it."""


class StillOwed(Refusal):
    """{code} is {state} and not repaid; what secures it is given back when nothing is owed."""


class BeforeRepaid(Refusal):
    """{date} is before the loan was repaid on {settled}."""


class AlreadyReleased(Refusal):
    """This was already given back, on {date}."""


class OwnerMissing(Refusal):
    """Name the owner when it is not the borrower."""


class HaircutTooLarge(Refusal):
    """A haircut is at most 100 percent."""


class ValuedAfter(Refusal):
    """{date} has not come yet; write the day it was valued."""


class TiedToApplicant(Refusal):
    """A tie to who asks is declared for you ({tie}); somebody else has to take this step."""


class TieDeclared(Refusal):
    """This tie is already declared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """That somebody agreed: on which day, how, and the number of the paper she signed."""

    agreed_date: date
    agreed_how: ConsentMethod
    reference: str = ""


def record_guarantor(
    *,
    acting_staff: StaffUser,
    word: Word,
    recorded_date: date,
    application: Application | None = None,
    loan: Loan | None = None,
    person: Person | None = None,
    organisation: Organisation | None = None,
    cap_units: int | None = None,
    share_bps: int | None = None,
    place: int | None = None,
    order: CallOrder = CallOrder.IN_ORDER,
    id: UUID | None = None,
) -> Guarantor:
    """Record who answers for a loan, with her word; only who agreed, and agreed that the lender is
    told of her, is a guarantor. loan: one of an old book, which has no application. share_bps:
    10 000 = the whole loan.

    Raises NotAllowed, OutOfSight, ApplicationOrLoan, OneGuarantor, GuaranteesHerself,
    AlreadyGuarantor, CapOrShare, ShareTooLarge, AmountNotPositive, AgreedAfter,
    GuarantorNotAgreeing, NothingToSecure.
    """
    anchor = anchor_of(application, loan)
    require(acting_staff, "lending.record_guarantor", anchor)
    content = {**_fields(anchor), "cap_units": cap_units, "share_bps": share_bps}
    if (stored := already_stored(Guarantor, id, acting_staff, **content)) is not None:
        return stored
    _who(anchor, person, organisation)
    _how_much(cap_units, share_bps)
    _agreed(word, recorded_date)
    if person is not None:
        _agrees_to_be_told(anchor, person, recorded_date)
    with transaction.atomic():
        _lock_open(anchor)
        others = anchor.guarantors.filter(released_date=None)
        if person is not None and others.filter(person=person).exists():
            raise AlreadyGuarantor(field="person")
        if organisation is not None and others.filter(organisation=organisation).exists():
            raise AlreadyGuarantor(field="organisation")
        row = Guarantor.objects.create(
            id=id or new_id(),
            **_fields(anchor),
            person=person,
            organisation=organisation,
            cap_units=cap_units,
            share_bps=share_bps,
            place=place or leave_out(others, hidden_from(acting_staff)).count() + 1,
            order=order.value,
            agreed_date=word.agreed_date,
            agreed_how=word.agreed_how.value,
            reference=word.reference,
            recorded_by=acting_staff,
        )
        audit.record(acting_staff, "lending.record_guarantor", row, _told(anchor))
    return row


Anchor = Application | Loan


def anchor_of(application: Application | None, loan: Loan | None) -> Anchor:
    """What security hangs on: the application a loan came from, or the loan that has none. Raises
    ApplicationOrLoan.
    """
    if application is None and loan is not None and loan.agreement is not None:
        return loan.agreement.application
    if (application is None) == (loan is None):
        raise ApplicationOrLoan(field="application")
    found = application or loan
    assert found is not None
    return found


def _fields(anchor: Anchor) -> dict[str, Anchor | None]:
    """The two columns that say what it hangs on."""
    if isinstance(anchor, Loan):
        return {"application": None, "loan": anchor}
    return {"application": anchor, "loan": None}


def _told(anchor: Anchor) -> dict[str, str | int | None]:
    return {"loan" if isinstance(anchor, Loan) else "application": str(anchor.pk)}


def behind_loan(loan: Loan) -> Q:
    """What stands behind a loan: by its application, or by itself."""
    return Q(application__agreement__loan=loan) | Q(loan=loan)


def _who(anchor: Anchor, person: Person | None, organisation: Organisation | None) -> None:
    if (person is None) == (organisation is None):
        raise OneGuarantor(field="person")
    if person is not None and person.pk == anchor.person_id:
        raise GuaranteesHerself(field="person")


def _how_much(cap_units: int | None, share_bps: int | None) -> None:
    if (cap_units is None) == (share_bps is None):
        raise CapOrShare(field="cap_units")
    if cap_units is not None and cap_units <= 0:
        raise AmountNotPositive(field="cap_units")
    if share_bps is not None and not 0 < share_bps <= WHOLE_BPS:
        raise ShareTooLarge(field="share_bps")


def _agreed(word: Word, on: date) -> None:
    if word.agreed_date > on:
        raise AgreedAfter(field="agreed_date", date=word.agreed_date)


def _agrees_to_be_told(anchor: Anchor, person: Person, on: date) -> None:
    lender = anchor.lender if isinstance(anchor, Loan) else anchor.product_version.product.lender
    asks = {person.pk: known.Ask(person.pk, on)}
    if not known.agreeing(asks, known.consent_purpose(lender))[person.pk]:
        raise GuarantorNotAgreeing(field="person", person=person)


def loan_of(anchor: Anchor) -> Loan | None:
    """The loan an application became, as it stands; None before it is signed."""
    rows = Loan.objects.all()
    if isinstance(anchor, Loan):
        return rows.filter(pk=anchor.pk).first()
    return rows.filter(agreement__application=anchor).first()


def _lock(anchor: Anchor) -> Anchor:
    if isinstance(anchor, Loan):
        return Loan.objects.select_for_update(of=("self",)).get(pk=anchor.pk)
    return Application.objects.select_for_update(of=("self",)).get(pk=anchor.pk)


def _lock_loan_of(anchor: Anchor) -> Loan | None:
    """Lock the loan an application became, so that what is owed stays so; before it is signed the
    application, so that it is not signed meanwhile.
    """
    loan = loan_of(anchor)
    if loan is None:
        loan = loan_of(_lock(anchor))
    if loan is None:
        return None
    return Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)


def _lock_open(anchor: Anchor) -> None:
    """Lock an application that is, or has become, a loan somebody still owes; or such a loan."""
    row = _lock(anchor)
    if isinstance(row, Application) and row.state in CLOSED:
        raise NothingToSecure(code=row.code, state=dict(APPLICATION_STATES)[row.state])
    loan = loan_of(row)
    if loan is not None:
        refuse_moved(loan)
    if loan is not None and loan.state in {*NOTHING_OWED, LoanState.SETTLED}:
        raise NothingToSecure(code=loan.code, state=dict(LOAN_STATES)[loan.state])


def record_collateral(
    *,
    acting_staff: StaffUser,
    kind: CollateralKind,
    description: str,
    value_units: int,
    valued_date: date,
    word: Word,
    recorded_date: date,
    application: Application | None = None,
    loan: Loan | None = None,
    haircut_bps: int = 0,
    owner: Person | None = None,
    owner_name: str = "",
    id: UUID | None = None,
) -> Collateral:
    """Take a pledge whose owner agreed: the borrower where no owner is named. value in smallest
    units of the loan's currency; haircut_bps: 3 000 = it counts for 70 %. loan: one of an old book.

    Raises NotAllowed, OutOfSight, ApplicationOrLoan, AmountNotPositive, HaircutTooLarge,
    ValuedAfter, AgreedAfter, NothingToSecure.
    """
    anchor = anchor_of(application, loan)
    require(acting_staff, "lending.record_collateral", anchor)
    content = {**_fields(anchor), "kind": kind.value, "value_units": value_units}
    if (stored := already_stored(Collateral, id, acting_staff, **content)) is not None:
        return stored
    _worth(value_units, haircut_bps, valued_date, recorded_date)
    _agreed(word, recorded_date)
    with transaction.atomic():
        _lock_open(anchor)
        row = Collateral.objects.create(
            id=id or new_id(),
            **_fields(anchor),
            kind=kind.value,
            description=description.strip(),
            value_units=value_units,
            valued_date=valued_date,
            haircut_bps=haircut_bps,
            owner=owner if owner is None or owner.pk != anchor.person_id else None,
            owner_name=owner_name.strip(),
            agreed_date=word.agreed_date,
            agreed_how=word.agreed_how.value,
            reference=word.reference,
            recorded_by=acting_staff,
        )
        audit.record(acting_staff, "lending.record_collateral", row, _told(anchor))
    return row


def _worth(value_units: int, haircut_bps: int, valued_date: date, on: date) -> None:
    if value_units <= 0:
        raise AmountNotPositive(field="value_units")
    if not 0 <= haircut_bps <= WHOLE_BPS:
        raise HaircutTooLarge(field="haircut_bps")
    if valued_date > on:
        raise ValuedAfter(field="valued_date", date=valued_date)


def value_collateral(
    *,
    acting_staff: StaffUser,
    collateral: Collateral,
    value_units: int,
    valued_date: date,
    haircut_bps: int,
    recorded_date: date,
) -> Collateral:
    """Value a pledge anew; the trail keeps what it was. Raises as record_collateral, and
    AlreadyReleased.
    """
    require(acting_staff, "lending.record_collateral", collateral)
    _worth(value_units, haircut_bps, valued_date, recorded_date)
    with transaction.atomic():
        row = Collateral.objects.select_for_update(of=("self",)).get(pk=collateral.pk)
        if row.released_date is not None:
            raise AlreadyReleased(date=row.released_date)
        before = {"before": row.value_units, "haircut_before": row.haircut_bps}
        row.value_units, row.valued_date = value_units, valued_date
        row.haircut_bps = haircut_bps
        row.save(update_fields=("value_units", "valued_date", "haircut_bps"))
        audit.record(acting_staff, "lending.value_collateral", row, before)
    return row


def release_security(
    *,
    acting_staff: StaffUser,
    item: Guarantor | Collateral,
    released_date: date,
    reason: str = "",
) -> Guarantor | Collateral:
    """Let a guarantor go, or give a pledge back: before signing with a reason, afterwards only when
    nothing is owed (4.3: released at zero).

    Raises NotAllowed, OutOfSight, AlreadyReleased, LoanMoved, StillOwed, BeforeRepaid,
    ReasonNeeded.
    """
    require(acting_staff, "lending.release_security", item)
    with transaction.atomic():
        loan = _lock_loan_of(item.anchor)
        rows: type[Guarantor] | type[Collateral] = type(item)
        row = rows.objects.select_for_update(of=("self",)).get(pk=item.pk)
        if row.released_date is not None:
            raise AlreadyReleased(date=row.released_date)
        if loan is None:
            if not reason.strip():
                raise ReasonNeeded(field="reason")
        else:
            refuse_moved(loan)
            refuse_while_owed(loan, released_date)
        row.released_date, row.released_by = released_date, acting_staff
        row.release_reason = reason.strip()
        row.save(update_fields=("released_date", "released_by", "release_reason"))
        audit.record(acting_staff, "lending.release_security", row)
    return row


def move_security(old: Loan, new: Loan, staff: StaffUser, on: date, reason: str) -> None:
    """Let who answers for a loan, and what is pledged for it, stand behind the loan it goes on as.
    Called by a service that has asked its own permission.
    """
    kinds: tuple[type[Guarantor] | type[Collateral], ...] = (Guarantor, Collateral)
    for kind in kinds:
        for row in kind.objects.filter(behind_loan(old), released_date=None):
            told = {item.attname: getattr(row, item.attname) for item in kind._meta.fields}
            del told["id"], told["recorded_at"]
            kind.objects.create(**{**told, "application_id": None, "loan_id": new.pk})
            row.released_date, row.released_by, row.release_reason = on, staff, reason[:300]
            row.save(update_fields=("released_date", "released_by", "release_reason"))


def refuse_while_owed(loan: Loan, on: date) -> None:
    """Refuse to give back what secures a loan while anything of it is owed: one that was written
    off until all of it came in, one withdrawn from until it was given back. Raises StillOwed,
    BeforeRepaid.
    """
    if loan.state in NOTHING_OWED and loan.state != LoanState.CANCELLED:
        return
    ended = loan.state in {LoanState.SETTLED, LoanState.CANCELLED}
    paid_back = (loan.settled_date or on) if ended else recovered_date(loan)
    if paid_back is None:
        raise StillOwed(code=loan.code, state=dict(LOAN_STATES)[loan.state])
    if on < paid_back:
        raise BeforeRepaid(field="released_date", date=on, settled=paid_back)


def declare_tie(
    *,
    acting_staff: StaffUser,
    application: Application,
    member: StaffUser,
    kind: TieKind,
    declared_date: date,
    note: str = "",
    id: UUID | None = None,
) -> DeclaredTie:
    """Say that somebody of ours is tied to who asks: she appraises, votes and decides no more.

    Raises NotAllowed, OutOfSight, TieDeclared.
    """
    require(acting_staff, "lending.declare_tie", application)
    content = {"application": application, "member": member, "kind": kind.value}
    if (stored := already_stored(DeclaredTie, id, acting_staff, **content)) is not None:
        return stored
    with transaction.atomic():
        Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        if application.ties.filter(member=member).exists():
            raise TieDeclared(field="member")
        row = DeclaredTie.objects.create(
            id=id or new_id(),
            application=application,
            member=member,
            kind=kind.value,
            declared_date=declared_date,
            declared_by=acting_staff,
            note=note.strip(),
        )
        audit.record(
            acting_staff,
            "lending.declare_tie",
            row,
            {"application": str(application.pk), "member": str(member.pk)},
        )
    return row


def refuse_tied(staff: StaffUser, rows: Iterable[Application]) -> None:
    """Refuse a step to who is a relative, co-borrower or guarantor of who asks. Raises
    TiedToApplicant.
    """
    for (kind,) in _ties([row.pk for row in rows], staff.pk):
        raise TiedToApplicant(tie=DeclaredTie(kind=kind).get_kind_display())


@prepared
def _ties(applications: list[UUID], member: UUID) -> QuerySet[Any, Any]:
    rows = DeclaredTie.objects.filter(application__in=applications, member_id=member)
    return rows.order_by("declared_date", "pk").values_list("kind")
