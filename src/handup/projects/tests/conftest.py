"""The cast of projects' tests: a manager, an accountant, a funder, and one programme with a
phase."""

from datetime import date

import pytest

from handup.org.models import StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.projects.models import Document, DocumentType, Organisation, Phase, Programme
from handup.projects.models.labels import Access, OrgKind
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import PhaseStatus
from handup.projects.services import (
    add_document,
    add_document_type,
    open_phase,
    open_programme,
    register_organisation,
)

DAY = date(2026, 3, 2)


@pytest.fixture
def manager(db: None) -> StaffUser:
    return staff_with("manager", Role.MANAGER)


@pytest.fixture
def second_manager(db: None) -> StaffUser:
    return staff_with("second", Role.MANAGER)


@pytest.fixture
def accountant(db: None) -> StaffUser:
    return staff_with("accountant", Role.ACCOUNTANT)


@pytest.fixture
def clerk(db: None) -> StaffUser:
    return staff_with("clerk", Role.CLERK)


@pytest.fixture
def programme(manager: StaffUser) -> Programme:
    return open_programme(
        acting_staff=manager,
        code="P1",
        title="Small enterprises",
        currency="RWF",
        objectives="Lasting self-employment.",
        sector="rural development",
    )


@pytest.fixture
def other_programme(manager: StaffUser) -> Programme:
    return open_programme(acting_staff=manager, code="P2", title="Another", currency="USD")


@pytest.fixture
def phase(manager: StaffUser, programme: Programme) -> Phase:
    return open_phase(
        acting_staff=manager,
        programme=programme,
        code="II",
        title="Phase II",
        status=PhaseStatus.ACTIVE,
        approval_date=date(2003, 9, 11),
        start=RoughDate(date(2003, 1, 1), Precision.YEAR),
        end=RoughDate(date(2013, 6, 1), Precision.MONTH),
    )


@pytest.fixture
def funder_organisation(manager: StaffUser) -> Organisation:
    return register_organisation(
        acting_staff=manager, code="F", name="The Fund", kinds=[OrgKind.FUNDER]
    )


@pytest.fixture
def funder(programme: Programme) -> StaffUser:
    """Somebody of a funder, who reads one programme."""
    return staff_with("funder", Role.FUNDER, scope=ScopeKind.PROJECT, programme_id=programme.pk)


@pytest.fixture
def report_type(manager: StaffUser) -> DocumentType:
    return add_document_type(
        acting_staff=manager,
        code="PROJECT_COMPLETION_REPORT",
        names={"en": "Project completion report", "fr": "Rapport d'achèvement"},
        position=12,
        iati_categories=["A07", "A08"],
    )


@pytest.fixture
def report(
    manager: StaffUser, programme: Programme, phase: Phase, report_type: DocumentType
) -> Document:
    return add_document(
        acting_staff=manager,
        programme=programme,
        phase=phase,
        type=report_type,
        title="Completion report",
        language="en",
        access=Access.PUBLIC,
        content=b"What was done and what was learned.",
        text="What was done and what was learned.",
    )
