"""A draft edited on two devices: both are kept as drafts side by side, nothing is merged by field,
and somebody says with which one to go on (plans.md 7).
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.models import Plan
from handup.plans.models.labels import PLAN_STATE
from handup.plans.refusals import NotInThisState
from handup.plans.rules.states import OPEN_TO_CHANGE, Kept, PlanState
from handup.plans.services.copying import again, take_over
from handup.plans.services.numbers import free_numbers

WHOLE = "WHOLE"
"""All of a plan, saved at once."""
OPEN = [state.value for state in OPEN_TO_CHANGE]
COPIED = (
    *("programme", "office", "adviser", "person", "enterprise", "organisation", "repeats"),
    *("title", "idea", "depth", "currency", "start_month", "horizon_months"),
    *("own_cash_units", "grant_units", "opening_stock_units", "capital_units"),
    *("liabilities_units", "buffer_units", "capacity_bps", "season_bps", "drawings_from"),
    *("started_date", "comment"),
)


def to_change(
    staff: StaffUser, plan: Plan, based_on: int | None, key: UUID | None, part: str = WHOLE
) -> tuple[Plan, bool]:
    """Return the plan a saving goes to, held, and whether it is still to be written.

    `based_on`: the edition the device had before it; None: whatever stands. Where somebody else
    saved meanwhile the saving goes to a copy beside the plan, `part` by part together with what
    else she wrote over the same edition. The same `key` again changes nothing. Raises
    NotInThisState once the plan is handed in.
    """
    row: Plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if key is not None:
        stored = _family(row).filter(edition_key=key).first()
        if stored is not None:
            return stored, False
    if not row.is_open:
        raise NotInThisState(state=str(PLAN_STATE[PlanState(row.state)]))
    if based_on is not None and based_on != row.edition:
        row = _own_copy(staff, row, part, based_on) or _copied(staff, row, based_on)
    if row.kept_by_id is not None and part not in row.kept_parts:
        row.kept_parts = [*row.kept_parts, part]
    row.state = PlanState.DRAFT.value
    row.edition += 1
    row.edition_key = key
    row.save(update_fields=["state", "edition", "edition_key", "kept_parts"])
    if row.pk != plan.pk:
        return row, True
    for name in ("state", "edition", "edition_key", "kept_parts"):
        setattr(plan, name, getattr(row, name))
    return plan, True


def _own_copy(staff: StaffUser, plan: Plan, part: str, based_on: int) -> Plan | None:
    """Her draft beside it that she began from the same edition and that has no such part of hers
    yet: what one device wrote without a network stays together.
    """
    if part == WHOLE:
        return None
    rows = _family(plan).filter(kept_by=staff, kept_from=based_on, state__in=OPEN)
    held = rows.exclude(pk=plan.pk).select_for_update(of=("self",)).order_by("pk")
    written = {part, WHOLE}
    return next((row for row in held if written.isdisjoint(row.kept_parts)), None)


def _copied(staff: StaffUser, plan: Plan, based_on: int) -> Plan:
    """The plan as it stands once more, as a draft beside it."""
    copy = Plan(
        id=new_id(),
        number=free_numbers(1)[0],
        beside=plan.beside or plan,
        edition=plan.edition,
        kept_by=staff,
        kept_from=based_on,
        **{name: getattr(plan, name) for name in COPIED},
    )
    copy.save(force_insert=True)
    take_over(plan, copy, set(Kept))
    for step in plan.action_points.all():
        again(step, plan=copy)
    audit.record(staff, "plans.keep_beside", copy, {"beside": plan.number})
    return copy


def drafts_beside(plan: Plan) -> list[Plan]:
    """The other drafts of the same plan that wait for a choice."""
    rows = _family(plan).filter(state__in=OPEN)
    return list(rows.exclude(pk=plan.pk).order_by("recorded_at", "id"))


def _family(plan: Plan) -> QuerySet[Plan]:
    """The plan and every draft beside it, whichever of them is asked."""
    root = plan.beside_id or plan.pk
    rows: QuerySet[Plan] = Plan.objects.filter(Q(pk=root) | Q(beside_id=root))
    return rows


def refuse_unchosen(plan: Plan) -> None:
    """Hold the plan with its drafts and refuse to go on while one is not chosen: both would be
    handed in, and two loans asked for one business. Raises NotInThisState.
    """
    held = {row.pk: row for row in _family(plan).select_for_update(of=("self",)).order_by("pk")}
    if not held[plan.pk].is_open:
        raise NotInThisState(state=str(PLAN_STATE[PlanState(held[plan.pk].state)]))
    numbers = [row.number for row in held.values() if row.pk != plan.pk and row.is_open]
    if numbers:
        raise NotInThisState(state=f"{_('kept beside')} {', '.join(numbers)}")


def choose_draft(*, acting_staff: StaffUser, plan: Plan) -> Plan:
    """Go on with this draft; the others are set aside and can still be read.

    Raises NotInThisState where it is no draft.
    """
    require(acting_staff, "plans.save_costing", plan)
    with transaction.atomic():
        family = _family(plan).select_for_update(of=("self",))
        rows = {row.pk: row for row in family.order_by("pk")}
        chosen = rows[plan.pk]
        if not chosen.is_open:
            raise NotInThisState(state=str(PLAN_STATE[PlanState(chosen.state)]))
        for row in rows.values():
            if row.pk != chosen.pk and row.is_open:
                row.state = PlanState.SET_ASIDE.value
                row.save(update_fields=["state"])
                audit.record(acting_staff, "plans.set_draft_aside", row)
        audit.record(acting_staff, "plans.choose_draft", chosen)
    return chosen
