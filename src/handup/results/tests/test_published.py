"""What leaves the staff: one day, totals of enough persons, and no other door to a count."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending.tests.cast import World, make_world, running, staff
from handup.org import declared, installation
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.people.models import Compartment
from handup.projects.models import Programme
from handup.projects.models.knowledge import OUTSIDE
from handup.results import releases
from handup.results.definitions import definition
from handup.results.models import ReleasedFigure
from handup.results.published import (
    is_large_enough,
    published,
    published_day,
    quarter_before,
)
from handup.results.releases import published_report, report_for
from handup.results.report import FunnelLine, Report, funnel_of, line_of, make_report
from handup.results.rules.engine import FactRow, ValueKind, measure
from handup.results.services import choose_indicators, set_reporting_day
from handup.surveys.models import Questionnaire, Round

DAY = date(2026, 1, 31)


def rows(count: int, first: int = 0) -> list[FactRow]:
    return [FactRow(str(one), DAY, "person", str(one)) for one in range(first, first + count)]


@pytest.mark.parametrize(
    ("counted", "base", "k", "shown"),
    [
        (4, None, 5, False),
        (5, None, 5, True),
        (0, None, 5, True),
        (5, 9, 5, False),
        (5, 10, 5, True),
        (10, 10, 5, True),
        (0, 4, 5, False),
        (9, 20, 10, False),
        (10, 20, 10, True),
    ],
)
def test_a_total_a_base_and_what_lies_between_stand_for_enough(
    counted: int, base: int | None, k: int, shown: bool
) -> None:
    under = None if base is None else rows(base)
    kind = ValueKind.COUNT_DISTINCT if base is None else ValueKind.RATIO
    assert is_large_enough(measure(kind, rows(counted), under, ("sex",)), k) is shown


@pytest.mark.parametrize(
    ("on", "day"),
    [
        (date(2026, 1, 1), date(2025, 12, 31)),
        (date(2026, 3, 31), date(2025, 12, 31)),
        (date(2026, 4, 1), date(2026, 3, 31)),
        (date(2026, 12, 31), date(2026, 9, 30)),
    ],
)
def test_a_quarter_is_published_when_it_is_over(on: date, day: date) -> None:
    assert quarter_before(on) == day


@pytest.fixture
def world(db: None) -> World:
    made = make_world()
    codes = ("MED-OUT-01", "MED-FIN-01", "MED-FIN-01v")
    choose_indicators(acting_staff=made.cast.manager, programme=made.programme, codes=codes)
    return made


@pytest.mark.parametrize("role", [Role.FUNDER, Role.SUCCESSOR])
def test_a_partner_cannot_take_one_day_from_the_next(world: World, role: Role) -> None:
    """Whatever day she asks for, at every door, she reads the one that is published."""
    funder = staff("partner", role)
    client = Client()
    client.force_login(funder)
    set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=DAY)
    pk = world.programme.pk
    running(world)
    told = set()
    for day in (DAY - timedelta(days=400), DAY, DAY + timedelta(days=1)):
        assert report_for(funder, world.programme, day).as_of == DAY
        asked = {"as_of": day.isoformat()}
        told.add(client.get(f"/api/v1/results/programmes/{pk}/report", asked).content)
        address = reverse("results:report_file", args=[pk, day, "csv"])
        file = client.get(address)
        assert DAY.isoformat() in file["Content-Disposition"]
        told.add(file.content)
        assert client.get(reverse("results:benefits", args=[pk]), asked).context["as_of"] == DAY
    assert len(told) == 2, "one answer for every day, at each of the two doors"
    inside = report_for(world.cast.manager, world.programme, DAY + timedelta(days=1))
    assert inside.as_of == DAY + timedelta(days=1)
    set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=None)
    assert published_day(world.programme) == quarter_before(timezone.localdate())


def test_the_smallest_count_is_the_setting_of_the_house(world: World) -> None:
    report = make_report(world.programme, DAY)
    line = replace(
        report.lines[0], figure=measure(ValueKind.COUNT_DISTINCT, rows(8), None, ("sex",))
    )
    steps = tuple(FunnelLine("X", count, None) for count in (30, 20, 10))
    report = replace(report, lines=(line,), funnel=steps)
    assert len(published(report).lines) == 1
    assert published(report).funnel == steps
    assert published(report).lines[0].figure.breakdowns == ()
    installation.put("protection.smallest_shown", 11)
    assert published(report).lines == ()
    assert published(report).funnel == ()


@pytest.mark.parametrize("role", sorted(OUTSIDE))
def test_every_door_of_a_partner_is_known(role: Role) -> None:
    """A permission given outside that counts persons goes through `releases`: name it here once it
    does. Who takes over and a bank read, besides, records that an agreement names."""
    held = {code for code, who in declared.declared().items() if role in who}
    assert held == DOORS[role]


def people(*parts: tuple[int, int]) -> list[FactRow]:
    """Loans: for each person how many and of how much."""
    return [
        FactRow(f"{who}/{one}", DAY, "loan", f"{who}/{one}", units, "USD", holder=str(who))
        for who, (many, units) in enumerate(parts)
        for one in range(many)
    ]


@pytest.mark.parametrize(("largest", "shown"), [(20, True), (21, False)])
def test_an_amount_that_is_nearly_all_of_one_is_not_told(largest: int, shown: bool) -> None:
    """Five borrowers of one each: a sixth may have four fifths of all, and no more."""
    lent = people(*[(1, 1)] * 5, (1, largest))
    assert is_large_enough(measure(ValueKind.SUM, lent, None, ()), 5) is shown


def test_several_loans_of_one_borrower_are_hers_alone() -> None:
    of_one = measure(ValueKind.COUNT_DISTINCT, people((6, 100)), None, ())
    assert of_one.numerator == 6
    assert not is_large_enough(of_one, 5)
    assert is_large_enough(measure(ValueKind.SUM, people(*[(1, 100)] * 5), None, ()), 5)
    every, repaid = people(*[(2, 9)] * 5, (4, 9)), people(*[(2, 9)] * 5)
    assert not is_large_enough(measure(ValueKind.RATIO, repaid, every, ()), 5), "the rest is hers"


def counted(programme: Programme, day: date, count: int, units: int, steps: list[int]) -> Report:
    """A report of so many persons, who have loans of so much each, and came so far."""
    loans = people(*[(1, units)] * count)
    figures = {
        "MED-OUT-01": measure(ValueKind.COUNT_DISTINCT, rows(count), None, ()),
        "MED-FIN-01v": measure(ValueKind.SUM, loans, None, ()),
        "MED-TRN-04": measure(ValueKind.RATIO, rows(count - 5), rows(count), ()),
    }
    lines = tuple(line_of(definition(code), figure) for code, figure in figures.items())
    return Report(programme, day, lines, funnel_of(steps))


def test_what_was_told_stays_and_a_few_move_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """protection.md 4.9, rule 6: of each count, and of each sum by whose part changed."""
    choose_indicators(
        acting_staff=world.cast.manager,
        programme=world.programme,
        codes=("MED-OUT-01", "MED-FIN-01v", "MED-TRN-04"),
    )
    held: dict[date, tuple[int, int, list[int]]] = {}
    monkeypatch.setattr(
        releases, "make_report", lambda programme, day, without: counted(programme, day, *held[day])
    )

    def told(day: date, count: int, units: int, *steps: int) -> list[int | None]:
        held[day] = (count, units, list(steps))
        set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=day)
        report = published_report(world.programme)
        assert report.as_of == day
        numbers: list[int | None] = []
        for line in report.lines:
            numbers += [line.numerator, line.denominator]
        return [*numbers, *(step.count for step in report.funnel)]

    first = [40, None, 4_000, None, 35, 40, 40, 30, 20, 10]
    assert told(DAY, 40, 100, 40, 30, 20, 10) == first
    assert told(DAY, 90, 100, 90, 30, 20, 10) == first, "the day was told"
    held[DAY] = (40, 100, [40, 30, 20, 10])
    assert told(DAY + timedelta(days=1), 41, 100, 40, 30, 20, 11) == first, "by one"
    later = told(DAY + timedelta(days=90), 50, 100, 50, 40, 30, 20)
    assert later == [50, None, 5_000, None, 45, 50, 50, 40, 30, 20]
    between = told(DAY + timedelta(days=60), 49, 100, 50, 40, 30, 19)
    assert between == later, "nor from a later day"
    assert told(DAY + timedelta(days=120), 50, 101, 50, 40, 30, 20)[2] == 5_050, "of everybody"
    assert told(DAY + timedelta(days=150), 4, 100, 50, 40, 30, 4) == [45, 50], "too few"


def test_a_share_of_money_is_told_once_a_quarter(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "MED-FIN-05b"
    choose_indicators(acting_staff=world.cast.manager, programme=world.programme, codes=(code,))
    everybody = people(*[(1, 0)] * 20)
    behind = {DAY: 10, DAY + timedelta(days=30): 15, DAY + timedelta(days=90): 15}
    behind[DAY + timedelta(days=180)] = 16

    def report(programme: Programme, day: date, without: frozenset[object]) -> Report:
        figure = measure(ValueKind.RATIO, everybody[: behind[day]], everybody, ())
        figure = replace(figure, numerator=100 + (day - DAY).days, denominator=900)
        return Report(programme, day, (line_of(definition(code), figure),), ())

    monkeypatch.setattr(releases, "make_report", report)
    told = []
    for day in behind:
        set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=day)
        told.append([line.numerator for line in published_report(world.programme).lines])
    assert told == [[100], [], [190], []]


def test_nobody_hidden_is_in_what_is_published_whoever_reads(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One report for everybody: not even a case team's own person is counted in it."""
    running(world)
    Compartment.objects.create(
        person=world.person, kind="PERSON", opened_by=world.cast.director, opened_date=DAY
    )
    hidden_changed()
    asked = []

    def report(programme: Programme, day: date, without: frozenset[object]) -> Report:
        asked.append(without)
        return make_report(programme, day)

    monkeypatch.setattr(releases, "make_report", report)
    published_report(world.programme)
    assert asked == [{world.person.pk}]
    hidden_changed()


