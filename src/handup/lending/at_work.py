"""What lending tells the register of the qualified: which appraisers appraised lately and which of
their appraisals another person signed below; that who lapsed appraises no more; and which product
financed a plan, by which its visits are planned.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import F

from handup.kernel.named_lists import add_once
from handup.lending.errors import AppraiserLapsed
from handup.lending.models import Appraisal, Loan
from handup.org.models import StaffUser
from handup.plans.models import Plan
from handup.plans.services import visit_calendar
from handup.training import qualified
from handup.training.rules.ladder import Field, Proof


def appraised(field: Field, staff: Collection[UUID], since: date, on: date) -> set[UUID]:
    """Which of these staff appraised an application after one day and up to another."""
    if field is not Field.APPRAISER:
        return set()
    rows: Iterable[UUID] = Appraisal._base_manager.filter(
        appraiser__in=list(staff), appraised_date__gt=since, appraised_date__lte=on
    ).values_list("appraiser_id", flat=True)
    return set(rows)


def signed_below(
    proof: Proof, staff: Collection[UUID], until: date
) -> Mapping[UUID, Collection[str]]:
    """The codes of the applications these staff appraised and another person decided as they had
    recommended.
    """
    if proof is not Proof.APPRAISAL_COSIGNED:
        return {}
    rows = Appraisal._base_manager.filter(
        appraiser__in=list(staff),
        application__decisions__decided_date__lte=until,
        application__decisions__decided_date__gte=F("appraised_date"),
        application__decisions__outcome=F("recommendation"),
    ).exclude(application__decisions__decided_by=F("appraiser"))
    found: dict[UUID, set[str]] = {}
    for appraiser, code in rows.values_list("appraiser_id", "application__code"):
        found.setdefault(appraiser, set()).add(code)
    return found


def refuse_lapsed(staff: StaffUser, days: Iterable[date]) -> None:
    """Who was qualified to appraise and no longer is appraises nothing. Raises AppraiserLapsed."""
    held = qualified.lapsed_holder(Field.APPRAISER, staff.pk, max(days))
    if held is not None:
        raise AppraiserLapsed(name=held.name, day=held.valid_to)


def product_behind(plan: Plan) -> str:
    """The code of the product of the latest loan that rests on a plan; "" for none."""
    rows = Loan._base_manager.filter(agreement__application__plan_version__plan=plan)
    path = "agreement__application__product_version__product__code"
    code: str | None = rows.order_by("-recorded_at", "-id").values_list(path, flat=True).first()
    return code or ""


def register() -> None:
    """Join the lists of who worked and of what shows it."""
    add_once(qualified.worked, appraised)
    add_once(qualified.shown, signed_below)
    add_once(visit_calendar.products, product_behind)
