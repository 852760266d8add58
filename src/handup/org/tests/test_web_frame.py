"""The frame: the rail shows what the role may open, amounts and days follow the language."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from handup.org import installation
from handup.org.web import drawn, links, money, navigation
from handup.org.web.charts import Bar, Chart, Series
from handup.org.web.navigation import Chooser, Entry, Section
from handup.org.web.pages import Fact, Tile
from handup.org.web.way import way_to

AFTERNOON = datetime(2026, 5, 4, 15, 5, 9, tzinfo=UTC)


@pytest.fixture
def rail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rail of three entries that exist."""
    entries = [
        Entry(Section.SETTINGS, "Who did what", "org:audit_list", "org.view_audit", 20),
        Entry(Section.SETTINGS, "Staff", "org:staff_list", "org.view_staff", 10),
        Entry(Section.TODAY, "Account", "org:account"),
        Entry(Section.LENDING, "Nowhere", "lending:no_such_page"),
        Entry(Section.GROUPS, "Groups", "org:account", "org.view_staff"),
    ]
    monkeypatch.setattr(navigation, "entries", entries)


@pytest.mark.django_db
def test_the_rail_shows_only_what_the_role_may_open(
    rail: None, administrator: Any, auditor: Any, officer: Any
) -> None:
    def seen(staff: Any) -> list[tuple[str, list[str]]]:
        parts = navigation.parts_for(staff, "/settings/staff/")
        return [(part.code, [link.label for link in part.links]) for part in parts]

    assert seen(administrator) == [
        ("today", ["Account"]),
        ("groups", ["Groups"]),
        ("settings", ["Staff"]),
    ]
    assert seen(auditor) == [("today", ["Account"]), ("settings", ["Who did what"])]
    assert seen(officer) == [("today", ["Account"])]


@pytest.mark.django_db
def test_the_rail_marks_where_one_is(rail: None, administrator: Any) -> None:
    parts = {p.code: p for p in navigation.parts_for(administrator, "/settings/staff/new/")}
    assert parts["settings"].here
    assert parts["settings"].links[0].here
    assert not parts["today"].here


@pytest.mark.django_db
def test_what_lies_under_no_entry_is_marked_in_its_own_section(
    rail: None, administrator: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Entry(Section.TODAY, "Today", "desk:home", order=0)
    monkeypatch.setattr(navigation, "entries", [*navigation.entries, home])
    monkeypatch.setattr(navigation, "belongs", {"journey": Section.GROUPS})

    def here(path: str) -> list[str]:
        return [part.code for part in navigation.parts_for(administrator, path) if part.here]

    assert here("/") == ["today"]
    assert here("/settings/roles/1/") == ["settings"]
    assert here("/journey/1/") == ["groups"]
    assert here("/search/") == []


@pytest.mark.django_db
def test_a_link_leads_only_where_the_role_may_go(
    administrator: Any, auditor: Any, officer: Any
) -> None:
    staff_page = reverse("org:staff_detail", args=[administrator.pk])
    assert links.leads(staff_page, administrator) == staff_page
    assert links.leads(f"{staff_page}?tab=roles", officer) == ""
    assert links.leads(reverse("org:audit_list"), auditor) == reverse("org:audit_list")
    for open_to_all in ("", "#rows", "?after=1", "https://example.org/", "/no-such-page/"):
        assert links.leads(open_to_all, officer) == open_to_all
    assert links.leads(staff_page, AnonymousUser()) == staff_page


def test_the_way_to_a_page_is_its_list_and_its_record() -> None:
    page = reverse("org:staff_detail", args=[UUID(int=7)])
    way = way_to(f"{page}role/", "Anahit")
    assert [(str(crumb.label), crumb.href) for crumb in way] == [
        ("Staff", reverse("org:staff_list")),
        ("Anahit", page),
    ]
    assert [crumb.href for crumb in way_to(page, "Anahit")] == [reverse("org:staff_list")]
    assert way_to("/account/", "Anahit") == ()


@pytest.mark.django_db
def test_a_part_switched_off_leaves_the_rail(rail: None, administrator: Any) -> None:
    installation.put(installation.DOMAINS, ["lending"])
    codes = [part.code for part in navigation.parts_for(administrator, "/")]
    assert codes == ["today", "settings"]


@pytest.mark.django_db
def test_a_choice_of_the_top_bar_is_kept_and_only_what_is_offered(
    monkeypatch: pytest.MonkeyPatch, auditor: Any
) -> None:
    cache.clear()
    chooser = Chooser("programme", "Programme", lambda _staff: [("1", "Women's enterprise")])
    monkeypatch.setattr(navigation, "choosers", [chooser])
    browser = Client()
    browser.force_login(auditor)
    address = "/account/choose/programme/"
    assert browser.post(address, {"choice": "1", "next": "/account/"})["Location"] == "/account/"
    assert browser.session["programme"] == "1"
    assert browser.post(address, {"choice": "2"}).status_code == 404
    assert browser.session["programme"] == "1"
    assert browser.post("/account/choose/nothing/", {"choice": "1"}).status_code == 404
    assert browser.get(address).status_code == 405


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("en", "AMD\u00a01,250,000"),
        ("fr", "1\u202f250\u202f000\u00a0AMD"),
        ("ru", "1\u00a0250\u00a0000\u00a0AMD"),
        ("hy", "1\u00a0250\u00a0000\u00a0AMD"),
        ("rw", "AMD\u00a01.250.000"),
        ("mn", "AMD\u00a01,250,000"),
    ],
)
def test_money_is_written_as_the_language_does(language: str, written: str) -> None:
    with translation.override(language):
        assert money.format_money(125_000_000, "AMD") == written


