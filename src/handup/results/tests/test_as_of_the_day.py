"""Figures of a past day stay what they were: a group that closed since, a member who left since and
a client who stopped since count on the days before; and enterprises count by their first service.
"""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from handup.groups.models import Group, GroupAssessment, Meeting, Member
from handup.groups.services import advocacy
from handup.groups.services.assembly import Votes
from handup.groups.services.facts import MEETING, FactIn, Stream
from handup.groups.services.life import close_group
from handup.groups.tests.conftest import FIRST, FORMED, close, mark, new_person, save, staff_with
from handup.groups.tests.test_tiers import goes_on, union
from handup.kernel.chain import Json
from handup.kernel.ids import new_id
from handup.markets.models import PolicyEvent, PolicyIssue, PriceIndex
from handup.org.models import Area, StaffUser
from handup.org.rules.access import Role
from handup.people.models import Enterprise, Ownership, Participation
from handup.projects.models import Programme
from handup.results.columns import duck
from handup.results.columns.asking import ask
from handup.results.columns.writing import write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue, definition
from handup.results.facts import Facts
from handup.results.gathering import Source, answers
from handup.results.report import report_line
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked, Row
from handup.surveys.queries import AnswerFact
from handup.surveys.rules.codes import RoundKind, SubjectKind

__all__ = ("goes_on", "union")
pytestmark = pytest.mark.django_db
CLOSED = FIRST + timedelta(days=30)
BEFORE, AFTER = CLOSED - timedelta(days=1), CLOSED
Counts = tuple[int, int | None]


@pytest.fixture(autouse=True)
def place(settings: LazySettings, tmp_path: Path) -> None:
    """A data folder of its own."""
    settings.DATA_DIR = tmp_path / "data"


def told(programme: Programme, folder: Path, *codes: str, **params: int) -> dict[Any, list[Counts]]:
    """Both counts of some figures on the day before and on the day it closed, told by rows in
    memory, after a snapshot in columns was found to tell the same."""
    found: dict[Any, list[Counts]] = {code: [] for code in codes}
    written = write_snapshot(AFTER, folder=folder)
    for day in (BEFORE, AFTER):
        asked = Asked(day, params=params)
        with duck.opened([written.folder]) as (lake, fetch):
            columns = ask(lake, fetch, codes, asked, ())
        for code in codes:
            figure = compute(DECLARED[code], catalogue(), Source(programme, day), asked, ())
            counts = (figure.numerator, figure.denominator)
            assert (columns[code].only.numerator, columns[code].only.denominator) == counts, code
            found[code].append(counts)
    return found


def test_a_group_that_closed_counts_until_the_day_before(
    programme: Programme, group: Group, members: list[Member], officer: StaffUser, tmp_path: Path
) -> None:
    GroupAssessment.objects.create(
        group=group,
        card_code="SHG",
        card_version=1,
        card={},
        assessed_date=FIRST,
        people_count=4,
        points=8,
        most_points=10,
        grade="A",
        is_eligible=True,
        assessed_by=officer,
        fact=group.facts.latest("seq"),
    )
    supervisor = staff_with("supervisor", Role.GROUP_SUPERVISOR, programme=programme.pk)
    close_group(acting_staff=supervisor, group=group, votes=Votes(CLOSED, yes=4))
    codes = ("MED-GRP-01", "MED-GRP-02", "MED-GRP-05", "MED-GRP-06")
    assert told(programme, tmp_path / "facts", *codes) == {
        "MED-GRP-01": [(1, None), (0, None)],
        "MED-GRP-02": [(4, None), (0, None)],
        "MED-GRP-05": [(1, 1), (0, 0)],
        "MED-GRP-06": [(1, None), (0, None)],
    }


def test_a_member_who_left_since_was_a_saver_before(
    programme: Programme,
    meeting: Meeting,
    members: list[Member],
    officer: StaffUser,
    tmp_path: Path,
) -> None:
    save(meeting, officer, {members[0]: 500, members[1]: 500})
    mark(meeting, officer, {})
    close(meeting, officer, 1000)
    Member._base_manager.filter(pk=members[0].pk).update(left_date=CLOSED, status="LEFT")
    found = told(programme, tmp_path / "facts", "MED-GRP-03m", meetings=1)
    assert found == {"MED-GRP-03m": [(2, 4), (1, 3)]}


