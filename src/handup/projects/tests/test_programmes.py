"""Opening programmes and phases, naming partners and areas, closing a phase."""

from datetime import date
from typing import Any

import pytest

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects import queries
from handup.projects.models import (
    Document,
    Organisation,
    Partner,
    Phase,
    Programme,
    RelatedProgramme,
)
from handup.projects.models.labels import OrgKind, PartnerRole, Reach, Relation
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import LessonState, PhaseStatus
from handup.projects.services import (
    add_area,
    add_document,
    add_document_type,
    add_partner,
    change_phase_status,
    decide_lesson,
    open_phase,
    open_programme,
    propose_lesson,
    publish_document,
    register_organisation,
    relate_programme,
)
from handup.projects.services import programmes as p
from handup.projects.tests.conftest import DAY


def test_a_programme_is_opened_with_its_audit_line(
    manager: StaffUser, programme: Programme
) -> None:
    line = AuditLine.objects.get(object_id=str(programme.pk))
    assert (line.action, line.staff) == ("projects.open_programme", manager)


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"title": " "}, p.TitleMissing, "title"),
        ({"currency": "francs"}, p.CurrencyUnreadable, "currency"),
        ({"currency": "rwf"}, p.CurrencyUnreadable, "currency"),
        ({"code": "P1"}, p.CodeTaken, "code"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(
    manager: StaffUser,
    programme: Programme,
    change: dict[str, Any],
    refusal: type[Refusal],
    field: str,
) -> None:
    told: dict[str, Any] = {"code": "P9", "title": "Ninth", "currency": "USD"} | change
    with pytest.raises(refusal) as caught:
        open_programme(acting_staff=manager, **told)
    assert caught.value.field == field
    assert Programme.objects.count() == 1


def test_a_clerk_opens_no_programme(clerk: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        open_programme(acting_staff=clerk, code="X", title="X", currency="USD")
    assert not Programme.objects.exists()


def test_the_same_programme_sent_twice_is_one(manager: StaffUser) -> None:
    told: dict[str, Any] = {"id": new_id(), "code": "P5", "title": "Fifth", "currency": "USD"}
    first = open_programme(acting_staff=manager, **told)
    assert open_programme(acting_staff=manager, **told) == first
    with pytest.raises(SameIdOtherContent):
        open_programme(acting_staff=manager, **(told | {"title": "Sixth"}))


def test_a_phase_keeps_its_dates_as_exactly_as_they_are_known(phase: Phase) -> None:
    assert (str(phase.start), str(phase.end)) == ("2003", "2013-06")


def test_an_end_in_the_year_of_the_start_is_no_contradiction(
    manager: StaffUser, programme: Programme
) -> None:
    row = open_phase(
        acting_staff=manager,
        programme=programme,
        code="III",
        title="Third",
        start=RoughDate(date(2004, 6, 1), Precision.MONTH),
        end=RoughDate(date(2004, 1, 1), Precision.YEAR),
    )
    assert row.end is not None
    assert row.end.last == date(2004, 12, 31)


def test_a_phase_ends_after_it_starts(manager: StaffUser, programme: Programme) -> None:
    with pytest.raises(p.EndBeforeStart):
        open_phase(
            acting_staff=manager,
            programme=programme,
            code="III",
            title="Third",
            start=RoughDate(date(2004, 6, 1), Precision.MONTH),
            end=RoughDate(date(2004, 5, 1), Precision.MONTH),
        )
    assert not programme.phases.exists()


def test_a_phase_code_is_used_once(manager: StaffUser, programme: Programme, phase: Phase) -> None:
    with pytest.raises(p.CodeTaken):
        open_phase(acting_staff=manager, programme=programme, code="II", title="Again")


def test_a_phase_takes_one_step_at_a_time(manager: StaffUser, phase: Phase) -> None:
    with pytest.raises(p.StatusJump):
        change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.CLOSED)
    change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.SUSPENDED)
    change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.ACTIVE)
    phase.refresh_from_db()
    assert phase.status == "ACTIVE"


def test_a_phase_closes_only_with_its_accounts_report_and_lessons(
    manager: StaffUser,
    second_manager: StaffUser,
    programme: Programme,
    phase: Phase,
    report: Document,
) -> None:
    lesson = propose_lesson(
        acting_staff=manager,
        programme=programme,
        phase=phase,
        statement="Training must continue.",
        evidence=report,
    )
    change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.FINALISATION)
    with pytest.raises(p.PhaseNotReadyToClose) as caught:
        change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.CLOSED)
    assert "AUDIT, Project completion report, Lessons to review" in str(caught.value)
    publish_document(acting_staff=second_manager, document=report)
    decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.ACCEPTED)
    audit = add_document_type(
        acting_staff=manager, code="AUDIT", names={"en": "Financial statements"}, position=11
    )
    accounts = add_document(
        acting_staff=manager,
        programme=programme,
        phase=phase,
        type=audit,
        title="Accounts of phase II",
        language="en",
    )
    with pytest.raises(p.PhaseNotReadyToClose, match=r"yet: Financial statements\."):
        change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.CLOSED)
    publish_document(acting_staff=second_manager, document=accounts)
    change_phase_status(acting_staff=manager, phase=phase, status=PhaseStatus.CLOSED)
    phase.refresh_from_db()
    assert phase.status == "CLOSED"


