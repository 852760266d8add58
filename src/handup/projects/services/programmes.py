"""Open programmes and phases, name their partners and areas, move a phase through its statuses."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import already_stored
from handup.org.models import Area, StaffUser
from handup.org.permissions import require, require_over
from handup.projects import beginning
from handup.projects.models import (
    AreaLink,
    DocumentType,
    Lesson,
    Organisation,
    OrganisationKind,
    Partner,
    Phase,
    Programme,
    RelatedProgramme,
)
from handup.projects.models.labels import OrgKind, PartnerRole, Reach, Relation
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import DocumentState, LessonState, PhaseStatus, may_move
from handup.projects.services.store import add, change

CLOSING_PAPERS = ("AUDIT", "PROJECT_COMPLETION_REPORT")
"""The kinds of papers, made final, without which no phase closes: its accounts and its report."""


class CodeTaken(Refusal):
    """The code {code} is taken already."""


class TitleMissing(Refusal):
    """Write the title."""


class EndBeforeStart(Refusal):
    """The end lies before the start."""


class CurrencyUnreadable(Refusal):
    """Write the currency as three letters, for example USD."""


class PartnerNamedTwice(Refusal):
    """This organisation has this role here already."""


class AreaNamedTwice(Refusal):
    """This area is named here already."""


class KindMissing(Refusal):
    """Say what the organisation is."""


class PhaseOfAnotherProgramme(Refusal):
    """This phase belongs to another programme."""


class StatusJump(Refusal):
    """From "{before}" a phase cannot go to "{after}"."""


class PhaseNotReadyToClose(Refusal):
    """The phase cannot be closed yet: {missing}."""


class PhaseNotReadyToBegin(Refusal):
    """The phase cannot begin yet. Missing: {missing}."""


class RelatedToNothing(Refusal):
    """Choose the other programme or write its title."""


def open_programme(
    *,
    acting_staff: StaffUser,
    code: str,
    title: str,
    currency: str,
    default_language: str = "en",
    objectives: str = "",
    summary: str = "",
    sector: str = "",
    terms: str = "",
    external_ids: Mapping[str, str] | None = None,
    id: UUID | None = None,
) -> Programme:
    """Open a programme. Raises TitleMissing, CurrencyUnreadable, CodeTaken."""
    require_over(acting_staff, "projects.open_programme")
    if (known := already_stored(Programme, id, acting_staff, code=code, title=title)) is not None:
        return known
    if not title.strip():
        raise TitleMissing(field="title")
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise CurrencyUnreadable(field="currency")
    if Programme.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    row = Programme(
        id=id or new_id(),
        code=code,
        title=title.strip(),
        currency=currency,
        default_language=default_language,
        objectives=objectives,
        summary=summary,
        sector=sector,
        terms=terms,
        external_ids=dict(external_ids or {}),
    )
    add(acting_staff, "projects.open_programme", row)
    return row


def open_phase(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    code: str,
    title: str,
    status: PhaseStatus = PhaseStatus.PIPELINE,
    approval_date: date | None = None,
    start: RoughDate | None = None,
    end: RoughDate | None = None,
    external_ids: Mapping[str, str] | None = None,
    remark: str = "",
    id: UUID | None = None,
) -> Phase:
    """Open a phase, in preparation or, when it is entered later, as it stands.

    Raises TitleMissing, EndBeforeStart (compared as widely as the dates are known), CodeTaken.
    """
    require(acting_staff, "projects.open_phase", programme)
    if (
        known := already_stored(Phase, id, acting_staff, programme=programme, code=code)
    ) is not None:
        return known
    if not title.strip():
        raise TitleMissing(field="title")
    if start is not None and end is not None and end.last < start.first:
        raise EndBeforeStart(field="end")
    if programme.phases.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    row = Phase(
        id=id or new_id(),
        programme=programme,
        code=code,
        title=title.strip(),
        status=status.value,
        approval_date=approval_date,
        start_date=start.day if start else None,
        start_precision=(start.precision if start else Precision.DAY).value,
        end_date=end.day if end else None,
        end_precision=(end.precision if end else Precision.DAY).value,
        external_ids=dict(external_ids or {}),
        remark=remark,
    )
    add(acting_staff, "projects.open_phase", row, {"status": row.status})
    return row


def _missing_to_close(phase: Phase) -> list[str]:
    final = phase.documents.filter(state=DocumentState.FINAL.value)
    there = set(final.values_list("type__code", flat=True))
    names = {row.code: str(row) for row in DocumentType.objects.filter(code__in=CLOSING_PAPERS)}
    missing = [names.get(code, code) for code in CLOSING_PAPERS if code not in there]
    undecided = Lesson.objects.filter(phase=phase, state=LessonState.PROPOSED.value)
    if undecided.exists():
        missing.append(_("Lessons to review"))
    return missing


def change_phase_status(*, acting_staff: StaffUser, phase: Phase, status: PhaseStatus) -> Phase:
    """Move a phase one step. Raises StatusJump, PhaseNotReadyToBegin, PhaseNotReadyToClose with
    what is missing.
    """
    require(acting_staff, "projects.change_phase_status", phase)
    if not may_move(PhaseStatus(phase.status), status):
        raise StatusJump(field="status", before=phase.status, after=status.value)
    if status is PhaseStatus.CLOSED and (missing := _missing_to_close(phase)):
        raise PhaseNotReadyToClose(field="status", missing=", ".join(missing))
    if status is PhaseStatus.ACTIVE:
        lacking = [told for missing in beginning.missing for told in missing(phase)]
        if lacking:
            raise PhaseNotReadyToBegin(field="status", missing="; ".join(lacking))
    change(acting_staff, "projects.change_phase_status", phase, status=status.value)
    return phase


def relate_programme(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    relation: Relation,
    other: Programme | None = None,
    other_title: str = "",
    remark: str = "",
) -> RelatedProgramme:
    """Say what a programme is to another, known here or only by its title. Raises
    RelatedToNothing."""
    require(acting_staff, "projects.relate_programme", programme)
    if other is None and not other_title.strip():
        raise RelatedToNothing(field="other_title")
    row = RelatedProgramme(
        programme=programme,
        relation=relation.value,
        other=other,
        other_title=other_title.strip(),
        remark=remark,
    )
    add(acting_staff, "projects.relate_programme", row)
    return row


def register_organisation(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    kinds: Sequence[OrgKind],
    short_name: str = "",
    country_code: str = "",
    area: Area | None = None,
    registration_no: str = "",
    external_ids: Mapping[str, str] | None = None,
    id: UUID | None = None,
) -> Organisation:
    """Enter an institution into the one register. Raises TitleMissing, KindMissing, CodeTaken."""
    require(acting_staff, "projects.register_organisation")
    if (known := already_stored(Organisation, id, acting_staff, code=code, name=name)) is not None:
        return known
    if not name.strip():
        raise TitleMissing(field="name")
    if not kinds:
        raise KindMissing(field="kinds")
    if Organisation.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    row = Organisation(
        id=id or new_id(),
        code=code,
        name=name.strip(),
        short_name=short_name,
        country_code=country_code,
        area=area,
        registration_no=registration_no,
        external_ids=dict(external_ids or {}),
    )
    with transaction.atomic():
        add(acting_staff, "projects.register_organisation", row)
        OrganisationKind.objects.bulk_create(
            [OrganisationKind(organisation=row, kind=kind.value) for kind in dict.fromkeys(kinds)]
        )
    return row


def add_partner(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    organisation: Organisation,
    role: PartnerRole,
    phase: Phase | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
    remark: str = "",
) -> Partner:
    """Name a partner of a programme or phase. Raises PartnerNamedTwice, EndBeforeStart."""
    require(acting_staff, "projects.add_partner", programme)
    check_phase(programme, phase)
    if from_date and to_date and to_date < from_date:
        raise EndBeforeStart(field="to_date")
    same = programme.partners.filter(organisation=organisation, role=role.value, phase=phase)
    if same.exists():
        raise PartnerNamedTwice(field="organisation")
    row = Partner(
        programme=programme,
        phase=phase,
        organisation=organisation,
        role=role.value,
        from_date=from_date,
        to_date=to_date,
        remark=remark,
    )
    add(acting_staff, "projects.add_partner", row, {"role": role.value})
    return row


def add_area(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    area: Area,
    reach: Reach,
    phase: Phase | None = None,
    from_date: date | None = None,
    to_date: date | None = None,
) -> AreaLink:
    """Say that a programme or phase works in an area or serves its people. Raises
    AreaNamedTwice."""
    require(acting_staff, "projects.add_area", programme)
    check_phase(programme, phase)
    if from_date and to_date and to_date < from_date:
        raise EndBeforeStart(field="to_date")
    if programme.area_links.filter(area=area, reach=reach.value, phase=phase).exists():
        raise AreaNamedTwice(field="area")
    row = AreaLink(
        programme=programme,
        phase=phase,
        area=area,
        reach=reach.value,
        from_date=from_date,
        to_date=to_date,
    )
    add(acting_staff, "projects.add_area", row)
    return row


def check_phase(programme: Programme, phase: Phase | None) -> None:
    """Refuse a phase of another programme."""
    if phase is not None and phase.programme_id != programme.pk:
        raise PhaseOfAnotherProgramme(field="phase")
