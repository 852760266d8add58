"""Take over an IATI file: each activity by itself, its raw copy kept (results.md 4.9).

A faulty activity is held alone. One that is newer than what is here takes its place; an older one
is only reported.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone
from lxml import etree

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight, require_over
from handup.results.iati_pack import PackMissing, installed_pack
from handup.results.models import ImportedActivity
from handup.results.rules.iati.activity import Activity, first_words
from handup.results.rules.iati.checking import Finding, schema_findings
from handup.results.rules.iati.mapping import rest_of
from handup.results.rules.iati.reading import ACTIVITIES, read_iati, require_version
from handup.results.rules.iati.states import ActivityState
from handup.results.rules.iati.taking import take_activity
from handup.results.services.exchange_mapping import keep_records

IDENTIFIER_MOST = 300
FAULTS_MOST = 50


class OrganisationFile(Refusal):
    """This file tells of an organisation. Only files of activities are taken over."""


class NoActivities(Refusal):
    """The file holds no activity."""


class Outcome(StrEnum):
    """What became of an activity of a file."""

    TAKEN = "TAKEN"
    REPLACED = "REPLACED"
    SAME = "SAME"
    OLDER = "OLDER"
    HELD = "HELD"


@dataclass(frozen=True, slots=True)
class Came:
    """One activity of a file: what became of it, and the row that keeps it, where one does."""

    identifier: str
    title: str
    outcome: Outcome
    faults: tuple[str, ...] = ()
    row: ImportedActivity | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a whole file. was_checked: whether the standard's schema was at hand."""

    file_name: str
    version: str
    was_checked: bool
    activities: tuple[Came, ...]

    def count(self, outcome: Outcome) -> int:
        """How many activities had one outcome."""
        return sum(1 for one in self.activities if one.outcome is outcome)


def import_iati(*, acting_staff: StaffUser, content: bytes, file_name: str = "") -> Taken:
    """Take over the activities of a file of version 2.01 to 2.03.

    Raises what reading a file refuses, OldVersion, OrganisationFile, NoActivities: then nothing is
    stored.
    """
    require_over(acting_staff, "results.import_iati")
    root = read_iati(content)
    version = require_version(root)
    if root.tag != ACTIVITIES:
        raise OrganisationFile(field="file")
    elements = root.findall("iati-activity")
    if not elements:
        raise NoActivities(field="file")
    faults = _schema_faults(root)
    named = Counter(_identifier(element) for element in elements)
    came = [
        _came(
            acting_staff,
            element,
            version,
            file_name[:200],
            _faults(element, named, (faults or {}).get(place, [])),
        )
        for place, element in enumerate(elements, start=1)
    ]
    return Taken(file_name, version, faults is not None, tuple(came))


def _identifier(element: etree._Element) -> str:
    return (element.findtext("iati-identifier") or "").strip()


def _schema_faults(root: etree._Element) -> dict[int, list[str]] | None:
    """What breaks the schema, by the place of the activity; None without the official rules."""
    try:
        pack = installed_pack()
    except PackMissing:
        return None
    starts = [element.sourceline or 0 for element in root.findall("iati-activity")]
    found: dict[int, list[str]] = {}
    for finding in schema_findings(root, pack):
        place = _place(finding, starts)
        if place:
            found.setdefault(place, []).append(f"{finding.message} ({finding.line})")
    return found


def _place(finding: Finding, starts: list[int]) -> int:
    """Which activity of the file a finding is about; 0 for the file itself."""
    told = re.match(r"/iati-activities/iati-activity(?:\[(\d+)\])?", finding.path)
    if told is not None:
        return int(told.group(1) or 1)
    if finding.path.startswith("/iati-activities"):
        return 0
    return sum(1 for start in starts if start <= finding.line)


