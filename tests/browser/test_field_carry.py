"""Two phones of one group in a real Chromium without a network: codes read by a camera and from
pictures, receipts brought back, and a lost phone's record that another goes on from."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.conftest import FLAGS, Site
from tests.browser.field_codes import film
from tests.browser.test_field import (
    _built,
    amount,
    ask,
    begin,
    close,
    enrol,
    keys,
    open_again,
    press,
    question,
    tile,
)
from tests.browser.test_field_unlock import own_lock
from tools import chromium

__all__ = ["_built"]
NAME = "Two rivers"
NO_CODES = 60


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees: a film that a test may put another in the place of."""
    path = tmp_path_factory.mktemp("camera") / "seen.y4m"
    film(path, ["nothing of ours"])
    return path


@pytest.fixture(scope="module")
def browser(seen: Path) -> Iterator[Browser]:
    """A Chromium whose camera plays the film."""
    flags = [
        *FLAGS,
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={seen}",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.ensure(), args=flags)
        yield started
        started.close()


def meet(page: Page) -> str:
    """A whole meeting of four who buy a share each; returns the code of its slip."""
    begin(page)
    for _member in range(4):
        tile(page, "Here")
    press(page, "Everybody agrees")
    for member in range(1, 5):
        question(page, f"shares does Member {member} buy")
        tile(page, "5.00")
    press(page, "Everybody agrees")
    press(page, "Nobody else asks")
    for name in ("Member 1", "Member 2"):
        tile(page, name)
        amount(page, "20")
    question(page, "Read the totals aloud")
    return close(page)


def receipts(page: Page) -> None:
    """A member chooses how she wants her receipt, and gets it."""
    press(page, "Receipts for members")
    tile(page, "Member 1")
    tile(page, "Into her passbook")
    expect(page.locator("dt:has-text('Her savings now') + dd")).to_have_text("5.00 XTS")
    press(page, "Done")
    expect(page.locator("button.tile", has_text="Member 1")).to_contain_text("passbook")
    press(page, "Done")


def carry(page: Page) -> None:
    """From the first screen to giving and taking."""
    press(page, "What the office has not received")
    press(page, "Carry without a network")


def shown(page: Page, pictures: Path | None = None) -> list[str]:
    """Every code that a phone shows; with `pictures`, a picture of each as well."""
    tile(page, "Show it to another phone")
    code = page.locator("#code svg")
    expect(code).to_be_visible()
    count = int(page.locator("[role=status]").inner_text().split()[-1])
    if count > 1:
        press(page, "Stop or go on")
    found: dict[str, None] = {}
    for _place in range(count):
        text = code.get_attribute("data-code") or ""
        found[text] = None
        if pictures is not None:
            code.screenshot(path=pictures / f"{len(found)}.png")
        if count > 1:
            page.locator("[aria-label='The next code']").click()
    press(page, "Done")
    assert len(found) == count < NO_CODES
    return list(found)


def two_phones(site: Site, page: Page, other: Page, name: str) -> tuple[str, str]:
    """A phone that writes and one that does not, both without a network; returns their words."""
    words = enrol(page, ask(site, "make", name)["code"], name)
    others = enrol(other, ask(site, "code", name)["code"], name)
    expect(other.locator("main")).to_contain_text("Another phone writes the meetings")
    for one in (page, other):
        one.set_viewport_size({"width": 360, "height": 640})
        one.context.set_offline(True)
    return words, others


def test_packets_go_by_pictures_of_codes_and_receipts_come_back_by_the_camera(
    site: Site, page: Page, other: Page, seen: Path, tmp_path: Path
) -> None:
    words, others = two_phones(site, page, other, NAME)
    meet(page)
    receipts(page)
    press(page, "Give a copy to another phone")
    codes = shown(page, tmp_path)
    pictures = sorted(tmp_path.glob("*.png"), reverse=True)
    assert len(pictures) == len(codes) > 2
    carry(other)
    other.set_input_files("#files", pictures[1:])
    expect(other.locator("#notice")).to_contain_text("Missing: ")
    press(other, "Understood")
    other.set_input_files("#files", [*pictures, pictures[0]])
    expect(other.locator("#notice")).to_contain_text("1 packets of other phones are here now")
    assert ask(site, "tell", NAME)["meetings"] == []
    other.context.set_offline(False)
    open_again(other, others, NAME)
    press(other, "What the office has not received")
    press(other, "Send now")
    expect(other.locator("main")).to_contain_text("Received by the office")
    (meeting,) = ask(site, "tell", NAME)["meetings"]
    assert (meeting["status"], meeting["marks"]) == ("CLOSED", 4)
    press(other, "Carry without a network")
    expect(other.locator("dt:has-text('Receipts to bring back') + dd")).to_have_text("1")
    film(seen, shown(other))
    open_again(page, words, NAME)
    expect(page.locator(".state")).to_have_attribute("data-state", "here")
    carry(page)
    tile(page, "Read with the camera")
    expect(page.locator("#notice")).to_contain_text("said of 1 packets")
    open_again(page, words, NAME)
    expect(page.locator(".state")).to_have_attribute("data-state", "received")


def watched(site: Site, page: Page, other: Page, name: str) -> None:
    """Up to the totals on both phones, but for one share the witness did not see."""
    for one in (page, other):
        if one is page:
            begin(one)
        else:
            press(one, "Watch a meeting as a witness")
            press(one, "Go on")
            tile(one, "Simple")
            tile(one, "Member 2")
            keys(one)
        for _member in range(4):
            tile(one, "Here")
        press(one, "Everybody agrees")
        for member in range(1, 5):
            question(one, f"shares does Member {member} buy")
            tile(one, "5.00" if one is page or member != 3 else "10.00")
        press(one, "Everybody agrees")
        press(one, "Nobody else asks")
        for counter in ("Member 1", "Member 2"):
            tile(one, counter)
            amount(one, "20" if one is page else "25")
    question(page, "Read the totals aloud")
    question(other, "Does the other phone show the same number")


def test_a_witness_compares_line_by_line_before_the_box_is_closed_and_posts_nothing(
    site: Site, page: Page, other: Page, tmp_path: Path
) -> None:
    name = f"{NAME} seen"
    two_phones(site, page, other, name)
    watched(site, page, other, name)
    press(page, "Compare with a witness phone")
    here = page.locator(".figure").inner_text()
    assert here != other.locator(".figure").inner_text()
    with other.expect_download() as saved:
        press(other, "Save it as a file")
    saved.value.save_as(tmp_path / "witness.json")
    page.set_input_files("#files", tmp_path / "witness.json")
    expect(page.locator(".question")).to_have_text("2 lines differ. Which is right?")
    expect(page.locator("dt:has-text('3 · Member 3 · Saved') + dd")).to_have_text(
        "here 5.00 XTS, witness 10.00 XTS"
    )
    press(page, "Compare again")
    press(page, "Yes, the same")
    expect(page.locator("main")).to_contain_text("The witness phone has the same record")
    close(page)
    press(other, "Done")
    expect(other.get_by_role("heading", name=name)).to_be_visible()
    for one in (page, other):
        one.context.set_offline(False)
    press(page, "Send now")
    expect(page.locator(".state")).to_have_attribute("data-state", "received")
    press(other, "What the office has not received")
    press(other, "Send now")
    told = ask(site, "tell", name)
    assert [one["status"] for one in told["meetings"]] == ["CLOSED"]
    assert told["savings"] == [500] * 4


def test_after_eviction_the_record_is_restored_from_another_phone_and_the_last_slip(
    site: Site, page: Page, other: Page, tmp_path: Path
) -> None:
    name = f"{NAME} lost"
    two_phones(site, page, other, name)
    code = meet(page)
    press(page, "Give a copy to another phone")
    with page.expect_download() as saved:
        tile(page, "Save it as a file")
    saved.value.save_as(tmp_path / "copy.json")
    carry(other)
    other.set_input_files("#files", tmp_path / "copy.json")
    expect(other.locator("#notice")).to_contain_text("1 packets of other phones are here now")
    with other.expect_download() as given:
        tile(other, "Save it as a file")
    given.value.save_as(tmp_path / "given.json")
    context = page.context
    page.close(run_before_unload=False)
    page = context.new_page()
    session = context.new_cdp_session(page)
    told = {"origin": site.url, "storageTypes": "all"}
    session.send("Storage.clearDataForOrigin", told)
    page.context.set_offline(False)
    enrol(page, ask(site, "code", name)["code"], name)
    page.context.set_offline(True)
    expect(page.locator("main")).to_contain_text("Another phone writes the meetings")
    assert ask(site, "tell", name)["meetings"] == []
    lost = "The other phone is lost"
    press(page, lost)
    page.fill("#code", code)
    press(page, "Go on")
    expect(page.locator("#notice")).to_contain_text("No record here has this code")
    press(page, "Back")
    carry(page)
    page.set_input_files("#files", tmp_path / "given.json")
    expect(page.locator("#notice")).to_contain_text("1 packets of other phones are here now")
    press(page, "Back")
    press(page, "Back")
    press(page, lost)
    page.fill("#code", code.replace(" ", "-"))
    press(page, "Go on")
    keys(page)
    expect(page.locator("#notice")).to_contain_text("This phone writes the meetings now")
    expect(page.locator("dt:has-text('In the box') + dd")).to_have_text("20.00 XTS")
    page.context.set_offline(False)
    press(page, "What the office has not received")
    press(page, "Send now")
    expect(page.locator("dt:has-text('On this phone') + dd")).to_have_text("0")
    (meeting,) = ask(site, "tell", name)["meetings"]
    assert (meeting["status"], meeting["code"], meeting["marks"]) == ("CLOSED", code, 4)
    assert ask(site, "seat", name) == {"label": "Green phone", "is_last": True}
    press(page, "Back")
    expect(page.get_by_role("button", name="Begin a meeting")).to_be_visible()
    other.context.set_offline(False)
    press(other, "Back")
    press(other, "Send now")
    told_again = ask(site, "tell", name)
    assert [one["code"] for one in told_again["meetings"]] == [code], "it came twice, and is once"
    assert told_again["cash"] == {"LOAN": 2000, "SOCIAL": 0}


CARDS = ("card of Ani", "card of Sona", "card of Lilit")


def read_cards(page: Page, seen: Path) -> None:
    """Three cards, one after the other; the same one twice counts once."""
    for place, text in enumerate(CARDS, 1):
        film(seen, [text])
        press(page, "Read a card")
        expect(page.locator("#figure")).to_have_text("\u2022" * place)
    page.locator("#open").click()


def test_cards_of_members_open_the_book_and_the_camera_reads_the_last_slip(
    site: Site, page: Page, seen: Path
) -> None:
    """A slip of another meeting asks what happened; the right one goes on to the keys."""
    name = f"{NAME} cards"
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto("/field/")
    own_lock(page)
    press(page, "English")
    press(page, "I have a code")
    words = page.locator(".figure").inner_text()
    press(page, "I have written them down")
    page.fill("#secret", words)
    press(page, "Go on")
    tile(page, "Cards of members")
    film(seen, [CARDS[0]])
    press(page, "Read a card")
    expect(page.locator("#figure")).to_have_text("\u2022")
    press(page, "Read a card")
    expect(page.locator("#notice")).to_contain_text("has been read already")
    press(page, "Understood")
    page.locator("[aria-label='Take back the last one']").click()
    read_cards(page, seen)
    question(page, "Once more, the same")
    read_cards(page, seen)
    page.fill("#code", ask(site, "make", name)["code"])
    press(page, "Go on")
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => caches.keys())")
    page.context.set_offline(True)
    page.goto("/field/")
    read_cards(page, seen)
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    code = meet(page)
    press(page, "Done")
    press(page, "Begin a meeting")
    press(page, "Go on")
    press(page, "Yes")
    tile(page, "Simple")
    tile(page, "Member 2")
    question(page, "Is this the code of the last slip")
    for shown, asked in (
        ("000 000 000 000", "What does the slip say"),
        (code, "Who opens the box"),
    ):
        film(seen, [shown])
        press(page, "Read the slip with the camera")
        question(page, asked)
        if shown != code:
            expect(page.locator("#notice")).to_contain_text("another code")
            press(page, "Understood")
            press(page, "Back")
