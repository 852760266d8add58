"""The same person as in `tests/hands.py`, at a real Chromium: she presses what the page shows.

The program answers in the thread of the test, which holds the database of this test alone, while
she works in a thread of her own.
"""

import mimetypes
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer
from playwright.sync_api import Browser, Locator, Page, Route, sync_playwright

from tests.browser.conftest import FLAGS
from tests.hands import Stuck
from tests.source import HOUSE
from tools import chromium

CONFIRM = "form.read-back button.btn-primary"


@dataclass
class BrowserHands:
    """One person at one page of Chromium."""

    name: str
    page: Page
    password: str = ""

    @property
    def at(self) -> str:
        """The path she is at."""
        return urlsplit(self.page.url)._replace(scheme="", netloc="").geturl()

    def stuck(self, wanted: str) -> Stuck:
        """What the page says when she cannot go on."""
        words = self.page.locator("main").inner_text()[:2_500]
        return Stuck(f"{self.name} wanted {wanted} at {self.at}\n{words}")

    def open(self, address: str) -> "BrowserHands":
        """Type an address."""
        answer = self.page.goto(address, wait_until="domcontentloaded")
        if answer is not None and answer.status >= 400:
            raise self.stuck(f"to open {address} ({answer.status})")
        return self

    def follow(self, words: str) -> "BrowserHands":
        """Press the link of these words; one folded away below "More" is unfolded first."""
        link = self.page.locator("main").get_by_role("link", name=words, exact=True)
        if not link.count():
            self._unfold(words)
        if not link.count():
            raise self.stuck(f"the link “{words}”")
        return self._press(link.first)

    def _unfold(self, words: str) -> None:
        for folded in self.page.locator("main details:not([open])").all():
            if words in (folded.text_content() or ""):
                folded.locator("summary").first.click()

    def press(self, words: str) -> "BrowserHands":
        """Press the button of these words."""
        return self._press(self.page.locator("main").get_by_role("button", name=words).first)

    def _press(self, what: Locator) -> "BrowserHands":
        with self.page.expect_navigation(wait_until="domcontentloaded"):
            what.click()
        return self

    def fill(self, **answers: object) -> "BrowserHands":
        """Fill the form in, send it and confirm what is read back."""
        first = next(iter(answers), "csrfmiddlewaretoken")
        form = self.page.locator(f"main form[method=post]:has([name='{first}'])").first
        for name, told in answers.items():
            self._answer(form.locator(f"[name='{name}']"), name, told)
        self._press(form.locator("button.btn-primary").first)
        if self.page.locator(CONFIRM).count():
            self._press(self.page.locator(CONFIRM))
        if self.page.locator(".errors, [aria-invalid=true]").count():
            raise self.stuck(f"to send {list(answers)}")
        return self

    def _answer(self, fields: Locator, name: str, told: object) -> None:
        if not fields.count():
            raise self.stuck(f"a place for “{name}”")
        self._unfold_around(fields.first)
        kind = fields.first.evaluate("one => one.tagName === 'SELECT' ? 'select' : one.type")
        if kind == "select":
            fields.first.select_option(self._chosen(fields.first, str(told)))
        elif kind in {"checkbox", "radio"}:
            wanted = [str(one) for one in told] if isinstance(told, (list, tuple)) else [str(told)]
            for box in fields.all():
                if told is True or box.get_attribute("value") in wanted:
                    box.check()
                elif kind == "checkbox":
                    box.uncheck()
        else:
            fields.first.fill(str(told))

    def _unfold_around(self, field: Locator) -> None:
        around = field.locator("xpath=ancestor::details[not(@open)]")
        for folded in around.all():
            folded.locator("summary").first.click()

    def _chosen(self, field: Locator, told: str) -> str:
        script = "one => [...one.options].map(o => [o.value, o.textContent.trim()])"
        offered: list[list[str]] = field.evaluate(script)
        exact = [code for code, said in offered if told in (code, said)]
        found = exact or [code for code, said in offered if told in said]
        if not found:
            raise self.stuck(f"“{told}” among {[said for _code, said in offered]}")
        return found[0]

    def says(self, *words: str) -> "BrowserHands":
        """Read the page for these words."""
        shown = " ".join((self.page.locator("main").text_content() or "").split()).casefold()
        for word in words:
            if word.casefold() not in shown:
                raise self.stuck(f"to read “{word}”")
        return self

    def secret_of(self, name: str) -> str:
        """The password the page shows beside a name."""
        row = self.page.locator("main dl > div", has=self.page.locator("dt", has_text=name))
        return row.locator("code").inner_text()

    def number(self) -> str:
        """The registration number the page shows."""
        found = re.search(r"Number (\d{10})", self.page.locator("main").inner_text())
        if found is None:
            raise self.stuck("a registration number")
        return found.group(1)


class _Handler(WSGIRequestHandler):
    """One request a connection, and no waiting for a browser that opens one and says nothing."""

    timeout = 1

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def static_file(route: Route) -> bool:
    """Give the browser a file of the build; whether it asked for one."""
    path = urlsplit(route.request.url).path
    if not path.startswith("/static/"):
        return False
    file = HOUSE / path.lstrip("/")
    kind = mimetypes.guess_type(file)[0] or "application/octet-stream"
    route.fulfill(body=file.read_bytes(), content_type=kind)
    return True


def at_chromium(way: Callable[[Callable[[str], BrowserHands]], None]) -> None:
    """Go a way in Chromium: `way` gets each person, at a telephone of her own, by her name."""
    server = WSGIServer(("127.0.0.1", 0), _Handler)
    server.set_app(WSGIHandler())
    server.timeout = 0.1
    host = f"http://localhost:{server.server_port}"
    path = chromium.ensure()

    def walk() -> None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            known: dict[str, BrowserHands] = {}

            def cast(name: str) -> BrowserHands:
                if name not in known:
                    known[name] = BrowserHands(name, _telephone(browser, host))
                return known[name]

            way(cast)
            browser.close()

    with ThreadPoolExecutor(1) as pool, closing(server.socket):
        walked = pool.submit(walk)
        while not walked.done():
            server.handle_request()
        walked.result()


def _telephone(browser: Browser, host: str) -> Page:
    context = browser.new_context(base_url=host, viewport={"width": 360, "height": 740})
    context.route("**/*", lambda route: static_file(route) or route.continue_())
    context.set_default_timeout(15_000)
    return context.new_page()