FUNDERS = {
    *(f"markets.view_{name}" for name in ("chain", "commodity", "linkage", "policy", "price")),
    *(f"markets.view_{name}" for name in ("study", "support", "technology")),
    *(f"people.view_{name}" for name in ("alias", "instrument", "notice", "rule", "scorecard")),
    *(f"projects.view_{name}" for name in ("budget", "document", "lesson", "organisation")),
    *("projects.view_programme", "projects.view_stated_figure", "results.view_figure"),
    "projects.view_mission_action",  # what its own missions asked for
    "projects.view_handover",  # gates and readiness; who goes and who stays is for those inside
    *("org.keep_filters", "org.report_incident", "plans.view_segment"),
    "surveys.view_questionnaire",
    "training.view_curriculum",
}

BORROWERS = {
    *(f"lending.view_{name}" for name in ("borrower", "guarantee", "loan", "product", "savings")),
    "lending.view_security",
}
DOORS = {
    Role.FUNDER: FUNDERS,
    Role.SUCCESSOR: {
        *(FUNDERS - {"projects.view_budget", "projects.view_mission_action"}),
        *BORROWERS,
        *(f"groups.view_{name}" for name in ("group", "internal_loan", "member")),
        *(f"lending.view_{name}" for name in ("lender", "passport", "pathway")),
        *(f"markets.view_{name}" for name in ("adoption", "contract", "match", "start", "vacancy")),
        *(f"people.view_{name}" for name in ("assessment", "enterprise", "participation")),
        *(f"training.view_{name}" for name in ("apprenticeship", "certificate", "cohort")),
        *(f"training.view_{name}" for name in ("enrolment", "placement")),
        *("people.view_person", "plans.view_plan", "plans.view_visit", "surveys.view_round"),
        "results.open_rows",
    },
    Role.BANK_CLERK: {
        *BORROWERS,
        *(f"lending.import_{name}" for name in ("bank_file", "payment_status")),
        *("lending.cast_vote", "lending.compare_bank_list", "lending.decide_application"),
        *("lending.call_guarantee", "lending.disburse_loan", "lending.keep_document"),
        *(f"lending.view_{name}" for name in ("application", "application_document", "bank_file")),
        *(f"lending.view_{name}" for name in ("bank_list", "condition", "payment_batch")),
        *("org.keep_filters", "org.load_edited_list", "org.report_incident"),
        *(f"people.view_{name}" for name in ("alias", "instrument", "notice", "rule", "scorecard")),
        *(f"projects.view_{name}" for name in ("document", "organisation", "programme")),
        *("plans.view_segment", "projects.view_stated_figure"),
    },
}


