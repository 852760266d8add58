"""Backups in the folder of the house: the old ones are listed and go by approval, the newest
stays."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from handup.org import copies, retention

BEFORE = date(2026, 6, 1)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path / "backups"


def copy(folder: Path, name: str, *, whole: bool = True) -> Path:
    made = folder / name
    (made / "files").mkdir(parents=True)
    (made / "handup.sqlite3").write_bytes(b"x")
    if whole:
        (made / copies.SUMS).write_text("sum  handup.sqlite3")
    return made


def test_old_copies_go_and_nothing_else_in_the_folder(
    db: None, folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    assert copies.due(BEFORE) == 0, "there is no folder yet"
    old = [copy(folder, name) for name in ("20260101T020000Z", "20260531T235959Z")]
    new = copy(folder, "20260601T000000Z")
    now = copies.name_at(timezone.now())
    kept = [
        copy(folder, now, whole=False),
        copy(folder, "before-the-move"),
        copy(folder, "99999999T999999Z"),
    ]
    outside = copy(folder.parent / "carried", "20200101T000000Z")
    (folder / "20200101T000000Z").symlink_to(outside, target_is_directory=True)
    assert copies.due(BEFORE) == 2
    with django_capture_on_commit_callbacks(execute=True):
        assert copies.remove(BEFORE) == 2
        assert all(path.exists() for path in old), "the approval is not stored yet"
    assert copies.due(BEFORE) == 0
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in (new, *kept, outside))


def test_what_was_never_finished_goes_and_what_failed_is_due_again(
    db: None,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    new = copy(folder, "20260601T000000Z")
    left = [
        copy(folder, "20260602T020000Z", whole=False),
        copy(folder, "20260101T020000Z" + copies.GOING),
    ]
    assert [path for _day, path in copies.whole()] == [new]
    assert (copies.unfinished(timezone.now()), copies.due(BEFORE)) == (sorted(left), 2)

    def fails(path: Path) -> None:
        (path / copies.SUMS).unlink(missing_ok=True)
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr("handup.org.copies.shutil.rmtree", fails)
        with django_capture_on_commit_callbacks(execute=True):
            assert copies.remove(date(2026, 6, 2)) == 2
    assert copies.due(BEFORE) == 2
    with django_capture_on_commit_callbacks(execute=True):
        copies.remove(BEFORE)
    assert list(folder.iterdir()) == [new]


def test_the_newest_copy_stays_however_old(db: None, folder: Path) -> None:
    only = copy(folder, "20200101T000000Z")
    assert (copies.due(BEFORE), copies.remove(BEFORE)) == (0, 0)
    assert only.exists()


def test_the_house_keeps_them_for_ninety_days_and_the_read_log_for_five_years() -> None:
    kept = {code: retention.rules[code].days for code in ("BACKUPS", "READ_LOG")}
    assert kept == {"BACKUPS": 90, "READ_LOG": 5 * 365}
    assert retention.rules["READ_LOG"].least == 5 * 365, "one alone cuts it, with her own reads"


def test_copies_are_thinned_out_by_days_then_by_weeks(db: None, folder: Path) -> None:
    now = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
    for day in range(200):
        for hour in (1, 13):
            made = now - timedelta(days=day, hours=hour)
            (copies.folder() / copies.name_at(made)).mkdir(parents=True)
            (copies.folder() / copies.name_at(made) / copies.SUMS).write_text("")
    gone = copies.thin_out(now)
    left = copies.moments()
    assert gone == 400 - len(left)
    ages = [(now - made).days for made in left]
    assert ages == sorted(ages, reverse=True)
    assert len([age for age in ages if age < 13]) == 14, "one of each of fourteen days"
    assert ages[0] < 8 * 7 < 90, "nothing is kept longer than a copy may be kept"
    assert len({made.date() for made in left}) == len(left)
    assert copies.thin_out(now) == 0


def test_the_newest_copy_is_never_thinned_out(db: None, folder: Path) -> None:
    made = datetime(2020, 1, 1, tzinfo=UTC)
    (copies.folder() / copies.name_at(made)).mkdir(parents=True)
    (copies.folder() / copies.name_at(made) / copies.SUMS).write_text("")
    assert copies.thin_out(datetime(2026, 1, 1, tzinfo=UTC)) == 0
    assert copies.moments() == [made]
