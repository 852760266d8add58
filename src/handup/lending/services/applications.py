"""From asking to signing: apply, appraise, vote, decide, sign; by different persons, each
step audited.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.credit.terms import Terms
from handup.kernel.ids import new_id
from handup.lending import facts as known
from handup.lending.errors import (
    AmountNotPositive,
    LenderNotActive,
    OneBorrower,
    ProductNotOffered,
    ProgrammeUnknown,
    StopRule,
)
from handup.lending.liability import JointLateness, joint_lateness
from handup.lending.models import Application, Loan, ProductVersion
from handup.lending.models.labels import STOP_LABELS
from handup.lending.rules.codes import ApplicationState
from handup.lending.rules.eligibility import (
    AMOUNTS,
    AT_APPLICATION,
    ApplicantFacts,
    AskedLoan,
    Missing,
    Preconditions,
    Stop,
    stops,
)
from handup.lending.rules.plan_checks import PlanCheck
from handup.lending.rules.terms import check_own, read_terms
from handup.lending.services.plans_behind import checks_of, choose_plans
from handup.lending.services.rows import in_chunks, insert_rows, next_codes
from handup.lending.services.savings_before import savings_of
from handup.lending.services.steps import hold_to_day
from handup.lending.signatories import enterprise_facts, group_facts
from handup.org import audit, statements
from handup.org.devices import already_stored
from handup.org.models import Office, StaffUser
from handup.org.permissions import require, require_all
from handup.org.web.money import format_money
from handup.people.models import Enterprise, Person
from handup.people.services.store import refuse_erased
from handup.plans.models import PlanVersion
from handup.plans.queries import figures_of
from handup.plans.rules.figures import VersionFigures
from handup.projects.models import Programme


@dataclass(frozen=True, slots=True)
class ApplicationIn:
    """One request for a loan. units and savings in smallest units of the product's currency.

    plan_version: the plan it rests on; None takes the borrower's newest plan that is ready on that
    day. Who advised that plan is the advisor, whoever is named here.
    """

    programme: Programme | None
    product_version: ProductVersion
    units: int
    instalments: int
    purpose: str
    submitted_date: date
    person: Person | None = None
    enterprise: Enterprise | None = None
    group: Group | None = None
    office: Office | None = None
    officer: StaffUser | None = None
    advisor: StaffUser | None = None
    plan_version: PlanVersion | None = None
    savings_units: int = 0
    savings_seen_date: date | None = None
    told_before: Mapping[str, Any] = field(default_factory=dict)
    id: UUID | None = None


def apply_for_loan(
    *,
    acting_staff: StaffUser,
    programme: Programme | None,
    product_version: ProductVersion,
    units: int,
    instalments: int,
    purpose: str,
    submitted_date: date,
    person: Person | None = None,
    enterprise: Enterprise | None = None,
    group: Group | None = None,
    office: Office | None = None,
    officer: StaffUser | None = None,
    advisor: StaffUser | None = None,
    plan_version: PlanVersion | None = None,
    savings_units: int = 0,
    savings_seen_date: date | None = None,
    id: UUID | None = None,
) -> Application:
    """Ask for one loan: the batch form with one. See apply_for_loans."""
    item = ApplicationIn(
        programme=programme,
        product_version=product_version,
        units=units,
        instalments=instalments,
        purpose=purpose,
        submitted_date=submitted_date,
        person=person,
        enterprise=enterprise,
        group=group,
        office=office,
        officer=officer,
        advisor=advisor,
        plan_version=plan_version,
        savings_units=savings_units,
        savings_seen_date=savings_seen_date,
        id=id,
    )
    return apply_as_told(acting_staff=acting_staff, asked=item)


def apply_as_told(*, acting_staff: StaffUser, asked: ApplicationIn) -> Application:
    """Ask for one loan, told as in a batch; under one id it is the same. See apply_for_loans."""
    content: dict[str, Any] = {"asked_units": asked.units, "instalments": asked.instalments}
    content |= {"submitted_date": asked.submitted_date, "programme": asked.programme}
    content |= {"person": asked.person, "enterprise": asked.enterprise, "group": asked.group}
    stored = already_stored(Application, asked.id, acting_staff, **content)
    if stored is not None:
        require(acting_staff, "lending.apply_for_loan", stored)
        return stored
    return apply_for_loans([asked], acting_staff=acting_staff)[0]


def apply_for_loans(
    items: Sequence[ApplicationIn], *, acting_staff: StaffUser
) -> list[Application]:
    """Ask for loans. What a product asks for and is missing is refused by name, unless a committee
    may waive it.

    Raises NotAllowed, OutOfSight, OneBorrower, PersonErased, ProgrammeUnknown, AmountNotPositive,
    FutureDate, ProductNotOffered, LenderNotActive, BadTerms, PlanOfAnother, PlanNotReady,
    PlanReplaced, PlanOfOtherCurrency, PlanTaken, StopRule (naming every missing item), and what no
    schedule of that many instalments can be made of (TermsDrift, TermsLastTooLarge, NegativeRow …).
    """
    made: list[Application] = []
    for chunk in in_chunks(items):
        made += _apply(chunk, acting_staff)
    return made


def _apply(items: Sequence[ApplicationIn], staff: StaffUser) -> list[Application]:
    made = [_application(item, staff) for item in items]
    require_all(staff, "lending.apply_for_loan", made)
    for item in items:
        hold_to_day(item.submitted_date, "submitted_date")
        check_offered_on(item.product_version, item.submitted_date)
    with statements.together(), transaction.atomic():
        codes = next_codes("APPLICATION", len(made))
        for row, code in zip(made, codes, strict=True):
            row.code = code
        choose_plans(made)
        gathered = gather(made)
        for row in made:
            missing = gathered[row.pk].missing
            refuse_stops((item for item in missing if item.stop in AT_APPLICATION), row.currency)
        insert_rows(made)
        require_all(staff, "lending.apply_for_loan", made)
        mark_used({item.product_version for item in items})
        audit.record_many(
            audit.line(staff, "lending.apply_for_loan", row, {"units": row.asked_units})
            for row in made
        )
    return made


def _application(item: ApplicationIn, staff: StaffUser) -> Application:
    one_borrower(item.person, item.enterprise, item.group)
    refuse_erased(item.person)
    if item.programme is None:
        raise ProgrammeUnknown(field="person")
    if item.units <= 0:
        raise AmountNotPositive(field="units")
    product = read_terms(item.product_version.terms)
    terms = read_terms(item.product_version.terms, instalments=item.instalments)
    check_own(terms, product, item.units)
    found = item.person or item.group or item.enterprise
    return Application(
        id=item.id or new_id(),
        programme=item.programme,
        office=item.office or getattr(found, "office", None),
        officer=item.officer or officer_of(found) or staff,
        advisor=item.advisor,
        plan_version=item.plan_version,
        product_version=item.product_version,
        person=item.person,
        enterprise=item.enterprise,
        group=item.group,
        asked_units=item.units,
        currency=terms.currency,
        instalments=item.instalments,
        purpose=item.purpose,
        savings_units=item.savings_units,
        savings_seen_date=item.savings_seen_date,
        told_before=dict(item.told_before),
        state=ApplicationState.SUBMITTED,
        submitted_date=item.submitted_date,
        expires_date=open_until(item.product_version, item.submitted_date),
    )


def officer_of(borrower: Person | Group | Enterprise | None) -> StaffUser | None:
    """Whose caseload a borrower is on."""
    if isinstance(borrower, Group):
        return borrower.officer
    return borrower.case_officer if borrower is not None else None


def one_borrower(person: Person | None, enterprise: Enterprise | None, group: Group | None) -> None:
    """Refuse a loan without a borrower, or of a group together with somebody else. Raises
    OneBorrower.
    """
    if (group is None) == (person is None and enterprise is None):
        raise OneBorrower(field="person")


def open_until(version: ProductVersion, submitted_date: date) -> date:
    """The last day on which an application of that day can be brought further."""
    days = Preconditions.of(version.eligibility).expires_after_days
    return submitted_date + timedelta(days=days)


def check_offered_on(version: ProductVersion, on: date) -> None:
    """Refuse a version that is not approved or not yet in force, and a lender that does not
    lend.
    """
    if version.approved_by_id is None or on < version.effective_date or not version.product.active:
        raise ProductNotOffered(field="product_version", date=on)
    lender = version.product.lender
    if not lender.lends_on(on):
        raise LenderNotActive(lender=lender.name, date=on)


def mark_used(versions: set[ProductVersion]) -> None:
    """Freeze versions that are used for the first time."""
    unused = [version for version in versions if version.used_at is None]
    if unused:
        now, ids = timezone.now(), [version.pk for version in unused]
        ProductVersion.objects.filter(pk__in=ids, used_at=None).update(used_at=now)
        for version in unused:
            version.used_at = now


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is known of one application: the applicant's facts, the amount, every stop, the plan it
    rests on and how the loan fits it.
    """

    facts: ApplicantFacts
    asked: AskedLoan
    missing: tuple[Missing, ...] = field(default=())
    plan: VersionFigures | None = None
    plan_checks: tuple[PlanCheck, ...] = field(default=())