def test_a_figure_of_answers_says_since_when_it_is_out_of_date(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """surveys.md section 5: a round opened again after it was told marks what was counted of it."""
    codes = ("MED-OUT-01", "MED-IMP-01")
    choose_indicators(acting_staff=world.cast.manager, programme=world.programme, codes=codes)
    figures = {
        "MED-OUT-01": measure(ValueKind.COUNT_DISTINCT, rows(40), None, ()),
        "MED-IMP-01": measure(ValueKind.RATIO, rows(30), rows(40), ()),
    }
    lines = tuple(line_of(definition(code), figure) for code, figure in figures.items())
    report = Report(world.programme, DAY, lines, ())
    monkeypatch.setattr(releases, "make_report", lambda programme, day, without: report)
    set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=DAY)

    def since() -> dict[str, str | None]:
        told = published_report(world.programme)
        return {line.code: line.as_json()["stale_since"] for line in told.lines}

    assert since() == {"MED-OUT-01": None, "MED-IMP-01": None}
    before = published_report(world.programme)
    officer = world.cast.manager
    questionnaire = Questionnaire.objects.create(
        code="i", title="Impact", purpose="IMPACT", subject_kind="PERSON"
    )
    round = Round.objects.create(
        questionnaire=questionnaire, programme=world.programme, name="Follow-up",
        kind="FOLLOW_UP", opens_date=DAY + timedelta(days=1), closes_date=DAY + timedelta(days=9),
        seed="s", planned_by=officer, reopened_at=timezone.now(), state="CLOSED",
    )  # fmt: skip
    assert since() == {"MED-OUT-01": None, "MED-IMP-01": None}, "it began after the day"
    Round.objects.filter(pk=round.pk).update(opens_date=DAY - timedelta(days=9), state="LOCKED")
    today = timezone.localdate().isoformat()
    assert since() == {"MED-OUT-01": None, "MED-IMP-01": today}, "locked again it stays so"
    after = published_report(world.programme)
    assert [line.numerator for line in after.lines] == [line.numerator for line in before.lines]
    ReleasedFigure.objects.update(recorded_at=timezone.now() + timedelta(minutes=1))
    assert since()["MED-IMP-01"] is None, "it was told after that"


