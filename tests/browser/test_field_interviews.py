"""An interview on an officer's own phone in a real Chromium: held without a network over a renewal
of the program and a cleared store of its files, with a place and a photograph she agreed to; the
office holds all of it once."""

import io
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_field import ask_program, press, question, tile
from tests.browser.test_field_work import BUILT, _built, enrol, killed

__all__ = ["_built"]
PART = "Interviews"
CLEAR = "caches.keys().then((all) => Promise.all(all.map((one) => caches.delete(one))))"


def photograph() -> bytes:
    """A large picture as telephones take them, coarse enough to be made small."""
    draw = random.Random(3)
    points = bytes(draw.randrange(256) for _ in range(3 * 80 * 60))
    image = Image.frombytes("RGB", (80, 60), points).resize((3200, 2400))
    target = io.BytesIO()
    image.save(target, "JPEG", quality=95)
    return target.getvalue()


@pytest.fixture
def renewal() -> Iterator[Path]:
    """The worker of the program as it is built; the test may renew it, and it is put back."""
    before = BUILT.read_bytes()
    yield BUILT
    BUILT.write_bytes(before)


def renew(page: Page, worker: Path) -> None:
    """The office has a newer version of the program, and the phone fetches it."""
    told = worker.read_text()
    newer = re.sub(r'"[0-9a-f]{12}"', '"000000000001"', told, count=1)
    assert newer != told
    worker.write_text(newer)
    page.evaluate("navigator.serviceWorker.getRegistration('/field/').then((one) => one.update())")
    expect(page.locator("#notice")).to_contain_text("A newer version is ready")
    press(page, "Understood")


def held(page: Page, place: str) -> str:
    """What stands in a question on the screen."""
    return page.locator(f"[name='/stalls/{place}']").input_value()


def test_an_interview_outlives_a_renewal_of_the_program_and_reaches_the_office_with_its_picture(
    site: Site, page: Page, renewal: Path
) -> None:
    context = page.context
    context.grant_permissions(["geolocation"])
    context.set_geolocation({"latitude": 40.1, "longitude": 44.5, "accuracy": 8})
    page.set_viewport_size({"width": 360, "height": 640})
    words = enrol(page, ask_program(site, "field_interviews", "make")["code"])
    context.set_offline(True)
    tile(page, PART)
    tile(page, "STA00001")
    page.check("[name='/stalls/trades'][value=yes]")
    press(page, "Go on")
    page.fill("[name='/stalls/business/sales']", "500")
    context.set_offline(False)
    renew(page, renewal)
    assert held(page, "business/sales") == "500"
    page = killed(context, page, words, PART)  # the newer version runs
    expect(page.locator("button.tile", has_text="Arpi Adamyan")).to_contain_text("begun, page 2")
    names = page.evaluate("caches.keys()")
    assert names == ["handup-field-000000000001"]
    tile(page, "Arpi Adamyan")
    assert held(page, "business/sales") == "500", "the renewal touched nothing that was written"
    page.fill("[name='/stalls/business/costs']", "120")
    page.evaluate(CLEAR)
    page = killed(context, page, words, PART)  # with a network, as the program's files were cleared
    context.set_offline(True)
    tile(page, "Arpi Adamyan")
    assert held(page, "business/costs") == "120"
    press(page, "Go on")
    page.fill("[name='/stalls/size']", "2")
    press(page, "Go on")
    page.fill("[name='/stalls/worker[1]/age']", "30")
    press(page, "Go on")
    the_stall(page)
    question(page, "Read it back")
    press(page, "Write it down")
    expect(page.locator("button.tile", has_text="Arpi Adamyan")).to_contain_text("asked")
    assert ask_program(site, "field_interviews", "tell")["sets"] == []
    context.set_offline(False)
    press(page, "Understood")
    press(page, "Back")
    tile(page, "What became of it")
    press(page, "Send now")
    expect(page.locator("dt:has-text('Received by the office') + dd")).to_have_text("1")
    (only,) = ask_program(site, "field_interviews", "tell")["sets"]
    assert (only["state"], only["channel"], only["faults"]) == ("RECEIVED", "APP", [])
    assert only["answers"]["stall"].startswith("40.100000 44.500000 ")
    assert (only["answers"]["tag"], only["answers"]["profit"]) == ("4850001", "380")
    ((name, size, kind, agreed),) = only["pictures"]
    assert name == only["answers"]["photo"]
    assert (kind, agreed, 1_000 < size < 400_000) == ("image/jpeg", True, True)


def the_stall(page: Page) -> None:
    """The last step: a day, a picture, a place and a code."""
    file = page.locator("input[type=file]")
    expect(file).to_be_disabled()
    page.get_by_label("agrees that a picture is taken").check()
    large = photograph()
    assert len(large) > 300_000
    file.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": large})
    expect(page.locator("canvas")).to_be_visible()
    press(page, "Find where I am")
    place = page.locator("[name='/stalls/stall']")
    expect(place).to_have_value(re.compile("^40.100000 44.500000 0.0 8.0$"))
    page.fill("[name='/stalls/tag']", "4850001")
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide
    press(page, "Go on")