def gather(rows: Sequence[Application], *, joint: bool = True) -> dict[UUID, Gathered]:
    """Gather facts and stops of applications as of the day each was asked, in a fixed number
    of statements. joint: whether anybody at all may be jointly liable.
    """
    facts: dict[UUID, ApplicantFacts] = {}
    limits: dict[UUID, known.Limits] = {}
    by_lender: dict[UUID, list[Application]] = {}
    for row in rows:
        by_lender.setdefault(row.product_version.product.lender_id, []).append(row)
    for lender_id, asking in by_lender.items():
        lender = asking[0].product_version.product.lender
        limits[lender_id] = known.limits(lender, max(row.submitted_date for row in asking))
        on = {row.pk: row.submitted_date for row in asking}
        facts.update(_borrowers(asking, known.consent_purpose(lender), on))
    asked = {row.pk: row.submitted_date for row in rows}
    late = joint_lateness(rows, asked) if joint else {}
    plans = figures_of({row.plan_version_id for row in rows if row.plan_version_id is not None})
    return {
        row.pk: judge(
            row,
            _with_joint(facts[row.pk], late.get(row.pk)),
            limits[row.product_version.product.lender_id],
            plans.get(row.plan_version_id) if row.plan_version_id is not None else None,
        )
        for row in rows
    }


