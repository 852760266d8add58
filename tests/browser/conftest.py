"""A real server with a fresh demonstration, and a real Chromium to look at it.

`site` is the running program, `page` an empty browser page, `sign_in("MANAGER")` signs a role in.
Nothing leaves the computer: a page that asks for another host fails its test.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.source import ROOT
from tools import chromium

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
START_SECONDS = 180
HALF_MINUTE = 30
expect.set_options(timeout=20_000)  # a page may be slow where every core is busy


@dataclass(frozen=True)
class Site:
    """The running program: where it is and who can sign in."""

    url: str
    sign_ins: dict[str, dict[str, str]]
    data: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs a browser."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/sign-in/", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not answer:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start the program on a free port with a data folder of its own."""
    data = tmp_path_factory.mktemp("site")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
    env |= {
        "HANDUP_DATA": str(data),
        "HANDUP_PORT": str(port),
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
    }
    words = [sys.executable, "-m", "handup.cli"]
    subprocess.run([*words, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
    apart = [sys.executable, "-m", "tests.browser.apart", "prepare"]
    subprocess.run(apart, env=env, check=True, cwd=ROOT)
    told = subprocess.run(
        [*words, "sign-ins", "--json"], env=env, check=True, capture_output=True, text=True
    )
    people = {item["role"]: item for item in json.loads(told.stdout)}
    log = data / "server.log"
    with log.open("wb") as out:
        server = subprocess.Popen([*words, "run"], env=env, cwd=data, stdout=out, stderr=out)
    try:
        _answers(f"http://localhost:{port}", server, log)
        yield Site(f"http://localhost:{port}", people, data)
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")  # two Playwrights cannot run at once in one process
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium.ensure(), args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def page(site: Site, browser: Browser) -> Iterator[Page]:
    """A page without memory; a request to another host fails the test."""
    strangers: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((site.url, "data:", "blob:")):
            strangers.append(request.url)

    context = browser.new_context(base_url=site.url)
    context.on("request", note)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
    assert not strangers


@pytest.fixture
def other(site: Site, browser: Browser) -> Iterator[Page]:
    """A page of another phone, which knows nothing of the first."""
    context = browser.new_context(base_url=site.url)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def sign_in(site: Site, page: Page) -> Callable[[str], Page]:
    """Sign a role in with password and six digits."""
    from handup.org.demonstration import totp_code

    def as_role(role: str) -> Page:
        person = site.sign_ins[role]
        page.goto("/sign-in/")
        page.fill("input[name=login]", person["username"])
        page.fill("input[name=password]", person["password"])
        with page.expect_navigation():
            page.press("input[name=password]", "Enter")
        for _try in range(3):  # six digits end with their half minute, and serve once
            if not page.locator("input[name=code]").count():
                break
            page.fill("input[name=code]", totp_code(person["totp_secret"], time.time()))
            with page.expect_navigation():
                page.press("input[name=code]", "Enter")
            if page.locator("input[name=code]").count():
                time.sleep(HALF_MINUTE - time.time() % HALF_MINUTE)
        assert "/sign-in/" not in page.url, f"{role} was not let in"
        return page

    return as_role
