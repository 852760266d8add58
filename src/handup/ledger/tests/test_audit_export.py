"""The auditor's export: whole, digested, drawn again by its seed, and without names."""

import csv
import hashlib
import io
import json
import zipfile
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import PeriodTurned
from handup.ledger.models import Book, Entry, Fund, Period
from handup.ledger.rules.words import FundKind
from handup.ledger.services import Extent
from handup.ledger.services.audit_export import COLUMNS
from handup.ledger.tests.conftest import Post
from handup.ledger.tests.test_statements import post_lines
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web.forms import NEW_ID

YEAR = (date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture
def posted(book: Book, post: Post, accountant: StaffUser, finance_manager: StaffUser) -> Book:
    """Entries of two months, one of them reversed, one posted late, one by hand."""
    post(1_234_50, on=date(2026, 1, 10), subject=("loan", new_id()))
    draft = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=date(2026, 1, 11),
        remark="Rent of Anna",
        lines=[services.DraftLineIn("5200", 20_00), services.DraftLineIn("1120", -20_00)],
    )
    approved = services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert approved.entry is not None
    services.reverse_entry(
        acting_staff=finance_manager, entry=approved.entry, happened_date=date(2026, 1, 12)
    )
    services.soft_close_period(
        acting_staff=finance_manager, period=Period.objects.get(book=book, starts=YEAR[0])
    )
    post(5_00, on=date(2026, 1, 20))
    return book


def made(staff: StaffUser, book: Book, **extent: Any) -> tuple[zipfile.ZipFile, dict[str, Any]]:
    held = io.BytesIO()
    told = services.export_for_audit(
        acting_staff=staff, book=book, extent=Extent(*YEAR, **extent), into=held
    )
    return zipfile.ZipFile(held), told


def rows(files: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files.read(name).decode())))


def test_every_file_has_its_digest_and_columns(posted: Book, accountant: StaffUser) -> None:
    files, manifest = made(accountant, posted)
    assert json.loads(files.read("manifest.json")) == manifest
    posted.refresh_from_db()
    assert manifest["chain"] == {"last_seq": posted.head_seq, "last_hash": posted.head_hash}
    assert set(files.namelist()) == {*manifest["files"], "manifest.json"}
    for name, told in manifest["files"].items():
        assert hashlib.sha256(files.read(name)).hexdigest() == told["sha256"], name
    readme = files.read("README.txt").decode()
    for name, columns in COLUMNS.items():
        heading = files.read(name).decode().splitlines()[0].split(",")
        assert heading == [column for column, _what in columns], name
        assert name in readme
    assert AuditLine.objects.filter(action="ledger.export_audit").count() == 1


def test_lines_add_up_and_entries_chain(posted: Book, accountant: StaffUser) -> None:
    files, _manifest = made(accountant, posted)
    entries, lines = rows(files, "entries.csv"), rows(files, "lines.csv")
    assert [row["seq"] for row in entries] == ["1", "2", "3", "4"]
    for before, after in pairwise(entries):
        assert after["prev_hash"] == before["hash"]
    assert sum(int(row["base_units"]) for row in lines) == 0
    assert lines[0]["amount"] in ("1234.50", "-1234.50")
    assert {row["account"] for row in lines} == {"1210", "1120", "5200"}
    assert files.read("statements/balance.pdf").startswith(b"%PDF")
    trail = rows(files, "audit_trail.csv")
    assert {"ledger.approve_draft", "ledger.soft_close_period"} <= {row["action"] for row in trail}


def test_no_name_and_no_typed_word_leaves(posted: Book, accountant: StaffUser) -> None:
    files, _manifest = made(accountant, posted)
    for name in files.namelist():
        if name.endswith(".csv"):
            text = files.read(name).decode()
            assert "Anna" not in text, name
            assert accountant.display_name not in text, name


def test_the_sample_names_every_odd_entry_and_is_drawn_again_by_its_seed(
    posted: Book, accountant: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.ledger.services.audit_export.SAMPLE", 2)
    files, _manifest = made(accountant, posted, seed=7)
    found = rows(files, "sample.csv")
    by_why = {
        why: [r["seq"] for r in found if r["why"] == why] for why in {r["why"] for r in found}
    }
    assert by_why["AMOUNT"][0] == "1"
    assert by_why["REVERSAL"] == ["3"]
    assert by_why["BACK_DATED"] == ["4"]
    assert by_why["MANUAL"] == ["2"]
    assert len(by_why["RANDOM"]) == 2
    again, _told = made(accountant, posted, seed=7)
    assert rows(again, "sample.csv") == found


def test_one_fund_alone_and_in_pieces(
    posted: Book, accountant: StaffUser, finance_manager: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("handup.ledger.services.audit_export.CHUNK", 1)
    fund: Fund = services.open_fund(
        acting_staff=finance_manager, code="D", name="Donor", kind=FundKind.PURPOSE,
        agreement_key="A",
    )  # fmt: skip
    post_lines(posted, accountant, [("BANK", 5), ("CAPITAL", -5)], date(2026, 3, 1), fund.pk)
    files, _manifest = made(accountant, posted, fund=fund.pk)
    assert [row["seq"] for row in rows(files, "entries.csv")] == ["5"]
    assert len(rows(files, "lines.csv")) == 2
    whole, _told = made(accountant, posted)
    assert len(rows(whole, "entries.csv")) == Entry.objects.filter(book=posted).count()


def test_who_may_not_export_is_refused(
    posted: Book, accountant: StaffUser, trainer: StaffUser, outsider: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        made(trainer, posted)
    with pytest.raises(OutOfSight):
        made(outsider, posted)
    with pytest.raises(PeriodTurned):
        services.export_for_audit(
            acting_staff=accountant,
            book=posted,
            extent=Extent(YEAR[1], YEAR[0]),
            into=io.BytesIO(),
        )
    assert not AuditLine.objects.filter(action="ledger.export_audit").exists()


def test_the_export_is_sent_by_its_page(
    client: Client, posted: Book, accountant: StaffUser, outsider: StaffUser
) -> None:
    address = reverse("ledger:export_audit", args=[posted.pk])
    client.force_login(accountant)
    assert client.get(address).status_code == 200
    told = {"since": "2026-01-01", "on": "2026-12-31", "seed": "1", NEW_ID: str(new_id())}
    answer = client.post(address, told)
    assert answer.status_code == 200
    sent = answer.getvalue()
    assert zipfile.ZipFile(io.BytesIO(sent)).testzip() is None
    client.force_login(outsider)
    assert client.get(address).status_code == 404
