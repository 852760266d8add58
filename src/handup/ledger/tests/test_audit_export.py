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
from handup.ledger.errors import PeriodTurned, SampleTooLarge
from handup.ledger.models import Book, Entry, Fund, Period
from handup.ledger.rules.words import FundKind
from handup.ledger.sampling import MOST, Sampling, Why
from handup.ledger.services import Extent
from handup.ledger.services.audit_export import COLUMNS, columns_of
from handup.ledger.tests.conftest import Caller, Post, close_for_facts
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
    close_for_facts(
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


def test_names_and_remarks_leave_only_with_the_permission(
    posted: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        made(accountant, posted, names=True)
    files, manifest = made(finance_manager, posted, names=True)
    assert manifest["names"] is True
    users = {row["id"]: row["name"] for row in rows(files, "users.csv")}
    assert users == {
        str(accountant.pk): accountant.display_name,
        str(finance_manager.pk): finance_manager.display_name,
    }
    assert {"seq": "2", "remark": "Rent of Anna"} in rows(files, "remarks.csv")
    readme = files.read("README.txt").decode()
    for name, columns in columns_of(names=True).items():
        heading = files.read(name).decode().splitlines()[0].split(",")
        assert heading == [column for column, _what in columns], name
        assert name in readme
    line = AuditLine.objects.get(action="ledger.export_audit")
    assert line.facts["names"] is True


def drawn(files: zipfile.ZipFile) -> dict[str, list[str]]:
    """The sample by reason."""
    found: dict[str, list[str]] = {}
    for row in rows(files, "sample.csv"):
        found.setdefault(row["why"], []).append(row["seq"])
    return found


def test_the_sample_names_every_odd_entry_and_is_drawn_again_by_its_seed(
    posted: Book, accountant: StaffUser
) -> None:
    files, manifest = made(accountant, posted, sampling=Sampling(size=2, seed=7))
    found = drawn(files)
    assert found["AMOUNT"][0] == "1"
    assert found["REVERSAL"] == ["3"]
    assert found["BACK_DATED"] == ["4"]
    assert found["MANUAL"] == ["2"]
    assert len(found["RANDOM"]) == len(found["AMOUNT"]) == 2
    assert manifest["sample"]["seed"] == 7
    again, _told = made(accountant, posted, sampling=Sampling(size=2, seed=7))
    assert drawn(again) == found
    others = {
        tuple(drawn(made(accountant, posted, sampling=Sampling(size=2, seed=seed))[0])["RANDOM"])
        for seed in range(8)
    }
    assert len(others) > 1, "another seed draws others"


def test_the_sample_is_drawn_from_an_amount_on_and_only_for_what_is_asked(
    posted: Book, accountant: StaffUser
) -> None:
    how = Sampling(size=1, from_units=20_00, odd=(Why.MANUAL,))
    files, _manifest = made(accountant, posted, sampling=how)
    found = drawn(files)
    assert found["AMOUNT"] == ["1", "2", "3"]
    assert set(found) == {"AMOUNT", "RANDOM", "MANUAL"}
    for wrong in (Sampling(size=0), Sampling(size=MOST + 1), Sampling(from_units=-1)):
        with pytest.raises(SampleTooLarge):
            made(accountant, posted, sampling=wrong)
    assert AuditLine.objects.filter(action="ledger.export_audit").count() == 1


def test_one_fund_alone_and_in_pieces(
    posted: Book, accountant: StaffUser, finance_manager: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("handup.ledger.audit_span.CHUNK", 1)
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
    client: Client,
    posted: Book,
    accountant: StaffUser,
    finance_manager: StaffUser,
    outsider: StaffUser,
) -> None:
    address = reverse("ledger:export_audit", args=[posted.pk])
    client.force_login(accountant)
    assert 'name="names"' not in client.get(address).content.decode()
    told = {"since": "2026-01-01", "on": "2026-12-31", "seed": "1", "size": "60", "names": "on"}
    answer = client.post(address, {**told, NEW_ID: str(new_id())})
    assert answer.status_code == 200
    files = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert files.testzip() is None
    assert "remarks.csv" not in files.namelist(), "who may not take names along does not get them"
    client.force_login(finance_manager)
    assert 'name="names"' in client.get(address).content.decode()
    told |= {"from_units": "20", "odd": "MANUAL"}
    answer = client.post(address, {**told, NEW_ID: str(new_id())})
    files = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert "remarks.csv" in files.namelist()
    assert set(drawn(files)) == {"AMOUNT", "RANDOM", "MANUAL"}
    client.force_login(outsider)
    assert client.get(address).status_code == 404


def test_the_sample_is_shown_on_its_page(
    client: Client, posted: Book, accountant: StaffUser, trainer: StaffUser, outsider: StaffUser
) -> None:
    address = reverse("ledger:sample", args=[posted.pk])
    client.force_login(accountant)
    days = "?from=2026-01-01&to=2026-12-31"
    shown = client.get(f"{address}{days}&amount=20&size=1&seed=3").content.decode()
    assert "Reversals: 1" in shown
    assert "Large ones: 3" in shown
    assert "Drawn by chance: 1" in shown
    odd = client.get(f"{address}{days}&amount=x&size=%D9%A3&seed=-1")
    assert odd.status_code == 200
    assert 'aria-describedby="amount-fault"' in odd.content.decode()
    assert "Large ones" not in odd.content.decode(), "none is drawn by an amount nobody wrote"
    client.force_login(trainer)
    assert client.get(address).status_code in (403, 404)
    client.force_login(outsider)
    assert client.get(address).status_code == 404


def test_the_export_and_the_sample_are_had_through_the_api(
    call: Caller, posted: Book, accountant: StaffUser, outsider: StaffUser
) -> None:
    days = {"since": "2026-01-01", "on": "2026-12-31"}
    address = f"/books/{posted.pk}/audit-export"
    answer = call.post(accountant, address, {**days, "odd": ["REVERSAL"]})
    assert answer.status_code == 200
    files = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    assert set(drawn(files)) == {"AMOUNT", "RANDOM", "REVERSAL"}
    assert call.post(accountant, address, {**days, "names": True}).status_code == 403
    assert call.post(accountant, address, {**days, "size": 0}).status_code == 422
    assert call.post(outsider, address, days).status_code == 404
    asked = f"/books/{posted.pk}/sample?since=2026-01-01&on=2026-12-31&from_units=2000"
    sample = call.get(accountant, asked).json()
    assert [item["seq"] for item in sample if item["why"] == "AMOUNT"] == [1, 2, 3]
    assert call.get(outsider, asked).status_code == 404
