"""A file for another system: built from a frozen snapshot, checked, published by another person
(results.md 4.9, 4.10, 5).
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from lxml import etree

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.results.exchange.building import build
from handup.results.exchange.figures import leaving
from handup.results.exchange.periods import of_period, span_of
from handup.results.exchange.values import nowhere, values_of
from handup.results.iati_pack import installed_pack
from handup.results.models import ExchangeFile, ExchangeProfile, ImportedActivity, Snapshot
from handup.results.rules.adx import (
    SpanOfTime,
    as_activityinfo_table,
    as_adx,
    as_dhis2_table,
    period_ending,
)
from handup.results.rules.iati.checking import Checked, check
from handup.results.rules.iati.merging import put_back
from handup.results.rules.iati.states import ActivityState, ExchangeKind, ExchangeState
from handup.results.rules.iati.writing import write_activity, write_file

FINDINGS_KEPT = 300


class NoProfile(Refusal):
    """Write the settings for exchange of this programme first."""


class SnapshotOfAnother(Refusal):
    """This snapshot belongs to another programme."""


class FileInOtherState(Refusal):
    """The file is not in the state for this step."""


class NotPublishable(Refusal):
    """The check found what has to be mended first: {rules}."""


class ToldMeanwhile(Refusal):
    """Since this file was built, something was told or erased that its figures differ from by a
    few: {codes}. Build it again.
    """


class LaterPublished(Refusal):
    """File {number} was built later and is published already."""


class WarningsNotSigned(Refusal):
    """The check found {count} warnings. Look at them, and sign for them."""


def build_exchange(
    *,
    acting_staff: StaffUser,
    snapshot: Snapshot,
    kind: ExchangeKind = ExchangeKind.IATI,
    span: SpanOfTime = SpanOfTime.YEAR,
    id: UUID | None = None,
) -> ExchangeFile:
    """Build a file of a frozen snapshot. What is the same as the last one is the last one.

    span: how long the period of ADX and tables is. Raises NoProfile, SnapshotNotFrozen,
    SharesNotWhole, NoDataset, AreasUnmapped, PeriodNotWhole, AttributeNameWrong.
    """
    require(acting_staff, "results.build_exchange", snapshot)
    profile = (
        ExchangeProfile._base_manager.select_related("programme")
        .filter(programme=snapshot.programme_id)
        .first()
    )
    if profile is None:
        raise NoProfile
    with transaction.atomic():
        programme = Programme._base_manager.select_for_update().get(pk=snapshot.programme_id)
        same = already_stored(ExchangeFile, id, acting_staff, snapshot=snapshot, kind=kind.value)
        if same is not None:
            return same
        rows = ExchangeFile._base_manager.filter(programme=programme, kind=kind.value)
        last = rows.order_by("-number").first()
        content, figures, notes = _content(profile, snapshot, kind, span, last)
        if (
            last is not None
            and (last.content, last.figures) == (content, figures)
            and last.snapshot_id == snapshot.pk
        ):
            return last
        row = ExchangeFile(
            id=id or new_id(),
            programme=programme,
            snapshot=snapshot,
            kind=kind.value,
            number=(last.number if last else 0) + 1,
            content=content,
            sha256=sha256(content.encode()).hexdigest(),
            figures=figures,
            notes=notes,
            built_by=acting_staff,
        )
        row.save(force_insert=True)
        audit.record(acting_staff, "results.build_exchange", row, {"kind": row.kind})
    return row


def _content(
    profile: ExchangeProfile,
    snapshot: Snapshot,
    kind: ExchangeKind,
    span: SpanOfTime,
    last: ExchangeFile | None,
) -> tuple[str, dict[str, Any], list[list[str]]]:
    """The text of a file, the figures it tells, and what was left out."""
    if kind is ExchangeKind.IATI:
        return _iati(profile, snapshot, last)
    period = period_ending(snapshot.day, span)
    figures = of_period(snapshot, leaving(snapshot), period)
    values = values_of(profile, figures.told)
    assert snapshot.frozen_at is not None
    if kind is ExchangeKind.ADX:
        told = as_adx(
            values,
            dataset=profile.dataset,
            period=period,
            exported=instant(snapshot.frozen_at),
            complete=timezone.localdate(snapshot.frozen_at),
            names=profile.names,
        )
    elif kind is ExchangeKind.CSV:
        told = as_dhis2_table(values, period)
    else:
        told = as_activityinfo_table(values, period)
    left_out = [*figures.left_out, *nowhere(figures.told, profile)]
    return told.decode(), figures.as_json(), [list(one) for one in left_out]


def _iati(
    profile: ExchangeProfile, snapshot: Snapshot, last: ExchangeFile | None
) -> tuple[str, dict[str, Any], list[list[str]]]:
    """The programme as activities. Where nothing changed, they say they were changed when the last
    file says so: the same records give the same bytes.
    """
    before = re.search(r'generated-datetime="([^"]+)"', last.content) if last else None
    stamps = [before.group(1)] if before else []
    for stamp in (*stamps, instant(timezone.now())):
        told = build(profile, snapshot, updated=stamp, on=timezone.localdate())
        made = []
        for activity in told.activities:
            element = write_activity(activity)
            if (raw := _raw_copy(activity.identifier)) is not None:
                put_back(element, raw)
            made.append(element)
        content = write_file(made, stamp).decode()
        if last is not None and content == last.content:
            break
    return content, told.figures.as_json(), [list(one) for one in told.notes]


def _raw_copy(identifier: str) -> etree._Element | None:
    row = ImportedActivity._base_manager.filter(
        identifier=identifier, state=ActivityState.TAKEN.value
    ).first()
    return None if row is None else etree.fromstring(row.raw.encode())


def instant(moment: datetime) -> str:
    """A moment as IATI and ADX write it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def check_exchange(
    *, acting_staff: StaffUser, file: ExchangeFile, signed_warnings: bool = False
) -> ExchangeFile:
    """Check a file; it is CHECKED when nothing blocks it and its warnings are signed for. What was
    found is kept. Raises PackMissing for an IATI file.
    """
    require(acting_staff, "results.check_exchange", file)
    with transaction.atomic():
        row = _locked(file, ExchangeState.BUILT)
        checked = checked_now(row)
        row.checked_on = timezone.localdate()
        row.findings = [] if checked is None else findings_of(checked)
        if checked is None or _may_pass(checked, signed=signed_warnings):
            row.state, row.checked_by = ExchangeState.CHECKED.value, acting_staff
            row.signed_warnings = bool(checked and checked.warnings)
        row.save(update_fields=("checked_on", "findings", "state", "checked_by", "signed_warnings"))
        audit.record(acting_staff, "results.check_exchange", row, {"state": row.state})
    return row