def _faults(element: etree._Element, named: Counter[str], broken: list[str]) -> list[str]:
    """Why an activity cannot be taken over."""
    identifier = _identifier(element)
    found = list(broken[:FAULTS_MOST])
    if not identifier:
        found.append("iati-identifier: empty")
    elif len(identifier) > IDENTIFIER_MOST:
        found.append("iati-identifier: too long")
    elif named[identifier] > 1:
        found.append("iati-identifier: more than once")
    return found


def _came(
    staff: StaffUser,
    element: etree._Element,
    version: str,
    file_name: str,
    faults: list[str],
) -> Came:
    told = take_activity(element)
    identifier, title = told.identifier[:IDENTIFIER_MOST], first_words(told.title)[:300]
    if not identifier or "iati-identifier: more than once" in faults:
        return Came(identifier, title, Outcome.HELD, tuple(faults))
    raw = etree.tostring(element, encoding="unicode", with_tail=False)
    row = ImportedActivity(
        identifier=identifier,
        title=title,
        state=(ActivityState.HELD if faults else ActivityState.TAKEN).value,
        version=version,
        updated=told.updated[:40],
        raw=raw,
        sha256=sha256(raw.encode()).hexdigest(),
        rest=rest_of(element, told),
        faults=faults,
        file_name=file_name,
        imported_by=staff,
    )
    was_here = ImportedActivity._base_manager.filter(identifier=identifier).exists()
    try:
        return _stored(staff, row, told)
    except IntegrityError:  # somebody took the same one over meanwhile
        if was_here:
            raise
        return Came(identifier, title, Outcome.SAME)


def _stored(staff: StaffUser, row: ImportedActivity, told: Activity) -> Came:
    """Store it, unless what is here is as new; held where a record cannot be made of it."""
    with transaction.atomic():
        before = (
            ImportedActivity._base_manager.select_for_update()
            .filter(identifier=row.identifier)
            .first()
        )
        outcome = _outcome(before, row)
        if outcome in {Outcome.SAME, Outcome.OLDER}:
            return Came(row.identifier, row.title, outcome, row=before)
        if before is not None:
            row.pk, row.recorded_at, row.programme_id = (
                before.pk,
                before.recorded_at,
                before.programme_id,
            )
        if row.state == ActivityState.TAKEN and (why := _records(staff, row, told)):
            row.state, row.faults = ActivityState.HELD.value, [why]
        if before is not None and before.state == ActivityState.TAKEN and row.faults:
            return Came(row.identifier, row.title, Outcome.HELD, tuple(row.faults), before)
        row.save(force_insert=before is None, force_update=before is not None)
        audit.record(staff, "results.import_iati", row, {"state": row.state})
    if row.state == ActivityState.HELD:
        outcome = Outcome.HELD
    return Came(row.identifier, row.title, outcome, tuple(row.faults), row)


def _records(staff: StaffUser, row: ImportedActivity, told: Activity) -> str:
    """Make the records; empty when it was done, else why it was not, and none was made."""
    try:
        with transaction.atomic():
            row.programme = keep_records(staff, told, row.programme_id)
    except (NotAllowed, OutOfSight):
        raise
    except Refusal as refusal:
        return str(refusal)
    return ""


def _outcome(before: ImportedActivity | None, row: ImportedActivity) -> Outcome:
    if before is None:
        return Outcome.TAKEN
    if before.sha256 == row.sha256 and before.state == ActivityState.TAKEN:
        return Outcome.SAME
    if before.state == ActivityState.HELD:
        return Outcome.SAME if before.sha256 == row.sha256 and row.faults else Outcome.REPLACED
    old, new = instant_told(before.updated), instant_told(row.updated)
    if old is not None and (new is None or new <= old):
        return Outcome.OLDER
    return Outcome.REPLACED


def instant_told(text: str) -> datetime | None:
    """An ISO instant; without a zone it is taken as UTC, and a day as its beginning."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if timezone.is_aware(found) else found.replace(tzinfo=UTC)
