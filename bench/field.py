"""The offline app on a slow phone: a real Chromium at a sixth of its speed, its server gone.

How long until something can be pressed after a cold start (at most 2 s), and from a press to
the next screen painted, with what the press records written down (at most 100 ms).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import NONE, Figure, benchmark
from tools.steps import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

STATIC = ROOT / "src/handup"
BUILT = STATIC / "static/dist/field"
PAGES = {"/field/": "index.html", "/field/worker.js": "worker.js"}
SLOWER, STARTS = 6, 9
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
MEETING = (
    "Begin a meeting", "Go on", "Simple", "Member 2", "Member 1", "Member 2", "Member 3", "Go on",
    "Here", "Here", "Here", "Here", "Here", "Everybody agrees",
    "Paid", "Paid", "Paid", "Paid", "Paid",
)  # fmt: skip
"""What is pressed in the practice group: keys, roll, contributions, each press one screen."""
SHOWN = """
new MutationObserver((_all, seen) => {
  if (!document.querySelector(".press")) return;
  seen.disconnect();
  window.shownAfter = performance.now();
}).observe(document, { childList: true, subtree: true });
"""
PRESS = """
(label) => new Promise((tell, fail) => {
  const said = (one) => one.querySelector(".label")?.firstChild?.textContent ?? one.textContent;
  const all = [...document.querySelectorAll("#app button")];
  const wanted = all.find((one) => said(one) === label) ??
    all.find((one) => said(one).startsWith(label));
  if (!wanted) return fail(new Error(`no "${label}" on: ${document.body.innerText}`));
  const before = document.querySelector("main");
  new MutationObserver((_all, seen) => {
    if (document.querySelector("main") === before) return;
    seen.disconnect();
    requestAnimationFrame(() => setTimeout(() => tell(performance.now() - pressed)));
  }).observe(document.getElementById("app"), { childList: true });
  const pressed = performance.now();
  wanted.click();
})
"""


class _Handler(SimpleHTTPRequestHandler):
    """The page and the worker at their addresses, the built files under /static/."""

    def translate_path(self, path: str) -> str:
        """Where a file of the app lies."""
        page = PAGES.get(path.partition("?")[0])
        return str(BUILT / page) if page else super().translate_path(path)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def _served() -> Iterator[str]:
    handler = partial(_Handler, directory=str(STATIC))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/field/"
        server.shutdown()


def _installed(browser: "Browser") -> tuple["BrowserContext", str]:
    """A browser that has the app and its practice group; then its server ends for good."""
    context = browser.new_context(viewport={"width": 360, "height": 640})
    context.add_init_script(SHOWN)
    page = context.new_page()
    with _served() as address:
        page.goto(address)
        page.get_by_role("button", name="English").click()
        page.evaluate("navigator.serviceWorker.ready.then(() => 0)")
        page.get_by_role("button", name="Practise").click()
        page.get_by_role("button", name="Begin a meeting").wait_for()
        page.close()
    context.set_offline(True)
    return context, address


def _slow(context: "BrowserContext") -> "Page":
    page = context.new_page()
    speed = {"rate": SLOWER}
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", speed)
    return page


def _start(context: "BrowserContext", address: str) -> float:
    page = _slow(context)
    page.goto(address)
    page.wait_for_function("window.shownAfter !== undefined")
    took = float(page.evaluate("window.shownAfter"))
    page.close()
    return took


def _steps(context: "BrowserContext", address: str) -> list[float]:
    page = _slow(context)
    page.goto(address)
    page.get_by_role("button", name="Practise").click()
    page.get_by_role("button", name="Begin a meeting").wait_for()
    took = []
    for label in MEETING:
        took.append(float(page.evaluate(PRESS, label)))
        page.wait_for_function("!document.body.classList.contains('busy')")
    page.close()
    return took


@benchmark(*NONE)
def slow_phone() -> Iterator[Figure]:
    """Cold starts and steps of a meeting, offline, at a sixth of this computer's speed."""
    from playwright.sync_api import sync_playwright

    from tools import chromium, environment

    environment.build_field()
    with sync_playwright() as playwright:
        path: str | Path = chromium.ensure()
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        context, address = _installed(browser)
        starts = [_start(context, address) for _time in range(STARTS)]
        steps = _steps(context, address)
        browser.close()
    yield Figure("cold start offline, median", median(starts), "ms", len(starts))
    yield Figure("cold start offline, slowest", max(starts), "ms", len(starts))
    yield Figure("press to next screen, median", median(steps), "ms", len(steps))
    yield Figure("press to next screen, slowest", max(steps), "ms", len(steps))
