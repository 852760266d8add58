"""The receiving house: prove a package part by part, load it into an empty house as one act, count
again, and sign a receipt. Registers that are here already are matched by their codes.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from handup.kernel.crypto import sign
from handup.kernel.errors import Refusal
from handup.org import audit, installation, keys
from handup.org.models import Setting, StaffUser, StoredFile
from handup.org.permissions import require_over
from handup.org.services.files import FileDamaged, UnknownFileKind, keep_again, sweep_unnamed
from handup.projects import handover as lists
from handup.projects.carrying.gather import Table, declared
from handup.projects.carrying.matching import Known, matches
from handup.projects.carrying.package import (
    Opening,
    OtherVersion,
    Package,
    PackageChanged,
    PackageHoldsMore,
    PackageIncomplete,
    canonical,
    fields_of,
    sum_of_file,
    totals_told,
    value_of,
)
from handup.projects.carrying.sending import TotalsDiffer, changes, shapes
from handup.projects.carrying.totals import BEFOREHAND, totals
from handup.projects.models import Programme
from handup.projects.rules.handover import Total, differences

TAKEN_OVER = "taken_over"
BATCH = 500


class HouseNotEmpty(Refusal):
    """This house holds records already ({table}). A hand-over is loaded into an empty one."""


class TakenOverAlready(Refusal):
    """This package was loaded already."""


class TableUnknown(Refusal):
    """The package holds a table this house does not know: {table}."""


class DoesNotFit(Refusal):
    """The package does not fit this house: {reason}"""


def what_stands_in_the_way(fault: IntegrityError) -> str:
    """What the database refused, in the words of the house: no constraint, no value of a row."""
    told = str(fault).splitlines()[0]
    table = getattr(getattr(fault.__cause__, "diag", None), "table_name", None)
    models = sorted(declared(lists.movers).tables, key=lambda one: -len(one._meta.db_table))
    for model in models:
        name = model._meta.db_table
        if name == table or (table is None and name in told):
            return str(model._meta.verbose_name)
    return "-"


def verify_package(path: Path, opening: Opening) -> Package:
    """Prove the signature and every part of a package; nothing is written.

    Raises PackageUnreadable, PackageNotSigned, PackageChanged, PackageIncomplete,
    PackageHoldsMore, WrongKey, OtherVersion.
    """
    package = Package(path, opening)
    package.check()
    ours, theirs = shapes(), package.manifest["shapes"]
    for table in sorted(ours.keys() | theirs.keys()):
        if ours.get(table) != theirs.get(table):
            raise OtherVersion(theirs=theirs.get(table, "-"), ours=ours.get(table, "-"), at=table)
    return package


def refuse_unless_empty() -> None:
    """Raise HouseNotEmpty when a table of a hand-over holds a row, but for registers of both."""
    told = declared(lists.movers)
    registers = BEFOREHAND | {match.table for match in matches(lists.movers)}
    for model in dict.fromkeys(told.tables):
        label = model._meta.label
        if label not in registers and model._base_manager.exists():
            raise HouseNotEmpty(table=label)


def load_package(*, acting_staff: StaffUser, path: Path, opening: Opening) -> dict[str, Any]:
    """Load a package into this empty house: all of it with equal totals, or nothing.

    Returns the signed receipt for the sending house: {"receipt": …, "signature": …}. The same
    package again changes nothing and returns the same receipt. Raises what `verify_package`
    raises, HouseNotEmpty, MeansAnother, TotalsDiffer with both sides, TakenOverAlready where the
    house kept no receipt of it.
    """
    require_over(acting_staff, "projects.load_transfer")
    package = verify_package(path, opening)
    sha256 = sum_of_file(path)
    held = Setting.objects.filter(key=TAKEN_OVER).first()
    for one in held.value if held is not None else ():
        if one["sha256"] == sha256:
            return _again(one)
    written: list[Path] = []
    try:
        with transaction.atomic():
            refuse_unless_empty()
            sweep_unnamed()
            counted = _insert(package).settled()
            _insert_files(package, written)
            here = totals(lists.movers, among=counted)
            if found := differences(package.totals, here):
                raise TotalsDiffer(told="; ".join(found[:20]))
            for mover in lists.movers:
                for settle in mover.settle:
                    settle()
            receipt = _receipt(package, sha256, acting_staff, here)
            for sums in package.sums_keys():
                keys.add_sums_key(sums)
    except IntegrityError as fault:
        _take_away(written)
        raise DoesNotFit(reason=what_stands_in_the_way(fault)) from fault
    except BaseException:
        _take_away(written)
        raise
    return receipt


def _again(kept: dict[str, Any]) -> dict[str, Any]:
    """The receipt that was given when this package was loaded. Raises TakenOverAlready."""
    if "receipt" not in kept:
        raise TakenOverAlready
    return {"receipt": kept["receipt"], "signature": kept["signature"]}


def _take_away(written: list[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)


def _insert(package: Package) -> Known:
    """Write the rows of every table, the registers both houses may hold first."""
    registers = {match.table: match for match in matches(lists.movers)}
    first = [*registers, *(label for mover in lists.movers for label in mover.first)]
    parts = [part for part in package.manifest["parts"] if "table" in part]
    order = {label: place for place, label in enumerate(first)}
    known = Known.of(lists.movers)
    for part in sorted(parts, key=lambda one: order.get(one["table"], len(order))):
        model = _table(part["table"])
        rows: Iterable[dict[str, Any]] = _rows(package, part, model)
        if (match := registers.get(part["table"])) is not None:
            rows = known.take(match, list(rows))
        made: list[Model] = []
        for row in rows:
            made.append(model(**known.point(model, row)))
            if len(made) == BATCH:
                model._base_manager.bulk_create(made)
                made = []
        model._base_manager.bulk_create(made)
    return known


def _rows(package: Package, part: dict[str, Any], model: Table) -> Iterator[dict[str, Any]]:
    """The rows of a part by column, but for those this house has by the same id."""
    known = {field.attname: field for field in model._meta.concrete_fields}
    if part["fields"] != [field.attname for field in fields_of(model)]:
        raise PackageChanged(name=part["name"])
    fields = [known[name] for name in part["fields"]]
    held, change_row = _held(model), changes().get(model)
    for values in package.rows(part):
        named = {
            field.attname: value_of(field, value)
            for field, value in zip(fields, values, strict=True)
        }
        if named["id"] in held:
            continue
        # what must not come in as it was is changed again: the sender's word is not enough
        yield named if change_row is None else change_row(named)


def _held(model: Table) -> frozenset[Any]:
    """What this house has by the same id already: the funds every house has."""
    if model._meta.label not in BEFOREHAND:
        return frozenset()
    return frozenset(model._base_manager.values_list("pk", flat=True))


def _table(label: str) -> Table:
    told = {model._meta.label for model in declared(lists.movers).tables}
    if label not in told:
        raise TableUnknown(table=label)
    return apps.get_model(label)


def _insert_files(package: Package, written: list[Path]) -> None:
    """Write the files of the package anew, under names and seals of this house; each place is in
    `written` before its file is. Raises PackageChanged, PackageIncomplete.
    """
    held = StoredFile.objects.in_bulk()
    given = {part["file"]: part["name"] for part in package.manifest["parts"] if "file" in part}
    for pk, row in held.items():
        name = given.pop(str(pk), None)
        if name is None:
            raise PackageIncomplete(name=f"files/{pk}")
        try:
            keep_again(row, package.content(name), written)
        except (FileDamaged, UnknownFileKind) as fault:
            raise PackageChanged(name=name) from fault
    for name in given.values():
        raise PackageHoldsMore(name=name)


def _receipt(
    package: Package, sha256: str, staff: StaffUser, counted: list[Total]
) -> dict[str, Any]:
    """Note in this house what was taken over, and sign what the sender is told."""
    body = {
        "batch": package.manifest["batch"],
        "sha256": sha256,
        "totals": totals_told(counted),
        "loaded": timezone.now().isoformat(),
    }
    signed = json.loads(canonical(body))
    told = {"receipt": signed, "signature": sign(keys.load().signing, canonical(signed))}
    kept = {"sha256": sha256, "batch": body["batch"], "loaded": body["loaded"], **told}
    installation.put(TAKEN_OVER, [kept])
    programme = Programme.objects.get(code=package.manifest["programme"])
    audit.record(staff, "projects.load_transfer", programme, {"sha256": sha256})
    return told