def _with_joint(facts: ApplicantFacts, late: JointLateness | None) -> ApplicantFacts:
    """Add how late the others are with whom she is liable."""
    if late is None:
        return facts
    return replace(facts, joint_late_days=late.days, joint_days_allowed=late.allowed)


def _borrowers(
    rows: Sequence[Application], sharing: known.Sharing, on: Mapping[UUID, date]
) -> dict[UUID, ApplicantFacts]:
    """What is known on a day of each who asks: the person, else the group or enterprise through
    those who sign for it.
    """
    asks: dict[str, dict[UUID, known.Ask]] = {}
    for row in rows:
        for column in ("person_id", "group_id", "enterprise_id"):
            borrower = getattr(row, column)
            if borrower is not None:
                asks.setdefault(column, {})[row.pk] = known.Ask(borrower, on[row.pk])
                break
    found: dict[UUID, ApplicantFacts] = {}
    for column, gathered in (
        ("person_id", known.person_facts),
        ("group_id", group_facts),
        ("enterprise_id", enterprise_facts),
    ):
        if column in asks:
            found.update(gathered(asks[column], sharing))
    return found


def hold_to_consent(days: Mapping[UUID, date], rows: Sequence[Application]) -> None:
    """Refuse to go on for whoever no longer agrees, on the day of this step, that the lender is
    told; those who sign for a group or an enterprise all agree. Raises StopRule.
    """
    by_lender: dict[UUID, list[Application]] = {}
    for row in rows:
        if Preconditions.of(row.product_version.eligibility).consent_required:
            by_lender.setdefault(row.product_version.product.lender_id, []).append(row)
    for asking in by_lender.values():
        sharing = known.consent_purpose(asking[0].product_version.product.lender)
        persons = {
            row.pk: known.Ask(row.person_id, days[row.pk])
            for row in asking
            if row.person_id is not None
        }
        agreed = dict(known.agreeing(persons, sharing))
        bodies = [row for row in asking if row.person_id is None]
        if bodies:
            found = _borrowers(bodies, sharing, days)
            agreed.update({key: facts.has_consent for key, facts in found.items()})
        if not all(agreed.values()):
            refuse_stops([Missing(Stop.NO_CONSENT, "", "", waivable=False)])


