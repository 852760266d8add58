"""The credit programme: outreach, families, the course, loans through the partner bank,
monitoring."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from handup.demo.business_plans import begin_plans, write_plans
from handup.demo.chance import chosen, number
from handup.demo.credit_plan import PlannedLoan, plan_loans
from handup.demo.foundation import Ground
from handup.demo.people import Family, Progress, household_in, person_in, register_families
from handup.demo.profiles import CreditSize
from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.ledger.models import Book
from handup.ledger.rules.words import BookKind
from handup.ledger.services import Part, Source, fact_lines, open_book, post_entry
from handup.lending import services as lending
from handup.lending.models import Application, Loan, LoanDue, ProductVersion
from handup.lending.rules.codes import LenderMode, Method, Outcome
from handup.lending.rules.codes import Source as Door
from handup.lending.rules.offer import Asked
from handup.lending.rules.terms import read_terms
from handup.org.plain import rows_where
from handup.org.rules.access import Role
from handup.people.rules import codes as c
from handup.people.services import (
    EnquiryIn,
    publish_rule,
    record_enquiries,
    set_poverty_line,
    start_campaign,
)

SEED = "AM"
INCOME = 120_00
LOW_INCOME = 45_00
CAPITAL, PLACED = 4_000_000_00, 2_000_000_00
RULE: dict[str, Any] = {
    "all": [
        {"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"},
        {
            "any": [
                {
                    "fact": "statuses",
                    "op": "has_any",
                    "value": [
                        "REFUGEE",
                        "ASYLUM_SEEKER",
                        "IDP",
                        "RETURNEE",
                        "RETURNED_ASYLUM_SEEKER",
                    ],
                    "reason": "NO_TARGET_STATUS",
                },
                {"fact": "woman_head", "op": "==", "value": True, "reason": "NO_TARGET_STATUS"},
                {"fact": "low_income", "op": "==", "value": True, "reason": "NO_TARGET_STATUS"},
            ]
        },
    ]
}
TERMS: dict[str, Any] = {
    "preset": "handup-declining",
    "currency": "USD",
    "rate_ppm": 120_000,
    "day_count": "MONTHS_12",
    "principal_min_units": 100_00,
    "principal_max_units": 5_000_00,
}


@dataclass(frozen=True, slots=True)
class CreditWorld:
    """What the credit programme made: families, loans, and the plan they follow."""

    families: list[Family]
    loans: list[Loan]
    plan: list[PlannedLoan]


def load_credit(
    ground: Ground, size: CreditSize, progress: Progress, pool: Executor | None = None
) -> CreditWorld:
    """Load the whole programme; `progress` is told how many records were done, `pool` works out
    ahead what can be."""
    plan = plan_loans(size)
    families = load_families(ground, size, plan, progress)
    loans = load_loans(ground, families, plan, progress, pool)
    return CreditWorld(families, loans, plan)


def registered_dates(size: CreditSize, plan: Sequence[PlannedLoan]) -> list[date]:
    """A family is registered on a registration day about four months before its first loan; those
    without a loan in the last year.
    """
    first: dict[int, date] = {}
    for loan in plan:
        first[loan.family] = min(first.get(loan.family, loan.disbursed), loan.disbursed)
    return [
        registration_day(
            first[place] - timedelta(days=120)
            if place in first
            else date(2004, 9, 1) + timedelta(days=number("late-family", place, 200))
        )
        for place in range(size.families)
    ]


def registration_day(day: date) -> date:
    """The desk is open on the 5th and the 20th of each month."""
    return day.replace(day=5 if day.day < 20 else 20)


def load_families(
    ground: Ground, size: CreditSize, plan: Sequence[PlannedLoan], progress: Progress
) -> list[Family]:
    """Register the families that came through the media, and let the programme's rule decide."""
    cast = ground.cast
    publish_rule(
        acting_staff=cast[Role.MANAGER],
        programme=ground.programme,
        title="Refugees, returnees, displaced, women heading households, low income",
        tree=RULE,
        valid_from=date(1997, 1, 1),
        appeal_route="Write to the programme office; somebody else decides.",
    )
    set_poverty_line(
        acting_staff=cast[Role.MANAGER],
        programme=ground.programme,
        from_date=date(1997, 1, 1),
        per_head_units=100_00,
        currency="USD",
        source="Demonstration",
    )
    dates = registered_dates(size, plan)
    load_outreach(ground, dates)
    towns = ground.below("TOWN")
    households = []
    for place in range(size.families):
        person = person_in(
            ground,
            code=f"{place + 1:04d}",
            seed=SEED,
            place=place,
            registered=dates[place],
            area=towns[number("town", place, len(towns))],
        )
        is_host = [status.status for status in person.statuses] == [c.LegalStatusKind.HOST]
        income = LOW_INCOME if is_host else INCOME
        households.append(household_in(ground, person, seed=SEED, place=place, income=income))
    return register_families(ground, households, decided=True, progress=progress)


