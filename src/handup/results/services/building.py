"""Keep a figure that was built, put it in use by another person, retire it (results.md 5)."""

from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.results.models import BuiltIndicator
from handup.results.rules.building import as_code, read_code
from handup.results.rules.states import BuiltState

BUILD = "results.build_indicator"
ACTIVATE = "results.activate_indicator"


class IndicatorNameMissing(Refusal):
    """Give the figure a name."""


class NameInUse(Refusal):
    """Another figure of this programme that is not retired has this name. Two definitions of one
    name never live together.
    """


class NotItsNextStep(Refusal):
    """This figure is {state}; that is not its next step."""


def build_indicator(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    name: str,
    definition: str,
    id: UUID | None = None,
) -> BuiltIndicator:
    """Keep a definition as a draft. Raises IndicatorNameMissing, NameInUse, NotADefinition,
    UnknownFact, UnknownColumn, ValueDoesNotFit, TooManyParts, SameIdOtherContent.
    """
    require(acting_staff, BUILD, programme)
    name = " ".join(name.split())
    told = as_code(read_code(definition))
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=programme.pk)
        known = already_stored(
            BuiltIndicator, id, acting_staff, programme=programme, name=name, definition=told
        )
        if known is not None:
            return known
        if not name:
            raise IndicatorNameMissing(field="name")
        rows = BuiltIndicator._base_manager.filter(programme=programme)
        if rows.filter(name__iexact=name).exclude(state=BuiltState.RETIRED.value).exists():
            raise NameInUse(field="name")
        last = rows.order_by("-number").first()
        row = BuiltIndicator(
            id=id or new_id(),
            programme=programme,
            number=(last.number if last else 0) + 1,
            name=name,
            definition=told,
            built_by=acting_staff,
        )
        row.save(force_insert=True)
        audit.record(acting_staff, BUILD, row, {"code": row.code})
    return row


def activate_indicator(
    *, acting_staff: StaffUser, indicator: BuiltIndicator, reason: str = ""
) -> BuiltIndicator:
    """Put a draft in use, by another person than who built it. Raises NotItsNextStep,
    SamePerson.
    """
    require(acting_staff, ACTIVATE, indicator)
    with transaction.atomic():
        row = _locked(indicator, BuiltState.DRAFT)
        require_other_person(acting_staff, row.built_by, step=ACTIVATE, reason=reason, obj=row)
        row.state, row.activated_by = BuiltState.ACTIVE.value, acting_staff
        row.save(update_fields=("state", "activated_by"))
        audit.record(acting_staff, ACTIVATE, row, {"code": row.code})
    return row


def retire_indicator(*, acting_staff: StaffUser, indicator: BuiltIndicator) -> BuiltIndicator:
    """Take a figure out of use, or a draft away; it stays readable. Raises NotItsNextStep."""
    require(acting_staff, ACTIVATE, indicator)
    with transaction.atomic():
        row = _locked(indicator, BuiltState.DRAFT, BuiltState.ACTIVE)
        row.state, row.retired_by = BuiltState.RETIRED.value, acting_staff
        row.save(update_fields=("state", "retired_by"))
        audit.record(acting_staff, "results.retire_indicator", row, {"code": row.code})
    return row


def _locked(indicator: BuiltIndicator, *states: BuiltState) -> BuiltIndicator:
    row = BuiltIndicator._base_manager.select_for_update().get(pk=indicator.pk)
    if row.state not in {state.value for state in states}:
        raise NotItsNextStep(state=row.get_state_display())
    return row
