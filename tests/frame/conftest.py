"""One server on a fresh database and one Chromium for all browser tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.frame.seed import PASSWORD
from tools import chromium

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "tests.frame.settings"
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SEEN = ROOT / "build" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder needs the browser."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.browser)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def environment(data: Path) -> dict[str, str]:
    """The environment of the server: a data folder of its own."""
    return {
        **os.environ,
        "HANDUP_DATA": str(data),
        "DJANGO_SETTINGS_MODULE": SETTINGS,
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
    }


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until it answers, at most a minute."""
    for _ in range(240):
        if server.poll() is not None:
            pytest.fail("The server of the browser tests did not start.")
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    pytest.fail("The server of the browser tests did not answer within a minute.")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with a freshly filled database."""
    if not (ROOT / "src/handup/static/dist/named.json").exists():
        pytest.fail("The front-end is not built. Type: cd frontend && npm ci && npm run build")
    env = environment(tmp_path_factory.mktemp("data"))
    subprocess.run([sys.executable, "-m", "tests.frame.seed"], env=env, cwd=ROOT, check=True)
    port = free_port()
    command = [sys.executable, "-m", "waitress", f"--listen=127.0.0.1:{port}", "--threads=4"]
    server = subprocess.Popen([*command, "handup.config.wsgi:application"], env=env, cwd=ROOT)
    address = f"http://localhost:{port}"
    try:
        wait_for(f"{address}/sign-in/", server)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)


@pytest.fixture(scope="module")  # two Playwrights cannot run at once in one process
def chromium_browser() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium.ensure(), args=["--no-sandbox", "--font-render-hinting=none"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in(site: str, chromium_browser: Browser) -> Callable[..., BrowserContext]:
    """A browser context signed in as a role: `signed_in("loan_officer", width=360)`."""
    states: dict[str, Any] = {}

    def open_context(role: str, **options: Any) -> BrowserContext:
        width = options.pop("width", 1280)
        options.setdefault("viewport", {"width": width, "height": 900 if width > 600 else 780})
        if role not in states:
            context = chromium_browser.new_context(base_url=site)
            page = context.new_page()
            page.goto("/sign-in/")
            page.fill("input[name=login]", role)
            page.fill("input[name=password]", PASSWORD)
            page.click("main button.btn-primary")
            page.wait_for_url(lambda address: "/sign-in/" not in address)
            states[role] = context.storage_state()
            context.close()
        return chromium_browser.new_context(base_url=site, storage_state=states[role], **options)

    return open_context


def axe_faults(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA, each with the element it means."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = page.evaluate("(tags) => axe.run({runOnly: tags})", rules)
    return [
        f"{fault['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of the page in build/screenshots."""
    SEEN.mkdir(parents=True, exist_ok=True)

    def keep(page: Page, name: str) -> None:
        page.screenshot(path=str(SEEN / f"{name}.png"), full_page=True)

    return keep
