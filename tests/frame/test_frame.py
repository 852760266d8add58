"""The frame and the kinds of pages, in widths, themes and directions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from handup.org.web import navigation
from tests.frame.conftest import ROOT, axe_faults

Opener = Callable[..., BrowserContext]
Look = Callable[[Page, str], None]
KINDS = ("today", "list", "form", "sheet", "queue", "figures")
LOOKS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("1280", {"width": 1280}),
    ("768", {"width": 768}),
    ("360", {"width": 360}),
    ("dark", {"width": 1280, "color_scheme": "dark"}),
    ("dark-360", {"width": 360, "color_scheme": "dark"}),
    ("zoom-200", {"width": 640, "device_scale_factor": 2}),  # a desk's screen, magnified
)


def record_address(page: Page) -> str:
    """The address of the first record of the list."""
    page.goto("/kinds/list/")
    return str(page.locator("tbody a").first.get_attribute("href"))


def sideways(page: Page) -> int:
    """How far the page scrolls sideways."""
    return int(
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )


def cut(page: Page) -> list[str]:
    """Texts and tables that do not fit their box: what a reader would have to move sideways for."""
    found = page.evaluate(
        """() => [...document.querySelectorAll("main *, .top *, .phone-bar *")].filter((item) => {
        if (item.matches("svg *, select, input, textarea") || item.clientWidth < 2) return false;
        if (item.closest(".visually-hidden, details:not([open]) > :not(summary)")) return false;
        const hides = getComputedStyle(item).overflowX !== "visible";
        return hides && item.scrollWidth > item.clientWidth + 1;
        }).map((item) => `${item.className}: ${item.textContent.trim().slice(0, 60)}`)"""
    )
    return [str(item) for item in found]


@pytest.mark.parametrize(("name", "options"), LOOKS)
def test_every_kind_of_page_passes_axe_and_fits_its_width(
    name: str, options: dict[str, Any], signed_in: Opener, look: Look
) -> None:
    context = signed_in("loan_officer", **options)
    page = context.new_page()
    addresses = {kind: f"/kinds/{kind}/" for kind in KINDS}
    addresses["record"] = record_address(page)
    addresses["paper"] = addresses["record"].replace("list", "paper")
    faults = {}
    for kind, address in addresses.items():
        page.goto(address)
        look(page, f"{kind}-{name}")
        found = axe_faults(page)
        if wide := sideways(page):
            found.append(f"scrolls {wide} px sideways")
        if options["width"] not in (
            640,
            768,
        ):  # between a telephone and a desk a table may be moved
            found += [f"is cut: {item}" for item in cut(page)]
        if found:
            faults[kind] = found
    context.close()
    assert not faults


def test_sign_in_and_its_errors_pass_axe(site: str, chromium_browser: Browser, look: Look) -> None:
    for name, width in (("1280", 1280), ("360", 360)):
        context = chromium_browser.new_context(
            base_url=site, viewport={"width": width, "height": 780}
        )
        page = context.new_page()
        page.goto("/sign-in/")
        look(page, f"sign-in-{name}")
        assert axe_faults(page) == []
        page.fill("input[name=login]", "nobody")
        page.fill("input[name=password]", "nothing")
        page.click("main button.btn-primary")
        look(page, f"sign-in-wrong-{name}")
        assert axe_faults(page) == []
        context.close()


def test_mirrored_language_mirrors_the_frame(signed_in: Opener, look: Look) -> None:
    context = signed_in("manager", width=1280)
    page = context.new_page()
    page.goto("/kinds/list/")
    page.click(".language summary")
    page.click("button[value=ar-xb]")
    assert page.locator("html").get_attribute("dir") == "rtl"
    for kind in KINDS:
        page.goto(f"/kinds/{kind}/")
        look(page, f"{kind}-rtl")
        assert axe_faults(page) == []
        assert sideways(page) == 0
    rail = page.locator(".rail").bounding_box()
    assert rail is not None
    assert rail["x"] > 1000
    context.close()


def test_every_page_works_without_javascript(signed_in: Opener) -> None:
    context = signed_in("loan_officer", java_script_enabled=False)
    page = context.new_page()
    page.goto("/kinds/list/")
    page.fill(".filters input[name=q]", "Sargsyan")
    page.click(".filters button")
    assert page.locator("tbody tr").count() > 0
    assert "Sargsyan" in page.locator("tbody tr").first.inner_text()
    page.click("thead a:has-text('Borrower')")
    assert "sort=source" in page.url
    page.goto("/kinds/form/")
    page.click("main button.btn-primary")
    assert page.locator(".error-summary a").count() == 3
    context.close()


def test_filters_answer_in_place_and_keep_the_address(signed_in: Opener) -> None:
    context = signed_in("loan_officer")
    page = context.new_page()
    page.goto("/kinds/list/")
    page.evaluate("document.querySelector('h1').dataset.kept = '1'")
    page.select_option("select[name=kind]", "MONTH")
    page.wait_for_url("**/kinds/list/?*kind=MONTH*")
    assert page.locator("tbody tr").count() == 12
    assert "State: late" in page.locator("#sentence").inner_text()
    assert page.locator("h1").get_attribute("data-kept") == "1"
    page.reload()
    assert page.locator("tbody tr").count() == 12
    context.close()


def test_a_form_keeps_what_was_typed_reads_it_back_and_shows_a_refusal_beside_its_field(
    signed_in: Opener, look: Look
) -> None:
    context = signed_in("loan_officer", width=768)
    page = context.new_page()
    page.goto("/kinds/form/")
    page.fill("input[name=value_date]", "2026-05-04")
    page.fill("input[name=amount_units]", "900 000")
    page.check("input[value=CASH]")
    page.click("main button.btn-primary")
    assert "AMD 900,000" in page.locator(".read-back").inner_text().replace("\u00a0", " ")
    look(page, "form-read-back")
    assert axe_faults(page) == []
    page.click("main button.btn-primary")
    assert page.locator(".error-summary").is_visible()
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert "more than what is left" in page.locator(".field-wrong .field-error").inner_text()
    assert page.input_value("input[name=amount_units]") == "900 000"
    look(page, "form-refused")
    assert axe_faults(page) == []
    page.fill("input[name=amount_units]", "27 400")
    page.click("main button.btn-primary")
    page.click("main button.btn-primary")
    assert page.url.endswith("/kinds/list/")
    assert "The repayment is recorded." in page.locator("main").inner_text()
    context.close()


def test_the_keyboard_reaches_everything_and_slash_searches(signed_in: Opener) -> None:
    context = signed_in("loan_officer")
    page = context.new_page()
    page.goto("/kinds/list/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")
    page.click(".person summary")
    assert page.locator(".person .menu-sheet").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".person .menu-sheet").is_visible()
    page.keyboard.press("Control+k")
    page.wait_for_url("**/go/")
    assert page.evaluate("document.activeElement.id") == "words"
    page.keyboard.type("your acc")
    page.locator("#found tbody tr").nth(1).wait_for(state="detached")
    page.keyboard.press("Enter")
    page.wait_for_url("**/account/")
    context.close()


def test_a_sheet_moves_by_arrows_takes_a_paste_and_adds_up(signed_in: Opener) -> None:
    context = signed_in("trainer")
    page = context.new_page()
    page.goto("/kinds/sheet/")
    page.focus("input[name=hours-1]")
    page.evaluate(
        """() => { const data = new DataTransfer();
        data.setData("text/plain", "2\\t500\\n3\\t750\\n");
        document.activeElement.dispatchEvent(new ClipboardEvent("paste",
        {clipboardData: data, bubbles: true, cancelable: true})); }"""
    )
    assert page.input_value("input[name=hours-2]") == "3"
    assert page.input_value("input[name=fee-2]") == "750"
    assert page.locator("#fees").inner_text() == "1,250"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "hours-2"
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.name") == "hours-1"
    context.close()


def test_on_a_phone_the_menu_opens_without_javascript(signed_in: Opener, look: Look) -> None:
    context = signed_in("loan_officer", width=360, java_script_enabled=False)
    page = context.new_page()
    page.goto("/kinds/today/")
    assert not page.locator(".rail").is_visible()
    assert page.locator(".phone-bar a").count() == 4
    page.click(".phone-bar a[href='#rail']")
    assert page.locator(".rail").is_visible()
    look(page, "menu-360")
    page.click(".rail-close")
    assert not page.locator(".rail").is_visible()
    context.close()


def test_print_leaves_the_frame_out(signed_in: Opener, look: Look) -> None:
    context = signed_in("loan_officer")
    page = context.new_page()
    address = record_address(page)
    paper = address.replace("list", "paper")
    page.goto(paper)
    assert page.locator("[data-print]").is_visible()
    for name in (*(f"/kinds/{kind}/" for kind in KINDS), address, paper):
        page.goto(name)
        page.emulate_media(media="print")
        frame = ".rail, .top, .phone-bar, .crumbs, .btn, .filters, .pick, .skip, [data-print]"
        assert page.locator(frame).filter(visible=True).count() == 0, name
        look(page, f"{name.strip('/').split('/')[1]}-print")
        page.emulate_media(media="screen")
    assert page.pdf(format="A4")[:4] == b"%PDF"
    context.close()


def test_bars_begin_and_end_together_so_that_they_can_be_compared(signed_in: Opener) -> None:
    for width in (360, 1280):
        context = signed_in("loan_officer", width=width)
        page = context.new_page()
        page.goto("/kinds/figures/")
        edges = page.evaluate(
            """() => [...document.querySelectorAll(".bar-drawing")].map((bar) => {
            const box = bar.getBoundingClientRect();
            return `${Math.round(box.left)}-${Math.round(box.right)}`; })"""
        )
        context.close()
        assert len(edges) == 6
        assert len(set(edges)) == 1


def test_on_a_phone_a_minus_sign_stays_with_its_figure(signed_in: Opener) -> None:
    """A loss of 329,568.13 whose sign stands at the end of the line before reads as a profit."""
    context = signed_in("loan_officer", width=360)
    page = context.new_page()
    page.goto("/kinds/list/")
    heights = page.evaluate(
        """() => { const cell = document.querySelector("tbody td.num");
        cell.textContent = "-329,568.13";
        return ["Result", "Jan 1 to Nov 29, 2026", "Jan 1, 2026 to Nov 29, 2026"].map((label) => {
        cell.dataset.label = label;
        const figure = document.createRange();
        figure.selectNodeContents(cell);
        return new Set([...figure.getClientRects()].map((box) => box.top)).size; }); }"""
    )
    context.close()
    assert heights == [1, 1, 1]


def test_on_a_phone_tiles_leave_no_hole(signed_in: Opener) -> None:
    context = signed_in("loan_officer", width=360)
    page = context.new_page()
    page.goto("/kinds/figures/")
    ends = page.evaluate(
        """() => { const tiles = document.querySelector(".tiles");
        const one = tiles.querySelector(".tile:not(.tile-wide)");
        return [3, 4, 5].map((count) => {
        tiles.replaceChildren(...Array.from({length: count}, () => one.cloneNode(true)));
        tiles.lastElementChild.classList.add("tile-wide");
        const ends = {};
        for (const tile of tiles.children) {
        const box = tile.getBoundingClientRect();
        ends[box.top] = Math.max(ends[box.top] ?? 0, Math.round(box.right)); }
        return new Set(Object.values(ends)).size; }); }"""
    )
    context.close()
    assert ends == [1, 1, 1]


def test_many_actions_fold_into_a_menu_that_opens_without_javascript(signed_in: Opener) -> None:
    context = signed_in("loan_officer", width=360, java_script_enabled=False)
    page = context.new_page()
    page.goto(record_address(page))
    assert page.locator(".page-head-actions > .btn").count() == 3
    assert not page.locator(".more .menu-line").first.is_visible()
    page.click(".more summary")
    assert page.locator(".more .menu-line").count() == 3
    box = page.locator(".more .menu-sheet").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    context.close()


def test_pages_stay_within_their_weight(signed_in: Opener) -> None:
    """First visit at most 150 kB over the wire, later pages at most 20 kB."""
    context = signed_in("loan_officer")
    page = context.new_page()
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto("/kinds/list/", wait_until="networkidle")
    first = sum(sizes)
    sizes.clear()
    page.goto("/kinds/figures/", wait_until="networkidle")
    later = sum(sizes)
    context.close()
    assert first <= 150_000
    assert later <= 20_000


def test_nothing_is_blocked_by_the_content_policy(signed_in: Opener) -> None:
    context = signed_in("loan_officer")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    for kind in KINDS:
        answer = page.goto(f"/kinds/{kind}/")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    context.close()
    assert said == []


def test_every_icon_a_page_names_is_drawn() -> None:
    drawn = set(json.loads((ROOT / "src/handup/static/dist/icons.json").read_text()))
    named = set(navigation.ICONS.values())
    for path in (ROOT / "src/handup").rglob("*.*"):
        if path.suffix in {".py", ".html"}:
            text = path.read_text(encoding="utf-8")
            named |= set(re.findall(r"(?:{% icon |icon=)[\"']([a-z0-9-]+)[\"']", text))
    assert named - drawn == set()