def test_an_area_is_covered_by_a_client_too_and_told_by_its_group_first(
    programme: Programme, group: Group, officer: StaffUser, tmp_path: Path
) -> None:
    other = Area.objects.create(code="V2", names={"en": "Hamlet"}, level=2)
    for number, (area, ended) in enumerate([(other, CLOSED), (group.area, None)], 50):
        person = new_person(number, programme, officer)
        person.area = area
        person.save()
        Participation.objects.create(
            person=person,
            programme=programme,
            state="ACTIVE",
            applied_date=FORMED - timedelta(days=9),
            started_date=FORMED - timedelta(days=9),
            ended_date=ended,
        )
    assert told(programme, tmp_path / "facts", "MED-GRP-06") == {
        "MED-GRP-06": [(2, None), (1, None)]
    }
    item = DECLARED["MED-GRP-06"]
    figure = compute(item, catalogue(), Source(programme, BEFORE), Asked(BEFORE), ("group_type",))
    assert [(line.code, line.numerator) for line in figure.breakdowns[0].lines] == [
        ("SAVINGS", 1),
        ("NOT_RECORDED", 1),
    ]


SERVED = date(2025, 3, 1)
SEEN = date(2026, 1, 20)


def enterprise(programme: Programme, officer: StaffUser, number: int, served: date | None) -> Any:
    """A shop that is older than the programme, of an owner served since a day."""
    owner = new_person(number, programme, officer)
    if served is not None:
        Participation.objects.create(
            person=owner, programme=programme, state="ACTIVE",
            applied_date=served, started_date=served,
        )  # fmt: skip
    shop = Enterprise.objects.create(
        code=f"E{number}", trade="Shop", programme=programme, start_date=date(2020, 1, 1),
        registered_date=date(2025, 2, 1), registered_by=officer,
    )  # fmt: skip
    Ownership.objects.create(
        enterprise=shop, person=owner, share_bps=10_000, from_date=date(2020, 1, 1)
    )
    return shop


def profit(shop: Any, day: date, value: str, currency: str = "XTS") -> AnswerFact:
    """What a visit was told of last month's profit."""
    return AnswerFact(
        handup_key="profit_month",
        subject_kind=SubjectKind.ENTERPRISE,
        subject_id=shop.pk,
        person_id=None,
        programme_id=shop.programme_id,
        phase_id=None,
        round_id=new_id(),
        round_kind=RoundKind.BASELINE if day < SEEN else RoundKind.ENDLINE,
        answered_date=day,
        repeat_index=0,
        value=value,
        currency=currency,
        reference_month=None,
        weight=Fraction(1),
    )


