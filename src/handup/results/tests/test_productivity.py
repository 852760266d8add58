"""What a day of work adds, what producers get beside the market, and who sells more of it: counted
by hand, alike over records and over columns."""

from collections import defaultdict
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.tests.cast import make_person
from handup.markets.models import (
    Commodity,
    ContractGrade,
    Delivery,
    MarketPlace,
    PriceObservation,
    SupplyContract,
)
from handup.plans.models import ActualMonth, Plan
from handup.projects.models import Organisation
from handup.results import services as s
from handup.results.columns import duck
from handup.results.columns.asking import ask
from handup.results.columns.writing import write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source, answers
from handup.results.published import is_large_enough
from handup.results.report import make_report
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked
from handup.results.tests.test_frozen import House, browser
from handup.surveys.queries import AnswerFact
from handup.surveys.rules.codes import RoundKind, SubjectKind
from handup.surveys.services.bank import bank

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 30)
EARLIER = datetime(2025, 7, 1, 12, tzinfo=UTC)
CODES = ("MED-PRD-01", "MED-PRD-02", "MED-PRD-03")


@pytest.fixture
def farm() -> House:
    """A plan with five months, of which two count in June's half-year and one before; a contract
    with three deliveries beside prices of the market.
    """
    house = House()
    officer = house.world.cast.officer
    person = make_person(house.programme, house.world.office, house.world.cast.advisor, "Grower")
    plan = Plan.objects.create(
        number="P1", programme=house.programme, office=house.world.office, adviser=officer,
        person=person, title="Milk", currency="USD", start_month=date(2024, 12, 1),
        started_date=date(2024, 12, 1),
    )  # fmt: skip

    def month(number: int, **told: Any) -> ActualMonth:
        return ActualMonth.objects.create(
            plan=plan, month=date(2025, number, 1), recorded_by=officer, **told
        )

    full = {"workers": 2, "working_days": 20}
    right = month(
        4, sales_units=900_00, materials_units=300_00, wages_units=200_00, transport_units=40_00,
        workers=2, working_days=25,
    )  # fmt: skip
    wrong = month(4, sales_units=1_000_00, materials_units=0, replaced_by=right, **full)
    ActualMonth.objects.filter(pk=wrong.pk).update(recorded_at=EARLIER)
    month(5, sales_units=100_00, materials_units=140_00, workers=1, working_days=10)
    month(2, sales_units=500_00, materials_units=None, **full)
    month(3, sales_units=500_00, materials_units=10_00, workers=0, working_days=20)
    month(7, sales_units=500_00, materials_units=10_00, **full)
    _deliveries(house)
    return house


