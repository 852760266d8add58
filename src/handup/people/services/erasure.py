"""Erasing a person so that no book and no figure changes (protection.md 4.8): held, approved by
two, done in one transaction, written into the register outside the database, proved.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, cleaning, duties, erased
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_changed
from handup.org.verify import Difference
from handup.people import subject, traces, unproved
from handup.people.models import ErasureCertificate, Person, SubjectRequest
from handup.people.queries.merging import all_ids, current_id
from handup.people.rules import requests as r
from handup.people.services.apart import set_apart, unname_lines
from handup.people.services.requests import RequestNotThere, move
from handup.people.services.store import change, insert

APPROVE = "people.approve_erasure"
GROUND, BY_RULE = "ASKED", "RETENTION"


class NotByHand(Refusal):
    """Only a court or a law is recorded by hand; the rest is seen from her records."""


class FiguresWouldChange(Refusal):
    """Nothing was erased: these figures would have changed: {figures}."""


class ErasureHeld(Refusal):
    """She cannot be erased now: {reasons}."""


class NothingToProve(Refusal):
    """What was to be looked for is not kept any more. Bring a backup's copy of the key folder."""


class ApprovedAlready(Refusal):
    """Two persons have approved this already."""


def holds_of(person_id: UUID, on: date) -> tuple[r.Hold, ...]:
    """What keeps a person from being erased on a day, as the domains know it."""
    ids = all_ids(person_id)
    return tuple(hold for ask in subject.holds for one in ids for hold in ask(one, on))


def hold_erasure(
    *,
    acting_staff: StaffUser,
    request: SubjectRequest,
    reason: r.HoldReason,
    until: date | None,
    on: date,
) -> SubjectRequest:
    """Keep an erasure back because a court or a law says so. Raises NotByHand, RequestNotThere."""
    require(acting_staff, APPROVE, request)
    if reason not in r.BY_HAND:
        raise NotByHand(field="reason")
    with transaction.atomic():
        row = move(request, r.RequestState.HELD, on)
        _hold(row, acting_staff, reason, until)
    return row


def _hold(row: SubjectRequest, staff: StaffUser, reason: r.HoldReason, until: date | None) -> None:
    change(
        row,
        staff,
        state=r.RequestState.HELD.value,
        hold_reason=reason.value,
        held_until=until,
        approved_by=None,
        approved_date=None,
        second_by=None,
        second_date=None,
    )
    audit.record(staff, "people.hold_erasure", row, {"reason": reason.value})


def approve_erasure(
    *, acting_staff: StaffUser, request: SubjectRequest, on: date, reason: str = ""
) -> SubjectRequest:
    """Approve an erasure, as the first or the second of two persons; held where something holds it.

    A hold said by hand ends by its last day only. Raises RequestNotThere, SamePerson, ReasonNeeded.
    """
    require(acting_staff, APPROVE, request)
    with transaction.atomic():
        row = move(request, r.RequestState.APPROVED, on)
        held = _all_holds(row, on)
        if held:
            _hold(row, acting_staff, held[0].reason, r.last_day(held))
            return row
        audit.record(acting_staff, APPROVE, row)
        state = r.RequestState.IDENTIFIED.value
        if row.approved_by_id is None:
            change(
                row,
                acting_staff,
                state=state,
                hold_reason="",
                held_until=None,
                approved_by=acting_staff,
                approved_date=on,
            )
            return row
        duties.require_other_person(
            acting_staff, row.approved_by_id, step=APPROVE, reason=reason, obj=row
        )
        state = r.RequestState.APPROVED.value
        change(row, acting_staff, state=state, second_by=acting_staff, second_date=on)
    return row


def _all_holds(row: SubjectRequest, on: date) -> tuple[r.Hold, ...]:
    """What her records hold, and what was said by hand while it lasts."""
    assert row.person_id is not None
    said: tuple[r.Hold, ...] = ()
    by_hand = row.hold_reason and r.HoldReason(row.hold_reason) in r.BY_HAND
    if by_hand and (row.held_until is None or on <= row.held_until):
        said = (r.Hold(r.HoldReason(row.hold_reason), row.held_until),)
    return (*said, *holds_of(row.person_id, on))


def lift_hold(*, acting_staff: StaffUser, request: SubjectRequest, on: date) -> SubjectRequest:
    """End a hold that was said by hand; what her records hold is looked at again at approval.

    Raises RequestNotThere.
    """
    require(acting_staff, APPROVE, request)
    with transaction.atomic():
        row = move(request, r.RequestState.IDENTIFIED, on)
        if row.state != r.RequestState.HELD.value:
            raise RequestNotThere(state=row.get_state_display())
        state = r.RequestState.IDENTIFIED.value
        change(row, acting_staff, state=state, hold_reason="", held_until=None)
        audit.record(acting_staff, "people.lift_hold", row)
    return row


def figures_of(ids: Sequence[UUID], on: date) -> dict[str, str]:
    """Every figure that a person of these ids may be counted in, by name."""
    found: dict[str, str] = {}
    for one in ids:
        for ask in subject.figures:
            found.update(ask(one, on))
    return found


def erase_person(
    *, acting_staff: StaffUser, request: SubjectRequest, on: date
) -> ErasureCertificate:
    """Erase a person whose erasure two have approved: all of her, or nothing where a figure would
    change. Afterwards free pages are given up, and the bytes that were hers alone are looked for;
    only when none is found is the request certified.

    Raises ErasureHeld, FiguresWouldChange, RequestNotThere, NotAllowed, OutOfSight.
    """
    require(acting_staff, "people.erase_person", request)
    certificate_id = new_id()
    try:
        certificate, former = _erase(acting_staff, request, on, certificate_id)
    except BaseException:
        unproved.destroy(certificate_id)  # she stays as she was: nothing of hers lies beside
        raise
    hidden_changed()
    _prove(certificate, former)
    return certificate


