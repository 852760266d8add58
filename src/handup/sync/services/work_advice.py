"""The adviser's statement and the owner's signature, given where a plan was written: her name drawn
with a finger, or her mark before a witness. What no adviser may sign is told, and the plan stands
handed in without it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.plans.models import Plan
from handup.plans.rules.states import SignedBy
from handup.plans.services import advise_plan
from handup.sync.models import PictureShows
from handup.sync.services import work_pictures as pictures
from handup.sync.services.work_told import WorkTold, is_word

ON_PHONES = (SignedBy.SIGNATURE, SignedBy.MARK)
STATEMENT_MOST, WITNESS_MOST = 2_000, 120


def is_advice(body: Mapping[str, Any]) -> bool:
    """Whether the advice of a plan can be read: `advice` with the `statement`, `signed_by`
    SIGNATURE or MARK, a `witness` of a mark, and the one picture of it in `pictures`; neither where
    there is none, nor for a draft."""
    advice: object = body.get("advice")
    drawn: object = body.get("pictures", [])
    if advice is None:
        return bool(drawn == [])
    if not isinstance(advice, Mapping) or not body.get("hand_in"):
        return False
    is_mark = advice.get("signed_by") == SignedBy.MARK
    return (
        is_word(advice.get("statement"), most=STATEMENT_MOST)
        and advice.get("signed_by") in ON_PHONES
        and is_word(advice.get("witness", ""), most=WITNESS_MOST, least=1 if is_mark else 0)
        and pictures.are_told(drawn)
        and _is_signature(drawn)
    )


def _is_signature(drawn: object) -> bool:
    """Whether the one picture is of a name or a mark."""
    if not isinstance(drawn, list) or len(drawn) != 1:
        return False
    return bool(drawn[0]["shows"] == PictureShows.SIGNATURE)


def advise(told: WorkTold, staff: StaffUser, plan: Plan) -> str:
    """Advise a plan that was handed in; why it could not be, in words, or nothing."""
    advice = told.body.get("advice")
    if advice is None:
        return ""
    try:
        with transaction.atomic():
            advise_plan(
                acting_staff=staff,
                plan=plan,
                advised_date=told.happened_date,
                statement=advice["statement"],
                signed_by=SignedBy(advice["signed_by"]),
                witness=advice.get("witness", ""),
            )
    except Refusal as refusal:
        return refusal.said()
    return ""
