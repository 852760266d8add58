"""What the plan behind an application suggests for a loan repaid in shares."""

from datetime import date

from handup.kernel.credit.codes import Repayment
from handup.kernel.credit.validity import sample_plan
from handup.lending.models import Application
from handup.lending.rules.seasons import shares_by_season
from handup.lending.rules.terms import read_terms
from handup.plans.queries import figures_of


def suggested_shares(application: Application, start: date) -> tuple[int, ...]:
    """Shares by what the plan leaves each season for instalments; none where the product is not
    repaid in shares or no plan stands behind the application.
    """
    version = application.plan_version_id
    data = application.product_version.terms
    if version is None or read_terms(data).repayment is not Repayment.PRINCIPAL_SHARES:
        return ()
    figures = figures_of([version]).get(version)
    if figures is None or not figures.months:
        return ()
    terms = read_terms(data)
    due_dates = sample_plan(terms, start).due_dates
    available = [month.available_units for month in figures.months]
    return shares_by_season(available, figures.start_month, start, due_dates)
