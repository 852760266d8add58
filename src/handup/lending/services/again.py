"""A borrower's next loan: what it may be, and asking for it by saying only what changed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handup.kernel.errors import Refusal
from handup.lending.models import Application, Loan, ProductVersion
from handup.lending.rules.codes import LoanState
from handup.lending.rules.eligibility import Preconditions, cycle_limit
from handup.lending.rules.repeat import LoanStep, least, step_of
from handup.lending.rules.terms import read_terms
from handup.lending.services.applications import ApplicationIn, apply_for_loans, loans_before
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.models import PlanVersion

ASK = "lending.apply_for_loan"
AFTER = (LoanState.ACTIVE.value, LoanState.SETTLED.value, LoanState.REFINANCED.value)
"""Where a loan stands after which its borrower may ask for the next one."""


class NoLoanToFollow(Refusal):
    """Nothing was borrowed with loan {code}: the next one is asked for as a first one is."""


class NotOfferedAgain(Refusal):
    """The product of loan {code} is not offered any more: choose another one."""


@dataclass(frozen=True, slots=True)
class NextLoan:
    """What a borrower's next loan of the same product may be, on a day; None = not limited."""

    number: int
    version: ProductVersion
    most_units: int | None
    most_instalments: int | None


def next_loan(loan: Loan, on: date) -> NextLoan:
    """The number of the borrower's next loan and what the product's version of that day lets it be.
    Raises NoLoanToFollow, NotOfferedAgain.
    """
    if loan.state not in AFTER:
        raise NoLoanToFollow(code=loan.code)
    version = _offered(loan, on)
    if version is None:
        raise NotOfferedAgain(code=loan.code)
    number = loans_before(loan, on) + 1
    pre, terms = Preconditions.of(version.eligibility), read_terms(version.terms)
    step = step_of(pre.steps, number) or LoanStep(number)
    by_cycle = cycle_limit(terms.cycle_limits, number)
    return NextLoan(
        number,
        version,
        least(terms.principal_max_units, by_cycle, step.units),
        least(pre.instalments_max, step.instalments),
    )


def _offered(loan: Loan, on: date) -> ProductVersion | None:
    """The version of the loan's product that is offered on a day."""
    if loan.product_version is None:
        return None
    rows = ProductVersion.objects.filter(
        product=loan.product_version.product_id,
        product__active=True,
        approved_by__isnull=False,
        effective_date__lte=on,
    )
    return rows.select_related("product__lender").order_by("-effective_date", "-number").first()


def apply_again(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    units: int,
    submitted_date: date,
    instalments: int | None = None,
    purpose: str = "",
    plan_version: PlanVersion | None = None,
    savings_units: int = 0,
    id: UUID | None = None,
) -> Application:
    """Ask for the loan that follows one of the same borrower: product, programme, office and
    officer are those of the loan before; so are instalments and purpose where nothing else is said.

    units and savings_units in smallest units of the loan's currency. Raises what apply_for_loans
    refuses (StopRule names the step that is passed), NoLoanToFollow, NotOfferedAgain.
    """
    require(acting_staff, ASK, loan)
    before = _asked_before(loan)
    again = instalments or (before.instalments if before else 0)
    wanted = purpose.strip() or (before.purpose if before else "")
    told: dict[str, object] = {"instalments": instalments} if instalments else {}
    who = {"person": loan.person, "enterprise": loan.enterprise, "group": loan.group}
    stored = already_stored(
        Application,
        id,
        acting_staff,
        asked_units=units,
        submitted_date=submitted_date,
        programme=loan.programme,
        **who,
        **told,
        purpose=wanted,
    )
    if stored is not None:
        require(acting_staff, ASK, stored)
        return stored
    found = next_loan(loan, submitted_date)
    if not instalments:
        again = least(again or read_terms(loan.terms).instalments, found.most_instalments) or again
    item = ApplicationIn(
        programme=loan.programme,
        product_version=found.version,
        units=units,
        instalments=again,
        purpose=wanted,
        submitted_date=submitted_date,
        person=loan.person,
        enterprise=loan.enterprise,
        group=loan.group,
        office=loan.office,
        officer=loan.officer,
        advisor=acting_staff,
        plan_version=plan_version,
        savings_units=savings_units,
        savings_seen_date=submitted_date if savings_units else None,
        id=id,
    )
    return apply_for_loans([item], acting_staff=acting_staff)[0]


def _asked_before(loan: Loan) -> Application | None:
    return None if loan.agreement is None else loan.agreement.application