def test_supported_asks_for_a_service_and_strengthened_for_something_better(
    programme: Programme, officer: StaffUser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shops = [enterprise(programme, officer, 60 + at, SERVED) for at in range(4)]
    nobody = enterprise(programme, officer, 70, None)
    told_first = date(2025, 3, 10)
    facts = [
        *(profit(shop, told_first, "100") for shop in (*shops, nobody)),
        profit(shops[0], SEEN, "130"),
        profit(shops[1], SEEN, "110"),
        profit(shops[2], SEEN, "130", "USD"),
        profit(shops[3], SEEN, "9" * 40),
        profit(nobody, SEEN, "200"),
    ]

    def by_key(*, keys: Any, **_more: Any) -> list[AnswerFact]:
        return [fact for fact in facts if fact.handup_key in keys]

    monkeypatch.setattr(answers, "answers_by_key", by_key)
    for day, index in ((told_first, 1000), (SEEN, 1200)):
        PriceIndex.objects.create(
            currency="XTS", month=day.replace(day=1), index_milli=index, source="Office"
        )
    codes = ("MED-ENT-02s", "MED-ENT-02", "MED-ENT-03")
    found = told(programme, tmp_path / "facts", *codes)
    assert found["MED-ENT-02s"] == [(4, None), (4, None)], "nobody served the fifth"
    assert found["MED-ENT-02"] == [(1, None), (1, None)], "prices rose by a fifth meanwhile"
    assert found["MED-ENT-03"][1][1] == 4


def test_full_jobs_say_that_their_counts_are_days(programme: Programme) -> None:
    line = report_line(definition("MED-JOB-01"), Facts(programme, AFTER)).as_json()
    assert (line["unit"], line["counted_in"]) == ("fte", {"unit": "days", "for_one": 240})
    other = report_line(definition("MED-GRP-01"), Facts(programme, AFTER)).as_json()
    assert other["counted_in"] is None


def test_the_top_answers_are_those_that_were_fixed(programme: Programme) -> None:
    rows: list[Row] = [
        {"record": value, "subject": value, "subject_kind": "PERSON", "day": SEEN, "received": 0,
         "key": "life_change", "valid": True, "value": value, "place": answers.PLACES[value]}
        for value in ("MUCH_BETTER", "BETTER", "SAME")
    ]  # fmt: skip
    source = Source(programme, AFTER)
    source.kept["answer"] = rows
    item = DECLARED["MED-IMP-02"]

    def share(**params: int) -> Counts:
        figure = compute(item, catalogue(), source, Asked(AFTER, params=params), ())
        return figure.numerator, figure.denominator

    assert (share(), share(top_answers=1)) == ((2, 3), (1, 3))


def test_counts_of_the_box_that_agreed_at_once(
    programme: Programme, meeting: Meeting, officer: StaffUser, tmp_path: Path
) -> None:
    """Two counted the opening and differed, then agreed; two counted the closing alike; of one
    alone nothing is told."""
    counted = (("IN", 1, 1, 0), ("IN", 2, 1, 5), ("IN", 1, 2, 0), ("IN", 2, 2, 0))
    closing = (("OUT", 1, 1, 0), ("OUT", 2, 1, 0))
    stream = Stream.locked(meeting.group, name=MEETING, meeting=meeting, version=1)
    bodies: list[dict[str, Json]] = [
        {"way": way, "fund": "LOAN", "counter": who, "attempt": attempt, "total_units": units}
        for way, who, attempt, units in (*counted, *closing)
    ]
    alone: dict[str, Json] = {"way": "OUT", "fund": "SOCIAL", "counter": 1, "total_units": 0}
    stream.append([FactIn("record_count", body, FIRST) for body in (*bodies, alone)], officer)
    assert told(programme, tmp_path / "open", "MED-CSH-01") == {"MED-CSH-01": [(0, 0), (0, 0)]}
    Meeting.objects.filter(pk=meeting.pk).update(status="CLOSED")
    assert told(programme, tmp_path / "facts", "MED-CSH-01") == {"MED-CSH-01": [(1, 2), (1, 2)]}


def test_how_a_group_keeps_its_cash_is_told_with_the_meetings_behind_it(
    programme: Programme, meeting: Meeting, officer: StaffUser, tmp_path: Path
) -> None:
    """10.00 came in and one of two differences stood the other way; one fact of seven took another
    back; it arrived on the day after."""
    stream = Stream.locked(meeting.group, name=MEETING, meeting=meeting, version=1)
    before = meeting.facts.count()
    told_of: list[tuple[str, dict[str, Json]]] = [
        ("record_income", {"fund": "LOAN", "units": 1000}),
        ("record_difference", {"fund": "LOAN", "difference": -30}),
        ("record_statement", {"fund": "LOAN", "place": "BANK", "units": 0, "difference": 20}),
        ("record_statement", {"fund": "LOAN", "place": "BANK", "units": 0}),
        ("reverse_fact", {"fact": str(new_id())}),
        ("record_minute", {"item": "news"}),
    ]
    stream.append([FactIn(name, body, FIRST) for name, body in told_of], officer)
    codes = ("MED-CSH-02", "MED-CSH-03", "MED-CSH-04")
    received = datetime.combine(FIRST + timedelta(days=1), time(12), tzinfo=UTC)
    Meeting.objects.filter(pk=meeting.pk).update(status="CLOSED", closed_at=received)
    facts = before + len(told_of)
    at_once = told(programme, tmp_path / "one", *codes, within_days=0)
    assert at_once["MED-CSH-03"] == [(0, 1)] * 2
    assert told(programme, tmp_path / "two", *codes, within_days=1) == {
        "MED-CSH-02": [(50, 1000)] * 2,
        "MED-CSH-03": [(1, 1)] * 2,
        "MED-CSH-04": [(1, facts)] * 2,
    }
    figure = compute(
        DECLARED["MED-CSH-02"], catalogue(), Source(programme, AFTER), Asked(AFTER), ()
    )
    assert [(row.kind, row.record) for row in figure.rows] == [("meeting", str(meeting.pk))]


def test_whom_an_adopted_change_affects_counts_once_from_that_day(
    programme: Programme, union: Group, members: list[Member], officer: StaffUser, tmp_path: Path
) -> None:
    """The union of her group stands behind two issues; who left before it was adopted is not
    affected, nor counted for who may not know of her."""
    for title in ("Fee on milk cans", "Licence to sell"):
        issue = PolicyIssue.objects.create(
            programme=programme, title=title, ask="Less", target="Council", owner=officer
        )
        advocacy.take_up_issue(
            acting_staff=officer,
            group=union,
            issue=issue,
            position="Less",
            votes=Votes(FIRST, yes=4),
        )
        for day, before, after in ((BEFORE, 1, 3), (AFTER, 3, 6), (AFTER, 6, 7)):
            PolicyEvent.objects.create(
                issue=issue,
                event_date=day,
                before=before,
                after=after,
                note="x",
                recorded_by=officer,
            )
    Member.objects.filter(pk=members[3].pk).update(left_date=BEFORE)
    code = "MED-POL-04"
    assert told(programme, tmp_path / "facts", code) == {code: [(0, None), (3, None)]}
    assert members[0].person_id is not None
    source = Source(programme, AFTER, [members[0].person_id])
    assert compute(DECLARED[code], catalogue(), source, Asked(AFTER), ()).numerator == 2
