"""What an appraiser's own phone carries: the applications that wait for her, with the facts of the
plan behind each. The decision stays at the office."""

from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from handup.kernel.money import decimal_text_or_none
from handup.lending.models import Application
from handup.lending.nameless import named_only
from handup.lending.rules.eligibility import Grid
from handup.lending.rules.terms import read_terms
from handup.lending.waiting import Step, waiting_for
from handup.org.duties import asks_reason
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits
from handup.people.models import Person
from handup.plans.queries import figures_of
from handup.plans.rules.figures import VersionFigures

APPRAISE = Step.APPRAISE.value
MOST = 40


def appraisals_of(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    """The applications of persons that wait for a reader's appraisal, the oldest first: of her own
    office where she has one; and the persons they name."""
    if not grants_for(reader, APPRAISE):
        return [], []
    rows = (
        Application.objects.reached_with(reader, APPRAISE)
        .filter(person__in=Person.objects.reached_with(reader, APPRAISE))
        .filter(person__erased_date=None)
        .select_related("person__area", "product_version__product")
    )
    if reader.home_office_id is not None:
        rows = rows.filter(Q(office=reader.home_office_id) | Q(office=None))
    today = timezone.localdate()
    found = list(islice(waiting_for(Step.APPRAISE, named_only(rows, reader), reader, today), MOST))
    figures = figures_of(row.plan_version_id for row in found if row.plan_version_id)
    told = [_told(row, _of(figures, row.plan_version_id)) for row in found]
    return told, [row.person_id for row in found if row.person_id]


def _of(figures: dict[UUID, VersionFigures], version: UUID | None) -> VersionFigures | None:
    return None if version is None else figures.get(version)


def _told(row: Application, figures: VersionFigures | None) -> dict[str, Any]:
    person = row.person
    return {
        "application_id": row.pk,
        "code": row.code,
        "person_id": row.person_id,
        "person_no": person.registration_no if person else "",
        "name": str(person or ""),
        "village": str(person.area or "") if person else "",
        "product": row.product_version.product.name,
        "currency": row.currency,
        "currency_digits": currency_digits(row.currency),
        "asked_units": row.asked_units,
        "least_units": read_terms(row.product_version.terms).principal_min_units,
        "instalments": row.instalments,
        "purpose": row.purpose,
        "submitted_date": row.submitted_date,
        "criteria": list(Grid.of(row.product_version.grid).weights),
        "asks_reason": asks_reason(APPRAISE, row.asked_units),
        "facts": None if figures is None or figures.currency != row.currency else _facts(figures),
    }


def _facts(figures: VersionFigures) -> dict[str, Any]:
    """What the plan behind it comes to, as a loan is judged by it."""
    return {
        "net_cash_units": figures.net_cash_units,
        "max_instalment_units": figures.max_instalment_units,
        "max_loan_units": figures.max_loan_units,
        "smallest_loan_units": figures.smallest_loan_units,
        "lowest_cash_units": figures.lowest_cash_units,
        "months_in_red": len(figures.months_in_red),
        "months": len(figures.months),
        "cover": decimal_text_or_none(figures.plan_dscr, 2),
        "too_indebted": figures.too_indebted,
    }
