"""What a programme tells: a logframe for each of the three, frozen figures with a first draft of a
report for one, and the households of one place ranked by the people who live there.

Constructed values throughout: no source prints a target, a statement of a logframe or a pile.
"""

from collections.abc import Mapping
from datetime import date

from django.db.models import Count

from handup.demo.cast import Cast
from handup.demo.chance import number
from handup.demo.foundation import Ground
from handup.demo.people import Progress
from handup.demo.tables import table
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.people.models import Household
from handup.people.services.ranking import (
    MeetingIn,
    close_ranking,
    record_ranking_meeting,
    start_ranking,
)
from handup.projects.models import Phase, Programme
from handup.results import services as results
from handup.results.drafting import draft_text
from handup.results.models import LogframeRow, Narrative
from handup.results.rules.logframe import Assumption, RowLevel

FROZEN = "ADRA-MN"
"""The programme whose figures are frozen: the smallest, in half a second."""
RANKED = "IFAD-RW"
HOMES, PILES = 12, 4
RANKERS = ("Women", "Men", "Young people")
LAID_DATE, CLOSED_DATE = date(2004, 5, 12), date(2004, 5, 14)
STEPS = 5


def tell_of_all(
    grounds: Mapping[str, Ground], days: Mapping[str, date], progress: Progress
) -> None:
    """Load the three logframes, the frozen figures with their report, and the ranking."""
    for ground in grounds.values():
        add_logframe(ground.cast[Role.ME_OFFICER], ground.phase)
        progress(1)
    frozen = grounds[FROZEN]
    freeze_and_draft(frozen.cast, frozen.programme, days[FROZEN])
    progress(1)
    rank_households(grounds[RANKED].cast, grounds[RANKED].programme)
    progress(1)


def add_logframe(officer: StaffUser, phase: Phase) -> list[LogframeRow]:
    """The rows of a programme's logframe: assumptions looked at, indicators with a target."""
    rows: dict[str, LogframeRow] = {}
    for told in table("logframes"):
        if told["programme"] != phase.programme.code:
            continue
        row = results.add_logframe_row(
            acting_staff=officer,
            phase=phase,
            level=RowLevel(told["level"]),
            statement=told["statement"],
            parent=rows.get(told["parent"]),
            means=told["means"],
            assumption=told["assumption"],
        )
        if row.assumption:
            row = results.review_assumption(acting_staff=officer, row=row, state=Assumption.HOLDS)
        rows[told["row"]] = row
        if told["code"]:
            indicator = results.add_row_indicator(
                acting_staff=officer,
                row=row,
                code=told["code"],
                baseline_reason=told["baseline_reason"],
            )
            results.set_target(
                acting_staff=officer,
                indicator=indicator,
                period_end=date.fromisoformat(told["period_end"]),
                value=told["target"],
            )
    return list(rows.values())


def freeze_and_draft(cast: Cast, programme: Programme, day: date) -> Narrative:
    """Figures computed, checked, approved and frozen by three, and a report drafted on them."""
    officer, manager, director = cast[Role.ME_OFFICER], cast[Role.MANAGER], cast[Role.DIRECTOR]
    made = results.compute_snapshot(acting_staff=officer, programme=programme, day=day)
    codes = list(made.figures.values_list("code", flat=True))
    results.check_figures(acting_staff=manager, snapshot=made, codes=codes)
    results.approve_figures(acting_staff=director, snapshot=made, codes=codes)
    frozen = results.freeze_snapshot(acting_staff=director, snapshot=made)
    return results.write_narrative(
        acting_staff=officer,
        snapshot=frozen,
        title=f"Half-year report {day:%Y}",
        language="en",
        text=draft_text(frozen, "en"),
    )


def rank_households(cast: Cast, programme: Programme) -> None:
    """Three groups lay the households of one place in piles; the last two agree but for one."""
    officer = cast[Role.TARGETING_OFFICER]
    homes = Household.objects.filter(programme=programme, area__isnull=False)
    place = homes.values("area").annotate(homes=Count("pk")).order_by("-homes", "area").first()
    if place is None:
        return
    area = Area.objects.get(pk=place["area"])
    ranking = start_ranking(
        acting_staff=officer,
        programme=programme,
        area=area,
        title=f"Households of {area}",
        begun_date=LAID_DATE,
    )
    laid = list(homes.filter(area=area).order_by("pk").values_list("pk", flat=True)[:HOMES])
    for turn, group in enumerate(RANKERS):
        piles = {home: 1 + at * PILES // len(laid) for at, home in enumerate(laid)}
        if turn:
            moved = laid[number("RANKED", turn, len(laid))]
            piles[moved] = min(PILES, piles[moved] + 1)
        told = MeetingIn(group=group, raters=6, piles=PILES, held_date=LAID_DATE, laid=piles)
        record_ranking_meeting(acting_staff=officer, ranking=ranking, told=told)
    close_ranking(acting_staff=officer, ranking=ranking, on=CLOSED_DATE)