@pytest.mark.parametrize(("loss", "shown"), [(1, True), (1_000, False)])
def test_a_loss_that_is_nearly_all_of_one_is_not_told(loss: int, shown: bool) -> None:
    """Value added may be below nothing: the total would tell whose business lost it."""
    added = people(*[(1, -1)] * 5, (1, -loss))
    assert is_large_enough(measure(ValueKind.SUM, added, None, ()), 5) is shown


def of_groups(kind: str, *amounts: int) -> list[FactRow]:
    """What each of some groups has, in two records of each."""
    return [
        FactRow(f"{who}/{one}", DAY, kind, f"{who}/{one}", units, "USD", holder=f"G{who}")
        for who, whole in enumerate(amounts)
        for one, units in enumerate((whole - whole // 2, whole // 2))
    ]


@pytest.mark.parametrize("kind", ["group", "meeting"])
@pytest.mark.parametrize(
    ("amounts", "shown"),
    [((9,) * 4, False), ((9,) * 4 + (0,), False), ((9,) * 5, True), ((9,) * 5 + (190,), False)],
)
def test_the_money_of_a_few_groups_is_not_told(
    kind: str, amounts: tuple[int, ...], *, shown: bool
) -> None:
    """Of four groups, also where a fifth has nothing; nor where one has more than four fifths."""
    held = of_groups(kind, *amounts)
    assert is_large_enough(measure(ValueKind.SUM, held, None, ()), 5) is shown
    share = measure(ValueKind.RATIO, [], held, (), counted_as=ValueKind.SUM)
    assert is_large_enough(share, 5) is shown
    counts = [replace(row, currency="", amount=1) for row in held[:8]]
    assert is_large_enough(measure(ValueKind.COUNT, counts, None, ()), 5), "a count is no money"


def test_what_groups_have_is_told_anew_once_enough_of_them_have_another_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose_indicators(
        acting_staff=world.cast.manager, programme=world.programme, codes=("MED-GRP-03",)
    )
    amounts = [90] * 6

    def saved(programme: Programme, day: date, without: object) -> Report:
        held = list(amounts if day > DAY else [90] * 6)
        rows = [FactRow(f"G{n}", DAY, "group", f"G{n}", one, "USD") for n, one in enumerate(held)]
        lines = (line_of(definition("MED-GRP-03"), measure(ValueKind.SUM, rows, None, ())),)
        return Report(programme, day, lines, ())

    monkeypatch.setattr(releases, "make_report", saved)

    def told(days: int, changed: int) -> int:
        amounts[:changed] = [91] * changed
        day = DAY + timedelta(days=days)
        set_reporting_day(acting_staff=world.cast.manager, programme=world.programme, day=day)
        return published_report(world.programme).lines[0].numerator

    assert [told(0, 0), told(1, 1), told(2, 4), told(3, 5)] == [540, 540, 540, 545]
