"""Which records behind a figure were entered only after a moment: late, not corrected."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from handup.groups.models import Group, Meeting, Member
from handup.lending.models import Loan, LoanEvent, PathwayEnrolment
from handup.markets.models import Delivery, SupplyContract
from handup.org.models import AuditLine
from handup.people.models import Enterprise, Household, Participation
from handup.plans.models import ActualMonth, Plan
from handup.results.rules.engine import FactRow
from handup.surveys.models import Submission
from handup.training.models import Enrolment

Record = tuple[str, str]


def recorded_after(rows: Iterable[FactRow], moment: datetime) -> set[Record]:
    """The (kind, record) of rows of which the house heard after a moment: the record itself, or
    the entry that makes it count, is newer. What is not among them was known, and corrected.
    """
    ids: dict[str, set[UUID]] = {}
    for row in rows:
        ids.setdefault(row.kind, set()).add(UUID(row.record))
    return {(kind, str(pk)) for kind, of in ids.items() for pk in _newer(kind, sorted(of), moment)}


def _newer(kind: str, ids: list[UUID], moment: datetime) -> set[UUID]:
    found = set()
    for start in range(0, len(ids), 500):
        some = ids[start : start + 500]
        for rows, path in _entries(kind, some, moment):
            found |= set(rows.values_list(path, flat=True))
    return found


def _entries(
    kind: str, ids: list[UUID], moment: datetime
) -> Iterable[tuple[QuerySet[Model, Model], str]]:
    """The entries newer than the moment that make a record of a kind count, and where they keep
    the record.
    """
    since = Q(recorded_at__gt=moment)
    answers = Submission._base_manager.filter(
        Q(received_at__gt=moment) | Q(decided_at__gt=moment), case__subject_id__in=ids
    )
    if kind == "loan":
        yield Loan._base_manager.filter(since, pk__in=ids), "pk"
        yield LoanEvent._base_manager.filter(since, loan_id__in=ids), "loan_id"
    elif kind == "person":
        for model in (Participation, Enrolment, Member):
            rows = model._base_manager.filter(person_id__in=ids)
            yield rows.filter(since | Q(pk__in=_acted_on(rows, moment))), "person_id"
        yield answers, "case__subject_id"
    else:
        parts: dict[str, tuple[type[Model], str]] = {
            "plan": (ActualMonth, "plan_id"),
            "contract": (Delivery, "contract_id"),
        }
        if kind in parts:
            part, whose = parts[kind]
            yield part._base_manager.filter(since, **{f"{whose}__in": ids}), whose
        others: dict[str, type[Model]] = {
            "pathway": PathwayEnrolment,
            "group": Group,
            "enterprise": Enterprise,
            "household": Household,
            "plan": Plan,
            "contract": SupplyContract,
            "meeting": Meeting,
        }
        if kind in others:
            yield others[kind]._base_manager.filter(since, pk__in=ids), "pk"
        yield answers, "case__subject_id"


def _acted_on(rows: QuerySet[Model, Model], moment: datetime) -> set[UUID]:
    """Those of the rows something was written of later that is no correction."""
    ids = {str(pk) for pk in rows.values_list("pk", flat=True)}
    acts = AuditLine.objects.filter(object_id__in=ids, recorded_at__gt=moment)
    acts = acts.exclude(action__contains="correct")
    return {UUID(pk) for pk in acts.values_list("object_id", flat=True)}
