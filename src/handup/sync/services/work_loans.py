"""A small loan that was asked for and appraised at the borrower's place, away from the office
(rulings 5: MICRO depth). Everything is judged again here: who may, whose caseload she is on, what
the product asks for."""

from collections.abc import Mapping
from typing import Any

from handup.lending.models import ProductVersion
from handup.lending.rules.codes import Outcome
from handup.lending.services import ApplicationIn, FoundIn, apply_on_one_page
from handup.org.models import StaffUser
from handup.people.models import Person
from handup.people.queries.merging import by_number
from handup.sync.errors import NotThatPerson, NotThatProduct
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_told import WorkTold, is_word

NAME = "apply_for_small_loan"
CRITERIA = frozenset({"capacity", "character", "business", "market", "security"})
MOST_UNITS, MOST_INSTALMENTS, HIGHEST_MARK = 10**13, 600, 4
TEXT_MOST, REASON_MOST = 2000, 300


def is_small_loan(body: Mapping[str, Any]) -> bool:
    """Whether a body says who asks for what, and what was found: `person_no`, `product` (a
    version), `units`, `instalments`, `purpose`, `recommendation`, `recommended_units` where it is
    less, `anchors` (criterion → 0 to 4), `note`, `reason` where one person does several steps."""
    anchors = body.get("anchors", {})
    return (
        is_word(body.get("person_no"), most=40)
        and is_device_id(body.get("product"))
        and is_number(body.get("units"), 1, MOST_UNITS)
        and is_number(body.get("instalments"), 1, MOST_INSTALMENTS)
        and is_word(body.get("purpose"), most=TEXT_MOST)
        and body.get("recommendation") in list(Outcome)
        and ("recommended_units" not in body or is_number(body["recommended_units"], 1, MOST_UNITS))
        and isinstance(anchors, Mapping)
        and set(anchors) <= CRITERIA
        and all(is_number(mark, most=HIGHEST_MARK) for mark in anchors.values())
        and is_word(body.get("note", ""), most=TEXT_MOST, least=0)
        and is_word(body.get("reason", ""), most=REASON_MOST, least=0)
    )


def ask(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Ask for it and appraise it, all of it or nothing. Raises NotThatPerson, NotThatProduct, and
    what applying on one page refuses."""
    body = told.body
    person = by_number(Person.objects.visible_to(staff), body["person_no"])
    if person is None:
        raise NotThatPerson
    versions = ProductVersion.objects.visible_to(staff).select_related("product__programme")
    version = versions.filter(pk=body["product"]).first()
    if version is None:
        raise NotThatProduct
    row.office_id = person.office_id
    apply_on_one_page(
        acting_staff=staff,
        asked=ApplicationIn(
            programme=version.product.programme or person.programme,
            product_version=version,
            units=body["units"],
            instalments=body["instalments"],
            purpose=body["purpose"],
            submitted_date=told.happened_date,
            person=person,
            id=told.id,
        ),
        found=FoundIn(
            Outcome(body["recommendation"]),
            body.get("recommended_units"),
            body.get("anchors", {}),
            body.get("note", ""),
            body.get("reason", ""),
        ),
    )
    return WorkState.DONE