def _erase(
    acting_staff: StaffUser, request: SubjectRequest, on: date, certificate_id: UUID
) -> tuple[ErasureCertificate, frozenset[str]]:
    """Erase her in one transaction; the certificate still to be proved, and what was hers."""
    with transaction.atomic():
        row = move(request, r.RequestState.DONE, on)
        assert row.person_id is not None
        if held := _all_holds(row, on):
            words = dict(SubjectRequest._meta.get_field("hold_reason").flatchoices)
            raise ErasureHeld(reasons=", ".join(str(words[hold.reason.value]) for hold in held))
        former, figures = _taken_away(row.person_id, on)
        change(
            row,
            acting_staff,
            state=r.RequestState.DONE.value,
            closed_date=on,
            closed_by=acting_staff,
        )
        certificate = ErasureCertificate(
            id=certificate_id,
            request=row,
            person_id=row.person_id,
            erased_date=on,
            erased_by=acting_staff,
            figures=figures,
            searched=len(former),
            found=len(former),
        )
        insert([certificate], acting_staff)
        audit.record(acting_staff, "people.erase_person", row, {"person": str(row.person_id)})
        unproved.keep(certificate.pk, former)
        ground = BY_RULE if row.by_rule else GROUND
        for one in all_ids(row.person_id):
            transaction.on_commit(partial(erased.add, one, on, ground))
    return certificate, former


def _taken_away(person_id: UUID, on: date) -> tuple[frozenset[str], dict[str, list[str]]]:
    """What was hers alone, now blanked, and the figures before and after: nothing where she was
    erased before, on another request or at the same moment.
    """
    rows = Person._base_manager.select_for_update(of=("self",))
    if rows.get(pk=current_id(person_id)).erased_date is not None:
        return frozenset(), {}
    former = traces.former_values(person_id)
    return former, _blank_everything(person_id, on, former)


def _blank_everything(person_id: UUID, on: date, former: frozenset[str]) -> dict[str, list[str]]:
    """Each domain blanks its rows, and what counts goes to a key of its own; every figure is the
    same afterwards. Raises FiguresWouldChange."""
    today, ids = timezone.localdate(), all_ids(person_id)
    before = figures_of(ids, today)
    for one in ids:
        for blank in subject.erase:
            blank(one)
        traces.remove(one, former)
    after = figures_of([set_apart(ids, on)], today)
    if changed := [name for name in before if after.get(name) != before[name]]:
        raise FiguresWouldChange(figures=", ".join(sorted(changed)))
    unname_lines(ids)
    return {name: [before[name], after[name]] for name in sorted(before)}


def prove_erasure(*, acting_staff: StaffUser, request: SubjectRequest) -> ErasureCertificate:
    """Look again for what an erasure left, where its proof did not hold or was cut off: free pages
    are given up anew, and the request is certified when nothing is found.

    Raises RequestNotThere, NothingToProve, NotAllowed, OutOfSight.
    """
    require(acting_staff, "people.erase_person", request)
    row = SubjectRequest._base_manager.get(pk=request.pk)
    certificate = ErasureCertificate._base_manager.filter(request=row).first()
    if row.state != r.RequestState.DONE.value or certificate is None:
        raise RequestNotThere(state=row.get_state_display())
    former = unproved.kept(certificate.pk)
    if former is None:
        raise NothingToProve
    with transaction.atomic():
        audit.record(acting_staff, "people.prove_erasure", row)
    _prove(certificate, former)
    return certificate


def _prove(certificate: ErasureCertificate, former: frozenset[str]) -> None:
    """Give free pages up, look for what was hers alone, certify when nothing is found."""
    certificate.cleaned = cleaning.clean(traces.tables())
    certificate.found = cleaning.found_bytes(former)
    with transaction.atomic():
        certificate.save(update_fields=("cleaned", "found"))
        if certificate.cleaned and certificate.found == 0:
            rows = SubjectRequest._base_manager.filter(pk=certificate.request_id)
            rows.update(state=r.RequestState.CERTIFIED.value)
            transaction.on_commit(lambda: unproved.destroy(certificate.pk))
    certificate.request.refresh_from_db()


def erased_unregistered() -> Iterator[Difference]:
    """Whoever was erased and stands in no line of the register: an older backup would bring her
    back, and nobody would erase her again.
    """
    known = erased.read()
    rows = ErasureCertificate._base_manager.order_by("pk").values_list("person_id", flat=True)
    for person_id in rows:
        if erased.hash_of(person_id) not in known:
            yield Difference(f"person {person_id}", "erased", "not in the register")


def replay_erasures() -> int:
    """Erase again whoever the register knows and this database still holds; called after an older
    backup is brought back, before anybody signs in. Returns how many.
    """
    known: Mapping[str, erased.Erased] = erased.read()
    again = 0
    if not known:
        return again
    rows = Person._base_manager.filter(erased_date=None).order_by("pk")
    for person_id in list(rows.values_list("pk", flat=True)):
        entry = known.get(erased.hash_of(person_id))
        if entry is None:
            continue
        with transaction.atomic():
            person = Person._base_manager.select_related("registered_by").get(pk=person_id)
            if person.erased_date is not None:  # with the record hers had joined
                continue
            former = traces.former_values(person_id)
            _blank_everything(person_id, entry.day, former)
            facts: audit.Facts = {"ground": entry.ground, "replayed": 1}
            audit.record(person.registered_by, "people.erase_person", person, facts)
        again += 1
    if again:
        cleaning.clean(traces.tables())
    hidden_changed()
    return again
