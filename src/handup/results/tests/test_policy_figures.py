"""Policy issues that moved and were adopted, commitments that were kept, enterprises that are
registered and active: by area, as of the day, the same over columns."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from handup.markets.models import Commitment, Linkage, PolicyEvent, PolicyIssue
from handup.markets.rules.policy import PolicyStage
from handup.org.models import Area
from handup.people.models import Enterprise
from handup.projects.models import Organisation
from handup.results.columns import duck
from handup.results.columns.asking import ask
from handup.results.columns.writing import write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.declaring import ADOPTED
from handup.results.rules.expressions import Asked
from handup.results.tests.test_frozen import House, house

pytestmark = pytest.mark.django_db
__all__ = ["house"]
CODES = ("MED-POL-02", "MED-POL-03", "MED-LNK-01", "MED-ENT-05")
SPRING, SUMMER = date(2025, 3, 31), date(2025, 9, 30)


@pytest.fixture
def town(house: House) -> House:
    """An issue that moved, fell back and was adopted; three promises; three enterprises."""
    area = Area.objects.create(code="R1", names={"en": "Region"}, level=1)
    officer = house.world.cast.officer
    issue = PolicyIssue.objects.create(
        programme=house.programme, title="Licences", ask="Fewer", target="Council", area=area,
        owner=officer,
    )  # fmt: skip
    for day, before, after in (
        (date(2025, 1, 10), 1, 3),
        (date(2025, 2, 10), 3, 2),
        (date(2025, 6, 10), 2, 6),
        (date(2025, 8, 10), 6, 7),
        (date(2025, 8, 20), 7, 7),
    ):
        PolicyEvent.objects.create(
            issue=issue, event_date=day, before=before, after=after, note="x", recorded_by=officer
        )
    public, private = (
        Organisation.objects.create(code=code, name=code) for code in ("COUNCIL", "TRADERS")
    )
    linkage = Linkage.objects.create(
        programme=house.programme, title="Market hall", public_party=public,
        private_party=private, started_date=date(2025, 1, 1), area=area,
    )  # fmt: skip
    for due, done in (
        (date(2025, 2, 1), date(2025, 2, 1)),
        (date(2025, 3, 1), date(2025, 4, 1)),
        (date(2025, 12, 1), date(2025, 5, 1)),
    ):
        Commitment.objects.create(
            linkage=linkage, party=public, what="x", due_date=due, done_date=done,
            recorded_by=officer,
        )  # fmt: skip
    for number, (formality, closed) in enumerate(
        (("REGISTERED", None), ("LICENSED", date(2025, 5, 1)), ("INFORMAL", None))
    ):
        Enterprise.objects.create(
            code=f"E{number}", trade="Shop", programme=house.programme, formality=formality,
            registered_date=date(2025, 1, 1), closed_date=closed, registered_by=officer,
        )  # fmt: skip
    return house


def test_they_are_counted_as_of_the_day_alike_on_both_engines(
    town: House, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    written = write_snapshot(SUMMER, folder=tmp_path / "facts")

    def told(asked: Asked) -> dict[str, Any]:
        with duck.opened([written.folder]) as (lake, fetch):
            found = ask(lake, fetch, CODES, asked, ())
        counts = {}
        for code in CODES:
            source = Source(town.programme, asked.cut_off)
            figure = compute(DECLARED[code], catalogue(), source, asked, ("area1",))
            counts[code] = (figure.numerator, figure.denominator)
            assert (found[code].only.numerator, found[code].only.denominator) == counts[code]
        return counts

    assert told(Asked(SPRING)) == {
        "MED-POL-02": (1, None),
        "MED-POL-03": (0, None),
        "MED-LNK-01": (1, 2),
        "MED-ENT-05": (2, None),
    }
    assert told(Asked(SUMMER)) == {
        "MED-POL-02": (3, None),
        "MED-POL-03": (1, None),
        "MED-LNK-01": (1, 2),
        "MED-ENT-05": (1, None),
    }
    assert told(Asked(SUMMER, date(2025, 7, 1)))["MED-POL-03"] == (0, None), "adopted in June"


def test_the_stage_that_counts_as_adopted_is_that_of_the_markets() -> None:
    assert ADOPTED == PolicyStage.ADOPTED
