"""An application that was sent back, or that expired, is asked anew once what it lacked is
there.
"""

from datetime import date

from django.db import transaction

from handup.lending.errors import NotWaitingForThis
from handup.lending.models import Application
from handup.lending.models.labels import APPLICATION_STATES
from handup.lending.rules.codes import ApplicationState
from handup.lending.rules.eligibility import AT_APPLICATION
from handup.lending.rules.expiry import OPEN
from handup.lending.services.applications import (
    check_offered_on,
    gather,
    open_until,
    refuse_stops,
)
from handup.lending.services.decisions import lock_waiting
from handup.lending.services.plans_behind import refuse_taken
from handup.lending.services.steps import hold_to_day
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require

AGAIN_FROM = (ApplicationState.RETURNED, ApplicationState.EXPIRED)
AGAIN = (*AGAIN_FROM, *OPEN)
"""What is stored of those: an application expires by its days, whatever step it waits for."""
_STATES = dict(APPLICATION_STATES)


def submit_again(
    *, acting_staff: StaffUser, application: Application, submitted_date: date
) -> Application:
    """Ask anew for what was returned or has expired: it waits for an appraisal of that day, and for
    votes on it.

    Raises NotAllowed, OutOfSight, NotWaitingForThis, FutureDate, BeforeItsStep, ProductNotOffered,
    LenderNotActive, PlanTaken, StopRule (naming every missing item).
    """
    require(acting_staff, "lending.apply_for_loan", application)
    with transaction.atomic():
        lock_waiting([application], *AGAIN)
        row = Application.objects.select_related("product_version__product__lender").get(
            pk=application.pk
        )
        if row.state_on(submitted_date) not in AGAIN_FROM:
            raise NotWaitingForThis(
                code=row.code,
                state=_STATES[row.state],
                needed=" / ".join(str(_STATES[state]) for state in AGAIN_FROM),
            )
        last = row.decisions.order_by("-recorded_at", "-pk").values_list("decided_date", flat=True)
        hold_to_day(submitted_date, "submitted_date", *last[:1])
        check_offered_on(row.product_version, submitted_date)
        row.submitted_date = submitted_date
        row.expires_date = open_until(row.product_version, submitted_date)
        row.state = ApplicationState.SUBMITTED.value
        refuse_taken(row, submitted_date)
        missing = gather([row])[row.pk].missing
        refuse_stops((item for item in missing if item.stop in AT_APPLICATION), row.currency)
        row.save(update_fields=("submitted_date", "expires_date", "state"))
        audit.record(acting_staff, "lending.submit_again", row, {"units": row.asked_units})
    return row