def load_outreach(ground: Ground, dates: Sequence[date]) -> None:
    """One media campaign a year, and the enquiries it brought."""
    cast = ground.cast
    years = sorted({day.year for day in dates})
    campaigns = {
        year: start_campaign(
            acting_staff=cast[Role.OUTREACH],
            programme=ground.programme,
            code=f"MEDIA-{year}",
            title=f"Local newspapers and television {year}",
            channel=c.Channel.MEDIA,
            language="hy",
            start_date=date(year, 1, 5),
            cost_units=1_200_00,
            currency="USD",
        )
        for year in years
    }
    record_enquiries(
        acting_staff=cast[Role.OUTREACH],
        items=[
            EnquiryIn(
                programme=ground.programme,
                enquiry_date=dates[place] - timedelta(days=3),
                channel=c.Channel.MEDIA,
                campaign=campaigns[dates[place].year]
                if dates[place].timetuple().tm_yday > 10
                else None,
                wish="Start a small business",
            )
            for place in range(0, len(dates), 4)
        ],
    )


def load_loans(
    ground: Ground,
    families: Sequence[Family],
    plan: Sequence[PlannedLoan],
    progress: Progress,
    pool: Executor | None = None,
) -> list[Loan]:
    """Plan, ask, appraise, decide, sign, pay out and repay every planned loan, oldest first."""
    version = open_lending(ground)
    in_order = sorted(plan, key=lambda loan: (loan.disbursed, loan.number))
    if pool is not None:
        begin_plans(ground, families, in_order, pool)
        lending.make_offers_ahead(pool, [_asked(version, item) for item in in_order])
    made: dict[int, Loan] = {}
    for start in range(0, len(in_order), 250):
        chunk = in_order[start : start + 250]
        loans = _lend(ground, version, families, chunk)
        _repay(ground, chunk, loans)
        made.update({item.number: loan for item, loan in zip(chunk, loans, strict=True)})
        progress(len(chunk))
    _write_off(ground, [(made[item.number], item) for item in plan if item.is_written_off])
    return [made[item.number] for item in plan]


def open_lending(ground: Ground) -> ProductVersion:
    """The partner bank that lends the programme's money, its facility and the product."""
    cast = ground.cast
    book = open_book(
        acting_staff=cast[Role.FINANCE_MANAGER],
        code=ground.programme.code,
        name=ground.programme.title,
        kind=BookKind.PROGRAMME,
        base_currency=ground.programme.currency,
        programme_id=ground.programme.pk,
    )
    post(ground, book, "CAPITAL_RECEIVED", CAPITAL, date(1997, 6, 2))
    lender = lending.open_lender(
        acting_staff=cast[Role.FINANCE_MANAGER],
        code="AM-BANK-1",
        name="Partner bank (demonstration)",
        mode=LenderMode.BANK_FACILITY,
        currency=ground.programme.currency,
        active_from=date(1997, 6, 2),
        organisation=ground.organisations["AM-BANK-1"],
        programme=ground.programme,
        book=book,
    )
    lending.place_facility(
        acting_staff=cast[Role.FINANCE_MANAGER],
        lender=lender,
        limit_units=PLACED,
        signed_date=date(1997, 6, 2),
        revolving=True,
    )
    post(ground, book, "FACILITY_PLACED", PLACED, date(1997, 6, 2))
    version = lending.propose_product(
        acting_staff=cast[Role.FINANCE_MANAGER],
        code="AM-START",
        name="Loan to start or restart a business",
        lender=lender,
        programme=ground.programme,
        terms=TERMS,
        effective_date=date(1997, 6, 2),
        eligibility={"certificate_required": False},
        bands=[{"members": 1, "quorum": 1}],
    )
    return lending.approve_product(
        acting_staff=cast[Role.DIRECTOR], version=version, approved_date=date(1997, 6, 2)
    )


def _asked(version: ProductVersion, item: PlannedLoan) -> Asked:
    terms = read_terms(version.terms, instalments=item.term_months)
    return Asked(terms, item.amount_units, item.disbursed)


def post(ground: Ground, book: Book, kind: str, units: int, on: date) -> None:
    """Post money that came in from funders, or was placed with the partner bank for lending."""
    post_entry(
        acting_staff=ground.cast[Role.FINANCE_MANAGER],
        book=book,
        kind=kind,
        source=Source("demo", kind, new_id()),
        lines=fact_lines(kind, {"AMOUNT": Part(units)}),
        happened_date=on,
        remark="Demonstration",
    )