@pytest.mark.parametrize(
    ("units", "currency", "written"),
    [
        (125, "AMD", "AMD\u00a01.25"),
        (100, "AMD", "AMD\u00a01"),
        (100, "USD", "USD\u00a01.00"),
        (5000, "RWF", "RWF\u00a05,000"),
        (-250, "EUR", "EUR\u00a0-2.50"),
        (0, "USD", "USD\u00a00.00"),
    ],
)
def test_money_keeps_the_digits_of_its_currency(units: int, currency: str, written: str) -> None:
    assert money.format_money(units, currency) == written


def test_days_shares_and_unknown_languages() -> None:
    with translation.override("fr"):
        assert money.format_day(date(2026, 5, 4)) == "4 mai 2026"
        assert money.format_month(date(2026, 5, 4)) == "mai 2026"
        assert money.format_quarter(date(2026, 5, 4)) == "T2 2026"
        assert money.format_share(1, 3) == "33,3\u00a0%"
        assert money.format_percent("63.9") == "63,9\u00a0%"
        assert money.format_instant(AFTERNOON) == "4 mai 2026, 15:05"
    assert money.format_share(1, 0) == "–"
    assert money.format_percent("0") == "0%"
    assert money.format_percent(None) == money.format_percent("\u2013") == "\u2013"
    assert money.format_instant(AFTERNOON) == "May 4, 2026, 3:05\u202fPM"
    with translation.override("zz"):
        assert money.format_number(1234) == "1,234"


def test_a_fact_nobody_knows_is_a_dash() -> None:
    assert Fact("Guarantor", None).shown == "–"
    assert Fact("Guarantor", 0).shown == "0"


def test_a_tile_never_overflows() -> None:
    assert Tile("a", "1", share_ppm=1_400_000).percent == 100
    assert Tile("a", "1", share_ppm=-5).percent == 0
    assert Tile("a", "USD 3,812,450.00").wide
    assert not Tile("a", "MNT 120,000").wide
    assert Tile.of_all(3412) == "of 3,412"


def test_a_chart_says_in_its_table_what_it_draws() -> None:
    bars = Chart(
        "T", "Persons", bars=[Bar("A", 200, part=50, part_text="50 women")], part_label="women"
    )
    assert bars.table_headings() == ["Persons", "women"]
    assert bars.table_rows() == [("A", ["200", "50 women"])]
    assert bars.drawn_bars()[0]["inner"] == 25
    lines = Chart("T", points=["Jan", "Feb", "Mar"], series=[Series("S", [1, None, 3])])
    assert lines.table_rows() == [("Jan", ["1"]), ("Feb", ["–"]), ("Mar", ["3"])]
    assert lines.table_headings() == ["S"]


def test_lines_in_time_are_drawn_without_script_style_or_a_name_of_their_own() -> None:
    chart = Chart(
        "T", points=["2001", "2002", "2003"], series=[Series("<b>", [1, None, 3]), Series("B", [4])]
    )
    with pytest.raises(IndexError):
        chart.drawing()
    chart = Chart(
        "T",
        points=["2001", "2002", "2003"],
        series=[Series("<b>", [1000, None, 3000]), Series("B", [4, 5, 6])],
    )
    with translation.override("fr"):
        svg = chart.drawing()
    assert svg.startswith('<svg aria-hidden="true"')
    assert "style=" not in svg
    assert "<script" not in svg
    assert "aria-label" not in svg
    assert "graphics-symbol" not in svg
    assert "<b>" not in svg
    assert all(f">{year}</text>" in svg for year in chart.points)
    assert drawn.COLOURS[0] in svg
    assert drawn.COLOURS[1] in svg
    assert "3\u202f000" in svg or "3\u00a0000" in svg


def test_an_axis_writes_its_numbers_as_the_amounts_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the comma stands before decimals, 1,200 on an axis reads as little more than one."""
    said: list[tuple[object, object]] = []

    def render(spec: str, marks: dict[str, object]) -> str:
        said.append((marks["decimal"], marks["thousands"]))
        return "<svg/>"

    monkeypatch.setattr(drawn, "_render", render)
    chart = Chart("T", points=["y1", "y2"], series=[Series("S", [1200, 2000])])
    for language in ("en", "hy", "rw"):
        with translation.override(language):
            chart.drawing()
    assert said == [(".", ","), (",", "\u00a0"), (",", ".")]


def test_the_same_lines_are_rendered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[str] = []

    def render(spec: str, marks: dict[str, object]) -> str:
        rendered.append(spec)
        return "<svg/>"

    monkeypatch.setattr(drawn, "_render", render)
    chart = Chart("T", points=["x1", "x2"], series=[Series("S", [1, 2])])
    assert chart.drawing() == chart.drawing() == "<svg/>"
    other = Chart("T", points=["x1", "x2"], series=[Series("S", [1, 3])])
    other.drawing()
    assert len(rendered) == 2
