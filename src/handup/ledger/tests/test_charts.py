"""Charts as data: checked as they are read; a new version is looked at first, loaded from the first
day of a month, and moves no money.
"""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Faults
from handup.ledger import packs, services
from handup.ledger.chart_changes import Change, changes
from handup.ledger.errors import (
    ChartFault,
    EarlierPeriodOpen,
    NotAPeriodStart,
    RoleMissing,
)
from handup.ledger.models import Account, AccountRole, Book, Period
from handup.ledger.packs import chart_pack, pack_version
from handup.ledger.rules.words import BookKind
from handup.ledger.tests.conftest import Caller, Post, close_for_facts, leaf
from handup.ledger.tests.test_verify_parts import broken
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.web.forms import NEW_ID

FEBRUARY = date(2026, 2, 1)
COLUMNS = (
    *("code", "type", "parent", "roles", "cash_kind", "cash_class", "name_en"),
    *("currency", "fund_required"),
)
Own = Callable[..., None]
Row = dict[str, str]


@pytest.fixture
def own(settings: LazySettings, tmp_path: Path) -> Own:
    """Write a chart "test" into the institution's own folder."""
    settings.DATA_DIR = tmp_path
    folder = tmp_path / "charts"
    folder.mkdir()

    def write(rows: list[Row], version: str = "", kinds: str = "PROGRAMME") -> None:
        with (folder / "test.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        if version:
            (folder / "packs.csv").write_text(f"pack,version,kinds\ntest,{version},{kinds}\n")

    return write


def rows_of(*told: str) -> list[Row]:
    """Rows written short."""
    return [dict(zip(COLUMNS, row.split(","), strict=True)) for row in told]


def programme() -> dict[str, Row]:
    """The rows of the program's own chart, to be changed."""
    with (packs.FOLDER / "programme.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (("1,ASSET,,CASH,,,Cash,,",), "no account for"),
        (("1,ASSET,,CASH,,,Cash,,", "1,ASSET,,BANK,,,Bank,,"), "a code stands twice"),
        (("1,ASSET,9,CASH,,,Cash,,",), "unknown parent 9"),
        (("1,ASSET,,CASH,,,Cash,,", "2,ASSET,1,BANK,,,Bank,,"), "only sums"),
        (("1,ASSET,,,,,All,,", "2,INCOME,1,BANK,,,Bank,,"), "differs in type"),
        (("1,ASSET,,CASH,,,Cash,,", "2,ASSET,,CASH,,,Box,,"), "stands twice"),
        (("1,GOLD,,CASH,,,Cash,,",), "account 1"),
    ],
)
def test_a_faulty_chart_is_refused_as_it_is_read(
    rows: tuple[str, ...], reason: str, own: Own
) -> None:
    own(rows_of(*rows))
    with pytest.raises(ChartFault, match=reason):
        chart_pack("test", BookKind.GUARANTEE_FUND)


@pytest.mark.parametrize("name", ["nowhere", "../packs", "", "packs", "posting_rules"])
def test_a_chart_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ChartFault, match="no such chart"):
        chart_pack(name, BookKind.GROUP)


@pytest.mark.parametrize(("version", "kinds"), [("two", "PROGRAMME"), ("2", "SHOP")])
def test_a_faulty_list_of_versions_is_refused(own: Own, version: str, kinds: str) -> None:
    own(list(programme().values()), version, kinds)
    with pytest.raises(ChartFault, match="packs"):
        packs.packs()


def test_a_faulty_list_of_versions_keeps_no_book_from_being_read(
    client: Client, book: Book, accountant: StaffUser, own: Own
) -> None:
    own(list(programme().values()), "soon")
    client.force_login(accountant)
    page = client.get(reverse("ledger:book_detail", args=[book.pk]))
    assert page.status_code == 200
    assert "The chart packs cannot be loaded" in page.content.decode()


def test_the_institution_s_own_chart_stands_before_the_program_s(
    own: Own, settings: LazySettings
) -> None:
    own(list(programme().values()), "7")
    assert (pack_version("test"), pack_version("programme"), pack_version("none")) == (7, 2, 1)
    assert packs.packs()["test"].kinds == {BookKind.PROGRAMME}
    mine = Path(settings.DATA_DIR) / "charts" / "programme.csv"
    mine.write_text((packs.FOLDER / "programme.csv").read_text().replace("Cash in hand", "Till"))
    assert packs.packs()["programme"].path == mine
    named = {row.code: dict(row.names)["en"] for row in chart_pack("programme", BookKind.PROGRAMME)}
    assert named["1110"] == "Till"


