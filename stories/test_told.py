"""Story `told`: what the demonstration tells of its programmes beside their records."""

from datetime import date

import pytest

from handup.demo.cast import Cast
from handup.demo.load import REPORTING_DAYS
from handup.demo.tables import table
from handup.demo.telling import FROZEN, HOMES, RANKED, add_logframe, freeze_and_draft
from handup.demo.telling import rank_households as rank
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.people.models import RankedPile, WealthRanking
from handup.projects.models import Phase, Programme
from handup.results.models import Target
from handup.results.rules.states import SnapshotState

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    """Who acts, as the load made them."""
    found = {}
    for role in (Role.ME_OFFICER, Role.MANAGER, Role.DIRECTOR, Role.TARGETING_OFFICER):
        row = StaffUser.objects.filter(grants__role=role).order_by("username").first()
        assert row is not None
        found[role] = row
    return Cast(found, {})


def test_each_programme_has_its_logframe_with_targets(cast: Cast) -> None:
    for code in REPORTING_DAYS:
        phase = Phase.objects.get(programme__code=code)
        rows = add_logframe(cast[Role.ME_OFFICER], phase)
        assert [row.statement for row in rows] == [
            row["statement"] for row in table("logframes") if row["programme"] == code
        ]
        assert all(row.reviewed_date for row in rows if row.assumption)
    targets = [row["target"] for row in table("logframes") if row["target"]]
    assert sorted(Target.objects.values_list("value", flat=True)) == sorted(targets)


def test_figures_are_frozen_by_three_and_a_report_is_drafted(cast: Cast) -> None:
    programme = Programme.objects.get(code=FROZEN)
    report = freeze_and_draft(cast, programme, date(2005, 6, 30))
    assert report.snapshot.state == SnapshotState.FROZEN
    assert "{{ MED-GRP-01 }}" in report.text


def test_three_groups_rank_the_households_of_a_place(cast: Cast) -> None:
    rank(cast, Programme.objects.get(code=RANKED))
    ranking = WealthRanking.objects.get()
    assert ranking.closed_date is not None
    assert RankedPile.objects.count() <= 3 * HOMES
    assert (
        RankedPile.objects.count() == 3 * RankedPile.objects.values("household").distinct().count()
    )
