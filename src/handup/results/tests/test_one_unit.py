"""Records that were joined are one person in every fact table, and a declaration that is altered is
another meaning."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from handup.lending.tests.cast import make_person
from handup.people.models import Enterprise, Ownership, Participation
from handup.plans.models import Visit
from handup.results.computing import compute
from handup.results.definitions import Definition, catalogue
from handup.results.freezing import definition_sum
from handup.results.gathering import Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked, Declared, Op, Pick, Test
from handup.results.rules.fact_tables import STORED
from handup.results.tests.test_frozen import House, house

pytestmark = pytest.mark.django_db
__all__ = ["house"]
DAY, FORMED = date(2026, 1, 31), date(2025, 1, 5)


def test_joined_records_are_one_person_in_every_table(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    programme, cast = house.programme, house.world.cast
    old = house.world.person
    now = make_person(programme, house.world.office, cast.advisor, "As she is known now")
    for number, person in enumerate((old, now), 1):
        Participation.objects.get_or_create(
            person=person, programme=programme, defaults={"applied_date": FORMED}
        )
        Visit.objects.create(
            person=person, programme=programme, kind="ADVICE", state="DONE",
            visit_date=FORMED, visitor=cast.advisor,
        )  # fmt: skip
        shop = Enterprise.objects.create(
            code=f"E{number}", trade="Shop", programme=programme, registered_date=FORMED,
            registered_by=cast.officer,
        )  # fmt: skip
        Ownership.objects.create(enterprise=shop, person=person, share_bps=10_000, from_date=FORMED)
    Participation.objects.filter(person=old).update(state="MERGED", started_date=FORMED)
    Participation.objects.filter(person=now).update(started_date=FORMED)
    module = "handup.results.gathering.base.present_ids"
    monkeypatch.setattr(module, lambda: {old.pk: now.pk})
    source = Source(programme, DAY)
    filled = set()
    for table in STORED:
        told = {row.get("person") for row in source.table(table.name)}
        assert str(old.pk) not in told, table.name
        filled |= {table.name} if str(now.pk) in told else set()
    assert filled >= {"service", "client", "visit", "loan", "liable", "disbursement"}
    assert "enterprise" in filled
    for code, count in (("MED-OUT-01", 1), ("MED-ADV-01", 1)):
        figure = compute(DECLARED[code], catalogue(), source, Asked(DAY), ())
        assert figure.numerator == count, code


CHANGED: tuple[Callable[[Declared], Declared], ...] = (
    lambda item: replace(item, params={"stage": 600_000}),
    lambda item: replace(item, base=None),
    lambda item: replace(item, method="PAR30"),
    lambda item: replace(item, counted=replace(item.counted, pick=Pick.FIRST)),
    lambda item: replace(item, base=replace(item.counted, tests=(Test("grade", Op.IS, "A"),))),
)


@pytest.mark.parametrize("changed", CHANGED)
def test_an_altered_declaration_is_another_meaning(
    changed: Callable[[Declared], Declared], monkeypatch: pytest.MonkeyPatch
) -> None:
    item = DECLARED["MED-GRP-05"]
    before = definition_sum(item.code)
    monkeypatch.setattr("handup.results.freezing.definition", lambda _code: Definition(item))
    assert definition_sum(item.code) == before
    other = changed(item)
    monkeypatch.setattr("handup.results.freezing.definition", lambda _code: Definition(other))
    assert definition_sum(item.code) != before
