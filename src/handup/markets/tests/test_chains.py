"""Products, value chains and rounds of prices and costs, through the services."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import DatabaseError, transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.kernel.money import decimal_text
from handup.markets import queries
from handup.markets.models import ChainFlow, ChainRound, Commodity, ValueChain
from handup.markets.models.labels import BaseUnit, Stage
from handup.markets.services import (
    FlowIn,
    add_actor,
    name_unit,
    open_chain,
    record_round,
    register_commodity,
)
from handup.markets.services.chains import (
    ActorMissing,
    ActorOfAnotherChain,
    AlreadyReplaced,
    CodeTaken,
    DayAhead,
    MoreThanAll,
    NoActorYet,
    PlaceTaken,
    PriceBelowZero,
    SourceMissing,
    UnitHoldsNothing,
    UnitNamedTwice,
)
from handup.markets.tests.ground import DAY, flows, milk_round
from handup.org.models import AuditLine, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.plans.rules.measures import LossOf100Percent
from handup.projects.models import Programme


def test_a_round_gives_the_margins_of_the_worked_table(
    officer: StaffUser, chain: ValueChain
) -> None:
    row = milk_round(officer, chain)
    (told,) = queries.margins_of([row])
    shown = [decimal_text(link.margin.net_margin, 2) for link in told.along.links]
    assert shown == ["190.00", "77.76", "230.53", "236.70"]
    line = AuditLine.objects.get(action="markets.record_round")
    assert (line.staff_id, line.object_id) == (officer.pk, str(row.pk))


def test_the_same_round_sent_twice_is_stored_once(officer: StaffUser, chain: ValueChain) -> None:
    key = new_id()
    both = [
        record_round(
            acting_staff=officer,
            chain=chain,
            taken_date=DAY,
            flows=flows(chain),
            source="asked",
            today=DAY,
            id=key,
        )
        for _ in range(2)
    ]
    assert both[0].pk == both[1].pk == key
    assert ChainFlow.objects.count() == 4


def test_a_wrong_round_is_replaced_once_and_stays(officer: StaffUser, chain: ValueChain) -> None:
    wrong = milk_round(officer, chain)
    told = flows(chain, ((640, 410, 0), (750, 60, 200), (1_400, 380, 500), (1_800, 120, 300)))
    replace_it = partial(
        record_round,
        acting_staff=officer,
        chain=chain,
        taken_date=DAY,
        flows=told,
        source="asked again",
        today=DAY,
        replaces=wrong,
    )
    right = replace_it()
    assert list(queries.rounds_that_count(chain)) == [right]
    with pytest.raises(AlreadyReplaced):
        replace_it()
    assert ChainRound.objects.count() == 2
    with pytest.raises(DatabaseError), transaction.atomic():
        ChainFlow.objects.filter(round=wrong).update(price_units=1)


def test_a_round_is_refused_as_long_as_something_is_wrong_with_it(
    officer: StaffUser, chain: ValueChain, programme: Programme
) -> None:
    other = open_chain(
        acting_staff=officer,
        programme=programme,
        commodity=chain.commodity,
        code="OTHER",
        title="Another chain",
    )
    good = flows(chain)
    first = good[0].actor
    cases: list[tuple[type[Refusal], ValueChain, list[FlowIn], str, int]] = [
        (NoActorYet, other, good, "asked", 0),
        (ActorMissing, chain, good[:3], "asked", 0),
        (PriceBelowZero, chain, [FlowIn(first, -1), *good[1:]], "asked", 0),
        (LossOf100Percent, chain, [*good[:3], FlowIn(good[3].actor, 9, 0, 10_000)], "asked", 0),
        (SourceMissing, chain, good, "  ", 0),
        (DayAhead, chain, good, "asked", 1),
    ]
    for refusal, of, told, source, ahead in cases:
        with pytest.raises(refusal):
            record_round(
                acting_staff=officer,
                chain=of,
                taken_date=DAY + timedelta(days=ahead),
                flows=told,
                source=source,
                today=DAY,
            )
    stranger = add_actor(
        acting_staff=officer, chain=other, stage=Stage.RETAIL, name="Somebody else"
    )
    with pytest.raises(ActorOfAnotherChain):
        record_round(
            acting_staff=officer,
            chain=chain,
            taken_date=DAY,
            flows=[*good, FlowIn(stranger, 1)],
            source="asked",
            today=DAY,
        )
    assert not ChainRound.objects.exists()


def test_actors_stand_one_after_the_other(officer: StaffUser, chain: ValueChain) -> None:
    assert list(chain.actors.values_list("position", flat=True)) == [1, 2, 3, 4]
    with pytest.raises(PlaceTaken):
        add_actor(
            acting_staff=officer, chain=chain, stage=Stage.EXPORT, name="Exporter", position=4
        )
    with pytest.raises(MoreThanAll):
        add_actor(
            acting_staff=officer,
            chain=chain,
            stage=Stage.EXPORT,
            name="Exporter",
            people=3,
            women=4,
        )
    assert chain.actors.count() == 4


def test_products_and_units_have_one_name_each(officer: StaffUser) -> None:
    honey = register_commodity(
        acting_staff=officer, code="HONEY", name="Honey", base_unit=BaseUnit.KG
    )
    name_unit(acting_staff=officer, commodity=honey, name="jar", milli=750)
    with pytest.raises(UnitNamedTwice):
        name_unit(acting_staff=officer, commodity=honey, name="Jar")
    with pytest.raises(UnitHoldsNothing):
        name_unit(acting_staff=officer, commodity=honey, name="spoon", milli=0)
    with pytest.raises(CodeTaken):
        register_commodity(
            acting_staff=officer, code="HONEY", name="Honey again", base_unit=BaseUnit.KG
        )
    assert Commodity.objects.count() == honey.units.count() == 1


def test_whoever_works_inside_reads_a_chain_and_only_its_own_office_writes(
    chain: ValueChain,
    field_officer: StaffUser,
    outsider: StaffUser,
    bank_clerk: StaffUser,
) -> None:
    assert milk_round(field_officer, chain).taken_by == field_officer
    assert chain in ValueChain.objects.visible_to(outsider)
    with pytest.raises(OutOfSight):
        milk_round(outsider, chain)
    assert not ValueChain.objects.visible_to(bank_clerk).exists()
    with pytest.raises(NotAllowed):
        milk_round(bank_clerk, chain)


def test_a_chain_is_opened_only_where_one_works(
    outsider: StaffUser, officer: StaffUser, chain: ValueChain, office: Office
) -> None:
    before = ValueChain.objects.count()
    with pytest.raises(NotAllowed):
        open_chain(
            acting_staff=outsider,
            programme=chain.programme,
            office=office,
            commodity=chain.commodity,
            code="X",
            title="Not hers",
        )
    with pytest.raises(CodeTaken):
        open_chain(
            acting_staff=officer,
            programme=chain.programme,
            commodity=chain.commodity,
            code="MILK",
            title="Again",
        )
    assert ValueChain.objects.count() == before


def test_chains_are_compared_by_the_newest_round_that_counts(
    officer: StaffUser, chain: ValueChain, outsider: StaffUser
) -> None:
    milk_round(officer, chain)
    newest = milk_round(officer, chain, DAY + timedelta(days=30))
    assert [told.round for told in queries.latest_of_each(outsider)] == [newest]
