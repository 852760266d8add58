"""What a focal point gives a funder: restricted cases by kind and sex, as a table made safe."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from handup.desk import case_counts
from handup.desk.models import CaseCountTold
from handup.org import installation
from handup.org.models import AuditLine
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people.rules.codes import CompartmentKind
from handup.projects.models import Programme

K = CompartmentKind
RAW = {
    (K.VIOLENCE, "F"): 31, (K.VIOLENCE, "M"): 12, (K.HEALTH, "F"): 22, (K.HEALTH, "M"): 19,
    (K.CHILD, "F"): 2, (K.CHILD, "M"): 9, (K.TRAFFICKING, "F"): 1,
}  # fmt: skip


EACH = [  # one small count, which is hidden with three companions
    [31, 12, 9, 7, 8], [22, 19, 6, 8, 9], [2, 9, 7, 6, 8],
    [9, 8, 7, 11, 6], [13, 9, 8, 7, 6], [7, 8, 9, 10, 11],
]  # fmt: skip
FULL = {
    (kind, sex.value): EACH[row][column]
    for row, kind in enumerate(case_counts.KINDS)
    for column, sex in enumerate(case_counts.SEXES)
}


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> dict[int, dict[tuple[K, str], int]]:
    """What is counted of each year."""
    told = {2025: RAW, 2024: {(K.VIOLENCE, "F"): 3}, 2023: {(K.VIOLENCE, "F"): 40}}
    monkeypatch.setattr(
        case_counts, "count_by_kind", lambda staff, pk, first, last: told.get(first.year, {})
    )
    monkeypatch.setattr(case_counts, "years_over", lambda on: [2025, 2024, 2023, 2022])
    return told


def test_only_years_that_are_over_are_told() -> None:
    assert case_counts.years_over(date(2026, 12, 31)) == [2025, 2024, 2023, 2022, 2021]


def test_small_counts_are_never_told_and_neither_is_a_year_of_few(
    db: None, counts: dict[int, dict[tuple[K, str], int]]
) -> None:
    Programme.objects.create(code="P1", title="First programme", currency="AMD")
    focal = with_role("focal", Role.FOCAL_POINT)
    table = case_counts.counted(focal, Programme.objects.get().pk, 2025)
    shown = [
        table.shown(row, column)
        for row in range(len(table.rows))
        for column in range(len(table.columns))
    ]
    assert table.total == 96
    assert sum(count for count in shown if count is not None) < 96 or min(filter(None, shown)) >= 5
    assert not {0, 1, 2} & {count for count in shown if count is not None}
    programme = Programme.objects.get()
    client = Client()
    client.force_login(focal)
    assert "P1 · 2025" not in client.get("/protection/cases/").content.decode(), "not told yet"
    told = {"programme": str(programme.pk)}
    for year, status in ((2025, 302), (2024, 422), (2023, 302), (2022, 422), (2026, 422)):
        answer = client.post("/protection/cases/new/", told | {"year": str(year)})
        assert answer.status_code == status
    page = client.get("/protection/cases/").content.decode()
    assert "P1 · 2025" in page
    assert "P1 · 2023" in page, "all of one kind: the total alone"
    assert "P1 · 2024" not in page, "three cases are not told"
    assert "P1 · 2022" not in page
    assert CaseCountTold.objects.get(year=2025).table["total"] == 96


def test_what_was_told_once_stays_whatever_happens_to_the_cases(
    db: None, counts: dict[int, dict[tuple[K, str], int]]
) -> None:
    programme = Programme.objects.create(code="P1", title="First programme", currency="AMD")
    focal = with_role("focal", Role.FOCAL_POINT)
    told: dict[str, Any] = {"acting_staff": focal, "programme": programme}
    first = case_counts.tell_case_counts(**told, year=2025, on=date(2026, 1, 1))
    before = first.table
    counts[2025] = RAW | {(K.VIOLENCE, "F"): 32}  # one more, opened late
    again = case_counts.tell_case_counts(**told, year=2025, on=date(2026, 3, 1))
    assert (again.pk, again.table) == (first.pk, before)
    installation.put("protection.smallest_shown", 20)
    client = Client()
    client.force_login(focal)
    table = case_counts.shown("", CaseCountTold.objects.get().table)
    assert [[cell.text for cell in line] for line in table.body()] == [["Together", "96"]]
    main = client.get("/protection/cases/").content.decode().split("<main")[1]
    assert re.search(r">\s*96\s*<", main) is not None
    with pytest.raises(case_counts.NothingToTell):
        case_counts.tell_case_counts(**told, year=2024, on=date(2026, 1, 1))
    counts[2024] = RAW
    late = case_counts.tell_case_counts(**told, year=2024, on=date(2026, 1, 1))
    assert late.table["total"] == 96
    assert AuditLine.objects.filter(action="desk.tell_case_counts").count() == 2
    for change in (
        lambda: CaseCountTold.objects.update(year=2020),
        lambda: CaseCountTold.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert CaseCountTold.objects.count() == 2


def test_no_hidden_count_is_kept_and_none_is_shown(
    db: None, counts: dict[int, dict[tuple[K, str], int]]
) -> None:
    counts[2025] = FULL
    programme = Programme.objects.create(code="P1", title="First programme", currency="AMD")
    focal = with_role("focal", Role.FOCAL_POINT)
    row = case_counts.tell_case_counts(
        acting_staff=focal, programme=programme, year=2025, on=date(2026, 1, 1)
    )
    table = case_counts.counted(focal, programme.pk, 2025)
    assert len(table.hidden) == 4
    for r, cells in enumerate(row.table["cells"]):
        for c, cell in enumerate(cells):
            assert (cell is None) == ((r, c) in table.hidden)
    assert row.table["total"] == sum(map(sum, EACH))
    shown = case_counts.shown("", row.table)
    assert [cell.text for cell in shown.body()[2]][1:] == ["\u2013", "9", "\u2013", "6", "8", "32"]
    assert shown.footer[-1] == str(sum(map(sum, EACH)))


@pytest.mark.parametrize("role", [Role.MANAGER, Role.DPO, Role.FUNDER, Role.ME_OFFICER])
def test_nobody_else_counts_cases(db: None, role: Role) -> None:
    client = Client()
    client.force_login(with_role("other", role))
    assert client.get("/protection/cases/").status_code == 403
    assert client.get("/protection/cases/new/").status_code == 403
