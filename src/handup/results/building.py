"""A figure that was built, counted over a programme's records, and its parts in words."""

from collections.abc import Mapping
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.results.computing import compute
from handup.results.facts import Facts
from handup.results.rules.building import Built, How
from handup.results.rules.engine import Figure
from handup.results.rules.expressions import Asked, Op

FACT_WORDS: Mapping[str, Promise] = {
    "service": _("days somebody was served"),
    "client": _("participants"),
    "enrolment": _("enrolments in courses"),
    "graduate": _("graduates, month by month"),
    "visit": _("visits and advice"),
    "plan": _("business plans that were approved"),
    "pathway": _("persons on a pathway out of poverty"),
    "loan": _("loans paid out"),
    "disbursement": _("payments of loans"),
    "position": _("loans as they stand on the last day"),
    "borrower": _("borrowers on the last day"),
    "group_service": _("what was done with groups"),
    "membership": _("members of groups"),
    "meeting_member": _("members at meetings"),
    "assessment": _("assessments of groups"),
    "enterprise": _("enterprises"),
    "check": _("visits to enterprises"),
    "product": _("studies and drafts on policy"),
    "cost": _("what was spent"),
}
COLUMN_WORDS: Mapping[str, Promise] = {
    "programme": _("programme"),
    "day": _("day"),
    "kind": _("kind"),
    "sex": _("sex"),
    "age_band": _("age"),
    "woman_head": _("household headed by a woman"),
    "low_income": _("low income"),
    "area1": _("area"),
    "area2": _("place"),
    "urban_rural": _("town or countryside"),
    "project_phase": _("phase"),
    "branch": _("office"),
    "course": _("course"),
    "course_type": _("kind of course"),
    "provider": _("trainer"),
    "completed": _("completed"),
    "on_roll": _("enrolled"),
    "closed_day": _("closed on"),
    "completed_day": _("completed on"),
    "trade": _("trade"),
    "enterprise_sector": _("trade"),
    "month": _("month after the course"),
    "due_day": _("due on"),
    "placed_day": _("placed on"),
    "reached": _("was reached"),
    "financed_day": _("financed on"),
    "lender": _("lender"),
    "loan_product": _("loan product"),
    "loan_cycle": _("loan cycle"),
    "currency": _("currency"),
    "disbursed_units": _("paid out"),
    "units": _("amount"),
    "principal_units": _("principal owed"),
    "arrears_days": _("days late"),
    "at_risk": _("at risk"),
    "settled_day": _("repaid on"),
    "left_day": _("left on"),
    "opening_day": _("in the books since"),
    "last_due_day": _("last instalment due on"),
    "restructured_day": _("terms changed on"),
    "written_off_day": _("written off on"),
    "tolerance_units": _("amount too small to be late"),
    "saved": _("saved"),
    "number": _("number"),
    "group_type": _("kind of group"),
    "group_status": _("state of the group"),
    "share_ppm": _("share of the points, in millionths"),
    "grade": _("grade"),
    "existed": _("existed before"),
    "served_day": _("served since"),
    "started_day": _("started on"),
    "improved_day": _("improved on"),
    "operating": _("runs"),
    "formal": _("registered"),
    "counts": _("counts on that day"),
    "segment": _("size class"),
    "work_days": _("days of work"),
    "worker_kind": _("kind of worker"),
    "graduated_day": _("graduated on"),
    "product_type": _("kind of product"),
    "component": _("budget line"),
    "person": _("person"),
    "grp": _("group"),
    "enterprise": _("enterprise"),
    "loan": _("loan"),
    "member": _("membership"),
    "advisor": _("advisor"),
}
OP_WORDS: Mapping[Op, Promise] = {
    Op.IS: _("is"),
    Op.IS_NOT: _("is not"),
    Op.LEAST: _("is at least"),
    Op.MOST: _("is at most"),
    Op.OVER: _("is more than"),
    Op.UNDER: _("is less than"),
    Op.KNOWN: _("is known"),
    Op.MISSING: _("is not known"),
}


def column_word(name: str) -> str:
    """A column in the reader's words."""
    return str(COLUMN_WORDS[name])


def count_word(built: Built) -> str:
    """What is counted, in a few words."""
    if built.how is How.ROWS:
        return str(_("every row"))
    if built.how is How.EACH:
        return str(_("each %(unit)s once")) % {"unit": column_word(built.of)}
    return str(_("%(amount)s, added up")) % {"amount": column_word(built.of)}


def figure_of(built: Built, facts: Facts, start: date | None) -> Figure:
    """Count it over a programme's records from a day (None: the beginning) up to the day of the
    facts. Raises SeveralCurrencies, LinesDiffer, CountAboveWhole.
    """
    words = built.words("OWN", "")
    return compute(built.declared("OWN"), {"OWN": words}, facts, Asked(facts.cut_off, start))
