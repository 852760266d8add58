"""The copy in columns answers a past day as the database does, loan by loan, or leaves it to it."""

import sys
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending import figures, reported
from handup.lending.columns import asking, copying, night, place
from handup.lending.columns.copying import HELD, make_copy
from handup.lending.models import Loan
from handup.lending.rules.loan import fold
from handup.lending.services.ratios import books_for, record_ratios
from handup.lending.tests.cast import World, repay, staff
from handup.lending.tests.loans import KINDS, START
from handup.lending.tests.test_accrual_changed import MORE
from handup.lending.tests.test_changed_rows import (
    CHANGES,
    MARCH,
    MAY,
    OFFERED,
    paid_out,
    store,
    stored_loan,
)
from handup.org.rules.access import Role

JUNE = date(2025, 6, 30)
DAYS = sorted(
    {
        *(day + timedelta(days=step) for day in (MARCH, MAY) for step in (-1, 0, 1)),
        *(START, date(2025, 2, 15), date(2025, 2, 16), JUNE, date(2025, 8, 2), date(2026, 3, 1)),
    }
)


@pytest.fixture(autouse=True)
def columns(settings: LazySettings, tmp_path: Path) -> LazySettings:
    """An installation that answers from the copy."""
    settings.DATA_DIR, settings.COLUMNS = tmp_path, True
    return settings


def groups(cube: figures.Cube) -> list[figures.Group]:
    def place(group: figures.Group) -> Any:
        keys = sorted((name, str(key)) for name, key in group.keys.items())
        return (group.place, group.restructured, keys, group.quarter)

    return sorted(cube.groups, key=place)


def by_both(
    settings: LazySettings, on: date, loans: Any = None
) -> tuple[figures.Cube, figures.Cube]:
    """The cube of the database and that of the copy."""
    settings.COLUMNS = False
    asked = figures.cube(on, loans)
    settings.COLUMNS = True
    return asked, figures.cube(on, loans)


@pytest.mark.parametrize("of", OFFERED)
def test_each_changed_loan_stands_in_the_copy_as_in_the_database(
    world: World, columns: LazySettings, of: str
) -> None:
    for number, change in enumerate({**CHANGES, **MORE}.values()):
        happened = [replace(item, id=new_id()) for item in (paid_out(KINDS[of]), *change)]
        try:
            fold(happened, terms=KINDS[of])
        except Refusal:
            continue  # such terms know no such change
        loan = stored_loan(world, KINDS[of], world.direct)
        loan.officer = staff(f"officer{number}", Role.LOAN_OFFICER)  # a group of its own
        loan.moved_date = MAY if number % 4 == 3 else None
        loan.save()
        store(world, loan, happened)
    made = make_copy()
    seen = 0
    for day in DAYS:
        asked, copied = by_both(columns, day)
        assert groups(copied) == groups(asked), day
        assert (asked.copied_at, copied.copied_at) == (None, made.made_at)
        seen += len(copied.groups)
    assert seen > 100


def test_some_loans_only_are_asked_of_the_copy_by_what_it_holds(
    world: World, columns: LazySettings, loan: Loan
) -> None:
    other = stored_loan(world, KINDS["flat"], world.direct)
    store(world, other, [paid_out(KINDS["flat"])])
    make_copy()
    rows = Loan.objects.all()
    for loans in (
        rows,
        rows.filter(currency="USD", lender=world.direct),
        rows.filter(currency="EUR"),
        rows.filter(office__in=[world.office.pk], product_version=world.product),
        rows.exclude(officer=world.cast.officer),
        rows.none(),
        rows.visible_to(world.cast.manager),
    ):
        asked, copied = by_both(columns, JUNE, loans)
        assert copied.copied_at is not None, str(loans.query)
        assert groups(copied) == groups(asked)


def test_what_the_copy_does_not_hold_is_asked_of_the_database(
    world: World, columns: LazySettings, loan: Loan
) -> None:
    make_copy()
    rows = Loan.objects.all()
    for loans in (
        rows.filter(pk=loan.pk),
        rows.filter(code=loan.code),
        rows.filter(lender__name=loan.lender.name),
        rows.filter(pk__in=rows.filter(currency="USD")),
    ):
        asked, found = by_both(columns, JUNE, loans)
        assert found.copied_at is None
        assert found == asked
        assert found.groups
    assert "person_id" not in HELD


