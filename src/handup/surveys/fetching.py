"""Answers fetched from a server of ODK Central or KoboToolbox, as they were sent there: the XML of
each and its files. What becomes of them is decided where those of ODK Collect come in.

Central: docs.getodk.org/central-api (sessions; submissions of a form; attachments). Kobo: version 2
of its interface (data of an asset, with `_attachments`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from lxml import etree

from handup.kernel.errors import Refusal
from handup.org.posting_out import NotTaken, exchange, host_of, is_fit
from handup.surveys.rules.form.filling import NotAnswers, parsed

MOST_LIST = 50_000_000
MOST_ANSWERS = 10_000_000
PAGE = 500
MOST_AWAY = 3
"""So many answers in a row a server may not give out for now before nothing more is asked of it."""


class ServerNotFit(Refusal):
    """The address of the server must begin with https and hold no name or password."""


class ServerSaidNo(Refusal):
    """{server} did not give out {what} ({why})."""


class NoSuchName(Refusal):
    """Write the questionnaire as its code, a stroke and its version: household/2026-1."""


class AnswerNotKnown(Refusal):
    """{server} answered {what} in another form than expected."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """One filled form: its id there, its XML, its files by name; `fault`: why it was not given out,
    whole."""

    id: str
    body: bytes
    media: Mapping[str, bytes]
    fault: Refusal | None = None


@dataclass(slots=True)
class Server:
    """A server and how it knows us. Its own computer alone is spoken with, none inside of our
    network by its name, and nothing it says leads elsewhere."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an address that is not fit. Raises ServerNotFit."""
        self.address = self.address.rstrip("/")
        if not is_fit(self.address) or urlsplit(self.address).query:
            raise ServerNotFit(field="server")

    @property
    def host(self) -> str:
        """The computer, as it is named to whoever reads."""
        return host_of(self.address)

    def ask(self, path: str, what: str, most: int, body: Any = None) -> bytes:
        """What it answers to one question. Raises ServerSaidNo."""
        sent = None if body is None else json.dumps(body).encode()
        method = "GET" if body is None else "POST"
        address = f"{self.address}{path}"
        try:
            return exchange(method, address, sent, self.headers, {self.host}, most)
        except NotTaken as fault:
            raise ServerSaidNo(server=self.host, what=what, why=fault.why) from fault

    def ask_json(self, path: str, what: str, body: Any = None) -> Any:
        """The same as values. Raises ServerSaidNo, AnswerNotKnown."""
        try:
            return json.loads(self.ask(path, what, MOST_LIST, body))
        except (ValueError, RecursionError) as fault:
            raise AnswerNotKnown(server=self.host, what=what) from fault


def _word(value: object) -> str:
    return quote(str(value), safe="")


def name_of(text: str) -> tuple[str, str]:
    """Code and version of a questionnaire, of "CODE/VERSION". Raises NoSuchName."""
    code, _, version = text.partition("/")
    if not code or not version or not text.isprintable():
        raise NoSuchName(field="into")
    return code, version


def named(body: bytes, code: str, version: str) -> bytes:
    """Answers under the code and the version their questionnaire has here, always the same bytes
    for the same answers; what cannot be read stays as it is, to be refused as such.
    """
    try:
        root = parsed(body)
    except NotAnswers:
        return body
    root.set("id", code)
    root.set("version", version)
    written: bytes = etree.tostring(root, encoding="utf-8")
    return written


def of_central(
    server: Server, *, user: str, password: str, project: int, form: str
) -> Iterator[Fetched]:
    """Every submission of a form of ODK Central, the oldest first. Raises ServerSaidNo,
    AnswerNotKnown.
    """
    session = server.ask_json("/v1/sessions", "a session", {"email": user, "password": password})
    token = session.get("token") if isinstance(session, Mapping) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise AnswerNotKnown(server=server.host, what="a session")
    known = Server(server.address, {"Authorization": f"Bearer {token}"})
    base = f"/v1/projects/{int(project)}/forms/{_word(form)}/submissions"
    rows = known.ask_json(base, "the list of answers")
    if not isinstance(rows, list) or not all(isinstance(one, Mapping) for one in rows):
        raise AnswerNotKnown(server=server.host, what="the list of answers")
    ids = []
    for row in sorted(rows, key=lambda one: str(one.get("createdAt", ""))):
        ids.append(str(row.get("instanceId") or ""))
        if not ids[-1]:
            raise AnswerNotKnown(server=server.host, what="the list of answers")
    yield from _one_by_one((id, _later(_of_central, known, base, id)) for id in ids)