def test_partners_are_dated_by_role(
    manager: StaffUser, programme: Programme, funder_organisation: Organisation
) -> None:
    add_partner(
        acting_staff=manager,
        programme=programme,
        organisation=funder_organisation,
        role=PartnerRole.FUNDER,
        from_date=date(2020, 1, 1),
        to_date=date(2021, 1, 1),
    )
    add_partner(
        acting_staff=manager,
        programme=programme,
        organisation=funder_organisation,
        role=PartnerRole.SUCCESSOR,
    )
    on_the_day = queries.partners_on(programme, on=date(2021, 1, 1), role=PartnerRole.FUNDER)
    assert on_the_day.count() == 1
    assert not queries.partners_on(programme, on=DAY, role=PartnerRole.FUNDER).exists()
    assert queries.partners_on(programme, on=DAY).count() == 1
    with pytest.raises(p.PartnerNamedTwice):
        add_partner(
            acting_staff=manager,
            programme=programme,
            organisation=funder_organisation,
            role=PartnerRole.FUNDER,
        )
    assert Partner.objects.count() == 2


def test_a_phase_of_another_programme_is_refused(
    manager: StaffUser,
    other_programme: Programme,
    phase: Phase,
    funder_organisation: Organisation,
) -> None:
    with pytest.raises(p.PhaseOfAnotherProgramme):
        add_partner(
            acting_staff=manager,
            programme=other_programme,
            phase=phase,
            organisation=funder_organisation,
            role=PartnerRole.BANK,
        )
    assert not Partner.objects.exists()


def test_an_organisation_may_be_several_things(manager: StaffUser) -> None:
    row = register_organisation(
        acting_staff=manager,
        code="B",
        name="People's Bank",
        kinds=[OrgKind.BANK, OrgKind.PROVIDER, OrgKind.BANK],
    )
    assert sorted(kind.kind for kind in row.kinds.all()) == ["BANK", "PROVIDER"]
    assert list(queries.organisations_of(OrgKind.BANK)) == [row]
    with pytest.raises(p.KindMissing):
        register_organisation(acting_staff=manager, code="C", name="Nothing", kinds=[])
    with pytest.raises(p.CodeTaken):
        register_organisation(acting_staff=manager, code="B", name="B", kinds=[OrgKind.BANK])
    with pytest.raises(p.TitleMissing):
        register_organisation(acting_staff=manager, code="D", name="", kinds=[OrgKind.BANK])
    assert Organisation.objects.count() == 1


def test_an_area_is_counted_once_however_it_is_reached(
    manager: StaffUser, programme: Programme, phase: Phase
) -> None:
    area = Area.objects.create(code="N", names={"en": "North"})
    add_area(acting_staff=manager, programme=programme, area=area, reach=Reach.ACTIVITY)
    add_area(
        acting_staff=manager, programme=programme, area=area, reach=Reach.BENEFICIARY, phase=phase
    )
    assert list(queries.areas_of(programme)) == [area]
    with pytest.raises(p.AreaNamedTwice):
        add_area(acting_staff=manager, programme=programme, area=area, reach=Reach.ACTIVITY)


def test_a_sister_programme_may_be_known_by_name_only(
    manager: StaffUser, programme: Programme
) -> None:
    row = relate_programme(
        acting_staff=manager,
        programme=programme,
        relation=Relation.SISTER,
        other_title="Another fund's component",
    )
    assert str(row) == "Another fund's component"
    with pytest.raises(p.RelatedToNothing):
        relate_programme(acting_staff=manager, programme=programme, relation=Relation.PARENT)
    assert RelatedProgramme.objects.count() == 1


def test_the_phase_of_a_day_is_found_as_widely_as_its_dates_mean(
    programme: Programme, phase: Phase
) -> None:
    assert queries.phase_on(programme, on=date(2003, 1, 2)) == phase
    assert queries.phase_on(programme, on=date(2013, 6, 30)) == phase
    assert queries.phase_on(programme, on=date(2030, 1, 1)) == phase  # active, though overdue
    Phase.objects.update(status="CLOSED")
    assert queries.phase_on(programme, on=date(2030, 1, 1)) is None