def _lend(
    ground: Ground,
    version: ProductVersion,
    families: Sequence[Family],
    plan: Sequence[PlannedLoan],
) -> list[Loan]:
    cast = ground.cast
    write_plans(ground, families, plan)
    applications = _apply(ground, version, families, plan)
    lending.appraise_applications(
        [
            lending.AppraisalIn(
                application=row,
                appraised_date=item.disbursed - timedelta(days=20),
                recommendation=Outcome.APPROVE,
                recommended_units=item.amount_units,
            )
            for row, item in zip(applications, plan, strict=True)
        ],
        acting_staff=cast[Role.APPRAISER],
        source=Door.DEMONSTRATION,
    )
    lending.decide_applications(
        [
            lending.DecisionIn(
                application=row,
                outcome=Outcome.APPROVE,
                decided_date=item.disbursed - timedelta(days=10),
                approved_units=item.amount_units,
            )
            for row, item in zip(applications, plan, strict=True)
        ],
        acting_staff=cast[Role.COMMITTEE],
        source=Door.DEMONSTRATION,
    )
    loans = lending.sign_agreements(
        [
            lending.AgreementIn(
                application=row,
                signed_date=item.disbursed - timedelta(days=2),
                start_date=item.disbursed,
            )
            for row, item in zip(applications, plan, strict=True)
        ],
        acting_staff=cast[Role.LOAN_OFFICER],
        source=Door.DEMONSTRATION,
    )
    lending.disburse_loans(
        [
            lending.DisbursementIn(
                loan=loan.pk,
                value_date=item.disbursed,
                method=Method.BANK,
                source=Door.DEMONSTRATION,
            )
            for loan, item in zip(loans, plan, strict=True)
        ],
        acting_staff=cast[Role.FINANCE_MANAGER],
    )
    return loans


def _apply(
    ground: Ground,
    version: ProductVersion,
    families: Sequence[Family],
    plan: Sequence[PlannedLoan],
) -> list[Application]:
    cast = ground.cast
    return lending.apply_for_loans(
        [
            lending.ApplicationIn(
                programme=ground.programme,
                product_version=version,
                units=item.amount_units,
                instalments=item.term_months,
                purpose="Restart a business" if number("again", item.number, 3) else "Start one",
                submitted_date=item.disbursed - timedelta(days=30),
                person=families[item.family].head,
                office=families[item.family].head.office,
                officer=cast[Role.LOAN_OFFICER],
                advisor=cast[Role.ADVISOR],
            )
            for item in plan
        ],
        acting_staff=cast[Role.LOAN_OFFICER],
    )


class Due(NamedTuple):
    """One instalment: what falls due when."""

    due_date: date
    units: int


def due_rows(loans: Sequence[Loan]) -> dict[Any, list[Due]]:
    """The instalments of loans, oldest first."""
    rows: dict[Any, list[Due]] = {loan.pk: [] for loan in loans}
    for start in range(0, len(loans), 500):
        keys = [loan.pk for loan in loans[start : start + 500]]
        found = LoanDue.objects.filter(loan__in=keys, replaced_at=None).order_by("due_date")
        for loan_id, due_date, principal, interest in found.values_list(
            "loan_id", "due_date", "principal_units", "interest_units"
        ):
            rows[loan_id].append(Due(due_date, principal + interest))
    return rows


def _repay(ground: Ground, plan: Sequence[PlannedLoan], loans: Sequence[Loan]) -> None:
    dues = due_rows(loans)
    items = [
        lending.RepaymentIn(
            loan=loan.pk,
            value_date=row.due_date + timedelta(days=item.days_late),
            units=row.units,
            method=Method.BANK,
            source=Door.DEMONSTRATION,
        )
        for loan, item in zip(loans, plan, strict=True)
        for row in dues[loan.pk][: item.paid_instalments]
    ]
    items.sort(key=lambda item: item.value_date)
    lending.record_repayments(items, acting_staff=ground.cast[Role.ACCOUNTANT])


def _write_off(ground: Ground, pairs: Sequence[tuple[Loan, PlannedLoan]]) -> None:
    """One propose, another approves: the loans of families that moved away."""
    ends = [add_months(item.disbursed, item.term_months) for _loan, item in pairs]
    stored = {loan.pk: loan for loan in rows_where(Loan, "id", [loan.pk for loan, _item in pairs])}
    proposals = lending.propose_write_offs(
        [
            lending.WriteOffIn(
                loan=stored[loan.pk],
                proposed_date=end + timedelta(days=200),
                reason="Business closed, family moved away",
            )
            for (loan, _item), end in zip(pairs, ends, strict=True)
        ],
        acting_staff=ground.cast[Role.MANAGER],
    )
    lending.write_off_loans(
        [
            lending.WriteOffDecisionIn(proposal=row, value_date=end + timedelta(days=210))
            for row, end in zip(proposals, ends, strict=True)
        ],
        acting_staff=ground.cast[Role.FINANCE_MANAGER],
    )


def trained_places(size: CreditSize) -> list[int]:
    """Which families send somebody through the whole course."""
    return sorted(chosen("trained", size.families, size.trained))