def _deliveries(house: House) -> None:
    officer = house.world.cast.officer
    milk = Commodity.objects.create(code="MILK", name="Milk", base_unit="L")
    market = MarketPlace.objects.create(code="M1", name="Hill", programme=house.programme)
    seller, buyer = (Organisation.objects.create(code=code, name=code) for code in ("COOP", "SHOP"))
    contract = SupplyContract.objects.create(
        programme=house.programme, code="C1", seller=seller, buyer=buyer, commodity=milk,
        place="Store", quantity=10_000, starts=date(2025, 1, 1), ends=date(2025, 12, 31),
        currency="USD",
    )  # fmt: skip
    best, plain = (
        ContractGrade.objects.create(contract=contract, name=name, price_units=price)
        for name, price in (("First  Grade", 60), ("Second", 40))
    )

    def price(day: date, milli: int, grade: str = "", state: str = "CONFIRMED") -> None:
        PriceObservation.objects.create(
            market=market, observed_date=day, commodity=milk, grade=grade, level="FARM",
            quotes=[milli // 1000], currency="USD", price_milli=milli, state=state,
            observer=officer,
        )  # fmt: skip

    price(date(2025, 5, 1), 50_000, "first grade")
    price(date(2025, 5, 2), 52_000, "FIRST GRADE")
    price(date(2025, 5, 3), 90_000, "first grade", "REJECTED")
    price(date(2025, 5, 3), 45_500)
    for grade, on, brought, refused in (
        (best, date(2025, 5, 10), 100, 10),  # market 51 of its grade: 90 x 51
        (plain, date(2025, 5, 20), 51, 0),  # none of its grade: 51 x 45.5 = 2320.5, half up
        (best, date(2025, 6, 20), 100, 0),  # the last price is too old
        (best, date(2025, 7, 1), 500, 0),  # after the day
    ):
        Delivery.objects.create(
            contract=contract, delivered_date=on, grade=grade, delivered=brought,
            rejected=refused, reject_reason="sour" if refused else "",
            price_units=grade.price_units, value_units=(brought - refused) * grade.price_units,
            pay_due_date=on, recorded_by=officer,
        )  # fmt: skip


def test_they_are_counted_by_hand_alike_on_both_engines(
    farm: House, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    written = write_snapshot(DAY, folder=tmp_path / "facts")

    def told(asked: Asked) -> dict[str, Any]:
        with duck.opened([written.folder]) as (lake, fetch):
            found = ask(lake, fetch, CODES, asked, ())
        counts = {}
        for code in CODES:
            source = Source(farm.programme, asked.cut_off)
            figure = compute(DECLARED[code], catalogue(), source, asked, ("area1",))
            counts[code] = (figure.numerator, figure.denominator)
            assert (found[code].only.numerator, found[code].only.denominator) == counts[code]
        assert found["MED-PRD-01"].value_text() is None, "no share"
        return counts

    # April: 900 - 300 - 40 = 560 over 50 days; May: 100 - 140 = -40 over 10
    assert told(Asked(DAY)) == {
        "MED-PRD-01": (520_00, 60),
        "MED-PRD-02": (90 * 60 + 51 * 40, 90 * 51 + 2321),
        "MED-PRD-03": (90 * 60 + 51 * 40 + 100 * 60, 100 * 60 + 51 * 40 + 100 * 60),
    }
    assert told(Asked(DAY, date(2025, 5, 11)))["MED-PRD-02"] == (51 * 40, 2321)
    assert told(Asked(date(2025, 4, 29)))["MED-PRD-01"] == (0, 0), "April is not over"
    then = Asked(DAY, known_at=int(EARLIER.timestamp()))
    assert told(then)["MED-PRD-01"] == (1_000_00, 40), "as it was told before it was corrected"


def test_the_page_tells_it_for_a_day_and_outside_it_is_of_one_seller(farm: House) -> None:
    s.choose_indicators(acting_staff=farm.world.cast.manager, programme=farm.programme, codes=CODES)
    report = make_report(farm.programme, DAY)
    assert report.line("MED-PRD-01").value == "8.67"
    assert report.line("MED-PRD-02").value == "107.7"
    assert not is_large_enough(report.line("MED-PRD-03").figure, 5)
    client = browser(farm.officer)
    for code in CODES:
        address = [farm.programme.pk, code, DAY.isoformat()]
        page = client.get(reverse("results:figure", args=address)).content.decode()
        assert "%" in page or code == "MED-PRD-01"
        rows = client.get(reverse("results:rows", args=address)).content.decode()
        assert ("C1 Milk" in rows) is (code != "MED-PRD-01")


def said(person: Any, kind: RoundKind, value: str, rounds: dict[RoundKind, Any]) -> AnswerFact:
    return AnswerFact(
        handup_key="market_share",
        subject_kind=SubjectKind.ENTERPRISE,
        subject_id=person.pk,
        person_id=person.pk,
        programme_id=person.programme_id,
        phase_id=None,
        round_id=rounds[kind],
        round_kind=kind,
        answered_date=date(2025, 1, 10) if kind is RoundKind.BASELINE else date(2025, 6, 1),
        repeat_index=0,
        value=value,
        currency="",
        reference_month=None,
        weight=Fraction(1),
    )


def test_who_sells_to_more_of_ten_customers_is_counted_among_those_asked_twice(
    farm: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, rounds = farm.world, {kind: new_id() for kind in RoundKind}
    told = (("2", "3"), ("3", "3"), ("10", "9"), ("2", "11"), ("2", "DONT_KNOW"), ("", "4"))
    facts = []
    for number, (first, later) in enumerate(told):
        who = make_person(farm.programme, world.office, world.cast.advisor, f"Trader {number}")
        facts += [
            said(who, RoundKind.BASELINE, first, rounds),
            said(who, RoundKind.ENDLINE, later, rounds),
        ]

    def by_key(*, keys: Any, **_more: Any) -> list[AnswerFact]:
        return [fact for fact in facts if fact.handup_key in keys and fact.value]

    monkeypatch.setattr(answers, "answers_by_key", by_key)
    monkeypatch.setattr(answers, "_received", lambda _source: defaultdict(timezone.now))
    source = Source(farm.programme, DAY)
    figure = compute(DECLARED["MED-PRD-04"], catalogue(), source, Asked(DAY))
    assert (figure.numerator, figure.denominator) == (1, 3)
    asked = {one.name: one for one in bank()["competitiveness"].questions}
    assert asked["market_share"].handup_key == "market_share"