def test_a_day_the_copy_does_not_know_is_asked_of_the_database(
    world: World, columns: LazySettings, loan: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figures.cube(JUNE).copied_at is None  # none was made yet
    made = make_copy()
    today = timezone.localdate(made.made_at)
    assert figures.cube(today).copied_at is None
    assert figures.cube(today - timedelta(days=1)).copied_at == made.made_at
    columns.COLUMNS = False
    assert figures.cube(JUNE).copied_at is None
    columns.COLUMNS = True
    monkeypatch.setattr(asking, "installed", lambda: False)
    assert figures.cube(JUNE).copied_at is None


def test_the_copy_tells_what_was_known_when_it_was_made(
    world: World, columns: LazySettings, loan: Loan
) -> None:
    night.copy_columns.func()
    before = figures.cube(JUNE)
    repay(world, loan, date(2025, 3, 1), 100_00)
    assert figures.cube(JUNE) == before
    make_copy()
    asked, copied = by_both(columns, JUNE)
    assert groups(copied) == groups(asked) != groups(before)


def test_a_copy_that_fails_leaves_the_last_one_in_use(
    world: World, loan: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make_copy()

    def broken(*_words: object) -> None:
        raise duckdb.IOException("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(copying, "_pack", broken)
        with pytest.raises(duckdb.IOException):
            make_copy()
    assert place.current() == first
    assert [path.name for path in place.base().iterdir() if path.is_dir()] == [first.folder.name]
    copies = [make_copy() for _ in range(3)]
    left = {path for path in place.base().iterdir() if path.is_dir()}
    assert left == {copies[-1].folder, copies[-2].folder}
    assert figures.cube(JUNE).copied_at == copies[-1].made_at


def test_without_the_engine_no_copy_is_begun_that_stays(
    world: World, loan: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(place.EngineMissing) as refused:
        make_copy()
    assert "duckdb" in str(refused.value)
    assert place.current() is None
    assert list(place.base().iterdir()) == []


def test_nothing_that_names_a_person_is_copied(world: World, loan: Loan) -> None:
    folder = make_copy().folder
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}.parquet" for name in place.TABLES
    )
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    for text in (loan.code, str(loan.pk), loan.pk.hex, str(loan.person_id)):
        assert text.encode() not in written
    assert loan.pk.bytes not in written
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_page_says_since_when_nothing_newer_is_counted(
    client: Client, world: World, loan: Loan
) -> None:
    client.force_login(world.cast.manager)
    address = reverse("lending:portfolio") + "?from=2025-01-01&to=2025-06-30"
    assert "from what was known on" not in client.get(address).content.decode()
    make_copy()
    assert "from what was known on" in client.get(address).content.decode()


def test_ratios_that_are_kept_count_what_came_since_the_copy(
    world: World, columns: LazySettings, loan: Loan
) -> None:
    made = make_copy()
    repay(world, loan, date(2025, 3, 1), 700_00)
    year = (date(2025, 1, 1), JUNE)
    kept = record_ratios(
        acting_staff=world.cast.manager, since=year[0], on=JUNE, currency=loan.currency
    )
    columns.COLUMNS = False
    asked = reported.report(*year, Loan.objects.all(), loan.currency, books_for(world.cast.manager))
    columns.COLUMNS = True
    shown = reported.report(*year, Loan.objects.all(), loan.currency)
    assert [(row.numerator, row.denominator) for row in kept] == [
        (item.ratio.numerator, item.ratio.denominator) for item in asked.ratios
    ]
    assert shown.cube.copied_at == made.made_at
    assert shown.standing.principal > asked.standing.principal


def test_the_api_says_since_when_nothing_newer_is_counted(
    client: Client, world: World, loan: Loan
) -> None:
    client.force_login(world.cast.manager)
    address = "/api/v1/lending/portfolio?since=2025-01-01&on=2025-06-30&currency=USD"
    assert client.get(address).json()["copied_at"] is None
    made = make_copy()
    told = datetime.fromisoformat(client.get(address).json()["copied_at"])
    assert abs(told - made.made_at) < timedelta(seconds=1)
