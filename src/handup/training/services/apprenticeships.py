"""Apprenticeships: a vetted workshop, an agreement with money in both directions, an outside
assessor.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.dates import age_on
from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.org import audit
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.people.models import Enterprise
from handup.projects.models import Organisation
from handup.training.models import (
    ApprenticeshipAgreement,
    Cohort,
    Enrolment,
    SkillLevel,
    Workshop,
)
from handup.training.rules.apprenticeship import (
    HAZARD_AGE,
    MAX_APPRENTICES,
    TERM_MONTHS,
    Money,
    master_of,
    names_trade,
    same_name,
    skills_met,
    stipend_shortfall,
    vetted,
)
from handup.training.rules.states import (
    ON_THE_ROLL,
    AgreementForm,
    ApprenticeshipState,
    EnrolmentState,
)
from handup.training.services.apprentices import offer_to_graduates
from handup.training.services.common import (
    chunks,
    known,
    not_before,
    not_to_come,
    require_each,
    same,
    setting,
)
from handup.training.services.judging import GraduationIn, as_kept, final_rows
from handup.training.services.places import as_stored, hold
from handup.training.services.refusals import (
    AssessorFromWorkshop,
    BirthDateMissing,
    GuardianMissing,
    HazardousTrade,
    LogAttendanceShort,
    NotEnrolled,
    NotInThisState,
    ReasonMissing,
    ShortfallNotAcknowledged,
    SkillsNotMet,
    TermOutOfRange,
    UnderLegalAge,
    WitnessesMissing,
    WorkshopFull,
    WorkshopNotVetted,
)

SAME = ("enrolment_id", "workshop_id", "start_date", "term_months")
STAYED = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED)
"""Who may still graduate: not who left; a cohort opened again may have decided before."""
RUNNING = (ApprenticeshipState.SIGNED, ApprenticeshipState.ACTIVE)
Master = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementIn:
    """Terms of one apprenticeship; amounts a month in the smallest unit of `currency`."""

    enrolment: Enrolment
    workshop: Workshop
    trade: str
    start_date: date
    signed_date: date
    currency: str
    term_months: int = 6
    hours_week: int = 40
    on_job_bps: int = 8000
    form: AgreementForm = AgreementForm.WRITTEN
    witnesses: str = ""
    guardian_name: str = ""
    fee_by_apprentice_units: int = 0
    allowance_units: int = 0
    meals_units: int = 0
    wage_units: int = 0
    programme_fee_units: int = 0
    stipend_units: int = 0
    living_cost_units: int = 0
    shortfall_acknowledged: bool = False
    insurance: str = ""
    registration_no: str = ""
    dispute_route: str = ""
    id: UUID = field(default_factory=new_id)


def register_workshop(
    *,
    acting_staff: StaffUser,
    name: str,
    trade: str,
    master_name: str,
    area: Area | None = None,
    organisation: Organisation | None = None,
    enterprise: Enterprise | None = None,
    vetted_date: date | None = None,
    max_apprentices: int = MAX_APPRENTICES,
    id: UUID | None = None,
) -> Workshop:
    """Register a workshop that takes apprentices, with the day it was vetted. Raises AfterToday."""
    require(acting_staff, "training.register_workshop")
    if vetted_date is not None:
        not_to_come(vetted_date, field="vetted_date")
    row = Workshop(
        id=id or new_id(),
        name=name,
        trade=trade,
        master_name=master_name,
        area=area,
        organisation=organisation,
        enterprise=enterprise,
        vetted_date=vetted_date,
        vetted_by=acting_staff if vetted_date else None,
        max_apprentices=max_apprentices,
    )
    existing: Workshop | None = Workshop.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, ("name", "trade", "master_name"))
    with transaction.atomic():
        row.save(force_insert=True)
        require(acting_staff, "training.register_workshop", row)
        audit.record(acting_staff, "training.register_workshop", row)
    return row


def sign_apprenticeship(*, acting_staff: StaffUser, terms: AgreementIn) -> ApprenticeshipAgreement:
    """Sign one apprenticeship agreement.

    Raises TermOutOfRange, BirthDateMissing, UnderLegalAge, GuardianMissing, HazardousTrade,
    WitnessesMissing, WorkshopNotVetted, WorkshopFull, ShortfallNotAcknowledged, NotEnrolled,
    AfterToday.
    """
    return sign_apprenticeships(acting_staff=acting_staff, items=[terms])[0]


def sign_apprenticeships(
    *, acting_staff: StaffUser, items: Sequence[AgreementIn]
) -> list[ApprenticeshipAgreement]:
    """Sign many agreements at once, all or none."""
    cohorts = {item.enrolment.cohort_id: item.enrolment.cohort for item in items}
    require_each(acting_staff, "training.sign_apprenticeship", list(cohorts.values()))
    before = known(ApprenticeshipAgreement, [item.id for item in items])
    new = [item for item in items if item.id not in before]
    for item in new:
        _refuse_terms(item)
    _refuse_ages((item, item.start_date) for item in new)
    rows = [_agreement(acting_staff, item) for item in items]
    fresh = [row for row in rows if row.pk not in before]
    with transaction.atomic():
        _refuse_full(acting_staff, new)
        ApprenticeshipAgreement.objects.bulk_create(fresh, batch_size=100)
        audit.record_many(
            audit.line(acting_staff, "training.sign_apprenticeship", row) for row in fresh
        )
    return [same(before[row.pk], row, SAME) if row.pk in before else row for row in rows]


def start_apprenticeships(
    *, acting_staff: StaffUser, agreements: Sequence[ApprenticeshipAgreement], started_date: date
) -> list[ApprenticeshipAgreement]:
    """Say that apprentices began in their workshops; this is their step STARTED.

    Raises NotInThisState, AfterToday, and as at signing BirthDateMissing, UnderLegalAge,
    GuardianMissing and HazardousTrade on the day they began.
    """
    require_each(acting_staff, "training.start_apprenticeship", _cohorts(agreements))
    not_to_come(started_date, field="started_date")
    _refuse_ages((row, started_date) for row in agreements)
    with transaction.atomic():
        _hold(agreements)
        for row in agreements:
            if row.state != ApprenticeshipState.SIGNED:
                raise NotInThisState(state=row.get_state_display())
        begun = []
        for row in agreements:
            row.state = ApprenticeshipState.ACTIVE
            row.started_date = started_date
            if row.enrolment.started_date is None:
                row.enrolment.started_date = started_date
                begun.append(row.enrolment)
        ApprenticeshipAgreement.objects.bulk_update(
            agreements, ("state", "started_date"), batch_size=200
        )
        Enrolment.objects.bulk_update(begun, ("started_date",), batch_size=300)
        audit.record_many(
            audit.line(acting_staff, "training.start_apprenticeship", row) for row in agreements
        )
    return list(agreements)


def graduate_apprentices(
    *, acting_staff: StaffUser, items: Sequence[GraduationIn]
) -> list[ApprenticeshipAgreement]:
    """Graduate apprentices whose every skill is at least "alone", by the log and an outside
    assessor.

    The enrolment is completed on the day of the assessment; management training, skills of
    associations and a referral for credit are offered by itself. Raises SkillsNotJudged,
    SkillsNotMet, AssessorFromWorkshop, LogDueMissing, LogAttendanceShort, NotInThisState,
    NotEnrolled, CohortClosed, AfterToday.
    """
    agreements = [item.agreement for item in items]
    require_each(acting_staff, "training.graduate_apprentice", _cohorts(agreements))
    items = [as_kept(item) for item in items]
    with transaction.atomic():
        hold(_cohorts(agreements))
        as_stored([row.enrolment for row in agreements])
        _hold(agreements)
        for item in items:
            _refuse_graduation(item)
        SkillLevel.objects.bulk_create(
            [row for item in items for row in final_rows(acting_staff, item)], batch_size=200
        )
        for item in items:
            _graduate(item)
        ApprenticeshipAgreement.objects.bulk_update(agreements, GRADUATED_FIELDS, batch_size=80)
        Enrolment.objects.bulk_update(
            [row.enrolment for row in agreements],
            ("state", "completed_date", "ended_date"),
            batch_size=200,
        )
        audit.record_many(
            audit.line(acting_staff, "training.graduate_apprentice", row) for row in agreements
        )
        for item in items:
            offer_to_graduates(acting_staff, [item.agreement], item.assessed_date)
    return agreements


def end_apprenticeship(
    *, acting_staff: StaffUser, agreement: ApprenticeshipAgreement, ended_date: date, reason: str
) -> ApprenticeshipAgreement:
    """End an apprenticeship early, with the reason."""
    require(acting_staff, "training.end_apprenticeship", agreement)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    not_before(ended_date, agreement.signed_date, field="ended_date")
    not_to_come(ended_date, field="ended_date")
    with transaction.atomic():
        _hold([agreement])
        if agreement.state not in RUNNING:
            raise NotInThisState(state=agreement.get_state_display())
        agreement.state = ApprenticeshipState.TERMINATED
        agreement.ended_date = ended_date
        agreement.end_reason = reason.strip()
        agreement.save(update_fields=("state", "ended_date", "end_reason"))
        audit.record(acting_staff, "training.end_apprenticeship", agreement)
    return agreement


GRADUATED_FIELDS = (
    "state",
    "assessed_date",
    "ended_date",
    "lowest_skill",
    "log_attended",
    "log_due",
    "assessor",
    "assessor_name",
    "assessor_workshop",
)


def _graduate(item: GraduationIn) -> None:
    row = item.agreement
    row.state = ApprenticeshipState.GRADUATED
    row.assessed_date = row.ended_date = item.assessed_date
    row.lowest_skill = min(item.skills)
    row.log_attended, row.log_due = item.log_attended, item.log_due
    row.assessor, row.assessor_name = item.assessor, item.assessor_name
    row.assessor_workshop = item.assessor_workshop
    row.enrolment.state = EnrolmentState.COMPLETED
    row.enrolment.completed_date = row.enrolment.completed_date or item.assessed_date
    row.enrolment.ended_date = item.assessed_date


def _hold(agreements: Sequence[ApprenticeshipAgreement]) -> None:
    """Hold agreements until the transaction ends, and bring their states up to what is stored."""
    for part in chunks(sorted(row.pk for row in agreements)):
        rows = ApprenticeshipAgreement.objects.select_for_update().filter(pk__in=part)
        states = dict(rows.order_by("pk").values_list("pk", "state"))
        for row in agreements:
            row.state = states.get(row.pk, row.state)


def _cohorts(agreements: Iterable[ApprenticeshipAgreement]) -> list[Cohort]:
    return list({row.enrolment.cohort_id: row.enrolment.cohort for row in agreements}.values())


def _agreement(staff: StaffUser, item: AgreementIn) -> ApprenticeshipAgreement:
    terms = {name: getattr(item, name) for name in AgreementIn.__slots__}
    return ApprenticeshipAgreement(**terms, state=ApprenticeshipState.SIGNED, recorded_by=staff)


def _refuse_terms(item: AgreementIn) -> None:
    if item.enrolment.state not in ON_THE_ROLL:
        raise NotEnrolled(field="enrolment", person=item.enrolment.person)
    not_to_come(item.signed_date, field="signed_date")
    if item.term_months not in TERM_MONTHS:
        raise TermOutOfRange(field="term_months", months=item.term_months)
    if item.form is AgreementForm.ORAL:
        names = [name for name in item.witnesses.split(",") if name.strip()]
        if len(names) < 2:
            raise WitnessesMissing(field="witnesses")
    if not vetted(item.workshop.vetted_date, item.signed_date):
        raise WorkshopNotVetted(field="workshop", workshop=item.workshop)
    short = stipend_shortfall(Money(item.stipend_units, item.living_cost_units))
    if short and not item.shortfall_acknowledged:
        raise ShortfallNotAcknowledged(field="shortfall_acknowledged", shortfall=short)


def _refuse_ages(begins: Iterable[tuple[AgreementIn | ApprenticeshipAgreement, date]]) -> None:
    """Refuse who is too young on the day she begins, which may be another than the agreed one."""
    legal_age: int = setting("training.legal_age", 15)
    hazards: list[str] = setting("training.hazardous_trades", [])
    for item, day in begins:
        _refuse_age(item, day, legal_age, hazards)


def _refuse_age(
    item: AgreementIn | ApprenticeshipAgreement, day: date, legal_age: int, hazards: Sequence[str]
) -> None:
    person = item.enrolment.person
    if person.birth_date is None:
        raise BirthDateMissing(field="enrolment", person=person)
    age = age_on(person.birth_date, day)
    if age < legal_age:
        raise UnderLegalAge(field="enrolment", person=person, age=age, limit=legal_age)
    trades = (item.trade, item.workshop.trade)
    if age < HAZARD_AGE and any(names_trade(own, one) for own in trades for one in hazards):
        raise HazardousTrade(field="trade", trade=item.trade)
    if age < HAZARD_AGE and not item.guardian_name.strip():
        raise GuardianMissing(field="guardian_name", person=person, age=HAZARD_AGE)


def _refuse_full(staff: StaffUser, items: Sequence[AgreementIn]) -> None:
    """Count the apprentices whom this staff user may know of, as places of a course are: those of a
    workshop, and those of its master in every workshop of the same master.
    """
    limits, masters = _limits([item.workshop for item in items])
    list(Workshop.objects.select_for_update().filter(pk__in=list(limits)).order_by("pk"))
    most: dict[UUID | Master, int] = {}
    for pk, limit in limits.items():
        most[pk] = limit
        most[masters[pk]] = max(limit, most.get(masters[pk], 0))
    taken: Counter[UUID | Master] = Counter()
    running = ApprenticeshipAgreement.objects.filter(
        state__in=RUNNING, workshop__in=list(limits)
    ).exclude(enrolment__person_id__in=hidden_from(staff))
    for workshop_id in running.values_list("workshop_id", flat=True):
        for who in (workshop_id, masters[workshop_id]):
            taken[who] += 1
    for item in items:
        workshop = item.workshop
        for who in (workshop.pk, masters[workshop.pk]):
            taken[who] += 1
            if taken[who] > most[who]:
                raise WorkshopFull(field="workshop", workshop=workshop, limit=most[who])


def _limits(asked: Sequence[Workshop]) -> tuple[dict[UUID, int], dict[UUID, Master]]:
    """How many apprentices each of some workshops, and each other one of their masters, takes, and
    who its master is; whom nobody named is the master of one workshop alone.
    """
    wanted = {master_of(row.master_name) for row in asked} - {()}
    own = {row.pk for row in asked}
    limits: dict[UUID, int] = {}
    masters: dict[UUID, Master] = {}
    for pk, name, limit in Workshop.objects.values_list("pk", "master_name", "max_apprentices"):
        master = master_of(name)
        if pk in own or master in wanted:
            limits[pk], masters[pk] = limit, master or (str(pk),)
    return limits, masters


def _from_inside(item: GraduationIn, workshop: Workshop) -> bool:
    """The master, however the name is written, or anybody of the workshop, its enterprise or its
    organisation.
    """
    names = [item.assessor_name]
    if item.assessor is not None:
        names.append(item.assessor.display_name)
    if any(same_name(name, workshop.master_name) for name in names):
        return True
    own = item.assessor_workshop
    if own is None:
        return False
    return (
        own.pk == workshop.pk
        or (own.enterprise_id is not None and own.enterprise_id == workshop.enterprise_id)
        or (own.organisation_id is not None and own.organisation_id == workshop.organisation_id)
        or same_name(own.master_name, workshop.master_name)
    )


def _refuse_graduation(item: GraduationIn) -> None:
    row = item.agreement
    if row.state != ApprenticeshipState.ACTIVE:
        raise NotInThisState(state=row.get_state_display())
    if row.enrolment.state not in STAYED:
        raise NotEnrolled(field="enrolment", person=row.enrolment.person)
    if not item.assessor_name.strip() or _from_inside(item, row.workshop):
        raise AssessorFromWorkshop(field="assessor_name")
    if not skills_met(item.skills):
        raise SkillsNotMet(field="skills")
    threshold = row.enrolment.cohort.course.threshold_bps
    if item.log_due < 1 or item.log_attended * WHOLE_BPS < item.log_due * threshold:
        raise LogAttendanceShort(field="log_attended", attended=item.log_attended, due=item.log_due)
    not_before(item.assessed_date, row.started_date, field="assessed_date")
    not_to_come(item.assessed_date, field="assessed_date")