def _may_pass(checked: Checked, *, signed: bool) -> bool:
    return checked.is_publishable and (signed or not checked.warnings)


def checked_now(row: ExchangeFile) -> Checked | None:
    """What a check of an IATI file finds today; None for other kinds, which nothing official
    judges. Raises PackMissing.
    """
    if row.kind != ExchangeKind.IATI:
        return None
    content = row.content.encode()
    return check(content, timezone.localdate(), installed_pack(), for_export=True)


def findings_of(checked: Checked) -> list[dict[str, Any]]:
    """What was found, to be kept with the file."""
    return [
        {
            "id": one.id,
            "severity": one.severity.value,
            "message": one.message,
            "path": one.path,
            "line": one.line,
            "field": one.field,
            "value": one.value,
        }
        for one in checked.findings[:FINDINGS_KEPT]
    ]


def publish_exchange(
    *, acting_staff: StaffUser, file: ExchangeFile, place: str = "", reason: str = ""
) -> ExchangeFile:
    """Publish a checked file somebody else built; the one published before is replaced.

    place: the address it stands at. Raises NotPublishable when it would fail the check today,
    WarningsNotSigned, SamePerson, PackMissing, ToldMeanwhile, LaterPublished.
    """
    require(acting_staff, "results.publish_exchange", file)
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=file.programme_id)
        row = _locked(file, ExchangeState.CHECKED)
        require_other_person(
            acting_staff, row.built_by, step="results.publish_exchange", reason=reason, obj=row
        )
        checked = checked_now(row)
        if checked is not None and not checked.is_publishable:
            ids = sorted(
                {one.id for one in checked.findings if one.severity in {"critical", "error"}}
            )
            raise NotPublishable(rules=", ".join(ids))
        if checked is not None and checked.warnings and not row.signed_warnings:
            raise WarningsNotSigned(count=len(checked.warnings))
        before = ExchangeFile._base_manager.filter(
            programme=row.programme_id, kind=row.kind, state=ExchangeState.PUBLISHED.value
        )
        _refuse_stale(row, list(before))
        for old in before:
            old.state = ExchangeState.REPLACED.value
            old.save(update_fields=("state",))
            audit.record(acting_staff, "results.replace_exchange", old)
        row.state, row.published_by = ExchangeState.PUBLISHED.value, acting_staff
        row.published_at, row.place = timezone.now(), place.strip()
        row.save(update_fields=("state", "published_by", "published_at", "place"))
        audit.record(acting_staff, "results.publish_exchange", row, {"sum": row.sha256})
    return row


def _refuse_stale(row: ExchangeFile, published: list[ExchangeFile]) -> None:
    """What was told since the file was built counts as told before (protection.md 4.9, rule 6)."""
    for one in published:
        if one.number > row.number:
            raise LaterPublished(number=one.number)
    now = leaving(row.snapshot)
    if (period := span_of(row.figures)) is not None:
        now = of_period(row.snapshot, now, period)
    held = now.as_json()
    moved = [code for code, told in row.figures.items() if held.get(code) != told]
    if moved:
        raise ToldMeanwhile(codes=", ".join(sorted(moved)))


def _locked(file: ExchangeFile, state: ExchangeState) -> ExchangeFile:
    row = ExchangeFile._base_manager.select_for_update().get(pk=file.pk)
    if row.state != state.value:
        raise FileInOtherState
    return row