def test_what_a_chart_changes_is_shown_account_by_account(book: Book, own: Own) -> None:
    rows = programme()
    del rows["5900"]
    rows["1210"]["name_en"] = "Loans"
    rows["5950"] = {**rows["5200"], "code": "5950", "roles": "", "name_en": "Something new"}
    rows["4900"] |= {"type": "EXPENSE", "parent": "5000"}
    own(list(rows.values()))
    found = {(item.code, item.change): item for item in changes(book, "test")}
    assert set(found) == {
        ("1210", Change.RENAMED),
        ("4900", Change.ANOTHER_KIND),
        ("5900", Change.OUT_OF_USE),
        ("5950", Change.ADDED),
    }
    renamed = found["1210", Change.RENAMED]
    assert (renamed.before, renamed.after) == ("Loans, principal", "Loans")
    assert not Account.objects.filter(book=book, code="5950").exists(), "nothing is loaded"
    assert changes(book, "PROGRAMME") == []


def test_a_chart_is_loaded_from_the_first_day_of_a_month_on(
    book: Book, post: Post, accountant: StaffUser, finance_manager: StaffUser, own: Own
) -> None:
    post()
    rows = programme()
    del rows["5900"]
    rows["1210"]["name_en"] = "Loans"
    rows["5950"] = {**rows["5200"], "code": "5950", "roles": "", "name_en": "Something new"}
    own(list(rows.values()), "3")
    told: dict[str, Any] = {"acting_staff": finance_manager, "book": book, "pack": "test"}
    for day in (None, date(2026, 2, 2)):
        with pytest.raises(NotAPeriodStart):
            services.load_chart(effective_from=day, **told)
    with pytest.raises(EarlierPeriodOpen):
        services.load_chart(effective_from=FEBRUARY, **told)
    with pytest.raises(NotAllowed):
        services.load_chart(effective_from=FEBRUARY, **{**told, "acting_staff": accountant})
    assert Account.objects.get(book=book, code="5900").active
    close_for_facts(
        acting_staff=finance_manager, period=Period.objects.get(book=book, starts=date(2026, 1, 1))
    )
    loaded = services.load_chart(effective_from=FEBRUARY, **told)
    assert (loaded.chart_pack, loaded.chart_version) == ("test", 3)
    accounts = {account.code: account for account in Account.objects.filter(book=book)}
    assert accounts["5950"].names == {"en": "Something new"}
    assert (accounts["5900"].active, accounts["5900"].closed_from) == (False, FEBRUARY)
    assert leaf(book, "LOANS").pk == accounts["1210"].pk
    assert not AccountRole.objects.filter(book=book, role="OTHER_COST").exists()
    with pytest.raises(RoleMissing):
        post(5, "OTHER_COST", "BANK", on=date(2026, 2, 10))
    assert post(5, on=date(2026, 2, 10)).seq == 2
    line = AuditLine.objects.get(action="ledger.load_chart")
    assert line.facts == {"pack": "test", "version": 3, "changes": 3, "from": "2026-02-01"}
    assert changes(book, "test") == []
    assert broken("V2") == {}
    services.load_chart(effective_from=FEBRUARY, **{**told, "pack": "PROGRAMME"})
    back = Account.objects.get(book=book, code="5900")
    assert (back.active, back.closed_from) == (True, None)


def test_a_book_without_entries_takes_a_chart_at_once(
    book: Book, finance_manager: StaffUser, own: Own
) -> None:
    own(list(programme().values()))
    services.load_chart(acting_staff=finance_manager, book=book, pack="test")
    book.refresh_from_db()
    assert (book.chart_pack, book.chart_version) == ("test", 1)


