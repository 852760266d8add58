"""A borrower's next loan: what it may be, and asking for it by saying only what changed."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from handup.kernel.errors import Refusal
from handup.lending.models import Application, Loan, ProductVersion
from handup.lending.rules.codes import LoanState
from handup.lending.rules.eligibility import Preconditions, cycle_limit
from handup.lending.rules.repeat import LoanStep, least, step_of
from handup.lending.rules.terms import read_terms
from handup.lending.services.applications import ApplicationIn, apply_for_loans, loans_before
from handup.lending.services.one_page import apply_on_one_page
from handup.lending.services.taken_over import FoundAgain, beside, found_now, told_before
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
    found: FoundAgain | None = None,
    id: UUID | None = None,
) -> Application:
    """Ask for the loan that follows one of the same borrower: product, programme, office and
    officer are those of the loan before; so are instalments and purpose where nothing else is said.
    What was told before stands beside it, line by line. found: a small loan is appraised at once,
    by another person than its officer, and what is not found anew is as it was.

    Amounts in smallest units of the loan's currency. Raises what apply_for_loans and (with found)
    apply_on_one_page refuse: StopRule names the step passed; NoLoanToFollow, NotOfferedAgain.
    """
    require(acting_staff, ASK, loan)
    before = _asked_before(loan)
    wanted = purpose.strip() or (before.purpose if before else "")
    told = {"instalments": instalments} if instalments else {}
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
    if stored is not None and found is None:
        require(acting_staff, ASK, stored)
        return stored
    following = next_loan(loan, submitted_date)
    item = ApplicationIn(
        programme=loan.programme,
        product_version=following.version,
        units=units,
        instalments=instalments or _within(before, loan, following),
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
    return _ask(item, loan, found, acting_staff)


def _within(before: Application | None, loan: Loan, following: NextLoan) -> int:
    """As many instalments as before, within what the next loan may have."""
    usual = before.instalments if before else read_terms(loan.terms).instalments
    return least(usual, following.most_instalments) or usual


def _ask(
    item: ApplicationIn, loan: Loan, found: FoundAgain | None, staff: StaffUser
) -> Application:
    """Ask for it, appraised at once where something was found, with what was told before."""
    before = told_before(loan, item.product_version, staff)
    seen = None if found is None else found_now(before, found)
    asked = replace(item, told_before=beside(before, item, seen))
    if seen is not None:
        by_officer = replace(asked, advisor=None)
        return apply_on_one_page(acting_staff=staff, asked=by_officer, found=seen)
    return apply_for_loans([asked], acting_staff=staff)[0]


def _asked_before(loan: Loan) -> Application | None:
    return None if loan.agreement is None else loan.agreement.application
