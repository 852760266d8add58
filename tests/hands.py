"""A person at pages as they come from the server, without JavaScript: she opens an address, follows
links and presses buttons by their words, fills forms in and reads.

Nothing is done beside the pages: a link that is not there, a form that refuses what was typed or a
step that leads nowhere stops her with the words of the page she stands on.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import resolve
from lxml import html

Element = Any


class Stuck(AssertionError):
    """She cannot go on: what she wanted, where she stands, what the page says."""


def _words(node: Element) -> str:
    return " ".join(str(node.text_content()).split())


@dataclass
class Hands:
    """One person at one browser."""

    name: str
    client: Client = field(default_factory=lambda: Client(REMOTE_ADDR="127.0.0.1"))
    password: str = ""
    at: str = "/"
    status: int = 0
    page: Element = None
    body: bytes = b""
    seen: dict[str, str] = field(default_factory=dict)  # one page of each kind, as it came

    @property
    def main(self) -> Element:
        """What the page is about, without the frame around it."""
        found = self.page.xpath("//main")
        return found[0] if found else self.page

    def stuck(self, wanted: str) -> Stuck:
        """What the page says when she cannot go on."""
        lines = [" ".join(line.split()) for line in self.main.itertext()]
        shown = "\n".join(line for line in lines if line)[:3_000]
        return Stuck(f"{self.name} wanted {wanted} at {self.at} ({self.status})\n{shown}")

    def open(self, address: str) -> "Hands":
        """Type an address, or go where a link leads."""
        target = urljoin(self.at, address)
        self._arrive(target, self.client.get(target, follow=True), f"to open {target}")
        return self

    def _arrive(self, target: str, answer: Any, wanted: str) -> None:
        steps = getattr(answer, "redirect_chain", [])
        for step, _status in steps:
            target = urljoin(target, step)
        self.at, self.status = urlsplit(target)._replace(scheme="", netloc="").geturl(), 0
        self.status = answer.status_code
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        self.body = body
        if "html" in answer.get("Content-Type", ""):
            if self.status < 400 and (match := getattr(answer, "resolver_match", None)):
                self.seen.setdefault(match.view_name, body.decode())
            self.page = html.fromstring(body.decode() or "<p></p>")
        if self.status >= 400:
            raise self.stuck(wanted)

    def links(self, words: str) -> list[str]:
        """Where the links of these words lead."""
        return [one.get("href") for one in self.main.iter("a") if _words(one) == words]

    def follow(self, words: str) -> "Hands":
        """Press the link of these words."""
        found = self.links(words)
        if not found:
            raise self.stuck(f"the link “{words}”")
        return self.open(found[0])

    def press(self, words: str) -> "Hands":
        """Press the button of these words."""
        for form in self.main.iter("form"):
            for button in form.iter("button"):
                if _words(button) == words:
                    return self._send(form, {}, button, f"to press “{words}”")
        raise self.stuck(f"the button “{words}”")

    def fill(self, **answers: object) -> "Hands":
        """Fill the form in that asks these, send it, and confirm what is read back."""
        form = self._form_of(answers)
        self._send(form, answers, None, f"to send {list(answers)}")
        while back := self.main.xpath(".//form[contains(@class, 'read-back')]"):
            self._send(back[0], {}, None, "to confirm what is read back")
        return self

    def refused(self, **answers: object) -> "Hands":
        """Fill the form in wrongly: it comes back with the faults beside the fields. Its page is
        kept for those who look at it afterwards.
        """
        form = self._form_of(answers)
        try:
            self._send(form, answers, None, f"to be told what is wrong with {list(answers)}")
        except Stuck:
            if self.status != 422:
                raise
        else:
            raise self.stuck("to be refused")
        kept = f"{resolve(urlsplit(self.at).path).view_name}-with-faults"
        self.seen.setdefault(kept, self.body.decode())
        return self

    def _form_of(self, answers: dict[str, object]) -> Element:
        for form in self.main.iter("form"):
            named = {one.get("name") for one in form.iter("input", "select", "textarea")}
            wanted = set(answers) or {"csrfmiddlewaretoken"}
            if wanted <= named and form.get("method", "get").lower() == "post":
                return form
        raise self.stuck(f"a form that asks {sorted(answers)}")

    def _send(
        self, form: Element, answers: dict[str, object], button: Element, wanted: str
    ) -> "Hands":
        sent: dict[str, list[Any]] = {}
        for one in form.iter("input", "select", "textarea"):
            name = one.get("name")
            if not name or one.get("disabled") is not None:
                continue
            for value in self._value(one, answers.get(name)):
                sent.setdefault(name, []).append(value)
        if button is None:
            button = next(iter(form.xpath(".//button[contains(@class, 'btn-primary')]")), None)
        if button is not None and button.get("name"):
            sent[button.get("name")] = [button.get("value", "")]
        target = urljoin(self.at, form.get("action") or self.at)
        if form.get("method", "get").lower() == "post":
            answer = self.client.post(target, sent, follow=True)
        else:
            answer = self.client.get(target, sent, follow=True)
        self._arrive(target, answer, wanted)
        return self

    def _value(self, one: Element, told: object) -> Iterable[Any]:
        kind = "select" if one.tag == "select" else one.get("type", "text")
        if kind == "select":
            yield from self._chosen(one, told)
        elif kind in {"checkbox", "radio"}:
            own = one.get("value", "on")
            wanted = told if isinstance(told, (list, tuple)) else [told]
            if told is True or (own in wanted if told is not None else one.get("checked")):
                yield own
        elif kind not in {"submit", "button", "reset", "image", "file"}:
            kept = one.text if one.tag == "textarea" else one.get("value")
            yield str(told) if told is not None else (kept or "")

    def _chosen(self, select: Element, told: object) -> Iterable[str]:
        offered = [(one.get("value", ""), _words(one), one) for one in select.iter("option")]
        if told is None:
            held = [code for code, _said, one in offered if one.get("selected") is not None]
            first = [code for code, _said, _one in offered][:1]
            yield from held or ([] if select.get("multiple") is not None else first)
            return
        for one in told if isinstance(told, (list, tuple)) else [told]:
            exact = [code for code, said, _one in offered if str(one) in {code, said}]
            found = exact or [code for code, said, _one in offered if str(one) in said]
            if not found:
                raise self.stuck(f"“{one}” among {[said for _code, said, _one in offered]}")
            yield found[0]

    def says(self, *words: str) -> "Hands":
        """Read the page for these words."""
        shown = _words(self.main).casefold()
        for word in words:
            if word.casefold() not in shown:
                raise self.stuck(f"to read “{word}”")
        return self

    def secret_of(self, name: str) -> str:
        """The password the page shows beside a name."""
        for row in self.main.xpath(".//dl/div"):
            if _words(row.find("dt")) == name:
                return _words(row.xpath(".//code")[0])
        raise self.stuck(f"the password of {name}")

    def fields(self, beginning: str) -> list[str]:
        """The names of the fields that begin so, in the order of the page."""
        named = [one.get("name") or "" for one in self.main.iter("input", "select", "textarea")]
        return [name for name in named if name.startswith(beginning)]

    def field(self, beginning: str) -> str:
        """The name of the first field that begins so."""
        found = self.fields(beginning)
        if not found:
            raise self.stuck(f"a field that begins with {beginning}")
        return found[0]

    def number(self) -> str:
        """The registration number the page shows."""
        found = re.search(r"Number (\d{10})", _words(self.main))
        if found is None:
            raise self.stuck("a registration number")
        return found.group(1)

    def hrefs(self) -> list[str]:
        """Where all links of the page lead."""
        return [one.get("href") or "" for one in self.main.iter("a")]
