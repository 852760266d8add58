"""One record of each kind the addresses of `projects` name, for the tests that walk every
address."""

from datetime import date

from django.db.models import Model

from handup.org.classes import DataClass
from handup.org.models import Office, StaffUser
from handup.org.services import store_file
from handup.projects.models import (
    Budget,
    BudgetLine,
    Document,
    DocumentType,
    FundingAgreement,
    Handover,
    HandoverMove,
    HandoverOption,
    Lesson,
    LessonApplication,
    Memorandum,
    MissionAction,
    Obligation,
    Organisation,
    Partner,
    Phase,
    Programme,
    Purchase,
    ReadinessItem,
    StatedFigure,
    TransferBatch,
    Withdrawal,
)


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A programme with everything it may hold."""
    programme = Programme.objects.create(code="S", title="Sample", currency="USD")
    phase = Phase.objects.create(programme=programme, code="I", title="Sample phase")
    organisation = Organisation.objects.create(code="S", name="Sample")
    budget = Budget.objects.create(
        programme=programme, phase=phase, reporting_currency="USD", prepared_by=staff
    )
    kind = DocumentType.objects.create(code="SAMPLE", names={"en": "Sample"}, position=1)
    document = Document(programme=programme, type=kind, title="Sample", added_by=staff)
    document.file = store_file(
        acting_staff=staff, owner=document, name="a.txt", content=b"x", klass=DataClass.I
    )
    document.save(force_insert=True)
    lesson = Lesson.objects.create(programme=programme, statement="Sample", proposed_by=staff)
    return [
        *_handover(staff, programme),
        *_memorandum(staff, programme, organisation),
        programme,
        phase,
        organisation,
        budget,
        kind,
        document,
        lesson,
        BudgetLine.objects.create(
            budget=budget,
            code="1",
            title="Sample",
            currency="USD",
            amount_units=1,
            reporting_units=1,
        ),
        FundingAgreement.objects.create(
            programme=programme, funder=organisation, kind="GRANT", currency="USD"
        ),
        Partner.objects.create(programme=programme, organisation=organisation, role="BANK"),
        StatedFigure.objects.create(programme=programme, subject="x", printed="1", source="S"),
        LessonApplication.objects.create(
            lesson=lesson,
            target_kind="SETTING",
            target="x",
            what_changed="x",
            applied_date=date(2026, 1, 1),
            decided_by="x",
        ),
    ]


def _memorandum(staff: StaffUser, programme: Programme, partner: Organisation) -> list[Model]:
    """A memorandum under which something is owed."""
    memorandum = Memorandum.objects.create(
        programme=programme,
        organisation=partner,
        kind="MOU",
        title="Sample",
        signed_date=date(2026, 1, 1),
        recorded_by=staff,
    )
    owed = Obligation.objects.create(
        memorandum=memorandum,
        kind="REPORT",
        what="x",
        due_date=date(2026, 2, 1),
        recorded_by=staff,
    )
    action = MissionAction.objects.create(
        programme=programme,
        mission="Sample",
        mission_date=date(2026, 1, 1),
        finding="x",
        action="x",
        owner=staff,
        due_date=date(2026, 2, 1),
        recorded_by=staff,
    )
    funding = FundingAgreement.objects.create(
        programme=programme, funder=partner, kind="GRANT", currency="XTS"
    )
    asked = Withdrawal.objects.create(
        funding=funding,
        number="1",
        asked_units=1,
        currency="XTS",
        asked_date=date(2026, 1, 1),
        recorded_by=staff,
    )
    bought = Purchase.objects.create(
        programme=programme,
        number="1",
        what="x",
        kind="GOODS",
        method="SHOPPING",
        planned_units=1,
        currency="XTS",
        planned_date=date(2026, 1, 1),
        recorded_by=staff,
    )
    return [memorandum, owed, action, asked, bought]


def _handover(staff: StaffUser, programme: Programme) -> list[Model]:
    """A hand-over with an option, an item and a step."""
    handover = Handover.objects.create(
        programme=programme, title="Sample", starts=date(2026, 1, 1), opened_by=staff
    )
    batch = TransferBatch.objects.create(
        handover=handover,
        packed_date=date(2026, 1, 1),
        sha256="0" * 64,
        parts=1,
        going=1,
        staying=0,
        prepared_by=staff,
    )
    return [
        batch,
        handover,
        ReadinessItem.objects.create(
            handover=handover, section="LEGAL", code="REGISTERED", gate="REGISTERED", hard=True
        ),
        HandoverOption.objects.create(
            handover=handover,
            way="DIRECT",
            cost="x",
            risk="x",
            law="x",
            reach="x",
            written_by=staff,
        ),
        HandoverMove.objects.create(
            handover=handover,
            from_state="OPTIONS",
            to_state="DECIDED",
            moved_date=date(2026, 1, 1),
            moved_by=staff,
        ),
    ]