def _of_central(known: Server, base: str, id: str) -> Fetched:
    place = f"{base}/{_word(id)}"
    body = known.ask(f"{place}.xml", f"the answers {id}", MOST_ANSWERS)
    media = {}
    files = known.ask_json(f"{place}/attachments", f"the files of {id}")
    if not isinstance(files, list) or not all(isinstance(one, Mapping) for one in files):
        raise AnswerNotKnown(server=known.host, what=f"the files of {id}")
    for file in files:
        if file.get("exists") and file.get("name"):
            name = str(file["name"])
            path = f"{place}/attachments/{_word(name)}"
            media[name] = known.ask(path, f"the file {name}", MOST_ANSWERS)
    return Fetched(id, body, media)


def _later(ask: Callable[..., Fetched], *told: Any) -> Callable[[], Fetched]:
    return lambda: ask(*told)


def _one_by_one(rows: Iterable[tuple[str, Callable[[], Fetched]]]) -> Iterator[Fetched]:
    """Each answer, or why the server does not give it out: one stops none behind it. Raises what
    the server said where it gives out nothing for now.
    """
    away = 0
    for id, ask in rows:
        try:
            found = ask()
            away = 0
        except (ServerSaidNo, AnswerNotKnown) as fault:
            cause = fault.__cause__
            away = away + 1 if isinstance(cause, NotTaken) and not cause.final else 0
            if away >= MOST_AWAY:
                raise
            found = Fetched(id, b"", {}, fault)
        yield found


def of_kobo(server: Server, *, token: str, asset: str) -> Iterator[Fetched]:
    """Every submission of an asset of KoboToolbox, the oldest first. Raises ServerSaidNo,
    AnswerNotKnown.
    """
    known = Server(server.address, {"Authorization": f"Token {token}"})
    base = f"/api/v2/assets/{_word(asset)}/data"
    rows = _rows_of_kobo(known, base)
    yield from _one_by_one((str(row["_id"]), _later(_of_kobo, known, base, row)) for row in rows)


def _rows_of_kobo(known: Server, base: str) -> Iterator[Mapping[str, Any]]:
    """The list of answers, page by page; each has a number."""
    start = 0
    while True:
        asked = {"format": "json", "limit": PAGE, "start": start, "sort": '{"_id":1}'}
        page = known.ask_json(f"{base}/?{urlencode(asked)}", "the list of answers")
        rows = page.get("results") if isinstance(page, Mapping) else None
        if not isinstance(rows, list) or not all(isinstance(one, Mapping) for one in rows):
            raise AnswerNotKnown(server=known.host, what="the list of answers")
        for row in rows:
            if not isinstance(row.get("_id"), int) or isinstance(row["_id"], bool):
                raise AnswerNotKnown(server=known.host, what="the list of answers")
            yield row
        start += len(rows)
        if not rows or not page.get("next"):
            return


def _of_kobo(known: Server, base: str, row: Mapping[str, Any]) -> Fetched:
    id = row["_id"]
    body = known.ask(f"{base}/{id}/?format=xml", f"the answers {id}", MOST_ANSWERS)
    media = {}
    for file in row.get("_attachments") or ():
        if not isinstance(file, Mapping):
            raise AnswerNotKnown(server=known.host, what=f"the files of {id}")
        name = str(file.get("filename", "")).rpartition("/")[2]
        path = f"{base}/{id}/attachments/{_word(file.get('uid') or file.get('id'))}/"
        if name and not file.get("is_deleted"):
            media[name] = known.ask(path, f"the file {name}", MOST_ANSWERS)
    return Fetched(str(id), body, media)
