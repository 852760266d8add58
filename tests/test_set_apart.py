"""What counted of an erased person stands under a key that no record joins with her (protection.md
4.8, docs/decisions/0021): a record of every kind that leads to a person is made and set apart."""

from datetime import date
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from handup.org.triggers import missing
from handup.people.models import LegalStatus, Person
from handup.people.services.apart import counted_columns, set_apart
from tests.test_erasure import Maker, Model, everything, making

__all__ = ("making",)


@cache
def near(model: Model, steps: int = 2) -> tuple[str, ...]:
    """The ways from a record to a person in at most so many steps."""
    found: list[str] = []
    keys: list[Any] = [f for f in model._meta.concrete_fields if f.is_relation]
    for key in keys:
        if key.related_model is Person:
            found.append(key.name)
        elif steps > 1:
            found += [f"{key.name}__{rest}" for rest in near(key.related_model, steps - 1)]
    return tuple(found)


def reaching(model: Any, person: Any) -> set[Any]:
    """The ids of the records that lead to a person at once or over one other."""
    found: set[Any] = set()
    for way in near(model):
        found.update(model._base_manager.filter(**{way: person}).values_list("pk", flat=True))
    return found


def test_no_record_leads_both_to_her_id_and_to_what_counts(making: Maker) -> None:
    """What was counted stands under a key of its own; statuses and all else left her id."""
    making.words_only = False
    everything(making)
    person = making.made[Person]
    assert isinstance(person, Person)
    LegalStatus.objects.create(
        person=person, status="REFUGEE", from_date=date(2024, 1, 1), recorded_by_id=staff_id()
    )
    before = {model: reaching(model, person) for model, _column in counted_columns()}
    key = set_apart([person.pk], date(2026, 5, 1))
    houses = [model for model in apps.get_models() if hasattr(model, "CLASSES")]
    both = {m._meta.label for m in houses if reaching(m, person) & reaching(m, key)}
    assert both == set()
    for model, column in counted_columns():
        assert not model._base_manager.filter(**{column: person}).exists(), model
        assert before[model] <= reaching(model, key), model
    assert list(LegalStatus.objects.filter(person=key).values_list("status", flat=True)) == [
        "REFUGEE"
    ]
    person.refresh_from_db()
    assert (person.sex, person.birth_date, person.area) == ("NOT_ASKED", None, None)
    assert missing(connection) == [], "every guard stands again"


def staff_id() -> Any:
    return Person._base_manager.values_list("registered_by", flat=True)[0]
