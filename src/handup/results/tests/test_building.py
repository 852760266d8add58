"""The builder of figures: by choosing or by lines of text, the same figure on a page, by the API
and over columns; kept by one person, put in use by another."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.tests.cast import make_person, staff
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, ReadEntry
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Participation
from handup.results import services as s
from handup.results.building import COLUMN_WORDS, figure_of
from handup.results.columns import duck
from handup.results.columns.asking import answer
from handup.results.columns.expressing import cells
from handup.results.columns.writing import write_snapshot
from handup.results.facts import Facts
from handup.results.models import BuiltIndicator
from handup.results.rules.building import (
    FACTS,
    Built,
    How,
    NotADefinition,
    TooManyParts,
    UnknownColumn,
    UnknownFact,
    ValueDoesNotFit,
    amounts,
    as_code,
    asked_columns,
    read_code,
    splits,
    units,
)
from handup.results.rules.engine import PeriodKind
from handup.results.rules.expressions import Asked, Op, Test
from handup.results.rules.fact_tables import TABLES
from handup.results.services.building import IndicatorNameMissing, NameInUse, NotItsNextStep
from handup.results.tests.test_frozen import House, browser, house

pytestmark = pytest.mark.django_db
__all__ = ["house"]
DAY = date(2026, 1, 31)
LENT = """count each person of loan
where day at-least 2025-01-01
those disbursed_units over 30000
split sex
split lender"""


def test_lines_of_text_are_the_same_definition() -> None:
    built = read_code(LENT)
    assert built == Built(
        "loan",
        How.EACH,
        "person",
        (Test("day", Op.LEAST, date(2025, 1, 1)),),
        (Test("disbursed_units", Op.OVER, 30_000),),
        ("sex", "lender"),
    )
    assert as_code(built) == LENT
    odd = Built("visit", where=(Test("kind", Op.IS, 'a "b" և\\c'), Test("day", Op.KNOWN)))
    assert read_code(as_code(odd)) == odd
    spaced = "  count rows of visit  \n\n where kind is VISIT "
    assert read_code(spaced).where == (Test("kind", Op.IS, "VISIT"),)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", NotADefinition),
        ("count persons", NotADefinition),
        ("count rows of nothing", UnknownFact),
        ("count rows of due", UnknownFact),
        ("count each household of service", UnknownColumn),
        ("count sum of received of loan", UnknownColumn),
        ("count rows of visit\nwhere record is 1", UnknownColumn),
        ("count rows of client\nwhere displacement is REFUGEE", UnknownColumn),
        ("count rows of client\nsplit disability", UnknownColumn),
        ("count rows of visit\nwhere kind over 3", UnknownColumn),
        ("count rows of loan\nwhere day at-least soon", ValueDoesNotFit),
        ("count rows of loan\nwhere disbursed_units over " + "9" * 5000, TooManyParts),
        ("count rows of loan\nwhere disbursed_units over " + "9" * 30, ValueDoesNotFit),
        ("count rows of loan\nwhere disbursed_units over ٣", ValueDoesNotFit),
        ("count rows of enrolment\nwhere completed is maybe", ValueDoesNotFit),
        ("count rows of visit\nwhere kind is", NotADefinition),
        ("count rows of visit\nwhere day is-known 3", NotADefinition),
        ('count rows of visit\nwhere kind is "open', NotADefinition),
        ("count rows of visit\nsplit sex\nsplit sex", TooManyParts),
        ("count rows of visit" + "\nwhere sex is F" * 11, TooManyParts),
        ("count rows of visit\ndrop table", NotADefinition),
    ],
)
def test_what_is_no_definition_is_refused_by_name(text: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        read_code(text)


def test_nothing_that_is_offered_tells_of_status_or_is_no_column() -> None:
    for fact in FACTS:
        columns = TABLES[fact].columns
        offered = {*asked_columns(fact), *units(fact), *amounts(fact), *splits(fact)}
        assert offered <= set(columns)
        assert all(columns[name].data_class != "S" for name in offered)
        for built in (Built(fact), *(Built(fact, How.EACH, name) for name in units(fact))):
            item = built.declared("OWN-1")
            assert {item.counted.unit, item.counted.opens[1]} <= set(columns)


def test_it_counts_as_the_catalogue_does_and_over_columns_too(
    house: House, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    for at in range(3):
        house.lend(f"More {at}")
    facts = Facts(house.programme, DAY)
    figure = figure_of(read_code(LENT), facts, None)
    assert (figure.numerator, figure.denominator) == (4, 4)
    assert {one.dimension for one in figure.breakdowns} == {"sex", "lender"}
    money = figure_of(read_code("count sum of units of disbursement"), facts, None)
    assert (money.numerator, money.currency) == (1600_00, "USD")
    few = figure_of(read_code(LENT.replace("30000", "50000")), facts, None)
    assert (few.numerator, few.denominator) == (0, 4)
    later = figure_of(read_code("count rows of loan"), facts, date(2025, 2, 1))
    assert later.numerator == 3, "one was paid out in January"
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    item = read_code(LENT).declared("MED-FIN-03b")
    with duck.opened([written.folder]) as (lake, fetch):
        asked = Asked(DAY)
        rows = [
            row for table in cells(item, lake, PeriodKind.FLOW, asked, ()) for row in fetch(table)
        ]
        found = answer("MED-FIN-03b", rows, asked, lake, ())
    assert found.sums[""].numerator == 4


class Made(Facts):
    """Facts with rows of their own."""

    made: tuple[dict[str, Any], ...] = ()

    def table(self, name: str, asked: Asked | None = None) -> list[Any]:
        """The rows that were made, every other cell unknown."""
        empty = dict.fromkeys(TABLES[name].columns)
        return [{**empty, "record": str(at), "day": DAY, **row} for at, row in enumerate(self.made)]


def test_what_nobody_told_adds_nothing_to_a_sum(house: House) -> None:
    facts = Made(house.programme, DAY)
    facts.made = ({"work_days": 200}, {"work_days": None}, {"work_days": 40})
    figure = figure_of(read_code("count sum of work_days of check"), facts, None)
    assert (figure.numerator, len(figure.rows)) == (240, 2)
    text = "count sum of work_days of check\nthose work_days over 100"
    share = figure_of(read_code(text), facts, None)
    assert (share.numerator, share.denominator) == (200, 240)


def test_no_line_of_a_share_holds_more_than_its_whole(house: House) -> None:
    facts = Made(house.programme, DAY)
    facts.made = tuple(
        {"person": person, "kind": kind, "day": date(2026, 1, day)}
        for person in ("a", "b", "c")
        for day, kind in ((5, "VISIT"), (9, "TRAINING"))
    )
    text = 'count each person of service\nthose kind is "TRAINING"\nsplit kind'
    figure = figure_of(read_code(text), facts, None)
    assert (figure.numerator, figure.denominator) == (3, 3)
    [lines] = [one.lines for one in figure.breakdowns]
    assert [(one.code, one.numerator, one.denominator) for one in lines] == [("VISIT", 3, 3)]


def test_a_figure_is_built_by_choosing(house: House) -> None:
    house.lend("Second")
    address = reverse("results:builder", args=[house.programme.pk])
    client = browser(house.officer)
    first = client.get(address)
    assert first.status_code == 200
    text = first.content.decode()
    assert "count each person of service" in text
    assert "code=count+rows+of+loan" in text
    chosen = {"code": "count rows of loan", "column": "disbursed_units", "op": "LEAST"}
    page = client.get(address, {**chosen, "value": "100", "as_of": DAY.isoformat()})
    text = page.content.decode()
    assert "where disbursed_units at-least 100" in text
    assert "Its first rows, of 2" in text
    assert ReadEntry.objects.filter(staff=house.officer, action="LIST").exists()
    for query in (
        {"code": "nonsense"},
        {**chosen, "value": "many"},
        {**chosen, "op": "??", "value": "9" * 300},
        {"code": "count rows of loan", "as_of": "soon", "since": "2026-13-01"},
    ):
        assert client.get(address, query).status_code == 200
    assert "cannot be read" in client.get(address, {"code": "nonsense"}).content.decode()
    assert browser(house.world.cast.outsider).get(address).status_code in (403, 404)
    assert browser(staff("donor", Role.FUNDER)).get(address).status_code in (403, 404)


def test_nobody_who_is_hidden_is_counted_or_listed(house: House) -> None:
    person = make_person(
        house.programme, house.world.office, house.world.cast.advisor, "Hidden one"
    )
    Participation.objects.filter(person=person).update(started_date=date(2025, 3, 1))
    Compartment.objects.create(
        person=person, kind="PERSON", opened_by=house.director, opened_date=DAY
    )
    hidden_changed()
    address = reverse("results:builder", args=[house.programme.pk])
    text = browser(house.officer).get(address, {"code": "count rows of client"}).content.decode()
    assert "Hidden one" not in text


def kept(house: House, **more: Any) -> BuiltIndicator:
    told = {"name": "Larger loans", "definition": LENT, **more}
    return s.build_indicator(acting_staff=house.officer, programme=house.programme, **told)


def test_it_is_kept_by_one_and_put_in_use_by_another(house: House) -> None:
    key = new_id()
    row = kept(house, id=key)
    assert kept(house, id=key) == row
    with pytest.raises(SameIdOtherContent):
        kept(house, id=key, name="Another")
    assert (row.code, row.state) == ("OWN-1", "DRAFT")
    with pytest.raises(NameInUse):
        kept(house, name="larger  LOANS")
    with pytest.raises(IndicatorNameMissing):
        kept(house, name="  ")
    with pytest.raises(NotAllowed):
        s.activate_indicator(acting_staff=house.officer, indicator=row)
    manager = house.world.cast.manager
    own = s.build_indicator(
        acting_staff=manager, programme=house.programme, name="Mine", definition=LENT
    )
    with pytest.raises(SamePerson):
        s.activate_indicator(acting_staff=manager, indicator=own)
    assert s.activate_indicator(acting_staff=manager, indicator=row).state == "ACTIVE"
    with pytest.raises(NotItsNextStep):
        s.activate_indicator(acting_staff=manager, indicator=row)
    assert s.retire_indicator(acting_staff=manager, indicator=row).state == "RETIRED"
    assert kept(house).code == "OWN-3", "a retired name is free again, its number is not"
    acts = set(AuditLine.objects.values_list("action", flat=True))
    assert {"results.build_indicator", "results.activate_indicator"} <= acts
    assert "results.retire_indicator" in acts


def test_pages_keep_it_list_it_and_count_it(house: House) -> None:
    client = browser(house.officer)
    new = reverse("results:built_new", args=[house.programme.pk])
    page = client.get(new, {"code": LENT})
    assert "split lender" in page.content.decode()
    told = {"name": "Larger loans", "definition": LENT}
    wrong = client.post(new, {**told, "definition": "count rows of nothing"})
    assert "There is no fact nothing to count." in wrong.content.decode()
    assert not BuiltIndicator.objects.exists()
    assert client.post(new, told).status_code == 302
    row = BuiltIndicator.objects.get()
    text = client.get(reverse("results:built_detail", args=[row.pk])).content.decode()
    assert "those disbursed_units over 30000" in text
    assert "1 of 1" in text.replace("\xa0", " ")
    listed = client.post(
        reverse("results:built_list"), {"q": "larger"}, follow=True
    ).content.decode()
    assert "Larger loans" in listed
    assert (
        "Larger loans"
        not in client.post(reverse("results:built_list"), {"q": "x9"}, follow=True).content.decode()
    )
    manager = browser(house.world.cast.manager)
    assert manager.post(reverse("results:built_activate", args=[row.pk]), {}).status_code == 302
    row.refresh_from_db()
    assert row.state == "ACTIVE"


def test_the_same_by_the_interface(house: House) -> None:
    client, at = browser(house.officer), "/api/v1/results"
    told = {"name": "Larger loans", "definition": LENT}
    key = {"HTTP_IDEMPOTENCY_KEY": str(new_id())}

    def post(client: Client, address: str, body: dict[str, str], **more: Any) -> Any:
        return client.post(
            f"{at}/{address}", json.dumps(body), content_type="application/json", **more
        )

    where = f"programmes/{house.programme.pk}/built-indicators"
    made = post(client, where, told, **key)
    assert (made.status_code, made.json()["code"]) == (201, "OWN-1")
    assert post(client, where, told, **key).json()["id"] == made.json()["id"]
    wrong = post(client, where, {**told, "name": "B", "definition": "count"}, **key)
    assert wrong.status_code in (409, 422)
    pk = made.json()["id"]
    assert [one["id"] for one in client.get(f"{at}/built-indicators").json()["items"]] == [pk]
    figure = client.get(f"{at}/built-indicators/{pk}/figure", {"as_of": DAY.isoformat()}).json()
    assert (figure["numerator"], figure["denominator"], figure["value"]) == (1, 1, "100.0")
    assert set(figure["by"]) == {"sex", "lender"}
    outside = browser(staff("donor", Role.FUNDER))
    assert outside.get(f"{at}/built-indicators/{pk}/figure").status_code in (403, 404)
    assert post(client, f"built-indicators/{pk}/activate", {}).status_code == 403
    manager = browser(house.world.cast.manager)
    assert post(manager, f"built-indicators/{pk}/activate", {}).json()["state"] == "ACTIVE"
    assert post(manager, f"built-indicators/{pk}/retire", {}).json()["state"] == "RETIRED"


def test_every_column_that_can_be_chosen_has_a_word() -> None:
    named = {
        name
        for fact in FACTS
        for name in (*splits(fact), *units(fact), *amounts(fact), *asked_columns(fact))
    }
    assert named <= COLUMN_WORDS.keys()
