"""Type a value with its evidence; another person checks it, a third approves it (results.md 5)."""

from collections.abc import Collection, Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import decimal_text
from handup.org import audit, scanning
from handup.org.classes import DataClass
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import AuditLine, StaffUser, StoredFile
from handup.org.permissions import require
from handup.org.services import store_file
from handup.projects.models import Programme
from handup.results.definitions import DEFINITIONS, catalogue
from handup.results.models import Evidence, TypedValue
from handup.results.rules.catalogue import Indicator, UnknownIndicator
from handup.results.rules.engine import ValueKind
from handup.results.rules.logframe import number_of, plain_of
from handup.results.rules.states import FigureState, needs_note
from handup.results.services.freezing import DayAhead, NoteMissing, NotInState, ReasonMissing


class BothCountsNeeded(Refusal):
    """A share needs both counts: how many, and of how many."""


class MoreThanTheWhole(Refusal):
    """More were counted than there are to count of."""


class ValueUnreadable(Refusal):
    """Write the value in digits, for example 1250."""


class EvidenceMissing(Refusal):
    """Add the file that shows it."""


class ValueTypedAlready(Refusal):
    """There is a value for this day that is not approved yet. Go on with it."""


def type_value(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    code: str,
    period_end: date,
    file_name: str,
    content: bytes,
    value: str = "",
    numerator: int | None = None,
    denominator: int | None = None,
    note: str = "",
    reason: str = "",
    id: UUID | None = None,
) -> TypedValue:
    """Type a value, with the file that shows it; one that is approved already is replaced, with the
    reason.

    Raises UnknownIndicator, DayAhead, BothCountsNeeded, MoreThanTheWhole, ValueUnreadable,
    EvidenceMissing, ValueTypedAlready, ReasonMissing.
    """
    require(acting_staff, "results.type_value", programme)
    known = already_stored(
        TypedValue, id, acting_staff, programme=programme, code=code, period_end=period_end
    )
    if known is not None:
        return known
    indicator = catalogue().get(code)
    if indicator is None:
        raise UnknownIndicator(indicator=code, field="code")
    if period_end > timezone.localdate():
        raise DayAhead(field="period_end")
    row = TypedValue(
        id=id or new_id(),
        programme=programme,
        code=code,
        period_end=period_end,
        numerator=numerator,
        denominator=denominator,
        value=_told(indicator, value, numerator, denominator),
        note=note.strip(),
        reason=reason.strip(),
        typed_by=acting_staff,
    )
    if not content:
        raise EvidenceMissing(field="file")
    scanning.require_clean(content)
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=programme.pk)
        row.supersedes = _replaced(row)
        row.save(force_insert=True)
        file = store_file(
            acting_staff=acting_staff, owner=row, name=file_name, content=content, klass=DataClass.I
        )
        _attach(acting_staff, row, file, "")
        audit.record(acting_staff, "results.type_value", row, {"code": code})
    return row


def _told(indicator: Indicator, value: str, numerator: int | None, denominator: int | None) -> str:
    """The value as it is kept: of a share, and of an amount for each of something, worked out from
    both counts, never typed alone. An amount is in main units, and may be a loss.
    """
    if indicator.value_kind is ValueKind.RATIO:
        item = DEFINITIONS.get(indicator.code)
        for_each = item is not None and item.is_unit_cost
        if numerator is None or denominator is None or denominator <= 0:
            raise BothCountsNeeded(field="denominator" if numerator is not None else "numerator")
        if numerator < 0 and not for_each:
            raise BothCountsNeeded(field="numerator")
        if numerator > denominator and not (item is not None and item.declared.over_one):
            raise MoreThanTheWhole(field="numerator")
        if for_each:
            return decimal_text(Fraction(numerator, denominator), 2)
        return decimal_text(Fraction(100 * numerator, denominator), item.decimals if item else 1)
    plain = plain_of(value)
    if number_of(plain) is None:
        raise ValueUnreadable(field="value")
    return plain


def _replaced(row: TypedValue) -> TypedValue | None:
    """The approved value a new one takes the place of."""
    rows = TypedValue._base_manager.filter(
        programme=row.programme_id, code=row.code, period_end=row.period_end, superseded_by=None
    )
    last = rows.order_by("-recorded_at", "-id").first()
    if last is None:
        return None
    if last.state != FigureState.APPROVED:
        raise ValueTypedAlready(field="code")
    if not row.reason:
        raise ReasonMissing(field="reason")
    return last


def attach_evidence(
    *, acting_staff: StaffUser, value: TypedValue, file_name: str, content: bytes, note: str = ""
) -> Evidence:
    """Add another file to a value that is not approved yet. Raises NotInState, EvidenceMissing."""
    require(acting_staff, "results.type_value", value)
    if not content:
        raise EvidenceMissing(field="file")
    scanning.require_clean(content)
    with transaction.atomic():
        row = _locked(value)
        if row.state == FigureState.APPROVED:
            raise NotInState(code=row.code)
        file = store_file(
            acting_staff=acting_staff, owner=row, name=file_name, content=content, klass=DataClass.I
        )
        found = _attach(acting_staff, row, file, note)
        audit.record(acting_staff, "results.attach_evidence", row, {"file": str(found.file_id)})
    return found


