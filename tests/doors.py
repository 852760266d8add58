"""Which permissions each door of the house asks for, found by knocking at it.

A *door* is one address with one method. Somebody without any role knocks; the permission that
turned her away is lent to her for this door alone, and she knocks again, until she is let in or
nothing she could be lent would change the answer. What she was lent is what the door asks for. No
source is read and nothing is written down beforehand: a new address is met by itself.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

import pytest
from django.db.models import Model
from django.http import Http404
from django.template import loader
from django.test import Client
from django.urls import Resolver404
from django.utils import timezone

from handup.config.api import document
from handup.org import declared, live_grants
from handup.org.models import StaffUser
from handup.org.models import staff as staff_tables
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import GrantFact, Role, ScopeKind
from tests.ground import Undone
from tests.twins import KEY
from tests.walking import Route

TRIED = 3  # records of which an address likely names one
STEPS = 5  # permissions one door asks for at most
REFUSED = (403, 404)
TEXTS = ("XTS", "2026", "2026-06", "10:00", "a", "1")  # one of them has the shape a text asks for


class Lent(StrEnum):
    """The role nobody has, which stands for what is lent."""

    LENT = "LENT"


@dataclass(frozen=True)
class Door:
    """One address with one method."""

    route: Route
    method: str

    def __str__(self) -> str:
        return f"{self.method} /{self.route.text}"


@dataclass
class Asked:
    """What a door asks for: each step is passed with any one of its permissions."""

    door: Door
    record: Model | None = None
    steps: list[frozenset[str]] = field(default_factory=list)
    shown_by: frozenset[str] = frozenset()
    """What decides which rows it shows, where it lets everybody in and shows some nothing."""
    status: int = 0
    """How it answers who may do all of it."""
    named: Model | None = None
    """Whose id its address carries: the number of a batch has no row of its own."""

    @property
    def codes(self) -> frozenset[str]:
        """Every permission it asks for."""
        return frozenset().union(*self.steps)


def doors(routes: list[Route]) -> list[Door]:
    """Every address with each method it takes; a page that asks on the way in is one door."""
    found = []
    for route in routes:
        view = getattr(route.callback, "view_class", None)
        if route.is_api:
            methods = sorted({m for one in operations(route) for m in one.methods})
        elif view is None:
            methods = ["GET", "POST"]
        else:
            methods = [m for m in ("GET", "POST") if hasattr(view, m.lower())]
            methods = methods[:1] if hasattr(view, "permission") else methods
        found += [Door(route, method) for method in methods]
    return found


def operations(route: Route) -> list[Any]:
    """The operations of an address of the programme interface."""
    cells = getattr(route.callback, "__closure__", None) or ()
    return [one for cell in cells for one in getattr(cell.cell_contents, "operations", ())]


class _Table(dict[str, frozenset[Any]]):
    """The table of permissions, which remembers what was looked up in it."""

    def __init__(self, table: Any) -> None:
        super().__init__(table)
        self.looked: list[str] = []

    def __getitem__(self, code: str) -> frozenset[Any]:
        self.looked.append(code)
        return super().__getitem__(code)


@dataclass
class Knocker:
    """Somebody without a role, to whom permissions are lent."""

    staff: StaffUser
    client: Client
    table: _Table
    schemas: dict[str, Any]
    said_no_at: int | None = None

    def find(self, door: Door, records: list[Model]) -> Asked:
        """What a door asks for, tried with the records its address likely names."""
        named: list[Model | None] = [*door.route.likely(records)[:TRIED]]
        best = Asked(door)
        for record in named if door.route.names_records else [None]:
            found = self._lend(door, record)
            if found.status not in REFUSED:
                return found
            best = found if best.record is None else best
        return best

    def _lend(self, door: Door, record: Model | None) -> Asked:
        found = Asked(door, record, named=record)
        lent: list[str] = []
        status, missing = self._knock(door, record, lent)
        while status in REFUSED and missing and len(lent) < STEPS:
            outcomes = {code: self._knock(door, record, [*lent, code]) for code in missing}
            opening = [c for c, now in outcomes.items() if now != (status, missing - {c})]
            step = frozenset(opening or missing)
            found.steps.append(step)
            chosen = min(step)
            lent.append(chosen)
            status, missing = outcomes[chosen]
        found.status = status
        if record is not None:  # as it lies in the database: a sample may have been changed since
            found.record = type(record)._base_manager.filter(pk=record.pk).first()
        if not found.steps and door.route.is_api:
            found.shown_by = frozenset(self.table.looked)
        return found

    def _knock(
        self, door: Door, record: Model | None, lent: list[str]
    ) -> tuple[int, frozenset[str]]:
        """How it answers, and which permissions she lacked when it said no."""
        before = {code: dict.__getitem__(self.table, code) for code in lent}
        for code, roles in before.items():
            self.table[code] = roles | {Lent.LENT}
        self.table.looked.clear()
        self.said_no_at = None
        try:
            with Undone():
                status = self.ask(door, record)
        finally:
            self.table.update(before)
        return status, frozenset(self._asked()[-3:]) - set(lent)

    def _asked(self) -> list[str]:
        """What was looked up until she was turned away."""
        return self.table.looked[: self.said_no_at]

    def ask(self, door: Door, record: Model | None, client: Client | None = None) -> int:
        """Send it once; the status of the answer."""
        who = client or self.client
        address = door.route.address(record)
        if door.method == "GET":
            pk = str(record.pk) if record is not None else KEY
            return int(who.get(address, self.questions(door, pk)).status_code)
        if not door.route.is_api:
            return int(who.post(address, {}).status_code)
        answer = who.generic(
            door.method,
            address,
            json.dumps(self.body(door, record)),
            content_type="application/json",
            headers={"Idempotency-Key": KEY},
        )
        return int(answer.status_code)

    def operation(self, door: Door) -> dict[str, Any]:
        """What the interface tells of a door; nothing of a page."""
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", "/" + door.route.text)
        told: dict[str, Any] = self.schemas["paths"].get(path, {}).get(door.method.lower(), {})
        return told

    def questions(self, door: Door, pk: str) -> dict[str, Any]:
        """What must stand in the address after the question mark."""
        return {
            one["name"]: self._value(one["schema"], pk)
            for one in self.operation(door).get("parameters", ())
            if one["in"] == "query" and one.get("required")
        }

    def body(self, door: Door, record: Model | None) -> Any:
        """A body of the shape the interface names, with this record's id wherever one stands."""
        operation = self.operation(door)
        content = operation.get("requestBody", {}).get("content", {})
        told = content.get("application/json", {}).get("schema")
        return self._value(told, str(record.pk) if record is not None else KEY) if told else {}

    def _value(self, told: dict[str, Any], pk: str) -> Any:
        if "$ref" in told:
            name = told["$ref"].rsplit("/", 1)[-1]
            return self._value(self.schemas["components"]["schemas"][name], pk)
        for several in ("anyOf", "oneOf", "allOf"):
            if several in told:
                return self._value(told[several][0], pk)
        if "const" in told:
            return told["const"]
        if "enum" in told:
            return told["enum"][0]
        kind = told.get("type")
        if kind == "object":
            parts = told.get("properties", {})
            return {name: self._value(parts[name], pk) for name in told.get("required", ())}
        if kind == "array":
            return [self._value(told["items"], pk)] * max(1, told.get("minItems", 1))
        if kind in {"integer", "number"}:
            return int(max(told.get("minimum", 1), told.get("exclusiveMinimum", 0) + 1))
        return False if kind == "boolean" else _text(told, pk)