def hold_to_joint(rows: Sequence[Application], days: Mapping[UUID, date]) -> None:
    """Refuse to go on while a member of the joint group is later than the group allows. Raises
    StopRule.
    """
    for late in joint_lateness(rows, days).values():
        if late.days > late.allowed:
            stop = Missing(Stop.JOINT_MEMBER_LATE, str(late.allowed), str(late.days))
            refuse_stops([stop])


def refuse_stops(missing: Iterable[Missing], currency: str = "") -> None:
    """Refuse by the name of every item that is missing and that no committee may waive; `currency`
    of the amounts. Raises StopRule.
    """
    found = [item for item in missing if not item.waivable]
    if found:
        raise StopRule(
            reasons="; ".join(stop_text(item, currency) for item in found),
            stops=[item.stop.value for item in found],
        )


def stop_text(item: Missing, currency: str = "") -> str:
    """One stop as a person reads it, with what was found and what is needed."""
    label = str(STOP_LABELS[item.stop])
    if not item.needed and not item.found:
        return label
    found, needed = item.found, item.needed
    if currency and item.stop in AMOUNTS:
        found, needed = (text and format_money(int(text), currency) for text in (found, needed))
    return f"{label} ({found or '–'} / {needed or '–'})"


def judge(
    row: Application, facts: ApplicantFacts, limit: known.Limits, plan: VersionFigures | None
) -> Gathered:
    """Ask the rules what stops one application, and how it fits its plan."""
    version = row.product_version
    terms = read_terms(version.terms)
    pre = Preconditions.of(version.eligibility).with_share_of_terms(terms.savings_ppm)
    facts = known.with_plan(known.with_savings(facts, savings_of(row, terms)), plan)
    asked = replace(asked_loan(terms, row.asked_units, limit), instalments=row.instalments)
    return Gathered(facts, asked, stops(pre, facts, asked), plan, checks_of(row, plan))


def loans_before(loan: Loan, on: date) -> int:
    """How many loans were paid out by a day to who borrows with a loan."""
    for column in ("person_id", "group_id", "enterprise_id"):
        whose = getattr(loan, column)
        if whose is not None:
            return known.lending_history(known.loans_of(column, [whose])[whose], on)[1]
    return 0


def asked_loan(terms: Terms, units: int, limit: known.Limits) -> AskedLoan:
    """The amount beside the product's and the lender's limits."""
    return AskedLoan(
        units=units,
        minimum_units=terms.principal_min_units,
        maximum_units=terms.principal_max_units,
        multiple_units=terms.principal_multiple_units,
        cycle_limits=terms.cycle_limits,
        facility_available_units=limit.facility_units,
        guarantee_available_units=limit.guarantee_units,
    )