def test_an_account_that_still_holds_money_is_named_and_nothing_is_loaded(
    book: Book, post: Post, finance_manager: StaffUser, own: Own
) -> None:
    post(7_00, "OTHER_COST", "BANK")
    post(100_00)
    close_for_facts(
        acting_staff=finance_manager, period=Period.objects.get(book=book, starts=date(2026, 1, 1))
    )
    rows = programme()
    del rows["5900"]
    roles = rows["1210"]["roles"]
    rows["1210"]["roles"] = ""
    rows["1215"] = {**rows["1210"], "code": "1215", "roles": roles, "name_en": "Loans, new"}
    own(list(rows.values()))
    told: dict[str, Any] = {
        "acting_staff": finance_manager, "book": book, "pack": "test", "effective_from": FEBRUARY,
    }  # fmt: skip
    with pytest.raises(Faults) as refused:
        services.load_chart(**told)
    assert {fault.place for fault in refused.value.faults} == {"5900", "1210"}
    assert "7.00" in " ".join(str(fault.message) for fault in refused.value.faults)
    assert not Account.objects.filter(book=book, code="1215").exists()
    post(7_00, "BANK", "OTHER_COST", on=FEBRUARY)
    post(100_00, "BANK", "LOANS", on=FEBRUARY)
    services.load_chart(**told)
    post(100_00, on=date(2026, 2, 3))
    assert leaf(book, "LOANS").code == "1215"
    emptied = Account.objects.get(book=book, code="5900")
    assert emptied.closed_from == date(2026, 2, 2), "the day after what emptied it"
    assert broken("V2") == {}


def test_an_account_never_becomes_another_kind_of_account(
    book: Book, finance_manager: StaffUser, own: Own
) -> None:
    rows = programme()
    rows["4900"] |= {"type": "EXPENSE", "parent": "5000"}
    own(list(rows.values()))
    with pytest.raises(ChartFault, match="The chart test cannot be loaded: 4900"):
        services.load_chart(acting_staff=finance_manager, book=book, pack="test")
    assert Account.objects.get(book=book, code="4900").type == "INCOME"


def test_a_line_on_an_account_out_of_use_is_found(book: Book, post: Post) -> None:
    entry = post()
    Account.objects.filter(book=book, code="1210").update(closed_from=date(2026, 1, 10))
    assert broken("LEDGER_ENTRIES") == {"LEDGER_ENTRIES": [f"entry {entry.pk}"]}
    Account.objects.filter(book=book, code="1210").update(closed_from=date(2026, 1, 11))
    assert broken("LEDGER_ENTRIES") == {}


def test_the_change_is_shown_and_loaded_on_its_page(
    client: Client, book: Book, finance_manager: StaffUser, accountant: StaffUser, own: Own
) -> None:
    rows = programme()
    rows["1210"]["name_en"] = "Loans to members"
    own(list(rows.values()), "4")
    address = reverse("ledger:load_chart", args=[book.pk])
    client.force_login(accountant)
    assert client.get(address).status_code == 403
    client.force_login(finance_manager)
    shown = client.get(f"{address}?pack=test").content.decode()
    assert "Loans to members" in shown
    assert "Another name" in shown
    told = {"pack": "test", "effective_from": "2026-02-01"}
    answer = client.post(address, {**told, NEW_ID: "0190f000-0000-7000-8000-000000000001"})
    assert answer.status_code == 302
    book.refresh_from_db()
    assert book.chart_version == 4
    own([], "5")
    shown = client.get(address).content.decode()
    assert "no account for" in shown, "a chart that cannot be read says why"


def test_the_change_is_shown_and_loaded_through_the_api(
    call: Caller, book: Book, post: Post, finance_manager: StaffUser, own: Own
) -> None:
    post(7_00, "OTHER_COST", "BANK")
    rows = programme()
    del rows["5900"]
    own(list(rows.values()), "4")
    address = f"/books/{book.pk}/chart"
    shown = call.get(finance_manager, f"/books/{book.pk}/chart-changes/test").json()
    assert shown == [
        {
            "code": "5900",
            "change": "OUT_OF_USE",
            "before": "Other costs",
            "after": "",
            "held": [[7_00, "USD"]],
        }
    ]
    refused = call.post(finance_manager, address, {"pack": "test", "effective_from": "2026-01-01"})
    assert refused.status_code == 422
    post(7_00, "BANK", "OTHER_COST")
    loaded = call.post(finance_manager, address, {"pack": "test", "effective_from": "2026-01-01"})
    assert loaded.status_code == 200
    assert Account.objects.get(book=book, code="5900").active is False