def _text(told: dict[str, Any], pk: str) -> str:
    shape = told.get("format", "")
    if shape == "uuid":
        return pk
    if shape == "date":
        return timezone.localdate().isoformat()
    if shape == "date-time":
        return timezone.now().isoformat()
    if "pattern" in told:
        return next((text for text in TEXTS if re.search(told["pattern"], text)), TEXTS[0])
    return "x" * max(3, int(told.get("minLength", 0)))


@contextmanager
def knocker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Knocker]:
    """Somebody without a role, and a table that remembers what was asked of it."""
    staff = StaffUser.objects.create_user("knocker", display_name="Knocker")
    table = _Table(declared.declared())
    today = timezone.localdate()
    everywhere = GrantFact(
        cast("Role", Lent.LENT),
        ScopeKind.ALL,
        today - timedelta(days=1),
        today + timedelta(days=1),
    )
    client = Client(raise_request_exception=False)
    client.force_login(staff)
    found = Knocker(staff, client, table, document())

    real = live_grants.reach_of

    def reach_of(who: StaffUser) -> live_grants.Reach:
        return ((everywhere,), frozenset(), False) if who.pk == staff.pk else real(who)

    # How a page looks is no part of the question, and costs most of the time.
    monkeypatch.setattr(loader, "render_to_string", lambda *args, **options: "")
    monkeypatch.setattr(declared, "_table", table)
    monkeypatch.setattr(staff_tables, "reach_of", reach_of)
    for refusal in (NotAllowed, OutOfSight, Http404):
        monkeypatch.setattr(refusal, "__init__", _noting(found, refusal.__init__))
    yield found


def _noting(found: Knocker, made: Any) -> Any:
    def init(self: Any, *args: Any, **options: Any) -> None:
        if found.said_no_at is None and not isinstance(self, Resolver404):
            found.said_no_at = len(found.table.looked)
        made(self, *args, **options)

    return init
