"""An application appraised where the applicant lives, away from the office. Who may, which facts
are frozen and what stops it is judged here; others decide."""

from collections.abc import Mapping
from typing import Any

from handup.lending.models import Application
from handup.lending.rules.codes import Outcome
from handup.lending.services import appraise_application
from handup.org.models import StaffUser
from handup.org.scope import without_opened
from handup.sync.errors import NotThatApplication
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_loans import HIGHEST_MARK, MOST_UNITS, REASON_MOST, TEXT_MOST
from handup.sync.services.work_told import WorkTold, is_word

NAME = "appraise_application"
CRITERIA_MOST = 40


def is_appraisal(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was found: `application`, its `person`, `recommendation`,
    `recommended_units` where it is less, `anchors` (criterion → 0 to 4), `note`, `reason` where one
    person does several steps."""
    anchors = body.get("anchors", {})
    return (
        is_device_id(body.get("application"))
        and is_device_id(body.get("person"))
        and body.get("recommendation") in list(Outcome)
        and ("recommended_units" not in body or is_number(body["recommended_units"], 1, MOST_UNITS))
        and isinstance(anchors, Mapping)
        and len(anchors) <= CRITERIA_MOST
        and all(is_word(name, most=40) for name in anchors)
        and all(is_number(mark, most=HIGHEST_MARK) for mark in anchors.values())
        and is_word(body.get("note", ""), most=TEXT_MOST, least=0)
        and is_word(body.get("reason", ""), most=REASON_MOST, least=0)
    )


def appraise(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record the appraisal; nothing of whoever was erased since. Raises NotThatApplication and what
    appraising refuses."""
    body = told.body
    rows = Application.objects.visible_to(without_opened(staff))
    rows = rows.select_related("person", "product_version__product")
    application = rows.filter(pk=body["application"]).first()
    if application is None or str(application.person_id or body["person"]) != body["person"]:
        raise NotThatApplication  # erasure finds a fact by its person
    if application.person is not None and application.person.erased_date is not None:
        return WorkState.LEFT_OUT
    row.office_id = application.office_id
    appraise_application(
        acting_staff=staff,
        application=application,
        appraised_date=told.happened_date,
        recommendation=Outcome(body["recommendation"]),
        recommended_units=body.get("recommended_units"),
        anchors=body.get("anchors", {}),
        note=body.get("note", ""),
        reason=body.get("reason", ""),
        id=told.id,
    )
    return WorkState.DONE