def _attach(staff: StaffUser, row: TypedValue, file: StoredFile, note: str) -> Evidence:
    found = Evidence(value=row, file=file, note=note.strip(), added_by=staff)
    found.save(force_insert=True)
    return found


def check_values(
    *, acting_staff: StaffUser, values: Sequence[TypedValue], reason: str = ""
) -> list[TypedValue]:
    """Check drafts somebody else typed, all or none. Raises SamePerson, NoteMissing, NotInState."""
    with transaction.atomic():
        rows = _each(acting_staff, "results.check_figures", values, FigureState.DRAFT)
        for row in rows:
            _another(acting_staff, "results.check_values", reason, row, *_typists(row))
            before = _before(row)
            was = number_of(before.value) if before else None
            if before and not row.note and needs_note(was, number_of(row.value)):
                raise NoteMissing(code=row.code, before=before.value, field="codes")
            row.state, row.checked_by = FigureState.CHECKED.value, acting_staff
            row.sent_back_reason = ""
        _store(acting_staff, rows, "results.check_values")
    return rows


def approve_values(
    *, acting_staff: StaffUser, values: Sequence[TypedValue], reason: str = ""
) -> list[TypedValue]:
    """Approve checked values, all or none, as a third person. Raises SamePerson, NotInState."""
    with transaction.atomic():
        rows = _each(acting_staff, "results.approve_figures", values, FigureState.CHECKED)
        for row in rows:
            hands = (*_typists(row), row.checked_by_id)
            _another(acting_staff, "results.approve_values", reason, row, *hands)
            row.state, row.approved_by = FigureState.APPROVED.value, acting_staff
        _store(acting_staff, rows, "results.approve_values")
    return rows


def send_back_value(*, acting_staff: StaffUser, value: TypedValue, reason: str) -> TypedValue:
    """Send a checked value back to whoever typed it. Raises NotInState, ReasonMissing."""
    require(acting_staff, "results.check_figures", value)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        row = _locked(value)
        if row.state != FigureState.CHECKED:
            raise NotInState(code=row.code)
        row.state, row.checked_by = FigureState.DRAFT.value, None
        row.sent_back_reason = reason.strip()
        _store(acting_staff, [row], "results.send_back_value")
    return row


def change_value(
    *,
    acting_staff: StaffUser,
    typed: TypedValue,
    value: str = "",
    numerator: int | None = None,
    denominator: int | None = None,
    note: str = "",
) -> TypedValue:
    """Mend a draft, or say why it moved. Raises NotInState and what type_value raises."""
    require(acting_staff, "results.type_value", typed)
    with transaction.atomic():
        row = _locked(typed)
        if row.state != FigureState.DRAFT:
            raise NotInState(code=row.code)
        indicator = catalogue().get(row.code)
        if indicator is None:
            raise UnknownIndicator(indicator=row.code, field="value")
        row.value = _told(indicator, value, numerator, denominator)
        row.numerator, row.denominator, row.note = numerator, denominator, note.strip()
        row.typed_by = acting_staff
        row.save(update_fields=("value", "numerator", "denominator", "note", "typed_by"))
        audit.record(acting_staff, "results.change_value", row)
    return row


def _locked(value: TypedValue) -> TypedValue:
    return TypedValue._base_manager.select_for_update(of=("self",)).get(pk=value.pk)


def _each(
    staff: StaffUser, permission: str, values: Collection[TypedValue], state: FigureState
) -> list[TypedValue]:
    ids = list(dict.fromkeys(one.pk for one in values))
    rows = TypedValue._base_manager.select_for_update(of=("self",)).filter(pk__in=ids)
    found = {row.pk: row for row in rows.select_related("programme")}
    for pk in ids:
        require(staff, permission, found[pk])
        if found[pk].state != state.value:
            raise NotInState(code=found[pk].code, field="codes")
    return [found[pk] for pk in ids]


def _typists(row: TypedValue) -> set[UUID]:
    """Everybody who typed any part of a value: who mended it is not the only one."""
    lines = AuditLine.objects.filter(
        object_id=str(row.pk), action__in=("results.type_value", "results.change_value")
    )
    return {row.typed_by_id, *lines.values_list("staff_id", flat=True)}


def _another(
    staff: StaffUser, step: str, reason: str, row: TypedValue, *hands: UUID | None
) -> None:
    require_other_person(staff, *hands, step=step, reason=reason, obj=row)


def _before(row: TypedValue) -> TypedValue | None:
    """The approved value of the period before."""
    rows = TypedValue._base_manager.filter(
        programme=row.programme_id,
        code=row.code,
        period_end__lt=row.period_end,
        state=FigureState.APPROVED.value,
    ).exclude(superseded_by__state=FigureState.APPROVED.value)
    return rows.order_by("-period_end").first()


def _store(staff: StaffUser, rows: list[TypedValue], action: str) -> None:
    fields = ("state", "checked_by", "approved_by", "sent_back_reason")
    TypedValue.objects.bulk_update(rows, fields)
    audit.record_many(audit.line(staff, action, row, {"code": row.code}) for row in rows)
